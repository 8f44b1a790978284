"""The office's pages of grants over HTTP: lists, an application worked on, experts, the leading group, money."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from tests.factories import make_organisation
from tests.grants import NOW
from tests.productions import PDF
from tests.review import Review, hand_in, make_review

from xiepai.grants.models import Application, Fact, Recusal, Window
from xiepai.grants.services import deciding, recusing, reviewing
from xiepai.grants.services.evidence import attach_evidence
from xiepai.kernel import clock

pytestmark = pytest.mark.django_db
MOST_QUERIES = 30


@pytest.fixture
def review() -> Iterator[Review]:
    with clock.frozen(NOW):
        yield make_review()


def as_(review: Review, role: str) -> Client:
    client = Client()
    client.force_login(review.people[role])
    return client


def hidden(page: str, name: str) -> str:
    """What a hidden field of the page holds."""
    found = re.search(rf'name="{name}" value="([^"]+)"', page)
    assert found
    return found.group(1)


def do(client: Client, row: Application, deed: str, **given: object) -> str:
    """A deed on an application's page; the page afterwards."""
    answer = client.post(reverse("office:grant_deed", args=[row.pk]), {"deed": deed, **given}, follow=True)
    assert answer.status_code == 200
    row.refresh_from_db()
    return answer.content.decode()


def test_the_list_and_its_file_are_narrowed_by_measure(review: Review) -> None:
    chain, script = review.submit(), hand_in(review.version, review.company, "script")
    client, address = as_(review, "officer"), reverse("office:grants")
    page = client.get(address).content.decode()
    assert re.search(r'<option value="script">[^<]*剧本', page)
    for measure, wanted, other in (("chain", chain, script), ("script", script, chain)):
        page = client.get(address, {"measure": measure}).content.decode()
        assert (wanted.number in page, other.number in page) == (True, False)
        assert f"measure={measure}" in page, "the file is narrowed alike"
        file = b"".join(client.get(reverse("office:grants_file", args=["csv"]), {"measure": measure}).streaming_content)
        assert (wanted.number in file.decode(), other.number in file.decode()) == (True, False)
        assert "政策条目" in file.decode()
        assert f",{measure}," not in file.decode(), "in words"


def test_an_officer_sets_a_recusal_for_somebody_else(review: Review) -> None:
    row = review.to_step(review.submit(), "expert_review")
    client, finance = as_(review, "officer"), review.people["finance"]
    page = client.get(reverse("office:grant", args=[row.pk])).content.decode()
    assert f'<option value="{finance.pk}">' in page
    assert "请选择要回避的人员" in do(client, row, "recuse_other", note="亲属"), "not oneself by mistake"
    assert not Recusal.objects.exists()
    assert "亲属在企业任职" in do(client, row, "recuse_other", person=finance.pk, note="亲属在企业任职")
    recusal = Recusal.objects.get()
    assert (recusal.person_id, recusal.application_id, recusal.declared_by_id) == (
        finance.pk, row.pk, review.people["officer"].pk,
    )  # fmt: skip
    assert as_(review, "finance").get(reverse("office:grant", args=[row.pk])).status_code == 404
    page = client.get(reverse("office:grant", args=[row.pk])).content.decode()
    assert f'<option value="{finance.pk}">' not in page
    do(client, row, "recuse_other", person=review.experts[0].pk, note="曾任顾问", whole="1")
    assert Recusal.objects.get(person=review.experts[0]).organisation_id == review.company.pk
    page = as_(review, "leader").get(reverse("office:grant", args=[row.pk])).content.decode()
    assert "请他人回避" not in page


def test_a_window_may_be_for_single_measures(review: Review) -> None:
    client = as_(review, "officer")
    address = reverse("office:grant_programme", args=[review.programme.pk])
    assert 'name="measure" value="script"' in client.get(address).content.decode()
    given = {"deed": "window", "opens": "2026-12-01", "closes": "2026-12-31", "measure": ["script", "chain"]}
    page = client.post(reverse("office:grant_programme_deed", args=[review.programme.pk]), given, follow=True)
    window = Window.objects.get(programme=review.programme)
    assert window.measures == ["script", "chain"]
    assert "script、chain" not in page.content.decode(), "in words"
    given["measure"] = ["nothing"]
    page = client.post(reverse("office:grant_programme_deed", args=[review.programme.pk]), given, follow=True)
    assert "没有“nothing”这一条目" in page.content.decode()
    assert Window.objects.count() == 1


