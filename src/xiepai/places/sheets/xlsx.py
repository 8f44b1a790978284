"""Workbooks of places in and out. Read row by row with openpyxl, written row by row with XlsxWriter.

Refused before anything is unpacked: archives that unpack beyond a limit (a zip bomb states its size), workbooks whose
shared texts would fill the memory, workbooks with macros' worth of parts. Merged cells are not guessed at: each row
they touch is reported. Formulas are read as the values the spreadsheet last saw.
"""

from __future__ import annotations

import re
import warnings
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, BinaryIO

import xlsxwriter
from django.utils.translation import gettext as _
from openpyxl import load_workbook

from xiepai.kernel.errors import ErrorCode, XiepaiError
from xiepai.places.sheets.cells import LEAVE_AS_IS, armoured
from xiepai.places.sheets.columns import COLUMNS, Column, number_of, recognised
from xiepai.places.sheets.reading import (
    ALLOWED,
    HEADER_WITHIN,
    MOST_COLUMNS,
    Source,
    too_large,
    unreadable,
    with_header,
)

SHEET = "场地"
GUIDE = "说明"
MOST_UNPACKED = 1024 * 1024 * 1024
MOST_OF_A_PART = 128 * 1024 * 1024
MOST_PARTS = 2000
MOST_MERGED = 20_000
LAST_ROW = 1_048_576
_MERGED = re.compile(rb'<(?:\w+:)?mergeCell\s[^>]*?ref="([A-Z]{1,3})(\d{1,7}):([A-Z]{1,3})(\d{1,7})"')
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")


@contextmanager
def open_xlsx(path: Path) -> Iterator[Source]:
    """The sheet of places of a workbook (named 场地, else the first that has the header)."""
    _check_archive(path)
    with path.open("rb") as file:  # not the path: openpyxl would judge its name
        book = _book(file)
        try:
            sheet = _sheet_of(book)
            yield with_header("xlsx", _lines(sheet), _merged_lines(path, sheet))
        finally:
            book.close()


def _book(file: BinaryIO) -> Any:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # openpyxl warns of styles and validations it does not keep
            return load_workbook(file, read_only=True, data_only=True, keep_links=False)
    except Exception as error:  # what a hostile workbook makes a parser raise has no common class
        raise unreadable(_("不是可读的 XLSX 文件。")) from error


def _check_archive(path: Path) -> None:
    try:
        with zipfile.ZipFile(path) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError) as error:
        raise unreadable(_("压缩包已损坏。")) from error
    names = {part.filename for part in parts}
    if not any(name.startswith("xl/workbook") for name in names):
        raise XiepaiError(ErrorCode.FILE_TYPE, allowed=ALLOWED)
    unpacked = sum(part.file_size for part in parts)
    largest = max((part.file_size for part in parts if "worksheets/" not in part.filename), default=0)
    if unpacked > MOST_UNPACKED or largest > MOST_OF_A_PART or len(parts) > MOST_PARTS:
        size = f"{max(unpacked, largest) / 1024 / 1024:.0f} MB"
        raise too_large(_("解压后 {size}").format(size=size), f"{MOST_UNPACKED // 1024 // 1024} MB")
    if any(part.flag_bits & 0x1 for part in parts):
        raise unreadable(_("文件有密码。"))


def _sheet_of(book: Any) -> Any:
    sheets = [sheet for sheet in book.worksheets if getattr(sheet, "sheet_state", "visible") == "visible"]
    named = [sheet for sheet in sheets if sheet.title == SHEET]
    for sheet in [*named, *sheets]:
        sheet.reset_dimensions()  # some programs state a size that is not so
        for line, cells in _lines(sheet):
            if recognised(cells) >= 2:
                return sheet
            if line >= HEADER_WITHIN:
                break
    if not sheets:
        raise unreadable(_("工作簿里没有表。"))
    return sheets[0]


