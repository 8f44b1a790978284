"""The clock of a promise: a term in working or natural days, a ledger of events, and when it is due.

The first day is the day after the file is complete; a term of N working days ends when the office closes on
the N-th. A pause adds the time really suspended, in the term's own time: office time for working days, plain
time for natural ones. An extension adds days. Once a term has run out neither moves its end any more. The same
ledger gives the same answer at any later time, to the second.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum

from xiepai.worktime.opening import instant
from xiepai.worktime.workdays import Calendar, Day


class Unit(StrEnum):
    """What the days of a term are."""

    WORKING = "working days"
    NATURAL = "natural days"


class Silence(StrEnum):
    """What it means when nobody answers in time; every step says which."""

    NOTHING = "nothing"
    CONSENT = "consent"
    REFUSAL = "refusal"


@dataclass(frozen=True, slots=True)
class Term:
    """A promised time. ``warn_days`` before it is due the office is warned, ``escalate_days`` after it a superior is.

    A natural term whose last day is not worked ends with the next worked day (民法典第二百零三条).
    """

    days: int
    unit: Unit = Unit.WORKING
    warn_days: int = 1
    escalate_days: int = 1
    silence: Silence = Silence.NOTHING

    def __post_init__(self) -> None:
        if self.days < 1 or self.warn_days < 0 or self.escalate_days < 0:
            raise ValueError("a term has at least one day; warning and escalation are not negative")


class What(StrEnum):
    """What may happen to a clock."""

    STARTED = "started"
    PAUSED = "paused"
    RESUMED = "resumed"
    EXTENDED = "extended"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Event:
    """One line of the ledger; ``days`` counts for an extension only."""

    what: What
    at: datetime
    reason: str = ""
    days: int = 0


class LedgerError(ValueError):
    """An event that cannot follow the ones before it; ``index`` is its place in the ledger, from 0."""

    def __init__(self, index: int, event: Event, why: str) -> None:
        super().__init__(f"event {index} ({event.what}): {why}")
        self.index, self.event, self.why = index, event, why


class Status(StrEnum):
    """How a clock stands at an instant."""

    WAITING = "not started"
    RUNNING = "running"
    WARNED = "due soon"
    PAUSED = "paused"
    OVERDUE = "overdue"
    ESCALATED = "escalated"
    ENDED = "ended"
    SILENT = "decided by silence"


@dataclass(frozen=True, slots=True)
class Standing:
    """What the ledger says at ``at``. ``due`` is None before the start and during a pause: it moves every second."""

    status: Status
    due: datetime | None = None
    warns: datetime | None = None
    escalates: datetime | None = None
    suspended: timedelta = timedelta(0)
    extended_days: int = 0
    is_late: bool = False


@dataclass(frozen=True, slots=True)
class Counted:
    """One day between start and due: its number in the term, or 0 when it is skipped."""

    day: Day
    number: int


#: What may follow what; an ended clock takes nothing more.
_FOLLOWS: dict[What | None, frozenset[What]] = {
    None: frozenset({What.STARTED}),
    What.STARTED: frozenset({What.PAUSED, What.EXTENDED, What.ENDED}),
    What.PAUSED: frozenset({What.RESUMED, What.ENDED}),
    What.ENDED: frozenset(),
}


@dataclass(frozen=True, slots=True)
class _Replayed:
    start: datetime | None = None
    paused_at: datetime | None = None
    ended_at: datetime | None = None
    suspended: timedelta = timedelta(0)
    extended: int = 0


def standing(term: Term, events: Sequence[Event], calendar: Calendar, at: datetime) -> Standing:
    """How the clock stands at *at*, by the events until then.

    Raises :class:`LedgerError` for an impossible ledger, ``MissingYearError`` past the known calendar.
    """
    seen = _replay(term, [event for event in _checked(events) if event.at <= at], calendar)
    if seen.start is None:
        return Standing(Status.WAITING)
    if seen.paused_at is not None and seen.ended_at is None:
        return Standing(Status.PAUSED, suspended=seen.suspended, extended_days=seen.extended)
    due = _due(term, seen, calendar)
    warns = _shifted(term, due, -term.warn_days, calendar) if term.warn_days else due
    escalates = _shifted(term, due, term.escalate_days, calendar)
    status = _status(term, at, due, warns, escalates, ended_at=seen.ended_at)
    is_late = (seen.ended_at or at) > due
    return Standing(status, due, warns, escalates, seen.suspended, seen.extended, is_late)


def due(term: Term, start: datetime, calendar: Calendar) -> datetime:
    """When a term that began at *start* and was never paused is due."""
    return _due(term, _Replayed(start=start), calendar)


def counted(term: Term, start: datetime, calendar: Calendar) -> Iterator[Counted]:
    """Each day from the day after *start* to the day the term is due, with its number or 0."""
    last, number = due(term, start, calendar), 0
    day = _date(start, calendar) + timedelta(days=1)
    # a natural term ends at midnight: the day before it is its last
    end = _date(last - timedelta(microseconds=1), calendar)
    while day <= end:
        known = calendar.of(day)
        counts = number < term.days and (term.unit is Unit.NATURAL or known.is_worked)
        number += counts
        yield Counted(known, number if counts else 0)
        day += timedelta(days=1)


def _checked(events: Sequence[Event]) -> Sequence[Event]:
    state: What | None = None
    for index, event in enumerate(events):
        if event.at.tzinfo is None:
            raise LedgerError(index, event, "its time has no zone")
        if index and event.at < events[index - 1].at:
            raise LedgerError(index, event, "it is earlier than the one before")
        if event.what not in _FOLLOWS[state]:
            raise LedgerError(index, event, f"it cannot follow {state or 'an empty ledger'}")
        if (event.what is What.EXTENDED) != (event.days > 0):
            raise LedgerError(index, event, "an extension, and nothing else, adds days")
        if event.what is What.RESUMED:
            state = What.STARTED
        elif event.what is not What.EXTENDED:
            state = event.what
    return events


def _replay(term: Term, events: Sequence[Event], calendar: Calendar) -> _Replayed:
    """Fold the ledger. A pause or an extension that comes after the term ran out no longer moves its end."""
    now = _Replayed()
    for event in events:
        if event.what is What.STARTED:
            now = replace(now, start=event.at)
        elif event.what in (What.PAUSED, What.EXTENDED):
            if event.at <= _due(term, now, calendar):
                pause = event.what is What.PAUSED
                now = replace(now, paused_at=event.at) if pause else replace(now, extended=now.extended + event.days)
        else:
            now = _continued(term, now, event, calendar)
    return now


def _continued(term: Term, now: _Replayed, event: Event, calendar: Calendar) -> _Replayed:
    if now.paused_at is not None and now.start is not None:
        first = _counts_from(term, now.start, calendar)
        lost = _suspended(term, first, now.paused_at, event.at, calendar)
        now = replace(now, paused_at=None, suspended=now.suspended + lost)
    return replace(now, ended_at=event.at) if event.what is What.ENDED else now


def _suspended(term: Term, first: datetime, begin: datetime, end: datetime, calendar: Calendar) -> timedelta:
    """Time a pause took from the term: what lies before its first day was never counted."""
    begin = max(begin, first)
    if end <= begin:
        return timedelta(0)
    return calendar.between(begin, end) if term.unit is Unit.WORKING else end - begin


def _counts_from(term: Term, start: datetime, calendar: Calendar) -> datetime:
    day = _date(start, calendar)
    if term.unit is Unit.NATURAL:
        return instant(day, 1440, calendar.zone)
    return calendar.opening(calendar.worked_after(day))


def _due(term: Term, seen: _Replayed, calendar: Calendar) -> datetime:
    assert seen.start is not None  # noqa: S101 - the callers ask only for a clock that has started
    first, days = _counts_from(term, seen.start, calendar), term.days + seen.extended
    if term.unit is Unit.WORKING:
        return calendar.later(first, timedelta(minutes=calendar.hours.minutes) * days + seen.suspended)
    return _to_worked(first + timedelta(days=days) + seen.suspended, calendar)


def _to_worked(end: datetime, calendar: Calendar) -> datetime:
    """A natural term's end: midnight after its last day, or after the next worked day where that one is not worked."""
    last = _date(end - timedelta(microseconds=1), calendar)
    return instant(last if calendar.of(last).is_worked else calendar.worked_after(last), 1440, calendar.zone)


