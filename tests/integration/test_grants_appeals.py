"""A company's word against what the office found: who may say it, until when, how often, and what an answer does."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.urls import resolve
from tests.factories import make_person
from tests.grants import NOW
from tests.review import Review, make_review

from xiepai.grants import clock as clocks
from xiepai.grants.models import Appeal, Application, ClockEvent, Decision, IntendedRefusal, LedgerEntry
from xiepai.grants.selectors_company import stations_of
from xiepai.grants.services import appealing, clocking, refusing, reviewing, steps, submitting
from xiepai.kernel import clock
from xiepai.kernel.errors import ErrorCode, XiepaiError
from xiepai.kernel.verifying import verify
from xiepai.parties import working_days
from xiepai.parties.models_notices import Notice
from xiepai.worktime.terms import Status

pytestmark = pytest.mark.django_db


@pytest.fixture
def review() -> Iterator[Review]:
    with clock.frozen(NOW):
        found = make_review()
        working_days.declare_year(actor=found.actor("officer"), year=2027, source="样例通知")
        yield found


def refused(code: ErrorCode) -> pytest.RaisesExc[XiepaiError]:
    return pytest.raises(XiepaiError, check=lambda error: error.code is code)


def days_later(days: float) -> Any:
    return clock.frozen(NOW + timedelta(days=days))


def is_whole() -> bool:
    """The journal as it would stand after a commit."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
    return verify().is_whole


def heard(review: Review) -> Application:
    """Taken over, and told that it is to be refused; the company has five working days."""
    row = reviewing.take(actor=review.actor("officer"), application_id=review.submit().pk)
    refusing.announce_refusal(actor=review.actor("officer"), application_id=row.pk, reason="投入不实")
    row.refresh_from_db()
    return row


def refuse(review: Review, row: Application, by: str = "administrator") -> Application:
    """Made final after the term for the rebuttal."""
    with days_later(8):
        refusing.make_final(actor=review.actor(by), application_id=row.pk)
    row.refresh_from_db()
    return row


def rebut(review: Review, row: Application, text: str = "有发票") -> Appeal:
    return appealing.rebut(actor=review.actor("producer"), application_id=row.pk, text=text)


def appeal(review: Review, row: Application, text: str = "凭证齐全，请复核") -> Appeal:
    return appealing.appeal(actor=review.actor("producer"), application_id=row.pk, text=text)


def test_a_rebuttal_is_said_once_within_the_term_and_the_office_is_told_where(review: Review) -> None:
    row = heard(review)
    with pytest.raises(XiepaiError, match="写明理由"):
        rebut(review, row, "  ")
    with pytest.raises(XiepaiError, match="最多 4000 个字"):
        rebut(review, row, "字" * 4001)
    said = rebut(review, row, " 有发票 ")
    assert (said.text, said.made_by_id, said.due_at) == (
        "有发票", review.people["producer"].pk, NOW.replace(day=8, hour=18)
    )  # fmt: skip
    told = Notice.objects.get(person=review.people["officer"], subject__contains="收到申辩")
    assert resolve(told.path).view_name == "office:grant"
    with refused(ErrorCode.APPLICATION_STATE):
        rebut(review, row, "再说一次")
    with refused(ErrorCode.APPLICATION_STATE):
        appeal(review, row)


def test_a_rebuttal_after_its_term_is_refused(review: Review) -> None:
    row = heard(review)
    until = IntendedRefusal.objects.get(application=row).rebuttal_until
    with clock.frozen(until), refused(ErrorCode.APPLICATION_STATE):
        rebut(review, row)
    with clock.frozen(until - timedelta(seconds=1)):
        rebut(review, row)


def test_nothing_announced_nothing_to_rebut_or_appeal(review: Review) -> None:
    row = reviewing.take(actor=review.actor("officer"), application_id=review.submit().pk)
    for deed in (rebut, appeal):
        with refused(ErrorCode.APPLICATION_STATE):
            deed(review, row)


def test_only_the_companys_own_people_speak_for_it(review: Review) -> None:
    row = heard(review)
    stranger, viewer = make_person("producer")[1], make_person("viewer", review.company)[1]
    for actor, code in (
        (stranger, ErrorCode.NOT_FOUND),
        (viewer, ErrorCode.NOT_FOUND),
        (review.actor("officer"), ErrorCode.FORBIDDEN),
        (review.actor("finance"), ErrorCode.FORBIDDEN),
    ):
        with refused(code):
            appealing.rebut(actor=actor, application_id=row.pk, text="有发票")
    refuse(review, row)
    for actor, code in ((stranger, ErrorCode.NOT_FOUND), (review.actor("administrator"), ErrorCode.FORBIDDEN)):
        with days_later(9), refused(code):
            appealing.appeal(actor=actor, application_id=row.pk, text="请复核")
    assert not Appeal.objects.exists()


