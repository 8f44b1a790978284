"""``xiepai policy prove FILE``: what the policy pays at most and where it surprises, each with a case that shows it."""

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
from xiepai.policy.facts import FactSpec, number_of
from xiepai.policy.messages import word
from xiepai.policy.proofs import Finding, Kind, Report, Status, prove
from xiepai.policy.proofs.findings import EXPECTED

_MARKS = {Status.PROVEN: ("✓", "green"), Status.REFUTED: ("✗", "red"), Status.UNKNOWN: ("?", "yellow")}
_GROWTH = (Kind.MORE_NEVER_LOWERS, Kind.YES_NEVER_LOWERS)
_DEAD = (Kind.CAN_PAY, Kind.CONDITION_MATTERS, Kind.TIER_MATTERS, Kind.CAP_MATTERS, Kind.RULE_REACHED)


def command(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A policy file.")],
    on: common.On = None,
    changes: common.Changes = None,
    cliff: Annotated[str, typer.Option("--cliff", help="One unit that moves the award by more is a cliff.")] = "1万元",
    as_json: common.AsJson = False,
    language: common.Language = "zh",
) -> None:
    """Prove the most an award can be, overlaps, growth, cliffs and dead rules, each with a case. 证明政策的性质"""
    common.checked_language(language)
    with common.mistakes_told(language, as_json):
        policy = load(file, common.changes_of(changes))
        limit = number_of(FactSpec("--cliff", "money", "--cliff", "--cliff", "", "money", high=2**62), cliff)
        report = prove(policy, common.day_of(on, policy), cliff_fen=limit)
    if as_json:
        common.print_json(report.to_json())
    else:
        show(report, language, common.console())


def show(report: Report, language: str, out: Console) -> None:
    """What is highest, what surprises, where it jumps, what pays together; then how it was settled."""
    title = f"{report.title[language == 'en']} · {word(report.status, language)} · {report.on}"
    out.print(Text(wrapped(title, out.width), style="bold"))
    _table(out, report, report.of(Kind.HIGHEST), say("最高金额", "At most", language), language)
    growth = [each for kind in _GROWTH for each in report.of(kind)]
    dead = [each for kind in _DEAD for each in report.of(kind)]
    _table(out, report, _open(growth), say("增加反而减少", "More that gives less", language), language)
    cliffs = [each for each in report.of(Kind.NO_CLIFF) if each.status is not Status.PROVEN]
    _table(out, report, cliffs, say("一个单位之差", "One unit more or less", language), language)
    _table(out, report, dead, say("不起作用的内容", "What does nothing", language), language)
    _overlaps(report, language, out)
    for line in _summary(report, growth, language):
        out.print(Text(wrapped(line, out.width)))


def _open(findings: list[Finding]) -> list[Finding]:
    """What is not proven; where the award says the same as its one measure, the measure is enough."""
    found = [each for each in findings if each.status is not Status.PROVEN]
    of_measures = {each.data["name"] for each in found if each.of != "award"}
    return [each for each in found if each.of != "award" or each.data["name"] not in of_measures]


def _table(
    out: Console, report: Report, findings: list[Finding] | tuple[Finding, ...], heading: str, language: str
) -> None:
    if not findings:
        return
    table = Table(title=heading, title_justify="left", title_style="bold", box=box.SIMPLE_HEAD, width=out.width)
    table.add_column("", width=1)
    table.add_column(say("结论", "Claim", language), ratio=40, overflow="fold")
    table.add_column(say("例证", "A case", language), ratio=60, overflow="fold")
    for each in findings:
        mark, colour = _MARKS[each.status]
        mark, colour = ("!", "yellow") if each.expected else (mark, colour)
        said = Text(each.message(language))
        if each.expected:
            said.append(f"\n{EXPECTED[each.expected][language == 'en']}", style="dim")
        table.add_row(Text(mark, style=colour), said, _cases(report, each, language))
    out.print(table)


def _cases(report: Report, finding: Finding, language: str) -> Text:
    """One case, or what the two cases share and then how they differ."""
    if len(finding.cases) < 2:
        return Text(
            "".join(
                f"{case.show(report.program, language)} → {case.results[language == 'en']}" for case in finding.cases
            )
        )
    before, after = finding.cases
    name = finding.data["name"]
    spec = report.program.by_name[name]
    said = Text(before.show(report.program, language))
    for case in (before, after):
        label = spec.zh if language == "zh" else spec.en
        said.append(
            f"\n{label} {case.shown(report.program, name, language)} → {case.results[language == 'en']}", style="cyan"
        )
    return said


def _overlaps(report: Report, language: str, out: Console) -> None:
    """Pairs that never both pay; those that can are counted."""
    pairs = report.of(Kind.NEVER_BOTH)
    if not pairs:
        return
    never = [each for each in pairs if each.status is Status.PROVEN]
    together = [each for each in pairs if each.status is Status.REFUTED]
    once = [each for each in together if each.data["highest_only"]]
    out.print(
        Text(
            say(
                f"两项之间：{len(together)} 对可以同时满足（其中 {len(once)} 对从高不重复），{len(never)} 对永远不会",
                f"Pairs: {len(together)} can both hold (of {len(once)} only the higher counts), {len(never)} never do",
                language,
            ),
            style="bold",
        )
    )
    for each in never:
        out.print(Text(f"  ✓ {each.message(language)}"))


def _summary(report: Report, growth: list[Finding], language: str) -> list[str]:
    proven = sum(each.status is Status.PROVEN for each in growth)
    unknown = sum(each.status is Status.UNKNOWN for each in report.findings)
    by = report.by
    return [
        say(
            f"增加不减少：{proven}/{len(growth)} 已证明",
            f"More never gives less: {proven} of {len(growth)} proven",
            language,
        ),
        say(
            f"待看 {len(report.problems)} 处，未定 {unknown} 处。由结构 {by.get('shape', 0)} 次、"
            f"试算 {by.get('tried', 0)} 次、求解器 {by.get('solver', 0)} 次得出，"
            f"用时 {report.seconds * 1000:.0f} 毫秒。",
            f"{len(report.problems)} to look at, {unknown} unknown. Settled by shape {by.get('shape', 0)}, by trying "
            f"{by.get('tried', 0)}, by the solver {by.get('solver', 0)} times, in {report.seconds * 1000:.0f} ms.",
            language,
        ),
        say("跨申报的步骤按单件计。", "Steps over rows count as they stand for one case.", language),
    ]
