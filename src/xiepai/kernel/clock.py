"""The one clock. Nothing else asks the operating system for the time.

Every datetime is aware; the database stores UTC, pages show the city's zone (Asia/Shanghai).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

CITY_ZONE = ZoneInfo("Asia/Shanghai")

_frozen: ContextVar[datetime | None] = ContextVar("frozen_clock", default=None)


def now() -> datetime:
    """The present instant, in UTC."""
    return _frozen.get() or datetime.now(UTC)


def today() -> date:
    """The present day in the city."""
    return now().astimezone(CITY_ZONE).date()


def local(moment: datetime) -> datetime:
    """The same instant on the city's clocks; a naive datetime is refused."""
    if moment.tzinfo is None:
        raise ValueError("a datetime without a zone")
    return moment.astimezone(CITY_ZONE)


def at_local_midnight(day: date) -> datetime:
    """The instant the city's day begins."""
    return datetime(day.year, day.month, day.day, tzinfo=CITY_ZONE)


@contextmanager
def frozen(moment: datetime) -> Iterator[None]:
    """Within the block ``now()`` is *moment*: for tests and for replays at a date."""
    if moment.tzinfo is None:
        raise ValueError("a datetime without a zone")
    token = _frozen.set(moment.astimezone(UTC))
    try:
        yield
    finally:
        _frozen.reset(token)
