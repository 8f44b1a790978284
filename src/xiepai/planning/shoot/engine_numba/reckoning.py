"""What a day and the whole cost, compiled: the search's own arithmetic, checked against ``objective``."""

from __future__ import annotations

from typing import Any

from xiepai.planning.shoot.engine_numba.compiling import inner
from xiepai.planning.shoot.engine_numba.timing import NEVER, close_gaps, schedule, window_at
from xiepai.planning.shoot.slots import (
    BAD,
    CAND,
    CAND_PENALTY,
    CAND_PLACE,
    CAST_PERSON,
    CAST_PTR,
    COST,
    COUNT,
    CROWD_HEADS,
    CROWD_KIND,
    CROWD_PTR,
    DAY,
    DAY_FEN,
    DAYS,
    DIRTY,
    DUE,
    FRESH,
    FROZEN,
    HOUR_FEN,
    KIND_FEN,
    KIND_OVER,
    KIND_PAID,
    KINDS,
    LATE_FEN,
    LENGTH,
    LIMIT,
    MAKEUP,
    MINUTES,
    MOVE_FEN,
    ORDER,
    PEOPLE,
    PLACE_FEN,
    PLACE_OVER,
    PLACE_PAID,
    PLACE_ROW,
    PLACES,
    RELEASE,
    ROOM,
    SCENES,
    SCRATCH,
    SEQ,
    SETUP,
    SPAN,
    START,
    UNIT,
    UNIT_FEN,
    UNIT_MOST,
    UNIT_OVER,
    UNIT_PAID,
    UNIT_RELEASE,
    UNITS,
    WAIT_FEN,
    WAIT_HOUR_FEN,
    WIDTH,
    WISH_FEN,
    WISH_KIND,
    WISH_ONE,
    WISH_OTHER,
    WISHES,
)

OUT_OF_DAY, UNPLACED, WISH_BROKEN = 300, 400, 200
"""Minutes of violation a scene counts that its day has no time for, or that has no day; and a broken must."""
PER_MINUTE = 20000
"""What the search pays, in fen, for a minute of violation: more than any minute can save."""
BEFORE, NEXT, SAME_DAY, NOT_FIRST = 0, 1, 2, 3


@inner
def _hours(minutes: int) -> int:
    return (max(0, minutes) + 59) // 60


@inner
def price(M: Any, k: int, minutes: int) -> int:
    """The price of one stay at a place."""
    best = NEVER
    if M[M[HOUR_FEN] + k] >= 0:
        best = M[M[HOUR_FEN] + k] * _hours(minutes)
    if M[M[PLACE_FEN] + k] >= 0:
        best = min(best, M[M[PLACE_FEN] + k] + M[M[PLACE_OVER] + k] * _hours(minutes - M[M[PLACE_PAID] + k]))
    return 0 if best == NEVER else best


@inner
def _unit_day(M: Any, d: int, u: int, number: int) -> tuple[int, int]:
    """Crew, overtime, moves and penalties of a unit's day; the minutes it is too long. Marks where the unit sets up."""
    fen, begin, end, before = 0, -1, -1, -1
    for i in range(number):
        s = M[M[ORDER] + i]
        if M[M[UNIT] + s] != u:
            continue
        k = M[M[CAND_PLACE] + M[M[CAND] + s]]
        M[M[FRESH] + s] = 1
        if before < 0:
            begin = M[M[START] + s] - M[M[SETUP] + k]
        else:
            q = M[M[CAND_PLACE] + M[M[CAND] + before]]
            fen += M[M[MOVE_FEN] + q * M[PLACES] + k]
            row = PLACE_ROW + k
            if q == k and window_at(M, row, d, M[M[START] + before]) == window_at(M, row, d, M[M[START] + s]):
                M[M[FRESH] + s] = 0
        fen += M[M[CAND_PENALTY] + M[M[CAND] + s] * M[DAYS] + d]
        end = M[M[START] + s] + M[M[MINUTES] + s]
        before = s
    M[M[UNIT_RELEASE] + d * M[UNITS] + u] = end
    if before < 0:
        return 0, 0
    fen += M[M[UNIT_FEN] + u] + M[M[UNIT_OVER] + u] * _hours(end - begin - M[M[UNIT_PAID] + u])
    return fen, max(0, end - begin - M[M[UNIT_MOST] + u])


