"""Whole dramas made up for measuring: episodes, scenes, roles, sets, days as the trade's reports describe them.

Sizes follow public reports: about 20 scenes a unit's day, several sets in one building, days of 14 hours paid and 16 at
most, extras at 135 yuan for 10 hours. Names, prices of people and sets are samples. The same arguments give the same
drama.
"""

from __future__ import annotations

import itertools
import random
from datetime import date, timedelta

from xiepai.planning.shoot.model import Problem, Travel
from xiepai.planning.shoot.sun import sun
from xiepai.planning.shoot.values import (
    Calendar,
    Candidate,
    CrowdKind,
    Day,
    Extras,
    Light,
    Part,
    Person,
    Place,
    Scene,
    Tariff,
    Unit,
    Weights,
    Window,
    Wish,
    WishKind,
)

WUJIN = (31.70, 119.94)
FIRST_DAY = date(2026, 12, 1)


def drama(
    scenes: int = 240, *, episodes: int = 60, roles: int = 30, sets: int = 25, days: int = 6, seed: int = 1
) -> Problem:
    """A drama with its days, two units, sets on three or more sites, people and wishes."""
    rng = random.Random(seed)
    places = _places(rng, sets, days)
    people = _people(rng, roles, days)
    found = _scenes(rng, scenes, episodes, places, people)
    return Problem(
        days=tuple(_day(number) for number in range(days)),
        units=(
            Unit("A组", Window(360, 1440), day_fen=3000000, overtime_fen=300000),
            Unit("B组", Window(360, 1440), day_fen=2200000, overtime_fen=220000),
        ),
        scenes=found,
        places=places,
        people=people,
        crowds=(CrowdKind("群演", "群众演员", 13500, 600, 1350),),
        wishes=_wishes(rng, found),
        travel=Travel(10, 45),
        weights=Weights(),
        title=f"sample drama {scenes}/{roles}/{sets}/{days}",
    )


def _day(number: int) -> Day:
    on = FIRST_DAY + timedelta(days=number)
    rise, fall = sun(on, *WUJIN)
    return Day(on, rise, fall)


def _places(rng: random.Random, sets: int, days: int) -> tuple[Place, ...]:
    found = []
    sites = ["基地", "基地", "基地", "老街", "园区"] + [f"外景{n}" for n in range(max(1, sets // 12))]
    for number in range(sets):
        site = sites[number % len(sites)]
        hour = rng.choice([20000, 30000, 30000, 40000, 60000])
        tariff = Tariff(hour, hour * 8, rng.choice([840, 960]), hour)
        calendar = _booked(rng, days) if rng.random() < 0.4 else None
        found.append(
            Place(f"景{number + 1:02d}", f"景{number + 1:02d}", site, tariff, rng.choice([15, 20, 30]), calendar)
        )
    return tuple(found)


def _booked(rng: random.Random, days: int) -> Calendar:
    """A calendar with others' bookings on about a third of the days: a whole day, a morning or an evening."""
    found = []
    for _ in range(days):
        how = rng.random()
        if how < 0.12:
            found.append(())
        elif how < 0.24:
            found.append((Window(780, 1800),))
        elif how < 0.36:
            found.append((Window(0, 960),))
        else:
            found.append((Window(0, 1800),))
    if not any(found):
        found[-1] = (Window(0, 1800),)
    return tuple(found)


def _people(rng: random.Random, roles: int, days: int) -> tuple[Person, ...]:
    found = []
    for number in range(roles):
        fee = [600000, 500000, 300000, 300000][number] if number < 4 else rng.choice([60000, 80000, 100000, 150000])
        calendar: Calendar | None = None
        if number >= 4 and rng.random() < 0.3:
            away = rng.randrange(days)
            calendar = tuple(() if day == away else (Window(0, 1800),) for day in range(days))
        is_minor = number in (9, 17)
        found.append(
            Person(
                f"角{number + 1:02d}", f"角{number + 1:02d}", fee, None, calendar, 45 if number < 8 else 30, 20, 600,
                480 if is_minor else 1800, 1320 if is_minor else 1800, is_minor,
            )
        )  # fmt: skip
    return tuple(found)


def _scenes(
    rng: random.Random, scenes: int, episodes: int, places: tuple[Place, ...], people: tuple[Person, ...]
) -> tuple[Scene, ...]:
    """Episodes in order; the leads in most scenes, a set's regulars at their set, looks by episode."""
    popularity = [1 / (n + 2) for n in range(len(places))]
    regulars = [rng.sample(range(4, len(people)), min(4, len(people) - 4)) for _ in places]
    found = []
    for number in range(scenes):
        episode = 1 + number * episodes // scenes
        at = rng.choices(range(len(places)), popularity)[0]
        cast = {who for who, share in ((0, 0.36), (1, 0.32), (2, 0.18), (3, 0.14)) if rng.random() < share}
        cast |= set(rng.sample(regulars[at], rng.choice([0, 1, 1, 2])))
        cast = cast or {rng.choice(regulars[at])}
        is_outside = places[at].site != "基地" and rng.random() < 0.6
        light = rng.choices([Light.DAY, Light.NIGHT, Light.DUSK], [0.66, 0.31, 0.03])[0]
        candidates = [Candidate(places[at].id)]
        if rng.random() < 0.2:
            twin = rng.choice([n for n, each in enumerate(places) if each.site == places[at].site])
            if twin != at:
                candidates.append(Candidate(places[twin].id, rng.choice([10000, 30000])))
        look = episode * 4 // (episodes + 1)
        eighths = rng.choices([2, 3, 4, 6, 8, 12], [2, 4, 6, 4, 3, 1])[0]
        found.append(
            Scene(
                f"{episode}-{number + 1}", 8 + 3 * eighths, tuple(candidates),
                tuple(Part(people[who].id, f"第{look + 1}套" if who < 4 else "") for who in sorted(cast)),
                (Extras("群演", rng.choice([5, 10, 20])),) if rng.random() < 0.1 else (),
                light, is_outside, episode, eighths,
            )
        )  # fmt: skip
    return tuple(found)


def _wishes(rng: random.Random, scenes: tuple[Scene, ...]) -> tuple[Wish, ...]:
    found = []
    for one, other in itertools.pairwise(scenes):
        same = one.candidates[0] == other.candidates[0] and (one.light, one.is_outside) == (
            other.light,
            other.is_outside,
        )
        if same and rng.random() < 0.5:
            found.append(Wish(WishKind.NEXT, (one.id, other.id), 30000))
    for scene in rng.sample(scenes, len(scenes) // 20):
        found.append(Wish(WishKind.NOT_FIRST, (scene.id,), 50000))
    for _ in range(len(scenes) // 30):
        one, other = sorted(rng.sample(range(len(scenes)), 2))
        found.append(Wish(WishKind.BEFORE, (scenes[one].id, scenes[other].id), 40000))
    return tuple(found)
