"""The report of the main job for people: a table at any width, plain when piped; and as JSON for machines.

Nothing is cut off: columns wrap, the arithmetic of a price above all. Colour only on a terminal.
"""

from __future__ import annotations

import json
import shutil
from typing import Any

from django.utils.translation import gettext as _
from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from xiepai.bookings.job_result import JobResult, Outcome, Suggestion
from xiepai.bookings.matching import MOVE_FEN
from xiepai.config.wrapping import keep_terms, wrapped
from xiepai.kernel.clock import local
from xiepai.kernel.errors import XiepaiError
from xiepai.kernel.money import Money
from xiepai.places.models import Standing
from xiepai.worktime.spans import Span

#: Columns where nobody says how many there are (a pipe, a file).
PIPED_WIDTH = 120
NARROWEST, WIDEST = 72, 180


def console(*, stderr: bool = False) -> Console:
    """A console as wide as the terminal (``COLUMNS`` counts), ``PIPED_WIDTH`` when piped."""
    width = shutil.get_terminal_size((PIPED_WIDTH, 40)).columns
    return Console(width=max(NARROWEST, min(width, WIDEST)), stderr=stderr, highlight=False, soft_wrap=False)


def print_result(result: JobResult) -> None:
    """Heading, what is met, what is not, totals."""
    out = console()
    out.print(Text(f"{result.title} · {result.organisation}", style="bold"))
    first = _("第1天 = %(day)s") % {"day": f"{result.day_one} {_weekday(result.day_one.weekday())}"}
    out.print(Text(f"{first} · {_verdict(result)}"))
    if result.met:
        out.print()
        out.print(_met_table(result.met, out.width))
    if result.unmet:
        out.print()
        out.print(Text(_("未满足 %(count)d 项") % {"count": len(result.unmet)}, style="bold red"))
        out.print(_unmet_table(result.unmet, out.width))
    out.print()
    for line in _footer(result):
        out.print(Text(wrapped(line, out.width)))


def print_refusal(error: XiepaiError, *, as_json: bool = False) -> None:
    """Why nothing was read: each bad cell by line and column."""
    problems = error.data.get("problems", [])
    if as_json:
        data = {"error": str(error.code), "text": str(error), "problems": problems}
        console().print(json.dumps(data, ensure_ascii=False, indent=2), markup=False, soft_wrap=True)
        return
    out = console(stderr=True)
    out.print(Text(str(error), style="bold red"))
    for problem in problems:
        where = _("第 %(line)d 行“%(column)s”：") % {"line": problem["line"], "column": problem["column"]}
        out.print(Text(f"  {where}{problem['reason']}"))


def _verdict(result: JobResult) -> str:
    data = {"met": len(result.met), "all": len(result.outcomes)}
    if result.is_repeat:
        return _("这份表已经订过，以下是第一次的结果，没有重复预订")
    if result.is_dry:
        return _("试算，没有预订：%(all)d 项中 %(met)d 项可满足") % data
    if not result.is_booked:
        return _("什么都没有预订：%(all)d 项中只有 %(met)d 项可满足（加 --partial 只订能满足的）") % data
    return _("%(all)d 项中 %(met)d 项已订") % data


def _met_table(outcomes: tuple[Outcome, ...], width: int) -> Table:
    names = (_("需求"), _("场地"), _("时间"), _("价格及算式"), _("为何选它"))
    rows = [
        (
            outcome.need.line,
            _wanted(outcome),
            "\n".join(part for part in (outcome.place, _known(outcome)) if part),
            f"{when(outcome.spans)} {_charged(outcome)}",
            keep_terms(outcome.arithmetic),
            _joined(outcome.why),
        )
        for outcome in outcomes
    ]
    return _table(names, (15, 18, 22, 27, 22), rows, width, figures={2, 3})


def _unmet_table(outcomes: tuple[Outcome, ...], width: int) -> Table:
    names = (_("需求"), _("为何"), _("最早可用"), _("当时可用的同类"))
    rows = [
        (
            outcome.need.line,
            f"{_wanted(outcome)}\n{_asked(outcome)}",
            _joined(outcome.why),
            _suggested(outcome.earliest, with_time=True),
            _suggested(outcome.similar, with_time=False),
        )
        for outcome in outcomes
    ]
    return _table(names, (24, 26, 30, 24), rows, width, figures={0, 2, 3})


