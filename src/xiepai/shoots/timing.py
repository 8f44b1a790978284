"""When the strips of a day begin and end, one after the other from the call: what a hand-made order means in hours.

Meals and banners with minutes take their time; a change of place takes ``move_minutes``. Nothing is refused here: what
does not fit becomes a red flag (see ``reckoning``).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, time, timedelta
from typing import Any

from xiepai.kernel.clock import CITY_ZONE
from xiepai.shoots.models import PlanDay, Strip, StripKind

DEFAULTS: Mapping[str, Any] = {"call_at": "08:00", "move_minutes": 30, "meal_minutes": 45}


def setting(settings: Mapping[str, Any], name: str) -> Any:
    """A setting of the plan, or what holds where nobody said otherwise."""
    return settings.get(name, DEFAULTS[name])


def lay_out(day: PlanDay, strips: Iterable[Strip], settings: Mapping[str, Any]) -> None:
    """Give each strip of *day*, in its order, a start and an end."""
    call = day.call_at or time.fromisoformat(setting(settings, "call_at"))
    at, place_id = datetime.combine(day.day, call, CITY_ZONE), None
    for strip in strips:
        if strip.kind == StripKind.SCENE:
            if place_id is not None and strip.place_id != place_id:
                at += timedelta(minutes=setting(settings, "move_minutes"))
            place_id = strip.place_id
        strip.starts_at = at
        at += timedelta(minutes=_minutes(strip, settings))
        strip.ends_at = at


def _minutes(strip: Strip, settings: Mapping[str, Any]) -> int:
    if strip.scene is not None:
        return strip.scene.minutes
    return int(setting(settings, "meal_minutes")) if strip.kind == StripKind.MEAL else 0
