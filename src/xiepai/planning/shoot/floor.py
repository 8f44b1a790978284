"""What no plan can be cheaper than, by arithmetic alone: people's days, crew days, the hire of what must be used.

Each part looks at the minutes still to be shot and at the longest day there is, nothing else. CP-SAT's bound
(``engine_cpsat``) starts from here.
"""

from __future__ import annotations

from collections import defaultdict

from xiepai.planning.shoot.model import Problem
from xiepai.planning.shoot.values import Place


def cheapest(place: Place) -> tuple[int, float]:
    """The price of the shortest stay, and the least price of a minute of any stay."""
    prices = [(minutes, place.tariff.price_fen(minutes)) for minutes in range(1, 1801)]
    return prices[place.setup_minutes][1], min(fen / minutes for minutes, fen in prices)


def floor_fen(problem: Problem) -> int:
    """The sum of the three floors, of scenes that are not fixed."""
    fixed = {each.scene for each in problem.fixed}
    people: dict[str, int] = defaultdict(int)
    places: dict[str, int] = defaultdict(int)
    total = 0
    for scene in problem.scenes:
        if scene.id in fixed:
            continue
        total += scene.minutes
        for part in scene.cast:
            people[part.person] += scene.minutes
        if len(scene.candidates) == 1:
            places[scene.candidates[0].place] += scene.minutes
    return _cast(problem, people) + _crew(problem, total) + _hire(problem, places)


def _cast(problem: Problem, minutes: dict[str, int]) -> int:
    longest = max(each.hours.end for each in problem.units) - min(each.hours.start for each in problem.units)
    fen = 0
    for person in problem.people:
        room = max(1, min(person.limit_minutes - person.makeup_minutes, longest))
        fen += person.day_fen * -(-minutes[person.id] // room)
    return fen


def _crew(problem: Problem, minutes: int) -> int:
    """Unit days, the cheapest minutes first, the last one in part."""
    days = [
        (unit.day_fen, min(unit.most_minutes, unit.hours.end - unit.hours.start))
        for unit in problem.units
        for number, day in enumerate(problem.days)
        if not day.is_frozen and (unit.days is None or number in unit.days)
    ]
    fen = 0
    for fee, room in sorted(days, key=lambda each: each[0] / each[1]):
        taken = min(room, minutes)
        fen += fee * taken // room
        minutes -= taken
    return fen


def _hire(problem: Problem, minutes: dict[str, int]) -> int:
    fen = 0
    for place in problem.places:
        if minutes[place.id]:
            least, per_minute = cheapest(place)
            fen += max(least, int(per_minute * minutes[place.id]))
    return fen
