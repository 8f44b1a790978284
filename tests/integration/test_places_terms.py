"""Hours, closed days, blockings and tariffs: what changes, what stays, and what bookings forbid."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from tests.factories import LONG_AGO, make_organisation, make_person, make_place, make_tariff

from xiepai.bookings.selectors import free_spans
from xiepai.bookings.services import place_hold
from xiepai.kernel import clock
from xiepai.kernel.errors import ErrorCode, XiepaiError
from xiepai.kernel.models import AuditEntry
from xiepai.parties.access import Actor
from xiepai.parties.models import Organisation
from xiepai.places.models import Place, Tariff
from xiepai.places.services import (
    Extra,
    add_blocking,
    add_extra,
    lift_blocking,
    publish_place,
    publish_tariff,
    remove_extra,
    set_closed_days,
    set_opening_rules,
    update_place,
    withdraw_tariff,
)
from xiepai.places.terms import read_terms
from xiepai.worktime.opening import WeeklyRule
from xiepai.worktime.spans import Span

pytestmark = pytest.mark.django_db
ZONE = ZoneInfo("Asia/Shanghai")
NOW = datetime(2028, 2, 1, 9, tzinfo=ZONE)
TODAY = date(2028, 2, 1)


@pytest.fixture(autouse=True)
def _february() -> object:
    with clock.frozen(NOW):
        yield


@pytest.fixture
def base() -> Organisation:
    return make_organisation("base")


@pytest.fixture
def keeper(base: Organisation) -> Actor:
    return make_person("keeper", base)[1]


@pytest.fixture
def place(base: Organisation) -> Place:
    return make_place(base)


def hours(start: int, end: int, day: int = 3) -> Span:
    midnight = datetime(2028, 2, day, tzinfo=ZONE)
    return Span(midnight + timedelta(hours=start), midnight + timedelta(hours=end))


def hold(place: Place, span: Span) -> Any:
    _person, actor = make_person("scheduler")
    (organisation_id,) = actor.organisations()
    return place_hold(actor=actor, organisation_id=organisation_id, place_id=place.pk, span=span)


def refused(expected: ErrorCode, call: Any, /, *positional: Any, **arguments: Any) -> XiepaiError:
    with pytest.raises(XiepaiError) as caught:
        call(*positional, **arguments)
    assert caught.value.code == expected, caught.value
    return caught.value


def last_event(place: Place) -> AuditEntry:
    return AuditEntry.objects.filter(object_type="places.place", object_id=place.pk).latest("id")


class TestHours:
    def test_hours_are_replaced_and_bound_bookings(self, place, keeper) -> None:
        rules = [WeeklyRule(day, 8 * 60, 22 * 60) for day in range(7)]
        set_opening_rules(actor=keeper, place_id=place.pk, rules=rules)
        refused(ErrorCode.CLOSED, hold, place, hours(22, 23))
        hold(place, hours(20, 22))
        entry = last_event(place)
        assert entry.event == "places.opening.changed"
        assert entry.before == {"opening_rules": []}
        assert entry.after["opening_rules"][0] == [0, 480, 1320, None, None]

    def test_the_same_hours_again_write_nothing(self, place, keeper) -> None:
        rules = [WeeklyRule(1, 0, 60), WeeklyRule(0, 0, 60)]
        set_opening_rules(actor=keeper, place_id=place.pk, rules=rules)
        entry = last_event(place)
        set_opening_rules(actor=keeper, place_id=place.pk, rules=reversed(rules))
        assert last_event(place) == entry

    def test_strangers_do_not_change_hours(self, place) -> None:
        stranger = make_person("keeper")[1]
        refused(ErrorCode.NOT_FOUND, set_opening_rules, actor=stranger, place_id=place.pk, rules=[])
        refused(ErrorCode.NOT_FOUND, set_closed_days, actor=stranger, place_id=place.pk, days={})

    def test_dates_that_end_before_they_begin(self, place, keeper) -> None:
        rule = WeeklyRule(0, 0, 60, date(2028, 3, 1), date(2028, 2, 1))
        refused(ErrorCode.INVALID, set_opening_rules, actor=keeper, place_id=place.pk, rules=[rule])

    def test_a_closed_day_must_be_free_of_bookings(self, place, keeper) -> None:
        hold(place, hours(23, 25, day=3))  # reaches into the 4th
        for day in (3, 4):
            days = {date(2028, 2, day): "检修"}
            error = refused(ErrorCode.PLACE_HAS_BOOKINGS, set_closed_days, actor=keeper, place_id=place.pk, days=days)
            assert error.data["count"] == 1
        set_closed_days(actor=keeper, place_id=place.pk, days={date(2028, 2, 5): " 检修 "})
        assert last_event(place).after == {"closed_days": {"2028-02-05": "检修"}}
        refused(ErrorCode.CLOSED, hold, place, hours(9, 10, day=5))


class TestMemory:
    """What another process changed is not refused by this one's memory of it."""

    def test_a_price_published_after_a_refusal(self, base) -> None:
        place = make_place(base, priced=False)
        refused(ErrorCode.NO_TARIFF, hold, place, hours(9, 10))
        make_tariff(place)
        hold(place, hours(9, 10))

    def test_hours_opened_after_a_refusal(self, place, keeper) -> None:
        set_opening_rules(actor=keeper, place_id=place.pk, rules=[WeeklyRule(day, 480, 600) for day in range(7)])
        refused(ErrorCode.CLOSED, hold, place, hours(20, 22))
        set_opening_rules(actor=keeper, place_id=place.pk, rules=[])
        assert free_spans(place.pk, hours(20, 22)) == (hours(20, 22),)
        hold(place, hours(20, 22))

    def test_a_place_published_or_handed_over_after_a_refusal(self, base) -> None:
        place = make_place(base, visibility="private")
        refused(ErrorCode.NOT_FOUND, hold, place, hours(9, 10))
        officer = make_person("officer")[1]
        publish_place(actor=officer, place_id=place.pk)
        hold(place, hours(9, 10))
        version = read_terms(place.pk).version
        update_place(actor=officer, place_id=place.pk, owner_id=make_organisation("scenic").pk)
        assert read_terms(place.pk).version > version


