"""A plan that wants a hall and a part of it at the same hours is told which two before it is booked."""

from __future__ import annotations

import pytest
from django.test import Client
from tests.drama import Drama
from tests.integration.test_plan_pages import said
from tests.studio import at, december

from xiepai.bookings.models import Booking
from xiepai.shoots.models import Strip
from xiepai.shoots.services import plan_bookings, solving

pytestmark = pytest.mark.django_db


def test_a_hall_and_its_part_at_the_same_hours_are_named_and_nothing_is_booked(drama: Drama, http: Client) -> None:
    plan, places = drama.plan(), drama.studio.places
    with december():
        solving.work_solve(solving.ask(actor=drama.actor, plan_id=plan.pk, revision=0, seconds=2).pk)
        first, other = Strip.objects.filter(plan=plan, plan_day__isnull=False).order_by("pk")[:2]
        for strip, name, hours in ((first, "hall", at(9, 12)), (other, "hall_左", at(11, 14))):
            found = Strip.objects.filter(pk=strip.pk)
            found.update(place=places[name], plan_day=first.plan_day, starts_at=hours.start, ends_at=hours.end)
        page = http.get(f"/plans/{plan.pk}/book/").content.decode()
    assert "摄影棚（" in page
    assert "有一部分是同一处" in page
    expected = int(page.split('name="expected" value="')[1].split('"')[0])
    told = said(http, f"/plans/{plan.pk}/book/", {"revision": 1, "expected": expected})
    assert "“摄影棚”" in told
    assert "“摄影棚左区”" in told
    assert not Booking.objects.exists()
    Strip.objects.filter(pk=other.pk).update(
        place=places["hall_右"], starts_at=at(12, 13).start, ends_at=at(12, 13).end
    )
    with december():
        plan.refresh_from_db()
        assert plan_bookings.clashes(plan_bookings.place_days(plan)) == []  # one after the other is fine
