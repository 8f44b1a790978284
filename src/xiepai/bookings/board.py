"""The board (排景图): sets as rows, time as columns, what is taken when. Reads only, two queries.

A booking of a parent shows on each of its leaves; only on its own row can it be moved. Refused: telling whose a
booking is to who may not know of it; that a set is taken is published to every crew, by whom is not.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

from django.db import connection

from xiepai.bookings.models import BookingState
from xiepai.bookings.periods import as_range
from xiepai.kernel import clock
from xiepai.parties.access import Actor
from xiepai.parties.models import CREW_ROLES, Role
from xiepai.places.models import Visibility
from xiepai.worktime.spans import Span, intersect

MAX_DAYS = 31
MAX_ROWS = 300
#: States that can still be moved on the board; one in use can only end earlier or later.
MOVABLE = frozenset({BookingState.HELD, BookingState.REQUESTED, BookingState.CONFIRMED})
#: What a bar is that is no booking one may know of.
BLOCKED, TAKEN = "blocked", "taken"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What narrows the rows. *crew_id* and *state* keep the rows with such a booking; its other bars stay."""

    words: str = ""
    site_id: int | None = None
    category: str = ""
    crew_id: int | None = None
    state: str = ""
    only_taken: bool = False


@dataclass(frozen=True, slots=True)
class Bar:
    """One taken time on a row: a booking, a blocking, or a booking of which only that it is may be known."""

    booking_id: int | None
    span: Span
    shown: Span
    state: str
    crew: str
    title: str
    reason: str
    version: int
    crew_id: int | None
    is_own_row: bool
    may_change: bool

    @property
    def is_movable(self) -> bool:
        """Whether it may be dragged (the wall and the rules still decide)."""
        return self.is_own_row and self.may_change and self.state in MOVABLE

    @property
    def is_stretchable(self) -> bool:
        """Whether at least its end may be dragged."""
        return self.is_movable or (self.is_own_row and self.may_change and self.state == BookingState.IN_USE)

    def is_meant_by(self, wanted: Wanted) -> bool:
        """Whether the filters for crew and state mean this bar."""
        return wanted.crew_id in (None, self.crew_id) and wanted.state in ("", self.state)


@dataclass(frozen=True, slots=True)
class Row:
    """A set, its bars in order, and the share of the window (0 to 1) that is booked."""

    place_id: int
    name: str
    name_en: str
    code: str
    site: str
    site_en: str
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

    @property
    def occupancy(self) -> float:
        """The share of all rows and days that is booked."""
        return sum(self.occupancy_by_day) / len(self.occupancy_by_day)


def read_board(
    actor: Actor,
    first_day: date,
    days: int,
    *,
    wanted: Wanted | None = None,
    limit: int = MAX_ROWS,
    offset: int = 0,
) -> Board:
    """The board for 1 to 31 days: every set for the office, a keeper's own, for crews what is public."""
    count = max(1, min(days, MAX_DAYS))
    calendar = tuple(first_day + timedelta(days=number) for number in range(count))
    edges = [clock.at_local_midnight(day) for day in (*calendar, calendar[-1] + timedelta(days=1))]
    window = Span(edges[0], edges[-1])
    values = _values(actor, window, wanted or Wanted())
    places, total = _places(values, limit, offset)
    bars = _bars(actor, values, [place[0] for place in places], window)
    stamps = [edge.timestamp() for edge in edges]
    rows, sums = [], [0.0] * count
    for place in places:
        own = bars.get(place[0], [])
        taken = _taken_by_day(own, stamps)
        rows.append(Row(*place, tuple(own), sum(taken) / (stamps[-1] - stamps[0])))
        sums = [one + other for one, other in zip(sums, taken, strict=True)]
    lengths = [(end - start) * max(1, len(rows)) for start, end in pairwise(stamps)]
    shares = tuple(seconds / length for seconds, length in zip(sums, lengths, strict=True))
    return Board(window, calendar, tuple(rows), shares, total)


