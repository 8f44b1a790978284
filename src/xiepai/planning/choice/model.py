"""The frozen values of a choice: they cannot be built invalid, and they hold no clock and no framework.

Times are whole minutes from an origin the caller keeps, half-open: ``[start, end)``. Money is whole fen.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Use:
    """A leaf taken over ``[start, end)`` minutes by ``units``, with the quiet minutes it needs around it.

    On a leaf of capacity 1 two uses are apart when the gap is at least the *higher* of the buffers that meet
    (the first one's ``after``, the second one's ``before``). On a counted leaf a use holds its units until
    ``end + max(before, after)``. Both rules are the booking wall's own (``bookings/sql/wall.sql``).

    >>> Use("hall", 0, 60, after=30).is_apart(Use("hall", 90, 120, before=15))
    True
    >>> Use("hall", 0, 60, after=30).is_apart(Use("hall", 75, 120, before=15))
    False
    """

    leaf: Hashable
    start: int
    end: int
    units: int = 1
    before: int = 0
    after: int = 0

    def __post_init__(self) -> None:
        if self.start >= self.end:
            raise ValueError(f"a use must end after it starts: {self.start}–{self.end}")
        if self.units < 1 or self.before < 0 or self.after < 0:
            raise ValueError("units must be positive, buffers not negative")

    def is_apart(self, other: Use) -> bool:
        """Whether both fit one exclusive leaf, in either order."""
        first, second = (self, other) if self.start <= other.start else (other, self)
        return second.start >= first.end + max(first.after, second.before)

    @property
    def released(self) -> int:
        """The minute a counted leaf has its units back."""
        return self.end + max(self.before, self.after)


@dataclass(frozen=True, slots=True)
class Leaf:
    """Something scarce: ``capacity`` units, and what others have taken of it already."""

    id: Hashable
    capacity: int = 1
    taken: tuple[Use, ...] = ()

    def __post_init__(self) -> None:
        if self.capacity < 1:
            raise ValueError("a leaf has at least one unit")
        if any(use.leaf != self.id for use in self.taken):
            raise ValueError(f"what is taken of {self.id!r} must name that leaf")


@dataclass(frozen=True, slots=True)
class Option:
    """One way to meet a need: what it uses, its price in fen, the sites it visits, how well it is liked.

    ``visits`` holds ``(day, site)`` pairs; each further site on one day counts as a move. ``preference`` is
    any whole number, higher is better.
    """

    key: Hashable
    uses: tuple[Use, ...]
    price_fen: int = 0
    preference: int = 0
    visits: frozenset[tuple[Hashable, Hashable]] = frozenset()

    def __post_init__(self) -> None:
        if not self.uses:
            raise ValueError(f"option {self.key!r} uses nothing")
        if self.price_fen < 0:
            raise ValueError(f"option {self.key!r} has a negative price")


@dataclass(frozen=True, slots=True)
class Need:
    """Something wanted: at most one of its options is chosen. Higher ``priority`` is served first."""

    key: Hashable
    options: tuple[Option, ...]
    priority: int = 1
    is_required: bool = False

    def __post_init__(self) -> None:
        keys = [option.key for option in self.options]
        if len(set(keys)) != len(keys):
            raise ValueError(f"need {self.key!r} has two options of one key")


@dataclass(frozen=True, slots=True)
class Problem:
    """All needs and leaves of one choice; ``move_fen`` is what one more site on a day is reckoned to cost."""

    needs: tuple[Need, ...]
    leaves: tuple[Leaf, ...]
    move_fen: int = 0

    def __post_init__(self) -> None:
        if self.move_fen < 0:
            raise ValueError("a move cannot earn money")
        keys = [need.key for need in self.needs]
        if len(set(keys)) != len(keys):
            raise ValueError("two needs have one key")
        capacity = {leaf.id: leaf.capacity for leaf in self.leaves}
        if len(capacity) != len(self.leaves):
            raise ValueError("two leaves have one id")
        for need in self.needs:
            for option in need.options:
                _check_uses(option, capacity)


def _check_uses(option: Option, capacity: dict[Hashable, int]) -> None:
    seen: dict[Hashable, list[Use]] = {}
    for use in option.uses:
        if use.leaf not in capacity:
            raise ValueError(f"option {option.key!r} uses unknown leaf {use.leaf!r}")
        if capacity[use.leaf] == 1 and any(not use.is_apart(other) for other in seen.get(use.leaf, ())):
            raise ValueError(f"option {option.key!r} clashes with itself on {use.leaf!r}")
        seen.setdefault(use.leaf, []).append(use)


@dataclass(frozen=True, slots=True)
class Limits:
    """How long the engine may think: wall-clock seconds in all, of which at most ``fit_seconds`` on the last level."""

    seconds: float = 10.0
    fit_seconds: float = 3.0

    def __post_init__(self) -> None:
        if not (self.seconds > 0 and self.fit_seconds > 0):
            raise ValueError("a time limit must be positive")


class Status(StrEnum):
    """What is known of the answer: never more than was proven."""

    OPTIMAL = "optimal"
    FEASIBLE = "feasible"
    INFEASIBLE = "infeasible"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Level:
    """One aim of the order above: its value in the answer and the best value not ruled out.

    ``bound`` holds given the values of the earlier levels; ``None`` when the level was not reached in time.
    """

    name: str
    value: int
    bound: int | None
    is_maximised: bool

    @property
    def is_proven(self) -> bool:
        """Whether nothing better exists, given the earlier levels."""
        return self.bound == self.value


@dataclass(frozen=True, slots=True)
class Result:
    """The answer: ``chosen`` maps a need's key to its option's key (needs left out are absent).

    Every level's value was computed again in plain Python from ``chosen`` and compared with the engine's.
    """

    status: Status
    chosen: dict[Hashable, Hashable]
    levels: tuple[Level, ...]
    seed: int
    engine: str
    seconds: float = field(default=0.0, compare=False)
