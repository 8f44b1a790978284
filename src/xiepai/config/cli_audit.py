"""``xiepai audit``: prove that nothing that bears money was changed behind the house's back. See docs/journal.md."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Annotated

import typer

from xiepai.config import boot

app = typer.Typer(no_args_is_help=True, help="Prove the journal. 审计链")

WORDS = {
    "expected_head": "链中此处与保存的链头不符 / the chain differs here from the head kept elsewhere",
    "truncated": "链尾被截断 / the end of the chain is missing",
    "unsealed": "条目没有封签 / an entry without a seal",
    "gap": "链中缺号 / a place of the chain is missing",
    "entry_missing": "条目被删除 / the entry is gone",
    "chain": "与上一条不相接 / does not follow from the one before",
    "entry_changed": "条目被改动 / the entry was changed",
    "seal": "封签不符 / the seal does not fit",
    "not_in_journal": "数据行从未记入日志 / a row that was never written down",
    "row_missing": "数据行被删除 / a row was deleted",
    "contradiction": "数据自相矛盾 / the rows contradict each other",
    "row_changed": "数据行被改动 / a row was changed",
}


@app.command()
def verify(
    as_json: Annotated[bool, typer.Option("--json", help="Print as JSON.")] = False,
    expect: Annotated[
        str, typer.Option(help="A head kept elsewhere (SEQ:HASH): proves that nothing was cut off.")
    ] = "",
) -> None:
    """Prove the chain and that live rows are what it last says; name the first broken row. 核验"""
    _ready()
    from xiepai.kernel import verifying

    try:
        verdict = verifying.verify(expect=expect)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--expect") from None
    if as_json:
        typer.echo(json.dumps({"is_whole": verdict.is_whole, **asdict(verdict)}, ensure_ascii=False, indent=1))
        raise typer.Exit(0 if verdict.is_whole else 1)
    broken = verdict.broken
    if broken is not None:
        place = f"#{broken.seq} " if broken.seq is not None else ""
        typer.secho(f"{place}{broken.subject} {WORDS[broken.why]}".strip(), fg="red", err=True)
        if broken.detail:
            typer.echo(broken.detail, err=True)
        raise typer.Exit(1)
    typer.echo(f"{verdict.entries} 条、{verdict.rows} 行均相符 / {verdict.entries} entries, {verdict.rows} rows agree")
    typer.echo(verdict.head)


@app.command()
def head() -> None:
    """Print the head of the chain, to be kept elsewhere. 链头"""
    _ready()
    from xiepai.kernel import verifying

    typer.echo(verifying.head())


def _ready() -> None:
    boot.start_database()
    boot.set_up_django()
