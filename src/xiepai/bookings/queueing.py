"""The queue of requests: narrowed, sorted, and answered many at a time; each answer is the service's own.

Refused: nothing here decides who may answer what. A request that cannot be answered stays, with its reason.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import F, Q, QuerySet

from xiepai.bookings.models import Booking
from xiepai.bookings.selectors import approval_queue
from xiepai.bookings.services.deciding import approve_booking, decline_booking
from xiepai.kernel import clock
from xiepai.kernel.errors import XiepaiError
from xiepai.parties.access import Actor

SORTS = {
    "due": "approval_due_at",
    "when": "period",
    "since": "state_at",
    "place": "place__sort_key",
    "crew": "organisation__name",
    "price": "price_fen",
}
DUE = ("late", "day", "reminded", "escalated")
MOST_AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class Answered:
    """How many requests were answered, and why the others were not: (booking's code, reason)."""

    done: int
    refused: tuple[tuple[str, str], ...]


def find_requests(
    actor: Actor, *, place: str = "", crew: str = "", since: date | None = None, due: str = "", sort: str = "due"
) -> QuerySet[Booking]:
    """The requests that wait for this actor's answer, narrowed; the most urgent first unless sorted otherwise."""
    rows = approval_queue(actor)
    if place.strip():
        words = place.strip()
        rows = rows.filter(
            Q(place__name__icontains=words) | Q(place__name_en__icontains=words) | Q(place__code__iexact=words)
        )
    if crew.strip():
        words = crew.strip()
        rows = rows.filter(
            Q(organisation__name__icontains=words)
            | Q(organisation__name_en__icontains=words)
            | Q(title__icontains=words)
        )
    if since is not None:
        rows = rows.filter(state_at__gte=clock.at_local_midnight(since))
    now = clock.now()
    narrowed = {
        "late": Q(approval_due_at__lt=now),
        "day": Q(approval_due_at__gte=now, approval_due_at__lt=now + timedelta(days=1)),
        "reminded": Q(reminders_sent__gte=1),
        "escalated": Q(reminders_sent__gte=2),
    }
    if due in narrowed:
        rows = rows.filter(narrowed[due])
    key = F(SORTS.get(sort.lstrip("-"), "approval_due_at"))
    ordered = key.desc(nulls_last=True) if sort.startswith("-") else key.asc(nulls_last=True)
    return rows.order_by(ordered, "id")


def answer_requests(*, actor: Actor, booking_ids: Iterable[int], approve: bool, note: str = "") -> Answered:
    """Approve or decline several requests, each in its own transaction: one that fails does not hold up the rest.

    Declining needs a reason, which each crew is told.
    """
    done, refused = 0, []
    for booking_id in list(dict.fromkeys(booking_ids))[:MOST_AT_ONCE]:
        try:
            if approve:
                approve_booking(actor=actor, booking_id=booking_id, note=note)
            else:
                decline_booking(actor=actor, booking_id=booking_id, note=note)
        except XiepaiError as refusal:
            refused.append((f"XP{booking_id:06d}", str(refusal)))
        else:
            done += 1
    return Answered(done, tuple(refused))
