"""A smaller problem with the same best orders: what any order pays alike is taken out before the search.

Within a block of scenes that are shot in one run:

- scenes with the same cast are shot one after another, as one cell (the dearest place for one is open to all);
- who is in one cell only never waits, nor does who is in all of them: they are left out;
- people in the same cells are one person paid for all;
- cells left without cast go to the end of the block, where nobody waits through them;
- cells that share nobody, not even through others, are blocks of their own, one after the other.

Each step leaves everybody else's least waiting as it was, and what is left out waits not at all; so the least waiting
of the whole is the sum over what remains. :func:`reduce` repeats the steps until none applies.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from xiepai.planning.talent.model import Problem


@dataclass(frozen=True, slots=True)
class Part:
    """Cells to be put in order: durations, casts as bit masks over its people, their costs, the scenes behind each."""

    durations: tuple[int, ...]
    casts: tuple[int, ...]
    costs: tuple[int, ...]
    members: tuple[tuple[int, ...], ...]

    def waiting(self, order: Sequence[int]) -> int:
        """What waiting costs in an order of the cells, in plain Python."""
        total = 0
        for person, rate in enumerate(self.costs):
            mine = [place for place, cell in enumerate(order) if self.casts[cell] >> person & 1]
            between = order[mine[0] : mine[-1]]
            total += rate * sum(self.durations[cell] for cell in between if not self.casts[cell] >> person & 1)
        return total

    def restricted(self, people: Sequence[int]) -> list[Part]:
        """The same cells when only some people count, reduced again: their waiting alone."""
        cells = [
            _Cell(frozenset(p for p in people if cast >> p & 1), duration, members)
            for cast, duration, members in zip(self.casts, self.durations, self.members, strict=True)
        ]
        items = _arranged([cell for cell in cells if cell.cast], {p: self.costs[p] for p in people})
        return [item for item in items if isinstance(item, Part)]


Items = list[Part | tuple[int, ...]]


@dataclass(frozen=True, slots=True)
class _Cell:
    cast: frozenset[int]
    duration: int
    members: tuple[int, ...]


def reduce(problem: Problem) -> Items:
    """Parts to be ordered, and scenes whose place is settled, in the order they are shot."""
    number = {actor.key: place for place, actor in enumerate(problem.actors)}
    rates = {place: actor.cost for place, actor in enumerate(problem.actors)}
    cells = [
        _Cell(frozenset(number[person] for person in scene.cast if rates[number[person]]), scene.duration, (place,))
        for place, scene in enumerate(problem.scenes)
    ]
    return _arranged(cells, rates)


def scenes_in(items: Items, orders: Iterable[Sequence[int]]) -> list[int]:
    """The scenes one after another, given an order for each part."""
    found: list[int] = []
    remaining = iter(orders)
    for item in items:
        if isinstance(item, Part):
            for cell in next(remaining):
                found += item.members[cell]
        else:
            found += item
    return found


def _arranged(cells: list[_Cell], rates: dict[int, int]) -> Items:
    """One block: nothing else is shot between its cells."""
    bare = [cell for cell in cells if not cell.cast]
    if bare:
        tail = tuple(member for cell in bare for member in cell.members)
        return [*_arranged([cell for cell in cells if cell.cast], rates), tail]
    if not cells:
        return []
    cells, rates, is_changed = _simplified(_merged(cells), rates)
    if is_changed:
        return _arranged(cells, rates)
    blocks = _blocks(cells)
    if len(blocks) > 1:
        return [item for block in blocks for item in _arranged(block, rates)]
    return [_part(cells, rates)]


def _merged(cells: list[_Cell]) -> list[_Cell]:
    found: dict[frozenset[int], _Cell] = {}
    for cell in cells:
        known = found.get(cell.cast)
        found[cell.cast] = (
            _Cell(cell.cast, known.duration + cell.duration, known.members + cell.members) if known else cell
        )
    return list(found.values())


def _simplified(cells: list[_Cell], rates: dict[int, int]) -> tuple[list[_Cell], dict[int, int], bool]:
    """Without those who cannot wait, and with one person for all who are in the same cells."""
    where: dict[int, list[int]] = {}
    for place, cell in enumerate(cells):
        for person in cell.cast:
            where.setdefault(person, []).append(place)
    kept: dict[tuple[int, ...], int] = {}
    fresh: dict[int, int] = {}
    for person in sorted(where):
        if 1 < len(where[person]) < len(cells):
            first = kept.setdefault(tuple(where[person]), person)
            fresh[first] = fresh.get(first, 0) + rates[person]
    is_changed = len(fresh) < len(where)
    if is_changed:
        cells = [_Cell(cell.cast.intersection(fresh), cell.duration, cell.members) for cell in cells]
    return cells, fresh, is_changed


def _blocks(cells: list[_Cell]) -> list[list[_Cell]]:
    """Cells that share nobody with those of another block, in the order of their first cell."""
    blocks: list[tuple[set[int], list[_Cell]]] = []
    for cell in cells:
        people, mine = set(cell.cast), [cell]
        apart = []
        for block in blocks:
            if block[0] & people:
                people |= block[0]
                mine = block[1] + mine
            else:
                apart.append(block)
        blocks = [*apart, (people, mine)]
    return [mine for _, mine in blocks]


def _part(cells: list[_Cell], rates: dict[int, int]) -> Part:
    people = sorted({person for cell in cells for person in cell.cast}, key=lambda person: (-rates[person], person))
    bit = {person: 1 << place for place, person in enumerate(people)}
    return Part(
        durations=tuple(cell.duration for cell in cells),
        casts=tuple(sum(bit[person] for person in cell.cast) for cell in cells),
        costs=tuple(rates[person] for person in people),
        members=tuple(cell.members for cell in cells),
    )
