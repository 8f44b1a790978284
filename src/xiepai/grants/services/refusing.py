"""A refusal in two parts: it is announced with its reason, the company is heard, and only then it is final.

While the company is heard the clock stands still. Refused: making it final before the term for the rebuttal is over
or while a rebuttal waits for its answer; answering an appeal by whoever announced the refusal or made it final.
"""

from __future__ import annotations

import logging

from django.db import transaction
from django.utils.translation import gettext as _

from xiepai.grants import access, clock, flow
from xiepai.grants.errors import invalid, wrong_state
from xiepai.grants.models import (
    Appeal,
    AppealKind,
    Application,
    ApplicationState,
    CorrectionState,
    IntendedRefusal,
    Outcome,
    RefusalState,
)
from xiepai.grants.services.deciding import keep_decision, release_reserved
from xiepai.grants.services.moving import move_application
from xiepai.grants.services.reviewing import close_corrections, enter, tell_company, until_working_day
from xiepai.kernel import audit
from xiepai.kernel import clock as present
from xiepai.kernel.errors import ErrorCode, XiepaiError, not_found
from xiepai.parties.access import Actor, system
from xiepai.parties.rules import acting_person

S = ApplicationState
logger = logging.getLogger(__name__)
#: Working days a company has to answer (assumed; the office may choose).
REBUTTAL_DAYS = 5


def announce_refusal(
    *, actor: Actor, application_id: int, reason: str, working_days: int = REBUTTAL_DAYS, seen: str = ""
) -> IntendedRefusal:
    """Say that an application is to be refused and why; the company may answer until then."""
    if not reason.strip():
        raise invalid(_("请写不予通过的理由，企业会看到。"))
    until = until_working_day(working_days)
    with transaction.atomic():
        application = flow.locked(actor, application_id)
        flow.require_seen(application, seen)
        flow.require_state(application, S.IN_REVIEW, S.RETURNED, action=_("拟不予通过"))
        flow.require_role(actor, application.step)
        if application.refusals.filter(state=RefusalState.OPEN).exists():
            raise wrong_state(application.number, application.state, _("再次拟不予通过"))
        row = IntendedRefusal.objects.create(
            application=application, step=application.step, reason=reason.strip()[:4000], rebuttal_until=until,
            announced_by_id=actor.person_id, announced_at=present.now(),
        )  # fmt: skip
        audit.record("grants.refusal.announced", row, actor=actor, organisation_id=application.organisation_id)
        clock.pause(application=application, actor=actor, reason=str(_("等待申辩")))
        subject = _("申报 %(number)s 拟不予通过，可在期限内申辩") % {"number": application.number}
        tell_company(application, subject, row.reason)
    return row


def lift_refusal(*, actor: Actor, application_id: int, reason: str) -> IntendedRefusal:
    """Take an announced refusal back: the review goes on."""
    if not reason.strip():
        raise invalid(_("请写理由。"))
    with transaction.atomic():
        application = flow.locked(actor, application_id)
        flow.require_role(actor, application.step)
        row = _open(application)
        _lift(row, application, actor, reason.strip())
    return row


def make_final(*, actor: Actor, application_id: int) -> IntendedRefusal:
    """Refuse, after the company was heard or has let the term pass."""
    with transaction.atomic():
        application = flow.locked(actor, application_id)
        flow.require_role(actor, application.step)
        row = _open(application)
        if (why := why_not_final(row)) is not None:
            raise invalid(why)
        acting_person(actor)
        _refuse(row, application, actor)
    return row


def why_not_final(row: IntendedRefusal) -> str | None:
    """Why it cannot be made final now; None where it can."""
    rebuttals = row.application.appeals.filter(kind=AppealKind.REBUTTAL, made_at__gte=row.announced_at)
    if rebuttals.filter(answered_at=None).exists():
        return _("企业的申辩还没有答复。")
    if present.now() < row.rebuttal_until and not rebuttals.exists():
        return _("申辩期限未到。")
    return None


def finish_due_refusals() -> int:
    """Make final what nobody answered in time; how many. For a job."""
    due = IntendedRefusal.objects.filter(state=RefusalState.OPEN, rebuttal_until__lte=present.now())
    done, actor = 0, system("refusals")
    for key in list(due.order_by("pk").values_list("application_id", flat=True)):
        try:
            done += _finish(key, actor)
        except XiepaiError as refusal:  # one that cannot end must not keep the others waiting
            logger.warning("application %s: %s", key, refusal)
    return done


def _finish(application_id: int, actor: Actor) -> bool:
    with transaction.atomic():
        application = access.locked_application(actor, application_id)
        row = application.refusals.filter(state=RefusalState.OPEN).first()
        if row is None or why_not_final(row) is not None:
            return False
        _refuse(row, application, actor)
    return True


