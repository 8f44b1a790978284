"""``solve``: reduces the problem, lets the engines take turns, and believes nothing without computing it again."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import cache

from xiepai.planning.talent import arrival, objective, reduction, rounds, subsets
from xiepai.planning.talent.improving import Improver
from xiepai.planning.talent.model import MOST, Limits, Problem, Progress, Result, Status
from xiepai.planning.talent.reduction import Part

ENGINES: dict[str, Callable[[rounds.Course, int], bool]] = {
    "auto": rounds.take_turns,
    "arrival": rounds.search_arrivals,
    "subsets": rounds.search_subsets,
    "cpsat": rounds.search_pairs,
    "improve": rounds.improve,
}
"""By name: what a round of each does. ``auto`` is for use, the others are for comparing and for tests."""


def solve(
    problem: Problem,
    *,
    limits: Limits | None = None,
    seed: int = 0,
    engine: str = "auto",
    progress: Callable[[Progress], object] = lambda at: None,
    stop: Callable[[], bool] = lambda: False,
) -> Result:
    """The best order found within *limits*, and what no order can go below.

    ``progress`` hears of every better order and bound; ``stop`` is asked often and ends the search with the best so
    far. The same problem and seed give the same answer unless the clock or ``stop`` ended the search. An engine that
    does not fit the problem leaves the first order as it is. The first call on a machine compiles for some seconds,
    which the limits do not count (:func:`warm_up`).

    >>> from xiepai.planning.talent import Actor, Scene
    >>> day = [("1", "李王"), ("2", "王"), ("3", "李赵"), ("4", "赵王"), ("5", "赵")]
    >>> scenes = tuple(Scene(key, 1, frozenset(cast)) for key, cast in day)
    >>> result = solve(Problem(scenes, (Actor("李", 900), Actor("王", 400), Actor("赵", 100))))
    >>> result.status, result.cost, "".join(result.order)
    (<Status.OPTIMAL: 'optimal'>, 3400, '24135')
    """
    begin = ENGINES[engine]
    warm_up()
    run = _Run(problem, limits or Limits(), seed, progress, stop)
    open_courses = [course for course in run.courses if not course.is_proven]
    number = 0
    while open_courses and number != run.clock.limits.rounds and not run.clock.is_over():
        wanting = [course for course in open_courses if begin(course, number)]
        open_courses = [course for course in wanting if not course.is_proven]
        number += 1
    return run.result(engine)


@cache
def warm_up() -> float:
    """Compile everything, or find it compiled; the seconds it took. A worker calls this before its first problem."""
    began = time.monotonic()
    part = Part((1, 1, 1, 1), (0b0011, 0b0101, 0b1001, 0b1110), (4, 3, 2, 1), ((0,), (1,), (2,), (3,)))
    arrival.search(part, 1, MOST)
    subsets.search(part)
    Improver(part, 0).improve(10)
    return time.monotonic() - began


class _Run:
    """One call of solve: its parts, its clock and whom it tells."""

    def __init__(
        self,
        problem: Problem,
        limits: Limits,
        seed: int,
        progress: Callable[[Progress], object],
        stop: Callable[[], bool],
    ) -> None:
        self.problem, self.seed, self.progress = problem, seed, progress
        self.clock = rounds.Clock(limits, stop)
        self.items = reduction.reduce(problem)
        self.pay = objective.pay_at_work(problem)
        self.courses: list[rounds.Course] = []
        for item in self.items:
            if isinstance(item, Part):
                self.courses.append(rounds.Course(item, seed, self.clock, self.tell))

    def tell(self, engine: str) -> None:
        """Report where all parts together stand."""
        cost = self.pay + sum(course.waiting for course in self.courses)
        bound = self.pay + sum(course.bound for course in self.courses)
        self.progress(Progress(cost, bound, engine, self.clock.seconds))

    def result(self, engine: str) -> Result:
        """The answer, computed again from the order alone."""
        places = reduction.scenes_in(self.items, [course.order for course in self.courses])
        order = tuple(self.problem.scenes[place].key for place in places)
        cost = objective.cost(self.problem, order)
        claimed = self.pay + sum(course.waiting for course in self.courses)
        bound = self.pay + sum(course.bound for course in self.courses)
        if cost != claimed or bound > cost:
            raise objective.CheckError(f"the engines say {bound} ≤ {claimed}, the order costs {cost}")
        names = "+".join(dict.fromkeys(course.engine for course in self.courses)) or "reduction"
        status = Status.OPTIMAL if bound == cost else Status.FEASIBLE
        return Result(status, order, cost, bound, self.seed, names if engine == "auto" else engine, self.clock.seconds)
