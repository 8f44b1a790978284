"""The tables of a plan: the field's columns, subtotals, day out of days, lists, the calendar another reader opens."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
import vobject
from django.db import transaction
from django.test import Client
from tests.productions import Company, make_company, make_work

from xiepai.kernel import audit
from xiepai.kernel.clock import local
from xiepai.parties.access import system
from xiepai.parties.models import Person
from xiepai.productions.models import Work
from xiepai.shoots import tables
from xiepai.shoots.models import (
    CastRole,
    ElementKind,
    InsideOutside,
    Plan,
    RoleKind,
    Scene,
    SceneElement,
    ShotState,
    StoryPlace,
    TimeOfDay,
)
from xiepai.shoots.plan_calendar import plan_calendar
from xiepai.shoots.services import boards

pytestmark = pytest.mark.django_db

FIRST, LAST = date(2026, 12, 7), date(2026, 12, 9)
#: The columns in use in the field, as reported.
FIRST_COLUMNS = "集 场 特殊提醒 气氛 内外景 拍摄地点 主场景 次场景 三级场景 主要内容 页数".split()  # noqa: SIM905
LAST_COLUMNS = "特约演员 群众演员 服装 化妆 道具 特殊道具 备注 商植 拍摄时间 拍摄状态".split()  # noqa: SIM905


@pytest.fixture
def company() -> Company:
    return make_company()


@pytest.fixture
def work(company: Company) -> Work:
    """Five scenes at two places; the lead in 1, 2 and 5, the father in 3, a guest in 4."""
    work = make_work(company)
    with transaction.atomic():
        home = StoryPlace.objects.create(work=work, name="沈家-客厅", levels=["沈家", "客厅"])
        lake = StoryPlace.objects.create(work=work, name="湖边", levels=["湖边"])
        lead = CastRole.objects.create(work=work, name="林晚", kind=RoleKind.LEAD, actor_name="甲")
        father = CastRole.objects.create(work=work, name="林父")
        guest = CastRole.objects.create(work=work, name="邮差", kind=RoleKind.GUEST)
        for n, (place, who) in enumerate([(home, lead), (lake, lead), (home, father), (lake, guest), (home, lead)]):
            night = TimeOfDay.NIGHT if n == 2 else TimeOfDay.DAY
            side = InsideOutside.INSIDE if place is home else InsideOutside.OUTSIDE
            scene = Scene.objects.create(
                work=work, episode=1, number=str(n + 1), position=n, eighths=n + 1, story_place=place,
                time_of_day=night, inside_outside=side, crowd=20 if n == 3 else 0,
            )  # fmt: skip
            scene.roles.add(who)
            SceneElement.objects.create(scene=scene, kind=ElementKind.PROP, name="信" if n % 2 else "旧手机")
        audit.record("shoots.script.confirmed", scene, actor=system())
    return work


@pytest.fixture
def plan(company: Company, work: Work) -> Plan:
    """Scenes 1 and 3 on the first day, 5 on the last."""
    plan = boards.create_plan(actor=company.scheduler, work_id=work.pk, name="方案", first_day=FIRST, last_day=LAST)
    strips = {strip.scene.number: strip.pk for strip in plan.strips.select_related("scene") if strip.scene}
    days = list(plan.days.all())
    who: dict[str, Any] = {"actor": company.scheduler, "plan_id": plan.pk}
    boards.move_strips(**who, revision=0, strip_ids=[strips["3"], strips["1"]], plan_day_id=days[0].pk)
    return boards.move_strips(**who, revision=1, strip_ids=[strips["5"]], plan_day_id=days[2].pk)


def test_every_code_has_a_word() -> None:
    assert set(tables._TIME) == set(TimeOfDay.values)
    assert set(tables._WHERE) == set(InsideOutside.values)
    assert set(tables._SHOT) == set(ShotState.values)
    assert set(tables._ELEMENT) == set(ElementKind.values)


def test_the_breakdown_has_the_fields_columns_and_one_a_main_role(work: Work) -> None:
    head, *rows = tables.breakdown(work)
    assert head[:11] == [
        "集",
        "场",
        "特殊提醒",
        "气氛",
        "内外景",
        "拍摄地点",
        "主场景",
        "次场景",
        "三级场景",
        "主要内容",
        "页数",
    ]
    assert head[11:13] == ["林晚", "林父"]
    assert head[13:] == [
        "特约演员",
        "群众演员",
        "服装",
        "化妆",
        "道具",
        "特殊道具",
        "备注",
        "商植",
        "拍摄时间",
        "拍摄状态",
    ]
    assert {len(row) for row in rows} == {len(head)}
    first, fourth = dict(zip(head, rows[0], strict=True)), dict(zip(head, rows[3], strict=True))
    assert (first["集"], first["场"], first["主场景"], first["次场景"], first["林晚"]) == (1, "1", "沈家", "客厅", "√")
    assert (fourth["特约演员"], fourth["群众演员"], fourth["道具"], fourth["内外景"]) == ("邮差", 20, "信", "外")


def test_by_set_groups_and_adds_pages(work: Work) -> None:
    rows = list(tables.by_set(work))[1:]
    assert [row[0] for row in rows] == ["沈家", "沈家", "沈家", "小计 沈家", "湖边", "湖边", "小计 湖边"]
    assert rows[3][1:] == [3, "场", "夜内：3/8 页，日内：6/8 页", "共 1 1/8 页"]


def test_the_schedule_has_totals_dates_and_hours(plan: Plan) -> None:
    total, head, *rows = tables.schedule(plan)
    assert total == ["共计：2天，5场，1 7/8页，0%已完成"]
    assert [row[:4] for row in rows] == [
        ["2026-12-07", "A组", "08:00", "08:30"],
        ["2026-12-07", "A组", "08:30", "09:00"],
        ["2026-12-09", "A组", "08:00", "08:30"],
    ]
    assert [row[5] for row in rows] == ["3", "1", "5"]
    assert {len(row) for row in rows} == {len(head)}


def test_day_out_of_days_marks_start_work_hold_and_finish(company: Company, plan: Plan) -> None:
    strip = plan.strips.get(scene__number="2")
    plan = boards.move_strips(
        actor=company.scheduler,
        plan_id=plan.pk,
        revision=plan.revision,
        strip_ids=[plan.strips.get(scene__number="4").pk],
        plan_day_id=plan.days.all()[1].pk,
    )
    assert strip.plan_day_id is None
    head, *rows = tables.days_out_of_days(plan)
    assert head == ["角色", "演员", "2026-12-07", "2026-12-08", "2026-12-09", "工作日", "等待日", "合计"]
    assert rows == [
        ["林晚", "甲", "SW", "H", "WF", 2, 1, 3],
        ["林父", "", "SWF", "", "", 1, 0, 1],
        ["邮差", "", "", "SWF", "", 1, 0, 1],
    ]


def test_elements_are_listed_with_their_scenes(work: Work) -> None:
    assert list(tables.elements(work))[1:] == [
        ["道具", "信", 2, "1-2、1-4"],
        ["道具", "旧手机", 3, "1-1、1-3、1-5"],
    ]


def test_tables_of_many_scenes_ask_the_database_a_fixed_number_of_times(
    company: Company, work: Work, django_assert_max_num_queries: Any
) -> None:
    with django_assert_max_num_queries(8):
        list(tables.breakdown(work))


def test_another_reader_opens_the_calendar(plan: Plan) -> None:
    events = list(vobject.readOne(plan_calendar(plan, domain="city.example").decode()).vevent_list)
    assert [f"{local(each.dtstart.value):%m-%d %H:%M}" for each in events] == ["12-07 08:00", "12-09 08:00"]
    assert events[0].description.value == "1-3、1-1"
    assert {each.status.value for each in events} == {"TENTATIVE"}


def test_the_tables_download_for_the_crew_and_nobody_else(company: Company, work: Work, plan: Plan) -> None:
    client, stranger = Client(), Client()
    client.force_login(Person.objects.get(pk=company.scheduler.person_id))
    stranger.force_login(Person.objects.get(pk=company.stranger.person_id))
    paths = [f"/works/{work.pk}/tables/{table}.{form}" for table in tables.OF_WORK for form in ("csv", "xlsx")]
    paths += [f"/plans/{plan.pk}/tables/{table}.xlsx" for table in tables.OF_PLAN]
    paths += [f"/plans/{plan.pk}/tables/schedule.ics"]
    assert [client.get(path).status_code for path in paths] == [200] * len(paths)
    assert [stranger.get(path).status_code for path in paths] == [404] * len(paths)
    assert client.get(f"/works/{work.pk}/tables/nothing.csv").status_code == 404
    assert client.get(f"/plans/{plan.pk}/tables/schedule.exe").status_code == 404
