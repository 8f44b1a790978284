"""Days filled scene by scene in plain Python: when could a unit begin this scene next, and what does it hold then?

Used by the constructive pass and the scheduler's rule. It only appends: what is set stays, so every answer holds.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from xiepai.planning.shoot import light
from xiepai.planning.shoot.around import Around
from xiepai.planning.shoot.model import Placement, Problem
from xiepai.planning.shoot.values import ALWAYS, Light, Place, Scene, Unit, Window


@dataclass
class Row:
    """A unit's day so far: when it began and was last free, and the window of the place it stands at."""

    day: int
    ready: int
    begun: int | None = None
    place: str | None = None
    window: Window | None = None
    scenes: list[Placement] = field(default_factory=list)


@dataclass(frozen=True)
class Start:
    """A possible start, its set-up minutes, and the free window of the place."""

    minute: int
    setup: int
    window: Window


def barred(problem: Problem) -> frozenset[tuple[str, int]]:
    """Scenes and the days that a must about dates keeps them from."""
    musts = [each for each in problem.wishes if each.weight_fen is None and each.kind.is_about_days]
    return frozenset(
        (scene, number)
        for wish in musts
        for number, day in enumerate(problem.days)
        if not wish.allows(day.date)
        for scene in wish.scenes
    )


def prices(problem: Problem) -> dict[tuple[str, int], int]:
    """Scenes and days that wishes about dates speak against, and what that costs."""
    found: dict[tuple[str, int], int] = {}
    for wish in problem.wishes:
        for number, day in enumerate(problem.days):
            if wish.weight_fen and not wish.allows(day.date):
                for scene in wish.scenes:
                    found[scene, number] = found.get((scene, number), 0) + wish.weight_fen
    return found


