"""An application on its way through the office: accepted, passed on, sent back with what to correct.

Of two officers at once the first one's deed counts and the other is told: each deed says what its page showed
(``flow.stamp``) and looks again under the row lock. Refused: acting outside one's step, passing experts' or the
leading group's step by hand, acting while a refusal is being heard.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from xiepai.grants import access, clock, flow
from xiepai.grants.errors import invalid, wrong_state
from xiepai.grants.models import (
    Application,
    ApplicationState,
    CorrectionRequest,
    CorrectionState,
    Step,
    StepKind,
)
from xiepai.grants.refreshing import refresh_facts
from xiepai.grants.services.moving import move_application
from xiepai.grants.services.scoring import require_settled
from xiepai.kernel import audit
from xiepai.kernel import clock as present
from xiepai.kernel.errors import XiepaiError
from xiepai.parties.access import Actor
from xiepai.parties.models import CREW_ROLES
from xiepai.parties.notices import members_in, tell
from xiepai.parties.working_days import calendar_of, known_years
from xiepai.worktime import terms

S = ApplicationState
#: Working days a company has to answer, where nobody says otherwise (assumed; the office may choose).
CORRECTION_DAYS, MOST_DAYS = 10, 60


def take(*, actor: Actor, application_id: int, seen: str = "") -> Application:
    """Accept a submitted application: the term of acceptance is over, the first step's own begins."""
    with transaction.atomic():
        application = flow.locked(actor, application_id)
        flow.require_seen(application, seen)
        _require_free(application, S.SUBMITTED, action=_("受理"))
        first = flow.first_review_step(application.programme)
        flow.require_role(actor, application.step if application.step and application.step.role else first)
        move_application(application, S.IN_REVIEW, actor=actor, event="grants.application.taken")
        accept(application, actor)
        clock.end(application=application, actor=actor, reason=str(_("已受理")))
        enter(application, first, actor)
    return application


@dataclass(frozen=True, slots=True)
class Taken:
    """How many were taken over, and why others were not."""

    done: int
    refused: tuple[tuple[str, str], ...]


def take_many(*, actor: Actor, application_ids: Sequence[int]) -> Taken:
    """Take several over, each by itself; what could not be is named with the reason."""
    access.require_reader(actor)
    done, refused = 0, []
    for key in sorted(set(application_ids)):
        try:
            take(actor=actor, application_id=key)
            done += 1
        except XiepaiError as refusal:
            number = Application.objects.filter(pk=key).values_list("number", flat=True).first()
            refused.append((number or str(key), str(refusal)))
    return Taken(done, tuple(refused))


def pass_on(*, actor: Actor, application_id: int, note: str = "", seen: str = "") -> Application:
    """The step is done: on to the next one."""
    with transaction.atomic():
        application = flow.locked(actor, application_id)
        flow.require_seen(application, seen)
        _require_free(application, S.IN_REVIEW, action=_("转入下一环节"))
        step = application.step
        flow.require_role(actor, step)
        if step is not None and step.kind == StepKind.EXPERT_REVIEW:
            require_settled(application)
        if step is None or step.kind in flow.LISTING:
            raise invalid(_("这一环节按名单一并审定，不逐件转出。"))
        step_forward(application, actor, note)
    return application


def skip_step(*, actor: Actor, application_id: int, reason: str, seen: str = "") -> Application:
    """Leave out a step that may be skipped, with the reason."""
    if not reason.strip():
        raise invalid(_("请写略过的理由。"))
    with transaction.atomic():
        application = flow.locked(actor, application_id)
        flow.require_seen(application, seen)
        _require_free(application, S.IN_REVIEW, action=_("略过环节"))
        step = application.step
        flow.require_role(actor, step)
        if step is None or not step.is_skippable:
            raise invalid(_("这一环节不能略过。"))
        step_forward(application, actor, reason)
    return application


def step_forward(application: Application, actor: Actor, note: str) -> None:
    """Part of a service: the facts as they are known now, then the next step with its own clock."""
    if application.step is not None:
        clock.end(application=application, actor=actor, reason=note.strip())
    refresh_facts(application, actor)
    enter(application, flow.following(application), actor, note)


