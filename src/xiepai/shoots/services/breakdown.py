"""The breakdown by hand: scenes, roles and places of a work edited; real places put forward for story places.

Always: a field set by a person is named in ``Scene.edited`` and survives the next draft. Never: a role or a place
merged away while something still points at it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date, time, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from xiepai.kernel import audit
from xiepai.kernel.errors import ErrorCode, XiepaiError, not_found
from xiepai.parties.access import Actor
from xiepai.places.models import Place
from xiepai.places.selectors import visible_places
from xiepai.productions.access import locked_work, visible_works
from xiepai.shoots.models import (
    Candidate,
    CastRole,
    ElementKind,
    InsideOutside,
    RoleKind,
    Scene,
    SceneElement,
    StoryPlace,
    TimeOfDay,
)

_LIMITS = {"minutes": 24 * 60, "eighths": 800, "crowd": 5000}
_CHOICES: dict[str, Collection[str]] = {"time_of_day": TimeOfDay.values, "inside_outside": InsideOutside.values}
MOST_CANDIDATES = 12
MOST_FREE_DAYS = 366
MOST_FEE_FEN = 100_000_000_00


def edit_scenes(
    *,
    actor: Actor,
    work_id: int,
    scene_ids: Collection[int],
    fields: Mapping[str, Any],
    role_ids: Collection[int] | None = None,
) -> list[Scene]:
    """Set fields (and, if given, the roles) of one or many scenes. Raises ``INVALID``, ``NOT_FOUND``."""
    values = {name: _scene_value(name, value) for name, value in fields.items()}
    with transaction.atomic():
        work = locked_work(actor, work_id)
        scenes = list(Scene.objects.select_for_update().filter(work=work, pk__in=scene_ids))
        if len(scenes) < len(set(scene_ids)) or not scenes:
            raise not_found()
        if (
            values.get("story_place_id")
            and not StoryPlace.objects.filter(work=work, pk=values["story_place_id"]).exists()
        ):
            raise not_found()
        roles = None if role_ids is None else _roles(work_id, role_ids)
        traces = []
        for scene in scenes:
            before = audit.snapshot(scene)
            for name, value in values.items():
                setattr(scene, name, value)
            named = {name.removesuffix("_id") for name in values} | ({"roles"} if roles is not None else set())
            scene.edited = sorted({*scene.edited, *named})
            scene.save()
            if roles is not None:
                scene.roles.set(roles)
            traces.append(audit.Trace("shoots.scene.edited", scene, before, organisation_id=work.organisation_id))
        audit.record_many(traces, actor=actor)
    return scenes


def set_elements(*, actor: Actor, scene_id: int, kind: ElementKind, names: Sequence[str]) -> None:
    """The things of one kind a scene needs, as a person says."""
    with transaction.atomic():
        scene = _scene(actor, scene_id)
        SceneElement.objects.filter(scene=scene, kind=kind).delete()
        wanted = dict.fromkeys(name.strip()[:80] for name in names if name.strip())
        SceneElement.objects.bulk_create(
            SceneElement(scene=scene, kind=kind, name=name, is_cue=False) for name in wanted
        )
        before = audit.snapshot(scene)
        scene.edited = sorted({*scene.edited, "elements"})
        scene.save(update_fields=["edited"])
        after = {"elements": {kind.value: list(wanted)}}
        owner = scene.work.organisation_id
        audit.record("shoots.scene.edited", scene, actor=actor, before=before, after=after, organisation_id=owner)


def edit_role(
    *,
    actor: Actor,
    role_id: int,
    name: str,
    kind: RoleKind,
    actor_name: str = "",
    daily_fee_fen: int = 0,
    is_minor: bool = False,
    free_days: Sequence[date] | None = None,
    earliest: time | None = None,
    latest: time | None = None,
    makeup_minutes: int = 30,
) -> CastRole:
    """Who plays a role, at what fee a day, on which days. Raises ``INVALID``; a name that is taken merges nothing."""
    check_terms(daily_fee_fen=daily_fee_fen, earliest=earliest, latest=latest, makeup_minutes=makeup_minutes)
    with transaction.atomic():
        role = _role(actor, role_id)
        name = name.strip()[:60]
        if not name or CastRole.objects.filter(work=role.work, name=name).exclude(pk=role.pk).exists():
            raise XiepaiError(ErrorCode.INVALID, detail=_("角色名为空或已有；要合并请用“合并”。"))
        before = audit.snapshot(role)
        if name != role.name:
            role.aliases = sorted({*role.aliases, role.name} - {name})
        role.name, role.kind, role.actor_name = name, kind.value, actor_name.strip()[:60]
        role.daily_fee_fen, role.is_minor, role.makeup_minutes = daily_fee_fen, is_minor, makeup_minutes
        role.free_days = None if free_days is None else sorted(set(free_days))
        role.earliest, role.latest = earliest, latest
        role.save()
        owner = role.work.organisation_id
        audit.record("shoots.role.edited", role, actor=actor, before=before, organisation_id=owner)
    return role


def check_terms(*, daily_fee_fen: int, earliest: time | None, latest: time | None, makeup_minutes: int = 0) -> None:
    """Refuse a fee, hours or a make-up that cannot be: ``INVALID``."""
    if not 0 <= daily_fee_fen <= MOST_FEE_FEN or not 0 <= makeup_minutes <= 600:
        raise XiepaiError(ErrorCode.INVALID, detail=_("日薪或化妆时间超出范围。"))
    if earliest and latest and latest <= earliest:
        raise XiepaiError(ErrorCode.INVALID, detail=_("最晚走须晚于最早到。"))


def merge_roles(*, actor: Actor, into_id: int, role_ids: Collection[int]) -> CastRole:
    """Other roles become aliases of one; their scenes are its scenes."""
    with transaction.atomic():
        into = _role(actor, into_id)
        others = list(CastRole.objects.filter(work=into.work, pk__in=role_ids).exclude(pk=into.pk))
        before = audit.snapshot(into)
        for other in others:
            for scene in other.scenes.all():
                scene.roles.add(into)
            into.aliases = sorted({*into.aliases, other.name, *other.aliases})
            audit.record("shoots.role.merged", other, actor=actor, after={}, organisation_id=into.work.organisation_id)
            other.delete()
        into.save(update_fields=["aliases"])
        owner = into.work.organisation_id
        audit.record("shoots.role.edited", into, actor=actor, before=before, organisation_id=owner)
    return into


def put_forward(*, actor: Actor, story_place_id: int, place_ids: Sequence[int]) -> StoryPlace:
    """The real places that may stand for a story place, the most wished first. Raises ``INVALID``, ``NOT_FOUND``."""
    wanted = list(dict.fromkeys(place_ids))
    if len(wanted) > MOST_CANDIDATES:
        raise XiepaiError(ErrorCode.INVALID, detail=_("最多 {most} 个候选场地。").format(most=MOST_CANDIDATES))
    with transaction.atomic():
        story_place = _story_place(actor, story_place_id)
        if visible_places(actor).filter(pk__in=wanted, is_bookable=True).count() < len(wanted):
            raise not_found()
        chosen = story_place.candidates.filter(is_chosen=True).values_list("place_id", flat=True).first()
        story_place.candidates.all().delete()
        Candidate.objects.bulk_create(
            Candidate(story_place=story_place, place_id=pk, rank=rank, is_chosen=pk == chosen)
            for rank, pk in enumerate(wanted, start=1)
        )
        _record_places(story_place, actor, {"candidates": wanted})
    return story_place


def choose(*, actor: Actor, story_place_id: int, place_id: int | None) -> StoryPlace:
    """Close the question where a story place is shot (None opens it again)."""
    with transaction.atomic():
        story_place = _story_place(actor, story_place_id)
        story_place.candidates.update(is_chosen=False)
        if place_id is not None and not story_place.candidates.filter(place_id=place_id).update(is_chosen=True):
            if not visible_places(actor).filter(pk=place_id, is_bookable=True).exists():
                raise not_found()
            rank = story_place.candidates.count() + 1
            Candidate.objects.create(story_place=story_place, place_id=place_id, rank=rank, is_chosen=True)
        _record_places(story_place, actor, {"chosen": place_id})
    return story_place


def candidates_of(actor: Actor, story_place: StoryPlace) -> list[Place]:
    """The candidates an actor may see, most wished first."""
    seen = visible_places(actor).filter(pk__in=story_place.candidates.values("place_id")).in_bulk()
    rows = story_place.candidates.order_by("rank", "pk")
    return [seen[row.place_id] for row in rows if row.place_id in seen]


def days_between(first: date | None, last: date | None) -> list[date] | None:
    """The days someone is free, from their first and last; None for both: every day. Raises ``INVALID``."""
    if first is None and last is None:
        return None
    if first is None or last is None or not 0 <= (last - first).days < MOST_FREE_DAYS:
        raise XiepaiError(ErrorCode.INVALID, detail=_("可到日期须有首日和末日，首日在前，至多一年。"))
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


def _scene_value(name: str, value: Any) -> Any:
    if name in _LIMITS:
        if not isinstance(value, int) or not 0 <= value <= _LIMITS[name]:
            raise XiepaiError(ErrorCode.INVALID, detail=_("数值须为 0 至 {most}。").format(most=_LIMITS[name]))
        return value
    if name in _CHOICES:
        if value not in _CHOICES[name]:
            raise XiepaiError(ErrorCode.INVALID, detail=str(value))
        return value
    if name == "story_place_id":
        return value
    if name in {"synopsis", "note", "crowd_note"}:
        return str(value).strip()[: {"synopsis": 2000, "note": 300, "crowd_note": 120}[name]]
    raise XiepaiError(ErrorCode.INVALID, detail=name)


def _roles(work_id: int, role_ids: Collection[int]) -> list[CastRole]:
    roles = list(CastRole.objects.filter(work=work_id, pk__in=role_ids))
    if len(roles) < len(set(role_ids)):
        raise not_found()
    return roles


def _scene(actor: Actor, scene_id: int) -> Scene:
    scene = Scene.objects.filter(pk=scene_id, work__in=visible_works(actor)).first()
    if scene is None:
        raise not_found()
    scene.work = locked_work(actor, scene.work_id)
    return scene


def _role(actor: Actor, role_id: int) -> CastRole:
    role = CastRole.objects.filter(pk=role_id, work__in=visible_works(actor)).first()
    if role is None:
        raise not_found()
    role.work = locked_work(actor, role.work_id)
    return role


def _story_place(actor: Actor, story_place_id: int) -> StoryPlace:
    row = StoryPlace.objects.filter(pk=story_place_id, work__in=visible_works(actor)).first()
    if row is None:
        raise not_found()
    row.work = locked_work(actor, row.work_id)
    return row


def _record_places(story_place: StoryPlace, actor: Actor, after: dict[str, Any]) -> None:
    owner = story_place.work.organisation_id
    audit.record("shoots.story_place.edited", story_place, actor=actor, after=after, organisation_id=owner)
