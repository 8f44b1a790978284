"""Calls for a place: a crew says what it looks for, keepers offer, one offer becomes a hold; all over HTTP."""

from __future__ import annotations

from collections.abc import Generator
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.urls import reverse
from tests.factories import make_organisation, make_person, make_place, make_tariff

from xiepai.bookings import services
from xiepai.bookings.models import Booking
from xiepai.bookings.models_calls import Call, CallOffer
from xiepai.kernel import clock
from xiepai.parties.models import Notice
from xiepai.worktime.spans import Span

pytestmark = pytest.mark.django_db
ZONE = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 12, 1, 9, tzinfo=ZONE)
DAY = datetime(2026, 12, 7, tzinfo=ZONE)
SLOT = {"day": "2026-12-07", "start": "08:00", "end": "12:00"}


@pytest.fixture(autouse=True)
def _december() -> Generator[None, None, None]:
    with clock.frozen(NOW):
        yield


class Stage:
    """Two bases with a hospital each, one with a street only, a crew."""

    def __init__(self) -> None:
        self.places, self.keepers, self.people = [], [], []
        for number, category in enumerate(("hospital", "hospital", "street")):
            base = make_organisation("base")
            self.places.append(make_place(base, name=f"场景{number}", categories=[category]))
            person, _actor = make_person("keeper", base)
            self.people.append(person)
            self.keepers.append(client_of(person))
        self.crew_person, self.scheduler = make_person("scheduler")
        self.crew = client_of(self.crew_person)
        self.crew_id = self.crew_person.memberships.get().organisation_id

    def open(self) -> Call:
        data = {**SLOT, "title": "能点火的医院", "categories": ["hospital"], "people": "30", "note": "要推床"}
        answer = self.crew.post(reverse("crew:calls"), data, follow=True)
        assert answer.status_code == 200, answer.content.decode()
        return Call.objects.latest("id")

    def offer(self, number: int, call: Call, **changes: Any) -> Any:
        data = {**SLOT, "place": self.places[number].pk, "note": "可以", **changes}
        return self.keepers[number].post(reverse("keeper:call", args=[call.pk]), data, follow=True)

    def take(self, offer: CallOffer) -> Any:
        return self.crew.post(reverse("crew:call_take", args=[offer.call_id, offer.pk]), follow=True)


def client_of(person: Any) -> Client:
    client = Client()
    client.force_login(person)
    return client


@pytest.fixture
def stage() -> Stage:
    return Stage()


def test_a_call_reaches_every_keeper_of_that_kind_and_no_other(stage: Stage) -> None:
    call = stage.open()
    told = [Notice.objects.filter(person=person, kind="bookings.call_opened").count() for person in stage.people]
    assert told == [1, 1, 0]
    page = stage.keepers[0].get(reverse("keeper:call", args=[call.pk])).content.decode()
    assert "要推床" in page
    assert "场景0" in page
    assert "没有这一类" in stage.keepers[2].get(reverse("keeper:call", args=[call.pk])).content.decode()


def test_an_offer_becomes_a_hold_at_its_price_and_the_others_are_declined(stage: Stage) -> None:
    call = stage.open()
    stage.offer(0, call)
    stage.offer(1, call, start="13:00", end="17:00")
    page = stage.crew.get(reverse("crew:call", args=[call.pk])).content.decode()
    assert page.count("4 小时 × ¥100 = ¥400") == 2
    assert "另一个时间" in page
    assert not Booking.objects.exists()
    first, second = CallOffer.objects.order_by("pk")
    stage.take(second)
    booking = Booking.objects.get()
    assert (booking.state, booking.place_id, booking.price_fen) == ("held", stage.places[1].pk, 40_000)
    states = list(CallOffer.objects.order_by("pk").values_list("state", flat=True))
    assert states == ["declined", "taken"]
    call.refresh_from_db()
    assert call.state == "met"
    assert "不能" in stage.take(first).content.decode()
    assert Booking.objects.count() == 1
    assert Notice.objects.filter(person=stage.people[1], kind="bookings.call_offer_taken").count() == 1


