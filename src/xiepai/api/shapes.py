"""What goes in and comes out: times with an offset, money in whole fen beside its text."""

from __future__ import annotations

from typing import Annotated, Any

from ninja import Schema
from pydantic import AwareDatetime, Field, model_validator

from xiepai.bookings.models import Booking, BookingState, WaitingEntry
from xiepai.bookings.services.taking import SlotRequest
from xiepai.kernel import clock
from xiepai.kernel.money import Money
from xiepai.places.models import Place
from xiepai.places.pricing import Quote, from_json
from xiepai.worktime.spans import Span

RowId = Annotated[int, Field(ge=1, le=2**63 - 1)]
Units = Annotated[int, Field(ge=1, le=1_000_000)]
Text = Annotated[str, Field(max_length=120, pattern=r"^[^\x00]*$")]
Note = Annotated[str, Field(max_length=2000, pattern=r"^[^\x00]*$")]
Instant = Annotated[AwareDatetime, Field(description="ISO 8601 with offset")]


class Slot(Schema):
    """A place over a half-open period."""

    place_id: RowId
    start: Instant
    end: Instant
    units: Units = 1

    @model_validator(mode="after")
    def _forward(self) -> Slot:
        if not (2000 <= self.start.year <= 2200 and 2000 <= self.end.year <= 2200):
            raise ValueError("years 2000 to 2200")
        if self.start >= self.end:
            raise ValueError("end must be after start")
        return self

    @property
    def span(self) -> Span:
        """The period."""
        return Span(self.start, self.end)


class SlotWish(Slot):
    """A slot and what it is for."""

    title: Text = ""
    note: Note = ""
    people: Annotated[int, Field(ge=1, le=1_000_000)] | None = None

    def request(self) -> SlotRequest:
        """As the services take it."""
        return SlotRequest(self.place_id, self.span, self.units, self.title, self.note, self.people)


class HoldIn(SlotWish):
    """A hold; ``expected_price_fen`` refuses another price than the one seen."""

    crew_id: RowId
    hold_minutes: Annotated[int, Field(ge=1, le=60 * 24 * 60)] | None = None
    pencil: Annotated[int, Field(ge=1, le=2)] = 1
    expected_price_fen: Annotated[int, Field(ge=0, le=2**62)] | None = None
    overrides_blocking: bool = False


class LeaseIn(Slot):
    """A short lease while a form is being filled."""

    crew_id: RowId


class BundleIn(Schema):
    """Several slots, all or nothing."""

    crew_id: RowId
    title: Text
    slots: Annotated[list[SlotWish], Field(min_length=1, max_length=200)]
    confirm: bool = False


class ChangeIn(Schema):
    """What changes; ``version`` is the version seen."""

    place_id: RowId | None = None
    start: Instant | None = None
    end: Instant | None = None
    units: Units | None = None
    version: Annotated[int, Field(ge=1, le=2**31 - 1)] | None = None

    @model_validator(mode="after")
    def _both(self) -> ChangeIn:
        if (self.start is None) != (self.end is None):
            raise ValueError("start and end come together")
        if self.start and self.end and not (self.start < self.end and 2000 <= self.start.year <= self.end.year <= 2200):
            raise ValueError("end must be after start")
        return self

    @property
    def span(self) -> Span | None:
        """The new period, if it changes."""
        return Span(self.start, self.end) if self.start and self.end else None


class NoteIn(Schema):
    """A word with a decision."""

    note: Annotated[str, Field(max_length=200, pattern=r"^[^\x00]*$")] = ""


class WaitIn(Slot):
    """A place in line."""

    crew_id: RowId
    title: Text = ""


def span_out(span: Span) -> dict[str, str]:
    """A period in the city's time, with its offset."""
    return {"start": clock.local(span.start).isoformat(), "end": clock.local(span.end).isoformat()}


def money_out(amount: Money) -> dict[str, Any]:
    """An amount for machines and for people."""
    return {"fen": amount.fen, "text": str(amount)}


def quote_out(price: Quote) -> dict[str, Any]:
    """A price with its arithmetic."""
    lines = [{**line, "amount_fen": line["quantity"] * line["unit_fen"]} for line in price.as_json()]
    return {
        "total": money_out(price.total),
        "deposit": money_out(price.deposit),
        "units": price.units,
        "lines": lines,
        "text": price.text,
    }


def booking_out(row: Booking) -> dict[str, Any]:
    """A booking as the API shows it."""
    price = from_json(row.quote, units=row.units, deposit_fen=row.deposit_fen, tariff_id=row.tariff_id)
    return {
        "id": row.pk,
        "code": row.code,
        "place_id": row.place_id,
        "crew_id": row.organisation_id,
        "bundle_id": row.bundle_id,
        "title": row.title,
        "state": row.state,
        "state_text": str(BookingState(row.state).label),
        "pencil": row.pencil,
        "units": row.units,
        **span_out(Span(row.period.lower, row.period.upper)),
        "expires_at": clock.local(row.expires_at).isoformat() if row.expires_at else None,
        "price": quote_out(price),
        "version": row.version,
    }


def waiting_out(row: WaitingEntry) -> dict[str, Any]:
    """A place in line as the API shows it."""
    return {
        "id": row.pk,
        "place_id": row.place_id,
        "crew_id": row.organisation_id,
        "state": row.state,
        "units": row.units,
        **span_out(Span(row.period.lower, row.period.upper)),
        "offer_booking_id": row.offer_id,
        "reason_code": row.reason_code,
    }


def place_out(row: Place) -> dict[str, Any]:
    """A place as the API shows it; what is hidden from the reader is empty."""
    return {
        "id": row.pk,
        "code": row.code,
        "name": row.name,
        "name_en": row.name_en,
        "kind": row.kind,
        "parent_id": row.parent_id,
        "owner_id": row.owner_id,
        "town": row.town,
        "categories": row.categories,
        "styles": row.styles,
        "setting": row.setting,
        "sound": row.sound,
        "terms": row.terms,
        "people_max": row.people_max,
        "capacity": row.capacity,
        "is_bookable": row.is_bookable,
        "approval": row.approval,
        "standing": row.standing,
        "standing_note": row.standing_note,
        "address": row.address,
        "latitude": row.latitude,
        "longitude": row.longitude,
    }
