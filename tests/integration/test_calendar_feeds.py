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
from xiepai.bookings.services import feeds, outside
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
    report = outside.import_busy(actor=keeper, place_id=place.pk, data=OUTSIDE)
    assert (report.added, report.kept, report.lifted, len(report.refused)) == (2, 0, 0, 1)
    assert report.refused[0][0].summary == "闭园"
    with pytest.raises(XiepaiError) as caught:
        book(scene, 9, 11)
    assert caught.value.data["reason"] == "例行检修"
    again = outside.import_busy(actor=keeper, place_id=place.pk, data=OUTSIDE)
    assert (again.added, again.kept, again.lifted) == (0, 2, 0)
    moved = outside.import_busy(actor=keeper, place_id=place.pk, data=OUTSIDE.replace(b"T080000", b"T100000"))
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
    assert caught.value.code == ErrorCode.FILE_UNREADABLE


def test_our_own_feed_can_be_read_back_as_busy(scene) -> None:
    book(scene, 8, 10)
    _secret, data = feed_of(scene)
    assert [busy.span for busy in read_busy(data, WINDOW)] == [
        Span(DAY + timedelta(hours=8), DAY + timedelta(hours=10))
    ]


def test_the_zone_is_told_and_both_readers_agree_on_it(scene) -> None:
    book(scene, 20, 26)
    _secret, data = feed_of(scene)
    zone = Calendar.from_ical(data).walk("VTIMEZONE")[0]
    assert str(zone["tzid"]) == "Asia/Shanghai"
    standard = zone.walk("STANDARD")[-1]
    assert standard.decoded("tzoffsetto") == timedelta(hours=8)
    other = vobject.readOne(data.decode())
    assert other.vtimezone.tzid.value == "Asia/Shanghai"
    start = other.vevent.dtstart.value
    assert start.utcoffset() == timedelta(hours=8)
    other.validate(raiseException=True)


def test_the_sequence_rises_with_every_change_and_the_uid_stays(scene) -> None:
    held = book(scene, 8, 10)
    seen = []
    for deed in (
        lambda: None,
        lambda: services.confirm_booking(actor=scene[3], booking_id=held.pk),
        lambda: services.change_booking(
            actor=scene[3], booking_id=held.pk, span=Span(DAY + timedelta(hours=9), DAY + timedelta(hours=11))
        ),
        lambda: services.cancel_booking(actor=scene[3], booking_id=held.pk),
    ):
        deed()
        event = Calendar.from_ical(feed_of(scene)[1]).walk("VEVENT")[0]
        seen.append((str(event["uid"]), int(event["sequence"]), str(event["status"])))
    assert [state for _uid, _number, state in seen] == ["TENTATIVE", "CONFIRMED", "CONFIRMED", "CANCELLED"]
    assert [number for _uid, number, _state in seen] == [0, 1, 2, 3]
    assert len({uid for uid, _number, _state in seen}) == 1


def calendar_of(*events: str) -> bytes:
    body = "".join(f"BEGIN:VEVENT\n{event}\nEND:VEVENT\n" for event in events)
    return f"BEGIN:VCALENDAR\nVERSION:2.0\n{body}END:VCALENDAR\n".replace("\n", "\r\n").encode()


def event(start: str, more: str = "", uid: str = "a") -> str:
    return f"UID:{uid}\nDTSTART;TZID=Asia/Shanghai:{start}\nDURATION:PT1H" + (f"\n{more}" if more else "")


