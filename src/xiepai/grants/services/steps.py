"""The steps of a programme: the usual chain to begin with, each edited as data.

Terms are the office's to set; the usual ones are assumptions and say so.
"""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from xiepai.grants import access, clock, flow
from xiepai.grants.errors import invalid
from xiepai.grants.models import Programme, Silence, Step, StepKind
from xiepai.kernel import audit
from xiepai.kernel.errors import not_found
from xiepai.parties.access import Actor
from xiepai.parties.models import OFFICE_ROLES, Role

ASSUMED = "时限为假设，由协拍办核定"
#: kind, role, term in working days, whether it may be skipped
USUAL: tuple[tuple[str, str, int | None, bool], ...] = (
    (StepKind.NOTICE, Role.OFFICER, None, True),
    (StepKind.APPLICATION, "", 5, False),
    (StepKind.FIRST_CHECK, Role.OFFICER, 10, False),
    (StepKind.FORMAL_CHECK, Role.FINANCE, 10, False),
    (StepKind.AUDIT, Role.FINANCE, 20, True),
    (StepKind.EXPERT_REVIEW, Role.REVIEWER, 15, True),
    (StepKind.LEADING_GROUP, Role.LEADER, 10, False),
    (StepKind.PUBLIC_NOTICE, Role.OFFICER, 5, False),
    (StepKind.DECISION, Role.LEADER, 5, False),
    (StepKind.PAYMENT, Role.FINANCE, 20, False),
    (StepKind.PERFORMANCE_CHECK, Role.OFFICER, None, True),
    (StepKind.RECOVERY, Role.FINANCE, None, True),
)
FIELDS = (
    "position",
    "role",
    "term_working_days",
    "warn_days",
    "silence",
    "is_skippable",
    "is_active",
    "note",
    "review",
)


def add_missing_steps(*, actor: Actor, programme_id: int) -> int:
    """Give a programme the usual steps it lacks; returns how many."""
    with transaction.atomic():
        programme = access.locked_programme(actor, programme_id)
        there = set(programme.steps.values_list("kind", flat=True))
        added = 0
        for place, (kind, role, term, skippable) in enumerate(USUAL, 1):
            if kind not in there:
                _add(actor, programme, 10 * place, kind, role, term, skippable)
                added += 1
    return added


def _add(
    actor: Actor, programme: Programme, position: int, kind: str, role: str, term: int | None, skippable: bool
) -> None:
    step = Step.objects.create(
        programme=programme, position=position, kind=kind, role=role, term_working_days=term,
        is_skippable=skippable, note=ASSUMED if term else "",
    )  # fmt: skip
    audit.record("grants.step.added", step, actor=actor)


def update_step(*, actor: Actor, step_id: int, **fields: Any) -> Step:
    """Change who acts, in how many working days, and what silence means: ``FIELDS``; what is not named stays.

    A step that promised no time and now does begins the clocks of those that wait in it.
    """
    if unknown := fields.keys() - set(FIELDS):
        raise TypeError(f"no fields of a step: {sorted(unknown)}")
    with transaction.atomic():
        step = Step.objects.filter(pk=step_id).select_related("programme").first()
        if step is None:
            raise not_found()
        access.locked_programme(actor, step.programme_id)
        before = audit.snapshot(step)
        for name, value in fields.items():
            setattr(step, name, value)
        _check(step)
        step.save()
        audit.record("grants.step.changed", step, actor=actor, before=before)
        if step.term_working_days and not (before["is_active"] and before["term_working_days"]):
            _start_waiting(step, actor)
    return step


def _start_waiting(step: Step, actor: Actor) -> None:
    """A time is promised where none was: for what waits there already it runs from now."""
    if not step.is_active:
        return
    for row in flow.unclocked(step).select_for_update(of=("self",), no_key=True).select_related("programme", "step"):
        if flow.is_heard(row):
            continue
        if row.step is None:
            before = audit.snapshot(row)
            row.step = step
            row.save(update_fields=["step"])
            audit.record("grants.application.step_entered", row, actor=actor, before=before)
        clock.start(application=row, step=step, actor=actor)


def _check(step: Step) -> None:
    if step.role and step.role not in OFFICE_ROLES:
        raise invalid(_("经办角色须是协拍办的角色。"))
    if step.silence not in Silence.values:
        raise invalid(_("逾期未办的处理方式不对。"))
    if step.term_working_days is not None and not 1 <= step.term_working_days <= 500:
        raise invalid(_("时限须在 1 与 500 个工作日之间。"))
    if step.silence != Silence.NONE and step.term_working_days is None:
        raise invalid(_("没有时限的环节不能以逾期作决定。"))
    if step.warn_days < 0 or (step.term_working_days and step.warn_days >= step.term_working_days):
        raise invalid(_("提前提醒须少于时限。"))
