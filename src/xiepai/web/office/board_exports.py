"""What the board shows, for others to work with: CSV and XLSX with a line a bar, PDF on A3 as a picture.

The same rows, window and filters as the page; what the page hides from a reader is hidden here too.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from typing import Any

import xlsxwriter
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from xiepai.bookings.board import BLOCKED, Bar, Board, Row, Wanted
from xiepai.bookings.documents.board import board_pdf
from xiepai.kernel import clock
from xiepai.places.models import Standing
from xiepai.web import formats
from xiepai.web.office.board_words import row_words, site_words, state_words
from xiepai.web.spreadsheets import csv_rows

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def as_csv(board: Board, wanted: Wanted) -> tuple[bytes, str]:
    """A line a bar; times on the city's clocks."""
    lines = ([_written(cell) for cell in line] for line in [_heads(), *_lines(board, wanted)])
    return "".join(csv_rows(lines)).encode(), "text/csv; charset=utf-8"


def as_xlsx(board: Board, wanted: Wanted) -> tuple[bytes, str]:
    """The same lines; times are times that a spreadsheet can count with."""
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    sheet = book.add_worksheet(_("排景图"))
    bold, moment = book.add_format({"bold": True}), book.add_format({"num_format": "yyyy-mm-dd hh:mm"})
    for column, width in enumerate((20, 24, 12, 12, 24, 24, 17, 17, 8, 10)):
        sheet.set_column(column, column, width)
    sheet.freeze_panes(1, 2)
    for column, name in enumerate(_heads()):
        sheet.write_string(0, column, name, bold)
    for number, line in enumerate(_lines(board, wanted), start=1):
        for column, cell in enumerate(line):
            if column in (6, 7):
                sheet.write_datetime(number, column, cell, moment)
            elif isinstance(cell, float):
                sheet.write_number(number, column, cell)
            else:
                sheet.write_string(number, column, cell)
    book.close()
    return buffer.getvalue(), XLSX


def as_pdf(board: Board, wanted: Wanted) -> tuple[bytes, str]:
    """The board drawn on A3, as many pages as the rows need, the days on each."""
    first, last = board.days[0], board.days[-1]
    window = f"{formats.day(first)} – {formats.day(last)}" if last != first else formats.day(first, weekday=True)
    content: dict[str, Any] = {
        "lang": (get_language() or "zh")[:2],
        "title": _("排景图"),
        "subtitle": _("%(rows)s 个场景 · %(window)s · 占用 %(share)s")
        % {"rows": len(board.rows), "window": window, "share": f"{board.occupancy:.0%}"},
        "head": _("场景"),
        "days": [
            {"name": formats.day(day, weekday=True), "share": f"{share:.0%}"}
            for day, share in zip(board.days, board.occupancy_by_day, strict=True)
        ],
        "key": [[state, state_words(state)] for state in ("held", "requested", "confirmed", "in_use", BLOCKED)],
        "rows": [
            {
                "site": site_words(row),
                "name": row_words(row),
                "note": _note(row),
                "bars": [_drawn(board, bar) for bar in _meant(row, wanted)],
            }
            for row in board.rows
        ],
        "footer": _("%(moment)s 打印；标有“样例”或“假设”的内容不是事实") % {"moment": formats.moment(clock.now())},
    }
    return board_pdf(content), "application/pdf"


WRITERS: dict[str, Callable[[Board, Wanted], tuple[bytes, str]]] = {"csv": as_csv, "xlsx": as_xlsx, "pdf": as_pdf}


def _heads() -> list[str]:
    named = [_("所属"), _("场景"), _("编号"), _("预订号"), _("用途"), _("剧组公司")]
    return [*named, _("开始"), _("结束"), _("小时"), _("状态")]


def _lines(board: Board, wanted: Wanted) -> Iterator[list[Any]]:
    for row in board.rows:
        for bar in _meant(row, wanted):
            start, end = clock.local(bar.span.start), clock.local(bar.span.end)
            yield [
                site_words(row),
                row_words(row),
                row.code,
                f"XP{bar.booking_id:06d}" if bar.booking_id else "",
                bar.title or bar.reason,
                bar.crew,
                start.replace(tzinfo=None),
                end.replace(tzinfo=None),
                round(bar.span.minutes / 60, 2),
                state_words(bar.state),
            ]


def _note(row: Row) -> str:
    standing = "" if row.standing == Standing.KNOWN else f" · {Standing(row.standing).label}"
    return f"{row.occupancy:.0%}{standing}"


def _meant(row: Row, wanted: Wanted) -> list[Bar]:
    return [bar for bar in row.bars if bar.is_meant_by(wanted)]


def _drawn(board: Board, bar: Bar) -> dict[str, Any]:
    whole = (board.window.end - board.window.start).total_seconds()
    start = (bar.shown.start - board.window.start).total_seconds() / whole
    wide = (bar.shown.end - bar.shown.start).total_seconds() / whole
    words = " · ".join(part for part in (bar.title or bar.reason, bar.crew) if part)
    return {"x": round(start * 100, 4), "w": round(wide * 100, 4), "state": bar.state, "words": words}


def _written(cell: Any) -> Any:
    return cell.strftime("%Y-%m-%d %H:%M") if hasattr(cell, "strftime") else cell
