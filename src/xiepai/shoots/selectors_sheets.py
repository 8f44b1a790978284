"""What the pages of call sheets show: days with their sheets, receipts, scenes to wrap."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import Count

from xiepai.parties.access import Actor
from xiepai.productions.models import Work
from xiepai.shoots.access import visible_plans
from xiepai.shoots.models import CallSheet, Plan, PlanState, Receipt, ReceiptState, Strip, StripKind, Wrap


@dataclass(frozen=True, slots=True)
class SheetDay:
    """One unit's day of the plan, with its sheets from new to old."""

    plan: Plan
    day: date
    unit: int
    unit_name: str
    scenes: int
    sheets: tuple[CallSheet, ...]

    @property
    def latest(self) -> CallSheet | None:
        """The newest version."""
        return self.sheets[0] if self.sheets else None


def days(actor: Actor, work: Work) -> list[SheetDay]:
    """The days of the plan in force (active, else newest published, else newest draft), and all that have a sheet."""
    plans = list(visible_plans(actor).filter(work=work).exclude(state=PlanState.ARCHIVED))
    order = [PlanState.ACTIVE, PlanState.PUBLISHED, PlanState.DRAFT]
    plans.sort(key=lambda plan: (order.index(PlanState(plan.state)), -plan.pk))
    sheets: dict[tuple[date, int], list[CallSheet]] = {}
    for sheet in CallSheet.objects.filter(work=work).select_related("plan").order_by("-version"):
        sheets.setdefault((sheet.day, sheet.unit), []).append(sheet)
    counts = _scene_counts(plans[0]) if plans else {}
    keys = sorted({*counts, *sheets})
    return [_day(plans, key, counts.get(key, 0), tuple(sheets.get(key, ()))) for key in keys]


def _scene_counts(plan: Plan) -> dict[tuple[date, int], int]:
    rows = Strip.objects.filter(plan=plan, kind=StripKind.SCENE, plan_day__isnull=False)
    found = rows.values_list("plan_day__day", "plan_day__unit").annotate(n=Count("id"))
    return {(day, unit): n for day, unit, n in found}


def _day(plans: list[Plan], key: tuple[date, int], scenes: int, sheets: tuple[CallSheet, ...]) -> SheetDay:
    plan = plans[0] if plans else sheets[0].plan
    name = plan.unit_names[key[1]] if key[1] < len(plan.unit_names) else ""
    return SheetDay(plan, *key, name, scenes, sheets)


def receipts(sheet: CallSheet) -> list[Receipt]:
    """Everyone's copy, those who have nothing yet first."""
    order = list(ReceiptState)
    rows = Receipt.objects.filter(sheet=sheet).select_related("member")
    return sorted(rows, key=lambda row: (order.index(ReceiptState(row.state)), row.member.duty, row.member.name))


def tally(rows: Iterable[Receipt]) -> list[tuple[ReceiptState, int]]:
    """How many copies in each state."""
    counts = Counter(row.state for row in rows)
    return [(state, counts[state.value]) for state in ReceiptState]


def wrap_rows(sheet: CallSheet) -> list[tuple[Strip, Wrap | None]]:
    """The scenes of the day in their order, each with what was said of it on the day."""
    strips = Strip.objects.filter(plan=sheet.plan, plan_day__day=sheet.day, plan_day__unit=sheet.unit)
    strips = strips.filter(kind=StripKind.SCENE).select_related("scene__story_place").order_by("position", "pk")
    wraps = {wrap.scene_id: wrap for wrap in Wrap.objects.filter(plan=sheet.plan, day=sheet.day, unit=sheet.unit)}
    return [(strip, wraps.get(strip.scene_id or 0)) for strip in strips]
