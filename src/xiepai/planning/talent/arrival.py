"""The arrival search: only the order in which people arrive and depart is decided; each cell takes its cheapest slot.

A pass goes event by event and keeps at most ``width`` labels a layer. What it drops it remembers by its bound, so each
pass says two things: the best order it reached, and what no order can go below. A pass that dropped nothing is a
proof. The mechanism and its proof stand in ``docs/planning.md``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from xiepai.planning.talent import arrival_kernels as kernels
from xiepai.planning.talent.compiling import call
from xiepai.planning.talent.model import MOST
from xiepai.planning.talent.reduction import Part

PEOPLE = 62
"""Sets of people are bits of one whole number."""
_COLUMNS = 8
_ARRIVED, _DEPARTED, _SWAPS, _PAID, _HOPED, _PARENT, _EVENT = 0, 1, 3, 4, 5, 6, 7
_ROWS = 16_384
_RIVALS = 200

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Pass:
    """What one pass found below the limit: an order and its waiting (or nothing), and a waiting none goes below."""

    order: list[int] | None
    waiting: int
    bound: int


@dataclass(slots=True)
class _Layer:
    """Labels after the same number of events, and the least hope among those dropped so far in the whole pass."""

    sets: Ints
    slots: Ints
    lost: int = MOST


def widest(part: Part, memory_mb: int) -> int:
    """How many labels a layer may keep within some memory; several layers' worth exist for a moment."""
    return max(memory_mb * 1_000_000 // (8 * (_COLUMNS + len(part.durations)) * 8), 64)


def cells_of(part: Part) -> tuple[Any, ...]:
    """The part as the arrays all kernels share."""
    costs = np.array(part.costs, np.int64)
    casts = np.array(part.casts, np.int64)
    table = np.zeros((6, 2048), np.int64)
    for one, rate in enumerate(part.costs):
        bit = 1 << one % 11
        table[one // 11, bit : 2 * bit] = table[one // 11, :bit] + rate
    is_in = casts[None, :] >> np.arange(len(costs))[:, None] & 1
    size = is_in.sum(axis=1)
    mine = np.zeros(is_in.shape, np.int64)
    for one in range(len(costs)):
        mine[one, : size[one]] = np.flatnonzero(is_in[one])
    return np.array(part.durations, np.int64), casts, costs, table, costs @ is_in, size, mine


def search(part: Part, width: int, limit: int, is_over: Callable[[], bool] = lambda: False) -> Pass:
    """One pass of a width, looking only for orders whose waiting is below ``limit``."""
    cells = cells_of(part)
    people = len(part.costs)
    layer = _Layer(np.zeros((1, _COLUMNS), np.int64), np.full((1, len(part.durations)), kernels.UNOPENED, np.int64))
    history: list[tuple[Ints, Ints]] = []
    for _event in range(2 * people):
        following = _next(layer, cells, people, width, limit, is_over)
        if following is None:  # stopped by the clock: what was reached so far still bounds
            return Pass(None, limit, min(limit, layer.lost, int(layer.sets[:, _HOPED].min())))
        layer = following
        if not len(layer.sets):
            return Pass(None, limit, min(limit, layer.lost))
        history.append((layer.sets[:, _PARENT].copy(), layer.sets[:, _EVENT].copy()))
    best = int(np.argmin(layer.sets[:, _PAID]))
    waiting = int(layer.sets[best, _PAID])
    return Pass(_cells_in(part, _events(history, best)), waiting, min(waiting, layer.lost))


def _next(
    layer: _Layer, cells: tuple[Any, ...], people: int, width: int, limit: int, is_over: Callable[[], bool]
) -> _Layer | None:
    """The layer after one more event, slice by slice; ``None`` when the time is over."""
    step = max(_ROWS // people, 1)
    rows = min(len(layer.sets), step) * people
    sets_out = np.empty((rows, _COLUMNS), np.int64)
    slots_out = np.empty((rows, layer.slots.shape[1]), np.int64)
    made = _Layer(sets_out[:0], slots_out[:0], layer.lost)
    for begin in range(0, len(layer.sets), step):
        if is_over():
            return None
        end = min(begin + step, len(layer.sets))
        found = call(kernels.children, layer.sets, layer.slots, begin, end, cells, limit, sets_out, slots_out)
        made.sets = np.concatenate([made.sets, sets_out[:found]])
        made.slots = np.concatenate([made.slots, slots_out[:found]])
        if len(made.sets) > 4 * width + _ROWS:
            _condense(made, width)
    _condense(made, width)
    return made


def _condense(layer: _Layer, width: int) -> None:
    """Keep what is not dominated, and of that the ``width`` most promising."""
    sets = layer.sets
    order = np.lexsort((sets[:, _SWAPS], sets[:, _PAID], sets[:, _DEPARTED], sets[:, _ARRIVED]))
    keep = np.empty(len(order), np.int64)
    keep = keep[: call(kernels.undominated, order, sets, layer.slots, _RIVALS, keep)]
    if len(keep) > width:
        open_slots = np.maximum(layer.slots[keep], 0).sum(axis=1)
        rank = np.argsort(sets[keep, _HOPED] + 0.3 * open_slots, kind="stable")
        layer.lost = min(layer.lost, int(sets[keep[rank[width:]], _HOPED].min()))
        keep = keep[np.sort(rank[:width])]
    layer.sets, layer.slots = sets[keep], layer.slots[keep]


def _events(history: Sequence[tuple[Ints, Ints]], last: int) -> list[int]:
    found = []
    for parents, events in reversed(history):
        found.append(int(events[last]))
        last = int(parents[last])
    return found[::-1]


def _cells_in(part: Part, events: Sequence[int]) -> list[int]:
    """The cells in the order of their cheapest slots."""
    present, slots = 0, []
    for event in events:
        present ^= 1 << event % kernels.DEPARTS
        slots.append((present, sum(rate for one, rate in enumerate(part.costs) if present >> one & 1)))
    where = []
    for cell, cast in enumerate(part.casts):
        _rate, place = min((rate, place) for place, (present, rate) in enumerate(slots) if not cast & ~present)
        where.append((place, cell))
    return [cell for _place, cell in sorted(where)]
