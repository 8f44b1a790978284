"""Places over the API: found, read, when they are free, what they cost, as GeoJSON; keepers block time."""

from __future__ import annotations

import io
from dataclasses import asdict
from datetime import timedelta
from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router, Schema
from pydantic import AwareDatetime, Field

from xiepai.api.doors import read, write
from xiepai.api.shapes import Instant, RowId, Slot, Units, place_out, quote_out, span_out
from xiepai.bookings.rules import check_period
from xiepai.bookings.selectors import earliest_free, free_spans, has_hold
from xiepai.bookings.services.taking import SlotRequest, price_of
from xiepai.kernel import clock
from xiepai.kernel.errors import ErrorCode, XiepaiError
from xiepai.places import selectors
from xiepai.places.exporting import export_places
from xiepai.places.search import SearchQuery, search
from xiepai.places.services.calendar import add_blocking, lift_blocking
from xiepai.places.terms import terms_of
from xiepai.worktime.spans import Span

router = Router(tags=["places"])
Word = Annotated[str, Field(max_length=200)]
LONGEST_WINDOW = timedelta(days=92)


class SearchIn(Schema):
    """What to look for; every field narrows."""

    q: Word = ""
    category: list[Word] = Field(default_factory=list, max_length=20)
    style: list[Word] = Field(default_factory=list, max_length=20)
    town: Word = ""
    setting: Annotated[str, Field(pattern="^(inside|outside|both)?$")] = ""
    terms: Annotated[str, Field(pattern="^(free|low|paid)?$")] = ""
    people: Annotated[int, Field(ge=1, le=1_000_000)] | None = None
    sound_needed: bool = False
    latitude: Annotated[float, Field(ge=-90, le=90)] | None = None
    longitude: Annotated[float, Field(ge=-180, le=180)] | None = None
    radius_m: Annotated[float, Field(gt=0, le=1_000_000)] | None = None
    free_from: AwareDatetime | None = None
    free_to: AwareDatetime | None = None
    sort: Annotated[str, Field(pattern="^(relevance|name|distance|price)$")] = "relevance"
    page: Annotated[int, Field(ge=1, le=500)] = 1
    page_size: Annotated[int, Field(ge=1, le=200)] = 50


class BlockIn(Schema):
    """Time a place cannot be booked."""

    start: Instant
    end: Instant
    reason: Annotated[str, Field(min_length=1, max_length=120, pattern=r"^[^\x00]*$")]


@read(router, "/places", "places_search")
def find(request: HttpRequest, wish: Query[SearchIn]) -> Any:
    """Places that match, a page at a time, with facets."""
    near = (wish.latitude, wish.longitude) if None not in (wish.latitude, wish.longitude) else None
    found = search(
        request.actor,  # type: ignore[attr-defined]
        SearchQuery(
            words=wish.q,
            categories=tuple(wish.category),
            styles=tuple(wish.style),
            town=wish.town,
            setting=wish.setting,
            terms=wish.terms,
            sound_needed=wish.sound_needed,
            people=wish.people,
            near=near,  # type: ignore[arg-type]
            radius_m=wish.radius_m if near else None,
            free=window_of(wish.free_from, wish.free_to) if wish.free_from or wish.free_to else None,
            sort=wish.sort if near or wish.sort != "distance" else "relevance",
            page=wish.page,
            page_size=wish.page_size,
        ),
    )
    facets = {name: [asdict(count) for count in counts] for name, counts in found.facets.items()}
    return {
        "total": found.total,
        "total_is_exact": found.total_is_exact,
        "page": found.page,
        "pages": found.pages,
        "rows": [asdict(row) for row in found.rows],
        "facets": facets,
    }


@read(router, "/places.geojson", "places_geojson", content_type="application/geo+json")
def geojson(request: HttpRequest) -> Any:
    """Every place the reader may see that has a position, as GeoJSON (WGS-84)."""
    buffer = io.BytesIO()
    export_places(actor=request.actor, kind="geojson", out=buffer)  # type: ignore[attr-defined]
    return HttpResponse(buffer.getvalue(), content_type="application/geo+json")


