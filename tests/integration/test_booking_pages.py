"""Places, bookings, needs, queue and board over HTTP, as each role sees them."""

from __future__ import annotations

import json
from collections.abc import Generator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from tests.factories import make_organisation, make_person, make_place

from xiepai.bookings import services
from xiepai.bookings.models import Booking, WaitingEntry
from xiepai.kernel import clock
from xiepai.places.models import Term
from xiepai.worktime.spans import Span

pytestmark = pytest.mark.django_db
ZONE = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 12, 1, 9, tzinfo=ZONE)
DAY = datetime(2026, 12, 7, tzinfo=ZONE)
SLOT = {"day": "2026-12-07", "start": "08:00", "end": "12:00", "units": "1"}


@pytest.fixture(autouse=True)
def _december() -> Generator[None, None, None]:
    with clock.frozen(NOW):
        yield


class Stage:
    """A base with a keeper, a crew with a scheduler, one set."""

    def __init__(self) -> None:
        self.base = make_organisation("base")
        self.place = make_place(self.base, name="审讯室", approval="keeper")
        person, self.scheduler = make_person("scheduler")
        self.crew = person.memberships.get().organisation_id
        self.as_crew, self.as_keeper, self.as_stranger = Client(), Client(), Client()
        self.as_crew.force_login(person)
        self.as_keeper.force_login(make_person("keeper", self.base)[0])
        self.as_stranger.force_login(make_person("scheduler")[0])

    def hold(self, start: int = 8, end: int = 12) -> Booking:
        span = Span(DAY + timedelta(hours=start), DAY + timedelta(hours=end))
        return services.place_hold(
            actor=self.scheduler, organisation_id=self.crew, place_id=self.place.pk, span=span, title="第3集"
        )


@pytest.fixture
def stage() -> Stage:
    return Stage()


def test_a_stranger_finds_a_place_and_its_price_with_the_arithmetic(stage: Stage) -> None:
    listing = Client().get("/places/", {"q": "审讯"}).content.decode()
    assert f"/places/{stage.place.pk}/" in listing
    page = Client().get(f"/places/{stage.place.pk}/", SLOT).content.decode()
    assert "4 小时 × ¥100 = ¥400" in page
    assert "application/ld+json" in page


def test_what_is_taken_is_not_offered_as_free(stage: Stage) -> None:
    stage.hold()
    free = {"q": "审讯", "day": "2026-12-07", "start": "09:00", "end": "10:00"}
    assert f"/places/{stage.place.pk}/" not in Client().get("/places/", free).content.decode()
    page = stage.as_stranger.get(f"/places/{stage.place.pk}/", SLOT).content.decode()
    assert 'name="wait"' in page


def test_a_crew_holds_asks_and_the_keeper_approves(stage: Stage) -> None:
    answer = stage.as_crew.post(f"/places/{stage.place.pk}/hold/", {**SLOT, "title": "夜审", "price": "40000"})
    booking = Booking.objects.get(place=stage.place)
    assert answer["Location"] == f"/bookings/{booking.pk}/"
    assert "夜审" in stage.as_crew.get(f"/bookings/{booking.pk}/").content.decode()
    stage.as_crew.post(f"/bookings/{booking.pk}/confirm/")
    assert booking.code in stage.as_keeper.get("/office/queue/").content.decode()
    answer = stage.as_keeper.post(f"/bookings/{booking.pk}/approve/", {"back": "queue"})
    booking.refresh_from_db()
    assert (answer["Location"], booking.state) == ("/office/queue/", "confirmed")
    assert booking.code in stage.as_crew.get("/bookings/", {"q": booking.code}).content.decode()
    assert booking.code in b"".join(stage.as_crew.get("/bookings.csv").streaming_content).decode()


def test_a_changed_price_is_not_booked_blindly(stage: Stage) -> None:
    stage.as_crew.post(f"/places/{stage.place.pk}/hold/", {**SLOT, "price": "1"})
    assert not Booking.objects.exists()


def test_a_taken_slot_leads_to_the_waiting_list(stage: Stage) -> None:
    stage.hold()
    stage.as_stranger.post(f"/places/{stage.place.pk}/hold/", {**SLOT, "price": "40000"})
    assert Booking.objects.count() == 1
    stage.as_stranger.post(f"/places/{stage.place.pk}/hold/", {**SLOT, "wait": "", "price": "40000"})
    entry = WaitingEntry.objects.get()
    assert "第 1 位" in stage.as_stranger.get("/bookings/").content.decode()
    stage.as_stranger.post(f"/waiting/{entry.pk}/", {"answer": "withdraw"})
    entry.refresh_from_db()
    assert entry.state == "withdrawn"


