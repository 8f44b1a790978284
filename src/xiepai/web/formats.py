"""How times, money, lengths of time and names are written on a page, in Chinese and in English.

Times are shown on the city's clocks (Asia/Shanghai); a year is written only where it is not this one.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from xiepai.kernel import clock
from xiepai.kernel.money import Money

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def is_english() -> bool:
    """Whether the page is read in English."""
    return (get_language() or "").startswith("en")


def day(value: date, *, weekday: bool = False) -> str:
    """A day: "11月23日", "23 Nov"; with the year where it is another one, with the weekday if wanted."""
    year_shown = value.year != clock.today().year
    if is_english():
        text = f"{value.day} {_MONTHS[value.month - 1]}" + (f" {value.year}" if year_shown else "")
        return f"{_WEEKDAYS[value.weekday()]} {text}" if weekday else text
    text = (f"{value.year}年" if year_shown else "") + f"{value.month}月{value.day}日"
    return text + ("（" + "一二三四五六日"[value.weekday()] + "）" if weekday else "")


def moment(value: datetime) -> str:
    """An instant: "11月23日 08:00", "23 Nov 08:00"."""
    local = clock.local(value)
    return f"{day(local.date())} {local:%H:%M}"


def span(start: datetime, end: datetime) -> str:
    """A half-open period: "11月23日 08:00–18:00", "11月23日 22:00 – 11月24日 06:00"; midnight ends as 24:00."""
    first, last = clock.local(start), clock.local(end)
    if last.date() == first.date():
        return f"{day(first.date())} {first:%H:%M}–{last:%H:%M}"
    if (last - timedelta(microseconds=1)).date() == first.date():
        return f"{day(first.date())} {first:%H:%M}–24:00"
    return f"{moment(first)} – {moment(last)}"


def duration(minutes: int) -> str:
    """A length of time: "2 小时 30 分钟", "3 天"."""
    days, rest = divmod(minutes, 24 * 60)
    hours, minutes_left = divmod(rest, 60)
    parts = [
        _("%(n)s 天") % {"n": days} if days else "",
        _("%(n)s 小时") % {"n": hours} if hours else "",
        _("%(n)s 分钟") % {"n": minutes_left} if minutes_left or not minutes else "",
    ]
    return " ".join(part for part in parts if part)


def money(value: Money | int) -> str:
    """An amount given as Money or in fen: "¥1,234.50"."""
    return str(value if isinstance(value, Money) else Money(value))


def free_word() -> str:
    """What is written where nothing is charged."""
    return _("免费")


def a_unit(fen: int, unit: str) -> str:
    """A price by the hour or the day: "¥300 / 小时"."""
    return (_("%(price)s / 天") if unit == "day" else _("%(price)s / 小时")) % {"price": money(fen)}


def distance(metres: float) -> str:
    """A distance: "850 m", "3.2 km"."""
    return f"{round(metres / 10) * 10} m" if metres < 995 else f"{metres / 1000:.1f} km"


def named(row: Any) -> str:
    """A row's name in the reader's language, where it has one."""
    english = next((text for name in ("name_en", "en", "title_en") if (text := getattr(row, name, ""))), "")
    return english if english and is_english() else str(row)


def is_chinese(text: str) -> bool:
    """Whether a text is written in Chinese signs: an English page says so to who reads it aloud."""
    return any("\u4e00" <= sign <= "\u9fff" for sign in text)


def listed(words: Iterable[str]) -> str:
    """Words in a row: "客梯、空调", "Lift, Air conditioning"."""
    return (", " if is_english() else "、").join(words)


def number(value: float) -> str:
    """A count with thousands separated."""
    return f"{value:,}"


def kilobytes(value: int) -> str:
    """A file's size: "340 KB", "2.1 MB"."""
    return f"{value / 1_000_000:.1f} MB" if value >= 1_000_000 else f"{max(1, round(value / 1000))} KB"
