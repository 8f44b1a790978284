"""The pages of shooting plans by HTTP: scenarios, the board and its form, settings, solves, why, booking."""

from __future__ import annotations

from datetime import datetime

import pytest
from django.contrib.messages import get_messages
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import translation
from tests.drama import FIRST, Drama, strips_of
from tests.productions import SHOOT, make_work
from tests.studio import at, december

from xiepai.bookings.models import Booking
from xiepai.bookings.services import decline_booking, place_hold
from xiepai.kernel import clock
from xiepai.kernel.errors import XiepaiError
from xiepai.parties.models import Person
from xiepai.places.models import Place
from xiepai.shoots.models import Plan, PlanBooking, PlanState, Solve, SolveKind, SolveState
from xiepai.shoots.services import boards, solving
from xiepai.web.crew.plan_settings import SettingsForm

pytestmark = pytest.mark.django_db


def post(http: Client, plan: Plan, do: str, **fields: object) -> str:
    """Press a button of the board's form as htmx does; the board that comes back."""
    revision = Plan.objects.get(pk=plan.pk).revision
    with december():
        answer = http.post(
            f"/plans/{plan.pk}/change/", {"do": do, "revision": revision, **fields}, headers={"HX-Request": "true"}
        )
    assert answer.status_code == 200
    return answer.content.decode()


def said(http: Client, path: str, data: dict[str, object]) -> str:
    """What a refused or done press said."""
    with december():
        answer = http.post(path, data)
    assert answer.status_code == 302
    return " ".join(str(each) for each in get_messages(answer.wsgi_request))


def test_a_scenario_is_made_solved_compared_and_published(drama: Drama, http: Client) -> None:
    with december():
        page = http.get(f"/works/{drama.work.pk}/plans/").content.decode()
        assert "还没有拍摄计划" in page
        fields = {"name": "甲", "first_day": "2026-12-07", "last_day": "2026-12-08", "units": 2}
        answer = http.post(f"/works/{drama.work.pk}/plans/", fields)
        plan = Plan.objects.get()
        assert answer.url == f"/plans/{plan.pk}/"
        answer = http.post(f"/plans/{plan.pk}/solve/", {"seconds": "2", "do": "plan"})
        solve = Solve.objects.get()
        page = http.get(f"/plans/solves/{solve.pk}/")
        assert "停止" in page.content.decode()
        assert "plan-board" not in page.content.decode()
        solving.work_solve(solve.pk)
        over = http.get(f"/plans/solves/{solve.pk}/").content.decode()
        assert "停止" not in over
        assert 'hx-swap-oob="true"' in over, "the board comes along once the solve is over"
        assert f'name="revision" value="{Plan.objects.get().revision}"' in over
        board = http.get(f"/plans/{plan.pk}/").content.decode()
        assert "polyline" in board
        assert "没有红旗" in board
        http.post(f"/plans/{plan.pk}/scenario/", {"do": "copy"})
        page = http.get(f"/works/{drama.work.pk}/plans/compare/").content.decode()
        assert page.count("甲") >= 2
        http.post(f"/plans/{plan.pk}/scenario/", {"do": "publish"})
    assert Plan.objects.get(pk=plan.pk).state == PlanState.PUBLISHED


def test_strips_are_dropped_ticked_stepped_locked_and_taken_back(drama: Drama, http: Client) -> None:
    plan = drama.plan()
    day, other = plan.days.all()[:2]
    ids = {number: strip.pk for number, strip in strips_of(plan).items()}
    post(http, plan, "drop", dragged=[ids["2"], ids["3"]], onto=day.pk)
    post(http, plan, "move", strip=[ids["5"]], to=day.pk)
    order = lambda: list(plan.strips.filter(plan_day=day).order_by("position").values_list("scene__number", flat=True))  # noqa: E731
    assert order() == ["2", "3", "5"]
    post(http, plan, "up", strip=[ids["5"]])
    assert order() == ["2", "5", "3"]
    post(http, plan, "down", strip=[ids["2"]])
    assert order() == ["5", "2", "3"]
    post(http, plan, "drop", dragged=[ids["3"]], onto=day.pk, before=ids["5"])
    assert order() == ["3", "5", "2"]
    post(http, plan, f"meal:{day.pk}", **{f"text-{day.pk}": "午餐"})
    assert plan.strips.filter(plan_day=day, kind="meal", text="午餐").exists()
    post(http, plan, f"day:{day.pk}", **{f"call-{day.pk}": "06:30", f"over-{day.pk}": "大夜"})
    assert "大夜" in post(http, plan, f"lock:{day.pk}")
    page = post(http, plan, "move", strip=[ids["5"]], to=other.pk)
    assert "已锁定" in page
    assert order() == ["3", "5", "2", None]
    post(http, plan, f"unlock:{day.pk}")
    post(http, plan, "move", strip=[ids["5"]], to="")
    assert order() == ["3", "2", None]
    post(http, plan, "undo")
    assert order() == ["3", "5", "2", None]


