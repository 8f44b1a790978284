"""The company's word against what the office found: a rebuttal before a refusal, an appeal after one.

Refused: after the term, twice for the same refusal, without words, and by the office: it does not speak for a company
against itself. The office answers (``refusing.answer_appeal``).
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from xiepai.grants import access
from xiepai.grants.clock import set_due
from xiepai.grants.errors import invalid, wrong_state
from xiepai.grants.models import (
    Appeal,
    AppealKind,
    Application,
    ApplicationState,
    Decision,
    IntendedRefusal,
    Outcome,
    RefusalState,
)
from xiepai.grants.services.moving import move_application
from xiepai.kernel import audit, clock
from xiepai.kernel.errors import ErrorCode, XiepaiError
from xiepai.parties.access import Actor
from xiepai.parties.models import CREW_ROLES, Role
from xiepai.parties.notices import officers, tell
from xiepai.parties.working_days import calendar_of
from xiepai.worktime import terms
from xiepai.worktime.workdays import MissingYearError

#: Working days a company has to appeal after a refusal (assumed: no source states it).
APPEAL_DAYS = 20
#: Working days the office has to answer (assumed likewise).
ANSWER_DAYS = {AppealKind.REBUTTAL: 5, AppealKind.APPEAL: 20}
LONGEST = 4000


def rebut(*, actor: Actor, application_id: int, text: str) -> Appeal:
    """Answer an announced refusal while the company is heard."""
    with transaction.atomic():
        application = _locked(actor, application_id)
        refusal = open_refusal(application)
        if refusal is None or not may_rebut(application, refusal):
            raise wrong_state(application.number, application.state, _("申辩"))
        return _make(application, actor, AppealKind.REBUTTAL, text)


def appeal(*, actor: Actor, application_id: int, text: str) -> Appeal:
    """Ask for a refusal to be looked at again; the application goes back to the office."""
    with transaction.atomic():
        application = _locked(actor, application_id)
        if not may_appeal(application):
            raise wrong_state(application.number, application.state, _("申诉"))
        row = _make(application, actor, AppealKind.APPEAL, text)
        move_application(application, ApplicationState.APPEALED, actor=actor, event="grants.application.appealed")
        set_due(application, row.due_at, actor, "grants.application.answer_promised")
    return row


def open_refusal(application: Application) -> IntendedRefusal | None:
    """The refusal the company is being heard on."""
    return application.refusals.filter(state=RefusalState.OPEN).first()


def may_rebut(application: Application, refusal: IntendedRefusal) -> bool:
    """Whether the term still runs and nothing was said yet."""
    said = application.appeals.filter(kind=AppealKind.REBUTTAL, made_at__gte=refusal.announced_at)
    return clock.now() < refusal.rebuttal_until and not said.exists()


def may_speak(actor: Actor, application: Application) -> bool:
    """Whether the actor is one of the company's own people who write for it."""
    return actor.holds(*CREW_ROLES, organisation_id=application.organisation_id)


def may_appeal(application: Application) -> bool:
    """Whether it was refused, the term still runs, and this refusal was not appealed against before."""
    if application.state != ApplicationState.REJECTED:
        return False
    until = appeal_until(application)
    since = application.decided_at or application.state_at
    said = application.appeals.filter(kind=AppealKind.APPEAL, made_at__gte=since)
    return (until is None or clock.now() < until) and not said.exists()


def appeal_until(application: Application) -> datetime | None:
    """When the term of an appeal is over, as the decision promised it; None while its year's calendar is not known."""
    decision = application.decisions.filter(outcome=Outcome.REJECTED).order_by("-id").first()
    return promised_until(decision) if decision else working_days_on(APPEAL_DAYS, application.state_at)


def promised_until(decision: Decision) -> datetime | None:
    """Until when this refusal may be appealed against."""
    said = decision.explanation.get("appeal", {}).get("until")
    return datetime.fromisoformat(said) if said else working_days_on(APPEAL_DAYS, decision.decided_at)


def promise_of_appeal(moment: datetime) -> dict[str, Any]:
    """What a refusal keeps of the right to appeal, so that a later change of the calendar takes nothing away."""
    until = working_days_on(APPEAL_DAYS, moment)
    return {"days": APPEAL_DAYS, "until": until.isoformat() if until else None}


def working_days_on(days: int, since: datetime) -> datetime | None:
    """When so many working days after *since* are over; None where the calendar does not reach that far yet."""
    try:
        return terms.due(terms.Term(days), since, calendar_of())
    except MissingYearError:
        return None


def _locked(actor: Actor, application_id: int) -> Application:
    application = access.locked_application(actor, application_id)
    access.require_company(actor, application.organisation_id)
    if not may_speak(actor, application):
        raise XiepaiError(ErrorCode.FORBIDDEN, needed="、".join(str(Role(role).label) for role in sorted(CREW_ROLES)))
    return application


def _make(application: Application, actor: Actor, kind: AppealKind, text: str) -> Appeal:
    if not text.strip():
        raise invalid(_("请写明理由。"))
    if len(text) > LONGEST:
        raise invalid(_("最多 {longest} 个字。"), longest=LONGEST)
    now = clock.now()
    row = Appeal(
        application=application, kind=kind, text=text.strip(), made_by_id=actor.person_id, made_at=now,
        due_at=working_days_on(ANSWER_DAYS[kind], now),
    )  # fmt: skip
    row.save(force_insert=True)
    event = {AppealKind.REBUTTAL: "grants.appeal.rebutted", AppealKind.APPEAL: "grants.appeal.appealed"}[kind]
    audit.record(event, row, actor=actor, organisation_id=application.organisation_id)
    subject = {AppealKind.REBUTTAL: _("收到申辩：%(number)s"), AppealKind.APPEAL: _("收到申诉：%(number)s")}[kind]
    path = f"/office/grants/applications/{application.pk}/"
    tell(officers(), kind="grants", subject=subject % {"number": application.number}, body=row.text, path=path)
    return row
