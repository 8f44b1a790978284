"""First plans in plain Python, at once: a constructive pass, and the rule an experienced scheduler works by.

:func:`construct` looks at every moment for the unit that is free first and the scene that costs it least there.
:func:`by_rule` shoots set by set, the longest stays first, inside a set by cast; it is what a plan is compared with.
Both obey every constraint the timeline knows; must-wishes they follow where they can (the checker says).
"""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Iterable

from xiepai.planning.shoot import light
from xiepai.planning.shoot.model import Plan, Problem
from xiepai.planning.shoot.timeline import Start, Timeline, prices
from xiepai.planning.shoot.values import Light, Scene, Unit, WishKind

SEEN = 60
"""At most so many scenes are looked at for one seat, besides those at the unit's place."""
MINUTE_FEN, URGENT_FEN = 4000, 100000
Temper = tuple[int, int, int]


class _Construction:
    """The state of one pass; its temper says how dear moves, scarce windows and busy people are held."""

    tempers: tuple[Temper, ...] = (
        (100000, 40, 200),
        (20000, 5, 400),
        (20000, 40, 0),
        (100000, 5, 200),
        (20000, 15, 200),
    )

    tries = 15

    def __init__(self, problem: Problem, temper: Temper, urgent: dict[str, int]) -> None:
        self.urgent = urgent
        self.move_fen, self.scarce_fen, self.busy_fen = temper
        self.problem, self.timeline = problem, Timeline(problem)
        fixed = {each.scene for each in problem.fixed}
        self.left = {each.id: each for each in problem.scenes if each.id not in fixed}
        self.at_place: dict[str, dict[str, Scene]] = defaultdict(dict)
        for scene in self.left.values():
            for candidate in scene.candidates:
                self.at_place[candidate.place][scene.id] = scene
        self.before: dict[str, set[str]] = defaultdict(set)
        self.next: dict[str, str] = {}
        self.not_first = set()
        for wish in problem.wishes:
            if wish.kind in (WishKind.BEFORE, WishKind.NEXT):
                self.before[wish.scenes[1]].add(wish.scenes[0])
            if wish.kind is WishKind.NEXT:
                self.next[wish.scenes[0]] = wish.scenes[1]
            if wish.kind is WishKind.NOT_FIRST:
                self.not_first.add(wish.scenes[0])
        self.unwished = prices(problem)
        self.scarce = {each.id: self._scarcity(each) for each in self.left.values()}
        self.order = sorted(self.left.values(), key=self._rank)
        self.played: dict[str, int] = {}  # person → last day
        self.work: dict[str, int] = defaultdict(int)  # person → minutes left
        for scene in self.left.values():
            for part in scene.cast:
                self.work[part.person] += scene.minutes

    def _rank(self, scene: Scene) -> tuple[int, int, str]:
        return -self.urgent.get(scene.id, 0), self.scarce[scene.id], scene.candidates[0].place

    def _scarcity(self, scene: Scene) -> int:
        """The minutes of windows a scene has over all days: the fewer, the sooner it is set."""
        place = self.timeline.places[scene.candidates[0].place]
        lock = self.timeline.locks.get(scene.id)
        minutes = 0
        for number, day in enumerate(self.problem.days):
            if (scene.id, number) in self.timeline.barred:
                continue
            if lock and lock.day is not None and lock.day != number:
                continue
            if all(day.holds(each.id) for each in self.problem.units):
                continue
            lit = sum(each.end - each.start for each in light.windows(light.needed(scene, place), day))
            free = 1440 if place.calendar is None else sum(each.end - each.start for each in place.calendar[number])
            for part in scene.cast:
                calendar = self.timeline.people[part.person].calendar
                if calendar is not None:
                    free = min(free, sum(each.end - each.start for each in calendar[number]))
            minutes += min(lit, free, 960)
        return minutes

    def place_scene(self, scene: Scene, day: int, unit: Unit, place: str, start: Start) -> None:
        self.timeline.append(scene, day, unit, place, start)
        del self.left[scene.id]
        for candidate in scene.candidates:
            del self.at_place[candidate.place][scene.id]
        for part in scene.cast:
            self.played[part.person] = day
            self.work[part.person] -= scene.minutes

    def run(self, over: int) -> Plan:
        """Day after day, each unit working at most *over* minutes beyond its paid day."""
        for day in range(len(self.problem.days)):
            while self.left and self._step(day, over):
                pass
        return Plan.of(self.timeline.placements)

    def _step(self, day: int, over: int) -> bool:
        """Set one scene on a day: the unit free first, its cheapest scene; ``False`` when nothing fits any more."""
        units = [unit for unit in self.problem.units if self.timeline.is_open(day, unit)]
        for unit in sorted(units, key=lambda each: self.timeline.row(day, each).ready):
            most = min(unit.day_minutes + over, unit.most_minutes)
            best = None
            for scene in self._looked_at(day, unit):
                for candidate in scene.candidates:
                    start = self.timeline.start(scene, day, unit, candidate.place, most)
                    if start is None:
                        continue
                    fen = self._fen(scene, day, unit, candidate.place, start) + candidate.penalty_fen
                    if best is None or fen < best[0]:
                        best = fen, scene, candidate.place, start
            if best is not None:
                self.place_scene(best[1], day, unit, best[2], best[3])
                return True
        return False

    def _looked_at(self, day: int, unit: Unit) -> Iterable[Scene]:
        row = self.timeline.row(day, unit)
        follower = self.next.get(row.scenes[-1].scene) if row.scenes else None
        if follower in self.left:
            return [self.left[follower]]
        here = list(self.at_place[row.place].values()) if row.place else []
        others = itertools.islice((each for each in self.order if each.id in self.left), SEEN)
        return [
            scene
            for scene in {each.id: each for each in [*here, *others]}.values()
            if not any(each in self.left for each in self.before[scene.id])
            and not (scene.id in self.not_first and not row.scenes)
        ]

    def _fen(self, scene: Scene, day: int, unit: Unit, place: str, start: Start) -> int:
        row = self.timeline.row(day, unit)
        fen = MINUTE_FEN * (start.minute - row.ready) + self.unwished.get((scene.id, day), 0)
        if row.place != place:
            fen += self.move_fen - 100 * sum(each.minutes for each in self.at_place[place].values())
        for part in scene.cast:
            person = self.timeline.people[part.person]
            last = self.played.get(part.person)
            if last is None:
                fen += person.day_fen // 8
            elif last < day:
                fen += person.day_fen // 16
        busiest = max((self.work[part.person] for part in scene.cast), default=0)
        fen -= self.urgent.get(scene.id, 0) + self.busy_fen * busiest // (len(self.problem.days) - day)
        return fen + self.scarce_fen * min(self.scarce[scene.id], 960 * (len(self.problem.days) - day))


