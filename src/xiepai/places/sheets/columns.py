"""The columns of a file of places: one table, in the trade's words, that import, export and the guide all read.

A column is known by its Chinese header, its English name and its key; an unknown header is reported, never guessed.
An absent column leaves a place as it is; an empty cell empties the field (prices excepted: they are history).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Any

from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import override

from xiepai.places.models import Approval, PlaceKind, Setting, Sound, Standing, Terms, Visibility, Vocabulary
from xiepai.places.sheets import cells, hours
from xiepai.places.sheets.cells import CellError
from xiepai.places.vocabulary import Words

Read = Callable[[Any, Words], Any]
Write = Callable[[Any, Words], str]


@dataclass(frozen=True, slots=True)
class Column:
    """One column. ``group`` says what the value belongs to: place, link, calendar or tariff."""

    key: str
    header: str
    english: str
    group: str
    read: Read
    write: Write
    is_number: bool = False
    is_list: bool = False


def _text(value: Any, _words: Words) -> str:
    return cells.read_text(value)


def _plain(value: Any, _words: Words) -> str:
    return str(value)


def _of(read: Callable[[Any], Any]) -> Read:
    return lambda value, _words: read(value)


def _text_of(read: Callable[[str], Any]) -> Read:
    return lambda value, _words: read(cells.read_text(value))


def _number(value: Any, _words: Words) -> str:
    return "" if value is None else cells.write_number(value)


def _written(write: Callable[[Any], str]) -> Write:
    return lambda value, _words: "" if value is None else write(value)


def _term(vocabulary: str) -> tuple[Read, Write]:
    def read(value: Any, words: Words) -> str:
        text = cells.read_text(value).strip()
        return _code(words, vocabulary, text) if text else ""

    return read, lambda value, words: words[vocabulary].spelling(value)


def _terms(vocabulary: str) -> tuple[Read, Write]:
    def read(value: Any, words: Words) -> list[str]:
        return [_code(words, vocabulary, text) for text in cells.read_list(value)]

    return read, lambda value, words: cells.join(words[vocabulary].spelling(code) for code in value)


def _code(words: Words, vocabulary: str, text: str) -> str:
    code = words[vocabulary].code_of(text)
    if code is None:
        label = Vocabulary(vocabulary).label
        raise CellError(_("词表“{vocabulary}”里没有“{term}”。").format(vocabulary=label, term=text))
    return code


def _choice(choices: type[models.TextChoices]) -> tuple[Read, Write]:
    @cache
    def labels(language: str) -> dict[str, str]:
        with override(language):
            return {choice.value: str(choice.label) for choice in choices}

    @cache
    def known() -> dict[str, str]:
        spoken = {
            label.casefold(): value for language in ("en", "zh-hans") for value, label in labels(language).items()
        }
        return {**spoken, **{choice.value: choice.value for choice in choices}}

    def read(value: Any, _words: Words) -> str | None:
        text = unicodedata.normalize("NFKC", cells.read_text(value)).strip().casefold()
        if not text:
            return None
        if text not in known():
            raise CellError(_("应为其中之一：{choices}。").format(choices="、".join(str(c.label) for c in choices)))
        return known()[text]

    def write(value: Any, _words: Words) -> str:
        return labels("zh-hans")[value]

    return read, write


_LIST = (_of(cells.read_list), _written(cells.join))
_INT = (_of(cells.read_int), _number)
_MINUTES = (_of(cells.read_minutes), _number)
_YUAN = (_of(cells.read_yuan), _written(cells.write_yuan))
_BOOL = (_of(cells.read_bool), _written(cells.write_bool))
_DAY = (_of(cells.read_day), _written(str))
_CLOCK = (_of(cells.read_clock), _written(cells.write_clock))
_TEXT = (_text, _plain)
_STANDING = _choice(Standing)


def _decimal(places: int) -> tuple[Read, Write]:
    return lambda value, _words: cells.read_decimal(value, places=places), _number


def _place(
    key: str, header: str, english: str, kind: tuple[Read, Write], is_number: bool = False, is_list: bool = False
) -> Column:
    return Column(key, header, english, "place", *kind, is_number, is_list)


def _tariff(key: str, header: str, english: str, kind: tuple[Read, Write], is_number: bool = False) -> Column:
    return Column(key, header, english, "tariff", *kind, is_number)


COLUMNS: tuple[Column, ...] = (
    _place("code", "编号", "Code", _TEXT),
    Column("parent", "上级编号", "Parent code", "link", *_TEXT),
    Column("owner", "所属机构", "Organisation", "link", *_TEXT),
    _place("kind", "层级", "Level", _choice(PlaceKind)),
    _place("name", "名称", "Name", _TEXT),
    _place("name_en", "英文名称", "English name", _TEXT),
    _place("aliases", "别名", "Aliases", _LIST, is_list=True),
    _place("town", "镇街", "Town", _term(Vocabulary.TOWN)),
    _place("categories", "类别", "Categories", _terms(Vocabulary.CATEGORY), is_list=True),
    _place("styles", "风格年代", "Styles", _terms(Vocabulary.STYLE), is_list=True),
    _place("setting", "内外景", "Inside/outside", _choice(Setting)),
    _place("area_m2", "面积（平方米）", "Area (m²)", _decimal(1), is_number=True),
    _place("ceiling_m", "净高（米）", "Ceiling (m)", _decimal(2), is_number=True),
    _place("people_max", "容纳人数", "People", _INT, is_number=True),
    _place("power_kw", "供电（千瓦）", "Power (kW)", _decimal(1), is_number=True),
    _place("sound", "同期声", "Sound", _choice(Sound)),
    _place("parking_cars", "停车位", "Parking", _INT, is_number=True),
    _place("lodging_distance_m", "距住宿（米）", "Distance to lodging (m)", _INT, is_number=True),
    _place("facilities", "设施", "Facilities", _terms(Vocabulary.FACILITY), is_list=True),
    _place("restrictions", "限制", "Restrictions", _terms(Vocabulary.RESTRICTION), is_list=True),
    _place("restriction_note", "限制说明", "Restriction note", _TEXT),
    _place("description", "介绍", "Description", _TEXT),
    _place("terms", "收费方式", "Terms", _choice(Terms)),
    _place("address", "地址", "Address", _TEXT),
    _place("directions", "到达方式", "Directions", _TEXT),
    _place("latitude", "纬度", "Latitude", (_of(cells.read_float), _number), is_number=True),
    _place("longitude", "经度", "Longitude", (_of(cells.read_float), _number), is_number=True),
    _place("locked_fields", "预留后可见", "Locked until hold", _LIST, is_list=True),
    Column("visibility", "可见性", "Visibility", "link", *_choice(Visibility)),
    _place("standing", "资料性质", "Standing", _STANDING),
    _place("standing_note", "资料说明", "Standing note", _TEXT),
    _place("last_verified_on", "最近核实", "Last verified", _DAY),
    _place("is_bookable", "可预订", "Bookable", _BOOL),
    _place("capacity", "数量", "Capacity", _INT, is_number=True),
    _place("unit_label", "单位", "Unit", _TEXT),
    _place("approval", "确认方式", "Approval", _choice(Approval)),
    _place("hold_minutes", "预留时长（分钟）", "Hold (min)", _MINUTES, is_number=True),
    _place("lead_minutes", "提前量（分钟）", "Lead time (min)", _MINUTES, is_number=True),
    _place("ahead_days", "最多提前天数", "Days ahead", _INT, is_number=True),
    _place("min_minutes", "最短时长（分钟）", "Shortest (min)", _MINUTES, is_number=True),
    _place("max_minutes", "最长时长（分钟）", "Longest (min)", _MINUTES, is_number=True),
    _place("step_minutes", "起始间隔（分钟）", "Start step (min)", _MINUTES, is_number=True),
    _place("buffer_before_minutes", "前缓冲（分钟）", "Buffer before (min)", _MINUTES, is_number=True),
    _place("buffer_after_minutes", "后缓冲（分钟）", "Buffer after (min)", _MINUTES, is_number=True),
    Column("parts", "组合分区", "Parts joined", "link", *_LIST, is_list=True),
    Column("opening", "开放时间", "Opening hours", "calendar", _text_of(hours.read_rules), _written(hours.write_rules)),
    Column("closed_days", "休息日", "Closed days", "calendar", _text_of(hours.read_days), _written(hours.write_days)),
    _tariff("tariff_from", "价目生效", "Tariff from", _DAY),
    _tariff("is_free", "免费", "Free of charge", _BOOL),
    _tariff("free_condition", "免费条件", "Condition of free use", _TEXT),
    _tariff("hour_yuan", "每小时（元）", "Per hour (yuan)", _YUAN, is_number=True),
    _tariff("day_yuan", "每天（元）", "Per day (yuan)", _YUAN, is_number=True),
    _tariff("day_limit_minutes", "一天上限（分钟）", "Day limit (min)", _MINUTES, is_number=True),
    _tariff("night_yuan", "夜间每小时加收（元）", "Night surcharge per hour (yuan)", _YUAN, is_number=True),
    _tariff("night_from", "夜间开始", "Night from", _CLOCK),
    _tariff("night_to", "夜间结束", "Night to", _CLOCK),
    _tariff("overtime_yuan", "超时每档（元）", "Overtime per step (yuan)", _YUAN, is_number=True),
    _tariff("overtime_step_minutes", "超时档（分钟）", "Overtime step (min)", _MINUTES, is_number=True),
    _tariff("deposit_yuan", "押金（元）", "Deposit (yuan)", _YUAN, is_number=True),
    _tariff(
        "cancellation",
        "取消条款",
        "Cancellation",
        (_text_of(hours.read_cancellation), _written(hours.write_cancellation)),
    ),
    _tariff("extras", "附加项", "Extras", (_text_of(hours.read_extras), _written(hours.write_extras))),
    _tariff("tariff_standing", "价目资料性质", "Tariff standing", _STANDING),
    _tariff("tariff_note", "价目说明", "Tariff note", _TEXT),
)
BY_KEY = {column.key: column for column in COLUMNS}
#: What the columns of a tariff are called in the tariff itself.
TARIFF_NAMES = {
    "tariff_from": "valid_from",
    "hour_yuan": "hour_fen",
    "day_yuan": "day_fen",
    "night_yuan": "night_fen",
    "night_from": "night_from_minute",
    "night_to": "night_to_minute",
    "overtime_yuan": "overtime_fen",
    "deposit_yuan": "deposit_fen",
    "tariff_standing": "standing",
    "tariff_note": "note",
}
#: Other words people use (field.md: the scouting record), by column.
_ALSO = {
    "name": ("场景名称", "地点名称", "name_zh"),
    "town": ("所在镇街", "街道", "乡镇"),
    "categories": ("类型", "分类", "category", "种类"),
    "styles": ("风格", "年代", "style"),
    "people_max": ("人数", "可容纳人数", "容量"),
    "area_m2": ("面积", "使用面积"),
    "ceiling_m": ("层高", "净高"),
    "power_kw": ("电力", "供电"),
    "sound": ("现场收音",),
    "parking_cars": ("停车",),
    "lodging_distance_m": ("距离住宿", "距住宿"),
    "latitude": ("lat",),
    "longitude": ("lon", "lng"),
    "owner": ("机构", "场地方"),
    "parent": ("上级", "所属场区"),
    "hour_yuan": ("每小时", "小时价"),
    "day_yuan": ("每天", "包天"),
    "night_yuan": ("夜间加收",),
    "overtime_yuan": ("超时费",),
    "deposit_yuan": ("押金",),
    "description": ("简介", "说明"),
}


def _folded(header: str) -> str:
    return re.sub(r"[\s_*：:]+", "", unicodedata.normalize("NFKC", header)).casefold()


def _spellings() -> dict[str, Column]:
    known: dict[str, Column] = {}
    for column in COLUMNS:
        plain = re.sub(r"[（(].*?[）)]", "", column.header)
        for text in (column.key, column.header, column.english, plain, *_ALSO.get(column.key, ())):
            known.setdefault(_folded(text), column)
    return known


_KNOWN = _spellings()


def column_of(header: str) -> Column | None:
    """The column a header means, None when nobody knows it."""
    return _KNOWN.get(_folded(header))


def text_of(column: Column, value: Any, words: Words) -> str:
    """A value as the text of its cell; markers pass as they are."""
    if isinstance(value, str) and value in cells.LEAVE_AS_IS:
        return value
    text = column.write(value, words)
    return text if len(text) <= cells.LONGEST_CELL else cells.TOO_LONG


def recognised(headers: Iterable[Any]) -> int:
    """How many of these cells are headers of a file of places."""
    return sum(1 for header in headers if isinstance(header, str) and column_of(header))


def number_of(column: Column, text: str) -> Decimal | None:
    """A number column's text as a number, for files that have numbers; None where it is a marker or empty."""
    return Decimal(text) if column.is_number and text and text not in cells.LEAVE_AS_IS else None
