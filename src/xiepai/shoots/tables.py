"""The tables a crew lives by, as rows for a sheet: 场景表, 顺场表, 顺景表, 拍摄计划, day out of days, elements.

Columns are the field's own, in Chinese whatever the reader's language: these sheets go to people outside and come back
in (``script`` reads them again). Numbers stay numbers.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any

from xiepai.kernel.clock import local
from xiepai.productions.models import Work
from xiepai.script.columns import field_of
from xiepai.script.naming import WORDS, word
from xiepai.shoots.documents.sheet_words import pages
from xiepai.shoots.models import (
    CastRole,
    ElementKind,
    Plan,
    RoleKind,
    Scene,
    Strip,
)
from xiepai.shoots.services.wraps import progress

Row = list[object]
Rows = Iterator[Row]

_TIME = {"day": "日", "night": "夜", "dawn": "晨", "dusk": "昏", "changing": "日转夜", "unknown": ""}
_WHERE = {"inside": "内", "outside": "外", "both": "内外", "unknown": ""}
_SHOT = {"waiting": "未拍", "partly": "部分完成", "done": "完成", "dropped": "删戏"}
_FIRST = ("集", "场", "特殊提醒", "气氛", "内外景", "拍摄地点", "主场景", "次场景", "三级场景", "主要内容", "页数")
_LAST = ("特约演员", "群众演员", "服装", "化妆", "道具", "特殊道具", "备注", "商植", "拍摄时间", "拍摄状态")
_MOST_ROLE_COLUMNS = 40
_LONGEST_HEAD = 8
"""As ``script.columns`` reads them back."""


def scenes_of(work: Work) -> list[Scene]:
    """The breakdown in script order, with everything a row needs: a fixed number of queries."""
    rows = Scene.objects.filter(work=work, is_removed=False).select_related("story_place")
    return list(rows.prefetch_related("roles", "elements", "story_place__candidates__place").order_by("position", "pk"))


def breakdown(work: Work) -> Rows:
    """场景表 (and 顺场表: the same in script order), one column for each main role."""
    scenes = scenes_of(work)
    mains = _main_roles(work)
    yield [*_FIRST, *mains.heads, *_LAST]
    for scene in scenes:
        yield _scene_row(scene, mains)


def by_set(work: Work) -> Rows:
    """顺景表: grouped by place, each group closed by its pages by 气氛 and 内外景."""
    mains = _main_roles(work)
    yield ["主场景", *_FIRST[:2], *_FIRST[3:6], *_FIRST[7:], *mains.heads, *_LAST]
    scenes = sorted(scenes_of(work), key=lambda scene: (_levels(scene)[0] == "", _levels(scene), scene.position))
    for name, group in groupby(scenes, key=lambda scene: _levels(scene)[0]):
        rows = list(group)
        for scene in rows:
            row = _scene_row(scene, mains)
            yield [name, *row[:2], *row[3:6], *row[7:]]
        yield [f"小计 {name}", len(rows), "场", *_pages_by(rows)]


def _pages_by(scenes: Sequence[Scene]) -> list[object]:
    totals: dict[tuple[str, str], int] = defaultdict(int)
    for scene in scenes:
        totals[(_TIME[scene.time_of_day], _WHERE[scene.inside_outside])] += scene.eighths
    said = "，".join(f"{time or '未写'}{where}：{pages(n)} 页" for (time, where), n in sorted(totals.items()))
    return [said, f"共 {pages(sum(totals.values()))} 页"]


def schedule(plan: Plan) -> Rows:
    """拍摄计划: the scenes in the order they are shot, with date, unit and planned hours."""
    mains = _main_roles(plan.work)
    done = progress(plan)
    days = {strip.plan_day.day for strip in placed(plan) if strip.plan_day and strip.scene_id}
    percent = round(100 * done["eighths_done"] / done["eighths"]) if done["eighths"] else 0
    yield [f"共计：{len(days)}天，{done['scenes']}场，{pages(done['eighths'])}页，{percent}%已完成"]
    yield ["日期", "组别", "开始", "结束", *_FIRST, *mains.heads, *_LAST]
    for strip in placed(plan):
        if strip.plan_day is None:
            continue
        when: Row = [strip.plan_day.day.isoformat(), _unit(plan, strip.plan_day.unit), *_hours(strip)]
        yield [*when, *_scene_row(strip.scene, mains, strip)] if strip.scene else [*when, strip.text]


def placed(plan: Plan) -> list[Strip]:
    """The strips that stand on a day, in the order they are shot."""
    rows = Strip.objects.filter(plan=plan, plan_day__isnull=False)
    rows = rows.select_related("plan_day", "place", "scene__story_place")
    rows = rows.prefetch_related("scene__roles", "scene__elements", "scene__story_place__candidates__place")
    return list(rows.order_by("plan_day__day", "plan_day__unit", "position", "pk"))


def days_out_of_days(plan: Plan) -> Rows:
    """Day out of days: each role on each day: S start, W work, H hold, F finish (SWF on an only day)."""
    worked: dict[int, set[date]] = defaultdict(set)
    roles: dict[int, CastRole] = {}
    days: set[date] = set()
    for strip in placed(plan):
        if strip.scene is None or strip.plan_day is None:
            continue
        days.add(strip.plan_day.day)
        for role in strip.scene.roles.all():
            roles[role.pk] = role
            worked[role.pk].add(strip.plan_day.day)
    columns = sorted(days)
    yield ["角色", "演员", *(day.isoformat() for day in columns), "工作日", "等待日", "合计"]
    for key in sorted(worked, key=lambda key: (min(worked[key]), key)):
        yield _days_row(roles[key], worked[key], columns)


def _days_row(role: CastRole, worked: set[date], columns: Sequence[date]) -> Row:
    first, last = min(worked), max(worked)
    marks = [_mark(day, first, last, is_worked=day in worked) for day in columns]
    held = sum(mark == "H" for mark in marks)
    return [role.name, role.actor_name, *marks, len(worked), held, len(worked) + held]


def _mark(day: date, first: date, last: date, *, is_worked: bool) -> str:
    """The letters of the trade for one role on one day."""
    if not first <= day <= last:
        return ""
    if not is_worked:
        return "H"
    return ("S" if day == first else "") + "W" + ("F" if day == last else "")


def elements(work: Work) -> Rows:
    """Every costume, prop, vehicle …: what it is, in which scenes, how often."""
    found: dict[tuple[str, str], list[str]] = defaultdict(list)
    for scene in scenes_of(work):
        for each in scene.elements.all():
            found[(each.kind, each.name)].append(str(scene))
    order = {kind: at for at, kind in enumerate(ElementKind.values)}
    yield ["类别", "名称", "场数", "场次"]
    for (kind, name), where in sorted(found.items(), key=lambda item: (order[item[0][0]], item[0][1])):
        yield [str(_ELEMENT[kind]), name, len(where), "、".join(where)]


_ELEMENT = {
    "costume": "服装",
    "makeup": "化妆",
    "prop": "道具",
    "special_prop": "特殊道具",
    "vehicle": "车辆",
    "animal": "动物",
    "effect": "特效",
    "placement": "商植",
    "other": "其他",
}

#: The tables of a work and of a plan, by the name in their address.
OF_WORK: dict[str, Callable[[Work], Rows]] = {"breakdown": breakdown, "by-set": by_set, "elements": elements}
OF_PLAN: dict[str, Callable[[Plan], Rows]] = {"schedule": schedule, "days-out-of-days": days_out_of_days}


@dataclass(frozen=True, slots=True)
class Mains:
    """The roles with a column of their own; ``has_rest`` when others stand together in 演员."""

    roles: tuple[CastRole, ...]
    has_rest: bool

    @property
    def heads(self) -> list[str]:
        """The headings of the columns."""
        return [*(role.name for role in self.roles), *(("演员",) if self.has_rest else ())]


def _main_roles(work: Work) -> Mains:
    """Those whose name reads as a column: short, and no column's own name."""
    roles = list(CastRole.objects.filter(work=work).exclude(kind=RoleKind.GUEST).order_by("kind", "pk"))
    fitting = [role for role in roles if len(role.name) <= _LONGEST_HEAD and field_of(role.name) is None]
    return Mains(tuple(fitting[:_MOST_ROLE_COLUMNS]), len(fitting[:_MOST_ROLE_COLUMNS]) < len(roles))


