"""Weekly opening hours to spans of real time: 24:00, hours past midnight, closed days, dated rules.

Minutes count from local midnight. 1440 is 24:00, more reaches into the next day (20:00–02:00 is 1200
to 1560). Neighbouring days join, so that 00:00–24:00 every day is one span without a seam.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo

from xiepai.worktime.spans import Span, merge


@dataclass(frozen=True, slots=True)
class WeeklyRule:
    """Open on *weekday* (0 is Monday) between two minutes, within optional dates (both inclusive)."""

    weekday: int
    opens_minute: int
    closes_minute: int
    valid_from: date | None = None
    valid_to: date | None = None

    def __post_init__(self) -> None:
        if not 0 <= self.weekday <= 6:
            raise ValueError("weekday is 0 to 6")
        if not 0 <= self.opens_minute < self.closes_minute <= 2880:
            raise ValueError("hours run from 0:00 to at most 48:00, the end after the start")

    def applies(self, day: date) -> bool:
        """Whether the rule speaks of that day."""
        return (
            day.weekday() == self.weekday
            and (self.valid_from is None or self.valid_from <= day)
            and (self.valid_to is None or day <= self.valid_to)
        )


def instant(day: date, minute: int, zone: tzinfo) -> datetime:
    """The instant *minute* minutes of wall clock after the day's midnight.

    >>> from zoneinfo import ZoneInfo
    >>> instant(date(2028, 2, 28), 1440 + 90, ZoneInfo("Asia/Shanghai")).isoformat()
    '2028-02-29T01:30:00+08:00'
    """
    return datetime.combine(day + timedelta(days=minute // 1440), time(minute % 1440 // 60, minute % 60), zone)


def open_spans(
    rules: Collection[WeeklyRule], closed_days: Collection[date], first_day: date, last_day: date, zone: tzinfo
) -> tuple[Span, ...]:
    """The open spans of the days *first_day* to *last_day* (inclusive), joined.

    Without rules every day is open from 0:00 to 24:00. A closed day removes the hours that begin on
    it; what reaches into it from the evening before ends at its midnight.
    """
    spans: list[Span] = []
    closed = set(closed_days)
    day = first_day - timedelta(days=1)
    while day <= last_day:
        if day not in closed:
            ceiling = instant(day, 1440, zone) if day + timedelta(days=1) in closed else None
            spans += _of_day(rules, day, zone, ceiling)
        day += timedelta(days=1)
    window = Span(instant(first_day, 0, zone), instant(last_day, 2880, zone))
    return tuple(span for span in merge(spans) if span.overlaps(window))


def _of_day(rules: Collection[WeeklyRule], day: date, zone: tzinfo, ceiling: datetime | None) -> Iterable[Span]:
    hours = [(r.opens_minute, r.closes_minute) for r in rules if r.applies(day)] if rules else [(0, 1440)]
    for opens, closes in hours:
        start, end = instant(day, opens, zone), instant(day, closes, zone)
        yield Span(start, min(end, ceiling) if ceiling else end)


def describe(rules: Collection[WeeklyRule], day: date) -> str:
    """The hours of one day as text: ``08:00–24:00``; empty when closed.

    >>> describe([WeeklyRule(0, 480, 1440), WeeklyRule(0, 0, 60)], date(2026, 11, 23))
    '00:00–01:00 08:00–24:00'
    """
    hours = sorted((r.opens_minute, r.closes_minute) for r in rules if r.applies(day)) if rules else [(0, 1440)]
    return " ".join(f"{_clock(a)}–{_clock(b)}" for a, b in hours)


def _clock(minute: int) -> str:
    if minute > 1440:
        return f"{(minute - 1440) // 60:02d}:{minute % 60:02d}+1"
    return f"{minute // 60:02d}:{minute % 60:02d}"