def test_the_clock_stands_still_while_the_company_is_heard_whatever_else_is_answered(review: Review) -> None:
    officer = review.actor("officer")
    row = reviewing.take(actor=officer, application_id=review.submit().pk)
    due = row.due_at
    with days_later(1):
        reviewing.ask_correction(actor=officer, application_id=row.pk, note="缺发票")
        refusing.announce_refusal(actor=officer, application_id=row.pk, reason="未补正")  # paused already
    with days_later(2):
        reviewing.cancel_correction(actor=officer, application_id=row.pk, reason="已找到")
        row.refresh_from_db()
        assert (row.state, row.due_at, clocks.standing(row).status) == ("in_review", None, Status.PAUSED)
    with days_later(3):
        said = rebut(review, row)
        refusing.answer_appeal(actor=officer, appeal_id=said.pk, is_upheld=True, answer="成立")
    row.refresh_from_db()
    assert row.due_at is not None
    assert row.due_at - due == timedelta(days=2), "exactly the time it stood still"
    kinds = list(row.events.order_by("id").values_list("kind", flat=True))
    assert kinds == [ClockEvent.STARTED, ClockEvent.PAUSED, ClockEvent.RESUMED]


def test_a_rebuttal_that_does_not_hold_lets_the_refusal_become_final_at_once(review: Review) -> None:
    row = heard(review)
    said = rebut(review, row)
    with pytest.raises(XiepaiError, match="还没有答复"):
        refusing.make_final(actor=review.actor("officer"), application_id=row.pk)
    refusing.answer_appeal(actor=review.actor("officer"), appeal_id=said.pk, is_upheld=False, answer="不是本项目的")
    refusing.make_final(actor=review.actor("officer"), application_id=row.pk)
    row.refresh_from_db()
    assert row.state == "rejected"
    told = Notice.objects.filter(person=review.people["producer"], subject__contains="已答复").get()
    assert "不是本项目的" in told.body
    assert resolve(told.path).view_name == "crew:grant"


def test_the_refusal_keeps_until_when_it_may_be_appealed_against(review: Review) -> None:
    row = refuse(review, heard(review), "officer")
    decision = Decision.objects.get(application=row)
    until = datetime.fromisoformat(decision.explanation["appeal"]["until"])
    assert decision.explanation["appeal"]["days"] == appealing.APPEAL_DAYS
    assert appealing.appeal_until(row) == until == datetime(2027, 1, 6, 18, tzinfo=NOW.tzinfo)


def test_an_appeal_within_its_term_puts_the_office_on_a_term_of_its_own(review: Review) -> None:
    row = refuse(review, heard(review))
    with days_later(9):
        said = appeal(review, row)
        row.refresh_from_db()
        assert (row.state, row.due_at) == ("appealed", said.due_at)
        told = Notice.objects.get(person=review.people["officer"], subject__contains="收到申诉")
        assert resolve(told.path).view_name == "office:grant"
        with refused(ErrorCode.APPLICATION_STATE):
            appeal(review, row)
    with days_later(100):
        assert clocking.sweep() == clocking.Swept(), "no step's silence answers an appeal"


def test_the_way_says_where_it_stands_after_a_refusal(review: Review) -> None:
    row = refuse(review, heard(review))
    first = stations_of(row)[2]
    assert (first.step.kind, first.state, first.due_at) == ("first_check", "done", None)
    assert [(pause.since, pause.until) for pause in first.pauses] == [(NOW, NOW + timedelta(days=8))]
    with days_later(9):
        said = appeal(review, row)
        row.refresh_from_db()
        here = next(each for each in stations_of(row) if each.state == "here")
    assert (here.step.kind, here.due_at) == ("first_check", said.due_at)


def test_an_appeal_that_does_not_hold_ends_there(review: Review) -> None:
    row = refuse(review, heard(review))
    with days_later(9):
        said = appeal(review, row)
        refusing.answer_appeal(actor=review.actor("officer2"), appeal_id=said.pk, is_upheld=False, answer="维持原决定")
        row.refresh_from_db()
        assert (row.state, row.due_at, row.awarded_fen) == ("rejected", None, 0)
        with refused(ErrorCode.APPLICATION_STATE):
            appeal(review, row)
        with refused(ErrorCode.CONFLICT):
            refusing.answer_appeal(actor=review.actor("officer2"), appeal_id=said.pk, is_upheld=True, answer="再看")
    assert is_whole()


def test_an_appeal_that_holds_reopens_the_review_with_a_fresh_term_and_no_amount(review: Review) -> None:
    row = refuse(review, heard(review))
    with days_later(9):
        said = appeal(review, row)
        refusing.answer_appeal(actor=review.actor("officer2"), appeal_id=said.pk, is_upheld=True, answer="凭证属实")
        row.refresh_from_db()
        assert (row.state, row.awarded_fen) == ("in_review", None)
        assert row.step is not None
        assert row.step.kind == "first_check"
        assert (clocks.standing(row).status, clocks.standing(row).due) == (Status.RUNNING, row.due_at)
        assert Decision.objects.filter(application=row).count() == 1, "what was refused stays on record"
        refusing.announce_refusal(actor=review.actor("officer"), application_id=row.pk, reason="仍不符合")
    with days_later(20):
        refusing.make_final(actor=review.actor("officer"), application_id=row.pk)
        again = appeal(review, row, "新的理由")
    assert again.pk != said.pk, "a new refusal may be appealed against anew"
    last = Decision.objects.order_by("-id")[0]
    assert last.replaces is not None
    assert is_whole()


