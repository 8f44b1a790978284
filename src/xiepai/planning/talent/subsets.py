"""Few cells, any number of people: dynamic programming over the sets of cells already shot (García de la Banda & al.).

Who is on location between two cells follows from the set shot so far, not from its order. An order read backwards
costs the same, so only sets of up to half of the cells are computed: the best first half and the best second half,
read backwards, meet. Work and memory grow with 2^cells.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from xiepai.planning.talent.arrival import PEOPLE, cells_of
from xiepai.planning.talent.compiling import call, compiled
from xiepai.planning.talent.model import MOST
from xiepai.planning.talent.reduction import Part

CELLS = 24
_SETS = 1 << 18


def fits(part: Part, memory_mb: int = 500) -> bool:
    """Whether the part has few enough cells for some memory, and people for one machine word."""
    cells = len(part.durations)
    return cells <= CELLS and 16 << cells <= memory_mb * 1_000_000 and len(part.costs) <= PEOPLE


def search(part: Part, limit: int = MOST, is_over: Callable[[], bool] = lambda: False) -> tuple[list[int] | None, int]:
    """A best order and its waiting below ``limit``; no order and ``limit`` when there is none.

    When ``is_over`` ends it early, nothing is known: no order and 0.
    """
    durations, casts, _costs, table, shared, _size, _mine = cells_of(part)
    cells = durations, casts, table, shared
    between = np.zeros(1 << len(durations), np.int64)
    least = np.full(1 << len(durations), limit, np.int64)
    call(_keep_between, casts, between)
    least[0] = 0
    for begin in range(0, len(least), _SETS):
        if is_over():
            return None, 0
        call(_go_on, begin, min(begin + _SETS, len(least)), cells, between, least, limit)
    order = np.empty(len(durations), np.int64)
    waiting = int(call(_meet, cells, between, least, limit, order))
    return (order.tolist() if waiting < limit else None), waiting


@compiled
def _rate_of(people, table):  # type: ignore[no-untyped-def]
    total = 0
    chunk = 0
    while people:
        total += table[chunk, people & 2047]
        people >>= 11
        chunk += 1
    return total


@compiled
def _size_of(bits):  # type: ignore[no-untyped-def]
    size = 0
    while bits:
        bits &= bits - 1
        size += 1
    return size


@compiled
def _added(cell, on_location, cells):  # type: ignore[no-untyped-def]
    """What waiting costs during a cell when these people are kept on location."""
    durations, casts, table, shared = cells
    return durations[cell] * (_rate_of(on_location | casts[cell], table) - shared[cell])


@compiled
def _keep_between(casts, between):  # type: ignore[no-untyped-def]
    """Write for each set of cells who is on location after it: who has come and must come again."""
    everything = len(between) - 1
    for done in range(1, len(between)):
        cell = 0
        while not done >> cell & 1:
            cell += 1
        between[done] = between[done & (done - 1)] | casts[cell]
    for done in range(len(between) // 2):
        kept = between[done] & between[everything ^ done]
        between[done] = kept
        between[everything ^ done] = kept


@compiled
def _go_on(begin, end, cells, between, least, limit):  # type: ignore[no-untyped-def]
    """From each set of less than half of the cells to those with one more."""
    count = len(cells[0])
    half = (count + 1) // 2
    for done in range(begin, end):
        if least[done] < limit and _size_of(done) < half:
            for cell in range(count):
                if not done >> cell & 1:
                    now = least[done] + _added(cell, between[done], cells)
                    if now < least[done | 1 << cell]:
                        least[done | 1 << cell] = now


@compiled
def _meet(cells, between, least, limit, order):  # type: ignore[no-untyped-def]
    """Write the order whose first half and, read backwards, second half wait least together; its waiting."""
    count = len(order)
    half = (count + 1) // 2
    everything = len(least) - 1
    best, middle = limit, 0
    for done in range(len(least)):
        both = least[done] + least[everything ^ done]
        if both < best and _size_of(done) == half:
            best, middle = both, done
    if best < limit:
        _trace(everything ^ middle, cells, between, least, order)
        order[half:] = order[: count - half][::-1].copy()
        _trace(middle, cells, between, least, order)
    return best


@compiled
def _trace(done, cells, between, least, order):  # type: ignore[no-untyped-def]
    """Write the cells of a set in their best order to the front of ``order``."""
    place = _size_of(done)
    while done:
        place -= 1
        for cell in range(len(order)):
            if done >> cell & 1:
                before = done ^ (1 << cell)
                if least[before] + _added(cell, between[before], cells) == least[done]:
                    order[place] = cell
                    done = before
                    break
