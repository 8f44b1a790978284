"""What a crew writes of a work and of its people, tidied and checked; every problem is told with its field's name.

Refused: control characters, unknown codes, numbers that cannot be, dates in the wrong order, fields nobody knows.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any, TypedDict

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext as _

from xiepai.kernel.errors import ErrorCode, XiepaiError
from xiepai.places.fields import tidy_text
from xiepai.productions.models import CrewMember, PaperKind, Work


class WorkFields(TypedDict, total=False):
    """What a crew writes of a work: fen, minutes, days."""

    title: str
    title_en: str
    making_mode: str
    format: str
    episodes: int | None
    minutes_per_episode: Decimal | None
    investment_fen: int | None
    subjects: list[str]
    synopsis: str
    is_interactive: bool
    is_platform_promoted: bool
    is_filed_as_top: bool
    minors_count: int
    drones_count: int
    circumstances: list[str]
    filed_on: date | None
    shooting_from: date | None
    shooting_to: date | None
    release_on: date | None


class MemberFields(TypedDict, total=False):
    """One line of a contact sheet."""

    name: str
    duty: str
    duty_note: str
    phone: str
    diet: str
    room: str
    note: str
    person_id: int | None


class KindFields(TypedDict, total=False):
    """One line of the office's checklist."""

    zh: str
    en: str
    issuer_zh: str
    issuer_en: str
    required_when: list[str]
    needed_by: str
    per_piece: str
    guidance_zh: str
    guidance_en: str
    source_grade: str
    source: str
    standing: str
    position: int


#: Lowest and highest value, both allowed.
RANGES: dict[str, tuple[int | Decimal, int]] = {
    "episodes": (1, 10_000),
    "minutes_per_episode": (Decimal("0.01"), 1_000),
    "investment_fen": (0, 10**15),
    "minors_count": (0, 1_000),
    "drones_count": (0, 100),
    "position": (-1_000_000, 1_000_000),
}
#: No day of a production lies outside.
DAYS = (date(2000, 1, 1), date(2100, 12, 31))


def assign(row: models.Model, fields: Mapping[str, Any], known: type) -> None:
    """Set *fields* on a row; a name that is not one of them is refused, texts and lists are tidied."""
    if unknown := fields.keys() - known.__annotations__.keys():
        raise TypeError(f"not fields of {row._meta.label}: {sorted(unknown)}")
    for name, value in fields.items():
        setattr(row, name, _tidied(row, name, value))


def check_work(work: Work) -> None:
    """Raise ``INVALID`` with every problem of the work."""
    problems = [*_problems(work)]
    if work.shooting_from and work.shooting_to and work.shooting_to < work.shooting_from:
        problems.append((_label(work, "shooting_to"), _("不能早于开机日期")))
    if work.shooting_to and work.release_on and work.release_on < work.shooting_to:
        problems.append((_label(work, "release_on"), _("不能早于杀青日期")))
    refuse(problems)


def check_member(member: CrewMember) -> None:
    """Raise ``INVALID`` with every problem of the line."""
    refuse(_problems(member))


def check_kind(kind: PaperKind) -> None:
    """Raise ``INVALID`` with every problem of the kind."""
    refuse(_problems(kind))


def check_days(**days: date | None) -> None:
    """Raise ``INVALID`` for a day no production lies on."""
    for day in days.values():
        if day is not None and not DAYS[0] <= day <= DAYS[1]:
            raise XiepaiError(ErrorCode.INVALID, detail=_("日期 {day} 不在可能的范围内。").format(day=day))


def refuse(problems: list[tuple[str, str]]) -> None:
    """Raise ``INVALID`` naming them all, if there are any."""
    if problems:
        raise XiepaiError(ErrorCode.INVALID, detail="；".join(f"{label}：{reason}" for label, reason in problems))


def _problems(row: models.Model) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for field in row._meta.concrete_fields:
        if field.primary_key or field.is_relation:
            continue
        value = getattr(row, field.attname)
        try:
            if not (value is None and field.null):
                field.clean(value, row)
        except ValidationError as error:
            found.append((str(field.verbose_name), " ".join(error.messages)))
            continue
        if reason := _out_of_range(field.name, value):
            found.append((str(field.verbose_name), reason))
    return found


def _out_of_range(name: str, value: Any) -> str:
    if name in RANGES and value is not None:
        low, high = RANGES[name]
        if not low <= value <= high:
            return _("须在 {low} 和 {high} 之间").format(low=low, high=high)
    if type(value) is date and not DAYS[0] <= value <= DAYS[1]:
        return _("日期 {day} 不在可能的范围内。").format(day=value)
    return ""


def _tidied(row: models.Model, name: str, value: Any) -> Any:
    if isinstance(value, str):
        return tidy_text(value, lines=isinstance(row._meta.get_field(name), models.TextField))
    if isinstance(value, list | tuple | set | frozenset):
        return list(dict.fromkeys(sorted(value) if isinstance(value, set | frozenset) else value))
    return value


def _label(row: models.Model, name: str) -> str:
    return str(row._meta.get_field(name).verbose_name)  # type: ignore[union-attr]
