"""How the service works, in words, and the addresses search engines may read."""

from __future__ import annotations

from xml.sax.saxutils import escape

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from xiepai.parties.access import NOBODY
from xiepai.places.selectors import visible_places
from xiepai.web.public.home import figures
from xiepai.web.requests import Request

MOST_ADDRESSES = 50_000
PAGES = (
    *("public:home", "public:places", "public:how", "public:calculator", "public:policies"),
    *("public:programmes", "public:notices", "public:awards", "public:award_statistics"),
)


@require_safe
def how(request: Request) -> HttpResponse:
    """From looking for a place to settling, step by step, and the three promises."""
    return render(request, "public/how.html", {"figures": figures(request.actor)})


@require_safe
@cache_control(max_age=3600)
def sitemap(request: Request) -> HttpResponse:
    """The public pages and every public place (sitemaps.org); what is not public is not in it, whoever asks."""
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">']
    lines += [f"<url><loc>{escape(request.build_absolute_uri(reverse(name)))}</loc></url>" for name in PAGES]
    rows = visible_places(NOBODY).order_by("pk").values_list("pk", "updated_at")[: MOST_ADDRESSES - len(PAGES)]
    for number, changed in rows.iterator():
        address = escape(request.build_absolute_uri(reverse("public:place", args=[number])))
        lines.append(f"<url><loc>{address}</loc><lastmod>{changed:%Y-%m-%d}</lastmod></url>")
    return HttpResponse("\n".join([*lines, "</urlset>\n"]), content_type="application/xml")
