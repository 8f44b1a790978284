"""Grants over HTTP, from a company: what it is owed, a form under two hands, papers in pieces, lists and files."""

from __future__ import annotations

import hashlib
from collections.abc import Generator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from tests.factories import make_person
from tests.grants import NOW, publish
from tests.productions import PDF, Company, make_company, make_work, picture

from xiepai.grants.models import Application, ApplicationState, Entitlement, Evidence, StepKind
from xiepai.grants.services import windows
from xiepai.grants.services.answering import answer_question
from xiepai.grants.services.applications import start_application
from xiepai.kernel import clock

pytestmark = pytest.mark.django_db


class Stage:
    """A company that may be owed something, a colleague, a stranger and the office, each with a browser."""

    def __init__(self) -> None:
        self.company: Company = make_company()
        self.version = publish(self.company.officer)
        windows.set_window(
            actor=self.company.officer,
            programme_id=self.version.programme_id,
            opens_at=NOW - timedelta(days=1),
            closes_at=NOW + timedelta(days=20),
        )
        self.work = make_work(self.company, investment_fen=300_000_000)
        answer_question(actor=self.company.producer, work_id=self.work.pk, name="culture_tourism_linkage", value="yes")
        self.owed = Entitlement.objects.get(work=self.work, measure="location")
        self.crew = self._browser(self.company.person)
        self.colleague = self._browser(make_person("scheduler", self.company.crew)[0])
        self.stranger = self._browser(make_person("producer")[0])

    @staticmethod
    def _browser(person: Any) -> Client:
        client = Client()
        client.force_login(person)
        return client

    def draft(self) -> Application:
        return start_application(actor=self.company.producer, entitlement_id=self.owed.pk)


@pytest.fixture(autouse=True)
def _december(tmp_path: Path, settings: Any) -> Generator[None, None, None]:
    settings.MEDIA_ROOT = tmp_path
    with clock.frozen(NOW):
        yield


@pytest.fixture
def stage() -> Stage:
    return Stage()


def text(answer: Any) -> str:
    assert answer.status_code == 200
    return str(answer.content.decode())


def address(row: Application) -> str:
    return f"/grants/applications/{row.pk}/"


def test_it_is_told_what_it_is_owed_and_asked_one_question(stage: Stage) -> None:
    page = text(stage.crew.get("/"))
    assert "您最多可以拿 ¥200,000" in page
    with CaptureQueriesContext(
        connection,
    ) as queries:
        page = text(stage.crew.get("/grants/"))
    assert len(queries) < 30
    assert "依据 1 项条款；还差 2 份材料" in page
    assert "本地取景费用" in page
    given = {"name": "local_shooting_cost", "value": "60", "unit": "万元", "work": str(stage.work.pk)}
    assert stage.stranger.post("/grants/answer/", given).status_code == 404
    page = text(stage.crew.post("/grants/answer/", given, follow=True))
    assert "¥120,000" in page
    assert "没有要问的了" in page
    assert "您可以拿 ¥120,000" in text(stage.crew.get("/"))
    why = text(stage.crew.get(f"/grants/works/{stage.work.pk}/"))
    for words in ("20% × 600,000元 = 120,000元", "第3项", "申报人填报", "待核实"):
        assert words in why
    assert stage.stranger.get(f"/grants/works/{stage.work.pk}/").status_code == 404
    assert "现在还没有算得出的奖补" in text(stage.stranger.get("/grants/"))


def test_nonsense_is_no_answer(stage: Stage) -> None:
    given = {"name": "local_shooting_cost", "work": str(stage.work.pk), "unit": "万元"}
    for value in ("", "很多", "-5", "1e9", "9" * 40):
        page = text(stage.crew.post("/grants/answer/", {**given, "value": value}, follow=True))
        assert "alert bad" in page
    assert stage.crew.post("/grants/answer/", {"name": "moon", "value": "1"}).status_code in {302, 404}


def test_two_hands_on_one_form(stage: Stage) -> None:
    answer = stage.crew.post("/grants/start/", {"entitlement": str(stage.owed.pk)})
    row = Application.objects.get()
    assert answer["Location"] == address(row)
    assert stage.stranger.post("/grants/start/", {"entitlement": str(stage.owed.pk)}).status_code == 404
    read = {"was-local_shooting_cost": "", "was-form.phone": ""}
    mine = {**read, "f-local_shooting_cost": "60", "u-local_shooting_cost": "万元", "f-form.phone": ""}
    saved = stage.crew.post(f"{address(row)}save/", mine, headers={"HX-Request": "true"})
    assert "¥120,000" in text(saved)
    assert 'id="was-local_shooting_cost" name="was-local_shooting_cost" value="60万元"' in text(saved)
    theirs = {**read, "f-local_shooting_cost": "70", "u-local_shooting_cost": "万元", "f-form.phone": "0519-1"}
    clash = stage.colleague.post(f"{address(row)}save/", theirs, headers={"HX-Request": "true"})
    assert clash.status_code == 409
    assert clash["HX-Retarget"] == "#save-state"
    body = clash.content.decode()
    assert f"{stage.company.producer.name} 刚刚改成了这里显示的内容" in body
    assert 'name="mine-local_shooting_cost" value="70万元"' in body
    row.refresh_from_db()
    assert row.draft["form.phone"]["value"] == "0519-1"
    plain = stage.colleague.post(f"{address(row)}save/", theirs)
    assert plain.status_code == 409
    assert "您写的“70万元”没有保存" in plain.content.decode()
    use = {"was-local_shooting_cost": "60万元", "mine-local_shooting_cost": "70万元", "use": "local_shooting_cost"}
    assert stage.colleague.post(f"{address(row)}save/", use).status_code == 302
    row.refresh_from_db()
    assert row.draft["local_shooting_cost"]["value"] == "70万元"
    page = text(stage.crew.get(address(row)))
    assert "<del>60万元</del> <ins>70万元</ins>" in page
    assert stage.stranger.get(address(row)).status_code == 404
    assert stage.stranger.post(f"{address(row)}save/", theirs).status_code == 404