def test_a_slot_gone_or_a_price_changed_meanwhile_is_refused(stage: Stage) -> None:
    call = stage.open()
    stage.offer(0, call)
    stage.offer(1, call)
    first, second = CallOffer.objects.order_by("pk")
    span = Span(DAY + timedelta(hours=9), DAY + timedelta(hours=10))
    services.place_hold(
        actor=stage.scheduler, organisation_id=stage.crew_id, place_id=stage.places[0].pk, span=span, title="别的"
    )
    assert "已被占用" in stage.take(first).content.decode()
    make_tariff(stage.places[1], NOW.date(), hour_fen=50_000)
    stage.take(second)
    assert Booking.objects.count() == 1
    assert set(CallOffer.objects.values_list("state", flat=True)) == {"offered"}


def test_what_cannot_be_booked_cannot_be_offered(stage: Stage) -> None:
    call = stage.open()
    span = Span(DAY + timedelta(hours=9), DAY + timedelta(hours=10))
    services.place_hold(
        actor=stage.scheduler, organisation_id=stage.crew_id, place_id=stage.places[0].pk, span=span, title="别的"
    )
    assert stage.offer(0, call).status_code == 422
    assert stage.offer(0, call, place=stage.places[1].pk).status_code == 422  # somebody else's
    stage.offer(1, call)
    assert stage.offer(1, call).status_code == 422  # twice
    assert CallOffer.objects.count() == 1
    offer = CallOffer.objects.get()
    stage.keepers[1].post(reverse("keeper:offer_withdraw", args=[call.pk, offer.pk]))
    stage.offer(1, call)
    assert list(CallOffer.objects.order_by("pk").values_list("state", flat=True)) == ["withdrawn", "offered"]


def test_calls_and_offers_of_others_are_not_found(stage: Stage) -> None:
    call = stage.open()
    stage.offer(0, call)
    offer = CallOffer.objects.get()
    stranger = client_of(make_person("scheduler")[0])
    assert stranger.get(reverse("crew:call", args=[call.pk])).status_code == 404
    assert stranger.post(reverse("crew:call_take", args=[call.pk, offer.pk])).status_code == 404
    assert stranger.post(reverse("crew:call_close", args=[call.pk])).status_code == 404
    withdraw = reverse("keeper:offer_withdraw", args=[call.pk, offer.pk])
    assert stage.keepers[1].post(withdraw).status_code == 404
    offers = stage.keepers[1].get(reverse("keeper:call", args=[call.pk])).content.decode()
    assert "场景0" not in offers


def test_a_closed_call_takes_no_offers(stage: Stage) -> None:
    call = stage.open()
    stage.offer(0, call)
    stage.crew.post(reverse("crew:call_close", args=[call.pk]))
    assert CallOffer.objects.get().state == "declined"
    assert stage.offer(1, call).status_code == 404
    assert "现在没有征集" in stage.keepers[1].get(reverse("keeper:calls")).content.decode()


def test_a_call_in_the_past_or_of_unknown_kind_is_refused(stage: Stage) -> None:
    bad = stage.crew.post(reverse("crew:calls"), {**SLOT, "day": "2026-11-01", "title": "旧"})
    assert bad.status_code == 422
    unknown = stage.crew.post(reverse("crew:calls"), {**SLOT, "title": "新", "categories": ["moon"]})
    assert unknown.status_code == 422
    assert not Call.objects.exists()


def test_a_need_that_is_not_met_begins_a_call(stage: Stage) -> None:
    need = {"title": "审讯室", "day": "2026-12-07", "from": "480", "to": "1440", "people": "12"}
    page = stage.crew.get(reverse("crew:calls"), need).content.decode()
    for value in ("审讯室", "2026-12-07", "08:00", "24:00", "12"):
        assert f'value="{value}"' in page
    assert stage.crew.get(reverse("crew:calls"), {"from": "x", "day": "never"}).status_code == 200
