"""From what is owed to an application: the office invites, fills in for a company, or awards without application.

Refused: awarding without application what is not marked so, not certain, rests on unverified claims, or is owed to a
company that is kept out (NOT_OWED, COMPANY_EXCLUDED); a second application for the same measures of the same subject.
"""

from __future__ import annotations

from typing import Any

from django.db import connection, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from xiepai.grants import access
from xiepai.grants.errors import invalid
from xiepai.grants.knowing import KnownFact, Subject, award_now, known_facts, snapshot_of
from xiepai.grants.models import (
    Application,
    ApplicationOrigin,
    ApplicationState,
    Decision,
    Entitlement,
    Invitation,
    MeasureSetting,
    Outcome,
    OwedState,
    Programme,
    ProgrammeVersion,
)
from xiepai.grants.policies import program_of
from xiepai.grants.replaying import awards_together, decision_digest
from xiepai.grants.selectors import exclusions_of
from xiepai.grants.services.promising import promise
from xiepai.grants.states import AWARDED
from xiepai.kernel import audit, clock
from xiepai.kernel.errors import ErrorCode, XiepaiError, not_found
from xiepai.parties.access import Actor
from xiepai.parties.models import CREW_ROLES
from xiepai.parties.notices import members_in, tell
from xiepai.parties.rules import acting_person
from xiepai.productions.models import Work

LIVING = tuple(s for s in ApplicationState if s not in (ApplicationState.REJECTED, ApplicationState.WITHDRAWN))


def invite(*, actor: Actor, entitlement_id: int, message: str = "", path: str = "/") -> Invitation:
    """Tell a company what it is or may be owed."""
    access.require_officer(actor)
    with transaction.atomic():
        owed = _locked(actor, entitlement_id)
        invitation = Invitation.objects.create(
            entitlement=owed, message=message.strip(), sent_by_id=actor.person_id, sent_at=clock.now()
        )
        programme = owed.version.programme
        subject = _("您可能应得奖补：{programme}").format(programme=programme.name)
        people = members_in(owed.organisation_id, CREW_ROLES)
        body = message.strip() or subject
        tell(people, kind="grants", subject=subject, body=body, path=path, organisation_id=owed.organisation_id)
        after = {"entitlement": owed.pk, "measure": owed.measure, "message": invitation.message}
        audit.record(
            "grants.company.invited", programme, actor=actor, after=after, organisation_id=owed.organisation_id
        )
    return invitation


def prefill(
    *, actor: Actor, version_id: int, organisation_id: int, work_id: int | None = None, measures: list[str]
) -> Application:
    """A draft application with the facts that are known filled in; the one that is there already is that one."""
    access.require_company(actor, organisation_id)
    origin = ApplicationOrigin.PREFILLED if actor.is_officer else ApplicationOrigin.COMPANY
    with transaction.atomic():
        version = _version(version_id)
        subject = _subject(organisation_id, work_id)
        Programme.objects.select_for_update(no_key=True).get(pk=version.programme_id)  # two at once make one draft
        if known := _living(version.programme, subject, measures):
            return known
        application = _draft(actor, version, subject, measures, origin)
        audit.record("grants.application.prefilled", application, actor=actor)
    return application


def award_without_application(*, actor: Actor, entitlement_id: int) -> Application:
    """Award at once what a marked measure owes for proven facts, in one press; the decision bears the actor's name.

    Limits that companies or programmes share are applied over what was awarded before under the same version.
    """
    access.require_officer(actor)
    person_id = acting_person(actor)
    with transaction.atomic():
        owed = _locked(actor, entitlement_id)
        programme = Programme.objects.select_for_update(no_key=True).get(pk=owed.version.programme_id)
        subject = Subject(owed.organisation_id, owed.work_id)
        facts = known_facts(owed.version, subject)
        _require_owed(owed, facts)
        if _living(programme, subject, [owed.measure]):
            raise _not_owed(_("已有这一条目的申报"))
        origin = ApplicationOrigin.AUTOMATIC
        application = _draft(actor, owed.version, subject, [owed.measure], origin)
        _award(actor, application, person_id)
        audit.record("grants.application.awarded", application, actor=actor)
    return application