def _scene_row(scene: Scene, mains: Mains, strip: Strip | None = None) -> Row:
    roles = list(scene.roles.all())
    names = {role.pk for role in roles}
    columns = {role.pk for role in mains.roles}
    rest = [role for role in roles if role.pk not in columns and role.kind != RoleKind.GUEST]
    things: dict[str, list[str]] = defaultdict(list)
    for each in scene.elements.all():
        things[each.kind].append(each.name)
    planned = strip.plan_day.day.isoformat() if strip and strip.plan_day else ""
    return [
        "" if scene.episode is None else scene.episode,
        scene.number,
        "、".join(word(mark) for mark in scene.marks if mark in WORDS),
        _TIME[scene.time_of_day] if not scene.time_note else scene.time_note,
        _WHERE[scene.inside_outside],
        _real_place(scene, strip),
        *_levels(scene),
        scene.synopsis,
        pages(scene.eighths),
        *("√" if role.pk in names else "" for role in mains.roles),
        *(("、".join(role.name for role in rest),) if mains.has_rest else ()),
        "、".join(role.name for role in roles if role.kind == RoleKind.GUEST),
        scene.crowd_note or (scene.crowd or ""),
        "、".join(things[ElementKind.COSTUME]),
        "、".join(things[ElementKind.MAKEUP]),
        "、".join(things[ElementKind.PROP]),
        "、".join(things[ElementKind.SPECIAL_PROP]),
        scene.note,
        "、".join(things[ElementKind.PLACEMENT]),
        planned,
        _SHOT[scene.shot_state],
    ]


def _levels(scene: Scene) -> tuple[str, str, str]:
    levels = [*(scene.story_place.levels if scene.story_place else ()), "", "", ""]
    return (levels[0], levels[1], "-".join(part for part in levels[2:] if part))


def _real_place(scene: Scene, strip: Strip | None) -> str:
    if strip is not None and strip.place is not None:
        return strip.place.name
    candidates: Any = scene.story_place.candidates.all() if scene.story_place else ()
    return next((each.place.name for each in candidates if each.is_chosen), "")


def _unit(plan: Plan, unit: int) -> str:
    return str(plan.unit_names[unit]) if unit < len(plan.unit_names) else ""


def _hours(strip: Strip) -> list[str]:
    return [f"{local(each):%H:%M}" if each else "" for each in (strip.starts_at, strip.ends_at)]
