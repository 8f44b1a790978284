"""Wrapping scenes (销场): what was shot, skipped, cut or added, and what is left for the rest of the plan.

A scene wrapped twice on one day is one row with the latest result. A skipped or partly shot scene is open again for
the planner; the board itself is left alone, nothing is re-planned without being asked.
"""

from __future__ import annotations

from datetime import date

from django.db import transaction
from django.utils.translation import gettext as _

from xiepai.kernel import audit, clock
from xiepai.kernel.errors import ErrorCode, XiepaiError, not_found
from xiepai.parties.access import Actor
from xiepai.shoots import access
from xiepai.shoots.models import Plan, Scene, ShotState, Strip, Wrap, WrapResult

#: What a result makes of the scene.
_SHOT = {
    WrapResult.DONE: ShotState.DONE,
    WrapResult.ADDED: ShotState.DONE,
    WrapResult.PARTLY: ShotState.PARTLY,
    WrapResult.SKIPPED: ShotState.WAITING,
    WrapResult.DROPPED: ShotState.DROPPED,
}


def wrap_scene(
    *,
    actor: Actor,
    plan_id: int,
    scene_id: int,
    day: date,
    result: WrapResult,
    unit: int = 0,
    minutes: int | None = None,
    eighths_left: int = 0,
    note: str = "",
) -> Wrap:
    """Say how a scene ended on the day. Raises ``INVALID``; a partly shot scene must say what is left."""
    with transaction.atomic():
        plan = access.locked_plan(actor, plan_id)
        scene = Scene.objects.select_for_update(of=("self",)).filter(pk=scene_id, work=plan.work).first()
        if scene is None:
            raise not_found()
        _check(scene, result, minutes, eighths_left)
        wrap = Wrap.objects.filter(scene=scene, day=day, unit=unit).first() or Wrap(scene=scene, day=day, unit=unit)
        before = audit.snapshot(wrap) if wrap.pk else None
        wrap.plan, wrap.result, wrap.minutes = plan, result.value, minutes
        wrap.eighths_left = eighths_left if result == WrapResult.PARTLY else 0
        wrap.note, wrap.by_id, wrap.at = note.strip()[:200], actor.person_id, clock.now()
        wrap.save()
        scene.shot_state = _SHOT[result].value
        scene.save(update_fields=["shot_state"])
        audit.record(
            "shoots.scene.wrapped", wrap, actor=actor, before=before, organisation_id=plan.work.organisation_id
        )
    return wrap


def progress(plan: Plan) -> dict[str, int]:
    """Shot against planned: scenes and eighths of pages, done and in all (共计 N 场，x% 已完成)."""
    rows = Strip.objects.filter(plan=plan, scene__isnull=False).select_related("scene")
    left = dict(Wrap.objects.filter(plan=plan, result=WrapResult.PARTLY).values_list("scene_id", "eighths_left"))
    counts = {"scenes": 0, "scenes_done": 0, "eighths": 0, "eighths_done": 0}
    for strip in rows:
        scene = strip.scene
        if scene is None or scene.shot_state == ShotState.DROPPED:
            continue
        counts["scenes"] += 1
        counts["eighths"] += scene.eighths
        if scene.shot_state == ShotState.DONE:
            counts["scenes_done"] += 1
            counts["eighths_done"] += scene.eighths
        elif scene.shot_state == ShotState.PARTLY:
            counts["eighths_done"] += max(0, scene.eighths - left.get(scene.pk, scene.eighths))
    return counts


def _check(scene: Scene, result: WrapResult, minutes: int | None, eighths_left: int) -> None:
    if minutes is not None and not 0 <= minutes <= 24 * 60:
        raise XiepaiError(ErrorCode.INVALID, detail=_("用时须为 0 至 1440 分钟。"))
    if result == WrapResult.PARTLY and not 0 < eighths_left <= max(1, scene.eighths):
        raise XiepaiError(ErrorCode.INVALID, detail=_("部分完成须写明还剩多少页。"))