def _lines(sheet: Any) -> Iterator[tuple[int, Sequence[Any]]]:
    rows = sheet.iter_rows(min_row=1, max_row=LAST_ROW, max_col=MOST_COLUMNS, values_only=True)
    line = 0
    while True:
        line += 1
        try:
            cells = next(rows, None)
        except Exception as error:  # see _book
            raise unreadable(_("第 {line} 行起内容已损坏。").format(line=line)) from error
        if cells is None:
            return
        if cells.count(None) == len(cells):
            continue  # a row far down makes openpyxl fill the gap: a million of them must cost little
        yield line, [_unescaped(cell) if isinstance(cell, str) and "_x" in cell else cell for cell in cells]


def _unescaped(text: str) -> str:
    """Resolve ``_x000D_``: how workbooks write a sign that XML has not (ECMA-376, ST_Xstring)."""
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text)


def _merged_lines(path: Path, sheet: Any) -> dict[int, str]:
    """Line → what to say, for every line that merged cells touch; read from the sheet as a stream."""
    try:
        with zipfile.ZipFile(path) as archive, archive.open(sheet._worksheet_path.lstrip("/")) as part:
            return _merged_in(part)
    except XiepaiError:
        raise
    except Exception as error:  # see _book
        raise unreadable(_("压缩包已损坏。")) from error


def _merged_in(part: IO[bytes]) -> dict[int, str]:
    lines: dict[int, str] = {}
    tail = b""
    while chunk := part.read(1 << 20):
        block = tail + chunk
        end = 0
        for found in _MERGED.finditer(block):
            end = found.end()
            first, last = int(found[2]), int(found[4])
            if len(lines) + last - first > MOST_MERGED:
                raise unreadable(_("合并的单元格太多，请取消合并。"))
            where = f"{found[1].decode()}{first}:{found[3].decode()}{last}"
            for line in range(first, last + 1):
                lines[line] = _("合并的单元格 {where}，请取消合并后各行分别填写。").format(where=where)
        tail = block[max(end, len(block) - 400) :]
    return lines


def write_xlsx(out: BinaryIO, rows: Iterable[dict[str, str]], columns: Sequence[Column] = COLUMNS) -> int:
    """Write rows (texts by column key) as a workbook with a sheet that explains the columns; how many rows."""
    book = xlsxwriter.Workbook(
        out,
        {
            "constant_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
        },
    )
    bold = book.add_format({"bold": True, "text_wrap": True, "valign": "top"})
    sheet = book.add_worksheet(SHEET)
    sheet.freeze_panes(1, 0)
    for position, column in enumerate(columns):
        sheet.set_column(position, position, 12 if column.is_number else 18)
        sheet.write_string(0, position, column.header, bold)
    count = 0
    for count, row in enumerate(rows, 1):
        _write_row(sheet, count, row, columns)
    _write_guide(book, bold)
    book.close()
    return count


def _write_row(sheet: Any, number: int, row: dict[str, str], columns: Sequence[Column]) -> None:
    for position, column in enumerate(columns):
        text = row.get(column.key, "")
        amount = number_of(column, text)
        if amount is not None:
            sheet.write_number(number, position, float(amount) if amount % 1 else int(amount))
        elif text:
            sheet.write_string(number, position, text if text in LEAVE_AS_IS else armoured(text))


def _write_guide(book: Any, bold: Any) -> None:
    sheet = book.add_worksheet(GUIDE)
    sheet.set_column(0, 3, 24)
    for position, title in enumerate(("列", "英文列名", "字段", "一列多值")):
        sheet.write_string(0, position, title, bold)
    for number, column in enumerate(COLUMNS, 1):
        for position, text in enumerate(_guide_of(column)):
            sheet.write_string(number, position, text)


def _guide_of(column: Column) -> tuple[str, str, str, str]:
    return column.header, column.english, column.key, "用“、”分开" if column.is_list else ""
