"""Steps over rows, compiled. A group that stays within its limit is left as it is; only the others are ordered.

``group`` is each row's group (empty: all rows are one), ``rank`` its place in the order (equal ranks: by row). Sums
stop at one above the limit, so they cannot overflow. Pro rata takes ⌊v · limit / parts⌋ from a floating estimate
that whole-number arithmetic modulo 2⁶⁴ then corrects; the caller keeps to where that is exact (:func:`fits`).
"""

from __future__ import annotations

import numpy as np
from numba import njit, types

_BITS = 11
_BINS = 1 << 14
MOST = 2**62


def fits(total: int, limit: int, unit: int) -> bool:
    """Whether the corrected estimate is exact: the estimate's error stays below one, the remainder below 2⁶³."""
    return total < MOST and total * unit < 2**61 and limit // unit < 2**50


@njit(cache=True)
def ends(column):  # type: ignore[no-untyped-def]
    """The least and the greatest number of a column; 0 and 0 where it is empty."""
    low = high = types.int64(column[0]) if len(column) else types.int64(0)
    for row in range(len(column)):
        low, high = min(low, column[row]), max(high, column[row])
    return low, high


@njit(cache=True)
def mix(found, part, width, end, sign):  # type: ignore[no-untyped-def]
    """Put one more digit behind each number: the distance of ``part`` from one end of its range."""
    for row in range(len(found)):
        found[row] = found[row] * width + (part[row] - end) * sign


@njit(cache=True)
def totals(value, group, groups, most):  # type: ignore[no-untyped-def]
    """The sum of each group, stopped at ``most``."""
    found = np.zeros(groups, np.int64)
    for row in range(len(value)):
        if value[row] > 0:
            g = group[row] if len(group) else 0
            found[g] = found[g] + value[row] if value[row] <= most - found[g] else most
    return found


@njit(cache=True)
def counts(value, group, groups):  # type: ignore[no-untyped-def]
    """How many rows above zero each group has."""
    found = np.zeros(groups, np.int64)
    for row in range(len(value)):
        if value[row] > 0:
            found[group[row] if len(group) else 0] += 1
    return found


@njit(cache=True)
def chosen(value, group, over):  # type: ignore[no-untyped-def]
    """The rows above zero of the groups that are over their limit."""
    found = np.empty(len(value), np.int64)
    size = 0
    for row in range(len(value)):
        if value[row] > 0 and over[group[row] if len(group) else 0]:
            found[size] = row
            size += 1
    return found[:size]


@njit(cache=True)
def sorted_rows(rows, key, room):  # type: ignore[no-untyped-def]
    """Rows by key (0 ≤ key < room), equal keys as they stand: a radix sort."""
    width, mask = _BITS, types.int64((1 << _BITS) - 1)
    keys, other_keys = np.empty(len(rows), np.int64), np.empty(len(rows), np.int64)
    for place in range(len(rows)):
        keys[place] = key[rows[place]]
    here, there = rows.copy(), np.empty(len(rows), np.int64)
    shift = 0
    while shift < 63 and (room - 1) >> shift > 0:
        starts = np.zeros((1 << _BITS) + 1, np.int64)
        for place in range(len(here)):
            starts[((keys[place] >> shift) & mask) + 1] += 1
        for digit in range(1 << _BITS):
            starts[digit + 1] += starts[digit]
        for place in range(len(here)):
            digit = (keys[place] >> shift) & mask
            there[starts[digit]] = here[place]
            other_keys[starts[digit]] = keys[place]
            starts[digit] += 1
        here, there, keys, other_keys = there, here, other_keys, keys
        shift += width
    return here


@njit(cache=True)
def positive(value):  # type: ignore[no-untyped-def]
    """The rows above zero."""
    found = np.empty(len(value), np.int64)
    size = 0
    for row in range(len(value)):
        found[size] = row
        size += value[row] > 0
    return found[:size]


