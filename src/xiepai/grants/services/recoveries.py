"""Money asked back (追回): why, how much, by when, what came back; never more than was paid and not given back yet.

What comes back stands in the ledger as returned; using it again is a separate act. A recovery that is overdue
suggests an exclusion; somebody of the office decides on it (``services.exclusions``).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db import transaction
from django.db.models import F, Sum
from django.utils.translation import gettext as _

from xiepai.grants import access, ledger
from xiepai.grants.errors import invalid, wrong_state
from xiepai.grants.models import (
    Application,
    ExclusionKind,
    PaymentOrder,
    PaymentState,
    Recovery,
    RecoveryState,
)
from xiepai.grants.services.moving import move_application
from xiepai.grants.services.promising import paid_fen
from xiepai.grants.states import ApplicationState
from xiepai.kernel import audit, clock
from xiepai.kernel.errors import not_found
from xiepai.kernel.money import Money
from xiepai.parties.access import Actor, require
from xiepai.parties.models import CREW_ROLES, Role
from xiepai.parties.notices import members_in, tell
from xiepai.parties.rules import acting_person

ORDERERS = (Role.FINANCE, Role.OFFICER, Role.LEADER, Role.ADMINISTRATOR)
OPEN = (RecoveryState.ORDERED, RecoveryState.PARTLY)
RECOVERABLE = (
    ApplicationState.APPROVED,
    ApplicationState.PAYING,
    ApplicationState.PAID,
    ApplicationState.CLOSED,
    ApplicationState.RECOVERING,
)


@dataclass(frozen=True, slots=True)
class Suggestion:
    """An exclusion the office may list, as ``services.exclusions.list_exclusion`` takes it."""

    organisation_id: int
    kind: ExclusionKind
    source: str
    since: date


def order_recovery(
    *, actor: Actor, application_id: int, measure: str, amount_fen: int, reason: str, due_on: date | None = None
) -> Recovery:
    """Ask money back, in part or whole, with a reason."""
    require(actor, *ORDERERS)
    person_id = acting_person(actor)
    if not reason.strip():
        raise invalid(_("请写追回的理由。"))
    with transaction.atomic():
        application = access.locked_application(actor, application_id)
        _require_recoverable(application)
        left = recoverable_fen(application, measure)
        if not 0 < amount_fen <= left:
            raise invalid(_("最多可以追回 {left}。"), left=Money(left))
        decision = application.decisions.order_by("-id").first()
        if decision is None:
            raise not_found()
        row = Recovery.objects.create(
            application=application,
            decision=decision,
            measure=measure,
            amount_fen=amount_fen,
            reason=reason.strip(),
            due_on=due_on,
            ordered_by_id=person_id,
            ordered_at=clock.now(),
        )
        audit.record("grants.recovery.ordered", row, actor=actor, organisation_id=application.organisation_id)
        if application.state != ApplicationState.RECOVERING:
            move_application(
                application, ApplicationState.RECOVERING, actor=actor, event="grants.application.recovering"
            )
        _tell(row)
    return row


def record_return(*, actor: Actor, recovery_id: int, amount_fen: int, reference: str) -> Recovery:
    """Money came back; the bank's reference makes it count once."""
    require(actor, Role.FINANCE, Role.ADMINISTRATOR)
    if not reference.strip():
        raise invalid(_("请写银行流水号。"))
    with transaction.atomic():
        row, application = _locked(actor, recovery_id)
        key = f"recovery:{row.pk}:{reference.strip()}"
        if ledger.LedgerEntry.objects.filter(key=key, amount_fen=amount_fen).exists():
            return row
        if row.state not in OPEN or not 0 < amount_fen <= row.amount_fen - row.returned_fen:
            raise invalid(_("还应退回 {left}。"), left=Money(row.amount_fen - row.returned_fen))
        before = audit.snapshot(row)
        row.returned_fen += amount_fen
        is_whole = row.returned_fen == row.amount_fen
        row.state = RecoveryState.RETURNED if is_whole else RecoveryState.PARTLY
        row.returned_at = clock.now() if is_whole else None
        row.save(update_fields=["returned_fen", "state", "returned_at"])
        audit.record(
            "grants.recovery.returned", row, actor=actor, before=before, organisation_id=application.organisation_id
        )
        ledger.move(
            actor=actor,
            purse=ledger.purse_of(application, row.measure),
            event="returned",
            amount_fen=amount_fen,
            key=key,
            application=application,
            measure=row.measure,
            note=reference.strip(),
        )
        _settle(application, actor)
    return row


