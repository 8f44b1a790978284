"""The breakdown by hand: scenes, roles, things, candidate places; what a hand set survives the next draft."""

from __future__ import annotations

from datetime import date, time
from typing import Any

import pytest
from tests.factories import make_place
from tests.integration.test_script_import import FIRST, company, imported, work
from tests.productions import Company

from xiepai.kernel.errors import ErrorCode, XiepaiError
from xiepai.productions.models import Work
from xiepai.shoots.models import CastRole, ElementKind, RoleKind, Scene, SceneElement, StoryPlace
from xiepai.shoots.services import breakdown, scripts

__all__ = ["company", "work"]
pytestmark = pytest.mark.django_db


@pytest.fixture
def broken_down(company: Company, work: Work) -> Work:
    scripts.confirm(actor=company.scheduler, script_id=imported(company, work).pk)
    return work


def test_what_a_hand_set_survives_the_next_draft(company: Company, broken_down: Work) -> None:
    scenes = list(Scene.objects.filter(work=broken_down))
    guest = CastRole.objects.get(name="邮差")
    breakdown.edit_scenes(
        actor=company.scheduler,
        work_id=broken_down.pk,
        scene_ids=[scenes[0].pk, scenes[1].pk],
        fields={"minutes": 70, "time_of_day": "night"},
        role_ids=[guest.pk],
    )
    breakdown.set_elements(
        actor=company.scheduler, scene_id=scenes[0].pk, kind=ElementKind.PROP, names=["信", " 信 ", "旧手机", ""]
    )
    second = imported(company, broken_down, FIRST.replace("放下吧", "放桌上吧"))
    scripts.confirm(actor=company.scheduler, script_id=second.pk)
    for scene in Scene.objects.filter(pk__in=[scenes[0].pk, scenes[1].pk]):
        assert (scene.minutes, scene.time_of_day, list(scene.roles.all())) == (70, "night", [guest])
    assert set(SceneElement.objects.filter(scene=scenes[0]).values_list("name", flat=True)) == {"信", "旧手机"}


@pytest.mark.parametrize(
    "fields", [{"minutes": -1}, {"minutes": 9999}, {"time_of_day": "noon"}, {"shot_state": "done"}, {"crowd": "many"}]
)
def test_nonsense_is_refused(company: Company, broken_down: Work, fields: dict[str, Any]) -> None:
    scene = Scene.objects.filter(work=broken_down)[0]
    with pytest.raises(XiepaiError) as refused:
        breakdown.edit_scenes(actor=company.scheduler, work_id=broken_down.pk, scene_ids=[scene.pk], fields=fields)
    assert refused.value.code == ErrorCode.INVALID


def test_a_renamed_role_keeps_its_old_name_as_an_alias(company: Company, broken_down: Work) -> None:
    role = CastRole.objects.get(name="晚晚")
    fields: dict[str, Any] = {"kind": RoleKind.LEAD, "daily_fee_fen": 800_00, "free_days": [date(2026, 12, 8)]}
    breakdown.edit_role(actor=company.scheduler, role_id=role.pk, name="小晚", earliest=time(9), **fields)
    role.refresh_from_db()
    assert (role.name, role.aliases, role.daily_fee_fen) == ("小晚", ["晚晚"], 800_00)
    for bad in (
        {"name": "林晚"},
        {"name": " "},
        {"name": "小晚", "latest": time(8)},
        {"name": "x", "makeup_minutes": 999},
    ):
        with pytest.raises(XiepaiError):
            breakdown.edit_role(
                actor=company.scheduler, role_id=role.pk, **{"kind": RoleKind.LEAD, "earliest": time(9), **bad}
            )


def test_merged_roles_are_one_in_every_scene_and_in_the_next_draft(company: Company, broken_down: Work) -> None:
    lead, other = CastRole.objects.get(name="林晚"), CastRole.objects.get(name="晚晚")
    breakdown.merge_roles(actor=company.scheduler, into_id=lead.pk, role_ids=[other.pk])
    assert lead.scenes.count() == 3
    second = imported(company, broken_down, FIRST + "\n1-4 日 内 车站\n人物：晚晚\n△等车。\n")
    scripts.confirm(actor=company.scheduler, script_id=second.pk)
    assert lead.scenes.count() == 4
    assert not CastRole.objects.filter(name="晚晚").exists()


def test_real_places_are_put_forward_and_one_is_chosen(company: Company, broken_down: Work) -> None:
    story = StoryPlace.objects.get(name="湖边栈道")
    first, second, third = make_place(), make_place(), make_place()
    hidden = make_place(visibility="private")
    who: dict[str, Any] = {"actor": company.scheduler, "story_place_id": story.pk}
    breakdown.put_forward(**who, place_ids=[second.pk, first.pk])
    breakdown.choose(**who, place_id=first.pk)
    breakdown.put_forward(**who, place_ids=[first.pk, second.pk])
    assert list(story.candidates.values_list("place_id", "is_chosen")) == [(first.pk, True), (second.pk, False)]
    breakdown.choose(**who, place_id=third.pk)
    assert [place.pk for place in breakdown.candidates_of(company.scheduler, story)] == [first.pk, second.pk, third.pk]
    assert story.candidates.get(is_chosen=True).place_id == third.pk
    breakdown.choose(**who, place_id=None)
    assert not story.candidates.filter(is_chosen=True).exists()
    for deed in (
        lambda: breakdown.put_forward(**who, place_ids=[hidden.pk]),
        lambda: breakdown.choose(**who, place_id=0),
    ):
        with pytest.raises(XiepaiError) as refused:
            deed()
        assert refused.value.code == ErrorCode.NOT_FOUND


def test_strangers_edit_nothing(company: Company, broken_down: Work) -> None:
    scene, role = Scene.objects.filter(work=broken_down)[0], CastRole.objects.all()[0]
    story = StoryPlace.objects.all()[0]
    who: dict[str, Any] = {"actor": company.stranger}
    deeds = (
        lambda: breakdown.edit_scenes(**who, work_id=broken_down.pk, scene_ids=[scene.pk], fields={"minutes": 1}),
        lambda: breakdown.set_elements(**who, scene_id=scene.pk, kind=ElementKind.PROP, names=[]),
        lambda: breakdown.edit_role(**who, role_id=role.pk, name="x", kind=RoleKind.LEAD),
        lambda: breakdown.merge_roles(**who, into_id=role.pk, role_ids=[]),
        lambda: breakdown.choose(**who, story_place_id=story.pk, place_id=None),
    )
    for deed in deeds:
        with pytest.raises(XiepaiError) as refused:
            deed()
        assert refused.value.code == ErrorCode.NOT_FOUND
