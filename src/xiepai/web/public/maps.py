"""What a map needs: pins of a search, the district's outline, and what is configured about tiles.

Stored positions are WGS-84 and leave here converted only where the tiles are GCJ-02: this is the edge, nothing below
it converts. A locked position leaves as the middle of its square kilometre, marked as rough.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import JsonResponse
from django.urls import reverse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from xiepai.places import geo
from xiepai.places.outline import district_outline
from xiepai.places.search import Pin, pins
from xiepai.web import formats
from xiepai.web.public.finding import read_finding
from xiepai.web.requests import Request


@require_safe
def pins_json(request: Request) -> JsonResponse:
    """The pins of this address's search."""
    found = pins(request.actor, read_finding(request).query)
    return JsonResponse({"pins": [_pin(pin) for pin in found]}, json_dumps_params={"ensure_ascii": False})


@require_safe
@cache_control(max_age=3600)
def outline_json(request: Request) -> JsonResponse:
    """The outline of the district, or nothing."""
    return JsonResponse({"outline": district_outline(settings.MAP_DISTRICT, gcj02=settings.MAP_IS_GCJ02)})


def map_settings() -> dict[str, Any]:
    """What a page's map is told: addresses and tiles."""
    return {
        "tiles": settings.MAP_TILES,
        "subdomains": settings.MAP_SUBDOMAINS,
        "attribution": settings.MAP_ATTRIBUTION,
        "review_number": settings.MAP_REVIEW_NUMBER,
        "outline": reverse("public:outline"),
        "pins": reverse("public:pins"),
    }


def drawn_at(latitude: float, longitude: float) -> tuple[float, float]:
    """Where the configured map draws a WGS-84 position."""
    return geo.to_gcj02(latitude, longitude) if settings.MAP_IS_GCJ02 else (latitude, longitude)


def _pin(pin: Pin) -> dict[str, Any]:
    latitude, longitude = drawn_at(pin.latitude, pin.longitude)
    return {
        "id": pin.id,
        "name": pin.name_en if pin.name_en and formats.is_english() else pin.name,
        "at": [round(latitude, 6), round(longitude, 6)],
        "price": price_words(pin.is_free, pin.hour_fen, pin.day_fen),
        "rough": pin.is_rough,
    }


def price_words(is_free: bool, hour_fen: int | None, day_fen: int | None) -> str:
    """A price as a pin or a card says it; nothing where none is known."""
    if is_free:
        return formats.free_word()
    if hour_fen:
        return formats.a_unit(hour_fen, "hour")
    return formats.a_unit(day_fen, "day") if day_fen else ""