def test_the_list_is_narrowed_sorted_exported_and_taken_over_in_bulk(review: Review) -> None:
    other = make_organisation("crew", name="别家影业")
    first, second = review.submit(), review.submit(other)
    reviewing.take(actor=review.actor("officer"), application_id=first.pk)
    client, address = as_(review, "officer"), reverse("office:grants")

    def shown(**query: str) -> set[str]:
        page = client.get(address, query).content.decode()
        return {row.number for row in Application.objects.all() if f">{row.number}<" in page}

    assert shown() == {first.number, second.number}
    assert shown(q="别家") == {second.number}
    assert shown(q=first.number) == {first.number}
    assert shown(state="submitted") == {second.number}
    assert shown(step="first_check") == {first.number}
    assert shown(due="none") == {second.number}
    assert shown(due="late") == set()
    assert shown(state="paid") == set()
    assert shown(whose="mine") == {first.number, second.number}
    with clock.frozen(NOW + timedelta(days=40)):
        assert shown(due="late") == {first.number}
        assert "已超时" in client.get(address).content.decode()
    answer = client.get(reverse("office:grants_file", args=["csv"]), {"q": "别家"})
    text = b"".join(answer.streaming_content).decode()  # type: ignore[attr-defined]
    assert second.number in text
    assert first.number not in text
    assert client.get(reverse("office:grants_file", args=["xlsx"])).content[:2] == b"PK"
    answer = client.post(reverse("office:grants_take"), {"application": [first.pk, second.pk]}, follow=True)
    page = answer.content.decode()
    assert "已受理 1 件" in page
    assert first.number in page
    second.refresh_from_db()
    assert second.state == "in_review"
    assert "请先勾选" in client.post(reverse("office:grants_take"), follow=True).content.decode()


def test_the_list_asks_no_more_for_more_rows(review: Review) -> None:
    client, address = as_(review, "leader"), reverse("office:grants")

    def queries() -> int:
        with CaptureQueriesContext(connection) as found:
            assert client.get(address).status_code == 200
        return len(found)

    review.submit()
    few = queries()
    for _n in range(6):
        review.submit(make_organisation("crew"))
    assert queries() == few <= MOST_QUERIES


def test_an_application_is_worked_on_step_by_step(review: Review) -> None:
    client = as_(review, "officer")
    row = review.submit(source="person")
    paper = attach_evidence(
        actor=review.actor("officer"), organisation_id=review.company.pk, application_id=row.pk,
        kind="专项审计报告", data=PDF, document_number="SJ-1",
    )  # fmt: skip
    page = client.get(reverse("office:grant", args=[row.pk])).content.decode()
    for words in ("产业链投入", "未核实", "专项审计报告", "SJ-1", "受理"):
        assert words in page
    assert "已受理。" in do(client, row, "take")
    stale = hidden(client.get(reverse("office:grant", args=[row.pk])).content.decode(), "seen")
    fact = Fact.objects.get(name="chain_investment")
    assert "已核实。" in do(client, row, "verify_fact", fact=fact.pk, evidence=paper.pk)
    assert row.facts["chain_investment"]["is_claim"] is False
    assert "已核定。" in do(client, row, "set_fact", name="ip_conversion", value="是", note="授权合同")
    assert row.facts["ip_conversion"]["source"] == "office"
    assert "用到的事实都已核实" in client.get(reverse("office:grant", args=[row.pk])).content.decode()
    assert "请写明不采信的原因" in do(client, row, "paper", evidence=paper.pk, accept="0")
    assert "已记下核对结果" in do(client, row, "paper", evidence=paper.pk, accept="1")
    assert "已退回补正" in do(
        client, row, "return", field="chain_investment", field_note="缺付款凭证", days="5", seen=stale
    )
    assert row.state == "returned"
    assert "缺付款凭证" in client.get(reverse("office:grant", args=[row.pk])).content.decode()
    assert "已撤销补正" in do(client, row, "cancel_correction", note="已当面补齐")
    assert row.step.kind == "first_check"
    assert "已转入下一环节" in do(client, row, "pass", note="齐全", seen=stale)
    assert row.step.kind == "formal_check"
    assert "别人刚刚改过" in do(client, row, "pass", seen=stale)
    assert client.post(reverse("office:grant_deed", args=[row.pk]), {"deed": "pass"}).status_code == 403
    assert client.post(reverse("office:grant_deed", args=[row.pk]), {"deed": "moon"}).status_code == 422


