"""An application through the office in a real browser: returned, scored, capped, shown, decided, paid, recovered."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.core.cache import cache
from django.db import connection, transaction
from playwright.sync_api import Page, expect
from tests.grants import state
from tests.review import Review, hand_in, make_review

from xiepai.grants.models import Application, CorrectionState, PaymentBatch, PublicNotice
from xiepai.grants.payment_files import order_number
from xiepai.grants.services import notices, reviewing
from xiepai.grants.services.batches import send_batch
from xiepai.kernel import clock
from xiepai.kernel.verifying import verify

Enter = Callable[..., Page]
PHONE = {"width": 390, "height": 844}


@pytest.fixture
def review(transactional_db: None) -> Review:
    cache.clear()
    review = make_review()
    review.budget(500_000_000)
    review.account()
    return review


def sound(page: Page) -> None:
    """No fault axe knows of, and nothing wider than the window."""
    found = Axe().run(page)
    assert not found.response["violations"], found.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def corrected(review: Review, row: Application) -> None:
    """As the company's page answers a correction."""
    with transaction.atomic():
        row.refresh_from_db()
        reviewing.close_corrections(row, CorrectionState.ANSWERED, review.actor("producer"))
        event = "grants.application.resubmitted"
        reviewing.come_back(row, review.actor("producer"), event=event, reason="已补正")


def test_an_application_goes_through_the_office_to_payment_and_recovery(enter: Enter, review: Review) -> None:
    state(organisation_id=review.company.pk, ip_conversion="yes", chain_investment="600万元")
    row = hand_in(review.version, review.company, "chain")
    address = f"/office/grants/applications/{row.pk}/"
    officer = enter("officer")
    officer.goto("/office/grants/")
    sound(officer)
    officer.get_by_label(f"勾选 {row.number}").check()
    officer.get_by_role("button", name="受理勾选的").click()
    expect(officer.get_by_text("已受理 1 件")).to_be_visible()
    officer.get_by_role("link", name=row.number).first.click()
    sound(officer)
    officer.locator("summary", has_text="退回补正").click()
    officer.get_by_label("这一项要补正什么").fill("缺付款凭证")
    officer.get_by_role("button", name="退回补正").click()
    expect(officer.get_by_text("时限暂停")).to_be_visible()
    corrected(review, row)
    officer.reload()
    officer.get_by_role("button", name="通过，转下一环节").click()
    expect(officer.get_by_text("已转入下一环节")).to_be_visible()
    for _step in range(2):
        reviewing.pass_on(actor=review.actor("finance"), application_id=row.pk)
    officer.goto(address)
    for person in review.experts:
        officer.get_by_label(person.get_short_name()).check()
    officer.get_by_role("button", name="请专家").click()
    expect(officer.get_by_text("已请专家评审")).to_be_visible()
    for number in range(1, 4):
        expert = enter(f"expert{number}", viewport=PHONE)
        expert.goto("/office/grants/reviews/")
        expert.locator("a.cover").click()
        sound(expert)
        assert review.company.name not in expert.content()
        for group in expert.locator("fieldset.score-item").all():
            group.get_by_role("radio", name=str(7 + number % 2), exact=True).check()
        expert.get_by_role("button", name="提交评分").click()
        expect(expert.get_by_text("已提交评分")).to_be_visible()
    officer.goto(address)
    officer.get_by_role("button", name="通过，转下一环节").click()
    leader = enter("leader")
    leader.goto(f"/office/grants/lists/{review.programme.pk}/")
    sound(leader)
    leader.locator("[name='limit-chain.at_most']").fill("50万元")
    leader.get_by_role("button", name="试算").click()
    expect(leader.get_by_text("-¥100,000").first).to_be_visible()
    leader.get_by_label("会议名称和日期").fill("领导小组第1次会议（样例）")
    leader.once("dialog", lambda dialog: dialog.accept())
    leader.get_by_role("button", name="审定名单").click()
    expect(leader.get_by_text("一分不差")).to_be_visible()
    sound(leader)
    officer.goto(f"/office/public-notices/new/{review.programme.pk}/")
    officer.get_by_role("main").get_by_role("button").first.click()
    notice = PublicNotice.objects.get()
    notices.open_notice(actor=review.actor("officer"), notice_id=notice.pk)
    with clock.frozen(clock.now() + timedelta(days=20)):
        notices.close_notice(actor=review.actor("officer"), notice_id=notice.pk)
    leader.goto("/office/grants/lists/")
    leader.get_by_role("button", name="决定勾选的").click()
    expect(leader.get_by_text("已作出决定")).to_be_visible()
    first, second = enter("finance"), enter("second")
    first.goto("/office/grants/payments/")
    sound(first)
    first.get_by_role("button", name="编成批次").click()
    expect(first.get_by_text("您编的批次须由另一人复核")).to_be_visible()
    batch = PaymentBatch.objects.get()
    second.goto(f"/office/grants/payments/{batch.pk}/")
    second.once("dialog", lambda dialog: dialog.accept())
    second.get_by_role("button", name="复核通过").click()
    expect(second.get_by_text("已复核，正在送出。")).to_be_visible()
    send_batch(batch.pk)
    lines = f"number,amount,result,reference,reason\n{order_number(batch.orders.get())},500000.00,paid,LS1,\n"
    first.reload()
    first.get_by_label("银行回单（CSV）").set_input_files(
        {"name": "answer.csv", "mimeType": "text/csv", "buffer": lines.encode()}
    )
    first.get_by_role("button", name="导入回单").click()
    expect(first.get_by_text("回单已导入")).to_be_visible()
    officer.goto(address)
    officer.locator("summary", has_text="绩效评价").click()
    officer.get_by_label("结论").select_option("unmet")
    officer.get_by_label("核查情况").fill("未按计划拍完")
    officer.get_by_label("追回金额（元）").fill("200000")
    officer.get_by_role("button", name="绩效评价").click()
    expect(officer.get_by_text("追回中").first).to_be_visible()
    row.refresh_from_db()
    assert (row.state, row.awarded_fen) == ("recovering", 50_000_000)
    assert verify().is_whole
    with transaction.atomic(), connection.cursor() as cursor:  # as a database administrator could
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute("UPDATE grants_application SET awarded_fen = 90000000 WHERE id = %s", [row.pk])
    broken = verify().broken
    assert broken is not None
    assert (broken.why, broken.subject) == ("row_changed", f"grants.application:{row.pk}")


SECTIONS = ["", "owed/", "lists/", "payments/", "budgets/", "programmes/", "exclusions/"]


@pytest.mark.parametrize("section", SECTIONS)
def test_every_section_is_sound_on_a_phone(enter: Enter, review: Review, section: str) -> None:
    review.submit()
    page = enter("administrator", viewport=PHONE)
    page.goto(f"/office/grants/{section}")
    sound(page)


def test_one_application_and_one_programme_are_sound_on_a_phone(enter: Enter, review: Review) -> None:
    row = review.to_step(review.submit(), "leading_group")
    page = enter("administrator", viewport=PHONE)
    page.goto(f"/office/grants/applications/{row.pk}/")
    for summary in page.locator("details.deed > summary").all():
        summary.click()
    sound(page)
    for path in (f"lists/{review.programme.pk}/", f"programmes/{review.programme.pk}/"):
        page.goto(f"/office/grants/{path}")
        sound(page)
