"""iCalendar: bookings out as a feed, an outside calendar in as busy times.

Holds are TENTATIVE, confirmed bookings CONFIRMED, ended ones CANCELLED; SEQUENCE rises with every change
of the booking; times carry the zone Asia/Shanghai (RFC 5545). Nothing here touches the database.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from dateutil.rrule import rrulestr
from django.utils.translation import gettext as _
from icalendar import Calendar, Event, Timezone, vRecur

from xiepai.bookings.models import Booking, BookingState
from xiepai.kernel.clock import CITY_ZONE, local
from xiepai.kernel.errors import ErrorCode, XiepaiError
from xiepai.kernel.money import Money
from xiepai.worktime.spans import Span, intersect

#: How much an outside calendar may hold.
MAX_BYTES = 2 * 1024 * 1024
MAX_EVENTS = 5000
#: occurrences counted out in one file, those before the window included
MAX_STEPS = 300_000
#: repetitions no booking calendar has; counting them out would take for ever
_TOO_OFTEN = ("SECONDLY", "MINUTELY")

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
    """One time an outside calendar is busy; *uid* is stable over imports, *event* is the UID of the whole series."""

    uid: str
    summary: str
    span: Span
    event: str = ""
    sequence: int = 0


class _Steps:
    """Counts occurrences over a whole file; refuses when there is no end to them."""

    def __init__(self) -> None:
        self.count = 0

    def take(self) -> None:
        self.count += 1
        if self.count > MAX_STEPS:
            raise XiepaiError(ErrorCode.FILE_SIZE, size=_("> %(n)d 次重复") % {"n": MAX_STEPS}, limit=str(MAX_STEPS))


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

    Refuses (FILE_SIZE, FILE_TYPE, FILE_UNREADABLE) what is too large or no calendar. Transparent and cancelled events
    are not busy; all-day events fill the city's whole day.
    """
    if len(data) > MAX_BYTES:
        raise XiepaiError(
            ErrorCode.FILE_SIZE, size=f"{len(data) // 1024} KiB", limit=f"{MAX_BYTES // 1024 // 1024} MiB"
        )
    if data[:2] == b"PK":
        raise XiepaiError(ErrorCode.FILE_TYPE, allowed=".ics")
    steps, found = _Steps(), {}
    try:
        calendar = Calendar.from_ical(data)
        for event in _newest(calendar):
            for busy in _occurrences(event, window, steps):
                found[busy.uid] = busy
                if len(found) > MAX_EVENTS:
                    raise XiepaiError(ErrorCode.FILE_SIZE, size=f"> {MAX_EVENTS}", limit=str(MAX_EVENTS))
        _drop_replaced(calendar, found)
    except (ValueError, KeyError, TypeError, AttributeError, IndexError, OverflowError, RecursionError) as error:
        raise XiepaiError(ErrorCode.FILE_UNREADABLE, detail=str(error)[:200]) from error
    return sorted(found.values(), key=lambda busy: (busy.span, busy.uid))


def _newest(calendar: Any) -> list[Any]:
    """The events, of several versions of one (same UID and RECURRENCE-ID) the one with the highest SEQUENCE."""
    newest: dict[tuple[str, str], Any] = {}
    nameless = []
    for event in calendar.walk("VEVENT"):
        uid = str(event.get("uid", ""))
        if not uid:
            nameless.append(event)
            continue
        moved = event.get("recurrence-id")
        key = (uid, moved.to_ical().decode() if moved is not None else "")
        if key not in newest or _sequence(event) >= _sequence(newest[key]):
            newest[key] = event
    return [*newest.values(), *nameless]


def _sequence(event: Any) -> int:
    return max(0, min(int(event.get("sequence", 0)), 2**31 - 1))


def _occurrences(event: Any, window: Span, steps: _Steps) -> Iterator[BusyTime]:
    if str(event.get("status", "")).upper() == "CANCELLED" or str(event.get("transp", "")).upper() == "TRANSPARENT":
        return
    if "dtstart" not in event:
        return
    start, length = _first(event)
    summary = str(event.get("summary", "")) or _("外部日历")
    uid = str(event.get("uid", ""))[:200] or f"{start.isoformat()}-{summary}"[:200]
    for begin in _starts(event, start, window, steps):
        span = Span(begin, begin + length)
        if intersect(span, window) is not None:
            key = f"{uid}/{begin.astimezone(UTC):%Y%m%dT%H%M%SZ}"
            yield BusyTime(key, summary[:120], span, uid, _sequence(event))


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


def _starts(event: Any, start: datetime, window: Span, steps: _Steps) -> Iterator[datetime]:
    """When it begins, as often as it is repeated, up to the end of the window.

    UNTIL and COUNT are applied here: a rule that ends nowhere, or whose days do not exist, ends with the window.
    """
    skipped = set(_dates(event, "exdate"))
    if "rrule" not in event:
        yield start
    for given in _rules(event):
        rule = {str(name).upper(): value for name, value in given.items()}
        if str(rule.get("FREQ", [""])[0]).upper() in _TOO_OFTEN:
            raise XiepaiError(ErrorCode.FILE_UNREADABLE, detail=_("不支持按秒或按分钟重复的事件。"))
        most = int(rule.pop("COUNT", [MAX_STEPS + 1])[0])
        until = min([window.end, *(_aware(value, end_of_day=True) for value in rule.pop("UNTIL", ()))])
        _check_reach(str(rule["FREQ"][0]).upper(), start, until)
        dates = rrulestr(vRecur(rule).to_ical().decode(), dtstart=start).replace(until=until)
        for number, moment in enumerate(dates, 1):
            steps.take()
            if number > most or moment >= window.end:
                break
            if moment not in skipped:
                yield moment
    yield from (added for added in _dates(event, "rdate") if added not in skipped)


def _rules(event: Any) -> list[Any]:
    rules = event.get("rrule", [])
    return rules if isinstance(rules, list) else [rules]


def _check_reach(frequency: str, start: datetime, until: datetime) -> None:
    """Hours are tried one by one, whether or not they fit: an hourly rule from long ago is refused before that."""
    if frequency == "HOURLY" and (until - start).total_seconds() / 3600 > MAX_STEPS:
        raise XiepaiError(ErrorCode.FILE_SIZE, size=_("> %(n)d 次重复") % {"n": MAX_STEPS}, limit=str(MAX_STEPS))


def _dates(event: Any, name: str) -> Iterator[datetime]:
    values = event.get(name)
    for part in values if isinstance(values, list) else [values] if values else []:
        for item in part.dts:
            yield _aware(item.dt)


def _aware(value: date | datetime, *, end_of_day: bool = False) -> datetime:
    if not isinstance(value, datetime):
        return datetime.combine(value, time(23, 59, 59) if end_of_day else time(), CITY_ZONE)
    return value if value.tzinfo else value.replace(tzinfo=CITY_ZONE)


def _drop_replaced(calendar: Any, found: dict[str, BusyTime]) -> None:
    """An event with a RECURRENCE-ID stands for one occurrence of its series: the original is not busy."""
    for event in calendar.walk("VEVENT"):
        if "recurrence-id" in event:
            replaced = _aware(event.decoded("recurrence-id")).astimezone(UTC)
            key = f"{str(event.get('uid', ''))[:200]}/{replaced:%Y%m%dT%H%M%SZ}"
            own = _aware(event.decoded("dtstart")).astimezone(UTC)
            if own != replaced or str(event.get("status", "")).upper() == "CANCELLED":
                found.pop(key, None)
