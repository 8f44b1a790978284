"""Weekly hours, closed days, cancellation terms and extras as text people can write, and back.

``周一至周五 08:00-22:00；周六、周日 09:00-次日02:00`` · ``2026-10-01至2026-10-07 国庆`` · ``48小时:50%、24小时:100%`` ·
``power|用电|度|2|Power``. Items stand between semicolons; a separator inside a text has a backslash before it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from datetime import date, timedelta

from django.utils.translation import gettext as _

from xiepai.places.services.tariffs import Extra
from xiepai.places.sheets.cells import (
    CellError,
    escape,
    read_day,
    read_yuan,
    split_raw,
    unescape,
    write_clock,
    write_yuan,
)
from xiepai.worktime.opening import WeeklyRule

_WEEK = "一二三四五六日"
_DAY = re.compile(r"(?:周|星期)([一二三四五六日天])")
_RANGE = re.compile(r"(?:周|星期)([一二三四五六日天])(?:至|到|~|-|–)(?:周|星期)?([一二三四五六日天])")
_ISO = r"\d{4}-\d{1,2}-\d{1,2}"
_VALID = re.compile(rf"(?:({_ISO})(?:至|到|~)({_ISO})|({_ISO})起|至({_ISO}))\s+(.*)", re.DOTALL)
_HOURS = re.compile(r"(\d{1,2}):(\d{2})(?:-|–|~|至|到)(次日)?(\d{1,2}):(\d{2})")
_CLOSED = re.compile(rf"({_ISO})(?:(?:至|到|~)({_ISO}))?(?:\s+(.*))?", re.DOTALL)
_TERM = re.compile(r"(\d{1,4})\s*(?:小时|h)?\s*[: ]\s*(\d{1,3})\s*%?")
_WHOLE_DAY = {"全天", "24小时", "24h"}
MOST_DAYS = 3700


def write_rules(rules: Iterable[WeeklyRule]) -> str:
    """The rules as text; days with the same hours stand together.

    >>> write_rules([WeeklyRule(day, 480, 1560) for day in (0, 1, 2, 5)])
    '周一至周三、周六 08:00-次日02:00'
    """
    hours: dict[tuple[date | None, date | None], dict[int, list[tuple[int, int]]]] = {}
    for rule in sorted(set(rules), key=lambda r: (r.opens_minute, r.closes_minute)):
        days = hours.setdefault((rule.valid_from, rule.valid_to), {})
        days.setdefault(rule.weekday, []).append((rule.opens_minute, rule.closes_minute))
    items = []
    for validity in sorted(hours, key=lambda pair: (pair[0] or date.min, pair[1] or date.max)):
        groups: dict[tuple[tuple[int, int], ...], list[int]] = {}
        for weekday in sorted(hours[validity]):
            groups.setdefault(tuple(hours[validity][weekday]), []).append(weekday)
        for spans, weekdays in sorted(groups.items(), key=lambda pair: pair[1]):
            text = ",".join(f"{write_clock(a)}-{_closing(b)}" for a, b in spans)
            items.append(f"{_validity(*validity)}{_weekdays(weekdays)} {text}")
    return "；".join(items)


def read_rules(text: str) -> tuple[WeeklyRule, ...]:
    """The inverse of :func:`write_rules`; ``每天``, ``全天``, ``星期`` and several dashes are understood too."""
    found: set[WeeklyRule] = set()
    for item in split_raw(_plain(text), ";\n"):
        valid_from, valid_to, rest = _read_validity(item)
        words = re.sub(r"\s*([,、~–-])\s*", r"\1", rest).split()
        spans = words.pop() if words else ""
        days = "".join(words) or "每天"
        for weekday in _read_weekdays(days):
            for opens, closes in _read_spans(spans):
                found.add(_rule(weekday, opens, closes, valid_from, valid_to))
    return tuple(sorted(found, key=lambda r: (r.weekday, r.opens_minute, r.closes_minute)))


def write_days(days: Mapping[date, str]) -> str:
    """Closed days as text; neighbouring days with one reason stand as a range."""
    items: list[tuple[date, date, str]] = []
    for day in sorted(days):
        if items and items[-1][1] + timedelta(days=1) == day and items[-1][2] == days[day]:
            items[-1] = (items[-1][0], day, days[day])
        else:
            items.append((day, day, days[day]))
    texts = (f"{a}至{b} {escape(why)}" if a != b else f"{a} {escape(why)}" for a, b, why in items)
    return "；".join(text.rstrip() for text in texts)


def read_days(text: str) -> dict[date, str]:
    """The inverse of :func:`write_days`."""
    days: dict[date, str] = {}
    for item in split_raw(text, "；;\n"):
        found = _CLOSED.fullmatch(item)
        if not found:
            raise CellError(
                _("看不懂“{item}”；请写成 2026-10-01 国庆 或 2026-10-01至2026-10-07 国庆。").format(item=item)
            )
        first = _day(found[1])
        last = _day(found[2]) if found[2] else first
        if last < first or (last - first).days > MOST_DAYS:
            raise CellError(_("“{item}”的止日不对。").format(item=item))
        for offset in range((last - first).days + 1):
            day = first + timedelta(days=offset)
            if day in days:
                raise CellError(_("{day} 出现了两次。").format(day=day))
            days[day] = unescape(found[3] or "").strip()
    return days


def write_cancellation(terms: Iterable[Iterable[int]]) -> str:
    """``[[48, 50], [24, 100]]`` as ``48小时:50%、24小时:100%``."""
    return "、".join(f"{hours}小时:{percent}%" for hours, percent in terms)


def read_cancellation(text: str) -> list[list[int]]:
    """The inverse of :func:`write_cancellation`."""
    terms = []
    for item in split_raw(_plain(text), "、,;\n"):
        found = _TERM.fullmatch(item)
        if not found:
            raise CellError(_("看不懂“{item}”；请写成 48小时:50%。").format(item=item))
        terms.append([int(found[1]), int(found[2])])
    return sorted(terms, reverse=True)


def write_extras(extras: Iterable[Extra]) -> str:
    """Extras as ``code|label|unit|yuan|label_en`` between semicolons."""
    items = []
    for extra in sorted(extras, key=lambda one: one.code):
        fields = [extra.code, extra.label, extra.unit, write_yuan(extra.unit_fen)]
        items.append("|".join(escape(field) for field in [*fields, *([extra.label_en] if extra.label_en else [])]))
    return "；".join(items)


def read_extras(text: str) -> list[Extra]:
    """The inverse of :func:`write_extras`."""
    extras = []
    for item in split_raw(text, "；;\n"):
        fields = [unescape(field) for field in split_raw(item, "|")]
        fen = read_yuan(fields[3]) if len(fields) in (4, 5) else None
        if fen is None:
            raise CellError(_("看不懂“{item}”；请写成 代码|名称|单位|元|英文名称。").format(item=item))
        extras.append(Extra(fields[0], fields[1], fields[2], fen, fields[4] if len(fields) == 5 else ""))
    return sorted(extras, key=lambda one: one.code)


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text)


def _closing(minute: int) -> str:
    return write_clock(minute) if minute <= 1440 else f"次日{write_clock(minute - 1440)}"


def _validity(valid_from: date | None, valid_to: date | None) -> str:
    if valid_from and valid_to:
        return f"{valid_from}至{valid_to} "
    if valid_from:
        return f"{valid_from}起 "
    return f"至{valid_to} " if valid_to else ""


def _weekdays(days: list[int]) -> str:
    if len(days) == 7:
        return "每天"
    runs: list[list[int]] = []
    for day in days:
        if runs and runs[-1][-1] == day - 1:
            runs[-1].append(day)
        else:
            runs.append([day])
    names = []
    for run in runs:
        if len(run) > 2:
            names.append(f"周{_WEEK[run[0]]}至周{_WEEK[run[-1]]}")
        else:
            names += [f"周{_WEEK[day]}" for day in run]
    return "、".join(names)


def _read_validity(item: str) -> tuple[date | None, date | None, str]:
    found = _VALID.fullmatch(item)
    if not found:
        return None, None, item
    first, last = found[1] or found[3], found[2] or found[4]
    return (_day(first) if first else None), (_day(last) if last else None), found[5]


def _read_weekdays(text: str) -> list[int]:
    if text in ("每天", "每日", "天天"):
        return list(range(7))
    days: list[int] = []
    for word in split_raw(text, "、,"):
        if span := _RANGE.fullmatch(word):
            first, last = _weekday(span[1]), _weekday(span[2])
            days += [(first + offset) % 7 for offset in range((last - first) % 7 + 1)]
        elif one := _DAY.fullmatch(word):
            days.append(_weekday(one[1]))
        else:
            raise CellError(_("看不懂“{item}”；请写成 周一至周五 08:00-22:00。").format(item=word))
    return days


def _weekday(sign: str) -> int:
    return _WEEK.index("日" if sign == "天" else sign)


def _read_spans(text: str) -> list[tuple[int, int]]:
    if text in _WHOLE_DAY:
        return [(0, 1440)]
    spans = []
    for word in split_raw(text, "、,"):
        found = _HOURS.fullmatch(word)
        if not found or int(found[2]) > 59 or int(found[5]) > 59:
            raise CellError(_("看不懂“{item}”；请写成 08:00-22:00 或 20:00-次日02:00。").format(item=word))
        opens, closes = int(found[1]) * 60 + int(found[2]), int(found[4]) * 60 + int(found[5])
        spans.append((opens, closes + 1440 if found[3] else closes))
    if not spans:
        raise CellError(_("开放时间缺少时刻。"))
    return spans


def _rule(weekday: int, opens: int, closes: int, valid_from: date | None, valid_to: date | None) -> WeeklyRule:
    if opens >= 1440 or not opens < closes <= 2880:
        raise CellError(_("开放时间应从当天开始，最晚到次日 24:00；过了半夜请写“次日”。"))
    return WeeklyRule(weekday, opens, closes, valid_from, valid_to)


def _day(text: str) -> date:
    day = read_day(text)
    if day is None:
        raise CellError(_("没有这一天。"))
    return day
