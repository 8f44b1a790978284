"""What crews write in a cell, read into days, minutes, numbers and yes or no. Pure; no clock.

Every function takes a cell as the file gave it and raises ``ValueError`` whose text says what would do.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date, datetime, time, timedelta
from typing import Any

from django.utils.translation import gettext as _

from xiepai.bookings.needs.model import DAY, NIGHT

MAX_DAYS = 60

#: A word for a part of the day: its mood and its hours (minutes from midnight). Our own convention.
PARTS: dict[str, tuple[str, int, int]] = {
    **dict.fromkeys(("日", "白天", "日景", "日戏", "日间", "day", "d"), (DAY, 480, 1080)),
    **dict.fromkeys(("夜", "夜晚", "晚", "晚上", "夜景", "夜戏", "夜间", "night", "n"), (NIGHT, 1080, 1800)),
    **dict.fromkeys(("上午", "早上", "morning", "am"), (DAY, 480, 720)),
    **dict.fromkeys(("下午", "afternoon", "pm"), (DAY, 720, 1080)),
    **dict.fromkeys(("晨", "清晨", "黎明", "凌晨", "dawn"), (DAY, 240, 480)),
    **dict.fromkeys(("昏", "黄昏", "傍晚", "dusk", "evening"), (DAY, 960, 1140)),
    **dict.fromkeys(("全天", "整天", "不限", "any", "allday", "all day"), ("", 480, 1440)),
}
#: A shooting day when no hours are given: 12 h, which every "day" price (14 or 16 h) covers. Our convention.
USUAL = {"": (480, 1200), DAY: (480, 1200), NIGHT: (1080, 1800)}

_USUAL_PARTS = {word for word, hours in PARTS.items() if hours in {PARTS["日"], PARTS["夜"], PARTS["全天"]}} | {""}

_YES = {"是", "有", "要", "需要", "需", "y", "yes", "true", "1", "√", "✓", "✔", "on", "同期", "同期声"}
_NO = {"否", "无", "不", "不要", "不需要", "n", "no", "false", "0", "×", "x", "off", "-", "—", "后期", "后期配音"}
_DASH = r"\s*(?:-|–|—|~|～|至|到|to)\s*"
_CLOCK = r"(次日|翌日|第二天|\+1)?\s*(\d{1,2})(?:\s*(?::|点|时)\s*(?:(\d{1,2})\s*分?|(半))?)?\s*(\+1)?"
_HOURS = re.compile(rf"^{_CLOCK}{_DASH}{_CLOCK}$")
_LENGTH = re.compile(r"^(?:约\s*)?(\d+(?:\.\d+)?)\s*(小时|个小时|钟头|h|hr|hrs|hours?|分钟|分|min|minutes?)?$")
_SHOOTING_DAY = re.compile(
    rf"^(?:第|d|day|拍摄第)\s*([0-9一二三四五六七八九十]+)\s*(?:天|日)?(?:{_DASH}(?:第|d|day)?\s*([0-9一二三四五六七八九十]+)\s*(?:天|日)?)?$"
)
_DATE = r"(?:(\d{4})\s*(?:年|-|/|\.)\s*)?(\d{1,2})\s*(?:月|-|/|\.)\s*(\d{1,2})\s*(?:日|号)?"
_ONE_DATE = re.compile(rf"^{_DATE}$")
_TWO_DATES = re.compile(rf"^{_DATE}{_DASH}{_DATE}$")
_SAME_MONTH = re.compile(
    rf"^(?:(\d{{4}})\s*年\s*)?(\d{{1,2}})\s*月\s*(\d{{1,2}})\s*[日号]?{_DASH}(\d{{1,2}})\s*[日号]?$"
)
_COUNT = re.compile(
    r"^(?:约|共)?\s*(\d{1,6})(?:\.0+)?\s*(?:人|个人|名|间|辆|台|套|天|日|位|个|张|pax|people|days?|x)?$"
)
_DIGITS = "零一二三四五六七八九"


def tidy(cell: Any) -> str:
    """A cell as one line of text as its author wrote it; whole floats lose their point, control signs go."""
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    text = " ".join(str(cell).split())
    return "".join(sign for sign in text if unicodedata.category(sign) not in {"Cc", "Cs"})


def plain(cell: Any) -> str:
    """The same in half width, for what is read rather than kept."""
    return tidy(unicodedata.normalize("NFKC", tidy(cell)))


def window_of(part: str, mood: str, *, has_length: bool) -> tuple[int, int]:
    """The hours behind a word: a usual shooting day, or with a length the whole of that part of the day.

    >>> window_of("夜", "night", has_length=False), window_of("", "", has_length=True)
    ((1080, 1800), (480, 1440))
    """
    name, opens, closes = PARTS[part] if part else PARTS["全天"]
    if has_length or part not in _USUAL_PARTS:
        return (opens, closes)
    return USUAL[mood or name]


def read_days(cell: Any, *, day_one: date, today: date) -> tuple[date, date]:
    """First and last day: an absolute date, a range, or shooting days counted from *day_one*.

    A date without a year is the next such day from *today* on.

    >>> read_days("第2-4天", day_one=date(2026, 12, 1), today=date(2026, 11, 1))
    (datetime.date(2026, 12, 2), datetime.date(2026, 12, 4))
    >>> read_days("1月3日", day_one=date(2026, 12, 1), today=date(2026, 11, 1))[0]
    datetime.date(2027, 1, 3)
    """
    if isinstance(cell, datetime):
        return cell.date(), cell.date()
    if isinstance(cell, date):
        return cell, cell
    text = plain(cell).lower()
    if text.isdigit() and 1 <= int(text) <= MAX_DAYS:
        text = f"d{text}"
    text = re.sub(r"\s*\(?(?:周|星期)[一二三四五六日天]\)?$|\s+0?0:00(?::00)?$", "", text)
    found = _shooting_days(text, day_one) or _dates(text, today)
    if found is None:
        raise ValueError(
            _("看不懂日期“%(text)s”；可写 2026-12-03、12月3日、12/3，或第1天、D1、第2-4天") % {"text": text[:40]}
        )
    first, last = found
    if last < first:
        raise ValueError(_("结束日期早于开始日期"))
    if (last - first).days >= MAX_DAYS:
        raise ValueError(_("日期跨度最多 %(days)d 天") % {"days": MAX_DAYS})
    return first, last


def _shooting_days(text: str, day_one: date) -> tuple[date, date] | None:
    found = _SHOOTING_DAY.match(text)
    if not found:
        return None
    first = _number(found[1])
    last = _number(found[2]) if found[2] else first
    if not (1 <= first <= MAX_DAYS and 1 <= last <= MAX_DAYS):
        raise ValueError(_("拍摄日从第1天到第%(days)d天") % {"days": MAX_DAYS})
    return day_one + timedelta(days=first - 1), day_one + timedelta(days=last - 1)


def _dates(text: str, today: date) -> tuple[date, date] | None:
    try:
        if found := _ONE_DATE.match(text):
            day = _next(found[1], found[2], found[3], today)
            return day, day
        if found := _SAME_MONTH.match(text):
            first = _next(found[1], found[2], found[3], today)
            return first, first.replace(day=int(found[4]))
        if found := _TWO_DATES.match(text):
            first = _next(found[1], found[2], found[3], today)
            return first, _next(found[4], found[5], found[6], first)
    except ValueError:
        raise ValueError(_("没有“%(text)s”这一天") % {"text": text[:40]}) from None
    return None


def _next(year: str | None, month: str, day: str, today: date) -> date:
    if year:
        return date(int(year), int(month), int(day))
    for ahead in range(9):  # 29 February may be eight years away
        try:
            wanted = date(today.year + ahead, int(month), int(day))
        except ValueError:
            if (int(month), int(day)) != (2, 29):
                raise
            continue
        if wanted >= today:
            return wanted
    raise ValueError(day)


def _number(text: str) -> int:
    """Arabic or Chinese up to 九十九.

    >>> [_number(t) for t in ("7", "十", "十二", "三十", "二十一")]
    [7, 10, 12, 30, 21]
    """
    if text.isdigit():
        return int(text[:6])
    tens, has_ten, ones = text.rpartition("十")
    try:
        if has_ten:
            return (_DIGITS.index(tens) if tens else 1) * 10 + (_DIGITS.index(ones) if ones else 0)
        return _DIGITS.index(text)
    except ValueError:
        raise ValueError(_("看不懂数字“%(text)s”") % {"text": text[:20]}) from None


def read_hours(cell: Any) -> tuple[int, int] | str:
    """From–to in minutes (an end not after its start is on the next day), or the word for a part of the day.

    >>> read_hours("20:00-02:00"), read_hours("8点半至24:00"), read_hours("上午")
    ((1200, 1560), (510, 1440), '上午')
    """
    text = plain(cell).lower()
    if text in PARTS:
        return text
    found = _HOURS.match(text)
    if not found:
        raise ValueError(
            _("看不懂时间“%(text)s”；可写 08:00-20:00、20:00-02:00（到次日），或上午、下午、日、夜")
            % {"text": text[:40]}
        )
    start = clock_minute(*found.groups()[:5])
    end = clock_minute(*found.groups()[5:])
    if start >= 1440:
        raise ValueError(_("开始时间须在当天 24:00 之前"))
    return start, end if end > start else end + 1440


def read_clock(cell: Any) -> int:
    """One time of day in minutes: ``8:30``, ``8点``, a spreadsheet's own time."""
    if isinstance(cell, datetime | time):
        return cell.hour * 60 + cell.minute
    found = re.fullmatch(_CLOCK, re.sub(r"^(\d{1,2}:\d{2}):\d{2}$", r"\1", plain(cell).lower()))
    if not found:
        raise ValueError(_("看不懂时间“%(text)s”；可写 08:00") % {"text": plain(cell)[:40]})
    return clock_minute(*found.groups())


