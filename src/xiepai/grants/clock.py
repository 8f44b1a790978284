"""The clock of an application: promised working days, counted by the working calendar, kept as a ledger of events.

Each step with a term has a clock of its own. Replaying its events gives the same due time to the second at any later
time (``xiepai.worktime.terms``); a pause adds the time really suspended; silence decides only where the step says
so. The functions here are steps of services: the caller has locked the application and asked who may do it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.utils.translation import gettext as _

from xiepai.grants.errors import invalid
from xiepai.grants.models import Application, ApplicationEvent, ClockEvent, RefusalState, Silence, Step
from xiepai.kernel import audit
from xiepai.kernel import clock as present
from xiepai.parties.access import Actor
from xiepai.parties.working_days import calendar_of, known_years
from xiepai.worktime import terms
from xiepai.worktime.terms import What
from xiepai.worktime.workdays import Calendar

C = ClockEvent
#: What each row of the ledger is to the pure core; warnings and reports upward move nothing.
_WHAT = {
    C.STARTED: What.STARTED,
    C.PAUSED: What.PAUSED,
    C.RESUMED: What.RESUMED,
    C.EXTENDED: What.EXTENDED,
    C.DECIDED: What.ENDED,
    C.SILENT: What.ENDED,
}
_SILENCE = {
    Silence.NONE: terms.Silence.NOTHING,
    Silence.APPROVE: terms.Silence.CONSENT,
    Silence.REJECT: terms.Silence.REFUSAL,
}


def term_of(step: Step) -> terms.Term | None:
    """The promise of a step; None where it promises no time."""
    if step.term_working_days is None:
        return None
    silence = _SILENCE[Silence(step.silence)]
    return terms.Term(step.term_working_days, warn_days=step.warn_days, silence=silence)


def running_events(events: Iterable[ApplicationEvent]) -> list[ApplicationEvent]:
    """Of all events of an application, in order, those of the clock that started last."""
    rows = sorted(events, key=lambda row: row.pk)
    starts = [place for place, row in enumerate(rows) if row.kind == C.STARTED]
    return rows[starts[-1] :] if starts else []


def standing(
    application: Application,
    *,
    at: datetime | None = None,
    calendar: Calendar | None = None,
    events: Iterable[ApplicationEvent] | None = None,
) -> terms.Standing:
    """How the clock of an application stands; a missing year is the refusal ``MISSING_YEAR``."""
    rows = running_events(application.events.select_related("step") if events is None else events)
    step = rows[0].step if rows else None
    term = term_of(step) if step else None
    if term is None:
        return terms.Standing(terms.Status.WAITING)
    with known_years():
        return terms.standing(term, _ledger(rows), calendar or calendar_of(), at or present.now())


def _ledger(rows: Sequence[ApplicationEvent]) -> list[terms.Event]:
    return [
        terms.Event(_WHAT[C(row.kind)], row.at, row.reason, row.working_days or 0)
        for row in rows
        if C(row.kind) in _WHAT
    ]


def start(*, application: Application, step: Step, actor: Actor, at: datetime | None = None) -> None:
    """The file is complete, or the step is reached: the step's time runs from now. A step without a term has none."""
    _end_running(application, actor)
    if term_of(step) is None:
        set_due(application, None, actor, "grants.clock.started")
        return
    _add(application, C.STARTED, actor, step=step, at=at)
    set_due(application, standing(application).due, actor, "grants.clock.started")


def pause(*, application: Application, actor: Actor, reason: str) -> None:
    """A correction was asked for: the clock stands still, and there is no due time to show.

    Nothing happens without a clock, or where it stands still already.
    """
    if not _runs(application) or _stands_still(application):
        return
    _add(application, C.PAUSED, actor, reason=reason)
    # a pause after the time ran out moves nothing: the due time stays and is shown
    set_due(application, standing(application).due, actor, "grants.clock.paused")


def resume(*, application: Application, actor: Actor, reason: str = "") -> None:
    """The correction is there: the time really suspended is added. While a refusal is being heard it stands still."""
    if not _stands_still(application) or application.refusals.filter(state=RefusalState.OPEN).exists():
        return
    _add(application, C.RESUMED, actor, reason=reason)
    set_due(application, standing(application).due, actor, "grants.clock.resumed")


def extend(*, application: Application, actor: Actor, working_days: int, reason: str) -> None:
    """More time, with a reason, while the clock runs and is not over."""
    if working_days < 1 or working_days > 500:
        raise invalid(_("延长须为 1 到 500 个工作日。"))
    if not reason.strip():
        raise invalid(_("请写延长的理由。"))
    now = standing(application)
    if now.status not in (terms.Status.RUNNING, terms.Status.WARNED):
        raise invalid(_("时限没有在计，不能延长。"))
    _add(application, C.EXTENDED, actor, reason=reason.strip(), working_days=working_days)
    set_due(application, standing(application).due, actor, "grants.clock.extended")


def end(*, application: Application, actor: Actor, reason: str = "") -> None:
    """The step is done: its clock stops."""
    _end_running(application, actor, reason)
    set_due(application, None, actor, "grants.clock.ended")


def note(*, application: Application, kind: ClockEvent, actor: Actor, reason: str = "") -> None:
    """Write down that it was warned, reported upward or decided by silence."""
    _add(application, kind, actor, reason=reason)


def _end_running(application: Application, actor: Actor, reason: str = "") -> None:
    if _runs(application):
        _add(application, C.DECIDED, actor, reason=reason)


def _runs(application: Application) -> bool:
    kinds = [row.kind for row in running_events(application.events.all())]
    return bool(kinds) and not {C.DECIDED, C.SILENT} & set(kinds)


def _stands_still(application: Application) -> bool:
    moving = [row.kind for row in running_events(application.events.all()) if C(row.kind) in _WHAT]
    return bool(moving) and moving[-1] == C.PAUSED


def _add(
    application: Application,
    kind: ClockEvent,
    actor: Actor,
    *,
    step: Step | None = None,
    at: datetime | None = None,
    reason: str = "",
    working_days: int | None = None,
) -> None:
    rows = running_events(application.events.select_related("step"))
    ApplicationEvent.objects.create(
        application=application,
        step=step or (rows[0].step if rows else None),
        kind=kind,
        at=at or present.now(),
        reason=reason[:200],
        working_days=working_days,
        by_id=actor.person_id,
        created_at=present.now(),
    )


def set_due(application: Application, due: datetime | None, actor: Actor, event: str) -> None:
    """Write down when an application is due next."""
    before = audit.snapshot(application)
    application.due_at = due
    application.save(update_fields=["due_at"])
    audit.record(event, application, actor=actor, before=before)
