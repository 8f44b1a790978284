"""A board as the planner's problem: days, units, scenes, places with their free hours and prices, people, wishes.

Always: a fixed number of queries whatever the size; ids are primary keys as text. What nobody stated gets the planner's
default and is named in ``Asked.assumed``, so that pages can say so. Never: a guess in silence, or a place of another
organisation's work taken for free (its bookings and closings are cut out of the hours).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from xiepai.kernel import clock
from xiepai.planning import shoot
from xiepai.shoots import setting_up
from xiepai.shoots.models import (
    CastRole,
    Plan,
    PlanDay,
    Scene,
    ShotState,
    StoryPlace,
    Strip,
    StripKind,
    Wrap,
    WrapResult,
)
from xiepai.shoots.place_facts import Sets, place_id_of, place_key, unit_name
from xiepai.shoots.setting_up import setting

NOWHERE = "nowhere"
EXTRAS = "extras"
_LIGHT = {
    "day": shoot.Light.DAY, "night": shoot.Light.NIGHT, "dawn": shoot.Light.DAWN, "dusk": shoot.Light.DUSK,
}  # fmt: skip
#: Limits of a minor where nobody set others (the planner's file format has the same): hours of presence, latest minute.
MINOR_MINUTES, MINOR_LATEST = 480, 1320


@dataclass(slots=True)
class Board:
    """The rows of a plan read once: what the reckoning lays out, judges and writes back."""

    plan: Plan
    days: list[PlanDay]
    strips: list[Strip]
    roles: dict[int, list[CastRole]] = field(default_factory=dict)
    left: dict[int, int] = field(default_factory=dict)

    @property
    def dates(self) -> list[date]:
        """The days, each once."""
        return sorted({day.day for day in self.days})

    def of_day(self, day_id: int | None) -> list[Strip]:
        """The strips of one unit's day (None: the boneyard), in order."""
        return [strip for strip in self.strips if strip.plan_day_id == day_id]


@dataclass(frozen=True, slots=True)
class Asked:
    """The problem, what stands behind its ids, and what had to be assumed (code → how often)."""

    problem: shoot.Problem
    names: Mapping[str, str]
    assumed: Mapping[str, int]
    place_of: Mapping[int, str]

    def day_number(self, day: date) -> int:
        """Which day of the problem a date is."""
        return next(n for n, each in enumerate(self.problem.days) if each.date == day)


def read_board(plan: Plan) -> Board:
    """Everything of a board in seven queries."""
    strips = Strip.objects.filter(plan=plan).select_related("scene").order_by("position", "pk")
    board = Board(plan, list(plan.days.order_by("day", "unit")), list(strips))
    stories = StoryPlace.objects.filter(work=plan.work_id).in_bulk()
    for strip in board.strips:  # each story place once, however many scenes play there
        if strip.scene is not None and strip.scene.story_place_id:
            strip.scene.story_place = stories[strip.scene.story_place_id]
    ids = [strip.scene_id for strip in board.strips if strip.scene_id]
    links = Scene.roles.through.objects.filter(scene_id__in=ids).values_list("scene_id", "castrole_id")
    roles = CastRole.objects.filter(work=plan.work_id).in_bulk()
    for scene_id, role_id in links.order_by("castrole_id"):
        board.roles.setdefault(scene_id, []).append(roles[role_id])
    partly = Wrap.objects.filter(scene_id__in=ids, result=WrapResult.PARTLY).order_by("day")
    board.left = dict(partly.values_list("scene_id", "eighths_left"))
    return board


def problem_of(board: Board, *, solving: bool = False) -> Asked:
    """What the planner is asked. *solving*: locks hold, past days are settled, wrapped scenes elsewhere are out."""
    return _Builder(board, is_solving=solving).build()


