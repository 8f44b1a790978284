"""From needs to a plan on a small studio: who is found, what is honoured, what is said, how many queries."""

from __future__ import annotations

from collections.abc import Generator
from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests.factories import make_organisation, make_place, make_tariff
from tests.studio import DAY_ONE, Studio, at, december, make_studio

from xiepai.bookings import reasons
from xiepai.bookings.matching import MOVE_FEN, Plan, make_plan
from xiepai.bookings.services import place_hold
from xiepai.kernel import clock
from xiepai.parties.access import system
from xiepai.places.models import Blocking, Place
from xiepai.places.services import update_place
from xiepai.planning.choice import Status

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _december() -> Generator[None, None, None]:
    with december():
        yield


@pytest.fixture
def studio() -> Studio:
    return make_studio()


def plan(studio: Studio, *rows: dict[str, object]) -> Plan:
    return make_plan(studio.actor, studio.needs(*rows))


def codes(made: Plan, line: int = 1) -> list[str]:
    return [reason["code"] for reason in made.reasons[line]]


def why(made: Plan, line: int = 1) -> str:
    return str(made.unmet[line]["why"]["code"])


def take(studio: Studio, name: str, span, units: int = 1) -> None:
    place_hold(
        actor=studio.other_actor,
        organisation_id=studio.other_crew.pk,
        place_id=studio.places[name].pk,
        span=span,
        units=units,
    )


def test_a_kind_of_set_is_the_cheapest_that_holds_the_crew(studio) -> None:
    made = plan(studio, {"需求": "病房", "人数": 40, "同期声": "是"})
    assert made.chosen[1].place.name == "现代病房乙"
    assert codes(made) == ["name", "cheapest", "holds", "sound_sync"]
    assert made.result.status is Status.OPTIMAL
    assert all(reasons.text(reason) for reason in made.reasons[1])


def test_a_named_place_is_that_place(studio) -> None:
    made = plan(studio, {"需求": "现代病房甲"}, {"需求": "老板间", "日期": "第2天"})
    assert [way.place.name for way in made.chosen.values()] == ["现代病房甲", "总裁办公室"]
    assert codes(made)[0] == "named"


def test_a_named_place_is_taken_even_against_a_wish_and_the_report_warns(studio) -> None:
    made = plan(studio, {"需求": "总裁办公室", "人数": 90, "同期声": "是"})
    assert codes(made) == ["named", "over_people", "sound_none"]


def test_a_named_place_that_is_taken_tells_when_it_is_free_and_what_is_like_it(studio) -> None:
    take(studio, "ward_a", at(6, 30))
    made = plan(studio, {"需求": "现代病房甲", "时间": "08:00-20:00", "人数": 40})
    assert not made.chosen
    assert why(made) == "slot_taken"
    first = made.unmet[1]["earliest"][0]
    assert first["place"]["name"] == "现代病房甲"
    assert first["spans"][0][0].startswith("2026-12-08T08:00")
    assert [one["place"]["name"] for one in made.unmet[1]["similar"]] == ["现代病房乙"]


def test_like_places_are_those_most_alike_not_the_cheapest(studio) -> None:
    make_place(studio.base, name="现代病房丙", categories=["hospital"], people_max=60, priced=False)
    for name, people in (("药房", 20), ("停车棚", 400)):
        make_tariff(
            make_place(studio.base, name=name, categories=["hospital"], people_max=people, priced=False),
            hour_fen=1_000,
            day_fen=None,
        )
    take(studio, "ward_a", at(0, 24))
    similar = plan(studio, {"需求": "现代病房甲"}).unmet[1]["similar"]
    assert [one["place"]["name"] for one in similar][:2] == ["现代病房乙", "小病房"]  # 丙 has no tariff


def test_hours_days_and_nights_are_kept(studio) -> None:
    made = plan(
        studio,
        {"需求": "现代病房甲", "时间": "20:00-02:00"},
        {"需求": "现代病房乙", "气氛": "夜"},
        {"需求": "小病房", "日期": "第2-4天", "时间": "08:00-20:00"},
        {"需求": "标准间", "数量": 20, "天数": 5, "每天": "否", "时间": "14:00-12:00"},
    )
    assert made.chosen[1].spans == (at(20, 26),)
    assert made.chosen[2].spans == (at(18, 30),)
    assert made.chosen[3].spans == tuple(at(8, 20, day) for day in (1, 2, 3))
    assert made.chosen[4].spans == (at(14, 4 * 24 + 12),)
    assert made.chosen[4].price_fen == 4 * 20 * 20_000
    assert made.chosen[3].price_fen == 3 * 100_000


def test_a_length_in_a_window_finds_its_start(studio) -> None:
    take(studio, "office", at(8, 12))
    made = plan(studio, {"需求": "总裁办公室", "时间": "08:00-18:00", "时长": "4小时"})
    assert made.chosen[1].spans == (at(12, 16),)