def test_an_older_version_does_not_undo_a_newer_one(scene) -> None:
    base, place, _crew, _scheduler = scene
    known = {"actor": make_person("keeper", base)[1], "place_id": place.pk, "name": "自家日历"}
    outside.import_busy(**known, data=calendar_of(event("20261208T080000", "SEQUENCE:1")))
    newer = calendar_of(event("20261208T100000", "SEQUENCE:2"))
    assert outside.import_busy(**known, data=newer).added == 1
    report = outside.import_busy(**known, data=calendar_of(event("20261208T080000", "SEQUENCE:1")))
    assert (report.added, report.lifted, report.stale) == (0, 0, 1)
    assert clock.local(Blocking.objects.get(place=place, lifted_at=None).period.lower).hour == 10
    both = calendar_of(event("20261208T120000", "SEQUENCE:4"), event("20261208T130000", "SEQUENCE:3"))
    outside.import_busy(**known, data=both)
    assert clock.local(Blocking.objects.get(place=place, lifted_at=None).period.lower).hour == 12


def test_two_calendars_of_a_place_leave_each_other_alone(scene) -> None:
    base, place, _crew, _scheduler = scene
    keeper = make_person("keeper", base)[1]
    known = {"actor": keeper, "place_id": place.pk}
    outside.import_busy(**known, name="甲", data=calendar_of(event("20261208T080000")))
    outside.import_busy(**known, name="乙", data=calendar_of(event("20261208T100000")))
    outside.import_busy(**known, name="乙", data=calendar_of(event("20261208T110000")))
    live = Blocking.objects.filter(place=place, lifted_at=None)
    assert sorted(clock.local(row.period.lower).hour for row in live) == [8, 11]
    row = outside.calendars_of(keeper, place.pk).get(name="甲")
    assert outside.remove_calendar(actor=keeper, place_id=place.pk, calendar_id=row.pk) == 1
    assert [clock.local(row.period.lower).hour for row in live.all()] == [11]


@pytest.mark.parametrize(
    "rule",
    [
        "RRULE:FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=30",
        "RRULE:FREQ=MINUTELY",
        "RRULE:FREQ=HOURLY;COUNT=999999999",
        "RRULE:FREQ=DAILY;BYHOUR=0,1,2,3,4,5,6,7,8,9;BYMINUTE=" + ",".join(map(str, range(60))),
    ],
)
def test_rules_that_would_never_end_are_refused(rule: str) -> None:
    with pytest.raises(XiepaiError) as caught:
        read_busy(calendar_of(event("19010101T000000", rule)), WINDOW)
    assert caught.value.code in {ErrorCode.FILE_SIZE, ErrorCode.FILE_UNREADABLE}


@pytest.mark.parametrize(
    ("rule", "starts"),
    [
        ("RRULE:FREQ=DAILY;COUNT=3", ["07", "08", "09"]),
        ("RRULE:FREQ=DAILY;UNTIL=20261208", ["07", "08"]),
        ("RRULE:FREQ=DAILY;UNTIL=20261208T000000Z", ["07", "08"]),
        ("RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", []),
        ("RDATE;TZID=Asia/Shanghai:20261212T080000", ["07", "12"]),
    ],
)
def test_rules_end_where_they_say(rule: str, starts: list[str]) -> None:
    read = read_busy(calendar_of(event("20261207T080000", rule)), WINDOW)
    assert [f"{clock.local(busy.span.start):%d}" for busy in read] == starts


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"PK\x03\x04" + b"\0" * 100, ErrorCode.FILE_TYPE),
        (b"x" * (10 * 1024 * 1024), ErrorCode.FILE_SIZE),
        (calendar_of("UID:a\nDTSTART:20261341T990000\nDURATION:PT1H"), ErrorCode.FILE_UNREADABLE),
        (calendar_of("UID:a\nDTSTART:20261207T080000\nDTEND:20261206T080000"), ErrorCode.FILE_UNREADABLE),
        (b"BEGIN:VEVENT\r\n" * 20_000, ErrorCode.FILE_UNREADABLE),
        (calendar_of(event("20261207T080000", "RRULE:FREQ=SOMETIMES")), ErrorCode.FILE_UNREADABLE),
    ],
)
def test_hostile_files_are_refused_with_a_word(data: bytes, code: ErrorCode) -> None:
    with pytest.raises(XiepaiError) as caught:
        read_busy(data, WINDOW)
    assert caught.value.code == code
    assert str(caught.value)
