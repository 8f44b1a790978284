"""What a board means after each change: its hours, its costs by term, its red flags, and what was assumed."""

from __future__ import annotations

from datetime import date, time, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests.drama import FIRST, Drama, make_drama, strips_of
from tests.studio import at, december

from xiepai.bookings.services import place_hold
from xiepai.kernel import clock
from xiepai.planning import shoot
from xiepai.shoots.models import Plan, RoleKind, Strip, StripKind
from xiepai.shoots.problems import problem_of, read_board
from xiepai.shoots.services import boards
from xiepai.shoots.services.breakdown import edit_role

pytestmark = pytest.mark.django_db


@pytest.fixture
def drama() -> Drama:
    with december():
        return make_drama()


def put(drama: Drama, plan: Plan, day: int, *numbers: str) -> Plan:
    """Lay scenes onto the nth day."""
    strips = strips_of(plan)
    days = list(plan.days.all())
    with december():
        return boards.move_strips(
            actor=drama.actor, plan_id=plan.pk, revision=Plan.objects.get(pk=plan.pk).revision,
            strip_ids=[strips[number].pk for number in numbers], plan_day_id=days[day].pk,
        )  # fmt: skip


def rules(plan: Plan) -> set[str]:
    return {flag["rule"] for flag in plan.flags}


def test_costs_are_the_planners_own(drama: Drama) -> None:
    plan = put(drama, drama.plan(), 0, "1", "2")
    with december():
        asked = problem_of(read_board(plan))
    terms = plan.costs["terms"]
    fees = sum({role.pk: role.daily_fee_fen for n in (0, 1) for role in drama.scenes[n].roles.all()}.values())
    assert terms["cast"] == fees
    assert terms["moves"] == asked.problem.weights.site_move_fen
    assert plan.costs["total"] == sum(terms.values())
    assert set(terms) == set(shoot.TERMS)
    assert plan.flags == []


def test_the_board_waits_for_light_and_for_opening_hours(drama: Drama) -> None:
    plan = put(drama, drama.plan(), 0, "1", "2", "4")
    starts = {number: clock.local(strip.starts_at) for number, strip in strips_of(plan).items() if strip.starts_at}
    assert f"{starts['1']:%H:%M}" == "09:00"  # the park opens at nine, the call is at eight
    assert f"{starts['2']:%H:%M}" == "11:00"  # an hour's scene, an hour's way
    assert f"{starts['4']:%H:%M}" == "13:00"


def test_an_actor_who_is_not_there_is_a_red_flag_that_undo_takes_away(drama: Drama) -> None:
    with december():
        edit_role(
            actor=drama.actor, role_id=drama.roles["林晚"].pk, name="林晚", kind=RoleKind.LEAD, daily_fee_fen=100_000,
            free_days=[FIRST],
        )  # fmt: skip
    plan = put(drama, drama.plan(), 0, "1")
    assert plan.flags == []
    plan = put(drama, plan, 1, "1")
    assert rules(plan) == {"person_absent"}
    flag = plan.flags[0]
    assert flag["day"] == (FIRST + timedelta(days=1)).isoformat()
    assert flag["strips"] == [strips_of(plan)["1"].pk]
    assert "林晚" in flag["zh"]
    assert "not free" in flag["en"]
    with december():
        plan = boards.undo(actor=drama.actor, plan_id=plan.pk, revision=plan.revision)
    assert plan.flags == []


def test_a_set_somebody_else_holds_is_a_red_flag_and_ones_own_booking_is_not(drama: Drama) -> None:
    studio = drama.studio
    with december():
        place_hold(
            actor=studio.actor, organisation_id=studio.crew.pk, place_id=studio.places["ward_a"].pk, span=at(0, 24)
        )
    plan = put(drama, drama.plan(), 0, "2")
    assert rules(plan) == {"place_closed"}
    plan = put(drama, plan, 1, "2")
    assert rules(plan) == set()
    with december():
        place_hold(
            actor=drama.actor, organisation_id=drama.company.crew.pk, place_id=studio.places["ward_a"].pk,
            span=at(0, 24, day=1), work_id=drama.work.pk,
        )  # fmt: skip
    plan = put(drama, plan, 1, "3")
    assert rules(plan) == set()


