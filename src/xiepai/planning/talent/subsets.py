"""Few cells, any number of people: dynamic programming over the sets of cells already shot (García de la Banda & al.).

Who is on location between two cells follows from the set shot so far, not from its order. An order read backwards
costs the same, so only sets of up to half of the cells are computed: the best first half and the best second half,
read backwards, meet. Work grows with 2^cells; :data:`CELLS` is where it stops to be worth its memory.
"""

from __future__ import annotations

import numpy as np

from xiepai.planning.talent.arrival import PEOPLE, cells_of
from xiepai.planning.talent.compiling import call, compiled
from xiepai.planning.talent.model import MOST
from xiepai.planning.talent.reduction import Part

CELLS = 22


def fits(part: Part) -> bool:
    """Whether the part has few enough cells, and people for one machine word."""
    return len(part.durations) <= CELLS and len(part.costs) <= PEOPLE


def search(part: Part) -> tuple[list[int], int]:
    """A best order and its waiting."""
    durations, casts, _costs, table, shared, _size, _mine = cells_of(part)
    count = len(durations)
    order = np.empty(count, np.int64)
    waiting = call(_search, durations, casts, table, shared, np.full(1 << count, MOST, np.int64), order)
    return order.tolist(), int(waiting)


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
def _added(cell, on_location, durations, casts, table, shared):  # type: ignore[no-untyped-def]
    """What waiting costs during a cell when these people are kept on location."""
    return durations[cell] * (_rate_of(on_location | casts[cell], table) - shared[cell])


@compiled
def _traced(done, least, between, durations, casts, table, shared, order):  # type: ignore[no-untyped-def]
    """Write the cells of a set in their best order to the front of ``order``."""
    place = 0
    for cell in range(len(durations)):
        place += done >> cell & 1
    while done:
        place -= 1
        for cell in range(len(durations)):
            if done >> cell & 1:
                before = done ^ (1 << cell)
                if least[before] + _added(cell, between[before], durations, casts, table, shared) == least[done]:
                    order[place] = cell
                    done = before
                    break


@compiled
def _search(durations, casts, table, shared, least, order):  # type: ignore[no-untyped-def]
    count = len(durations)
    everything = (1 << count) - 1
    half = (count + 1) // 2
    between = np.zeros(1 << count, np.int64)  # first the casts of each set together, then who is kept after it
    for done in range(1, 1 << count):
        cell = 0
        while not done >> cell & 1:
            cell += 1
        between[done] = between[done & (done - 1)] | casts[cell]
    for done in range(1 << (count - 1)):
        kept = between[done] & between[everything ^ done]
        between[done] = kept
        between[everything ^ done] = kept
    least[0] = 0
    best, middle = least[everything], 0
    for done in range(1 << count):
        size, bits = 0, done
        while bits:
            bits &= bits - 1
            size += 1
        if size < half:
            for cell in range(count):
                if not done >> cell & 1:
                    now = least[done] + _added(cell, between[done], durations, casts, table, shared)
                    if now < least[done | 1 << cell]:
                        least[done | 1 << cell] = now
    for done in range(1 << count):
        if least[done] < best and least[everything ^ done] < best:
            size, bits = 0, done
            while bits:
                bits &= bits - 1
                size += 1
            if size == half and least[done] + least[everything ^ done] < best:
                best, middle = least[done] + least[everything ^ done], done
    _traced(everything ^ middle, least, between, durations, casts, table, shared, order)
    order[half:] = order[: count - half][::-1].copy()
    _traced(middle, least, between, durations, casts, table, shared, order)
    return best
