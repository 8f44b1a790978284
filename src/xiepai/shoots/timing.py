"""When the strips of a day begin and end, one after the other from the call: what an order means in hours.

A scene waits for its light and for its place to open; a change of place takes the way and the set-up; meals take their
time; ``Strip.not_before`` is a start the planner (or a person) wished, kept only while it makes the strip wait. Nothing
is refused here: what does not fit becomes a red flag (see ``reckoning``).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from xiepai.kernel import clock
from xiepai.planning import shoot
from xiepai.planning.shoot import light
from xiepai.shoots.models import PlanDay, Strip, StripKind
from xiepai.shoots.setting_up import call_minute, minute, setting

_ALWAYS = (shoot.Window(0, 1800),)


@dataclass(slots=True)
class _Hand:
    """Where the unit stands and from when it is free."""

    at: int
    place: str | None = None
    window: shoot.Window | None = None


class Layout:
    """The hours of boards under one problem."""

    def __init__(self, problem: shoot.Problem, place_of: Mapping[int, str], settings: Mapping[str, Any]) -> None:
        self.problem, self.place_of, self.settings = problem, place_of, settings
        self.scenes = {each.id: each for each in problem.scenes}
        self.places = {each.id: each for each in problem.places}
        self.until = max(unit.hours.end for unit in problem.units)
        self.numbers = {day.date: n for n, day in enumerate(problem.days)}

    def lay_out(self, day: PlanDay, strips: Iterable[Strip]) -> None:
        """Give each strip of *day*, in its order, a start and an end."""
        hand = _Hand(minute(day.call_at) if day.call_at else call_minute(self.settings))
        zero = clock.at_local_midnight(day.day)
        for strip in strips:
            start = self._start(hand, strip, self.numbers[day.day])
            if strip.not_before is not None:
                if strip.not_before <= start:
                    strip.not_before = None
                else:
                    start = strip.not_before
            end = start + self._minutes(strip)
            if strip.kind == StripKind.SCENE:
                hand.place = self._place(strip)
                hand.window = _window(self._calendar(hand.place, self.numbers[day.day]), start)
            hand.at = end
            strip.starts_at, strip.ends_at = zero + timedelta(minutes=start), zero + timedelta(minutes=end)

    def _start(self, hand: _Hand, strip: Strip, day: int) -> int:
        """The first moment the strip can begin; without any that fits, the moment the unit is free."""
        scene = self.scenes.get(str(strip.scene_id))
        if scene is None:
            return hand.at
        place = self._place(strip)
        ready = hand.at + self._way(hand.place, place)
        free = self._calendar(place, day)
        lit = light.windows(light.needed(scene, self.places[place]), self.problem.days[day])
        fresh = self.places[place].setup_minutes if hand.place != place else 0
        for window in free:
            again = fresh or (self.places[place].setup_minutes if window != hand.window else 0)
            for shine in lit:
                start = max(ready + again, window.start + again, shine.start)
                if start + scene.minutes <= min(window.end, shine.end, self.until):
                    return start
        return ready + fresh

    def _way(self, here: str | None, there: str) -> int:
        if here is None or here == there:
            return 0
        travel = self.problem.travel
        is_near = self.places[here].site == self.places[there].site
        return travel.inside_minutes if is_near else travel.sites_minutes

    def _place(self, strip: Strip) -> str:
        return self.place_of.get(strip.scene_id or 0, self.problem.places[0].id)

    def _calendar(self, place: str, day: int) -> Sequence[shoot.Window]:
        calendar = self.places[place].calendar
        return _ALWAYS if calendar is None else calendar[day]

    def _minutes(self, strip: Strip) -> int:
        if strip.scene is not None:
            scene = self.scenes.get(str(strip.scene_id))
            return scene.minutes if scene else strip.scene.minutes
        return int(setting(self.settings, "meal_minutes")) if strip.kind == StripKind.MEAL else 0


def _window(free: Sequence[shoot.Window], start: int) -> shoot.Window | None:
    return next((each for each in free if each.start <= start < each.end), None)
