"""Finding a place, and one place: terms, price with its arithmetic, free times, restrictions."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

from django import forms
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from xiepai.bookings.rules import check_period
from xiepai.bookings.selectors import free_spans, has_hold
from xiepai.bookings.services.taking import SlotRequest, price_of
from xiepai.kernel import clock
from xiepai.kernel.errors import XiepaiError
from xiepai.parties.models import CREW_ROLES
from xiepai.places import selectors
from xiepai.places.models import Place, Setting, Sound, Terms
from xiepai.places.search import SearchPage, SearchQuery, search
from xiepai.places.terms import terms_of
from xiepai.web import formats
from xiepai.web.requests import Request
from xiepai.web.slots import DAY, HourField, SlotForm, span_of, tomorrow
from xiepai.worktime.opening import describe
from xiepai.worktime.spans import Span

PER_PAGE = 24
FREE_DAYS = 7
FACETS_SHOWN = ("category", "style", "town", "setting", "terms")


class SearchForm(forms.Form):
    """What a place is looked for by."""

    q = forms.CharField(label=gettext_lazy("名称、类别或拼音"), required=False, max_length=100)
    people = forms.IntegerField(label=gettext_lazy("容纳人数"), required=False, min_value=1, max_value=100_000)
    day = forms.DateField(label=gettext_lazy("哪天有空"), required=False, widget=DAY)
    start = HourField(label=gettext_lazy("从"), required=False)
    end = HourField(label=gettext_lazy("到"), required=False)
    sound = forms.BooleanField(label=gettext_lazy("同期声"), required=False)
    order = forms.ChoiceField(
        label=gettext_lazy("排序"),
        required=False,
        choices=[
            ("relevance", gettext_lazy("相关")),
            ("name", gettext_lazy("名称")),
            ("price", gettext_lazy("价格")),
        ],
    )


@require_safe
def listing(request: Request) -> HttpResponse:
    """Places by words, facets, people, sound and free time."""
    form = SearchForm(request.GET)
    form.is_valid()
    found = search(request.actor, _query(request, form.cleaned_data))
    context = {
        "form": form,
        "found": found,
        "chosen": {name: request.GET.getlist(name) for name in FACETS_SHOWN},
        "facets": {name: found.facets.get(name, []) for name in FACETS_SHOWN},
        "facet_names": _facet_names(),
        "slot": {key: request.GET[key] for key in ("day", "start", "end") if request.GET.get(key)},
        "labels": _labels(),
        "elided": _pages(found),
    }
    return render(request, "public/places.html", context)


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
    context = {
        "detail": detail,
        "place": detail.place,
        "form": form,
        "offer": offer,
        "refusal": refusal,
        "free": _free(detail.place),
        "words_of_span": lambda span: formats.span(span.start, span.end),
        "labels": _labels(),
        "hours": hours_of(detail),
        "may_hold": request.actor.holds(*CREW_ROLES) or request.actor.is_officer,
        "json_ld": _json_ld(detail.place),
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


def _offer(place_id: int, data: dict[str, Any]) -> dict[str, Any]:
    terms, span, units = terms_of(place_id), data["span"], data.get("units") or 1
    check_period(terms, span, units, now=clock.now())
    price = price_of(terms, SlotRequest(place_id, span, units))
    free = any(part.contains(span) for part in free_spans(place_id, span, units=units))
    return {"span": span, "units": units, "price": price, "is_free": free}


def _free(place: Place) -> list[Span]:
    if not place.is_bookable:
        return []
    now = clock.now()
    return list(free_spans(place.pk, Span(now, now + timedelta(days=FREE_DAYS))))


def _query(request: Request, given: dict[str, Any]) -> SearchQuery:
    page = request.GET.get("page", "1")
    free = None
    if given.get("day"):
        start, end = given.get("start"), given.get("end")
        free = span_of(given["day"], 480 if start is None else start, 1200 if end is None else end)
    return SearchQuery(
        words=given.get("q") or "",
        categories=tuple(request.GET.getlist("category")[:20]),
        styles=tuple(request.GET.getlist("style")[:20]),
        town=request.GET.get("town", "")[:40],
        setting=request.GET.get("setting", "") if request.GET.get("setting", "") in Setting.values else "",
        terms=request.GET.get("terms", "") if request.GET.get("terms", "") in Terms.values else "",
        sound_needed=bool(given.get("sound")),
        people=given.get("people"),
        free=free,
        sort=given.get("order") or "relevance",
        page=int(page) if page.isdigit() and 1 <= int(page) <= 500 else 1,
        page_size=PER_PAGE,
    )


def _pages(found: SearchPage) -> list[int]:
    return [number for number in range(found.page - 2, found.page + 3) if 1 <= number <= found.pages]


def _facet_names() -> dict[str, str]:
    return {
        "category": _("类别"),
        "style": _("风格年代"),
        "town": _("镇街"),
        "setting": _("内外景"),
        "terms": _("收费方式"),
    }


def _labels() -> dict[str, dict[str, str]]:
    language = "en" if formats.is_english() else "zh-hans"
    words = selectors.vocabularies(language)
    choices = {"setting": Setting, "terms": Terms, "sound": Sound}
    fixed = {name: {str(value): str(label) for value, label in kind.choices} for name, kind in choices.items()}
    return {**words, **fixed}


def _json_ld(place: Place) -> str:
    """schema.org Place, as search engines read it; ``<`` is escaped so that no text can end the script."""
    data: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "Place",
        "name": place.name,
        "alternateName": [name for name in [place.name_en, *place.aliases] if name],
    }
    if place.address:
        data["address"] = place.address
    if place.latitude is not None and place.longitude is not None:
        data["geo"] = {"@type": "GeoCoordinates", "latitude": place.latitude, "longitude": place.longitude}
    if place.people_max:
        data["maximumAttendeeCapacity"] = place.people_max
    return json.dumps(data, ensure_ascii=False).replace("<", "\\u003c")