def test_a_red_flag_comes_back_with_the_move_in_the_readers_language(drama: Drama, http: Client) -> None:
    plan = drama.plan(most_hours=2, day_hours=1)
    strips = [strip.pk for number, strip in strips_of(plan).items() if number in {"2", "3", "5"}]
    page = post(http, plan, "drop", dragged=strips, onto=plan.days.all()[0].pk)
    assert "A组 一天太长，多 60 分钟" in page
    assert "1 面红旗" in page
    http.cookies["django_language"] = "en"
    with december(), translation.override("en"):
        page = http.get(f"/plans/{plan.pk}/").content.decode()
    assert "60 minutes too long" in page


def test_an_old_revision_is_told_and_sees_the_board_anew(drama: Drama, http: Client) -> None:
    plan = drama.plan()
    strip = strips_of(plan)["2"]
    post(http, plan, "move", strip=[strip.pk], to=plan.days.all()[0].pk)
    with december():
        answer = http.post(
            f"/plans/{plan.pk}/change/",
            {"do": "move", "revision": 0, "strip": strip.pk, "to": ""},
            headers={"HX-Request": "true"},
        )
    page = answer.content.decode()
    assert "别人刚刚改过" in page
    assert 'name="revision" value="1"' in page


def test_settings_keep_what_was_stated_and_show_the_rest_as_assumed(drama: Drama, http: Client) -> None:
    plan = drama.plan()
    with december():
        page = http.get(f"/plans/{plan.pk}/settings/").content.decode()
    assert page.count("假设") > 10
    form = SettingsForm(None, plan=plan)
    fields = {name: form[name].value() for name in form.fields}
    given = {name: "" if value is None else value for name, value in fields.items()} | {"crew_day_fen": "12000"}
    with december():
        answer = http.post(f"/plans/{plan.pk}/settings/", given)
    assert answer.status_code == 302
    assert Plan.objects.get(pk=plan.pk).settings == {"crew_day_fen": 1_200_000}
    with december():
        bad = http.post(f"/plans/{plan.pk}/settings/", given | {"revision": 1, "day_hours": 16, "most_hours": 14})
    assert bad.status_code == 422


def test_why_this_day_names_the_price_or_the_rule_of_every_other_day(drama: Drama, http: Client) -> None:
    role = drama.roles["林晚"]
    role.free_days = [FIRST]
    role.save()
    plan = drama.plan()
    with december():
        solving.work_solve(solving.ask(actor=drama.actor, plan_id=plan.pk, revision=0, seconds=2).pk)
        strip = strips_of(plan)["1"]
        page = http.get(f"/plans/strips/{strip.pk}/why/").content.decode()
    assert "林晚 不在" in page
    assert "不行" in page


def test_conflicting_wishes_are_shown_and_a_button_loosens_one(drama: Drama, http: Client) -> None:
    plan = drama.plan(last=FIRST, most_hours=4, day_hours=4, until_hour=14)
    with december():
        solve = solving.ask(actor=drama.actor, plan_id=plan.pk, revision=plan.revision, seconds=2)
        solving.work_solve(solve.pk)
        page = http.get(f"/plans/{plan.pk}/").content.decode()
        assert "这些要求不能同时满足" in page
        reasons = Solve.objects.get(pk=solve.pk).result["reasons"]
        number = next(n for n, each in enumerate(reasons) if each["kind"] == "unit_hours")
        http.post(f"/plans/solves/{solve.pk}/loosen/", {"reason": number})
    assert Plan.objects.get(pk=plan.pk).settings["most_hours"] == 6


def test_days_that_are_all_locked_are_named_as_the_reason(drama: Drama, http: Client) -> None:
    plan = drama.plan(last=FIRST)
    strips, day = strips_of(plan), plan.days.get()
    who = {"actor": drama.actor, "plan_id": plan.pk}
    with december():
        boards.move_strips(**who, revision=0, strip_ids=[strips["1"].pk], plan_day_id=day.pk)
        boards.set_locked(**who, revision=1, is_locked=True, plan_day_ids=[day.pk])
        solving.work_solve(solving.ask(**who, revision=2, seconds=2).pk)
        page = http.get(f"/plans/{plan.pk}/").content.decode()
    assert "无解：没有可以动的日子" in page
    assert Plan.objects.get(pk=plan.pk).revision == 2


