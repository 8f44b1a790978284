"""Wishes about the order of scenes: said, kept, judged on the board, obeyed by a solve, named where they conflict."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.test import Client
from tests.drama import Drama, strips_of
from tests.studio import december

from xiepai.kernel.errors import ErrorCode, XiepaiError
from xiepai.planning.shoot import WishKind
from xiepai.shoots.models import Plan, PlanState
from xiepai.shoots.services import boards, solving, wishes

pytestmark = pytest.mark.django_db


def now(plan: Plan) -> Plan:
    return Plan.objects.get(pk=plan.pk)


def wish(drama: Drama, plan: Plan, kind: str, *numbers: int, price: int | None = None) -> Plan:
    scenes = [drama.scenes[n - 1].pk for n in numbers]
    with december():
        return wishes.add_wishes(
            actor=drama.actor, plan_id=plan.pk, revision=now(plan).revision, kind=WishKind(kind), scene_ids=scenes,
            weight_fen=price,
        )  # fmt: skip


def lay(drama: Drama, plan: Plan, day: int, *numbers: int) -> Plan:
    strips, days = strips_of(plan), list(plan.days.all())
    with december():
        return boards.move_strips(
            actor=drama.actor, plan_id=plan.pk, revision=now(plan).revision,
            strip_ids=[strips[str(n)].pk for n in numbers], plan_day_id=days[day].pk,
        )  # fmt: skip


def refused(drama: Drama, plan: Plan, kind: str, *numbers: int, **more: Any) -> XiepaiError:
    with pytest.raises(XiepaiError) as caught:
        wish(drama, plan, kind, *numbers, **more)
    return caught.value


def test_a_must_that_the_board_breaks_is_a_red_flag_in_words(drama: Drama) -> None:
    plan = lay(drama, drama.plan(), 0, 2, 3)
    plan = wish(drama, plan, "not_first", 2)
    assert [flag["rule"] for flag in plan.flags] == ["wish"]
    assert "1-2 不排当天第一场" in plan.flags[0]["zh"]
    assert "1-2 never first of a day" in plan.flags[0]["en"]
    plan = lay(drama, plan, 0, 2)  # behind the other
    assert plan.flags == []
    with december():
        plan = boards.undo(actor=drama.actor, plan_id=plan.pk, revision=plan.revision)
        plan = boards.undo(actor=drama.actor, plan_id=plan.pk, revision=plan.revision)
    assert (plan.flags, plan.settings.get("wishes", [])) == ([], []), "a wish can be undone like a move"


def test_a_priced_wish_costs_what_it_says_and_is_no_flag(drama: Drama) -> None:
    plan = lay(drama, drama.plan(), 0, 2)
    plan = lay(drama, plan, 1, 3)
    plan = wish(drama, plan, "same_day", 2, 3, price=50_000)
    assert plan.flags == []
    assert plan.costs["terms"]["wishes"] == 50_000
    plan = lay(drama, plan, 0, 3)
    assert plan.costs["terms"]["wishes"] == 0


def test_several_scenes_are_as_many_wishes_and_the_same_again_only_a_new_price(drama: Drama) -> None:
    plan = wish(drama, drama.plan(), "before", 2, 3, 5)
    pairs = [(drama.scenes[1].pk, drama.scenes[2].pk), (drama.scenes[2].pk, drama.scenes[4].pk)]
    assert [tuple(row["scenes"]) for row in plan.settings["wishes"]] == pairs
    plan = wish(drama, plan, "before", 2, 3, price=100)
    assert [(tuple(row["scenes"]), row["weight_fen"]) for row in plan.settings["wishes"]] == [
        (pairs[1], None), (pairs[0], 100),
    ]  # fmt: skip
    plan = wish(drama, plan, "not_first", 1, 4)
    assert len(plan.settings["wishes"]) == 4


def test_what_makes_no_sense_is_refused_in_words(drama: Drama) -> None:
    plan = wish(drama, drama.plan(), "before", 2, 3)
    assert "相反" in str(refused(drama, plan, "next", 3, 2))
    assert "两场" in str(refused(drama, plan, "same_day", 2))
    assert "不同" in str(refused(drama, plan, "same_day", 2, 2))
    assert "负数" in str(refused(drama, plan, "not_first", 2, price=-1))
    stranger: dict[str, Any] = {"actor": drama.company.stranger, "plan_id": plan.pk, "revision": plan.revision}
    for deed in (
        lambda: wishes.add_wishes(**stranger, kind=WishKind.NOT_FIRST, scene_ids=[drama.scenes[0].pk]),
        lambda: wishes.drop_wish(**stranger, key=f"before:{drama.scenes[1].pk}-{drama.scenes[2].pk}"),
        lambda: wishes.add_wishes(
            actor=drama.actor, plan_id=plan.pk, revision=plan.revision, kind=WishKind.NOT_FIRST, scene_ids=[987654]
        ),
    ):
        with december(), pytest.raises(XiepaiError) as caught:
            deed()
        assert caught.value.code == ErrorCode.NOT_FOUND
    assert now(plan).settings == plan.settings


def test_a_solve_obeys_every_kind(drama: Drama) -> None:
    plan = wish(drama, drama.plan(), "not_first", 2, 3)
    plan = wish(drama, plan, "before", 5, 2)
    plan = wish(drama, plan, "same_day", 1, 6)
    plan = wish(drama, plan, "next", 3, 6)
    with december():
        solve = solving.ask(actor=drama.actor, plan_id=plan.pk, revision=plan.revision, seconds=2)
        solving.work_solve(solve.pk)
    plan = now(plan)
    assert plan.flags == []
    assert list(plan.costs["wishes"].values()) == [True] * 5
    rows = plan.strips.filter(scene__isnull=False).order_by("plan_day__day", "position")
    order = [(strip.plan_day_id, strip.scene.number) for strip in rows.select_related("scene") if strip.scene]
    at = {number: place for place, (_day, number) in enumerate(order)}
    day = {number: day for day, number in order}
    assert at["5"] < at["2"]
    assert at["6"] == at["3"] + 1
    assert day["3"] == day["6"] == day["1"]
    firsts = {number for n, (one, number) in enumerate(order) if n == 0 or order[n - 1][0] != one}
    assert firsts.isdisjoint({"2", "3"})


def test_wishes_in_conflict_are_named_in_words_and_one_press_drops_the_one(drama: Drama, http: Client) -> None:
    plan = lay(drama, drama.plan(), 0, 2)
    plan = lay(drama, plan, 1, 3)
    plan = wish(drama, plan, "same_day", 2, 3)
    plan = wish(drama, plan, "before", 2, 3)
    strips = strips_of(plan)
    with december():
        boards.set_locked(
            actor=drama.actor, plan_id=plan.pk, revision=plan.revision, is_locked=True,
            strip_ids=[strips["2"].pk, strips["3"].pk],
        )  # fmt: skip
        solve = solving.ask(actor=drama.actor, plan_id=plan.pk, revision=now(plan).revision, seconds=2)
        solving.work_solve(solve.pk)
        solve.refresh_from_db()
        assert solve.status == "infeasible"
        page = http.get(f"/plans/{plan.pk}/").content.decode()
        assert "要求：1-2 与 1-3 同一天" in page
        number = next(n for n, each in enumerate(solve.result["reasons"]) if each["kind"] == "wish")
        http.post(f"/plans/solves/{solve.pk}/loosen/", {"reason": number})
    assert [row["kind"] for row in now(plan).settings["wishes"]] == ["before"], "the other wish of the two stays"


def test_the_settings_page_lists_adds_prices_and_takes_wishes_back(drama: Drama, http: Client) -> None:
    plan = lay(drama, drama.plan(), 0, 2, 3)
    address = f"/plans/{plan.pk}/wishes/"
    one, other = drama.scenes[1].pk, drama.scenes[2].pk
    with december():
        assert "还没有要求" in http.get(f"/plans/{plan.pk}/settings/").content.decode()
        fields = {"wish-kind": "before", "wish-one": other, "wish-other": one, "wish-price": "", "revision": 1}
        assert http.post(address, fields).url.endswith("/settings/#wishes")
        page = http.get(f"/plans/{plan.pk}/settings/").content.decode()
        assert "1-3 拍在 1-2 之前" in page
        assert "没有做到" in page
        missing = http.post(address, {**fields, "wish-other": "", "revision": 2})
        assert missing.status_code == 422
        assert "请选两场" in missing.content.decode()
        http.post(address, {**fields, "wish-kind": "not_first", "wish-price": "300", "revision": 2})
        page = http.get(f"/plans/{plan.pk}/settings/").content.decode()
        assert "¥300" in page
        stale = http.post(address, {"drop": f"before:{other}-{one}", "revision": 1})
        assert "别人刚刚改过" in " ".join(str(each) for each in get_messages(stale.wsgi_request))
        http.post(address, {"drop": f"before:{other}-{one}", "revision": 3})
    assert [row["kind"] for row in now(plan).settings["wishes"]] == ["not_first"]


def test_the_board_says_wishes_of_ticked_strips_in_their_order(drama: Drama, http: Client) -> None:
    plan = lay(drama, drama.plan(), 0, 3, 2)
    strips = strips_of(plan)
    with december():
        page = http.post(
            f"/plans/{plan.pk}/change/",
            {"do": "wish_before", "revision": plan.revision, "strip": [strips["2"].pk, strips["3"].pk]},
            headers={"HX-Request": "true"},
        ).content.decode()
    assert page.count("1-3 拍在 1-2 之前") == 2, "on both strips"
    assert now(plan).settings["wishes"][0]["scenes"] == [drama.scenes[2].pk, drama.scenes[1].pk]
    with december():
        alone = http.post(
            f"/plans/{plan.pk}/change/",
            {"do": "wish_next", "revision": now(plan).revision, "strip": [strips["2"].pk]},
            headers={"HX-Request": "true"},
        ).content.decode()
    assert "请选两场" in alone


def test_an_archived_plan_keeps_its_wishes(drama: Drama) -> None:
    plan = wish(drama, drama.plan(), "not_first", 2)
    Plan.objects.filter(pk=plan.pk).update(state=PlanState.ARCHIVED)
    assert refused(drama, plan, "not_first", 3).code == ErrorCode.INVALID