def test_a_refusal_is_announced_and_lifted_on_the_page(review: Review) -> None:
    client, row = as_(review, "officer"), review.submit()
    do(client, row, "take")
    assert "已告知企业拟不予通过" in do(client, row, "refuse", note="投入不实", days="5")
    assert "申辩期限未到" in do(client, row, "final")
    assert "继续审核" in do(client, row, "lift", note="再查")
    with clock.frozen(NOW + timedelta(days=20)):
        do(client, row, "refuse", note="投入不实", days="1")
    with clock.frozen(NOW + timedelta(days=30)):
        assert "已不予通过" in do(client, row, "final")
    assert row.state == "rejected"


def test_who_is_recused_loses_the_page(review: Review) -> None:
    client, row = as_(review, "officer"), review.submit()
    do(client, row, "recuse", note="亲属")
    assert Recusal.objects.get().person == review.people["officer"]
    assert client.get(reverse("office:grant", args=[row.pk])).status_code == 404
    assert client.post(reverse("office:grant_deed", args=[row.pk]), {"deed": "take"}).status_code == 404
    recusing.recuse(actor=review.actor("leader"), organisation_id=review.company.pk, reason="持股")
    assert as_(review, "leader").get(reverse("office:grant", args=[row.pk])).status_code == 404


def test_the_page_of_an_application_stays_lean(review: Review) -> None:
    review.budget(500_000_000)
    row = review.to_step(review.submit(), "leading_group")
    page = lean(review, "leader", row)
    assert "平均 80.00 分" in page
    assert "按名单一并审定" in page
    review.propose(row)
    review.notice(row)
    deciding.decide(actor=review.actor("leader"), application_ids=[row.pk], meeting="会议")
    page = lean(review, "officer", row)
    assert "校验值相符" in page
    assert "领导小组第1次会议" in page
    waiting = review.to_step(review.submit(make_organisation("crew", name="另一家")), "expert_review")
    assert "请专家" in lean(review, "officer", waiting)


def lean(review: Review, who: str, row: Application) -> str:
    client = as_(review, who)
    with CaptureQueriesContext(connection) as found:
        page = client.get(reverse("office:grant", args=[row.pk])).content.decode()
    assert len(found) <= MOST_QUERIES, [each["sql"][:90] for each in found]
    return page


def test_an_expert_scores_on_a_page_that_hides_the_company(review: Review) -> None:
    from xiepai.grants.models import ReviewAssignment

    officer, row = as_(review, "officer"), review.to_step(review.submit(), "expert_review")
    page = do(officer, row, "assign", expert=[each.pk for each in review.experts])
    assert "已请专家评审" in page
    client = Client()
    client.force_login(review.experts[0])
    mine = ReviewAssignment.objects.get(reviewer=review.experts[0])
    theirs = ReviewAssignment.objects.get(reviewer=review.experts[1])
    page = client.get(reverse("office:grant_reviews")).content.decode()
    assert mine.code in page
    address = reverse("office:grant_review", args=[mine.pk])
    page = client.get(address).content.decode()
    assert "产业链投入" in page
    assert review.company.name not in page
    assert row.number not in page
    assert client.get(reverse("office:grant_review", args=[theirs.pk])).status_code == 404
    assert client.get(reverse("office:grant", args=[row.pk])).status_code == 403
    answer = client.post(address, {"p-quality": "8", "p-culture": "8"})
    assert answer.status_code == 422
    answer = client.post(address, {"p-quality": "8", "p-culture": "8", "p-effect": "9", "comment": "好"}, follow=True)
    assert "已提交评分" in answer.content.decode()
    assert "83.00" in answer.content.decode()
    second = Client()
    second.force_login(review.experts[1])
    page = second.get(reverse("office:grant_review", args=[theirs.pk])).content.decode()
    assert "83.00" not in page
    second.post(reverse("office:grant_review", args=[theirs.pk]), {"deed": "recuse", "note": "同门"})
    assert second.get(reverse("office:grant_review", args=[theirs.pk])).status_code == 404