def crews_on_board(actor: Actor, first_day: date, days: int) -> list[tuple[int, str]]:
    """The crews an actor can look for in that window: those whose bookings he may know of."""
    window = Span(clock.at_local_midnight(first_day), clock.at_local_midnight(first_day + timedelta(days=days)))
    with connection.cursor() as cursor:
        cursor.execute(_CREWS, _values(actor, window, Wanted()))
        return list(cursor.fetchall())


_KNOWN = "(%(all)s OR b.organisation_id = ANY (%(crews)s) OR bp.owner_id = ANY (%(owners)s))"

_PLACES = f"""
SELECT p.id, p.name, p.name_en, p.code, concat_ws(' · ', up3.name, up2.name, up.name),
  concat_ws(' · ', coalesce(nullif(up3.name_en, ''), up3.name), coalesce(nullif(up2.name_en, ''), up2.name),
    coalesce(nullif(up.name_en, ''), up.name)),
  p.standing, p.step_minutes, count(*) OVER ()
FROM places_place p
JOIN places_cover self ON self.place_id = p.id AND self.leaf_id = p.id
LEFT JOIN places_place up ON up.id = p.parent_id
LEFT JOIN places_place up2 ON up2.id = up.parent_id
LEFT JOIN places_place up3 ON up3.id = up2.parent_id
WHERE p.is_bookable AND p.capacity = 1
  AND (%(all)s OR p.owner_id = ANY (%(owners)s) OR (%(public)s AND p.visibility = '{Visibility.PUBLIC}'))
  AND (%(words)s = '' OR p.name ILIKE %(like)s OR p.code ILIKE %(like)s OR p.name_en ILIKE %(like)s
       OR up.name ILIKE %(like)s OR up2.name ILIKE %(like)s)
  AND (%(category)s = '' OR p.categories @> ARRAY[%(category)s]::varchar[])
  AND (%(site)s::bigint IS NULL OR EXISTS (
    SELECT 1 FROM places_cover c WHERE c.place_id = %(site)s AND c.leaf_id = p.id))
  AND (NOT %(taken)s OR EXISTS (
    SELECT 1 FROM bookings_occupancy o WHERE o.leaf_id = p.id AND NOT o.is_counted AND o.behind && %(window)s))
  AND (NOT %(meant)s OR EXISTS (
    SELECT 1 FROM bookings_occupancy o JOIN bookings_booking b ON b.id = o.booking_id
    JOIN places_place bp ON bp.id = b.place_id
    WHERE o.leaf_id = p.id AND NOT o.is_counted AND o.behind && %(window)s AND o.period && %(window)s AND {_KNOWN}
      AND (%(crew)s::bigint IS NULL OR b.organisation_id = %(crew)s) AND (%(state)s = '' OR b.state = %(state)s)))
ORDER BY up.id IS NULL, concat_ws('/', up3.sort_key, up2.sort_key, up.sort_key), up.id, p.sort_key, p.id
LIMIT %(limit)s OFFSET %(offset)s
"""  # noqa: S608 - only constants are put in

_BARS = f"""
SELECT o.leaf_id, o.booking_id, o.period, b.state, b.title, b.version, b.place_id = o.leaf_id, c.name, k.reason,
  c.id, bp.owner_id, {_KNOWN}, %(all)s OR lp.owner_id = ANY (%(owners)s)
FROM bookings_occupancy o
JOIN places_place lp ON lp.id = o.leaf_id
LEFT JOIN bookings_booking b ON b.id = o.booking_id
LEFT JOIN places_place bp ON bp.id = b.place_id
LEFT JOIN parties_organisation c ON c.id = b.organisation_id
LEFT JOIN places_blocking k ON k.id = o.blocking_id
WHERE o.leaf_id = ANY (%(leaves)s) AND NOT o.is_counted AND o.behind && %(window)s AND o.period && %(window)s
ORDER BY o.leaf_id, o.period
"""  # noqa: S608 - only constants are put in

