"""What an answer is worth and whether it holds: plain Python, sharing nothing with the engine.

The engine states its constraints as cliques at points in time; here the same rules are checked pair by pair
and by counting units, so that a mistake in one of the two is seen.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping

from xiepai.planning.choice.model import Leaf, Option, Problem, Use

Chosen = Mapping[Hashable, Hashable]


def options_of(problem: Problem, chosen: Chosen) -> list[Option]:
    """The options behind the keys, in the order of the needs; an unknown key is a ``KeyError``."""
    found = []
    unseen = dict(chosen)
    for need in problem.needs:
        if need.key in unseen:
            key = unseen.pop(need.key)
            found.append(next(option for option in need.options if option.key == key))
    if unseen:
        raise KeyError(f"chosen for needs that do not exist: {sorted(map(str, unseen))}")
    return found


def clash(problem: Problem, chosen: Chosen) -> str | None:
    """Why the answer cannot stand, or ``None`` when it can."""
    uses: dict[Hashable, list[Use]] = {}
    for option in options_of(problem, chosen):
        for use in option.uses:
            uses.setdefault(use.leaf, []).append(use)
    for leaf in problem.leaves:
        reason = _clash_on(leaf, uses.get(leaf.id, []))
        if reason:
            return reason
    return None


def _clash_on(leaf: Leaf, fresh: list[Use]) -> str | None:
    if leaf.capacity == 1:
        for place, use in enumerate(fresh):
            if any(not use.is_apart(other) for other in [*fresh[:place], *leaf.taken]):
                return f"{leaf.id!r} is used twice around minute {use.start}"
        return None
    everything = [*fresh, *leaf.taken]
    for use in fresh:
        for moment in (other.start for other in everything if use.start <= other.start < use.released):
            if peak_at(everything, moment) > leaf.capacity:
                return f"{leaf.id!r} is over its {leaf.capacity} units at minute {moment}"
        if peak_at(everything, use.start) > leaf.capacity:
            return f"{leaf.id!r} is over its {leaf.capacity} units at minute {use.start}"
    return None


def peak_at(uses: Iterable[Use], moment: int) -> int:
    """Units held at one minute."""
    return sum(use.units for use in uses if use.start <= moment < use.released)


def met(problem: Problem, chosen: Chosen, priority: int) -> int:
    """How many needs of one priority are met."""
    return sum(1 for need in problem.needs if need.priority == priority and need.key in chosen)


def moves(options: Iterable[Option]) -> int:
    """Moves: over all days, the sites visited beyond the first."""
    sites: dict[Hashable, set[Hashable]] = {}
    for option in options:
        for day, site in option.visits:
            sites.setdefault(day, set()).add(site)
    return sum(len(found) - 1 for found in sites.values())


def levels(problem: Problem, chosen: Chosen) -> list[tuple[str, int, bool]]:
    """The aims in their order: name, value, and whether more is better."""
    options = options_of(problem, chosen)
    aims = [(f"met:{level}", met(problem, chosen, level), True) for level in priorities(problem)]
    cost = sum(option.price_fen for option in options) + problem.move_fen * moves(options)
    aims.append(("cost", cost, False))
    aims.append(("preference", sum(option.preference for option in options), True))
    return aims


def priorities(problem: Problem) -> list[int]:
    """The priorities in use, highest first."""
    return sorted({need.priority for need in problem.needs}, reverse=True)


def rank(problem: Problem, chosen: Chosen) -> tuple[int, ...]:
    """A tuple that is greater for the better of two answers."""
    return tuple(value if more else -value for _, value, more in levels(problem, chosen))