@inner
def _hire(M: Any, d: int, number: int) -> int:
    """Stays at places, each within one free window."""
    width = M[WIDTH] + 1
    begin, end = M[SCRATCH], M[SCRATCH] + M[PLACES] * width
    for i in range(number):
        k = M[M[CAND_PLACE] + M[M[CAND] + M[M[ORDER] + i]]]
        for w in range(k * width, (k + 1) * width):
            M[begin + w], M[end + w] = NEVER, 0
    for i in range(number):
        s = M[M[ORDER] + i]
        k = M[M[CAND_PLACE] + M[M[CAND] + s]]
        w = k * width + (window_at(M, PLACE_ROW + k, d, M[M[START] + s]) + width) % width
        arrival = M[M[START] + s] - (M[M[SETUP] + k] if M[M[FRESH] + s] else 0)
        M[begin + w] = min(M[begin + w], arrival)
        M[end + w] = max(M[end + w], M[M[START] + s] + M[M[MINUTES] + s])
    fen = 0
    for i in range(number):
        k = M[M[CAND_PLACE] + M[M[CAND] + M[M[ORDER] + i]]]
        for w in range(k * width, (k + 1) * width):
            if M[begin + w] < NEVER:
                fen += price(M, k, M[end + w] - M[begin + w])
                M[begin + w] = NEVER
    return fen


@inner
def _crowds(M: Any, number: int) -> int:
    kinds = M[KINDS]
    begin, end, heads = M[SCRATCH], M[SCRATCH] + kinds, M[SCRATCH] + 2 * kinds
    for c in range(kinds):
        M[begin + c], M[end + c], M[heads + c] = NEVER, 0, 0
    for i in range(number):
        s = M[M[ORDER] + i]
        for x in range(M[M[CROWD_PTR] + s], M[M[CROWD_PTR] + (s + 1)]):
            c = M[M[CROWD_KIND] + x]
            M[begin + c] = min(M[begin + c], M[M[START] + s])
            M[end + c] = max(M[end + c], M[M[START] + s] + M[M[MINUTES] + s])
            M[heads + c] = max(M[heads + c], M[M[CROWD_HEADS] + x])
    fen = 0
    for c in range(kinds):
        if M[heads + c] > 0:
            hours = _hours(M[end + c] - M[begin + c] - M[M[KIND_PAID] + c])
            fen += M[heads + c] * (M[M[KIND_FEN] + c] + M[M[KIND_OVER] + c] * hours)
    return fen


@inner
def _people(M: Any, d: int, number: int, planned: int) -> tuple[int, int]:
    """Waiting on the set, and minutes over the limits of people who play in any of the first *planned* scenes."""
    people = M[PEOPLE]
    begin, end, busy = M[SCRATCH], M[SCRATCH] + people, M[SCRATCH] + 2 * people
    is_open = busy + people
    for p in range(people):
        M[begin + p], M[end + p], M[busy + p], M[is_open + p] = NEVER, 0, 0, 0
    for i in range(number):
        s = M[M[ORDER] + i]
        start, minutes = M[M[START] + s], M[M[MINUTES] + s]
        for x in range(M[M[CAST_PTR] + s], M[M[CAST_PTR] + (s + 1)]):
            p = M[M[CAST_PERSON] + x]
            M[begin + p] = min(M[begin + p], start)
            M[end + p] = max(M[end + p], start + minutes)
            M[busy + p] += minutes
            if i < planned:
                M[is_open + p] = 1
    fen, bad = 0, 0
    for p in range(people):
        M[M[RELEASE] + d * people + p] = -1
        if M[begin + p] < NEVER:
            there = M[end + p] - M[begin + p]
            fen += max(0, there - M[busy + p]) * M[WAIT_HOUR_FEN] // 60
            bad += M[is_open + p] * max(0, there + M[M[MAKEUP] + p] - M[M[LIMIT] + p])
            M[M[RELEASE] + d * people + p] = M[end + p]
    return fen, bad


