"""One day's times from the order of its scenes, compiled: units side by side, each scene as early as it may.

Of the units' next scenes the one that can begin first is set; people and places it holds push the others back. Then,
from the last to the first, a scene moves later where that closes a gap: calls come later, days and hires get shorter.
A scene without any window left is passed over and counted; it takes no time from the others.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from xiepai.planning.shoot.engine_numba.compiling import inner
from xiepai.planning.shoot.slots import (
    CAND,
    CAND_LIGHT,
    CAND_PLACE,
    CAST_LOOK,
    CAST_PERSON,
    CAST_PTR,
    CHANGE,
    DAYS,
    FRESH,
    GAP,
    LENGTH,
    MAKEUP,
    MINUTES,
    PEOPLE,
    PERSON_ROW,
    PLACE_ROW,
    PLACES,
    RELEASE,
    REST,
    ROOM,
    SEQ,
    SETUP,
    START,
    TRAVEL,
    UNIT,
    UNIT_CLOSE,
    UNIT_OPEN,
    UNIT_RELEASE,
    UNIT_REST,
    UNITS,
    WIDTH,
    WINDOWS,
)

NEVER = 1 << 40


@inner
def fits(M: Any, row: int, d: int, lead: int, start: int, minutes: int) -> int:
    """The earliest start from *start* on with ``[start − lead, start + minutes)`` in a free window; −1 for none."""
    at = M[WINDOWS] + (row * M[DAYS] + d) * M[WIDTH] * 2
    for w in range(M[WIDTH]):
        begin = max(start, M[at + 2 * w] + lead)
        if begin + minutes <= M[at + 2 * w + 1]:
            return begin
    return -1


@inner
def window_at(M: Any, row: int, d: int, moment: int) -> int:
    """The number of the free window a moment falls into; −1 for none."""
    at = M[WINDOWS] + (row * M[DAYS] + d) * M[WIDTH] * 2
    for w in range(M[WIDTH]):
        if M[at + 2 * w] <= moment < M[at + 2 * w + 1]:
            return w
    return -1


@inner
def _window_end(M: Any, row: int, d: int, moment: int) -> int:
    """When the free window a moment falls into ends; never, when it is in none."""
    w = window_at(M, row, d, moment)
    return M[M[WINDOWS] + ((row * M[DAYS] + d) * M[WIDTH] + w) * 2 + 1] if w >= 0 else NEVER


@inner
def _place_start(M: Any, d: int, s: int, last: int, start: int, ready: int) -> tuple[int, int]:
    """The earliest start at the scene's place, and whether it must be set up; the unit is *ready* from then."""
    k = M[M[CAND_PLACE] + M[M[CAND] + s]]
    m = M[M[MINUTES] + s]
    row = PLACE_ROW + k
    if last >= 0 and M[M[CAND_PLACE] + M[M[CAND] + last]] == k:
        end = _window_end(M, row, d, M[M[START] + last])
        if end < NEVER and max(start, ready) + m <= end:
            return max(start, ready), 0
    begin = fits(M, row, d, M[M[SETUP] + k], max(start, ready + M[M[SETUP] + k]), m)
    return begin, 1


@inner
def _earliest(M: Any, d: int, u: int, s: int, last: int, free: Any, look: Any, where: Any, taken: Any) -> Any:
    """When the unit's next scene can begin, and the windows that are missing."""
    k = M[M[CAND_PLACE] + M[M[CAND] + s]]
    m = M[M[MINUTES] + s]
    if last >= 0:
        ready = (
            M[M[START] + last]
            + M[M[MINUTES] + last]
            + M[M[TRAVEL] + M[M[CAND_PLACE] + M[M[CAND] + last]] * M[PLACES] + k]
        )
    else:
        ready = M[M[UNIT_OPEN] + u]
        if d > 0 and M[M[UNIT_RELEASE] + (d - 1) * M[UNITS] + u] >= 0:
            ready = max(ready, M[M[UNIT_RELEASE] + (d - 1) * M[UNITS] + u] + M[M[UNIT_REST] + u] - M[M[GAP] + d])
    for other in range(taken.shape[1]):
        if other != u:
            ready = max(ready, taken[k, other])
    start = ready
    for x in range(M[M[CAST_PTR] + s], M[M[CAST_PTR] + (s + 1)]):
        p = M[M[CAST_PERSON] + x]
        if free[p] >= 0:
            gap = M[M[TRAVEL] + where[p] * M[PLACES] + k] + (M[M[CHANGE] + p] if look[p] != M[M[CAST_LOOK] + x] else 0)
            start = max(start, free[p] + gap)
        elif d > 0 and M[M[RELEASE] + (d - 1) * M[PEOPLE] + p] >= 0:
            start = max(
                start, M[M[RELEASE] + (d - 1) * M[PEOPLE] + p] + M[M[REST] + p] - M[M[GAP] + d] + M[M[MAKEUP] + p]
            )
    lit = M[M[CAND_LIGHT] + M[M[CAND] + s]]
    for _ in range(50):
        before = start
        start = fits(M, lit, d, 0, start, m)
        if start < 0:
            return -1, 0
        start, fresh = _place_start(M, d, s, last, start, ready)
        for x in range(M[M[CAST_PTR] + s], M[M[CAST_PTR] + (s + 1)]):
            p = M[M[CAST_PERSON] + x]
            lead = M[M[MAKEUP] + p] if free[p] < 0 else 0
            start = fits(M, M[PERSON_ROW] + p, d, lead, start, m) if start >= 0 else -1
        if start < 0 or start + m > M[M[UNIT_CLOSE] + u]:
            return -1, 0
        if start == before:
            return start, fresh
    return -1, 0


