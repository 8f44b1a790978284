"""The office's face over HTTP: the queue narrowed, exported and answered in bulk; places reviewed with their diff."""

from __future__ import annotations

from collections.abc import Generator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.urls import reverse
from tests.factories import make_organisation, make_person, make_place

from xiepai.bookings import services
from xiepai.bookings.models import Booking
from xiepai.bookings.services.reminding import remind_and_escalate
from xiepai.kernel import clock
from xiepai.parties.models import Notice
from xiepai.places.models import Place
from xiepai.places.services import publish_place, submit_place, update_place
from xiepai.worktime.spans import Span

pytestmark = pytest.mark.django_db
ZONE = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 12, 1, 9, tzinfo=ZONE)
DAY = datetime(2026, 12, 7, tzinfo=ZONE)


@pytest.fixture(autouse=True)
def _december() -> Generator[None, None, None]:
    with clock.frozen(NOW):
        yield


class Stage:
    """Two sets of two bases, a crew with requests for both, a keeper of the first, an officer."""

    def __init__(self) -> None:
        self.base, self.other = make_organisation("base"), make_organisation("base")
        self.room = make_place(self.base, name="审讯室", approval="keeper")
        self.court = make_place(self.other, name="法庭", approval="keeper")
        person, self.scheduler = make_person("scheduler")
        self.crew = person.memberships.get().organisation_id
        self.keeper_person, self.keeper = make_person("keeper", self.base)
        officer, self.officer = make_person("officer")
        self.as_keeper, self.as_officer = Client(), Client()
        self.as_keeper.force_login(self.keeper_person)
        self.as_officer.force_login(officer)
        self.first, self.second = self.ask(self.room, 8), self.ask(self.room, 14)
        self.foreign = self.ask(self.court, 8)

    def ask(self, place: Place, start: int) -> Booking:
        span = Span(DAY + timedelta(hours=start), DAY + timedelta(hours=start + 4))
        row = services.place_hold(
            actor=self.scheduler, organisation_id=self.crew, place_id=place.pk, span=span, title=f"第{start}集"
        )
        return services.confirm_booking(actor=self.scheduler, booking_id=row.pk)

    def states(self) -> list[str]:
        rows = Booking.objects.filter(pk__in=[self.first.pk, self.second.pk, self.foreign.pk]).order_by("pk")
        return [row.state for row in rows]


@pytest.fixture
def stage() -> Stage:
    return Stage()


def codes(client: Client, **query: str) -> set[str]:
    page = client.get(reverse("office:queue"), query).content.decode()
    return {f"XP{row.pk:06d}" for row in Booking.objects.all() if f">XP{row.pk:06d}<" in page}


def test_the_queue_is_narrowed_by_place_crew_day_and_deadline(stage: Stage) -> None:
    everything = {stage.first.code, stage.second.code, stage.foreign.code}
    assert codes(stage.as_officer) == everything
    assert codes(stage.as_keeper) == {stage.first.code, stage.second.code}
    assert codes(stage.as_officer, place="法庭") == {stage.foreign.code}
    assert codes(stage.as_officer, crew="第14集") == {stage.second.code}
    assert codes(stage.as_officer, since="2026-12-02") == set()
    assert codes(stage.as_officer, due="late") == set()
    with clock.frozen(NOW + timedelta(hours=30)):
        assert codes(stage.as_officer, due="late") == everything
        assert codes(stage.as_officer, due="escalated") == set()
        remind_and_escalate()
        assert codes(stage.as_officer, due="escalated") == everything
        assert "已上报" in stage.as_officer.get(reverse("office:queue")).content.decode()


def test_the_queue_is_sorted_and_exported(stage: Stage) -> None:
    page = stage.as_officer.get(reverse("office:queue"), {"sort": "-when", "place": "审讯室"}).content.decode()
    assert page.index(stage.second.code) < page.index(stage.first.code)
    answer = stage.as_keeper.get(reverse("office:queue_csv"), {"sort": "when"})
    lines = b"".join(answer.streaming_content).decode("utf-8-sig").splitlines()  # type: ignore[attr-defined]
    assert [line.split(",")[0] for line in lines] == ["编号", stage.first.code, stage.second.code]


