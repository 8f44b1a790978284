"""Reading bookings: free times, earliest free, queues and lists. Never writes, never locks."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import connection
from django.db.models import F, Q, QuerySet

from xiepai.bookings.access import visible_bookings, visible_waiting
from xiepai.bookings.models import OCCUPYING, Booking, BookingState, Occupancy, WaitingEntry, WaitingState
from xiepai.bookings.periods import as_range
from xiepai.bookings.rules import check_period
from xiepai.kernel import clock
from xiepai.kernel.errors import XiepaiError, not_found
from xiepai.parties.access import Actor
from xiepai.parties.models import CREW_ROLES, Role
from xiepai.places.models import Cover
from xiepai.places.terms import PlaceTerms, current_terms
from xiepai.worktime.spans import Span, intersect, subtract

#: How far ahead an "earliest free" time is looked for when the caller names no end.
HORIZON_DAYS = 60


def get_booking(actor: Actor, booking_id: int) -> Booking:
    """A booking with its place and crew, or not found."""
    found = visible_bookings(actor).select_related("place", "place__owner", "organisation", "bundle")
    booking = found.filter(pk=booking_id).first()
    if booking is None:
        raise not_found()
    return booking


def bookings_of(actor: Actor, *, states: Sequence[str] = (), organisation_id: int | None = None) -> QuerySet[Booking]:
    """The bookings an actor may see, newest first, with what a list shows."""
    rows = visible_bookings(actor).select_related("place", "organisation")
    if states:
        rows = rows.filter(state__in=list(states))
    if organisation_id is not None:
        rows = rows.filter(organisation_id=organisation_id)
    return rows.order_by("-id")


def approval_queue(actor: Actor) -> QuerySet[Booking]:
    """What waits for this keeper's (or, for officers, anybody's) answer; the most urgent first."""
    rows = Booking.objects.filter(state=BookingState.REQUESTED).select_related("place", "organisation")
    if not actor.is_officer:
        rows = rows.filter(place__owner__in=actor.organisations(Role.KEEPER))
    return rows.order_by(F("approval_due_at").asc(nulls_last=True), "id")


def waiting_line(actor: Actor) -> QuerySet[WaitingEntry]:
    """Waiting entries an actor may see that are not over, in the order of the line."""
    live = [WaitingState.WAITING, WaitingState.OFFERED]
    return visible_waiting(actor).filter(state__in=live).select_related("place", "organisation", "offer").order_by("id")


def position_in_line(entry: WaitingEntry) -> int:
    """How many stand before this entry for an overlapping time of the same leaves, plus one."""
    leaves = Cover.objects.filter(place_id=entry.place_id).values("leaf_id")
    places = Cover.objects.filter(leaf_id__in=leaves).values("place_id")
    before = WaitingEntry.objects.filter(
        place_id__in=places, state=WaitingState.WAITING, period__overlap=entry.period, id__lt=entry.pk
    )
    return before.count() + 1


def has_hold(actor: Actor, place_id: int) -> bool:
    """Whether one of the actor's crews holds or booked the place: then locked fields open."""
    crews = actor.organisations(*CREW_ROLES)
    if not crews:
        return False
    live = [state for state in OCCUPYING if state != BookingState.LEASED]
    return Booking.objects.filter(
        organisation__in=crews, state__in=live, place__covers__leaf__in=_leaves(place_id)
    ).exists()


def free_spans(place_id: int, window: Span, *, units: int = 1) -> tuple[Span, ...]:
    """When a place is open and free within *window*: what could be booked from start to end.

    Buffers are respected on both sides: a span begins no earlier than the higher of the neighbour's
    buffer after and the place's own buffer before, and ends likewise.
    """
    terms = current_terms(place_id)
    return subtract(_open_within(terms, window), busy_spans(terms, window, units=units))