@inner
def compute_day(M: Any, d: int) -> None:
    """Times, cost and violation of one day from its order."""
    number, out = schedule(M, d)
    close_gaps(M, d, number)
    planned, fen, bad = number, 0, OUT_OF_DAY * out
    for u in range(M[UNITS]):
        if M[M[FROZEN] + d * M[UNITS] + u]:
            for i in range(M[M[LENGTH] + d * M[UNITS] + u]):
                M[M[ORDER] + number] = M[M[SEQ] + (d * M[UNITS] + u) * M[ROOM] + i]
                number += 1
    for u in range(M[UNITS]):
        unit_fen, unit_bad = _unit_day(M, d, u, number)
        fen += unit_fen
        if not M[M[FROZEN] + d * M[UNITS] + u]:
            bad += unit_bad
    people_fen, people_bad = _people(M, d, number, planned)
    M[M[COST] + d] = fen + people_fen + _hire(M, d, number) + _crowds(M, number)
    M[M[BAD] + d] = bad + people_bad


@inner
def _is_next(M: Any, a: int, b: int) -> bool:
    d, u = M[M[DAY] + a], M[M[UNIT] + a]
    for i in range(M[M[LENGTH] + d * M[UNITS] + u] - 1):
        if M[M[SEQ] + (d * M[UNITS] + u) * M[ROOM] + i] == a:
            return bool(M[M[SEQ] + (d * M[UNITS] + u) * M[ROOM] + (i + 1)] == b)
    return False


@inner
def _is_met(M: Any, w: int) -> bool:
    a, b, kind = M[M[WISH_ONE] + w], M[M[WISH_OTHER] + w], M[M[WISH_KIND] + w]
    if M[M[DAY] + a] < 0 or M[M[DAY] + b] < 0:
        return True
    if kind == NOT_FIRST:
        return bool(M[M[SEQ] + (M[M[DAY] + a] * M[UNITS] + M[M[UNIT] + a]) * M[ROOM] + 0] != a)
    if kind == SAME_DAY:
        return bool(M[M[DAY] + a] == M[M[DAY] + b])
    if kind == BEFORE:
        return bool(
            M[M[DAY] + a] < M[M[DAY] + b]
            or (M[M[DAY] + a] == M[M[DAY] + b] and M[M[START] + a] + M[M[MINUTES] + a] <= M[M[START] + b])
        )
    return _is_next(M, a, b)


@inner
def span_fen(M: Any, p: int, extra: int) -> int:
    """A person's fees, as if also playing on day *extra* (−1: as it is)."""
    first, last, played = -1, -1, 0
    for d in range(M[DAYS]):
        if M[M[COUNT] + p * M[DAYS] + d] > 0 or d == extra:
            first, last, played = d if first < 0 else first, d, played + 1
    if played == 0:
        return 0
    return M[M[DAY_FEN] + p] * played + M[M[WAIT_FEN] + p] * (last - first + 1 - played)


@inner
def span_change(M: Any) -> int:
    """What the change at hand makes people's fees more, over the plan before it."""
    fen = 0
    for p in range(M[PEOPLE]):
        if M[M[DIRTY] + p]:
            fen += span_fen(M, p, -1) - M[M[SPAN] + p]
    return fen


@inner
def keep_spans(M: Any) -> None:
    """Remember what each person costs as it is."""
    for p in range(M[PEOPLE]):
        if M[M[DIRTY] + p]:
            M[M[SPAN] + p], M[M[DIRTY] + p] = span_fen(M, p, -1), 0


@inner
def total(M: Any) -> tuple[int, int]:
    """Fen and minutes of violation of the whole plan, its days being computed."""
    fen, bad, last, placed = span_change(M), 0, -1, 0
    for p in range(M[PEOPLE]):
        fen += M[M[SPAN] + p]
    for d in range(M[DAYS]):
        fen, bad = fen + M[M[COST] + d], bad + M[M[BAD] + d]
        for u in range(M[UNITS]):
            if M[M[LENGTH] + d * M[UNITS] + u] > 0:
                last, placed = d, placed + M[M[LENGTH] + d * M[UNITS] + u]
    if last > M[DUE]:
        fen += M[LATE_FEN] * (last - M[DUE])
    for w in range(M[WISHES]):
        if not _is_met(M, w):
            if M[M[WISH_FEN] + w] < 0:
                bad += WISH_BROKEN
            else:
                fen += M[M[WISH_FEN] + w]
    return fen, bad + UNPLACED * (M[SCENES] - placed)
