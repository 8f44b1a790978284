"""What the pages of plans show: scenarios side by side, the board column by column, a solve's curve. Reads only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db.models import Count, Max, Q, QuerySet

from xiepai.kernel import clock
from xiepai.kernel.errors import not_found
from xiepai.parties.access import Actor
from xiepai.planning import shoot
from xiepai.planning.shoot import words
from xiepai.productions.models import Work
from xiepai.shoots import access, reckoning
from xiepai.shoots.models import Plan, PlanDay, Scene, ShotState, Solve, Strip, StripKind
from xiepai.shoots.place_facts import unit_name
from xiepai.shoots.setting_up import row_key

CURVE = (320, 96)


@dataclass(slots=True)
class Column:
    """One unit's day, or the boneyard (``day`` None)."""

    day: PlanDay | None
    unit_name: str = ""
    strips: list[Strip] = field(default_factory=list)
    flags: list[dict[str, Any]] = field(default_factory=list)
    cost_fen: int = 0

    @property
    def scenes(self) -> int:
        """How many scenes."""
        return sum(strip.kind == StripKind.SCENE for strip in self.strips)

    @property
    def eighths(self) -> int:
        """Their length."""
        return sum(strip.scene.eighths for strip in self.strips if strip.scene)

    @property
    def hours(self) -> tuple[datetime, datetime] | None:
        """From the first strip's start to the last one's end."""
        starts = [strip.starts_at for strip in self.strips if strip.starts_at]
        ends = [strip.ends_at for strip in self.strips if strip.ends_at]
        return (clock.local(min(starts)), clock.local(max(ends))) if starts and ends else None

    @property
    def minutes(self) -> int:
        """How long the day is."""
        return int((self.hours[1] - self.hours[0]).total_seconds()) // 60 if self.hours else 0


@dataclass(frozen=True, slots=True)
class BoardView:
    """The board in columns, every strip's flags, and the undo in reach."""

    plan: Plan
    columns: list[Column]
    boneyard: Column
    flags: list[dict[str, Any]]
    flagged: dict[int, list[str]]
    may_undo: bool
    may_redo: bool

    @property
    def strips(self) -> list[Strip]:
        """Every strip of the board."""
        return [strip for column in (*self.columns, self.boneyard) for strip in column.strips]


def get_plan(actor: Actor, plan_id: int) -> Plan:
    """A plan with its work, or not found."""
    plan = access.visible_plans(actor).select_related("work__organisation").filter(pk=plan_id).first()
    if plan is None:
        raise not_found()
    return plan


def get_solve(actor: Actor, solve_id: int) -> Solve:
    """A solve of a plan one may see, or not found."""
    rows = Solve.objects.filter(plan__in=access.visible_plans(actor)).select_related("plan__work")
    solve = rows.filter(pk=solve_id).first()
    if solve is None:
        raise not_found()
    return solve


def plans(actor: Actor, work: Work) -> QuerySet[Plan]:
    """The scenarios of a work with how many scenes stand on how many days."""
    on_board = Q(strips__kind=StripKind.SCENE, strips__plan_day__isnull=False)
    rows = access.visible_plans(actor).filter(work=work)
    return rows.annotate(
        placed=Count("strips", filter=on_board, distinct=True),
        scene_count=Count("strips", filter=Q(strips__kind=StripKind.SCENE), distinct=True),
        used_days=Count("strips__plan_day__day", filter=on_board, distinct=True),
    ).order_by("-id")


def board_view(plan: Plan) -> BoardView:
    """Everything of a board: nine queries whatever its size."""
    rows = Strip.objects.filter(plan=plan).select_related("scene__story_place", "place")
    rows = rows.prefetch_related("scene__roles").order_by("position", "pk")
    costs = plan.costs.get("days", {})
    days = [Column(day, unit_name(plan, day.unit), cost_fen=costs.get(str(day.pk), 0)) for day in plan.days.all()]
    columns = {column.day.pk: column for column in days if column.day}
    boneyard = Column(None)
    for strip in rows:
        columns.get(strip.plan_day_id or 0, boneyard).strips.append(strip)
    flags = [*plan.flags, *reckoning.booking_flags(plan)]
    flagged: dict[int, list[str]] = {}
    for flag in flags:
        for pk in flag["strips"]:
            flagged.setdefault(pk, []).append(flag["zh"])
        mine = [column for column in days if column.day and column.day.day.isoformat() == flag["day"]]
        held = [column for column in mine if {strip.pk for strip in column.strips} & set(flag["strips"])]
        for column in held or mine[:1]:
            column.flags.append(flag)
    undone = dict(plan.changes.values_list("is_undone").annotate(Count("id")))
    return BoardView(plan, days, boneyard, flags, flagged, False in undone, True in undone)