def construct(problem: Problem) -> Plan:
    """A plan at once, without any promise of quality; scenes that fit nowhere are left out."""
    return _fullest(problem, _Construction)


def _fullest(problem: Problem, how: type[_Construction]) -> Plan:
    """The first of the tries that leaves nothing out, else the fullest.

    What a try leaves out is dearer to leave in the next one (squeaky wheel optimisation, Joslin & Clements 1999).
    """
    tried: list[Plan] = []
    urgent: dict[str, int] = {}
    for number in range(max(1, min(how.tries, 5000 // max(1, len(problem.scenes))))):
        temper = how.tempers[number % len(how.tempers)]
        tried.append(how(problem, temper, urgent).run(480))
        if len(tried[-1].placements) == len(problem.scenes):
            break
        placed = {each.scene for each in tried[-1].placements}
        urgent = {each.id: urgent.get(each.id, 0) + (0 if each.id in placed else URGENT_FEN) for each in problem.scenes}
    return max(tried, key=lambda plan: len(plan.placements))


def by_rule(problem: Problem) -> Plan:
    """The scheduler's rule: set by set (the most work first, site by site), inside a set by cast, day and night apart.

    Each unit takes the next set that nobody has begun; a scene goes where it can be shot next without overtime, then
    with; what a set cannot finish (light, absent people) is taken up on the next day.
    """
    return _fullest(problem, _Rule)


class _Rule(_Construction):
    tempers = ((0, 0, 0),)
    tries = 1

    def run(self, over: int) -> Plan:
        order = self._order()
        for day in range(len(self.problem.days)):
            self._day(day, order, over)
        return Plan.of(self.timeline.placements)

    def _order(self) -> list[Scene]:
        work: dict[str, int] = defaultdict(int)
        sites: dict[str, int] = defaultdict(int)
        for scene in self.left.values():
            place = self.timeline.places[scene.candidates[0].place]
            work[place.id] += scene.minutes
            sites[place.site] += scene.minutes
        shots: dict[str, int] = defaultdict(int)
        for scene in self.left.values():
            for part in scene.cast:
                shots[part.person] += 1

        def key(scene: Scene) -> tuple[object, ...]:
            place = self.timeline.places[scene.candidates[0].place]
            cast = tuple(sorted((-shots[part.person], part.person, part.look) for part in scene.cast))
            lit = light.needed(scene, place)
            return -sites[place.site], place.site, -work[place.id], place.id, lit is Light.NIGHT, cast, scene.id

        return sorted(self.left.values(), key=key)

    def _day(self, day: int, order: list[Scene], over: int) -> None:
        """Fill a day: the unit free first takes the first scene of the order that fits, its own set before others."""
        units = [unit for unit in self.problem.units if self.timeline.is_open(day, unit)]
        while self.left:
            for unit in sorted(units, key=lambda each: self.timeline.row(day, each).ready):
                if self._take(day, unit, order, over):
                    break
            else:
                return

    def _take(self, day: int, unit: Unit, order: list[Scene], over: int) -> bool:
        row = self.timeline.row(day, unit)
        elsewhere = {found.place for (at, name), found in self.timeline.rows.items() if at == day and name != unit.id}
        allowed = set(map(id, self._looked_at_all(row.scenes[-1].scene if row.scenes else None, bool(row.scenes))))
        for patient in (30, None):
            for wanted in (row.place, None) if row.place else (None,):
                for scene in order:
                    if scene.id not in self.left or id(scene) not in allowed:
                        continue
                    place = scene.candidates[0].place if wanted is None else wanted
                    if place in elsewhere or place not in {each.place for each in scene.candidates}:
                        continue
                    start = self.timeline.start(
                        scene, day, unit, place, min(unit.day_minutes + over, unit.most_minutes)
                    )
                    if start is None or (
                        patient and row.place and start.minute - start.setup - row.ready > patient + 60
                    ):
                        continue
                    self.place_scene(scene, day, unit, place, start)
                    return True
        return False

    def _looked_at_all(self, last: str | None, has_begun: bool) -> list[Scene]:
        follower = self.next.get(last) if last else None
        if follower in self.left:
            return [self.left[follower]]
        return [
            scene
            for scene in self.left.values()
            if not any(each in self.left for each in self.before[scene.id])
            and not (scene.id in self.not_first and not has_begun)
        ]
