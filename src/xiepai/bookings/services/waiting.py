"""The waiting list: freed slots are offered in order, with time to answer, and everybody sees why not.

An offer is an ordinary hold in the waiting crew's name that expires when the time to answer is over;
nothing is promised that is not occupied.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from xiepai.bookings.access import visible_waiting
from xiepai.bookings.models import Booking, BookingState, WaitingEntry, WaitingState
from xiepai.bookings.periods import as_range, as_span
from xiepai.bookings.services.ending import cancel_booking
from xiepai.bookings.services.states import write
from xiepai.bookings.services.taking import check_visible, place_hold
from xiepai.kernel import audit, clock
from xiepai.kernel.errors import ErrorCode, XiepaiError, not_found
from xiepai.parties.access import Actor, require_crew, system
from xiepai.places.models import Cover
from xiepai.places.terms import current_terms
from xiepai.worktime.spans import Span

#: Time to answer an offer; an assumption of this product (no source states one).
ANSWER_MINUTES = 120


def join_waiting_list(
    *, actor: Actor, organisation_id: int, place_id: int, span: Span, units: int = 1, title: str = ""
) -> WaitingEntry:
    """Stand in line for a slot. Joining again for the same slot returns the same entry."""
    require_crew(actor, organisation_id)
    terms = current_terms(place_id)
    check_visible(actor, terms)
    if span.start <= clock.now():
        raise XiepaiError(ErrorCode.IN_THE_PAST)
    with transaction.atomic():
        waiting = WaitingEntry.objects.filter(
            organisation_id=organisation_id, place_id=place_id, period=as_range(span), state=WaitingState.WAITING
        ).first()
        if waiting:
            return waiting
        entry = WaitingEntry.objects.create(
            place_id=place_id,
            organisation_id=organisation_id,
            title=title[:120],
            period=as_range(span),
            units=units,
            created_by_id=actor.person_id,
        )
        audit.record("bookings.waiting.joined", entry, actor=actor)
    return entry


def accept_offer(*, actor: Actor, entry_id: int) -> Booking:
    """Take what was offered: it becomes an ordinary hold with its full time."""
    with transaction.atomic():
        entry = _offered(actor, entry_id)
        booking = Booking.objects.select_for_update(of=("self",)).select_related("place").get(pk=entry.offer_id or 0)
        if booking.state != BookingState.HELD or (booking.expires_at and booking.expires_at <= clock.now()):
            raise XiepaiError(ErrorCode.OFFER_EXPIRED)
        until = min(clock.now() + timedelta(minutes=booking.place.hold_minutes), booking.period.lower)
        write(booking, actor=actor, event="bookings.hold.placed", expires_at=until)
        _mark(entry, actor, "bookings.offer.accepted", state=WaitingState.ACCEPTED)
    return booking


def decline_offer(*, actor: Actor, entry_id: int) -> WaitingEntry:
    """Say no to an offer: the next in line is asked."""
    with transaction.atomic():
        entry = _offered(actor, entry_id)
        _mark(entry, actor, "bookings.offer.declined", state=WaitingState.DECLINED)
        if entry.offer_id is not None:
            cancel_booking(actor=actor, booking_id=entry.offer_id, reason=_("放弃候补"))
    return entry


def withdraw_waiting(*, actor: Actor, entry_id: int) -> WaitingEntry:
    """Leave the line."""
    with transaction.atomic():
        entry = _locked(actor, entry_id)
        if entry.state != WaitingState.WAITING:
            raise XiepaiError(ErrorCode.WRONG_STATE, state=str(WaitingState(entry.state).label), action=_("退出候补"))
        _mark(entry, actor, "bookings.waiting.withdrawn", state=WaitingState.WITHDRAWN)
    return entry


def offer_freed(place_id: int, span: Span) -> int:
    """Offer a freed slot down the line; every entry that gets nothing is told why. Returns offers made."""
    leaves = Cover.objects.filter(place_id=place_id).values("leaf_id")
    places = Cover.objects.filter(leaf_id__in=leaves).values("place_id")
    line = WaitingEntry.objects.filter(
        place_id__in=places, state=WaitingState.WAITING, period__overlap=as_range(span)
    ).order_by("id")
    return sum(_offer_to(entry_id) for entry_id in line.values_list("id", flat=True))


def pass_by(now: Any = None) -> int:
    """Entries whose time has begun leave the line; returns how many."""
    moment = now or clock.now()
    with transaction.atomic():
        late = WaitingEntry.objects.select_for_update(skip_locked=True).filter(
            state=WaitingState.WAITING, period__startswith__lte=moment
        )
        passed = list(late)
        for entry in passed:
            _mark(entry, system("waiting list"), "bookings.waiting.passed", state=WaitingState.PASSED)
    return len(passed)


def _offer_to(entry_id: int) -> int:
    with transaction.atomic():
        entry = (
            WaitingEntry.objects.select_for_update(of=("self",)).filter(pk=entry_id, state=WaitingState.WAITING).first()
        )
        if entry is None:
            return 0
        try:
            booking = place_hold(
                actor=system("waiting list"),
                organisation_id=entry.organisation_id,
                place_id=entry.place_id,
                span=as_span(entry.period),
                units=entry.units,
                title=entry.title,
                hold_minutes=ANSWER_MINUTES,
            )
        except XiepaiError as refusal:
            _note_reason(entry, refusal)
            return 0
        _mark(
            entry,
            system("waiting list"),
            "bookings.waiting.offered",
            state=WaitingState.OFFERED,
            offer_id=booking.pk,
            checked_at=clock.now(),
            reason_code="",
            reason={},
        )
    _tell(entry)
    return 1


def _tell(entry: WaitingEntry) -> None:
    from xiepai.bookings.notices import tell_offer

    tell_offer(entry)


def _note_reason(entry: WaitingEntry, refusal: XiepaiError) -> None:
    data = {key: str(value) for key, value in refusal.data.items() if value is not None}
    _mark(
        entry,
        system("waiting list"),
        "bookings.waiting.checked",
        checked_at=clock.now(),
        reason_code=str(refusal.code),
        reason=data,
    )


def _mark(entry: WaitingEntry, actor: Actor, event: str, **changes: Any) -> WaitingEntry:
    before = audit.snapshot(entry)
    for name, value in changes.items():
        setattr(entry, name, value)
    entry.save(update_fields=list(changes))
    audit.record(event, entry, actor=actor, before=before)
    return entry


def _locked(actor: Actor, entry_id: int) -> WaitingEntry:
    entry = visible_waiting(actor).select_for_update(of=("self",)).filter(pk=entry_id).first()
    if entry is None:
        raise not_found()
    require_crew(actor, entry.organisation_id)
    return entry


def _offered(actor: Actor, entry_id: int) -> WaitingEntry:
    entry = _locked(actor, entry_id)
    if entry.state == WaitingState.LAPSED:
        raise XiepaiError(ErrorCode.OFFER_EXPIRED)
    if entry.state != WaitingState.OFFERED:
        raise XiepaiError(ErrorCode.WRONG_STATE, state=str(WaitingState(entry.state).label), action=_("答复"))
    return entry