def test_the_leading_group_tries_limits_fixes_the_list_and_decides(review: Review) -> None:
    from xiepai.grants.models import AwardList, Decision

    review.budget(500_000_000)
    row = review.to_step(review.submit(), "leading_group")
    client = as_(review, "leader")
    assert "1 件等待审定" in client.get(reverse("office:grant_lists")).content.decode()
    address = reverse("office:grant_list", args=[review.programme.pk])
    with CaptureQueriesContext(connection) as found:
        page = client.get(address).content.decode()
    assert "¥600,000" in page
    assert len(found) <= MOST_QUERIES
    tried = client.get(address, {"limit-chain.at_most": "50万元"}).content.decode()
    assert "-¥100,000" in tried
    assert not AwardList.objects.exists()
    assert "调整后合计" not in client.get(address, {"limit-chain.at_most": "月亮"}).content.decode()
    to = reverse("office:grant_fix", args=[review.programme.pk])
    given = {"version": review.version.pk, "seen": hidden(tried, "seen"), "limit-chain.at_most": "50万元"}
    assert "请写会议名称" in client.post(to, given, follow=True).content.decode()
    page = client.post(to, {**given, "meeting": "第1次"}, follow=True).content.decode()
    assert "一分不差" in page
    row.refresh_from_db()
    assert (row.state, row.awarded_fen) == ("proposed", 50_000_000)
    assert "作出决定" in do(client, row, "decide", note="第1次")
    assert not Decision.objects.exists()
    review.notice(row)
    page = client.post(reverse("office:grant_decide"), {"application": [row.pk], "meeting": "第1次"}, follow=True)
    assert "已作出决定" in page.content.decode()
    assert Decision.objects.get().awarded_fen == 50_000_000
    page = client.get(reverse("office:grant", args=[row.pk])).content.decode()
    assert "校验值相符" in page


def test_a_sample_is_drawn_on_the_page(review: Review) -> None:
    for _n in range(3):
        review.to_step(review.submit(make_organisation("crew")), "audit")
    client = as_(review, "finance")
    page = client.post(
        reverse("office:grant_sample", args=[review.programme.pk]),
        {"seed": "2026", "threshold": "1000000", "percent": "34"},
        follow=True,
    ).content.decode()
    assert "已抽取" in page
    assert "可以重现" in page
    assert "2 / 3" in page


