"""The changes the search tries, compiled: small moves of scenes and blocks, and ruin and recreate.

A block is a run of scenes at one place in one unit's day. Ruins free scenes of one person, one place, two days or a
stretch of a day; recreation is ``inserting``. Where a scene goes is drawn from where its place and its people are.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from xiepai.planning.shoot.engine_numba.changing import put, settle, take
from xiepai.planning.shoot.engine_numba.compiling import inner
from xiepai.planning.shoot.engine_numba.inserting import insert
from xiepai.planning.shoot.slots import (
    ALLOW,
    BAD,
    CAND,
    CAND_PLACE,
    CAND_PTR,
    CAST_PERSON,
    CAST_PTR,
    DAY,
    DAYS,
    FROZEN,
    LENGTH,
    MINUTES,
    OUT,
    PERSON_PTR,
    PERSON_SCENE,
    PLACE_PTR,
    PLACE_SCENE,
    ROOM,
    SCENES,
    SEQ,
    START,
    UNIT,
    UNITS,
)


@inner
def _is_free(M: Any, s: int) -> bool:
    """Whether a scene stands on a unit's day that may change."""
    return bool(M[M[DAY] + s] >= 0 and not M[M[FROZEN] + M[M[DAY] + s] * M[UNITS] + M[M[UNIT] + s]])


@inner
def _any_row(M: Any) -> tuple[int, int]:
    """A unit's day that is not frozen; its length may be nothing."""
    for _ in range(20):
        d, u = np.random.randint(M[DAYS]), np.random.randint(M[UNITS])
        if not M[M[FROZEN] + d * M[UNITS] + u]:
            return d, u
    return -1, -1


@inner
def _any_scene(M: Any) -> int:
    """A scene with a day that is not frozen."""
    for _ in range(20):
        s = np.random.randint(M[SCENES])
        if _is_free(M, s):
            return s
    return -1


@inner
def _sore_scene(M: Any) -> int:
    """A scene of a unit's day that breaks something; −1 when a few looks find none."""
    offset = np.random.randint(M[DAYS])
    for j in range(M[DAYS]):
        d = (offset + j) % M[DAYS]
        if M[M[BAD] + d] > 0:
            u = np.random.randint(M[UNITS])
            size = 0 if M[M[FROZEN] + d * M[UNITS] + u] else M[M[LENGTH] + d * M[UNITS] + u]
            return M[M[SEQ] + (d * M[UNITS] + u) * M[ROOM] + np.random.randint(size)] if size > 0 else -1
    return -1


@inner
def _akin(M: Any, s: int) -> int:
    """A scene with a day that may share a place with *s*, or shares a person; any scene now and then."""
    how = np.random.random()
    for _ in range(4):
        n = -1
        if how < 0.35:
            k = M[M[CAND_PLACE] + M[M[CAND] + s]]
            first, end = M[M[PLACE_PTR] + k], M[M[PLACE_PTR] + k + 1]
            n = M[M[PLACE_SCENE] + first + np.random.randint(end - first)]
        elif how < 0.7:
            cast = M[M[CAST_PTR] + s + 1] - M[M[CAST_PTR] + s]
            if cast > 0:
                p = M[M[CAST_PERSON] + M[M[CAST_PTR] + s] + np.random.randint(cast)]
                first, end = M[M[PERSON_PTR] + p], M[M[PERSON_PTR] + p + 1]
                n = M[M[PERSON_SCENE] + first + np.random.randint(end - first)]
        if n >= 0 and n != s and _is_free(M, n):
            return n
    return _any_scene(M)


@inner
def _place(M: Any, d: int, u: int, i: int) -> int:
    return M[M[CAND_PLACE] + M[M[CAND] + M[M[SEQ] + (d * M[UNITS] + u) * M[ROOM] + i]]]


@inner
def _block(M: Any, d: int, u: int, i: int) -> tuple[int, int]:
    """The run of scenes at one place around position *i*: ``[first, end)``."""
    k = _place(M, d, u, i)
    first, end = i, i + 1
    while first > 0 and _place(M, d, u, first - 1) == k:
        first -= 1
    while end < M[M[LENGTH] + d * M[UNITS] + u] and _place(M, d, u, end) == k:
        end += 1
    return first, end