class TestBlockings:
    def test_blocked_times_are_not_bookable_until_lifted(self, place, keeper) -> None:
        blocking = add_blocking(actor=keeper, place_id=place.pk, span=hours(0, 24), reason="检修")
        refused(ErrorCode.BLOCKED, hold, place, hours(9, 10))
        lift_blocking(actor=keeper, blocking_id=blocking.pk)
        lift_blocking(actor=keeper, blocking_id=blocking.pk)
        hold(place, hours(9, 10))
        assert last_event(place).event == "places.blocking.lifted"

    def test_a_blocking_does_not_land_on_bookings_and_says_how_many(self, place, keeper) -> None:
        hold(place, hours(9, 10))
        hold(place, hours(11, 12))
        hold(place, hours(20, 21))
        error = refused(
            ErrorCode.PLACE_HAS_BOOKINGS,
            add_blocking,
            actor=keeper,
            place_id=place.pk,
            span=hours(8, 13),
            reason="检修",
        )
        assert error.data == {"place": place.name, "count": 2}
        add_blocking(actor=keeper, place_id=place.pk, span=hours(12, 20), reason="检修")  # touching is no clash

    def test_nor_does_it_land_on_booked_units(self, base, keeper) -> None:
        rooms = make_place(base, kind="resource", capacity=3)
        hold(rooms, hours(9, 12))
        common: dict[str, Any] = {"actor": keeper, "place_id": rooms.pk, "reason": "检修"}
        refused(ErrorCode.PLACE_HAS_BOOKINGS, add_blocking, span=hours(8, 13), **common)
        add_blocking(span=hours(12, 13), **common)

    def test_a_site_is_blocked_with_all_in_it(self, base, keeper) -> None:
        site = make_place(base, kind="site")
        child = make_place(base, parent=site)
        add_blocking(actor=keeper, place_id=site.pk, span=hours(0, 24), reason="防汛")
        refused(ErrorCode.BLOCKED, hold, child, hours(9, 10))

    def test_what_a_blocking_needs(self, place, keeper) -> None:
        common: dict[str, Any] = {"actor": keeper, "place_id": place.pk, "span": hours(0, 24)}
        refused(ErrorCode.INVALID, add_blocking, **common, reason=" ")
        refused(ErrorCode.INVALID, add_blocking, **common, reason="检修", override_roles=["king"])
        refused(ErrorCode.NOT_FOUND, add_blocking, **common, reason="检修", override_organisations=[10**9])
        stranger = make_person("keeper")[1]
        refused(ErrorCode.NOT_FOUND, add_blocking, **{**common, "actor": stranger}, reason="检修")
        blocking = add_blocking(**common, reason="检修")
        refused(ErrorCode.NOT_FOUND, lift_blocking, actor=stranger, blocking_id=blocking.pk)


