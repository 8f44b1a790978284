"""``xiepai plan FILE``: scenes and places in, a board with its money out. Needs no database.

FILE is a plan's YAML or JSON (docs/guide/planning.md) or a script the script reader knows. Exit codes: 0 a plan, 1 the
file or an option is wrong, 2 there is no plan or none was found. Ctrl-C ends the search and prints the best so far; a
second one ends the program. What is wrong is said before the search, not after it. Nothing of planning is decided here.
"""

from __future__ import annotations

import json
import os
import signal
import threading
from pathlib import Path
from typing import Annotated, Any

import typer

from xiepai.config import plan_report, plan_script
from xiepai.planning.shoot import Limits, Problem, Result, Status, planfile
from xiepai.planning.shoot.messages import Code, Fault, PlanFileError

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
    """Plan a shoot: day, unit, place and time for every scene, and what it costs. 拍摄计划

    xiepai plan examples/plan/small.yaml --seconds 5

    xiepai plan script.docx --places places.yaml --days 2026-12-01..2026-12-04 --units 2

    Ctrl-C prints the best plan so far. Exit codes: 0 a plan, 1 something in the file is wrong, 2 no plan.
    The file's format: docs/guide/planning.md.
    """
    if lang not in ("zh", "en"):
        raise typer.BadParameter("zh, en", param_hint="--lang")
    if xlsx is not None and not os.access(xlsx.parent, os.W_OK):
        raise typer.BadParameter(
            f"{'没有可以写入的文件夹' if lang == 'zh' else 'no folder to write to'}: {xlsx.parent}", param_hint="--xlsx"
        )
    try:
        problem = _problem(file, places, days, units)
        if why and why not in {each.id for each in problem.scenes}:
            some = [each.id for each in problem.scenes[:6]]
            raise PlanFileError([Fault("--why", Code.NO_SUCH_SCENE, {"text": why, "names": some})])
    except PlanFileError as error:
        plan_report.print_faults(error, lang=lang)
        raise typer.Exit(BAD_FILE) from None
    limits = Limits(seconds=seconds, rounds=rounds)
    result = _solved(problem, limits, seed, None if as_json else plan_report.Watch(lang))
    if xlsx is not None and result.plan is not None:
        plan_report.write_xlsx(problem, result, xlsx, lang=lang)
    has_plan = result.status in (Status.OPTIMAL, Status.FEASIBLE)
    found = _explained(problem, result, why if has_plan else "", one_more_day and has_plan, limits, seed)
    if as_json:
        typer.echo(json.dumps(plan_report.as_json(problem, result, found), ensure_ascii=False, indent=2))
    else:
        plan_report.print_result(problem, result, lang=lang)
        plan_report.print_found(problem, result, found, why, lang=lang)
    if not has_plan:
        raise typer.Exit(NO_PLAN)


def _solved(problem: Problem, limits: Limits, seed: int, watch: plan_report.Watch | None) -> Result:
    """Search until the time is over or Ctrl-C is pressed; pressed again it ends the program."""
    from xiepai.planning.shoot import solve

    is_enough = threading.Event()

    def enough(*_: object) -> None:
        is_enough.set()
        signal.signal(signal.SIGINT, before)

    before = signal.signal(signal.SIGINT, enough)
    try:
        return solve(problem, limits=limits, seed=seed, on_progress=watch, should_stop=is_enough.is_set)
    finally:
        signal.signal(signal.SIGINT, before)


def _explained(
    problem: Problem, result: Result, why: str, one_more_day: bool, limits: Limits, seed: int
) -> plan_report.Found:
    """What was asked beside the plan, and why there is none."""
    from xiepai.planning.shoot import conflicts, explaining

    found = plan_report.Found()
    if result.status in (Status.INFEASIBLE, Status.UNKNOWN):
        found.conflict = conflicts.conflict(problem)
    if why and result.plan is not None:
        found.why = explaining.why(problem, result.plan, why)
    if one_more_day:
        found.one_more = explaining.one_more_day(problem, result, limits=limits, seed=seed)
    return found


def _problem(file: Path, places: Path | None, days: str, units: int | None) -> Problem:
    tree: dict[str, Any] = {}
    tree = planfile.load(file.read_bytes()) if file.suffix.lower() in _DATA else plan_script.tree_of(file)
    if places is not None:
        more = planfile.load(places.read_bytes())
        tree = plan_script.joined(tree, more)
    if file.suffix.lower() not in _DATA:
        tree = plan_script.completed(tree)
    return planfile.problem_of(tree, days=planfile.read_days(days) if days else None, units=units)