def _table(
    names: tuple[str, ...], shares: tuple[int, ...], rows: list[tuple[Any, ...]], width: int, *, figures: set[int]
) -> Table:
    """A table exactly as wide as it may be: every cell is wrapped here, so that nothing is torn or cut."""
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False, show_edge=False, header_style="bold")
    table.add_column("#", justify="right", width=3, no_wrap=True)
    free = width - 4 - 2 * len(names)
    widths = [free * share // sum(shares) for share in shares]
    for name, cells in zip(names, widths, strict=True):
        table.add_column(Text(wrapped(name, cells)), width=cells, no_wrap=True)
    for line, *texts in rows:
        cells_of_row = [
            Text(wrapped(text, cells, is_figures=number in figures))
            for number, (text, cells) in enumerate(zip(texts, widths, strict=True))
        ]
        table.add_row(str(line), *cells_of_row)
    return table


def _charged(outcome: Outcome) -> str:
    if not outcome.price:
        return ""
    return _("包天") if outcome.is_by_day else _("按小时")


def _known(outcome: Outcome) -> str:
    """How the record is known, when it is not verified, and what state the booking is in."""
    mark = "" if outcome.standing == Standing.KNOWN else f"〔{Standing(outcome.standing).label}〕"
    return mark + (outcome.state if outcome.bookings else "")


def _wanted(outcome: Outcome) -> str:
    units = f" × {outcome.need.units}" if outcome.need.units > 1 else ""
    return f"{outcome.need.words}{units}"


def _asked(outcome: Outcome) -> str:
    need = outcome.need
    return when(need.windows(need.first_days[0]))


def _named(name: str, standing: str) -> str:
    return name if standing == Standing.KNOWN else f"{name}〔{Standing(standing).label}〕"


def _joined(parts: tuple[str, ...]) -> str:
    return "；".join(parts)


def _suggested(suggestions: tuple[Suggestion, ...], *, with_time: bool) -> str:
    lines = []
    for one in suggestions:
        lines += [when(one.spans)] if with_time else []
        lines.append(f"{'  ' if with_time else ''}{_named(one.place, one.standing)} {one.price}")
    return "\n".join(lines) or "—"


def when(spans: tuple[Span, ...]) -> str:
    """Spans on the city's clocks: one day, equal hours on several days, or a stay over nights."""
    first, last = spans[0], spans[-1]
    start, end = local(first.start), local(first.end)
    day = f"{start:%m-%d}{_weekday(start.weekday())}"
    hours = f"{start:%H:%M}–{_end(first)}"
    if len(spans) > 1:
        until = local(last.start)
        days = {"first": day, "last": f"{until:%m-%d}{_weekday(until.weekday())}", "hours": hours}
        return _("%(first)s至%(last)s 每天 %(hours)s") % days
    if first.minutes > 1440:
        return f"{day} {start:%H:%M} → {end:%m-%d}{_weekday(end.weekday())} {end:%H:%M}"
    return f"{day} {hours}"


def _end(span: Span) -> str:
    start, end = local(span.start), local(span.end)
    days = (end.date() - start.date()).days
    if days == 1 and end.hour == end.minute == 0:
        return "24:00"
    return f"{end:%H:%M}" if days == 0 else _("次日%(time)s") % {"time": f"{end:%H:%M}"}


def _weekday(number: int) -> str:
    return (_("周一"), _("周二"), _("周三"), _("周四"), _("周五"), _("周六"), _("周日"))[number]


def _footer(result: JobResult) -> list[str]:
    lines = []
    if result.met:
        data: dict[str, Any] = {"total": result.total, "deposit": result.deposit}
        total = _("合计 %(total)s；押金 %(deposit)s（验收后退还）") % data
        lines.append(total if result.is_booked else _("可满足的部分：%(total)s") % {"total": total})
        data = {"moves": result.moves, "each": Money(MOVE_FEN)}
        lines.append(_("同日换楼转场 %(moves)d 次；选景时每次按 %(each)s 计（假设值）") % data)
    if result.is_proven is not None and result.met:
        lines.append(
            _("已证明：不能满足更多需求，也没有更省的选法") if result.is_proven else _("时间用完，可能还有更好的选法")
        )
    if result.ignored_columns:
        lines.append(_("未识别的列：%(names)s") % {"names": "、".join(result.ignored_columns)})
    if any(outcome.standing not in ("", Standing.KNOWN) for outcome in result.met):
        lines.append(_("标〔样例〕〔假设〕的不是已核实的资料"))
    return lines


def as_json(result: JobResult) -> str:
    """The report for machines: times in ISO 8601 with offset, money in fen."""
    data = {
        "title": result.title,
        "organisation": result.organisation,
        "day_one": result.day_one.isoformat(),
        "need_list_id": result.need_list_id,
        "bundle_id": result.bundle_id,
        "is_booked": result.is_booked,
        "is_repeat": result.is_repeat,
        "is_dry_run": result.is_dry,
        "is_proven": result.is_proven,
        "total_fen": result.total.fen,
        "deposit_fen": result.deposit.fen,
        "moves": result.moves,
        "ignored_columns": list(result.ignored_columns),
        "needs": [_need_json(outcome) for outcome in result.outcomes],
    }
    return json.dumps(data, ensure_ascii=False, indent=2)


def _need_json(outcome: Outcome) -> dict[str, Any]:
    return {
        "line": outcome.need.line,
        "wanted": outcome.need.as_json(),
        "outcome": outcome.outcome,
        "state": outcome.state,
        "place_id": outcome.place_id,
        "place": outcome.place,
        "standing": outcome.standing,
        "spans": _spans_json(outcome.spans),
        "price_fen": outcome.price.fen,
        "deposit_fen": outcome.deposit.fen,
        "arithmetic": outcome.arithmetic,
        "why": list(outcome.why),
        "bookings": [booking.code for booking in outcome.bookings],
        "earliest": [_suggestion_json(one) for one in outcome.earliest],
        "similar": [_suggestion_json(one) for one in outcome.similar],
    }


def _suggestion_json(one: Suggestion) -> dict[str, Any]:
    return {
        "place_id": one.place_id,
        "place": one.place,
        "standing": one.standing,
        "spans": _spans_json(one.spans),
        "price_fen": one.price.fen,
    }


def _spans_json(spans: tuple[Span, ...]) -> list[list[str]]:
    return [[span.start.isoformat(), span.end.isoformat()] for span in spans]
