"""What a call sheet (通告单) says, gathered from the plan: head, who comes when, what is shot where, meals, permits.

The content is plain JSON of codes, names and figures (``documents.sheet_words`` says it in a language), frozen when the
sheet is sent; ``KEPT`` names what people write by hand, which gathering anew leaves alone. Telephone numbers go in for
the duties a crew calls on the day only.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from itertools import groupby
from math import asin, cos, radians, sin, sqrt
from typing import Any

from xiepai.kernel.clock import local
from xiepai.places.models import Place, Standing
from xiepai.planning.shoot.sun import sun
from xiepai.productions.models import CrewMember, Duty, Paper, PaperState, WorkStanding
from xiepai.productions.selectors import meals
from xiepai.shoots.models import CallSheet, EmergencyRoom, Plan, PlanDay, Strip, StripKind

KEPT = ("weather", "breakfast", "hint", "leave_minutes", "makeup_place")
#: Whom people ring on the day.
CALLED = (
    Duty.PRODUCER, Duty.DIRECTOR, Duty.SCHEDULER, Duty.LINE_PRODUCER, Duty.LOCATION, Duty.TRANSPORT, Duty.CATERING
)  # fmt: skip
#: Where the sun is asked for when no place of the day says where it is: the middle of the district.
MIDDLE = (31.70, 119.94)
LEAVE_MINUTES = 30


def gather(sheet: CallSheet) -> dict[str, Any]:
    """Everything the sheet says, from the board as it stands; hand-written parts are taken over."""
    plan = sheet.plan
    strips = _strips(plan, sheet)
    day = PlanDay.objects.filter(plan=plan, day=sheet.day, unit=sheet.unit).first()
    members = list(CrewMember.objects.filter(work=plan.work).order_by("id"))
    scenes = [strip for strip in strips if strip.kind == StripKind.SCENE]
    kept = {name: sheet.content[name] for name in KEPT if name in sheet.content}
    places = [strip.place for strip in scenes if strip.place is not None]
    return {
        **_head(plan, sheet, day, scenes),
        **_sky(sheet.day, places),
        "hospital": _nearest(places),
        "contacts": [[each.duty, each.duty_note, each.name, each.phone] for each in members if each.duty in CALLED],
        "director": "、".join(each.name for each in members if each.duty == Duty.DIRECTOR),
        "meals": [[diet.value, n] for diet, n in meals(members).items()],
        "roles": _roles(scenes, int(kept.get("leave_minutes", LEAVE_MINUTES)), kept.get("makeup_place", "")),
        "groups": _groups(strips),
        "permits": _permits(plan, places),
        **kept,
    }


def _strips(plan: Plan, sheet: CallSheet) -> list[Strip]:
    rows = Strip.objects.filter(plan=plan, plan_day__day=sheet.day, plan_day__unit=sheet.unit)
    rows = rows.select_related("scene__story_place", "place").prefetch_related("scene__roles", "scene__elements")
    return list(rows.order_by("position", "pk"))


def _head(plan: Plan, sheet: CallSheet, day: PlanDay | None, scenes: Sequence[Strip]) -> dict[str, Any]:
    shot = Strip.objects.filter(plan=plan, plan_day__unit=sheet.unit, kind=StripKind.SCENE)
    days = sorted(set(shot.values_list("plan_day__day", flat=True)))
    names = plan.unit_names
    return {
        "title": plan.work.title,
        "unit": names[sheet.unit] if sheet.unit < len(names) else "",
        "day": sheet.day.isoformat(),
        "shooting_day": sum(1 for each in days if each <= sheet.day),
        "days": len(days),
        "banner": day.banner if day else "",
        "scenes": len(scenes),
        "eighths": sum(strip.scene.eighths for strip in scenes if strip.scene),
        "call": _clock(scenes[0].starts_at) if scenes else "",
        "wrap": _clock(scenes[-1].ends_at) if scenes else "",
        "is_sample": plan.work.standing == WorkStanding.SAMPLE,
    }


def _sky(day: date, places: Sequence[Place]) -> dict[str, str]:
    at = next(((p.latitude, p.longitude) for p in places if p.latitude is not None and p.longitude is not None), MIDDLE)
    rise, fall = sun(day, *at)
    return {"sunrise": f"{rise // 60:02d}:{rise % 60:02d}", "sunset": f"{fall // 60:02d}:{fall % 60:02d}"}


def _nearest(places: Sequence[Place]) -> dict[str, Any]:
    here = next((p for p in places if p.latitude is not None and p.longitude is not None), None)
    rooms = list(EmergencyRoom.objects.filter(is_active=True))
    if here is None or here.latitude is None or here.longitude is None or not rooms:
        return {}
    spot = (here.latitude, here.longitude)
    metres, room = min(((_metres(spot, (room.latitude, room.longitude)), room) for room in rooms), key=lambda x: x[0])
    return {
        "name": room.name,
        "address": room.address,
        "phone": room.phone,
        "metres": round(metres),
        "is_sample": room.standing != Standing.KNOWN,
    }


def _metres(a: tuple[float, float], b: tuple[float, float]) -> float:
    """Distance over the ground (haversine)."""
    north, east = radians(b[0] - a[0]), radians(b[1] - a[1])
    half = sin(north / 2) ** 2 + cos(radians(a[0])) * cos(radians(b[0])) * sin(east / 2) ** 2
    return 2 * 6_371_000 * asin(sqrt(half))


def _roles(scenes: Iterable[Strip], leave_minutes: int, makeup_place: str) -> list[dict[str, Any]]:
    """Per role: made up before the first scene, leaving for make-up before that."""
    found: dict[int, dict[str, Any]] = {}
    for strip in scenes:
        if strip.scene is None or strip.starts_at is None:
            continue
        for role in strip.scene.roles.all():
            row = found.setdefault(role.pk, {"role": role, "first": strip.starts_at, "scenes": []})
            row["scenes"].append(str(strip.scene))
    rows = sorted(found.values(), key=lambda row: (row["first"], row["role"].pk))
    return [_role(row, leave_minutes, makeup_place) for row in rows]


def _role(row: dict[str, Any], leave_minutes: int, makeup_place: str) -> dict[str, Any]:
    role, first = row["role"], row["first"]
    makeup = first - timedelta(minutes=role.makeup_minutes) if first else None
    return {
        "role": role.name,
        "actor": role.actor_name,
        "is_minor": role.is_minor,
        "makeup_place": makeup_place,
        "makeup": _clock(makeup),
        "leave": _clock(makeup - timedelta(minutes=leave_minutes) if makeup else None),
        "on_set": _clock(first),
        "scenes": row["scenes"],
    }


def _groups(strips: Sequence[Strip]) -> list[dict[str, Any]]:
    """Scenes that follow each other at one place; banners and meals open the group after them (转场提示)."""
    groups: list[dict[str, Any]] = []
    notes: list[str] = []
    for key, run in groupby(strips, key=lambda strip: (strip.kind == StripKind.SCENE, strip.place_id)):
        rows = list(run)
        if not key[0]:
            notes += [f"{_clock(row.starts_at)} {row.text}".strip() for row in rows]
            continue
        groups.append(_group(rows, notes, is_first=not groups))
        notes = []
    if notes:
        groups.append({"place": "", "address": "", "directions": "", "notes": notes, "moves_at": "", "scenes": []})
    return groups


def _group(rows: Sequence[Strip], notes: Sequence[str], *, is_first: bool) -> dict[str, Any]:
    place = rows[0].place
    return {
        "place": place.name if place else "",
        "address": place.address if place else "",
        "directions": place.directions if place else "",
        "notes": list(notes),
        "moves_at": "" if is_first else _clock(rows[0].starts_at),
        "scenes": [_scene(row) for row in rows],
    }


def _scene(row: Strip) -> dict[str, Any]:
    scene = row.scene
    if scene is None:
        return {}
    things: dict[str, list[str]] = {}
    for each in scene.elements.all():
        things.setdefault(each.kind, []).append(each.name)
    return {
        "scene": str(scene),
        "time": scene.time_of_day,
        "where": scene.inside_outside,
        "story_place": scene.story_place.name if scene.story_place else "",
        "eighths": scene.eighths,
        "starts": _clock(row.starts_at),
        "synopsis": scene.synopsis,
        "roles": [role.name for role in scene.roles.all()],
        "crowd": scene.crowd,
        "crowd_note": scene.crowd_note,
        "things": things,
        "marks": list(scene.marks),
        "note": scene.note,
    }


def _permits(plan: Plan, places: Sequence[Place]) -> list[dict[str, str]]:
    papers = Paper.objects.filter(work=plan.work, state=PaperState.ACCEPTED).exclude(number="").select_related("kind")
    rows = [{"name": paper.kind.zh, "name_en": paper.kind.en, "number": paper.number} for paper in papers]
    for place in {place.pk: place for place in places}.values():
        if place.restriction_note:
            rows.append({"name": place.name, "name_en": place.name_en, "number": place.restriction_note})
    return rows


def _clock(moment: datetime | None) -> str:
    return f"{local(moment):%H:%M}" if moment else ""