def clock_minute(next_day: str | None, hour: str, minute: str | None, half: str | None, plus: str | None) -> int:
    """Minutes from midnight; 24:00 is allowed, more is not."""
    total = int(hour) * 60 + (30 if half else int(minute or 0))
    if total > 1440 or int(minute or 0) > 59:
        raise ValueError(_("一天只有 24 小时"))
    return total + (1440 if next_day or plus else 0)


def read_length(cell: Any) -> int:
    """A length in minutes: ``6小时``, ``6h``, ``90分钟``, ``半天`` (6 h), a bare number of hours.

    >>> read_length("6小时"), read_length(1.5), read_length("90分钟")
    (360, 90, 90)
    """
    text = plain(cell).lower()
    if text == "半天":
        return 360
    found = _LENGTH.match(text)
    if not found:
        raise ValueError(_("看不懂时长“%(text)s”；可写 6小时、6h、90分钟") % {"text": text[:40]})
    unit = found[2] or "h"
    minutes = float(found[1][:8]) * (1 if unit.startswith(("分", "min")) else 60)
    if not minutes.is_integer() or not 5 <= minutes <= 1440:
        raise ValueError(_("时长须在 5 分钟到 24 小时之间"))
    return int(minutes)


def read_count(cell: Any, *, most: int) -> int:
    """A whole number of people, rooms, cars or days: ``40``, ``40人``, ``20间``."""
    found = _COUNT.match(plain(cell).lower())
    if not found or not 1 <= int(found[1]) <= most:
        raise ValueError(_("须是 1 到 %(most)d 的整数") % {"most": most})
    return int(found[1])


def read_yes(cell: Any) -> bool:
    """Yes or no, as people tick it."""
    text = plain(cell).lower()
    if text in _YES:
        return True
    if text in _NO:
        return False
    raise ValueError(_("请写 是 或 否"))


def read_mood(cell: Any) -> str:
    """Day, night or nothing; the word itself may also be a part of the day."""
    text = plain(cell).lower()
    if text in PARTS:
        return text
    raise ValueError(_("气氛请写 日 或 夜"))


def read_priority(cell: Any) -> int:
    """3 must, 2 ordinary, 1 would be nice."""
    text = plain(cell).lower()
    words = {"必须": 3, "高": 3, "must": 3, "high": 3, "一般": 2, "中": 2, "normal": 2, "尽量": 1, "低": 1, "low": 1}
    if text in words:
        return words[text]
    if text in {"1", "2", "3"}:
        return 4 - int(text)
    raise ValueError(_("优先请写 必须、一般 或 尽量"))
