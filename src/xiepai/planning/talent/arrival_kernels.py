"""The inner loops of the arrival search, compiled: children of labels, their bound, and which labels dominate others.

A label's slots: for each cell −1 while somebody of its cast has not arrived, −2 when it is shot and paid, else what
waiting costs in the cheapest slot it could have had so far. ``docs/planning.md`` proves the rules; their names there
are written beside the code. All kernels of one search stand in one file: numba renews kept code by file.
"""

from __future__ import annotations

import numpy as np

from xiepai.planning.talent.compiling import compiled

UNOPENED = -1
SHOT = -2
DEPARTS = 64
"""An event is the number of who arrives, or 64 + the number of who departs."""


@compiled
def rate_of(people, table):  # type: ignore[no-untyped-def]
    """What a set of people costs a unit of time: the table holds the sums of every eleven people."""
    total = 0
    chunk = 0
    while people:
        total += table[chunk, people & 2047]
        people >>= 11
        chunk += 1
    return total


@compiled
def must_wait(present, slots, cells, weight, lists):  # type: ignore[no-untyped-def]
    """The pair bound: of two who are present one departs first, and the other waits through the former's other cells.

    What a person costs in a cell is split evenly over those of the cast who could charge it, and never more is
    charged for an open cell than its best slot so far costs. ``weight`` and ``lists`` are room to work in.
    """
    durations, casts, costs = cells[0], cells[1], cells[2]
    here, inside, outside = lists[0], lists[1], lists[2]
    size = 0
    for one in range(len(costs)):
        if present >> one & 1:
            here[size] = one
            size += 1
    weight[:size, :size] = 0.0
    for cell in range(len(durations)):
        slot, cast = slots[cell], casts[cell]
        if slot == SHOT or slot == 0 or cast & present == 0 or present & ~cast == 0:
            continue
        charging, others, waiting = 0, 0, 0
        for place in range(size):
            if cast >> here[place] & 1:
                inside[charging] = place
                charging += 1
            else:
                outside[others] = place
                others += 1
                waiting += costs[here[place]]
        share = durations[cell] / charging
        if slot > 0 and waiting * durations[cell] > slot:
            share *= slot / (waiting * durations[cell])
        for other in outside[:others]:
            charge = costs[here[other]] * share
            for one in inside[:charging]:
                weight[one, other] += charge
    total = 0.0
    for one in range(size):
        for other in range(one):
            total += min(weight[one, other], weight[other, one])
    return int(np.ceil(total * (1 - 1e-9) - 1e-6))


@compiled
def ready(present, slots, cells):  # type: ignore[no-untyped-def]
    """Who could depart (all their cells are open), and one of them for whom that is free; −1 when there is none."""
    _durations, _casts, costs, _table, _shared, size, mine = cells
    found, free = 0, -1
    for one in range(len(costs)):
        if present >> one & 1:
            due = 0
            for place in range(size[one]):
                slot = slots[mine[one, place]]
                if slot == UNOPENED:
                    due = -1
                    break
                if slot > 0:
                    due += slot
            if due >= 0:
                found |= 1 << one
                if due == 0:
                    free = one
    return found, free


@compiled
def arrive(one, arrived, departed, slots, cells, fresh):  # type: ignore[no-untyped-def]
    """Write the slots after an arrival: what it opens has its first slot now."""
    durations, casts, _costs, table, shared, size, mine = cells
    arrived |= 1 << one
    rate = rate_of(arrived & ~departed, table)
    fresh[:] = slots
    for place in range(size[one]):
        cell = mine[one, place]
        if casts[cell] & ~arrived == 0:
            fresh[cell] = durations[cell] * (rate - shared[cell])