@inner
def schedule(M: Any, d: int, order: Any) -> tuple[int, int]:
    """Set the times of a day: how many scenes are set (they go to *order*, as they were set), how many could not be."""
    people, places, units = M[PEOPLE], M[PLACES], M[UNITS]
    free, look, where = np.full(people, -1, np.int64), np.zeros(people, np.int64), np.zeros(people, np.int64)
    taken = np.full((places, units), -1, np.int64)
    at, last = np.zeros(units, np.int64), np.full(units, -1, np.int64)
    begin, fresh = np.full(units, -1, np.int64), np.zeros(units, np.int64)
    number, out = 0, 0
    while True:
        first, u = NEVER, -1
        for v in range(units):
            while begin[v] < 0 and at[v] < M[M[LENGTH] + d * M[UNITS] + v]:
                s = M[M[SEQ] + (d * M[UNITS] + v) * M[ROOM] + at[v]]
                begin[v], fresh[v] = _earliest(M, d, v, s, last[v], free, look, where, taken)
                if begin[v] < 0:
                    M[M[START] + s] = -1
                    at[v] += 1
                    out += 1
            if 0 <= begin[v] < first:
                first, u = begin[v], v
        if u < 0:
            return number, out
        s = M[M[SEQ] + (d * M[UNITS] + u) * M[ROOM] + at[u]]
        M[M[START] + s], M[M[FRESH] + s] = begin[u], fresh[u]
        k, end = M[M[CAND_PLACE] + M[M[CAND] + s]], begin[u] + M[M[MINUTES] + s]
        taken[k, u] = end
        for x in range(M[M[CAST_PTR] + s], M[M[CAST_PTR] + (s + 1)]):
            p = M[M[CAST_PERSON] + x]
            free[p], look[p], where[p] = end, M[M[CAST_LOOK] + x], k
        order[number] = s
        number += 1
        at[u] += 1
        last[u] = s
        begin[:] = -1


@inner
def _latest(M: Any, d: int, s: int) -> int:
    """The latest end inside the windows a scene stands in."""
    c, t = M[M[CAND] + s], M[M[START] + s]
    limit = min(_window_end(M, M[M[CAND_LIGHT] + c], d, t), _window_end(M, PLACE_ROW + M[M[CAND_PLACE] + c], d, t))
    for x in range(M[M[CAST_PTR] + s], M[M[CAST_PTR] + (s + 1)]):
        limit = min(limit, _window_end(M, M[PERSON_ROW] + M[M[CAST_PERSON] + x], d, t))
    return max(limit, t + M[M[MINUTES] + s])


@inner
def close_gaps(M: Any, d: int, order: Any, number: int) -> None:
    """Move scenes later, the last first, as far as nothing else moves; a unit's last scene stays."""
    people, places, units = M[PEOPLE], M[PLACES], M[UNITS]
    call, look, where = np.full(people, NEVER, np.int64), np.zeros(people, np.int64), np.zeros(people, np.int64)
    taken = np.full((places, units), NEVER, np.int64)
    after = np.full(units, -1, np.int64)
    for i in range(number - 1, -1, -1):
        s = order[i]
        u, k, m = M[M[UNIT] + s], M[M[CAND_PLACE] + M[M[CAND] + s]], M[M[MINUTES] + s]
        if after[u] >= 0:
            n = after[u]
            kn = M[M[CAND_PLACE] + M[M[CAND] + n]]
            limit = M[M[START] + n] - M[M[TRAVEL] + k * M[PLACES] + kn] - (M[M[SETUP] + kn] if M[M[FRESH] + n] else 0)
            if limit > M[M[START] + s] + m:
                for other in range(units):
                    if other != u:
                        limit = min(limit, taken[k, other])
                for x in range(M[M[CAST_PTR] + s], M[M[CAST_PTR] + (s + 1)]):
                    p = M[M[CAST_PERSON] + x]
                    if call[p] < NEVER:
                        gap = M[M[TRAVEL] + k * M[PLACES] + where[p]] + (
                            M[M[CHANGE] + p] if look[p] != M[M[CAST_LOOK] + x] else 0
                        )
                        limit = min(limit, call[p] - gap)
                    else:  # a later release may press the next day's call
                        harmless = 1440 + M[M[UNIT_OPEN] + u] + M[M[MAKEUP] + p] - M[M[REST] + p]
                        limit = min(limit, max(M[M[START] + s] + m, harmless))
                limit = min(limit, _latest(M, d, s))
                M[M[START] + s] = max(M[M[START] + s], limit - m)
        after[u] = s
        taken[k, u] = M[M[START] + s] - (M[M[SETUP] + k] if M[M[FRESH] + s] else 0)
        for x in range(M[M[CAST_PTR] + s], M[M[CAST_PTR] + (s + 1)]):
            p = M[M[CAST_PERSON] + x]
            call[p], look[p], where[p] = M[M[START] + s], M[M[CAST_LOOK] + x], k