def next_number(programme: Programme) -> str:
    """The number of a new application: ``WUJIN-2025-GRANTS-000012``."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval(pg_get_serial_sequence('grants_application', 'id'))")
        return f"{programme.code.upper()[:20]}-{int(cursor.fetchone()[0]):06d}"


def _draft(actor: Actor, version: ProgrammeVersion, subject: Subject, measures: list[str], origin: str) -> Application:
    program = program_of(version, clock.today())
    unknown = set(measures) - {measure.name for measure in program.measures}
    if unknown or not measures:
        raise invalid(_("政策里没有“{name}”这一条目。"), name="、".join(sorted(unknown)))
    facts = known_facts(version, subject)
    number = next_number(version.programme)
    award = award_now(version, facts)
    now = clock.now()
    by_name = {each.measure.name: each.amount for each in award.measures}
    asked = sum(by_name[name].high // by_name[name].den for name in measures if by_name[name].kind == "money")
    application = Application(
        programme=version.programme, version=version, organisation_id=subject.organisation_id,
        work_id=subject.work_id, number=number, origin=origin, measures=measures, asked_fen=max(0, asked),
        facts=snapshot_of(facts, program, organisation_id=subject.organisation_id, number=number),
        draft={name: _field(fact, actor) for name, fact in facts.items() if fact.fact_id is None},
        explanation=award.to_json(), standing=version.programme.standing, created_by_id=actor.person_id,
        created_at=now, state_at=now,
    )  # fmt: skip
    application.save(force_insert=True)
    return application


def _field(fact: KnownFact, actor: Actor) -> dict[str, Any]:
    return {"value": fact.value, "by": actor.name, "at": clock.now().isoformat(), "source": fact.source}


def _award(actor: Actor, application: Application, person_id: int) -> None:
    """The amount under shared limits, and the decision with all it rests on."""
    today, version = clock.today(), application.version
    limited = _only(version, application.measures, application.facts)
    before = Application.objects.filter(version=version, state__in=AWARDED).exclude(pk=application.pk).order_by("id")
    cases = [_only(version, each.measures, each.facts) for each in before]
    fen, parts = awards_together(version, [*cases, limited], today)[-1]
    by_measure = {name: parts[name] for name in application.measures}
    if fen <= 0:
        raise _not_owed(_("受共同限额约束，已无可发放金额"))
    explanation = {"alone": application.explanation, "together": parts}
    digest = decision_digest(version, limited, by_measure, explanation, today)
    now = clock.now()
    decision = Decision.objects.create(
        application=application, number=f"{application.number}-D1", outcome=Outcome.APPROVED, awarded_fen=fen,
        by_measure=by_measure, version=version, evaluated_on=today, facts=limited, explanation=explanation,
        reason=_("免申即享"), sha256=digest, decided_by_id=person_id, decided_at=now,
    )  # fmt: skip
    application.state, application.awarded_fen, application.decision_hash = ApplicationState.APPROVED.value, fen, digest
    application.submitted_at = application.accepted_at = application.decided_at = application.state_at = now
    application.facts = limited
    application.save()
    audit.record("grants.decision.made", decision, actor=actor, organisation_id=application.organisation_id)
    promise(actor=actor, decision=decision)


def _only(version: ProgrammeVersion, measures: list[str], facts: dict[str, Any]) -> dict[str, Any]:
    """The facts the measures asked for read, and the keys; what else is known must not award other measures too."""
    program = program_of(version, clock.today())
    read = {name for each in program.measures if each.name in measures for name in each.facts}
    order = {spec.name for spec in program.facts if spec.kind == "key"} | {"accepted_at"}
    return {name: said for name, said in facts.items() if name in read | order}


def _require_owed(owed: Entitlement, facts: dict[str, KnownFact]) -> None:
    setting = MeasureSetting.objects.filter(programme=owed.version.programme_id, measure=owed.measure).first()
    if setting is None or not setting.awards_without_application or not owed.version.programme.is_local:
        raise _not_owed(_("这一条目须申报"))
    for exclusion in exclusions_of(owed.organisation_id):
        raise XiepaiError(
            ErrorCode.COMPANY_EXCLUDED,
            company=owed.organisation.name,
            since=exclusion.since,
            kind=exclusion.get_kind_display(),
            source=exclusion.source,
        )
    award = award_now(owed.version, facts)
    measure = next(each for each in award.measures if each.measure.name == owed.measure)
    claims = [facts[name].spec.zh for name in measure.measure.facts if name in facts and facts[name].is_claim]
    if claims:
        raise _not_owed(_("尚未核实：{facts}").format(facts="、".join(claims)))
    if not measure.amount.is_certain or owed.state != OwedState.OWED:
        missing = "、".join(award.program.by_name[name].zh for name in measure.missing)
        raise _not_owed(_("还缺：{facts}").format(facts=missing))
    if measure.amount.low <= 0:
        raise _not_owed(_("金额为零"))


def _not_owed(reason: str) -> XiepaiError:
    return XiepaiError(ErrorCode.NOT_OWED, reason=reason)


def _locked(actor: Actor, entitlement_id: int) -> Entitlement:
    rows = access.visible_entitlements(actor).select_for_update(of=("self",))
    owed = rows.select_related("version__programme", "organisation").filter(pk=entitlement_id).first()
    if owed is None:
        raise not_found()
    return owed


def _version(version_id: int) -> ProgrammeVersion:
    version = ProgrammeVersion.objects.select_related("programme").filter(pk=version_id).first()
    if version is None:
        raise not_found()
    return version


def _subject(organisation_id: int, work_id: int | None) -> Subject:
    if work_id is not None and not Work.objects.filter(pk=work_id, organisation=organisation_id).exists():
        raise not_found()
    return Subject(organisation_id, work_id)


def _living(programme: Programme, subject: Subject, measures: list[str]) -> Application | None:
    rows = Application.objects.filter(Q(measures__overlap=measures), programme=programme, state__in=LIVING)
    return rows.filter(Q(work_id=subject.work_id), organisation_id=subject.organisation_id).order_by("id").first()
