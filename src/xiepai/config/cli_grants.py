"""``xiepai grants …``: what a work is owed and why, and the evaluation of everybody. Nothing is decided here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from xiepai.config import boot

if TYPE_CHECKING:
    from xiepai.grants.selectors import Owed

app = typer.Typer(no_args_is_help=True, help="Who is owed what. 免申即享")
MARKS = {"owed": "✓", "maybe": "?"}


@app.command()
def owed(
    work: Annotated[str, typer.Argument(help="The work's number (XJ00012) or its title.")],
    explain: Annotated[bool, typer.Option("--explain", help="Print every clause with its figures.")] = False,
    lang: Annotated[str, typer.Option(help="zh or en")] = "zh",
) -> None:
    """Print what a work is or may be owed under every programme in force. 应得奖补"""
    boot.start_database()
    boot.set_up_django()
    from xiepai.grants.entitling import evaluate_subjects
    from xiepai.grants.selectors import owed_to
    from xiepai.parties.access import system

    found = _work(work)
    if found is None:
        typer.secho(f"{work}: no such work", fg="red", err=True)
        raise typer.Exit(1)
    work_id, title = found
    evaluate_subjects(work_ids=[work_id])
    typer.echo(title)
    for each in owed_to(system("cli"), work_id=work_id):
        _print(each, lang, explain)


@app.command()
def award(
    work: Annotated[str, typer.Argument(help="The work's number (XJ00012) or its title.")],
    lang: Annotated[str, typer.Option(help="zh or en")] = "zh",
) -> None:
    """Print what a work was awarded and why: clauses, conditions, figures, limits, assumptions. 奖补决定"""
    boot.start_database()
    boot.set_up_django()
    from xiepai.config import award_report
    from xiepai.grants.models import Decision, Outcome

    found = _work(work)
    rows = Decision.objects.filter(application__work_id=found[0] if found else 0, outcome=Outcome.APPROVED)
    decisions = list(
        rows.select_related("application__organisation", "version__programme", "decided_by").order_by("id")
    )
    if found is None or not decisions:
        typer.secho(f"{work}: no award", fg="red", err=True)
        raise typer.Exit(1)
    typer.echo(found[1])
    for decision in decisions:
        typer.echo(award_report.told(decision, lang))


@app.command()
def nightly() -> None:
    """Evaluate every work and company under every programme in force; write what changed. 全量核算"""
    boot.start_database()
    boot.set_up_django()
    from xiepai.grants.entitling import evaluate_everybody

    run = evaluate_everybody()
    parts = ", ".join(f"{name} {value / 1000:.1f} s" for name, value in run.milliseconds.items())
    typer.echo(
        f"{run.works} works, {run.organisations} companies, {run.versions} programmes: {run.written} rows written"
    )
    typer.echo(f"({parts})")


def _work(text: str) -> tuple[int, str] | None:
    from xiepai.productions.models import Work

    number = text.upper().removeprefix("XJ")
    rows = Work.objects.filter(pk=int(number)) if number.isdecimal() else Work.objects.filter(title=text.strip("《》"))
    work = rows.order_by("-id").first()
    return (work.pk, f"{work.code} {work}") if work else None


def _print(found: Owed, lang: str, explain: bool) -> None:
    from xiepai.kernel.money import Money

    zh = lang == "zh"
    typer.echo(f"\n{found.version.programme.name_in(lang)} (v{found.version.number})")
    if explain:
        typer.echo(found.award.explain(lang))
        return
    by_name = {measure.name: measure for measure in found.award.program.measures}
    for row in found.measures:
        measure = by_name[row.measure]
        low, high = Money(row.low_fen), Money(row.high_fen)
        amount = str(low) if row.low_fen == row.high_fen else f"{low} – {high}"
        name = measure.zh if zh else measure.en
        typer.echo(f"  {MARKS[row.state]} {measure.clause} {name}: {amount}")
        for paper in row.missing.get("papers", ()):
            typer.echo(f"      {'还缺' if zh else 'missing'}: {paper}")
    if not found.measures:
        typer.echo("  " + ("按现有事实没有应得的条目" if zh else "nothing speaks for a measure yet"))
    if found.next_fact:
        ask = found.next_fact.zh if zh else found.next_fact.en
        typer.echo(f"  {'先问' if zh else 'ask next'}: {ask}")
