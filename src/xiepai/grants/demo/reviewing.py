"""The office's and the experts' part of the demo year: taken over, checked, sent back, scored, refused, appealed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from xiepai.grants import clock as clocks
from xiepai.grants.demo.applying import Case, company_actor
from xiepai.grants.demo.people import Office
from xiepai.grants.demo.programme import Year
from xiepai.grants.demo.scribe import Scribe
from xiepai.grants.models import (
    Appeal,
    AppealKind,
    ApplicationState,
    AssignmentState,
    AuditSample,
    CheckResult,
    ClockEvent,
    CorrectionRequest,
    CorrectionState,
    Moderation,
    ModerationKind,
    PerformanceCheck,
    Recusal,
    ReviewAssignment,
    ReviewScore,
    StepKind,
)
from xiepai.grants.services.appealing import ANSWER_DAYS, working_days_on
from xiepai.grants.services.sampling import draw
from xiepai.kernel import clock
from xiepai.productions.classification import FEN_OF_WAN

S = ApplicationState
#: The usual rubric: what each item weighs, out of ten points each.
WEIGHTS = {"quality": 40, "culture": 30, "effect": 30}
EXPERTS = 3


def submit(cases: Sequence[Case], scribe: Scribe, year: Year) -> None:
    """Handed in by the companies: the term of acceptance begins."""
    rows, who = [case.row for case in cases], company_actor(cases[0].organisation)
    step = year.steps[StepKind.APPLICATION]
    scribe.move(rows, S.SUBMITTED, "grants.application.submitted", who, step=step, submitted_at=clock.now())


def take(cases: Sequence[Case], scribe: Scribe, office: Office, year: Year) -> None:
    """Accepted: the clock of the first check begins."""
    step = year.steps[StepKind.FIRST_CHECK]
    rows = [case.row for case in cases]
    scribe.move(rows, S.IN_REVIEW, "grants.application.taken", office.officer, step=step, accepted_at=clock.now())


def pass_on(cases: Sequence[Case], scribe: Scribe, office: Office, year: Year, kind: str) -> None:
    """On to the next station, by whoever held the present one."""
    actor = office.officer if kind == StepKind.FORMAL_CHECK else office.finance
    rows = [case.row for case in cases]
    scribe.move(rows, S.IN_REVIEW, "grants.application.step_entered", actor, step=year.steps[kind])


def assign(cases: Sequence[Case], scribe: Scribe, office: Office) -> None:
    """Three experts an application, under one blind code; one of them keeps out of the first of the year."""
    rows = []
    for case in cases:
        code = f"{scribe.random.getrandbits(24):06X}"
        start = case.row.pk % len(office.experts)
        for at in range(EXPERTS):
            expert = office.experts[(start + at) % len(office.experts)]
            rows.append(_assignment(case, office, expert.pk, code))
    scribe.add(rows, "grants.review.assigned", office.officer, owner=lambda row: row.application.organisation_id)


def _assignment(case: Case, office: Office, expert: int, code: str, number: int = 1) -> ReviewAssignment:
    return ReviewAssignment(
        application=case.row, reviewer_id=expert, code=code, round=number, due_at=case.row.due_at,
        assigned_by_id=office.officer.person_id, assigned_at=clock.now(),
    )  # fmt: skip


def recuse(case: Case, scribe: Scribe, office: Office) -> None:
    """An expert keeps out of an application; another takes the place."""
    mine = case.row.assignments.order_by("id").first()
    if mine is None:
        return
    recusal = Recusal(
        person_id=mine.reviewer_id, application=case.row, reason="样例：曾任该剧顾问，申请回避",
        declared_by_id=mine.reviewer_id, declared_at=clock.now(),
    )  # fmt: skip
    scribe.add([recusal], "grants.recusal.declared", office.officer)
    with scribe.changing([mine], "grants.review.recused", office.officer, ["state"]):
        mine.state = AssignmentState.RECUSED.value
    there = set(case.row.assignments.values_list("reviewer_id", flat=True))
    other = next(expert for expert in office.experts if expert.pk not in there)
    scribe.add([_assignment(case, office, other.pk, mine.code)], "grants.review.assigned", office.officer)


def score(
    cases: Sequence[Case], scribe: Scribe, office: Office, *, number: int = 1, apart: Sequence[Case] = ()
) -> None:
    """Points by the rubric, near each other; those *apart* lie further apart than the rubric allows."""
    keys = [case.row.pk for case in cases]
    far = {case.row.pk for case in apart}
    waiting = ReviewAssignment.objects.filter(application__in=keys, round=number, state=AssignmentState.ASSIGNED)
    rows = list(waiting.select_related("application").order_by("id"))
    seen: set[int] = set()
    scores = []
    for row in rows:
        low = row.application_id in far and row.application_id not in seen
        seen.add(row.application_id)
        base = 3 if low else scribe.random.choice((8, 8, 9))
        items = {name: min(10, base + scribe.random.choice((-1, 0, 0, 1))) for name in WEIGHTS}
        total = sum(10 * WEIGHTS[name] * points for name, points in items.items())
        scores.append(
            ReviewScore(
                assignment=row, items=items, total=total, comment="样例评语：完成度较好。", submitted_at=clock.now()
            )
        )
    scribe.add(scores, "grants.review.score_given", office.officer)
    with scribe.changing(rows, "grants.review.scored", office.officer, ["state"]):
        for row in rows:
            row.state = AssignmentState.SCORED.value


def score_again(case: Case, scribe: Scribe, office: Office) -> None:
    """The marks lay too far apart: others score it again."""
    moderate(case, scribe, office, ModerationKind.AGAIN, "样例：分差过大，另请专家重评")
    there = set(case.row.assignments.values_list("reviewer_id", flat=True))
    code = case.row.assignments.values_list("code", flat=True)[0]
    others = [expert for expert in office.experts if expert.pk not in there][:EXPERTS]
    rows = [_assignment(case, office, expert.pk, code, 2) for expert in others]
    scribe.add(rows, "grants.review.assigned", office.officer)
    score([case], scribe, office, number=2)


def moderate(case: Case, scribe: Scribe, office: Office, kind: ModerationKind, note: str) -> None:
    """Somebody of the office looked at marks that lie far apart."""
    row = Moderation(
        application=case.row, round=1, kind=kind.value, note=note, by_id=office.officer.person_id, at=clock.now()
    )
    scribe.add([row], "grants.review.moderated", office.officer, owner=lambda _row: case.row.organisation_id)


def sample(cases: Sequence[Case], scribe: Scribe, office: Office, year: Year, said: dict[str, Any]) -> list[Case]:
    """Which of those in the audit step are audited; the others go on at once."""
    population = [(case.row.number, case.row.asked_fen) for case in cases]
    threshold, seed = said["threshold"] * FEN_OF_WAN, f"{said['seed']}-{clock.today():%Y%m%d}"
    chosen = draw(population, seed=seed, threshold_fen=threshold, percent=said["percent"])
    row = AuditSample(
        programme=year.programme, seed=seed, threshold_fen=threshold, percent=said["percent"],
        population=[list(each) for each in population], chosen=chosen, drawn_by_id=office.finance.person_id,
        drawn_at=clock.now(),
    )  # fmt: skip
    scribe.add([row], "grants.sample.drawn", office.finance)
    pass_on([case for case in cases if case.row.number not in chosen], scribe, office, year, StepKind.EXPERT_REVIEW)
    return [case for case in cases if case.row.number in chosen]


def check_performance(
    cases: Sequence[Case], scribe: Scribe, office: Office, result: CheckResult, findings: str, proposed_fen: int = 0
) -> None:
    """After payment: what was promised was done, or not."""
    rows = [
        PerformanceCheck(
            application=case.row, result=result.value, findings=findings, proposed_fen=proposed_fen,
            checked_by_id=office.officer.person_id, checked_at=clock.now(),
        )
        for case in cases
    ]  # fmt: skip
    owners = {case.row.pk: case.row.organisation_id for case in cases}
    scribe.add(rows, "grants.performance.checked", office.officer, owner=lambda row: owners[row.application_id])


def ask_back(case: Case, scribe: Scribe, office: Office, reason: str) -> None:
    """Sent back with what to correct: the clock stands still."""
    row = case.row
    request = CorrectionRequest(
        application=row, step=row.step, items=[{"field": "", "note": reason}], note=reason,
        requested_by_id=office.officer.person_id, requested_at=clock.now(), due_at=clock.now() + timedelta(days=14),
    )  # fmt: skip
    scribe.add([request], "grants.correction.requested", office.officer, owner=lambda _row: row.organisation_id)
    scribe.tick([row], ClockEvent.PAUSED, office.officer, reason="待补正")
    with scribe.changing([row], "grants.application.returned", office.officer, ["state", "state_at", "due_at"]):
        row.state, row.state_at, row.due_at = S.RETURNED.value, clock.now(), None


def answer(case: Case, scribe: Scribe, office: Office) -> None:
    """The company has corrected it; the time it stood still is added."""
    row, who = case.row, company_actor(case.organisation)
    request = row.corrections.get(state=CorrectionState.OPEN)
    fields = ["state", "answer", "answered_at"]
    with scribe.changing([request], "grants.correction.answered", who, fields):
        request.state, request.answer = CorrectionState.ANSWERED.value, "样例：已按要求补正。"
        request.answered_at = clock.now()
    scribe.tick([row], ClockEvent.RESUMED, office.officer, reason="已补正")
    due = clocks.standing(row, calendar=scribe.calendar).due
    with scribe.changing([row], "grants.application.taken", office.officer, ["state", "state_at", "due_at"]):
        row.state, row.state_at, row.due_at = S.IN_REVIEW.value, clock.now(), due


def late_days(case: Case) -> Iterator[tuple[ClockEvent, datetime]]:
    """Nobody acts: when it is warned, and when it is reported upward."""
    if case.row.due_at is not None:
        yield ClockEvent.WARNED, case.row.due_at - timedelta(days=1)
        yield ClockEvent.ESCALATED, case.row.due_at + timedelta(minutes=5)


def withdraw(case: Case, scribe: Scribe, reason: str) -> None:
    """The company takes it back."""
    who = company_actor(case.organisation)
    scribe.move([case.row], S.WITHDRAWN, "grants.application.withdrawn", who, reason=reason)


def appeal(case: Case, scribe: Scribe) -> None:
    """The company appeals against a refusal."""
    who = company_actor(case.organisation)
    found = Appeal(
        application=case.row, kind=AppealKind.APPEAL, text="样例申诉：相关凭证已在补充材料中提交，请复核。",
        made_at=clock.now(), due_at=working_days_on(ANSWER_DAYS[AppealKind.APPEAL], clock.now()),
    )  # fmt: skip
    scribe.add([found], "grants.appeal.appealed", who, owner=lambda _row: case.row.organisation_id)
    scribe.move([case.row], S.APPEALED, "grants.application.appealed", who)
    with scribe.changing([case.row], "grants.application.answer_promised", who, ["due_at"]):
        case.row.due_at = found.due_at


def refuse_appeal(case: Case, scribe: Scribe, office: Office) -> None:
    """Another person than refused answers: it stays refused."""
    found = case.row.appeals.get(answered_at=None)
    fields = ["is_upheld", "answer", "answered_by", "answered_at"]
    with scribe.changing([found], "grants.appeal.answered", office.leader, fields):
        found.is_upheld, found.answer = False, "样例答复：补充材料仍不能证明成本发生时间，维持原决定。"
        found.answered_by_id, found.answered_at = office.leader.person_id, clock.now()
    scribe.move([case.row], S.REJECTED, "grants.application.rejected", office.leader)
