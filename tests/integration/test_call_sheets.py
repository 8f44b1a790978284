"""Call sheets from a plan: what they say, versions, receipts, print; scenes wrapped and what is left."""

from __future__ import annotations

import io
from datetime import date
from typing import Any

import pypdfium2
import pytest
from django.db import transaction
from django.utils import translation
from tests.factories import make_place
from tests.productions import Company, make_company, make_work

from xiepai.kernel import audit
from xiepai.kernel.errors import ErrorCode, XiepaiError
from xiepai.kernel.models import AuditEntry
from xiepai.parties.access import system
from xiepai.parties.models_notices import Notice
from xiepai.productions import services as works
from xiepai.shoots.documents.call_sheet import call_sheet_pdf
from xiepai.shoots.documents.sheet_words import printed
from xiepai.shoots.models import (
    CallSheet,
    CastRole,
    EmergencyRoom,
    Plan,
    Receipt,
    ReceiptState,
    Scene,
    SheetState,
    ShotState,
    WrapResult,
)
from xiepai.shoots.services import boards, scenarios, sheets, wraps

pytestmark = pytest.mark.django_db

DAY = date(2026, 12, 7)


@pytest.fixture
def company() -> Company:
    return make_company()


@pytest.fixture
def plan(company: Company) -> Plan:
    """Four scenes: two at the first set, a meal, two more; a lead in all, a child in the last."""
    work = make_work(company)
    with transaction.atomic():
        lead = CastRole.objects.create(work=work, name="林晚", actor_name="甲", makeup_minutes=45)
        child = CastRole.objects.create(work=work, name="小满", actor_name="乙", is_minor=True)
        for n in range(4):
            scene = Scene.objects.create(
                work=work,
                episode=1,
                number=str(n + 1),
                position=n,
                eighths=4,
                synopsis="湖边" + "一二三四"[n] + "次相遇",
            )
            scene.roles.set([lead, child] if n == 3 else [lead])
        audit.record("shoots.script.confirmed", scene, actor=system())
    plan = boards.create_plan(actor=company.scheduler, work_id=work.pk, name="方案", first_day=DAY, last_day=DAY)
    day = plan.days.all()[0]
    ids = list(plan.strips.values_list("pk", flat=True))
    who: dict[str, Any] = {"actor": company.scheduler, "plan_id": plan.pk}
    boards.move_strips(**who, revision=0, strip_ids=ids, plan_day_id=day.pk)
    boards.add_banner(**who, revision=1, plan_day_id=day.pk, text="午餐", is_meal=True)
    meal = plan.strips.exclude(kind="scene").get()
    boards.move_strips(**who, revision=2, strip_ids=[meal.pk], plan_day_id=day.pk, before_id=ids[2])
    for name, duty, phone in (("周导", "director", "13900000001"), ("钱统筹", "scheduler", "13900000002")):
        works.add_crew_member(actor=company.producer, work_id=work.pk, name=name, duty=duty, phone=phone)
    return scenarios.publish(actor=company.scheduler, plan_id=plan.pk)


def draft(company: Company, plan: Plan) -> CallSheet:
    return sheets.draft_sheet(actor=company.scheduler, plan_id=plan.pk, day=DAY)


def test_a_sheet_says_who_comes_when_and_what_is_shot_where(company: Company, plan: Plan) -> None:
    content = draft(company, plan).content
    assert (content["call"], content["wrap"], content["scenes"], content["eighths"]) == ("08:00", "10:45", 4, 16)
    assert content["director"] == "周导"
    lead, child = content["roles"]
    assert (lead["leave"], lead["makeup"], lead["on_set"]) == ("06:45", "07:15", "08:00")
    assert child["is_minor"]
    assert child["scenes"] == ["1-4"]
    assert child["on_set"] == "10:15"
    first, second = content["groups"]
    assert [row["scene"] for row in first["scenes"]] == ["1-1", "1-2"]
    assert second["notes"] == ["09:00 午餐"]
    assert second["scenes"][0]["starts"] == "09:45"
    assert content["sunrise"] < "07:10" < "16:50" < content["sunset"] < "17:10"
    assert [row[2] for row in content["contacts"]] == ["周导", "钱统筹"]


def test_the_nearest_emergency_room_is_printed(company: Company, plan: Plan) -> None:
    assert draft(company, plan).content["hospital"] == {}  # no place says where it is
    EmergencyRoom.objects.create(name="远", latitude=32.5, longitude=119.9)
    EmergencyRoom.objects.create(name="近", latitude=31.71, longitude=119.95, standing="sample")
    place = make_place(latitude=31.70, longitude=119.94)
    plan.strips.filter(scene__number="1").update(place=place)
    audit.record("shoots.plan.changed", plan, actor=system(), after={})
    hospital = draft(company, plan).content["hospital"]
    assert (hospital["name"], hospital["is_sample"]) == ("近", True)
    assert 1000 < hospital["metres"] < 2000


def test_what_people_wrote_stays_when_the_plan_changes(company: Company, plan: Plan) -> None:
    sheet = draft(company, plan)
    fields = {"weather": "晴 3–11℃", "hint": "带雨衣", "leave_minutes": "10"}
    sheets.edit_sheet(actor=company.scheduler, sheet_id=sheet.pk, fields=fields)
    content = draft(company, plan).content
    assert content["weather"] == "晴 3–11℃"
    assert content["roles"][0]["leave"] == "07:05"
    for bad in ({"title": "别的"}, {"leave_minutes": "-5"}, {"leave_minutes": "9999"}):
        with pytest.raises(XiepaiError) as refused:
            sheets.edit_sheet(actor=company.scheduler, sheet_id=sheet.pk, fields=bad)
        assert refused.value.code == ErrorCode.INVALID