@compiled
def depart(one, present, held, slots, cells, fresh):  # type: ignore[no-untyped-def]
    """Write the slots after a departure; what is paid by it, and who is still held. −1: the departure is dominated."""
    durations, casts, costs, table, shared, size, mine = cells
    rate = rate_of(present & ~(1 << one), table)
    paid = 0
    fresh[:] = slots
    for place in range(size[one]):
        cell = mine[one, place]
        if fresh[cell] > 0:
            paid += fresh[cell]
        fresh[cell] = SHOT
    for cell in range(len(durations)):
        if fresh[cell] > 0:
            cheaper = durations[cell] * (rate - shared[cell])
            if cheaper < fresh[cell]:
                fresh[cell] = cheaper
                held &= ~casts[cell]
    for other in range(len(costs)):  # nobody came too early
        if other != one and present >> other & 1:
            is_needed = False
            for place in range(size[other]):
                cell = mine[other, place]
                slot = slots[cell]
                if fresh[cell] == SHOT or (slot >= 0 and durations[cell] * (rate - shared[cell]) > slot):
                    is_needed = True
                    break
            if not is_needed:
                return -1, held
    return paid, held & ~(1 << one)


@compiled
def children(sets, slots, begin, end, cells, limit, sets_out, slots_out):  # type: ignore[no-untyped-def]
    """The children of the labels from ``begin`` to ``end``; how many there are.

    ``sets`` holds for each label: arrived, departed, held, swaps, paid, hoped (paid + bound), parent, event.
    """
    durations, costs = cells[0], cells[2]
    people, found = len(costs), 0
    fresh = np.empty(len(durations), np.int64)
    weight, lists = np.empty((people, people), np.float64), np.empty((3, people), np.int64)
    for label in range(begin, end):
        arrived, departed, held = sets[label, 0], sets[label, 1], sets[label, 2]
        swaps, paid = sets[label, 3], sets[label, 4]
        present = arrived & ~departed
        mine = slots[label]
        may_go, free = ready(present, mine, cells)
        here = 0
        for one in range(people):
            here += arrived >> one & 1
        for event in range(2 * people):
            one = event if event < people else event - people
            if event < people:
                if free >= 0 or arrived >> one & 1:
                    continue
                arrive(one, arrived, departed, mine, cells, fresh)
                row = (arrived | 1 << one, departed, may_go, swaps, paid)
            else:
                if not may_go >> one & 1 or (free >= 0 and one != free) or held >> one & 1:
                    continue
                due, still_held = depart(one, present, held, mine, cells, fresh)
                if due < 0 or paid + due >= limit:
                    continue
                row = (arrived, departed | 1 << one, still_held, swaps + here, paid + due)
            hoped = row[4] + must_wait(row[0] & ~row[1], fresh, cells, weight, lists)
            if hoped >= limit:
                continue
            for place in range(5):
                sets_out[found, place] = row[place]
            sets_out[found, 5] = hoped
            sets_out[found, 6] = label
            sets_out[found, 7] = one if event < people else DEPARTS + one
            slots_out[found] = fresh
            found += 1
    return found


@compiled
def undominated(order, sets, slots, most, keep):  # type: ignore[no-untyped-def]
    """Mark the labels no other of the same sets dominates; ``order`` sorts them by sets, paid and swaps.

    One label stands below another when it has paid less, or as much with no more swaps, even after it paid for every
    slot in which it is dearer. Each label is compared with at most ``most`` others: fewer are marked away, never more.
    """
    front = np.empty(most, np.int64)
    kept, size, last = 0, 0, -1
    for place in range(len(order)):
        label = order[place]
        if last < 0 or sets[label, 0] != sets[last, 0] or sets[label, 1] != sets[last, 1]:
            size = 0
        last = label
        is_dominated = False
        for rival in front[:size]:
            room = sets[label, 4] - sets[rival, 4]
            for cell in range(slots.shape[1]):
                ours = slots[rival, cell]
                if ours > 0:
                    theirs = max(slots[label, cell], 0)
                    if ours > theirs:
                        room -= ours - theirs
                        if room < 0:
                            break
            if room > 0 or (room == 0 and sets[rival, 3] <= sets[label, 3]):
                is_dominated = True
                break
        if not is_dominated:
            keep[kept] = label
            kept += 1
            if size < most:
                front[size] = label
                size += 1
    return kept
