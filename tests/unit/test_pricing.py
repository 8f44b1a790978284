"""Prices: started hours, days with their limit, overtime by step, nights, free of charge, cancelling."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from xiepai.kernel.money import Money
from xiepai.places.pricing import TariffTerms, cancellation_fee, from_json, night_minutes, overtime, quote
from xiepai.worktime.spans import Span

ZONE = ZoneInfo("Asia/Shanghai")
MORNING = datetime(2026, 12, 1, 8, tzinfo=ZONE)
TARIFF = TariffTerms(
    tariff_id=1,
    valid_from=date(2026, 1, 1),
    valid_to=None,
    is_free=False,
    free_condition="",
    hour_fen=30_000,
    day_fen=300_000,
    day_limit_minutes=14 * 60,
    night_fen=5_000,
    night_from_minute=22 * 60,
    night_to_minute=6 * 60,
    overtime_fen=30_000,
    overtime_step_minutes=60,
    deposit_fen=100_000,
    cancellation=((72, 20), (24, 50)),
)


@pytest.fixture(autouse=True)
def _chinese() -> object:
    with translation.override("zh-hans"):
        yield


def lasting(minutes: int, start: datetime = MORNING) -> Span:
    return Span(start, start + timedelta(minutes=minutes))


@pytest.mark.parametrize(
    ("minutes", "yuan", "text"),
    [
        (60, 300, "1 小时 × ¥300 = ¥300"),
        (61, 600, "2 小时 × ¥300 = ¥600"),
        (600, 3000, "10 小时 × ¥300 = ¥3,000"),
        (601, 3000, "1 天 × ¥3,000 = ¥3,000"),
        (14 * 60, 3000, "1 天 × ¥3,000 = ¥3,000"),
        (14 * 60 + 1, 3300, "1 天 × ¥3,000 + 1 超时小时 × ¥300 = ¥3,300"),
        (24 * 60, 3000, "1 天 × ¥3,000 = ¥3,000"),
        (48 * 60, 6000, "2 天 × ¥3,000 = ¥6,000"),
    ],
)
def test_the_cheaper_of_hours_and_days_with_its_arithmetic(minutes: int, yuan: int, text: str) -> None:
    price = quote(TARIFF, lasting(minutes))
    assert price.total == Money.yuan(yuan)
    assert price.text == text


def test_half_hour_steps_and_another_day_where_overtime_would_cost_more() -> None:
    half = replace(TARIFF, overtime_step_minutes=30, overtime_fen=20_000, hour_fen=None)
    assert quote(half, lasting(15 * 60)).total == Money.yuan(3000 + 2 * 200)
    dear = replace(half, overtime_fen=200_000)
    assert quote(dear, lasting(15 * 60)).total == Money.yuan(6000)


def test_night_hours_are_charged_on_hours_and_cross_midnight() -> None:
    night = lasting(4 * 60, datetime(2028, 2, 28, 21, tzinfo=ZONE))  # 21:00 to 01:00 of a leap day
    assert night_minutes(TARIFF, night) == 180
    assert quote(TARIFF, night).text == "4 小时 × ¥300 + 3 夜间小时 × ¥50 = ¥1,350"


def test_free_places_cost_nothing_but_may_ask_a_deposit() -> None:
    price = quote(replace(TARIFF, is_free=True, hour_fen=None, day_fen=None), lasting(300))
    assert (price.total, price.deposit, price.text) == (Money(0), Money.yuan(1000), "免费")


def test_units_multiply_price_and_deposit() -> None:
    price = quote(TARIFF, lasting(60), units=3)
    assert (price.total, price.deposit) == (Money.yuan(900), Money.yuan(3000))
    assert price.text == "1 小时 × ¥300 × 3 = ¥900"


def test_overtime_is_charged_by_started_step() -> None:
    line = overtime(TARIFF, 61)
    assert line is not None
    assert line.amount == Money.yuan(600)
    assert overtime(TARIFF, 0) is None


@pytest.mark.parametrize(
    ("minutes_before", "yuan"), [(72 * 60, 0), (72 * 60 - 1, 60), (24 * 60, 60), (24 * 60 - 1, 150), (0, 150)]
)
def test_cancelling_costs_what_the_latest_term_reached_says(minutes_before: int, yuan: int) -> None:
    assert cancellation_fee(quote(TARIFF, lasting(60)), TARIFF, minutes_before) == Money.yuan(yuan)


@given(st.integers(1, 5000), st.integers(1, 600))
def test_longer_never_costs_less_by_the_hour_and_the_stored_lines_come_back(minutes: int, more: int) -> None:
    by_hour = replace(TARIFF, day_fen=None)
    assert quote(by_hour, lasting(minutes)).total <= quote(by_hour, lasting(minutes + more)).total
    price = quote(TARIFF, lasting(minutes))
    assert from_json(price.as_json(), units=1, deposit_fen=price.deposit.fen, tariff_id=1) == price


@given(st.integers(1, 3000))
def test_night_minutes_agree_with_counting_minute_by_minute(minutes: int) -> None:
    span = lasting(minutes)
    moments = (MORNING + timedelta(minutes=number) for number in range(minutes))
    assert night_minutes(TARIFF, span) == sum(moment.hour >= 22 or moment.hour < 6 for moment in moments)
