"""Handing an application in, answering what the office asked back, and taking it back.

Handed in, what the company wrote becomes facts stated of the work or company, each with the paper that proves it, and
the application keeps a snapshot: facts, policy version, amount and explanation. Refused: outside the window, by a
company that is kept out, incomplete, without the company's word that it is true, for measures that by its own facts
give nothing.
"""

from __future__ import annotations

from django.db import transaction
from django.db.models import Q
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from xiepai.grants import access, clock, flow
from xiepai.grants.drafting import FORM_FIELDS, Field, Filled, PaperNeed, asked_facts, fill, read
from xiepai.grants.errors import invalid, wrong_state
from xiepai.grants.knowing import Subject, known_facts, literal, snapshot_of
from xiepai.grants.models import (
    Application,
    CorrectionRequest,
    CorrectionState,
    ProgrammeState,
    RefusalState,
)
from xiepai.grants.selectors import exclusions_of
from xiepai.grants.services.deciding import release_reserved
from xiepai.grants.services.facts import state_fact
from xiepai.grants.services.moving import move_application
from xiepai.grants.services.owed import LIVING
from xiepai.grants.services.reviewing import close_corrections, come_back
from xiepai.grants.services.windows import takes
from xiepai.grants.states import ApplicationState
from xiepai.grants.wording import is_english, named
from xiepai.kernel import audit
from xiepai.kernel import clock as present
from xiepai.kernel.errors import ErrorCode, XiepaiError
from xiepai.parties.access import Actor
from xiepai.parties.notices import officers, tell

S = ApplicationState


def submit_application(*, actor: Actor, application_id: int, is_true: bool) -> Application:
    """Hand a draft in; the same pressed twice hands it in once."""
    with transaction.atomic():
        application = access.locked_application(actor, application_id)
        access.require_company(actor, application.organisation_id)
        if application.state == S.SUBMITTED:
            return application
        if application.state != S.DRAFT:
            raise wrong_state(application.number, application.state, _("提交"))
        filled = fill(application)
        _require_promise(is_true)
        _require_open(application)
        _require_not_excluded(application)
        _require_complete(filled)
        _require_alone(application)
        application.version = filled.version
        application.submitted_at = present.now()
        _keep(application, filled, actor)
        move_application(application, S.SUBMITTED, actor=actor, event="grants.application.submitted")
        _await_acceptance(application, actor)
        _tell_office(application, _("新的申报：%(number)s") % {"number": application.number})
    return application


def answer_correction(*, actor: Actor, application_id: int, answer: str = "", is_true: bool) -> CorrectionRequest:
    """Answer what the office asked back: the facts are kept anew and the clock runs again."""
    with transaction.atomic():
        application = access.locked_application(actor, application_id)
        access.require_company(actor, application.organisation_id)
        asked = application.corrections.select_for_update(of=("self",)).filter(state=CorrectionState.OPEN).first()
        if application.state != S.RETURNED or asked is None:
            raise wrong_state(application.number, application.state, _("答复补正"))
        filled = fill(application)
        _require_promise(is_true)
        _require_complete(filled)
        before = audit.snapshot(asked)
        asked.state, asked.answer = CorrectionState.ANSWERED.value, answer.strip()[:2000]
        asked.answered_by_id, asked.answered_at = actor.person_id, present.now()
        asked.save(update_fields=["state", "answer", "answered_by", "answered_at"])
        owner = application.organisation_id
        audit.record("grants.correction.answered", asked, actor=actor, before=before, organisation_id=owner)
        _keep(application, filled, actor)
        come_back(application, actor, event="grants.application.resubmitted", reason=str(_("已补正")))
        _tell_office(application, _("已补正：%(number)s") % {"number": application.number})
    return asked


def withdraw_application(*, actor: Actor, application_id: int, reason: str = "") -> Application:
    """Take an application back before it is decided; what was set aside for it goes back."""
    with transaction.atomic():
        application = access.locked_application(actor, application_id)
        access.require_company(actor, application.organisation_id)
        was_draft = application.state == S.DRAFT
        if application.state == S.WITHDRAWN:
            return application
        if not was_draft and not reason.strip():
            raise invalid(_("请写撤回的理由。"))
        move_application(application, S.WITHDRAWN, actor=actor, event="grants.application.withdrawn")
        close_corrections(application, CorrectionState.CANCELLED, actor)
        if not was_draft:
            _drop_refusal(application, actor)
            clock.end(application=application, actor=actor, reason=str(_("已撤回")))
            release_reserved(application, actor)
            after = {"reason": reason.strip()[:500]}
            audit.record("grants.application.reasoned", application, actor=actor, after=after)
            _tell_office(application, _("已撤回：%(number)s") % {"number": application.number}, reason.strip())
    return application