def test_another_crew_finds_nothing(stage: Stage) -> None:
    booking = stage.hold()
    assert stage.as_stranger.get(f"/bookings/{booking.pk}/").status_code == 404
    assert stage.as_stranger.post(f"/bookings/{booking.pk}/cancel/").status_code == 404
    assert booking.code not in stage.as_stranger.get("/bookings/").content.decode()


def test_a_use_ends_in_a_settlement_to_download(stage: Stage) -> None:
    booking = stage.hold()
    stage.as_crew.post(f"/bookings/{booking.pk}/confirm/")
    signed = {"keeper_present": "张场务", "crew_present": "李制片"}
    for step in ("approve", "hand-over", "take-back", "settle"):
        assert stage.as_keeper.post(f"/bookings/{booking.pk}/{step}/", signed).status_code == 302
    booking.refresh_from_db()
    assert booking.state == "settled"
    assert "¥400" in stage.as_crew.get(f"/bookings/{booking.pk}/").content.decode()
    assert stage.as_crew.get(f"/bookings/{booking.pk}/settlement.pdf").content.startswith(b"%PDF-")
    assert stage.as_crew.get(f"/bookings/{booking.pk}/settlement.xlsx").content.startswith(b"PK")


def test_the_board_shows_a_booking_and_refuses_a_clash_saying_why(stage: Stage) -> None:
    booking, other = stage.hold(8, 12), stage.hold(14, 16)
    page = stage.as_keeper.get("/office/board/", {"day": "2026-12-07", "days": "1"}).content.decode()
    assert f'data-id="{booking.pk}" data-v="{booking.version}"' in page

    def move(hour: int) -> tuple[int, dict[str, object]]:
        start = int((DAY + timedelta(hours=hour)).timestamp())
        wish = {"place": stage.place.pk, "start": start, "end": start + 4 * 3600, "version": booking.version}
        answer = stage.as_keeper.post(f"/office/board/{booking.pk}/", json.dumps(wish), "application/json")
        return answer.status_code, answer.json()

    status, refusal = move(13)
    assert (status, refusal["code"]) == (409, "slot_taken")
    status, moved = move(16)
    assert (status, moved["version"]) == (200, booking.version + 1)
    assert move(20)[0] == 409  # the version it was dragged from is old by now
    answer = stage.as_keeper.post(f"/office/board/{other.pk}/", "{}", "application/json")
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid")


@pytest.mark.parametrize(
    "query", ["q=%00%27%26", "people=-1", "day=2026-99-99", "start=99:99", "page=0", "days=7&q=%25"]
)
def test_odd_addresses_are_answered_with_a_page(stage: Stage, query: str) -> None:
    for path in ("/places/", "/bookings/", "/office/board/", f"/places/{stage.place.pk}/"):
        assert stage.as_keeper.get(f"{path}?{query}").status_code == 200, path


def test_pages_do_not_ask_more_the_more_there_is(stage: Stage, django_assert_max_num_queries) -> None:
    for number in range(8):
        make_place(stage.base, name=f"审讯室{number}")
        stage.hold(number * 2, number * 2 + 2)
    for client, path in (
        (Client(), "/places/?q=审讯"),
        (Client(), f"/places/{stage.place.pk}/"),
        (stage.as_crew, "/bookings/"),
        (stage.as_keeper, "/office/queue/"),
        (stage.as_keeper, "/office/board/?day=2026-12-07"),
    ):
        with django_assert_max_num_queries(30):
            assert client.get(path).status_code == 200


def test_the_office_edits_its_word_lists(stage: Stage) -> None:
    officer = Client()
    officer.force_login(make_person("officer")[0])
    page = officer.post("/office/vocabularies/?list=style", {"code": "cyber", "zh": "赛博", "en": "Cyber"}, follow=True)
    assert "赛博" in page.content.decode()
    term = Term.objects.get(code="cyber")
    officer.post(f"/office/vocabularies/{term.pk}/", {"zh": "赛博朋克", "en": "Cyberpunk"})
    officer.post(f"/office/vocabularies/{term.pk}/", {"deed": "retire"})
    term.refresh_from_db()
    assert (term.zh, term.is_active) == ("赛博朋克", False)
    again = officer.post("/office/vocabularies/?list=style", {"code": "cyber", "zh": "另一个"})
    assert again.status_code == 422
    assert stage.as_keeper.get("/office/vocabularies/").status_code == 403
