"""Taking slots: leases, holds and bundles, through the one fast door of the database.

One call of ``bookings_take`` writes occupancy, bookings and audit rows or nothing; it is its own
transaction when called outside one. Never check-and-then-insert here: the database refuses.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction

from xiepai.bookings.errors import refusals
from xiepai.bookings.models import EXPIRING, Booking, BookingState, Bundle, Occupancy
from xiepai.bookings.periods import as_range
from xiepai.bookings.rules import check_period, may_be_seen, text_of
from xiepai.kernel import audit, clock
from xiepai.kernel.errors import ErrorCode, XiepaiError, not_found
from xiepai.parties.access import Actor, require_crew
from xiepai.parties.models import Role
from xiepai.places.models import Blocking, Cover, Place
from xiepai.places.pricing import Quote, quote
from xiepai.places.terms import PlaceTerms, current_terms, read_terms, terms_of
from xiepai.productions.access import check_works
from xiepai.worktime.spans import Span

#: How long a slot stays reserved while its form is filled.
LEASE_MINUTES = 10
#: How often a place may change under a booking before the crew is asked to look again.
TRIES = 3
COLUMNS = [field.attname for field in Booking._meta.concrete_fields]


@dataclass(frozen=True, slots=True)
class SlotRequest:
    """One place over one span, as a crew asks for it."""

    place_id: int
    span: Span
    units: int = 1
    title: str = ""
    note: str = ""
    people: int | None = None
    overrides_blocking: bool = False
    expected_price_fen: int | None = None
    work_id: int | None = None


def place_hold(
    *,
    actor: Actor,
    organisation_id: int,
    place_id: int,
    span: Span,
    units: int = 1,
    title: str = "",
    note: str = "",
    people: int | None = None,
    hold_minutes: int | None = None,
    overrides_blocking: bool = False,
    expected_price_fen: int | None = None,
    pencil: int = 1,
    work_id: int | None = None,
) -> Booking:
    """Hold a slot (first pencil) until it expires, or stand behind a hold (second pencil), perhaps for a work.

    Refuses with SLOT_TAKEN, NOT_ENOUGH_UNITS, BLOCKED, CLOSED and the other rules of the place;
    PLACE_CHANGED when *expected_price_fen* is no longer the price.
    """
    require_crew(actor, organisation_id)
    request = SlotRequest(place_id, span, units, title, note, people, overrides_blocking, expected_price_fen, work_id)
    if pencil == 2:
        return _pencil_second(actor, organisation_id, request)
    return take_slots(
        actor, organisation_id, [request], state=BookingState.HELD, event="bookings.hold.placed", minutes=hold_minutes
    )[0]


def lease_slot(*, actor: Actor, organisation_id: int, place_id: int, span: Span, units: int = 1) -> Booking:
    """Keep a slot safe for ten minutes while its form is being filled."""
    require_crew(actor, organisation_id)
    request = SlotRequest(place_id, span, units)
    return take_slots(
        actor,
        organisation_id,
        [request],
        state=BookingState.LEASED,
        event="bookings.lease.taken",
        minutes=LEASE_MINUTES,
    )[0]


def repeat_spans(span: Span, *, every_days: int, count: int) -> list[Span]:
    """The span and its repetitions: the same wall-clock hours every so many days."""
    if not (1 <= every_days <= 366 and 1 <= count <= 366):
        raise XiepaiError(ErrorCode.INVALID, detail=f"{every_days} × {count}")
    return [span.moved_days(every_days * number) for number in range(count)]


def price_of(terms: PlaceTerms, request: SlotRequest) -> Quote:
    """The quote for a request; the tariff of its first day holds for the whole of it."""
    day = clock.local(request.span.start).date()
    tariff = terms.tariff_on(day)
    if tariff is None:
        raise XiepaiError(ErrorCode.NO_TARIFF, place=terms.name, day=day)
    return quote(tariff, request.span, units=request.units)


def check_visible(actor: Actor, terms: PlaceTerms) -> None:
    """A place that is not public can be booked by its keeper and the office only."""
    if not (may_be_seen(terms) or actor.is_office or actor.holds(Role.KEEPER, organisation_id=terms.owner_id)):
        raise not_found()


def take_slots(
    actor: Actor,
    organisation_id: int,
    requests: list[SlotRequest],
    *,
    state: BookingState,
    event: str,
    minutes: int | None = None,
    bundle: Bundle | None = None,
) -> list[Booking]:
    """Take every slot or none. A place that changed meanwhile is read again and its rules with it."""
    check_works(organisation_id, {request.work_id for request in requests})
    terms = {request.place_id: terms_of(request.place_id) for request in requests}
    for _try in range(TRIES):
        now = clock.now()
        try:
            rows = [
                _row(actor, organisation_id, terms[request.place_id], request, state, minutes, bundle, now)
                for request in requests
            ]
        except XiepaiError:  # the rule that refuses may be one of yesterday, remembered by this process
            fresh = {place_id: current_terms(place_id) for place_id in terms}
            if fresh == terms:
                raise
            terms = fresh
            continue
        answer = _call(rows, event, actor, now, terms[requests[0].place_id], requests[0])
        if answer["outcome"] == "ok":
            written = zip(rows, requests, answer["ids"], strict=True)
            return [_booking(row, request, number, now) for row, request, number in written]
        if answer["outcome"] == "stale":
            terms[answer["place_id"]] = read_terms(answer["place_id"])
            continue
        _refuse(actor, organisation_id, terms, requests, answer)
    raise XiepaiError(ErrorCode.PLACE_CHANGED)


def _row(
    actor: Actor,
    organisation_id: int,
    terms: PlaceTerms,
    request: SlotRequest,
    state: BookingState,
    minutes: int | None,
    bundle: Bundle | None,
    now: datetime,
) -> dict[str, Any]:
    check_visible(actor, terms)
    check_period(terms, request.span, request.units, now=now)
    if request.overrides_blocking:
        check_override(actor, organisation_id, request.place_id, request.span)
    price = price_of(terms, request)
    if request.expected_price_fen not in (None, price.total.fen):
        raise XiepaiError(ErrorCode.PLACE_CHANGED)
    kept = terms.hold_minutes if minutes is None else minutes
    return {
        "bundle_id": bundle.pk if bundle else None,
        "place_id": terms.id,
        "place_version": terms.version,
        "organisation_id": organisation_id,
        "work_id": request.work_id,
        "title": request.title[:120],
        "note": request.note,
        "people": request.people,
        "state": state.value,
        "pencil": 1,
        "period": f"[{request.span.start.isoformat()},{request.span.end.isoformat()})",
        "buffer_before_minutes": terms.buffer_before_minutes,
        "buffer_after_minutes": terms.buffer_after_minutes,
        "units": request.units,
        "overrides_blocking": request.overrides_blocking,
        "tariff_id": price.tariff_id,
        "price_fen": price.total.fen,
        "deposit_fen": price.deposit.fen,
        "quote": price.as_json(),
        "expires_at": min(now + timedelta(minutes=kept), request.span.start).isoformat(),
        "reminders_sent": 0,
        "decision_note": "",
        "created_by_id": actor.person_id,
    }


def _call(
    rows: list[dict[str, Any]], event: str, actor: Actor, now: datetime, terms: PlaceTerms, first: SlotRequest
) -> dict[str, Any]:
    here = audit.origin()
    who = {
        "person_id": actor.person_id,
        "name": actor.name,
        "request_id": here.request_id,
        "source": here.source,
        "at": now.isoformat(),
        "event": event,
    }
    with (
        refusals(place=terms.name, period=first.span, free="?", needed=first.units),
        connection.cursor() as cursor,
    ):
        cursor.execute(
            "SELECT bookings_take(%s::jsonb, %s::jsonb)",
            [json.dumps(rows, ensure_ascii=False), json.dumps(who, ensure_ascii=False)],
        )
        answer = cursor.fetchone()[0]
    return json.loads(answer) if isinstance(answer, str) else answer


def _booking(row: dict[str, Any], request: SlotRequest, number: int, now: datetime) -> Booking:
    """The row just written, without asking for it again."""
    values = row | {
        "id": number,
        "period": as_range(request.span),
        "expires_at": datetime.fromisoformat(row["expires_at"]),
        "created_at": now,
        "state_at": now,
        "version": 1,
    }
    return Booking.from_db("default", COLUMNS, [values.get(name) for name in COLUMNS])


def _refuse(
    actor: Actor,
    organisation_id: int,
    terms: dict[int, PlaceTerms],
    requests: list[SlotRequest],
    answer: dict[str, Any],
) -> None:
    """Say what stands in the way, without telling whose it is."""
    request = requests[answer["entry"] or 0]
    name, period = terms[request.place_id].name, text_of(request.span)
    if answer["outcome"] == "full":
        raise XiepaiError(
            ErrorCode.NOT_ENOUGH_UNITS,
            place=name,
            period=period,
            free=answer["free"],
            needed=request.units,
            entry=answer["entry"],
        )
    if answer["blocking_id"] is not None:
        blocking = Blocking.objects.get(pk=answer["blocking_id"])
        raise XiepaiError(
            ErrorCode.BLOCKED,
            place=name,
            period=period,
            reason=blocking.reason,
            entry=answer["entry"],
            may_override=_overridable(actor, organisation_id, blocking),
        )
    raise XiepaiError(ErrorCode.SLOT_TAKEN, place=name, period=period, until=answer["until"], entry=answer["entry"])


def check_override(actor: Actor, organisation_id: int, place_id: int, span: Span) -> None:
    """Refuse unless the actor may override every blocking the span meets."""
    leaves = Cover.objects.filter(place_id=place_id).values("leaf_id")
    met = Occupancy.objects.filter(leaf_id__in=leaves, blocking__isnull=False, behind__overlap=as_range(span))
    for blocking in Blocking.objects.filter(pk__in=met.values("blocking_id")):
        if not _overridable(actor, organisation_id, blocking):
            raise XiepaiError(
                ErrorCode.BLOCKED,
                place=terms_of(place_id).name,
                period=text_of(span),
                reason=blocking.reason,
                may_override=False,
            )


def _overridable(actor: Actor, organisation_id: int, blocking: Blocking) -> bool:
    return bool(
        actor.is_system
        or organisation_id in blocking.override_organisations
        or actor.roles & set(blocking.override_roles)
    )


def _pencil_second(actor: Actor, organisation_id: int, request: SlotRequest) -> Booking:
    """Stand behind a hold: takes nothing, but is first in line when the hold goes."""
    request = replace(request, overrides_blocking=False)
    check_works(organisation_id, {request.work_id})
    with transaction.atomic():
        Place.objects.select_for_update(of=("self",)).filter(pk=request.place_id).first()
        terms = read_terms(request.place_id)
        row = _row(actor, organisation_id, terms, request, BookingState.HELD, None, None, clock.now())
        held_by = _holders(request.place_id, request.span)
        if any(state not in EXPIRING for state in held_by):
            raise XiepaiError(ErrorCode.SLOT_TAKEN, place=terms.name, period=text_of(request.span))
        if not held_by:
            raise XiepaiError(ErrorCode.INVALID, detail=f"{terms.name} {text_of(request.span)}")
        row.pop("place_version")
        row |= {"pencil": 2, "period": as_range(request.span), "expires_at": request.span.start}
        booking = Booking.objects.create(**row)
        audit.record("bookings.second_pencil.placed", booking, actor=actor)
    return booking


def _holders(place_id: int, span: Span) -> list[str]:
    leaves = Cover.objects.filter(place_id=place_id).values("leaf_id")
    return list(
        Occupancy.objects.filter(leaf_id__in=leaves, booking__isnull=False, behind__overlap=as_range(span))
        .values_list("booking__state", flat=True)
        .distinct()
    )