def test_money_goes_out_under_two_names_and_comes_back(review: Review) -> None:
    from django.core.files.uploadedfile import SimpleUploadedFile

    from xiepai.grants.models import LedgerAccount, PaymentBatch, Recovery
    from xiepai.grants.payment_files import order_number
    from xiepai.grants.services import deciding
    from xiepai.grants.services.batches import send_batch

    review.budget(500_000_000)
    row = review.to_step(review.submit(), "leading_group")
    review.propose(row)
    review.notice(row)
    deciding.decide(actor=review.actor("leader"), application_ids=[row.pk])
    review.account()
    order = row.payments.get()
    first, second = as_(review, "finance"), as_(review, "second")
    assert row.number in first.get(reverse("office:grant_payments")).content.decode()
    to = reverse("office:grant_prepare", args=[review.programme.pk])
    assert "批次已编好" in first.post(to, {"order": [order.pk]}, follow=True).content.decode()
    batch = PaymentBatch.objects.get()
    deed = reverse("office:grant_batch_deed", args=[batch.pk])
    assert "另一个人" in first.post(deed, {"deed": "approve"}, follow=True).content.decode()
    assert second.get(reverse("office:grant_batch_file", args=[batch.pk, "csv"])).status_code == 404
    assert "已复核" in second.post(deed, {"deed": "approve"}, follow=True).content.decode()
    assert send_batch(batch.pk) == 1
    assert first.get(reverse("office:grant_batch_file", args=[batch.pk, "xlsx"])).content[:2] == b"PK"
    sent = first.get(reverse("office:grant_batch_file", args=[batch.pk, "csv"])).content.decode()
    assert order_number(order) in sent
    lines = f"number,amount,result,reference,reason\n{order_number(order)},600000.00,paid,LS1,\n"
    file = SimpleUploadedFile("r.csv", lines.encode())
    assert "回单已导入" in first.post(deed, {"deed": "import", "file": file}, follow=True).content.decode()
    row.refresh_from_db()
    assert row.state == "paid"
    page = first.get(reverse("office:grant_ledger")).content.decode()
    assert "¥600,000" in page
    account = LedgerAccount.objects.get(kind="paid")
    page = first.get(reverse("office:grant_account", args=[account.pk])).content.decode()
    assert row.number in page
    answer = first.get(reverse("office:grant_account_file", args=[account.pk, "csv"]))
    assert "600000.00" in b"".join(answer.streaming_content).decode()  # type: ignore[attr-defined]
    page = do(
        as_(review, "officer"), row, "performance", result="unmet", note="未拍完", measure="chain", recover="200000"
    )
    assert row.state == "recovering"
    recovery = Recovery.objects.get()
    to = reverse("office:grant_payment_deed")
    given = {"deed": "returned", "id": recovery.pk, "amount": "200000", "note": "TH1"}
    assert "已记下退回" in first.post(to, given, follow=True).content.decode()
    recovery.refresh_from_db()
    assert recovery.state == "returned"


def test_who_is_owed_is_found_invited_and_awarded_at_once(review: Review) -> None:
    from tests.grants import state

    from xiepai.grants.entitling import evaluate_subjects
    from xiepai.grants.models import Entitlement, Invitation
    from xiepai.grants.services.programmes import update_measure_setting

    review.budget(500_000_000)
    state(organisation_id=review.company.pk, ip_conversion="yes", chain_investment="300万元")
    evaluate_subjects(organisation_ids=[review.company.pk])
    owed = Entitlement.objects.get(measure="chain")
    client, address = as_(review, "officer"), reverse("office:grant_owed")
    assert review.company.name in client.get(address).content.decode()
    assert review.company.name not in client.get(address, {"measure": "script"}).content.decode()
    assert review.company.name not in client.get(address, {"at_once": "on"}).content.decode()
    to = reverse("office:grant_owed_deed", args=[owed.pk])
    assert "已通知企业" in client.post(to, {"deed": "invite"}, follow=True).content.decode()
    assert Invitation.objects.count() == 1
    assert "须申报" in client.post(to, {"deed": "award"}, follow=True).content.decode()
    update_measure_setting(
        actor=review.actor("officer"), programme_id=review.programme.pk, measure="chain",
        awards_without_application=True,
    )  # fmt: skip
    assert "直接发放" in client.get(address).content.decode()
    assert "已直接发放" in client.post(to, {"deed": "award"}, follow=True).content.decode()
    answer = client.get(reverse("office:grant_owed_file", args=["csv"]))
    assert "300000.00" in b"".join(answer.streaming_content).decode()  # type: ignore[attr-defined]


