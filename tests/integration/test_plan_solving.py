"""Solves as jobs: asked, worked, stopped, taken up again, laid out or kept beside; and what an impossible one says."""

from __future__ import annotations

from datetime import time, timedelta

import pytest
from procrastinate.contrib.django.models import ProcrastinateJob
from tests.drama import FIRST, Drama, make_drama, strips_of
from tests.studio import december

from xiepai.kernel.errors import ErrorCode, XiepaiError
from xiepai.shoots.models import Plan, PlanDay, Solve, SolveKind, SolveState, Strip
from xiepai.shoots.services import boards, solving

pytestmark = pytest.mark.django_db


@pytest.fixture
def drama() -> Drama:
    with december():
        return make_drama()


def ask(drama: Drama, plan: Plan, **fields: object) -> Solve:
    with december():
        return solving.ask(actor=drama.actor, plan_id=plan.pk, revision=plan.revision, seconds=2, **fields)  # type: ignore[arg-type]


def work(solve: Solve) -> Solve:
    with december():
        solving.work_solve(solve.pk)
    return Solve.objects.get(pk=solve.pk)


def test_a_solve_lays_every_scene_out_and_can_be_undone(drama: Drama) -> None:
    plan = drama.plan(units=2)
    solve = ask(drama, plan)
    assert ProcrastinateJob.objects.filter(task_name="shoots.solve", args={"solve_id": solve.pk}).count() == 1
    solve = work(solve)
    assert (solve.state, solve.status in {"optimal", "feasible"}) == (SolveState.DONE, True)
    assert solve.progress
    assert solve.best_fen is not None
    assert solve.bound_fen is not None
    assert solve.bound_fen <= solve.best_fen
    plan = Plan.objects.get(pk=plan.pk)
    assert plan.revision == 1
    assert plan.flags == []
    assert plan.costs["total"] == solve.best_fen
    assert all(strip.plan_day_id for strip in strips_of(plan).values())
    with december():
        boards.undo(actor=drama.actor, plan_id=plan.pk, revision=1)
    assert not any(strip.plan_day_id for strip in strips_of(plan).values())


def test_one_solve_at_a_time_and_a_queued_one_stops_at_once(drama: Drama) -> None:
    plan = drama.plan()
    solve = ask(drama, plan)
    with pytest.raises(XiepaiError):
        ask(drama, plan)
    with december():
        solving.stop(actor=drama.actor, solve_id=solve.pk)
    assert Solve.objects.get(pk=solve.pk).state == SolveState.DONE
    assert work(solve).attempts == 0
    ask(drama, plan)


def test_a_running_solve_that_is_stopped_keeps_its_best(drama: Drama) -> None:
    plan = drama.plan()
    solve = ask(drama, plan)
    Solve.objects.filter(pk=solve.pk).update(state=SolveState.RUNNING)
    with december():
        solving.stop(actor=drama.actor, solve_id=solve.pk)
    assert Solve.objects.get(pk=solve.pk).state == SolveState.STOPPING
    solve = work(solve)
    assert solve.state == SolveState.DONE
    assert solve.result["placements"]


def test_a_board_changed_meanwhile_is_left_alone_and_the_answer_becomes_a_scenario(drama: Drama) -> None:
    plan = drama.plan()
    solve = ask(drama, plan)
    strip = strips_of(plan)["5"]
    with december():
        boards.move_strips(
            actor=drama.actor, plan_id=plan.pk, revision=0, strip_ids=[strip.pk], plan_day_id=plan.days.all()[2].pk
        )
    solve = work(solve)
    plan = Plan.objects.get(pk=plan.pk)
    assert plan.revision == 1
    assert "taken_by" not in solve.result
    with december():
        other = solving.take(actor=drama.actor, solve_id=solve.pk)
    assert other.pk != plan.pk
    assert all(each.plan_day_id for each in strips_of(other).values())


def test_a_solve_taken_up_too_often_is_failed(drama: Drama) -> None:
    solve = ask(drama, drama.plan())
    Solve.objects.filter(pk=solve.pk).update(state=SolveState.RUNNING, attempts=solving.MOST_ATTEMPTS)
    solve = work(solve)
    assert (solve.state, solve.message) == (SolveState.FAILED, "worker")


def test_a_killed_workers_solve_is_taken_up_again(drama: Drama) -> None:
    plan = drama.plan()
    solve = ask(drama, plan)
    Solve.objects.filter(pk=solve.pk).update(state=SolveState.RUNNING, attempts=1, progress=[[0.4, 5, 1, 0]])
    solve = work(solve)
    assert (solve.state, solve.attempts) == (SolveState.DONE, 2)
    assert solve.progress[0] == [0.4, 5, 1, 0]
    assert solve.progress[-1][0] > 0.4


def test_locked_strips_stay_where_they_are(drama: Drama) -> None:
    plan = drama.plan()
    strip, day = strips_of(plan)["2"], plan.days.all()[2]
    with december():
        who = {"actor": drama.actor, "plan_id": plan.pk}
        boards.move_strips(**who, revision=0, strip_ids=[strip.pk], plan_day_id=day.pk)
        plan = boards.set_locked(**who, revision=1, is_locked=True, strip_ids=[strip.pk])
    assert work(ask(drama, plan)).status in {"optimal", "feasible"}
    assert strips_of(plan)["2"].plan_day_id == day.pk
    assert Plan.objects.get(pk=plan.pk).revision == 3


