"""USS, the Universal Schedule Standard (JSON): its breakdowns become rows; boards and calendars are the plan's.

Categories are known by their number (``ucid``; older files say ``catId``), never by a name users may change.
"""

from __future__ import annotations

import json
from typing import Any

from xiepai.script import limits
from xiepai.script.messages import Code, refuse
from xiepai.script.reading.plain import decoded
from xiepai.script.source import Format, Lines, Row, Source

SET, SIDE, TIME, LOCATION = 0, 1, 2, 6
CAST, CROWD, STUNTS, VEHICLES, PROPS, EFFECTS, COSTUMES, MAKEUP, ANIMALS, NOTES = (
    100,
    101,
    102,
    103,
    104,
    105,
    106,
    107,
    108,
    121,
)
_FIELDS = {
    SET: "place",
    SIDE: "side",
    TIME: "time",
    LOCATION: "location",
    CAST: "cast",
    CROWD: "crowd",
    PROPS: "props",
    COSTUMES: "costumes",
    MAKEUP: "makeup",
    **dict.fromkeys((STUNTS, EFFECTS, ANIMALS, NOTES), "alert"),
}


def read(data: bytes) -> Source:
    """Read a USS file."""
    text, encoding = decoded(data)
    root = _root(text)
    fields = _by_element(root)
    names = {_text(each.get("id")): _text(each.get("name")) for each in _objects(root, "elements")}
    lines, rows = Lines(), []
    for each in _objects(root, "breakdowns"):
        if _text(each.get("type")) not in ("", "scene"):
            continue
        row = _row(each, fields, names)
        lines.add(" ".join(str(row[name]) for name in ("number", "time", "side", "place1", "summary") if row.get(name)))
        roles = tuple(each for each in row.pop("cast", "").split("\n") if each)
        rows.append(Row(len(lines.lines), row, roles))
    if not rows:
        raise refuse(Code.NO_BREAKDOWNS)
    return Source(Format.USS, tuple(lines.lines), tuple(rows), _text(root.get("project")), encoding)


def _root(text: str) -> dict[str, Any]:
    if _depth(text) > limits.JSON_DEPTH:
        raise refuse(Code.DAMAGED, kind="uss")
    try:
        root = json.loads(text.lstrip("\ufeff"))
    except (ValueError, RecursionError):
        raise refuse(Code.DAMAGED, kind="uss") from None
    inner = root.get("universalScheduleStandard") if isinstance(root, dict) else None
    if not isinstance(inner, dict):
        raise refuse(Code.NO_BREAKDOWNS)
    return inner


def _depth(text: str) -> int:
    """An upper bound of the nesting; brackets inside texts count too, which only makes it stricter."""
    depth = deepest = 0
    for sign in text:
        if sign in "[{":
            depth += 1
            deepest = max(deepest, depth)
        elif sign in "]}":
            depth -= 1
    return deepest


def _objects(root: dict[str, Any], name: str) -> list[dict[str, Any]]:
    found = root.get(name)
    if not isinstance(found, list):
        return []
    if len(found) > limits.SHEET_ROWS * 4:
        raise refuse(Code.TOO_MANY, what="rows", limit=limits.SHEET_ROWS * 4)
    return [each for each in found if isinstance(each, dict)]


def _text(value: object) -> str:
    return str(value).strip() if isinstance(value, str | int | float) and not isinstance(value, bool) else ""


def _by_element(root: dict[str, Any]) -> dict[str, str]:
    """The field of every element, from the category that lists it first."""
    found: dict[str, str] = {}
    for category in _objects(root, "categories"):
        number = category.get("ucid", category.get("catId"))
        name = _FIELDS.get(number) if isinstance(number, int) else None
        members = category.get("elements")
        for each in members if name and isinstance(members, list) else ():
            found.setdefault(_text(each), str(name))
    return found


def _row(each: dict[str, Any], fields: dict[str, str], names: dict[str, str]) -> dict[str, str]:
    row: dict[str, list[str]] = {}
    members = each.get("elements")
    for element in members if isinstance(members, list) else ():
        name = fields.get(_text(element))
        if name and names.get(_text(element)):
            row.setdefault(name, []).append(names[_text(element)])
    cut = {"cast": "\n", "time": " ", "side": " ", "place": "\n"}
    flat = {name: cut.get(name, "、").join(values) for name, values in row.items()}
    levels = [
        part.strip()
        for part in flat.pop("place", "").replace(" - ", "\n").replace("-", "\n").split("\n")
        if part.strip()
    ]
    flat |= {f"place{at}": level for at, level in enumerate([*levels[:2], "-".join(levels[2:])], 1) if level}
    pages = each.get("pages")
    eighths = round(pages * 8) if isinstance(pages, int | float) and 0 <= pages < 1000 else 0
    flat |= {
        "number": _text(each.get("scene")),
        "summary": _text(each.get("description")),
        "notes": _text(each.get("comments")),
    }
    return flat | ({"pages": f"{eighths}/8"} if eighths else {})