def waive_recovery(*, actor: Actor, recovery_id: int, reason: str) -> Recovery:
    """A leader gives up what has not come back."""
    require(actor, Role.LEADER, Role.ADMINISTRATOR)
    if not reason.strip():
        raise invalid(_("请写理由。"))
    with transaction.atomic():
        row, application = _locked(actor, recovery_id)
        if row.state not in OPEN:
            raise invalid(_("这项追回已经了结。"))
        before = audit.snapshot(row)
        row.state, row.reason = RecoveryState.WAIVED, f"{row.reason}\n{reason.strip()}"
        row.save(update_fields=["state", "reason"])
        audit.record(
            "grants.recovery.waived", row, actor=actor, before=before, organisation_id=application.organisation_id
        )
        _settle(application, actor)
    return row


def recoverable_fen(application: Application, measure: str) -> int:
    """What was paid for a measure, less what came back and what is asked back already."""
    asked = Recovery.objects.filter(application=application, measure=measure, state__in=OPEN)
    waiting = asked.aggregate(fen=Sum(F("amount_fen") - F("returned_fen")))["fen"] or 0
    return paid_fen(application, measure) - int(waiting)


def suggest_exclusion(recovery: Recovery) -> Suggestion | None:
    """An overdue recovery suggests that the company be kept out until it has paid; nobody is kept out by itself."""
    if recovery.state not in OPEN or recovery.due_on is None or recovery.due_on >= clock.today():
        return None
    source = _("追回 %(number)s 逾期未退（%(due)s）") % {
        "number": recovery.application.number,
        "due": recovery.due_on.isoformat(),
    }
    return Suggestion(recovery.application.organisation_id, ExclusionKind.DISHONESTY, source, clock.today())


def reuse_returned(*, actor: Actor, recovery_id: int, reason: str) -> None:
    """Let what a recovery brought back be awarded again from the same budget, once."""
    require(actor, Role.LEADER, Role.ADMINISTRATOR)
    if not reason.strip():
        raise invalid(_("请写理由。"))
    with transaction.atomic():
        row, application = _locked(actor, recovery_id)
        if row.state in OPEN or not row.returned_fen:
            raise invalid(_("这项追回还没有了结，或没有退回。"))
        audit.record(
            "grants.recovery.reused", row, actor=actor, after={"reason": reason.strip()},
            organisation_id=application.organisation_id,
        )  # fmt: skip
        ledger.move(
            actor=actor,
            purse=ledger.purse_of(application, row.measure),
            event="reused",
            amount_fen=row.returned_fen,
            key=f"recovery:{row.pk}:reused",
            application=application,
            measure=row.measure,
            note=reason.strip(),
        )


def _require_recoverable(application: Application) -> None:
    if application.state not in RECOVERABLE:
        raise wrong_state(application.number, application.state, _("追回"))
    on_its_way = (PaymentState.PLANNED, PaymentState.BATCHED, PaymentState.SENT)
    if PaymentOrder.objects.filter(application=application, state__in=on_its_way).exists():
        raise invalid(_("还有未拨付的款项：先取消或等银行回单，再追回。"))


def _locked(actor: Actor, recovery_id: int) -> tuple[Recovery, Application]:
    key = Recovery.objects.filter(pk=recovery_id).values_list("application_id", flat=True).first()
    if key is None:
        raise not_found()
    application = access.locked_application(actor, key)
    return Recovery.objects.select_for_update(of=("self",)).get(pk=recovery_id), application


def _settle(application: Application, actor: Actor) -> None:
    """When nothing is asked back any more: recovered where nothing is left with the company, else as it was."""
    if application.state != ApplicationState.RECOVERING:
        return
    if Recovery.objects.filter(application=application, state__in=OPEN).exists():
        return
    is_all_back = paid_fen(application) == 0
    state = ApplicationState.RECOVERED if is_all_back else ApplicationState.PAID
    event = "grants.application.recovered" if is_all_back else "grants.application.paid"
    move_application(application, state, actor=actor, event=event)


def _tell(row: Recovery) -> None:
    application = row.application
    subject = _("请退回奖补资金 %(amount)s：%(number)s") % {
        "amount": Money(row.amount_fen),
        "number": application.number,
    }
    tell(
        members_in(application.organisation_id, CREW_ROLES),
        kind="grants",
        subject=subject,
        body=row.reason,
        path="/grants/",
        organisation_id=application.organisation_id,
    )
