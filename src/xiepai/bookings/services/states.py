"""The one place a booking's state changes: allowed steps, the row, its audit."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from xiepai.bookings.errors import refusals
from xiepai.bookings.models import Booking, BookingState
from xiepai.kernel import audit, clock
from xiepai.kernel.errors import ErrorCode, XiepaiError
from xiepai.parties.access import Actor
from xiepai.places.terms import terms_of
from xiepai.worktime.spans import Span

S = BookingState

#: From each state, where it may go.
STEPS: dict[BookingState, frozenset[BookingState]] = {
    S.LEASED: frozenset({S.HELD, S.EXPIRED, S.CANCELLED}),
    S.HELD: frozenset({S.HELD, S.REQUESTED, S.CONFIRMED, S.EXPIRED, S.CANCELLED}),
    S.REQUESTED: frozenset({S.CONFIRMED, S.DECLINED, S.CANCELLED}),
    S.CONFIRMED: frozenset({S.REQUESTED, S.IN_USE, S.CANCELLED, S.NO_SHOW}),
    S.IN_USE: frozenset({S.HANDED_BACK}),
    S.HANDED_BACK: frozenset({S.SETTLED}),
    S.SETTLED: frozenset(),
    S.DECLINED: frozenset(),
    S.CANCELLED: frozenset(),
    S.EXPIRED: frozenset(),
    S.NO_SHOW: frozenset(),
}


def require_state(booking: Booking, *allowed: BookingState, action: str) -> None:
    """Refuse unless the booking is in one of the states; the text names the state it is in."""
    if booking.state not in allowed:
        label = str(BookingState(booking.state).label)
        raise XiepaiError(ErrorCode.WRONG_STATE, state=label, action=action)


def require_alive(booking: Booking) -> None:
    """Refuse a hold or lease whose time is over, whether or not the sweep has come by."""
    if booking.expires_at and booking.state in (S.LEASED, S.HELD) and booking.expires_at <= clock.now():
        raise XiepaiError(ErrorCode.HOLD_EXPIRED, expired=f"{clock.local(booking.expires_at):%m-%d %H:%M}")


def move(booking: Booking, state: BookingState, *, actor: Actor, event: str, **changes: Any) -> Booking:
    """Take one step and write it, with what else changes; the wall may still refuse."""
    if state not in STEPS[BookingState(booking.state)]:
        require_state(booking, action=_("改为“%(state)s”") % {"state": str(state.label)})
    return write(booking, actor=actor, event=event, state=state.value, state_at=clock.now(), **changes)


def write(booking: Booking, *, actor: Actor, event: str, **changes: Any) -> Booking:
    """Write columns of a locked booking with one audit row. Version rises by one."""
    before = audit.snapshot(booking)
    for name, value in changes.items():
        setattr(booking, name, value)
    booking.version += 1
    span = Span(booking.period.lower, booking.period.upper)
    with refusals(place=terms_of(booking.place_id).name, period=span, needed=booking.units):
        booking.save(update_fields=[*changes, "version"])
    audit.record(event, booking, actor=actor, before=before)
    return booking
