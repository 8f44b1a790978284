"""iCalendar: bookings out as a feed, an outside calendar in as busy times.

Holds are TENTATIVE, confirmed bookings CONFIRMED, ended ones CANCELLED; SEQUENCE rises with every change
of the booking; times carry the zone Asia/Shanghai (RFC 5545). Nothing here touches the database.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from dateutil.rrule import rruleset, rrulestr
from django.utils.translation import gettext as _
from icalendar import Calendar, Event, Timezone

from xiepai.bookings.models import Booking, BookingState
from xiepai.kernel.clock import CITY_ZONE, local
from xiepai.kernel.errors import ErrorCode, XiepaiError
from xiepai.kernel.money import Money
from xiepai.worktime.spans import Span, intersect

#: How much an outside calendar may hold.
MAX_BYTES = 2 * 1024 * 1024
MAX_EVENTS = 5000

_STATUS = {
    BookingState.LEASED: "TENTATIVE",
    BookingState.HELD: "TENTATIVE",
    BookingState.REQUESTED: "TENTATIVE",
    BookingState.CONFIRMED: "CONFIRMED",
    BookingState.IN_USE: "CONFIRMED",
    BookingState.HANDED_BACK: "CONFIRMED",
    BookingState.SETTLED: "CONFIRMED",
}


@dataclass(frozen=True, slots=True)
class BusyTime:
    """One time an outside calendar is busy; *uid* is stable over imports."""

    uid: str
    summary: str
    span: Span


def write_calendar(name: str, bookings: Iterable[Booking], *, domain: str) -> bytes:
    """The bookings as an iCalendar file that names itself *name*; ``domain`` ends the UIDs."""
    calendar = Calendar()
    calendar.add("prodid", "-//Xiepai//bookings//ZH")
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", name)
    calendar.add("x-wr-timezone", str(CITY_ZONE))
    calendar.add("refresh-interval;value=duration", "PT15M")
    calendar.add_component(Timezone.from_tzid(str(CITY_ZONE)))
    for booking in bookings:
        calendar.add_component(_event(booking, domain))
    return bytes(calendar.to_ical())


def _event(booking: Booking, domain: str) -> Event:
    event = Event()
    event.add("uid", f"booking-{booking.pk}@{domain}")
    event.add("dtstamp", booking.state_at.astimezone(UTC))
    event.add("last-modified", booking.state_at.astimezone(UTC))
    event.add("sequence", booking.version - 1)
    event.add("dtstart", local(booking.period.lower))
    event.add("dtend", local(booking.period.upper))
    event.add("status", _STATUS.get(BookingState(booking.state), "CANCELLED"))
    event.add("transp", "OPAQUE" if booking.occupies else "TRANSPARENT")
    event.add("summary", " · ".join(part for part in (booking.place.name, booking.title) if part))
    event.add("location", booking.place.address or booking.place.name)
    state = str(BookingState(booking.state).label)
    price = str(Money(booking.price_fen))
    event.add("description", f"{booking.code} {state} {booking.organisation.name} {price}")
    if booking.place.latitude is not None and booking.place.longitude is not None:
        event.add("geo", (booking.place.latitude, booking.place.longitude))
    return event


def read_busy(data: bytes, window: Span) -> list[BusyTime]:
    """The busy times of an outside .ics within *window*; repeated events are counted out.

    Refuses (FILE_SIZE, FILE_UNREADABLE) what is too large or no calendar. Transparent and cancelled events
    are not busy; all-day events fill the city's whole day.
    """
    if len(data) > MAX_BYTES:
        raise XiepaiError(
            ErrorCode.FILE_SIZE, size=f"{len(data) // 1024} KiB", limit=f"{MAX_BYTES // 1024 // 1024} MiB"
        )
    try:
        calendar = Calendar.from_ical(data)
        found: dict[str, BusyTime] = {}
        for event in calendar.walk("VEVENT"):
            for busy in _occurrences(event, window):
                found[busy.uid] = busy
                if len(found) > MAX_EVENTS:
                    raise XiepaiError(ErrorCode.FILE_SIZE, size=f"> {MAX_EVENTS}", limit=str(MAX_EVENTS))
    except (ValueError, KeyError, TypeError, AttributeError, IndexError, OverflowError) as error:
        raise XiepaiError(ErrorCode.FILE_UNREADABLE, detail=str(error)[:200]) from error
    _drop_replaced(calendar, found)
    return sorted(found.values(), key=lambda busy: (busy.span, busy.uid))


def _occurrences(event: Any, window: Span) -> Iterator[BusyTime]:
    if str(event.get("status", "")).upper() == "CANCELLED" or str(event.get("transp", "")).upper() == "TRANSPARENT":
        return
    if "dtstart" not in event:
        return
    start, length = _first(event)
    summary = str(event.get("summary", "")) or _("外部日历")
    uid = str(event.get("uid", "")) or f"{start.isoformat()}-{summary}"
    for begin in _starts(event, start, length, window):
        span = Span(begin, begin + length)
        if intersect(span, window) is not None:
            yield BusyTime(f"{uid}/{begin.astimezone(UTC):%Y%m%dT%H%M%SZ}"[-255:], summary[:120], span)


def _first(event: Any) -> tuple[datetime, timedelta]:
    raw = event.decoded("dtstart")
    start = _aware(raw)
    if "dtend" in event:
        length = _aware(event.decoded("dtend")) - start
    elif "duration" in event:
        length = event.decoded("duration")
    else:
        length = timedelta(0) if isinstance(raw, datetime) else timedelta(days=1)
    if length <= timedelta(0):
        raise ValueError(f"an event without length: {event.get('uid', '')}")
    return start, length


def _starts(event: Any, start: datetime, length: timedelta, window: Span) -> Iterable[datetime]:
    if "rrule" not in event:
        return [start]
    rules = rruleset()
    rules.rrule(rrulestr(event["rrule"].to_ical().decode(), dtstart=start))
    for skipped in _dates(event, "exdate"):
        rules.exdate(skipped)
    for added in _dates(event, "rdate"):
        rules.rdate(added)
    begun: list[datetime] = []
    for moment in rules.xafter(window.start - length, inc=True):
        if moment >= window.end or len(begun) > MAX_EVENTS:
            break
        begun.append(moment)
    return begun


def _dates(event: Any, name: str) -> Iterator[datetime]:
    values = event.get(name)
    for part in values if isinstance(values, list) else [values] if values else []:
        for item in part.dts:
            yield _aware(item.dt)


def _aware(value: date | datetime) -> datetime:
    if not isinstance(value, datetime):
        return datetime.combine(value, time(), CITY_ZONE)
    return value if value.tzinfo else value.replace(tzinfo=CITY_ZONE)


def _drop_replaced(calendar: Any, found: dict[str, BusyTime]) -> None:
    """An event with a RECURRENCE-ID stands for one occurrence of its series: the original is not busy."""
    for event in calendar.walk("VEVENT"):
        if "recurrence-id" in event:
            replaced = _aware(event.decoded("recurrence-id")).astimezone(UTC)
            key = f"{event.get('uid', '')}/{replaced:%Y%m%dT%H%M%SZ}"[-255:]
            own = _aware(event.decoded("dtstart")).astimezone(UTC)
            if own != replaced or str(event.get("status", "")).upper() == "CANCELLED":
                found.pop(key, None)
