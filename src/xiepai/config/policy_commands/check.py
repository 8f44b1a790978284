"""``xiepai policy check FILE…``: everything a policy file must pass. Exit 1 where something is wrong."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table
from rich.text import Text

from xiepai.config.policy_commands import common
from xiepai.config.policy_commands.common import say
from xiepai.policy import Diagnostic, Policy, PolicyError, load
from xiepai.policy.check import Boundary, Checked, check
from xiepai.policy.facts import amount
from xiepai.policy.messages import word

OPEN_END = 2099
"""The year a policy ends in whose file names no end."""


def command(
    files: Annotated[list[Path], typer.Argument(metavar="FILE…", help="Policy files.")],
    boundaries: Annotated[
        bool, typer.Option("--boundaries", help="Show the cases generated at every threshold.")
    ] = False,
    as_json: common.AsJson = False,
    language: common.Language = "zh",
) -> None:
    """Check policy files: types, units, bounds, clauses, dead conditions, examples. 检查政策文件"""
    common.checked_language(language)
    results = [(path, *_check(path)) for path in files]
    if as_json:
        common.print_json([_data(path, policy, found) for path, policy, found in results])
    else:
        for path, policy, found in results:
            _print(path, policy, found, boundaries, language)
    if not all(found.ok for _path, _policy, found in results):
        raise typer.Exit(common.BAD_FILE)


def _check(path: Path) -> tuple[Policy | None, Checked]:
    try:
        policy = load(path)
        return policy, check(policy)
    except PolicyError as error:
        return None, Checked(list(error.diagnostics), [])


def _print(path: Path, policy: Policy | None, found: Checked, boundaries: bool, language: str) -> None:
    out = common.console()
    if found.errors:
        common.tell(found.errors, language, False)
    if found.warnings:
        heading = say("提醒", "Warnings", language)
        typer.echo(f"{heading}:\n{PolicyError(found.warnings).render(language)}", err=True)
    if policy is None or found.errors:
        out.print(Text(f"✗ {path} {_count(found.errors, language)}", style="bold red"))
        return
    program = policy.at()
    facts = [
        common.counted(len(program.measures), "项措施", "measure", language),
        common.counted(len(program.facts), "个事实", "fact", language),
        common.counted(len(program.assumed), "个假设", "assumption", language),
        common.counted(found.examples, "条算例通过", "example met", language).replace("example mets", "examples met"),
        common.counted(len(found.boundaries), "个临界情形", "boundary case", language),
    ]
    title = policy.title[language == "en"]
    out.print(Text(f"✓ {path}", style="bold green"))
    until = say(" 起", " onward", language) if policy.end.year == OPEN_END else f" – {policy.end}"
    out.print(Text(f"  {title} · {word(policy.status, language)} · {policy.start}{until}"))
    out.print(Text("  " + (" · ").join(facts)))
    if boundaries:
        out.print(_boundary_table(policy, found.boundaries, language))


def _count(errors: list[Diagnostic], language: str) -> str:
    return common.counted(len(errors), "处错误", "mistake", language)


def _boundary_table(policy: Policy, boundaries: list[Boundary], language: str) -> Table:
    table = Table(title=say("临界情形", "At the thresholds", language), title_justify="left")
    for heading in (say("措施", "Measure", language), say("事实", "Fact", language)):
        table.add_column(heading)
    table.add_column(say("取值", "Value", language), justify="right")
    table.add_column(say("该项奖励", "The measure gives", language), justify="right")
    program = policy.at()
    names = {each.name: each.zh if language == "zh" else each.en for each in program.measures}
    for each in boundaries:
        spec = program.by_name[each.fact]
        given = amount(Fraction(each.amount, each.den), "money", "", language)
        label = spec.zh if language == "zh" else spec.en
        table.add_row(names.get(each.measure, each.measure), label, each.shown, given)
    return table


def _data(path: Path, policy: Policy | None, found: Checked) -> dict[str, Any]:
    return {
        "file": str(path),
        "ok": found.ok,
        "policy": policy.title[0] if policy else None,
        "status": policy.status if policy else None,
        "errors": [common.as_data(each) for each in found.errors],
        "warnings": [common.as_data(each) for each in found.warnings],
        "examples": found.examples,
        "boundaries": [
            {
                "measure": each.measure,
                "fact": each.fact,
                "value": each.shown,
                "amount_numerator": each.amount,
                "den": each.den,
            }
            for each in found.boundaries
        ],
    }
