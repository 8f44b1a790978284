"""Where a scene fits best, compiled: every position is estimated, the most promising are tried in full."""

from __future__ import annotations

from typing import Any

import numpy as np

from xiepai.planning.shoot.engine_numba.changing import put, settle, take, undo
from xiepai.planning.shoot.engine_numba.compiling import inner, outer
from xiepai.planning.shoot.engine_numba.reckoning import PER_MINUTE, compute_day, price, span_fen
from xiepai.planning.shoot.engine_numba.timing import NEVER, fits
from xiepai.planning.shoot.slots import (
    ALLOW,
    BAD,
    CAND,
    CAND_PENALTY,
    CAND_PLACE,
    CAND_PTR,
    CAND_ROW,
    CAST_PERSON,
    CAST_PTR,
    COST,
    COUNT,
    DAYS,
    HOUR_FEN,
    LENGTH,
    MINUTES,
    MOVE_FEN,
    PLACES,
    ROOM,
    SEQ,
    SETUP,
    START,
    TRAVEL,
    UNIT_CLOSE,
    UNIT_FEN,
    UNIT_MOST,
    UNIT_OPEN,
    UNIT_OVER,
    UNIT_PAID,
    UNITS,
)

TRIED = 5
IDLE_FEN = 3000
"""What a minute's wait for light is reckoned in an estimate."""


@inner
def _people_fen(M: Any, s: int, d: int) -> int:
    """What the scene's people cost more when it is shot on a day."""
    fen = 0
    for x in range(M[M[CAST_PTR] + s], M[M[CAST_PTR] + (s + 1)]):
        p = M[M[CAST_PERSON] + x]
        if M[M[COUNT] + p * M[DAYS] + d] == 0:
            fen += span_fen(M, p, d) - span_fen(M, p, -1)
    return fen


@inner
def _light_wait(M: Any, d: int, c: int, moment: int, minutes: int) -> int:
    """Minutes from a moment until the scene's light; an hour's worth of violation when it is gone."""
    lit = M[M[CAND_ROW] + c]
    begin = fits(M, lit, d, 0, moment, minutes)
    return begin - moment if begin >= 0 else 600


@inner
def _beside(M: Any, s: int, d: int, u: int, at: int, c: int) -> int:
    """Moves, set-up and light at one position, in fen."""
    k, size = M[M[CAND_PLACE] + c], M[M[LENGTH] + d * M[UNITS] + u]
    setup_fen = 1000
    fen, moment = 0, M[M[UNIT_OPEN] + u]
    before = after = -1
    if at > 0:
        q = M[M[SEQ] + (d * M[UNITS] + u) * M[ROOM] + (at - 1)]
        before, moment = M[M[CAND_PLACE] + M[M[CAND] + q]], M[M[START] + q] + M[M[MINUTES] + q]
    if at < size:
        after = M[M[CAND_PLACE] + M[M[CAND] + M[M[SEQ] + (d * M[UNITS] + u) * M[ROOM] + at]]]
    if before >= 0 and before != k:
        fen += M[M[MOVE_FEN] + before * M[PLACES] + k] + setup_fen * (
            M[M[TRAVEL] + before * M[PLACES] + k] + M[M[SETUP] + k]
        )
    if after >= 0 and after != k:
        fen += M[M[MOVE_FEN] + k * M[PLACES] + after] + setup_fen * (
            M[M[TRAVEL] + k * M[PLACES] + after] + M[M[SETUP] + after]
        )
    if before >= 0 and after >= 0 and (before != after):
        fen -= M[M[MOVE_FEN] + before * M[PLACES] + after] + setup_fen * (
            M[M[TRAVEL] + before * M[PLACES] + after] + M[M[SETUP] + after]
        )
    return fen + IDLE_FEN * _light_wait(M, d, c, moment, M[M[MINUTES] + s])


