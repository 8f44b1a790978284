"""A stripboard as a value: taken before a change, laid down again by undo.

A layout holds every strip and day and the settings as plain JSON. Laying one down creates what is missing (a banner
taken off) and removes banners that were not there; strips of scenes are never created or removed, so a scene added
since stays.
"""

from __future__ import annotations

from datetime import datetime, time
from typing import Any

from xiepai.shoots import strip_rows
from xiepai.shoots.models import Plan, PlanDay, Strip, StripKind

Layout = dict[str, Any]
_STRIP = ("kind", "text", "plan_day_id", "position", "place_id", "starts_at", "ends_at", "not_before", "is_locked")
_DAY = ("call_at", "banner", "is_locked")


def take(plan: Plan) -> Layout:
    """The plan's days and strips as they are."""
    days = PlanDay.objects.filter(plan=plan).order_by("day", "unit").values("pk", *_DAY)
    strips = Strip.objects.filter(plan=plan).order_by("pk").values("pk", *_STRIP)
    return {
        "settings": plan.settings,
        "days": [{name: _plain(value) for name, value in row.items()} for row in days],
        "strips": [{name: _plain(value) for name, value in row.items()} for row in strips],
    }


def lay(plan: Plan, layout: Layout) -> None:
    """Put days and strips back as *layout* says; a strip whose day is gone lies in the boneyard."""
    plan.settings = layout["settings"]
    days = {each.pk: each for each in PlanDay.objects.filter(plan=plan)}
    for row in layout["days"]:
        if (day := days.get(row["pk"])) is not None:
            day.call_at = time.fromisoformat(row["call_at"]) if row["call_at"] else None
            day.banner, day.is_locked = row["banner"], row["is_locked"]
    PlanDay.objects.bulk_update(days.values(), _DAY)
    strips = {each.pk: each for each in Strip.objects.filter(plan=plan)}
    rows = {row["pk"]: row for row in layout["strips"]}
    changed = []
    for pk, row in rows.items():
        strip = strips.get(pk) or Strip(pk=pk, plan=plan)
        if strip.pk not in strips and row["kind"] == StripKind.SCENE:
            continue  # its scene left the breakdown since
        for name in _STRIP:
            setattr(strip, name, _read(name, row[name]))
        if strip.plan_day_id not in days:
            strip.plan_day_id = None
        changed.append(strip)
    Strip.objects.bulk_create(each for each in changed if each.pk not in strips)
    strip_rows.write([each for each in changed if each.pk in strips], _STRIP)
    gone = [pk for pk, strip in strips.items() if pk not in rows and strip.kind != StripKind.SCENE]
    Strip.objects.filter(pk__in=gone).delete()


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime | time) else value


def _read(name: str, value: Any) -> Any:
    return datetime.fromisoformat(value) if name in {"starts_at", "ends_at"} and value else value
