"""One part on its way to an order: what each engine does in a round, and how ``auto`` lets them take turns.

A round's work is counted, not timed, and grows fourfold from one to the next; so the way is the same on every machine,
and no engine that cannot help takes more than its share.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from xiepai.planning.talent import arrival, bounds, subsets
from xiepai.planning.talent.improving import Improver
from xiepai.planning.talent.model import Limits
from xiepai.planning.talent.reduction import Part


@dataclass(slots=True)
class Clock:
    """When to stop: by the time, or because the caller wants it."""

    limits: Limits
    stop: Callable[[], bool]
    began: float = field(default_factory=time.monotonic)

    @property
    def seconds(self) -> float:
        """Since the start."""
        return time.monotonic() - self.began

    def is_over(self) -> bool:
        """Whether to stop now."""
        return self.seconds >= self.limits.seconds or self.stop()


class Course:
    """The best order of one part so far, its waiting, and the waiting no order goes below."""

    def __init__(self, part: Part, seed: int, clock: Clock, tell: Callable[[str], None]) -> None:
        self.part, self.seed, self.clock, self.tell = part, seed, clock, tell
        self.improver = Improver(part, seed)
        self.order, self.waiting = self.improver.best.tolist(), self.improver.waiting
        self.bound = 0
        self.engine = "start"

    @property
    def is_proven(self) -> bool:
        """Whether nothing better exists."""
        return self.bound >= self.waiting

    def offer(self, order: list[int], engine: str) -> None:
        """Keep an order if it is better."""
        waiting = self.part.waiting(order)
        if waiting < self.waiting:
            self.order, self.waiting, self.engine = order, waiting, engine
            self.improver.adopt(order)
            self.tell(engine)

    def raise_bound(self, bound: int, engine: str) -> None:
        """Keep a bound if it is better."""
        if bound > self.bound:
            self.bound = min(bound, self.waiting)
            self.engine = engine if self.is_proven else self.engine
            self.tell(engine)


def improve(course: Course, number: int) -> bool:
    """Large-neighbourhood search; there is always more to try."""
    order, _waiting = course.improver.improve(1000 * 4**number, course.clock.is_over)
    course.offer(order, "improve")
    return True


def search_subsets(course: Course, number: int) -> bool:
    """All at once, where the cells are few."""
    if not subsets.fits(course.part, course.clock.limits.memory_mb):
        return False
    order, waiting = subsets.search(course.part, course.waiting, course.clock.is_over)
    if order is not None:
        course.offer(order, "subsets")
    course.raise_bound(waiting, "subsets")
    return False


def search_arrivals(course: Course, number: int) -> bool:
    """One pass of the arrival search; a wider one next time until memory ends."""
    if len(course.part.costs) > arrival.PEOPLE:
        return False
    most = arrival.widest(course.part, course.clock.limits.memory_mb)
    labour = len(course.part.costs) ** 2 * len(course.part.durations)
    width = max(2048 * 4**number * 1280 // max(labour, 1280), 64)
    found = arrival.search(course.part, min(width, most), course.waiting, course.clock.is_over)
    if found.order is not None:
        course.offer(found.order, "arrival")
    course.raise_bound(found.bound, "arrival")
    return width < most


def search_groups(course: Course, number: int) -> bool:
    """The bound by groups of people, larger ones each time."""
    size = 6 + 2 * number
    if size >= len(course.part.costs):
        return False
    most = arrival.widest(course.part, course.clock.limits.memory_mb)
    width = min(2048 * 4**number, most)
    course.raise_bound(bounds.by_groups(course.part, size, width, course.seed, course.clock.is_over), "groups")
    return True


def search_pairs(course: Course, number: int, effort: float | None = None) -> bool:
    """CP-SAT, for a while or (without ``effort``) for as long as there is time."""
    from xiepai.planning.talent import engine_cpsat  # late: importing OR-Tools takes a second

    def found(order: list[int], bound: int) -> bool:
        course.offer(order, "cpsat")
        course.raise_bound(bound, "cpsat")
        return not course.clock.is_over()

    left = course.clock.limits.seconds - course.clock.seconds
    order, bound = engine_cpsat.search(
        course.part, seconds=left, seed=course.seed, hint=course.order, effort=effort, found=found
    )
    if order is not None:
        course.offer(order, "cpsat")
    course.raise_bound(bound, "cpsat")
    return effort is not None


PAIRS_CELLS = 60
"""Beyond this the rings of three make CP-SAT's model too large to be worth its turn."""


def take_turns(course: Course, number: int) -> bool:
    """Everything that fits, quickest proof first."""
    improve(course, number)
    if not course.is_proven and len(course.part.durations) <= (19, subsets.CELLS)[number > 0]:
        search_subsets(course, number)
    turns: list[Callable[[Course, int], bool]] = [search_arrivals]
    if number:
        turns.append(search_groups)
    for turn in turns:
        if not course.is_proven and not course.clock.is_over():
            turn(course, number)
    if number > 2 and len(course.part.durations) <= PAIRS_CELLS and not course.is_proven and not course.clock.is_over():
        search_pairs(course, number, effort=0.1 * 4**number)
    return True
