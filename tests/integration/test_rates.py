"""Counting calls in windows: exact under concurrency, and nobody's address is stored."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection

from xiepai.kernel import clock, rates
from xiepai.kernel.errors import ErrorCode, XiepaiError
from xiepai.kernel.models import RateWindow
from xiepai.parties.limits import LIMITS, count

NOON = datetime(2026, 11, 23, 12, 0, 10, tzinfo=UTC)


@pytest.mark.django_db
def test_a_window_closes_and_the_next_one_opens() -> None:
    with clock.frozen(NOON):
        for _ in range(3):
            rates.check("b", 3, 60)
        with pytest.raises(XiepaiError) as refusal:
            rates.check("b", 3, 60)
        assert (refusal.value.code, refusal.value.data) == (ErrorCode.RATE_LIMITED, {"seconds": 50})
        rates.check("another", 3, 60)
    with clock.frozen(NOON + timedelta(seconds=50)):
        rates.check("b", 3, 60)


@pytest.mark.django_db
def test_a_bucket_names_nobody() -> None:
    count("sign_in_as", "Someone@Example.com")
    with clock.frozen(clock.now()):
        bucket = RateWindow.objects.get().bucket
    assert bucket == rates.bucket("sign_in_as", "someone@example.com")
    assert "example" not in bucket


@pytest.mark.django_db(transaction=True)
def test_of_many_at_once_exactly_as_many_pass_as_may() -> None:
    def attempt(_number: int) -> bool:
        try:
            with clock.frozen(NOON):
                rates.check("b", 10, 60)
        except XiepaiError:
            return False
        else:
            return True
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(attempt, range(40))) == 10
    assert RateWindow.objects.get().calls == 40


@pytest.mark.django_db
def test_the_counters_are_not_worth_a_flush_to_disk() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT relpersistence FROM pg_class WHERE relname = 'kernel_ratewindow'")
        assert cursor.fetchone() == ("u",)


def test_every_limit_allows_something() -> None:
    assert all(limit.calls > 0 and limit.seconds >= 60 for limit in LIMITS.values())
