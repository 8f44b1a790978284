"""Two to six places side by side for the same hours; what differs is marked, the lowest price as well.

Refused: fewer than two or more than six (the page says so); places the reader may not know of are simply not there.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from xiepai.bookings.rules import check_period
from xiepai.bookings.selectors import free_spans
from xiepai.bookings.services.taking import SlotRequest, price_of
from xiepai.kernel import clock
from xiepai.kernel.errors import XiepaiError
from xiepai.places import geo
from xiepai.places.models import Place
from xiepai.places.selectors import sees_locked, shown, visible_places
from xiepai.places.terms import many_terms, terms_of
from xiepai.web import formats
from xiepai.web.public.places import labels_of_places
from xiepai.web.requests import Request
from xiepai.web.slots import SlotForm, tomorrow
from xiepai.worktime.spans import Span

FEWEST, MOST = 2, 6
UNKNOWN = "—"


@dataclass(frozen=True, slots=True)
class Row:
    """One thing that is compared: a cell a place, whether they differ, and which cells are best."""

    label: str
    cells: tuple[str, ...]
    differs: bool
    best: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Offer:
    """What a place costs for the hours: a sum with its arithmetic and whether it is free, or why it cannot be had."""

    fen: int | None
    text: str
    is_free: bool = False


@require_safe
def compare(request: Request) -> HttpResponse:
    """The comparison of the places named in the address."""
    numbers = list(
        dict.fromkeys(int(text) for text in request.GET.getlist("place") if text.isdecimal() and len(text) < 19)
    )
    places = _places(request, numbers[:MOST])
    form = SlotForm(request.GET if "day" in request.GET else None, initial={"day": tomorrow(), "start": "08:00"})
    many_terms([place.pk for place in places])  # into memory at once, not place by place
    span = form.cleaned_data["span"] if form.is_bound and form.is_valid() else None
    offers = [_offer(place, span) for place in places] if span else []
    rows = [*_price_rows(places, offers), *_rows(places, labels_of_places())]
    context = {
        "places": places,
        "form": form,
        "span": span,
        "offers": offers,
        "rows": rows,
        "fits": FEWEST <= len(places) <= MOST and len(numbers) <= MOST,
        "fewest": FEWEST,
        "most": MOST,
        "labels": labels_of_places(),
        "without": lambda place: {"place": [other.pk for other in places if other.pk != place.pk]},
    }
    return render(request, "public/compare.html", context)


def _places(request: Request, numbers: list[int]) -> list[Place]:
    found = visible_places(request.actor).filter(pk__in=numbers).select_related("owner").prefetch_related("photos")
    known = {place.pk: place for place in found}
    ordered = [known[number] for number in numbers if number in known]
    return [shown(row, () if sees_locked(request.actor, row) else row.locked_fields) for row in ordered]


def _offer(place: Place, span: Span) -> Offer:
    try:
        terms = terms_of(place.pk)
        check_period(terms, span, 1, now=clock.now())
        price = price_of(terms, SlotRequest(place.pk, span, 1))
    except XiepaiError as refusal:
        return Offer(None, str(refusal))
    free = any(part.contains(span) for part in free_spans(place.pk, span))
    return Offer(price.total.fen, price.text, free)


def _price_rows(places: list[Place], offers: list[Offer]) -> list[Row]:
    """What an hour and a day cost; with hours chosen, the sum for them and whether they are free."""
    tariffs = [terms_of(place.pk).tariff_on(clock.today()) for place in places]
    rows = []
    if offers:
        sums = [offer.fen for offer in offers]
        known = [fen for fen in sums if fen is not None]
        lowest = frozenset(at for at, fen in enumerate(sums) if fen is not None and fen == min(known))
        rows.append(
            _row(_("这些小时的价格"), [offer.text for offer in offers], lowest if len(set(sums)) > 1 else frozenset())
        )
        free = [
            _("空闲") if offer.is_free else (_("已被占用") if offer.fen is not None else UNKNOWN) for offer in offers
        ]
        rows.append(_row(_("这段时间"), free))
    hourly = [UNKNOWN if t is None else formats.free_word() if t.is_free else _money(t.hour_fen) for t in tariffs]
    daily = [UNKNOWN if t is None or t.is_free else _money(t.day_fen) for t in tariffs]
    return [*rows, _row(_("每小时"), hourly), _row(_("包天"), daily)]


def _rows(places: list[Place], labels: dict[str, dict[str, str]]) -> list[Row]:
    def words(name: str) -> Callable[[Place], str]:
        return lambda place: formats.listed(labels[name[:-1]].get(code, code) for code in getattr(place, name))

    kinds: list[tuple[str, Callable[[Place], Any]]] = [
        (_("类别"), lambda place: formats.listed(labels["category"].get(code, code) for code in place.categories)),
        (_("风格年代"), words("styles")),
        (_("内外景"), lambda place: place.get_setting_display()),
        (_("面积"), lambda place: f"{float(place.area_m2):g} m²" if place.area_m2 else ""),
        (_("净高"), lambda place: f"{float(place.ceiling_m):g} m" if place.ceiling_m else ""),
        (_("容纳人数"), lambda place: place.people_max),
        (_("同期声"), lambda place: place.get_sound_display()),
        (_("供电"), lambda place: f"{float(place.power_kw):g} kW" if place.power_kw else ""),
        (_("停车位"), lambda place: place.parking_cars),
        (_("距住宿"), lambda place: formats.distance(place.lodging_distance_m) if place.lodging_distance_m else ""),
        (
            _("限制"),
            lambda place: " ".join([_words(labels["restriction"], place.restrictions), place.restriction_note]),
        ),
        (_("设施"), lambda place: _words(labels["facility"], place.facilities)),
        (_("确认方式"), lambda place: place.get_approval_display()),
        (_("最短时长"), lambda place: formats.duration(place.min_minutes)),
        (_("镇街"), lambda place: labels["town"].get(place.town, place.town)),
    ]
    rows = [_row(label, [_cell(of(place)) for place in places]) for label, of in kinds]
    return [row for row in [*rows, _distances(places)] if any(cell != UNKNOWN for cell in row.cells)]


def _distances(places: list[Place]) -> Row:
    """From each place to each other, as the crow flies."""
    cells = []
    for place in places:
        lines = [f"{formats.named(other)} {_between(place, other)}" for other in places if other is not place]
        cells.append("\n".join(lines) or UNKNOWN)
    return Row(_("彼此距离（直线）"), tuple(cells), differs=False)


def _between(one: Place, other: Place) -> str:
    if None in (one.latitude, one.longitude, other.latitude, other.longitude):
        return _("位置未公开")
    metres = geo.distance_m((one.latitude, one.longitude), (other.latitude, other.longitude))  # type: ignore[arg-type]
    return formats.distance(metres) if metres >= 5 else _("同一位置")


def _row(label: str, cells: list[str], best: frozenset[int] = frozenset()) -> Row:
    return Row(label, tuple(cells), differs=len(set(cells)) > 1, best=best)


def _cell(value: Any) -> str:
    text = str(value).strip() if value is not None else ""
    return text or UNKNOWN


def _words(labels: dict[str, str], codes: list[str]) -> str:
    return formats.listed(labels.get(code, code) for code in codes)


def _money(fen: int | None) -> str:
    return formats.money(fen) if fen else UNKNOWN
