"""Letters about decisions and payments: what they say and hide, whom they reach; what a company reads of both."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pypdfium2
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import translation
from tests.factories import make_person
from tests.grants import NOW
from tests.review import MEASURE, Review, make_review

from xiepai.grants.documents.letters import decision_content, payment_content, sealed
from xiepai.grants.models import Application, Decision, LedgerAccount, PaymentOrder, PaymentState
from xiepai.grants.payment_files import order_number
from xiepai.grants.selectors_decisions import outcomes_of
from xiepai.grants.services import (
    appealing,
    bank_results,
    batches,
    deciding,
    programmes,
    promising,
    recoveries,
    refusing,
    reviewing,
)
from xiepai.kernel import clock
from xiepai.parties.models import Organisation, Person

pytestmark = pytest.mark.django_db
CODE = "91320412MA1X2Y3Z4K"


@pytest.fixture
def review() -> Iterator[Review]:
    with clock.frozen(NOW):
        found = make_review()
        Organisation.objects.filter(pk=found.company.pk).update(uscc=CODE, name_en="Dawn Films")
        found.company.refresh_from_db()
        yield found


@pytest.fixture
def decided(review: Review) -> Application:
    """Awarded 600,000 yuan, 60 % at once and the rest at its milestone."""
    review.budget(10**9)
    programmes.update_measure_setting(
        actor=review.actor("officer"), programme_id=review.programme.pk, measure=MEASURE,
        milestones=[
            {"code": "first", "zh": "首期", "en": "First part", "percent": 60},
            {"code": "done", "zh": "验收后", "en": "After acceptance", "percent": 40},
        ],
    )  # fmt: skip
    review.account()
    row = review.to_step(review.submit(), "leading_group")
    review.propose(row)
    review.notice(row)
    deciding.decide(actor=review.actor("leader"), application_ids=[row.pk], meeting="第1次会议（样例）")
    row.refresh_from_db()
    return row


def pay(review: Review, row: Application, result: PaymentState | None = PaymentState.PAID) -> PaymentOrder:
    """The first part goes to the bank, and the bank answers."""
    with clock.frozen(NOW + timedelta(days=10)):
        orders = batches.payable_orders(review.programme)
        batch = batches.prepare_batch(
            actor=review.actor("finance"), programme_id=review.programme.pk, order_ids=[each.pk for each in orders]
        )
        batches.approve_batch(actor=review.actor("second"), batch_id=batch.pk)
        batches.send_batch(batch.pk)
        order = PaymentOrder.objects.get(application=row, milestone="first", batch=batch)
        if result is not None:
            line = bank_results.Line(order_number(order), order.amount_fen, result, "B1", "户名不符")
            bank_results.import_results(actor=review.actor("finance"), batch_id=batch.pk, lines=[line])
    order.refresh_from_db()
    return order


def browser(person: Person) -> Client:
    client = Client()
    client.force_login(person)
    return client


def words(pdf: bytes) -> str:
    document = pypdfium2.PdfDocument(pdf)
    found = "\n".join(page.get_textpage().get_text_range() for page in document)
    document.close()
    return found.replace("\r\n", "\n")


def bare(text: str) -> str:
    """Without the spaces a line sets between two scripts."""
    return "".join(text.split())


def decision_url(row: Application) -> str:
    return f"/grants/decisions/{Decision.objects.filter(application=row).latest('id').pk}/letter.pdf"


def test_the_letter_of_an_award_says_what_the_decision_keeps(review: Review, decided: Application) -> None:
    decision = Decision.objects.get(application=decided)
    answer = browser(review.people["producer"]).get(decision_url(decided))
    assert answer["Content-Type"] == "application/pdf"
    assert decision.number in answer["Content-Disposition"]
    said = words(answer.content)
    for text in (
        "奖补决定通知书", decision.number, decided.number, "晨光影业", "第 1 版", "第1次会议（样例）",
        decision.version.sha256, decision.sha256, review.people["leader"].get_short_name(), "¥600,000", "2026-12-01",
        "第10项", "产业链", "10% × 6,000,000元 = ¥600,000",
    ):  # fmt: skip
        assert bare(text) in bare(said), text
    assert CODE not in said
    assert "9132**********3Z4K" in said


def test_it_is_the_same_letter_at_any_time_and_the_foot_proves_it(review: Review, decided: Application) -> None:
    decision = Decision.objects.get(application=decided)
    content = decision_content(decision)
    canonical = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    digest = hashlib.sha256(canonical.encode()).hexdigest()
    assert digest in sealed(content)["seal"]
    with clock.frozen(NOW + timedelta(days=400)):
        # what the office changes later is not what was decided
        Application.objects.filter(pk=decided.pk).update(facts={}, explanation={}, asked_fen=1)
        again = decision_content(Decision.objects.get(pk=decision.pk))
    assert again == content
    said = words(browser(review.people["producer"]).get(decision_url(decided)).content)
    assert digest in said.replace("\n", "")


def test_in_english_for_an_english_reader(review: Review, decided: Application) -> None:
    client = browser(review.people["producer"])
    said = words(client.get(decision_url(decided), headers={"accept-language": "en"}).content)
    assert "Dawn Films" in said
    assert "Total" in said
    with translation.override("en"):
        content = decision_content(Decision.objects.get(application=decided))
    for each in (content["title"], *content["paragraphs"], *content["closing"], *(pair[0] for pair in content["head"])):
        assert not any("\u4e00" <= letter <= "\u9fff" for letter in each.replace("第1次会议（样例）", "")), each


def test_letters_reach_the_company_and_the_office_only(review: Review, decided: Application) -> None:
    order = pay(review, decided)
    addresses = (decision_url(decided), f"/grants/payments/{order.pk}/letter.pdf")
    stranger, expert = make_person("producer")[0], review.experts[0]
    for address in addresses:
        for role in ("producer", "officer", "finance", "leader"):
            assert browser(review.people[role]).get(address).status_code == 200, role
        assert browser(stranger).get(address).status_code == 404
        assert browser(expert).get(address).status_code == 403, "an expert scores without knowing whose work it is"
        assert Client().get(address).status_code == 302


def test_the_letter_of_a_payment_and_none_before_the_money_left(review: Review, decided: Application) -> None:
    client = browser(review.people["producer"])
    waiting = PaymentOrder.objects.get(application=decided, milestone="done")
    assert client.get(f"/grants/payments/{waiting.pk}/letter.pdf").status_code == 404
    order = pay(review, decided)
    assert order.account is not None
    said = words(client.get(f"/grants/payments/{order.pk}/letter.pdf").content)
    for text in ("拨付通知书", "¥360,000", "首期", order.batch.number, order_number(order), "2026-12-11", "B1"):
        assert text in said, text
    assert order.account.number not in said
    assert order.account.number[-4:] in said
    assert payment_content(order)["head"][-1][1] == Decision.objects.get(application=decided).number


def test_a_sample_programme_says_so(review: Review, decided: Application) -> None:
    assert decision_content(Decision.objects.get(application=decided))["sample"] == ""
    review.programme.__class__.objects.filter(pk=review.programme.pk).update(standing="sample")
    said = words(browser(review.people["producer"]).get(decision_url(decided)).content)
    assert "样例" in said
    assert "不是任何机关的文书" in said


def test_the_letter_of_a_refusal_says_why_and_how_to_appeal_and_until_when(review: Review) -> None:
    row = reviewing.take(actor=review.actor("officer"), application_id=review.submit().pk)
    refusing.announce_refusal(actor=review.actor("officer"), application_id=row.pk, reason="投入 <不> *实*")
    with clock.frozen(NOW + timedelta(days=8)):
        assert refusing.finish_due_refusals() == 1
    row.refresh_from_db()
    client = browser(review.people["producer"])
    said = words(client.get(decision_url(row)).content)
    for text in ("不予奖补决定通知书", "投入 <不> *实*", "20 个工作日", "申诉", "期满自动办结", "政策文件没有写明"):
        assert text in said, text
    with clock.frozen(NOW + timedelta(days=9)):
        page = client.get(f"/grants/applications/{row.pk}/").content.decode()
    assert "不予奖补" in page
    assert "提交申诉" in page


def test_the_page_shows_decisions_payments_milestones_and_what_is_asked_back(
    review: Review, decided: Application
) -> None:
    client, address = browser(review.people["producer"]), f"/grants/applications/{decided.pk}/"
    page = client.get(address).content.decode()
    for text in ("决定和拨付", "予以奖补", "待拨付", "首期", "达到节点后拨付", "验收后"):
        assert text in page, text
    assert "拨付通知书" not in page
    order = pay(review, decided, PaymentState.FAILED)
    page = client.get(address).content.decode()
    assert "银行退票" in page
    assert "户名不符" in page
    bank_results.plan_again(actor=review.actor("finance"), order_id=order.pk, reason="户名已更正")
    paid = pay(review, decided)
    promising.release_milestone(
        actor=review.actor("officer"),
        order_id=PaymentOrder.objects.get(application=decided, milestone="done").pk,
        reason="已验收",
    )
    with CaptureQueriesContext(connection) as queries:
        page = client.get(address).content.decode()
    assert len(queries) < 40
    for text in ("退票，已另行安排", "已到账", "拨付通知书", f"批次 {paid.batch.number}", "已到账 ¥360,000"):
        assert text in page, text
    states = [each.state for each in outcomes_of(decided).decided[0].payments]
    assert states == ["again", "planned", "paid"]
    with CaptureQueriesContext(connection) as queries:
        english = client.get(address, headers={"accept-language": "en"}).content.decode()
    assert "After acceptance" in english
    with clock.frozen(NOW + timedelta(days=20)):
        last = batches.prepare_batch(
            actor=review.actor("finance"), programme_id=review.programme.pk,
            order_ids=[each.pk for each in batches.payable_orders(review.programme)],
        )  # fmt: skip
        batches.approve_batch(actor=review.actor("second"), batch_id=last.pk)
        batches.send_batch(last.pk)
        lines = [
            bank_results.Line(order_number(each), each.amount_fen, PaymentState.PAID, f"B{each.pk}", "")
            for each in last.orders.all()
        ]
        bank_results.import_results(actor=review.actor("finance"), batch_id=last.pk, lines=lines)
        recoveries.order_recovery(
            actor=review.actor("officer"), application_id=decided.pk, measure=MEASURE, amount_fen=10_000_000,
            reason="目标未达到", due_on=(NOW + timedelta(days=60)).date(),
        )  # fmt: skip
    page = client.get(address).content.decode()
    for text in ("追回 ¥100,000", "目标未达到", "还应退回 ¥100,000", "2027"):
        assert text in page, text
    office = browser(review.people["officer"]).get(f"/office/grants/applications/{decided.pk}/").content.decode()
    assert "验收后" in office
    assert "决定通知书" in office


def test_codes_are_words_wherever_people_read_them(review: Review, decided: Application) -> None:
    review.budget(5 * 10**8, MEASURE)
    officer, producer = browser(review.people["officer"]), browser(review.people["producer"])
    purse = LedgerAccount.objects.get(measure=MEASURE, kind="available")
    entries = f"/office/grants/budgets/{purse.pk}/"
    wanted = {"zh-hans": ("产业链", "预留资金"), "en": ("Industry chain", "Set aside")}
    for language, (measure, reserved) in wanted.items():
        headers = {"accept-language": language}
        for address in ("/office/grants/budgets/", entries):
            page = officer.get(address, headers=headers).content.decode()
            assert measure in page, (language, address)
            assert f"· {MEASURE}" not in page
        whole = LedgerAccount.objects.get(measure="", kind="available")
        sheet = _sheet(officer.get(f"/office/grants/budgets/{whole.pk}/entries.csv", headers=headers))
        assert measure in sheet
        assert reserved in sheet
        assert "reserved" not in sheet
        for client, address in ((officer, "/office/grants.csv?state=all"), (producer, "/grants/applications.csv")):
            sheet = _sheet(client.get(address, headers=headers))
            assert f"{measure}," in sheet, address
            assert f",{MEASURE}," not in sheet, address


def _sheet(answer: Any) -> str:
    return b"".join(answer.streaming_content).decode("utf-8-sig")


def test_an_appeal_that_held_is_said_beside_the_refusal_it_undid(review: Review) -> None:
    row = reviewing.take(actor=review.actor("officer"), application_id=review.submit().pk)
    refusing.announce_refusal(actor=review.actor("officer"), application_id=row.pk, reason="投入不实")
    with clock.frozen(NOW + timedelta(days=8)):
        refusing.make_final(actor=review.actor("officer"), application_id=row.pk)
        said = appealing.appeal(actor=review.actor("producer"), application_id=row.pk, text="凭证齐全")
        page = browser(review.people["officer"]).get(f"/grants/applications/{row.pk}/").content.decode()
        assert "提交申诉" not in page, "the office does not speak for the company"
        refusing.answer_appeal(actor=review.actor("officer2"), appeal_id=said.pk, is_upheld=True, answer="属实")
        page = browser(review.people["producer"]).get(f"/grants/applications/{row.pk}/").content.decode()
    assert "申诉成立，已重新审核" in page
    row.refresh_from_db()
    assert [each.is_overturned for each in outcomes_of(row).decided] == [True]
