"""``solve``: a plan at once, then better ones while there is time, the bound beside it; nothing believed unchecked.

1. ``greedy`` builds plans in plain Python; the first answer stands within a second or two.
2. ``engine_numba`` improves it by a large-neighbourhood search, in portions, so that it can be watched and stopped.
3. ``engine_cpsat`` computes meanwhile what no plan can beat, and may prove that there is none.

Every answer is reckoned anew by ``objective`` and judged by ``checker``; a difference is an error, not a result.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from importlib.metadata import version
from typing import Any

import numpy as np

from xiepai.planning.shoot import arrays, checker, greedy, objective, preparing
from xiepai.planning.shoot.engine_numba.annealing import anneal
from xiepai.planning.shoot.floor import floor_fen
from xiepai.planning.shoot.model import Limits, Plan, Problem, Progress, Result, Status

HOT_FEN, COLD_FEN, RUIN_SHARE = 150000.0, 1500.0, 0.005
PORTIONS = 60
OnProgress = Callable[[Progress], bool | None]


class CheckError(AssertionError):
    """The search says a plan costs what it does not, or that it holds when it does not."""


@dataclass
class _Best:
    """The best plan so far, as the checker and the objective see it."""

    problem: Problem
    plan: Plan | None = None
    cost: int = 0
    broken: tuple[checker.Violation, ...] = ()

    def offer(self, plan: Plan) -> bool:
        """Take a plan if it is better: fewer violations, then less money."""
        broken = checker.check(self.problem, plan)
        cost = sum(objective.cost(self.problem, plan).values())
        if self.plan is not None and (len(broken), cost) >= (len(self.broken), self.cost):
            return False
        self.plan, self.cost, self.broken = plan, cost, broken
        return True


@dataclass
class _Run:
    """One run: its clock, its events, its end."""

    problem: Problem
    limits: Limits
    seed: int
    on_progress: OnProgress | None
    should_stop: Callable[[], bool] | None
    best: _Best
    began: float = field(default_factory=time.monotonic)
    rounds: int = 0
    floor: int = 0
    bound: Any = None
    log: list[Progress] = field(default_factory=list)
    is_stopped: bool = False
    waited: float = 0.0

    def tell(self) -> None:
        """An event; the listener may end the run by answering ``False``."""
        plan = self.best.plan
        progress = Progress(
            time.monotonic() - self.began, self.rounds, self.best.cost if plan is not None else None,
            self.bound_fen(), len(self.best.broken), plan,
        )  # fmt: skip
        self.log.append(progress)
        if self.on_progress is not None and self.on_progress(progress) is False:
            self.is_stopped = True

    def bound_fen(self) -> int:
        """What no plan can beat, as far as it is known."""
        return max(self.floor, self.bound.fen) if self.bound is not None else self.floor

    def worked(self) -> float:
        """Seconds since it began, the wait for machine code left out."""
        return time.monotonic() - self.began - self.waited

    def is_over(self) -> bool:
        """Stopped, out of time, or proven."""
        if self.should_stop is not None and self.should_stop():
            self.is_stopped = True
        if self.limits.rounds is None and self.worked() >= self.limits.seconds:
            return True
        is_proven = self.best.plan is not None and not self.best.broken and self.best.cost <= self.bound_fen()
        return self.is_stopped or is_proven or (self.bound is not None and self.bound.is_infeasible)


def solve(
    problem: Problem,
    *,
    limits: Limits | None = None,
    seed: int = 0,
    start: Plan | None = None,
    on_progress: OnProgress | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> Result:
    """The best plan found within *limits*.

    ``start`` is a plan to better (an edited stripboard); scenes it lacks are put in. ``on_progress`` hears every
    portion and ends the run by returning ``False``; ``should_stop`` is asked often. With ``limits.rounds`` the answer
    depends on problem, start and seed alone.
    """
    run = _Run(problem, limits or Limits(), seed, on_progress, should_stop, _Best(problem), floor=floor_fen(problem))
    if start is not None:
        run.best.offer(start)
    run.best.offer(greedy.construct(problem))
    run.tell()
    memory = arrays.pack(problem)
    reach = next((scene.id for s, scene in enumerate(problem.scenes) if not _may_be(problem, memory, s)), None)
    if reach is not None:
        return _result(run, is_infeasible=True)
    thread = _start_bound(run, memory)
    try:
        _search(run, memory)
    finally:
        if thread is not None:
            if run.limits.rounds is None:
                run.bound.stop()
            thread.join()
    run.tell()
    return _result(run, is_infeasible=run.bound is not None and run.bound.is_infeasible)


def _may_be(problem: Problem, memory: arrays.Memory, s: int) -> bool:
    fixed = {each.scene for each in problem.fixed}
    own = slice(memory.cand_ptr[s], memory.cand_ptr[s + 1])
    return problem.scenes[s].id in fixed or bool(memory.allow[own].any())


def _start_bound(run: _Run, memory: arrays.Memory) -> threading.Thread | None:
    """CP-SAT beside the search: it gives the interpreter back while it works."""
    limits = run.limits
    seconds = limits.bound_seconds if limits.bound_seconds is not None else limits.seconds
    if not seconds:
        return None
    from xiepai.planning.shoot.engine_cpsat import Bound  # late: importing OR-Tools takes seconds

    run.bound = Bound(run.problem, memory, run.seed)
    is_work = limits.rounds is not None
    thread = threading.Thread(target=run.bound.run, args=(seconds,), kwargs={"is_work": is_work}, daemon=True)
    thread.start()
    if is_work:  # what ends a run early must not depend on the clock
        thread.join()
    return thread


def _search(run: _Run, memory: arrays.Memory) -> None:
    """Portions of the search from hot to cold, each begun where the last one ended."""
    if run.limits.rounds == 0 or run.is_over() or not len(run.problem.scenes):
        return
    if not _wait_for_machine(run):
        return
    arrays.fill(run.problem, memory, run.best.plan or Plan(()))
    best = np.array([1 << 60, 1 << 60], np.int64)
    portion = 200 if run.limits.rounds is None else max(1, run.limits.rounds // PORTIONS)
    anneal(memory.cells, run.seed, 0, HOT_FEN, COLD_FEN, RUIN_SHARE, best)
    _adopt(run, memory, best)  # the same order with its gaps closed
    began, number = run.worked(), 0
    while not run.is_over():
        done = _share_done(run, began)
        if done >= 1:
            return
        if run.limits.rounds is not None:
            portion = min(portion, run.limits.rounds - run.rounds)
        ahead = min(1.0, done + 1 / PORTIONS)
        hot, cold = (HOT_FEN * (COLD_FEN / HOT_FEN) ** share for share in (done, ahead))
        before, clock = (int(best[0]), int(best[1])), time.monotonic()
        number += 1
        anneal(memory.cells, (run.seed * 100003 + number) % (1 << 31), portion, hot, cold, RUIN_SHARE, best)
        run.rounds += portion
        if run.limits.rounds is None:
            took = max(1e-3, time.monotonic() - clock)
            wanted = min(1.0, max(0.05, run.limits.seconds / PORTIONS))
            portion = max(50, min(4 * portion, int(portion * wanted / took)))
        if (int(best[0]), int(best[1])) != before:
            _adopt(run, memory, best)
        run.tell()


def _wait_for_machine(run: _Run) -> bool:
    """Wait for the search's machine code, listening; the wait is not taken from the seconds asked for."""
    began = told = time.monotonic()

    def is_over() -> bool:
        nonlocal told
        if time.monotonic() - told >= 1:
            told = time.monotonic()
            run.tell()
        run.waited = time.monotonic() - began
        return run.is_over()

    is_ready = preparing.wait(is_over)
    run.waited = time.monotonic() - began
    return is_ready


