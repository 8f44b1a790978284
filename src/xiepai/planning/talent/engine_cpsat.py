"""The order as a CP-SAT model over pairs. The only file of this core that imports OR-Tools.

A literal for each pair of cells (which comes first), made an order by forbidding rings of three; for each person and
each cell without them three literals: somebody of theirs came before, comes after, and so they wait. An order read
backwards costs the same, so the first pair is fixed.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from importlib.metadata import version
from itertools import combinations

from ortools.sat.python import cp_model

from xiepai.planning.talent.reduction import Part

ENGINE = f"ortools-cpsat {version('ortools')}"


class _Order:
    """The model of one part."""

    def __init__(self, part: Part) -> None:
        self.part = part
        self.model = cp_model.CpModel()
        count = len(part.durations)
        self.pairs = {
            (one, other): self.model.new_bool_var(f"b{one},{other}") for one, other in combinations(range(count), 2)
        }
        self.before: dict[tuple[int, int], cp_model.LiteralT] = {}
        for (one, other), literal in self.pairs.items():
            self.before[one, other], self.before[other, one] = literal, literal.negated()
        for a, b, c in combinations(range(count), 3):
            self.model.add_bool_or([self.before[b, a], self.before[c, b], self.before[a, c]])
            self.model.add_bool_or([self.before[a, b], self.before[b, c], self.before[c, a]])
        if count > 1:
            self.model.add_implication(self.before[1, 0], self.model.new_constant(0))
        self.waits = {
            (person, cell): self._waits(person, cell)
            for person in range(len(part.costs))
            for cell in range(count)
            if not part.casts[cell] >> person & 1
        }
        self.model.minimize(
            cp_model.LinearExpr.weighted_sum(
                list(self.waits.values()),
                [part.costs[person] * part.durations[cell] for person, cell in self.waits],
            )
        )

    def _waits(self, person: int, cell: int) -> cp_model.IntVar:
        mine = [other for other, cast in enumerate(self.part.casts) if cast >> person & 1]
        came, stays, waits = (self.model.new_bool_var(f"{kind}{person},{cell}") for kind in "csw")
        for other in mine:
            self.model.add_implication(self.before[other, cell], came)
            self.model.add_implication(self.before[cell, other], stays)
        self.model.add_bool_or([came.negated(), stays.negated(), waits])
        return waits

    def hint(self, order: list[int]) -> None:
        """Start the search from an order, turned round if the fixed pair wants it so."""
        place = {cell: at for at, cell in enumerate(order)}
        turned = place[0] > place[1]
        for (one, other), literal in self.pairs.items():
            self.model.add_hint(literal, (place[one] < place[other]) != turned)

    def read(self, value: Callable[[cp_model.LiteralT], bool]) -> list[int]:
        """The order of an answer."""
        count = len(self.part.durations)
        return sorted(range(count), key=lambda c: sum(value(self.before[o, c]) for o in range(count) if o != c))


def search(
    part: Part,
    *,
    seconds: float,
    seed: int,
    hint: list[int],
    effort: float | None = None,
    workers: int = 1,
    found: Callable[[list[int], int], bool] = lambda order, bound: True,
) -> tuple[list[int] | None, int]:
    """The best order found and a bound of the waiting.

    ``effort`` limits the work by the solver's own measure, the same on every machine; ``found`` hears of each better
    order and the bound at that time, and stops the search by answering ``False``.
    """
    order = _Order(part)
    order.hint(hint)
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = workers
    solver.parameters.random_seed = seed & 0x7FFFFFFF
    solver.parameters.max_time_in_seconds = max(seconds, 0.01)
    if effort is not None:
        solver.parameters.max_deterministic_time = effort

    class Listener(cp_model.CpSolverSolutionCallback):
        def on_solution_callback(self) -> None:
            if not found(order.read(self.boolean_value), math.ceil(self.best_objective_bound - 1e-6)):
                self.stop_search()

    status = solver.solve(order.model, Listener())
    bound = max(math.ceil(solver.best_objective_bound - 1e-6), 0)
    if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return None, bound if status == cp_model.UNKNOWN else 0
    return order.read(solver.boolean_value), bound
