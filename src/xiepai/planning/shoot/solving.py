"""``solve``: a plan at once, then better ones while there is time, the bound beside it; nothing believed unchecked.

1. ``greedy`` builds plans in plain Python; the first answer stands within a second or two.
2. ``improving`` betters it in portions, so that it can be watched and stopped; ``engine_numba`` does the work.
3. ``floor`` says at once what no plan can beat, by arithmetic; ``engine_cpsat`` raises it where the problem is small
   enough to be solved, and may prove that there is no plan while none was found; ``engine_exact`` asks of problems of a
   dozen scenes, with all their minutes, whether there is a cheaper plan.

Every answer is reckoned anew by ``objective`` and judged by ``checker``; a difference is an error, not a result.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from importlib.metadata import version
from typing import Any

from xiepai.planning.shoot import arrays, checker, greedy, objective, preparing
from xiepai.planning.shoot.floor import floor_fen
from xiepai.planning.shoot.improving import Budget, Line, Search
from xiepai.planning.shoot.model import Limits, Plan, Problem, Progress, Result, Status

PROVABLE = 1000
"""Candidates times unit's days up to which CP-SAT is worth a core beside the search."""
MOST_REFUTED, REFUTING = 40000, 5.0
"""While no plan is known: candidates times unit's days up to which CP-SAT looks for a conflict of demands, and for how
much of its own time."""
MOST_WHOLE = 10.0
"""CP-SAT's own time for a small problem with its minutes, when work is counted and not the clock."""
ATTENDING = 0.1
CHECKING = 8
"""How many times as long as the last check took the search goes on before the next."""
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

    def offer(self, plan: Plan) -> tuple[int, tuple[checker.Violation, ...]]:
        """Take a plan if it is better: fewer violations, then less money. What it costs and violates."""
        broken = checker.check(self.problem, plan)
        cost = sum(objective.cost(self.problem, plan).values())
        if self.plan is None or (len(broken), cost) < (len(self.broken), self.cost):
            self.plan, self.cost, self.broken = plan, cost, broken
        return cost, broken


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
    is_whole: bool = False
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

    def holds(self) -> bool:
        """Whether a plan without violation is known."""
        return self.best.plan is not None and not self.best.broken

    def bound_fen(self) -> int:
        """What no plan can beat, as far as it is known."""
        return max(self.floor, self.bound.fen) if self.bound is not None else self.floor

    def worked(self) -> float:
        """Seconds since it began, the wait for machine code left out."""
        return time.monotonic() - self.began - self.waited

    def take(self) -> None:
        """Take up what the exact model found, if it did."""
        if self.bound is not None and (plan := self.bound.plan) is not None:
            self.bound.plan = None
            self.best.offer(plan)

    def is_over(self) -> bool:
        """Stopped, out of time, or proven."""
        self.take()
        if self.should_stop is not None and self.should_stop():
            self.is_stopped = True
        if self.limits.rounds is None and self.worked() >= self.limits.seconds:
            return True
        is_proven = self.holds() and self.best.cost <= self.bound_fen()
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
    run = _Run(problem, limits or Limits(), seed, on_progress, should_stop, _Best(problem))
    if start is not None:
        run.best.offer(start)
    run.best.offer(greedy.construct(problem))
    run.tell()
    run.floor = floor_fen(problem)
    memory = arrays.pack(problem)
    loose = arrays.pack(problem, is_loose=True) if any(day.locked for day in problem.days) else memory
    reach = next((scene.id for s, scene in enumerate(problem.scenes) if not _may_be(problem, loose, s)), None)
    if reach is not None:
        return _result(run, is_infeasible=True)
    thread = _start_bound(run, loose)
    try:
        _search(run, memory)
    finally:
        if thread is not None:
            if run.limits.rounds is None:
                run.bound.stop()
            thread.join()
    if run.limits.rounds is not None:  # once the search has had its rounds: then no clock decides what it is asked
        last = threading.Thread(target=_whole, args=(run, loose), daemon=True)
        last.start()
        _attend(run, last)
    run.take()
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
    is_provable = memory.allow.sum() <= PROVABLE
    if not seconds or (run.holds() and not is_provable):  # the bound of a big problem never passed the floor
        return None
    from xiepai.planning.shoot.engine_cpsat import Bound  # late: importing OR-Tools takes seconds

    run.bound = Bound(run.problem, memory, run.seed)
    is_work = limits.rounds is not None
    is_asked = not run.holds() and memory.allow.sum() <= MOST_REFUTED

    def work() -> None:
        if is_asked:
            from xiepai.planning.shoot.engine_musts import Musts

            run.bound.refute(Musts(run.problem).demanded(), min(seconds, REFUTING))
        if run.bound.is_infeasible:
            return
        from xiepai.planning.shoot.engine_exact import is_small

        run.is_whole = is_small(run.problem, memory)
        run.bound.run(seconds / 4 if run.is_whole else seconds, is_work=is_work)
        if not is_work:
            _whole(run, memory)

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    if is_work:  # what ends a run early must not depend on the clock
        _attend(run, thread)
    return thread


