"""What no plan can beat, by CP-SAT: a relaxation that gives scenes days, units and places, but no times.

Every term is counted from below: people from their first day to their last, hire by the minutes shot, moves by the
places a unit visits, overtime by its load, crowds by the most heads of a day. Waiting on the set is left out. Where a
plan exists its cost is therefore never under the bound. The only file of this core that imports OR-Tools.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from importlib.metadata import version
from typing import Any, Protocol

from ortools.sat.python import cp_model

from xiepai.planning.shoot import light, slots
from xiepai.planning.shoot.arrays import LIGHTS, Memory
from xiepai.planning.shoot.floor import cheapest
from xiepai.planning.shoot.model import Plan, Problem
from xiepai.planning.shoot.values import Person, WishKind

ENGINE = f"ortools-cpsat {version('ortools')}"
MOST_LITERALS = 40000
Expression = Any


class Relaxation:
    """The model; ``terms`` holds each term's lower bound as an expression."""

    def __init__(self, problem: Problem, memory: Memory) -> None:
        self.problem, self.memory = problem, memory
        self.model = cp_model.CpModel()
        self.days, self.units = range(len(problem.days)), range(len(problem.units))
        self.fixed = {each.scene: each for each in problem.fixed}
        self.terms: dict[str, Expression] = {}
        self.at: dict[tuple[int, int, int, int], Expression] = {}  # scene, place, day, unit
        self.on: dict[tuple[int, int], Expression] = {}  # scene, day
        self._assign()
        self._people()
        self._units_and_places()
        self._crowds()
        self._wishes()
        self.model.minimize(sum(self.terms.values()))

    def _assign(self) -> None:
        problem, memory = self.problem, self.memory
        unit_number = {each.id: number for number, each in enumerate(problem.units)}
        place_number = {each.id: number for number, each in enumerate(problem.places)}
        penalties: list[Expression] = []
        for s, scene in enumerate(problem.scenes):
            mine = []
            if scene.id in self.fixed:
                each = self.fixed[scene.id]
                self.at[s, place_number[each.place], each.day, unit_number[each.unit]] = 1
                self.on[s, each.day] = 1
                penalties += [one.penalty_fen for one in scene.candidates if one.place == each.place]
                continue
            by_day: dict[int, list[cp_model.IntVar]] = {}
            for c in range(memory.cand_ptr[s], memory.cand_ptr[s + 1]):
                k, penalty = int(memory.cand_place[c]), scene.candidates[c - memory.cand_ptr[s]].penalty_fen
                for d in self.days:
                    for u in self.units:
                        if memory.allow[c, d, u]:
                            literal = self.model.new_bool_var("")
                            self.at[s, k, d, u] = literal
                            by_day.setdefault(d, []).append(literal)
                            mine.append(literal)
                            penalties.append(penalty * literal)
            self.model.add_exactly_one(mine)
            for d, literals in by_day.items():
                self.on[s, d] = sum(literals) if len(literals) > 1 else literals[0]
        self.terms["wishes"] = sum(penalties)

    def _people(self) -> None:
        cast, held = [], []
        for person in self.problem.people:
            scenes = [s for s, each in enumerate(self.problem.scenes) if person.id in {one.person for one in each.cast}]
            if not scenes:
                continue
            plays = [self.model.new_bool_var("") for _ in self.days]
            begun = [self.model.new_bool_var("") for _ in self.days]
            goes_on = [self.model.new_bool_var("") for _ in self.days]
            for d in self.days:
                for s in scenes:
                    if (s, d) in self.on:
                        self.model.add(self.on[s, d] <= plays[d])
                self.model.add(plays[d] <= begun[d])
                self.model.add(plays[d] <= goes_on[d])
                if d:
                    self.model.add(begun[d - 1] <= begun[d])
                    self.model.add(goes_on[d] <= goes_on[d - 1])
                self._day_of(person, d, scenes, plays[d])
            days = sum(plays)
            span = sum(begun) + sum(goes_on) - len(self.days)
            self.model.add(span >= days)
            cast.append(person.day_fen * days)
            held.append(person.waiting_fen * (span - days))
        self.terms["cast"], self.terms["held"] = sum(cast), sum(held)

    def _day_of(self, person: Person, d: int, scenes: list[int], plays: cp_model.IntVar) -> None:
        """What a person's day holds of scenes that may still be moved; a settled one is taken as it is."""
        fixed = {s for s in scenes if self.problem.scenes[s].id in self.fixed}
        mine = [s for s in scenes if s not in fixed and (s, d) in self.on]
        if not mine:
            return
        windows = person.calendar[d] if person.calendar is not None else None
        free = 1440 if windows is None else sum(each.end - each.start for each in windows)
        is_made_up = any((s, d) in self.on for s in fixed)  # for the settled scene, perhaps out of these hours
        room = min(free - (0 if is_made_up else person.makeup_minutes), person.limit_minutes - person.makeup_minutes,
                   self._longest())  # fmt: skip
        load = sum(self.problem.scenes[s].minutes * self.on[s, d] for s in mine)
        self.model.add(load <= max(0, room) * plays)

    def _longest(self) -> int:
        """The most minutes a person can be shot: from the first unit's opening to the last one's close."""
        units = self.problem.units
        return max(each.hours.end for each in units) - min(each.hours.start for each in units)

    def _units_and_places(self) -> None:
        problem = self.problem
        hire, moves, crew, overtime = [], [], [], []
        least_move = min(problem.weights.set_move_fen, problem.weights.site_move_fen)
        least_travel = min([problem.travel.inside_minutes, problem.travel.sites_minutes]
                           + [each[2] for each in problem.travel.between])  # fmt: skip
        works: dict[int, list[cp_model.IntVar]] = {d: [] for d in self.days}
        used: dict[tuple[int, int], list[Expression]] = {}
        for d in self.days:
            for u, unit in enumerate(problem.units):
                is_out = self.model.new_bool_var("")
                works[d].append(is_out)
                visits, load = [], 0
                for k, place in enumerate(problem.places):
                    mine = [(s, x) for (s, q, e, v), x in self._at(k, d, u)]
                    if not mine:
                        continue
                    visit = self.model.new_bool_var("")
                    for _, literal in mine:
                        self.model.add(literal <= visit)
                    visits.append(visit)
                    used.setdefault((k, d), []).append(visit)
                    load += sum(problem.scenes[s].minutes * x for s, x in mine) + place.setup_minutes * visit
                for visit in visits:
                    self.model.add(visit <= is_out)
                stops = sum(visits) if visits else 0
                further = self.model.new_int_var(0, len(problem.places), "")
                self.model.add(further >= stops - 1)
                hours = self.model.new_int_var(0, 48, "")
                self.model.add(load + least_travel * further <= unit.day_minutes + 60 * hours)
                if not problem.days[d].holds(unit.id):
                    room = min(unit.most_minutes, unit.hours.end - unit.hours.start)
                    self.model.add(load + least_travel * further <= room * is_out)
                    self._light(d, u)
                moves.append(least_move * further)
                crew.append(unit.day_fen * is_out)
                overtime.append(unit.overtime_fen * hours)
        for (k, d), visits in used.items():
            hire.append(self._hire(k, d, visits))
        self.terms["hire"], self.terms["moves"] = sum(hire), sum(moves)
        self.terms["crew"], self.terms["overtime"] = sum(crew), sum(overtime)
        self.terms["late"] = self._late(works)

    def _at(self, k: int, d: int, u: int) -> list[tuple[tuple[int, int, int, int], Expression]]:
        if not hasattr(self, "_by_row"):
            self._by_row: dict[tuple[int, int, int], list[tuple[tuple[int, int, int, int], Expression]]] = {}
            for key, literal in self.at.items():
                self._by_row.setdefault(key[1:], []).append((key, literal))
        return self._by_row.get((k, d, u), [])

    def _light(self, d: int, u: int) -> None:
        """Scenes of one light fit together into a unit's hours of that light."""
        problem, unit = self.problem, self.problem.units[u]
        windows = self.memory.table(slots.WINDOWS)
        for number, needed in list(enumerate(LIGHTS))[1:]:
            room = sum(
                max(0, min(end, unit.hours.end) - max(start, unit.hours.start)) for start, end in windows[number, d]
            )
            load = []
            for s, scene in enumerate(problem.scenes):
                for c in range(self.memory.cand_ptr[s], self.memory.cand_ptr[s + 1]):
                    key = (s, int(self.memory.cand_place[c]), d, u)
                    place = problem.places[key[1]]
                    if key in self.at and light.needed(scene, place) is needed:
                        load.append(scene.minutes * self.at[key])
            if load:
                self.model.add(sum(load) <= int(room))

    def _hire(self, k: int, d: int, visits: list[Expression]) -> Expression:
        place = self.problem.places[k]
        least, per_minute = cheapest(place)
        fen = self.model.new_int_var(0, 10**9, "")
        taken = self.model.new_bool_var("")
        for visit in visits:
            self.model.add(visit <= taken)
        minutes = sum(self.problem.scenes[s].minutes * x for u in self.units for (s, _, _, _), x in self._at(k, d, u))
        self.model.add(fen >= least * taken)
        self.model.add(1000 * fen >= math.floor(1000 * per_minute) * minutes)
        return fen

    def _late(self, works: dict[int, list[cp_model.IntVar]]) -> Expression:
        problem = self.problem
        if problem.due is None or not problem.weights.late_day_fen:
            return 0
        late = self.model.new_int_var(0, len(problem.days), "")
        for d in self.days:
            for is_out in works[d]:
                self.model.add(late >= (d - problem.due) * is_out)
        return problem.weights.late_day_fen * late

    def _crowds(self) -> None:
        found = []
        for kind in self.problem.crowds:
            for d in self.days:
                calls = [
                    (each.heads, self.on[s, d])
                    for s, scene in enumerate(self.problem.scenes)
                    for each in scene.crowd
                    if each.kind == kind.id and (s, d) in self.on
                ]
                if calls:
                    heads = self.model.new_int_var(0, max(each for each, _ in calls), "")
                    for number, literal in calls:
                        self.model.add(heads >= number * literal)
                    found.append(kind.day_fen * heads)
        self.terms["crowd"] = sum(found)

    def _wishes(self) -> None:
        number = {each.id: s for s, each in enumerate(self.problem.scenes)}
        costs: list[Expression] = [self.terms["wishes"]]
        for wish in self.problem.wishes:
            if wish.kind.is_about_days:  # musts are in ``allow``
                fen = wish.weight_fen or 0
                off = [d for d in self.days if not wish.allows(self.problem.days[d].date)]
                costs += [fen * self.on[number[each], d] for each in wish.scenes for d in off
                          if (number[each], d) in self.on]  # fmt: skip
                continue
            if wish.kind is WishKind.NOT_FIRST or set(wish.scenes) <= set(self.fixed):
                continue
            one, other = (number[each] for each in wish.scenes)
            broken: Expression = 0
            if wish.weight_fen is not None:
                broken = self.model.new_bool_var("")
                costs.append(wish.weight_fen * broken)
            if wish.kind is WishKind.BEFORE:
                first = sum(d * self.on[one, d] for d in self.days if (one, d) in self.on)
                second = sum(d * self.on[other, d] for d in self.days if (other, d) in self.on)
                self.model.add(first <= second + len(self.days) * broken)
                continue
            for d in self.days:
                self.model.add(self.on.get((one, d), 0) <= self.on.get((other, d), 0) + broken)
        self.terms["wishes"] = sum(costs)


