"""Bookings over the API: held, decided, changed, ended, waited for."""

from __future__ import annotations

from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Query, Router, Schema
from pydantic import Field

from xiepai.api.doors import read, write
from xiepai.api.shapes import (
    BundleIn,
    ChangeIn,
    HoldIn,
    LeaseIn,
    NoteIn,
    RowId,
    WaitIn,
    booking_out,
    waiting_out,
)
from xiepai.bookings import selectors, services
from xiepai.bookings.models import BookingState
from xiepai.kernel.models import AuditEntry

router = Router(tags=["bookings"])
PER_PAGE = 50


class ListIn(Schema):
    """Which bookings."""

    state: list[BookingState] = Field(default_factory=list, max_length=12)
    page: Annotated[int, Field(ge=1, le=10_000)] = 1


@read(router, "/bookings", "bookings_list")
def many(request: HttpRequest, wish: Query[ListIn]) -> Any:
    """Bookings the reader may see, newest first."""
    rows = selectors.bookings_of(request.actor, states=wish.state)  # type: ignore[attr-defined]
    total = rows.count()
    shown = rows[(wish.page - 1) * PER_PAGE : wish.page * PER_PAGE]
    body = [booking_out(row) for row in shown]
    return {"total": total, "page": wish.page, "pages": -(-total // PER_PAGE), "rows": body}


@read(router, "/bookings/{booking_id}", "bookings_get")
def one(request: HttpRequest, booking_id: RowId) -> Any:
    """One booking."""
    return booking_out(selectors.get_booking(request.actor, booking_id))  # type: ignore[attr-defined]


@read(router, "/bookings/{booking_id}/history", "bookings_history")
def history(request: HttpRequest, booking_id: RowId) -> Any:
    """What happened to it, oldest first."""
    row = selectors.get_booking(request.actor, booking_id)  # type: ignore[attr-defined]
    trail = AuditEntry.objects.filter(object_type="bookings.booking", object_id=row.pk).order_by("id")[:500]
    return {
        "rows": [
            {
                "at": entry.at.isoformat(),
                "event": entry.event,
                "actor": entry.actor_name,
                "before": entry.before,
                "after": entry.after,
            }
            for entry in trail
        ]
    }


@write(router, "/bookings", "bookings_hold", status=201)
def hold(request: HttpRequest, wish: HoldIn) -> Any:
    """Hold a slot, as first or second pencil."""
    return booking_out(
        services.place_hold(
            actor=request.actor,  # type: ignore[attr-defined]
            organisation_id=wish.crew_id,
            place_id=wish.place_id,
            span=wish.span,
            units=wish.units,
            title=wish.title,
            note=wish.note,
            people=wish.people,
            hold_minutes=wish.hold_minutes,
            overrides_blocking=wish.overrides_blocking,
            expected_price_fen=wish.expected_price_fen,
            pencil=wish.pencil,
        )
    )


@write(router, "/leases", "bookings_lease", status=201)
def lease(request: HttpRequest, wish: LeaseIn) -> Any:
    """Keep a slot safe for ten minutes."""
    row = services.lease_slot(
        actor=request.actor,  # type: ignore[attr-defined]
        organisation_id=wish.crew_id,
        place_id=wish.place_id,
        span=wish.span,
        units=wish.units,
    )
    return booking_out(row)


@write(router, "/bundles", "bookings_bundle", status=201)
def bundle(request: HttpRequest, wish: BundleIn) -> Any:
    """Several slots, all or nothing."""
    row = services.place_bundle(
        actor=request.actor,  # type: ignore[attr-defined]
        organisation_id=wish.crew_id,
        title=wish.title,
        items=[slot.request() for slot in wish.slots],
        confirm=wish.confirm,
    )
    return {"id": row.pk, "title": row.title, "bookings": [booking_out(each) for each in row.bookings.order_by("id")]}


@write(router, "/bookings/{booking_id}/keep", "bookings_keep")
def keep(request: HttpRequest, booking_id: RowId) -> Any:
    """Turn a lease into a hold."""
    return booking_out(services.keep_lease(actor=request.actor, booking_id=booking_id))  # type: ignore[attr-defined]


@write(router, "/bookings/{booking_id}/confirm", "bookings_confirm")
def confirm(request: HttpRequest, booking_id: RowId) -> Any:
    """Confirm a hold, or send it to the keeper."""
    return booking_out(services.confirm_booking(actor=request.actor, booking_id=booking_id))  # type: ignore[attr-defined]


@write(router, "/bookings/{booking_id}/approve", "bookings_approve")
def approve(request: HttpRequest, booking_id: RowId, wish: NoteIn) -> Any:
    """The keeper says yes."""
    row = services.approve_booking(actor=request.actor, booking_id=booking_id, note=wish.note)  # type: ignore[attr-defined]
    return booking_out(row)


@write(router, "/bookings/{booking_id}/decline", "bookings_decline")
def decline(request: HttpRequest, booking_id: RowId, wish: NoteIn) -> Any:
    """The keeper says no, and why."""
    row = services.decline_booking(actor=request.actor, booking_id=booking_id, note=wish.note)  # type: ignore[attr-defined]
    return booking_out(row)


@write(router, "/bookings/{booking_id}/cancel", "bookings_cancel")
def cancel(request: HttpRequest, booking_id: RowId, wish: NoteIn) -> Any:
    """Cancel."""
    row = services.cancel_booking(actor=request.actor, booking_id=booking_id, reason=wish.note)  # type: ignore[attr-defined]
    return booking_out(row)


@write(router, "/bookings/{booking_id}/change", "bookings_change")
def change(request: HttpRequest, booking_id: RowId, wish: ChangeIn) -> Any:
    """Another time, place or number; the old slot is kept unless the new one is won."""
    row = services.change_booking(
        actor=request.actor,  # type: ignore[attr-defined]
        booking_id=booking_id,
        place_id=wish.place_id,
        span=wish.span,
        units=wish.units,
        version=wish.version,
    )
    return booking_out(row)


@read(router, "/waiting", "waiting_list")
def line(request: HttpRequest) -> Any:
    """Places in line the reader may see."""
    return {"rows": [waiting_out(row) for row in selectors.waiting_line(request.actor)[:200]]}  # type: ignore[attr-defined]


@write(router, "/waiting", "waiting_join", status=201)
def join(request: HttpRequest, wish: WaitIn) -> Any:
    """Stand in line."""
    row = services.join_waiting_list(
        actor=request.actor,  # type: ignore[attr-defined]
        organisation_id=wish.crew_id,
        place_id=wish.place_id,
        span=wish.span,
        units=wish.units,
        title=wish.title,
    )
    return waiting_out(row)


@write(router, "/waiting/{entry_id}/accept", "waiting_accept")
def accept(request: HttpRequest, entry_id: RowId) -> Any:
    """Take what is offered."""
    return booking_out(services.accept_offer(actor=request.actor, entry_id=entry_id))  # type: ignore[attr-defined]


@write(router, "/waiting/{entry_id}/decline", "waiting_decline")
def refuse(request: HttpRequest, entry_id: RowId) -> Any:
    """Let the offer go to the next."""
    return waiting_out(services.decline_offer(actor=request.actor, entry_id=entry_id))  # type: ignore[attr-defined]


@write(router, "/waiting/{entry_id}/withdraw", "waiting_withdraw")
def withdraw(request: HttpRequest, entry_id: RowId) -> Any:
    """Leave the line."""
    return waiting_out(services.withdraw_waiting(actor=request.actor, entry_id=entry_id))  # type: ignore[attr-defined]