def enter(
    application: Application,
    step: Step | None,
    actor: Actor,
    note: str = "",
    event: str = "grants.application.step_entered",
) -> None:
    """Part of a service: stand in a step from now on. The row is locked."""
    before = audit.snapshot(application)
    application.step, application.state_at = step, present.now()
    application.save(update_fields=["step", "state_at"])
    audit.record(event, application, actor=actor, before=before)
    if note.strip():
        after = {"note": note.strip()[:500]}
        audit.record("grants.application.noted", application, actor=actor, after=after)
    if step is not None:
        clock.start(application=application, step=step, actor=actor)


def ask_correction(
    *,
    actor: Actor,
    application_id: int,
    items: Sequence[Mapping[str, str]] = (),
    note: str = "",
    working_days: int = CORRECTION_DAYS,
    seen: str = "",
) -> CorrectionRequest:
    """Send it back with what to correct: the clock stands still until the company has answered."""
    asked = [
        {"field": str(item.get("field", ""))[:120], "note": str(item.get("note", "")).strip()[:500]} for item in items
    ]
    asked = [item for item in asked if item["field"] or item["note"]]
    if not asked and not note.strip():
        raise invalid(_("请写明要补正什么。"))
    until = until_working_day(working_days)
    with transaction.atomic():
        application = flow.locked(actor, application_id)
        flow.require_seen(application, seen)
        _require_free(application, S.SUBMITTED, S.IN_REVIEW, action=_("退回补正"))
        flow.require_role(actor, application.step)
        request = CorrectionRequest.objects.create(
            application=application, step=application.step, items=asked, note=note.strip()[:2000],
            requested_by_id=actor.person_id, requested_at=present.now(), due_at=until,
        )  # fmt: skip
        audit.record("grants.correction.requested", request, actor=actor, organisation_id=application.organisation_id)
        clock.pause(application=application, actor=actor, reason=str(_("待补正")))
        move_application(application, S.RETURNED, actor=actor, event="grants.application.returned")
        words = "\n".join([note.strip(), *(f"{item['field']}：{item['note']}" for item in asked)]).strip()
        tell_company(application, _("申报 %(number)s 需要补正") % {"number": application.number}, words)
    return request


def cancel_correction(*, actor: Actor, application_id: int, reason: str) -> Application:
    """The correction is not needed after all: the clock runs again."""
    if not reason.strip():
        raise invalid(_("请写理由。"))
    with transaction.atomic():
        application = flow.locked(actor, application_id)
        flow.require_state(application, S.RETURNED, action=_("撤销补正"))
        flow.require_role(actor, application.step)
        close_corrections(application, CorrectionState.CANCELLED, actor)
        come_back(application, actor, event="grants.application.taken", reason=reason.strip())
    return application


def come_back(application: Application, actor: Actor, *, event: str, reason: str) -> None:
    """Part of a service: from the company back to where it was, and its clock runs again."""
    move_application(application, S.IN_REVIEW if application.accepted_at else S.SUBMITTED, actor=actor, event=event)
    clock.resume(application=application, actor=actor, reason=reason)


def close_corrections(application: Application, state: CorrectionState, actor: Actor) -> None:
    """Part of a service: open requests end in a state."""
    for request in application.corrections.select_for_update().filter(state=CorrectionState.OPEN):
        before = audit.snapshot(request)
        request.state = state.value
        request.save(update_fields=["state"])
        audit.record(f"grants.correction.{state.value}", request, actor=actor, before=before)


def tell_company(application: Application, subject: str, body: str) -> None:
    """Tell the company's people."""
    people = members_in(application.organisation_id, CREW_ROLES)
    path = f"/grants/applications/{application.pk}/"
    tell(
        people, kind="grants", subject=subject, body=body or subject, path=path,
        organisation_id=application.organisation_id,
    )  # fmt: skip


def until_working_day(working_days: int) -> datetime:
    """When so many working days are over, from now on."""
    if not 1 <= working_days <= MOST_DAYS:
        raise invalid(_("期限须在 1 与 {most} 个工作日之间。"), most=MOST_DAYS)
    with known_years():
        return terms.due(terms.Term(working_days), present.now(), calendar_of())


def accept(application: Application, actor: Actor) -> None:
    """Part of a service: the office has taken it over, from now on."""
    before = audit.snapshot(application)
    application.accepted_at = present.now()
    application.save(update_fields=["accepted_at"])
    audit.record("grants.application.accepted", application, actor=actor, before=before)


def _require_free(application: Application, *states: ApplicationState, action: str) -> None:
    """In one of these states, and no refusal is being heard."""
    flow.require_state(application, *states, action=action)
    if flow.is_heard(application):
        raise wrong_state(application.number, application.state, _("办理：正在等待申辩"))
