"""The board (排景图): sets as rows, time as columns, what is taken when. Reads only, three queries.

A booking of a parent shows on each of its leaves; only on its own row can it be moved.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.db import connection

from xiepai.bookings.models import BookingState
from xiepai.bookings.periods import as_range
from xiepai.kernel import clock
from xiepai.parties.access import Actor
from xiepai.parties.models import Role
from xiepai.worktime.spans import Span, intersect, merge

MAX_DAYS = 31
MAX_ROWS = 300
#: States that can still be moved on the board.
MOVABLE = frozenset({BookingState.HELD, BookingState.REQUESTED, BookingState.CONFIRMED})


@dataclass(frozen=True, slots=True)
class Bar:
    """One taken time on a row: a booking, or a blocking (then ``booking_id`` is None)."""

    booking_id: int | None
    span: Span
    shown: Span
    state: str
    crew: str
    title: str
    reason: str
    version: int
    is_own_row: bool

    @property
    def is_movable(self) -> bool:
        """Whether it may be dragged (the wall and the rules still decide)."""
        return self.is_own_row and self.state in MOVABLE


@dataclass(frozen=True, slots=True)
class Row:
    """A set, its bars in order, and the share of the window (0 to 1) that is taken."""

    place_id: int
    name: str
    name_en: str
    code: str
    parent: str
    standing: str
    step_minutes: int
    bars: tuple[Bar, ...]
    occupancy: float


@dataclass(frozen=True, slots=True)
class Board:
    """The board of a window: rows, each day's share taken over all rows, and how many sets there are in all."""

    window: Span
    days: tuple[date, ...]
    rows: tuple[Row, ...]
    occupancy_by_day: tuple[float, ...]
    total_rows: int


def read_board(
    actor: Actor,
    first_day: date,
    days: int,
    *,
    words: str = "",
    site_id: int | None = None,
    only_taken: bool = False,
    limit: int = MAX_ROWS,
    offset: int = 0,
) -> Board:
    """The board from *first_day* for so many days (1 to 31): all sets for officers, a keeper's own else."""
    count = max(1, min(days, MAX_DAYS))
    start = clock.at_local_midnight(first_day)
    window = Span(start, clock.at_local_midnight(first_day + timedelta(days=count)))
    places, total = _places(actor, window, words, site_id, only_taken, limit, offset)
    bars = _bars([place[0] for place in places], window)
    rows = tuple(_row(place, bars.get(place[0], []), window) for place in places)
    calendar = tuple(first_day + timedelta(days=number) for number in range(count))
    return Board(window, calendar, rows, tuple(_share_of_day(rows, day) for day in calendar), total)


_PLACES = """
SELECT p.id, p.name, p.name_en, p.code, coalesce(up.name, ''), p.standing, p.step_minutes, count(*) OVER ()
FROM places_place p
JOIN places_cover self ON self.place_id = p.id AND self.leaf_id = p.id
LEFT JOIN places_place up ON up.id = p.parent_id
WHERE p.is_bookable AND p.capacity = 1
  AND (%(all)s OR p.owner_id = ANY (%(owners)s))
  AND (%(words)s = '' OR p.name ILIKE %(like)s OR p.code ILIKE %(like)s OR p.name_en ILIKE %(like)s
       OR up.name ILIKE %(like)s)
  AND (%(site)s::bigint IS NULL OR EXISTS (
    SELECT 1 FROM places_cover c WHERE c.place_id = %(site)s AND c.leaf_id = p.id))
  AND (NOT %(taken)s OR EXISTS (
    SELECT 1 FROM bookings_occupancy o WHERE o.leaf_id = p.id AND NOT o.is_counted AND o.behind && %(window)s))
ORDER BY up.sort_key NULLS FIRST, up.id, p.sort_key, p.id
LIMIT %(limit)s OFFSET %(offset)s
"""

_BARS = """
SELECT o.leaf_id, o.booking_id, o.period, b.state, b.title, b.version, b.place_id = o.leaf_id, c.name, k.reason
FROM bookings_occupancy o
LEFT JOIN bookings_booking b ON b.id = o.booking_id
LEFT JOIN parties_organisation c ON c.id = b.organisation_id
LEFT JOIN places_blocking k ON k.id = o.blocking_id
WHERE o.leaf_id = ANY (%(leaves)s) AND NOT o.is_counted AND o.behind && %(window)s AND o.period && %(window)s
ORDER BY o.leaf_id, o.period
"""


def _places(
    actor: Actor, window: Span, words: str, site_id: int | None, only_taken: bool, limit: int, offset: int
) -> tuple[list[tuple[int, str, str, str, str, str, int]], int]:
    like = words.strip().replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_").replace("\x00", "")
    values = {
        "all": actor.is_office,
        "owners": sorted(actor.organisations(Role.KEEPER)),
        "words": like,
        "like": f"%{like}%",
        "site": site_id,
        "taken": only_taken,
        "window": as_range(window),
        "limit": limit,
        "offset": offset,
    }
    with connection.cursor() as cursor:
        cursor.execute(_PLACES, values)
        found = cursor.fetchall()
    return [row[:7] for row in found], found[0][7] if found else 0


def _bars(leaves: Sequence[int], window: Span) -> dict[int, list[Bar]]:
    with connection.cursor() as cursor:
        cursor.execute(_BARS, {"leaves": list(leaves), "window": as_range(window)})
        found = cursor.fetchall()
    bars: dict[int, list[Bar]] = {}
    for leaf_id, booking_id, period, state, title, version, own_row, crew, reason in found:
        span = Span(period.lower, period.upper)
        shown = intersect(span, window)
        if shown is not None:
            bars.setdefault(leaf_id, []).append(
                Bar(
                    booking_id,
                    span,
                    shown,
                    state or "blocked",
                    crew or "",
                    title or "",
                    reason or "",
                    version or 0,
                    bool(own_row),
                )
            )
    return bars


def _row(place: tuple[int, str, str, str, str, str, int], bars: list[Bar], window: Span) -> Row:
    return Row(*place, tuple(bars), _taken(bars, window) / window.minutes)


def _share_of_day(rows: Sequence[Row], day: date) -> float:
    span = Span(clock.at_local_midnight(day), clock.at_local_midnight(day + timedelta(days=1)))
    if not rows:
        return 0.0
    return sum(_taken(row.bars, span) for row in rows) / (span.minutes * len(rows))


def _taken(bars: Sequence[Bar], window: Span) -> int:
    parts = (intersect(bar.shown, window) for bar in bars if bar.booking_id is not None)
    return sum(span.minutes for span in merge(part for part in parts if part is not None))