@njit(cache=True)
def best(value, group, groups):  # type: ignore[no-untyped-def]
    """For each group its highest amount and, one above it, the first row that has it; the rows that came level later.

    The pair of a group lies side by side: it is fetched at once, and a group's rows lie anywhere.
    """
    found = np.zeros(2 * groups, np.int64)
    level = np.empty(len(value), np.int64)
    size = 0
    for row in range(len(value)):
        v = value[row]
        if v > 0:
            place = 2 * (group[row] if len(group) else 0)
            if v > found[place]:
                found[place], found[place + 1] = v, row + 1
            elif v == found[place]:
                level[size] = row
                size += 1
    return found, level[:size]


@njit(cache=True)
def settle(found, value, group, level, rank):  # type: ignore[no-untyped-def]
    """Where several rows have a group's highest amount, the first in order takes it."""
    for row in level:
        place = 2 * (group[row] if len(group) else 0)
        if value[row] == found[place] and rank[row] < rank[found[place + 1] - 1]:
            found[place + 1] = row + 1


@njit(cache=True)
def highest(found, rows):  # type: ignore[no-untyped-def]
    """The best row of each group keeps its amount."""
    after = np.zeros(rows, np.int64)
    for place in range(0, len(found), 2):
        if found[place] > 0:
            after[found[place + 1] - 1] = found[place]
    return after


@njit(cache=True)
def quota(value, group, groups, rows, limit):  # type: ignore[no-untyped-def]
    """The first ``limit`` of each group in the order of ``rows`` stay."""
    after, taken = value.copy(), np.zeros(groups, np.int64)
    for row in rows:
        g = group[row] if len(group) else 0
        if taken[g] >= limit:
            after[row] = 0
        taken[g] += 1
    return after


@njit(cache=True)
def cap(value, group, groups, rows, limit, in_part):  # type: ignore[no-untyped-def]
    """First come up to the limit of each group; the one who crosses it gets the rest, or nothing."""
    after, left = value.copy(), np.full(groups, limit, np.int64)
    for row in rows:
        g = group[row] if len(group) else 0
        if value[row] <= left[g]:
            left[g] -= value[row]
        else:
            after[row] = max(left[g], 0) if in_part else 0
            left[g] = 0 if in_part else -1
    return after


@njit(cache=True)
def share(value, group, rows, total, limit, unit):  # type: ignore[no-untyped-def]
    """Whole units of each row, their remainders, and what each group gave away."""
    units, rest = np.zeros(len(value), np.int64), np.zeros(len(value), np.int64)
    given = np.zeros(len(total), np.int64)
    for row in rows:
        g = group[row] if len(group) else 0
        parts = total[g] * unit
        q = np.int64(float(value[row]) * float(limit) / float(parts))
        r = np.int64(np.uint64(value[row]) * np.uint64(limit) - np.uint64(q) * np.uint64(parts))
        while r < 0:
            q -= 1
            r += parts
        while r >= parts:
            q += 1
            r -= parts
        units[row], rest[row] = q, r
        given[g] += q
    return units, rest, given


@njit(cache=True)
def hand_out(units, group, rows, left):  # type: ignore[no-untyped-def]
    """One unit more for the first ``left`` of each group in the order of ``rows``."""
    for row in rows:
        g = group[row] if len(group) else 0
        if left[g] > 0:
            units[row] += 1
            left[g] -= 1


@njit(cache=True)
def top(units, rest, rows, places, parts):  # type: ignore[no-untyped-def]
    """One unit more for the rows of the largest remainders; the rows around the last place are left to be ordered.

    Returns those rows and how many places they have. Remainders lie in [0, parts) and fall into even bins.
    """
    bins = np.zeros(_BINS + 1, np.int64)
    scale = _BINS / float(parts)
    for row in rows:
        bins[int(rest[row] * scale)] += 1
    last, above = _BINS, 0
    while last > 0 and above + bins[last] < places:
        above += bins[last]
        last -= 1
    around = np.empty(bins[last], np.int64)
    size = 0
    for row in rows:
        place = int(rest[row] * scale)
        if place > last:
            units[row] += 1
        elif place == last:
            around[size] = row
            size += 1
    return around, places - above


@njit(cache=True)
def paid_units(value, group, over, units, unit):  # type: ignore[no-untyped-def]
    """Units become amounts where a group was over its limit; elsewhere the amount stays."""
    after = value.copy()
    for row in range(len(value)):
        if over[group[row] if len(group) else 0]:
            after[row] = units[row] * unit
    return after
