"""The rubric of an expert review, as data: items with maximum and weight, how many experts, how far they may differ.

A measure's own rubric goes before the step's. Points become hundredths of a mark from 0 to 100 by whole numbers.
Refused: a rubric without items, maxima or weights that are not positive, fewer than three experts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from xiepai.grants.errors import invalid
from xiepai.grants.models import Application, MeasureSetting, Programme, StepKind

LEAST_EXPERTS, MOST_EXPERTS, MOST_ITEMS = 3, 15, 20
#: What a programme begins with; assumptions, for the office to change.
USUAL: dict[str, Any] = {
    "experts": LEAST_EXPERTS,
    "spread": 20,
    "is_blind": True,
    "items": [
        {"code": "quality", "zh": "内容质量", "en": "Quality of content", "max": 10, "weight": 40},
        {"code": "culture", "zh": "地方文化", "en": "Local culture", "max": 10, "weight": 30},
        {"code": "effect", "zh": "带动效果", "en": "Economic effect", "max": 10, "weight": 30},
    ],
}


@dataclass(frozen=True, slots=True)
class Item:
    """One line experts give points for."""

    code: str
    zh: str
    en: str
    max: int
    weight: int


@dataclass(frozen=True, slots=True)
class Rubric:
    """How experts score; ``spread`` in marks of 100."""

    items: tuple[Item, ...]
    experts: int
    spread: int
    is_blind: bool

    def total(self, points: Mapping[str, int]) -> int:
        """The mark in hundredths, 0 to 10,000, rounded down.

        >>> two = Rubric((Item("a", "", "", 10, 3), Item("b", "", "", 5, 1)), 3, 20, True)
        >>> two.total({"a": 10, "b": 5}), two.total({"a": 5, "b": 1})
        (10000, 4250)
        """
        whole = sum(item.weight for item in self.items)
        common = 1
        for item in self.items:
            common *= item.max
        got = sum(item.weight * points[item.code] * (common // item.max) for item in self.items)
        return 10_000 * got // (whole * common)


def read_rubric(said: Mapping[str, Any]) -> Rubric:
    """The rubric a step's data say."""
    rows = said.get("items")
    if not isinstance(rows, list) or not 1 <= len(rows) <= MOST_ITEMS:
        raise invalid(_("评分表须有 1 至 {most} 项。"), most=MOST_ITEMS)
    items = tuple(_item(row) for row in rows)
    if len({item.code for item in items}) < len(items):
        raise invalid(_("评分表各项的代码不能相同。"))
    experts, spread = int(said.get("experts", LEAST_EXPERTS)), int(said.get("spread", USUAL["spread"]))
    if not LEAST_EXPERTS <= experts <= MOST_EXPERTS:
        raise invalid(_("专家人数须在 {least} 与 {most} 之间。"), least=LEAST_EXPERTS, most=MOST_EXPERTS)
    if not 0 <= spread <= 100:
        raise invalid(_("允许的分差须在 0 与 100 之间。"))
    return Rubric(items, experts, spread, bool(said.get("is_blind", True)))


def _item(row: Any) -> Item:
    if not isinstance(row, Mapping) or not str(row.get("code", "")).strip() or not str(row.get("zh", "")).strip():
        raise invalid(_("评分表每项须有代码和名称。"))
    most = int(row.get("max", row.get("points", 0)))
    weight = int(row.get("weight", most))
    if not 1 <= most <= 1000 or not 1 <= weight <= 1000:
        raise invalid(_("“{name}”的满分和权重须为 1 至 1000 的整数。"), name=row["zh"])
    return Item(str(row["code"]).strip(), str(row["zh"]).strip(), str(row.get("en", "")).strip(), most, weight)


def rubric_of(application: Application) -> Rubric:
    """What an application is scored by."""
    said = step_rules(application.programme)
    own = MeasureSetting.objects.filter(programme=application.programme_id, measure__in=application.measures)
    items = next((row.rubric for row in own.exclude(rubric=[]).order_by("id")), None)
    return read_rubric({**said, "items": items} if items else said)


def step_rules(programme: Programme) -> Mapping[str, Any]:
    """The rules of the programme's expert review; the usual ones where nobody has set any."""
    step = programme.steps.filter(kind=StepKind.EXPERT_REVIEW).first()
    return step.review if step and step.review else USUAL


def checked_points(rubric: Rubric, given: Mapping[str, object]) -> dict[str, int]:
    """Points for every item, whole and within its maximum."""
    points = {}
    for item in rubric.items:
        text = str(given.get(item.code, "")).strip()
        if not text.isdigit() or int(text) > item.max:
            raise invalid(_("“{name}”须为 0 至 {most} 的整数。"), name=item.zh, most=item.max)
        points[item.code] = int(text)
    return points


def spread_of(totals: Sequence[int]) -> int:
    """How far the highest and the lowest mark lie apart, in hundredths."""
    return max(totals) - min(totals) if totals else 0


def mean_of(totals: Sequence[int]) -> int:
    """The mean mark in hundredths, rounded down."""
    return sum(totals) // len(totals) if totals else 0
