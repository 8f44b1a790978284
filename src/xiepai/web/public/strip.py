"""The coming days of a place as strips: closed, taken and free, each free stretch a proposal that can be asked for.

A strip is drawn from minutes of the local day, 0 to 1440; what is past counts as taken.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from xiepai.bookings.selectors import free_spans
from xiepai.kernel import clock
from xiepai.places.terms import PlaceTerms
from xiepai.worktime.spans import Span, intersect

DAYS = 14
PROPOSED_MINUTES = 240


@dataclass(frozen=True, slots=True)
class Stretch:
    """A part of a day in minutes from its midnight; a free one proposes ``start``–``end`` as ``08:00``."""

    left: int
    width: int
    start: str = ""
    end: str = ""


@dataclass(frozen=True, slots=True)
class StripDay:
    """A day: when the place is open at all, and when it could still be had."""

    day: date
    open: tuple[Stretch, ...]
    free: tuple[Stretch, ...]


def free_strip(terms: PlaceTerms, days: int = DAYS) -> list[StripDay]:
    """The coming *days* from today, read in two queries."""
    today, now = clock.today(), clock.now()
    last = today + timedelta(days=days - 1)
    window = Span(now, clock.at_local_midnight(last) + timedelta(days=1))
    free = free_spans(terms.id, window)
    opened = terms.open_spans(today, last)
    wanted = max(terms.min_minutes, PROPOSED_MINUTES)
    return [_day(today + timedelta(days=number), opened, free, wanted) for number in range(days)]


def _day(day: date, opened: tuple[Span, ...], free: tuple[Span, ...], wanted: int) -> StripDay:
    start = clock.at_local_midnight(day)
    whole = Span(start, start + timedelta(days=1))
    return StripDay(
        day=day,
        open=tuple(_stretch(part, whole) for span in opened if (part := intersect(span, whole))),
        free=tuple(_proposal(part, span, whole, wanted) for span in free if (part := intersect(span, whole))),
    )


def _stretch(part: Span, whole: Span) -> Stretch:
    return Stretch(_minutes(whole, part.start), part.minutes)


def _proposal(part: Span, span: Span, whole: Span, wanted: int) -> Stretch:
    """From the next full hour, as long as is usual or as the place asks, into the night if it is free so long."""
    begin = -(-_minutes(whole, part.start) // 60) * 60
    if part.start == whole.start and part.minutes > 12 * 60:
        begin = max(begin, 8 * 60)
    until = min(begin + wanted, _minutes(whole, span.end) // 60 * 60, 2880)
    if until <= begin or begin >= 1440:
        return _stretch(part, whole)
    return Stretch(
        _minutes(whole, part.start), part.minutes, _clock(begin), _clock(until if until <= 1440 else until - 1440)
    )


def _minutes(whole: Span, moment: object) -> int:
    return int((moment - whole.start).total_seconds() // 60)  # type: ignore[operator]


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02d}:{minutes % 60:02d}"
