"""Large-neighbourhood search: take some cells out, put each back where it costs least, keep what is not much worse.

For any number of cells and people. It proves nothing; it gives the exact searches a limit to stay under, and large
plans their order. Three ways to take out (cells chosen freely, neighbours in the order, cells of one person) and one
to move a whole run of cells, turned round or not; a worse order is accepted as in simulated annealing.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from xiepai.planning.talent.compiling import call, compiled
from xiepai.planning.talent.reduction import Part

_WARM = 0.03
_COLD = 0.0005


class Improver:
    """Goes on from where it stopped: the same seed and the same steps give the same orders."""

    def __init__(self, part: Part, seed: int) -> None:
        cells, people = len(part.durations), len(part.costs)
        self.durations = np.array(part.durations, np.int64)
        self.costs = np.array(part.costs, np.int64)
        self.is_in = np.array([[cast >> one & 1 for one in range(people)] for cast in part.casts], np.bool_)
        self.dice = np.array([seed * 2 + 1 & (1 << 62) - 1], np.int64)
        self.order = np.arange(cells, dtype=np.int64)
        self.best = self.order.copy()
        self.waiting = int(call(_begin, *self._problem(), self.order, self.best, self.dice))

    def _problem(self) -> tuple[NDArray[Any], ...]:
        return self.durations, self.costs, self.is_in

    def improve(self, steps: int, is_over: Callable[[], bool] = lambda: False) -> tuple[list[int], int]:
        """The best order so far and its waiting, after some more steps from warm to cold."""
        slice_of = max(2_000_000 // (len(self.durations) * len(self.costs)), 100)
        for begin in range(0, steps, slice_of):
            if is_over():
                break
            heats = _WARM * (_COLD / _WARM) ** (np.arange(begin, min(begin + slice_of, steps)) / steps)
            self.waiting = int(call(_improve, *self._problem(), self.order, self.best, self.dice, heats))
        return self.best.tolist(), self.waiting

    def adopt(self, order: list[int]) -> None:
        """Go on from an order another engine found."""
        self.order[:] = order
        self.best[:] = order


@compiled
def _roll(dice, sides):  # type: ignore[no-untyped-def]
    """The next of a row of numbers below ``sides`` (xorshift, 64 bits, the low ones dropped)."""
    x = dice[0]
    x ^= x << 13
    x ^= (x >> 7) & ((1 << 57) - 1)
    x ^= x << 17
    dice[0] = x
    return ((x >> 11) & ((1 << 53) - 1)) % sides


@compiled
def _waiting(order, size, durations, costs, is_in, first, last):  # type: ignore[no-untyped-def]
    """What waiting costs in an order; writes when each person starts and ends (−1: not at all)."""
    first[:] = -1
    clock, total = 0, 0
    for place in range(size):
        cell = order[place]
        end = clock + durations[cell]
        for one in range(len(costs)):
            if is_in[cell, one]:
                if first[one] < 0:
                    first[one] = clock
                else:
                    total += costs[one] * (clock - last[one])
                last[one] = end
        clock = end
    return total


@compiled
def _put_back(cell, order, size, durations, costs, is_in, first, last, price):  # type: ignore[no-untyped-def]
    """Put a cell where it costs least; ``first`` and ``last`` are of the order without it, and with it afterwards."""
    clock = 0
    for place in range(size + 1):
        total = 0
        for one in range(len(costs)):
            if first[one] >= 0:
                if is_in[cell, one]:
                    if clock < first[one]:
                        total += costs[one] * (first[one] - clock)
                    elif clock > last[one]:
                        total += costs[one] * (clock - last[one])
                elif first[one] < clock < last[one]:
                    total += costs[one] * durations[cell]
        price[place] = total
        if place < size:
            clock += durations[order[place]]
    best = 0
    for place in range(1, size + 1):
        if price[place] < price[best]:
            best = place
    order[best + 1 : size + 1] = order[best:size].copy()
    order[best] = cell
    _waiting(order, size + 1, durations, costs, is_in, first, last)


@compiled
def _take_out(order, size, out, kind, is_in, dice, is_out):  # type: ignore[no-untyped-def]
    """Choose cells and move them behind the others; how many remain in front."""
    count = len(order)
    is_out[:] = False
    start = _roll(dice, count)
    one = _roll(dice, is_in.shape[1])
    taken = 0
    for turn in range(4 * count):
        if taken == out:
            break
        place = (start + turn) % count if kind == 1 else _roll(dice, count)
        cell = order[place]
        if is_out[cell] or (kind == 2 and turn < 3 * count and not is_in[cell, one]):
            continue
        is_out[cell] = True
        size[taken] = cell
        taken += 1
    front = 0
    for place in range(count):
        if not is_out[order[place]]:
            order[front] = order[place]
            front += 1
    for place in range(taken - 1, 0, -1):
        other = _roll(dice, place + 1)
        size[place], size[other] = size[other], size[place]
    order[front:] = size[:taken]
    return front


@compiled
def _move_run(order, dice):  # type: ignore[no-untyped-def]
    """Move a run of cells elsewhere, turned round or not."""
    count = len(order)
    length = 1 + _roll(dice, max(count // 2, 1))
    start = _roll(dice, count - length + 1)
    run = order[start : start + length].copy()
    if _roll(dice, 2):
        run = run[::-1].copy()
    rest = np.concatenate((order[:start], order[start + length :]))
    to = _roll(dice, count - length + 1)
    order[:to] = rest[:to]
    order[to : to + length] = run
    order[to + length :] = rest[to:]


@compiled
def _fill(order, front, durations, costs, is_in, first, last, price):  # type: ignore[no-untyped-def]
    """Put back what stands behind ``front``, one after another; the waiting of the whole."""
    _waiting(order, front, durations, costs, is_in, first, last)
    for place in range(front, len(order)):
        _put_back(order[place], order, place, durations, costs, is_in, first, last, price)
    return _waiting(order, len(order), durations, costs, is_in, first, last)


@compiled
def _begin(durations, costs, is_in, order, best, dice):  # type: ignore[no-untyped-def]
    """A first order: cells put in one by one, in the order given."""
    count, people = len(durations), len(costs)
    first, last = np.empty(people, np.int64), np.empty(people, np.int64)
    for _turn in range(8):
        _roll(dice, 2)
    waiting = _fill(order, 0, durations, costs, is_in, first, last, np.empty(count + 1, np.int64))
    best[:] = order
    return waiting


@compiled
def _improve(durations, costs, is_in, order, best, dice, heats):  # type: ignore[no-untyped-def]
    count, people = len(durations), len(costs)
    first, last = np.empty(people, np.int64), np.empty(people, np.int64)
    price = np.empty(count + 1, np.int64)
    taken, is_out = np.empty(count, np.int64), np.empty(count, np.bool_)
    now = _waiting(order, count, durations, costs, is_in, first, last)
    least = _waiting(best, count, durations, costs, is_in, first, last)
    draft = order.copy()
    most = max(min(count // 3, 12), 1)
    for heat_of in heats:
        heat = least * heat_of
        draft[:] = order
        kind = _roll(dice, 4)
        if kind == 3:
            _move_run(draft, dice)
            found = _waiting(draft, count, durations, costs, is_in, first, last)
        else:
            front = _take_out(draft, taken, 1 + _roll(dice, most), kind, is_in, dice, is_out)
            found = _fill(draft, front, durations, costs, is_in, first, last, price)
        worse = found - now
        if worse <= 0 or (heat > 0 and _roll(dice, 1 << 30) < np.exp(-worse / heat) * (1 << 30)):
            order[:] = draft
            now = found
            if now < least:
                least = now
                best[:] = order
    return least
