"""Half-open spans of time: two that touch do not overlap. Refuses naive datetimes and empty spans."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, order=True, slots=True)
class Span:
    """``[start, end)`` between two aware instants, start before end.

    >>> from datetime import UTC
    >>> morning = Span(datetime(2028, 2, 29, 8, tzinfo=UTC), datetime(2028, 2, 29, 12, tzinfo=UTC))
    >>> morning.minutes, morning.overlaps(Span(morning.end, morning.end + timedelta(hours=1)))
    (240, False)
    """

    start: datetime
    end: datetime

    def __post_init__(self) -> None:
        if self.start.tzinfo is None or self.end.tzinfo is None:
            raise ValueError("a span needs datetimes with a zone")
        if self.start >= self.end:
            raise ValueError("a span must end after it starts")

    @property
    def minutes(self) -> int:
        """Whole minutes in the span (seconds are cut off)."""
        return int((self.end - self.start).total_seconds() // 60)

    def overlaps(self, other: Span) -> bool:
        """Whether an instant lies in both."""
        return self.start < other.end and other.start < self.end

    def contains(self, other: Span) -> bool:
        """Whether *other* lies within this span."""
        return self.start <= other.start and other.end <= self.end

    def stretched(self, before_minutes: int = 0, after_minutes: int = 0) -> Span:
        """The span with minutes added at its sides."""
        return Span(self.start - timedelta(minutes=before_minutes), self.end + timedelta(minutes=after_minutes))

    def moved_days(self, days: int) -> Span:
        """The same wall-clock span some days later in its own zone."""
        step = timedelta(days=days)
        return Span(self.start + step, self.end + step)


def intersect(one: Span, other: Span) -> Span | None:
    """The common part, or None."""
    start, end = max(one.start, other.start), min(one.end, other.end)
    return Span(start, end) if start < end else None


def merge(spans: Iterable[Span]) -> tuple[Span, ...]:
    """The union as ordered spans that neither overlap nor touch."""
    merged: list[Span] = []
    for span in sorted(spans):
        if merged and span.start <= merged[-1].end:
            merged[-1] = Span(merged[-1].start, max(merged[-1].end, span.end))
        else:
            merged.append(span)
    return tuple(merged)


def subtract(spans: Iterable[Span], holes: Iterable[Span]) -> tuple[Span, ...]:
    """What is left of *spans* (merged) when every hole is taken out."""
    left: list[Span] = []
    cuts = merge(holes)
    for span in merge(spans):
        start = span.start
        for hole in cuts:
            if hole.end <= start:
                continue
            if hole.start >= span.end:
                break
            if hole.start > start:
                left.append(Span(start, hole.start))
            start = max(start, hole.end)
        if start < span.end:
            left.append(Span(start, span.end))
    return tuple(left)
