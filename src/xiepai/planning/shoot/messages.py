"""Every sentence this core says about a problem or a plan's file that cannot be: one code, one text in each language.

Values refuse with a :class:`ShootError`, a file with faults that name where they stand. The core knows no framework,
so its words stand here; a test holds both languages complete, their placeholders equal, and every code raised.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Code(StrEnum):
    """What can be wrong. Codes are added, never renamed."""

    WINDOW = "window"
    HEADS = "heads"
    PENALTY = "penalty"
    SCENE_MINUTES = "scene_minutes"
    SCENE_NOWHERE = "scene_nowhere"
    SCENE_TWICE = "scene_twice"
    PRICE = "price"
    SHORT_DAY = "short_day"
    SETUP = "setup"
    WAITING_FEE = "waiting_fee"
    PERSON_MINUTES = "person_minutes"
    PERSON_LIMITS = "person_limits"
    UNIT_HOURS = "unit_hours"
    UNIT_MONEY = "unit_money"
    SUN_ORDER = "sun_order"
    NO_SUN = "no_sun"
    CROWD_MONEY = "crowd_money"
    WISH_ONE = "wish_one"
    WISH_TWO = "wish_two"
    WISH_SCENES = "wish_scenes"
    WISH_DATES = "wish_dates"
    WISH_NO_DATES = "wish_no_dates"
    WISH_PRICE = "wish_price"
    WEIGHT = "weight"
    TRAVEL = "travel"
    NO_DAY_OR_UNIT = "no_day_or_unit"
    DAYS_ORDER = "days_order"
    TWICE = "twice"
    SCENE_UNKNOWN = "scene_unknown"
    WISH_UNKNOWN = "wish_unknown"
    LOCK_UNKNOWN = "lock_unknown"
    LOCK_PLACE = "lock_place"
    LOCK_DAY = "lock_day"
    FIXED_UNKNOWN = "fixed_unknown"
    FIXED_DAY = "fixed_day"
    CALENDAR_DAYS = "calendar_days"
    CALENDAR_ORDER = "calendar_order"
    DAY_UNIT = "day_unit"
    LIMIT = "limit"
    SYNTAX = "syntax"
    ENCODING = "encoding"
    NOT_A_PLAN = "not_a_plan"
    DAYS_FORM = "days_form"
    DAYS_COUNT = "days_count"
    NO_DAYS = "no_days"
    NO_SCENES = "no_scenes"
    NUMBER = "number"
    NO_ID = "no_id"
    NAMES = "names"
    ONE_OF = "one_of"
    HOURS = "hours"
    HOUR = "hour"
    UNKNOWN_KEY = "unknown_key"
    LIST = "list"
    MAPPING = "mapping"
    DATE = "date"
    NOT_A_DAY = "not_a_day"
    BETWEEN = "between"
    CROWD = "crowd"
    NOTHING_AT = "nothing_at"
    NO_SUCH_SCENE = "no_such_scene"
    SCRIPT = "script"


TEXTS: dict[Code, tuple[str, str]] = {
    Code.WINDOW: ("时段的结束要在开始之后：{start}–{end}", "a window must end after it starts: {start}–{end}"),
    Code.HEADS: ("群演至少一人", "a crowd has heads"),
    Code.PENALTY: ("后备场地的算价不能是负数", "a second place cannot earn money"),
    Code.SCENE_MINUTES: ("{id} 的分钟数须在 1 至 1440 之间", "scene {id}: minutes must lie between 1 and 1440"),
    Code.SCENE_NOWHERE: ("{id} 没有写在哪里拍（place）", "scene {id} has no place"),
    Code.SCENE_TWICE: ("{id} 里同一个{what}写了两次", "scene {id} names a {what} twice"),
    Code.PRICE: ("价格不能是负数", "a price cannot be negative"),
    Code.SHORT_DAY: ("一天至少按一小时算", "a day is at least an hour"),
    Code.SETUP: ("{id} 的架设须在 0 至 720 分钟之间", "place {id}: set-up must lie between 0 and 720 minutes"),
    Code.WAITING_FEE: (
        "{id} 的等待日费用须在 0 与日薪之间",
        "person {id}: a waiting day costs between nothing and a day's fee",
    ),
    Code.PERSON_MINUTES: (
        "{id} 的化妆、换装最多 720 分钟，休息最多 960 分钟",
        "person {id}: make-up and change at most 720 minutes, rest at most 960",
    ),
    Code.PERSON_LIMITS: ("{id} 的每日上限和最晚时刻须大于 0", "person {id}: limits must be positive"),
    Code.UNIT_HOURS: ("{id} 一天最长不能短于计费的时长", "unit {id}: the longest day is shorter than the paid one"),
    Code.UNIT_MONEY: (
        "{id} 的费用不能是负数，休息最多 960 分钟",
        "unit {id}: money cannot be negative, rest at most 960 minutes",
    ),
    Code.SUN_ORDER: ("{day}：日出要在日落之前", "{day}: sunrise must come before sunset"),
    Code.NO_SUN: ("纬度 {latitude}° 在 {day} 没有日出日落", "the sun neither rises nor sets at {latitude}° on {day}"),
    Code.CROWD_MONEY: ("{id}：价格不能是负数", "crowd {id}: prices cannot be negative"),
    Code.WISH_ONE: ("这种要求（{kind}）说的是一场戏", "the wish {kind} is about one scene"),
    Code.WISH_TWO: ("这种要求（{kind}）说的是两场不同的戏", "the wish {kind} is about two different scenes"),
    Code.WISH_SCENES: ("日子的要求（{kind}）要写场次，不能重复", "the wish {kind} names scenes, each once"),
    Code.WISH_DATES: ("日子的要求（{kind}）要写日期（dates）", "the wish {kind} needs dates"),
    Code.WISH_NO_DATES: ("次序的要求（{kind}）不写日期和场景", "the wish {kind} is about no dates and no place"),
    Code.WISH_PRICE: ("做不到的价钱不能是负数", "a broken wish cannot earn money"),
    Code.WEIGHT: ("权重不能是负数", "a weight cannot be negative"),
    Code.TRAVEL: ("路上的时间不能是负数", "travel takes no negative time"),
    Code.NO_DAY_OR_UNIT: ("计划至少要有一天和一个组", "a plan needs at least one day and one unit"),
    Code.DAYS_ORDER: ("日子要按先后写", "days must follow each other in time"),
    Code.TWICE: ("同一个{what}写了两次：{names}", "the same {what} twice: {names}"),
    Code.SCENE_UNKNOWN: ("{id} 用到没有写出的{what}：{names}", "scene {id}: {what} unknown: {names}"),
    Code.WISH_UNKNOWN: ("要求里有不存在的场次：{names}", "wish: scene unknown: {names}"),
    Code.LOCK_UNKNOWN: ("锁定里有不存在的{what}：{names}", "lock: {what} unknown: {names}"),
    Code.LOCK_PLACE: ("{id} 不能锁定在 {names}：那里不是它的场地", "lock of {id}: {names} is no place of the scene"),
    Code.LOCK_DAY: ("{id} 的锁定：没有第 {day} 天", "lock of {id}: there is no day number {day}"),
    Code.FIXED_UNKNOWN: ("已定的安排里有不存在的{what}：{names}", "fixed: {what} unknown: {names}"),
    Code.FIXED_DAY: ("{id} 已定，它的日子须是冻结或锁定的", "fixed {id}: its day must be a frozen or locked one"),
    Code.CALENDAR_DAYS: (
        "{id} 的日历有 {number} 天，计划有 {days} 天",
        "{id}: the calendar has {number} days, the plan {days}",
    ),
    Code.CALENDAR_ORDER: (
        "{id}：一天里的时段要按先后写，不能重叠",
        "{id}: free windows of a day must follow each other",
    ),
    Code.DAY_UNIT: ("{day} 锁定了不存在的组：{names}", "{day}: locked unit unknown: {names}"),
    Code.LIMIT: ("限时和轮数须是正数", "a limit must be positive"),
    Code.SYNTAX: (
        "不合 YAML 的写法；常见的是冒号后缺空格、缩进不齐、括号或引号没有配对",
        "not valid YAML: {detail}",
    ),
    Code.ENCODING: ("不是 UTF-8 文字，请另存为 UTF-8", "not UTF-8 text: save it as UTF-8"),
    Code.NOT_A_PLAN: ("要的是一份写着 scenes 的计划", "a mapping with 'scenes' is wanted"),
    Code.DAYS_FORM: ("“{text}”：请写 2026-12-01..2026-12-06", "'{text}': wanted 2026-12-01..2026-12-06"),
    Code.DAYS_COUNT: ("“{text}”：请按先后写 1 至 120 天", "'{text}': 1 to 120 days in order"),
    Code.NO_DAYS: (
        "没有写日子：写 days: 2026-12-01..2026-12-06，或用 --days",
        "no days: write days: 2026-12-01..2026-12-06 or use --days",
    ),
    Code.NO_SCENES: ("没有场次", "no scenes"),
    Code.NUMBER: ("要的是数字，不是“{text}”", "a number is wanted, not '{text}'"),
    Code.NO_ID: ("没有写名字或编号（id）", "no id"),
    Code.NAMES: ("要的是一列名字", "a list of names is wanted"),
    Code.ONE_OF: ("“{text}”不行，可以写：{names}", "'{text}': one of {names}"),
    Code.HOURS: ("“{text}”：请写成 06:00-24:00", "'{text}': wanted like 06:00-24:00"),
    Code.HOUR: ("“{text}”：请写成 22:00", "'{text}': wanted like 22:00"),
    Code.UNKNOWN_KEY: ("不认识的字段", "unknown key"),
    Code.LIST: ("要的是一列", "a list is wanted"),
    Code.MAPPING: ("要的是“名字: 值”这样的一组", "a mapping is wanted"),
    Code.DATE: ("“{text}”不是日期", "'{text}' is not a date"),
    Code.NOT_A_DAY: ("{text} 不在计划的日子里", "{text} is not one of the days"),
    Code.BETWEEN: ("请写成 [[一处, 另一处, 分钟]]", "wanted like [[one site, another, minutes]]"),
    Code.CROWD: ("“{text}”：请写人数，或“种类: 人数”", "'{text}': wanted heads, or heads of each kind"),
    Code.NOTHING_AT: ("没有场次在“{text}”拍", "no scene is shot at '{text}'"),
    Code.NO_SUCH_SCENE: ("没有这一场：{text}（有 {names} …）", "no scene {text}; there are {names} …"),
    Code.SCRIPT: ("{zh}", "{en}"),
}

WORDS: dict[str, tuple[str, str]] = {
    "scene": ("场次", "scene"), "place": ("场地", "place"), "person": ("人", "person"), "crowd": ("群演种类", "crowd"),
    "unit": ("组", "unit"), "lock": ("锁定", "lock"), "fixed": ("已定的场次", "fixed scene"),
}  # fmt: skip


def message(code: Code, data: dict[str, Any], lang: str = "zh") -> str:
    """The sentence of a code.

    >>> message(Code.TWICE, {"what": "place", "names": ("hall",)}, "en")
    'the same place twice: hall'
    """
    english = lang != "zh"
    filled = {
        key: WORDS[value][english]
        if key == "what"
        else ((", " if english else "、").join(map(str, value)) if isinstance(value, list | tuple) else value)
        for key, value in data.items()
    }
    return TEXTS[code][english].format(**filled)


class ShootError(ValueError):
    """A value that cannot be; ``str`` is the English sentence."""

    def __init__(self, code: Code, **data: Any) -> None:
        self.code, self.data = code, data
        super().__init__(message(code, data, "en"))


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a file: where (``scenes[3].minutes``; empty: the whole file), and what."""

    where: str
    code: Code
    data: dict[str, Any] = field(default_factory=dict)
    line: int = 0

    def place(self, lang: str = "zh") -> str:
        """Where, in words where it is no path.

        >>> Fault("", Code.SYNTAX, line=3).place(), Fault("", Code.NO_SCENES).place("en")
        ('第 3 行', 'file')
        """
        if self.where:
            return self.where
        if self.line:
            return f"第 {self.line} 行" if lang == "zh" else f"line {self.line}"
        return "文件" if lang == "zh" else "file"

    def message(self, lang: str = "zh") -> str:
        """What, in words."""
        return message(self.code, self.data, lang)


class PlanFileError(ValueError):
    """A file that cannot be planned."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = list(faults)
        super().__init__("; ".join(f"{each.place('en')}: {each.message('en')}" for each in faults))
