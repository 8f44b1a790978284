"""A reading against the breakdown: which scene of the new draft is which one people already worked on.

The matching itself is ``script.merging``: by number where the words agree, then by the words alone, so that a
renumbered scene keeps its work. Here rows and readings are only put into the shape it takes.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from xiepai.script import Breakdown, Format, Paragraph, Part, Side, Time
from xiepai.script import Scene as Read
from xiepai.script.alike import Suggestion, suggestions
from xiepai.script.merging import merge
from xiepai.shoots.models import Scene, Script

_SIDE = {"inside": Side.INSIDE, "outside": Side.OUTSIDE, "both": Side.BOTH}


def match(rows: Sequence[Scene], reading: Sequence[dict[str, Any]], text: str) -> dict[int, Scene]:
    """Position in *reading* → the row of the breakdown that it is."""
    lines = text.split("\n")
    olds = _unique([(_key(row.episode, row.number), row) for row in rows])
    news = _unique([(_key(each["episode"], each["number"]), at) for at, each in enumerate(reading)])
    texts = {each.pk: each.text.split("\n") for each in Script.objects.filter(pk__in={row.script_id for row in rows})}
    before = [_of_row(key, row, texts.get(row.script_id or 0, [])) for key, row in olds.items()]
    after = [_of_reading(key, reading[at], lines) for key, at in news.items()]
    found = merge(_breakdown(before), _breakdown(after)).new_keys()
    return {news[new]: olds[old] for old, new in found.items()}


def alike(reading: Iterable[dict[str, Any]]) -> tuple[Suggestion, ...]:
    """Names and places that may be one written twice."""
    scenes = [_of_reading(str(at), each, []) for at, each in enumerate(reading)]
    return tuple(suggestions(_breakdown(scenes)))


def _breakdown(scenes: Iterable[Read]) -> Breakdown:
    return Breakdown(tuple(scenes), (), Format.TEXT)


def _unique(pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    """Keys made different where two scenes bear one number."""
    found: dict[str, Any] = {}
    for key, value in pairs:
        name = key
        while name in found:
            name += "+"
        found[name] = value
    return found


def _key(episode: int | None, number: str) -> str:
    return number if episode is None else f"{episode}-{number}"


def _of_row(key: str, row: Scene, lines: list[str]) -> Read:
    place = tuple(row.story_place.levels) if row.story_place else ()
    time = Time(row.time_of_day) if row.time_of_day in set(Time) else None
    return Read(
        key, row.episode, row.number, time, "", _SIDE.get(row.inside_outside), place,
        summary=row.synopsis, line=row.line_from, body=_body(lines, row.line_from, row.line_to),
    )  # fmt: skip


def _of_reading(key: str, found: dict[str, Any], lines: list[str]) -> Read:
    return Read(
        key, found["episode"], found["number"], Time(found["time"]) if found["time"] else None, "",
        Side(found["side"]) if found["side"] else None, tuple(found["place"]), cast=tuple(found["cast"]),
        summary=found["summary"], line=found["line"], body=_body(lines, found["line"], found["last_line"]),
    )  # fmt: skip


def _body(lines: list[str], heading: int, last: int) -> tuple[Paragraph, ...]:
    texts = (text for text in lines[heading:last] if text.strip())
    return tuple(Paragraph(Part.ACTION, text) for text in texts)
