"""What a keeper's own page reads of bookings: today's handovers, this week's occupancy, a month of one place.

Refused: bookings of places somebody else keeps. Never writes, never locks.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db import connection
from django.db.models import QuerySet

from xiepai.bookings.access import visible_bookings
from xiepai.bookings.models import Booking, BookingState, Occupancy
from xiepai.bookings.periods import as_range
from xiepai.kernel import clock
from xiepai.parties.access import Actor
from xiepai.parties.models import Role
from xiepai.places.models import Cover
from xiepai.worktime.spans import Span

#: States in which something is still to be handed over or taken back.
_RUNNING = (BookingState.CONFIRMED, BookingState.IN_USE)


@dataclass(frozen=True, slots=True)
class DayShare:
    """A day and the share of the kept sets' hours that is booked on it (0 to 1)."""

    day: date
    share: float


def handovers_today(actor: Actor) -> QuerySet[Booking]:
    """Bookings of kept places that begin or end today and are not handed back yet, by their beginning."""
    start = clock.at_local_midnight(clock.today())
    today = as_range(Span(start, start + timedelta(days=1)))
    rows = _kept(actor).filter(state__in=_RUNNING)
    touching = rows.filter(period__startswith__contained_by=today) | rows.filter(period__endswith__contained_by=today)
    return touching.select_related("place", "organisation").order_by("period", "id")


_WEEK = """
WITH days AS (SELECT d, tstzrange(d, d + interval '1 day') AS r FROM unnest(%(starts)s::timestamptz[]) AS d),
leaves AS (
  SELECT p.id FROM places_place p JOIN places_cover c ON c.place_id = p.id AND c.leaf_id = p.id
  WHERE p.is_bookable AND p.capacity = 1 AND (%(all)s OR p.owner_id = ANY (%(owners)s))
)
SELECT days.d, coalesce(sum(extract(epoch FROM upper(o.period * days.r) - lower(o.period * days.r))), 0),
  (SELECT count(*) FROM leaves)
FROM days LEFT JOIN bookings_occupancy o
  ON o.booking_id IS NOT NULL AND NOT o.is_counted AND o.leaf_id IN (SELECT id FROM leaves)
  AND o.behind && days.r AND o.period && days.r
GROUP BY days.d ORDER BY days.d
"""


def week_of(actor: Actor, monday: date) -> tuple[list[DayShare], int]:
    """Each day's share of booked hours over the kept sets lent one at a time, and how many sets those are."""
    days = [monday + timedelta(days=number) for number in range(7)]
    values: dict[str, Any] = {
        "starts": [clock.at_local_midnight(day) for day in days],
        "all": actor.is_officer,
        "owners": sorted(actor.organisations(Role.KEEPER)),
    }
    with connection.cursor() as cursor:
        cursor.execute(_WEEK, values)
        rows = cursor.fetchall()
    sets = int(rows[0][2])
    shares = [float(taken) / (86400 * sets) if sets else 0.0 for _day, taken, _count in rows]
    return [DayShare(day, share) for day, share in zip(days, shares, strict=True)], sets


def taken_times(place_id: int, window: Span) -> list[tuple[Span, Booking | None, str]]:
    """What occupies a place or its parts in *window*: (time, booking or None, reason of a blocking), each once."""
    leaves = Cover.objects.filter(place_id=place_id).values("leaf_id")
    rows = (
        Occupancy.objects.filter(leaf__in=leaves, behind__overlap=as_range(window), period__overlap=as_range(window))
        .select_related("booking", "booking__organisation", "booking__place", "blocking")
        .order_by("period", "id")
    )
    seen: set[tuple[str, int]] = set()
    found: list[tuple[Span, Booking | None, str]] = []
    for row in rows:
        key = ("booking", row.booking_id) if row.booking_id else ("blocking", row.blocking_id or 0)
        if key not in seen:
            seen.add(key)
            reason = row.blocking.reason if row.blocking else ""
            found.append((Span(row.period.lower, row.period.upper), row.booking, reason))
    return found


def _kept(actor: Actor) -> QuerySet[Booking]:
    rows = visible_bookings(actor)
    return rows if actor.is_officer else rows.filter(place__owner__in=actor.organisations(Role.KEEPER))
