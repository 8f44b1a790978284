"""Declaring works, keeping them up to date, and letting them go from stage to stage.

Refused: entering a stage while its papers are missing (PAPERS_MISSING, with what is missing), a stage that does not
follow the present one, two works of one title in one company, changes to a work that is released or withdrawn.
"""

from __future__ import annotations

from datetime import date
from typing import Unpack

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from xiepai.kernel import audit, clock
from xiepai.kernel.errors import ErrorCode, XiepaiError, not_found
from xiepai.parties.access import Actor
from xiepai.parties.models import CREW_ROLES, Organisation
from xiepai.parties.rules import ROLES_OF
from xiepai.productions import access
from xiepai.productions.checklist import missing_for
from xiepai.productions.fields import WorkFields, assign, check_work
from xiepai.productions.models import Work, WorkStanding, WorkState
from xiepai.productions.states import ENDED, next_states


def declare_work(
    *, actor: Actor, organisation_id: int, standing: str = WorkStanding.KNOWN, **fields: Unpack[WorkFields]
) -> Work:
    """Declare a work (报备) for a crew company. Only the office (or the demo) marks one as a sample."""
    access.require_declarer(actor, organisation_id)
    if standing != WorkStanding.KNOWN:
        access.require_checker(actor)
    with transaction.atomic():
        organisation = Organisation.objects.filter(pk=organisation_id).first()
        if organisation is None:
            raise not_found()
        if not CREW_ROLES & set(ROLES_OF[organisation.kind]):
            raise XiepaiError(ErrorCode.INVALID, detail=_("这类机构不能申报作品。"))
        work = Work(organisation=organisation, standing=standing, created_by_id=actor.person_id)
        work.created_at = work.state_at = clock.now()
        assign(work, fields, WorkFields)
        _save(work)
        audit.record("productions.work.declared", work, actor=actor)
    return work


def update_work(*, actor: Actor, work_id: int, **fields: Unpack[WorkFields]) -> Work:
    """Change what a work says of itself; what is not named stays."""
    with transaction.atomic():
        work = access.locked_work(actor, work_id)
        refuse_ended(work, _("修改"))
        before = audit.snapshot(work)
        assign(work, fields, WorkFields)
        if audit.snapshot(work) != before:
            _save(work)
            audit.record("productions.work.updated", work, actor=actor, before=before)
    return work


def advance_work(*, actor: Actor, work_id: int, state: str, note: str = "") -> Work:
    """Let a work enter another stage, shelve, resume or withdraw it.

    Raises ``WORK_STATE`` where the stage does not follow, ``PAPERS_MISSING`` with ``missing`` (text) and ``items``
    (code, state, reason of each) where papers are.
    """
    with transaction.atomic():
        work = access.locked_work(actor, work_id)
        target = _reachable(work, state)
        _check_papers(work, target)
        before = audit.snapshot(work)
        work.resumes_to = work.state if target is WorkState.SHELVED else ""
        work.state, work.state_at, work.state_note = target.value, clock.now(), " ".join(note.split())[:200]
        _note_day(work, target, clock.today())
        _save(work)
        audit.record("productions.work.advanced", work, actor=actor, before=before)
    return work


def refuse_ended(work: Work, action: str) -> None:
    """Refuse to change a work that is released or withdrawn."""
    if work.state in ENDED:
        raise wrong_state(work, action)


def wrong_state(work: Work, action: str) -> XiepaiError:
    """The refusal of a deed that the work's stage does not allow."""
    return XiepaiError(ErrorCode.WORK_STATE, work=work.title, state=str(WorkState(work.state).label), action=action)


def _reachable(work: Work, state: str) -> WorkState:
    if state not in WorkState.values:
        raise not_found()
    target = WorkState(state)
    if target not in next_states(work.state, is_shot=work.is_shot, resumes_to=work.resumes_to):
        raise wrong_state(work, _("转到“{state}”").format(state=target.label))
    return target


def _note_day(work: Work, target: WorkState, today: date) -> None:
    """What a stage says about the dates: filed today, wrapped earlier than planned, released today."""
    if target is WorkState.FILED and work.filed_on is None:
        work.filed_on = today
    if target is WorkState.WRAPPED and work.shooting_from and work.shooting_to:
        work.shooting_to = max(work.shooting_from, min(work.shooting_to, today))
    if target is WorkState.RELEASED and work.release_on is None:
        work.release_on = today


def _check_papers(work: Work, target: WorkState) -> None:
    today = clock.today()
    if target is WorkState.SHOOTING:
        if work.shooting_from is None or work.shooting_to is None:
            raise XiepaiError(ErrorCode.INVALID, detail=_("进组前请填写开机和杀青日期。"))
        if work.shooting_to < today:
            raise XiepaiError(ErrorCode.INVALID, detail=_("杀青日期已过，请先改好拍摄日期。"))
    missing = missing_for(work, target, today)
    if missing:
        raise XiepaiError(
            ErrorCode.PAPERS_MISSING,
            state=str(target.label),
            missing=_("；").join(f"{item.kind}（{item.reason}）" for item in missing),
            items=[{"code": i.kind.code, "state": i.state.value, "reason": i.reason} for i in missing],
        )


def _save(work: Work) -> None:
    check_work(work)
    try:
        with transaction.atomic():
            work.save()
    except IntegrityError as error:
        if "work_once" not in str(error):
            raise
        detail = _("贵公司已经申报过《{title}》。").format(title=work.title)
        raise XiepaiError(ErrorCode.INVALID, detail=detail) from error
