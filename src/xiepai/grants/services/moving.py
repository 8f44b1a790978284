"""The one place an application's state is moved: the step allowed, the row, its audit. The rows are locked.

Refused: a state that does not follow; of many nothing is moved where one may not.
"""

from __future__ import annotations

from collections.abc import Sequence

from xiepai.grants.errors import require_follow
from xiepai.grants.models import Application
from xiepai.grants.states import ApplicationState
from xiepai.kernel import audit, clock
from xiepai.parties.access import Actor


def move_application(application: Application, state: ApplicationState, *, actor: Actor, event: str) -> None:
    """Take one step and write it."""
    require_follow(application.number, application.state, state)
    before = audit.snapshot(application)
    application.state, application.state_at = state.value, clock.now()
    application.save(update_fields=["state", "state_at"])
    audit.record(event, application, actor=actor, before=before)


def move_applications(rows: Sequence[Application], state: ApplicationState, *, actor: Actor, event: str) -> None:
    """Take the same step with many, in as many queries as with one; each has its own line in the trail."""
    before = []
    for row in rows:
        require_follow(row.number, row.state, state)
        before.append(audit.snapshot(row))
    now = clock.now()
    for row in rows:
        row.state, row.state_at = state.value, now
    Application.objects.filter(pk__in=[row.pk for row in rows]).update(state=state.value, state_at=now)
    traces = (audit.Trace(event, row, before=old) for row, old in zip(rows, before, strict=True))
    audit.record_many(traces, actor=actor)
