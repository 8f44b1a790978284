"""Corrections put on a breakdown: one scene's fields, and names or places brought under one, all at once.

The breakdown read from the file stays as it is; what comes out is a new one. Marks are found again where the place,
the light or the cast changed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from xiepai.script.marks import marks_of
from xiepai.script.merging import FIELDS, Corrections
from xiepai.script.messages import Code
from xiepai.script.scenes import Breakdown, Scene, Side, Time

EDITABLE = (*(each for each in FIELDS if each != "eighths"), "given_eighths", "number", "episode", "summary", "notes")
_ANSWERED = {
    "number": Code.NO_NUMBER,
    "time": Code.NO_TIME,
    "side": Code.NO_SIDE,
    "place": Code.NO_PLACE,
    "cast": Code.NO_CAST,
}


def corrected(found: Breakdown, corrections: Corrections) -> Breakdown:
    """The breakdown with corrections by scene key; a reason that a correction answers is gone. Raises ``ValueError``
    for a field that may not be corrected.
    """
    scenes = tuple(_scene(each, corrections[each.key]) if each.key in corrections else each for each in found.scenes)
    answered = {
        each.line: set(before.reasons) - set(each.reasons) for each, before in zip(scenes, found.scenes, strict=True)
    }
    problems = tuple(each for each in found.problems if each.code not in answered.get(each.line, ()))
    return replace(found, scenes=scenes, problems=problems)


def _scene(scene: Scene, changes: Mapping[str, Any]) -> Scene:
    if unknown := set(changes) - set(EDITABLE):
        raise ValueError(f"not to be corrected: {', '.join(sorted(unknown))}")
    values = dict(changes)
    if "time" in values:
        values["time"] = Time(values["time"]) if values["time"] else None
        values["time_said"] = ""
    if "side" in values:
        values["side"] = Side(values["side"]) if values["side"] else None
    values = {key: tuple(value) if isinstance(value, list) else value for key, value in values.items()}
    answered = {_ANSWERED[key] for key in values if key in _ANSWERED and values[key]}
    if "side" in values:
        answered.add(Code.SIDE_FROM_PLACE)
    reasons = tuple(each for each in scene.reasons if each not in answered)
    return _marked(replace(scene, reasons=reasons, **values))


def _marked(scene: Scene) -> Scene:
    head = (*scene.settings, *scene.notes)
    marks = marks_of(head, scene.place, scene.time, scene.side, scene.body, scene.crowd, scene.cast, scene.line)
    return replace(scene, marks=marks)


def unanswered(reasons: Iterable[str], fields: Mapping[str, Any]) -> list[Code]:
    """The reasons that still hold for a scene with these fields: what is missing no longer, is no reason.

    >>> [str(each) for each in unanswered(["no_time", "no_side", "glued"], {"time": "night", "side": None})]
    ['no_side', 'glued']
    """
    answered = {code for name, code in _ANSWERED.items() if fields.get(name)}
    return [code for code in map(Code, reasons) if code not in answered]


def renamed(found: Breakdown, names: Mapping[str, str], places: Mapping[str, str] | None = None) -> Breakdown:
    """Roles and places (levels joined by hyphens) under another name; two that become one stand once.

    >>> from xiepai.script import read_script
    >>> found = read_script("1-1 日 内 苏家客厅\\n人物：苏婉、陆沉\\n△走。".encode(), "a.txt")
    >>> scene = renamed(found, {"苏婉": "苏晚"}, {"苏家客厅": "苏家-客厅"}).scenes[0]
    >>> scene.cast, scene.place
    (('苏晚', '陆沉'), ('苏家', '客厅'))
    """
    return replace(found, scenes=tuple(_renamed(each, names, places or {}) for each in found.scenes))


def _renamed(scene: Scene, names: Mapping[str, str], places: Mapping[str, str]) -> Scene:
    cast = tuple(dict.fromkeys(names.get(each, each) for each in scene.cast))
    place = tuple(places[scene.place_name].split("-")) if scene.place_name in places else scene.place
    return scene if (cast, place) == (scene.cast, scene.place) else _marked(replace(scene, cast=cast, place=place))
