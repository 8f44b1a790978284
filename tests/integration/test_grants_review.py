"""The office's review: steps as data, corrections, refusals in two parts, recusal, experts, the list, decisions."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.db import transaction
from tests.factories import make_organisation, make_person
from tests.grants import NOW
from tests.review import Review, hand_in, make_review

from xiepai.grants import access, cases, flow
from xiepai.grants.models import (
    Appeal,
    Application,
    AwardList,
    Decision,
    LedgerAccount,
    ReviewAssignment,
    Step,
)
from xiepai.grants.services import deciding, proposing, recusing, refusing, reviewing, sampling, scoring, steps
from xiepai.kernel import audit, clock
from xiepai.kernel.errors import ErrorCode, XiepaiError
from xiepai.parties.access import actor_of
from xiepai.parties.models_notices import Notice

pytestmark = pytest.mark.django_db


@pytest.fixture
def review() -> Iterator[Review]:
    with clock.frozen(NOW):
        yield make_review()


def refused(code: ErrorCode) -> pytest.RaisesExc[XiepaiError]:
    return pytest.raises(XiepaiError, check=lambda error: error.code is code)


def test_steps_are_the_programmes_rows_each_with_its_role_and_clock(review: Review) -> None:
    row = review.submit()
    with refused(ErrorCode.FORBIDDEN):
        reviewing.take(actor=review.actor("finance"), application_id=row.pk)
    row = reviewing.take(actor=review.actor("officer"), application_id=row.pk)
    assert (row.state, row.step.kind, row.accepted_at) == ("in_review", "first_check", NOW)
    assert row.due_at == NOW.replace(day=15, hour=row.due_at.astimezone(NOW.tzinfo).hour, minute=row.due_at.minute)
    row = reviewing.pass_on(actor=review.actor("officer"), application_id=row.pk, note="材料齐全")
    assert row.step.kind == "formal_check"
    with refused(ErrorCode.FORBIDDEN):
        reviewing.pass_on(actor=review.actor("officer"), application_id=row.pk)
    audit_step = Step.objects.get(programme=review.programme, kind="audit")
    steps.update_step(actor=review.actor("officer"), step_id=audit_step.pk, is_active=False)
    row = reviewing.pass_on(actor=review.actor("finance"), application_id=row.pk)
    assert row.step.kind == "expert_review", "a step that is not in use is left out"
    with pytest.raises(XiepaiError, match="专家评审还没有完成"):
        reviewing.pass_on(actor=review.actor("officer"), application_id=row.pk)


def test_of_two_officers_one_wins_and_the_other_is_told(review: Review) -> None:
    row = reviewing.take(actor=review.actor("officer"), application_id=review.submit().pk)
    seen = flow.stamp(row)
    reviewing.pass_on(actor=review.actor("officer"), application_id=row.pk, seen=seen)
    with refused(ErrorCode.CONFLICT):
        reviewing.ask_correction(actor=review.actor("administrator"), application_id=row.pk, note="缺发票", seen=seen)
    with refused(ErrorCode.APPLICATION_STATE):
        reviewing.take(actor=review.actor("officer"), application_id=row.pk)


def test_a_correction_stops_the_clock_and_the_time_suspended_is_added(review: Review) -> None:
    officer, row = review.actor("officer"), review.submit()
    row = reviewing.take(actor=officer, application_id=row.pk)
    due = row.due_at
    with pytest.raises(XiepaiError, match="补正什么"):
        reviewing.ask_correction(actor=officer, application_id=row.pk)
    request = reviewing.ask_correction(
        actor=officer, application_id=row.pk, items=[{"field": "发票与合同", "note": "印章不清"}], working_days=5
    )
    row.refresh_from_db()
    assert (row.state, row.due_at, request.items[0]["note"]) == ("returned", None, "印章不清")
    notice = Notice.objects.get(person=review.people["producer"])
    assert "印章不清" in notice.body
    with clock.frozen(NOW + timedelta(days=7)):
        row = reviewing.cancel_correction(actor=officer, application_id=row.pk, reason="另有印章清晰的一份")
        assert (row.state, row.step.kind) == ("in_review", "first_check")
        assert row.due_at - due == timedelta(days=6), "four working days were suspended"
        assert row.accepted_at == NOW


def test_many_are_taken_over_and_the_others_named_with_the_reason(review: Review) -> None:
    first, second = review.submit(), hand_in(review.version, review.company, "chain")
    reviewing.take(actor=review.actor("officer"), application_id=first.pk)
    found = reviewing.take_many(actor=review.actor("officer"), application_ids=[first.pk, second.pk])
    assert found.done == 1
    assert found.refused[0][0] == first.number


def test_a_refusal_is_announced_heard_and_only_then_final(review: Review) -> None:
    officer = review.actor("officer")
    row = reviewing.take(actor=officer, application_id=review.submit().pk)
    refusing.announce_refusal(actor=officer, application_id=row.pk, reason="投入不实", working_days=5)
    with refused(ErrorCode.APPLICATION_STATE):
        reviewing.pass_on(actor=officer, application_id=row.pk)
    with pytest.raises(XiepaiError, match="申辩期限未到"):
        refusing.make_final(actor=officer, application_id=row.pk)
    with transaction.atomic():
        appeal = Appeal.objects.create(application=row, kind="rebuttal", text="有发票", made_at=clock.now())
        audit.record("grants.appeal.made", appeal, actor=review.actor("producer"))
    with clock.frozen(NOW + timedelta(days=30)):
        assert refusing.finish_due_refusals() == 0, "a rebuttal waits for its answer"
        refusing.answer_appeal(actor=officer, appeal_id=appeal.pk, is_upheld=False, answer="发票不是本项目的")
        assert refusing.finish_due_refusals() == 1
    row.refresh_from_db()
    decision = Decision.objects.get(application=row)
    assert (row.state, decision.outcome, decision.awarded_fen, decision.reason) == (
        "rejected",
        "rejected",
        0,
        "投入不实",
    )
    assert deciding.is_intact(decision)


def test_a_rebuttal_that_holds_lets_the_review_go_on(review: Review) -> None:
    officer = review.actor("officer")
    row = reviewing.take(actor=officer, application_id=review.submit().pk)
    refusing.announce_refusal(actor=officer, application_id=row.pk, reason="投入不实")
    with transaction.atomic():
        appeal = Appeal.objects.create(application=row, kind="rebuttal", text="有发票", made_at=clock.now())
        audit.record("grants.appeal.made", appeal, actor=review.actor("producer"))
    refusing.answer_appeal(actor=officer, appeal_id=appeal.pk, is_upheld=True, answer="发票成立")
    with refused(ErrorCode.CONFLICT):
        refusing.answer_appeal(actor=officer, appeal_id=appeal.pk, is_upheld=False, answer="再看")
    row = reviewing.pass_on(actor=officer, application_id=row.pk)
    assert row.step.kind == "formal_check"


def test_who_is_recused_sees_nothing_and_can_do_nothing(review: Review) -> None:
    officer, row = review.actor("officer"), review.submit()
    recusing.recuse(actor=officer, application_id=row.pk, reason="亲属在该公司任职")
    assert not access.visible_applications(officer).exists()
    with refused(ErrorCode.NOT_FOUND):
        reviewing.take(actor=officer, application_id=row.pk)
    other = hand_in(review.version, review.company, "chain")
    assert list(access.visible_applications(officer)) == [other]
    recusing.recuse(
        actor=review.actor("administrator"),
        person_id=officer.person_id,
        organisation_id=review.company.pk,
        reason="持股",
    )
    assert not access.visible_applications(officer).exists()
    with refused(ErrorCode.FORBIDDEN):
        recusing.recuse(
            actor=review.actor("finance"), person_id=officer.person_id, application_id=other.pk, reason="想当然"
        )


def test_experts_score_blind_and_see_only_their_share(review: Review) -> None:
    officer = review.actor("officer")
    row = review.to_step(review.submit(), "expert_review")
    with pytest.raises(XiepaiError, match="至少要有 3 位专家"):
        scoring.assign_experts(actor=officer, application_id=row.pk, person_ids=[review.experts[0].pk])
    rows = scoring.assign_experts(actor=officer, application_id=row.pk, person_ids=[each.pk for each in review.experts])
    assert len({each.code for each in rows}) == 1
    assert row.number not in rows[0].code
    first, second = review.expert(0), review.expert(1)
    with refused(ErrorCode.NOT_FOUND):
        scoring.own_assignment(second, rows[0].pk)
    with pytest.raises(XiepaiError, match="内容质量"):
        scoring.submit_score(actor=first, assignment_id=rows[0].pk, points={"quality": 11, "culture": 1, "effect": 1})
    score = scoring.submit_score(
        actor=first, assignment_id=rows[0].pk, points={"quality": 8, "culture": 7, "effect": 9}
    )
    assert score.total == 8000
    with pytest.raises(XiepaiError, match="不能再改"):
        scoring.submit_score(actor=first, assignment_id=rows[0].pk, points={"quality": 1, "culture": 1, "effect": 1})
    recusing.recuse(actor=second, application_id=row.pk, reason="曾合作")
    with refused(ErrorCode.NOT_FOUND):
        scoring.own_assignment(second, rows[1].pk)
    with refused(ErrorCode.RECUSED):
        scoring.assign_experts(actor=officer, application_id=row.pk, person_ids=[second.person_id])


def test_marks_too_far_apart_are_looked_at_or_scored_again(review: Review) -> None:
    officer = review.actor("officer")
    row = review.to_step(review.submit(), "expert_review")
    rows = scoring.assign_experts(actor=officer, application_id=row.pk, person_ids=[e.pk for e in review.experts])
    for assignment, points in zip(rows, (9, 9, 3), strict=True):
        scoring.submit_score(
            actor=actor_of(assignment.reviewer), assignment_id=assignment.pk,
            points={"quality": points, "culture": points, "effect": points},
        )  # fmt: skip
    now = scoring.standing_of(row)
    assert (now.is_complete, now.spread, now.mean, now.needs_moderation) == (True, 6000, 7000, True)
    with pytest.raises(XiepaiError, match="须先复核"):
        reviewing.pass_on(actor=officer, application_id=row.pk)
    scoring.moderate(actor=officer, application_id=row.pk, kind="again", note="一位专家看错了项目")
    fresh = [make_person("reviewer", review.office)[0] for _n in range(3)]
    with pytest.raises(XiepaiError, match="没有评过"):
        scoring.assign_experts(
            actor=officer, application_id=row.pk, person_ids=[review.experts[0].pk, fresh[0].pk, fresh[1].pk]
        )
    again = scoring.assign_experts(actor=officer, application_id=row.pk, person_ids=[e.pk for e in fresh])
    for assignment in again:
        scoring.submit_score(
            actor=actor_of(assignment.reviewer), assignment_id=assignment.pk,
            points={"quality": 8, "culture": 8, "effect": 8},
        )  # fmt: skip
    row = reviewing.pass_on(actor=officer, application_id=row.pk)
    assert row.step.kind == "leading_group"
    assert ReviewAssignment.objects.filter(application=row, round=2).count() == 3


def test_the_sample_takes_all_above_and_a_seeded_share_below(review: Review) -> None:
    finance = review.actor("finance")
    rows = [review.to_step(review.submit(make_organisation("crew")), "audit") for _n in range(5)]
    with transaction.atomic():
        before = audit.snapshot(rows[0])
        rows[0].asked_fen = 200_000_000
        rows[0].save(update_fields=["asked_fen"])
        audit.record("grants.application.saved", rows[0], actor=finance, before=before)
    sample = sampling.draw_sample(
        actor=finance, programme_id=review.programme.pk, seed="2026-12", threshold_fen=100_000_000, percent=50
    )
    assert rows[0].number in sample.chosen
    assert len(sample.chosen) == 3
    assert sampling.is_reproducible(sample)
    for row in rows:
        row.refresh_from_db()
        assert row.step.kind == ("audit" if row.number in sample.chosen else "expert_review")
    with pytest.raises(XiepaiError, match="没有等待抽样"):
        sampling.draw_sample(actor=finance, programme_id=review.programme.pk, seed="2", threshold_fen=1, percent=50)


def test_the_list_is_computed_together_and_another_limit_shows_who_changes(review: Review) -> None:
    leader, other = review.actor("leader"), make_organisation("crew", name="别家")
    review.budget(500_000_000)
    first = review.to_step(review.submit(cost="700万元"), "leading_group")
    with clock.frozen(NOW + timedelta(hours=1)):
        second = review.to_step(hand_in(review.version, review.company, "chain"), "leading_group")
        third = review.to_step(review.submit(other, cost="600万元"), "leading_group")
    [now] = proposing.listed(leader, review.programme)
    fen = {row.application.number: row.fen for row in now.rows}
    assert fen == {first.number: 70_000_000, second.number: 30_000_000, third.number: 60_000_000}
    path = next(limit.path for limit in proposing.limits_of(now) if limit.path == "then.1.at_most")
    changes = proposing.checked_changes(now, {path: "50万元", "moon": "1元", "chain.at_most": "100万元"})
    assert changes == {path: "50万元"}
    [then] = proposing.listed(leader, review.programme, changes)
    lines = proposing.compare(now, then)
    assert {line.now.application.number: line.difference for line in lines} == {
        first.number: -20_000_000, second.number: -30_000_000, third.number: -10_000_000,
    }  # fmt: skip
    assert not AwardList.objects.exists(), "what-if writes nothing"
    with pytest.raises(XiepaiError):
        proposing.checked_changes(now, {path: "五十个"})
    with refused(ErrorCode.CONFLICT):
        proposing.fix_list(
            actor=leader, programme_id=review.programme.pk, version_id=review.version.pk, meeting="会", seen=now.sha256,
            changes=changes,
        )  # fmt: skip
    kept = proposing.fix_list(
        actor=leader, programme_id=review.programme.pk, version_id=review.version.pk, meeting="会", seen=then.sha256,
        changes=changes,
    )  # fmt: skip
    assert kept.total_fen == 100_000_000
    assert cases.replay_list(kept) == {first.number: 50_000_000, third.number: 50_000_000}
    balances = dict(LedgerAccount.objects.values_list("kind", "balance_fen"))
    assert (balances["reserved"], balances["available"]) == (100_000_000, 400_000_000)
    second.refresh_from_db()
    assert second.state == "in_review", "what gets nothing stays to be refused"


def test_claims_exclusions_and_the_budget_keep_off_the_list(review: Review) -> None:
    from xiepai.grants.services.exclusions import list_exclusion

    leader, other = review.actor("leader"), make_organisation("crew", name="别家")
    review.budget(50_000_000)
    claimed = review.to_step(review.submit(source="person"), "leading_group")
    kept_out = review.to_step(review.submit(other), "leading_group")
    list_exclusion(
        actor=review.actor("officer"), organisation_id=other.pk, kind="dishonesty", source="样例名单",
        since=NOW.date(),
    )  # fmt: skip
    [now] = proposing.listed(leader, review.programme)
    found = {row.application.pk: row for row in now.rows}
    assert [spec.name for spec in found[claimed.pk].claims] == ["ip_conversion", "chain_investment"]
    assert found[kept_out.pk].exclusions
    assert now.outcome == {}
    third = review.to_step(review.submit(make_organisation("crew")), "leading_group")
    with refused(ErrorCode.BUDGET_EXCEEDED):
        review.propose(third)
    third.refresh_from_db()
    assert (third.state, third.awarded_fen) == ("in_review", None)


def test_a_decision_follows_the_notice_and_replays_to_the_same_fen(review: Review) -> None:
    leader = review.actor("leader")
    review.budget(500_000_000)
    row = review.to_step(review.submit(), "leading_group")
    review.propose(row)
    assert (row.state, row.awarded_fen, row.step.kind) == ("proposed", 60_000_000, "public_notice")
    with refused(ErrorCode.APPLICATION_STATE):
        deciding.decide(actor=leader, application_ids=[row.pk])
    review.notice(row)
    [decision] = deciding.decide(actor=leader, application_ids=[row.pk], meeting="第1次")
    row.refresh_from_db()
    assert (row.state, row.step.kind, row.decision_hash) == ("approved", "payment", decision.sha256)
    assert decision.by_measure == {"chain": 60_000_000}
    assert deciding.is_intact(decision)
    kept = AwardList.objects.get()
    assert cases.replay_list(kept)[row.number] == decision.awarded_fen
    assert decision.explanation["list"] == kept.pk
    balances = dict(LedgerAccount.objects.values_list("kind", "balance_fen"))
    assert (balances["reserved"], balances["committed"]) == (0, 60_000_000)
    assert Application.objects.get(pk=row.pk).payments.get().amount_fen == 60_000_000
