"""A work's breakdown as a screenplay (Fountain, FDX); it and a plan's boards as USS, the Universal Schedule Standard.

Always: every scene of the work, with its set, cast, crowd and things; a plan adds its days in order (also those without
a scene between its first and last, so that dates follow from the first), one board a unit, and the boneyard. What the
standard has no key for begins with ``_``. Never: fees, prices or telephone numbers.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from xiepai.kernel import clock
from xiepai.productions.models import Work
from xiepai.script import Breakdown, Found, Mark, Paragraph, Part, Side, Time, read_script
from xiepai.script import Scene as Read
from xiepai.script.source import Format
from xiepai.script.writing.schedules import as_uss, identity
from xiepai.script.writing.screenplays import to_fdx, to_fountain
from xiepai.shoots.models import ElementKind, Plan, PlanDay, RoleKind, Scene, Script, Strip, StripKind
from xiepai.shoots.place_facts import unit_name
from xiepai.shoots.services.taking import SIDES
from xiepai.shoots.tables import scenes_of

_SIDE = {code: Side(side) for side, code in SIDES.items()}
_TIMES = {each.value: each for each in Time}
_PROPS = (ElementKind.PROP, ElementKind.SPECIAL_PROP, ElementKind.VEHICLE, ElementKind.ANIMAL)
_CLOTHES = (ElementKind.COSTUME, ElementKind.MAKEUP)


def work_uss(work: Work) -> bytes:
    """The breakdown of a work."""
    return _written(_root(work, scenes_of(work)))


def work_fountain(work: Work) -> bytes:
    """The scenes as Fountain: heads and cast as they stand in the breakdown, what is said from the script."""
    return to_fountain(_screenplay(work)).encode()


def work_fdx(work: Work) -> bytes:
    """The same as Final Draft XML."""
    return to_fdx(_screenplay(work)).encode()


def plan_uss(plan: Plan) -> bytes:
    """The breakdown of the plan's work with the plan's days, boards and calendar."""
    scenes = scenes_of(plan.work)
    root = _root(plan.work, scenes)
    strips = list(Strip.objects.filter(plan=plan).order_by("position", "pk"))
    days = list(plan.days.order_by("day", "unit"))
    boards = _Boards(plan, days, strips, {scene.pk: identity("scene", str(scene)) for scene in scenes})
    root["name"], root["schedDate"] = plan.name, root["created"]
    root["breakdowns"] += boards.others
    root["stripboards"] = [
        {
            "id": identity("stripboard", plan.pk),
            "name": plan.name,
            "calendar": identity("calendar", plan.pk),
            "boards": boards.boards,
        }
    ]
    root["calendars"] = [boards.calendar()]
    return _written(root)


def breakdown_of(work: Work, scenes: Iterable[Scene]) -> Breakdown:
    """The breakdown as the reader of scripts knows one."""
    return Breakdown(tuple(_scene(each) for each in scenes), (), Format.USS, str(work))


def _root(work: Work, scenes: Sequence[Scene]) -> dict[str, Any]:
    root = as_uss(breakdown_of(work, scenes), _moment())
    for sheet, scene in zip(root["breakdowns"], scenes, strict=True):
        sheet["time"] = scene.minutes * 60_000
    return root


def _screenplay(work: Work) -> Breakdown:
    scenes = scenes_of(work)
    bodies = _bodies(scenes)
    found = breakdown_of(work, scenes)
    told = (
        replace(read, body=bodies.get((scene.script_id or 0, scene.line_from)) or _summary(scene))
        for read, scene in zip(found.scenes, scenes, strict=True)
    )
    return replace(found, scenes=tuple(told))


def _bodies(scenes: Iterable[Scene]) -> dict[tuple[int, int], tuple[Paragraph, ...]]:
    """By script and first line; who is there says the breakdown, not the script's own line."""
    texts = Script.objects.filter(pk__in={scene.script_id for scene in scenes}).values_list("pk", "text")
    return {
        (pk, read.line): tuple(_printable(each) for each in read.body if each.part is not Part.CAST)
        for pk, text in texts
        if text
        for read in read_script(text.encode(), "script.txt").scenes
    }


def _summary(scene: Scene) -> tuple[Paragraph, ...]:
    """What stands for the text of a scene that no script tells."""
    lines = (line.strip() for line in scene.synopsis.splitlines())
    return tuple(_printable(Paragraph(Part.ACTION, line)) for line in lines if line)


def _printable(each: Paragraph) -> Paragraph:
    """Without the signs XML refuses."""
    return replace(each, text="".join(sign for sign in each.text if sign.isprintable()))


