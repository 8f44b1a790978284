"""The choice as a CP-SAT model, solved level by level. The only file of this core that imports OR-Tools.

A literal an option, at most one a need. On an exclusive leaf the stretched uses ``[start − before, end)`` must
be pairwise apart and so must ``[start, end + after)``: two families of intervals, and intervals that pairwise
meet share a point, so "at most one" at every start says it all (interval graphs are perfect; Golumbic 1980).
On a counted leaf the units that cover each start stay within what others left free.
"""

from __future__ import annotations

import math
import time
from collections.abc import Hashable, Iterator
from dataclasses import dataclass
from importlib.metadata import version

from ortools.sat.python import cp_model

from xiepai.planning.choice.greedy import construct
from xiepai.planning.choice.model import Leaf, Limits, Problem, Use
from xiepai.planning.choice.objective import priorities

ENGINE = f"ortools-cpsat {version('ortools')}"


@dataclass(frozen=True, slots=True)
class Claim:
    """What the engine says of one level; ``None`` where it did not get that far."""

    value: int | None
    bound: int | None


@dataclass(frozen=True, slots=True)
class Answer:
    """The engine's last answer, to be checked by the caller."""

    chosen: dict[Hashable, Hashable] | None
    levels: tuple[Claim, ...]
    is_infeasible: bool = False