class Bound:
    """The relaxation being solved; read :attr:`fen` while it runs."""

    def __init__(self, problem: Problem, memory: Memory, seed: int) -> None:
        self.fen, self._seed = 0, seed
        self.is_infeasible = self.is_stopped = False
        self.terms: dict[str, int] = {}
        self.plan: Plan | None = None
        self._solver = cp_model.CpSolver()
        self._solver.parameters.num_workers = 1
        self._solver.parameters.random_seed = seed
        self._solver.parameters.linearization_level = 2
        self._solver.best_bound_callback = self._better
        self._relaxation: Relaxation | None = None
        if memory.allow.sum() <= MOST_LITERALS:
            self._relaxation = Relaxation(problem, memory)

    def _better(self, bound: float) -> None:
        self.fen = max(self.fen, math.ceil(bound - 1e-6))

    def run(self, seconds: float, *, is_work: bool = False, on_done: Callable[[], None] | None = None) -> None:
        """Solve for a time; ``is_work`` counts CP-SAT's deterministic time instead of the clock's."""
        if self._relaxation is None or self.is_stopped:
            return
        if is_work:
            self._solver.parameters.max_deterministic_time = seconds
        else:
            self._solver.parameters.max_time_in_seconds = seconds
        status = self._solver.solve(self._relaxation.model)
        self.is_infeasible = status == cp_model.INFEASIBLE
        if status in (cp_model.OPTIMAL, cp_model.FEASIBLE):
            self._better(self._solver.best_objective_bound)
        if status == cp_model.OPTIMAL:
            self.terms = {term: int(self._solver.value(each)) for term, each in self._relaxation.terms.items()}
        if on_done is not None:
            on_done()

    def refute(self, model: cp_model.CpModel, work: float) -> None:
        """See whether a model that every plan satisfies has a solution at all, for some of CP-SAT's own time."""
        optimising, self._solver = self._solver, cp_model.CpSolver()
        self._solver.parameters.num_workers = 1
        self._solver.parameters.max_deterministic_time = work
        if not self.is_stopped:
            self.is_infeasible = self._solver.solve(model) == cp_model.INFEASIBLE
        self._solver = optimising

    def whole(self, exact: Whole, seconds: float, *, is_work: bool) -> None:
        """Solve a small problem with its minutes; its plans are left in :attr:`plan`, the best last."""
        if self.is_stopped:
            return
        self._solver = solver = cp_model.CpSolver()
        solver.parameters.num_workers = 1
        solver.parameters.random_seed = self._seed
        solver.parameters.linearization_level = 2
        if is_work:
            solver.parameters.max_deterministic_time = seconds
        else:
            solver.parameters.max_time_in_seconds = seconds
        solver.best_bound_callback = self._better
        status = solver.solve(exact.model, _Heard(self, exact))
        if status == cp_model.INFEASIBLE:
            self.is_infeasible = exact.below is None
            self.fen = max(self.fen, exact.below or 0)
        elif status in (cp_model.OPTIMAL, cp_model.FEASIBLE):
            self._better(solver.best_objective_bound)

    def stop(self) -> None:
        """End the run soon."""
        self.is_stopped = True
        self._solver.stop_search()


class Whole(Protocol):
    """A model with minutes (``engine_exact``): what it must be cheaper than, and the plan of a solution."""

    model: cp_model.CpModel
    below: int | None

    def plan(self, solver: Any) -> Plan:
        """Read a solution."""


class _Heard(cp_model.CpSolverSolutionCallback):
    """Keeps the plan of every better solution."""

    def __init__(self, bound: Bound, exact: Whole) -> None:
        super().__init__()
        self.bound, self.exact = bound, exact

    def on_solution_callback(self) -> None:
        self.bound.plan = self.exact.plan(self)


__all__ = ["Bound", "Relaxation", "cp_model"]
