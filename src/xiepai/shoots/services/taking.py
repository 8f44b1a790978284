"""From a reading to the breakdown: scenes matched, what people wrote kept, changes counted.

Which scene of the new draft is which old one is found by ``matching``; a renumbered scene keeps its work.
Minutes on the set are estimated (``MINUTES_ASSUMED``) and open to correction; nothing of it is a rule of the field.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from xiepai.script import Time
from xiepai.shoots.matching import match
from xiepai.shoots.models import CastRole, ElementKind, RoleKind, Scene, SceneElement, Script, StoryPlace, TimeOfDay

TIMES = tuple(each.value for each in Time)
SIDES = {"in": "inside", "out": "outside", "both": "both"}
#: Assumed minutes on the set: so many for any scene, so many more an eighth of a page. About 20 scenes in 14 hours.
MINUTES_ASSUMED = (15, 5)
#: A role in at least this share of the scenes is called a lead until somebody says otherwise. Assumed.
LEAD_SHARE = 0.3
#: Columns of a scene that no reading writes.
_LEFT = {"id", "work", "edited", "crowd", "shot_state"}
_SPLIT = re.compile(r"[\s,，、;；]+")


def split_names(text: str) -> list[str]:
    """Names as sheets write them, split by space, comma or 、.

    >>> split_names("林晚、许舟，小满 邮差")
    ['林晚', '许舟', '小满', '邮差']
    """
    return [part for part in _SPLIT.split(text) if part]


def wanted(script: Script) -> Iterator[dict[str, Any]]:
    """The scenes of the reading that are scenes."""
    return (scene for scene in script.reading["scenes"] if not scene.get("is_out"))


def preview(script: Script) -> dict[str, Any]:
    """What taking the reading over would do, without doing it: scenes new, changed, renumbered, gone; how many stay."""
    rows, found = _present(script), list(wanted(script))
    return _changes(rows, found, match(rows, found, script.text))


def take_over(script: Script) -> dict[str, Any]:
    """Write the reading into the breakdown; returns what :func:`preview` promised.

    However many scenes, the statements are as many: everything is written in bulk.
    """
    rows, reading = _present(script), list(wanted(script))
    same = match(rows, reading, script.text)
    changes = _changes(rows, reading, same)
    places, roles = _places(script), _roles(script)
    # numbers may change hands: every scene steps aside before the first takes its new one
    Scene.objects.filter(pk__in=[row.pk for row in rows]).update(is_removed=True)
    pairs = [(same.get(at) or Scene(work=script.work), found) for at, found in enumerate(reading)]
    for position, (scene, found) in enumerate(pairs):
        scene.episode, scene.number, scene.is_removed = found["episode"], found["number"], False
        _fill(scene, found, script, position, places)
    written = [field.name for field in Scene._meta.concrete_fields if field.name not in _LEFT]
    scenes = [scene for scene, _found in pairs]
    Scene.objects.bulk_create(scenes, update_conflicts=True, unique_fields=["id"], update_fields=written)
    _link_roles(pairs, roles)
    _link_elements(pairs)
    return changes


def _changes(rows: Sequence[Scene], found: Sequence[dict[str, Any]], same: dict[int, Scene]) -> dict[str, Any]:
    moved = [f"{_name(row)} → {_key(found[at])}" for at, row in same.items() if _name(row) != _key(found[at])]
    changed = [_key(found[at]) for at, row in same.items() if _differs(row, found[at])]
    kept = {row.pk for row in same.values()}
    return {
        "new": [_key(each) for at, each in enumerate(found) if at not in same],
        "changed": changed,
        "moved": moved,
        "gone": [_name(row) for row in rows if row.pk not in kept],
        "same": len(same) - len(changed),
    }


def _present(script: Script) -> list[Scene]:
    rows = Scene.objects.filter(work=script.work, is_removed=False).select_related("story_place")
    return list(rows.prefetch_related("roles"))


def _differs(scene: Scene, found: dict[str, Any]) -> bool:
    place = "-".join(found["place"])
    names = {role.name for role in scene.roles.all()} | {name for role in scene.roles.all() for name in role.aliases}
    said = {
        "time_of_day": (scene.time_of_day, found["time"] or TimeOfDay.UNKNOWN.value),
        "inside_outside": (scene.inside_outside, SIDES.get(found["side"] or "", "unknown")),
        "story_place": (scene.story_place.name if scene.story_place else "", place),
        "synopsis": (scene.synopsis, found["summary"]),
        "eighths": (scene.eighths, found["eighths"]),
    }
    plain = any(was != new for name, (was, new) in said.items() if name not in scene.edited)
    return plain or ("roles" not in scene.edited and not {*found["cast"], *found["guests"]} <= names)


def _fill(scene: Scene, found: dict[str, Any], script: Script, position: int, places: dict[str, StoryPlace]) -> None:
    base, each_eighth = MINUTES_ASSUMED
    values: dict[str, Any] = {
        "time_of_day": found["time"] or TimeOfDay.UNKNOWN.value,
        "time_note": found["time_said"][:20],
        "inside_outside": SIDES.get(found["side"] or "", "unknown"),
        "story_place": places.get("-".join(found["place"])),
        "synopsis": found["summary"],
        "eighths": found["eighths"],
        "minutes": base + each_eighth * found["eighths"],
        "crowd_note": "、".join(found["crowd"])[:120],
        "marks": list(dict.fromkeys(mark["mark"] for mark in found["marks"])),
        "note": "；".join([*found["settings"], *found["notes"]])[:300],
    }
    for name, value in values.items():
        if name not in scene.edited:
            setattr(scene, name, value)
    scene.script, scene.position, scene.heading = script, position, found["heading"][:200]
    scene.line_from, scene.line_to = found["line"], found["last_line"]
    scene.confidence = "high" if found["confidence"] >= 80 else "mid" if found["confidence"] >= 50 else "low"
    scene.reasons = [str(reason)[:120] for reason in found["reasons"]]


def _link_roles(pairs: Sequence[tuple[Scene, dict[str, Any]]], roles: dict[str, CastRole]) -> None:
    free = [(scene, found) for scene, found in pairs if "roles" not in scene.edited]
    wished = dict.fromkeys(
        (scene.pk, roles[name].pk) for scene, found in free for name in [*found["cast"], *found["guests"]]
    )
    link = Scene.roles.through
    rows = link.objects.filter(scene__in=[scene.pk for scene, _found in free])
    there = {(row.scene_id, row.castrole_id): row.pk for row in rows}
    link.objects.filter(pk__in=[pk for pair, pk in there.items() if pair not in wished]).delete()
    link.objects.bulk_create(link(scene_id=pair[0], castrole_id=pair[1]) for pair in wished if pair not in there)


def _link_elements(pairs: Sequence[tuple[Scene, dict[str, Any]]]) -> None:
    free = [(scene, found) for scene, found in pairs if "elements" not in scene.edited]
    SceneElement.objects.filter(scene__in=[scene.pk for scene, _found in free], is_cue=True).delete()
    rows = [
        SceneElement(scene=scene, kind=kind, name=name[:80])
        for scene, found in free
        for kind, part in ((ElementKind.PROP, "props"), (ElementKind.COSTUME, "costumes"))
        for name in found[part]
    ]
    # a thing may be said twice, or be there by a person's hand
    SceneElement.objects.bulk_create(rows, ignore_conflicts=True)


def _places(script: Script) -> dict[str, StoryPlace]:
    found = {"-".join(scene["place"]): scene["place"] for scene in wanted(script) if scene["place"]}
    known = {place.name: place for place in StoryPlace.objects.filter(work=script.work)}
    for name, levels in found.items():
        short = name[:120]
        if short not in known:
            known[short] = StoryPlace(work=script.work, name=short, levels=[part[:60] for part in levels])
    StoryPlace.objects.bulk_create([place for place in known.values() if place.pk is None])
    return {name: known[name[:120]] for name in found}


def _roles(script: Script) -> dict[str, CastRole]:
    counts: dict[str, int] = {}
    guests: set[str] = set()
    scenes = list(wanted(script))
    for scene in scenes:
        for name in dict.fromkeys([*scene["cast"], *scene["guests"]]):
            counts[name] = counts.get(name, 0) + 1
        guests.update(scene["guests"])
    known: dict[str, CastRole] = {}
    for role in CastRole.objects.filter(work=script.work):
        known.update(dict.fromkeys([role.name, *role.aliases], role))
    for name, count in counts.items():
        if name not in known:
            is_lead = count >= LEAD_SHARE * len(scenes)
            kind = RoleKind.GUEST if name in guests else RoleKind.LEAD if is_lead else RoleKind.SUPPORTING
            known[name] = CastRole(work=script.work, name=name[:60], kind=kind)
    CastRole.objects.bulk_create([role for role in known.values() if role.pk is None])
    return known


def _key(found: dict[str, Any]) -> str:
    return found["number"] if found["episode"] is None else f"{found['episode']}-{found['number']}"


def _name(row: Scene) -> str:
    return str(row)
