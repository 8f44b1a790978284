"""``Problem``, ``Plan``, ``Limits``, ``Progress``, ``Result``: what is asked and what is answered, frozen."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum

from xiepai.planning.shoot.messages import Code, ShootError
from xiepai.planning.shoot.values import (
    Calendar,
    CrowdKind,
    Day,
    Lock,
    Person,
    Place,
    Scene,
    Unit,
    Weights,
    Wish,
)


@dataclass(frozen=True, slots=True, order=True)
class Placement:
    """A scene on a day (its number), in a unit, at a place, from a minute on."""

    day: int
    unit: str
    start: int
    scene: str
    place: str


@dataclass(frozen=True, slots=True)
class Plan:
    """Placements in the order of days, units and times."""

    placements: tuple[Placement, ...]

    @classmethod
    def of(cls, placements: Iterable[Placement]) -> Plan:
        """Sorted."""
        return cls(tuple(sorted(placements)))

    def by_scene(self) -> dict[str, Placement]:
        """Where each scene stands."""
        return {each.scene: each for each in self.placements}

    def rows(self) -> dict[tuple[int, str], list[Placement]]:
        """The placements of each unit's day, in order."""
        found: dict[tuple[int, str], list[Placement]] = {}
        for each in sorted(self.placements):
            found.setdefault((each.day, each.unit), []).append(each)
        return found


@dataclass(frozen=True, slots=True)
class Travel:
    """Minutes from place to place: inside a site, between sites unless ``between`` says otherwise."""

    inside_minutes: int = 10
    sites_minutes: int = 60
    between: tuple[tuple[str, str, int], ...] = ()

    def __post_init__(self) -> None:
        if min(self.inside_minutes, self.sites_minutes, *(each[2] for each in self.between)) < 0:
            raise ShootError(Code.TRAVEL)


@dataclass(frozen=True, slots=True)
class Problem:
    """Everything a plan depends on. ``fixed`` are the placements of frozen days and locked units' days.

    ``spare_minutes`` are kept free before what a locked unit's day needs (a meal may still push the others' scenes).
    """

    days: tuple[Day, ...]
    units: tuple[Unit, ...]
    scenes: tuple[Scene, ...]
    places: tuple[Place, ...]
    people: tuple[Person, ...] = ()
    crowds: tuple[CrowdKind, ...] = ()
    wishes: tuple[Wish, ...] = ()
    locks: tuple[Lock, ...] = ()
    fixed: tuple[Placement, ...] = ()
    travel: Travel = Travel()
    weights: Weights = Weights()  # noqa: RUF009 - frozen
    due: int | None = None
    title: str = ""
    spare_minutes: int = 0

    def __post_init__(self) -> None:
        if not self.days or not self.units:
            raise ShootError(Code.NO_DAY_OR_UNIT)
        if any(one.date >= other.date for one, other in zip(self.days, self.days[1:], strict=False)):
            raise ShootError(Code.DAYS_ORDER)
        for what, found in (
            ("unit", self.units), ("scene", self.scenes), ("place", self.places),
            ("person", self.people), ("crowd", self.crowds),
        ):  # fmt: skip
            _unique(what, [each.id for each in found])
        for place in self.places:
            _check_calendar(place.id, place.calendar, len(self.days))
        for person in self.people:
            _check_calendar(person.id, person.calendar, len(self.days))
        self._check_names()
        self._check_fixed()

    def _check_names(self) -> None:
        places = {each.id for each in self.places}
        people = {each.id for each in self.people}
        crowds = {each.id for each in self.crowds}
        scenes = {each.id for each in self.scenes}
        units = {each.id for each in self.units}
        for scene in self.scenes:
            _known([each.place for each in scene.candidates], places, Code.SCENE_UNKNOWN, id=scene.id, what="place")
            _known([each.person for each in scene.cast], people, Code.SCENE_UNKNOWN, id=scene.id, what="person")
            _known([each.kind for each in scene.crowd], crowds, Code.SCENE_UNKNOWN, id=scene.id, what="crowd")
        for wish in self.wishes:
            _known(wish.scenes, scenes, Code.WISH_UNKNOWN)
        for day in self.days:
            _known(day.locked, units, Code.DAY_UNIT, day=day.date)
        _known([each.scene for each in self.locks], scenes, Code.LOCK_UNKNOWN, what="scene")
        _unique("lock", [each.scene for each in self.locks])
        _known([each.unit for each in self.locks if each.unit], units, Code.LOCK_UNKNOWN, what="unit")
        candidates = {scene.id: {each.place for each in scene.candidates} for scene in self.scenes}
        for lock in self.locks:
            if lock.place is not None:
                _known([lock.place], candidates[lock.scene], Code.LOCK_PLACE, id=lock.scene)
            if lock.day is not None and not 0 <= lock.day < len(self.days):
                raise ShootError(Code.LOCK_DAY, id=lock.scene, day=lock.day + 1)

    def _check_fixed(self) -> None:
        candidates = {scene.id: {each.place for each in scene.candidates} for scene in self.scenes}
        _unique("fixed", [each.scene for each in self.fixed])
        for each in self.fixed:
            _known([each.scene], set(candidates), Code.FIXED_UNKNOWN, what="scene")
            _known([each.unit], {unit.id for unit in self.units}, Code.FIXED_UNKNOWN, what="unit")
            _known([each.place], candidates[each.scene], Code.FIXED_UNKNOWN, what="place")
            if not (0 <= each.day < len(self.days) and self.days[each.day].holds(each.unit)):
                raise ShootError(Code.FIXED_DAY, id=each.scene)


