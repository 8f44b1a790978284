"""Stripboards: made, arranged by hand, undone.

Every change names the revision it saw; a board somebody changed meanwhile refuses (``CONFLICT``) and shows itself anew.
Locked days and strips refuse to be moved. A change keeps what was before it, so that it can be undone, and undone
changes can be done again until the next new one.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, time, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from xiepai.kernel import audit, clock
from xiepai.kernel.errors import ErrorCode, XiepaiError, not_found
from xiepai.parties.access import Actor
from xiepai.productions.access import locked_work
from xiepai.shoots import access, reckoning, strip_rows
from xiepai.shoots.models import Plan, PlanChange, PlanDay, PlanState, Scene, ShotState, Strip, StripKind
from xiepai.shoots.services import layouts
from xiepai.shoots.setting_up import setting

MOST_DAYS = 120
MOST_UNITS = 4
KEPT_CHANGES = 200


def create_plan(
    *,
    actor: Actor,
    work_id: int,
    name: str,
    first_day: date,
    last_day: date,
    unit_names: Sequence[str] = ("A组",),
) -> Plan:
    """A new scenario: every scene still to shoot lies in the boneyard. Raises ``INVALID``."""
    days = _days(first_day, last_day)
    if not 1 <= len(unit_names) <= MOST_UNITS:
        raise XiepaiError(ErrorCode.INVALID, detail=_("组别须为 1 至 {most} 个。").format(most=MOST_UNITS))
    with transaction.atomic():
        work = locked_work(actor, work_id)
        plan = Plan.objects.create(
            work=work,
            name=name.strip()[:60] or _("计划"),
            first_day=first_day,
            last_day=last_day,
            unit_names=list(unit_names),
            created_by_id=actor.person_id,
        )
        PlanDay.objects.bulk_create(
            PlanDay(plan=plan, day=day, unit=unit) for day in days for unit in range(len(unit_names))
        )
        _add_scenes(plan)
        reckoning.reckon(plan)
        plan.save(update_fields=["costs", "flags"])
        audit.record("shoots.plan.created", plan, actor=actor, organisation_id=work.organisation_id)
    return plan


def copy_plan(*, actor: Actor, plan_id: int, name: str = "") -> Plan:
    """The same board as a further draft, to try something else on."""
    with transaction.atomic():
        source = access.locked_plan(actor, plan_id)
        plan = Plan.objects.create(
            work=source.work,
            name=(name.strip() or _("{name} 副本").format(name=source.name))[:60],
            first_day=source.first_day,
            last_day=source.last_day,
            unit_names=source.unit_names,
            settings=source.settings,
            created_by_id=actor.person_id,
        )
        days = {}
        for each in source.days.all():
            days[each.pk] = each
            each.pk, each.plan, each._state.adding = None, plan, True
        PlanDay.objects.bulk_create(days.values())
        strips = list(source.strips.all())
        for strip in strips:
            strip.pk, strip.plan = None, plan
            strip.plan_day = days[strip.plan_day_id] if strip.plan_day_id else None
        Strip.objects.bulk_create(strips)
        reckoning.reckon(plan)
        plan.save(update_fields=["costs", "flags"])
        audit.record("shoots.plan.copied", plan, actor=actor, organisation_id=source.work.organisation_id)
    return plan


def move_strips(
    *,
    actor: Actor,
    plan_id: int,
    revision: int,
    strip_ids: Sequence[int],
    plan_day_id: int | None,
    before_id: int | None = None,
) -> Plan:
    """Put strips, in the order given, onto a day (None: the boneyard), before another strip or at the end."""
    what = _("移动 {n} 场").format(n=len(strip_ids))
    with changing(actor, plan_id, revision, what) as plan:
        moved = _strips(plan, strip_ids)
        target = _day(plan, plan_day_id)
        sources = {strip.plan_day_id for strip in moved}
        _refuse_locked(plan, moved, {*sources, plan_day_id})
        _insert(plan, moved, target, before_id)
        for day_id in sources - {plan_day_id}:
            _renumber(plan, day_id)
    return plan


def set_locked(
    *,
    actor: Actor,
    plan_id: int,
    revision: int,
    is_locked: bool,
    strip_ids: Collection[int] = (),
    plan_day_ids: Collection[int] = (),
) -> Plan:
    """Lock or unlock strips and whole days: the planner and the mouse leave locked ones where they are."""
    what = _("锁定") if is_locked else _("解锁")
    with changing(actor, plan_id, revision, what) as plan:
        Strip.objects.filter(plan=plan, pk__in=strip_ids).update(is_locked=is_locked)
        PlanDay.objects.filter(plan=plan, pk__in=plan_day_ids).update(is_locked=is_locked)
    return plan


def add_banner(
    *, actor: Actor, plan_id: int, revision: int, plan_day_id: int, text: str, is_meal: bool = False
) -> Plan:
    """A line between the strips of a day: a move, a meal, a reminder."""
    with changing(actor, plan_id, revision, _("加横幅")) as plan:
        day = _day(plan, plan_day_id)
        _refuse_locked(plan, [], {plan_day_id})
        kind = StripKind.MEAL if is_meal else StripKind.BANNER
        words = text.strip()[:120] or str(kind.label)
        end = Strip.objects.filter(plan=plan, plan_day=day).count()
        Strip.objects.create(plan=plan, kind=kind, text=words, plan_day=day, position=end)
    return plan


def remove_banner(*, actor: Actor, plan_id: int, revision: int, strip_id: int) -> Plan:
    """Take a banner or meal off; a scene goes to the boneyard instead (``move_strips``)."""
    with changing(actor, plan_id, revision, _("去横幅")) as plan:
        strip = _strips(plan, [strip_id])[0]
        if strip.kind == StripKind.SCENE:
            raise XiepaiError(ErrorCode.INVALID, detail=_("场次不能删去，只能移到待排区。"))
        _refuse_locked(plan, [strip], {strip.plan_day_id})
        strip.delete()
        _renumber(plan, strip.plan_day_id)
    return plan


def edit_day(*, actor: Actor, plan_id: int, revision: int, plan_day_id: int, call_at: time | None, banner: str) -> Plan:
    """When a day is called, and the line over it."""
    with changing(actor, plan_id, revision, _("改拍摄日")) as plan:
        day = _day(plan, plan_day_id)
        if day is None:
            raise not_found()
        _refuse_locked(plan, [], {plan_day_id})
        day.call_at, day.banner = call_at, banner.strip()[:120]
        day.save(update_fields=["call_at", "banner"])
    return plan


def edit_settings(*, actor: Actor, plan_id: int, revision: int, settings: dict[str, Any]) -> Plan:
    """Weights, hours, wishes: what the reckoning and the planner go by."""
    with changing(actor, plan_id, revision, _("改设定")) as plan:
        plan.settings = {**plan.settings, **settings}
    return plan


@dataclass(frozen=True, slots=True)
class Spot:
    """Where the planner puts a scene: its day and unit, its order there, its place, when it begins."""

    scene_id: int
    day: date
    unit: int
    position: int
    place_id: int | None = None
    start: int | None = None


def apply_spots(
    *,
    actor: Actor,
    plan_id: int,
    revision: int,
    spots: Sequence[Spot],
    what: str,
    calls: Mapping[tuple[date, int], time] | None = None,
) -> Plan:
    """Lay an arrangement over the board: every named scene to its spot, the others to the boneyard; meals stay.

    *calls* says when a unit's day begins. Meals and banners go between the scenes by their former hours.

    Locked strips keep their day; a unit's locked days keep their strips, order and minutes. An arrangement that takes a
    strip off, or puts one onto, a locked day is refused.
    """
    with changing(actor, plan_id, revision, what) as plan:
        days = {(each.day, each.unit): each for each in plan.days.all()}
        wanted = {spot.scene_id: spot for spot in spots}
        strips = list(Strip.objects.filter(plan=plan, kind=StripKind.SCENE).order_by("position", "pk"))
        by_pk = {each.pk: each for each in days.values()}
        for strip in strips:
            spot = wanted.get(strip.scene_id or 0)
            day = days.get((spot.day, spot.unit)) if spot else None
            before = by_pk.get(strip.plan_day_id or 0)
            if before is not day and (strip.is_locked or any(each and each.is_locked for each in (before, day))):
                raise XiepaiError(ErrorCode.INVALID, detail=_("已锁定，先解锁再移动。"))
            if before is day and day is not None and day.is_locked:
                continue  # order, place and minutes as they stand
            strip.plan_day = day
            strip.position = spot.position if spot else strip.position
            strip.place_id = spot.place_id if spot else strip.place_id
            strip.not_before = spot.start if spot else None
        strip_rows.write(strips, ("plan_day_id", "position", "place_id", "not_before"))
        _call_days(plan, days, calls or {})
        _seat_meals(plan, days, spots)
    return plan


def refresh_scenes(*, actor: Actor, plan_id: int, revision: int) -> Plan:
    """Follow the breakdown: new scenes join the boneyard, scenes that left the script leave the board."""
    with changing(actor, plan_id, revision, _("跟随场景表")) as plan:
        Strip.objects.filter(plan=plan, scene__is_removed=True).delete()
        Strip.objects.filter(plan=plan, scene__shot_state=ShotState.DROPPED).delete()
        _add_scenes(plan)
    return plan


def undo(*, actor: Actor, plan_id: int, revision: int) -> Plan:
    """Take the last change back. Refused (``INVALID``) when there is none."""
    return _swap(actor, plan_id, revision, undone=False)


def redo(*, actor: Actor, plan_id: int, revision: int) -> Plan:
    """Do again what was undone last."""
    return _swap(actor, plan_id, revision, undone=True)


@contextmanager
def changing(actor: Actor, plan_id: int, revision: int, what: str) -> Iterator[Plan]:
    """One undoable change: the plan locked, its revision compared, hours laid out anew, the step kept and audited."""
    with transaction.atomic():
        plan = editable(actor, plan_id, revision)
        before = layouts.take(plan)
        PlanChange.objects.filter(plan=plan, is_undone=True).delete()
        yield plan
        _settle(plan, actor, "shoots.plan.changed")
        PlanChange.objects.create(
            plan=plan, revision=plan.revision, what=what[:120], before=before, by_id=actor.person_id
        )
        PlanChange.objects.filter(plan=plan, revision__lte=plan.revision - KEPT_CHANGES).delete()


def _swap(actor: Actor, plan_id: int, revision: int, *, undone: bool) -> Plan:
    with transaction.atomic():
        plan = editable(actor, plan_id, revision)
        order = "revision" if undone else "-revision"
        change = PlanChange.objects.filter(plan=plan, is_undone=undone).order_by(order).first()
        if change is None:
            raise XiepaiError(
                ErrorCode.INVALID, detail=_("没有可以重做的改动。") if undone else _("没有可以撤销的改动。")
            )
        now = layouts.take(plan)
        layouts.lay(plan, change.before)
        change.before, change.is_undone = now, not undone
        change.save(update_fields=["before", "is_undone"])
        _settle(plan, actor, "shoots.plan.redone" if undone else "shoots.plan.undone")
    return plan


def _settle(plan: Plan, actor: Actor, event: str) -> None:
    was = plan.revision
    reckoning.reckon(plan)
    plan.revision = was + 1
    plan.save()
    owner = plan.work.organisation_id
    audit.record(event, plan, actor=actor, before={"revision": was}, after={"revision": was + 1}, organisation_id=owner)


def _call_days(plan: Plan, days: Mapping[tuple[date, int], PlanDay], calls: Mapping[tuple[date, int], time]) -> None:
    for key, day in days.items():
        if key in calls and not day.is_locked:
            day.call_at = calls[key]
    PlanDay.objects.bulk_update(days.values(), ["call_at"])


def _seat_meals(plan: Plan, days: Mapping[tuple[date, int], PlanDay], spots: Sequence[Spot]) -> None:
    """Put a day's meals and banners before the first scene that begins after they did."""
    starts = {spot.scene_id: spot.start for spot in spots if spot.start is not None}
    places = {spot.scene_id: spot.place_id for spot in spots}
    way = int(setting(plan.settings, "site_minutes")) + int(setting(plan.settings, "setup_minutes"))
    others = Strip.objects.filter(plan=plan, plan_day__isnull=False).exclude(kind=StripKind.SCENE)
    moving = list(others.order_by("starts_at", "pk"))
    meal_minutes = int(setting(plan.settings, "meal_minutes"))
    for day in {strip.plan_day_id: strip.plan_day for strip in moving}.values():
        if day is None or day.is_locked:
            continue
        line = [strip for strip in _in_order(plan, day.pk) if strip.kind == StripKind.SCENE]
        for meal in (strip for strip in moving if strip.plan_day_id == day.pk):
            was = clock.local(meal.starts_at) if meal.starts_at else None
            minute = (was.hour * 60 + was.minute) if was else 0
            if meal.kind == StripKind.MEAL:  # noon, then the evening, unless it stood later
                minute = max(minute, 720 + 360 * sum(each.kind == StripKind.MEAL for each in line))
            later = (n for n, each in enumerate(line) if (starts.get(each.scene_id or 0) or 0) >= minute)
            at = next(later, len(line))
            if meal.kind == StripKind.MEAL:  # noon is waited for, as long as the next scene is not kept waiting
                until = starts.get(line[at].scene_id or 0) if at < len(line) else None
                around = {places.get(each.scene_id or 0) for each in line[max(0, at - 1) : at + 1]}
                busy = meal_minutes + (way if at and (len(around) > 1 or None in around) else 0)
                meal.not_before = None if until is None else min(minute, max(0, until - busy))
            line.insert(at, meal)
        _number(line)