def refuse_by_silence(application: Application, actor: Actor) -> None:
    """Part of a service: the step's time is over and its silence refuses. A decision all the same, open to appeal."""
    for row in application.refusals.select_for_update().filter(state=RefusalState.OPEN):
        _close(row, RefusalState.FINAL, actor, "")
    _reject(application, actor, str(_("办理时限已过，按该环节规定视为不通过。")))


def _reject(application: Application, actor: Actor, reason: str) -> None:
    close_corrections(application, CorrectionState.LAPSED, actor)
    clock.end(application=application, actor=actor, reason=str(_("不予通过")))
    release_reserved(application, actor)
    keep_decision(application, actor, outcome=Outcome.REJECTED, by_measure={}, reason=reason)
    move_application(application, S.REJECTED, actor=actor, event="grants.application.rejected")
    tell_company(application, _("申报 %(number)s 未通过") % {"number": application.number}, reason)


def answer_appeal(*, actor: Actor, appeal_id: int, is_upheld: bool, answer: str) -> Appeal:
    """Answer a rebuttal or an appeal; one that holds brings the application back into review."""
    access.require_officer(actor)
    if not answer.strip():
        raise invalid(_("请写答复。"))
    key = Appeal.objects.filter(pk=appeal_id).values_list("application_id", flat=True).first()
    if key is None:
        raise not_found()
    with transaction.atomic():
        application = flow.locked(actor, key)
        appeal = Appeal.objects.select_for_update(of=("self",)).get(pk=appeal_id)
        if appeal.answered_at is not None:
            raise XiepaiError(ErrorCode.CONFLICT)
        before = audit.snapshot(appeal)
        appeal.is_upheld, appeal.answer = is_upheld, answer.strip()[:4000]
        appeal.answered_by_id, appeal.answered_at = actor.person_id, present.now()
        appeal.save()
        audit.record(
            "grants.appeal.answered", appeal, actor=actor, before=before, organisation_id=application.organisation_id
        )
        _follow(appeal, application, actor)
        tell_company(application, _("已答复：申报 %(number)s") % {"number": application.number}, appeal.answer)
    return appeal


def _follow(appeal: Appeal, application: Application, actor: Actor) -> None:
    if appeal.kind == AppealKind.REBUTTAL:
        row = application.refusals.filter(state=RefusalState.OPEN).first()
        if row is not None and appeal.is_upheld:
            _lift(row, application, actor, appeal.answer)
        return
    last = application.refusals.filter(state=RefusalState.FINAL).order_by("-id").first()
    if last is not None and actor.person_id in (last.announced_by_id, last.closed_by_id):
        raise XiepaiError(ErrorCode.FOUR_EYES)
    if application.state != S.APPEALED:
        return
    if not appeal.is_upheld:
        clock.set_due(application, None, actor, "grants.clock.ended")
        move_application(application, S.REJECTED, actor=actor, event="grants.application.rejected")
        return
    _undo_amount(application, actor)
    move_application(application, S.IN_REVIEW, actor=actor, event="grants.application.taken")
    enter(application, application.step or flow.first_review_step(application.programme), actor)


def _undo_amount(application: Application, actor: Actor) -> None:
    """Nothing is decided any more; the refusal itself stays among its decisions."""
    before = audit.snapshot(application)
    application.awarded_fen, application.due_at = None, None
    application.save(update_fields=["awarded_fen", "due_at"])
    audit.record("grants.application.reopened", application, actor=actor, before=before)


def _open(application: Application) -> IntendedRefusal:
    row = application.refusals.select_for_update().filter(state=RefusalState.OPEN).first()
    if row is None:
        raise wrong_state(application.number, application.state, _("办结：没有等待申辩的拟不予通过"))
    return row


def _lift(row: IntendedRefusal, application: Application, actor: Actor, note: str) -> None:
    _close(row, RefusalState.LIFTED, actor, note)
    if application.state != S.RETURNED:  # a correction still asked for keeps it standing still
        clock.resume(application=application, actor=actor, reason=str(_("继续审核")))


def _refuse(row: IntendedRefusal, application: Application, actor: Actor) -> None:
    _close(row, RefusalState.FINAL, actor, "")
    _reject(application, actor, row.reason)


def _close(row: IntendedRefusal, state: RefusalState, actor: Actor, note: str) -> None:
    before = audit.snapshot(row)
    row.state, row.note = state.value, note[:4000]
    row.closed_by_id, row.closed_at = actor.person_id, present.now()
    row.save()
    audit.record(f"grants.refusal.{state.value}", row, actor=actor, before=before)