def test_many_are_approved_at_once_and_each_answers_for_itself(stage: Stage) -> None:
    chosen = [stage.first.pk, stage.second.pk, stage.foreign.pk]
    answer = stage.as_keeper.post(reverse("office:queue_decide"), {"booking": chosen, "deed": "approve"}, follow=True)
    assert stage.states() == ["confirmed", "confirmed", "requested"]
    page = answer.content.decode()
    assert "已批准 2 个" in page
    assert f"{stage.foreign.code}：" in page


def test_declining_many_needs_a_reason_that_the_crew_reads(stage: Stage) -> None:
    address, data = reverse("office:queue_decide"), {"booking": [stage.first.pk, stage.second.pk], "deed": "decline"}
    refused = stage.as_keeper.post(address, data, follow=True)
    assert "拒绝要写明原因" in refused.content.decode()
    assert stage.states() == ["requested"] * 3
    stage.as_keeper.post(address, {**data, "note": "检修停电"})
    assert stage.states() == ["declined", "declined", "requested"]
    stage.first.refresh_from_db()
    assert stage.first.decision_note == "检修停电"
    nothing = stage.as_keeper.post(address, {"deed": "approve"}, follow=True)
    assert "请先勾选" in nothing.content.decode()


def test_a_changed_place_waits_beside_what_was_public(stage: Stage) -> None:
    new = make_place(stage.base, name="新走廊", visibility="review", people_max=12)
    publish_place(actor=stage.officer, place_id=new.pk)
    submit_place(actor=stage.keeper, place_id=new.pk)
    update_place(actor=stage.keeper, place_id=new.pk, people_max=20)
    fresh = make_place(stage.base, name="新天台", visibility="review")
    page = stage.as_officer.get(reverse("office:places")).content.decode()
    assert "<del>12</del> <ins>20</ins>" in page
    assert "新天台" in page
    assert "审讯室" not in page
    only = stage.as_officer.get(reverse("office:places"), {"q": "天台"}).content.decode()
    assert reverse("public:place", args=[fresh.pk]) in only
    assert reverse("public:place", args=[new.pk]) not in only
    answer = stage.as_officer.get(reverse("office:places_csv"), {"sort": "name"})
    lines = b"".join(answer.streaming_content).decode("utf-8-sig").splitlines()  # type: ignore[attr-defined]
    assert len(lines) == 3


def test_the_office_publishes_and_sends_back_many_with_a_reason(stage: Stage) -> None:
    rows = [make_place(stage.base, name=f"新{n}", visibility="review") for n in range(3)]
    address = reverse("office:places_decide")
    stage.as_officer.post(address, {"place": [rows[0].pk, rows[1].pk], "deed": "publish"})
    refused = stage.as_officer.post(address, {"place": [rows[2].pk], "deed": "return"}, follow=True)
    assert "退回要写明原因" in refused.content.decode()
    stage.as_officer.post(address, {"place": [rows[2].pk], "deed": "return", "reason": "照片看不清"})
    states = [Place.objects.get(pk=row.pk).visibility for row in rows]
    assert states == ["public", "public", "private"]
    told = Notice.objects.filter(person=stage.keeper_person, kind__startswith="places.")
    assert told.filter(kind="places.published").count() == 2
    assert "照片看不清" in told.get(kind="places.returned").body
    assert stage.as_keeper.post(address, {"place": [rows[2].pk], "deed": "publish"}).status_code == 403


def test_lists_ask_little_of_the_database(stage: Stage, django_assert_max_num_queries: object) -> None:
    for number in range(8):
        row = make_place(stage.base, name=f"新{number}", visibility="review")
        update_place(actor=stage.keeper, place_id=row.pk, people_max=20)
    for name in ("office:queue", "office:places"):
        with django_assert_max_num_queries(20):  # type: ignore[operator]
            assert stage.as_officer.get(reverse(name)).status_code == 200
