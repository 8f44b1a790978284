"""A sheet of needs as its cells: read from a file with nothing lost, written to one that reads back the same.

``read_cells`` keeps what is wrong too, so that it can be put right on a page; judging it is for ``read_sheet``.
"""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from pathlib import PurePath
from typing import Any

import xlsxwriter
from django.utils.translation import gettext as _

from xiepai.bookings.needs import words
from xiepai.bookings.needs.files import MAX_ROWS, read_grids
from xiepai.bookings.needs.model import RowProblem, Sheet
from xiepai.bookings.needs.sheet import HEADERS, REQUIRED, find_table, read_sheet
from xiepai.kernel.errors import ErrorCode, XiepaiError

COLUMNS = tuple(HEADERS)
LONGEST_CELL = 500
_NAME_OF = {headings[0]: name for name, headings in HEADERS.items()}


@dataclass(frozen=True, slots=True)
class Line:
    """One row: the line it stands on, and its cells as text by our names of the columns; empty ones are left out."""

    number: int
    cells: dict[str, str]


@dataclass(frozen=True, slots=True)
class Cells:
    """All rows of a file as text."""

    title: str
    lines: tuple[Line, ...]
    digest: str
    ignored_columns: tuple[str, ...]


def read_cells(file_name: str, data: bytes) -> Cells:
    """Every row of a file; FILE_TYPE, FILE_SIZE or FILE_UNREADABLE when there is no table to read."""
    table = next((found for grid in read_grids(file_name, data) if (found := find_table(grid))), None)
    if table is None:
        needed = "、".join(HEADERS[name][0] for name in REQUIRED)
        raise XiepaiError(
            ErrorCode.FILE_UNREADABLE, detail=_("没有找到表头；至少要有列：%(columns)s") % {"columns": needed}
        )
    lines = tuple(
        Line(number, cells) for number, row in table.rows if (cells := _texts(table.columns, row)) or any(row)
    )
    if len(lines) > MAX_ROWS:
        limit = _("%(count)d 行") % {"count": MAX_ROWS}
        raise XiepaiError(ErrorCode.FILE_SIZE, size=_("%(count)d 行") % {"count": len(lines)}, limit=limit)
    title = table.title or PurePath(file_name).stem
    return Cells(title[:120], lines, hashlib.sha256(data).hexdigest(), table.ignored)


def judged(
    lines: Sequence[Line], *, title: str, file_name: str, day_one: date, digest: str = ""
) -> tuple[Sheet | None, list[RowProblem]]:
    """The needs these rows say, or every problem by line and column. *digest* is the file's, if nothing was edited."""
    rows = [{HEADERS[name][0]: text for name, text in line.cells.items()} for line in lines]
    heads = {HEADERS[name][0]: "" for name in REQUIRED}
    data = json.dumps([heads | row for row in rows], ensure_ascii=False).encode()
    numbers = [line.number for line in lines]
    try:
        sheet = read_sheet("needs.json", data, day_one=day_one)
    except XiepaiError as refusal:
        if refusal.code != ErrorCode.FILE_ROWS:
            raise
        found = [RowProblem(numbers[p["line"] - 1], p["column"], p["reason"]) for p in refusal.data["problems"]]
        return None, found
    needs = tuple(replace(need, line=numbers[need.line - 1]) for need in sheet.needs)
    digest = digest or hashlib.sha256(data).hexdigest()
    return replace(sheet, needs=needs, title=title, file_name=file_name, digest=digest), []


def column_of(heading: str) -> str:
    """Our name of the column a problem names."""
    return _NAME_OF.get(heading, "")


def cells_xlsx(title: str, lines: Sequence[Line]) -> bytes:
    """The rows as a workbook that :func:`read_cells` reads back unchanged; every cell is text."""
    buffer = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    book = xlsxwriter.Workbook(buffer, options)
    sheet = book.add_worksheet()
    bold, text = book.add_format({"bold": True, "bottom": 1}), book.add_format({"num_format": "@"})
    sheet.set_column(0, len(COLUMNS) - 1, 12, text)
    sheet.set_column(0, 0, 26, text)
    sheet.write_string(0, 0, title, book.add_format({"bold": True}))
    first = max(2, min((line.number for line in lines), default=3) - 1)
    for at, name in enumerate(COLUMNS):
        sheet.write_string(first - 1, at, HEADERS[name][0], bold)
    shift = max(0, first + 1 - min((line.number for line in lines), default=first + 1))
    for line in lines:
        for at, name in enumerate(COLUMNS):
            if line.cells.get(name):
                sheet.write_string(line.number + shift - 1, at, line.cells[name], text)
    sheet.freeze_panes(first, 1)
    book.close()
    return buffer.getvalue()


def tidy_cells(given: Mapping[str, Any]) -> dict[str, str]:
    """Typed cells by known columns, without the empty ones."""
    found = {name: words.tidy(given[name])[:LONGEST_CELL] for name in COLUMNS if name in given}
    return {name: text for name, text in found.items() if text}


def _texts(columns: Mapping[str, int], row: Sequence[Any]) -> dict[str, str]:
    found = {name: _text(name, row[at]) for name, at in columns.items() if at < len(row)}
    return {name: text for name, text in found.items() if text}


def _text(name: str, cell: Any) -> str:
    if isinstance(cell, datetime | time) and name in ("start", "end", "hours"):
        return f"{cell:%H:%M}"
    if isinstance(cell, datetime | date):
        return f"{cell:%Y-%m-%d}"
    return words.tidy(cell)
