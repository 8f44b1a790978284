"""Free from–to: search agrees with the wall (``bookings_obstacle``) and with the opening hours, whatever the tree."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from tests.factories import make_organisation, make_person, make_place

from xiepai.bookings.services import place_hold
from xiepai.bookings.services.taking import as_range
from xiepai.kernel import audit, clock
from xiepai.kernel.clock import CITY_ZONE
from xiepai.kernel.errors import XiepaiError
from xiepai.parties.access import NOBODY, Actor, system
from xiepai.parties.models import Organisation, OrganisationKind, Role
from xiepai.places import search as search_module
from xiepai.places.models import Blocking, ClosedDay, CombinationPart, OpeningRule, Place
from xiepai.places.search import SearchQuery, search
from xiepai.places.terms import read_terms
from xiepai.worktime.spans import Span

pytestmark = pytest.mark.django_db
MONDAY = date(2026, 12, 7)


@pytest.fixture(autouse=True)
def _december() -> Iterator[None]:
    with clock.frozen(datetime(2026, 12, 1, 9, tzinfo=CITY_ZONE)):
        yield


@pytest.fixture
def base() -> Organisation:
    return make_organisation()


@pytest.fixture
def crew() -> tuple[Organisation, Actor]:
    organisation = make_organisation(OrganisationKind.CREW)
    return organisation, make_person(Role.SCHEDULER, organisation)[1]


def at(hour: float, until: float, day: int = 0) -> Span:
    midnight = clock.at_local_midnight(MONDAY) + timedelta(days=day)
    return Span(midnight + timedelta(hours=hour), midnight + timedelta(hours=until))


def free(span: Span, **filters: Any) -> set[str]:
    page = search(NOBODY, SearchQuery(free=span, page_size=200, **filters))
    assert page.total == len(page.rows)
    return {row.name for row in page.rows}


def hold(crew: tuple[Organisation, Actor], place: Place, span: Span, units: int = 1) -> None:
    place_hold(actor=crew[1], organisation_id=crew[0].pk, place_id=place.pk, span=span, units=units)


def block(place: Place, span: Span) -> None:
    with transaction.atomic():
        row = Blocking.objects.create(place=place, period=as_range(span), reason="检修")
        audit.record("places.blocking.set", row, actor=system())


def opens(place: Place, opens_minute: int, closes_minute: int, weekdays: range = range(7), **dates: date) -> None:
    for weekday in weekdays:
        OpeningRule.objects.create(
            place=place, weekday=weekday, opens_minute=opens_minute, closes_minute=closes_minute, **dates
        )
    audit.record("places.opening.changed", place, actor=system(), after={})


def join(whole: Place, *parts: Place) -> None:
    for part in parts:
        CombinationPart.objects.create(combination=whole, part=part)
    audit.record("places.combination.made", whole, actor=system(), after={})


def test_a_booking_takes_its_hours_and_no_more(base: Organisation, crew: tuple[Organisation, Actor]) -> None:
    a = make_place(base, name="甲")
    make_place(base, name="乙")
    hold(crew, a, at(8, 12))
    assert free(at(8, 12)) == {"乙"}
    assert free(at(11, 13)) == {"乙"}
    assert free(at(12, 20)) == {"甲", "乙"}
    assert free(at(4, 8)) == {"甲", "乙"}
    assert free(at(0, 24)) == {"乙"}


@pytest.mark.parametrize("before", [0, 90])
@pytest.mark.parametrize("after", [0, 30])
def test_the_higher_buffer_counts_on_both_sides(
    base: Organisation, crew: tuple[Organisation, Actor], before: int, after: int
) -> None:
    place = make_place(base, name="甲", buffer_before_minutes=before, buffer_after_minutes=after)
    hold(crew, place, at(10, 12))
    gap = max(before, after)
    for minutes in range(0, 121, 15):
        later, earlier = 12 + minutes / 60, 10 - minutes / 60
        assert (free(at(later, later + 2)) == {"甲"}) is (minutes >= gap), f"{minutes} after"
        assert (free(at(earlier - 2, earlier)) == {"甲"}) is (minutes >= gap), f"{minutes} before"


def test_the_buffer_of_a_booking_made_under_older_rules_still_counts(
    base: Organisation, crew: tuple[Organisation, Actor]
) -> None:
    place = make_place(base, name="甲", buffer_before_minutes=120)
    hold(crew, place, at(10, 12))
    Place.objects.filter(pk=place.pk).update(buffer_before_minutes=0)
    assert free(at(7, 9)) == set()
    assert free(at(6, 8)) == {"甲"}


def test_the_tree_both_ways(base: Organisation, crew: tuple[Organisation, Actor]) -> None:
    building = make_place(base, name="楼", kind="building")
    floor = make_place(base, name="层", kind="floor", parent=building)
    a, _ = (make_place(base, name=name, parent=floor) for name in ("甲", "乙"))
    hall = make_place(base, name="厅", parent=building)
    parts = [make_place(base, name=f"厅{n}", kind="part", parent=hall) for n in "ABC"]
    whole = make_place(base, name="厅AB", kind="combination", parent=hall)
    join(whole, *parts[:2])
    everything = {"楼", "层", "甲", "乙", "厅", "厅A", "厅B", "厅C", "厅AB"}
    assert free(at(8, 9)) == everything
    hold(crew, a, at(8, 10))
    assert free(at(8, 9)) == everything - {"甲", "层", "楼"}
    hold(crew, whole, at(12, 14))
    assert free(at(12, 13)) == everything - {"厅AB", "厅A", "厅B", "厅", "楼"}
    hold(crew, floor, at(16, 18))
    assert free(at(16, 17)) == everything - {"层", "甲", "乙", "楼"}


def test_blockings_are_busy(base: Organisation) -> None:
    place = make_place(base, name="甲")
    rooms = make_place(base, name="客房", kind="resource", capacity=10)
    block(place, at(8, 12))
    block(rooms, at(8, 12))
    assert free(at(11, 13)) == set()
    assert free(at(12, 13)) == {"甲", "客房"}


def test_counted_places_count_the_peak(base: Organisation, crew: tuple[Organisation, Actor]) -> None:
    rooms = make_place(base, name="客房", kind="resource", capacity=5)
    hold(crew, rooms, at(8, 10), units=3)
    hold(crew, rooms, at(10, 12), units=4)
    assert free(at(8, 12)) == {"客房"}
    assert free(at(8, 12), units=2) == set()
    assert free(at(8, 10), units=2) == {"客房"}
    assert free(at(8, 10), units=3) == set()
    hold(crew, rooms, at(9, 10), units=2)
    assert free(at(8, 10)) == set()
    assert free(at(8, 9)) == {"客房"}


def test_what_stands_over_counted_places_needs_all_of_them(
    base: Organisation, crew: tuple[Organisation, Actor]
) -> None:
    hotel = make_place(base, name="酒店", kind="building")
    rooms = make_place(base, name="客房", kind="resource", capacity=5, parent=hotel)
    assert free(at(8, 10)) == {"酒店", "客房"}
    hold(crew, rooms, at(8, 10))
    assert free(at(8, 10)) == {"客房"}


def test_opening_hours_are_the_nearest_and_closed_days_add_up(base: Organisation) -> None:
    site = make_place(base, name="园", kind="site")
    make_place(base, name="甲", parent=site)
    own = make_place(base, name="乙", parent=site)
    opens(site, 8 * 60, 24 * 60)
    opens(own, 10 * 60, 26 * 60)
    ClosedDay.objects.create(place=site, day=MONDAY + timedelta(days=2))
    assert free(at(8, 10)) == {"园", "甲"}
    assert free(at(20, 24)) == {"园", "甲", "乙"}
    assert free(at(22, 26)) == {"乙"}
    assert free(at(7, 9)) == set()
    assert free(at(12, 14, day=2)) == set()
    assert free(at(22, 24, day=1)) == {"园", "甲", "乙"}
    assert free(at(22, 25, day=1)) == set()


def test_round_the_clock_joins_over_midnight(base: Organisation) -> None:
    opens(make_place(base, name="甲"), 0, 1440)
    make_place(base, name="乙")
    assert free(at(20, 30)) == {"甲", "乙"}
    assert free(at(0, 24 * 6)) == {"甲", "乙"}


def test_rules_have_dates(base: Organisation) -> None:
    opens(make_place(base, name="甲"), 480, 1200, valid_from=MONDAY, valid_to=MONDAY)
    assert free(at(9, 10)) == {"甲"}
    assert free(at(9, 10, day=1)) == set()


# Against the wall and the hours, at random


def make_random_city(chance: random.Random, base: Organisation) -> list[Place]:
    places: list[Place] = []
    for n in range(24):
        parents = [p for p in places if p.capacity == 1 and p.kind in {"site", "building", "floor"}]
        parent = chance.choice([None, *parents[-6:]])
        kind = chance.choice(["site", "building", "floor", "set", "set", "set"])
        counted = kind == "set" and chance.random() < 0.3
        place = make_place(
            base,
            name=f"地{n}",
            kind=kind,
            parent=parent,
            capacity=chance.choice([2, 4]) if counted else 1,
            buffer_before_minutes=chance.choice([0, 0, 15, 60]),
            buffer_after_minutes=chance.choice([0, 0, 30, 45]),
        )
        if chance.random() < 0.3:
            first = chance.choice([0, 480, 600])
            opens(place, first, first + chance.choice([600, 840, 1440]), range(chance.choice([5, 7])))
        if chance.random() < 0.1:
            ClosedDay.objects.create(place=place, day=MONDAY + timedelta(days=chance.randrange(3)))
        places.append(place)
    return places


def some_span(chance: random.Random) -> Span:
    start = chance.randrange(0, 96) / 2
    return at(start, start + chance.choice([0.5, 1, 2, 4, 8, 20]))


def is_free(place: Place, span: Span, units: int) -> bool:
    """As a booking finds out: the wall, then the hours."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT bookings_obstacle(id, tstzrange(%s, %s), buffer_before_minutes, buffer_after_minutes, false, %s)"
            " IS NULL FROM places_place WHERE id = %s",
            [span.start, span.end, units, place.pk],
        )
        [[passes]] = cursor.fetchall()
    terms = read_terms(place.pk)
    first, last = (moment.astimezone(CITY_ZONE).date() for moment in (span.start, span.end))
    return passes and any(hours.contains(span) for hours in terms.open_spans(first, last))


@pytest.mark.parametrize("seed", range(4))
def test_agrees_with_the_wall_and_the_hours(
    base: Organisation, crew: tuple[Organisation, Actor], seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    chance = random.Random(seed)
    places = make_random_city(chance, base)
    for _ in range(60):
        place, span = chance.choice(places), some_span(chance)
        with suppress(XiepaiError, IntegrityError):
            if chance.random() < 0.1:
                block(place, span)
            else:
                hold(crew, place, span, units=chance.randint(1, place.capacity))
    found = 0
    for _ in range(25):
        span, units = some_span(chance), chance.choice([1, 1, 2])
        expected = {place.name for place in places if is_free(place, span, units)}
        assert free(span, units=units) == expected, (span, units)
        found += len(expected)
    assert 25 < found < 24 * 25
    monkeypatch.setattr(search_module, "EXACT_FREE", 0)
    for _ in range(5):
        query = SearchQuery(free=some_span(chance), page_size=5)
        rows = [row.name for page in range(1, 7) for row in search(NOBODY, replace(query, page=page)).rows]
        assert set(rows) == {place.name for place in places if is_free(place, query.free, 1)}
        assert len(rows) == len(set(rows))
        assert not search(NOBODY, query).total_is_exact
