"""``xiepai plan FILE``: scenes and places in, a board with its money out. Needs no database.

FILE is a plan's YAML or JSON (docs/guide/planning.md) or a script the script reader knows. Exit codes: 0 a plan, 1 the
file is wrong, 2 there is no plan or none was found. Nothing of planning is decided here.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from xiepai.config import plan_report, plan_script
from xiepai.planning.shoot import Limits, Problem, Result, Status, planfile
from xiepai.planning.shoot.planfile import PlanFileError

BAD_FILE, NO_PLAN = 1, 2
_DATA = (".yaml", ".yml", ".json")


def plan(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="Plan (.yaml, .json) or script.")],
    places: Annotated[
        Path | None, typer.Option(exists=True, dir_okay=False, help="Places, people, units and wishes (.yaml).")
    ] = None,
    days: Annotated[str, typer.Option(help="2026-12-01..2026-12-06; default: what the file says.")] = "",
    units: Annotated[int | None, typer.Option(min=1, max=8, help="How many units.")] = None,
    seconds: Annotated[float, typer.Option(min=0.1, help="How long to look for a better plan.")] = 30.0,
    rounds: Annotated[int | None, typer.Option(min=0, help="Work instead of time: the same plan every time.")] = None,
    seed: Annotated[int, typer.Option(help="Another seed, another search.")] = 0,
    why: Annotated[str, typer.Option(help="Explain one scene's day.")] = "",
    one_more_day: Annotated[bool, typer.Option("--one-more-day", help="Say what another day would buy.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the plan as JSON.")] = False,
    xlsx: Annotated[Path | None, typer.Option(help="Write the shooting plan (拍摄计划) to this file.")] = None,
    lang: Annotated[str, typer.Option(help="zh or en")] = "zh",
) -> None:
    """Plan a shoot: day, unit, place and time for every scene, and what it costs. 拍摄计划"""
    if lang not in ("zh", "en"):
        raise typer.BadParameter("zh, en", param_hint="--lang")
    try:
        problem = _problem(file, places, days, units)
    except PlanFileError as error:
        plan_report.print_faults(error, lang=lang)
        raise typer.Exit(BAD_FILE) from None
    from xiepai.planning.shoot import solve

    limits = Limits(seconds=seconds, rounds=rounds)
    watch = None if as_json else plan_report.Watch(lang)
    result = solve(problem, limits=limits, seed=seed, on_progress=watch)
    if as_json:
        typer.echo(json.dumps(plan_report.as_json(problem, result), ensure_ascii=False, indent=2))
    else:
        plan_report.print_result(problem, result, lang=lang)
    if xlsx is not None and result.plan is not None:
        plan_report.write_xlsx(problem, result, xlsx, lang=lang)
    if result.status in (Status.INFEASIBLE, Status.UNKNOWN):
        plan_report.print_conflict(problem, lang=lang)
        raise typer.Exit(NO_PLAN)
    _explain(problem, result, why, one_more_day, limits, seed, lang)


def _explain(
    problem: Problem, result: Result, scene: str, one_more: bool, limits: Limits, seed: int, lang: str
) -> None:
    from xiepai.planning.shoot import explaining

    assert result.plan is not None  # noqa: S101 - a feasible result has a plan
    if scene:
        if scene not in result.plan.by_scene():
            plan_report.print_faults(PlanFileError([("--why", scene)]), lang=lang)
            raise typer.Exit(BAD_FILE)
        plan_report.print_why(problem, result, scene, explaining.why(problem, result.plan, scene), lang=lang)
    if one_more:
        found = explaining.one_more_day(problem, result, limits=limits, seed=seed)
        plan_report.print_one_more(found, lang=lang)


def _problem(file: Path, places: Path | None, days: str, units: int | None) -> Problem:
    tree: dict[str, Any] = {}
    tree = planfile.load(file.read_bytes()) if file.suffix.lower() in _DATA else plan_script.tree_of(file)
    if places is not None:
        more = planfile.load(places.read_bytes())
        tree = plan_script.joined(tree, more)
    if file.suffix.lower() not in _DATA:
        tree = plan_script.completed(tree)
    return planfile.problem_of(tree, days=planfile.read_days(days) if days else None, units=units)
