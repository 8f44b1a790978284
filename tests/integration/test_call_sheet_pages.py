"""Call sheets over HTTP: made, edited, sent, read by account and by link, printed, wrapped; strangers find nothing."""

from __future__ import annotations

import pytest
from django.test import Client
from tests.integration.test_call_sheets import DAY, company, plan
from tests.productions import Company

from xiepai.parties.models import Person
from xiepai.productions import services as works
from xiepai.shoots.models import CallSheet, Plan, ReceiptState, SheetState, Wrap

__all__ = ["company", "plan"]
pytestmark = pytest.mark.django_db


def client_of(person_id: int | None) -> Client:
    client = Client()
    client.force_login(Person.objects.get(pk=person_id))
    return client


@pytest.fixture
def scheduler(company: Company) -> Client:
    return client_of(company.scheduler.person_id)


def make(client: Client, plan: Plan) -> CallSheet:
    answer = client.post(f"/plans/{plan.pk}/call-sheets/new/", {"day": DAY.isoformat(), "unit": 0})
    sheet = CallSheet.objects.latest("pk")
    assert answer["Location"] == f"/call-sheets/{sheet.pk}/"
    return sheet


def test_from_the_plan_to_everyones_hand(company: Company, plan: Plan, scheduler: Client) -> None:
    assert "制作" in scheduler.get(f"/works/{plan.work_id}/call-sheets/").content.decode()
    works.add_crew_member(
        actor=company.producer, work_id=plan.work_id, name="制片", duty="producer", person_id=company.person.pk
    )
    sheet = make(scheduler, plan)
    path = f"/call-sheets/{sheet.pk}/"
    scheduler.post(path, {"weather": "晴 3–11℃", "leave_minutes": "20"})
    page = scheduler.get(path).content.decode()
    assert "晴 3–11℃" in page
    assert "湖边三次相遇" in page
    scheduler.post(path + "send/")
    sheet.refresh_from_db()
    assert sheet.state == SheetState.SENT
    producer = client_of(company.person.pk)
    assert "看完后请告诉剧组" in producer.get(path).content.decode()
    producer.post(path + "read/", {"state": "read"})
    assert sheet.receipts.get(member__person=company.person).state == ReceiptState.READ
    assert scheduler.post(path + "read/", {"state": "read"}).status_code == 404  # not on the contact sheet


def test_a_personal_link_opens_one_sheet_and_reading_is_a_button(plan: Plan, scheduler: Client) -> None:
    sheet = make(scheduler, plan)
    scheduler.post(f"/call-sheets/{sheet.pk}/send/")
    receipt = sheet.receipts.all()[0]
    page = scheduler.post(f"/call-sheets/receipts/{receipt.pk}/link/").content.decode()
    path = "/call-sheets/copy/" + page.split("/call-sheets/copy/")[1].split("/")[0] + "/"
    assert 'content="same-origin"' in scheduler.get(path).content.decode(), "no-referrer would send Origin: null"
    stranger = Client()
    assert "湖边一次相遇" in stranger.get(path).content.decode()
    receipt.refresh_from_db()
    assert receipt.state == ReceiptState.NOT_RECEIVED
    stranger.post(path, {"state": "received"})
    stranger.post(path, {"state": "read"})
    receipt.refresh_from_db()
    assert receipt.state == ReceiptState.READ
    assert stranger.get("/call-sheets/copy/" + "x" * 32 + "/").status_code == 404


def test_print_and_wrap(plan: Plan, scheduler: Client) -> None:
    sheet = make(scheduler, plan)
    assert scheduler.get(f"/call-sheets/{sheet.pk}.pdf").content.startswith(b"%PDF")
    path = f"/call-sheets/{sheet.pk}/wrap/"
    scene = plan.strips.filter(scene__isnull=False)[0].scene
    assert scene is not None
    scheduler.post(path, {"scene": scene.pk, "result": "done", "minutes": "22"})
    assert Wrap.objects.get(scene=scene).minutes == 22
    assert "已完成 1 场" in scheduler.get(path).content.decode()
    for bad in ({"scene": "x", "result": "done"}, {"scene": scene.pk, "result": "?"}, {"scene": 0, "result": "done"}):
        assert scheduler.post(path, bad).status_code == 404
    answer = scheduler.post(path, {"scene": scene.pk, "result": "partly", "eighths_left": "99"}, follow=True)
    assert "部分完成须写明还剩多少页" in answer.content.decode()


def test_strangers_and_nonsense_find_nothing(company: Company, plan: Plan, scheduler: Client) -> None:
    sheet = make(scheduler, plan)
    stranger = client_of(company.stranger.person_id)
    for path in (f"/call-sheets/{sheet.pk}/", f"/call-sheets/{sheet.pk}.pdf", f"/call-sheets/{sheet.pk}/wrap/"):
        assert stranger.get(path).status_code == 404
    assert stranger.post(f"/plans/{plan.pk}/call-sheets/new/", {"day": DAY.isoformat()}).status_code == 404
    assert scheduler.post(f"/plans/{plan.pk}/call-sheets/new/", {"day": "tomorrow"}).status_code == 404
