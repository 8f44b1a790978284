"""``xiepai policy evaluate FILE --facts FACTS``: what a case gets, and why, as a table people read."""

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
from xiepai.policy import Award, PolicyError, load
from xiepai.policy.award import MeasureResult
from xiepai.policy.casefile import read_case
from xiepai.policy.explaining import MARKS, assumptions, changed, defaults, formula, headline, over_rows
from xiepai.policy.messages import word
from xiepai.policy.speaking import spoken

_COLOURS = {True: "green", False: "red", None: "yellow"}


def command(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A policy file.")],
    facts: Annotated[Path, typer.Option("--facts", help="The case: YAML or JSON, one fact a line.")],
    on: common.On = None,
    changes: common.Changes = None,
    as_json: common.AsJson = False,
    language: common.Language = "zh",
) -> None:
    """Compute one case and explain every figure. 计算一件并说明"""
    common.checked_language(language)
    wanted = common.changes_of(changes)
    with common.mistakes_told(language, as_json):
        policy = load(file, wanted)
        case = read_case(facts)
        labels = {spec.name: spec.zh for spec in policy.facts}
        try:
            award = policy.evaluate(case.facts, common.day_of(on, policy))
        except PolicyError as error:
            raise case.located(error, labels) from None
    if as_json:
        common.print_json(award.to_json() | {"changes": wanted})
    else:
        show(award, wanted, language, common.console())


def show(award: Award, changes: dict[str, str], language: str, out: Console) -> None:
    """Heading, one row a measure, the steps, then what is open and what was assumed."""
    program = award.program
    title = f"{award.title[language == 'en']} · {word(program.status, language)} · {award.on}"
    out.print(Text(wrapped(title, out.width), style="bold"))
    for path, value in changes.items():
        out.print(Text(say(f"改动：{path} = {value}", f"Changed: {path} = {value}", language), style="yellow"))
    out.print(_measures(award, language, out.width))
    if award.steps:
        out.print(_steps(award, language, out.width))
    said = say("奖励", "Award", language) if program.result_kind == "money" else say("分类", "Class", language)
    out.print(Text(f"{said}  {headline(award, language)}", style="bold"))
    for name, share in award.splits:
        out.print(Text(f"  {name}  {share.show(language)}"))
    for line in _open(award, language):
        out.print(Text(wrapped(line, out.width)))


def _measures(award: Award, language: str, width: int) -> Table:
    table = Table(box=box.SIMPLE_HEAD, show_lines=True, width=width, pad_edge=False)
    table.add_column(say("措施", "Measure", language), ratio=30, overflow="fold")
    table.add_column(say("条件", "Conditions", language), ratio=30, overflow="fold")
    table.add_column(say("计算", "How", language), ratio=34, overflow="fold")
    money = award.program.result_kind == "money"
    table.add_column(say("金额", "Amount", language) if money else "", justify="right", ratio=18)
    for each in award.measures:
        table.add_row(*_row(award, each, language))
    return table


def _row(award: Award, found: MeasureResult, language: str) -> tuple[Text, Text, Text, Text]:
    measure, program = found.measure, award.program
    name = Text(measure.zh if language == "zh" else measure.en, style="bold")
    name.append(f"\n{measure.clause}\n", style="cyan").append(measure.text, style="not bold")
    conditions = Text()
    for each in found.conditions:
        conditions.append(f"{MARKS[each.state]} ", style=_COLOURS[each.state])
        conditions.append(spoken(each.text, program, None, language))
        conditions.append(f" {each.clause}\n" if each.clause else "\n", style="cyan")
    for fact in found.missing if found.applies is not False else ():
        if evidence := program.by_name[fact].evidence:
            label = say("待补", "needed", language)
            conditions.append(f"  {label}: {evidence}\n", style="yellow")
    how = Text(formula(award, found, language))
    for change in found.changes:
        how.append(f"\n{changed(change, program, language)}", style="magenta")
    state = "green" if found.amount.high and found.applies else "yellow" if found.applies is None else "dim"
    shown = found.amount.show(language) if program.result_kind == "money" else MARKS[found.applies]
    conditions.rstrip()
    if measure.is_in_kind:
        shown = say("实物", "in kind", language)
    return name, conditions, how, Text(shown.replace(" – ", "\n– "), style=state)


def _steps(award: Award, language: str, width: int) -> Table:
    table = Table(box=box.SIMPLE_HEAD, width=width, pad_edge=False)
    table.add_column(say("汇总", "Together", language), ratio=66, overflow="fold")
    table.add_column(say("之前", "Before", language), justify="right", ratio=22)
    table.add_column(say("之后", "After", language), justify="right", ratio=22)
    names = {each.name: each.zh if language == "zh" else each.en for each in award.program.measures}
    for each in award.steps:
        step = each.step
        inputs = "、".join(names.get(name, name) for name in step.inputs)
        formula = "" if step.what in ("highest_of", "sum_of") else spoken(step.formula, award.program, None, language)
        said = Text(f"{word(step.what, language)} {formula}".strip())
        said.append(f" {inputs}" if inputs else "").append(f"  {step.clause}", style="cyan")
        if step.cross is not None:
            alone = say("（与其他申报一并决定；此处只看本件）", " (decided among all; here this case alone)", language)
            said.append(f"\n{over_rows(step, award.program, language)}{alone}", style="yellow")
        if step.assumed:
            said.append(f"\n{say('假设', 'assumed', language)}: {step.assumed}", style="yellow")
        before, after = (each.before.show(language), each.after.show(language))
        table.add_row(said, before.replace(" – ", "\n– "), after.replace(" – ", "\n– "))
    return table


def _open(award: Award, language: str) -> list[str]:
    """What to ask next, and the assumptions that the measures in question rest on."""
    lines = []
    if found := award.next_fact:
        label = found.zh if language == "zh" else found.en
        evidence = f"（{found.evidence}）" if found.evidence else ""
        lines.append(say(f"下一个要问：{label}{evidence}", f"Ask next: {label}{evidence}", language))
    if said := defaults(award, language):
        lines.append(said)
    if rows := assumptions(award, language):
        lines.append(say("假设（来源未写明）：", "Assumed (the source does not say):", language))
        lines += [f"  {name} = {value}  {reason}" for name, value, reason in rows]
    return lines
