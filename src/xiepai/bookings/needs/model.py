"""The values a sheet of needs is read into. Frozen, and consistent by construction."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date, timedelta
from typing import Any

from xiepai.kernel.clock import CITY_ZONE
from xiepai.worktime.opening import instant
from xiepai.worktime.spans import Span

DAY, NIGHT = "day", "night"


@dataclass(frozen=True, slots=True)
class NeedRow:
    """One need. Minutes count from the local midnight of a day; above 1440 they reach into the next.

    ``first_days`` are the days it may begin on. ``from_minute``–``to_minute`` are its hours, or, when
    ``minutes`` is given, the window in which so many minutes are wanted. With ``day_count`` above 1 it is
    the same place on so many days in a row: the same hours each day (``is_daily``), or one unbroken stay
    from ``from_minute`` of the first day to ``to_minute`` of the last.
    """

    line: int
    words: str
    first_days: tuple[date, ...]
    from_minute: int
    to_minute: int
    minutes: int | None = None
    day_count: int = 1
    is_daily: bool = True
    mood: str = ""
    people: int | None = None
    sound_needed: bool = False
    units: int = 1
    town: str = ""
    note: str = ""
    priority: int = 2

    def __post_init__(self) -> None:
        if not self.first_days or self.day_count < 1:
            raise ValueError("a need has at least one day")
        if self.is_unbroken:
            if self.minutes is not None:
                raise ValueError("an unbroken stay has fixed hours")
        elif self.from_minute >= self.to_minute:
            raise ValueError("the hours end after they begin")
        elif self.minutes is not None and not 0 < self.minutes <= self.to_minute - self.from_minute:
            raise ValueError("the length must fit the window")

    @property
    def is_unbroken(self) -> bool:
        """Whether several days are one stay without a gap."""
        return self.day_count > 1 and not self.is_daily

    @property
    def is_fixed(self) -> bool:
        """Whether the hours are exactly those written (else a length within a window)."""
        return self.minutes is None or self.minutes == self.to_minute - self.from_minute

    def windows(self, first_day: date) -> tuple[Span, ...]:
        """The spans in which each day's part must lie when the need begins on *first_day*."""
        if self.is_unbroken:
            last = first_day + timedelta(days=self.day_count - 1)
            return (Span(instant(first_day, self.from_minute, CITY_ZONE), instant(last, self.to_minute, CITY_ZONE)),)
        days = (first_day + timedelta(days=number) for number in range(self.day_count))
        return tuple(
            Span(instant(day, self.from_minute, CITY_ZONE), instant(day, self.to_minute, CITY_ZONE)) for day in days
        )

    def as_json(self) -> dict[str, Any]:
        """As stored with the need list; :meth:`from_json` reads it back."""
        return {**asdict(self), "first_days": [day.isoformat() for day in self.first_days]}

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> NeedRow:
        """The need as it was read."""
        days = tuple(date.fromisoformat(day) for day in stored["first_days"])
        return cls(**{**stored, "first_days": days})


@dataclass(frozen=True, slots=True)
class RowProblem:
    """Why a row cannot be read: where, and what would do."""

    line: int
    column: str
    reason: str

    def as_json(self) -> dict[str, Any]:
        """As given with the refusal."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Sheet:
    """All needs of a file, the SHA-256 of its bytes, and columns that were not understood."""

    title: str
    file_name: str
    digest: str
    day_one: date
    needs: tuple[NeedRow, ...]
    ignored_columns: tuple[str, ...] = ()