def test_papers_go_up_in_pieces_or_whole_and_are_looked_at(stage: Stage) -> None:
    row = stage.draft()
    data = picture("PNG", (800, 600))
    start = {"kind": "发票与合同", "name": "发票.png", "size": str(len(data)), "number": "A-1", "amount": "600000"}
    begun = stage.crew.post(f"{address(row)}uploads/", {**start, "sha256": hashlib.sha256(data).hexdigest()}).json()
    piece = f"/grants/uploads/{begun['key']}/"
    raw = {"content_type": "application/octet-stream"}
    assert stage.crew.post(f"{piece}?offset=0", data[:500], **raw).json()["received"] == 500
    late = stage.crew.post(f"{piece}?offset=900", data[900:], **raw)
    assert (late.status_code, late.json()["received"]) == (409, 500)
    assert stage.crew.get(piece).json()["received"] == 500
    for other in (stage.stranger, stage.colleague):
        assert other.get(piece).status_code == 404
        assert other.post(f"{piece}?offset=500", data[500:], **raw).status_code == 404
    assert stage.crew.post(f"{piece}?offset=x", data[500:], **raw).status_code == 422
    assert stage.crew.post(f"{piece}?offset=500", data[500:], **raw).status_code == 200
    done = stage.crew.post(f"{piece}finish/").json()
    paper = Evidence.objects.get(pk=done["evidence"])
    assert (paper.document_number, paper.amount_fen, done["is_double"]) == ("A-1", 60_000_000, False)
    whole = stage.crew.post(
        f"{address(row)}papers/", {"kind": "取景协议", "file": SimpleUploadedFile("协议.pdf", PDF)}, follow=True
    )
    assert "已收到“协议.pdf”" in text(whole)
    bad = stage.crew.post(
        f"{address(row)}papers/", {"kind": "取景协议", "file": SimpleUploadedFile("a.pdf", b"<html>")}, follow=True
    )
    assert "不支持这种文件" in text(bad)
    shown = stage.crew.get(f"/grants/papers/{paper.pk}/preview.png")
    assert shown["Content-Type"] == "image/png"
    assert shown.content.startswith(b"\x89PNG")
    file = stage.crew.get(f"/grants/papers/{paper.pk}/file/")
    assert "attachment" in file["Content-Disposition"]
    assert file["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert b"".join(file.streaming_content) == data
    for part in ("file/", "preview.png"):
        assert stage.stranger.get(f"/grants/papers/{paper.pk}/{part}").status_code == 404
    assert stage.stranger.post(f"/grants/papers/{paper.pk}/withdraw/").status_code == 404
    assert stage.crew.get(f"/grants/papers/{Evidence.objects.last().pk}/preview.png").status_code == 404, (
        "no page in it"
    )


def test_it_is_submitted_and_the_page_says_where_it_stands(stage: Stage) -> None:
    row = stage.draft()
    early = stage.crew.post(f"{address(row)}submit/", {"is_true": "true"}, follow=True)
    assert "还差：" in text(early)
    stage.crew.post(
        f"{address(row)}save/",
        {"f-local_shooting_cost": "60", "u-local_shooting_cost": "万元", "f-form.phone": "0519-1"},
    )
    for kind, data in (("取景协议", PDF), ("发票与合同", picture())):
        stage.crew.post(f"{address(row)}papers/", {"kind": kind, "file": SimpleUploadedFile("a", data)})
    assert "请先确认" in text(stage.crew.post(f"{address(row)}submit/", follow=True))
    page = text(stage.crew.post(f"{address(row)}submit/", {"is_true": "true"}, follow=True))
    for words in ("已提交", "¥120,000", "20% × 600,000元 = 120,000元", "区级初审", "按提交时的事实和第 1 版政策"):
        assert words in page
    with CaptureQueriesContext(connection) as queries:
        text(stage.crew.get(address(row)))
    assert len(queries) < 40
    assert "不能修改" in text(stage.crew.post(f"{address(row)}save/", {"f-form.phone": "1"}, follow=True))
    listed = text(stage.crew.get("/grants/applications/?state=submitted&sort=-asked&q=湖畔"))
    assert row.number in listed
    assert row.number not in text(stage.crew.get("/grants/applications/?state=draft"))
    assert row.number not in text(stage.stranger.get("/grants/applications/"))
    sheet = b"".join(stage.crew.get("/grants/applications.csv").streaming_content).decode()
    assert f"{row.number}," in sheet
    assert "120000.00" in sheet
    assert stage.crew.get("/grants/applications.xlsx")["Content-Type"].endswith("sheet")
    gone = text(stage.crew.post(f"{address(row)}withdraw/", {"reason": "改报明年"}, follow=True))
    assert "已撤回" in gone


def test_a_page_for_every_state(stage: Stage) -> None:
    row = stage.draft()
    step = stage.version.programme.steps.get(kind=StepKind.PUBLIC_NOTICE)
    for state in ApplicationState:
        Application.objects.filter(pk=row.pk).update(state=state, step=step, submitted_at=NOW, awarded_fen=100)
        assert str(state.label) in text(stage.crew.get(address(row)))
        assert str(state.label) in text(stage.crew.get("/grants/applications/"))
