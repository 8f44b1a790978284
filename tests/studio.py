"""A small studio for the main job: a building of sets, a hall that divides, rooms, a car and a park with hours.

Monday 7 December 2026 is its first shooting day; the clock stands at 1 December, 09:00 in the city.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from tests.factories import make_organisation, make_person, make_place, make_words

from xiepai.bookings.needs import NeedRow, Sheet, read_sheet
from xiepai.kernel import audit, clock
from xiepai.kernel.clock import CITY_ZONE
from xiepai.parties.access import Actor, system
from xiepai.parties.models import Organisation
from xiepai.places.models import CombinationPart, OpeningRule, Place
from xiepai.places.services import publish_tariff
from xiepai.worktime.spans import Span

NOW = datetime(2026, 12, 1, 9, tzinfo=CITY_ZONE)
DAY_ONE = date(2026, 12, 7)


@dataclass
class Studio:
    """The places by a short name, the crew and its scheduler, and another crew."""

    base: Organisation
    crew: Organisation
    actor: Actor
    other_crew: Organisation
    other_actor: Actor
    places: dict[str, Place]

    def sheet(self, *rows: dict[str, Any], day_one: date = DAY_ONE) -> Sheet:
        """A sheet of these rows (日期 defaults to the first day)."""
        data = json.dumps([{"日期": "第1天", **row} for row in rows], ensure_ascii=False).encode()
        return read_sheet("needs.json", data, day_one=day_one)

    def needs(self, *rows: dict[str, Any]) -> tuple[NeedRow, ...]:
        """The needs of such a sheet."""
        return self.sheet(*rows).needs


@contextmanager
def december() -> Iterator[None]:
    """The clock stands at ``NOW``."""
    with clock.frozen(NOW):
        yield


def at(hour: float, until: float, day: int = 0) -> Span:
    """Hours of the first shooting day, or so many days later."""
    midnight = clock.at_local_midnight(DAY_ONE) + timedelta(days=day)
    return Span(midnight + timedelta(hours=hour), midnight + timedelta(hours=until))


def make_studio() -> Studio:
    """The whole studio."""
    make_words()
    base, crew, other = make_organisation("base"), make_organisation("crew", name="晨光剧组"), make_organisation("crew")
    actor, other_actor = make_person("scheduler", crew)[1], make_person("scheduler", other)[1]
    return Studio(base, crew, actor, other, other_actor, _places(base))


def _places(base: Organisation) -> dict[str, Place]:
    site = make_place(base, kind="site", name="样例影视城", is_bookable=False, priced=False, categories=["street"])
    first = make_place(base, parent=site, kind="building", name="一号楼", priced=False, is_bookable=False)
    second = make_place(base, parent=site, kind="building", name="二号楼", priced=False, is_bookable=False)
    ward = {"categories": ["hospital"], "people_max": 50, "sound": "sync"}
    places = {
        "ward_a": make_place(base, parent=first, name="现代病房甲", **ward),
        "ward_b": _priced(make_place(base, parent=second, name="现代病房乙", priced=False, **ward), day_fen=80_000),
        "small_ward": make_place(base, parent=first, name="小病房", categories=["hospital"], people_max=10),
        "office": make_place(
            base, parent=first, name="总裁办公室", name_en="CEO office", sound="none", people_max=60, aliases=["老板间"]
        ),
        "hall": make_place(base, parent=second, name="摄影棚", kind="set", priced=False, is_bookable=True),
        "park": make_place(base, name="湖畔公园", kind="set", categories=["street"], setting="outside", priced=False),
    }
    hall = places["hall"]
    _priced(hall, day_fen=300_000)
    for name in ("左", "右"):
        places[f"hall_{name}"] = make_place(base, parent=hall, kind="part", name=f"摄影棚{name}区")
    resource = {"kind": "resource", "categories": ["office"]}
    places["rooms"] = _priced(
        make_place(base, name="剧组酒店标准间", capacity=30, unit_label="间", priced=False, **resource),
        hour_fen=None,
        day_fen=20_000,
        day_limit_minutes=1440,
    )
    places["car"] = make_place(base, name="七座商务车", capacity=4, unit_label="辆", **resource)
    _priced(places["park"], is_free=True)
    _hours(places["park"], 540, 1020)
    return places


def _priced(place: Place, **fields: Any) -> Place:
    values = {"hour_fen": None, **fields}
    publish_tariff(actor=system(), place_id=place.pk, valid_from=date(2020, 1, 1), **values)
    place.refresh_from_db()
    return place


def _hours(place: Place, opens: int, closes: int) -> None:
    with transaction.atomic():
        for weekday in range(7):
            rule = OpeningRule(place=place, weekday=weekday, opens_minute=opens, closes_minute=closes)
            rule.save()
        audit.record("places.hours.set", place, actor=system())


def combine(studio: Studio, name: str, *parts: str) -> Place:
    """Another name for several parts of the hall."""
    whole = make_place(studio.base, kind="combination", name=name, parent=studio.places["hall"])
    with transaction.atomic():
        for part in parts:
            CombinationPart.objects.create(combination=whole, part=studio.places[part])
        audit.record("places.combination.made", whole, actor=system())
    return whole
