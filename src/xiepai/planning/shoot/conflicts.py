"""Why there is no plan: the smallest set of wishes and limits that cannot hold together, found by CP-SAT.

The model asks only whether scenes can be given days, units and places; of a day it knows what must fit into it: scenes,
set-up, the shortest way, make-up and changes, not their order. What it calls impossible is impossible; what it lets
pass may still fail in its hours (status ``unknown``, with violations). Every reason can be demanded or not; halves of
them are left out as long as the rest cannot hold together (QuickXplain, Junker 2004): leave out any one of what remains
and the rest can hold, as far as the model knows and the work set aside suffices.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from xiepai.planning.shoot.model import Problem
from xiepai.planning.shoot.reasons import Kind, Reason

if TYPE_CHECKING:
    from xiepai.planning.shoot.engine_musts import Musts

__all__ = ["Kind", "Reason", "conflict"]
MOST_WORK = 12.0
"""CP-SAT's own time for all questions of one conflict; what is left then is true, but perhaps not the smallest."""


def conflict(problem: Problem) -> tuple[Reason, ...] | None:
    """The smallest conflict, sorted; ``None`` when scenes can be given days, units and places.

    An empty tuple: no reason that could be lifted is to blame (all days are frozen).
    """
    from xiepai.planning.shoot.engine_musts import Musts  # late: importing OR-Tools takes a second

    model = Musts(problem)
    reasons = sorted(model.literals)
    if not model.is_impossible(reasons):
        return None
    if model.is_impossible([]):
        return ()
    return tuple(sorted(_smallest(model, [], reasons, is_new=False)))


def _smallest(model: Musts, kept: list[Reason], among: list[Reason], *, is_new: bool) -> list[Reason]:
    """The fewest of *among* that are impossible together with those *kept*."""
    if is_new and model.is_impossible(kept):
        return []
    if len(among) == 1 or model.work > MOST_WORK:
        return among
    first, second = among[: len(among) // 2], among[len(among) // 2 :]
    needed = _smallest(model, kept + first, second, is_new=bool(first))
    return _smallest(model, kept + needed, first, is_new=bool(needed)) + needed
