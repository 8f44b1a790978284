"""Time as a deed: the office extends a term; the sweep warns, reports upward and lets silence decide.

The sweep may run at any time and as often as it likes: what it has done stands in the ledger of events, and it
looks again under the row lock before it does anything.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext as _

from xiepai.grants import access, clock, flow
from xiepai.grants.models import Application, ClockEvent, Silence
from xiepai.grants.refreshing import refresh_facts
from xiepai.grants.services.moving import move_application
from xiepai.grants.services.refusing import refuse_by_silence
from xiepai.grants.services.reviewing import accept, enter
from xiepai.grants.services.scoring import remind_experts
from xiepai.grants.states import OPEN, ApplicationState
from xiepai.kernel import audit
from xiepai.kernel import clock as present
from xiepai.kernel.errors import XiepaiError
from xiepai.parties.access import Actor, require, system
from xiepai.parties.models import Membership, Person, Role
from xiepai.parties.notices import tell
from xiepai.parties.working_days import calendar_of
from xiepai.worktime.terms import Status
from xiepai.worktime.workdays import Calendar

C = ClockEvent
#: What the trail calls a step nobody took.
BY_ITSELF = "grants.clock.silent"
logger = logging.getLogger(__name__)


def extend_term(*, actor: Actor, application_id: int, working_days: int, reason: str) -> Application:
    """Give the present step of an application more working days."""
    require(actor, Role.OFFICER, Role.LEADER, Role.ADMINISTRATOR)
    with transaction.atomic():
        application = access.locked_application(actor, application_id)
        clock.extend(application=application, actor=actor, working_days=working_days, reason=reason)
    return application


@dataclass(slots=True)
class Swept:
    """What one sweep did."""

    warned: int = 0
    escalated: int = 0
    silent: int = 0
    uncounted: int = 0


#: What silence does to an application, by what the step says; the flow of review may put its own in place.
Decides = Callable[[Application, Actor], None]


def sweep(*, decide: dict[str, Decides] | None = None) -> Swept:
    """Warn, report upward, decide by silence: every application whose clock runs, each in its own transaction."""
    done, calendar, actor = Swept(), calendar_of(), system("clock")
    keys = list(
        Application.objects.filter(due_at__isnull=False, state__in=OPEN).order_by("due_at").values_list("pk", flat=True)
    )
    for key in keys:
        try:
            _look(key, calendar, actor, done, decide or BY_SILENCE)
        except XiepaiError as refusal:  # a year nobody has entered: the others must not wait for it
            logger.warning("application %s: %s", key, refusal)
            done.uncounted += 1
    return done


def _look(key: int, calendar: Calendar, actor: Actor, done: Swept, decide: dict[str, Decides]) -> None:
    with transaction.atomic():
        application = (
            Application.objects.select_for_update(of=("self",), no_key=True, skip_locked=True)
            .select_related("programme")
            .filter(pk=key, due_at__isnull=False, state__in=OPEN)
            .first()
        )
        if application is None:
            return
        rows = clock.running_events(application.events.select_related("step"))
        now = clock.standing(application, calendar=calendar, events=rows)
        since = max((row.pk for row in rows if row.kind in (C.STARTED, C.RESUMED, C.EXTENDED)), default=0)
        noted = {row.kind for row in rows if row.pk > since}
        step = rows[0].step if rows else None
        if step is not None and now.status is Status.SILENT and Silence(step.silence) != Silence.NONE:
            _silence(application, step.silence, actor, decide)
            done.silent += 1
        elif now.status is Status.ESCALATED and C.ESCALATED not in noted:
            _tell(application, C.ESCALATED, actor, [Role.LEADER, flow.roles_for(step)[0]])
            done.escalated += 1
        elif now.status in (Status.WARNED, Status.OVERDUE) and C.WARNED not in noted:
            _tell(application, C.WARNED, actor, [flow.roles_for(step)[0]])
            remind_experts(application)
            done.warned += 1


def _tell(application: Application, kind: ClockEvent, actor: Actor, roles: list[str]) -> None:
    clock.note(application=application, kind=kind, actor=actor)
    due = f"{present.local(application.due_at):%Y-%m-%d %H:%M}" if application.due_at else ""
    words = {
        C.WARNED: _("申报 %(number)s 将于 %(due)s 到期"),
        C.ESCALATED: _("申报 %(number)s 已于 %(due)s 逾期"),
    }[kind] % {"number": application.number, "due": due}
    event = {C.WARNED: "grants.clock.warned", C.ESCALATED: "grants.clock.escalated"}[kind]
    audit.record(event, application, actor=actor, after={"due_at": application.due_at})
    tell(
        _office_people(roles),
        kind="grants",
        subject=words,
        body=words,
        path=f"/office/grants/applications/{application.pk}/",
    )


def _office_people(roles: list[str]) -> list[Person]:
    rows = Membership.objects.filter(organisation__kind="office", role__in=roles, person__is_active=True)
    people = {row.person_id: row.person for row in rows.select_related("person")}
    return [people[key] for key in sorted(people)]


def _silence(application: Application, silence: str, actor: Actor, decide: dict[str, Decides]) -> None:
    """The promised time is over and the step says what that means."""
    clock.note(application=application, kind=C.SILENT, actor=actor, reason=str(Silence(silence).label))
    decide[silence](application, actor)


def _pass(application: Application, actor: Actor) -> None:
    """Silence consents: it counts as accepted, or goes on to the next step in use, else it waits for the decision."""
    following = flow.following(application)
    if application.state == ApplicationState.SUBMITTED:
        move_application(application, ApplicationState.IN_REVIEW, actor=actor, event=BY_ITSELF)
        accept(application, actor)
        enter(application, following, actor)
    else:
        refresh_facts(application, actor)
        enter(application, following, actor, event=BY_ITSELF)
    if following is None:
        clock.set_due(application, None, actor, "grants.clock.ended")


BY_SILENCE: dict[str, Decides] = {Silence.APPROVE: _pass, Silence.REJECT: refuse_by_silence}
