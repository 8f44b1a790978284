"""Wishes about days, of scenes and of sets: kept, judged, obeyed, named in conflicts and answers, said on pages."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from tests.drama import FIRST, Drama, strips_of
from tests.studio import december

from xiepai.kernel.errors import ErrorCode, XiepaiError
from xiepai.planning.shoot import WishKind
from xiepai.shoots import answers
from xiepai.shoots.models import Plan, Strip
from xiepai.shoots.services import boards, solving, wishes

pytestmark = pytest.mark.django_db
SECOND, THIRD = FIRST + timedelta(days=1), FIRST + timedelta(days=2)


def now(plan: Plan) -> Plan:
    return Plan.objects.get(pk=plan.pk)


def wish(drama: Drama, plan: Plan, kind: str, days: list[date], *numbers: int, **more: Any) -> Plan:
    scenes = [drama.scenes[n - 1].pk for n in numbers]
    with december():
        return wishes.add_day_wishes(
            actor=drama.actor, plan_id=plan.pk, revision=now(plan).revision, kind=WishKind(kind), days=days,
            scene_ids=scenes, **more,
        )  # fmt: skip


def lay(drama: Drama, plan: Plan, day: int, *numbers: int) -> Plan:
    strips, days = strips_of(plan), list(plan.days.all())
    with december():
        return boards.move_strips(
            actor=drama.actor, plan_id=plan.pk, revision=now(plan).revision,
            strip_ids=[strips[str(n)].pk for n in numbers], plan_day_id=days[day].pk,
        )  # fmt: skip


def solved(drama: Drama, plan: Plan) -> Any:
    with december():
        solve = solving.ask(actor=drama.actor, plan_id=plan.pk, revision=now(plan).revision, rounds=2000)
        solving.work_solve(solve.pk)
    solve.refresh_from_db()
    return solve


def test_a_scene_on_a_day_it_is_not_wished_on_is_a_red_flag_or_costs_its_price(drama: Drama) -> None:
    plan = lay(drama, drama.plan(), 0, 2, 3)
    plan = wish(drama, plan, "only_on", [SECOND, THIRD], 2)
    assert [(flag["rule"], flag["day"]) for flag in plan.flags] == [("wish", "2026-12-07")]
    assert "1-2 只在 12-08、12-09 拍" in plan.flags[0]["zh"]
    assert "1-2 only on 12-08, 12-09" in plan.flags[0]["en"]
    plan = wish(drama, plan, "not_on", [FIRST], 3, 5, weight_fen=40_000)
    assert plan.costs["terms"]["wishes"] == 40_000, "3 stands there, 5 lies in the boneyard"
    assert list(plan.costs["wishes"].values()) == [False, False, None]
    plan = lay(drama, plan, 1, 2, 3)
    assert (plan.flags, plan.costs["terms"]["wishes"]) == ([], 0)


def test_a_wish_about_a_set_holds_for_whatever_plays_there(drama: Drama) -> None:
    """Scenes 1 and 4 play at the lake."""
    plan = lay(drama, drama.plan(), 0, 1, 4)
    lake = drama.places["湖畔"]
    plan = wish(drama, plan, "only_on", [THIRD], story_place_id=lake.pk)
    assert len(plan.flags) == 2
    scene = drama.scenes[1]
    scene.story_place = lake
    scene.save(update_fields=["story_place"])
    plan = lay(drama, plan, 0, 2)
    assert len(plan.flags) == 3, "a scene moved to the set is meant too"
    solve = solved(drama, plan)
    assert solve.status in {"feasible", "optimal"}
    days = dict(Strip.objects.filter(plan=plan).values_list("scene__number", "plan_day__day"))
    assert {days["1"], days["4"], days["2"]} == {THIRD}
    assert now(plan).flags == []


def test_a_second_only_on_takes_the_place_of_the_first_and_not_on_adds_up(drama: Drama) -> None:
    plan = wish(drama, drama.plan(), "only_on", [FIRST], 2)
    plan = wish(drama, plan, "only_on", [THIRD, SECOND], 2, weight_fen=100)
    assert [(row["days"], row["weight_fen"]) for row in plan.settings["wishes"]] == [
        (["2026-12-08", "2026-12-09"], 100)
    ]
    plan = wish(drama, plan, "not_on", [FIRST], 3)
    plan = wish(drama, plan, "not_on", [SECOND], 3)
    plan = wish(drama, plan, "not_on", [SECOND], 3, weight_fen=7)
    assert [(row["days"], row["weight_fen"]) for row in plan.settings["wishes"][1:]] == [
        (["2026-12-07"], None), (["2026-12-08"], 7),
    ]  # fmt: skip
    key = f"not_on:{drama.scenes[2].pk}:2026-12-07"
    with december():
        wishes.drop_wish(actor=drama.actor, plan_id=plan.pk, revision=plan.revision, key=key)
        plan = boards.undo(actor=drama.actor, plan_id=plan.pk, revision=now(plan).revision)
    assert len(plan.settings["wishes"]) == 3


def test_what_makes_no_sense_about_days_is_refused_in_words(drama: Drama) -> None:
    plan = drama.plan()

    def refused(kind: str, days: list[date], *numbers: int, **more: Any) -> XiepaiError:
        with pytest.raises(XiepaiError) as caught:
            wish(drama, plan, kind, days, *numbers, **more)
        return caught.value

    assert "选一天" in str(refused("only_on", [], 2))
    assert "选一天" in str(refused("only_on", [date(2026, 12, 24)], 2))
    assert "等于没有要求" in str(refused("only_on", [FIRST, SECOND, THIRD], 2))
    assert "哪天也不能拍" in str(refused("not_on", [FIRST, SECOND, THIRD], 2))
    assert "次序" in str(refused("before", [FIRST], 2))
    assert "负数" in str(refused("not_on", [FIRST], 2, weight_fen=-1))
    assert "请选" in str(refused("not_on", [FIRST]))
    assert refused("not_on", [FIRST], story_place_id=987654).code == ErrorCode.NOT_FOUND
    with december(), pytest.raises(XiepaiError) as caught:
        wishes.add_wishes(
            actor=drama.actor, plan_id=plan.pk, revision=plan.revision, kind=WishKind.NOT_ON,
            scene_ids=[drama.scenes[0].pk],
        )  # fmt: skip
    assert "请选日子" in str(caught.value)
    with december(), pytest.raises(XiepaiError) as caught:
        wishes.add_day_wishes(
            actor=drama.company.stranger, plan_id=plan.pk, revision=plan.revision, kind=WishKind.NOT_ON, days=[FIRST],
            scene_ids=[drama.scenes[0].pk],
        )  # fmt: skip
    assert caught.value.code == ErrorCode.NOT_FOUND
    assert now(plan).settings == plan.settings


def test_a_set_and_a_lock_in_conflict_are_named_and_one_press_drops_the_wish(drama: Drama, http: Client) -> None:
    plan = lay(drama, drama.plan(), 0, 1)
    plan = wish(drama, plan, "only_on", [SECOND], story_place_id=drama.places["湖畔"].pk)
    plan = wish(drama, plan, "not_on", [THIRD], 2)
    with december():
        boards.set_locked(
            actor=drama.actor, plan_id=plan.pk, revision=plan.revision, is_locked=True,
            strip_ids=[strips_of(plan)["1"].pk],
        )  # fmt: skip
    solve = solved(drama, plan)
    assert solve.status == "infeasible"
    said = {each["kind"]: each["zh"][0] for each in solve.result["reasons"]}
    assert said == {"lock": "1-1 被锁定", "wish": "要求：“湖畔”的戏只在 12-08 拍"}
    number = next(n for n, each in enumerate(solve.result["reasons"]) if each["kind"] == "wish")
    with december():
        assert "“湖畔”的戏只在 12-08 拍" in http.get(f"/plans/{plan.pk}/").content.decode()
        http.post(f"/plans/solves/{solve.pk}/loosen/", {"reason": number})
    assert [row["kind"] for row in now(plan).settings["wishes"]] == ["not_on"], "the other wish stays"


def test_why_this_day_names_the_wish_and_is_not_hindered_by_anothers_flag(drama: Drama) -> None:
    plan = lay(drama, drama.plan(), 0, 2, 3)
    plan = wish(drama, plan, "not_on", [SECOND], 2)
    plan = wish(drama, plan, "not_on", [THIRD], 2, weight_fen=12_300)
    plan = wish(drama, plan, "only_on", [THIRD], 3)  # broken: 3 stands on the first day
    plan = wish(drama, plan, "only_on", [FIRST], story_place_id=drama.places["湖畔"].pk)  # nothing of it is placed
    with december():
        found = {each.day: each for each in answers.why(strips_of(plan)["2"], "zh")}
    assert found[SECOND].reasons == ("12-08 必须满足的要求没有满足：1-2 不在 12-08 拍",)
    assert found[THIRD].reasons == ()
    assert found[THIRD].more["wishes"] == 12_300


def test_the_settings_page_says_days_for_a_set_and_a_scene(drama: Drama, http: Client) -> None:
    plan = lay(drama, drama.plan(), 0, 1)
    address, lake = f"/plans/{plan.pk}/wishes/", drama.places["湖畔"].pk
    fields = {"days-what": f"set-{lake}", "days-kind": "only_on", "days-days": ["2026-12-08"], "days-price": ""}
    with december():
        assert http.post(address, {**fields, "revision": 1}).url.endswith("/settings/#wishes")
        page = http.get(f"/plans/{plan.pk}/settings/").content.decode()
        assert "“湖畔”的戏只在 12-08 拍" in page
        assert "没有做到" in page
        missing = http.post(address, {"days-what": f"set-{lake}", "days-kind": "only_on", "revision": 2})
        assert missing.status_code == 422
        one = drama.scenes[1].pk
        more = {"days-what": f"scene-{one}", "days-kind": "not_on", "days-price": "20", "revision": 2}
        http.post(address, {**more, "days-days": ["2026-12-07", "2026-12-08"]})
        board = http.get(f"/plans/{plan.pk}/", headers={"Accept-Language": "en"}).content.decode()
        assert "1-2 not on 12-07, 12-08" in board
    keys = [
        (row["kind"], row.get("story_place"), row["scenes"], row["weight_fen"]) for row in now(plan).settings["wishes"]
    ]
    assert keys == [("only_on", lake, [], None), ("not_on", None, [one], 2000)]


def test_a_strip_says_of_its_sets_wish_only_what_it_breaks_itself(drama: Drama, http: Client) -> None:
    plan = lay(drama, drama.plan(), 0, 1)
    plan = lay(drama, plan, 1, 4)
    wish(drama, plan, "only_on", [SECOND], story_place_id=drama.places["湖畔"].pk, weight_fen=100)
    with december():
        page = http.get(f"/plans/{plan.pk}/").content.decode()
    assert page.count('<p class="strip-wish broken">') == 1
    assert page.count('<p class="strip-wish">') == 1


def test_the_board_wishes_ticked_strips_on_the_chosen_day(drama: Drama, http: Client) -> None:
    plan = lay(drama, drama.plan(), 0, 3, 2)
    strips, day = strips_of(plan), plan.days.get(day=SECOND)
    form = {"do": "wish_only_on", "to": day.pk, "strip": [strips["2"].pk, strips["3"].pk]}
    with december():
        http.post(f"/plans/{plan.pk}/change/", {**form, "revision": plan.revision})
        kept = now(plan)
        said = http.post(
            f"/plans/{plan.pk}/change/", {**form, "to": "", "revision": kept.revision}, headers={"HX-Request": "true"}
        ).content.decode()
    assert "选一天" in said
    assert [(row["kind"], row["days"]) for row in kept.settings["wishes"]] == [("only_on", ["2026-12-08"])] * 2
    assert len(kept.flags) == 2
