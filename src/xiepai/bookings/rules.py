"""What a place asks of a period: length, start step, notice, opening hours. Pure checks, no database.

The order is the order a person would fix things in; the first rule that is broken is refused with
what would do instead.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from xiepai.kernel.clock import CITY_ZONE
from xiepai.kernel.errors import ErrorCode, XiepaiError
from xiepai.places.models import Visibility
from xiepai.places.terms import PlaceTerms
from xiepai.worktime.opening import describe
from xiepai.worktime.spans import Span


def text_of(span: Span) -> str:
    """A span as people write it, in the city's time: ``11月23日 08:00–20:00``."""
    start, end = span.start.astimezone(CITY_ZONE), span.end.astimezone(CITY_ZONE)
    first = f"{start.year}-{start:%m-%d %H:%M}"
    if end.date() == start.date():
        return f"{first}–{end:%H:%M}"
    if end.hour == end.minute == 0 and (end - timedelta(days=1)).date() == start.date():
        return f"{first}–24:00"
    return f"{first}–{end:%m-%d %H:%M}"


def check_period(terms: PlaceTerms, span: Span, units: int, *, now: datetime) -> None:
    """Refuse a period the place does not take; see the module for the order."""
    if not terms.is_bookable:
        raise XiepaiError(ErrorCode.PLACE_NOT_BOOKABLE, place=terms.name)
    _check_units(terms, span, units)
    _check_length(terms, span)
    _check_step(terms, span)
    _check_notice(terms, span, now)
    _check_open(terms, span)


def may_be_seen(terms: PlaceTerms) -> bool:
    """Whether everybody sees the place."""
    return terms.visibility == Visibility.PUBLIC


def _check_units(terms: PlaceTerms, span: Span, units: int) -> None:
    if units < 1:
        raise XiepaiError(ErrorCode.INVALID, detail=str(units))
    if units > terms.capacity:
        raise XiepaiError(
            ErrorCode.NOT_ENOUGH_UNITS, place=terms.name, period=text_of(span), free=terms.capacity, needed=units
        )


def _check_length(terms: PlaceTerms, span: Span) -> None:
    if span.minutes < terms.min_minutes:
        raise XiepaiError(ErrorCode.TOO_SHORT, minimum=terms.min_minutes)
    if span.minutes > terms.max_minutes:
        raise XiepaiError(ErrorCode.TOO_LONG, maximum=terms.max_minutes)


def _check_step(terms: PlaceTerms, span: Span) -> None:
    start = span.start.astimezone(CITY_ZONE)
    minute = start.hour * 60 + start.minute
    if minute % terms.step_minutes or start.second or start.microsecond:
        example = start.replace(second=0, microsecond=0) - timedelta(minutes=minute % terms.step_minutes)
        raise XiepaiError(ErrorCode.OFF_STEP, step=terms.step_minutes, example=f"{example:%H:%M}")
    if span.end.second or span.end.microsecond:
        raise XiepaiError(ErrorCode.OFF_STEP, step=1, example=f"{span.end.astimezone(CITY_ZONE):%H:%M}")


def _check_notice(terms: PlaceTerms, span: Span, now: datetime) -> None:
    if span.start < now:
        raise XiepaiError(ErrorCode.IN_THE_PAST)
    earliest = now + timedelta(minutes=terms.lead_minutes)
    if span.start < earliest:
        raise XiepaiError(
            ErrorCode.TOO_LATE, lead=terms.lead_minutes, earliest=f"{earliest.astimezone(CITY_ZONE):%Y-%m-%d %H:%M}"
        )
    if span.start > now + timedelta(days=terms.ahead_days):
        raise XiepaiError(ErrorCode.TOO_EARLY, days=terms.ahead_days)


def _check_open(terms: PlaceTerms, span: Span) -> None:
    first, last = span.start.astimezone(CITY_ZONE).date(), span.end.astimezone(CITY_ZONE).date()
    if not any(hours.contains(span) for hours in terms.open_spans(first, last)):
        hours = describe(terms.opening, first) if first not in terms.closed_days else ""
        raise XiepaiError(ErrorCode.CLOSED, place=terms.name, period=text_of(span), hours=hours or "—")
