"""``solve``: hands the problem to the engine and believes nothing it says without computing it again."""

from __future__ import annotations

import time

from xiepai.planning.choice import objective
from xiepai.planning.choice.model import Level, Limits, Problem, Result, Status


class CheckError(AssertionError):
    """The engine's answer does not hold, or is not worth what the engine says."""


def solve(problem: Problem, *, limits: Limits | None = None, seed: int = 0) -> Result:
    """The best choice found within *limits*; the same answer for the same problem and seed.

    The engine runs one worker, so that only a time limit that bites can make two runs differ. The status is
    ``optimal`` when every level is proven, ``infeasible`` when the required needs cannot be met together,
    ``unknown`` when neither an answer nor a proof was found in time.
    """
    from xiepai.planning.choice.engine_cpsat import ENGINE, run  # late: importing OR-Tools takes seconds

    began = time.monotonic()
    answer = run(problem, limits=limits or Limits(), seed=seed)
    seconds = time.monotonic() - began
    if answer.chosen is None:
        status = Status.INFEASIBLE if answer.is_infeasible else Status.UNKNOWN
        return Result(status, {}, (), seed, ENGINE, seconds)
    reason = objective.clash(problem, answer.chosen)
    if reason:
        raise CheckError(f"the engine's answer clashes: {reason}")
    left_out = [need.key for need in problem.needs if need.is_required and need.key not in answer.chosen]
    if left_out:
        raise CheckError(f"the engine left out required needs: {left_out}")
    levels = []
    for (name, value, more), claimed in zip(objective.levels(problem, answer.chosen), answer.levels, strict=True):
        if claimed.value is not None and claimed.value != value:
            raise CheckError(f"{name}: the engine says {claimed.value}, it is {value}")
        levels.append(Level(name, value, claimed.bound, more))
    proven = all(level.is_proven for level in levels)
    return Result(Status.OPTIMAL if proven else Status.FEASIBLE, answer.chosen, tuple(levels), seed, ENGINE, seconds)
