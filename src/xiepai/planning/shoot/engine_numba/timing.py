"""One day's times from the order of its scenes, compiled: units side by side, each scene as early as it may.

Of the units' next scenes the one that can begin first is set; people and places it holds push the others back. Then,
from the last to the first, a scene moves later where that closes a gap: calls come later, days and hires get shorter.
A scene without any window left is passed over and counted; it takes no time from the others.
"""

from __future__ import annotations

from typing import Any

from xiepai.planning.shoot.engine_numba.compiling import inner
from xiepai.planning.shoot.slots import (
    CAND,
    CAND_PLACE,
    CAND_ROW,
    CAST_LOOK,
    CAST_PERSON,
    CAST_PTR,
    CHANGE,
    DAYS,
    FRESH,
    FROZEN,
    GAP,
    LENGTH,
    MAKEUP,
    MINUTES,
    ORDER,
    PEOPLE,
    PERSON_ROW,
    PLACE_ROW,
    PLACES,
    RELEASE,
    REST,
    ROOM,
    SCRATCH,
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
def _shares(M: Any, s: int, n: int) -> bool:
    """Whether two scenes are at one place, or somebody plays in both."""
    if M[M[CAND_PLACE] + M[M[CAND] + s]] == M[M[CAND_PLACE] + M[M[CAND] + n]]:
        return True
    first, end, person = M[M[CAST_PTR] + n], M[M[CAST_PTR] + (n + 1)], M[CAST_PERSON]
    for x in range(M[M[CAST_PTR] + s], M[M[CAST_PTR] + (s + 1)]):
        p = M[person + x]
        for y in range(first, end):
            if M[person + y] == p:
                return True
    return False


@inner
def _earliest(M: Any, d: int, u: int, s: int, last: int, free: int, look: int, where: int, taken: int) -> Any:
    """When the unit's next scene can begin, and the windows that are missing."""
    k, m, people, units = M[M[CAND_PLACE] + M[M[CAND] + s]], M[M[MINUTES] + s], M[PEOPLE], M[UNITS]
    travel, person, makeup = M[TRAVEL] + k, M[CAST_PERSON], M[MAKEUP]
    first, end = M[M[CAST_PTR] + s], M[M[CAST_PTR] + (s + 1)]
    if last >= 0:
        ready = M[M[START] + last] + M[M[MINUTES] + last]
        ready += M[travel + M[M[CAND_PLACE] + M[M[CAND] + last]] * M[PLACES]]
    else:
        ready = M[M[UNIT_OPEN] + u]
        if d > 0 and M[M[UNIT_RELEASE] + (d - 1) * units + u] >= 0:
            ready = max(ready, M[M[UNIT_RELEASE] + (d - 1) * units + u] + M[M[UNIT_REST] + u] - M[M[GAP] + d])
    for other in range(units):
        if other != u:
            ready = max(ready, M[taken + k * units + other])
    start = ready
    for x in range(first, end):
        p = M[person + x]
        if M[free + p] >= 0:
            gap = M[travel + M[where + p] * M[PLACES]]
            if M[look + p] != M[M[CAST_LOOK] + x]:
                gap += M[M[CHANGE] + p]
            start = max(start, M[free + p] + gap)
        elif d > 0 and M[M[RELEASE] + (d - 1) * people + p] >= 0:
            rested = M[M[RELEASE] + (d - 1) * people + p] + M[M[REST] + p] - M[M[GAP] + d]
            start = max(start, rested + M[makeup + p])
    lit = M[M[CAND_ROW] + M[M[CAND] + s]]
    for _ in range(50):
        before = start
        start = fits(M, lit, d, 0, start, m)
        if start < 0:
            return -1, 0
        start, fresh = _place_start(M, d, s, last, start, ready)
        for x in range(first, end):
            p = M[person + x]
            lead = M[makeup + p] if M[free + p] < 0 else 0
            start = fits(M, M[PERSON_ROW] + p, d, lead, start, m) if start >= 0 else -1
        if start < 0 or start + m > M[M[UNIT_CLOSE] + d * units + u]:
            return -1, 0
        if start == before:
            return start, fresh
    return -1, 0


@inner
def schedule(M: Any, d: int) -> tuple[int, int]:
    """Set the times of a day: how many scenes are set (they stand in ``ORDER`` as set), how many could not be."""
    people, units, seq = M[PEOPLE], M[UNITS], M[SEQ]
    free, look, where, taken = M[SCRATCH], M[SCRATCH] + people, M[SCRATCH] + 2 * people, M[SCRATCH] + 3 * people
    at = taken + M[PLACES] * units
    last, begin, fresh = at + units, at + 2 * units, at + 3 * units
    for p in range(people):
        M[free + p] = -1
    for i in range(taken, at):
        M[i] = -1
    for v in range(units):
        M[at + v], M[last + v], M[begin + v] = 0, -1, -1
        if M[M[FROZEN] + d * units + v]:  # stands as it is; what it leaves free is in the others' windows
            M[at + v] = M[M[LENGTH] + d * units + v]
    number, out = 0, 0
    while True:
        first, u = NEVER, -1
        for v in range(units):
            row, size = seq + (d * units + v) * M[ROOM], M[M[LENGTH] + d * units + v]
            while M[begin + v] < 0 and M[at + v] < size:
                s = M[row + M[at + v]]
                M[begin + v], M[fresh + v] = _earliest(M, d, v, s, M[last + v], free, look, where, taken)
                if M[begin + v] < 0:
                    M[M[START] + s] = -1
                    M[at + v] += 1
                    out += 1
            if 0 <= M[begin + v] < first:
                first, u = M[begin + v], v
        if u < 0:
            return number, out
        s = M[seq + (d * units + u) * M[ROOM] + M[at + u]]
        M[M[START] + s], M[M[FRESH] + s] = first, M[fresh + u]
        k, end = M[M[CAND_PLACE] + M[M[CAND] + s]], first + M[M[MINUTES] + s]
        M[taken + k * units + u] = end
        for x in range(M[M[CAST_PTR] + s], M[M[CAST_PTR] + (s + 1)]):
            p = M[M[CAST_PERSON] + x]
            M[free + p], M[look + p], M[where + p] = end, M[M[CAST_LOOK] + x], k
        M[M[ORDER] + number] = s
        number += 1
        M[at + u] += 1
        M[last + u], M[begin + u] = s, -1
        for v in range(units):  # whose next scene needs neither this place nor these people is reckoned already
            if M[begin + v] >= 0 and _shares(M, s, M[seq + (d * units + v) * M[ROOM] + M[at + v]]):
                M[begin + v] = -1


@inner
def _latest(M: Any, d: int, s: int) -> int:
    """The latest end inside the windows a scene stands in."""
    c, t = M[M[CAND] + s], M[M[START] + s]
    limit = min(_window_end(M, M[M[CAND_ROW] + c], d, t), _window_end(M, PLACE_ROW + M[M[CAND_PLACE] + c], d, t))
    for x in range(M[M[CAST_PTR] + s], M[M[CAST_PTR] + (s + 1)]):
        limit = min(limit, _window_end(M, M[PERSON_ROW] + M[M[CAST_PERSON] + x], d, t))
    return max(limit, t + M[M[MINUTES] + s])


@inner
def close_gaps(M: Any, d: int, number: int) -> None:
    """Move scenes later, the last first, as far as nothing else moves; a unit's last scene stays."""
    people, places, units = M[PEOPLE], M[PLACES], M[UNITS]
    call, look, where, taken = M[SCRATCH], M[SCRATCH] + people, M[SCRATCH] + 2 * people, M[SCRATCH] + 3 * people
    after = taken + places * units
    for p in range(people):
        M[call + p] = NEVER
    for i in range(taken, after):
        M[i] = NEVER
    for v in range(units):
        M[after + v] = -1
    for i in range(number - 1, -1, -1):
        s = M[M[ORDER] + i]
        u, k, m = M[M[UNIT] + s], M[M[CAND_PLACE] + M[M[CAND] + s]], M[M[MINUTES] + s]
        n = M[after + u]
        if n >= 0:
            kn = M[M[CAND_PLACE] + M[M[CAND] + n]]
            limit = M[M[START] + n] - M[M[TRAVEL] + k * places + kn] - (M[M[SETUP] + kn] if M[M[FRESH] + n] else 0)
            if limit > M[M[START] + s] + m:
                for other in range(units):
                    if other != u:
                        limit = min(limit, M[taken + k * units + other])
                for x in range(M[M[CAST_PTR] + s], M[M[CAST_PTR] + (s + 1)]):
                    p = M[M[CAST_PERSON] + x]
                    if M[call + p] < NEVER:
                        gap = M[M[TRAVEL] + k * places + M[where + p]]
                        if M[look + p] != M[M[CAST_LOOK] + x]:
                            gap += M[M[CHANGE] + p]
                        limit = min(limit, M[call + p] - gap)
                    else:  # a later release may press the next day's call
                        harmless = 1440 + M[M[UNIT_OPEN] + u] + M[M[MAKEUP] + p] - M[M[REST] + p]
                        limit = min(limit, max(M[M[START] + s] + m, harmless))
                limit = min(limit, _latest(M, d, s))
                M[M[START] + s] = max(M[M[START] + s], limit - m)
        M[after + u] = s
        M[taken + k * units + u] = M[M[START] + s] - (M[M[SETUP] + k] if M[M[FRESH] + s] else 0)
        for x in range(M[M[CAST_PTR] + s], M[M[CAST_PTR] + (s + 1)]):
            p = M[M[CAST_PERSON] + x]
            M[call + p], M[look + p], M[where + p] = M[M[START] + s], M[M[CAST_LOOK] + x], k
