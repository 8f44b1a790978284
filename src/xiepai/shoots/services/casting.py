"""What all roles cost and when they may be there, set at once from a plan's settings.

Always: all changes or none, one audit row a changed role, and the plan reckoned anew. Never: a field nobody named.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import time
from typing import TypedDict

from django.db import transaction
from django.utils.translation import gettext as _

from xiepai.kernel import audit
from xiepai.kernel.errors import ErrorCode, XiepaiError, not_found
from xiepai.parties.access import Actor
from xiepai.shoots import access, reckoning
from xiepai.shoots.models import CastRole, PlanState
from xiepai.shoots.services.breakdown import check_terms


class Terms(TypedDict, total=False):
    """What of a role is set; what is not named stays."""

    daily_fee_fen: int
    is_minor: bool
    earliest: time | None
    latest: time | None


def set_terms(*, actor: Actor, plan_id: int, terms: Mapping[int, Terms]) -> list[CastRole]:
    """Set the terms of many roles (by id). Raises ``INVALID`` with the ``role_id`` it is about, ``NOT_FOUND``."""
    with transaction.atomic():
        plan = access.locked_plan(actor, plan_id)
        if plan.state == PlanState.ARCHIVED:
            raise XiepaiError(ErrorCode.INVALID, detail=_("已归档的计划不能再改；请复制一份。"))
        roles = list(CastRole.objects.select_for_update().filter(work=plan.work, pk__in=terms).order_by("pk"))
        if len(roles) < len(terms):
            raise not_found()
        owner, traces = plan.work.organisation_id, []
        for role in roles:
            before = audit.snapshot(role)
            _set(role, terms[role.pk])
            role.save(update_fields=["daily_fee_fen", "is_minor", "earliest", "latest"])
            traces.append(audit.Trace("shoots.role.edited", role, before, organisation_id=owner))
        audit.record_many(traces, actor=actor)
        reckoning.reckon(plan)
        plan.save(update_fields=["costs", "flags"])
    return roles


def _set(role: CastRole, given: Terms) -> None:
    for name, value in given.items():
        setattr(role, name, value)
    try:
        check_terms(daily_fee_fen=role.daily_fee_fen, earliest=role.earliest, latest=role.latest)
    except XiepaiError as refusal:
        raise XiepaiError(refusal.code, **refusal.data, role_id=role.pk) from refusal
