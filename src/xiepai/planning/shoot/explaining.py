"""Why a scene stands where it stands, and what another day would buy: answers by trying, in fen.

:func:`why` moves one scene to every other day, leaving the rest in order, and says what the best such plan would cost
more, or which rule forbids it. It does not plan the rest anew: a day may look dear that a new plan would make cheap.
:func:`one_more_day` does plan anew.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta

from xiepai.planning.shoot import arrays, checker, objective
from xiepai.planning.shoot.checker import Rule, Violation
from xiepai.planning.shoot.engine_numba.changing import compute_days, undo
from xiepai.planning.shoot.engine_numba.inserting import try_on
from xiepai.planning.shoot.model import Limits, Plan, Problem, Result
from xiepai.planning.shoot.solving import solve
from xiepai.planning.shoot.sun import sun
from xiepai.planning.shoot.values import Calendar, Unit, Window, Wish


@dataclass(frozen=True, slots=True)
class Alternative:
    """The scene on another day: what it would cost more (term by term), or the rules that forbid it."""

    day: int
    more: dict[str, int]
    plan: Plan | None
    forbidden: tuple[Violation, ...] = ()

    @property
    def more_fen(self) -> int | None:
        """The difference, ``None`` when the day is forbidden."""
        return None if self.forbidden else sum(self.more.values())


def why(problem: Problem, plan: Plan, scene: str) -> tuple[Alternative, ...]:
    """For every day: the plan with the scene at its best position there and the rest in order, or what forbids it.

    Runs the search's own lines in plain Python: a page can ask without compiling or importing anything.
    """
    here = plan.by_scene()[scene]
    trial = _Trial(_tolerant(problem, plan, scene), plan, scene)
    return tuple(trial.on(day) for day in range(len(problem.days)) if day != here.day)


def _tolerant(problem: Problem, plan: Plan, scene: str) -> Problem:
    """The problem without the musts about dates that other scenes of the plan break: they stay where they stand."""
    at = {each.scene: problem.days[each.day].date for each in plan.placements if each.scene != scene}

    def kept(wish: Wish) -> Wish | None:
        if wish.weight_fen is not None or not wish.kind.is_about_days:
            return wish
        scenes = tuple(each for each in wish.scenes if each not in at or wish.allows(at[each]))
        return replace(wish, scenes=scenes) if scenes else None

    return replace(problem, wishes=tuple(each for wish in problem.wishes if (each := kept(wish)) is not None))


class _Trial:
    """A plan with one scene out, to be tried on one day after the other."""

    def __init__(self, problem: Problem, plan: Plan, scene: str) -> None:
        self.problem, self.scene = problem, scene
        self.number = next(s for s, each in enumerate(problem.scenes) if each.id == scene)
        self.memory = arrays.pack(problem)
        as_it_is = self._computed(plan)
        self.base = objective.cost(problem, as_it_is if len(as_it_is.placements) == len(plan.placements) else plan)
        self.standing = {_about(each): each.minutes for each in checker.check(problem, as_it_is)}
        self._computed(Plan(tuple(each for each in plan.placements if each.scene != scene)))

    def _computed(self, plan: Plan) -> Plan:
        """The plan with the times the search would give it, so that like is compared with like."""
        arrays.fill(self.problem, self.memory, plan)
        self.cells = self.memory.cells.tolist()  # lists are the quicker arrays in plain Python
        compute_days(self.cells)
        return self._read()

    def _read(self) -> Plan:
        self.memory.cells[:] = self.cells
        return arrays.read(self.problem, self.memory)

    def on(self, day: int) -> Alternative:
        """The scene on one day."""
        reasons = forbidding(self.problem, self.scene, day)
        if reasons or not try_on.plain(self.cells, self.number, day):
            return Alternative(day, {}, None, reasons or (Violation(Rule.LIGHT, (self.scene,), "", day),))
        moved = self._read()
        undo(self.cells)
        broken = tuple(each for each in checker.check(self.problem, moved) if self._is_new(each))
        if broken:
            return Alternative(day, {}, None, broken)
        cost = objective.cost(self.problem, moved)
        more = {term: cost[term] - self.base[term] for term in cost if cost[term] != self.base[term]}
        return Alternative(day, more, moved)

    def _is_new(self, each: Violation) -> bool:
        """Whether the move broke it, or made it worse: what is broken anyway forbids no day."""
        return each.minutes > self.standing.get(_about(each), -1)


def _about(each: Violation) -> tuple[object, ...]:
    return each.rule, each.scenes, each.subject, each.day


def forbidding(problem: Problem, scene: str, day: int) -> tuple[Violation, ...]:
    """The rules that keep a scene from a day whatever else is planned: locks, calendars, light, musts about dates."""
    found: list[Violation] = []
    mine = next(each for each in problem.scenes if each.id == scene)
    lock = next((each for each in problem.locks if each.scene == scene), None)
    if all(problem.days[day].holds(unit.id) for unit in problem.units):
        found.append(Violation(Rule.FROZEN, (scene,), "", day))
    if lock is not None and lock.day not in (None, day):
        found.append(Violation(Rule.LOCK, (scene,), "", day))
    found += [
        Violation(Rule.WISH, (scene,), each.kind.value, day, dates=each.dates)
        for each in problem.wishes
        if each.weight_fen is None and scene in each.scenes and not each.allows(problem.days[day].date)
    ]
    units = [unit for unit in problem.units if unit.days is None or day in unit.days]
    if not units:
        found.append(Violation(Rule.UNIT_ABSENT, (scene,), "", day))
    for part in mine.cast:
        person = next(each for each in problem.people if each.id == part.person)
        if person.calendar is not None and not _has_room(person.calendar[day], mine.minutes):
            found.append(Violation(Rule.PERSON_ABSENT, (scene,), person.id, day))
    places = [each for each in problem.places if each.id in {one.place for one in mine.candidates}]
    if all(each.calendar is not None and not _has_room(each.calendar[day], mine.minutes) for each in places):
        found += [Violation(Rule.PLACE_CLOSED, (scene,), each.id, day) for each in places]
    return tuple(found)


def _has_room(windows: tuple[Window, ...], minutes: int) -> bool:
    return any(each.end - each.start >= minutes for each in windows)


def with_day(problem: Problem, *, latitude: float = 31.70, longitude: float = 119.94) -> Problem:
    """The problem with the day after the last one, on which everybody and every place is taken to be free."""
    last = problem.days[-1]
    on = last.date + timedelta(days=1)
    day = replace(last, date=on, is_frozen=False, locked=frozenset())
    day = replace(day, sunrise=sun(on, latitude, longitude)[0], sunset=sun(on, latitude, longitude)[1])

    def longer(calendar: Calendar | None) -> Calendar | None:
        return None if calendar is None else (*calendar, (Window(0, 1800),))

    def more(unit: Unit) -> Unit:
        return unit if unit.days is None else replace(unit, days=unit.days | {len(problem.days)})

    return replace(
        problem,
        days=(*problem.days, day),
        units=tuple(more(each) for each in problem.units),
        places=tuple(replace(each, calendar=longer(each.calendar)) for each in problem.places),
        people=tuple(replace(each, calendar=longer(each.calendar)) for each in problem.people),
    )


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two plans, and what the second costs more, term by term (negative: saves)."""

    before: Result
    after: Result
    more: dict[str, int]


def one_more_day(problem: Problem, result: Result, *, limits: Limits | None = None, seed: int = 0) -> Comparison:
    """Plan anew with one day more, from the plan at hand."""
    after = solve(with_day(problem), limits=limits, seed=seed, start=result.plan)
    more = {term: after.terms[term] - result.terms[term] for term in after.terms if term in result.terms}
    return Comparison(result, after, more)


__all__ = ["Alternative", "Comparison", "forbidding", "one_more_day", "why", "with_day"]
