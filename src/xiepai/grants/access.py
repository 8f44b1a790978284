"""Who sees and does what with grants: deny by default.

The office sees all of its city: officers run programmes, finance and leaders see all. An expert sees no application at
all, only what was assigned to him (``services.scoring.own_assignment``), and papers only where scoring is not blind.
A company's producers and schedulers see and write their own. Another company's row is *not found*.
"""

from __future__ import annotations

from django.db.models import Q, QuerySet

from xiepai.grants.models import (
    Application,
    AssignmentState,
    Entitlement,
    Evidence,
    Fact,
    Programme,
    ProgrammeState,
    Recusal,
    ReviewAssignment,
    Step,
    StepKind,
)
from xiepai.kernel.errors import ErrorCode, XiepaiError, not_found
from xiepai.parties.access import Actor, require
from xiepai.parties.models import CREW_ROLES, Role

#: Who runs programmes, checks facts and acts for the office.
OFFICERS = (Role.OFFICER, Role.ADMINISTRATOR)
#: Who sees every application of the city.
READERS = (*OFFICERS, Role.FINANCE, Role.LEADER)


def sees_all(actor: Actor) -> bool:
    """Whether the actor sees the whole city's grants."""
    return actor.holds(*READERS)


def visible_programmes(actor: Actor) -> QuerySet[Programme]:
    """Published and closed programmes are public; drafts are the office's."""
    if actor.is_office:
        return Programme.objects.all()
    return Programme.objects.exclude(state=ProgrammeState.DRAFT)


def visible_applications(actor: Actor) -> QuerySet[Application]:
    """The office's all, a company's own; nobody sees what he is recused from."""
    if sees_all(actor):
        return _without_recused(actor, Application.objects.all())
    own = actor.organisations(*CREW_ROLES)
    return _without_recused(actor, Application.objects.filter(organisation__in=own))


def _without_recused(actor: Actor, rows: QuerySet[Application]) -> QuerySet[Application]:
    """Who keeps out of an application, or of all of a company's, does not see it."""
    if actor.person_id is None:
        return rows
    recused = Recusal.objects.filter(person_id=actor.person_id).values_list("application_id", "organisation_id")
    pairs = list(recused)
    if not pairs:
        return rows
    applications = [one for one, _company in pairs if one is not None]
    companies = [company for _one, company in pairs if company is not None]
    return rows.exclude(pk__in=applications).exclude(organisation_id__in=companies)


def visible_entitlements(actor: Actor) -> QuerySet[Entitlement]:
    """What is or may be owed: the office's all, a company's own."""
    if sees_all(actor):
        return Entitlement.objects.all()
    return Entitlement.objects.filter(organisation__in=actor.organisations(*CREW_ROLES))


def visible_facts(actor: Actor) -> QuerySet[Fact]:
    """Stated facts: the office's all, a company's own and its works'."""
    if sees_all(actor):
        return Fact.objects.all()
    own = actor.organisations(*CREW_ROLES)
    return Fact.objects.filter(Q(organisation__in=own) | Q(work__organisation__in=own))


def visible_evidence(actor: Actor) -> QuerySet[Evidence]:
    """Evidence: the office's all, a company's own, an expert's share where the step's scoring is not blind."""
    if sees_all(actor):
        hidden = Recusal.objects.filter(person_id=actor.person_id or 0)
        rows = Evidence.objects.exclude(organisation__in=hidden.exclude(organisation=None).values("organisation_id"))
        kept_out = hidden.exclude(application=None).values("application_id")
        return rows.filter(Q(application=None) | ~Q(application__in=kept_out))
    seen = Q(organisation__in=actor.organisations(*CREW_ROLES))
    if actor.holds(Role.REVIEWER) and actor.person_id is not None:
        seen |= Q(application__in=_openly_assigned(actor))
    return Evidence.objects.filter(seen)


def _openly_assigned(actor: Actor) -> QuerySet[Application]:
    """What an expert scores under its name: the rule of the programme's step says that it is not blind."""
    states = (AssignmentState.ASSIGNED, AssignmentState.SCORED)
    mine = ReviewAssignment.objects.filter(reviewer_id=actor.person_id, state__in=states)
    open_steps = Step.objects.filter(kind=StepKind.EXPERT_REVIEW, review__is_blind=False)
    rows = Application.objects.filter(pk__in=mine.values("application"), programme__in=open_steps.values("programme"))
    return _without_recused(actor, rows)


def require_officer(actor: Actor) -> None:
    """Refuse who does not run programmes for the office."""
    require(actor, *OFFICERS)


def require_reader(actor: Actor) -> None:
    """Refuse who does not see the whole city's grants."""
    require(actor, *READERS)


def may_write_for(actor: Actor, organisation_id: int) -> bool:
    """Whether the actor writes applications and facts for that company (officers may for every company)."""
    return actor.is_officer or actor.holds(*CREW_ROLES, organisation_id=organisation_id)


def require_company(actor: Actor, organisation_id: int) -> None:
    """Refuse who does not write for that company; *not found* for who has nothing to do with it."""
    if may_write_for(actor, organisation_id):
        return
    if sees_all(actor) or organisation_id in actor.organisations():
        needed = "、".join(str(Role(role).label) for role in sorted(CREW_ROLES))
        raise XiepaiError(ErrorCode.FORBIDDEN, needed=needed)
    raise not_found()


def locked_programme(actor: Actor, programme_id: int) -> Programme:
    """The programme under row lock, for an officer's write."""
    programme = visible_programmes(actor).select_for_update(of=("self",)).filter(pk=programme_id).first()
    if programme is None:
        raise not_found()
    require_officer(actor)
    return programme


def locked_application(actor: Actor, application_id: int) -> Application:
    """The application under row lock; *not found* for who may not know of it. The caller checks the deed."""
    rows = visible_applications(actor).select_for_update(of=("self",), no_key=True)
    found = rows.select_related("programme", "version", "organisation", "work", "step").filter(pk=application_id)
    application = found.first()
    if application is None:
        raise not_found()
    return application
