"""Rows of a 场景表 or of a USS file become scenes; each cell is read with the same words as a heading.

Several values in a cell are divided by blanks, , ， 、 or lines. Pages of the table are kept as given.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from xiepai.script.fields import Fields, fields_of, is_setting
from xiepai.script.marks import in_text, marks_of
from xiepai.script.messages import Code, Problem
from xiepai.script.naming import mark_of
from xiepai.script.numerals import SIGNS, number
from xiepai.script.people import Names, names_of
from xiepai.script.scene_numbers import numbered
from xiepai.script.scenes import LINES_A_PAGE, Found, Mark, Paragraph, Part, Scene
from xiepai.script.source import Row
from xiepai.script.text import plain

_PIECES = re.compile(r"[\s,，、;；]+")
_PRESENT = re.compile(r"^(?:[√✓✔☑●○■*1xXvVyY是有]|[\u4e00-\u9fff].*)$")
_EIGHTHS = re.compile(r"^(?:(\d+)\s+)?(\d+)\s*/\s*8$")


def scenes_of_rows(rows: Sequence[Row]) -> tuple[list[Scene], list[Problem]]:
    """Scenes in the order of the rows, and the rows that say nothing."""
    scenes, problems, episode = [], [], None
    for row in rows:
        scene = _scene(row, episode)
        if not scene.number and not scene.place:
            if any(value.strip() for value in row.cells.values()):
                problems.append(Problem(Code.BAD_ROW, row.number))
            continue
        episode = scene.episode if "episode" in row.cells else episode
        scenes.append(scene)
    return scenes, problems


def _scene(row: Row, before: int | None) -> Scene:
    cell = {name: value.strip() for name, value in row.cells.items()}
    fields = _fields(cell)
    episode, said = _number(cell)
    names = _names(cell, row.roles)
    alerts = _pieces(cell.get("alert", ""))
    fields.settings += [each for each in alerts if is_setting(each)]
    said_marks = {mark: Found(mark, each, row.number) for each in alerts if (mark := mark_of(each)) is not None}
    rest = "、".join(each for each in alerts if not is_setting(each) and mark_of(each) is None)
    summary, notes = cell.get("summary", ""), tuple(each for each in (rest, cell.get("notes", "")) if each)
    body = [Paragraph(Part.ACTION, summary, row.number)] if summary else []
    eighths = eighths_of(cell.get("pages", ""))
    marks = marks_of((*fields.settings, *notes), tuple(fields.place), fields.time, fields.side, body,
                     tuple(names.crowd), tuple(names.cast), row.number)  # fmt: skip
    return Scene(
        key="", episode=_inherited(episode, cell, before),
        number=said, time=fields.time, time_said=fields.time_said, side=fields.side, place=tuple(fields.place),
        cast=tuple(names.cast), crowd=tuple(names.crowd), guests=tuple(names.guests),
        props=_pieces(cell.get("props", ""), cell.get("special_props", "")),
        costumes=_pieces(cell.get("costumes", ""), cell.get("makeup", "")),
        settings=tuple(dict.fromkeys(fields.settings)),
        marks=_more(marks, cell, said_marks, row.number), notes=notes, summary=summary,
        lines=round(eighths * LINES_A_PAGE / 8),
        seconds=0, line=row.number, last_line=row.number, heading=_heading(cell), body=tuple(body),
        reasons=_missing(said, fields, names), given_eighths=eighths,
    )  # fmt: skip


def _inherited(episode: int | None, cell: dict[str, str], before: int | None) -> int | None:
    """An empty cell below an episode (merged cells) means the same one."""
    return episode if episode is not None or cell.get("episode") or "episode" not in cell else before


def _fields(cell: dict[str, str]) -> Fields:
    """Time and side first; then the levels as they stand, each a name that is not cut further."""
    found = fields_of(f"{plain(cell.get('time', ''))} {plain(cell.get('side', ''))}", has_number=False)
    found.settings += found.place
    levels = [cell[each] for each in ("place1", "place2", "place3") if cell.get(each)] or [cell.get("location", "")]
    found.place = [re.sub(r"\s+", " ", each) for each in levels if each]
    return found


def _number(cell: dict[str, str]) -> tuple[int | None, str]:
    text = plain(cell.get("number", ""))
    episode = re.search(rf"[{SIGNS}]+", plain(cell.get("episode", "")))
    found = numbered(text) or numbered(f"场景{text}")
    said = found.number if found else re.sub(r"\.0$", "", text)
    own = number(episode.group()) if episode else None
    return (own if own is not None else found.episode if found else None), said


def _names(cell: dict[str, str], roles: tuple[str, ...]) -> Names:
    names = Names(cast=list(roles))
    names.take(cell.get("cast", ""))
    names.guests += [each for each in names_of(_comma(cell.get("guests", ""))) if each not in names.cast]
    names.crowd += [each for each in names_of(_comma(cell.get("crowd", ""))) if each not in names.crowd]
    return names


def _comma(text: str) -> str:
    return re.sub(r"\s+", "、", text)


def _pieces(*texts: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(each for text in texts for each in _PIECES.split(text) if each))


def _more(marks: tuple[Found, ...], cell: dict[str, str], said: dict[Mark, Found], line: int) -> tuple[Found, ...]:
    """Marks the table names itself, and what props and special props give, after the others."""
    found = {each.mark: each for each in marks} | said
    for each in in_text(" ".join(cell.get(name, "") for name in ("props", "special_props")), line):
        found.setdefault(each.mark, each)
    return tuple(found.values())


def _heading(cell: dict[str, str]) -> str:
    names = ("episode", "number", "time", "side", "location", "place1", "place2", "place3")
    return " ".join(cell[each] for each in names if cell.get(each))


def _missing(said: str, fields: Fields, names: Names) -> tuple[Code, ...]:
    have = {Code.NO_NUMBER: said, Code.NO_TIME: fields.time, Code.NO_SIDE: fields.side, Code.NO_PLACE: fields.place}
    missing = [code for code, value in have.items() if not value]
    return (*missing, *([] if names.cast or names.crowd or names.guests else [Code.NO_CAST]))


def eighths_of(text: str) -> int:
    """Eighths of a page: ``1 3/8``, ``0.4``, ``2页``.

    >>> [eighths_of(each) for each in ("1 3/8", "0.4", "2页", "", "-1", "很长")]
    [11, 3, 16, 0, 0, 0]
    """
    text = plain(text).removesuffix("页").strip()
    if match := _EIGHTHS.match(text):
        return int(match[1] or 0) * 8 + int(match[2])
    if re.fullmatch(r"\d{1,3}(?:\.\d{1,4})?", text):
        return max(1, round(float(text) * 8)) if float(text) else 0
    return 0


def is_present(text: str) -> bool:
    """Whether the cell of a role's column says that the role is there.

    >>> [is_present(each) for each in ("√", "1", "", "0", "苏晚")]
    [True, True, False, False, True]
    """
    return bool(_PRESENT.match(text.strip()))