def _attend(run: _Run, thread: threading.Thread) -> None:
    """Wait for CP-SAT, not deaf to who wants to stop."""
    while thread.is_alive():
        thread.join(ATTENDING)
        if run.should_stop is not None and run.should_stop():
            run.is_stopped = True
            run.bound.stop()


def _whole(run: _Run, memory: arrays.Memory) -> None:
    """A small problem with all its minutes: is there a plan cheaper than the best one known?"""
    if run.bound is None or not run.is_whole or run.bound.is_infeasible or run.is_stopped:
        return
    if run.holds() and run.best.cost <= run.bound_fen():
        return
    from xiepai.planning.shoot.engine_exact import Exact

    exact, limits = Exact(run.problem, memory), run.limits
    if run.holds():
        exact.better(run.best.cost)
    seconds = limits.bound_seconds if limits.bound_seconds is not None else limits.seconds
    is_work = limits.rounds is not None
    run.bound.whole(exact, min(seconds, MOST_WHOLE) if is_work else seconds, is_work=is_work)


def _search(run: _Run, memory: arrays.Memory) -> None:
    """The compiled search, from the best plan so far."""
    if run.limits.rounds == 0 or run.is_over() or not len(run.problem.scenes):
        return
    if not _wait_for_machine(run):
        return
    arrays.fill(run.problem, memory, run.best.plan or Plan(()))
    began = time.monotonic()
    budget = Budget(run.limits.seconds - run.worked(), run.limits.rounds, began)
    is_provable = memory.allow.sum() <= PROVABLE
    offers = _Offers(run, memory)

    def hear(line: Line) -> bool:
        run.rounds = budget.done
        if run.bound is not None and run.limits.rounds is None and run.holds() and not is_provable:
            run.bound.stop()
        offers.hear(line)
        run.tell()
        return not run.is_over()

    Search(run.problem, memory, budget, run.seed, hear).run()
    offers.make()


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


@dataclass
class _Offers:
    """The search's best lines, offered as they come; where checking takes long, not more often than it is worth."""

    run: _Run
    memory: arrays.Memory
    best: tuple[int, int] = (1 << 40, 1 << 60)
    waiting: Line | None = None
    took: float = 0.0
    ended: float = 0.0

    def hear(self, line: Line) -> None:
        """A line; a broken one is of no account once there is a plan that holds."""
        if (line.bad, line.fen) >= self.best or (line.bad and self.run.holds()):
            return
        self.best, self.waiting = (line.bad, line.fen), line
        if self.run.limits.rounds is not None or time.monotonic() - self.ended >= CHECKING * self.took:
            self.make()

    def make(self) -> None:
        """Offer what waits; where it claims no violation, its price must be right and the checker silent."""
        line, self.waiting, began = self.waiting, None, time.monotonic()
        if line is None:
            return
        cells = self.memory.cells
        cells[self.memory.begin + 2 * self.memory.kept : self.memory.begin + 3 * self.memory.kept] = line.best
        plan = arrays.read(self.run.problem, self.memory, copy=2)
        cost, broken = self.run.best.offer(plan)
        if line.bad == 0:
            if cost != line.fen:
                raise CheckError(f"the search says {line.fen} fen, it is {cost}")
            if broken:
                raise CheckError(f"the search says the plan holds, but: {broken[0]}")
        self.ended = time.monotonic()
        self.took = self.ended - began


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
