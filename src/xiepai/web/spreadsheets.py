"""Lists as files: CSV that Excel opens in Chinese, and XLSX. No cell is ever run as a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence

import xlsxwriter
from django.http import HttpResponse, StreamingHttpResponse

from xiepai.kernel.errors import not_found

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


class _Echo:
    def write(self, value: str) -> str:
        return value


def csv_rows(rows: Iterable[Sequence[object]]) -> Iterator[str]:
    """The rows as lines of CSV, one at a time."""
    writer = csv.writer(_Echo())
    yield "\ufeff"
    for row in rows:
        yield writer.writerow([_safe(cell) for cell in row])


def _safe(cell: object) -> object:
    text = f"{cell:.2f}" if isinstance(cell, Yuan) else str(cell)
    if isinstance(cell, Yuan):
        return text
    return f"'{text}" if not isinstance(cell, int | float) and text.startswith(FORMULA_STARTS) else text


class Yuan(float):
    """An amount of money as a spreadsheet holds it; written with two decimals."""


def yuan(fen: int) -> Yuan:
    """Fen as the yuan of a cell; exact to the fen for any sum a settlement may have."""
    return Yuan(fen / 100)


def xlsx_bytes(rows: Iterable[Sequence[object]]) -> bytes:
    """The rows as a workbook whose first row stays in sight; numbers are numbers, all else is text."""
    buffer = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    book = xlsxwriter.Workbook(buffer, options)
    sheet = book.add_worksheet()
    bold, money = book.add_format({"bold": True}), book.add_format({"num_format": "#,##0.00"})
    for at, row in enumerate(rows):
        for column, cell in enumerate(row):
            if isinstance(cell, int | float) and not isinstance(cell, bool):
                sheet.write_number(at, column, cell, money if isinstance(cell, Yuan) else None)
            else:
                sheet.write_string(at, column, str(cell), bold if at == 0 else None)
    sheet.freeze_panes(1, 0)
    sheet.autofit()
    book.close()
    return buffer.getvalue()


def table_file(form: str, name: str, rows: Iterable[Sequence[object]]) -> HttpResponse | StreamingHttpResponse:
    """A list to download as ``csv`` or ``xlsx``; any other form is not found."""
    answer: HttpResponse | StreamingHttpResponse
    if form == "csv":
        answer = StreamingHttpResponse(csv_rows(rows), content_type="text/csv; charset=utf-8")
    elif form == "xlsx":
        answer = HttpResponse(xlsx_bytes(rows), content_type=XLSX)
    else:
        raise not_found()
    answer["Content-Disposition"] = f'attachment; filename="{name}.{form}"'
    return answer