def editable(actor: Actor, plan_id: int, revision: int) -> Plan:
    """The plan under lock, at the revision its reader saw. Raises ``INVALID`` (archived), ``CONFLICT``."""
    plan = access.locked_plan(actor, plan_id)
    if plan.state == PlanState.ARCHIVED:
        raise XiepaiError(ErrorCode.INVALID, detail=_("已归档的计划不能再改；请复制一份。"))
    if plan.revision != revision:
        raise XiepaiError(ErrorCode.CONFLICT)
    return plan


def _add_scenes(plan: Plan) -> None:
    open_scenes = Scene.objects.filter(
        work=plan.work, is_removed=False, shot_state__in=(ShotState.WAITING, ShotState.PARTLY)
    )
    known = Strip.objects.filter(plan=plan, scene__isnull=False).values("scene_id")
    fresh = open_scenes.exclude(pk__in=known).order_by("position", "pk")
    Strip.objects.bulk_create(Strip(plan=plan, scene=scene, position=n) for n, scene in enumerate(fresh))


def _days(first: date, last: date) -> list[date]:
    count = (last - first).days + 1
    if not 1 <= count <= MOST_DAYS:
        raise XiepaiError(ErrorCode.INVALID, detail=_("拍摄日须为 1 至 {most} 天。").format(most=MOST_DAYS))
    return [first + timedelta(days=n) for n in range(count)]


