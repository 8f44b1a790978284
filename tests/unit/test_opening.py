"""Weekly hours: 24:00, past midnight, closed days, dated rules, leap days."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from xiepai.worktime.opening import WeeklyRule, describe, open_spans
from xiepai.worktime.spans import Span

ZONE = ZoneInfo("Asia/Shanghai")
MONDAY = date(2026, 11, 23)


def hours(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=ZONE)  # type: ignore[arg-type]


def test_no_rules_mean_round_the_clock_without_a_seam() -> None:
    (span,) = open_spans([], [], date(2028, 2, 28), date(2028, 3, 1), ZONE)
    assert span.contains(Span(hours(2028, 2, 28), hours(2028, 3, 2)))


def test_twenty_four_hundred_joins_the_next_morning() -> None:
    rules = [WeeklyRule(day, 0, 1440) for day in range(7)]
    (span,) = open_spans(rules, [], MONDAY, date(2026, 11, 24), ZONE)
    assert span.contains(Span(hours(2026, 11, 23, 22), hours(2026, 11, 24, 4)))


def test_a_night_belongs_to_the_evening_it_begins_on() -> None:
    rules = [WeeklyRule(0, 20 * 60, 26 * 60)]  # Monday 20:00 to Tuesday 02:00
    assert open_spans(rules, [], MONDAY, MONDAY, ZONE) == (Span(hours(2026, 11, 23, 20), hours(2026, 11, 24, 2)),)
    # asked for Tuesday only, the early hours are still there
    assert open_spans(rules, [], date(2026, 11, 24), date(2026, 11, 24), ZONE) == (
        Span(hours(2026, 11, 23, 20), hours(2026, 11, 24, 2)),
    )


def test_a_closed_day_cuts_the_night_before_at_midnight() -> None:
    rules = [WeeklyRule(day, 20 * 60, 26 * 60) for day in range(7)]
    spans = open_spans(rules, [date(2026, 11, 24)], MONDAY, date(2026, 11, 25), ZONE)
    assert spans == (
        Span(hours(2026, 11, 22, 20), hours(2026, 11, 23, 2)),
        Span(hours(2026, 11, 23, 20), hours(2026, 11, 24)),
        Span(hours(2026, 11, 25, 20), hours(2026, 11, 26, 2)),
    )


def test_dated_rules_hold_on_both_their_ends() -> None:
    rule = WeeklyRule(1, 600, 660, valid_from=date(2028, 2, 29), valid_to=date(2028, 2, 29))
    assert rule.applies(date(2028, 2, 29))  # a Tuesday, and a leap day
    assert not rule.applies(date(2028, 3, 7))


def test_a_closed_day_is_empty_and_says_so() -> None:
    assert open_spans([WeeklyRule(0, 480, 1440)], [MONDAY], MONDAY, MONDAY, ZONE) == ()
    assert describe([WeeklyRule(1, 480, 1440)], MONDAY) == ""


@pytest.mark.parametrize(("opens", "closes"), [(600, 600), (-1, 60), (0, 2881)])
def test_impossible_hours_are_refused(opens: int, closes: int) -> None:
    with pytest.raises(ValueError, match="hours run"):
        WeeklyRule(0, opens, closes)
