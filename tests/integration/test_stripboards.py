"""Stripboards through their services: made, arranged, undone, held against a second hand, published."""

from __future__ import annotations

from datetime import date, time
from threading import Barrier, Thread

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.productions import Company, make_company, make_work

from xiepai.kernel import audit
from xiepai.kernel.clock import local
from xiepai.kernel.errors import ErrorCode, XiepaiError
from xiepai.kernel.models import AuditEntry
from xiepai.parties.access import system
from xiepai.shoots.models import Plan, PlanState, Scene, ShotState, Strip
from xiepai.shoots.services import boards, layouts, scenarios

pytestmark = pytest.mark.django_db

FIRST, LAST = date(2026, 12, 7), date(2026, 12, 9)


def make_scenes(work_id: int, count: int = 6) -> list[Scene]:
    """Scenes of a breakdown, half an hour each."""
    with transaction.atomic():
        scenes = [Scene.objects.create(work_id=work_id, episode=1, number=str(n + 1), position=n) for n in range(count)]
        audit.record("shoots.script.confirmed", scenes[0], actor=system())
    return scenes


@pytest.fixture
def company() -> Company:
    return make_company()


@pytest.fixture
def plan(company: Company) -> Plan:
    work = make_work(company)
    make_scenes(work.pk)
    return boards.create_plan(
        actor=company.scheduler,
        work_id=work.pk,
        name="方案一",
        first_day=FIRST,
        last_day=LAST,
        unit_names=["A组", "B组"],
    )


def order(plan: Plan, day_id: int | None) -> list[str]:
    strips = plan.strips.filter(plan_day_id=day_id).select_related("scene").order_by("position", "pk")
    return [each.scene.number if each.scene else each.text for each in strips]


def test_a_new_board_has_every_scene_to_shoot_in_the_boneyard(company: Company, plan: Plan) -> None:
    assert plan.days.count() == 6
    assert order(plan, None) == ["1", "2", "3", "4", "5", "6"]


def test_strips_move_in_the_order_given_and_hours_follow(company: Company, plan: Plan) -> None:
    day = plan.days.all()[0]
    ids = list(plan.strips.values_list("pk", flat=True))
    plan = boards.move_strips(
        actor=company.scheduler, plan_id=plan.pk, revision=0, strip_ids=[ids[2], ids[0]], plan_day_id=day.pk
    )
    plan = boards.move_strips(
        actor=company.scheduler, plan_id=plan.pk, revision=1, strip_ids=[ids[5]], plan_day_id=day.pk, before_id=ids[0]
    )
    assert order(plan, day.pk) == ["3", "6", "1"]
    assert order(plan, None) == ["2", "4", "5"]
    starts = [each.starts_at for each in plan.strips.filter(plan_day=day).order_by("position")]
    assert [f"{local(each):%H:%M}" for each in starts if each] == ["08:00", "08:30", "09:00"]


def test_an_old_revision_is_told_and_changes_nothing(company: Company, plan: Plan) -> None:
    day, strip = plan.days.all()[0], plan.strips.all()[0]
    boards.move_strips(actor=company.scheduler, plan_id=plan.pk, revision=0, strip_ids=[strip.pk], plan_day_id=day.pk)
    with pytest.raises(XiepaiError) as refused:
        boards.move_strips(actor=company.producer, plan_id=plan.pk, revision=0, strip_ids=[strip.pk], plan_day_id=None)
    assert refused.value.code == ErrorCode.CONFLICT
    assert order(plan, day.pk) == ["1"]


def test_locked_strips_and_days_stay(company: Company, plan: Plan) -> None:
    day, strip = plan.days.all()[0], plan.strips.all()[0]
    who = {"actor": company.scheduler, "plan_id": plan.pk}
    boards.move_strips(**who, revision=0, strip_ids=[strip.pk], plan_day_id=day.pk)
    boards.set_locked(**who, revision=1, is_locked=True, plan_day_ids=[day.pk])
    for strips, target in (([strip.pk], None), ([plan.strips.all()[3].pk], day.pk)):
        with pytest.raises(XiepaiError):
            boards.move_strips(**who, revision=2, strip_ids=strips, plan_day_id=target)
    boards.set_locked(**who, revision=2, is_locked=False, plan_day_ids=[day.pk])
    boards.move_strips(**who, revision=3, strip_ids=[strip.pk], plan_day_id=None)
    assert order(plan, day.pk) == []


