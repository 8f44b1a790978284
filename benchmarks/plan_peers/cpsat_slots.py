"""The other CP-SAT model of talent scheduling, by places: which cell stands where, who has come, who stays.

The product's own model is by pairs of cells; the benchmark takes the better of both.
"""

from __future__ import annotations

import time

from ortools.sat.python import cp_model

from xiepai.planning.talent.reduction import Part


def solve(part: Part, seconds: float, workers: int) -> tuple[list[int] | None, bool, float]:
    """The best order if there is one, whether it is proven, and the seconds the solver took."""
    model = cp_model.CpModel()
    cells, people = range(len(part.durations)), range(len(part.costs))
    is_at = [[model.new_bool_var("") for _ in cells] for _ in cells]
    for number in cells:
        model.add_exactly_one(is_at[number])
        model.add_exactly_one(is_at[cell][number] for cell in cells)
    came = [[model.new_bool_var("") for _ in cells] for _ in people]
    stays = [[model.new_bool_var("") for _ in cells] for _ in people]
    costs = []
    for one in people:
        mine = [cell for cell in cells if part.casts[cell] >> one & 1]
        for place in cells:
            for cell in mine:
                model.add_implication(is_at[cell][place], came[one][place])
                model.add_implication(is_at[cell][place], stays[one][place])
            if place:
                model.add_implication(came[one][place - 1], came[one][place])
                model.add_implication(stays[one][place], stays[one][place - 1])
            for cell in set(cells) - set(mine):
                waits = model.new_bool_var("")
                model.add_bool_or(
                    [is_at[cell][place].negated(), came[one][place].negated(), stays[one][place].negated(), waits]
                )
                costs.append((waits, part.costs[one] * part.durations[cell]))
    model.minimize(cp_model.LinearExpr.weighted_sum([w for w, _ in costs], [c for _, c in costs]))
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = workers
    solver.parameters.max_time_in_seconds = seconds
    began = time.perf_counter()
    status = solver.solve(model)
    took = time.perf_counter() - began
    if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return None, False, took
    found = [next(cell for cell in cells if solver.boolean_value(is_at[cell][place])) for place in cells]
    return found, status == cp_model.OPTIMAL, took