def busy_spans(terms: PlaceTerms, window: Span, *, units: int = 1) -> list[Span]:
    """The times within *window* in which a booking of the place could not lie."""
    wide = window.stretched(24 * 60, 24 * 60)
    rows = Occupancy.objects.filter(leaf__in=_leaves(terms.id), behind__overlap=as_range(wide)).values_list(
        "is_counted", "leaf_id", "period", "ahead", "behind", "units"
    )
    before, after = timedelta(minutes=terms.buffer_before_minutes), timedelta(minutes=terms.buffer_after_minutes)
    busy: list[Span] = []
    counted: dict[int, list[tuple[Span, int]]] = {}
    for is_counted, leaf_id, period, ahead, behind, taken in rows:
        if not is_counted:
            start = min(ahead.lower, period.lower - after)
            end = max(behind.upper, period.upper + before)
            busy.append(Span(start, end))
        elif taken == 0:  # a blocking: it takes no units, but the time
            busy.append(Span(behind.lower - max(before, after), behind.upper))
        else:
            counted.setdefault(leaf_id, []).append((Span(behind.lower - max(before, after), behind.upper), taken))
    if counted:
        busy += _full_spans(counted, terms, units)
    return busy


def earliest_free(
    place_id: int, minutes: int, *, after: datetime, units: int = 1, days: int = HORIZON_DAYS
) -> Span | None:
    """The first span of that length that could really be booked, every rule of the place included."""
    terms = current_terms(place_id)
    now = clock.now()
    start = max(after, now + timedelta(minutes=terms.lead_minutes))
    window = Span(start, start + timedelta(days=days))
    for free in free_spans(place_id, window, units=units):
        begin = on_step(max(free.start, start), terms.step_minutes)
        span = Span(begin, begin + timedelta(minutes=minutes))
        if span.end <= free.end and _allowed(terms, span, units, now):
            return span
    return None


def on_step(moment: datetime, step_minutes: int) -> datetime:
    """The moment itself or the next one on the place's grid, counted from local midnight."""
    here = clock.local(moment)
    midnight = here.replace(hour=0, minute=0, second=0, microsecond=0)
    minutes = -(-int((here - midnight).total_seconds()) // 60)
    return midnight + timedelta(minutes=-(-minutes // step_minutes) * step_minutes)


def overlaps_in_database() -> int:
    """Pairs of occupancies that share a leaf and an instant though they must not: always 0."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM bookings_occupancy a JOIN bookings_occupancy b ON a.leaf_id = b.leaf_id"
            " AND a.id < b.id AND NOT a.is_counted AND NOT b.is_counted AND a.lane && b.lane"
            " AND (a.behind && b.behind OR a.ahead && b.ahead)"
        )
        return int(cursor.fetchone()[0])


def _allowed(terms: PlaceTerms, span: Span, units: int, now: datetime) -> bool:
    try:
        check_period(terms, span, units, now=now)
    except XiepaiError:
        return False
    return True


def _open_within(terms: PlaceTerms, window: Span) -> list[Span]:
    first, last = clock.local(window.start).date(), clock.local(window.end).date()
    parts = (intersect(hours, window) for hours in terms.open_spans(first, last))
    return [part for part in parts if part is not None]


def _full_spans(counted: dict[int, list[tuple[Span, int]]], terms: PlaceTerms, units: int) -> list[Span]:
    """Where the running sum leaves fewer free units than are asked for."""
    capacities = dict(
        Cover.objects.filter(place_id=terms.id, leaf_id__in=counted).values_list("leaf_id", "leaf__capacity")
    )
    full: list[Span] = []
    for leaf_id, taken in counted.items():
        needed = units if leaf_id == terms.id else capacities[leaf_id]
        rises = [(span.start, number) for span, number in taken]
        falls = [(span.end, -number) for span, number in taken]
        level = 0
        begun: datetime | None = None
        for moment, change in sorted(rises + falls):
            level += change
            over = level + needed > capacities[leaf_id]
            if over and begun is None:
                begun = moment
            elif not over and begun is not None:
                if begun < moment:
                    full.append(Span(begun, moment))
                begun = None
    return full


def _leaves(place_id: int) -> QuerySet[Cover, int]:
    return Cover.objects.filter(place_id=place_id).values_list("leaf_id", flat=True)


def upcoming(actor: Actor, organisation_ids: Sequence[int], *, days: int = 14) -> QuerySet[Booking]:
    """Occupying bookings of these crews or places that are not over, soonest first."""
    now = clock.now()
    window = Span(now, now + timedelta(days=days))
    mine = Q(organisation__in=list(organisation_ids)) | Q(place__owner__in=list(organisation_ids))
    rows = visible_bookings(actor).filter(mine, state__in=list(OCCUPYING), period__overlap=as_range(window))
    return rows.select_related("place", "organisation").order_by("period")