def test_undo_and_redo_give_the_same_board_back(company: Company, plan: Plan) -> None:
    day = plan.days.all()[0]
    who = {"actor": company.scheduler, "plan_id": plan.pk}
    ids = list(plan.strips.values_list("pk", flat=True))
    shots = [layouts.take(plan)]
    boards.move_strips(**who, revision=0, strip_ids=ids[:3], plan_day_id=day.pk)
    shots.append(layouts.take(plan))
    boards.add_banner(**who, revision=1, plan_day_id=day.pk, text="午餐", is_meal=True)
    shots.append(layouts.take(plan))
    boards.edit_day(**who, revision=2, plan_day_id=day.pk, call_at=time(6, 30), banner="大夜")
    shots.append(layouts.take(plan))
    revision = 3
    for wanted in reversed(shots[:-1]):
        boards.undo(**who, revision=revision)
        revision += 1
        assert layouts.take(plan) == wanted
    with pytest.raises(XiepaiError):
        boards.undo(**who, revision=revision)
    for wanted in shots[1:]:
        boards.redo(**who, revision=revision)
        revision += 1
        assert layouts.take(plan) == wanted


def test_a_stranger_finds_no_plan_and_a_reader_changes_none(company: Company, plan: Plan) -> None:
    for actor, code in ((company.stranger, ErrorCode.NOT_FOUND), (company.keeper, ErrorCode.NOT_FOUND)):
        with pytest.raises(XiepaiError) as refused:
            boards.undo(actor=actor, plan_id=plan.pk, revision=0)
        assert refused.value.code == code


def test_one_plan_is_active_and_the_former_is_archived(company: Company, plan: Plan) -> None:
    day, strip = plan.days.all()[0], plan.strips.all()[0]
    with pytest.raises(XiepaiError):
        scenarios.publish(actor=company.scheduler, plan_id=plan.pk)
    boards.move_strips(actor=company.scheduler, plan_id=plan.pk, revision=0, strip_ids=[strip.pk], plan_day_id=day.pk)
    other = boards.copy_plan(actor=company.scheduler, plan_id=plan.pk)
    scenarios.activate(actor=company.scheduler, plan_id=plan.pk)
    scenarios.activate(actor=company.scheduler, plan_id=other.pk)
    states = dict(Plan.objects.values_list("pk", "state"))
    assert states == {plan.pk: PlanState.ARCHIVED, other.pk: PlanState.ACTIVE}
    assert order(other, other.days.all()[0].pk) == ["1"]
    assert AuditEntry.objects.filter(event="shoots.plan.activated").count() == 2


def test_the_board_follows_the_breakdown(company: Company, plan: Plan) -> None:
    first, second = Scene.objects.filter(work=plan.work)[:2]
    first.is_removed, second.shot_state = True, ShotState.DROPPED
    first.save()
    second.save()
    fresh = Scene.objects.create(work=plan.work, episode=2, number="1", position=99)
    audit.record("shoots.script.confirmed", fresh, actor=system())
    boards.refresh_scenes(actor=company.scheduler, plan_id=plan.pk, revision=0)
    assert sorted(order(plan, None)) == ["1", "3", "4", "5", "6"]
    assert Strip.objects.filter(plan=plan, scene=fresh).exists()


@settings(deadline=None, max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_no_strip_is_ever_lost_or_doubled(company: Company, plan: Plan, data: st.DataObject) -> None:
    days = [None, *plan.days.values_list("pk", flat=True)]
    scenes = sorted(plan.strips.values_list("scene_id", flat=True))
    plan.refresh_from_db()
    for _step in range(data.draw(st.integers(1, 6))):
        ids = list(plan.strips.values_list("pk", flat=True))
        moved = data.draw(st.lists(st.sampled_from(ids), min_size=1, max_size=4, unique=True))
        plan = boards.move_strips(
            actor=company.scheduler,
            plan_id=plan.pk,
            revision=plan.revision,
            strip_ids=moved,
            plan_day_id=data.draw(st.sampled_from(days)),
            before_id=data.draw(st.sampled_from([None, *ids])),
        )
    assert sorted(plan.strips.values_list("scene_id", flat=True)) == scenes
    for day in days:
        positions = list(plan.strips.filter(plan_day_id=day).order_by("position").values_list("position", flat=True))
        assert day is None or positions == list(range(len(positions)))


@pytest.mark.django_db(transaction=True)
def test_two_hands_at_once_one_wins_and_the_other_is_told() -> None:
    company = make_company()
    work = make_work(company)
    make_scenes(work.pk)
    plan = boards.create_plan(actor=company.scheduler, work_id=work.pk, name="方案", first_day=FIRST, last_day=LAST)
    ids, day = list(plan.strips.values_list("pk", flat=True)), plan.days.all()[0].pk
    gate, told = Barrier(2), []

    def move(strip_id: int) -> None:
        gate.wait()
        try:
            boards.move_strips(
                actor=company.scheduler, plan_id=plan.pk, revision=0, strip_ids=[strip_id], plan_day_id=day
            )
        except XiepaiError as refusal:
            told.append(refusal.code)
        finally:
            connection.close()

    hands = [Thread(target=move, args=(pk,)) for pk in ids[:2]]
    for hand in hands:
        hand.start()
    for hand in hands:
        hand.join()
    assert told == [ErrorCode.CONFLICT]
    assert Strip.objects.filter(plan=plan, plan_day=day).count() == 1