def test_wishes_that_cannot_hold_together_are_named_with_what_loosens_them(drama: Drama) -> None:
    role = drama.roles["林晚"]
    role.free_days = [FIRST + timedelta(days=90)]
    role.save()
    plan = drama.plan()
    solve = work(ask(drama, plan))
    assert solve.status == "infeasible"
    reasons = solve.result["reasons"]
    assert [each["kind"] for each in reasons] == ["person"]
    assert "林晚" in reasons[0]["zh"][0]
    assert "get 林晚 for another day" in reasons[0]["en"][1]
    assert Plan.objects.get(pk=plan.pk).revision == 0


def test_what_one_more_day_would_buy_changes_no_board(drama: Drama) -> None:
    plan = drama.plan(last=FIRST)
    solve = work(ask(drama, plan, kind=SolveKind.ONE_MORE_DAY))
    assert solve.state == SolveState.DONE
    assert solve.result["after_status"] in {"optimal", "feasible"}
    assert Plan.objects.get(pk=plan.pk).revision == 0


def test_a_stranger_asks_and_stops_nothing(drama: Drama) -> None:
    plan = drama.plan()
    solve = ask(drama, plan)
    for deed in (
        lambda: solving.ask(actor=drama.company.stranger, plan_id=plan.pk, revision=0),
        lambda: solving.stop(actor=drama.company.stranger, solve_id=solve.pk),
        lambda: solving.take(actor=drama.company.stranger, solve_id=solve.pk),
    ):
        with pytest.raises(XiepaiError) as refused:
            deed()
        assert refused.value.code == ErrorCode.NOT_FOUND


def board_of(plan: Plan) -> dict[str, tuple[object, ...]]:
    """Where every strip stands: its day, order, place and minutes."""
    return {
        number: (strip.plan_day_id, strip.position, strip.place_id, strip.starts_at, strip.ends_at)
        for number, strip in strips_of(plan).items()
    }


def test_a_locked_day_keeps_everything_and_the_other_unit_is_planned(drama: Drama) -> None:
    """A's day is locked, with its lunch; B's of the same date is not: A's stands to the minute, B's is planned anew."""
    plan = drama.plan(units=2)
    days = list(plan.days.all())
    strips = strips_of(plan)
    who = {"actor": drama.actor, "plan_id": plan.pk}
    with december():
        boards.edit_day(**who, revision=0, plan_day_id=days[0].pk, call_at=time(9, 10), banner="")
        for revision, (day, numbers) in enumerate(((days[0], ("6", "1", "3")), (days[1], ("8", "2"))), start=1):
            pks = [strips[number].pk for number in numbers]
            boards.move_strips(**who, revision=revision, strip_ids=pks, plan_day_id=day.pk)
        boards.add_banner(**who, revision=3, plan_day_id=days[0].pk, text="午餐", is_meal=True)
        boards.add_banner(**who, revision=4, plan_day_id=days[1].pk, text="午餐", is_meal=True)
        plan = boards.set_locked(**who, revision=5, is_locked=True, plan_day_ids=[days[0].pk])
    assert (days[0].day, days[0].unit, days[1].day, days[1].unit) == (FIRST, 0, FIRST, 1)

    def locked() -> list[tuple[object, ...]]:
        rows = Strip.objects.filter(plan=plan, plan_day=days[0]).order_by("position")
        return list(rows.values_list("pk", "position", "place_id", "starts_at", "ends_at", "not_before"))

    before, called = locked(), PlanDay.objects.get(pk=days[0].pk).call_at
    others = {number for number, row in board_of(plan).items() if row[0] == days[1].pk}
    assert others == {"8", "2"}
    flags = {row["zh"] for row in plan.flags}
    assert work(ask(drama, plan, rounds=1500)).status in {"optimal", "feasible"}
    assert (locked(), PlanDay.objects.get(pk=days[0].pk).call_at) == (before, called)
    after = board_of(plan)
    assert {row[0] for row in after.values()}.isdisjoint({None})
    beside = {number for number, row in after.items() if row[0] == days[1].pk}
    assert beside - others, "scenes that were in the boneyard are shot beside the locked day"
    fresh = {row["zh"] for row in Plan.objects.get(pk=plan.pk).flags} - flags
    assert not fresh, "nothing new is wrong, meals and all"


def test_what_would_move_a_locked_day_is_refused_and_settings_do_not_shift_it(drama: Drama) -> None:
    plan = drama.plan()
    days, strips = list(plan.days.all()), strips_of(plan)
    who = {"actor": drama.actor, "plan_id": plan.pk}
    with december():
        boards.move_strips(**who, revision=0, strip_ids=[strips["2"].pk], plan_day_id=days[0].pk)
        boards.set_locked(**who, revision=1, is_locked=True, plan_day_ids=[days[0].pk])
        for spots in (
            [boards.Spot(strips["2"].scene_id or 0, days[1].day, 0, 0)],
            [boards.Spot(strips[number].scene_id or 0, days[0].day, 0, n) for n, number in enumerate(("3", "2"))],
        ):
            with pytest.raises(XiepaiError, match="锁定"):
                boards.apply_spots(**who, revision=2, spots=spots, what="x")
        before = board_of(plan)["2"]
        boards.edit_settings(**who, revision=2, settings={"call_at": "11:00"})
    assert board_of(plan)["2"] == before


def test_the_same_board_seed_and_rounds_give_the_same_plan(drama: Drama) -> None:
    plan = drama.plan(units=2)
    found = []
    for _ in range(2):
        solve = work(ask(drama, plan, seed=7, rounds=1500))
        assert solve.result["rounds"] == 1500 or solve.status == "optimal"
        found.append((solve.status, solve.best_fen, solve.result["placements"]))
        with december():
            plan = boards.undo(actor=drama.actor, plan_id=plan.pk, revision=Plan.objects.get(pk=plan.pk).revision)
    assert found[0] == found[1]