def test_seed_and_rounds_repeat_a_plan_and_the_page_says_how_it_came(drama: Drama, http: Client) -> None:
    plan = drama.plan()
    with december():
        page = http.get(f"/plans/{plan.pk}/").content.decode()
        assert 'name="seed" type="number"' in page
        laid = []
        for _ in range(2):
            http.post(f"/plans/{plan.pk}/solve/", {"seconds": "10", "seed": "7", "rounds": "500", "do": "plan"})
            solve = Solve.objects.first()
            assert solve is not None
            assert "共 500 轮，种子 7" in http.get(f"/plans/solves/{solve.pk}/").content.decode()
            solving.work_solve(solve.pk)
            solve.refresh_from_db()
            laid.append(solve.result["placements"])
            page = http.get(f"/plans/{plan.pk}/").content.decode()
            boards.undo(actor=drama.actor, plan_id=plan.pk, revision=Plan.objects.get().revision)
    assert laid[0] == laid[1]
    assert "按轮数：要了 500 轮 · 用种子 7 · 做了 500 轮" in " ".join(page.split())
    assert f"程序 {solve.result['engine']}" in page
    assert 'name="seed" type="number" min="0" max="2147483647" inputmode="numeric" value="7"' in page


def test_a_seed_or_rounds_that_cannot_be_are_told_by_name(drama: Drama, http: Client) -> None:
    plan = drama.plan()
    for fields, words in (
        ({"seed": "-1"}, "种子："), ({"rounds": "0"}, "轮数："), ({"rounds": "2000000"}, "轮数："),
        ({"seconds": "301"}, "限时："), ({"seed": "x"}, "种子："),
    ):  # fmt: skip
        assert words in said(http, f"/plans/{plan.pk}/solve/", {"seconds": "2", "do": "plan", **fields})
    assert not Solve.objects.exists()
    with december(), pytest.raises(XiepaiError, match="种子"):
        solving.ask(actor=drama.actor, plan_id=plan.pk, revision=0, seed=2**31)


def test_a_solve_stopped_while_it_ran_says_so(drama: Drama, http: Client) -> None:
    plan = drama.plan()
    with december():
        solve = solving.ask(actor=drama.actor, plan_id=plan.pk, revision=0, seconds=30)
        Solve.objects.filter(pk=solve.pk).update(state=SolveState.STOPPING)
        solving.work_solve(solve.pk)
        page = http.get(f"/plans/{plan.pk}/").content.decode()
    assert "可行 · 按停止结束 · 按限时：30 秒 · 用种子 1" in " ".join(page.split())


def test_a_scenario_that_leaves_scenes_out_is_not_called_the_cheapest(drama: Drama, http: Client) -> None:
    empty, whole, dear = drama.plan(), drama.plan(), drama.plan(crew_day_fen=700_000)
    address = f"/works/{drama.work.pk}/plans/compare/"
    with december():
        assert "<strong>¥" not in http.get(address).content.decode(), "nothing is placed anywhere"
        for plan in (whole, dear):
            solve = solving.ask(
                actor=drama.actor, plan_id=plan.pk, revision=Plan.objects.get(pk=plan.pk).revision, rounds=200
            )
            solving.work_solve(solve.pk)
        page = http.get(address).content.decode()
    total = Plan.objects.get(pk=whole.pk).costs["total"]
    assert Plan.objects.get(pk=empty.pk).costs["total"] == 0
    assert page.count("<strong>¥") == 1
    assert f"<strong>¥{total // 100:,}" in page
    more = Plan.objects.get(pk=dear.pk).costs["total"] - total
    assert f">+¥{more // 100:,}" in page


@pytest.mark.parametrize(
    ("now", "first"),
    [
        ("2026-12-20T15:59+00:00", "2026-12-21"),
        ("2026-12-20T16:01+00:00", "2026-12-22"),  # past midnight in the city
        ("2026-11-01T08:00+00:00", str(SHOOT[0])),
    ],
)
def test_a_new_plan_begins_tomorrow_in_the_city_or_with_the_shoot(
    drama: Drama, http: Client, now: str, first: str
) -> None:
    with clock.frozen(datetime.fromisoformat(now)):
        page = http.get(f"/works/{drama.work.pk}/plans/").content.decode()
    assert f'name="first_day" value="{first}"' in page


def test_pages_of_a_work_without_scenes_lead_to_its_script(drama: Drama, http: Client) -> None:
    with december():
        work = make_work(drama.company, title="空作品")
        listing = http.get(f"/works/{work.pk}/plans/").content.decode()
        assert "还没有场次可排" in listing
        first = {"name": "甲", "first_day": "2026-12-07", "last_day": "2026-12-08", "units": 1}
        page = http.get(http.post(f"/works/{work.pk}/plans/", first).url).content.decode()
        assert "这个计划里还没有场次" in page
        assert "全部场次都排上了" not in page
        assert f'href="/works/{work.pk}/scripts/"' in page
        for name in ("roles", "story-places"):
            assert (
                f'class="button" href="/works/{work.pk}/scripts/"'
                in http.get(f"/works/{work.pk}/{name}/").content.decode()
            )


