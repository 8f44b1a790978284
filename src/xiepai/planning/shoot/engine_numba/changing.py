"""Changing a state and taking it back, compiled: scenes out and in, days kept before and computed after.

Each change is also reckoned without times: its moves, crew days and penalties in ``QUICK``.
"""

from __future__ import annotations

from typing import Any

from xiepai.planning.shoot.engine_numba.compiling import inner, outer
from xiepai.planning.shoot.engine_numba.reckoning import compute_day, keep_spans, total
from xiepai.planning.shoot.slots import (
    BAD,
    CAND,
    CAND_PENALTY,
    CAND_PLACE,
    CAST_PERSON,
    CAST_PTR,
    COST,
    COUNT,
    DAY,
    DAYS,
    DIRTY,
    FRESH,
    FROZEN,
    GAP,
    KEPT,
    LENGTH,
    MOVE_FEN,
    PEOPLE,
    PLACES,
    QUICK,
    RELEASE,
    REST,
    ROOM,
    SEQ,
    START,
    TOUCHED,
    UNIT,
    UNIT_FEN,
    UNIT_OPEN,
    UNIT_RELEASE,
    UNIT_REST,
    UNITS,
)


@inner
def touch(M: Any, d: int) -> None:
    """Keep a day before it changes."""
    if M[M[TOUCHED] + d] > 0:
        return
    M[M[TOUCHED] + d] = 1
    for u in range(M[UNITS]):
        M[M[LENGTH] + d * M[UNITS] + u + M[KEPT]] = M[M[LENGTH] + d * M[UNITS] + u]
        M[M[UNIT_RELEASE] + d * M[UNITS] + u + M[KEPT]] = M[M[UNIT_RELEASE] + d * M[UNITS] + u]
        for i in range(M[M[LENGTH] + d * M[UNITS] + u]):
            s = M[M[SEQ] + (d * M[UNITS] + u) * M[ROOM] + i]
            M[M[SEQ] + (d * M[UNITS] + u) * M[ROOM] + i + M[KEPT]] = s
            M[M[START] + s + M[KEPT]], M[M[CAND] + s + M[KEPT]], M[M[FRESH] + s + M[KEPT]] = (
                M[M[START] + s],
                M[M[CAND] + s],
                M[M[FRESH] + s],
            )
    M[M[COST] + d + M[KEPT]], M[M[BAD] + d + M[KEPT]] = M[M[COST] + d], M[M[BAD] + d]
    for p in range(M[PEOPLE]):
        M[M[RELEASE] + d * M[PEOPLE] + p + M[KEPT]] = M[M[RELEASE] + d * M[PEOPLE] + p]
        M[M[COUNT] + p * M[DAYS] + d + M[KEPT]] = M[M[COUNT] + p * M[DAYS] + d]


@inner
def _hop(M: Any, a: int, b: int) -> int:
    """The price of the move between two scenes that follow each other; nothing where there is none (−1)."""
    if a < 0 or b < 0:
        return 0
    return M[M[MOVE_FEN] + M[M[CAND_PLACE] + M[M[CAND] + a]] * M[PLACES] + M[M[CAND_PLACE] + M[M[CAND] + b]]]


@inner
def _reckon(M: Any, s: int, d: int, u: int, before: int, after: int, sign: int) -> None:
    """Count a scene in (+1) or out (−1) of a unit's day: ``QUICK`` and people's days."""
    quick = _hop(M, before, s) + _hop(M, s, after) - _hop(M, before, after)
    quick += M[M[CAND_PENALTY] + M[M[CAND] + s] * M[DAYS] + d]
    if before < 0 and after < 0:
        quick += M[M[UNIT_FEN] + u]
    M[QUICK] += sign * quick
    for x in range(M[M[CAST_PTR] + s], M[M[CAST_PTR] + (s + 1)]):
        p = M[M[CAST_PERSON] + x]
        count = M[M[COUNT] + p * M[DAYS] + d]
        if count == 0 or count + sign == 0:
            M[M[DIRTY] + p] = 1
        M[M[COUNT] + p * M[DAYS] + d] = count + sign


@inner
def take(M: Any, s: int) -> None:
    """Take a scene out of its day."""
    d, u = M[M[DAY] + s], M[M[UNIT] + s]
    touch(M, d)
    M[M[TOUCHED] + d] = 2
    row, size = M[SEQ] + (d * M[UNITS] + u) * M[ROOM], M[M[LENGTH] + d * M[UNITS] + u]
    at = 0
    while M[row + at] != s:
        at += 1
    _reckon(M, s, d, u, M[row + at - 1] if at > 0 else -1, M[row + at + 1] if at + 1 < size else -1, -1)
    for i in range(at, size - 1):
        M[row + i] = M[row + i + 1]
    M[M[LENGTH] + d * M[UNITS] + u] = size - 1
    M[M[DAY] + s] = -1


@inner
def put(M: Any, s: int, d: int, u: int, at: int, c: int) -> None:
    """Put a scene into a unit's day before position *at*."""
    touch(M, d)
    M[M[TOUCHED] + d] = 2
    row, size = M[SEQ] + (d * M[UNITS] + u) * M[ROOM], M[M[LENGTH] + d * M[UNITS] + u]
    M[M[DAY] + s], M[M[UNIT] + s], M[M[CAND] + s] = d, u, c
    _reckon(M, s, d, u, M[row + at - 1] if at > 0 else -1, M[row + at] if at < size else -1, 1)
    for i in range(size, at, -1):
        M[row + i] = M[row + i - 1]
    M[row + at] = s
    M[M[LENGTH] + d * M[UNITS] + u] = size + 1


