"""The breakdown over HTTP: listed, filtered, edited alone and together; roles; places; strangers refused."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from tests.factories import make_place
from tests.integration.test_breakdown_by_hand import broken_down
from tests.integration.test_script_import import company, work
from tests.productions import Company

from xiepai.parties.models import Person
from xiepai.productions.models import Work
from xiepai.shoots.models import CastRole, Scene, StoryPlace

__all__ = ["broken_down", "company", "work"]
pytestmark = pytest.mark.django_db


@pytest.fixture
def scheduler(company: Company) -> Client:
    client = Client()
    client.force_login(Person.objects.get(pk=company.scheduler.person_id))
    return client


def test_the_list_filters_sorts_and_sets_many(
    broken_down: Work, scheduler: Client, django_assert_max_num_queries: Any
) -> None:
    path = f"/works/{broken_down.pk}/breakdown/"
    with django_assert_max_num_queries(30):
        page = scheduler.get(path).content.decode()
    assert "共 3 场" in page
    role = CastRole.objects.get(name="邮差")
    found = scheduler.get(path, {"role": role.pk, "sort": "-minutes"}).content.decode()
    assert ">1-2</a>" in found
    assert ">1-1</a>" not in found
    assert ">1-1</a>" in scheduler.get(path, {"q": "推门", "time": "", "episode": "x"}).content.decode()
    ids = list(Scene.objects.values_list("pk", flat=True))
    scheduler.post(path, {"scene": ids, "minutes": "55"})
    assert set(Scene.objects.values_list("minutes", flat=True)) == {55}
    assert "先勾选场次" in scheduler.post(path, {"minutes": "55"}, follow=True).content.decode()


def test_one_scene_is_edited_and_only_what_changed_is_marked(broken_down: Work, scheduler: Client) -> None:
    scene = Scene.objects.get(number="1")
    path = f"/scenes/{scene.pk}/"
    assert "剧本第 2" in scheduler.get(path).content.decode()
    roles = list(scene.roles.values_list("pk", flat=True))
    form = {
        "time_of_day": "day", "inside_outside": "inside", "minutes": "80",
        "story_place_id": scene.story_place_id,
        "eighths": scene.eighths, "crowd": "0", "roles": roles, "synopsis": scene.synopsis,
        "element_prop": "信、旧手机",
    }  # fmt: skip
    scheduler.post(path, form)
    scene.refresh_from_db()
    assert (scene.minutes, scene.edited) == (80, ["elements", "minutes"])
    assert scheduler.post(path, {**form, "minutes": "-4"}).status_code == 422


def test_roles_are_edited_and_merged(broken_down: Work, scheduler: Client) -> None:
    lead, other = CastRole.objects.get(name="林晚"), CastRole.objects.get(name="晚晚")
    assert "晚晚" in scheduler.get(f"/works/{broken_down.pk}/roles/").content.decode()
    form = {"name": "林晚", "kind": "lead", "daily_fee": "800", "makeup_minutes": "40", "free_from": "2026-12-07"}
    assert scheduler.post(f"/roles/{lead.pk}/", form).status_code == 422  # a first day without a last
    scheduler.post(f"/roles/{lead.pk}/", {**form, "free_to": "2026-12-09"})
    lead.refresh_from_db()
    assert (lead.daily_fee_fen, len(lead.free_days or [])) == (800_00, 3)
    scheduler.post(f"/roles/{lead.pk}/", {"merge": "", "other": [other.pk]})
    assert lead.scenes.count() == 3


def test_places_are_suggested_put_forward_and_chosen(broken_down: Work, scheduler: Client) -> None:
    place = make_place(name="湖边栈道（东）")
    row = StoryPlace.objects.get(name="湖边栈道")
    path = f"/story-places/{row.pk}/"
    assert "湖边栈道（东）" in scheduler.get(path).content.decode()
    scheduler.post(path, {"place": [place.pk]})
    scheduler.post(path, {"choose": place.pk})
    assert row.candidates.get().is_chosen
    assert "选定" in scheduler.get(f"/works/{broken_down.pk}/story-places/").content.decode()
    scheduler.post(path, {"choose": ""})
    assert not row.candidates.get().is_chosen


def test_places_are_found_by_other_words_with_their_prices(broken_down: Work, scheduler: Client) -> None:
    make_place(name="星河会所（大厅）")
    row = StoryPlace.objects.get(name="湖边栈道")
    assert "星河会所" not in scheduler.get(f"/story-places/{row.pk}/").content.decode()
    page = scheduler.get(f"/story-places/{row.pk}/?q=会所").content.decode()
    assert "星河会所（大厅）" in page
    assert "¥100/小时 · ¥1,000/天" in page


def test_one_press_puts_places_forward_where_none_is(broken_down: Work, scheduler: Client) -> None:
    first, other = make_place(name="湖上观景台"), make_place(name="客厅（中式）")
    lake = StoryPlace.objects.get(name="湖边栈道")
    scheduler.post(f"/story-places/{lake.pk}/", {"choose": first.pk})
    path = f"/works/{broken_down.pk}/story-places/"
    assert "还没有候选场地" in scheduler.get(path).content.decode()
    told = scheduler.post(path, follow=True).content.decode()
    assert "已为" in told
    assert [each.place_id for each in lake.candidates.all()] == [first.pk]  # what a person chose stays
    rooms = StoryPlace.objects.filter(name__contains="客厅")
    assert rooms
    assert all([each.place_id for each in row.candidates.all()] == [other.pk] for row in rooms)
    again = scheduler.post(path, follow=True).content.decode()
    assert "每个剧本场景都有候选场地" in again


def test_strangers_find_nothing(company: Company, broken_down: Work) -> None:
    stranger = Client()
    stranger.force_login(Person.objects.get(pk=company.stranger.person_id))
    scene, role, place = Scene.objects.all()[0], CastRole.objects.all()[0], StoryPlace.objects.all()[0]
    work = broken_down.pk
    for path in (f"works/{work}/breakdown", f"works/{work}/roles", f"works/{work}/story-places"):
        assert stranger.get(f"/{path}/").status_code == 404
    for path in (f"scenes/{scene.pk}", f"roles/{role.pk}", f"story-places/{place.pk}"):
        assert stranger.get(f"/{path}/").status_code == 404
        assert stranger.post(f"/{path}/", {}).status_code == 404