def test_any_day_of_several(studio) -> None:
    take(studio, "office", at(0, 24))
    made = plan(studio, {"需求": "总裁办公室", "日期": "第1-3天", "天数": 1})
    assert made.chosen[1].spans == (at(8, 20, 1),)


def test_two_needs_do_not_get_one_place_and_the_reason_names_the_other_line(studio) -> None:
    rows = [{"需求": "病房", "人数": 40}, {"需求": "病房", "人数": 40}]
    made = plan(studio, *rows)
    assert {way.place.name for way in made.chosen.values()} == {"现代病房甲", "现代病房乙"}
    dearer = next(line for line, way in made.chosen.items() if way.place.name == "现代病房甲")
    assert made.reasons[dearer][1] == {"code": "given_away", "data": {"place": "现代病房乙", "line": 3 - dearer}}
    made = plan(studio, *rows, rows[0])
    (left,) = made.unmet
    assert why(made, left) == "lost"
    assert reasons.text(made.unmet[left]["why"])
    assert made.unmet[left]["earliest"][0]["spans"][0][0].startswith("2026-12-08")


def test_a_hall_and_its_parts_exclude_each_other(studio) -> None:
    made = plan(studio, {"需求": "摄影棚左区"}, {"需求": "摄影棚右区"})
    assert len(made.chosen) == 2
    made = plan(studio, {"需求": "摄影棚", "优先": "必须"}, {"需求": "摄影棚右区", "优先": "尽量"})
    assert list(made.chosen) == [1]


def test_counted_units_are_counted_over_the_sheet_and_what_others_hold(studio) -> None:
    take(studio, "rooms", at(14, 36), units=5)
    row = {"需求": "标准间", "天数": 2, "每天": "否", "时间": "14:00-12:00"}
    assert len(plan(studio, {**row, "数量": 20}, {**row, "数量": 5}).chosen) == 2
    assert len(plan(studio, {**row, "数量": 20}, {**row, "数量": 6}).chosen) == 1
    made = plan(studio, {**row, "数量": 26})
    assert made.unmet[1]["why"] == {
        "code": "not_enough_units",
        "data": {"place": "剧组酒店标准间", "period": "2026-12-07 14:00–12-08 12:00", "free": "25", "needed": "26"},
    }
    assert why(plan(studio, {**row, "数量": 31})) == "too_few_units"


def test_buffers_are_kept_between_needs_and_towards_others(studio) -> None:
    update_place(actor=system(), place_id=studio.places["office"].pk, buffer_after_minutes=120)
    made = plan(studio, {"需求": "总裁办公室", "时间": "08:00-12:00"}, {"需求": "总裁办公室", "时间": "13:00-18:00"})
    assert len(made.chosen) == 1
    made = plan(studio, {"需求": "总裁办公室", "时间": "08:00-12:00"}, {"需求": "总裁办公室", "时间": "14:00-18:00"})
    assert len(made.chosen) == 2


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ({"需求": "火星基地"}, "no_place"),
        ({"需求": "病房", "人数": 500}, "too_small"),
        ({"需求": "湖畔公园", "时间": "08:00-20:00"}, "closed"),
        ({"需求": "现代病房甲", "日期": "2027-12-30"}, "too_early"),
        ({"需求": "现代病房甲", "日期": "2026-12-01", "时间": "08:00-12:00"}, "in_the_past"),
        ({"需求": "现代病房甲", "时间": "08:10-12:00"}, "off_step"),
    ],
)
def test_why_not(studio, row, code) -> None:
    made = plan(studio, row)
    assert why(made) == code
    assert reasons.text(made.unmet[1]["why"])


def test_all_taken_says_how_many_and_the_earliest(studio) -> None:
    for name in ("ward_a", "ward_b", "small_ward"):
        take(studio, name, at(10, 30))
    made = plan(studio, {"需求": "病房"})
    assert made.unmet[1]["why"] == {"code": "all_taken", "data": {"count": 3}}
    assert len(made.unmet[1]["earliest"]) == 3


def test_a_blocking_is_an_obstacle_like_any_other(studio) -> None:
    with_audit(Blocking(place=studio.places["office"], period=(at(10, 12).start, at(10, 12).end), reason="检修"))
    assert why(plan(studio, {"需求": "总裁办公室"})) == "slot_taken"
    assert plan(studio, {"需求": "总裁办公室", "时间": "12:00-20:00"}).chosen


def with_audit(row) -> None:
    from django.db import transaction

    from xiepai.kernel import audit

    with transaction.atomic():
        row.save()
        audit.record("places.blocking.set", row, actor=system())


