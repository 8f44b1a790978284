"""The tables of a crew on paper: the same rows as the sheets, columns nobody filled left out, wide ones turned small.

A row shorter than the head is a line across (a subtotal, a banner, the totals above the head). Days out of days run on
in pieces of four weeks, so that no letter becomes too small to read. Nothing is computed here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from xiepai.kernel import clock
from xiepai.kernel.printing import pdf_of

TEMPLATE = Path(__file__).with_name("table.typ")
DAYS_A_TABLE = 28
#: How the width is shared among the columns that take what is left; all others are as wide as their words.
_SHARES = {
    "主要内容": 5.0, "拍摄地点": 2.2, "主场景": 1.8, "次场景": 1.4, "三级场景": 1.2, "特殊提醒": 1.4, "演员": 2.0,
    "特约演员": 1.5, "群众演员": 1.6, "服装": 1.6, "化妆": 1.4, "道具": 2.0, "特殊道具": 1.4, "备注": 1.8, "商植": 1.2,
    "名称": 2.0, "场次": 6.0, "角色": 2.0,
}  # fmt: skip
_SMALL = 7  # letters of a heading that may stand upright over a narrow column
_STATES = ("拍摄时间", "拍摄状态")


def table_pdf(name: str, title: str, subtitle: str, rows: Iterable[Sequence[object]]) -> bytes:
    """The PDF of a table of ``tables``; *name* is the one in its address."""
    lines = [[str(cell) for cell in row] for row in rows]
    head_at = next((at for at, line in enumerate(lines) if len(line) > 1), 0)
    head, body = lines[head_at], lines[head_at + 1 :]
    pieces = list(_weeks(head, body)) if name == "days-out-of-days" else [(head, body)]
    pieces = [_without_empty(*piece) for piece in pieces]
    content = {
        "lang": (get_language() or "zh")[:2],
        "title": title,
        "subtitle": subtitle,
        "above": " ".join(cell for line in lines[:head_at] for cell in line),
        "tables": [_table(*piece) for piece in pieces],
        "empty": "" if body else _("还没有内容。"),
        "is_wide": max(len(piece[0]) for piece in pieces) > 9,
        "footer": f"{title} · {clock.local(clock.now()):%Y-%m-%d %H:%M}",
    }
    return pdf_of(TEMPLATE, content)


def _table(head: list[str], body: list[list[str]]) -> dict[str, Any]:
    return {
        "heads": [_head(name) for name in head],
        "rows": [_line(line, len(head)) for line in body],
    }


def _head(name: str) -> dict[str, Any]:
    """A column: its share of the width (0: as wide as its words), and whether its name stands upright."""
    share = _SHARES.get(name, 0.0)
    is_upright = not share and 2 < len(name) <= _SMALL and not name[0].isdigit() and name not in _STATES
    return {"name": name, "share": share, "upright": is_upright}


def _line(line: list[str], width: int) -> dict[str, Any]:
    """A row of cells, or one line across."""
    if len(line) == width:
        return {"cells": line, "across": ""}
    return {"cells": [], "across": "  ".join(cell for cell in line if cell)}


def _without_empty(head: list[str], body: list[list[str]]) -> tuple[list[str], list[list[str]]]:
    """Without the columns no row fills, and without the day of shooting where each row begins with it."""
    full = [line for line in body if len(line) == len(head)]
    said = {"拍摄时间"} if head[0] == "日期" else set()
    kept = [at for at, name in enumerate(head) if name not in said and any(line[at] for line in full)]
    kept = kept or list(range(len(head)))
    pick = lambda line: [line[at] for at in kept] if len(line) == len(head) else line  # noqa: E731
    return pick(head), [pick(line) for line in body]


def _weeks(head: list[str], body: list[list[str]]) -> Iterator[tuple[list[str], list[list[str]]]]:
    """The days in pieces; who they are in front of each, the sums behind the last."""
    days = len(head) - 5
    for first in range(0, max(days, 1), DAYS_A_TABLE):
        last = min(days, first + DAYS_A_TABLE)
        tail = slice(2 + last, None) if last == days else slice(0, 0)
        cut = lambda line, at=slice(2 + first, 2 + last), end=tail: [*line[:2], *line[at], *line[end]]  # noqa: E731
        named = [cell[5:] if len(cell) == 10 and cell[4] == "-" else cell for cell in cut(head)]
        yield named, [cut(line) for line in body]
