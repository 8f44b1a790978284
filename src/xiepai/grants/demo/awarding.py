"""From the leading group's list to money, in the demo year: amounts over what was awarded before, decisions, batches.

Decisions are written as ``services.owed`` writes them; notices, payments, results and recoveries go through their
services.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from xiepai.grants import ledger
from xiepai.grants.demo.applying import Case, facts_for_award
from xiepai.grants.demo.people import Office
from xiepai.grants.demo.programme import Year
from xiepai.grants.demo.scribe import Scribe
from xiepai.grants.models import (
    Application,
    ApplicationState,
    Decision,
    Outcome,
    PaymentBatch,
    PaymentOrder,
    PaymentState,
    ProgrammeVersion,
    StepKind,
)
from xiepai.grants.payment_files import order_number
from xiepai.grants.policies import program_of
from xiepai.grants.replaying import awards_together, decision_digest
from xiepai.grants.services import bank_results, batches, promising
from xiepai.grants.states import AWARDED
from xiepai.kernel import clock
from xiepai.policy import Program

S = ApplicationState
COUNTED = (*AWARDED, S.PROPOSED, S.NOTICED)


def propose(scribe: Scribe, office: Office, year: Year, cases: Sequence[Case]) -> None:
    """The leading group's list: what each gets over what was awarded before, and the money set aside."""
    for version in year.versions:
        own = [case for case in cases if case.row.version_id == version.pk]
        if own:
            _propose(scribe, office, year, version, own)


def _propose(scribe: Scribe, office: Office, year: Year, version: ProgrammeVersion, cases: Sequence[Case]) -> None:
    today = clock.today()
    rows = [case.row for case in cases]
    facts = [facts_for_award(case, today) for case in cases]
    before = Application.objects.filter(version=version, state__in=COUNTED).order_by("accepted_at", "id")
    earlier = [each.facts for each in before]
    awards = awards_together(version, [*earlier, *facts], today)[len(earlier) :]
    program = program_of(version, today)
    amounts = []
    with scribe.changing(rows, "grants.application.amount_proposed", office.leader, ["awarded_fen", "facts"]):
        for row, known, (fen, parts) in zip(rows, facts, awards, strict=True):
            row.awarded_fen, row.facts = fen, known
            amounts.append(by_measure(program, row.measures, fen, parts))
    scribe.move(rows, S.PROPOSED, "grants.application.proposed", office.leader, step=year.steps[StepKind.PUBLIC_NOTICE])
    for row, parts in zip(rows, amounts, strict=True):
        for measure, fen in sorted(parts.items()):
            key = f"proposed:{row.pk}:{measure}"
            ledger.reserve(actor=office.leader, application=row, measure=measure, amount_fen=fen, key=key)


def by_measure(program: Program, measures: Sequence[str], fen: int, parts: Mapping[str, int]) -> dict[str, int]:
    """An award by measure, in whole fen that sum to it; what limits over measures take is borne in proportion."""
    amounts = {name: max(0, parts.get(name, 0)) for name in measures}
    for step in program.steps:
        own = [name for name in step.inputs if name in amounts]
        if len(step.inputs) == 1 and own:
            amounts[own[0]] = max(0, parts.get(step.name, 0))
        elif step.what == "highest_of" and own:
            best = max(own, key=lambda name: amounts[name])
            amounts.update({name: 0 for name in own if name != best})
    whole = sum(amounts.values())
    if not whole:
        return {}
    shared = {name: fen * amount // whole for name, amount in amounts.items()}
    largest = max(shared, key=lambda name: shared[name])
    shared[largest] += fen - sum(shared.values())
    return {name: amount for name, amount in shared.items() if amount}


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
    today = clock.local(row.accepted_at or clock.now()).date()
    held = ledger.LedgerEntry.objects.filter(application=row, event="reserved")
    shares = {entry.measure: entry.amount_fen for entry in held}
    explanation: dict[str, Any] = {"alone": row.explanation}
    digest = decision_digest(row.version, row.facts, shares, explanation, today)
    return Decision(
        application=row, number=f"{row.number}-D1", outcome=Outcome.APPROVED, awarded_fen=row.awarded_fen or 0,
        by_measure=shares, version=row.version, evaluated_on=today, facts=row.facts, explanation=explanation,
        reason="样例：按审定名单", meeting="样例：领导小组会议", sha256=digest, decided_by_id=office.leader.person_id,
        decided_at=clock.now(),
    )  # fmt: skip


def refuse(scribe: Scribe, office: Office, case: Case, reason: str) -> None:
    """A refusal with its decision; nothing was set aside yet."""
    row = case.row
    day = clock.local(row.accepted_at or clock.now()).date()
    explanation = {"alone": row.explanation}
    digest = decision_digest(row.version, row.facts, {}, explanation, day)
    decision = Decision(
        application=row, number=f"{row.number}-D1", outcome=Outcome.REJECTED, version=row.version, evaluated_on=day,
        facts=row.facts, explanation=explanation, reason=reason, sha256=digest,
        decided_by_id=office.officer.person_id, decided_at=clock.now(),
    )  # fmt: skip
    scribe.add([decision], "grants.decision.made", office.officer, owner=lambda _row: row.organisation_id)
    scribe.move(
        [row], S.REJECTED, "grants.application.rejected", office.officer, reason=reason, awarded_fen=0,
        decision_hash=digest, decided_at=clock.now(),
    )  # fmt: skip


def prepare(office: Office, year: Year) -> PaymentBatch | None:
    """Everything that may be paid now, in one batch."""
    orders = batches.payable_orders(year.programme)
    if not orders:
        return None
    keys = [order.pk for order in orders]
    return batches.prepare_batch(
        actor=office.finance, programme_id=year.programme.pk, order_ids=keys, note="样例批次"
    )


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
