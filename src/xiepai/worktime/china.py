"""The official working calendar of China, holidays and adjusted workdays (调休), as data for :class:`Calendar`.

The days come from ``chinesecalendar``, which restates each year's notice of the State Council (国务院办公厅关于
节假日安排的通知); tests compare 2026 with the notice's own list. The only module that imports it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, tzinfo
from functools import cache
from zoneinfo import ZoneInfo

from chinese_calendar import constants

from xiepai.worktime.workdays import Calendar, Day, DayKind, Hours

SHANGHAI = ZoneInfo("Asia/Shanghai")


@cache
def official_days() -> tuple[frozenset[int], Mapping[date, Day]]:
    """The years the source knows, and each day that differs from Monday to Friday."""
    names = {each.value: each.chinese for each in constants.Holiday}
    off = {day: Day(day, DayKind.HOLIDAY, False, names.get(name, name)) for day, name in constants.holidays.items()}
    on = {day: Day(day, DayKind.ADJUSTED, True, names.get(name, name)) for day, name in constants.workdays.items()}
    return frozenset(day.year for day in constants.holidays), {**off, **on}


def english_name(name: str) -> str:
    """A holiday in English; what has no English name stays as it is.

    >>> english_name("国庆节"), english_name("台风")
    ('National Day', '台风')
    """
    return {each.chinese: str(each.value) for each in constants.Holiday}.get(name, name)


def china(
    *,
    own: Mapping[date, Day] | None = None,
    hours: Hours | None = None,
    declared: Iterable[int] = (),
    zone: tzinfo = SHANGHAI,
) -> Calendar:
    """China's calendar with an office's own days and hours; *declared* are years the office vouches for by its days.

    >>> china().of(date(2026, 10, 10)).kind.value
    'adjusted workday'
    """
    years, special = official_days()
    return Calendar(zone, years | frozenset(declared), special, own or {}, hours or Hours())
