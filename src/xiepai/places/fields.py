"""What may be written of a place, and when it holds together; pure but for the model's own field checks.

Every problem is found, not the first; a field's problem carries the field's name, so that a form, the API and an
import can each show it where it belongs. Refused: control characters, unknown words, numbers that cannot be.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, TypedDict

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext as _

from xiepai.kernel import audit, clock
from xiepai.kernel.errors import ErrorCode, XiepaiError
from xiepai.places.access import LOCKABLE_OF_PLACE
from xiepai.places.models import Place, PlaceKind, Vocabulary
from xiepai.places.vocabulary import Words


class PlaceFields(TypedDict, total=False):
    """What a keeper writes of a place. Metres, minutes, days, WGS-84 degrees; vocabulary codes in lists."""

    kind: str
    code: str
    name: str
    name_en: str
    aliases: list[str]
    town: str
    categories: list[str]
    styles: list[str]
    facilities: list[str]
    restrictions: list[str]
    restriction_note: str
    description: str
    setting: str
    area_m2: Decimal | None
    ceiling_m: Decimal | None
    people_max: int | None
    power_kw: Decimal | None
    sound: str
    parking_cars: int | None
    lodging_distance_m: int | None
    terms: str
    address: str
    directions: str
    latitude: float | None
    longitude: float | None
    locked_fields: list[str]
    standing: str
    standing_note: str
    last_verified_on: date | None
    is_bookable: bool
    capacity: int
    unit_label: str
    approval: str
    hold_minutes: int
    lead_minutes: int
    ahead_days: int
    min_minutes: int
    max_minutes: int
    step_minutes: int
    buffer_before_minutes: int
    buffer_after_minutes: int


WRITABLE = frozenset(PlaceFields.__annotations__)
DERIVED = ("search_text", "sort_key", "version", "created_at", "updated_at")
VOCABULARY_OF: dict[str, str] = {
    "town": Vocabulary.TOWN,
    "categories": Vocabulary.CATEGORY,
    "styles": Vocabulary.STYLE,
    "facilities": Vocabulary.FACILITY,
    "restrictions": Vocabulary.RESTRICTION,
}
#: Lowest and highest value; minutes of a rule fit 400 days, which no booking needs.
RANGES: dict[str, tuple[int, int]] = {
    "area_m2": (0, 100_000_000),
    "ceiling_m": (0, 500),
    "people_max": (0, 1_000_000),
    "power_kw": (0, 1_000_000),
    "parking_cars": (0, 1_000_000),
    "lodging_distance_m": (0, 1_000_000),
    "latitude": (-90, 90),
    "longitude": (-180, 180),
    "capacity": (1, 1_000_000),
    "hold_minutes": (5, 576_000),
    "lead_minutes": (0, 576_000),
    "ahead_days": (0, 3650),
    "min_minutes": (5, 576_000),
    "max_minutes": (5, 576_000),
    "step_minutes": (5, 1440),
    "buffer_before_minutes": (0, 10_080),
    "buffer_after_minutes": (0, 10_080),
}
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_CODE = re.compile(r"[\w.\-/()（）·#]+")
_TEXTS = tuple(f.name for f in Place._meta.concrete_fields if isinstance(f, models.CharField | models.TextField))
_LINES = tuple(f.name for f in Place._meta.concrete_fields if isinstance(f, models.TextField))
_LISTS = ("aliases", "categories", "styles", "facilities", "restrictions", "locked_fields")
_LABELS = {field.name: field.verbose_name for field in Place._meta.concrete_fields}
_NOT_CHECKED = {"id", "parent", "owner", *DERIVED}


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with one field, in the reader's language."""

    field: str
    reason: str
    code: ErrorCode = ErrorCode.INVALID
    data: tuple[tuple[str, Any], ...] = ()


def state_of(place: Place) -> dict[str, Any]:
    """The place as the audit trail keeps it: without what is derived from the rest."""
    return {name: value for name, value in audit.snapshot(place).items() if name not in DERIVED}


def assign(place: Place, fields: PlaceFields) -> None:
    """Set *fields*; a name that is not a field of a place is refused."""
    unknown = fields.keys() - WRITABLE
    if unknown:
        raise TypeError(f"not fields of a place: {sorted(unknown)}")
    for name, value in fields.items():
        setattr(place, name, value)


def is_readable(text: str) -> bool:
    """Whether *text* is free of control characters and halves of characters."""
    return not _FORBIDDEN.search(text)


