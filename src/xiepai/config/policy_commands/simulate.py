"""``xiepai policy simulate FILE --population X``: what a policy would cost over many cases, and who is capped."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any

import typer
from rich import box
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from xiepai.config.policy_commands import common
from xiepai.config.policy_commands.common import say
from xiepai.config.wrapping import wrapped
from xiepai.policy import Program, load
from xiepai.policy.messages import word
from xiepai.policy.simulation import ENGINES, Simulation, SimulationError, draw_charts, save, simulate

PARTS = {"cases": ("读入申报", "Reading cases"), "computed": ("计算", "Computing"), "summed": ("汇总", "Summing up")}
CHARTS = (".svg", ".png")


def command(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A policy file.")],
    population: Annotated[
        str, typer.Option(help="X.parquet, X.csv, or random:1000000 drawn from the declared ranges.")
    ],
    seed: Annotated[int, typer.Option(help="What random: begins from.", min=0)] = 7,
    on: common.On = None,
    changes: common.Changes = None,
    engine: Annotated[str, typer.Option(help=", ".join(ENGINES))] = "numba",
    out: Annotated[Path | None, typer.Option(help="Every case's award, as .parquet or .csv.")] = None,
    chart: Annotated[Path | None, typer.Option(help="Histogram and budget curve, as .svg or .png.")] = None,
    as_json: common.AsJson = False,
    language: common.Language = "zh",
) -> None:
    """Compute a policy over many cases: totals, caps, budget. 批量测算"""
    common.checked_language(language)
    if engine not in ENGINES:
        raise typer.BadParameter(", ".join(ENGINES), param_hint="--engine")
    if chart and chart.suffix.lower() not in CHARTS:
        raise typer.BadParameter(", ".join(CHARTS), param_hint="--chart")
    if out and out.suffix.lower() not in (".parquet", ".csv"):
        raise typer.BadParameter(".parquet, .csv", param_hint="--out")
    wanted = common.changes_of(changes)
    with common.mistakes_told(language, as_json):
        policy = load(file, wanted)
        program = policy.at(common.day_of(on, policy))
    try:
        found = _with_progress(program, population, seed, engine, language)
        if out:
            save(found, program, population, seed, out)
        if chart:
            draw_charts(found, chart, language)
    except (SimulationError, OSError) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(common.BAD_FILE) from None
    if as_json:
        common.print_json(found.to_json() | {"changes": wanted})
    else:
        show(found, wanted, language, common.console())
        for path in (out, chart):
            if path:
                typer.echo(f"→ {path}")


def _with_progress(program: Program, population: str, seed: int, engine: str, language: str) -> Simulation:
    """The bar is drawn on standard error, and only where somebody looks."""
    bar = Progress(
        TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn(), transient=True,
        console=Console(stderr=True), disable=not sys.stderr.isatty(),
    )  # fmt: skip
    with bar:
        task = bar.add_task(PARTS["cases"][language == "en"], total=3)
        following = {"cases": "computed", "computed": "summed", "summed": "summed"}

        def told(what: str, done: int, _parts: int) -> None:
            bar.update(task, completed=done, description=PARTS[following[what]][language == "en"])

        return simulate(program, population, seed=seed, engine=engine, progress=told)


def show(found: Simulation, changes: dict[str, str], language: str, out: Console) -> None:
    """Heading, a row a measure, a row a step, the sum."""
    title = found.title.split(" / ")[-1 if language == "en" else 0]
    out.print(Text(wrapped(f"{title} · {word(found.status, language)}", out.width), style="bold"))
    drawn = say("随机样本，不代表实际申报", "drawn at random; says nothing about real cases", language)
    count = say(f"{found.rows:,} 件", f"{found.rows:,} cases", language)
    out.print(
        Text(f"{count}{f' · {found.drawn} · {drawn}' if found.drawn else ''}", style="yellow" if found.drawn else "")
    )
    for path, value in changes.items():
        out.print(Text(say(f"改动：{path} = {value}", f"Changed: {path} = {value}", language), style="yellow"))
    if found.classes:
        out.print(_classes(found, language))
        return
    out.print(_measures(found, language, out.width))
    out.print(_steps(found, language, out.width))
    paid = say(f"{found.paid:,} 件获奖励", f"{found.paid:,} cases are paid", language)
    out.print(Text(f"{say('合计', 'Total', language)}  {yuan(found.fen, language)}  ·  {paid}", style="bold"))


def yuan(fen: int, language: str) -> str:
    """Money of a total, in yuan to the fen."""
    sign, fen = ("-" if fen < 0 else ""), abs(fen)
    return f"{sign}{fen // 100:,}.{fen % 100:02d} {say('元', 'yuan', language)}"


def _table(width: int, language: str, *columns: tuple[str, str]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, width=width, pad_edge=False)
    for place, (zh, en) in enumerate(columns):
        table.add_column(say(zh, en, language), justify="right" if place else "left", overflow="fold")
    return table


def _measures(found: Simulation, language: str, width: int) -> Table:
    heads = (("措施", "Measure"), ("金额", "Amount"), ("件数", "Cases"), ("封顶件数", "Capped"))
    table = _table(width, language, *heads)
    for each in found.measures:
        name = Text(each.zh if language == "zh" else each.en).append(f"  {each.clause}", style="cyan")
        table.add_row(name, yuan(each.fen, language), f"{each.cases:,}", f"{each.capped:,}")
    return table


def _steps(found: Simulation, language: str, width: int) -> Table:
    heads = (
        ("汇总", "Together"),
        ("之前", "Before"),
        ("之后", "After"),
        ("改变件数", "Changed"),
        ("预算使用", "Budget used"),
    )
    table = _table(width, language, *heads)
    for each in found.steps:
        name = Text(word(each.what, language)).append(f"  {each.clause}", style="cyan")
        used = ""
        if each.what == "budget" and each.limit_fen:
            used = f"{each.after_fen * 100 / each.limit_fen:.1f}%"
        before, after = yuan(each.before_fen, language), yuan(each.after_fen, language)
        table.add_row(name, before, after, f"{each.changed:,}", used)
    return table


def _classes(found: Simulation, language: str) -> Table:
    table = _table(60, language, ("类别", "Class"), ("件数", "Cases"))
    rows: list[tuple[Any, ...]] = [(name, f"{count:,}") for name, count in found.classes]
    for row in rows:
        table.add_row(*row)
    return table
