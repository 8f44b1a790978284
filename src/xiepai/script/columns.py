"""The columns of a 场景表 as crews name them, and the fields they mean. A column with another name is a role's.

The names are those in use (集 场 特殊提醒 气氛 内外景 拍摄地点 主场景 …); spellings are gathered in one table.
"""

from __future__ import annotations

from collections.abc import Sequence

from xiepai.script.text import plain
from xiepai.script.words import NO_ROLE

COLUMNS: dict[str, tuple[str, ...]] = {
    "episode": ("集", "集数", "集号", "集次", "EPISODE", "EP"),
    "number": ("场", "场号", "场次", "场景号", "SCENE", "SC", "SCENE NO", "场次号"),
    "alert": ("特殊提醒", "提醒", "特殊提示"),
    "time": ("气氛", "日夜", "日/夜", "时间", "光线", "DAY/NIGHT", "D/N", "TIME"),
    "side": ("内外景", "内外", "内/外", "景别", "INT/EXT", "I/E"),
    "location": ("拍摄地点", "实拍地点", "拍摄地", "LOCATION"),
    "place1": ("主场景", "场景", "一级场景", "场景名称", "SET", "地点"),
    "place2": ("次场景", "二级场景", "分场景", "子场景"),
    "place3": ("三级场景",),
    "summary": ("主要内容", "内容", "剧情", "内容提要", "DESCRIPTION", "SYNOPSIS"),
    "pages": ("页数", "页", "PAGES"),
    "cast": ("演员", "人物", "角色", "主要演员", "出场人物", "CAST"),
    "guests": ("特约演员", "特约"),
    "crowd": ("群众演员", "群众", "群演", "EXTRAS"),
    "costumes": ("服装", "服饰", "WARDROBE"),
    "makeup": ("化妆", "妆造", "MAKEUP"),
    "props": ("道具", "PROPS"),
    "special_props": ("特殊道具",),
    "notes": ("备注", "NOTES", "REMARKS"),
    "sponsored": ("商植", "植入", "商务植入"),
    "shooting_time": ("拍摄时间", "拍摄日期"),
    "state": ("拍摄状态", "状态"),
}
HEADINGS = {field: names[0] for field, names in COLUMNS.items()}
"""The heading this house writes for each field."""
_FIELDS = {name: field for field, names in COLUMNS.items() for name in names}
_NEEDED = ("number", "place1", "location", "time", "side")
LEAST = 3


def field_of(heading: str) -> str | None:
    """The field a column heading means.

    >>> [field_of(each) for each in ("内外景", "内／外", " 主 场景 ", "苏晚")]
    ['side', 'side', 'place1', None]
    """
    text = plain(heading)
    return _FIELDS.get(text.upper()) or _FIELDS.get(text.replace(" ", "").upper())


def header(cells: Sequence[str]) -> dict[int, str] | None:
    """Fields by position if a row is the head of a 场景表, else None."""
    found: dict[int, str] = {}
    for at, cell in enumerate(cells):
        name = field_of(cell)
        if name and name not in found.values():
            found[at] = name
    known = set(found.values())
    if (
        len(found) > 1
        and all(at % 2 == 0 for at in found)
        and len(found) * 2 == sum(bool(each.strip()) for each in cells)
    ):
        return None  # labels and values side by side: one scene, not a head
    has_place = bool(known & {"place1", "location"})
    return found if len(known) >= LEAST and has_place and known & {"number", "time", "side"} else None


def roles(cells: Sequence[str], known: dict[int, str]) -> dict[int, str]:
    """Columns of roles: short headings that mean no field."""
    return {
        at: cell.strip()
        for at, cell in enumerate(cells)
        if at not in known and cell.strip() and len(cell.strip()) <= 8 and plain(cell).upper() not in NO_ROLE
    }