def test_staying_in_one_building_is_worth_a_move(studio) -> None:
    rows = [{"需求": "总裁办公室", "时间": "08:00-12:00"}, {"需求": "病房", "人数": 40, "时间": "13:00-22:00"}]
    made = plan(studio, *rows)
    assert MOVE_FEN == 50_000
    assert made.chosen[2].place.name == "现代病房甲"  # 800 against 1,000 yuan, but in another building
    assert codes(made, 2)[1] == "fewer_moves"


def test_what_is_not_public_is_not_found(studio) -> None:
    hidden = make_place(studio.base, name="密室", visibility="private")
    assert why(plan(studio, {"需求": "密室"})) == "no_place"
    assert make_plan(system(), studio.needs({"需求": "密室"})).chosen[1].place.id == hidden.pk


def test_words_are_understood_in_parts_and_by_category(studio) -> None:
    assert plan(studio, {"需求": "病房（现代）", "人数": 40}).chosen[1].place.name == "现代病房乙"
    made = plan(studio, {"需求": "市立医院大堂"})
    assert made.chosen[1].place.categories == ("hospital",)
    assert made.reasons[1][0] == {"code": "category", "data": {"words": "医院"}}
    assert plan(studio, {"需求": "bingfang"}).chosen  # pinyin


def test_a_town_is_kept_and_an_unknown_one_is_said(studio) -> None:
    make_place(make_organisation(), name="嘉泽病房", town="jiaze", categories=["hospital"])
    assert plan(studio, {"需求": "病房", "镇街": "嘉泽"}).chosen[1].place.name == "嘉泽病房"
    assert "town_unknown" in codes(plan(studio, {"需求": "病房", "镇街": "月球镇"}))
    assert why(plan(studio, {"需求": "办公室", "镇街": "嘉泽"})) == "other_town"


def test_a_place_that_only_mentions_the_words_is_not_preferred_for_being_cheap(studio) -> None:
    cheap = make_place(studio.base, name="空地", description="旁边有一间办公室", priced=False)
    make_tariff(cheap, is_free=True, hour_fen=None, day_fen=None)
    update_place(actor=system(), place_id=cheap.pk, categories=["street"])
    assert plan(studio, {"需求": "办公室"}).chosen[1].place.name == "总裁办公室"


def test_the_number_of_queries_does_not_grow_with_candidates_or_needs(studio) -> None:
    def queries(*rows) -> int:
        with CaptureQueriesContext(
            connection,
        ) as caught:
            plan(studio, *rows)
        return len([query for query in caught.captured_queries if "SAVEPOINT" not in query["sql"]])

    few = queries({"需求": "病房", "时间": "08:00-10:00"})
    for number in range(12):
        make_place(studio.base, name=f"病房{number}", categories=["hospital"])
    rows = [{"需求": "病房", "日期": f"第{day}天", "时间": "08:00-10:00"} for day in range(1, 6)]
    assert queries(*rows) <= few + 1
    assert Place.objects.count() > 15


def test_a_plan_holds_against_the_wall_under_random_needs(studio) -> None:
    """Whatever is chosen can really be booked, all of it at once."""
    import random

    from xiepai.bookings.services import SlotRequest, place_bundle

    dice = random.Random(5)
    for name, hour in (("ward_a", 9), ("office", 13), ("hall_左", 8), ("ward_b", 20)):
        take(studio, name, at(hour, hour + 4, dice.randrange(3)))
    take(studio, "rooms", at(14, 60), units=12)
    words = ["病房", "总裁办公室", "摄影棚", "标准间", "商务车", "湖畔公园", "办公室", "摄影棚左区"]
    rows = [
        {
            "需求": dice.choice(words),
            "日期": f"第{dice.randrange(1, 5)}天",
            "时间": dice.choice(["08:00-12:00", "10:00-16:00", "20:00-02:00", "日", "09:00-17:00"]),
            **({"时长": "3小时"} if dice.random() < 0.3 else {}),
            "数量": dice.choice([1, 1, 3]),
        }
        for _ in range(40)
    ]
    needs = studio.needs(*rows)
    made = make_plan(studio.actor, needs)
    assert len(made.chosen) > 12
    by_line = {need.line: need for need in needs}
    items = [
        SlotRequest(way.place.id, span, by_line[line].units, expected_price_fen=quote.total.fen)
        for line, way in made.chosen.items()
        for span, quote in zip(way.spans, way.quotes, strict=True)
    ]
    bundle = place_bundle(actor=studio.actor, organisation_id=studio.crew.pk, title="全部", items=items)
    assert bundle.bookings.count() == len(items)


def test_the_window_reaches_over_the_new_year(studio) -> None:
    with clock.frozen(at(8, 9, 20).start):
        made = make_plan(studio.actor, studio.sheet({"需求": "病房"}, day_one=date(2026, 12, 31)).needs)
    assert made.chosen[1].spans[0].start.date() == DAY_ONE + timedelta(days=24)
