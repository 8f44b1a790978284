"""What the pages of a breakdown show: scenes by filter, roles with their days, story places with their candidates."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q, QuerySet, Sum

from xiepai.kernel.errors import not_found
from xiepai.parties.access import Actor
from xiepai.productions.access import visible_works
from xiepai.productions.models import Work
from xiepai.shoots.access import visible_scenes
from xiepai.shoots.models import CastRole, Scene, StoryPlace

SORTS = {
    "position": ("position", "pk"),
    "place": ("story_place__name", "position"),
    "eighths": ("eighths", "position"),
    "minutes": ("minutes", "position"),
}


@dataclass(frozen=True, slots=True)
class SceneFilter:
    """What narrows a breakdown; empty fields do not."""

    words: str = ""
    episode: int | None = None
    time_of_day: str = ""
    inside_outside: str = ""
    story_place_id: int | None = None
    role_id: int | None = None
    shot_state: str = ""
    sort: str = "position"


def scenes(work: Work, asked: SceneFilter) -> QuerySet[Scene]:
    """The scenes asked for, with everything a row shows."""
    rows = Scene.objects.filter(work=work, is_removed=False)
    for name in ("episode", "time_of_day", "inside_outside", "story_place_id", "shot_state"):
        if (value := getattr(asked, name)) not in {None, ""}:
            rows = rows.filter(**{name: value})
    if asked.role_id is not None:
        rows = rows.filter(roles=asked.role_id)
    for word in asked.words.split():
        rows = rows.filter(
            Q(synopsis__icontains=word) | Q(number__iexact=word) | Q(story_place__name__icontains=word)
            | Q(roles__name__icontains=word) | Q(elements__name__icontains=word)
        )  # fmt: skip
    down = asked.sort.startswith("-")
    names = SORTS.get(asked.sort.lstrip("-"), SORTS["position"])
    order = [f"-{name}" if down else name for name in names]
    return rows.select_related("story_place").prefetch_related("roles", "elements").order_by(*order).distinct()


def totals(work: Work) -> dict[str, Any]:
    """How many scenes, eighths and minutes."""
    found = Scene.objects.filter(work=work, is_removed=False)
    return found.aggregate(scenes=Count("pk"), eighths=Sum("eighths", default=0), minutes=Sum("minutes", default=0))


def has_scenes(work: Work) -> bool:
    """Whether the breakdown holds anything."""
    return Scene.objects.filter(work=work, is_removed=False).exists()


def get_scene(actor: Actor, scene_id: int) -> Scene:
    """A scene with its work, or not found."""
    rows = visible_scenes(actor).select_related("work__organisation", "story_place")
    scene = rows.prefetch_related("roles", "elements").filter(pk=scene_id).first()
    if scene is None:
        raise not_found()
    return scene


def roles(work: Work) -> QuerySet[CastRole]:
    """The roles with how many scenes and eighths each plays."""
    counted = Q(scenes__is_removed=False)
    rows = CastRole.objects.filter(work=work)
    rows = rows.annotate(scene_count=Count("scenes", filter=counted), eighths=Sum("scenes__eighths", filter=counted))
    return rows.order_by("kind", "-scene_count", "pk")


def get_role(actor: Actor, role_id: int) -> CastRole:
    """A role, or not found."""
    row = CastRole.objects.filter(pk=role_id, work__in=visible_works(actor)).select_related("work").first()
    if row is None:
        raise not_found()
    return row


def story_places(work: Work) -> QuerySet[StoryPlace]:
    """The story places with their candidates and how many scenes play there."""
    counted = Q(scenes__is_removed=False)
    rows = StoryPlace.objects.filter(work=work)
    rows = rows.annotate(scene_count=Count("scenes", filter=counted), eighths=Sum("scenes__eighths", filter=counted))
    return rows.prefetch_related("candidates__place").order_by("-scene_count", "name")


def get_story_place(actor: Actor, story_place_id: int) -> StoryPlace:
    """A story place, or not found."""
    row = StoryPlace.objects.filter(pk=story_place_id, work__in=visible_works(actor)).select_related("work").first()
    if row is None:
        raise not_found()
    return row
