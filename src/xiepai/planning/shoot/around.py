"""What locked units' days leave free to the other units of their date, and to the day before.

A locked day of one unit stands minute by minute; who plays in it, and the places it uses, are free around it only. Here
that becomes windows of each other scene, an earlier end of people's days and of units' days. Knows no plan, only what
is fixed; a little stricter than the checker where that saves a case (a set shared with a locked unit is dressed again).
For proofs there is the loose kind: it never takes away what the checker might allow.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from xiepai.planning.shoot.model import Placement, Problem
from xiepai.planning.shoot.values import ALWAYS, LATEST, Part, Person, Place, Scene, Unit, Window


@dataclass(frozen=True, slots=True)
class _Held:
    """A fixed scene of a locked day: its place is taken from *arrival* (with set-up) to *end*."""

    place: str
    arrival: int
    start: int
    end: int
    cast: tuple[Part, ...]


class Around:
    """Looks up what is free around the fixed placements of a problem."""

    def __init__(self, problem: Problem, *, is_loose: bool = False) -> None:
        self.problem, self.is_loose = problem, is_loose
        self.places = {each.id: each for each in problem.places}
        self.people = {each.id: each for each in problem.people}
        self._between = {(one, other): minutes for one, other, minutes in problem.travel.between}
        self._scenes = {each.id: each for each in problem.scenes}
        self._held: dict[int, list[_Held]] = defaultdict(list)
        self._latest: dict[tuple[str, int], int] = {}
        self._closes: dict[tuple[str, int], int] = {}
        rows: dict[tuple[int, str], list[Placement]] = defaultdict(list)
        for each in sorted(problem.fixed):
            rows[each.day, each.unit].append(each)
        for (day, unit), row in rows.items():
            held = [self._of(before, each) for before, each in zip([None, *row], row, strict=False)]
            if not all(problem.days[day].holds(each.id) for each in problem.units):
                self._held[day] += held
            if day:
                self._press(day, unit, held)
        self.days = frozenset(self._held)
        """The days on which one unit's day is locked and another's is not."""

    def _of(self, before: Placement | None, each: Placement) -> _Held:
        scene, place = self._scenes[each.scene], self.places[each.place]
        stayed = (
            before is not None
            and before.place == each.place
            and _window(place, each.day, before.start) == _window(place, each.day, each.start)
        )
        arrival = each.start if stayed else each.start - place.setup_minutes
        return _Held(each.place, arrival, each.start, each.start + scene.minutes, scene.cast)

    def _press(self, day: int, unit: str, held: list[_Held]) -> None:
        """The rest before a locked day ends the day before it earlier."""
        days = self.problem.days
        gap = (days[day].date - days[day - 1].date).days * 1440
        rest = next(each.rest_minutes for each in self.problem.units if each.id == unit)
        self._closes[unit, day - 1] = held[0].arrival + gap - rest
        for each in held:
            for part in each.cast:
                person, key = self.people[part.person], (part.person, day - 1)
                ends = each.start - person.makeup_minutes + gap - person.rest_minutes
                if self.is_loose:  # not if what is settled on both days leaves too short a night by itself
                    ends = max([ends, *(self._end(one) for one in self._playing(part.person, day - 1))])
                self._latest[key] = min(ends, self._latest.get(key, ends))

    def _end(self, each: Placement) -> int:
        return each.start + self._scenes[each.scene].minutes

    def _playing(self, person: str, day: int) -> Iterator[Placement]:
        for each in self.problem.fixed:
            if each.day == day and any(part.person == person for part in self._scenes[each.scene].cast):
                yield each

    def closes(self, unit: Unit, day: int) -> int:
        """When the unit's day must end at the latest."""
        return min(unit.hours.end, self._closes.get((unit.id, day), LATEST + 720))

    def latest(self, person: Person, day: int) -> int:
        """When the person's day must end at the latest."""
        return min(person.latest, self._latest.get((person.id, day), LATEST))

    def travel(self, one: str, other: str) -> int:
        """Minutes from place to place."""
        if one == other:
            return 0
        here, there = self.places[one].site, self.places[other].site
        if here == there:
            return self.problem.travel.inside_minutes
        fallback = self._between.get((there, here), self.problem.travel.sites_minutes)
        return self._between.get((here, there), fallback)

    def windows(self, scene: Scene, place: str, day: int, lit: tuple[Window, ...]) -> tuple[Window, ...]:
        """What is left of windows of light for a scene at a place, its people and the place being held elsewhere."""
        held = self._held.get(day)
        if not held:
            return lit
        zones = [zone for each in held if (zone := self._zone(scene, self.places[place], each))]
        zones = sorted([*zones, *self._limits(scene, held)])
        if not zones:
            return lit
        found = []
        for window in lit:
            begin = window.start
            for low, high in zones:
                if min(low, window.end) - begin >= scene.minutes:
                    found.append(Window(begin, min(low, window.end)))
                begin = max(begin, high)
            if window.end - begin >= scene.minutes:
                found.append(Window(begin, window.end))
        return tuple(found)

    def _limits(self, scene: Scene, held: list[_Held]) -> Iterator[tuple[int, int]]:
        """The minutes too far from what people have to play that day to be within their daily limit."""
        for part in scene.cast:
            person = self.people[part.person]
            theirs = [each for each in held if any(one.person == person.id for one in each.cast)]
            if theirs and person.limit_minutes < LATEST:
                yield 0, max(each.end for each in theirs) + person.makeup_minutes - person.limit_minutes
                yield (
                    min(each.start for each in theirs) - person.makeup_minutes + person.limit_minutes,
                    LATEST + 720,
                )

    def _zone(self, scene: Scene, place: Place, held: _Held) -> tuple[int, int] | None:
        """The minutes a scene may not touch because of a fixed one; ``None`` when they share nothing."""
        lows, highs = [], []
        if held.place == place.id:
            lows.append(held.arrival)
            highs.append(held.end + (0 if self.is_loose else place.setup_minutes))
        looks = {part.person: part.look for part in held.cast}
        for part in scene.cast:
            if part.person in looks:
                change = self.people[part.person].change_minutes if looks[part.person] != part.look else 0
                lows.append(held.start - self._way(place.id, held.place) - change)
                highs.append(held.end + self._way(held.place, place.id) + change)
        spare = 0 if self.is_loose else self.problem.spare_minutes
        return (min(lows) - spare, max(highs)) if lows else None

    def _way(self, one: str, other: str) -> int:
        return self.shortest[one, other] if self.is_loose else self.travel(one, other)

    @cached_property
    def shortest(self) -> dict[tuple[str, str], int]:
        """The least minutes from place to place, over others if that is quicker than the way that is stated."""
        names = list(self.places)
        way = {(one, other): self.travel(one, other) for one in names for other in names}
        for over in names:
            for one in names:
                first = way[one, over]
                for other in names:
                    way[one, other] = min(way[one, other], first + way[over, other])
        return way


def _window(place: Place, day: int, minute: int) -> Window | None:
    free = ALWAYS if place.calendar is None else place.calendar[day]
    return next((each for each in free if each.start <= minute < each.end), None)


__all__ = ["Around"]