class TestTariffs:
    def test_the_next_tariff_closes_the_one_before(self, place, keeper) -> None:
        old = place.tariffs.get()
        new = publish_tariff(actor=keeper, place_id=place.pk, valid_from=date(2028, 3, 1), hour_fen=20_000)
        old.refresh_from_db()
        assert (old.valid_from, old.valid_to, old.hour_fen) == (LONG_AGO, date(2028, 3, 1), 10_000)
        assert (new.valid_to, new.hour_fen) == (None, 20_000)
        terms = read_terms(place.pk)
        assert terms.tariff_on(date(2028, 2, 29)).hour_fen == 10_000
        assert terms.tariff_on(date(2028, 3, 1)).hour_fen == 20_000
        assert last_event(place).event == "places.tariff.published"
        assert last_event(place).after["tariff"]["hour_fen"] == 20_000

    def test_an_announced_tariff_bounds_an_earlier_one(self, place, keeper) -> None:
        publish_tariff(actor=keeper, place_id=place.pk, valid_from=date(2028, 5, 1), hour_fen=30_000)
        season = publish_tariff(actor=keeper, place_id=place.pk, valid_from=date(2028, 3, 1), hour_fen=20_000)
        assert season.valid_to == date(2028, 5, 1)
        assert list(place.tariffs.order_by("valid_from").values_list("valid_to", flat=True)) == [
            date(2028, 3, 1),
            date(2028, 5, 1),
            None,
        ]

    def test_days_gone_by_are_never_repriced(self, place, keeper) -> None:
        for day in (date(2028, 1, 31), LONG_AGO, date(2019, 1, 1)):
            refused(
                ErrorCode.TARIFF_OVERLAP, publish_tariff, actor=keeper, place_id=place.pk, valid_from=day, hour_fen=1
            )

    def test_the_first_tariff_may_begin_in_the_past(self, base, keeper) -> None:
        place = make_place(base, priced=False)
        publish_tariff(actor=keeper, place_id=place.pk, valid_from=LONG_AGO, hour_fen=1)
        assert place.tariffs.count() == 1

    def test_a_slip_of_today_is_corrected(self, place, keeper) -> None:
        first = publish_tariff(actor=keeper, place_id=place.pk, valid_from=TODAY, hour_fen=1)
        version = read_terms(place.pk).version
        second = publish_tariff(actor=keeper, place_id=place.pk, valid_from=TODAY, hour_fen=20_000)
        assert (second.pk, place.tariffs.count()) == (first.pk, 2)
        assert read_terms(place.pk).version > version
        assert last_event(place).before["tariff"]["hour_fen"] == 1

    def test_withdrawing_what_has_not_begun_lets_the_old_one_go_on(self, place, keeper) -> None:
        coming = publish_tariff(actor=keeper, place_id=place.pk, valid_from=date(2028, 3, 1), hour_fen=1)
        withdraw_tariff(actor=keeper, tariff_id=coming.pk)
        assert place.tariffs.get().valid_to is None
        refused(ErrorCode.TARIFF_OVERLAP, withdraw_tariff, actor=keeper, tariff_id=place.tariffs.get().pk)

    def test_a_tariff_bookings_were_priced_with_stays(self, place, keeper) -> None:
        coming = publish_tariff(actor=keeper, place_id=place.pk, valid_from=date(2028, 2, 3), hour_fen=1)
        hold(place, hours(9, 10))
        refused(ErrorCode.INVALID, withdraw_tariff, actor=keeper, tariff_id=coming.pk)
        assert place.tariffs.count() == 2

    @pytest.mark.parametrize(
        "fields",
        [
            {},
            {"hour_fen": -1},
            {"is_free": True, "hour_fen": 1},
            {"hour_fen": 1, "day_limit_minutes": 30},
            {"hour_fen": 1, "overtime_step_minutes": 45},
            {"hour_fen": 1, "night_from_minute": 1500},
            {"hour_fen": 1, "cancellation": [[24, 50], [48, 20]]},
            {"hour_fen": 1, "cancellation": [[24, 150]]},
            {"hour_fen": 1, "cancellation": "x"},
            {"hour_fen": 1, "standing": "rumour"},
            {"hour_fen": 10**17},
        ],
    )
    def test_what_does_not_hold_together(self, place, keeper, fields) -> None:
        refused(
            ErrorCode.INVALID, publish_tariff, actor=keeper, place_id=place.pk, valid_from=date(2028, 3, 1), **fields
        )
        assert place.tariffs.count() == 1

    def test_extras(self, place, keeper) -> None:
        power = Extra("power", "用电", "度", 2_00, "Power")
        tariff = publish_tariff(
            actor=keeper, place_id=place.pk, valid_from=date(2028, 3, 1), hour_fen=1, extras=[power]
        )
        version = read_terms(place.pk).version
        add_extra(actor=keeper, tariff_id=tariff.pk, extra=Extra("manager", "场务", "天", 300_00))
        assert read_terms(place.pk).version > version
        refused(ErrorCode.INVALID, add_extra, actor=keeper, tariff_id=tariff.pk, extra=power)
        refused(ErrorCode.INVALID, add_extra, actor=keeper, tariff_id=tariff.pk, extra=Extra("x", "", "天", 1))
        refused(ErrorCode.INVALID, add_extra, actor=keeper, tariff_id=tariff.pk, extra=Extra("x", "某", "天", -1))
        remove_extra(actor=keeper, tariff_id=tariff.pk, code="power")
        assert [extra.code for extra in Tariff.objects.get(pk=tariff.pk).extras.all()] == ["manager"]
        assert [extra["code"] for extra in last_event(place).after["tariff"]["extras"]] == ["manager"]
        refused(ErrorCode.NOT_FOUND, remove_extra, actor=keeper, tariff_id=tariff.pk, code="power")

    def test_strangers_price_nothing(self, place) -> None:
        stranger = make_person("keeper")[1]
        refused(ErrorCode.NOT_FOUND, publish_tariff, actor=stranger, place_id=place.pk, valid_from=TODAY, hour_fen=1)
        tariff = make_tariff(place, date(2028, 3, 1))
        refused(ErrorCode.NOT_FOUND, withdraw_tariff, actor=stranger, tariff_id=tariff.pk)
        refused(ErrorCode.NOT_FOUND, add_extra, actor=stranger, tariff_id=tariff.pk, extra=Extra("x", "某", "天", 1))
