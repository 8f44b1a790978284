"""What no order can go below when there are too many people for a proof: groups of people, each solved for itself.

Everybody's waiting counts once: the least waiting of one group, as if only they were paid, plus that of the next
group, never exceeds what any order of the whole makes them wait together. The dearest people are grouped first.
"""

from __future__ import annotations

from collections.abc import Callable

from xiepai.planning.talent import arrival, subsets
from xiepai.planning.talent.improving import Improver
from xiepai.planning.talent.reduction import Part


def by_groups(part: Part, size: int, width: int, seed: int, is_over: Callable[[], bool]) -> int:
    """A waiting no order goes below, from groups of some size; each is searched with at most ``width`` labels."""
    total = 0
    people = list(range(len(part.costs)))  # a part lists the dearest first
    for begin in range(0, len(people), size):
        for smaller in part.restricted(people[begin : begin + size]):
            if is_over():
                return total
            total += least(smaller, width, seed, is_over)
    return total


def least(part: Part, width: int, seed: int, is_over: Callable[[], bool]) -> int:
    """The least waiting of a part, or as much of it as could be proven: then without its two cheapest people too."""
    _order, waiting = Improver(part, seed).improve(1000, is_over)
    if subsets.fits(part) and len(part.durations) <= 20:
        return subsets.search(part, waiting, is_over)[1]
    if len(part.costs) > arrival.PEOPLE:
        return 0
    bound = arrival.search(part, width, waiting, is_over).bound
    if bound < waiting and len(part.costs) > 4 and not is_over():
        bound = max(bound, by_groups(part, len(part.costs) - 2, width, seed, is_over))
    return bound