def _shifted(term: Term, due: datetime, days: int, calendar: Calendar) -> datetime:
    if term.unit is Unit.NATURAL:
        return due + timedelta(days=days)
    amount = timedelta(minutes=calendar.hours.minutes) * abs(days)
    return calendar.later(due, amount) if days > 0 else _earlier(due, amount, calendar)


def _earlier(end: datetime, worked: timedelta, calendar: Calendar) -> datetime:
    """The latest instant with *worked* office time between it and *end*."""
    left, day = worked, _date(end, calendar)
    while True:
        for span in reversed(list(calendar.office_spans(day))):
            ends = min(span.end, end)
            if ends > span.start and left <= ends - span.start:
                return ends - left
            left -= max(ends - span.start, timedelta(0))
        day -= timedelta(days=1)


def _status(
    term: Term, at: datetime, due: datetime, warns: datetime, escalates: datetime, *, ended_at: datetime | None
) -> Status:
    if term.silence is not Silence.NOTHING and (ended_at or at) > due:
        return Status.SILENT
    if ended_at is not None:
        return Status.ENDED
    if at > escalates:
        return Status.ESCALATED
    if at > due:
        return Status.OVERDUE
    return Status.WARNED if at >= warns else Status.RUNNING


def _date(moment: datetime, calendar: Calendar) -> date:
    return moment.astimezone(calendar.zone).date()
