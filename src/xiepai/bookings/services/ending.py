"""Ends of a booking: cancelled, expired, not shown up, handed back; and what a freed slot sets off.

A freed slot goes first to the second pencil that stands behind it, in the same transaction; then the
waiting list is served by a job enqueued in the same transaction.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from xiepai.bookings.access import is_keeper_of, locked_booking, require_crew_of, require_keeper_of
from xiepai.bookings.models import EXPIRING, Booking, BookingState, WaitingEntry, WaitingState
from xiepai.bookings.periods import as_range, as_span
from xiepai.bookings.services.states import move, require_state
from xiepai.kernel import audit, clock
from xiepai.kernel.errors import ErrorCode, XiepaiError
from xiepai.kernel.jobs import enqueue
from xiepai.kernel.money import ZERO, Money
from xiepai.parties.access import Actor, system
from xiepai.places.models import Cover
from xiepai.places.pricing import cancellation_fee, from_json
from xiepai.places.terms import tariff_terms
from xiepai.worktime.spans import Span

#: Holds ended in one transaction by the sweep.
SWEEP_SIZE = 200


def cancel_booking(*, actor: Actor, booking_id: int, reason: str = "") -> Booking:
    """Cancel; what the place's terms charge for it is kept with the booking."""
    with transaction.atomic():
        booking = locked_booking(actor, booking_id)
        if not is_keeper_of(actor, booking):
            require_crew_of(actor, booking)
        allowed = (BookingState.LEASED, BookingState.HELD, BookingState.REQUESTED, BookingState.CONFIRMED)
        require_state(booking, *allowed, action=_("取消"))
        fee = fee_to_cancel(booking) if not is_keeper_of(actor, booking) else ZERO
        move(
            booking,
            BookingState.CANCELLED,
            actor=actor,
            event="bookings.booking.cancelled",
            cancellation_fee_fen=fee.fen,
            decision_note=reason[:200] or booking.decision_note,
            expires_at=None,
            approval_due_at=None,
        )
        release(booking)
        return booking


def fee_to_cancel(booking: Booking) -> Money:
    """What cancelling now would cost the crew: nothing before confirmation, then as the tariff says."""
    if booking.state != BookingState.CONFIRMED or booking.tariff is None:
        return ZERO
    quoted = from_json(booking.quote, units=booking.units, deposit_fen=booking.deposit_fen, tariff_id=booking.tariff_id)
    minutes = int((booking.period.lower - clock.now()).total_seconds() // 60)
    return cancellation_fee(quoted, tariff_terms(booking.tariff), minutes)


def mark_no_show(*, actor: Actor, booking_id: int) -> Booking:
    """The crew did not come: the rest of the slot is free again."""
    with transaction.atomic():
        booking = locked_booking(actor, booking_id)
        require_keeper_of(actor, booking)
        require_state(booking, BookingState.CONFIRMED, action=_("记为未到场"))
        if booking.period.lower > clock.now():
            raise XiepaiError(ErrorCode.WRONG_STATE, state=_("还没开始"), action=_("记为未到场"))
        move(booking, BookingState.NO_SHOW, actor=actor, event="bookings.booking.not_shown_up")
        release(booking)
        return booking


def start_use(*, actor: Actor, booking_id: int) -> Booking:
    """The keeper hands the place over (进场)."""
    with transaction.atomic():
        booking = locked_booking(actor, booking_id)
        require_keeper_of(actor, booking)
        require_state(booking, BookingState.CONFIRMED, action=_("进场"))
        return move(booking, BookingState.IN_USE, actor=actor, event="bookings.use.started")


def hand_back(*, actor: Actor, booking_id: int) -> Booking:
    """The crew leaves (撤场): what is left of the slot is free at once."""
    with transaction.atomic():
        booking = locked_booking(actor, booking_id)
        require_keeper_of(actor, booking)
        require_state(booking, BookingState.IN_USE, action=_("撤场"))
        now = clock.now()
        changes = {}
        if booking.period.lower < now < booking.period.upper:
            changes["period"] = as_range(Span(booking.period.lower, now))
        freed = as_span(booking.period)
        move(booking, BookingState.HANDED_BACK, actor=actor, event="bookings.place.handed_back", **changes)
        if changes:
            release(booking, freed)
        return booking


def settle(*, actor: Actor, booking_id: int) -> Booking:
    """Close the account of a place handed back."""
    with transaction.atomic():
        booking = locked_booking(actor, booking_id)
        require_keeper_of(actor, booking)
        require_state(booking, BookingState.HANDED_BACK, action=_("结算"))
        return move(booking, BookingState.SETTLED, actor=actor, event="bookings.account.settled")


def expire_overdue(now: datetime | None = None) -> int:
    """End every hold and lease whose time is over; returns how many. Safe to run anywhere, twice."""
    moment = now or clock.now()
    total = 0
    while ended := _expire_some(moment):
        total += ended
    return total


def _expire_some(moment: datetime) -> int:
    with transaction.atomic():
        overdue = list(
            Booking.objects.select_for_update(skip_locked=True, of=("self",))
            .filter(state__in=EXPIRING, expires_at__lte=moment)
            .order_by("id")[:SWEEP_SIZE]
        )
        for booking in overdue:
            move(booking, BookingState.EXPIRED, actor=system("expiry"), event="bookings.hold.expired")
            lapse_offer(booking)
            if booking.pencil == 1:
                release(booking)
    return len(overdue)


def lapse_offer(booking: Booking) -> None:
    """An offer nobody answered: its entry leaves the line."""
    for entry in WaitingEntry.objects.filter(offer=booking, state=WaitingState.OFFERED):
        before = audit.snapshot(entry)
        entry.state = WaitingState.LAPSED
        entry.save(update_fields=["state"])
        audit.record("bookings.offer.lapsed", entry, actor=system("waiting list"), before=before)


def release(booking: Booking, freed: Span | None = None) -> None:
    """What a freed slot sets off: the second pencil now, the waiting list by a job."""
    span = freed or as_span(booking.period)
    if not promote_second_pencil(booking.place_id, span):
        enqueue(
            "bookings.offer_freed_slot",
            queue="bookings",
            place_id=booking.place_id,
            start=span.start.isoformat(),
            end=span.end.isoformat(),
        )


def promote_second_pencil(place_id: int, span: Span) -> bool:
    """Give the slot to the earliest second pencil it fits; its hold time starts now."""
    leaves = Cover.objects.filter(place_id=place_id).values("leaf_id")
    places = Cover.objects.filter(leaf_id__in=leaves).values("place_id")
    behind = (
        Booking.objects.select_for_update(of=("self",))
        .select_related("place")
        .filter(place_id__in=places, pencil=2, state=BookingState.HELD, period__overlap=as_range(span))
        .order_by("id")
    )
    for booking in behind:
        until = min(clock.now() + timedelta(minutes=booking.place.hold_minutes), booking.period.lower)
        if until <= clock.now():
            continue
        try:
            move(
                booking,
                BookingState.HELD,
                actor=system("second pencil"),
                event="bookings.second_pencil.promoted",
                pencil=1,
                expires_at=until,
            )
        except XiepaiError:
            booking.refresh_from_db()
            continue
        return True
    return False
