"""Who sees and writes shooting plans: whoever sees the work sees them, whoever writes for its crew writes them.

Refused: telling a stranger that a work has a plan (*not found*). A service locks the work first, then its plan.
"""

from __future__ import annotations

from django.db.models import QuerySet

from xiepai.kernel.errors import not_found
from xiepai.parties.access import Actor
from xiepai.productions.access import locked_work, visible_works
from xiepai.productions.models import Work
from xiepai.shoots.models import CallSheet, Plan, Scene, Script


def visible_scripts(actor: Actor) -> QuerySet[Script]:
    """The scripts of the works an actor may know of."""
    return Script.objects.filter(work__in=visible_works(actor))


def visible_scenes(actor: Actor) -> QuerySet[Scene]:
    """The scenes of those works."""
    return Scene.objects.filter(work__in=visible_works(actor))


def visible_plans(actor: Actor) -> QuerySet[Plan]:
    """The plans of those works."""
    return Plan.objects.filter(work__in=visible_works(actor))


def visible_sheets(actor: Actor) -> QuerySet[CallSheet]:
    """The call sheets of those works."""
    return CallSheet.objects.filter(work__in=visible_works(actor))


def locked_script(actor: Actor, script_id: int) -> Script:
    """The script under row lock, its work locked first; writers of the work only."""
    work = _work_of(actor, visible_scripts(actor).filter(pk=script_id))
    script = Script.objects.select_for_update(of=("self",)).get(pk=script_id)
    script.work = work
    return script


def locked_plan(actor: Actor, plan_id: int) -> Plan:
    """The plan under row lock, its work locked first; writers of the work only."""
    work = _work_of(actor, visible_plans(actor).filter(pk=plan_id))
    plan = Plan.objects.select_for_update(of=("self",)).get(pk=plan_id)
    plan.work = work
    return plan


def locked_sheet(actor: Actor, sheet_id: int) -> CallSheet:
    """The call sheet under row lock, its work locked first; writers of the work only."""
    work = _work_of(actor, visible_sheets(actor).filter(pk=sheet_id))
    sheet = CallSheet.objects.select_for_update(of=("self",)).get(pk=sheet_id)
    sheet.work = work
    return sheet


def _work_of(actor: Actor, found: QuerySet[Script] | QuerySet[Plan] | QuerySet[CallSheet]) -> Work:
    work_id = found.values_list("work_id", flat=True).first()
    if work_id is None:
        raise not_found()
    return locked_work(actor, work_id)