def test_a_programme_is_edited_and_a_wrong_text_shows_line_and_caret(review: Review) -> None:
    from tests.grants import policy_text

    client = as_(review, "officer")
    page = client.post(
        reverse("office:grant_programmes"),
        {"code": "next-year", "name": "明年", "year": "2027", "policy_slug": "wujin-2025", "is_local": "on"},
        follow=True,
    ).content.decode()
    assert "还没有受理期" in page
    programme = type(review.programme).objects.get(code="next-year")
    to = reverse("office:grant_publish", args=[programme.pk])
    wrong = policy_text("wujin-2025").replace("pay: chain_rate × chain_investment", "pay: chain_rat × chain_investment")
    answer = client.post(to, {"deed": "publish", "text": wrong})
    assert answer.status_code == 422
    assert "chain_rat × chain_investment\n" in answer.content.decode()
    assert "^^^^^^^^^" in answer.content.decode()
    assert not programme.versions.exists()
    answer = client.post(to, {"deed": "publish", "text": policy_text("wujin-2025")}, follow=True)
    assert programme.versions.get().published_by == review.people["officer"]
    deed = reverse("office:grant_programme_deed", args=[programme.pk])
    for given, words in (
        ({"deed": "window", "opens": "2027-01-01", "closes": "2027-03-01"}, "1月1日"),
        ({"deed": "budget", "measure": "", "year": "2027", "amount": "5000000"}, "¥5,000,000"),
        (
            {"deed": "measure", "measure": "chain", "subject": "organisation", "at_once": "1",
             "papers": "授权合同 | Contract", "milestones": "first | 首期 | First | 60\nrest | 余款 | Rest | 40"},
            "授权合同",
        ),
        (
            {"deed": "rubric", "items": "a | 质量 | Quality | 20 | 60\nb | 带动 | Effect | 20 | 40", "experts": "5",
             "spread": "15", "is_blind": "1"},
            "至少 5 位专家",
        ),
    ):  # fmt: skip
        assert words in client.post(deed, given, follow=True).content.decode(), given
    page = client.post(deed, {"deed": "rubric", "items": "a | 质量 | Q | 0 | 1", "experts": "5"}, follow=True)
    assert "满分和权重" in page.content.decode()
    step = programme.steps.get(kind="audit")
    client.post(deed, {"deed": "step", "step": step.pk, "role": "finance", "silence": "none", "term": "7", "warn": "2"})
    step.refresh_from_db()
    assert (step.term_working_days, step.is_active) == (7, False)


def test_a_company_is_kept_out_with_source_and_date(review: Review) -> None:
    from xiepai.grants.models import Exclusion

    client, address = as_(review, "officer"), reverse("office:grant_exclusions")
    given = {"organisation_id": review.company.pk, "kind": "dishonesty", "since": "2026-12-01", "source": ""}
    assert client.post(address, given).status_code == 422
    assert client.post(address, {**given, "source": "样例公告"}).status_code == 302
    row = Exclusion.objects.get()
    assert "样例公告" in client.get(address).content.decode()
    assert "样例公告" not in client.get(address, {"q": "别家"}).content.decode()
    client.post(reverse("office:grant_exclusion_lift", args=[row.pk]))
    row.refresh_from_db()
    assert row.until == NOW.date()


def test_an_english_page_of_the_office_says_papers_limits_and_corrections_in_words(review: Review) -> None:
    row = review.to_step(review.submit(), "first_check")
    attach_evidence(
        actor=review.actor("officer"), organisation_id=review.company.pk, application_id=row.pk, kind="专项审计报告",
        data=PDF, file_name="a.pdf",
    )  # fmt: skip
    reviewing.ask_correction(
        actor=review.actor("officer"), application_id=row.pk, items=[{"field": "chain_investment", "note": "缺页"}]
    )
    english, chinese = (Client(headers={"accept-language": each}) for each in ("en", "zh-hans"))
    for client in (english, chinese):
        client.force_login(review.people["officer"])
    address = reverse("office:grant", args=[row.pk])
    page = english.get(address).content.decode()
    assert "<strong>Special audit report</strong>" in page
    assert 'Industry-chain investment: <span class="only-zh" lang="zh-Hans">缺页</span>' in page
    assert "<strong>专项审计报告</strong>" in chinese.get(address).content.decode()
    other = review.to_step(review.submit(make_organisation("crew", name="别家影业")), "leading_group")
    assert other.state == "in_review"
    english.force_login(review.people["leader"])
    page = english.get(reverse("office:grant_list", args=[review.programme.pk])).content.decode()
    assert ">Industry chain</label>" in page
    assert ">产业链</label>" not in page
