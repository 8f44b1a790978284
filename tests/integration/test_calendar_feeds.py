"""Feeds are read by a real client library and by a second implementation; outside calendars come in as busy."""

from __future__ import annotations

from collections.abc import Generator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import vobject
from icalendar import Calendar
from tests.factories import make_organisation, make_person, make_place

from xiepai.bookings import services
from xiepai.bookings.calendar import read_busy, write_calendar
from xiepai.bookings.services import feeds
from xiepai.kernel import clock
from xiepai.kernel.errors import ErrorCode, XiepaiError
from xiepai.places.models import Blocking
from xiepai.worktime.spans import Span

pytestmark = pytest.mark.django_db
ZONE = ZoneInfo("Asia/Shanghai")
DAY = datetime(2026, 12, 7, tzinfo=ZONE)
WINDOW = Span(DAY, DAY + timedelta(days=30))


@pytest.fixture(autouse=True)
def _the_day_before() -> Generator[None, None, None]:
    with clock.frozen(DAY - timedelta(days=1)):
        yield


@pytest.fixture
def scene():
    base = make_organisation("base")
    crew, scheduler = make_person("scheduler")
    return base, make_place(base, name="审讯室"), crew.memberships.get().organisation_id, scheduler


def book(scene, start: float, end: float):
    _base, place, crew, scheduler = scene
    span = Span(DAY + timedelta(hours=start), DAY + timedelta(hours=end))
    return services.place_hold(
        actor=scheduler, organisation_id=crew, place_id=place.pk, span=span, title="第3集；夜戏,雨"
    )


def feed_of(scene, **what) -> tuple[str, bytes]:
    _token, secret = feeds.issue_feed(actor=scene[3], **(what or {"kind": "crew", "target_id": scene[2]}))
    name, bookings = feeds.open_feed(secret)
    return secret, write_calendar(name, bookings, domain="city.example")


def test_states_and_sequence_as_two_readers_see_them(scene) -> None:
    held, confirmed, cancelled = book(scene, 8, 10), book(scene, 20, 26), book(scene, 12, 13)
    services.confirm_booking(actor=scene[3], booking_id=confirmed.pk)
    services.cancel_booking(actor=scene[3], booking_id=cancelled.pk)
    _secret, data = feed_of(scene)
    events = {str(event["uid"]): event for event in Calendar.from_ical(data).walk("VEVENT")}
    seen = {key.split("@")[0]: (str(e["status"]), int(e["sequence"])) for key, e in events.items()}
    assert seen == {
        f"booking-{held.pk}": ("TENTATIVE", 0),
        f"booking-{confirmed.pk}": ("CONFIRMED", 1),
        f"booking-{cancelled.pk}": ("CANCELLED", 1),
    }
    night = events[f"booking-{confirmed.pk}@city.example"]
    assert night["dtstart"].params["TZID"] == "Asia/Shanghai"
    assert night.decoded("dtend") == DAY + timedelta(hours=26)

    other = vobject.readOne(data.decode())
    by_uid = {event.uid.value: event for event in other.vevent_list}
    assert set(by_uid) == set(events)
    assert by_uid[f"booking-{confirmed.pk}@city.example"].dtstart.value == DAY + timedelta(hours=20)
    assert by_uid[f"booking-{held.pk}@city.example"].summary.value == "审讯室 · 第3集；夜戏,雨"


def test_a_revoked_feed_and_a_guessed_one_are_not_found(scene) -> None:
    token, secret = feeds.issue_feed(actor=scene[3], kind="person")
    assert feeds.open_feed(secret)[0]
    feeds.revoke_feed(actor=scene[3], feed_id=token.pk)
    for wrong in (secret, "x" * 32, ""):
        with pytest.raises(XiepaiError) as caught:
            feeds.open_feed(wrong)
        assert caught.value.code == ErrorCode.NOT_FOUND


def test_a_feed_shows_what_its_holder_may_see(scene) -> None:
    book(scene, 8, 10)
    base, place, crew, _scheduler = scene
    stranger, keeper = make_person("scheduler")[1], make_person("keeper", base)[1]
    for kind, target in (("place", place.pk), ("crew", crew)):
        with pytest.raises(XiepaiError):
            feeds.issue_feed(actor=stranger, kind=kind, target_id=target)
    _token, secret = feeds.issue_feed(actor=keeper, kind="place", target_id=place.pk)
    name, bookings = feeds.open_feed(secret)
    assert (name, bookings.count()) == ("审讯室", 1)


OUTSIDE = """BEGIN:VCALENDAR
VERSION:2.0
BEGIN:VEVENT
UID:weekly
DTSTART;TZID=Asia/Shanghai:20261207T080000
DURATION:PT2H
RRULE:FREQ=WEEKLY;COUNT=3
EXDATE;TZID=Asia/Shanghai:20261214T080000
SUMMARY:例行检修
END:VEVENT
BEGIN:VEVENT
UID:allday
DTSTART;VALUE=DATE:20261210
SUMMARY:闭园
END:VEVENT
BEGIN:VEVENT
UID:free
DTSTART:20261211T000000Z
DTEND:20261211T010000Z
TRANSP:TRANSPARENT
END:VEVENT
END:VCALENDAR
""".replace("\n", "\r\n").encode()


def test_an_outside_calendar_becomes_busy_times_and_is_followed(scene) -> None:
    base, place, _crew, _scheduler = scene
    keeper = make_person("keeper", base)[1]
    book(scene, 24 * 3 + 8, 24 * 3 + 10)  # meets the all-day event of the 10th
    report = feeds.import_busy(actor=keeper, place_id=place.pk, data=OUTSIDE)
    assert (report.added, report.kept, report.lifted, len(report.refused)) == (2, 0, 0, 1)
    assert report.refused[0][0].summary == "闭园"
    with pytest.raises(XiepaiError) as caught:
        book(scene, 9, 11)
    assert caught.value.data["reason"] == "例行检修"
    again = feeds.import_busy(actor=keeper, place_id=place.pk, data=OUTSIDE)
    assert (again.added, again.kept, again.lifted) == (0, 2, 0)
    moved = feeds.import_busy(actor=keeper, place_id=place.pk, data=OUTSIDE.replace(b"T080000", b"T100000"))
    assert (moved.added, moved.lifted) == (2, 2)
    assert Blocking.objects.filter(place=place, lifted_at=None).count() == 2
    book(scene, 8, 10)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"no calendar",
        b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nDTSTART:99999\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n",
        b"\xff\xfe" * 50,
    ],
)
def test_what_is_no_calendar_is_refused(data: bytes) -> None:
    with pytest.raises(XiepaiError) as caught:
        read_busy(data, WINDOW)
    assert caught.value.code == ErrorCode.FILE_UNREADABLE


def test_an_endless_rule_ends_with_the_window() -> None:
    rule = OUTSIDE.replace(b"FREQ=WEEKLY;COUNT=3", b"FREQ=HOURLY")
    assert 100 < len(read_busy(rule, WINDOW)) < 1000
    with pytest.raises(XiepaiError) as caught:
        read_busy(OUTSIDE.replace(b"FREQ=WEEKLY;COUNT=3", b"FREQ=SECONDLY"), WINDOW)
    assert caught.value.code == ErrorCode.FILE_SIZE


def test_our_own_feed_can_be_read_back_as_busy(scene) -> None:
    book(scene, 8, 10)
    _secret, data = feed_of(scene)
    assert [busy.span for busy in read_busy(data, WINDOW)] == [
        Span(DAY + timedelta(hours=8), DAY + timedelta(hours=10))
    ]
