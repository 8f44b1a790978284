"""The demo city at work: other crews' bookings from last week to next, each by the services, at its time."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from xiepai.bookings.demo import load_bookings
from xiepai.bookings.models import Booking, BookingState, Settlement
from xiepai.kernel import clock
from xiepai.kernel.models import AuditEntry
from xiepai.productions.demo import load_works
from xiepai.productions.models import Work

pytestmark = pytest.mark.django_db


def test_crews_are_at_work_around_today(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path
    call_command("load_demo_city", verbosity=0)
    load_works()
    made = load_bookings()
    booked_for = set(Booking.objects.exclude(work=None).values_list("work__title", "work__organisation"))
    assert booked_for == set(Work.objects.filter(title__in=["渡口", "夜班"]).values_list("title", "organisation"))
    found = Counter(Booking.objects.values_list("state", flat=True))
    assert made == found.total() > 60
    assert {BookingState.CONFIRMED, BookingState.SETTLED, BookingState.HANDED_BACK} <= set(found)
    assert Settlement.objects.count() == found[BookingState.SETTLED]
    waiting_for_the_past = [BookingState.HELD, BookingState.REQUESTED]
    assert not Booking.objects.filter(state__in=waiting_for_the_past, period__startswith__lt=clock.now()).exists()
    assert all("样例" in name for name in Booking.objects.values_list("organisation__name", flat=True))
    written = AuditEntry.objects.filter(event="bookings.hold.placed", source="command")
    assert written.count() == made
    assert load_bookings() == 0
    assert Booking.objects.count() == made


def test_a_city_without_the_demo_crews_gets_nothing() -> None:
    assert load_bookings() == 0
    assert not Booking.objects.exists()
