"""What a plan costs, term by term in fen: plain Python over placements, sharing nothing with the engines.

The terms, in the order they are shown:

``cast``     fees of the days people play;
``held``     fees of the days between their first and last without a scene;
``waiting``  ``wait_hour_fen`` for hours on the set between one's scenes;
``hire``     each stay at a place: from set-up to the last scene there, within one free window;
``moves``    ``set_move_fen`` for a change of set, ``site_move_fen`` for a change of site;
``crew``     ``day_fen`` for each unit's day;
``overtime`` of units, by started hour beyond ``day_minutes``;
``crowd``    the most heads of a kind on a day, by the day and started hour of overtime;
``late``     ``late_day_fen`` for each day the last scene is past the due day;
``wishes``   broken wishes that have a weight (of dates: once a scene), and penalties of second-best places.
"""

from __future__ import annotations

import itertools
from collections import defaultdict

from xiepai.planning.shoot.model import Placement, Plan, Problem
from xiepai.planning.shoot.values import ALWAYS, Place, Window, Wish, WishKind

TERMS = ("cast", "held", "waiting", "hire", "moves", "crew", "overtime", "crowd", "late", "wishes")


def cost(problem: Problem, plan: Plan) -> dict[str, int]:
    """Every term of a plan; scenes it leaves out cost nothing (the checker names them)."""
    reckoning = _Reckoning(problem, plan)
    return {term: getattr(reckoning, term)() for term in TERMS}


def met(problem: Problem, plan: Plan) -> tuple[bool | None, ...]:
    """Whether each wish of the problem is met; ``None`` while that depends on a scene that is not placed."""
    reckoning = _Reckoning(problem, plan)
    return tuple(reckoning.met(wish) for wish in problem.wishes)


class _Reckoning:
    """A plan beside its problem, looked up by id."""

    def __init__(self, problem: Problem, plan: Plan) -> None:
        self.problem, self.rows = problem, plan.rows()
        self.placements = plan.placements
        self.at = plan.by_scene()
        self.scenes = {each.id: each for each in problem.scenes}
        self.places = {each.id: each for each in problem.places}
        self.units = {each.id: each for each in problem.units}
        self.arrivals = {
            each.scene: self._arrival(each, before)
            for row in self.rows.values()
            for before, each in zip([None, *row], row, strict=False)
        }
        self.played: dict[str, dict[int, list[Placement]]] = defaultdict(lambda: defaultdict(list))
        for each in self.placements:
            for part in self.scenes[each.scene].cast:
                self.played[part.person][each.day].append(each)

    def _end(self, each: Placement) -> int:
        return each.start + self.scenes[each.scene].minutes

    def _window(self, place: Place, day: int, start: int) -> Window | None:
        """The free window a moment falls into; a stay is paid within one."""
        free = ALWAYS if place.calendar is None else place.calendar[day]
        return next((each for each in free if each.start <= start < each.end), None)

    def _arrival(self, each: Placement, before: Placement | None) -> int:
        """When the unit takes the place for a scene: with set-up, unless it stayed."""
        place = self.places[each.place]
        stayed = (
            before is not None
            and before.place == each.place
            and self._window(place, each.day, before.start) == self._window(place, each.day, each.start)
        )
        return each.start if stayed else each.start - place.setup_minutes

    def cast(self) -> int:
        return sum(person.day_fen * len(self.played[person.id]) for person in self.problem.people)

    def held(self) -> int:
        total = 0
        for person in self.problem.people:
            days = self.played[person.id]
            if days:
                total += person.waiting_fen * (max(days) - min(days) + 1 - len(days))
        return total

    def waiting(self) -> int:
        total = 0
        for days in self.played.values():
            for stays in days.values():
                span = max(map(self._end, stays)) - min(each.start for each in stays)
                idle = span - sum(self.scenes[each.scene].minutes for each in stays)
                total += max(0, idle) * self.problem.weights.wait_hour_fen // 60
        return total

    def hire(self) -> int:
        stays: dict[tuple[str, int, Window | None], list[Placement]] = defaultdict(list)
        for each in self.placements:
            window = self._window(self.places[each.place], each.day, each.start)
            stays[each.place, each.day, window].append(each)
        return sum(
            self.places[place].tariff.price_fen(
                max(map(self._end, found)) - min(self.arrivals[each.scene] for each in found)
            )
            for (place, _, _), found in stays.items()
        )

    def moves(self) -> int:
        total = 0
        for row in self.rows.values():
            for one, other in itertools.pairwise(row):
                if one.place != other.place:
                    same_site = self.places[one.place].site == self.places[other.place].site
                    weights = self.problem.weights
                    total += weights.set_move_fen if same_site else weights.site_move_fen
        return total

    def crew(self) -> int:
        return sum(self.units[unit].day_fen for _, unit in self.rows)

    def overtime(self) -> int:
        total = 0
        for (_, name), row in self.rows.items():
            unit = self.units[name]
            over = max(map(self._end, row)) - self.arrivals[row[0].scene] - unit.day_minutes
            total += unit.overtime_fen * -(-max(0, over) // 60)
        return total

    def crowd(self) -> int:
        kinds = {each.id: each for each in self.problem.crowds}
        called: dict[tuple[str, int], list[tuple[int, Placement]]] = defaultdict(list)
        for each in self.placements:
            for extras in self.scenes[each.scene].crowd:
                called[extras.kind, each.day].append((extras.heads, each))
        total = 0
        for (name, _), found in called.items():
            kind = kinds[name]
            over = max(self._end(each) for _, each in found) - min(each.start for _, each in found) - kind.day_minutes
            hours = -(-max(0, over) // 60)
            total += max(heads for heads, _ in found) * (kind.day_fen + kind.overtime_fen * hours)
        return total

    def late(self) -> int:
        if self.problem.due is None or not self.placements:
            return 0
        last = max(each.day for each in self.placements)
        return self.problem.weights.late_day_fen * max(0, last - self.problem.due)

    def wishes(self) -> int:
        broken = sum((wish.weight_fen or 0) * self.times_broken(wish) for wish in self.problem.wishes)
        return broken + sum(
            candidate.penalty_fen
            for each in self.placements
            for candidate in self.scenes[each.scene].candidates
            if candidate.place == each.place
        )

    def met(self, wish: Wish) -> bool | None:
        if self.times_broken(wish):
            return False
        return True if all(scene in self.at for scene in wish.scenes) else None

    def times_broken(self, wish: Wish) -> int:
        if not wish.kind.is_about_days:
            return int(not self.is_met(wish))
        found = [self.at[scene] for scene in wish.scenes if scene in self.at]
        return sum(not wish.allows(self.problem.days[each.day].date) for each in found)

    def is_met(self, wish: Wish) -> bool:
        found = [self.at.get(scene) for scene in wish.scenes]
        if None in found:
            return True
        one, other = found[0], found[-1]
        assert one is not None  # noqa: S101 - said above, for the type checker
        assert other is not None  # noqa: S101
        row = self.rows[one.day, one.unit]
        if wish.kind is WishKind.NOT_FIRST:
            return row[0].scene != one.scene
        if wish.kind is WishKind.SAME_DAY:
            return one.day == other.day
        if wish.kind is WishKind.BEFORE:
            return (one.day, self._end(one)) <= (other.day, other.start)
        return (one.day, one.unit) == (other.day, other.unit) and row.index(other) == row.index(one) + 1