class _Choice:
    """The CP-SAT model of one problem."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.model = cp_model.CpModel()
        self.literals = [
            [self.model.new_bool_var(f"n{n}o{o}") for o in range(len(need.options))]
            for n, need in enumerate(problem.needs)
        ]
        for need, literals in zip(problem.needs, self.literals, strict=True):
            if need.is_required:
                self.model.add_exactly_one(literals)
            else:
                self.model.add_at_most_one(literals)
        for leaf in problem.leaves:
            self._keep_apart(leaf)

    def _uses_of(self, leaf: Leaf) -> list[tuple[Use, cp_model.IntVar | None]]:
        found: list[tuple[Use, cp_model.IntVar | None]] = [(use, None) for use in leaf.taken]
        for need, literals in zip(self.problem.needs, self.literals, strict=True):
            for option, literal in zip(need.options, literals, strict=True):
                found += [(use, literal) for use in option.uses if use.leaf == leaf.id]
        return found

    def _keep_apart(self, leaf: Leaf) -> None:
        uses = self._uses_of(leaf)
        if leaf.capacity > 1:
            self._limit(leaf.capacity, [(use.start, use.released, use.units, literal) for use, literal in uses])
            return
        self._limit(1, [(use.start - use.before, use.end, 1, literal) for use, literal in uses])
        self._limit(1, [(use.start, use.end + use.after, 1, literal) for use, literal in uses])

    def _limit(self, capacity: int, spans: list[tuple[int, int, int, cp_model.IntVar | None]]) -> None:
        known: set[tuple[tuple[int, int], ...]] = set()
        for moment in sorted({start for start, *_ in spans}):
            covering = [(units, literal) for start, end, units, literal in spans if start <= moment < end]
            free = capacity - sum(units for units, literal in covering if literal is None)
            mine = [(units, literal) for units, literal in covering if literal is not None]
            shape = tuple(sorted((units, literal.index) for units, literal in mine))
            if shape in known and free == capacity:
                continue
            if free == capacity:
                known.add(shape)
            self._at_most(max(free, 0), mine)

    def _at_most(self, free: int, mine: list[tuple[int, cp_model.IntVar]]) -> None:
        if sum(units for units, _ in mine) <= free:
            return
        if all(units == 1 for units, _ in mine) and free == 1:
            self.model.add_at_most_one(literal for _, literal in mine)
        else:
            self.model.add(sum(units * literal for units, literal in mine) <= free)

    def aims(self) -> Iterator[tuple[cp_model.LinearExprT, bool]]:
        """The objective of each level in order, and whether it is maximised."""
        for priority in priorities(self.problem):
            yield (
                cp_model.LinearExpr.sum(
                    [
                        literal
                        for need, literals in zip(self.problem.needs, self.literals, strict=True)
                        if need.priority == priority
                        for literal in literals
                    ]
                ),
                True,
            )
        pairs = [
            (option, literal)
            for need, literals in zip(self.problem.needs, self.literals, strict=True)
            for option, literal in zip(need.options, literals, strict=True)
        ]
        price = cp_model.LinearExpr.weighted_sum([x for _, x in pairs], [option.price_fen for option, _ in pairs])
        yield price + self._moves(), False
        yield cp_model.LinearExpr.weighted_sum([x for _, x in pairs], [option.preference for option, _ in pairs]), True

    def _moves(self) -> cp_model.LinearExpr | int:
        if not self.problem.move_fen:
            return 0
        sites: dict[Hashable, dict[Hashable, list[cp_model.IntVar]]] = {}
        for need, literals in zip(self.problem.needs, self.literals, strict=True):
            for option, literal in zip(need.options, literals, strict=True):
                for day, site in sorted(option.visits, key=repr):
                    sites.setdefault(day, {}).setdefault(site, []).append(literal)
        counted: list[cp_model.IntVar] = []
        signs: list[int] = []
        for number, found in enumerate(sites.values()):
            visited = []
            for place, literals in enumerate(found.values()):
                is_there = self.model.new_bool_var(f"d{number}s{place}")
                self.model.add_max_equality(is_there, literals)
                visited.append(is_there)
            is_out = self.model.new_bool_var(f"d{number}")
            self.model.add_max_equality(is_out, visited)
            counted += [*visited, is_out]
            signs += [*([self.problem.move_fen] * len(visited)), -self.problem.move_fen]
        return cp_model.LinearExpr.weighted_sum(counted, signs) if counted else 0

    def hint(self, chosen: dict[Hashable, Hashable]) -> None:
        """Start the next search from this answer."""
        self.model.clear_hints()
        for need, literals in zip(self.problem.needs, self.literals, strict=True):
            for option, literal in zip(need.options, literals, strict=True):
                self.model.add_hint(literal, int(chosen.get(need.key) == option.key))

    def read(self, solver: cp_model.CpSolver) -> dict[Hashable, Hashable]:
        """The answer the solver holds."""
        return {
            need.key: option.key
            for need, literals in zip(self.problem.needs, self.literals, strict=True)
            for option, literal in zip(need.options, literals, strict=True)
            if solver.boolean_value(literal)
        }


def run(problem: Problem, *, limits: Limits, seed: int) -> Answer:
    """Solve level after level, each holding the values of those before it, until the time is over."""
    deadline = time.monotonic() + limits.seconds
    choice = _Choice(problem)
    chosen = construct(problem)
    required = [need.key for need in problem.needs if need.is_required]
    best = chosen if all(key in chosen for key in required) else None
    claims: list[Claim] = []
    is_stopped = False
    aims = list(choice.aims())
    for number, (aim, is_maximised) in enumerate(aims, 1):
        left = deadline - time.monotonic()
        if number == len(aims):
            left = min(left, limits.fit_seconds)
        if is_stopped or left <= 0:
            claims.append(Claim(None, None))
            continue
        choice.hint(best or chosen)
        (choice.model.maximize if is_maximised else choice.model.minimize)(aim)
        solver = _solver(left, seed)
        status = solver.solve(choice.model)
        if status == cp_model.INFEASIBLE:
            return Answer(None, (), is_infeasible=True)
        if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
            claims.append(Claim(None, None))
            is_stopped = True
            continue
        best = choice.read(solver)
        value = round(solver.objective_value)
        claims.append(Claim(value, _bound(solver, is_maximised)))
        is_stopped = status != cp_model.OPTIMAL
        choice.model.add(aim >= value if is_maximised else aim <= value)
    return Answer(best, tuple(claims))


def _solver(seconds: float, seed: int) -> cp_model.CpSolver:
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.linearization_level = 2  # moves are implications; measured: 1.4 s to proof instead of > 20 s
    solver.parameters.random_seed = seed
    solver.parameters.max_time_in_seconds = seconds
    return solver


def _bound(solver: cp_model.CpSolver, is_maximised: bool) -> int:
    bound = solver.best_objective_bound
    return math.floor(bound + 1e-6) if is_maximised else math.ceil(bound - 1e-6)