def test_one_more_day_compares_only_plans_that_hold(drama: Drama, http: Client) -> None:
    plan = drama.plan(last=FIRST, most_hours=5, day_hours=5)
    with december():
        asked = solving.ask(
            actor=drama.actor, plan_id=plan.pk, revision=plan.revision, seconds=6, kind=SolveKind.ONE_MORE_DAY
        )
        solving.work_solve(asked.pk)
        page = http.get(f"/plans/{plan.pk}/").content.decode()
    told = Solve.objects.get(pk=asked.pk).result
    assert told["before_status"] in {"infeasible", "unknown"}
    assert told["after_status"] in {"feasible", "optimal"}
    assert "多一天就排得下" in page
    assert "不省钱" not in page


def test_sets_are_booked_all_or_nothing_at_the_price_shown_and_a_refusal_flags_the_plan(
    drama: Drama, http: Client
) -> None:
    Place.objects.filter(pk=drama.studio.places["ward_a"].pk).update(approval="keeper")
    plan = drama.plan()
    with december():
        solving.work_solve(solving.ask(actor=drama.actor, plan_id=plan.pk, revision=0, seconds=2).pk)
        page = http.get(f"/plans/{plan.pk}/book/")
    body = page.content.decode()
    expected = int(body.split('name="expected" value="')[1].split('"')[0])
    path = f"/plans/{plan.pk}/book/"
    assert "价格" in said(http, path, {"revision": 1, "expected": expected + 1}) or not Booking.objects.exists()
    assert not Booking.objects.exists()
    assert "已全部提交" in said(http, path, {"revision": 1, "expected": expected})
    bookings = list(Booking.objects.all())
    assert sum(each.price_fen for each in bookings) == expected
    assert PlanBooking.objects.filter(plan=plan).count() == len(bookings)
    assert {each.work_id for each in bookings} == {drama.work.pk}
    assert "没有要订的场地" in said(http, path, {"revision": 1, "expected": 0})
    asked = next(each for each in bookings if each.state == "requested")
    with december():
        decline_booking(actor=drama.company.officer, booking_id=asked.pk, note="那天消防检查")
        board = http.get(f"/plans/{plan.pk}/").content.decode()
    assert "未批准：那天消防检查" in board


def test_one_slot_that_is_taken_books_nothing(drama: Drama, http: Client) -> None:
    plan = drama.plan()
    with december():
        solving.work_solve(solving.ask(actor=drama.actor, plan_id=plan.pk, revision=0, seconds=2).pk)
        studio = drama.studio
        for day in range(3):
            place_hold(
                actor=studio.actor, organisation_id=studio.crew.pk, place_id=studio.places["ward_a"].pk,
                span=at(0, 24, day=day),
            )  # fmt: skip
        body = http.get(f"/plans/{plan.pk}/book/").content.decode()
    expected = int(body.split('name="expected" value="')[1].split('"')[0])
    before = Booking.objects.count()
    assert said(http, f"/plans/{plan.pk}/book/", {"revision": 1, "expected": expected})
    assert Booking.objects.count() == before
    assert not PlanBooking.objects.exists()


def test_a_board_is_read_in_few_queries(drama: Drama, http: Client) -> None:
    plan = drama.plan(units=2)
    with december(), CaptureQueriesContext(connection) as seen:
        http.get(f"/plans/{plan.pk}/")
    assert len(seen) < 30


def test_a_stranger_finds_nothing(drama: Drama) -> None:
    plan = drama.plan()
    stranger = Client()
    stranger.force_login(Person.objects.get(pk=drama.company.stranger.person_id))
    with december():
        solve = solving.ask(actor=drama.actor, plan_id=plan.pk, revision=0)
        strip = strips_of(plan)["1"]
        for path in (f"/plans/{plan.pk}/", f"/plans/{plan.pk}/book/", f"/plans/{plan.pk}/settings/",
                     f"/plans/solves/{solve.pk}/", f"/plans/strips/{strip.pk}/why/",
                     f"/works/{drama.work.pk}/plans/", f"/works/{drama.work.pk}/plans/compare/"):  # fmt: skip
            assert stranger.get(path).status_code == 404, path
        for path in (f"/plans/{plan.pk}/change/", f"/plans/{plan.pk}/scenario/", f"/plans/{plan.pk}/solve/",
                     f"/plans/solves/{solve.pk}/stop/", f"/plans/solves/{solve.pk}/take/"):  # fmt: skip
            assert stranger.post(path, {"do": "undo"}).status_code == 404, path
    assert Solve.objects.get().state == SolveState.QUEUED