def _unique(what: str, keys: list[str]) -> None:
    if len(set(keys)) != len(keys):
        twice = sorted({key for key in keys if keys.count(key) > 1})
        raise ShootError(Code.TWICE, what=what, names=twice)


def _known(keys: Iterable[str], known: set[str], code: Code, **data: object) -> None:
    strange = sorted(set(keys) - known)
    if strange:
        raise ShootError(code, **data, names=strange)


def _check_calendar(key: str, calendar: Calendar | None, days: int) -> None:
    if calendar is None:
        return
    if len(calendar) != days:
        raise ShootError(Code.CALENDAR_DAYS, id=key, number=len(calendar), days=days)
    for windows in calendar:
        if any(later.start < earlier.end for earlier, later in itertools.pairwise(windows)):
            raise ShootError(Code.CALENDAR_ORDER, id=key)


@dataclass(frozen=True, slots=True)
class Limits:
    """How long to look. With ``rounds`` only the seed decides the answer; else ``seconds`` of the wall clock end it."""

    seconds: float = 30.0
    rounds: int | None = None
    bound_seconds: float | None = None
    """Time for the bound: ``None`` for as long as the search, 0 for none; counted in work when ``rounds`` are given."""

    def __post_init__(self) -> None:
        if not self.seconds > 0 or (self.rounds is not None and self.rounds < 0):
            raise ShootError(Code.LIMIT)


class Status(StrEnum):
    """What is known of the answer: never more than was proven.

    ``unknown``: no plan without a violation was found, nor was it proven that there is none.
    """

    OPTIMAL = "optimal"
    FEASIBLE = "feasible"
    INFEASIBLE = "infeasible"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Progress:
    """One event of a search: the best cost so far and what cannot be beaten, in fen."""

    seconds: float
    rounds: int
    cost_fen: int | None
    bound_fen: int
    violations: int
    plan: Plan | None = field(default=None, compare=False, repr=False)

    @property
    def gap(self) -> float | None:
        """How far the best is above the bound, as a share of the best; ``None`` without a plan."""
        return gap(self.cost_fen, self.bound_fen)


def gap(cost_fen: int | None, bound_fen: int) -> float | None:
    """``(cost − bound) / cost``.

    >>> gap(200, 150), gap(None, 3), gap(0, 0)
    (0.25, None, 0.0)
    """
    if cost_fen is None:
        return None
    return max(0.0, (cost_fen - bound_fen) / cost_fen) if cost_fen else 0.0


@dataclass(frozen=True, slots=True)
class Result:
    """The answer. ``terms`` were computed in plain Python, ``violations`` by the independent checker.

    With status ``unknown`` the plan is the best try, with its violations; with ``infeasible`` there may be none.
    """

    status: Status
    plan: Plan | None
    terms: dict[str, int]
    bound_fen: int
    bound_terms: dict[str, int]
    violations: tuple[object, ...]
    seed: int
    engine: str
    rounds: int = 0
    seconds: float = field(default=0.0, compare=False)
    log: tuple[Progress, ...] = field(default=(), compare=False)

    @property
    def cost_fen(self) -> int | None:
        """The sum of the terms."""
        return sum(self.terms.values()) if self.plan is not None else None

    @property
    def gap(self) -> float | None:
        """See :func:`gap`."""
        return gap(self.cost_fen, self.bound_fen)