@inner
def _row_fen(M: Any, s: int, d: int, u: int, c: int, load: int) -> int:
    """Crew, hours and hire of putting a scene into a unit's day, whatever the position."""
    k, m = M[M[CAND_PLACE] + c], M[M[MINUTES] + s]
    fen = M[M[CAND_PENALTY] + c * M[DAYS] + d]
    if M[M[LENGTH] + d * M[UNITS] + u] == 0:
        fen += M[M[UNIT_FEN] + u]
    room = min(M[M[UNIT_MOST] + u], M[M[UNIT_CLOSE] + d * M[UNITS] + u] - M[M[UNIT_OPEN] + u])
    fen += PER_MINUTE * max(0, load + m - room) // 4
    fen += M[M[UNIT_OVER] + u] // 60 * max(0, min(m, load + m - M[M[UNIT_PAID] + u]))
    is_there = False
    for v in range(M[UNITS]):
        for i in range(M[M[LENGTH] + d * M[UNITS] + v]):
            if M[M[CAND_PLACE] + M[M[CAND] + M[M[SEQ] + (d * M[UNITS] + v) * M[ROOM] + i]]] == k:
                is_there = True
                break
    if not is_there:
        fen += price(M, k, m + M[M[SETUP] + k])
    elif M[M[HOUR_FEN] + k] >= 0:
        fen += min(M[M[HOUR_FEN] + k] * m // 60, price(M, k, m))
    return fen


@inner
def load_of(M: Any, d: int, u: int) -> int:
    """Minutes a unit's day is long, its moves included."""
    size = M[M[LENGTH] + d * M[UNITS] + u]
    minutes = 0
    for i in range(size):
        s = M[M[SEQ] + (d * M[UNITS] + u) * M[ROOM] + i]
        k = M[M[CAND_PLACE] + M[M[CAND] + s]]
        minutes += M[M[MINUTES] + s]
        if i == 0:
            minutes += M[M[SETUP] + k]
        else:
            q = M[M[CAND_PLACE] + M[M[CAND] + M[M[SEQ] + (d * M[UNITS] + u) * M[ROOM] + (i - 1)]]]
            if q != k:
                minutes += M[M[TRAVEL] + q * M[PLACES] + k] + M[M[SETUP] + k]
    return minutes


@inner
def _remember(best: Any, where: Any, fen: int, d: int, u: int, at: int, c: int) -> None:
    """Keep an estimate among the best few."""
    if fen >= best[TRIED - 1]:
        return
    i = TRIED - 1
    while i > 0 and best[i - 1] > fen:
        best[i] = best[i - 1]
        for x in range(4):
            where[i, x] = where[i - 1, x]
        i -= 1
    best[i] = fen
    where[i, 0], where[i, 1], where[i, 2], where[i, 3] = d, u, at, c


@inner
def _estimate_day(M: Any, s: int, d: int, noise: float, best: Any, where: Any) -> None:
    """The most promising positions of one day, among those found before."""
    people = NEVER
    for u in range(M[UNITS]):
        size = M[M[LENGTH] + d * M[UNITS] + u]
        if size >= M[ROOM]:
            continue
        load = -1
        for c in range(M[M[CAND_PTR] + s], M[M[CAND_PTR] + (s + 1)]):
            if not M[M[ALLOW] + (c * M[DAYS] + d) * M[UNITS] + u]:
                continue
            if people == NEVER:
                people = _people_fen(M, s, d)
            if load < 0:
                load = load_of(M, d, u)
            row = people + _row_fen(M, s, d, u, c, load)
            if row >= best[TRIED - 1] + 500000:
                continue
            for at in range(size + 1):
                fen = row + _beside(M, s, d, u, at, c)
                if noise > 0:
                    fen += int(noise * np.random.random())
                _remember(best, where, fen, d, u, at, c)


@inner
def estimate(M: Any, s: int, noise: float, best: Any, where: Any) -> None:
    """The most promising positions of a scene that is out."""
    for i in range(TRIED):
        best[i] = NEVER
    for d in range(M[DAYS]):
        _estimate_day(M, s, d, noise, best, where)


@inner
def insert(M: Any, s: int, noise: float) -> bool:
    """Put a scene where a trial says it costs least; ``False`` when no position is allowed."""
    best, where = (np.zeros(TRIED, np.int64), np.zeros((TRIED, 4), np.int64))
    estimate(M, s, noise, best, where)
    chosen, least, stale, before = -1, NEVER, -1, 0
    for i in range(TRIED):
        if best[i] == NEVER:
            break
        d, u, at, c = where[i, 0], where[i, 1], where[i, 2], where[i, 3]
        if stale != d:  # a trial leaves its day's times behind; only the next one elsewhere needs the old ones
            if stale >= 0:
                compute_day(M, stale)
            before = M[M[COST] + d] + PER_MINUTE * M[M[BAD] + d] - _people_fen(M, s, d)
            stale = d
        put(M, s, d, u, at, c)
        compute_day(M, d)
        fen = M[M[COST] + d] + PER_MINUTE * M[M[BAD] + d] - before
        take(M, s)
        if fen < least:
            chosen, least = i, fen
    if chosen < 0:
        return False
    d, u, at, c = where[chosen, 0], where[chosen, 1], where[chosen, 2], where[chosen, 3]
    if stale != d:
        compute_day(M, stale)
    put(M, s, d, u, at, c)
    compute_day(M, d)
    return True


@outer
def try_on(M: Any, s: int, d: int) -> bool:
    """Put a scene that is out where it costs least on one day, the most promising positions tried in full.

    The plan's days must be computed; ``undo`` takes the scene out again, ``keep`` lets it stand. ``False`` when no unit
    and place of that day is allowed (nothing has changed then).
    """
    best, where = np.full(TRIED, NEVER, np.int64), np.zeros((TRIED, 4), np.int64)
    _estimate_day(M, s, d, 0.0, best, where)
    chosen, least = -1, NEVER
    for i in range(TRIED):
        if best[i] == NEVER:
            break
        put(M, s, d, where[i, 1], where[i, 2], where[i, 3])
        fen, bad = settle(M)
        if fen + PER_MINUTE * bad < least:
            chosen, least = i, fen + PER_MINUTE * bad
        undo(M)
    if chosen < 0:
        return False
    put(M, s, d, where[chosen, 1], where[chosen, 2], where[chosen, 3])
    settle(M)
    return True
