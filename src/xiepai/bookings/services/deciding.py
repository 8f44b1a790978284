"""From hold to confirmed: by the crew where the place confirms at once, by the keeper elsewhere."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from xiepai.bookings.access import is_keeper_of, locked_booking, require_crew_of, require_keeper_of
from xiepai.bookings.models import Booking, BookingState
from xiepai.bookings.services.ending import release
from xiepai.bookings.services.states import move, require_alive, require_state, write
from xiepai.kernel import clock
from xiepai.kernel.errors import ErrorCode, XiepaiError
from xiepai.parties.access import Actor
from xiepai.places.models import Approval

#: The keeper's time to answer; not stated by any source, hence an assumption of this product.
APPROVAL_HOURS = 24


def keep_lease(*, actor: Actor, booking_id: int, title: str = "", note: str = "", people: int | None = None) -> Booking:
    """Turn a lease into a hold: the form was sent in time."""
    with transaction.atomic():
        booking = locked_booking(actor, booking_id)
        require_crew_of(actor, booking)
        require_state(booking, BookingState.LEASED, action=_("提交"))
        require_alive(booking)
        until = min(clock.now() + timedelta(minutes=booking.place.hold_minutes), booking.period.lower)
        return move(
            booking,
            BookingState.HELD,
            actor=actor,
            event="bookings.hold.placed",
            title=title[:120],
            note=note,
            people=people,
            expires_at=until,
        )


def confirm_booking(*, actor: Actor, booking_id: int) -> Booking:
    """Confirm a hold; where the keeper approves, it joins the keeper's queue instead."""
    with transaction.atomic():
        booking = locked_booking(actor, booking_id)
        require_crew_of(actor, booking)
        require_state(booking, BookingState.HELD, action=_("确认"))
        require_alive(booking)
        if booking.pencil != 1:
            raise XiepaiError(ErrorCode.WRONG_STATE, state=_("第二预留"), action=_("确认"))
        return settle_confirmation(actor, booking)


def settle_confirmation(actor: Actor, booking: Booking) -> Booking:
    """Confirm, or ask the keeper; the caller has locked and checked."""
    if booking.place.approval == Approval.KEEPER and not is_keeper_of(actor, booking):
        move(
            booking,
            BookingState.REQUESTED,
            actor=actor,
            event="bookings.approval.requested",
            expires_at=None,
            approval_due_at=clock.now() + timedelta(hours=APPROVAL_HOURS),
            reminders_sent=0,
        )
        _tell_keeper(booking)
        return booking
    return _confirmed(actor, booking, "bookings.booking.confirmed")


def approve_booking(*, actor: Actor, booking_id: int, note: str = "") -> Booking:
    """The keeper says yes."""
    with transaction.atomic():
        booking = locked_booking(actor, booking_id)
        require_keeper_of(actor, booking)
        require_state(booking, BookingState.REQUESTED, action=_("批准"))
        booking.decision_note = note[:200]
        booking.decided_by_id = actor.person_id
        _confirmed(actor, booking, "bookings.booking.approved")
        _tell_decided(booking)
        return booking


def decline_booking(*, actor: Actor, booking_id: int, note: str) -> Booking:
    """The keeper says no, and why; the slot is offered to who waits."""
    if not note.strip():
        raise XiepaiError(ErrorCode.INVALID, detail=_("请写明原因。"))
    with transaction.atomic():
        booking = locked_booking(actor, booking_id)
        require_keeper_of(actor, booking)
        require_state(booking, BookingState.REQUESTED, action=_("拒绝"))
        move(
            booking,
            BookingState.DECLINED,
            actor=actor,
            event="bookings.booking.declined",
            decision_note=note[:200],
            decided_by_id=actor.person_id,
            approval_due_at=None,
        )
        release(booking)
        _tell_decided(booking)
        return booking


def extend_hold(*, actor: Actor, booking_id: int, minutes: int) -> Booking:
    """The keeper gives a hold more time, at most to the start of the slot."""
    with transaction.atomic():
        booking = locked_booking(actor, booking_id)
        require_keeper_of(actor, booking)
        require_state(booking, BookingState.HELD, action=_("延长"))
        require_alive(booking)
        if minutes < 1:
            raise XiepaiError(ErrorCode.INVALID, detail=str(minutes))
        until = min((booking.expires_at or clock.now()) + timedelta(minutes=minutes), booking.period.lower)
        return write(booking, actor=actor, event="bookings.hold.extended", expires_at=until, reminders_sent=0)


def _confirmed(actor: Actor, booking: Booking, event: str) -> Booking:
    return move(
        booking,
        BookingState.CONFIRMED,
        actor=actor,
        event=event,
        expires_at=None,
        approval_due_at=None,
        approved_place_id=booking.place_id,
        approved_period=booking.period,
        decision_note=booking.decision_note,
        decided_by_id=booking.decided_by_id,
    )


def _tell_keeper(booking: Booking) -> None:
    from xiepai.bookings.notices import tell_approval_waits

    tell_approval_waits(booking, escalated=False)


def _tell_decided(booking: Booking) -> None:
    from xiepai.bookings.notices import tell_decided

    tell_decided(booking)
