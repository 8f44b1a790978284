"""Working days as data: which days an office works, why, and what office time lies between two instants.

A calendar knows the years it was given and refuses the others: a guessed holiday would promise a wrong date.
Nothing here asks what time it is now.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, tzinfo
from enum import StrEnum

from xiepai.worktime.opening import instant
from xiepai.worktime.spans import Span


class DayKind(StrEnum):
    """Why a day is worked or not."""

    WORKDAY = "workday"
    ADJUSTED = "adjusted workday"  # 调休上班: a weekend day worked for a holiday
    WEEKEND = "weekend"
    HOLIDAY = "holiday"
    OFFICE = "by the office"  # the office's own rule for the day


_WORKED = frozenset({DayKind.WORKDAY, DayKind.ADJUSTED})


@dataclass(frozen=True, slots=True)
class Day:
    """One day of a calendar: whether it is worked, why, and the holiday's name where there is one."""

    day: date
    kind: DayKind
    is_worked: bool
    name: str = ""


class MissingYearError(LookupError):
    """The calendar has no data for the year: it must be given the official arrangement first."""

    def __init__(self, year: int, known: tuple[int, ...]) -> None:
        super().__init__(year, known)
        self.year, self.known = year, known

    def __str__(self) -> str:
        known = f"{self.known[0]}–{self.known[-1]}" if self.known else "—"
        return f"no working calendar for {self.year} (known: {known})"


@dataclass(frozen=True, slots=True)
class Hours:
    """Office hours of a worked day: ``[opens, closes)`` in minutes from midnight, ordered and apart.

    >>> Hours().minutes
    450
    """

    spans: tuple[tuple[int, int], ...] = ((540, 720), (810, 1080))

    def __post_init__(self) -> None:
        flat = [minute for span in self.spans for minute in span]
        if not flat or flat[0] < 0 or flat[-1] > 1440 or any(a >= b for a, b in itertools.pairwise(flat)):
            raise ValueError("office hours are ordered spans of minutes within one day, apart from each other")

    @property
    def minutes(self) -> int:
        """Minutes of office time in one worked day."""
        return sum(closes - opens for opens, closes in self.spans)


@dataclass(frozen=True)
class Calendar:
    """An office's working calendar. ``special`` says what differs from Monday to Friday; ``own`` overrules it.

    ``years`` are the years the official arrangement is known for; a day of ``own`` needs no year.
    """

    zone: tzinfo
    years: frozenset[int]
    special: Mapping[date, Day] = field(default_factory=dict)
    own: Mapping[date, Day] = field(default_factory=dict)
    hours: Hours = Hours()

    def of(self, day: date) -> Day:
        """What that day is; :class:`MissingYearError` where nobody has said."""
        if day in self.own:
            return self.own[day]
        if day.year not in self.years:
            raise MissingYearError(day.year, tuple(sorted(self.years)))
        if day in self.special:
            return self.special[day]
        kind = DayKind.WEEKEND if day.weekday() >= 5 else DayKind.WORKDAY
        return Day(day, kind, kind in _WORKED)

    def office_spans(self, day: date) -> Iterator[Span]:
        """The office hours of a day, as instants; none on a day off."""
        if self.of(day).is_worked:
            for opens, closes in self.hours.spans:
                yield Span(instant(day, opens, self.zone), instant(day, closes, self.zone))

    def worked_after(self, day: date) -> date:
        """The first worked day after *day*."""
        later = day + timedelta(days=1)
        while not self.of(later).is_worked:
            later += timedelta(days=1)
        return later

    def opening(self, day: date) -> datetime:
        """When the office opens on a worked day."""
        return next(self.office_spans(day)).start

    def closing(self, day: date) -> datetime:
        """When the office closes on a worked day."""
        return list(self.office_spans(day))[-1].end

    def later(self, start: datetime, worked: timedelta) -> datetime:
        """The instant *worked* office time after *start*: the earliest one by which all of it has passed."""
        left, day = worked, start.astimezone(self.zone).date()
        if left <= timedelta(0):
            return start
        while True:
            for span in self.office_spans(day):
                begins = max(span.start, start)
                if begins < span.end and left <= span.end - begins:
                    return begins + left
                left -= max(span.end - begins, timedelta(0))
            day += timedelta(days=1)

    def between(self, start: datetime, end: datetime) -> timedelta:
        """Office time in ``[start, end)``; zero when the end is not after the start."""
        total, day = timedelta(0), start.astimezone(self.zone).date()
        while start < end and day <= end.astimezone(self.zone).date():
            for span in self.office_spans(day):
                total += max(min(span.end, end) - max(span.start, start), timedelta(0))
            day += timedelta(days=1)
        return total
