"""The ways to meet one need: a place and its spans, checked by the place's own rules and what is taken.

At most ``MOST_PLACES`` places and ``MOST_WAYS`` ways a need are handed on. A place whose name or category is
what was asked for is never displaced by one that only mentions the words.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from xiepai.bookings.matching.board import Board, PlaceFacts, minute_of
from xiepai.bookings.needs import NeedRow
from xiepai.bookings.rules import check_period, text_of
from xiepai.bookings.selectors import on_step
from xiepai.bookings.services.taking import SlotRequest, price_of
from xiepai.kernel import clock
from xiepai.kernel.errors import ErrorCode, XiepaiError
from xiepai.places.models import Sound
from xiepai.places.pricing import Quote
from xiepai.planning.choice import Option, Use
from xiepai.worktime.spans import Span

MOST_PLACES = 20
MOST_WAYS = 60
#: starts tried in a window on one day, and the least minutes between them
MOST_STARTS = 8
START_STEP = 60


@dataclass(frozen=True, slots=True)
class Way:
    """One place over its spans, priced."""

    place: PlaceFacts
    spans: tuple[Span, ...]
    quotes: tuple[Quote, ...]
    uses: tuple[Use, ...]
    tier: int
    rank: int

    @property
    def key(self) -> str:
        """Unique among the ways of one need."""
        return f"{self.place.id}@{minute_of(self.spans[0].start)}"

    @property
    def price_fen(self) -> int:
        """All spans together, without deposit."""
        return sum(quote.total.fen for quote in self.quotes)

    @property
    def visits(self) -> frozenset[tuple[date, int]]:
        """Days on which the crew goes to which building."""
        if not self.place.is_stood_in:
            return frozenset()
        return frozenset((clock.local(span.start).date(), self.place.site) for span in self.spans)

    def preference(self, need: NeedRow) -> int:
        """How well it fits beyond the price: closeness of the words, sound, room to spare, earliness."""
        score = 400 - 100 * self.tier - min(self.rank, 60) - 2 * min(len(self.place.leaves), 40)
        if need.sound_needed and self.place.sound == Sound.SYNC:
            score += 40
        if need.people and self.place.people_max:
            score += 20 if self.place.people_max <= 3 * need.people else 0
        first = need.windows(need.first_days[0])[0]
        late_hours = int((self.spans[0].start - first.start).total_seconds() // 3600)
        return score - min(late_hours, 200)

    def option(self, need: NeedRow) -> Option:
        """As the choice core wants it."""
        return Option(self.key, self.uses, self.price_fen, self.preference(need), self.visits)


@dataclass(frozen=True, slots=True)
class Refused:
    """Why one place does not do: a code of the reasons (or of the errors) and what fills its text."""

    place: PlaceFacts
    code: str
    data: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Ways:
    """All ways found for a need, and why the other places fell out."""

    ways: tuple[Way, ...]
    refused: tuple[Refused, ...]


def ways_for(need: NeedRow, ranked: Iterable[tuple[PlaceFacts, int]], board: Board, *, is_named: bool) -> Ways:
    """The ways at *ranked* places (each with its tier, best first): the best tier that has any, cheapest first."""
    now = clock.now()
    ways: list[Way] = []
    refused: list[Refused] = []
    for rank, (place, tier) in enumerate(ranked):
        unfit = None if is_named else _unfit(need, place)
        if unfit:
            refused.append(unfit)
            continue
        found, why = _ways_at(need, place, board, tier, rank, now)
        ways += found
        if why is not None:
            refused.append(why)
    return Ways(tuple(_best(ways)), tuple(refused))


def _best(ways: list[Way]) -> list[Way]:
    if not ways:
        return []
    closest = [way for way in ways if way.tier <= max(1, min(other.tier for other in ways))]
    closest.sort(key=lambda way: (way.tier, way.price_fen, way.rank, way.spans[0].start))
    places = list(dict.fromkeys(way.place.id for way in closest))[:MOST_PLACES]
    return [way for way in closest if way.place.id in places][:MOST_WAYS]


def _unfit(need: NeedRow, place: PlaceFacts) -> Refused | None:
    """What no hour can cure: too small, no sound, not counted."""
    if need.people and place.people_max is not None and place.people_max < need.people and not place.is_counted:
        return Refused(place, "too_small", {"place": place.name, "holds": place.people_max, "needed": need.people})
    if need.sound_needed and place.sound == Sound.NONE:
        return Refused(place, "no_sound", {"place": place.name})
    if need.units > place.terms.capacity:
        data = {"place": place.name, "capacity": place.terms.capacity, "needed": need.units}
        return Refused(place, "too_few_units", data)
    return None


def _ways_at(
    need: NeedRow, place: PlaceFacts, board: Board, tier: int, rank: int, now: datetime
) -> tuple[list[Way], Refused | None]:
    ways: list[Way] = []
    why: Refused | None = None
    for spans in attempts(need, place):
        try:
            way = way_at(need, place, spans, board, tier, rank, now)
        except XiepaiError as error:
            why = why or Refused(place, str(error.code), error.data)
        else:
            ways.append(way)
            if len(ways) >= MOST_STARTS:
                break
    return ways, None if ways else why


def way_at(
    need: NeedRow, place: PlaceFacts, spans: tuple[Span, ...], board: Board, tier: int, rank: int, now: datetime
) -> Way:
    """The way at exactly these spans, or the refusal the booking itself would meet."""
    uses: list[Use] = []
    quotes: list[Quote] = []
    for span in spans:
        check_period(place.terms, span, need.units, now=now)
        quotes.append(price_of(place.terms, SlotRequest(place.id, span, need.units)))
        uses += place.uses(span, need.units)
    if not board.is_free(uses):
        raise _taken(need, place, spans, board)
    return Way(place, spans, tuple(quotes), tuple(uses), tier, rank)


def _taken(need: NeedRow, place: PlaceFacts, spans: tuple[Span, ...], board: Board) -> XiepaiError:
    first = next((span for span in spans if not board.is_free(place.uses(span, need.units))), spans[0])
    if place.is_counted:
        free = max(0, board.units_free(place, first))
        return XiepaiError(
            ErrorCode.NOT_ENOUGH_UNITS, place=place.name, period=text_of(first), free=free, needed=need.units
        )
    return XiepaiError(ErrorCode.SLOT_TAKEN, place=place.name, period=text_of(first))


def attempts(need: NeedRow, place: PlaceFacts, days: Iterable[date] = ()) -> Iterator[tuple[Span, ...]]:
    """The spans to try, earliest first: the hours written, or the length at several starts in the window."""
    for day in days or need.first_days:
        windows = need.windows(day)
        if need.is_fixed:
            yield windows
            continue
        length = timedelta(minutes=need.minutes or 0)
        start = on_step(windows[0].start, place.terms.step_minutes)
        while start + length <= windows[0].end:
            yield tuple(
                Span(start + timedelta(days=number), start + timedelta(days=number) + length)
                for number in range(len(windows))
            )
            start = on_step(start + timedelta(minutes=START_STEP), place.terms.step_minutes)
