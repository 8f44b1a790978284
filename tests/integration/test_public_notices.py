"""公示 from draft to close: days by the working calendar, objections answered, identifiers masked, nothing skipped."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from tests.factories import make_organisation, make_person
from tests.grants import publish
from tests.productions import PDF

from xiepai.grants.masking import masked
from xiepai.grants.models import Application, PublicNotice
from xiepai.grants.services import notices, objections
from xiepai.grants.states import ApplicationState
from xiepai.kernel import audit, clock
from xiepai.kernel.clock import CITY_ZONE
from xiepai.kernel.errors import ErrorCode, XiepaiError
from xiepai.kernel.models import AuditEntry, JournalEntry
from xiepai.parties.access import NOBODY, Actor
from xiepai.parties.models import Organisation
from xiepai.parties.working_days import calendar_of
from xiepai.web.public import notices as pages

pytestmark = pytest.mark.django_db
MONDAY = datetime(2026, 9, 21, 9, tzinfo=CITY_ZONE)
AFTER = datetime(2026, 9, 29, 9, tzinfo=CITY_ZONE)
USCC = "91320412MA1X2Y3Z4K"
WORDS = "该作品不在本区拍摄，请核实拍摄记录。"


class Hall:
    """A published programme with two proposed applications, and the officer who keeps it."""

    def __init__(self) -> None:
        self.person, self.officer = make_person("officer")
        self.version = publish(self.officer)
        self.programme = self.version.programme
        self.company = make_organisation("crew", name="样例影视公司", uscc=USCC, standing="sample")
        self.applications = [self.proposed(self.company, fen) for fen in (2_000_000, 3_000_000)]

    def proposed(self, company: Organisation, fen: int, state: str = "proposed") -> Application:
        number = f"T-{Application.objects.count() + 1:04d}"
        row = Application.objects.create(
            programme=self.programme,
            version=self.version,
            organisation=company,
            number=number,
            state=state,
            measures=["script"],
            awarded_fen=fen,
        )
        audit.record("test.row.made", row, actor=self.officer)
        return row

    def drafted(self, **fields: Any) -> PublicNotice:
        values = {"title": "拟奖补名单公示", "application_ids": [each.pk for each in self.applications], **fields}
        return notices.draft_notice(actor=self.officer, programme_id=self.programme.pk, **values)

    def opened(self) -> PublicNotice:
        return notices.open_notice(actor=self.officer, notice_id=self.drafted().pk)

    def objected(self, notice: PublicNotice, item: int | None = None, actor: Actor = NOBODY) -> Any:
        return objections.receive_objection(
            actor=actor, notice_id=notice.pk, item_id=item, name="张三", contact="13812345678", text=WORDS
        )

    def states(self) -> list[str]:
        return [Application.objects.get(pk=each.pk).state for each in self.applications]


@pytest.fixture
def hall() -> Iterator[Hall]:
    with clock.frozen(MONDAY):
        yield Hall()


def test_days_are_counted_by_the_working_calendar() -> None:
    """Five days from Monday 21 September 2026: Friday is Mid-Autumn, so the fifth is Monday the 28th."""
    calendar = calendar_of()
    assert notices.last_day(calendar, date(2026, 9, 21), 5) == date(2026, 9, 28)
    assert notices.last_day(calendar, date(2026, 9, 21), 1) == date(2026, 9, 21)
    assert notices.last_day(calendar, date(2026, 10, 1), 1) == date(2026, 10, 8)
    assert notices.last_day(calendar, date(2026, 10, 9), 2) == date(2026, 10, 10), "an adjusted workday"


def test_a_notice_goes_from_draft_to_close_with_its_applications(hall: Hall) -> None:
    notice = hall.drafted(text="联系人电话13812345678", contact="协拍办")
    assert notice.text == "联系人电话138****5678"
    assert [item.identifier for item in notice.items.all()] == ["9132**********3Z4K"] * 2
    assert hall.states() == ["proposed"] * 2
    notice = notices.open_notice(actor=hall.officer, notice_id=notice.pk)
    assert (notice.opens_on, notice.closes_on) == (date(2026, 9, 21), date(2026, 9, 28))
    assert notice.published_by_id == hall.person.pk
    assert hall.states() == ["noticed"] * 2
    with pytest.raises(XiepaiError, match="2026-09-28"):
        notices.close_notice(actor=hall.officer, notice_id=notice.pk)
    with clock.frozen(AFTER - timedelta(days=1)), pytest.raises(XiepaiError, match="期满"):
        notices.close_notice(actor=hall.officer, notice_id=notice.pk)
    with clock.frozen(AFTER):
        assert notices.close_notice(actor=hall.officer, notice_id=notice.pk).state == "closed"
    events = AuditEntry.objects.filter(object_type="grants.publicnotice").order_by("id")
    assert [each.event for each in events] == ["grants.notice.drafted", "grants.notice.opened", "grants.notice.closed"]


def test_many_are_opened_and_taken_back_in_as_many_queries_as_two(hall: Hall) -> None:
    """Each application still has its own line in the trail and in the journal."""
    few = hall.drafted()
    counted: dict[str, list[int]] = {"open": [], "cancel": []}
    for notice in (few, None):
        if notice is None:
            hall.applications = [hall.proposed(hall.company, 1_000_000) for _number in range(12)]
            notice = hall.drafted()
        with CaptureQueriesContext(connection) as opened:
            notices.open_notice(actor=hall.officer, notice_id=notice.pk)
        assert set(hall.states()) == {"noticed"}
        with CaptureQueriesContext(connection) as cancelled:
            notices.cancel_notice(actor=hall.officer, notice_id=notice.pk, reason="名单有误")
        assert set(hall.states()) == {"proposed"}
        counted["open"].append(len(opened))
        counted["cancel"].append(len(cancelled))
    assert counted["open"][0] == counted["open"][1] < 20
    assert counted["cancel"][0] == counted["cancel"][1] < 20
    for each in hall.applications:
        moved = AuditEntry.objects.filter(event=notices.MOVED, object_id=each.pk).order_by("id")
        assert [((row.before or {})["state"], (row.after or {})["state"]) for row in moved] == [
            ("proposed", "noticed"),
            ("noticed", "proposed"),
        ]
        kept = JournalEntry.objects.filter(event=notices.MOVED, subject_id=each.pk).order_by("id")
        assert ['"state":"noticed"' in row.state for row in kept] == [True, False]


def test_of_many_none_is_moved_where_one_may_not(hall: Hall) -> None:
    notice = hall.drafted()
    Application.objects.filter(pk=hall.applications[1].pk).update(state="withdrawn")
    with pytest.raises(XiepaiError, match=hall.applications[1].number):
        notices.open_notice(actor=hall.officer, notice_id=notice.pk)
    assert hall.states() == ["proposed", "withdrawn"]
    notice.refresh_from_db()
    assert notice.state == "draft"


def test_a_title_in_english_is_shown_to_who_reads_english(hall: Hall) -> None:
    notice = hall.drafted(title_en="Proposed grants, batch 1")
    notices.open_notice(actor=hall.officer, notice_id=notice.pk)
    english, chinese = ({"HTTP_ACCEPT_LANGUAGE": each} for each in ("en", "zh-hans"))
    for address in (reverse("public:notices"), reverse("public:notice", args=[notice.pk])):
        assert "Proposed grants, batch 1" in Client().get(address, **english).content.decode()
        assert "Proposed grants, batch 1" not in Client().get(address, **chinese).content.decode()
    client = Client(**english)
    client.force_login(hall.person)
    hall.proposed(hall.company, 500)
    page = client.get(reverse("office:notice_new", args=[hall.programme.pk])).content.decode()
    assert "拟奖补名单公示" in page, "the Chinese title is Chinese, whatever the officer reads"


def test_an_objection_keeps_it_open_and_sends_its_application_back(hall: Hall) -> None:
    notice = hall.opened()
    item = notice.items.first()
    assert item is not None
    one, other = hall.objected(notice, item.pk), hall.objected(notice)
    with clock.frozen(AFTER):
        with pytest.raises(XiepaiError, match="2 件异议"):
            notices.close_notice(actor=hall.officer, notice_id=notice.pk)
        answers = [(one, True), (other, False)]
        for row, upholds in answers:
            objections.answer_objection(
                actor=hall.officer, objection_id=row.pk, upholds=upholds, answer="经核查拍摄记录，答复如上。"
            )
        with pytest.raises(XiepaiError, match="已经答复"):
            objections.answer_objection(
                actor=hall.officer, objection_id=one.pk, upholds=False, answer="经核查拍摄记录，答复如上。"
            )
        notices.close_notice(actor=hall.officer, notice_id=notice.pk)
    assert hall.states() == ["in_review", "noticed"]


def test_a_paper_comes_with_an_objection_for_the_office_alone(hall: Hall, tmp_path: Path, settings: Any) -> None:
    settings.MEDIA_ROOT = tmp_path
    notice = hall.opened()
    given = {"actor": NOBODY, "notice_id": notice.pk, "item_id": None, "name": "张三", "contact": "x", "text": WORDS}
    for data, code in ((b"MZ" + b"x" * 100, ErrorCode.FILE_TYPE), (b"x" * 10_000_001, ErrorCode.FILE_TYPE)):
        with pytest.raises(XiepaiError) as refused:
            objections.receive_objection(**given, data=data, file_name="a.pdf")
        assert refused.value.code is code
    row = objections.receive_objection(**given, data=PDF, file_name="../../凭证.exe")
    assert (row.file_name, row.stored.size_bytes) == ("凭证.pdf", len(PDF))
    address = reverse("office:objection_file", args=[notice.pk, row.pk])
    assert Client().get(address).status_code == 302, "sign in first"
    client = Client()
    client.force_login(hall.person)
    answer = client.get(address)
    assert b"".join(answer.streaming_content) == PDF
    assert (answer["X-Content-Type-Options"], answer["Cache-Control"]) == ("nosniff", "private, no-store")
    other = notices.draft_notice(
        actor=hall.officer, programme_id=hall.programme.pk, title="另一份",
        application_ids=[hall.proposed(hall.company, 5).pk],
    )  # fmt: skip
    assert client.get(reverse("office:objection_file", args=[other.pk, row.pk])).status_code == 404
    page = Client().get(f"/public-notices/{notice.pk}/").content.decode()
    assert "凭证.pdf" not in page


def test_a_notice_takes_so_many_papers(hall: Hall, tmp_path: Path, settings: Any, monkeypatch: Any) -> None:
    settings.MEDIA_ROOT = tmp_path
    monkeypatch.setattr(objections, "MOST_PAPERS", 1)
    notice = hall.opened()
    given = {"actor": NOBODY, "notice_id": notice.pk, "item_id": None, "name": "张三", "contact": "x", "text": WORDS}
    objections.receive_objection(**given, data=PDF)
    with pytest.raises(XiepaiError, match="附件已满"):
        objections.receive_objection(**given, data=PDF)
    assert objections.receive_objection(**given).stored is None


def test_what_may_not_stand_in_a_notice(hall: Hall) -> None:
    hall.drafted()
    with pytest.raises(XiepaiError, match="已在另一份公示里"):
        hall.drafted()
    early = hall.proposed(hall.company, 1, state=ApplicationState.IN_REVIEW)
    for ids, words in (([early.pk], "不是拟奖补"), ([], "请选 1 至"), ([10**9], "没有找到")):
        with pytest.raises(XiepaiError, match=words):
            hall.drafted(application_ids=ids)
    with pytest.raises(XiepaiError):
        hall.drafted(working_days=61)


def test_a_notice_taken_back_frees_its_applications(hall: Hall) -> None:
    notice = hall.opened()
    with pytest.raises(XiepaiError, match="理由"):
        notices.cancel_notice(actor=hall.officer, notice_id=notice.pk, reason=" ")
    found = notices.cancel_notice(actor=hall.officer, notice_id=notice.pk, reason="金额有误，致电13812345678")
    assert found.text == "撤销公示：金额有误，致电138****5678"
    assert hall.states() == ["proposed"] * 2
    assert hall.opened().state == "open"


@pytest.mark.parametrize("role", ["producer", "keeper", "finance", "reviewer"])
def test_only_officers_keep_notices(hall: Hall, role: str) -> None:
    notice, actor = hall.opened(), make_person(role)[1]
    row = hall.objected(notice)
    for deed in (
        lambda: notices.close_notice(actor=actor, notice_id=notice.pk),
        lambda: notices.cancel_notice(actor=actor, notice_id=notice.pk, reason="x"),
        lambda: objections.answer_objection(actor=actor, objection_id=row.pk, upholds=True, answer="x" * 20),
        lambda: notices.draft_notice(actor=actor, programme_id=hall.programme.pk, title="x", application_ids=[1]),
    ):
        with pytest.raises(XiepaiError):
            deed()


def test_an_objection_has_its_days(hall: Hall) -> None:
    draft = hall.drafted()
    with pytest.raises(XiepaiError, match="没有找到"):
        hall.objected(draft)
    notice = notices.open_notice(actor=hall.officer, notice_id=draft.pk)
    with clock.frozen(AFTER), pytest.raises(XiepaiError, match="公示期已过"):
        hall.objected(notice)
    assert hall.objected(notice, actor=hall.officer).received_by_id == hall.person.pk


def test_a_receipt_cannot_be_guessed(hall: Hall) -> None:
    row = hall.objected(hall.opened())
    receipt = objections.receipt_of(row)
    assert objections.objection_by_receipt(f" {receipt.lower()} ") == row
    for wrong in (f"YY{row.pk}-0000000000", f"YY{row.pk + 1}{receipt[receipt.index('-') :]}", "", "YY1", "'; --"):
        with pytest.raises(XiepaiError):
            objections.objection_by_receipt(wrong)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("代码91320412MA1X2Y3Z4K。", "代码9132**********3Z4K。"),
        ("身份证32040419900101123X", "身份证3204**********123X"),
        ("卡号6222021234567890123，", "卡号6222***********0123，"),
        ("电话 13812345678", "电话 138****5678"),
        ("a.b@example.org", "a***@example.org"),
        ("奖补2000000元，2026年9月21日，第3集", "奖补2000000元，2026年9月21日，第3集"),
    ],
)
def test_identifiers_are_masked(text: str, shown: str) -> None:
    assert masked(text) == shown


def form(notice: PublicNotice, **fields: Any) -> dict[str, Any]:
    opened = pages._SIGNER.sign_object(clock.now().timestamp() - 10)
    return {"item": "", "name": "李四", "contact": "13900000000", "text": WORDS, "opened": opened, **fields}


def test_a_stranger_reads_objects_and_follows(hall: Hall, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "MOST_SECONDS", 10**9)  # the signature's clock is the machine's, the test's is frozen
    notice, client = hall.opened(), Client()
    listed = client.get("/public-notices/").content.decode()
    assert notice.title in listed
    text = client.get(f"/public-notices/{notice.pk}/").content.decode()
    assert "9132**********3Z4K" in text
    assert USCC not in text
    assert "¥50,000" in text
    pdf = client.get(f"/public-notices/{notice.pk}/notice.pdf")
    assert pdf.content.startswith(b"%PDF-")
    rows = b"".join(client.get(f"/public-notices/{notice.pk}/notice.csv").streaming_content).decode()
    assert "20000.00" in rows
    assert USCC not in rows
    answer = client.post(f"/public-notices/{notice.pk}/objections/", form(notice))
    assert answer.status_code == 302
    followed = client.get(answer["Location"]).content.decode()
    assert "还在核实" in followed
    assert "李四" not in followed
    row = notice.objections.get()
    objections.answer_objection(
        actor=hall.officer, objection_id=row.pk, upholds=False, answer="经核查，该作品在本区拍摄五天。"
    )
    assert "在本区拍摄五天" in client.get(answer["Location"]).content.decode()
    shown = client.get(f"/public-notices/{notice.pk}/").content.decode()
    assert "李四" not in shown
    assert "13900000000" not in shown
    assert client.get("/objections/?receipt=YY1-0000000000").status_code == 404


def test_machines_are_refused_and_nothing_is_kept(hall: Hall, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "MOST_SECONDS", 10**9)
    notice, client = hall.opened(), Client()
    quick = pages._SIGNER.sign_object(clock.now().timestamp())
    for fields in ({"website": "http://x"}, {"opened": quick}, {"opened": "forged"}, {"opened": ""}, {"text": "短"}):
        answer = client.post(f"/public-notices/{notice.pk}/objections/", form(notice, **fields))
        assert answer.status_code == 422
        assert WORDS in answer.content.decode() or "text" in fields
    assert not notice.objections.exists()
    codes = [client.post(f"/public-notices/{notice.pk}/objections/", form(notice)).status_code for _again in range(11)]
    assert codes == [302] * 9 + [429] * 2, "the too short one was counted"


def test_a_draft_is_nobodys(hall: Hall) -> None:
    draft = hall.drafted()
    assert Client().get(f"/public-notices/{draft.pk}/").status_code == 404
    assert draft.title not in Client().get("/public-notices/").content.decode()


def test_the_office_writes_opens_answers_and_closes(hall: Hall) -> None:
    client = Client()
    client.force_login(hall.person)
    listed = client.get("/office/public-notices/").content.decode()
    assert "2 件拟奖补" in listed
    ids = [str(each.pk) for each in hall.applications]
    values = {"title": "第一批公示", "working_days": "5", "contact": "", "text": "", "application": ids}
    address = client.post(f"/office/public-notices/new/{hall.programme.pk}/", values)["Location"]
    assert "2026年9月28日" in client.get(address).content.decode() or "9月28日" in client.get(address).content.decode()
    client.post(f"{address}deed/", {"deed": "open"})
    notice = PublicNotice.objects.get()
    row = hall.objected(notice)
    shown = client.get(address).content.decode()
    assert "张三" in shown
    assert "期满且异议都已答复" in shown
    client.post(f"{address}objections/{row.pk}/", {"upholds": "0", "answer": "经核查，该作品在本区拍摄。"})
    with clock.frozen(AFTER):
        assert "结束公示" in client.get(address).content.decode()
        client.post(f"{address}deed/", {"deed": "close"})
    notice.refresh_from_db()
    assert notice.state == "closed"
    assert client.post(f"/office/public-notices/new/{hall.programme.pk}/", values).status_code == 422
    assert timezone.is_aware(notice.published_at)  # type: ignore[arg-type]
