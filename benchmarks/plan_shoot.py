"""A whole drama planned: how soon, how good, and against the rule an experienced scheduler works by.

A made-up drama of 60 episodes, 240 scenes, 30 roles, 25 sets, 6 days, 2 units (``_dramas.py``); seconds are the wall
clock of one process, the search's machine code being ready. *Best known* is the best of all runs here, long ones among
them: ``--long`` seconds for each of ``--long-seeds``. Nothing is kept from run to run. The rule is given as many days
as it needs. ``--seeds`` dramas; growth on ``--sizes``.
"""

from __future__ import annotations

import time

from _dramas import drama
from report import Report, options
from xiepai.planning.shoot import Limits, Problem, Result, check, cost, greedy, solve
from xiepai.planning.shoot.explaining import with_day
from xiepai.planning.shoot.model import Plan


def by_rule(problem: Problem) -> tuple[Problem, Plan]:
    """The rule's plan, with days added until every scene has one."""
    for _ in range(20):
        plan = greedy.by_rule(problem)
        if len(plan.placements) == len(problem.scenes):
            return problem, plan
        problem = with_day(problem)
    raise SystemExit("the rule does not finish the drama")


def first_feasible(result: Result) -> float:
    """Seconds until the first plan without a violation."""
    return next((each.seconds for each in result.log if each.violations == 0), float("inf"))


def whole_drama(report: Report, seed: int, seconds: float, long: float, long_seeds: list[int]) -> None:
    """One drama: first plan, 30 seconds, best known, the rule."""
    problem = drama(seed=seed)
    name = f"drama {seed}: "
    result = solve(problem, limits=Limits(seconds=seconds), seed=1)
    longer = [solve(problem, limits=Limits(seconds=long), seed=each) for each in long_seeds]
    assert result.plan is not None
    assert result.cost_fen is not None
    best = min([result.cost_fen, *(each.cost_fen or 0 for each in longer)])
    worst = max([result.cost_fen, *(each.cost_fen or 0 for each in longer)])
    report.row(name + "first feasible plan", first_feasible(result), "s", "lower", goal=2)
    report.row(name + f"violations after {seconds:.0f} s, by the checker", len(check(problem, result.plan)), "rules",
               "lower", goal=0)  # fmt: skip
    report.row(name + "above the best known", 100 * (result.cost_fen / best - 1), "%", "lower", goal=3)
    report.row(name + f"worst of {1 + len(longer)} runs above the best", 100 * (worst / best - 1), "%", "lower")
    report.row(name + "best known above the bound", 100 * (best / max(1, result.bound_fen) - 1), "%", "lower")
    report.row(name + "above the bound", 100 * (result.cost_fen / max(1, result.bound_fen) - 1), "%", "lower")
    extended, rule = by_rule(problem)
    broken = len(check(extended, rule))
    paid = sum(cost(extended, rule).values())
    days = len({each.day for each in rule.placements})
    report.row(name + f"cost; the rule takes {days} days, {broken} violations", result.cost_fen / 1e6, "万元", "lower",
                peer="by set, then by cast", peer_value=paid / 1e6)  # fmt: skip
    report.row(name + "lower than by the rule", 100 * (1 - result.cost_fen / paid), "%", "higher", goal=15)
    report.row(name + "changes tried", result.rounds / max(1e-9, result.seconds), "1/s", "higher")


def growth(report: Report, sizes: list[int], seconds: float) -> None:
    """The same scheme, longer: days, roles and sets grow with the scenes."""
    for size in sizes:
        days = max(2, -(-size // 40))
        problem = drama(
            size, episodes=size // 4, roles=min(80, 12 + size // 12), sets=min(60, 8 + size // 12), days=days
        )
        began = time.perf_counter()
        plan = greedy.construct(problem)
        first = time.perf_counter() - began
        missing = size - len(plan.placements)
        result = solve(problem, limits=Limits(seconds=seconds), seed=1)
        head = f"{size} scenes, {days} days: "
        report.row(head + f"first plan ({missing} scenes left out)", first, "s", "lower")
        report.row(head + f"violations after {seconds:.0f} s", len(result.violations), "rules", "lower")
        if result.log[0].cost_fen and result.cost_fen and not missing:
            report.row(head + "cheaper than the first plan", 100 * (1 - result.cost_fen / result.log[0].cost_fen), "%",
                       "higher")  # fmt: skip


def main() -> None:
    """Warm up, measure, report."""
    parser = options(__doc__ or "")
    parser.add_argument("--seconds", type=float, default=30)
    parser.add_argument("--long", type=float, default=120)
    parser.add_argument("--long-seeds", type=int, nargs="*", default=[2, 3])
    parser.add_argument("--seeds", type=int, nargs="*", default=[1, 2, 3, 4])
    parser.add_argument("--sizes", type=int, nargs="*", default=[60, 120, 240, 500, 1000, 2000])
    asked = parser.parse_args()
    report = Report("plan_shoot", asked.output)
    began = time.perf_counter()
    solve(drama(40, episodes=10, roles=12, sets=8, days=3), limits=Limits(rounds=60, bound_seconds=0))
    report.row("machine code ready", time.perf_counter() - began, "s", "lower")
    for seed in asked.seeds:
        whole_drama(report, seed, asked.seconds, asked.long, asked.long_seeds)
    growth(report, asked.sizes, asked.seconds)
    report.finish()


if __name__ == "__main__":
    main()
