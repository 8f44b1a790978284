"""Why there is no plan: the smallest set of wishes and limits that cannot hold together, found by CP-SAT.

The model asks only whether scenes can be given days, units and places; it knows no minutes of a day but sums. What it
calls impossible is impossible; what it lets pass may still fail in its hours (status ``unknown``, with violations).
Every reason carries a literal; CP-SAT names a sufficient set, a deletion filter makes it minimal: leave out any one
of what remains and the rest can hold.
"""

from __future__ import annotations

from xiepai.planning.shoot.model import Problem
from xiepai.planning.shoot.reasons import Kind, Reason

__all__ = ["Kind", "Reason", "conflict"]


def conflict(problem: Problem) -> tuple[Reason, ...] | None:
    """The smallest conflict, sorted; ``None`` when scenes can be given days, units and places.

    An empty tuple: no reason that could be lifted is to blame (all days are frozen).
    """
    from xiepai.planning.shoot.engine_musts import Musts  # late: importing OR-Tools takes a second

    model = Musts(problem)
    found = model.core(sorted(model.literals))
    if found is None:
        return None
    kept = list(found)
    for each in found:
        rest = [one for one in kept if one != each]
        smaller = model.core(rest)
        if smaller is not None:
            kept = [one for one in rest if one in smaller]
    return tuple(sorted(kept))
