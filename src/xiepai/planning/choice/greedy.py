"""A first answer in no time: needs by priority, scarcest first, each its cheapest option that still fits.

It is the engine's starting point and what stands when the time limit ends before the engine found anything.
"""

from __future__ import annotations

from collections.abc import Hashable

from xiepai.planning.choice.model import Leaf, Option, Problem, Use


def construct(problem: Problem) -> dict[Hashable, Hashable]:
    """A clash-free choice, without any promise of quality."""
    leaves = {leaf.id: leaf for leaf in problem.leaves}
    held: dict[Hashable, list[Use]] = {leaf.id: list(leaf.taken) for leaf in problem.leaves}
    order = sorted(
        range(len(problem.needs)),
        key=lambda n: (
            not problem.needs[n].is_required,
            -problem.needs[n].priority,
            len(problem.needs[n].options),
            n,
        ),
    )
    chosen: dict[Hashable, Hashable] = {}
    for number in order:
        need = problem.needs[number]
        for option in sorted(need.options, key=lambda option: (option.price_fen, -option.preference)):
            if _fits(option, leaves, held):
                chosen[need.key] = option.key
                for use in option.uses:
                    held[use.leaf].append(use)
                break
    return chosen


def _fits(option: Option, leaves: dict[Hashable, Leaf], held: dict[Hashable, list[Use]]) -> bool:
    for use in option.uses:
        leaf, others = leaves[use.leaf], held[use.leaf]
        if leaf.capacity == 1:
            if not all(use.is_apart(other) for other in others):
                return False
            continue
        mine = [other for other in option.uses if other.leaf == use.leaf]
        moments = [use.start, *(o.start for o in [*others, *mine] if use.start < o.start < use.released)]
        for moment in moments:
            if sum(o.units for o in [*others, *mine] if o.start <= moment < o.released) > leaf.capacity:
                return False
    return True