@inner
def _seat(M: Any, d: int, u: int, k: int) -> int:
    """A position in a unit's day: mostly beside scenes of place *k*, or at a border of blocks."""
    size = M[M[LENGTH] + d * M[UNITS] + u]
    if size == 0:
        return 0
    how = np.random.random()
    if how < 0.6:
        offset = np.random.randint(size)
        for j in range(size):
            i = (offset + j) % size
            if _place(M, d, u, i) == k:
                return i + np.random.randint(2)
    if how < 0.9:
        i = np.random.randint(size + 1)
        while 0 < i < size and _place(M, d, u, i - 1) == _place(M, d, u, i):
            i += 1
        return i
    return np.random.randint(size + 1)


@inner
def _candidate(M: Any, s: int, k: int, d: int, u: int) -> int:
    """The scene's candidate at place *k* on a unit's day if allowed, else any allowed one, else −1."""
    first, end = M[M[CAND_PTR] + s], M[M[CAND_PTR] + (s + 1)]
    for c in range(first, end):
        if M[M[CAND_PLACE] + c] == k and M[M[ALLOW] + (c * M[DAYS] + d) * M[UNITS] + u]:
            return c
    offset = np.random.randint(end - first)
    for j in range(end - first):
        c = first + (offset + j) % (end - first)
        if M[M[ALLOW] + (c * M[DAYS] + d) * M[UNITS] + u]:
            return c
    return -1


