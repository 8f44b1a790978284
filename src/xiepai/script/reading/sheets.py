"""场景表 as .xlsx or .csv: the row of column names is looked for, whatever stands above it is passed over.

A workbook's first sheet with such a row is read. Formulas are read as the values last seen; nothing is computed.
"""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, time
from xml.etree.ElementTree import ParseError

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from xiepai.script import columns, limits
from xiepai.script.messages import Code, refuse
from xiepai.script.reading import packed, plain
from xiepai.script.rows import is_present
from xiepai.script.source import Format, Lines, Row, Source

_HEAD_WITHIN = 30
_BROKEN = (
    InvalidFileException,
    zipfile.BadZipFile,
    ParseError,
    KeyError,
    ValueError,
    TypeError,
    AttributeError,
    IndexError,
    OSError,
)


def read_workbook(data: bytes) -> Source:
    """Read an xlsx."""
    packed.checked(data, "xlsx")
    try:
        book = load_workbook(io.BytesIO(data), read_only=True, data_only=True)
        sheets = list(book.worksheets)
        for sheet in sheets:
            sheet.reset_dimensions()
            source = _source(
                _values(sheet.iter_rows(max_row=limits.SHEET_ROWS + 1, max_col=limits.SHEET_COLUMNS, values_only=True)),
                Format.SHEET,
                "",
            )
            if source:
                return source
    except _BROKEN:
        raise refuse(Code.DAMAGED, kind="xlsx") from None
    raise refuse(Code.NO_COLUMNS)


def read_csv(data: bytes) -> Source:
    """Read a csv or tab-separated table; a text that is no table is read as a script."""
    text, encoding = plain.decoded(data)
    sample = text[:4096]
    cut = max(",\t;", key=sample.count)
    reader = csv.reader(io.StringIO(text.lstrip("\ufeff"), newline=""), delimiter=cut)
    try:
        source = _source(_unquoted(reader), Format.CSV, encoding)
    except csv.Error:
        raise refuse(Code.DAMAGED, kind="csv") from None
    if source is None:
        raise refuse(Code.NO_COLUMNS)
    return source


def _unquoted(reader: Iterable[list[str]]) -> Iterator[list[str]]:
    """Without the apostrophe that keeps a sheet from reading a cell as a formula."""
    for row in reader:
        yield [
            cell[1:] if len(cell) > 1 and cell[0] == "'" and cell[1] in "=+-@\t" else cell
            for cell in row[: limits.SHEET_COLUMNS]
        ]


def _values(rows: Iterable[Sequence[object]]) -> Iterator[list[str]]:
    for row in rows:
        yield [_written(cell) for cell in row]


def _written(cell: object) -> str:
    if cell is None or isinstance(cell, bool):
        return "√" if cell else ""
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        return str(int(cell))
    if isinstance(cell, datetime):
        return _not_a_date(cell)
    if isinstance(cell, date | time):
        return cell.isoformat()
    return str(cell)


def _not_a_date(cell: datetime) -> str:
    """Sheets make a date of 3-12; a scene number is meant far more often."""
    return f"{cell.month}-{cell.day}" if cell.time() == time() else cell.isoformat(" ", "minutes")


def _source(rows: Iterable[list[str]], kind: Format, encoding: str) -> Source | None:
    lines, found = Lines(), list[Row]()
    known: dict[int, str] | None = None
    roles: dict[int, str] = {}
    for cells in rows:
        number = len(lines.lines) + 1
        if number > limits.SHEET_ROWS:
            raise refuse(Code.TOO_MANY, what="rows", limit=limits.SHEET_ROWS)
        lines.add("\t".join(" ".join(cell.split()) for cell in cells).rstrip("\t"))
        if known is None:
            if number > _HEAD_WITHIN:
                return None
            if known := columns.header(cells):
                roles = columns.roles(cells, known)
            continue
        if any(cell.strip() for cell in cells):
            there = tuple(name for at, name in roles.items() if at < len(cells) and is_present(cells[at]))
            found.append(
                Row(number, {name: cells[at].strip() if at < len(cells) else "" for at, name in known.items()}, there)
            )
    if known is None:
        return None
    return Source(kind, tuple(lines.lines), tuple(found), encoding=encoding, problems=tuple(lines.problems))
