"""The independent checker: which constraints a plan violates, found pair by pair from the problem alone.

It shares no code with the engines, the constructive pass or the objective; a mistake in one of them is seen here.
Frozen days, and locked days of one unit, are taken as they are: what stands there is not judged again, but the rest of
the plan must go with it: people and places it holds, the nights before and after.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from itertools import combinations, pairwise

from xiepai.planning.shoot.model import Placement, Plan, Problem
from xiepai.planning.shoot.values import (
    GOLDEN,
    LATEST,
    TWILIGHT,
    Calendar,
    Day,
    Light,
    Part,
    Unit,
    Wish,
    WishKind,
)


class Rule(StrEnum):
    """The constraints of a plan."""

    MISSING = "missing"
    TWICE = "twice"
    NOT_A_CANDIDATE = "not_a_candidate"
    FROZEN = "frozen"
    LOCK = "lock"
    LIGHT = "light"
    PLACE_CLOSED = "place_closed"
    PLACE_SHARED = "place_shared"
    PERSON_ABSENT = "person_absent"
    PERSON_TWICE = "person_twice"
    PERSON_REST = "person_rest"
    PERSON_LIMIT = "person_limit"
    UNIT_ABSENT = "unit_absent"
    UNIT_HOURS = "unit_hours"
    UNIT_LONG = "unit_long"
    UNIT_REST = "unit_rest"
    UNIT_MOVE = "unit_move"
    WISH = "wish"


@dataclass(frozen=True, slots=True)
class Violation:
    """A broken rule, its scenes, the person, place or unit, the day, and by how many minutes where known.

    ``dates`` are those of a broken wish about days.
    """

    rule: Rule
    scenes: tuple[str, ...] = ()
    subject: str = ""
    day: int | None = None
    minutes: int = 0
    dates: tuple[date, ...] = ()


def check(problem: Problem, plan: Plan) -> tuple[Violation, ...]:
    """Everything wrong with a plan; empty when it can be shot."""
    inspection = _Inspection(problem, plan)
    return tuple(
        violation
        for rules in (
            inspection.completeness, inspection.frozen, inspection.locks, inspection.scenes, inspection.units,
            inspection.places, inspection.people, inspection.rests, inspection.wishes,
        )
        for violation in rules()
    )  # fmt: skip


class _Inspection:
    def __init__(self, problem: Problem, plan: Plan) -> None:
        self.problem = problem
        self.scene = {each.id: each for each in problem.scenes}
        self.place = {each.id: each for each in problem.places}
        self.person = {each.id: each for each in problem.people}
        self.unit = {each.id: each for each in problem.units}
        self.all = [each for each in plan.placements if each.scene in self.scene]
        self.open = [each for each in self.all if not self.is_held(each)]
        self.sheets: dict[tuple[int, str], list[Placement]] = {}
        for each in sorted(self.all, key=lambda one: one.start):
            self.sheets.setdefault((each.day, each.unit), []).append(each)
        self.travel = {(one, other): minutes for one, other, minutes in problem.travel.between}

    def is_held(self, each: Placement) -> bool:
        """Whether a placement stands on a frozen day or a locked day of its unit."""
        day = self.problem.days[each.day]
        return day.is_frozen or each.unit in day.locked

    def end(self, each: Placement) -> int:
        return each.start + self.scene[each.scene].minutes

    def minutes_between(self, one: str, other: str) -> int:
        """Travel from place to place."""
        if one == other:
            return 0
        here, there = self.place[one].site, self.place[other].site
        if here == there:
            return self.problem.travel.inside_minutes
        found = self.travel.get((here, there), self.travel.get((there, here)))
        return self.problem.travel.sites_minutes if found is None else found

    def completeness(self) -> Iterator[Violation]:
        times = Counter(each.scene for each in self.all)
        for scene in self.problem.scenes:
            if times[scene.id] == 0:
                yield Violation(Rule.MISSING, (scene.id,))
            if times[scene.id] > 1:
                yield Violation(Rule.TWICE, (scene.id,))
        for each in self.all:
            if each.place not in {candidate.place for candidate in self.scene[each.scene].candidates}:
                yield Violation(Rule.NOT_A_CANDIDATE, (each.scene,), each.place, each.day)

    def frozen(self) -> Iterator[Violation]:
        mine = {each for each in self.all if self.is_held(each)}
        for each in sorted(mine ^ set(self.problem.fixed)):
            yield Violation(Rule.FROZEN, (each.scene,), each.unit, each.day)

    def locks(self) -> Iterator[Violation]:
        locks = {each.scene: each for each in self.problem.locks}
        for each in self.open:
            lock = locks.get(each.scene)
            if lock is None:
                continue
            wanted = (lock.day, lock.unit, lock.place)
            if any(w is not None and w != g for w, g in zip(wanted, (each.day, each.unit, each.place), strict=True)):
                yield Violation(Rule.LOCK, (each.scene,), each.unit, each.day)

    def scenes(self) -> Iterator[Violation]:
        for each in self.open:
            scene, place = self.scene[each.scene], self.place[each.place]
            lit = scene.is_outside or place.uses_daylight
            if lit and not _is_lit(scene.light, self.problem.days[each.day], each.start, self.end(each)):
                yield Violation(Rule.LIGHT, (each.scene,), scene.light.value, each.day)
            start = each.start - (place.setup_minutes if self.is_fresh(each) else 0)
            if not _is_free(place.calendar, each.day, start, self.end(each)):
                yield Violation(Rule.PLACE_CLOSED, (each.scene,), place.id, each.day)

    def is_fresh(self, each: Placement) -> bool:
        """Whether the place must be set up for this scene: another place, or others' time, lies before it."""
        sheet = self.sheets[each.day, each.unit]
        number = sheet.index(each)
        if number == 0 or sheet[number - 1].place != each.place:
            return True
        before = sheet[number - 1]
        return not _is_free(
            self.place[each.place].calendar, each.day, before.start, max(each.start + 1, self.end(before))
        )

    def units(self) -> Iterator[Violation]:
        for (day, name), sheet in self.sheets.items():
            if self.is_held(sheet[0]):
                continue
            unit = self.unit[name]
            if unit.days is not None and day not in unit.days:
                yield Violation(Rule.UNIT_ABSENT, tuple(each.scene for each in sheet), name, day)
            yield from self._hours(unit, day, sheet)
            for one, other in pairwise(sheet):
                setup = self.place[other.place].setup_minutes if self.is_fresh(other) else 0
                missing = self.end(one) + self.minutes_between(one.place, other.place) + setup - other.start
                if missing > 0:
                    yield Violation(Rule.UNIT_MOVE, (one.scene, other.scene), name, day, missing)

    def _hours(self, unit: Unit, day: int, sheet: list[Placement]) -> Iterator[Violation]:
        begins = sheet[0].start - self.place[sheet[0].place].setup_minutes
        ends = max(self.end(each) for each in sheet)
        outside = max(unit.hours.start - begins, ends - unit.hours.end)
        if outside > 0:
            yield Violation(Rule.UNIT_HOURS, (sheet[-1].scene,), unit.id, day, outside)
        if ends - begins > unit.most_minutes:
            yield Violation(Rule.UNIT_LONG, (sheet[-1].scene,), unit.id, day, ends - begins - unit.most_minutes)

    def places(self) -> Iterator[Violation]:
        for one, other in combinations(self.all, 2):
            if (one.day, one.place) != (other.day, other.place) or one.unit == other.unit:
                continue
            if self.is_held(one) and self.is_held(other):
                continue
            first, second = (one, other) if one.start <= other.start else (other, one)
            setup = self.place[second.place].setup_minutes if self.is_fresh(second) else 0
            if second.start - setup < self.end(first):
                minutes = self.end(first) - second.start + setup
                yield Violation(Rule.PLACE_SHARED, (first.scene, second.scene), one.place, one.day, minutes)

    def _parts(self) -> dict[str, dict[int, list[tuple[Placement, Part]]]]:
        found: dict[str, dict[int, list[tuple[Placement, Part]]]] = {}
        for each in sorted(self.all, key=lambda one: (one.day, one.start)):
            for part in self.scene[each.scene].cast:
                found.setdefault(part.person, {}).setdefault(each.day, []).append((each, part))
        return found

    def people(self) -> Iterator[Violation]:
        for name, days in self._parts().items():
            person = self.person[name]
            for day, parts in days.items():
                if all(self.is_held(each) for each, _ in parts):
                    continue
                call = parts[0][0].start - person.makeup_minutes
                for number, (each, _) in enumerate(parts):
                    if self.is_held(each):
                        continue
                    begins = call if number == 0 else each.start
                    is_late = self.end(each) > person.latest
                    if begins < 0 or is_late or not _is_free(person.calendar, day, begins, self.end(each)):
                        yield Violation(Rule.PERSON_ABSENT, (each.scene,), name, day)
                over = max(self.end(each) for each, _ in parts) - call - person.limit_minutes
                if over > 0:
                    yield Violation(Rule.PERSON_LIMIT, tuple(each.scene for each, _ in parts), name, day, over)
                for (one, worn), (other, wear) in pairwise(parts):
                    if self.is_held(one) and self.is_held(other):
                        continue
                    change = person.change_minutes if worn.look != wear.look else 0
                    missing = self.end(one) + self.minutes_between(one.place, other.place) + change - other.start
                    if missing > 0:
                        yield Violation(Rule.PERSON_TWICE, (one.scene, other.scene), name, day, missing)

    def rests(self) -> Iterator[Violation]:
        days = self.problem.days
        for name, parts in self._parts().items():
            person = self.person[name]
            spans = [
                (day, found[0][0], max((each for each, _ in found), key=self.end))
                for day, found in sorted(parts.items())
            ]
            for (day, _, last), (after, first, _) in pairwise(spans):
                apart = (days[after].date - days[day].date).days * 1440 + first.start - self.end(last)
                apart -= person.makeup_minutes
                if apart < person.rest_minutes and not (self.is_held(last) and self.is_held(first)):
                    scenes = (parts[day][-1][0].scene, parts[after][0][0].scene)
                    yield Violation(Rule.PERSON_REST, scenes, name, after, person.rest_minutes - apart)
        for unit in self.problem.units:
            sheets = sorted((day, sheet) for (day, name), sheet in self.sheets.items() if name == unit.id)
            for (day, one), (after, other) in pairwise(sheets):
                begins = other[0].start - self.place[other[0].place].setup_minutes
                apart = (days[after].date - days[day].date).days * 1440 + begins - max(map(self.end, one))
                if apart < unit.rest_minutes and not (self.is_held(one[0]) and self.is_held(other[0])):
                    scenes = (one[-1].scene, other[0].scene)
                    yield Violation(Rule.UNIT_REST, scenes, unit.id, after, unit.rest_minutes - apart)

    def wishes(self) -> Iterator[Violation]:
        where = {each.scene: each for each in self.all}
        for wish in self.problem.wishes:
            found = [where[scene] for scene in wish.scenes if scene in where]
            if wish.weight_fen is not None:
                continue
            if wish.kind.is_about_days:
                yield from self._off_days(wish, found)
                continue
            if len(found) < len(wish.scenes):
                continue
            if all(map(self.is_held, found)):
                continue
            if not self._holds(wish.kind, found[0], found[-1]):
                yield Violation(Rule.WISH, wish.scenes, wish.kind.value, found[0].day)

    def _off_days(self, wish: Wish, found: list[Placement]) -> Iterator[Violation]:
        """Each scene on a date it is not to be shot on."""
        for each in found:
            day = self.problem.days[each.day]
            if not self.is_held(each) and (day.date in wish.dates) != (wish.kind is WishKind.ONLY_ON):
                yield Violation(Rule.WISH, (each.scene,), wish.kind.value, each.day, dates=wish.dates)

    def _holds(self, kind: WishKind, one: Placement, other: Placement) -> bool:
        sheet = self.sheets[one.day, one.unit]
        if kind is WishKind.SAME_DAY:
            return one.day == other.day
        if kind is WishKind.NOT_FIRST:
            return sheet.index(one) > 0
        if kind is WishKind.BEFORE:
            return one.day < other.day or (one.day == other.day and self.end(one) <= other.start)
        return other in sheet and sheet.index(other) - sheet.index(one) == 1


def _is_lit(light: Light, day: Day, start: int, end: int) -> bool:
    dark_again, first_light = day.sunset + TWILIGHT, day.sunrise - TWILIGHT
    if light is Light.DAY:
        return day.sunrise <= start and end <= day.sunset
    if light is Light.NIGHT:
        return end <= first_light or (start >= dark_again and end <= first_light + 1440)
    if light is Light.DAWN:
        return first_light <= start and end <= day.sunrise + GOLDEN
    if light is Light.DUSK:
        return day.sunset - GOLDEN <= start and end <= dark_again
    return True


def _is_free(calendar: Calendar | None, day: int, start: int, end: int) -> bool:
    if calendar is None:
        return start >= 0 and end <= LATEST
    return any(window.start <= start and end <= window.end for window in calendar[day])
