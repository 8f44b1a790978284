"""What no plan can be cheaper than, by arithmetic alone: people's days, crew, moves, hire and crowds.

Each part takes the minutes still to be shot and asks how they could be packed at the least cost if nothing else were in
the way. Parts share no money, so their sum holds; scenes that are fixed, and days that hold them, cost nothing here.
CP-SAT's bound (``engine_cpsat``) starts from this one.
"""

from __future__ import annotations

import itertools
from collections import defaultdict
from dataclasses import dataclass

from xiepai.planning.shoot.model import Problem
from xiepai.planning.shoot.values import LATEST, Person, Place, Scene, Unit

MOST_COMBINATIONS = 20000


def cheapest(place: Place) -> tuple[int, float]:
    """The price of the shortest stay, and the least price of a minute of any stay."""
    prices = [(minutes, place.tariff.price_fen(minutes)) for minutes in range(1, LATEST + 1)]
    return prices[place.setup_minutes][1], min(fen / minutes for minutes, fen in prices)


def floor_fen(problem: Problem) -> int:
    """The sum of the floors, of scenes that are not fixed."""
    fixed = {each.scene for each in problem.fixed}
    scenes = [each for each in problem.scenes if each.id not in fixed]
    places: dict[str, int] = defaultdict(int)
    for scene in scenes:
        if len(scene.candidates) == 1:
            places[scene.candidates[0].place] += scene.minutes
    hire = sum(hire_fen(place, places[place.id]) for place in problem.places if place.id in places)
    return _cast(problem, scenes) + crew_fen(problem, scenes, set(places)) + hire + _crowd(problem, scenes)


def _cast(problem: Problem, scenes: list[Scene]) -> int:
    minutes: dict[str, int] = defaultdict(int)
    for scene in scenes:
        for part in scene.cast:
            minutes[part.person] += scene.minutes
    opened = min(each.hours.start for each in problem.units)
    closed = max(each.hours.end for each in problem.units)
    return sum(person.day_fen * days_of(person, minutes[person.id], opened, closed) for person in problem.people)


def days_of(person: Person, minutes: int, opened: int, closed: int) -> int:
    """The fewest days a person needs for their minutes between the units' first opening and last close.

    >>> days_of(Person("ann", limit_minutes=240, makeup_minutes=30), 420, 360, 1440)
    2
    """
    room = max(1, min(person.limit_minutes - person.makeup_minutes, min(closed, person.latest) - opened))
    return -(-minutes // room)


@dataclass(frozen=True)
class _Days:
    """Days of one unit that may be worked: how many, and what they hold."""

    unit: Unit
    number: int

    @property
    def longest(self) -> int:
        return min(self.unit.most_minutes, self.unit.hours.end - self.unit.hours.start)

    @property
    def paid(self) -> int:
        return min(self.longest, self.unit.day_minutes)


def crew_fen(problem: Problem, scenes: list[Scene], visited: set[str]) -> int:
    """Crew, overtime and moves: a set that must be used is dressed, and reached from another but for a day's first."""
    minutes = sum(each.minutes for each in scenes) + sum(
        each.setup_minutes for each in problem.places if each.id in visited
    )
    travel = min([problem.travel.inside_minutes, problem.travel.sites_minutes,
                  *(each[2] for each in problem.travel.between)])  # fmt: skip
    move = min(problem.weights.set_move_fen, problem.weights.site_move_fen)
    days = [
        _Days(unit, sum(not day.holds(unit.id) and (unit.days is None or number in unit.days)
                        for number, day in enumerate(problem.days)))
        for unit in problem.units
    ]  # fmt: skip
    combinations = 1
    for each in days:
        combinations *= each.number + 1
    if combinations > MOST_COMBINATIONS:
        return _crew_in_parts(days, minutes)
    least = None
    for taken in itertools.product(*(range(each.number + 1) for each in days)):
        moves = max(0, len(visited) - sum(taken))
        over = _overtime_fen(days, taken, minutes + travel * moves)
        if over is not None:
            fen = over + move * moves + sum(n * each.unit.day_fen for n, each in zip(taken, days, strict=True))
            least = fen if least is None else min(least, fen)
    return least or 0


def _overtime_fen(days: list[_Days], taken: tuple[int, ...], minutes: int) -> int | None:
    """The cheapest overtime for what does not fit into the paid hours; ``None`` when it does not fit at all."""
    minutes -= sum(n * each.paid for n, each in zip(taken, days, strict=True))
    fen = 0
    for n, each in sorted(zip(taken, days, strict=True), key=lambda one: one[1].unit.overtime_fen):
        if minutes <= 0:
            return fen
        more = min(minutes, n * (each.longest - each.paid))
        fen += each.unit.overtime_fen * more // 60  # not by started hours: how they fall is not known here
        minutes -= more
    return fen if minutes <= 0 else None


def _crew_in_parts(days: list[_Days], minutes: int) -> int:
    """Unit's days, the cheapest minutes first, the last one in part: for many units."""
    fen = 0
    for each in sorted(days, key=lambda one: one.unit.day_fen / one.longest):
        taken = min(each.longest * each.number, minutes)
        fen += each.unit.day_fen * taken // each.longest
        minutes -= taken
    return fen


def hire_fen(place: Place, minutes: int) -> int:
    """The least price of stays that together hold *minutes* of scenes, each beginning with the set-up.

    >>> from xiepai.planning.shoot.values import Tariff
    >>> hire_fen(Place("hall", tariff=Tariff(hour_fen=100, day_fen=500), setup_minutes=20), 150)
    300
    """
    stays: dict[int, int] = {}  # price → the most minutes of scenes
    for length in range(place.setup_minutes + 1, LATEST + 721):
        stays[place.tariff.price_fen(length)] = length - place.setup_minutes
    least = [0] * (minutes + 1)
    for held in range(1, minutes + 1):
        least[held] = min(fen + least[max(0, held - most)] for fen, most in stays.items())
    return least[minutes]


def _crowd(problem: Problem, scenes: list[Scene]) -> int:
    """The most heads of each kind, once."""
    heads: dict[str, int] = defaultdict(int)
    for scene in scenes:
        for extras in scene.crowd:
            heads[extras.kind] = max(heads[extras.kind], extras.heads)
    return sum(kind.day_fen * heads[kind.id] for kind in problem.crowds)