def _await_acceptance(application: Application, actor: Actor) -> None:
    """The file is complete: the office's time to accept it or to send it back runs."""
    step = flow.acceptance_step(application.programme)
    if step is None:
        return
    before = audit.snapshot(application)
    application.step = step
    application.save(update_fields=["step"])
    audit.record("grants.application.step_entered", application, actor=actor, before=before)
    clock.start(application=application, step=step, actor=actor)


def _require_promise(is_true: bool) -> None:
    if not is_true:
        raise invalid(_("请先确认所填内容和材料真实。"))


def _require_open(application: Application) -> None:
    programme = application.programme
    now = present.now()
    windows = list(programme.windows.all())
    shut = [name for name in application.measures if not any(takes(window, name, now) for window in windows)]
    if shut or programme.state != ProgrammeState.PUBLISHED:
        spans = [f"{present.local(w.opens_at):%Y-%m-%d} – {present.local(w.closes_at):%Y-%m-%d}" for w in windows]
        raise XiepaiError(
            ErrorCode.WINDOW_CLOSED,
            programme=programme.name_in(get_language() or "zh"),
            windows="、".join(spans) or _("尚未公布"),
        )


def _require_not_excluded(application: Application) -> None:
    for exclusion in exclusions_of(application.organisation_id):
        raise XiepaiError(
            ErrorCode.COMPANY_EXCLUDED,
            company=application.organisation.name,
            since=exclusion.since,
            kind=exclusion.get_kind_display(),
            source=exclusion.source,
        )


def _require_complete(filled: Filled) -> None:
    if not filled.is_complete:
        lacks = [_label(field) for field in filled.missing_fields]
        raise invalid(
            _("还差：{what}。"), what="、".join([*lacks, *(named_paper(paper) for paper in filled.missing_papers)])
        )
    if filled.failing:
        names = "、".join(named(each.measure) for each in filled.failing)
        raise invalid(_("照所填的事实，不符合“{names}”的条件；请改正事实，或从申报中去掉这一项。"), names=names)


def named_paper(paper: PaperNeed) -> str:
    """A paper in the reader's language, in Chinese where nobody named it otherwise."""
    return (is_english() and paper.en) or paper.kind


def _label(field: Field) -> str:
    return named(field.spec) if field.spec is not None else str(FORM_FIELDS[field.name][0])


def _require_alone(application: Application) -> None:
    """One application of a subject for a measure at a time."""
    others = Application.objects.filter(
        Q(work_id=application.work_id),
        programme=application.programme_id,
        organisation=application.organisation_id,
        state__in=[state for state in LIVING if state != S.DRAFT],
        measures__overlap=application.measures,
    ).exclude(pk=application.pk)
    if (other := others.first()) is not None:
        raise invalid(_("同一条目已有申报 {number}。"), number=other.number)


def _keep(application: Application, filled: Filled, actor: Actor) -> None:
    """State what was written, and keep facts, amount and explanation as they are now."""
    subject = Subject(application.organisation_id, application.work_id)
    papers = {paper.kind: paper.rows[-1].pk for paper in filled.papers if paper.rows}
    company_id = None if subject.work_id else subject.organisation_id
    for field in filled.fields:
        if field.spec is None or field.is_fixed or not field.is_answered:
            continue
        number = read(field.spec, field.value)
        if number is None:
            continue
        proof = papers.get(field.spec.evidence)
        value = literal(field.spec, number)
        state_fact(
            actor=actor,
            name=field.name,
            value=value,
            evidence_id=proof,
            work_id=subject.work_id,
            organisation_id=company_id,
        )
    program = filled.program
    facts = known_facts(filled.version, subject)
    asked = set(asked_facts(program, application.measures))
    kept = snapshot_of(
        {name: fact for name, fact in facts.items() if name in asked},
        program,
        organisation_id=application.organisation_id,
        number=application.number,
    )
    before = {"asked_fen": application.asked_fen}
    application.facts = kept
    application.asked_fen = filled.low_fen
    application.explanation = filled.award.to_json()
    application.save(update_fields=["facts", "asked_fen", "explanation", "version", "submitted_at"])
    after = {"asked_fen": application.asked_fen, "version": application.version.number}
    audit.record("grants.application.facts_kept", application, actor=actor, before=before, after=after)


def _drop_refusal(application: Application, actor: Actor) -> None:
    """There is nothing left to refuse."""
    for row in application.refusals.select_for_update().filter(state=RefusalState.OPEN):
        before = audit.snapshot(row)
        row.state, row.note = RefusalState.LIFTED.value, str(_("企业已撤回申报"))
        row.closed_by_id, row.closed_at = actor.person_id, present.now()
        row.save()
        audit.record("grants.refusal.lifted", row, actor=actor, before=before)


def _tell_office(application: Application, subject: str, body: str = "") -> None:
    work = f" · {application.work}" if application.work else ""
    words = body or f"{application.organisation}{work}"
    path = f"/office/grants/applications/{application.pk}/"
    tell(officers(), kind="grants", subject=subject, body=words, path=path)