@pytest.mark.parametrize("closes", ["officer", "administrator", "job"])
def test_nobody_answers_an_appeal_against_a_refusal_of_their_own(review: Review, closes: str) -> None:
    row = heard(review)
    if closes == "job":
        with days_later(8):
            assert refusing.finish_due_refusals() == 1
        row.refresh_from_db()
    else:
        refuse(review, row, closes)
    own = {"officer"} | ({closes} - {"job"})
    with days_later(9):
        said = appeal(review, row)
        for role in sorted(own):
            with refused(ErrorCode.FOUR_EYES):
                refusing.answer_appeal(actor=review.actor(role), appeal_id=said.pk, is_upheld=False, answer="维持")
        said.refresh_from_db()
        assert said.answered_at is None
        with refused(ErrorCode.FORBIDDEN):
            refusing.answer_appeal(actor=review.actor("producer"), appeal_id=said.pk, is_upheld=True, answer="成立")
        with pytest.raises(XiepaiError, match="请写答复"):
            refusing.answer_appeal(actor=review.actor("officer2"), appeal_id=said.pk, is_upheld=True, answer=" ")
        refusing.answer_appeal(actor=review.actor("officer2"), appeal_id=said.pk, is_upheld=True, answer="成立")


def test_after_its_term_no_appeal(review: Review) -> None:
    row = refuse(review, heard(review))
    until = appealing.appeal_until(row)
    assert until is not None
    with clock.frozen(until), refused(ErrorCode.APPLICATION_STATE):
        appeal(review, row)
    with clock.frozen(until - timedelta(seconds=1)):
        appeal(review, row)


def test_a_promised_term_outlives_a_change_of_the_calendar(review: Review) -> None:
    row = refuse(review, heard(review))
    until = appealing.appeal_until(row)
    working_days.enter_day(actor=review.actor("officer"), day=date(2026, 12, 12), is_worked=True, reason="样例调班")
    assert appealing.appeal_until(row) == until


def test_where_next_years_calendar_is_not_known_a_company_may_appeal_all_the_same() -> None:
    with clock.frozen(NOW):
        review = make_review()
        row = refuse(review, heard(review))
        assert appealing.appeal_until(row) is None
        with days_later(9):
            assert appeal(review, row).due_at is None
        working_days.declare_year(actor=review.actor("officer"), year=2027, source="样例通知")
        assert appealing.appeal_until(row) == datetime(2027, 1, 6, 18, tzinfo=NOW.tzinfo)


def test_silence_that_refuses_is_a_decision_too_told_and_open_to_appeal(review: Review) -> None:
    row = reviewing.take(actor=review.actor("officer"), application_id=review.submit().pk)
    assert row.step is not None
    steps.update_step(actor=review.actor("officer"), step_id=row.step.pk, silence="reject")
    assert row.due_at is not None
    with clock.frozen(row.due_at + timedelta(minutes=1)):
        assert clocking.sweep().silent == 1
        row.refresh_from_db()
        decision = Decision.objects.get(application=row)
        assert (row.state, decision.outcome, decision.decided_by_id) == ("rejected", "rejected", None)
        assert "时限已过" in Notice.objects.get(person=review.people["producer"]).body
        appeal(review, row)
    assert is_whole()


def test_withdrawn_while_being_heard_there_is_nothing_left_to_refuse(review: Review) -> None:
    row = heard(review)
    said = rebut(review, row)
    submitting.withdraw_application(actor=review.actor("producer"), application_id=row.pk, reason="改报明年")
    with days_later(30):
        assert refusing.finish_due_refusals() == 0
        refusing.answer_appeal(actor=review.actor("officer"), appeal_id=said.pk, is_upheld=True, answer="已撤回")
    row.refresh_from_db()
    assert row.state == "withdrawn"
    assert not Decision.objects.exists()


def test_a_refusal_gives_back_what_was_set_aside(review: Review) -> None:
    review.budget(10**9)
    row = review.to_step(review.submit(), "leading_group")
    review.propose(row)
    assert LedgerEntry.objects.filter(application=row, event="reserved").exists()
    with transaction.atomic():
        row = Application.objects.select_for_update().get(pk=row.pk)
        refusing.refuse_by_silence(row, review.actor("administrator"))
    moved = LedgerEntry.objects.filter(application=row).order_by("id")
    assert [entry.event for entry in moved] == ["reserved", "released"]
    assert moved[0].amount_fen == moved[1].amount_fen
    assert is_whole()
