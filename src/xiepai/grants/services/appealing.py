"""The company's word against what the office found: a rebuttal before a refusal, an appeal after one.

Refused: after the term, twice for the same refusal, without words. The office answers (``refusing.answer_appeal``).
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from xiepai.grants import access
from xiepai.grants.errors import invalid, wrong_state
from xiepai.grants.models import Appeal, AppealKind, Application, ApplicationState, IntendedRefusal, RefusalState
from xiepai.grants.services.moving import move_application
from xiepai.kernel import audit, clock
from xiepai.parties.access import Actor
from xiepai.parties.notices import officers, tell
from xiepai.parties.working_days import calendar_of, known_years
from xiepai.worktime import terms

#: Working days a company has to appeal after a refusal (assumed: no source states it).
APPEAL_DAYS = 20
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
    return row


def open_refusal(application: Application) -> IntendedRefusal | None:
    """The refusal the company is being heard on."""
    return application.refusals.filter(state=RefusalState.OPEN).first()


def may_rebut(application: Application, refusal: IntendedRefusal) -> bool:
    """Whether the term still runs and nothing was said yet."""
    said = application.appeals.filter(kind=AppealKind.REBUTTAL, made_at__gte=refusal.announced_at)
    return clock.now() < refusal.rebuttal_until and not said.exists()


def may_appeal(application: Application) -> bool:
    """Whether it was refused, the term still runs, and this refusal was not appealed against before."""
    if application.state != ApplicationState.REJECTED or clock.now() >= appeal_until(application):
        return False
    since = application.decided_at or application.state_at
    return not application.appeals.filter(kind=AppealKind.APPEAL, made_at__gte=since).exists()


def appeal_until(application: Application) -> datetime:
    """When the term of an appeal is over."""
    with known_years():
        return terms.due(terms.Term(APPEAL_DAYS), application.decided_at or application.state_at, calendar_of())


def _locked(actor: Actor, application_id: int) -> Application:
    application = access.locked_application(actor, application_id)
    access.require_company(actor, application.organisation_id)
    return application


def _make(application: Application, actor: Actor, kind: AppealKind, text: str) -> Appeal:
    if not text.strip():
        raise invalid(_("请写明理由。"))
    if len(text) > LONGEST:
        raise invalid(_("最多 {longest} 个字。"), longest=LONGEST)
    row = Appeal(application=application, kind=kind, text=text.strip(), made_by_id=actor.person_id, made_at=clock.now())
    row.save(force_insert=True)
    event = {AppealKind.REBUTTAL: "grants.appeal.rebutted", AppealKind.APPEAL: "grants.appeal.appealed"}[kind]
    audit.record(event, row, actor=actor, organisation_id=application.organisation_id)
    subject = {AppealKind.REBUTTAL: _("收到申辩：%(number)s"), AppealKind.APPEAL: _("收到申诉：%(number)s")}[kind]
    path = f"/office/applications/{application.pk}/"
    tell(officers(), kind="grants", subject=subject % {"number": application.number}, body=row.text, path=path)
    return row