@read(router, "/places/{place_id}", "places_get")
def one(request: HttpRequest, place_id: RowId) -> Any:
    """One place with its tariff; what is locked until a hold is empty."""
    actor = request.actor  # type: ignore[attr-defined]
    detail = selectors.detail(actor, place_id, has_hold=has_hold(actor, place_id))
    tariff = detail.tariff
    body = place_out(detail.place) | {"hidden": sorted(detail.hidden), "tariff": None}
    if tariff is not None:
        names = ("valid_from", "is_free", "hour_fen", "day_fen", "day_limit_minutes", "night_fen", "deposit_fen")
        body["tariff"] = {name: getattr(tariff, name) for name in names} | {"standing": tariff.standing}
    return body


@read(router, "/places/{place_id}/free", "places_free")
def free(request: HttpRequest, place_id: RowId, start: AwareDatetime, end: AwareDatetime, units: Units = 1) -> Any:
    """When the place is open and free within a window of at most 92 days."""
    selectors.get_place(request.actor, place_id)  # type: ignore[attr-defined]
    return {"free": [span_out(span) for span in free_spans(place_id, window_of(start, end), units=units)]}


@read(router, "/places/{place_id}/earliest", "places_earliest")
def earliest(
    request: HttpRequest,
    place_id: RowId,
    minutes: Annotated[int, Query(ge=5, le=60 * 24 * 31)],
    units: Units = 1,
) -> Any:
    """The first slot of that length that could really be booked, or null."""
    selectors.get_place(request.actor, place_id)  # type: ignore[attr-defined]
    found = earliest_free(place_id, minutes, after=clock.now(), units=units)
    return {"earliest": span_out(found) if found else None}


@read(router, "/places/{place_id}/quote", "places_quote")
def quoted(request: HttpRequest, place_id: RowId, start: AwareDatetime, end: AwareDatetime, units: Units = 1) -> Any:
    """The price of a slot with its arithmetic; refused where the place's rules refuse the slot."""
    selectors.get_place(request.actor, place_id)  # type: ignore[attr-defined]
    slot = Slot(place_id=place_id, start=start, end=end, units=units)
    terms = terms_of(place_id)
    check_period(terms, slot.span, units, now=clock.now())
    return quote_out(price_of(terms, SlotRequest(place_id, slot.span, units)))


@write(router, "/places/{place_id}/blockings", "places_block", status=201)
def block(request: HttpRequest, place_id: RowId, wish: BlockIn) -> Any:
    """Block time; refused where it meets bookings."""
    span = window_of(wish.start, wish.end, longest=None)
    row = add_blocking(actor=request.actor, place_id=place_id, span=span, reason=wish.reason)  # type: ignore[attr-defined]
    return {"id": row.pk, "place_id": place_id, "reason": row.reason, **span_out(span)}


@write(router, "/blockings/{blocking_id}/lift", "places_unblock")
def unblock(request: HttpRequest, blocking_id: RowId) -> Any:
    """End a blocking."""
    row = lift_blocking(actor=request.actor, blocking_id=blocking_id)  # type: ignore[attr-defined]
    return {"id": row.pk, "place_id": row.place_id}


def window_of(start: Any, end: Any, longest: timedelta | None = LONGEST_WINDOW) -> Span:
    """A window, or INVALID: it ends after it starts, within sane years, and is not longer than asked for."""
    if start is None or end is None or start >= end or not (2000 <= start.year <= end.year <= 2200):
        raise XiepaiError(ErrorCode.INVALID, detail="start < end, 2000–2200")
    if longest is not None and end - start > longest:
        raise XiepaiError(ErrorCode.INVALID, detail=f"≤ {longest.days} days")
    return Span(start, end)