@inner
def _presses(M: Any, d: int) -> bool:
    """Whether day *d*'s releases, changed, may change the times of the day after."""
    n = d + 1
    for u in range(M[UNITS]):
        if (
            M[M[LENGTH] + n * M[UNITS] + u] > 0
            and M[M[UNIT_RELEASE] + d * M[UNITS] + u] != M[M[UNIT_RELEASE] + d * M[UNITS] + u + M[KEPT]]
        ):
            latest = max(M[M[UNIT_RELEASE] + d * M[UNITS] + u], M[M[UNIT_RELEASE] + d * M[UNITS] + u + M[KEPT]])
            if latest >= 0 and latest + M[M[UNIT_REST] + u] - M[M[GAP] + n] > M[M[UNIT_OPEN] + u]:
                return True
    for p in range(M[PEOPLE]):
        if (
            M[M[COUNT] + p * M[DAYS] + n] > 0
            and M[M[RELEASE] + d * M[PEOPLE] + p] != M[M[RELEASE] + d * M[PEOPLE] + p + M[KEPT]]
        ):
            latest = max(M[M[RELEASE] + d * M[PEOPLE] + p], M[M[RELEASE] + d * M[PEOPLE] + p + M[KEPT]])
            if latest >= 0 and latest + M[M[REST] + p] - M[M[GAP] + n] > 0:
                return True
    return False


@inner
def _is_open(M: Any, d: int) -> bool:
    """Whether any unit's day of a date may change."""
    for u in range(M[UNITS]):  # noqa: SIM110 - not compiled otherwise
        if not M[M[FROZEN] + d * M[UNITS] + u]:
            return True
    return False


@inner
def settle(M: Any) -> tuple[int, int]:
    """Compute the days that changed, and those after that feel it; the whole plan's fen and violation."""
    days = M[DAYS]
    for d in range(days):
        if M[M[TOUCHED] + d] == 2:
            compute_day(M, d)
            if d + 1 < days and M[M[TOUCHED] + (d + 1)] < 2 and _is_open(M, d + 1) and _presses(M, d):
                touch(M, d + 1)
                M[M[TOUCHED] + (d + 1)] = 2
    return total(M)


@inner
def keep(M: Any) -> None:
    """Let a change stand."""
    for d in range(M[DAYS]):
        M[M[TOUCHED] + d] = 0
    keep_spans(M)
    M[QUICK] = 0


@inner
def undo(M: Any) -> None:
    """Take a change back."""
    days, units = M[DAYS], M[UNITS]
    for d in range(days):
        if M[M[TOUCHED] + d] > 0:
            for u in range(units):
                for i in range(M[M[LENGTH] + d * M[UNITS] + u]):
                    M[M[DAY] + M[M[SEQ] + (d * M[UNITS] + u) * M[ROOM] + i]] = -1
    for d in range(days):
        if M[M[TOUCHED] + d] == 0:
            continue
        for u in range(units):
            M[M[LENGTH] + d * M[UNITS] + u] = M[M[LENGTH] + d * M[UNITS] + u + M[KEPT]]
            M[M[UNIT_RELEASE] + d * M[UNITS] + u] = M[M[UNIT_RELEASE] + d * M[UNITS] + u + M[KEPT]]
            for i in range(M[M[LENGTH] + d * M[UNITS] + u + M[KEPT]]):
                s = M[M[SEQ] + (d * M[UNITS] + u) * M[ROOM] + i + M[KEPT]]
                M[M[SEQ] + (d * M[UNITS] + u) * M[ROOM] + i] = s
                M[M[DAY] + s], M[M[UNIT] + s] = d, u
                M[M[START] + s], M[M[CAND] + s], M[M[FRESH] + s] = (
                    M[M[START] + s + M[KEPT]],
                    M[M[CAND] + s + M[KEPT]],
                    M[M[FRESH] + s + M[KEPT]],
                )
        M[M[COST] + d], M[M[BAD] + d] = M[M[COST] + d + M[KEPT]], M[M[BAD] + d + M[KEPT]]
        for p in range(M[PEOPLE]):
            M[M[RELEASE] + d * M[PEOPLE] + p] = M[M[RELEASE] + d * M[PEOPLE] + p + M[KEPT]]
            M[M[COUNT] + p * M[DAYS] + d] = M[M[COUNT] + p * M[DAYS] + d + M[KEPT]]
    for d in range(days):
        M[M[TOUCHED] + d] = 0
    for p in range(M[PEOPLE]):
        M[M[DIRTY] + p] = 0
    M[QUICK] = 0


@inner
def compute_days(M: Any) -> tuple[int, int]:
    """Every day in order, and the total."""
    for d in range(M[DAYS]):
        compute_day(M, d)
    for p in range(M[PEOPLE]):
        M[M[DIRTY] + p] = 1
    keep(M)
    return total(M)


@outer
def compute_all(M: Any) -> tuple[int, int]:
    """Every day in order, and the total."""
    fen, bad = compute_days(M)
    return fen, bad
