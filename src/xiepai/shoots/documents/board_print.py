"""The stripboard on paper: a bar over each day, its strips in the colours of the trade, the day's sums and cast below.

What the board shows, less its money: the print goes to the whole crew. Scenes on no day stand at the end.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from xiepai.kernel import clock
from xiepai.kernel.printing import pdf_of
from xiepai.shoots.documents.sheet_words import day_name, pages
from xiepai.shoots.models import InsideOutside, Plan, Scene, Strip, StripKind, TimeOfDay
from xiepai.shoots.selectors_plans import BoardView, Column, board_view

TEMPLATE = Path(__file__).with_name("board.typ")


def board_pdf(plan: Plan) -> bytes:
    """The PDF of a plan's board."""
    return pdf_of(TEMPLATE, printed(plan))


def printed(plan: Plan) -> dict[str, Any]:
    """Everything ``board.typ`` draws."""
    view = board_view(plan)
    used = [column for column in view.columns if any(strip.kind != StripKind.MEAL for strip in column.strips)]
    flags = {pk: [flag[_language()] for flag in view.flags if pk in flag["strips"]] for pk in view.flagged}
    return {
        "lang": _language(),
        "title": f"{plan.work} {plan.name}",
        "state": f"{plan.get_state_display()} · {_('第 %(n)s 次改动') % {'n': plan.revision}}",
        "total": _totals(view),
        "columns": [
            _("时间"),
            _("场"),
            _("气氛"),
            _("场景"),
            _("场地"),
            _("主要内容"),
            _("页数"),
            _("分钟"),
            _("角色"),
        ],
        "key": [[light, word] for light, word in lights().items()],
        "days": [_day(number, column, flags) for number, column in enumerate(used, 1)],
        "boneyard": _boneyard(view.boneyard, flags),
        "footer": f"{plan.work} {plan.name} · {clock.local(clock.now()):%Y-%m-%d %H:%M}",
    }


def lights() -> dict[str, str]:
    """The colours of strips and what they mean."""
    return {
        "day-in": _("日内"), "day-out": _("日外"), "night-in": _("夜内"), "night-out": _("夜外"), "twilight": _("晨昏"),
    }  # fmt: skip


def light_of(scene: Scene) -> str:
    """The colour of a scene's strip."""
    if scene.time_of_day in {TimeOfDay.DAWN, TimeOfDay.DUSK, TimeOfDay.CHANGING}:
        return "twilight"
    is_outside = scene.inside_outside in {InsideOutside.OUTSIDE, InsideOutside.BOTH}
    return f"{'night' if scene.time_of_day == TimeOfDay.NIGHT else 'day'}-{'out' if is_outside else 'in'}"


def _language() -> str:
    return "en" if (get_language() or "").startswith("en") else "zh"


def _totals(view: BoardView) -> str:
    placed = [strip for column in view.columns for strip in column.strips if strip.scene]
    dates = {column.day.day for column in view.columns if column.day and column.scenes}
    eighths = sum(strip.scene.eighths for strip in placed if strip.scene)
    words = _("共 %(days)s 天，%(scenes)s 场，%(pages)s 页") % {
        "days": len(dates), "scenes": len(placed), "pages": pages(eighths),
    }  # fmt: skip
    return f"{words} · {_('%(n)s 面红旗') % {'n': len(view.flags)}}" if view.flags else words


def _day(number: int, column: Column, flags: dict[int, list[str]]) -> dict[str, Any]:
    day, hours = column.day, column.hours
    called = f"{hours[0]:%H:%M}–{hours[1]:%H:%M}" if hours else ""
    return {
        "name": f"{day_name(day.day) if day else ''} {column.unit_name}",
        "nth": _("第 %(n)s 天") % {"n": number},
        "hours": called,
        "banner": day.banner if day else "",
        "strips": [_strip(strip, flags) for strip in column.strips],
        "sum": _sum(column),
        "cast": _cast(column),
    }


def _sum(column: Column) -> str:
    parts = [_("%(n)s 场") % {"n": column.scenes}, _("%(n)s 页") % {"n": pages(column.eighths)}]
    return " · ".join([*parts, *([f"{column.minutes / 60:.1f} h"] if column.minutes else [])])


def _cast(column: Column) -> str:
    """Who is called that day, each with how many scenes."""
    counts: dict[str, int] = {}
    for strip in column.strips:
        for role in strip.scene.roles.all() if strip.scene else ():
            counts[role.name] = counts.get(role.name, 0) + 1
    crowd = max((strip.scene.crowd for strip in column.strips if strip.scene), default=0)
    names = [f"{name} {n}" for name, n in sorted(counts.items(), key=lambda pair: -pair[1])]
    return "、".join([*names, *([_("群演 %(n)s") % {"n": crowd}] if crowd else [])])


def _boneyard(column: Column, flags: dict[int, list[str]]) -> dict[str, Any] | None:
    if not column.strips:
        return None
    return {"name": _("待排区"), "sum": _sum(column), "strips": [_strip(strip, flags) for strip in column.strips]}


def _strip(strip: Strip, flags: dict[int, list[str]]) -> dict[str, Any]:
    starts = f"{clock.local(strip.starts_at):%H:%M}" if strip.starts_at else ""
    scene = strip.scene
    if scene is None:
        return {"light": "", "time": starts, "text": strip.text, "cells": [], "flags": []}
    known = [scene.get_time_of_day_display() if scene.time_of_day != TimeOfDay.UNKNOWN else ""]
    known.append(scene.get_inside_outside_display() if scene.inside_outside != InsideOutside.UNKNOWN else "")
    crowd = [_("群演 %(n)s") % {"n": scene.crowd}] if scene.crowd else []
    cast = "、".join([*(role.name for role in scene.roles.all()), *crowd])
    place = strip.place
    where = "" if place is None else (place.name_en if _language() == "en" and place.name_en else place.name)
    light = ("" if _language() == "zh" else " ").join(part for part in known if part)
    story = str(scene.story_place or "")
    cells = [str(scene), light, story, where, scene.synopsis, pages(scene.eighths), str(scene.minutes), cast]
    return {"light": light_of(scene), "time": starts, "text": "", "cells": cells, "flags": flags.get(strip.pk, [])}