class Timeline:
    """Units' days side by side, filled in the order of time."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.scenes = {each.id: each for each in problem.scenes}
        self.places = {each.id: each for each in problem.places}
        self.people = {each.id: each for each in problem.people}
        self.units = {each.id: each for each in problem.units}
        self.locks = {each.scene: each for each in problem.locks}
        self.barred = barred(problem)
        self.placements: list[Placement] = []
        self.released: dict[tuple[str, int], int] = {}
        self.unit_released: dict[tuple[str, int], int] = {}
        self.rows: dict[tuple[int, str], Row] = {}
        self.where: dict[tuple[str, int], tuple[int, str, str]] = {}  # person, day → free, place, look
        self.called: dict[tuple[str, int], int] = {}
        self.taken: dict[tuple[str, int, str], int] = {}  # place, day, unit → until
        self.around = Around(problem)
        self._lights = {(each, n): light.windows(each, day) for each in Light for n, day in enumerate(problem.days)}
        for each in sorted(problem.fixed):
            self.placements.append(each)
            self._count(each)

    def row(self, day: int, unit: Unit) -> Row:
        """A unit's day; opened when first asked for."""
        found = self.rows.get((day, unit.id))
        if found is None:
            ready = unit.hours.start
            if day and (unit.id, day - 1) in self.unit_released:
                ready = max(ready, self.unit_released[unit.id, day - 1] + unit.rest_minutes - self._gap(day))
            found = self.rows[day, unit.id] = Row(day, ready)
        return found

    def is_open(self, day: int, unit: Unit) -> bool:
        """Whether the unit works that day."""
        return not self.problem.days[day].holds(unit.id) and (unit.days is None or day in unit.days)

    def start(self, scene: Scene, day: int, unit: Unit, place: str, most: int | None = None) -> Start | None:
        """The earliest start of a scene at the end of a unit's day; ``None`` when no window is left for it."""
        if not self._is_allowed(scene, day, unit, place):
            return None
        row, here = self.row(day, unit), self.places[place]
        ready = row.ready if row.place is None else row.ready + self.around.travel(row.place, place)
        ready = max(
            [ready, *(self.taken.get((place, day, other.id), 0) for other in self.problem.units if other is not unit)]
        )
        minute = self._people_ready(scene, day, place, ready)
        lit = self.around.windows(scene, place, day, self._lights[light.needed(scene, here), day])
        for _ in range(50):
            found = self._place_start(scene, day, row, here, ready, minute)
            if found is None:
                return None
            later = self._people_present(scene, day, found.minute)
            later = _first(lit, later, scene.minutes) if later is not None else None
            if later is None:
                return None
            if later == found.minute:
                return found if self._is_short(row, unit, found, scene, most) else None
            minute = later
        return None

    def _is_allowed(self, scene: Scene, day: int, unit: Unit, place: str) -> bool:
        lock = self.locks.get(scene.id)
        if not self.is_open(day, unit) or (scene.id, day) in self.barred:
            return False
        return lock is None or all(
            wanted is None or wanted == got
            for wanted, got in ((lock.day, day), (lock.unit, unit.id), (lock.place, place))
        )

    def _is_short(self, row: Row, unit: Unit, start: Start, scene: Scene, most: int | None) -> bool:
        begun = start.minute - start.setup if row.begun is None else row.begun
        end = start.minute + scene.minutes
        if end > self.around.closes(unit, row.day) or end - begun > (unit.most_minutes if most is None else most):
            return False
        for part in scene.cast:
            person, key = self.people[part.person], (part.person, row.day)
            called = start.minute - person.makeup_minutes
            if max(end, self.released.get(key, 0)) - min(called, self.called.get(key, called)) > person.limit_minutes:
                return False
        return True

    def _people_ready(self, scene: Scene, day: int, place: str, minute: int) -> int:
        for part in scene.cast:
            person = self.people[part.person]
            seen = self.where.get((part.person, day))
            if seen is not None:
                change = person.change_minutes if seen[2] != part.look else 0
                minute = max(minute, seen[0] + self.around.travel(seen[1], place) + change)
            elif day and (part.person, day - 1) in self.released:
                rested = self.released[part.person, day - 1] + person.rest_minutes - self._gap(day)
                minute = max(minute, rested + person.makeup_minutes)
        return minute

    def _people_present(self, scene: Scene, day: int, minute: int) -> int | None:
        for part in scene.cast:
            person = self.people[part.person]
            free = ALWAYS if person.calendar is None else person.calendar[day]
            lead = 0 if (part.person, day) in self.where else person.makeup_minutes
            found = _first(free, minute, scene.minutes, lead, self.around.latest(person, day))
            if found is None:
                return None
            minute = found
        return minute

    def _place_start(self, scene: Scene, day: int, row: Row, place: Place, ready: int, minute: int) -> Start | None:
        if row.place == place.id and row.window is not None:
            begin = max(minute, ready)
            if begin + scene.minutes <= row.window.end:
                return Start(begin, 0, row.window)
        for window in ALWAYS if place.calendar is None else place.calendar[day]:
            begin = max(minute, ready + place.setup_minutes, window.start + place.setup_minutes)
            if begin + scene.minutes <= window.end:
                return Start(begin, place.setup_minutes, window)
        return None

    def _gap(self, day: int) -> int:
        return (self.problem.days[day].date - self.problem.days[day - 1].date).days * 1440

    def append(self, scene: Scene, day: int, unit: Unit, place: str, start: Start) -> None:
        """Set a scene where :meth:`start` said."""
        row = self.row(day, unit)
        if row.begun is None:
            row.begun = start.minute - start.setup
        row.ready, row.place, row.window = start.minute + scene.minutes, place, start.window
        placement = Placement(day, unit.id, start.minute, scene.id, place)
        row.scenes.append(placement)
        self.placements.append(placement)
        self._hold(placement)

    def _hold(self, each: Placement) -> None:
        """Who and what a scene just set keeps busy until it ends."""
        end = each.start + self.scenes[each.scene].minutes
        self.taken[each.place, each.day, each.unit] = end
        for part in self.scenes[each.scene].cast:
            self.where[part.person, each.day] = end, each.place, part.look
        self._count(each)

    def _count(self, each: Placement) -> None:
        """The hours of a unit and of people; those of a locked day are no queue, ``around`` keeps its minutes free."""
        end = each.start + self.scenes[each.scene].minutes
        self.unit_released[each.unit, each.day] = max(end, self.unit_released.get((each.unit, each.day), 0))
        for part in self.scenes[each.scene].cast:
            key, call = (part.person, each.day), each.start - self.people[part.person].makeup_minutes
            self.called[key] = min(call, self.called.get(key, call))
            self.released[key] = max(end, self.released.get(key, 0))


def _first(windows: tuple[Window, ...], minute: int, minutes: int, lead: int = 0, latest: int = 1 << 30) -> int | None:
    for window in windows:
        begin = max(minute, window.start + lead)
        if begin + minutes <= min(window.end, latest):
            return begin
    return None
