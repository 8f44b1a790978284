"""USS, the Universal Schedule Standard: the breakdown part. Boards and calendars belong to the plan and are its to add.

Every element has an id made from what it is, so that the same script gives the same file. Keys that begin with ``_``
are this house's own. All keys of the standard are there; what is not known is null.
"""

from __future__ import annotations

import json
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from xiepai.script.reading import uss
from xiepai.script.scenes import Breakdown, Scene
from xiepai.script.writing.paragraphs import full_number, side_word, time_word

VERSION = "1.0.0"
_CATEGORIES = {
    uss.SET: "Set",
    uss.SIDE: "INT/EXT",
    uss.TIME: "Day/Night",
    uss.CAST: "Cast Members",
    uss.CROWD: "Background Actors",
    uss.PROPS: "Props",
    uss.COSTUMES: "Wardrobe",
    uss.NOTES: "Notes",
}


def to_uss(breakdown: Breakdown, created: str | None = None) -> str:
    """The breakdown as USS; ``created`` is an ISO time, if the caller has a clock."""
    return json.dumps({"universalScheduleStandard": as_uss(breakdown, created)}, ensure_ascii=False, indent=1)


def as_uss(breakdown: Breakdown, created: str | None = None) -> dict[str, Any]:
    """The inner object, for a plan to add its boards to."""
    named = {each.key: elements(each) for each in breakdown.scenes}
    known: dict[int, dict[str, None]] = {number: {} for number in _CATEGORIES}
    for found in named.values():
        for number, name in found:
            known[number][name] = None
    return {
        **dict.fromkeys(("author", "company", "description", "episode", "episodeName", "schedColor", "schedDate")),
        **dict.fromkeys(("scriptColor", "scriptDate", "season")),
        "id": identity("script", breakdown.title),
        "created": created,
        "name": breakdown.title,
        "project": breakdown.title,
        "source": "Xiepai",
        "version": VERSION,
        "breakdowns": [_breakdown(each, named[each.key], created) for each in breakdown.scenes],
        "calendars": [],
        "categories": [_category(number, list(names), created) for number, names in known.items()],
        "elements": [_element(number, name, created) for number, names in known.items() for name in names],
        "stripboards": [],
    }


def identity(*parts: object) -> str:
    """An id made from what a thing is."""
    return uuid5(NAMESPACE_URL, "xiepai:" + "\n".join(map(str, parts))).hex


def elements(scene: Scene) -> list[tuple[int, str]]:
    """What a scene needs, by category."""
    single = ((uss.SET, "-".join(scene.place)), (uss.SIDE, side_word(scene)), (uss.TIME, time_word(scene)))
    several = (
        (uss.CAST, scene.cast),
        (uss.CROWD, scene.crowd),
        (uss.PROPS, scene.props),
        (uss.COSTUMES, scene.costumes),
        (uss.NOTES, scene.settings),
    )
    return [each for each in single if each[1]] + [(number, name) for number, names in several for name in names]


def _breakdown(scene: Scene, found: list[tuple[int, str]], created: str | None) -> dict[str, Any]:
    return {
        "id": identity("scene", scene.key),
        "comments": "；".join(scene.notes),
        "created": created,
        "description": scene.summary,
        "elements": [identity(*each) for each in found],
        "pages": scene.eighths / 8,
        "scene": full_number(scene),
        "scriptPage": None,
        "time": None,
        "type": "scene",
    }


def _category(number: int, names: list[str], created: str | None) -> dict[str, Any]:
    members = [identity(number, name) for name in names]
    return {
        "id": identity("category", number),
        "created": created,
        "elements": members,
        "name": _CATEGORIES[number],
        "ucid": number,
    }


def _element(number: int, name: str, created: str | None) -> dict[str, Any]:
    return {
        "id": identity(number, name),
        "created": created,
        "doodDropAllow": False,
        "doodDropDays": 10,
        "doodHoldAllow": True,
        "doodInclude": number == uss.CAST,
        "elementId": "",
        "elementIdLock": False,
        "events": [],
        "linkedElements": [],
        "name": name,
    }
