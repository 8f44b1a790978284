"""``xiepai policy diff OLD NEW [--population P]``: what changed, in words and in money."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import typer
from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from xiepai.config.policy_commands import common
from xiepai.config.policy_commands.common import say
from xiepai.config.wrapping import wrapped
from xiepai.policy import Policy, load
from xiepai.policy.differing import Change, words_changed
from xiepai.policy.differing_money import Money, money_changed
from xiepai.policy.differing_money import population as columns_of
from xiepai.policy.proofs.findings import money
from xiepai.policy.simulation import ENGINES, SimulationError

_MARKS = {"added": ("+", "green"), "removed": ("−", "red"), "changed": ("~", "yellow")}


def command(
    old: Annotated[Path, typer.Argument(metavar="OLD", help="The policy file as it was.")],
    new: Annotated[Path, typer.Argument(metavar="NEW", help="The policy file as it is now.")],
    population: Annotated[
        str, typer.Option("--population", help="random:N, a Parquet or a CSV file; none: words only.")
    ] = "",
    engine: Annotated[str, typer.Option("--engine", help="duckdb, numba or spark: the same numbers.")] = "duckdb",
    seed: Annotated[int, typer.Option("--seed", help="Which random population.")] = 7,
    on: common.On = None,
    changes: common.Changes = None,
    as_json: common.AsJson = False,
    language: common.Language = "zh",
) -> None:
    """Tell what changed between two policy files, and who gains or loses by it. 政策前后对比"""
    common.checked_language(language)
    if engine not in ENGINES:
        raise typer.BadParameter(", ".join(ENGINES), param_hint="--engine")
    with common.mistakes_told(language, as_json):
        before, after = load(old), load(new, common.changes_of(changes))
        words = words_changed(before, after)
        total = None
        if population:
            total = _money_of(before, after, columns=(population, seed), on=on.date() if on else None, engine=engine)
    if as_json:
        common.print_json(_data(words, total))
    else:
        show(words, total, language, common.console())


def _money_of(before: Policy, after: Policy, columns: tuple[str, int], on: date | None, engine: str) -> Money:
    source, seed = columns
    try:
        return money_changed(before, after, columns_of(source, before, after, seed), on, engine)
    except SimulationError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(common.BAD_FILE) from None


def show(words: list[Change], total: Money | None, language: str, out: Console) -> None:
    """The entries that differ, then the money."""
    if not words:
        out.print(Text(say("两份文件的规则相同。", "The two files say the same.", language)))
    else:
        out.print(_words(words, language, out.width))
    if total:
        _money(total, language, out)


def _words(words: list[Change], language: str, width: int) -> Table:
    title = say(f"改动 {len(words)} 处", f"{common.counted(len(words), '', 'change', language)}", language)
    table = Table(
        title=title, title_justify="left", title_style="bold", box=box.SIMPLE_HEAD, width=width, show_lines=True
    )
    table.add_column("", width=1)
    table.add_column(say("位置", "Where", language), ratio=30, overflow="fold")
    table.add_column(say("原来", "Before", language), ratio=35, overflow="fold")
    table.add_column(say("现在", "Now", language), ratio=35, overflow="fold")
    for each in words:
        mark, colour = _MARKS[each.what]
        place = Text(each.path, style="bold")
        if (each.clause or each.text) and not each.path.endswith((".text", ".clause")):
            place.append(f"\n{each.clause} ", style="not bold cyan").append(each.text, style="not bold dim")
        table.add_row(Text(mark, style=colour), place, each.old or "—", each.new or "—")
    return table


def _money(total: Money, language: str, out: Console) -> None:
    english = language == "en"
    table = Table(box=box.SIMPLE_HEAD, width=out.width, title_justify="left")
    table.title = say("金额（各项为汇总之前）", "Money (measures before they are joined)", language)
    table.add_column("", ratio=40, overflow="fold")
    for heading in (say("原来", "Before", language), say("现在", "Now", language), say("相差", "Change", language)):
        table.add_column(heading, justify="right", ratio=20)
    for each in total.measures:
        table.add_row(each["en"] if english else each["zh"], *_sums(each["old_fen"], each["new_fen"], english))
    table.add_section()
    label = say(f"{total.rows:,} 件合计", f"All {total.rows:,} cases", language)
    table.add_row(Text(label, style="bold"), *_sums(total.old_fen, total.new_fen, english))
    out.print(table)
    stay = total.rows - total.gain - total.lose
    line = say(
        f"多得 {total.gain:,} 件，共 {money(total.gain_fen)[0]}；少得 {total.lose:,} 件，"
        f"共 {money(total.lose_fen)[0]}；不变 {stay:,} 件。",
        f"{total.gain:,} gain {money(total.gain_fen)[1]} in all; {total.lose:,} lose {money(total.lose_fen)[1]}; "
        f"{stay:,} stay the same.",
        language,
    )
    out.print(Text(wrapped(line, out.width), style="bold"))
    for heading, case in (
        (say("多得最多", "Gains most", language), total.widest_gain),
        (say("少得最多", "Loses most", language), total.widest_loss),
    ):
        if case:
            facts = "，".join(f"{name} {value}" for name, value in case["facts"].items())
            shown = f"{money(case['old_fen'])[english]} → {money(case['new_fen'])[english]}"
            row = say(f"第 {case['row']:,} 件", f"case {case['row']:,}", language)
            out.print(Text(wrapped(f"{heading}: {row}，{shown}（{facts}）", out.width)))


def _sums(before: int | None, after: int | None, english: bool) -> tuple[str, str, str]:
    shown = ["—" if each is None else money(each)[english] for each in (before, after)]
    change = (after or 0) - (before or 0)
    return shown[0], shown[1], ("+" if change > 0 else "") + money(change)[english]


def _data(words: list[Change], total: Money | None) -> dict[str, Any]:
    return {
        "changes": [asdict(each) | {"what": each.what} for each in words],
        "money": asdict(total) if total else None,
    }
