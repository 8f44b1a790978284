"""One place: pictures, terms, price with its arithmetic, free times, the way there, what is like it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from xiepai.bookings.rules import check_period
from xiepai.bookings.selectors import free_spans, has_hold
from xiepai.bookings.services.taking import SlotRequest, price_of
from xiepai.kernel import clock
from xiepai.kernel.errors import XiepaiError
from xiepai.parties.models import CREW_ROLES
from xiepai.places import geo, selectors
from xiepai.places.models import Place, Terms
from xiepai.places.search import PlaceRow, SearchQuery, search
from xiepai.places.terms import current_terms, terms_of
from xiepai.web.public.maps import drawn_at, map_settings
from xiepai.web.public.places import labels_of_places, path_names
from xiepai.web.public.strip import StripDay, free_strip
from xiepai.web.requests import Request
from xiepai.web.slots import SlotForm, tomorrow
from xiepai.worktime.opening import describe

SIMILAR = 4


@dataclass(frozen=True, slots=True)
class Route:
    """Where a place stands, as maps need it: WGS-84 for ``geo:``, GCJ-02 for the map services."""

    at: tuple[float, float]
    geo: str
    amap: str
    baidu: str


@require_safe
def place(request: Request, place_id: int) -> HttpResponse:
    """One place; with a day and hours in the address, its price for them, or why it cannot be had."""
    detail = selectors.detail(request.actor, place_id, has_hold=has_hold(request.actor, place_id))
    form = SlotForm(request.GET if "day" in request.GET else None, initial={"day": tomorrow(), "units": 1})
    offer, refusal = None, ""
    if form.is_bound and form.is_valid():
        try:
            offer = _offer(place_id, form.cleaned_data)
        except XiepaiError as error:
            refusal = str(error)
    similar = _similar(request, detail.place)
    context = {
        "detail": detail,
        "place": detail.place,
        "form": form,
        "offer": offer,
        "refusal": refusal,
        "strip": _strip(detail.place),
        "labels": labels_of_places(),
        "hours": hours_of(detail),
        "may_hold": request.actor.holds(*CREW_ROLES) or request.actor.is_officer,
        "route": route_of(detail.place),
        "map": map_settings(),
        "similar": similar,
        "path_names": path_names([row.path for row in similar]),
        "page_address": request.build_absolute_uri(reverse("public:place", args=[place_id])),
        "json_ld": json_ld(request, detail),
    }
    return render(request, "public/place.html", context)


def hours_of(detail: selectors.PlaceDetail) -> list[tuple[str, str]]:
    """The weekly hours as (weekday, hours); empty when open round the clock."""
    if not detail.opening_rules:
        return []
    days = [clock.today() + timedelta(days=number) for number in range(7)]
    names = [_("周一"), _("周二"), _("周三"), _("周四"), _("周五"), _("周六"), _("周日")]
    ordered = sorted(days, key=lambda day: day.weekday())
    return [(names[day.weekday()], describe(detail.opening_rules, day) or _("不开放")) for day in ordered]


def route_of(place: Place) -> Route | None:
    """The way to a place, where its position may be seen."""
    if place.latitude is None or place.longitude is None:
        return None
    latitude, longitude = geo.to_gcj02(place.latitude, place.longitude)
    here = f"{place.latitude:.6f},{place.longitude:.6f}"
    amap = {"position": f"{longitude:.6f},{latitude:.6f}", "name": place.name, "coordinate": "gaode", "callnative": "1"}
    baidu = {"location": f"{latitude:.6f},{longitude:.6f}", "title": place.name, "content": place.name}
    return Route(
        at=drawn_at(place.latitude, place.longitude),
        geo=f"geo:{here}?{urlencode({'q': f'{here}({place.name})'})}",
        amap=f"https://uri.amap.com/marker?{urlencode(amap)}",
        baidu=f"https://api.map.baidu.com/marker?{urlencode({**baidu, 'output': 'html', 'coord_type': 'gcj02'})}",
    )


def json_ld(request: Request, detail: selectors.PlaceDetail) -> str:
    """schema.org Place, as search engines read it; ``<`` is escaped so that no text can end the script."""
    place = detail.place
    pictures = [request.build_absolute_uri(reverse("public:media", args=[row.image.name])) for row in detail.photos[:6]]
    known: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "Place",
        "@id": request.build_absolute_uri(reverse("public:place", args=[place.pk])),
        "url": request.build_absolute_uri(reverse("public:place", args=[place.pk])),
        "name": place.name,
        "alternateName": [name for name in [place.name_en, *place.aliases] if name],
        "description": place.description,
        "image": pictures,
        "address": {"@type": "PostalAddress", "streetAddress": place.address} if place.address else None,
        "maximumAttendeeCapacity": place.people_max,
        "isAccessibleForFree": True if place.terms == Terms.FREE else None,
    }
    if place.latitude is not None and place.longitude is not None:
        known["geo"] = {"@type": "GeoCoordinates", "latitude": place.latitude, "longitude": place.longitude}
    if detail.ancestors:
        known["containedInPlace"] = {"@type": "Place", "name": detail.ancestors[-1].name}
    data = {name: value for name, value in known.items() if value not in (None, "", [])}
    return json.dumps(data, ensure_ascii=False).replace("<", "\\u003c")


def _offer(place_id: int, data: dict[str, Any]) -> dict[str, Any]:
    terms, span, units = terms_of(place_id), data["span"], data.get("units") or 1
    check_period(terms, span, units, now=clock.now())
    price = price_of(terms, SlotRequest(place_id, span, units))
    free = any(part.contains(span) for part in free_spans(place_id, span, units=units))
    return {"span": span, "units": units, "price": price, "is_free": free}


def _strip(place: Place) -> list[StripDay]:
    return free_strip(current_terms(place.pk)) if place.is_bookable else []


def _similar(request: Request, place: Place) -> list[PlaceRow]:
    """The nearest others of the same category and kind."""
    near = (place.latitude, place.longitude)
    query = SearchQuery(
        categories=tuple(place.categories[:1]),
        kind=place.kind,
        near=near if None not in near else None,  # type: ignore[arg-type]
        sort="distance" if None not in near else "relevance",
        page_size=SIMILAR + 1,
    )
    return [row for row in search(request.actor, query).rows if row.id != place.pk][:SIMILAR]