class _Builder:
    """One translation; the pieces are built in order, each noting what it had to assume."""

    def __init__(self, board: Board, *, is_solving: bool) -> None:
        self.board, self.plan, self.is_solving = board, board.plan, is_solving
        self.settings: Mapping[str, Any] = board.plan.settings
        self.assumed: dict[str, int] = {}
        self.names: dict[str, str] = {NOWHERE: "场地未定", EXTRAS: "群众演员"}
        self.day_ids = {day.pk: day for day in board.days}
        self.dates = board.dates
        self.frozen = {day.pk for day in board.days if self._is_frozen(day)}
        self.strips = [strip for strip in board.strips if strip.kind == StripKind.SCENE and self._counts(strip)]
        self.place_of: dict[int, str] = {}
        self.meals = self._meal_minutes() if is_solving else 0

    def build(self) -> Asked:
        story = {strip.scene.story_place_id for strip in self.strips if strip.scene and strip.scene.story_place_id}
        standing = {strip.place_id for strip in self.strips if strip.place_id}
        sets = Sets(self.plan, story, standing, self.dates)
        people, parts = self._people()
        scenes = tuple(self._scene(strip, sets, parts) for strip in self.strips)
        self.names |= sets.names | {f"unit{n}": unit_name(self.plan, n) for n in range(len(self.plan.unit_names))}
        used = {each.place for scene in scenes for each in scene.candidates}
        problem = shoot.Problem(
            days=self._days(),
            units=self._units(),
            scenes=scenes,
            places=tuple(self._place(key, sets) for key in sorted(used)),
            people=people,
            crowds=(shoot.CrowdKind(EXTRAS, "群演", setting(self.settings, "extra_fen"), 600, 1350),),
            wishes=self._wishes(),
            locks=self._locks(sets) if self.is_solving else (),
            fixed=self._fixed(),
            travel=shoot.Travel(setting(self.settings, "move_minutes"), setting(self.settings, "site_minutes")),
            weights=shoot.Weights(**{name: setting(self.settings, name) for name in setting_up.WEIGHTS}),
            due=self._due(),
            title=self.plan.name,
            spare_minutes=self.meals,
        )
        for code, count in sets.assumed.items():
            self._assume(code, count)
        return Asked(problem, self.names, self.assumed, self.place_of)

    def _assume(self, code: str, count: int = 1) -> None:
        if count:
            self.assumed[code] = self.assumed.get(code, 0) + count

    def _is_frozen(self, day: PlanDay) -> bool:
        """A past unit's day; when solving a locked one too, whatever the other units do on its date."""
        return day.day < clock.today() or (self.is_solving and day.is_locked)

    def _counts(self, strip: Strip) -> bool:
        """Whether the planner has to do with a scene: still to shoot, or shot on one of its settled days."""
        scene = strip.scene
        if scene is None or scene.is_removed or scene.shot_state == ShotState.DROPPED:
            return False
        return scene.shot_state != ShotState.DONE or strip.plan_day_id in self.frozen

    def _is_settled(self, strip: Strip) -> bool:
        """On a day that stays; a scene left open on a past day is planned anew when solving."""
        day = self.day_ids.get(strip.plan_day_id or 0)
        if day is None or day.pk not in self.frozen:
            return False
        is_open = strip.scene is not None and strip.scene.shot_state != ShotState.DONE
        return not (self.is_solving and is_open and day.day < clock.today())

    def _days(self) -> tuple[shoot.Day, ...]:
        at = (setting(self.settings, "latitude"), setting(self.settings, "longitude"))
        suns = {day: shoot.sun(day, *at) for day in self.dates}
        # meals push the scenes behind them: what must end by daylight is planned to end so much earlier
        locked: dict[date, set[str]] = {day: set() for day in self.dates}
        for each in self.board.days:
            if each.pk in self.frozen:
                locked[each.day].add(str(each.unit))
        today = clock.today()
        return tuple(
            shoot.Day(day, rise, set_ - self.meals, day < today, frozenset(locked[day] if day >= today else ()))
            for day, (rise, set_) in suns.items()
        )

    def _units(self) -> tuple[shoot.Unit, ...]:
        for name in ("day_hours", "crew_day_fen", "overtime_fen"):
            self._assume(name, int(name not in self.settings))
        opens = min(
            [setting_up.call_minute(self.settings), *(setting_up.minute(day.call_at) for day in self._called())]
        )
        meals = self.meals
        paid, most = setting(self.settings, "day_hours") * 60, setting(self.settings, "most_hours") * 60
        return tuple(
            shoot.Unit(
                str(n), shoot.Window(opens, max(opens + 60, setting(self.settings, "until_hour") * 60 - meals)),
                max(60, paid - meals), max(60, paid - meals, most - meals), setting(self.settings, "crew_day_fen"),
                setting(self.settings, "overtime_fen"), self._rest("rest_hours"),
            )
            for n in range(len(self.plan.unit_names))
        )  # fmt: skip

    def _called(self) -> list[PlanDay]:
        return [day for day in self.board.days if day.call_at is not None]

    def _meal_minutes(self) -> int:
        """Meals are no scenes: the hours of the longest day's meals are kept free of every day's."""
        counts: dict[int, int] = {}
        for strip in self.board.strips:
            if strip.kind == StripKind.MEAL and strip.plan_day_id:
                counts[strip.plan_day_id] = counts.get(strip.plan_day_id, 0) + 1
        return max(counts.values(), default=0) * int(setting(self.settings, "meal_minutes"))

    def _rest(self, name: str) -> int:
        """A night's rest: meals end the day so much later than it is planned to."""
        return min(shoot.MOST_REST, int(setting(self.settings, name)) * 60 + self.meals)

    def _people(self) -> tuple[tuple[shoot.Person, ...], dict[int, str]]:
        """Actors, each once however many roles they play; a role nobody is named for is its own actor."""
        by_actor: dict[str, list[CastRole]] = {}
        parts: dict[int, str] = {}
        wanted = {role.pk: role for strip in self.strips for role in self.board.roles.get(strip.scene_id or 0, ())}
        for role in sorted(wanted.values(), key=lambda each: each.pk):
            key = (
                f"m{role.member_id}" if role.member_id else f"a{role.actor_name}" if role.actor_name else f"r{role.pk}"
            )
            by_actor.setdefault(key, []).append(role)
            parts[role.pk] = key
            self.names[key] = role.name
        return tuple(self._person(key, roles) for key, roles in by_actor.items()), parts

    def _person(self, key: str, roles: Sequence[CastRole]) -> shoot.Person:
        role = roles[0]
        is_minor = any(each.is_minor for each in roles)
        fee = max(each.daily_fee_fen for each in roles)
        self._assume("fees", int(not fee))
        self._assume("free_days", int(role.free_days is None))
        self._assume("minors", int(is_minor))
        return shoot.Person(
            key, role.actor_name or role.name, fee, calendar=self._free(role),
            makeup_minutes=role.makeup_minutes, change_minutes=setting(self.settings, "change_minutes"),
            rest_minutes=self._rest("cast_rest_hours"),
            limit_minutes=MINOR_MINUTES - self.meals if is_minor else shoot.Person("", "").limit_minutes,
            latest=MINOR_LATEST - self.meals if is_minor else shoot.Person("", "").latest, is_minor=is_minor,
        )  # fmt: skip

    def _free(self, role: CastRole) -> tuple[tuple[shoot.Window, ...], ...] | None:
        if role.free_days is None and role.earliest is None and role.latest is None:
            return None
        last = shoot.Person("", "").latest
        end = (setting_up.minute(role.latest) if role.latest else last) - self.meals
        start = setting_up.minute(role.earliest)
        hours = shoot.Window(start, max(end, start + 1))
        return tuple((hours,) if role.free_days is None or day in role.free_days else () for day in self.dates)

    def _scene(self, strip: Strip, sets: Sets, parts: Mapping[int, str]) -> shoot.Scene:
        scene = strip.scene
        if scene is None:
            raise ValueError("a strip of a scene has one")
        key = str(scene.pk)
        self.names[key] = str(scene)
        candidates = self._candidates(strip, scene, sets)
        standing = place_key(strip.place_id) if strip.place_id else ""
        may = {each.place for each in candidates}
        self.place_of[scene.pk] = standing if standing in may else candidates[0].place
        cast: dict[str, shoot.Part] = {}
        for role in self.board.roles.get(scene.pk, ()):
            cast.setdefault(parts[role.pk], shoot.Part(parts[role.pk], role.name))
        crowd = (shoot.Extras(EXTRAS, scene.crowd),) if scene.crowd else ()
        return shoot.Scene(
            key, self._minutes(scene), candidates, tuple(cast.values()), crowd,
            _LIGHT.get(scene.time_of_day, shoot.Light.ANY), scene.inside_outside in {"outside", "both"},
            scene.episode or 0, scene.eighths, tuple(scene.marks), scene.synopsis[:40],
        )  # fmt: skip

    def _minutes(self, scene: Scene) -> int:
        minutes = scene.minutes
        if scene.shot_state == ShotState.PARTLY and scene.eighths:
            minutes = -(-minutes * self.board.left.get(scene.pk, scene.eighths) // scene.eighths)
        self._assume("minutes", int(not scene.minutes))
        return max(5, min(1440, minutes))

    def _candidates(self, strip: Strip, scene: Scene, sets: Sets) -> tuple[shoot.Candidate, ...]:
        ids = list(sets.of_story.get(scene.story_place_id or 0, ()))
        if strip.place_id and strip.place_id not in ids and (not ids or self._stays(strip)):
            ids.append(strip.place_id)
        if not ids:
            self._assume("places")
            story = scene.story_place
            key = f"story{story.pk}" if story else NOWHERE
            if story:
                self.names[key] = f"{story.name}（场地未定）"
            return (shoot.Candidate(key),)
        second = setting(self.settings, "second_place_fen")
        return tuple(shoot.Candidate(place_key(pk), second if n else 0) for n, pk in enumerate(ids))

    def _stays(self, strip: Strip) -> bool:
        """Whether a place no longer put forward still counts: on the board as it is, for strips that may not move."""
        return not self.is_solving or strip.is_locked or strip.plan_day_id in self.frozen

    def _place(self, key: str, sets: Sets) -> shoot.Place:
        pk = place_id_of(key)
        if pk is None:
            return shoot.Place(key, self.names.get(key, key))
        return sets.place(pk, setting(self.settings, "setup_minutes"), self.meals)

    def _wishes(self) -> tuple[shoot.Wish, ...]:
        known = {str(strip.scene_id) for strip in self.strips}
        found = []
        for row in self.settings.get("wishes", ()):
            about = setting_up.set_key(row.get("story_place"))
            scenes = self._scenes_at(row["story_place"], about) if about else tuple(str(pk) for pk in row["scenes"])
            dates = tuple(date.fromisoformat(text) for text in row.get("days", ()))
            if scenes and known.issuperset(scenes):
                found.append(shoot.Wish(shoot.WishKind(row["kind"]), scenes, row.get("weight_fen"), dates, about))
        return tuple(found)

    def _scenes_at(self, story_place_id: int, about: str) -> tuple[str, ...]:
        """The scenes that play at a place of the script; notes its name."""
        found = []
        for strip in self.strips:
            story = strip.scene.story_place if strip.scene else None
            if story is not None and story.pk == story_place_id:
                self.names[about] = story.name
                found.append(str(strip.scene_id))
        return tuple(found)

    def _locks(self, sets: Sets) -> tuple[shoot.Lock, ...]:
        found = []
        for strip in self.strips:
            day = self.day_ids.get(strip.plan_day_id or 0)
            if day is None or day.pk in self.frozen or not strip.is_locked:
                continue
            number, unit = self.dates.index(day.day), str(day.unit)
            found.append(shoot.Lock(str(strip.scene_id), number, unit, self.place_of[strip.scene_id or 0]))
        return tuple(found)

    def _fixed(self) -> tuple[shoot.Placement, ...]:
        return tuple(
            placement
            for strip in self.strips
            if self._is_settled(strip) and (placement := self.placement(strip)) is not None
        )

    def placement(self, strip: Strip) -> shoot.Placement | None:
        return placement_of(strip, self.day_ids, self.dates, self.place_of)

    def _due(self) -> int | None:
        text = self.settings.get("due")
        return sum(1 for day in self.dates if day <= date.fromisoformat(text)) - 1 if text else None


def placement_of(
    strip: Strip, days: Mapping[int, PlanDay], dates: Sequence[date], place_of: Mapping[int, str]
) -> shoot.Placement | None:
    """Where a strip stands, in the planner's terms; None in the boneyard or without hours."""
    day = days.get(strip.plan_day_id or 0)
    place = place_of.get(strip.scene_id or 0)
    if day is None or strip.starts_at is None or place is None:
        return None
    start = int((strip.starts_at - clock.at_local_midnight(day.day)) / timedelta(minutes=1))
    return shoot.Placement(dates.index(day.day), str(day.unit), start, str(strip.scene_id), place)


__all__ = ["NOWHERE", "Asked", "Board", "place_id_of", "placement_of", "problem_of", "read_board", "unit_name"]