def _strips(plan: Plan, strip_ids: Sequence[int]) -> list[Strip]:
    found = Strip.objects.filter(plan=plan).in_bulk(list(strip_ids))
    if len(found) < len(set(strip_ids)) or not strip_ids:
        raise not_found()
    return [found[pk] for pk in dict.fromkeys(strip_ids)]


def _day(plan: Plan, plan_day_id: int | None) -> PlanDay | None:
    if plan_day_id is None:
        return None
    day = PlanDay.objects.filter(plan=plan, pk=plan_day_id).first()
    if day is None:
        raise not_found()
    return day


def _refuse_locked(plan: Plan, strips: Sequence[Strip], day_ids: Collection[int | None]) -> None:
    locked = PlanDay.objects.filter(plan=plan, pk__in=[pk for pk in day_ids if pk], is_locked=True).exists()
    if locked or any(strip.is_locked for strip in strips):
        raise XiepaiError(ErrorCode.INVALID, detail=_("已锁定，先解锁再移动。"))


def _insert(plan: Plan, moved: list[Strip], target: PlanDay | None, before_id: int | None) -> None:
    ids = {strip.pk for strip in moved}
    others = [each for each in _in_order(plan, target.pk if target else None) if each.pk not in ids]
    at = next((n for n, each in enumerate(others) if each.pk == before_id), len(others))
    for strip in moved:
        strip.plan_day, strip.not_before = target, None
    _number([*others[:at], *moved, *others[at:]])


def _renumber(plan: Plan, day_id: int | None) -> None:
    _number(_in_order(plan, day_id))


def _in_order(plan: Plan, day_id: int | None) -> list[Strip]:
    return list(Strip.objects.filter(plan=plan, plan_day_id=day_id).order_by("position", "pk"))


def _number(strips: list[Strip]) -> None:
    for n, strip in enumerate(strips):
        strip.position = n
    strip_rows.write(strips, ("position", "plan_day_id", "not_before"))
