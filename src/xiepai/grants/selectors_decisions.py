"""What came of an application, for whom it concerns: each decision with what it gives, where its money is, what is
asked back, and who may read letters about it. Reads only.

Refused: letters for experts, who score without knowing whose work it is, and letters about money that has not left.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from xiepai.grants import access
from xiepai.grants.documents.letters import TOLD
from xiepai.grants.models import (
    AppealKind,
    Application,
    Decision,
    Outcome,
    PaymentOrder,
    PaymentState,
    PerformanceCheck,
    Recovery,
)
from xiepai.grants.services.appealing import promised_until
from xiepai.grants.services.promising import shares_of
from xiepai.grants.wording import Milestones
from xiepai.kernel.errors import not_found
from xiepai.parties.access import Actor

Row = TypeVar("Row", Decision, PaymentOrder)
#: A payment the bank returned that was planned again.
AGAIN = "again"
#: A payment that waits until its milestone is reached.
WAITING = "waiting"


@dataclass(frozen=True)
class Paid:
    """One payment as the company reads it. ``state`` is a payment's, or that it waits, or was planned again."""

    order: PaymentOrder
    milestone: str
    state: str

    @property
    def has_letter(self) -> bool:
        """Whether there is a letter about it: the money has left."""
        return self.order.state in TOLD

    @property
    def at(self) -> datetime | None:
        """When what the state says happened."""
        if self.order.state == PaymentState.PAID:
            return self.order.paid_at
        batch = self.order.batch
        return batch.sent_at if batch and self.order.state in (PaymentState.SENT, PaymentState.FAILED) else None


@dataclass(frozen=True)
class Decided:
    """One decision, what each measure gets of it, and its payments."""

    decision: Decision
    shares: tuple[tuple[str, int], ...]
    payments: tuple[Paid, ...]
    appeal_until: datetime | None
    is_overturned: bool

    @property
    def paid_fen(self) -> int:
        """What has reached the company by the bank's word."""
        return sum(each.order.amount_fen for each in self.payments if each.order.state == PaymentState.PAID)


@dataclass(frozen=True)
class Outcomes:
    """All that came of an application."""

    decided: tuple[Decided, ...]
    recoveries: tuple[Recovery, ...]
    checks: tuple[PerformanceCheck, ...]


def outcomes_of(application: Application) -> Outcomes:
    """Decisions with payments, newest first; recoveries; what was found after payment. Undecided: one query."""
    decisions = list(application.decisions.select_related("decided_by", "version").order_by("-id"))
    if not decisions:
        return Outcomes((), (), ())
    orders = list(application.payments.select_related("batch", "account").order_by("id"))
    milestones = Milestones([application.programme_id] if any(each.milestone for each in orders) else [])
    again = {each.key.removesuffix(":again") for each in orders if each.key.endswith(":again")}
    paid = [
        Paid(
            each,
            milestones.words(application.programme_id, each.measure, each.milestone),
            _state(each, again),
        )
        for each in orders
    ]
    upheld = list(application.appeals.filter(kind=AppealKind.APPEAL, is_upheld=True).values_list("made_at", flat=True))
    return Outcomes(
        tuple(_decided(each, paid, decisions, upheld) for each in decisions),
        tuple(application.recoveries.order_by("id")),
        tuple(application.checks.order_by("id")),
    )


def _state(order: PaymentOrder, again: set[str]) -> str:
    if order.state == PaymentState.PLANNED and order.released_at is None:
        return WAITING
    return AGAIN if order.state == PaymentState.FAILED and order.key in again else order.state


def _decided(decision: Decision, paid: list[Paid], decisions: list[Decision], upheld: list[datetime]) -> Decided:
    """An appeal that held undoes the refusal made last before it."""
    is_refusal = decision.outcome == Outcome.REJECTED
    later = [each.decided_at for each in decisions if each.pk > decision.pk]
    until = min(later, default=None)
    is_overturned = is_refusal and any(
        decision.decided_at <= made and (until is None or made < until) for made in upheld
    )
    return Decided(
        decision,
        tuple(shares_of(decision).items()) if decision.outcome == Outcome.APPROVED else (),
        tuple(each for each in paid if each.order.decision_id == decision.pk),
        promised_until(decision) if is_refusal else None,
        is_overturned,
    )


def decision_for_letter(actor: Actor, decision_id: int) -> Decision:
    """A decision, for the company's people and the office."""
    rows = Decision.objects.select_related(
        "application__programme", "application__organisation", "application__work", "version__programme", "decided_by"
    )
    return _told(actor, rows.filter(pk=decision_id).first())


def payment_for_letter(actor: Actor, order_id: int) -> PaymentOrder:
    """A payment that has left, for the company's people and the office."""
    rows = PaymentOrder.objects.filter(state__in=TOLD).select_related(
        "application__programme", "application__organisation", "application__work", "application__version__programme",
        "decision", "batch", "account",
    )  # fmt: skip
    return _told(actor, rows.filter(pk=order_id).first())


def _told(actor: Actor, row: Row | None) -> Row:
    if row is None or not access.visible_applications(actor).filter(pk=row.application_id).exists():
        raise not_found()
    if not access.sees_all(actor) and not access.may_write_for(actor, row.application.organisation_id):
        raise not_found()
    return row
