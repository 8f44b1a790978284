"""The planner shoots where a place is put forward and can still be booked: one taken back is left, notice is kept."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests.drama import Drama
from tests.studio import at, december

from xiepai.bookings.services import place_hold
from xiepai.kernel import clock
from xiepai.places.models import Place
from xiepai.shoots.models import Plan, Strip
from xiepai.shoots.services import breakdown, solving

pytestmark = pytest.mark.django_db


def solved(drama: Drama, plan: Plan) -> None:
    with december():
        plan.refresh_from_db()
        solve = solving.ask(actor=drama.actor, plan_id=plan.pk, revision=plan.revision, seconds=2)
        solving.work_solve(solve.pk)


def at_ward(plan: Plan) -> list[Strip]:
    rows = Strip.objects.filter(plan=plan, scene__story_place__name="病房", plan_day__isnull=False)
    return list(rows.select_related("place").order_by("starts_at"))


def test_a_place_that_is_no_longer_chosen_is_left_by_the_next_solve(drama: Drama) -> None:
    plan = drama.plan()
    solved(drama, plan)
    assert {strip.place.code for strip in at_ward(plan) if strip.place} == {drama.studio.places["ward_a"].code}
    locked = at_ward(plan)[0]
    Strip.objects.filter(pk=locked.pk).update(is_locked=True)
    ward = drama.places["病房"]
    breakdown.put_forward(actor=drama.actor, story_place_id=ward.pk, place_ids=[drama.studio.places["ward_b"].pk])
    solved(drama, plan)
    found = {strip.pk: strip.place_id for strip in at_ward(plan)}
    assert found.pop(locked.pk) == drama.studio.places["ward_a"].pk  # what is locked stays
    assert set(found.values()) == {drama.studio.places["ward_b"].pk}
    Strip.objects.filter(pk=locked.pk).update(is_locked=False)
    solved(drama, plan)
    assert {strip.place_id for strip in at_ward(plan)} == {drama.studio.places["ward_b"].pk}


def test_a_place_that_every_scene_has_left_is_no_stone_in_the_way(drama: Drama) -> None:
    plan = drama.plan()
    solved(drama, plan)
    small = drama.studio.places["small_ward"].pk
    breakdown.put_forward(actor=drama.actor, story_place_id=drama.places["病房"].pk, place_ids=[small])
    solved(drama, plan)
    assert {strip.place_id for strip in at_ward(plan)} == {small}


def test_nothing_is_planned_at_a_place_before_its_notice_is_over_unless_it_is_booked(drama: Drama) -> None:
    ward = drama.studio.places["ward_a"]
    with december():
        place_hold(
            actor=drama.actor, organisation_id=drama.work.organisation_id, place_id=ward.pk, span=at(8, 10),
            work_id=drama.work.pk,
        )  # fmt: skip
        earliest = at(12, 13, day=1).start
        lead = int((earliest - clock.now()) / timedelta(minutes=1))
    Place.objects.filter(pk=ward.pk).update(lead_minutes=lead)
    plan = drama.plan()
    solved(drama, plan)
    own = at(8, 10)
    strips = at_ward(plan)
    assert strips
    for strip in strips:
        assert strip.starts_at
        assert strip.ends_at
        assert strip.starts_at >= earliest or (own.start <= strip.starts_at and strip.ends_at <= own.end)
