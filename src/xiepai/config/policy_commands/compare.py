"""``xiepai policy compare FILE… --facts F``: the same work under several cities, side by side."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from xiepai.config.policy_commands import common
from xiepai.config.policy_commands.common import say
from xiepai.config.wrapping import wrapped
from xiepai.policy import load
from xiepai.policy.award import MeasureResult
from xiepai.policy.casefile import read_case
from xiepai.policy.comparing import STAGES, Column, Comparison, compare
from xiepai.policy.explaining import MARKS, headline
from xiepai.policy.messages import word

_COLOURS = {True: "green", False: "dim", None: "yellow"}


def command(
    files: Annotated[list[Path], typer.Argument(metavar="FILE…", help="Policy files.")],
    facts: Annotated[Path, typer.Option("--facts", help="The case: YAML or JSON, one fact a line.")],
    on: common.On = None,
    as_json: common.AsJson = False,
    language: common.Language = "zh",
) -> None:
    """Set the same work side by side under several policies. 同一作品在各地"""
    common.checked_language(language)
    with common.mistakes_told(language, as_json):
        policies = [load(file) for file in files]
        found = compare(policies, read_case(facts).facts, on.date() if on else None)
    if as_json:
        common.print_json(found.to_json())
    else:
        show(found, language, common.console())


def show(found: Comparison, language: str, out: Console) -> None:
    """One column a policy, one row a stage; below it the award, and what to ask next."""
    table = Table(box=box.SIMPLE_HEAD, show_lines=True, width=out.width, pad_edge=False)
    table.add_column(say("环节", "Stage", language), ratio=14, overflow="fold")
    for column in found.columns:
        title = Text(column.policy.issuer, style="bold")
        title.append(f"\n{word(column.policy.status, language)}", style="not bold cyan")
        table.add_column(title, ratio=30, overflow="fold")
    for key in found.stages:
        heading = Text(STAGES[key][language == "en"], style="bold")
        table.add_row(heading, *(_cell(column, key, language) for column in found.columns))
    table.add_row(
        Text(say("合计", "Award", language), style="bold"), *(_total(column, language) for column in found.columns)
    )
    table.add_row(say("下一个要问", "Ask next", language), *(_next(column, language) for column in found.columns))
    out.print(table)
    for line in _notes(found, language):
        out.print(Text(wrapped(line, out.width), style="yellow"))


def _cell(column: Column, key: str, language: str) -> Text:
    said = Text()
    for each in column.measures(key):
        said.append("\n" if said.plain else "").append(_measure(column, each, language))
    return said or Text("—", style="dim")


def _measure(column: Column, found: MeasureResult, language: str) -> Text:
    measure = found.measure
    said = Text(f"{MARKS[found.applies]} ", style=_COLOURS[found.applies])
    said.append(measure.zh if language == "zh" else measure.en, style="bold").append(
        f" {measure.clause}\n", style="cyan"
    )
    if column.award and column.award.program.result_kind == "choice":
        return said
    shown = say("实物", "in kind", language) if measure.is_in_kind else found.amount.show(language)
    return said.append(f"  {shown}", style=_COLOURS[found.applies])


def _total(column: Column, language: str) -> Text:
    if column.not_in_force:
        return Text(say("此日不在有效期", "not in force that day", language), style="yellow")
    return Text(headline(column.award, language) if column.award else "", style="bold")


def _next(column: Column, language: str) -> Text:
    ask = column.award.next_fact if column.award else None
    if ask is None:
        return Text("—", style="dim")
    evidence = f"（{ask.evidence}）" if ask.evidence else ""
    return Text(f"{ask.zh if language == 'zh' else ask.en}{evidence}")


def _notes(found: Comparison, language: str) -> list[str]:
    """What could not be read, and what nobody asked for."""
    lines = [f"{column.policy.issuer}: {each.message(language)}" for column in found.columns for each in column.wrong]
    ignored = say("各政策都不问", "No policy asks for it", language)
    return lines + [f"{ignored}: {each.message(language)}" for each in found.unused]
