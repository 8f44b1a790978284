"""Changing dates or place without starting again; only those concerned approve again."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from xiepai.bookings.access import is_keeper_of, locked_booking, require_crew_of
from xiepai.bookings.models import ENDED, Booking, BookingState
from xiepai.bookings.periods import as_range, as_span
from xiepai.bookings.rules import check_period
from xiepai.bookings.services.deciding import APPROVAL_HOURS
from xiepai.bookings.services.ending import release
from xiepai.bookings.services.states import move, require_alive, require_state, write
from xiepai.bookings.services.taking import SlotRequest, check_visible, price_of
from xiepai.kernel import clock
from xiepai.kernel.errors import ErrorCode, XiepaiError
from xiepai.parties.access import Actor
from xiepai.places.models import Approval, Place
from xiepai.places.terms import PlaceTerms, read_terms
from xiepai.productions.access import check_works
from xiepai.worktime.spans import Span


def change_booking(
    *,
    actor: Actor,
    booking_id: int,
    place_id: int | None = None,
    span: Span | None = None,
    units: int | None = None,
    version: int | None = None,
) -> Booking:
    """Move a booking to another time, place or number; the old slot is kept unless the new one is won.

    The keeper approves again only when the place is another or the time reaches beyond what was
    approved. *version*, when given, must be the version the person saw (CONFLICT otherwise).
    """
    with transaction.atomic():
        booking = locked_booking(actor, booking_id)
        if not is_keeper_of(actor, booking):
            require_crew_of(actor, booking)
        movable = (BookingState.HELD, BookingState.REQUESTED, BookingState.CONFIRMED, BookingState.IN_USE)
        require_state(booking, *movable, action=_("改期"))
        require_alive(booking)
        if version is not None and version != booking.version:
            raise XiepaiError(ErrorCode.CONFLICT)
        old_place, old_span = booking.place_id, as_span(booking.period)
        request = SlotRequest(place_id or booking.place_id, span or old_span, units or booking.units)
        terms = _terms_for(actor, booking, request, old_span)
        _write_change(actor, booking, terms, request)
        if old_place != booking.place_id or not request.span.contains(old_span):
            _free(booking, old_place, old_span)
        return booking


def try_change(*, actor: Actor, booking_id: int, place_id: int, span: Span, version: int) -> Booking:
    """What :func:`change_booking` would make of a booking, or its refusal; nothing is kept.

    The very same code under the very same wall, rolled back: a preview cannot promise what the deed refuses.
    """
    with transaction.atomic():
        booking = change_booking(actor=actor, booking_id=booking_id, place_id=place_id, span=span, version=version)
        transaction.set_rollback(True)
    return booking


def name_work(*, actor: Actor, booking_id: int, work_id: int | None) -> Booking:
    """Say which of the crew's works a booking is for; None: for none in particular."""
    with transaction.atomic():
        booking = locked_booking(actor, booking_id)
        require_crew_of(actor, booking)
        if booking.state in ENDED:
            require_state(booking, action=_("改作品"))
        check_works(booking.organisation_id, {work_id})
        if booking.work_id == work_id:
            return booking
        return write(booking, actor=actor, event="bookings.work.named", work_id=work_id)


def _terms_for(actor: Actor, booking: Booking, request: SlotRequest, old_span: Span) -> PlaceTerms:
    """The terms of the wanted place, read under its row lock: they hold until this change commits."""
    Place.objects.select_for_update(of=("self",), no_key=True).filter(pk=request.place_id).first()
    terms = read_terms(request.place_id)
    check_visible(actor, terms)
    if booking.state == BookingState.IN_USE:
        if request.span.start != old_span.start or request.place_id != booking.place_id:
            raise XiepaiError(ErrorCode.WRONG_STATE, state=_("使用中"), action=_("改期"))
        if request.span.end <= clock.now():
            raise XiepaiError(ErrorCode.IN_THE_PAST)
        return terms
    check_period(terms, request.span, request.units, now=clock.now())
    return terms


def _write_change(actor: Actor, booking: Booking, terms: PlaceTerms, request: SlotRequest) -> None:
    price = price_of(terms, request)
    place_changed = booking.place_id != terms.id
    changes: dict[str, Any] = {
        "place_id": terms.id,
        "period": as_range(request.span),
        "units": request.units,
        "buffer_before_minutes": terms.buffer_before_minutes,
        "buffer_after_minutes": terms.buffer_after_minutes,
        "tariff_id": price.tariff_id,
        "price_fen": price.total.fen,
        "deposit_fen": price.deposit.fen,
        "quote": price.as_json(),
    }
    if place_changed:
        changes["overrides_blocking"] = False
    if booking.state == BookingState.CONFIRMED and _asks_again(actor, booking, terms, request):
        changes["approval_due_at"] = clock.now() + timedelta(hours=APPROVAL_HOURS)
        changes["reminders_sent"] = 0
        move(booking, BookingState.REQUESTED, actor=actor, event="bookings.booking.changed", **changes)
    else:
        write(booking, actor=actor, event="bookings.booking.changed", **changes)


def _asks_again(actor: Actor, booking: Booking, terms: PlaceTerms, request: SlotRequest) -> bool:
    if terms.approval != Approval.KEEPER or actor.is_officer or terms.owner_id in actor.organisations("keeper"):
        return False
    same_place = booking.approved_place_id == terms.id
    within = booking.approved_period is not None and as_span(booking.approved_period).contains(request.span)
    return not (same_place and within and request.units <= booking.units)


def _free(booking: Booking, old_place: int, old_span: Span) -> None:
    moved = Booking(place_id=old_place, period=as_range(old_span))
    release(moved)