def tidy_text(text: str, *, lines: bool = False) -> str:
    """One spelling of white space: trimmed, one kind of line end; on a single line where *lines* is false.

    Control characters are refused: neither the database nor a spreadsheet has them.
    """
    if not is_readable(text):
        raise XiepaiError(ErrorCode.INVALID, detail=_("含有看不见的控制字符，请删去。"))
    if not lines:
        return " ".join(text.split())
    return "\n".join(line.rstrip() for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n")).strip()


def tidy_list(items: Iterable[Any]) -> list[Any]:
    """Items trimmed, empty and repeated ones dropped, in their order."""
    trimmed = (" ".join(item.split()) if isinstance(item, str) else item for item in items)
    return list(dict.fromkeys(item for item in trimmed if item != ""))


def problems_of(place: Place, words: Words, *, kept: dict[str, Any] | None = None) -> list[Problem]:
    """Tidy *place* in place and list what is wrong with it.

    *kept* is the state before: words retired since may stay where they already stood.
    """
    found = list(_unreadable(place))
    if found:
        return found
    _tidy(place)
    found += _of_the_model(place)
    named = {problem.field for problem in found}
    found += [problem for problem in _of_ranges(place) if problem.field not in named]
    found += [problem for problem in _of_words(place, words, kept or {}) if problem.field not in named]
    if not found:
        found += _of_the_whole(place)
    return found


def refuse(problems: Collection[Problem]) -> None:
    """Raise what *problems* amount to, if anything."""
    if not problems:
        return
    first, *others = problems
    if not others and first.code is not ErrorCode.INVALID:
        raise XiepaiError(first.code, **dict(first.data))
    detail = "；".join(f"{label_of(problem.field)}：{problem.reason}" for problem in problems)
    raise XiepaiError(ErrorCode.INVALID, detail=detail, fields={p.field: p.reason for p in reversed(list(problems))})


def label_of(name: str) -> str:
    """The field's name as people read it."""
    return str(_LABELS.get(name, name))


def _unreadable(place: Place) -> Iterable[Problem]:
    for name in _TEXTS:
        value = getattr(place, name)
        if name in DERIVED:
            continue
        if not isinstance(value, str):
            yield Problem(name, _("应为文字。"))
        elif _FORBIDDEN.search(value):
            yield Problem(name, _("含有看不见的控制字符，请删去。"))
    for name in _LISTS:
        value = getattr(place, name)
        if not isinstance(value, list | tuple):
            yield Problem(name, _("应为一组文字。"))
        elif not all(isinstance(item, str) for item in value) or any(_FORBIDDEN.search(item) for item in value):
            yield Problem(name, _("含有不是文字的内容。"))


def _tidy(place: Place) -> None:
    for name in _TEXTS:
        if name not in DERIVED:
            setattr(place, name, tidy_text(getattr(place, name), lines=name in _LINES))
    for name in _LISTS:
        setattr(place, name, tidy_list(getattr(place, name)))
    for name in ("latitude", "longitude"):
        value = getattr(place, name)
        if isinstance(value, int | float | Decimal) and not isinstance(value, bool):
            setattr(place, name, round(float(value), 7))  # a centimetre; more digits do not survive spreadsheets


def _of_the_model(place: Place) -> Iterable[Problem]:
    blank_code = {"code"} if not place.code else set()
    try:
        place.clean_fields(exclude=_NOT_CHECKED | blank_code)
    except ValidationError as error:
        return [Problem(name, " ".join(reasons)) for name, reasons in error.message_dict.items()]
    return []


def _of_ranges(place: Place) -> Iterable[Problem]:
    for name, (lowest, highest) in RANGES.items():
        value = getattr(place, name)
        if value is not None and not lowest <= value <= highest:
            yield Problem(name, _("应在 {lowest} 到 {highest} 之间。").format(lowest=lowest, highest=highest))
    if place.code and not _CODE.fullmatch(place.code):
        yield Problem("code", _("编号只能用文字、数字和 . - / ( ) · #，不能有空格。"))
    if place.last_verified_on and place.last_verified_on > clock.today():
        yield Problem("last_verified_on", _("不能晚于今天。"))


def _of_words(place: Place, words: Words, kept: dict[str, Any]) -> Iterable[Problem]:
    if not place.categories:
        yield Problem("categories", _("至少要有一个类别。"))
    for name, vocabulary in VOCABULARY_OF.items():
        codes, before = getattr(place, name), kept.get(name) or ()
        if name == "town":
            codes, before = [codes], [before]
        for code in codes:
            word = words[vocabulary].by_code.get(code)
            if word is None or not (word.is_active or code in before):
                yield _unknown_term(name, vocabulary, code)
    for name in place.locked_fields:
        if name not in LOCKABLE_OF_PLACE:
            yield Problem("locked_fields", _("“{name}”不能设为预留后可见。").format(name=name))


def _unknown_term(name: str, vocabulary: str, code: str) -> Problem:
    label = str(Vocabulary(vocabulary).label)
    data = {"vocabulary": label, "term": code}
    return Problem(name, str(XiepaiError(ErrorCode.UNKNOWN_TERM, **data)), ErrorCode.UNKNOWN_TERM, tuple(data.items()))


def _of_the_whole(place: Place) -> Iterable[Problem]:
    if (place.latitude is None) != (place.longitude is None):
        missing = "latitude" if place.latitude is None else "longitude"
        yield Problem(missing, _("经度和纬度要一起填。"))
    if place.max_minutes < place.min_minutes:
        yield Problem("max_minutes", _("不能短于最短时长。"))
    if place.kind == PlaceKind.COMBINATION and place.capacity > 1:
        yield Problem("capacity", _("组合的数量只能是 1。"))
