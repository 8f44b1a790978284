"""After payment: was what was promised done? What was not may be asked back.

Refused: a check before everything is paid, a check without findings, asking back more than was paid.
"""

from __future__ import annotations

from datetime import date

from django.db import transaction
from django.utils.translation import gettext as _

from xiepai.grants import flow
from xiepai.grants.errors import invalid
from xiepai.grants.models import ApplicationState, CheckResult, PerformanceCheck, StepKind
from xiepai.grants.services.moving import move_application
from xiepai.grants.services.recoveries import order_recovery
from xiepai.kernel import audit, clock
from xiepai.parties.access import Actor
from xiepai.parties.rules import acting_person

S = ApplicationState


def check_performance(
    *,
    actor: Actor,
    application_id: int,
    result: str,
    findings: str,
    measure: str = "",
    recover_fen: int = 0,
    due_on: date | None = None,
) -> PerformanceCheck:
    """Write down what was found; with an amount a recovery is ordered, without one it is closed."""
    acting_person(actor)
    if result not in CheckResult.values or not findings.strip():
        raise invalid(_("请选择结论并写明核查情况。"))
    if recover_fen < 0 or (recover_fen and result == CheckResult.MET):
        raise invalid(_("达到目标的不追回。"))
    with transaction.atomic():
        application = flow.locked(actor, application_id)
        flow.require_state(application, S.PAID, action=_("绩效评价"))
        flow.require_role(actor, flow.step_of_kind(application.programme, StepKind.PERFORMANCE_CHECK))
        row = PerformanceCheck.objects.create(
            application=application, result=result, findings=findings.strip()[:4000], proposed_fen=recover_fen,
            checked_by_id=actor.person_id, checked_at=clock.now(),
        )  # fmt: skip
        audit.record("grants.performance.checked", row, actor=actor, organisation_id=application.organisation_id)
        if recover_fen:
            order_recovery(
                actor=actor, application_id=application.pk, measure=measure, amount_fen=recover_fen,
                reason=row.findings, due_on=due_on,
            )  # fmt: skip
        else:
            move_application(application, S.CLOSED, actor=actor, event="grants.application.closed")
    return row