def _scene(scene: Scene) -> Read:
    things: dict[str, list[str]] = {}
    for each in scene.elements.all():
        things.setdefault(each.kind, []).append(each.name)
    roles = list(scene.roles.all())
    place = scene.story_place
    return Read(
        key=str(scene), episode=scene.episode, number=scene.number,
        time=_TIMES.get(scene.time_of_day), time_said=scene.time_note, side=_SIDE.get(scene.inside_outside),
        place=tuple(place.levels) if place else (),
        cast=tuple(role.name for role in sorted(roles, key=lambda role: role.kind == RoleKind.GUEST)),
        crowd=_crowd(scene), props=_of(things, _PROPS), costumes=_of(things, _CLOTHES),
        marks=tuple(Found(Mark(mark), mark) for mark in scene.marks if mark in set(Mark)),
        notes=(scene.note,) if scene.note else (), summary=scene.synopsis, given_eighths=scene.eighths,
    )  # fmt: skip


def _of(things: dict[str, list[str]], kinds: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for kind in kinds for name in things.get(kind, ())))


def _crowd(scene: Scene) -> tuple[str, ...]:
    if scene.crowd_note:
        return tuple(part for part in scene.crowd_note.split("、") if part)
    return (f"群众演员{scene.crowd}人",) if scene.crowd else ()


class _Boards:
    """Strips as boards: a day strip closes each day; banners and meals are sheets of their own."""

    def __init__(self, plan: Plan, days: Sequence[PlanDay], strips: Sequence[Strip], sheets: dict[int, str]) -> None:
        self.plan, self.sheets, self.others = plan, sheets, list[dict[str, Any]]()
        self.of_day: dict[int | None, list[Strip]] = {}
        for strip in strips:
            self.of_day.setdefault(strip.plan_day_id, []).append(strip)
        used = {day.day for day in days if any(strip.scene_id for strip in self.of_day.get(day.pk, ()))}
        self.dates = [day for day in dict.fromkeys(day.day for day in days) if day in used]
        self.off = [day for day in dict.fromkeys(day.day for day in days) if self._is_off(day)]
        self.boards = [self._board(unit, days) for unit in range(len(plan.unit_names))]
        self.boards.append(self._boneyard())

    def calendar(self) -> dict[str, Any]:
        """The first day, and the days between the first and the last on which nobody shoots."""
        events = [self._event("start", self.dates[0])] if self.dates else []
        events += [self._event("dayOff", day) for day in self.off]
        return {"id": identity("calendar", self.plan.pk), "name": self.plan.name, "daysOff": [], "events": events}

    def _is_off(self, day: date) -> bool:
        return bool(self.dates) and self.dates[0] < day < self.dates[-1] and day not in self.dates

    def _board(self, unit: int, days: Sequence[PlanDay]) -> dict[str, Any]:
        ids: list[str] = []
        for day in (each for each in days if each.unit == unit and each.day in self.dates):
            ids += [key for strip in self.of_day.get(day.pk, ()) if (key := self._sheet_of(strip))]
            ids.append(self._other("day", f"{day.day.isoformat()} {day.unit}", day.banner, day.day))
        name = "stripboard" if unit == 0 else unit_name(self.plan, unit)
        return {"id": identity("board", self.plan.pk, unit), "name": name, "breakdownIds": ids}

    def _boneyard(self) -> dict[str, Any]:
        """The scenes on no day; those of the work the board does not have lie there too."""
        placed = {strip.scene_id for key, found in self.of_day.items() if key for strip in found}
        ids = [key for pk, key in self.sheets.items() if pk not in placed]
        return {"id": identity("board", self.plan.pk, "boneyard"), "name": "boneyard", "breakdownIds": ids}

    def _sheet_of(self, strip: Strip) -> str | None:
        if strip.kind == StripKind.SCENE:
            return self.sheets.get(strip.scene_id or 0)
        return self._other("banner", strip.pk, strip.text, None)

    def _other(self, kind: str, key: object, text: str, day: date | None) -> str:
        sheet = dict.fromkeys(("comments", "pages", "scene", "scriptPage", "time"))
        found = {**sheet, "id": identity(kind, self.plan.pk, key), "created": _moment(), "description": text}
        self.others.append({**found, "elements": [], "type": kind, **({"_date": day.isoformat()} if day else {})})
        return str(found["id"])

    def _event(self, kind: str, day: date) -> dict[str, Any]:
        name = None if kind == "start" else kind
        return {
            "id": identity("event", self.plan.pk, kind, day),
            "date": f"{day.isoformat()}T00:00:00.000Z",
            "type": kind,
            "name": name,
        }


def _moment() -> str:
    return f"{clock.now():%Y-%m-%dT%H:%M:%S}.000Z"


def _written(root: dict[str, Any]) -> bytes:
    return json.dumps({"universalScheduleStandard": root}, ensure_ascii=False, indent=1).encode()
