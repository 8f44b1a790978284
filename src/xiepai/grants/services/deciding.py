"""Decisions, with all they rest on: version, facts, explanation, amounts, and the hash over them.

After the public notice (where the programme has one) the amounts the leading group fixed are decided, committed in
the ledger and planned as payments. Refused: deciding before the notice is closed, for a company that is kept out,
and another amount than the list's.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from xiepai.grants import access, clock, flow, ledger
from xiepai.grants.errors import invalid, wrong_state
from xiepai.grants.models import (
    Application,
    ApplicationState,
    AwardList,
    Decision,
    LedgerKind,
    NoticeState,
    Outcome,
    StepKind,
)
from xiepai.grants.refreshing import day_of
from xiepai.grants.replaying import decision_digest
from xiepai.grants.selectors import exclusions_of
from xiepai.grants.services.appealing import promise_of_appeal
from xiepai.grants.services.moving import move_application
from xiepai.grants.services.promising import promise
from xiepai.kernel import audit
from xiepai.kernel import clock as present
from xiepai.kernel.errors import ErrorCode, XiepaiError
from xiepai.kernel.money import Money
from xiepai.parties.access import Actor
from xiepai.parties.models import CREW_ROLES
from xiepai.parties.notices import members_in, tell
from xiepai.parties.rules import acting_person

S = ApplicationState


def decide(*, actor: Actor, application_ids: Sequence[int], meeting: str = "") -> list[Decision]:
    """Decide applications as they were proposed: all of them, or none."""
    access.require_reader(actor)
    acting_person(actor)
    if not application_ids:
        raise invalid(_("请选择要决定的申报。"))
    with transaction.atomic():
        return [_decide(actor, key, meeting) for key in sorted(set(application_ids))]


def _decide(actor: Actor, application_id: int, meeting: str) -> Decision:
    application = flow.locked(actor, application_id)
    programme = application.programme
    flow.require_role(actor, flow.step_of_kind(programme, StepKind.DECISION))
    require_noticed(application)
    for exclusion in exclusions_of(application.organisation_id):
        raise XiepaiError(
            ErrorCode.COMPANY_EXCLUDED, company=application.organisation.name, since=exclusion.since,
            kind=exclusion.get_kind_display(), source=exclusion.source,
        )  # fmt: skip
    outcome = _outcome(application)
    decision = keep_decision(
        application, actor, outcome=Outcome.APPROVED, by_measure=outcome, reason=meeting or str(_("按审定名单")),
        meeting=meeting,
    )  # fmt: skip
    clock.end(application=application, actor=actor)
    move_application(application, S.APPROVED, actor=actor, event="grants.application.approved")
    promise(actor=actor, decision=decision)
    step = flow.step_of_kind(programme, StepKind.PAYMENT)
    before = audit.snapshot(application)
    application.step = step
    application.save(update_fields=["step"])
    audit.record("grants.application.step_entered", application, actor=actor, before=before)
    _tell(application, decision)
    return decision


def require_noticed(application: Application) -> None:
    """Refuse to decide before everybody could object, where the programme shows its proposals."""
    has_notice = flow.step_of_kind(application.programme, StepKind.PUBLIC_NOTICE) is not None
    wanted = S.NOTICED if has_notice else S.PROPOSED
    if application.state != wanted:
        raise wrong_state(application.number, application.state, _("作出决定"))
    if has_notice and not application.notice_items.filter(notice__state=NoticeState.CLOSED).exists():
        raise invalid(_("申报 {number} 的公示还没有结束。"), number=application.number)


def last_list_with(application: Application) -> AwardList | None:
    """The list that proposed an application last."""
    rows = AwardList.objects.filter(programme=application.programme_id, outcome__has_key=application.number)
    return rows.order_by("-id").first()


def _outcome(application: Application) -> dict[str, int]:
    found = last_list_with(application)
    said = found.outcome.get(application.number) if found else None
    if said is None or said["fen"] != application.awarded_fen:
        raise invalid(_("申报 {number} 不在审定的名单里，或金额与名单不符。"), number=application.number)
    return {name: int(fen) for name, fen in said["by_measure"].items()}


def keep_decision(
    application: Application,
    actor: Actor,
    *,
    outcome: Outcome,
    by_measure: Mapping[str, int],
    reason: str,
    meeting: str = "",
) -> Decision:
    """Part of a service: the decision as a row that is never changed, and its hash on the application."""
    last = application.decisions.order_by("-id").first()
    number = f"{application.number}-D{application.decisions.count() + 1}"
    explanation: dict[str, Any] = {"alone": application.explanation}
    if outcome == Outcome.APPROVED and (found := last_list_with(application)) is not None:
        explanation |= {"list": found.pk, "list_sha256": found.sha256, "changes": found.changes}
    if outcome == Outcome.REJECTED:
        explanation["appeal"] = promise_of_appeal(present.now())
    fen, day = sum(by_measure.values()), day_of(application)
    digest = decision_digest(application.version, application.facts, by_measure, explanation, day)
    decision = Decision.objects.create(
        application=application, number=number, outcome=outcome, awarded_fen=fen, by_measure=dict(by_measure),
        version=application.version, evaluated_on=day, facts=application.facts, explanation=explanation,
        reason=reason, meeting=meeting[:120], replaces=last, sha256=digest, decided_by_id=actor.person_id,
        decided_at=present.now(),
    )  # fmt: skip
    audit.record("grants.decision.made", decision, actor=actor, organisation_id=application.organisation_id)
    before = audit.snapshot(application)
    application.decision_hash, application.decided_at = digest, present.now()
    application.awarded_fen = fen
    application.save(update_fields=["decision_hash", "decided_at", "awarded_fen"])
    audit.record("grants.application.decided", application, actor=actor, before=before)
    return decision


def is_intact(decision: Decision) -> bool:
    """Whether the hash still stands over what the decision says."""
    again = decision_digest(
        decision.version, decision.facts, decision.by_measure, decision.explanation, decision.evaluated_on
    )
    return again == decision.sha256


def release_reserved(application: Application, actor: Actor) -> None:
    """Part of a service: what was set aside for an application goes back to the budget."""
    for measure in application.measures:
        purse = ledger.purse_of(application, measure)
        held = ledger.held_by(application, purse, measure).get(LedgerKind.RESERVED, 0)
        if held:
            key = f"release:{application.pk}:{measure}:{application.decisions.count()}:{present.now().isoformat()}"
            ledger.release(actor=actor, application=application, measure=measure, amount_fen=held, key=key)


def _tell(application: Application, decision: Decision) -> None:
    subject = _("申报 %(number)s 已批准：%(amount)s") % {
        "number": application.number,
        "amount": Money(decision.awarded_fen),
    }
    tell(
        members_in(application.organisation_id, CREW_ROLES), kind="grants", subject=subject, body=subject,
        path=f"/grants/applications/{application.pk}/", organisation_id=application.organisation_id,
    )  # fmt: skip
