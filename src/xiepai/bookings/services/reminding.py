"""Reminders and escalation: a request waits in a queue, never in one lost mail.

A hold is announced once before it ends. A request reminds its keepers when half the time to answer
is over, and again with the office when all of it is; it stays in the queue until somebody decides.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction

from xiepai.bookings import notices
from xiepai.bookings.models import Booking, BookingState
from xiepai.bookings.services.deciding import APPROVAL_HOURS
from xiepai.bookings.services.states import write
from xiepai.kernel import clock
from xiepai.parties.access import system

#: A hold is announced this long before it ends.
HOLD_NOTICE_MINUTES = 120


def remind_and_escalate(now: datetime | None = None) -> int:
    """Send what is due now, each once; returns how many notices went out."""
    moment = now or clock.now()
    return _announce_holds(moment) + _remind_keepers(moment)


def _announce_holds(moment: datetime) -> int:
    soon = moment + timedelta(minutes=HOLD_NOTICE_MINUTES)
    with transaction.atomic():
        ending = (
            Booking.objects.select_for_update(skip_locked=True, of=("self",))
            .select_related("place", "organisation")
            .filter(state=BookingState.HELD, reminders_sent=0, expires_at__gt=moment, expires_at__lte=soon)
        )
        for booking in (told := list(ending)):
            write(booking, actor=system("reminder"), event="bookings.hold.announced", reminders_sent=1)
            notices.tell_hold_ending(booking)
    return len(told)


def _remind_keepers(moment: datetime) -> int:
    half = moment + timedelta(hours=APPROVAL_HOURS) / 2
    told = 0
    with transaction.atomic():
        waiting = (
            Booking.objects.select_for_update(skip_locked=True, of=("self",))
            .select_related("place", "organisation")
            .filter(state=BookingState.REQUESTED, reminders_sent__lt=2, approval_due_at__lte=half)
        )
        for booking in waiting:
            late = booking.approval_due_at is not None and booking.approval_due_at <= moment
            if not late and booking.reminders_sent >= 1:
                continue
            event = "bookings.approval.escalated" if late else "bookings.approval.reminded"
            write(booking, actor=system("reminder"), event=event, reminders_sent=2 if late else 1)
            notices.tell_approval_waits(booking, escalated=late)
            told += 1
    return told
