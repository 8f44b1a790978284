"""``xiepai clock``: when something promised is due, with each day counted or skipped and the reason."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from xiepai.config import boot
from xiepai.worktime import terms
from xiepai.worktime.china import SHANGHAI, china
from xiepai.worktime.workdays import Calendar, Day, DayKind, MissingYearError

app = typer.Typer(no_args_is_help=True, help="When something promised is due. 计时")

WORDS = {
    "zh": {
        DayKind.WORKDAY: "工作日", DayKind.ADJUSTED: "调休上班", DayKind.WEEKEND: "周末", DayKind.HOLIDAY: "节假日",
        DayKind.OFFICE: "本单位规定",
    },
    "en": {each: each.value for each in DayKind},
}  # fmt: skip
WEEKDAYS = {"zh": "一二三四五六日", "en": ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")}


@app.callback()
def _group() -> None:
    """Keep ``clock`` a group: more questions about time will come."""


@app.command()
def due(
    begins: Annotated[datetime, typer.Option("--from", help="When the file was complete, in Shanghai time.")],
    working_days: Annotated[int, typer.Option(help="Length in working days.", min=0, max=2000)] = 0,
    days: Annotated[int, typer.Option(help="Length in natural days.", min=0, max=2000)] = 0,
    as_json: Annotated[bool, typer.Option("--json", help="Print as JSON.")] = False,
    lang: Annotated[str, typer.Option(help="zh or en")] = "zh",
    city: Annotated[bool, typer.Option("--city", help="With the days and hours this city's office entered.")] = False,
) -> None:
    """Print when it is due, and each day counted or skipped. 到期时间"""
    if (working_days > 0) == (days > 0):
        raise typer.BadParameter("give --working-days or --days, one of them")
    unit = terms.Unit.WORKING if working_days else terms.Unit.NATURAL
    term, calendar = terms.Term(working_days or days, unit), _of_the_city() if city else china()
    start = begins.replace(tzinfo=SHANGHAI) if begins.tzinfo is None else begins
    try:
        end, counted = terms.due(term, start, calendar), list(terms.counted(term, start, calendar))
    except MissingYearError as error:
        typer.secho(
            f"{error}；官方安排公布后由协拍办在“工作日历”录入（/office/calendar-days/），再加 --city 计算",
            fg="red",
            err=True,
        )
        raise typer.Exit(1) from None
    words = WORDS["en" if lang == "en" else "zh"]
    if as_json:
        rows = [{"day": c.day.day.isoformat(), "number": c.number, "why": c.day.kind.value} for c in counted]
        typer.echo(json.dumps({"due": end.isoformat(), "days": rows}, ensure_ascii=False, indent=1))
        return
    table = Table(box=None, header_style="bold")
    for title in ("日期", "第几天", "原因") if lang != "en" else ("Day", "Counted", "Why"):
        table.add_column(title)
    for each in counted:
        table.add_row(_day(each.day, lang), str(each.number or "—"), f"{words[each.day.kind]} {each.day.name}".strip())
    Console().print(table)
    typer.echo(f"{'到期' if lang != 'en' else 'Due'}  {end:%Y-%m-%d %H:%M}")


def _of_the_city() -> Calendar:
    """The official calendar with what the office entered; needs the database."""
    boot.start_database()
    boot.set_up_django()
    from xiepai.parties.working_days import calendar_of

    return calendar_of()


def _day(day: Day, lang: str) -> str:
    name = WEEKDAYS["en" if lang == "en" else "zh"][day.day.weekday()]
    return f"{day.day.isoformat()} {name if lang == 'en' else '周' + name}"
