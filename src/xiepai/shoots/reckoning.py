"""What a board means: its hours, what it costs term by term, and its red flags; after every change of a hand.

The costs are the planner's own objective, the flags the planner's independent checker; both see the board exactly as
it stands. A flag names its strips and its day and is said in both languages, so that no page needs the problem again.
Refuses nothing: a board full of flags is still a board.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from xiepai.bookings.models import BookingState
from xiepai.planning import shoot
from xiepai.planning.shoot import words
from xiepai.shoots import strip_rows
from xiepai.shoots.models import Plan, PlanBooking, Strip
from xiepai.shoots.problems import Asked, Board, placement_of, problem_of, read_board
from xiepai.shoots.setting_up import wish_key
from xiepai.shoots.timing import Layout

#: Scenes in the boneyard are counted on the page, not flagged one by one.
_SILENT = {shoot.Rule.MISSING}
LOST = (BookingState.DECLINED, BookingState.CANCELLED, BookingState.EXPIRED, BookingState.NO_SHOW)


def reckon(plan: Plan) -> Asked:
    """Lay the hours out anew and write costs and flags into *plan* (saved by the caller)."""
    board = read_board(plan)
    asked = problem_of(board)
    lay_out(board, asked)
    strip_rows.write(board.strips, ("starts_at", "ends_at", "not_before"))
    judge(board, asked)
    return asked


def lay_out(board: Board, asked: Asked) -> None:
    """The hours of every strip; a locked day keeps the minutes it has."""
    layout = Layout(asked.problem, asked.place_of, board.plan.settings)
    by_day: dict[int | None, list[Strip]] = {}
    for strip in board.strips:
        by_day.setdefault(strip.plan_day_id, []).append(strip)
    for strip in by_day.pop(None, []):
        strip.starts_at = strip.ends_at = strip.not_before = None
    for day in board.days:
        strips = by_day.get(day.pk, [])
        if not (day.is_locked and all(strip.starts_at for strip in strips)):
            layout.lay_out(day, strips)


def judge(board: Board, asked: Asked) -> None:
    """Costs and flags of the board as it stands."""
    found = placements(board, asked)
    today = shoot.Plan.of(found)
    # what stands on past days is settled as it stands
    settled = tuple(each for each in today.placements if asked.problem.days[each.day].holds(each.unit))
    problem = replace(asked.problem, fixed=settled)
    terms = shoot.cost(problem, today)
    days = {(asked.day_number(day.day), str(day.unit)): day.pk for day in board.days}
    board.plan.costs = {
        "terms": terms,
        "total": sum(terms.values()),
        "days": {
            str(days[key]): sum(shoot.cost(problem, shoot.Plan(tuple(row))).values())
            for key, row in today.rows().items()
        },
        "assumed": dict(asked.assumed),
        "wishes": dict(zip(map(_wish_key, problem.wishes), shoot.met(problem, today), strict=True)),
    }
    strips = {str(strip.scene_id): strip.pk for strip in board.strips if strip.scene_id}
    broken = (each for each in shoot.check(problem, today) if each.rule not in _SILENT)
    board.plan.flags = [_flag(asked, each, strips) for each in broken]


def _wish_key(wish: shoot.Wish) -> str:
    return wish_key(wish.kind.value, wish.scenes, wish.dates, wish.about)


def placements(board: Board, asked: Asked) -> list[shoot.Placement]:
    """Where every planned scene stands."""
    days = {day.pk: day for day in board.days}
    dates = [day.date for day in asked.problem.days]
    known = {each.id for each in asked.problem.scenes}
    found = (placement_of(strip, days, dates, asked.place_of) for strip in board.strips)
    return [each for each in found if each is not None and each.scene in known]


def _flag(asked: Asked, violation: shoot.Violation, strips: Mapping[str, int]) -> dict[str, Any]:
    spoken = named(asked, violation)
    return {
        "rule": violation.rule.value,
        "strips": [strips[scene] for scene in violation.scenes if scene in strips],
        "day": asked.problem.days[violation.day].date.isoformat() if violation.day is not None else None,
        "zh": words.violation(asked.problem, spoken, "zh"),
        "en": words.violation(asked.problem, spoken, "en"),
    }


def named(asked: Asked, violation: shoot.Violation) -> shoot.Violation:
    """The violation with names in place of ids."""
    subject = violation.subject
    if violation.rule.value.startswith("unit") or violation.rule == shoot.Rule.FROZEN:
        subject = unit_names(asked).get(subject, subject)
    return replace(
        violation,
        scenes=tuple(asked.names.get(scene, scene) for scene in violation.scenes),
        subject=asked.names.get(subject, subject),
    )


def unit_names(asked: Asked) -> Mapping[str, str]:
    """A组, B组 by the planner's unit ids."""
    return {each.id: asked.names.get(f"unit{each.id}", each.id) for each in asked.problem.units}


def booking_flags(plan: Plan) -> list[dict[str, Any]]:
    """What keepers' answers did to the plan: bookings that are lost, or no longer where or when the plan needs them."""
    rows = PlanBooking.objects.filter(plan=plan, booking__state__in=LOST).select_related("booking__place", "plan_day")
    return [_booking_flag(row) for row in _unreplaced(plan, rows)]


def _unreplaced(plan: Plan, rows: Iterable[PlanBooking]) -> list[PlanBooking]:
    alive = set(
        PlanBooking.objects.filter(plan=plan)
        .exclude(booking__state__in=LOST)
        .values_list("plan_day__day", "booking__place_id")
    )
    needed = set(
        Strip.objects.filter(plan=plan, plan_day__isnull=False).values_list("plan_day__day", "place_id").distinct()
    )
    return [
        row
        for row in rows
        if (row.plan_day.day, row.booking.place_id) not in alive and (row.plan_day.day, row.booking.place_id) in needed
    ]


def _booking_flag(row: PlanBooking) -> dict[str, Any]:
    day, place = row.plan_day.day, row.booking.place
    state = BookingState(row.booking.state)
    en = {"declined": "declined", "cancelled": "cancelled", "expired": "expired", "no_show": "not used"}[state.value]
    note = f"：{row.booking.decision_note}" if row.booking.decision_note else ""
    zh = {"declined": "未批准", "cancelled": "已取消", "expired": "已过期", "no_show": "未到场"}[state.value]
    return {
        "rule": "booking",
        "strips": [],
        "day": day.isoformat(),
        "zh": f"{day:%m-%d} {place.name}的预订{zh}{note}",
        "en": f"{day:%m-%d} the booking of {place.name_en or place.name} was {en}{note.replace('：', ': ')}",
        "booking": row.booking_id,
    }
