"""What a plan goes by where nobody said otherwise: hours, weights, prices. Every default here is an assumption.

The figures are the planner's own defaults or, where it has none, what crews told the press; the settings page shows
each one that was not set as assumed. Money in fen, lengths in minutes or hours as named.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import time
from typing import Any

#: Weights the scheduler edits (the planner's names).
WEIGHTS = ("set_move_fen", "site_move_fen", "wait_hour_fen", "late_day_fen")

DEFAULTS: Mapping[str, Any] = {
    "call_at": "08:00",
    "until_hour": 24,
    "day_hours": 14,
    "most_hours": 16,
    "rest_hours": 8,
    "cast_rest_hours": 10,
    "move_minutes": 30,
    "site_minutes": 60,
    "setup_minutes": 0,
    "change_minutes": 0,
    "meal_minutes": 45,
    "crew_day_fen": 0,
    "overtime_fen": 0,
    "extra_fen": 13500,
    "second_place_fen": 0,
    "set_move_fen": 20000,
    "site_move_fen": 100000,
    "wait_hour_fen": 1000,
    "late_day_fen": 0,
    "latitude": 31.70,
    "longitude": 119.94,
}


def setting(settings: Mapping[str, Any], name: str) -> Any:
    """A setting of the plan, or what holds where nobody said otherwise."""
    return settings.get(name, DEFAULTS[name])


def wish_key(kind: str, scenes: Iterable[object], dates: Iterable[object] = (), about: str = "") -> str:
    """What a wish is known by, in ``settings["wishes"]``, in the costs and on pages.

    >>> wish_key("before", (7, 3)), wish_key("not_on", (7, 9), ("2026-12-02",), "set4")
    ('before:7-3', 'not_on:set4:2026-12-02')
    """
    key = f"{kind}:{about or '-'.join(str(pk) for pk in scenes)}"
    return ":".join([key, *map(str, dates)])


def row_key(row: Mapping[str, Any]) -> str:
    """The same of a wish as the settings keep it."""
    return wish_key(row["kind"], row["scenes"], row.get("days", ()), set_key(row.get("story_place")))


def set_key(story_place_id: int | None) -> str:
    """What the planner calls a place of the script that a wish is about; nothing where it is about scenes."""
    return f"set{story_place_id}" if story_place_id else ""


def minute(at: time | None) -> int:
    """Minutes from midnight (None: midnight itself)."""
    return at.hour * 60 + at.minute if at else 0


def call_minute(settings: Mapping[str, Any]) -> int:
    """When a day begins unless it says so itself."""
    return minute(time.fromisoformat(setting(settings, "call_at")))