def test_a_day_longer_than_allowed_is_a_red_flag(drama: Drama) -> None:
    plan = drama.plan(most_hours=3, day_hours=2)
    plan = put(drama, plan, 0, "2", "3", "5", "6")
    assert rules(plan) == {"unit_long"}


def test_what_nobody_stated_is_named_as_assumed(drama: Drama) -> None:
    drama.places["湖畔"].candidates.all().delete()
    plan = put(drama, drama.plan(), 0, "2")
    assert plan.costs["assumed"]["places"] == 4  # four scenes play at the lake
    assert plan.costs["assumed"]["free_days"] == 4
    assert "fees" not in plan.costs["assumed"]


def test_a_wrapped_scene_is_out_and_settled_days_stay(drama: Drama) -> None:
    plan = put(drama, drama.plan(), 0, "2", "3")
    drama.scenes[1].shot_state = "done"
    drama.scenes[1].save()
    with clock.frozen(clock.at_local_midnight(date(2026, 12, 8)) + timedelta(hours=9)):
        asked = problem_of(read_board(plan), solving=True)
    assert asked.problem.days[0].is_frozen
    assert [each.scene for each in asked.problem.fixed] == [str(drama.scenes[1].pk)]
    # scene 3 was on a past day and not shot: it is planned anew; a scene shot elsewhere would be out
    assert len(asked.problem.scenes) == 12


def test_the_queries_do_not_grow_with_the_scenes(drama: Drama) -> None:
    def queries(plan: Plan) -> int:
        with december(), CaptureQueriesContext(connection) as seen:
            problem_of(read_board(plan))
        return len(seen)

    small = drama.plan()
    few = queries(small)
    Strip.objects.filter(plan=small).exclude(scene__number__in=["1", "2"]).delete()
    assert queries(small) == few
    assert few < 25


def test_a_planned_night_leaves_room_for_the_meals_that_end_the_day_later(drama: Drama) -> None:
    plan = drama.plan(rest_hours=8, cast_rest_hours=10, meal_minutes=45)
    with december():
        for day in plan.days.all():
            who = {"actor": drama.actor, "plan_id": plan.pk, "revision": plan.revision}
            plan = boards.add_banner(**who, plan_day_id=day.pk, text="", is_meal=True)
        judged, asked = (problem_of(read_board(plan), solving=solving).problem for solving in (False, True))
    rests = lambda found: {each.rest_minutes for each in found}  # noqa: E731
    assert (rests(judged.units), rests(judged.people)) == ({480}, {600})
    assert (rests(asked.units), rests(asked.people)) == ({525}, {645})


def test_lunch_waits_for_noon_only_while_the_way_to_the_next_scene_stays_free(drama: Drama) -> None:
    plan = drama.plan(meal_minutes=45, site_minutes=60, setup_minutes=20)
    with december():
        day = plan.days.all()[0]
        who = {"actor": drama.actor, "plan_id": plan.pk}
        plan = boards.add_banner(**who, revision=plan.revision, plan_day_id=day.pk, text="午餐", is_meal=True)
        early, late = drama.scenes[0], drama.scenes[1]
        spots = [
            boards.Spot(early.pk, day.day, 0, 0, None, 8 * 60),
            boards.Spot(late.pk, day.day, 0, 1, None, 12 * 60 + 30),
        ]
        boards.apply_spots(**who, revision=plan.revision, spots=spots, what="", calls={(day.day, 0): time(8)})
    meal = Strip.objects.get(plan=plan, kind=StripKind.MEAL)
    assert meal.ends_at is not None
    assert clock.local(meal.ends_at).time() == time(11, 10), "80 minutes of way and set-up before 12:30"
