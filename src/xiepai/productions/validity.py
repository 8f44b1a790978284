"""Whether papers, taken together, are valid on every day of a period. Plain Python.

Validity is inclusive on both sides, as it is printed on a paper; None is an open side. A renewal that begins the day
after its predecessor ends leaves no gap.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Validity:
    """From the first to the last day a paper is valid (both included; None: no such limit).

    >>> Validity(date(2026, 1, 1), None).holds_on(date(2027, 5, 1))
    True
    """

    first: date | None = None
    last: date | None = None

    def __post_init__(self) -> None:
        if self.first is not None and self.last is not None and self.last < self.first:
            raise ValueError("a validity that ends before it begins")

    def holds_on(self, day: date) -> bool:
        """Whether the paper is valid on that day."""
        return (self.first is None or self.first <= day) and (self.last is None or day <= self.last)


def valid_until(papers: Iterable[Validity], day: date) -> date | None:
    """The last day in a row, from *day* on, on which one of the papers is valid; ``date.max`` for open-ended.

    None when none of them is valid on *day* itself.

    >>> spring = Validity(date(2026, 1, 1), date(2026, 6, 30))
    >>> autumn = Validity(date(2026, 7, 1), date(2026, 12, 31))
    >>> valid_until([autumn, spring], date(2026, 3, 1))
    datetime.date(2026, 12, 31)
    """
    left = list(papers)
    reached: date | None = None
    wanted = day
    while serving := [paper for paper in left if paper.holds_on(wanted)]:
        ends = [paper.last for paper in serving]
        if any(last is None or last == date.max for last in ends):
            return date.max
        reached = max(last for last in ends if last is not None)
        wanted = reached + _DAY
        left = [paper for paper in left if paper not in serving]
    return reached


def covers(papers: Iterable[Validity], first: date, last: date) -> bool:
    """Whether on each day from *first* to *last* (both included) one of the papers is valid."""
    reached = valid_until(papers, first)
    return reached is not None and reached >= last
