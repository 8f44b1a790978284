"""The real places a plan may use: which story place each may stand for, when it is free for this work, what it costs.

Hours are the place's own opening hours less what others hold of it and what its notice rules out; the work's own
bookings leave it free.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, timedelta

from xiepai.bookings.matching.board import PlaceFacts, minute_of, read_board
from xiepai.bookings.models import ENDED, Booking
from xiepai.bookings.periods import as_span
from xiepai.kernel import clock
from xiepai.places.pricing import TariffTerms
from xiepai.planning import shoot
from xiepai.shoots.models import Candidate, Plan
from xiepai.worktime.spans import Span

LATEST = 1800
_Window = tuple[int, int]


def unit_name(plan: Plan, unit: int) -> str:
    """A组, B组 …"""
    return str(plan.unit_names[unit]) if unit < len(plan.unit_names) else ""


def place_key(pk: int) -> str:
    """A place in the planner's terms (scenes are plain numbers).

    >>> place_key(7), place_id_of("@7"), place_id_of("story3")
    ('@7', 7, None)
    """
    return f"@{pk}"


def place_id_of(key: str) -> int | None:
    """The place of a key; None for a place nobody has found yet."""
    return int(key[1:]) if key.startswith("@") else None


class Sets:
    """Everything of the candidates of some story places, and of places that already stand on the board."""

    def __init__(
        self, plan: Plan, story_ids: Collection[int], standing: Collection[int], dates: Sequence[date]
    ) -> None:
        self.dates = dates
        self.of_story: dict[int, list[int]] = {}
        chosen: set[int] = set()
        rows = Candidate.objects.filter(story_place__in=story_ids).order_by("rank", "pk")
        for story_id, place_id, is_chosen in rows.values_list("story_place_id", "place_id", "is_chosen"):
            if is_chosen:
                self.of_story[story_id] = [place_id]
                chosen.add(story_id)
            elif story_id not in chosen:
                self.of_story.setdefault(story_id, []).append(place_id)
        ids = {pk for found in self.of_story.values() for pk in found} | set(standing)
        last = dates[-1] if dates else clock.today()
        window = Span(clock.at_local_midnight(dates[0]), clock.at_local_midnight(last + timedelta(days=2)))
        self.board = read_board(ids, window, without_work=plan.work_id) if ids else None
        self.facts: dict[int, PlaceFacts] = self.board.places if self.board else {}
        self.names = {place_key(pk): facts.name for pk, facts in self.facts.items()}
        self.assumed: dict[str, int] = {}
        self.work_id = plan.work_id
        self._booked: list[tuple[int, int, int]] | None = None

    def place(self, pk: int, setup_minutes: int, kept_minutes: int = 0) -> shoot.Place:
        """The place as the planner wants it; *kept_minutes* at the end of its hours are kept for meals."""
        facts = self.facts.get(pk)
        if facts is None:
            return shoot.Place(place_key(pk))
        tariff = facts.terms.tariff_on(self.dates[0])
        if tariff is None:
            self.assumed["tariffs"] = self.assumed.get("tariffs", 0) + 1
        calendar = tuple(self._free(facts, day) for day in self.dates)
        always = all(found == ((0, LATEST),) for found in calendar)
        windows = tuple(
            tuple(shoot.Window(a, b - kept_minutes) for a, b in found if b - kept_minutes > a) for found in calendar
        )
        return shoot.Place(
            place_key(pk), facts.name, str(facts.site), tariff_of(tariff), setup_minutes, None if always else windows
        )

    def _free(self, facts: PlaceFacts, day: date) -> tuple[_Window, ...]:
        zero = minute_of(clock.at_local_midnight(day))
        spans = facts.terms.open_spans(day, day + timedelta(days=1))
        windows = [(minute_of(each.start) - zero, minute_of(each.end) - zero) for each in spans]
        free = [(max(0, a), min(LATEST, b)) for a, b in windows if a < LATEST and b > 0]
        for start, end in [*self._taken(facts), *self._too_soon(facts)]:
            free = [part for each in free for part in _cut(each, start - zero, end - zero)]
        return tuple(sorted(each for each in free if each[1] - each[0] >= 30))

    def _too_soon(self, facts: PlaceFacts) -> list[_Window]:
        """From now to the end of the place's notice: nothing can be booked there any more, what the work has stays."""
        if not facts.terms.lead_minutes:
            return []
        closed = [(0, minute_of(clock.now()) + facts.terms.lead_minutes)]
        for start, end in self._own(facts.id):
            closed = [part for each in closed for part in _cut(each, start, end)]
        return closed

    def _own(self, place_id: int) -> list[_Window]:
        if self._booked is None:
            rows = Booking.objects.filter(work=self.work_id, pencil=1).exclude(state__in=ENDED)
            self._booked = [
                (place, minute_of(span.start), minute_of(span.end))
                for place, period in rows.values_list("place_id", "period")
                for span in [as_span(period)]
            ]
        return [(start, end) for place, start, end in self._booked if place == place_id]

    def _taken(self, facts: PlaceFacts) -> list[_Window]:
        """What others hold of it, stretched by the higher of the buffers that meet."""
        if self.board is None or facts.is_counted:
            return []
        before, after = facts.terms.buffer_before_minutes, facts.terms.buffer_after_minutes
        uses = [use for leaf, _ in facts.leaves for use in self.board.taken.get(leaf, ())]
        return [(use.start - max(use.before, after), use.end + max(use.after, before)) for use in uses]


def _cut(window: _Window, start: int, end: int) -> list[_Window]:
    """What is left of a window.

    >>> _cut((0, 100), 20, 30), _cut((0, 100), 90, 200), _cut((0, 100), 200, 300)
    ([(0, 20), (30, 100)], [(0, 90)], [(0, 100)])
    """
    a, b = window
    if end <= a or start >= b:
        return [window]
    return [part for part in ((a, start), (end, b)) if part[1] > part[0]]


def tariff_of(terms: TariffTerms | None) -> shoot.Tariff:
    """A place's prices as the planner reckons them; night surcharges are left to the quote."""
    if terms is None or terms.is_free:
        return shoot.Tariff()
    overtime = (terms.overtime_fen or 0) * (60 // (terms.overtime_step_minutes or 60))
    return shoot.Tariff(terms.hour_fen, terms.day_fen, terms.day_limit_minutes, overtime)
