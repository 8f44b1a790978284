"""From the leading group's list to money, in the demo year: amounts over what was awarded before, decisions, batches.

Lists and decisions are written as ``proposing`` and ``deciding`` write them; notices, payments, results and
recoveries go through their services.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from xiepai.grants import ledger
from xiepai.grants.cases import Computed, compute
from xiepai.grants.demo.applying import Case
from xiepai.grants.demo.people import Office
from xiepai.grants.demo.programme import Year
from xiepai.grants.demo.scribe import Scribe
from xiepai.grants.models import (
    Application,
    ApplicationState,
    AwardList,
    ClockEvent,
    Decision,
    IntendedRefusal,
    Outcome,
    PaymentBatch,
    PaymentOrder,
    PaymentState,
    ProgrammeVersion,
    RefusalState,
    StepKind,
)
from xiepai.grants.payment_files import order_number
from xiepai.grants.refreshing import day_of, facts_now
from xiepai.grants.replaying import decision_digest
from xiepai.grants.services import bank_results, batches, promising
from xiepai.grants.services.deciding import last_list_with
from xiepai.kernel import clock
from xiepai.parties.access import Actor

S = ApplicationState


def propose(scribe: Scribe, office: Office, year: Year, cases: Sequence[Case]) -> None:
    """The leading group's list: what each gets over what was awarded before, and the money set aside."""
    for version in year.versions:
        own = [case for case in cases if case.row.version_id == version.pk]
        if own:
            _propose(scribe, office, year, version, own)


def _propose(scribe: Scribe, office: Office, year: Year, version: ProgrammeVersion, cases: Sequence[Case]) -> None:
    rows = [case.row for case in cases]
    for row in rows:
        row.facts = facts_now(row)
    computed = compute(version, rows)
    kept = _keep(scribe, office, year, computed)
    clear = [row for row in computed.rows if row.is_clear]
    listed = [row.application for row in clear]
    with scribe.changing(listed, "grants.application.amount_proposed", office.leader, ["awarded_fen", "facts"]):
        for each in clear:
            each.application.awarded_fen, each.application.facts = each.fen, each.facts
    step = year.steps[StepKind.PUBLIC_NOTICE]
    scribe.move(listed, S.PROPOSED, "grants.application.proposed", office.leader, step=step, reason=kept.meeting)
    for each in clear:
        for measure, fen in sorted(each.by_measure.items()):
            key = f"list:{kept.pk}:{each.application.pk}:{measure}"
            ledger.reserve(actor=office.leader, application=each.application, measure=measure, amount_fen=fen, key=key)


def _keep(scribe: Scribe, office: Office, year: Year, computed: Computed) -> AwardList:
    row = AwardList(
        programme=year.programme, version=computed.version, meeting=f"样例：领导小组会议 {clock.today():%Y-%m-%d}",
        evaluated_on=computed.on, changes={}, cases=computed.cases, outcome=computed.outcome,
        total_fen=computed.total_fen, sha256=computed.sha256, fixed_by_id=office.leader.person_id,
        fixed_at=clock.now(),
    )  # fmt: skip
    return scribe.add([row], "grants.list.fixed", office.leader)[0]


def decide(scribe: Scribe, office: Office, year: Year, cases: Sequence[Case]) -> None:
    """Decisions over what was proposed; committed and planned as payments."""
    decisions = [_decision(office, case.row) for case in cases]
    made = scribe.add(
        decisions, "grants.decision.made", office.leader, owner=lambda row: row.application.organisation_id
    )
    for row in made:
        row.application.decision_hash, row.application.decided_at = row.sha256, clock.now()
    rows = [case.row for case in cases]
    step = year.steps[StepKind.PAYMENT]
    with scribe.changing(rows, "grants.application.decided", office.leader, ["decision_hash", "decided_at"]):
        for row in made:
            row.application.decision_hash, row.application.decided_at = row.sha256, clock.now()
    scribe.move(rows, S.APPROVED, "grants.application.approved", office.leader, step=step)
    for row in made:
        promising.promise(actor=office.leader, decision=row)


def _decision(office: Office, row: Application) -> Decision:
    """As ``services.deciding.keep_decision`` writes it."""
    kept = last_list_with(row)
    if kept is None:
        raise ValueError(f"{row.number} stands on no list")
    shares = {name: int(fen) for name, fen in kept.outcome[row.number]["by_measure"].items()}
    told = {"alone": row.explanation, "list": kept.pk, "list_sha256": kept.sha256, "changes": kept.changes}
    found = _kept(office.leader, row, Outcome.APPROVED, shares, told)
    found.reason, found.meeting = str(kept.meeting), kept.meeting
    return found


