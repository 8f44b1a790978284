"""What a span of a place costs, with its arithmetic. Pure: no database, no clock, whole fen only.

Practice (field facts): sold by the hour and by the "day" (包天) of 14 or 16 hours, whose limit is part
of the price; beyond it overtime by started hour or half hour; night hours cost more. The cheaper of
hours and days is charged, and the arithmetic of what is charged is always given.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import npgettext

from xiepai.kernel.clock import CITY_ZONE
from xiepai.kernel.money import ZERO, Money
from xiepai.worktime.opening import instant
from xiepai.worktime.spans import Span, intersect


@dataclass(frozen=True, slots=True)
class TariffTerms:
    """A tariff as plain values: fen, minutes, dates (``valid_to`` exclusive)."""

    tariff_id: int
    valid_from: date
    valid_to: date | None
    is_free: bool
    free_condition: str
    hour_fen: int | None
    day_fen: int | None
    day_limit_minutes: int
    night_fen: int
    night_from_minute: int
    night_to_minute: int
    overtime_fen: int | None
    overtime_step_minutes: int
    deposit_fen: int
    cancellation: tuple[tuple[int, int], ...] = ()

    def holds_on(self, day: date) -> bool:
        """Whether the tariff is in force on that day."""
        return self.valid_from <= day and (self.valid_to is None or day < self.valid_to)


@dataclass(frozen=True, slots=True)
class QuoteLine:
    """One step of the arithmetic: so many of what, at what each."""

    code: str
    quantity: int
    unit_fen: int

    @property
    def amount(self) -> Money:
        """Quantity times unit price."""
        return Money(self.quantity * self.unit_fen)

    @property
    def text(self) -> str:
        """``2 小时 × ¥300`` in the reader's language."""
        return f"{self.quantity} {_LABELS[self.code](self.quantity)} × {Money(self.unit_fen)}"


_LABELS = {
    "hour": lambda n: npgettext("price", "小时", "小时", n),
    "day": lambda n: npgettext("price", "天", "天", n),
    "overtime_60": lambda n: npgettext("price", "超时小时", "超时小时", n),
    "overtime_30": lambda n: npgettext("price", "超时半小时", "超时半小时", n),
    "night": lambda n: npgettext("price", "夜间小时", "夜间小时", n),
    "unit": lambda n: npgettext("price", "份", "份", n),
    "free": lambda _n: _("免费"),
}


@dataclass(frozen=True, slots=True)
class Quote:
    """A price with its arithmetic. ``units`` multiplies the lines' sum."""

    lines: tuple[QuoteLine, ...]
    units: int
    deposit: Money
    tariff_id: int | None

    @property
    def total(self) -> Money:
        """The sum of the lines times the units; the deposit is not part of it."""
        return sum((line.amount for line in self.lines), ZERO) * self.units

    @property
    def text(self) -> str:
        """The whole arithmetic on one line: ``1 天 × ¥3,000 + 2 超时小时 × ¥300 = ¥3,600``."""
        if not self.lines:
            return _("免费")
        body = " + ".join(line.text for line in self.lines)
        if self.units > 1:
            body = f"({body}) × {self.units}" if len(self.lines) > 1 else f"{body} × {self.units}"
        return f"{body} = {self.total}"

    def as_json(self) -> list[dict[str, Any]]:
        """The lines as stored with a booking; :func:`from_json` reads them back."""
        return [{"code": line.code, "quantity": line.quantity, "unit_fen": line.unit_fen} for line in self.lines]


def from_json(lines: list[dict[str, Any]], *, units: int, deposit_fen: int, tariff_id: int | None) -> Quote:
    """The quote a booking was made with."""
    read = tuple(QuoteLine(line["code"], line["quantity"], line["unit_fen"]) for line in lines)
    return Quote(read, units, Money(deposit_fen), tariff_id)


