"""The way of an application through the steps of its programme, as the office's rows say; plain questions, no writes.

Refused here: nothing; services ask and refuse. A step without a role belongs to the officers; an administrator may
stand in for every role. What two people saw of an application is compared by its ``stamp``.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import OuterRef, Q, QuerySet, Subquery

from xiepai.grants import access
from xiepai.grants.errors import wrong_state
from xiepai.grants.models import (
    Application,
    ApplicationEvent,
    ApplicationState,
    ClockEvent,
    IntendedRefusal,
    Programme,
    ProgrammeState,
    Recusal,
    RefusalState,
    Step,
    StepKind,
)
from xiepai.kernel.errors import ErrorCode, XiepaiError, not_found
from xiepai.parties.access import Actor, require
from xiepai.parties.models import Role

#: Where the office looks at an application, before anything is proposed.
REVIEW = (
    StepKind.FIRST_CHECK,
    StepKind.FORMAL_CHECK,
    StepKind.AUDIT,
    StepKind.EXPERT_REVIEW,
    StepKind.LEADING_GROUP,
)
#: Where a list of awards is made: the leading group's step, and where a programme has none, what comes after review.
LISTING = (StepKind.LEADING_GROUP, StepKind.PUBLIC_NOTICE, StepKind.DECISION)
#: Where an application waits for the office: each of these should promise a time.
WAITING = (StepKind.APPLICATION, *REVIEW, *LISTING)


def stamp(application: Application) -> str:
    """What somebody saw: state, step and since when. A deed on another stamp is refused as a conflict."""
    return f"{application.state}.{application.step_id or 0}.{int(application.state_at.timestamp() * 1000)}"


def active_steps(programme: Programme) -> QuerySet[Step]:
    """The steps in use, in order."""
    return programme.steps.filter(is_active=True).order_by("position", "id")


def first_review_step(programme: Programme) -> Step | None:
    """Where a submitted application begins."""
    return active_steps(programme).filter(kind__in=(*REVIEW, *LISTING)).first()


def acceptance_step(programme: Programme) -> Step | None:
    """Where a file stands from being handed in until it is accepted; its term is the term of acceptance."""
    return step_of_kind(programme, StepKind.APPLICATION)


def promises_acceptance(steps: Iterable[Step]) -> bool:
    """Whether one of a programme's steps promises a time to accept what is handed in."""
    return any(each.kind == StepKind.APPLICATION and each.is_active and each.term_working_days for each in steps)


def without_acceptance(programmes: Iterable[Programme]) -> list[Programme]:
    """Of this city's programmes that are open, those in which nothing is promised; their steps are prefetched."""
    return [
        each
        for each in programmes
        if each.is_local and each.state == ProgrammeState.PUBLISHED and not promises_acceptance(each.steps.all())
    ]


def unclocked(step: Step) -> QuerySet[Application]:
    """Applications that wait in a step with no clock running or standing still: nobody promised them a time."""
    here = Q(step=step)
    if step.kind == StepKind.APPLICATION:
        here |= Q(step=None, state=ApplicationState.SUBMITTED)
    rows = Application.objects.filter(here, programme=step.programme_id, due_at=None)
    last = ApplicationEvent.objects.filter(application=OuterRef("pk")).order_by("-id").values("kind")[:1]
    over = (ClockEvent.DECIDED, ClockEvent.SILENT)
    rows = rows.filter(state__in=(ApplicationState.SUBMITTED, ApplicationState.IN_REVIEW)).annotate(last=Subquery(last))
    return rows.filter(Q(last=None) | Q(last__in=over)).order_by("pk")


def following(application: Application) -> Step | None:
    """The step after the present one, of those an application stands in."""
    if application.step is None:
        return first_review_step(application.programme)
    after = active_steps(application.programme).filter(position__gt=application.step.position)
    return after.filter(kind__in=(*REVIEW, *LISTING)).first()


def step_of_kind(programme: Programme, kind: str) -> Step | None:
    """The step of a kind, where the programme uses it."""
    return active_steps(programme).filter(kind=kind).first()


def roles_for(step: Step | None) -> tuple[str, ...]:
    """Who may act in a step."""
    role = step.role if step and step.role and step.role != Role.REVIEWER else Role.OFFICER
    return (role, Role.ADMINISTRATOR)


def require_role(actor: Actor, step: Step | None) -> None:
    """Refuse whom the step does not name."""
    require(actor, *roles_for(step))


def is_recused(actor: Actor, application: Application) -> bool:
    """Whether the actor keeps out of this application or of all of its company's."""
    if actor.person_id is None:
        return False
    mine = Recusal.objects.filter(person_id=actor.person_id)
    own = mine.filter(application=application) | mine.filter(organisation_id=application.organisation_id)
    return own.exists()


def locked(actor: Actor, application_id: int) -> Application:
    """The application under row lock, for a deed of the office; who is recused does not find it."""
    access.require_reader(actor)
    application = access.locked_application(actor, application_id)
    if is_recused(actor, application):
        raise not_found()
    return application


def require_seen(application: Application, seen: str) -> None:
    """Refuse a deed on what somebody else has moved meanwhile."""
    if seen and seen != stamp(application):
        raise XiepaiError(ErrorCode.CONFLICT)


def is_heard(application: Application) -> bool:
    """Whether a refusal was announced and the company is being heard on it: nothing moves meanwhile."""
    return IntendedRefusal.objects.filter(application=application, state=RefusalState.OPEN).exists()


def require_state(application: Application, *states: ApplicationState, action: str) -> None:
    """Refuse a deed in another state."""
    if application.state not in states:
        raise wrong_state(application.number, application.state, action)
