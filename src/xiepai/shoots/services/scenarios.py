"""Scenarios side by side: published for the crew to read, one of them active, the others put away.

Refused: a second active plan of one work; publishing a board nothing stands on. The plan that was active is archived by
the one that takes its place.
"""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext as _

from xiepai.kernel import audit, clock
from xiepai.kernel.errors import ErrorCode, XiepaiError
from xiepai.parties.access import Actor
from xiepai.shoots import access
from xiepai.shoots.models import Plan, PlanState


def publish(*, actor: Actor, plan_id: int) -> Plan:
    """Let the crew read the plan. Raises ``INVALID`` while nothing stands on it."""
    return _set(actor, plan_id, PlanState.PUBLISHED, (PlanState.DRAFT,))


def activate(*, actor: Actor, plan_id: int) -> Plan:
    """Shoot from this plan; the one shot from until now is archived."""
    return _set(actor, plan_id, PlanState.ACTIVE, (PlanState.DRAFT, PlanState.PUBLISHED))


def archive(*, actor: Actor, plan_id: int) -> Plan:
    """Put a plan away; it can be read and copied, not changed."""
    return _set(actor, plan_id, PlanState.ARCHIVED, (PlanState.DRAFT, PlanState.PUBLISHED, PlanState.ACTIVE))


def _set(actor: Actor, plan_id: int, state: PlanState, sources: tuple[PlanState, ...]) -> Plan:
    with transaction.atomic():
        plan = access.locked_plan(actor, plan_id)
        if plan.state not in sources:
            label = PlanState(plan.state).label
            raise XiepaiError(ErrorCode.INVALID, detail=_("计划现在是“{state}”。").format(state=label))
        if state != PlanState.ARCHIVED and not plan.strips.filter(plan_day__isnull=False).exists():
            raise XiepaiError(ErrorCode.INVALID, detail=_("还没有排上任何一场。"))
        if state == PlanState.ACTIVE:
            for other in Plan.objects.select_for_update().filter(work=plan.work, state=PlanState.ACTIVE):
                _write(other, PlanState.ARCHIVED, actor, plan.work.organisation_id)
        _write(plan, state, actor, plan.work.organisation_id)
    return plan


def _write(plan: Plan, state: PlanState, actor: Actor, owner: int) -> None:
    before = audit.snapshot(plan)
    plan.state = state.value
    if state != PlanState.ARCHIVED and plan.published_at is None:
        plan.published_at = clock.now()
    plan.save(update_fields=["state", "published_at"])
    event = f"shoots.plan.{state.value if state != PlanState.ACTIVE else 'activated'}"
    audit.record(event, plan, actor=actor, before=before, organisation_id=owner)