def quote(tariff: TariffTerms, span: Span, *, units: int = 1) -> Quote:
    """The cheaper of hours and days for *span*, night surcharge and deposit included.

    Hours are charged by started hour. A "day" covers ``day_limit_minutes`` from each day's own start;
    what goes beyond is overtime by started step, or another day where that is cheaper.
    """
    deposit = Money(tariff.deposit_fen * units)
    if tariff.is_free:
        return Quote((), units, deposit, tariff.tariff_id)
    ways = [way for way in (_by_hours(tariff, span), _by_days(tariff, span)) if way is not None]
    if not ways:
        raise ValueError("a tariff that is not free needs a price per hour or per day")
    cheapest = min(ways, key=lambda lines: sum(line.amount.fen for line in lines))
    return Quote(cheapest, units, deposit, tariff.tariff_id)


def _by_hours(tariff: TariffTerms, span: Span) -> tuple[QuoteLine, ...] | None:
    if tariff.hour_fen is None:
        return None
    lines = [QuoteLine("hour", _started(span.minutes, 60), tariff.hour_fen)]
    night = _started(night_minutes(tariff, span), 60) if tariff.night_fen else 0
    if night:
        lines.append(QuoteLine("night", night, tariff.night_fen))
    return tuple(lines)


def _by_days(tariff: TariffTerms, span: Span) -> tuple[QuoteLine, ...] | None:
    """Whole days of 24 h count one day each; the rest is a day with its overtime, or one more day."""
    if tariff.day_fen is None:
        return None
    whole, rest = divmod(span.minutes, 1440)
    days, over = whole, 0
    if rest:
        days += 1
        over = max(0, rest - tariff.day_limit_minutes)
    step_fen = tariff.overtime_fen if tariff.overtime_fen is not None else tariff.hour_fen
    lines = [QuoteLine("day", max(days, 1), tariff.day_fen)]
    if over:
        steps = _started(over, tariff.overtime_step_minutes)
        if step_fen is None or steps * step_fen >= tariff.day_fen:
            return (QuoteLine("day", days + 1, tariff.day_fen),)
        lines.append(QuoteLine(f"overtime_{tariff.overtime_step_minutes}", steps, step_fen))
    return tuple(lines)


def overtime(tariff: TariffTerms, minutes_over: int) -> QuoteLine | None:
    """The line for using a place longer than booked, by started step; None when nothing is due."""
    fen = tariff.overtime_fen if tariff.overtime_fen is not None else tariff.hour_fen
    if minutes_over <= 0 or tariff.is_free or not fen:
        return None
    return QuoteLine(
        f"overtime_{tariff.overtime_step_minutes}", _started(minutes_over, tariff.overtime_step_minutes), fen
    )


def night_minutes(tariff: TariffTerms, span: Span) -> int:
    """Minutes of *span* within the tariff's night, on the city's clocks."""
    length = (tariff.night_to_minute - tariff.night_from_minute) % 1440
    if not length:
        return 0
    day = span.start.astimezone(CITY_ZONE).date() - timedelta(days=1)
    last = span.end.astimezone(CITY_ZONE).date()
    total = 0
    while day <= last:
        start = instant(day, tariff.night_from_minute, CITY_ZONE)
        common = intersect(span, Span(start, start + timedelta(minutes=length)))
        total += common.minutes if common else 0
        day += timedelta(days=1)
    return total


def cancellation_fee(quoted: Quote, tariff: TariffTerms, minutes_before: int) -> Money:
    """What a cancellation that long before the start costs: the percentage of the latest term reached.

    Terms are ``(hours before, percent)``; cancelling earlier than every term costs nothing.
    """
    percent = 0
    for hours, share in sorted(tariff.cancellation, reverse=True):
        if minutes_before < hours * 60:
            percent = share
    return Money((quoted.total.fen * percent + 50) // 100)


def _started(minutes: int, step: int) -> int:
    return -(-minutes // step)