@inner
def _move_run(M: Any, d: int, u: int, first: int, end: int, k: int) -> bool:
    """Move a run of scenes to another seat, at place *k* where they may."""
    e, v, how = d, u, np.random.random()
    if how < 0.5:
        n = _akin(M, M[M[SEQ] + (d * M[UNITS] + u) * M[ROOM] + first])
        if n >= 0:
            e, v = M[M[DAY] + n], M[M[UNIT] + n]
    elif how < 0.75:
        e, v = _any_row(M)
        if e < 0:
            return False
    number = end - first
    for j in range(number):
        s = M[M[SEQ] + (d * M[UNITS] + u) * M[ROOM] + (first + j)]
        if _candidate(M, s, k, e, v) < 0:
            return False
        M[M[OUT] + j] = s
    if (e != d or v != u) and M[M[LENGTH] + e * M[UNITS] + v] + number > M[ROOM]:
        return False
    for j in range(number):
        take(M, M[M[OUT] + j])
    at = _seat(M, e, v, k)
    if np.random.random() < 0.1:
        for j in range(number // 2):
            M[M[OUT] + j], M[M[OUT] + (number - 1 - j)] = M[M[OUT] + (number - 1 - j)], M[M[OUT] + j]
    for j in range(number):
        put(M, M[M[OUT] + j], e, v, at + j, _candidate(M, M[M[OUT] + j], k, e, v))
    return True


@inner
def _relocate(M: Any) -> bool:
    """One scene, or a piece of its block, or the block, elsewhere."""
    s = _any_scene(M)
    if s < 0:
        return False
    d, u = M[M[DAY] + s], M[M[UNIT] + s]
    i = 0
    while M[M[SEQ] + (d * M[UNITS] + u) * M[ROOM] + i] != s:
        i += 1
    first, end = _block(M, d, u, i)
    how = np.random.random()
    if how < 0.5:
        first, end = i, i + 1
    elif how < 0.75:
        first, end = (i, end) if np.random.random() < 0.5 else (first, i + 1)
    k = _place(M, d, u, i)
    if np.random.random() < 0.15:
        k = M[M[CAND_PLACE] + (M[M[CAND_PTR] + s] + np.random.randint(M[M[CAND_PTR] + (s + 1)] - M[M[CAND_PTR] + s]))]
    return _move_run(M, d, u, first, end, k)


@inner
def _swap(M: Any) -> bool:
    """Two scenes change seats."""
    a = _any_scene(M)
    b = _akin(M, a) if a >= 0 else -1
    if b < 0 or a == b:
        return False
    d, u, e, v = M[M[DAY] + a], M[M[UNIT] + a], M[M[DAY] + b], M[M[UNIT] + b]
    ca = _candidate(M, a, M[M[CAND_PLACE] + M[M[CAND] + b]], e, v)
    cb = _candidate(M, b, M[M[CAND_PLACE] + M[M[CAND] + a]], d, u)
    if ca < 0 or cb < 0:
        return False
    i, j = 0, 0
    while M[M[SEQ] + (d * M[UNITS] + u) * M[ROOM] + i] != a:
        i += 1
    while M[M[SEQ] + (e * M[UNITS] + v) * M[ROOM] + j] != b:
        j += 1
    if d == e and u == v and (j < i):
        a, b, ca, cb, i, j = b, a, cb, ca, j, i
    take(M, b)
    take(M, a)
    if d == e and u == v:
        put(M, b, d, u, i, cb)
        put(M, a, e, v, j, ca)
    else:
        put(M, a, e, v, j, ca)
        put(M, b, d, u, i, cb)
    return True


@inner
def _swap_blocks(M: Any) -> bool:
    """Two blocks of different units' days change places."""
    a, b = _any_scene(M), _any_scene(M)
    if a < 0 or b < 0 or (M[M[DAY] + a] == M[M[DAY] + b] and M[M[UNIT] + a] == M[M[UNIT] + b]):
        return False
    d, u, e, v = M[M[DAY] + a], M[M[UNIT] + a], M[M[DAY] + b], M[M[UNIT] + b]
    i, j = 0, 0
    while M[M[SEQ] + (d * M[UNITS] + u) * M[ROOM] + i] != a:
        i += 1
    while M[M[SEQ] + (e * M[UNITS] + v) * M[ROOM] + j] != b:
        j += 1
    i, iend = _block(M, d, u, i)
    j, jend = _block(M, e, v, j)
    k, q = M[M[CAND_PLACE] + M[M[CAND] + a]], M[M[CAND_PLACE] + M[M[CAND] + b]]
    one, other = iend - i, jend - j
    if M[M[LENGTH] + d * M[UNITS] + u] + other > M[ROOM] or M[M[LENGTH] + e * M[UNITS] + v] + one > M[ROOM]:
        return False
    for x in range(one):
        M[M[OUT] + x] = M[M[SEQ] + (d * M[UNITS] + u) * M[ROOM] + (i + x)]
        if _candidate(M, M[M[OUT] + x], k, e, v) < 0:
            return False
    for x in range(other):
        M[M[OUT] + (one + x)] = M[M[SEQ] + (e * M[UNITS] + v) * M[ROOM] + (j + x)]
        if _candidate(M, M[M[OUT] + (one + x)], q, d, u) < 0:
            return False
    for x in range(one + other):
        take(M, M[M[OUT] + x])
    for x in range(one):
        put(M, M[M[OUT] + x], e, v, j + x, _candidate(M, M[M[OUT] + x], k, e, v))
    for x in range(other):
        put(M, M[M[OUT] + (one + x)], d, u, i + x, _candidate(M, M[M[OUT] + (one + x)], q, d, u))
    return True


@inner
def _swap_rows(M: Any) -> bool:
    """Two units' days change all their scenes, as far as each may."""
    d, u = _any_row(M)
    e, v = _any_row(M)
    if d < 0 or e < 0 or (d == e and u == v):
        return False
    one, other = M[M[LENGTH] + d * M[UNITS] + u], M[M[LENGTH] + e * M[UNITS] + v]
    for x in range(one):
        M[M[OUT] + x] = M[M[SEQ] + (d * M[UNITS] + u) * M[ROOM] + x]
        if _candidate(M, M[M[OUT] + x], -1, e, v) < 0:
            return False
    for x in range(other):
        M[M[OUT] + (one + x)] = M[M[SEQ] + (e * M[UNITS] + v) * M[ROOM] + x]
        if _candidate(M, M[M[OUT] + (one + x)], -1, d, u) < 0:
            return False
    for x in range(one + other):
        take(M, M[M[OUT] + x])
    for x in range(one):
        s = M[M[OUT] + x]
        put(M, s, e, v, x, _candidate(M, s, M[M[CAND_PLACE] + M[M[CAND] + s]], e, v))
    for x in range(other):
        s = M[M[OUT] + (one + x)]
        put(M, s, d, u, x, _candidate(M, s, M[M[CAND_PLACE] + M[M[CAND] + s]], d, u))
    return True


@inner
def _plays(M: Any, s: int, p: int) -> bool:
    for x in range(M[M[CAST_PTR] + s], M[M[CAST_PTR] + (s + 1)]):  # noqa: SIM110 - not compiled otherwise
        if M[M[CAST_PERSON] + x] == p:
            return True
    return False


@inner
def _ruined(M: Any) -> int:
    """Choose scenes to free: all or some of one person, one place, two days, or a stretch; how many."""
    seed = _sore_scene(M)
    if seed < 0:
        seed = _any_scene(M)
    if seed < 0:
        return 0
    how, most = np.random.random(), 4 + np.random.randint(16)
    share = 0.3 + 0.7 * np.random.random()
    p = -1
    if M[M[CAST_PTR] + (seed + 1)] > M[M[CAST_PTR] + seed]:
        p = M[
            M[CAST_PERSON]
            + (M[M[CAST_PTR] + seed] + np.random.randint(M[M[CAST_PTR] + (seed + 1)] - M[M[CAST_PTR] + seed]))
        ]
    d, k = M[M[DAY] + seed], M[M[CAND_PLACE] + M[M[CAND] + seed]]
    e = _any_row(M)[0]
    number, scenes = 0, M[SCENES]
    offset = np.random.randint(scenes)
    for j in range(scenes):
        s = (offset + j) % scenes
        if not _is_free(M, s) or np.random.random() > share:
            continue
        is_wanted = s == seed
        if how < 0.35:
            is_wanted = is_wanted or (p >= 0 and _plays(M, s, p) and (M[M[DAY] + s] == d or M[M[DAY] + s] == e))
        elif how < 0.65:
            is_wanted = is_wanted or M[M[CAND_PLACE] + M[M[CAND] + s]] == k
        elif how < 0.85:
            is_wanted = is_wanted or ((M[M[DAY] + s] == d or M[M[DAY] + s] == e) and np.random.random() < 0.3)
        else:
            is_wanted = is_wanted or (
                M[M[DAY] + s] == d
                and M[M[UNIT] + s] == M[M[UNIT] + seed]
                and (abs(M[M[START] + s] - M[M[START] + seed]) < 240)
            )
        if is_wanted:
            M[M[OUT] + number] = s
            number += 1
            if number >= most:
                break
    return number


@inner
def _ruin(M: Any) -> bool:
    """Free some scenes and put each back where it costs least."""
    number = _ruined(M)
    offset, tried = np.random.randint(M[SCENES]), 0
    for j in range(M[SCENES]):  # some of those without a time try again
        s = (offset + j) % M[SCENES]
        if tried < 4 and (M[M[DAY] + s] < 0 or M[M[START] + s] < 0):
            is_out = False
            for i in range(number):
                is_out = is_out or M[M[OUT] + i] == s
            if not is_out:
                M[M[OUT] + number] = s
                number += 1
                tried += 1
    if number == 0:
        return False
    by_size = np.random.random() < 0.3
    keys = np.empty(number, np.float64)
    for j in range(number):
        s = M[M[OUT] + j]
        weight = M[M[MINUTES] + s] if by_size else M[M[CAND_PLACE] + M[M[CAND_PTR] + s]] * 100
        keys[j] = -weight + 30 * np.random.random()
        if M[M[DAY] + s] >= 0:
            take(M, s)
    settle(M)
    noise = 100000 * np.random.random() if np.random.random() < 0.5 else 0.0
    for j in range(1, number):  # in the order of keys, without numba's sort (a second to compile)
        key, s, i = keys[j], M[M[OUT] + j], j
        while i > 0 and keys[i - 1] > key:
            keys[i], M[M[OUT] + i] = keys[i - 1], M[M[OUT] + (i - 1)]
            i -= 1
        keys[i], M[M[OUT] + i] = key, s
    for j in range(number):
        insert(M, M[M[OUT] + j], noise)
    return True


@inner
def change(M: Any, ruin_share: float) -> bool:
    """One random change; ``False`` when it could not be made (nothing has changed then)."""
    how = np.random.random()
    if how < ruin_share:
        return _ruin(M)
    how = np.random.random()
    if how < 0.62:
        return _relocate(M)
    if how < 0.85:
        return _swap(M)
    if how < 0.97:
        return _swap_blocks(M)
    return _swap_rows(M)