def _kept(actor: Actor, row: Application, outcome: Outcome, shares: dict[str, int], told: dict[str, Any]) -> Decision:
    day = day_of(row)
    return Decision(
        application=row, number=f"{row.number}-D1", outcome=outcome, awarded_fen=sum(shares.values()),
        by_measure=shares, version=row.version, evaluated_on=day, facts=row.facts, explanation=told,
        sha256=decision_digest(row.version, row.facts, shares, told, day), decided_by_id=actor.person_id,
        decided_at=clock.now(),
    )  # fmt: skip


def refuse(scribe: Scribe, office: Office, case: Case, reason: str) -> None:
    """Announced a week ago and heard by nobody: a refusal with its decision; nothing was set aside yet."""
    row, actor = case.row, office.officer
    announced = row.refusals.get(state=RefusalState.OPEN)
    with scribe.changing([announced], "grants.refusal.final", actor, ["state", "closed_by", "closed_at"]):
        announced.state, announced.closed_by_id = RefusalState.FINAL.value, actor.person_id
        announced.closed_at = clock.now()
    decision = _kept(actor, row, Outcome.REJECTED, {}, {"alone": row.explanation})
    decision.reason = reason
    scribe.add([decision], "grants.decision.made", actor, owner=lambda _row: row.organisation_id)
    scribe.move(
        [row], S.REJECTED, "grants.application.rejected", actor, reason=reason, awarded_fen=0,
        decision_hash=decision.sha256, decided_at=clock.now(),
    )  # fmt: skip


def announce(scribe: Scribe, office: Office, case: Case, reason: str) -> None:
    """The office means to refuse and hears the company; the clock stands still."""
    row = IntendedRefusal(
        application=case.row, step=case.row.step, reason=reason, rebuttal_until=clock.now() + timedelta(days=7),
        announced_by_id=office.officer.person_id, announced_at=clock.now(),
    )  # fmt: skip
    scribe.add([row], "grants.refusal.announced", office.officer, owner=lambda _row: case.row.organisation_id)
    scribe.tick([case.row], ClockEvent.PAUSED, office.officer, reason="等待申辩")
    with scribe.changing([case.row], "grants.clock.paused", office.officer, ["due_at"]):
        case.row.due_at = None


def prepare(office: Office, year: Year) -> PaymentBatch | None:
    """Everything that may be paid now, in one batch."""
    orders = batches.payable_orders(year.programme)
    if not orders:
        return None
    keys = [order.pk for order in orders]
    return batches.prepare_batch(actor=office.finance, programme_id=year.programme.pk, order_ids=keys, note="样例批次")


def approve(office: Office, batch: PaymentBatch) -> None:
    """The second name, and off to the bank."""
    batches.approve_batch(actor=office.leader, batch_id=batch.pk)
    batches.send_batch(batch.pk)


def book_results(office: Office, batch: PaymentBatch, *, returned: int = 0) -> None:
    """What the bank answered: all paid, but for the first *returned*, which are planned again."""
    orders = list(batch.orders.select_related("application__programme").order_by("pk"))
    lines = [
        bank_results.Line(
            order_number(order), order.amount_fen, PaymentState.FAILED if at < returned else PaymentState.PAID,
            f"SAMPLE{batch.pk:04d}{at:04d}", "样例：户名不符，退票" if at < returned else "",
        )
        for at, order in enumerate(orders)
    ]  # fmt: skip
    bank_results.import_results(actor=office.finance, batch_id=batch.pk, lines=lines)
    for order in PaymentOrder.objects.filter(batch=batch, state=PaymentState.FAILED):
        bank_results.plan_again(actor=office.finance, order_id=order.pk, reason="样例：户名更正后重新拨付")


def release_milestones(office: Office, cases: Sequence[Case]) -> None:
    """Later milestones reached."""
    keys = [case.row.pk for case in cases]
    waiting = PaymentOrder.objects.filter(application__in=keys, state=PaymentState.PLANNED, released_at=None)
    for order in waiting.order_by("pk"):
        promising.release_milestone(actor=office.officer, order_id=order.pk, reason="样例：绩效目标已核实")
