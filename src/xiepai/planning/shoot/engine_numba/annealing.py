"""The annealing walk, compiled: a change, its price, kept or taken back.

Accepted as in simulated annealing; only a plan without violation or with fewer than before can become the best. What is
far too dear by its moves, crew and people's days alone is taken back before any times are reckoned.
The same seed and rounds give the same plan.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from xiepai.planning.shoot.engine_numba.changing import compute_days, keep, settle, take, undo
from xiepai.planning.shoot.engine_numba.compiling import inner, outer
from xiepai.planning.shoot.engine_numba.inserting import insert
from xiepai.planning.shoot.engine_numba.proposing import change
from xiepai.planning.shoot.engine_numba.reckoning import PER_MINUTE, span_change
from xiepai.planning.shoot.slots import (
    BAD,
    DAYS,
    KEPT,
    LENGTH,
    QUICK,
    ROOM,
    SEQ,
    STATE,
    TOUCHED,
)

SLACK = 100000
"""What a change may gain, in fen, in hire, waiting and overtime, which take times to know."""
BROKEN_RUIN = 0.05
"""The least share of ruins while a plan breaks a must."""


@inner
def _save(M: Any) -> None:
    """Copy the plan to where the best is kept."""
    for i in range(M[STATE], M[STATE] + M[KEPT]):
        M[i + 2 * M[KEPT]] = M[i]


@inner
def _vacate(M: Any, row: int) -> None:
    """Empty a unit's day, each scene put where it costs least."""
    chosen = M[M[SEQ] + row * M[ROOM] : M[SEQ] + row * M[ROOM] + M[M[LENGTH] + row]].copy()
    for s in chosen:
        take(M, s)
    settle(M)
    for s in chosen:
        insert(M, s, 0.0)


@inner
def _is_hopeless(M: Any, now: float, bad: int, limit: float) -> bool:
    """Whether a change is far too dear by what is known of it without times, did it mend all it can."""
    mended = bad
    for d in range(M[DAYS]):
        if M[M[TOUCHED] + d] == 0:
            mended -= M[M[BAD] + d]
    return now + M[QUICK] + span_change(M) - PER_MINUTE * mended > limit + SLACK


@outer
def anneal(M: Any, seed: int, rounds: int, hot: float, cold: float, ruin: float, leave: Any, best: Any) -> None:
    """*rounds* changes from *hot* to *cold* (fen); the best plan is kept, its fen and violation go to *best*.

    *leave* are unit's days (day × units + unit) to be emptied first.
    """
    np.random.seed(seed)
    fen, bad = compute_days(M)
    if len(leave):
        for row in leave:
            _vacate(M, row)
        fen, bad = compute_days(M)
    if bad < best[1] or (bad == best[1] and fen < best[0]):
        best[0], best[1] = fen, bad
        _save(M)
    now = fen + PER_MINUTE * bad
    for i in range(rounds):
        heat = hot * (cold / hot) ** (i / rounds)
        was = bad
        if not change(M, ruin if bad == 0 else max(ruin, BROKEN_RUIN)):
            continue
        limit = now - heat * np.log(1 - np.random.random())
        if _is_hopeless(M, now, bad, limit):
            undo(M)
            continue
        fen, bad = settle(M)
        new = fen + PER_MINUTE * bad
        if new > limit:
            undo(M)
            bad = was
            continue
        keep(M)
        now = new
        if bad < best[1] or (bad == best[1] and fen < best[0]):
            best[0], best[1] = fen, bad
            _save(M)
