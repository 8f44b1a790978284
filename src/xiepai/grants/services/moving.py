"""The one place an application's state is moved: the step allowed, the row, its audit. The row is locked."""

from __future__ import annotations

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