def _share_done(run: _Run, began: float) -> float:
    if run.limits.rounds is not None:
        return run.rounds / run.limits.rounds
    return (run.worked() - began) / max(0.1, run.limits.seconds - began)


def _adopt(run: _Run, memory: arrays.Memory, best: Any) -> None:
    """Offer the search's best; where it claims no violation, its price must be right and the checker silent."""
    plan = arrays.read(run.problem, memory, copy=2)
    if best[1] == 0:
        cost = sum(objective.cost(run.problem, plan).values())
        if cost != best[0]:
            raise CheckError(f"the search says {best[0]} fen, it is {cost}")
        broken = checker.check(run.problem, plan)
        if broken:
            raise CheckError(f"the search says the plan holds, but: {broken[0]}")
    run.best.offer(plan)


def _result(run: _Run, *, is_infeasible: bool) -> Result:
    plan, broken = run.best.plan, run.best.broken
    if plan is not None and not broken:
        if is_infeasible:
            raise CheckError("a plan without violation exists, yet the relaxation says there is none")
        status = Status.OPTIMAL if run.best.cost <= run.bound_fen() else Status.FEASIBLE
    else:
        status = Status.INFEASIBLE if is_infeasible else Status.UNKNOWN
    if plan is not None and not broken and run.bound_fen() > run.best.cost:
        raise CheckError(f"the bound {run.bound_fen()} is above a plan's cost {run.best.cost}")
    return Result(
        status=status, plan=plan, terms=objective.cost(run.problem, plan) if plan is not None else {},
        bound_fen=run.bound_fen(), bound_terms=run.bound.terms if run.bound is not None else {},
        violations=broken, seed=run.seed, engine=_engines(), rounds=run.rounds,
        seconds=time.monotonic() - run.began, log=tuple(run.log),
    )  # fmt: skip


def _engines() -> str:
    return f"greedy + search (numba {version('numba')}) + bound (ortools {version('ortools')})"
