"""A file of places as rows of cells, whatever its kind: told by content, not by name; read row by row.

Refused: files that are too large, too many rows, encodings that are not UTF-8, UTF-16 with its mark or GB18030, text
with an open quote, files without a header line that names places, and kinds of file nobody asked for.
"""

from __future__ import annotations

import codecs
import csv
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from xiepai.kernel.errors import ErrorCode, XiepaiError
from xiepai.places.sheets.cells import bare
from xiepai.places.sheets.columns import Column, column_of, recognised

LARGEST_BYTES = 256 * 1024 * 1024  # a hundred thousand places are 75 MB as CSV, 190 MB as GeoJSON
MOST_ROWS = 200_000
MOST_COLUMNS = 256
HEADER_WITHIN = 10
ALLOWED = "CSV、XLSX、GeoJSON"
_CHUNK = 1 << 16


@dataclass(frozen=True, slots=True)
class RawRow:
    """One row: where it stands, its cells by column key, and what is wrong with the row as such."""

    line: int
    cells: dict[str, Any]
    problem: str = ""


@dataclass
class Source:
    """An open file: its kind, which columns it has (key → header as written), what was ignored, and its rows."""

    kind: str
    headers: dict[str, str] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)
    rows: Iterator[RawRow] = field(default_factory=lambda: iter(()))


def unreadable(detail: str) -> XiepaiError:
    """The refusal of a file that cannot be read, with the reason."""
    return XiepaiError(ErrorCode.FILE_UNREADABLE, detail=detail)


def too_large(size: str, limit: str) -> XiepaiError:
    """The refusal of a file beyond a limit."""
    return XiepaiError(ErrorCode.FILE_SIZE, size=size, limit=limit)


def too_many_rows() -> XiepaiError:
    """The refusal of a file with more rows than are read at once."""
    return too_large(_("超过 {rows} 行").format(rows=MOST_ROWS), _("{rows} 行").format(rows=MOST_ROWS))


@contextmanager
def open_csv(path: Path) -> Iterator[Source]:
    """A text of separated values in any of the encodings people have; comma, semicolon or tab."""
    encoding = encoding_of(path)
    with path.open(encoding=encoding, newline="") as file:
        lines = _csv_lines(file, _delimiter(path, encoding))
        yield with_header("csv", lines)


def encoding_of(path: Path) -> str:
    """The encoding of a text file: by its mark, else UTF-8 if it is that throughout, else GB18030."""
    with path.open("rb") as file:
        start = file.read(4096)
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    if b"\x00" in start:
        raise XiepaiError(ErrorCode.FILE_TYPE, allowed=ALLOWED)
    faults = []
    for encoding in ("utf-8-sig", "gb18030"):
        line = _first_fault(path, encoding)
        if line is None:
            return encoding
        faults.append(line)
    raise unreadable(_("第 {line} 行的文字既不是 UTF-8 也不是 GB18030 编码。").format(line=max(faults)))


def _first_fault(path: Path, encoding: str) -> int | None:
    """The line at which the file stops being text in that encoding."""
    decoder = codecs.getincrementaldecoder(encoding)()
    line = 1
    with path.open("rb") as file:
        while True:
            chunk = file.read(_CHUNK)
            try:
                decoder.decode(chunk, final=not chunk)
            except UnicodeDecodeError as error:
                return line + chunk[: error.start].count(b"\n")
            if not chunk:
                return None
            line += chunk.count(b"\n")


def _delimiter(path: Path, encoding: str) -> str:
    """The separator that makes the most headers of the first lines."""
    with path.open(encoding=encoding, newline="") as file:
        try:
            first = [file.readline(65536) for _number in range(HEADER_WITHIN)]
        except UnicodeError as error:
            raise unreadable(_("文字编码有误。")) from error

    def headers(delimiter: str) -> int:
        return max(recognised(next(csv.reader([line], delimiter=delimiter), [])) for line in first)

    return max(",\t;", key=headers)


def _csv_lines(file: Any, delimiter: str) -> Iterator[tuple[int, Sequence[Any]]]:
    reader = csv.reader(file, delimiter=delimiter, strict=True)
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise unreadable(_("第 {line} 行起引号不成对，或一格太长。").format(line=line)) from error
        except UnicodeError as error:
            raise unreadable(_("第 {line} 行起文字编码有误。").format(line=line)) from error
        yield line, cells


def with_header(kind: str, lines: Iterator[tuple[int, Sequence[Any]]], merged: dict[int, str] | None = None) -> Source:
    """Find the header within the first lines and read what follows by it; *merged*: lines with merged cells."""
    for line, cells in lines:
        if recognised(cells) >= 2:
            break
        if line > HEADER_WITHIN:
            raise _no_header()
    else:
        raise _no_header()
    source = Source(kind)
    columns = _mapped(cells, source)
    source.rows = _rows(lines, columns, merged or {})
    return source


def _no_header() -> XiepaiError:
    return unreadable(
        _("前 {lines} 行里没有表头；至少要有“名称”“镇街”“类别”等列名中的两个。").format(lines=HEADER_WITHIN)
    )


def _mapped(headers: Sequence[Any], source: Source) -> dict[int, Column]:
    columns: dict[int, Column] = {}
    for position, header in enumerate(headers[:MOST_COLUMNS]):
        text = bare(header).strip() if isinstance(header, str) else ""
        column = column_of(text) if text else None
        if column is None:
            if text:
                source.warnings.append(_("不认识的列“{header}”，没有读取。").format(header=text[:60]))
        elif column.key in source.headers:
            first = source.headers[column.key]
            raise unreadable(_("列“{one}”和“{other}”是同一个意思，请只留一列。").format(one=first, other=text))
        else:
            columns[position] = column
            source.headers[column.key] = text
    return columns


def _rows(
    lines: Iterator[tuple[int, Sequence[Any]]], columns: dict[int, Column], merged: dict[int, str]
) -> Iterator[RawRow]:
    count = 0
    for line, cells in lines:
        if not any(cell not in (None, "") and str(cell).strip() for cell in cells):
            continue
        count += 1
        if count > MOST_ROWS:
            raise too_many_rows()
        values = {
            column.key: _cell(cells[position]) if position < len(cells) else "" for position, column in columns.items()
        }
        yield RawRow(line, values, merged.get(line, ""))


def _cell(cell: Any) -> Any:
    return bare(cell) if isinstance(cell, str) else cell
