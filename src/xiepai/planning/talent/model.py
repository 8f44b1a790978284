"""The frozen values of an order of scenes: they cannot be built invalid, and they hold no clock and no framework."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field
from enum import StrEnum

MOST = 2**53
"""No plan may cost more: up to here whole numbers and the floating estimates of the bounds agree."""


@dataclass(frozen=True, slots=True)
class Scene:
    """Something to shoot in one go: how long it takes, in whole units, and who is in it."""

    key: Hashable
    duration: int
    cast: frozenset[Hashable]

    def __post_init__(self) -> None:
        if self.duration < 1:
            raise ValueError(f"scene {self.key!r} takes no time")


@dataclass(frozen=True, slots=True)
class Actor:
    """Somebody paid ``cost`` for each unit of time from the start of their first scene to the end of their last."""

    key: Hashable
    cost: int

    def __post_init__(self) -> None:
        if self.cost < 0:
            raise ValueError(f"actor {self.key!r} has a negative cost")


@dataclass(frozen=True, slots=True)
class Problem:
    """Scenes in any order and the people in them.

    >>> Problem((Scene("1", 1, frozenset({"王"})),), (Actor("李", 1),))
    Traceback (most recent call last):
    ValueError: scene '1' has people nobody named: 王
    """

    scenes: tuple[Scene, ...]
    actors: tuple[Actor, ...]

    def __post_init__(self) -> None:
        known = {actor.key for actor in self.actors}
        if len(known) != len(self.actors):
            raise ValueError("two actors have one key")
        if len({scene.key for scene in self.scenes}) != len(self.scenes):
            raise ValueError("two scenes have one key")
        for scene in self.scenes:
            if not scene.cast <= known:
                strangers = ", ".join(sorted(map(str, scene.cast - known)))
                raise ValueError(f"scene {scene.key!r} has people nobody named: {strangers}")
        if sum(scene.duration for scene in self.scenes) * sum(actor.cost for actor in self.actors) >= MOST:
            raise ValueError("durations times costs go beyond 2^53: choose larger units")


@dataclass(frozen=True, slots=True)
class Limits:
    """How long to think: seconds on the clock, and rounds of work, which are the same on every machine.

    A run that ends by its rounds or by proof is the same each time; one that ends by the clock stops somewhere on the
    same way. ``memory_mb`` is what the labels of the exact search may take, roughly.
    """

    seconds: float = 10.0
    rounds: int | None = None
    memory_mb: int = 500

    def __post_init__(self) -> None:
        if not self.seconds > 0 or (self.rounds is not None and self.rounds < 1) or self.memory_mb < 1:
            raise ValueError("limits must be positive")


class Status(StrEnum):
    """What is known of the answer, never more than was proven; any order is feasible, so two words suffice here.

    ``infeasible`` and ``unknown`` are the words of the other planning cores for what cannot happen in this one.
    """

    OPTIMAL = "optimal"
    FEASIBLE = "feasible"
    INFEASIBLE = "infeasible"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a running solve stands: the cost of the best order so far and what no order can go below."""

    cost: int
    bound: int
    engine: str
    seconds: float

    @property
    def gap(self) -> float:
        """How much of the cost could at most still be saved, from 0 to 1."""
        return (self.cost - self.bound) / self.cost if self.cost else 0.0


@dataclass(frozen=True, slots=True)
class Result:
    """The answer: the keys of the scenes in their order.

    ``cost`` was computed in plain Python from ``order``; ``bound`` is proven to be below every order, and equals
    ``cost`` exactly when the status is optimal. ``engine`` names who found the last improvement or the proof.
    """

    status: Status
    order: tuple[Hashable, ...]
    cost: int
    bound: int
    seed: int
    engine: str = field(compare=False)
    seconds: float = field(compare=False)

    @property
    def gap(self) -> float:
        """How much of the cost could at most still be saved, from 0 to 1; 0 when optimal."""
        return (self.cost - self.bound) / self.cost if self.cost else 0.0