@dataclass(frozen=True, slots=True)
class WishView:
    """A wish as a page shows it; ``is_met`` None while a scene is not placed, ``is_lost`` when one left the plan."""

    key: str
    words: str
    weight_fen: int | None
    is_met: bool | None
    is_lost: bool
    scene_ids: tuple[int, ...]
    wish: shoot.Wish | None = None

    def is_broken_on(self, day: date | None) -> bool:
        """Whether a scene that stands on a day (None: on none) breaks it; one about days judges each scene alone."""
        if self.wish is None or not self.wish.kind.is_about_days:
            return self.is_met is False
        return day is not None and not self.wish.allows(day)


def wish_views(plan: Plan, names: Mapping[int, str], language: str) -> list[WishView]:
    """The wishes of a plan in words; *names* are the scenes on it."""
    found = plan.costs.get("wishes", {})
    rows = list(plan.settings.get("wishes", ()))
    sets = _sets(plan, {row["story_place"] for row in rows if row.get("story_place")})
    views = []
    for row in rows:
        key, weight, set_id = row_key(row), row.get("weight_fen"), row.get("story_place")
        scenes = sets[set_id].scenes if set_id in sets else tuple(row["scenes"])
        dates = tuple(date.fromisoformat(text) for text in row.get("days", ()))
        about = (sets[set_id].name if set_id in sets else "?") if set_id else ""
        said = words.wish(row["kind"], [names.get(pk, "?") for pk in scenes], language, dates=dates, about=about)
        wish = shoot.Wish(shoot.WishKind(row["kind"]), ("",), None, dates) if dates else None
        is_lost = not scenes or not all(pk in names for pk in scenes)
        views.append(WishView(key, said, weight, found.get(key), is_lost, scenes, wish))
    return views


@dataclass(frozen=True, slots=True)
class SetView:
    """A place of the script and the scenes of a plan that play there."""

    pk: int
    name: str
    scenes: tuple[int, ...]


def _sets(plan: Plan, keys: set[int]) -> dict[int, SetView]:
    return {each.pk: each for each in story_sets(plan) if each.pk in keys} if keys else {}


def story_sets(plan: Plan) -> list[SetView]:
    """The places of the script that scenes of a plan play at, by name."""
    rows = Scene.objects.filter(pk__in=Strip.objects.filter(plan=plan).values("scene_id"), story_place__isnull=False)
    found: dict[tuple[str, int], list[int]] = {}
    for pk, story_id, name in rows.order_by("position", "pk").values_list("pk", "story_place_id", "story_place__name"):
        found.setdefault((name, story_id), []).append(pk)
    return [SetView(key, name, tuple(scenes)) for (name, key), scenes in sorted(found.items())]


def scene_names(plan: Plan) -> dict[int, str]:
    """The scenes of a plan in the order of the script, by key."""
    rows = Scene.objects.filter(pk__in=Strip.objects.filter(plan=plan).values("scene_id"))
    return {scene.pk: str(scene) for scene in rows.only("episode", "number", "position").order_by("position", "pk")}


def latest_solve(plan: Plan) -> Solve | None:
    """The newest solve of a plan."""
    return plan.solves.defer("problem").first()


def is_stale(plan: Plan) -> bool:
    """Whether the breakdown has scenes the board lacks, or the board scenes that left."""
    open_scenes = Scene.objects.filter(work=plan.work, is_removed=False).exclude(shot_state=ShotState.DROPPED)
    known = Strip.objects.filter(plan=plan, scene__isnull=False)
    missing = open_scenes.exclude(shot_state=ShotState.DONE).exclude(pk__in=known.values("scene_id")).exists()
    gone = known.filter(Q(scene__is_removed=True) | Q(scene__shot_state=ShotState.DROPPED)).exists()
    return missing or gone


def curve(solve: Solve) -> dict[str, Any] | None:
    """Best and bound over time as points of a small drawing; None before the first plan."""
    points = [point for point in solve.progress if point[1] is not None]
    if not points:
        return None
    width, height = CURVE
    asked = 0.0 if solve.rounds else float(solve.seconds)
    seconds = max(asked, points[-1][0], 0.1)
    top = max(max(point[1], point[2]) for point in points) or 1
    # the drawing begins at nought: a gap looks as large as it is
    at = lambda second, fen: f"{second / seconds * width:.1f},{height - fen / top * (height - 8):.1f}"  # noqa: E731
    best = [at(point[0], point[1]) for point in points]
    bound = [at(point[0], point[2]) for point in points]
    return {"best": " ".join(best), "bound": " ".join(bound), "width": width, "height": height, "top": top}


def newest_sheet_day(plan: Plan) -> Any:
    """The last day a call sheet was sent for, to warn before what people already hold is moved."""
    return plan.sheets.filter(state="sent").aggregate(day=Max("day"))["day"]