_CREWS = f"""
SELECT DISTINCT c.id, c.name
FROM bookings_occupancy o
JOIN bookings_booking b ON b.id = o.booking_id
JOIN places_place bp ON bp.id = b.place_id
JOIN parties_organisation c ON c.id = b.organisation_id
WHERE NOT o.is_counted AND o.period && %(window)s AND {_KNOWN}
ORDER BY c.name, c.id
LIMIT 200
"""  # noqa: S608 - only constants are put in


def _values(actor: Actor, window: Span, wanted: Wanted) -> dict[str, Any]:
    like = wanted.words.strip().replace("\x00", "")
    for special in ("\\", "%", "_"):
        like = like.replace(special, "\\" + special)
    owners = actor.organisations(Role.KEEPER)
    return {
        "all": actor.is_office,
        "owners": sorted(owners),
        "crews": sorted(actor.organisations(*CREW_ROLES)),
        "public": actor.holds(*CREW_ROLES),
        "words": like,
        "like": f"%{like}%",
        "site": wanted.site_id,
        "category": wanted.category,
        "taken": wanted.only_taken,
        "crew": wanted.crew_id,
        "state": wanted.state,
        "meant": wanted.crew_id is not None or wanted.state != "",
        "window": as_range(window),
    }


def _places(
    values: dict[str, Any], limit: int, offset: int
) -> tuple[list[tuple[int, str, str, str, str, str, str, int]], int]:
    with connection.cursor() as cursor:
        cursor.execute(_PLACES, {**values, "limit": limit, "offset": offset})
        found = cursor.fetchall()
    return [row[:8] for row in found], found[0][8] if found else 0


def _bars(actor: Actor, values: dict[str, Any], leaves: Sequence[int], window: Span) -> dict[int, list[Bar]]:
    with connection.cursor() as cursor:
        cursor.execute(_BARS, {**values, "leaves": list(leaves)})
        found = cursor.fetchall()
    may_change = _changes_of(actor)
    bars: dict[int, list[Bar]] = {}
    for leaf, booking, period, state, title, version, own_row, crew, reason, crew_id, owner, known, keeps in found:
        span = Span(period.lower, period.upper)
        shown = intersect(span, window)
        if shown is None:
            continue
        if booking is None:
            bar = Bar(None, span, shown, BLOCKED, "", "", reason if keeps else "", 0, None, False, False)
        elif not known:
            bar = Bar(None, span, shown, TAKEN, "", "", "", 0, None, False, False)
        else:
            allowed = may_change(crew_id, owner)
            bar = Bar(booking, span, shown, state, crew, title, "", version, crew_id, own_row, allowed)
        bars.setdefault(leaf, []).append(bar)
    return bars


def _changes_of(actor: Actor) -> Any:
    """Whether the actor may change a booking of that crew at that owner's place, as the service will see it."""
    crews, owners, is_officer = actor.organisations(*CREW_ROLES), actor.organisations(Role.KEEPER), actor.is_officer
    return lambda crew_id, owner_id: is_officer or crew_id in crews or owner_id in owners


def _taken_by_day(bars: Sequence[Bar], edges: Sequence[float]) -> list[float]:
    """Seconds booked within each pair of edges; the bars of a row come in order and count once where they overlap."""
    taken = [0.0] * (len(edges) - 1)
    last = edges[0]
    for bar in bars:
        if bar.state == BLOCKED:
            continue
        start, end = max(bar.shown.start.timestamp(), last), bar.shown.end.timestamp()
        if end <= start:
            continue
        last = end
        for number in range(len(taken)):
            if start < edges[number + 1] and edges[number] < end:
                taken[number] += min(end, edges[number + 1]) - max(start, edges[number])
    return taken
