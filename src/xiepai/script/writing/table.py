"""场景表 with the columns crews use, one column a main role, as .xlsx or .csv; cells are text, never formulas."""

from __future__ import annotations

import csv
import io

import xlsxwriter

from xiepai.script.columns import HEADINGS
from xiepai.script.scenes import SIDE_WORD, TIME_WORD, Breakdown, Scene

MAIN_ROLES = 12
"""Roles with a column of their own; the others stand together in 演员."""
_LEADING = ("episode", "number", "alert", "time", "side", "location", "place1", "place2", "place3", "summary", "pages")
_TRAILING = (
    "cast",
    "guests",
    "crowd",
    "costumes",
    "makeup",
    "props",
    "special_props",
    "notes",
    "sponsored",
    "shooting_time",
    "state",
)
_WIDTHS = {
    "summary": 44,
    "place1": 18,
    "place2": 14,
    "cast": 16,
    "crowd": 14,
    "props": 18,
    "costumes": 16,
    "notes": 18,
    "alert": 16,
}
THERE = "√"
_FORMULA = ("=", "+", "-", "@", "\t")


def header(breakdown: Breakdown) -> tuple[list[str], list[str]]:
    """Main roles, and the headings with those roles in their place."""
    main = [name for name, _count in breakdown.cast_counts().most_common(MAIN_ROLES) if len(name) <= 8]
    return main, [*(HEADINGS[each] for each in _LEADING), *main, *(HEADINGS[each] for each in _TRAILING)]


def rows(breakdown: Breakdown) -> list[list[str]]:
    """Headings and one row a scene, all text."""
    main, head = header(breakdown)
    return [head, *(_row(each, main) for each in breakdown.scenes)]


def _row(scene: Scene, main: list[str]) -> list[str]:
    cells = {
        "episode": "" if scene.episode is None else str(scene.episode),
        "number": scene.number,
        "alert": "、".join(each for each in scene.settings),
        "time": scene.time_said or (TIME_WORD[scene.time] if scene.time else ""),
        "side": SIDE_WORD[scene.side] if scene.side else "",
        "place1": scene.place[0] if scene.place else "",
        "place2": scene.place[1] if len(scene.place) > 1 else "",
        "place3": "-".join(scene.place[2:]),
        "summary": scene.summary,
        "pages": pages(scene.eighths),
        "cast": "、".join(each for each in scene.cast if each not in main),
        "guests": "、".join(scene.guests),
        "crowd": "、".join(scene.crowd),
        "costumes": "、".join(scene.costumes),
        "props": "、".join(scene.props),
        "notes": "；".join(scene.notes),
    }
    there = [THERE if each in scene.cast else "" for each in main]
    return [*(cells.get(each, "") for each in _LEADING), *there, *(cells.get(each, "") for each in _TRAILING)]


def pages(eighths: int) -> str:
    """Eighths as a page count.

    >>> pages(11), pages(8), pages(3)
    ('1 3/8', '1', '3/8')
    """
    whole, rest = divmod(eighths, 8)
    return " ".join(([str(whole)] if whole or not rest else []) + ([f"{rest}/8"] if rest else []))


def to_csv(breakdown: Breakdown) -> bytes:
    """CSV with a byte-order mark, which Excel needs for Chinese; a cell that looks like a formula is quoted."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    for row in rows(breakdown):
        writer.writerow([f"'{cell}" if cell.startswith(_FORMULA) else cell for cell in row])
    return out.getvalue().encode("utf-8-sig")


def to_xlsx(breakdown: Breakdown) -> bytes:
    """A workbook of one sheet, head frozen, filter on."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}) as book:
        sheet = book.add_worksheet("场景表")
        head = book.add_format(
            {"bold": True, "bg_color": "#E8EEF2", "border": 1, "text_wrap": True, "valign": "vcenter"}
        )
        cell = book.add_format({"text_wrap": True, "valign": "top", "border": 1, "border_color": "#D5DBDF"})
        table = rows(breakdown)
        for at, row in enumerate(table):
            for column, text in enumerate(row):
                sheet.write_string(at, column, text, head if at == 0 else cell)
        _shape(sheet, table[0], len(table))
    return out.getvalue()


def _shape(sheet: xlsxwriter.worksheet.Worksheet, headings: list[str], count: int) -> None:
    fields = {heading: name for name, heading in HEADINGS.items()}
    for column, heading in enumerate(headings):
        sheet.set_column(column, column, _WIDTHS.get(fields.get(heading, ""), max(6, 2 * len(heading) + 1)))
    sheet.freeze_panes(1, 2)
    sheet.autofilter(0, 0, count - 1, len(headings) - 1)
    sheet.set_landscape()
    sheet.repeat_rows(0)