def test_a_sent_sheet_is_frozen_and_a_new_version_replaces_it(company: Company, plan: Plan) -> None:
    first = sheets.send_sheet(actor=company.scheduler, sheet_id=draft(company, plan).pk)
    assert Receipt.objects.filter(sheet=first).count() == 2
    with pytest.raises(XiepaiError):
        sheets.edit_sheet(actor=company.scheduler, sheet_id=first.pk, fields={"weather": "雨"})
    second = sheets.send_sheet(actor=company.scheduler, sheet_id=draft(company, plan).pk)
    first.refresh_from_db()
    assert (first.state, second.state, second.version) == (SheetState.REPLACED, SheetState.SENT, 2)
    sheets.withdraw_sheet(actor=company.scheduler, sheet_id=second.pk)
    with pytest.raises(XiepaiError):
        sheets.withdraw_sheet(actor=company.scheduler, sheet_id=second.pk)


def test_the_trail_has_the_act_and_no_telephone(company: Company, plan: Plan) -> None:
    sheets.send_sheet(actor=company.scheduler, sheet_id=draft(company, plan).pk)
    rows = AuditEntry.objects.filter(event__startswith="shoots.call_sheet")
    assert {row.event for row in rows} == {"shoots.call_sheet.drafted", "shoots.call_sheet.sent"}
    assert "13900000001" not in str([(row.before, row.after) for row in rows])


def test_a_receipt_goes_forward_only_and_by_its_own_link(company: Company, plan: Plan) -> None:
    sheet = sheets.send_sheet(actor=company.scheduler, sheet_id=draft(company, plan).pk)
    row = sheet.receipts.all()[0]
    old = sheets.personal_link(actor=company.scheduler, receipt_id=row.pk)
    secret = sheets.personal_link(actor=company.scheduler, receipt_id=row.pk)
    for bad in (old, "", "nothing"):
        with pytest.raises(XiepaiError):
            sheets.receipt_of(bad)
    copy = sheets.receipt_of(secret)
    assert (copy.pk, copy.state) == (row.pk, ReceiptState.NOT_RECEIVED)
    sheets.mark(receipt=copy, state=ReceiptState.READ)
    sheets.mark(receipt=copy, state=ReceiptState.RECEIVED)
    row.refresh_from_db()
    assert row.state == ReceiptState.READ
    assert None not in {row.received_at, row.read_at}


def test_people_with_an_account_are_told(company: Company, plan: Plan) -> None:
    works.add_crew_member(
        actor=company.producer, work_id=plan.work_id, name="制片", duty="producer", person_id=company.person.pk
    )
    sheet = sheets.send_sheet(actor=company.scheduler, sheet_id=draft(company, plan).pk)
    assert Notice.objects.filter(person=company.person, path=f"/call-sheets/{sheet.pk}/").count() == 1


def test_strangers_find_nothing_and_empty_days_have_no_sheet(company: Company, plan: Plan) -> None:
    sheet = draft(company, plan)
    with pytest.raises(XiepaiError) as refused:
        sheets.send_sheet(actor=company.stranger, sheet_id=sheet.pk)
    assert refused.value.code == ErrorCode.NOT_FOUND
    with pytest.raises(XiepaiError):
        sheets.draft_sheet(actor=company.scheduler, plan_id=plan.pk, day=date(2027, 1, 1))


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_the_print_holds_every_scene(company: Company, plan: Plan, language: str) -> None:
    with translation.override(language):
        data = call_sheet_pdf(printed(draft(company, plan)))
    document = pypdfium2.PdfDocument(io.BytesIO(data))
    text = "".join(page.get_textpage().get_text_range() for page in document)
    for word in ("湖畔来信", "1-1", "1-4", "林晚", "08:00", "湖边三次相遇"):
        assert word in text


def test_wrapped_scenes_count_against_the_plan(company: Company, plan: Plan) -> None:
    scenes = list(Scene.objects.filter(work=plan.work))
    who: dict[str, Any] = {"actor": company.scheduler, "plan_id": plan.pk, "day": DAY}
    wraps.wrap_scene(**who, scene_id=scenes[0].pk, result=WrapResult.DONE, minutes=25)
    wraps.wrap_scene(**who, scene_id=scenes[1].pk, result=WrapResult.PARTLY, eighths_left=1)
    wraps.wrap_scene(**who, scene_id=scenes[2].pk, result=WrapResult.DROPPED)
    wraps.wrap_scene(**who, scene_id=scenes[3].pk, result=WrapResult.SKIPPED)
    assert wraps.progress(plan) == {"scenes": 3, "scenes_done": 1, "eighths": 12, "eighths_done": 7}
    wraps.wrap_scene(**who, scene_id=scenes[1].pk, result=WrapResult.DONE)
    assert wraps.progress(plan)["scenes_done"] == 2
    assert list(Scene.objects.filter(work=plan.work).values_list("shot_state", flat=True)) == [
        ShotState.DONE,
        ShotState.DONE,
        ShotState.DROPPED,
        ShotState.WAITING,
    ]


def test_a_partly_shot_scene_says_what_is_left(company: Company, plan: Plan) -> None:
    scene = Scene.objects.filter(work=plan.work)[0]
    for left in (0, 5):
        with pytest.raises(XiepaiError):
            wraps.wrap_scene(
                actor=company.scheduler,
                plan_id=plan.pk,
                day=DAY,
                scene_id=scene.pk,
                result=WrapResult.PARTLY,
                eighths_left=left,
            )
