"""From a file to rows of cells: .xlsx, .csv, .json. What is hostile, huge or foreign is refused here.

Formulas are never evaluated (the value the author's program saved is read), macros, links and pictures are
never opened, XML entities are refused (openpyxl parses through defusedxml). Nothing is written to disk.
"""

from __future__ import annotations

import csv
import io
import json
import warnings
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

from django.utils.translation import gettext as _
from openpyxl import load_workbook

from xiepai.kernel.errors import ErrorCode, XiepaiError

FILE_BYTES = 5 * 1024 * 1024
UNPACKED_BYTES = 16 * 1024 * 1024
#: a part that is read whole before the first row (texts, styles): more takes many seconds to parse
PART_BYTES = 3 * 1024 * 1024
ARCHIVE_ENTRIES = 2000
MAX_ROWS = 500
MAX_COLUMNS = 60
MAX_CELL = 2000
#: rows looked at in a spreadsheet: titles and empty rows may stand between the needs
LOOKED_AT = 2000
WORKSHEETS = 20
#: rows above the first need: a title, the date, the heading itself
HEADING_ROWS = 20
ALLOWED = ".xlsx, .csv, .json"


@dataclass(frozen=True, slots=True)
class Grid:
    """Rows of cells, each with the line it stands on in the file (1 is the first), and its sheet's name."""

    name: str
    rows: tuple[tuple[int, tuple[Any, ...]], ...]


def read_grids(file_name: str, data: bytes) -> list[Grid]:
    """The tables of a file; FILE_TYPE, FILE_SIZE or FILE_UNREADABLE when it cannot be read safely."""
    if len(data) > FILE_BYTES:
        raise XiepaiError(ErrorCode.FILE_SIZE, size=f"{len(data) / 2**20:.1f} MB", limit=f"{FILE_BYTES // 2**20} MB")
    readers = {".xlsx": _xlsx, ".csv": _csv, ".json": _json}
    reader = readers.get(PurePath(file_name).suffix.lower())
    if reader is None:
        raise XiepaiError(ErrorCode.FILE_TYPE, allowed=ALLOWED)
    if not data.strip():
        raise _unreadable("0 bytes")
    return reader(data)


def _unreadable(detail: object) -> XiepaiError:
    return XiepaiError(ErrorCode.FILE_UNREADABLE, detail=str(detail)[:200])


def _xlsx(data: bytes) -> list[Grid]:
    _check_archive(data)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # openpyxl warns of styles and extensions that do not concern cells
            book = load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
            sheets = [sheet for sheet in book.worksheets[:WORKSHEETS] if sheet.sheet_state == "visible"]
            return [Grid(sheet.title, _kept(enumerate(_cells(sheet), 1))) for sheet in sheets]
    except XiepaiError:
        raise
    except Exception as error:  # a hostile workbook can make the parser fail in any way
        raise _unreadable(f"{type(error).__name__}: {error}") from error


def _check_archive(data: bytes) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError) as error:
        raise XiepaiError(ErrorCode.FILE_TYPE, allowed=ALLOWED) from error
    unpacked = sum(entry.file_size for entry in entries)  # never more is read: zipfile stops at the stated size
    if unpacked > UNPACKED_BYTES or len(entries) > ARCHIVE_ENTRIES:
        raise XiepaiError(ErrorCode.FILE_SIZE, size=f"{unpacked / 2**20:.0f} MB", limit=f"{UNPACKED_BYTES // 2**20} MB")
    parts = [
        e.file_size for e in entries if e.filename.endswith((".xml", ".rels")) and "/worksheets/" not in e.filename
    ]
    if max(parts, default=0) > PART_BYTES:
        raise XiepaiError(ErrorCode.FILE_SIZE, size=f"{max(parts) / 2**20:.0f} MB", limit=f"{PART_BYTES // 2**20} MB")
    if "xl/workbook.xml" not in {entry.filename for entry in entries}:
        raise XiepaiError(ErrorCode.FILE_TYPE, allowed=ALLOWED)


def _cells(sheet: Any) -> Iterator[tuple[Any, ...]]:
    sheet.reset_dimensions()  # what a file says of its own size is not to be believed
    yield from sheet.iter_rows(max_row=LOOKED_AT, max_col=MAX_COLUMNS, values_only=True)


def _csv(data: bytes) -> list[Grid]:
    text = _decoded(data)
    first = next((line for line in text.splitlines() if line.strip()), "")
    delimiter = max(",;\t", key=first.count)
    before = csv.field_size_limit(64 * 1024)
    try:
        return [Grid("", _kept(_numbered(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))))]
    except csv.Error as error:
        raise _unreadable(error) from error
    finally:
        csv.field_size_limit(before)


def _numbered(reader: Any) -> Iterator[tuple[int, tuple[Any, ...]]]:
    at = 1
    for row in reader:
        yield at, tuple(row)
        at = reader.line_num + 1


def _decoded(data: bytes) -> str:
    encodings = ["utf-16"] if data.startswith((b"\xff\xfe", b"\xfe\xff")) else ["utf-8-sig", "gb18030"]
    for encoding in encodings:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise _unreadable("UTF-8, GB18030?")


def _json(data: bytes) -> list[Grid]:
    """``[{…}, …]`` or ``{"title": …, "needs": [{…}, …]}``; an object's keys are its columns, its place the line."""
    try:
        read = json.loads(_decoded(data))
    except (ValueError, RecursionError) as error:
        raise _unreadable(f"JSON: {error}") from error
    title, rows = "", read
    if isinstance(read, dict):
        title, rows = str(read.get("title", read.get("名称", ""))), read.get("needs", read.get("需求表"))
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise _unreadable('JSON: [{…}] / {"needs": [{…}]}')
    columns = list(dict.fromkeys(str(key) for row in rows[: MAX_ROWS + 1] for key in row))[:MAX_COLUMNS]
    body = ((number, tuple(row.get(key) for key in columns)) for number, row in enumerate(rows, 1))
    return [Grid(title, _kept([(0, tuple(columns)), *body]))]


def _kept(rows: Iterable[tuple[int, tuple[Any, ...]]]) -> tuple[tuple[int, tuple[Any, ...]], ...]:
    """Rows that hold anything, with their line, cells cut to a sane length; too many rows are refused."""
    kept: list[tuple[int, tuple[Any, ...]]] = []
    for line, row in rows:
        cells = tuple(cell[:MAX_CELL].strip() if isinstance(cell, str) else cell for cell in row[:MAX_COLUMNS])
        if any(cell not in (None, "") for cell in cells):
            kept.append((line, cells))
        if len(kept) > MAX_ROWS + HEADING_ROWS:
            limit = _("%(count)d 行") % {"count": MAX_ROWS}
            raise XiepaiError(ErrorCode.FILE_SIZE, size=f"> {limit}", limit=limit)
    return tuple(kept)
