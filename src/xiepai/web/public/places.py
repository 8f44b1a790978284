"""Finding a place: the list as cards, as a table or beside a map, and the same search as a file."""

from __future__ import annotations

import io
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from xiepai.kernel import clock
from xiepai.kernel.errors import not_found
from xiepai.places import selectors
from xiepai.places.exporting import KINDS, export_places
from xiepai.places.models import Place, PlaceKind, Setting, Sound, Terms
from xiepai.places.search import SearchPage, found_ids, search
from xiepai.web import formats
from xiepai.web.public.finding import FACETS, MANY, RADII, chips_of, read_finding
from xiepai.web.public.maps import map_settings
from xiepai.web.requests import Request

FACET_VALUES_SHOWN = 60


@require_safe
def listing(request: Request) -> HttpResponse:
    """Places by words, facets, people, free time, distance and a map's window."""
    finding = read_finding(request)
    found = search(request.actor, finding.query)
    labels = labels_of_places()
    context = {
        "finding": finding,
        "form": finding.form,
        "found": found,
        "facets": {name: found.facets.get(name, [])[:FACET_VALUES_SHOWN] for name in FACETS},
        "facet_names": facet_names(),
        "toggled": lambda name, facet: _toggled(request, name, facet),
        "chips": chips_of(finding, labels, request),
        "labels": labels,
        "path_names": path_names([row.path for row in found.rows]),
        "elided": _pages(found),
        "map": map_settings(),
        "radii": RADII,
        "kinds": list(KINDS),
    }
    return render(request, "public/places.html", context)


@require_safe
def export(request: Request, kind: str) -> HttpResponse:
    """What the list shows, all pages, as a file with the columns an import reads."""
    if kind not in KINDS:
        raise not_found()
    ids = found_ids(request.actor, read_finding(request).query)
    out = io.BytesIO()
    export_places(
        actor=request.actor, kind=kind, out=out, places=selectors.visible_places(request.actor).filter(pk__in=ids)
    )
    answer = HttpResponse(out.getvalue(), content_type=KINDS[kind])
    answer["Content-Disposition"] = f'attachment; filename="places-{clock.today():%Y%m%d}.{kind}"'
    return answer


def path_names(paths: list[list[str]]) -> dict[str, str]:
    """The English names of the places that rows stand in, for who reads English."""
    names = {name for path in paths for name in path}
    if not names or not formats.is_english():
        return {}
    return dict(Place.objects.filter(name__in=names).exclude(name_en="").values_list("name", "name_en"))


def labels_of_places() -> dict[str, dict[str, str]]:
    """Code → word for everything a place is described by, in the reader's language."""
    words = selectors.vocabularies("en" if formats.is_english() else "zh-hans")
    choices = {"setting": Setting, "terms": Terms, "sound": Sound, "kind": PlaceKind}
    fixed = {name: {str(value): str(label) for value, label in kind.choices} for name, kind in choices.items()}
    return {**words, **fixed}


def facet_names() -> dict[str, str]:
    """What the facets are called."""
    return {
        "category": _("类别"),
        "style": _("风格年代"),
        "town": _("镇街"),
        "setting": _("内外景"),
        "terms": _("收费方式"),
        "sound": _("同期声"),
        "kind": _("层级"),
    }


def _toggled(request: Request, name: str, facet: Any) -> dict[str, Any]:
    """The change of address that adds a facet's value, or takes it away; of some facets only one value holds."""
    if name not in MANY:
        return {name: None if facet.is_selected else facet.value}
    values = [value for value in request.GET.getlist(name) if value != facet.value]
    return {name: (values if facet.is_selected else [*values, facet.value]) or None}


def _pages(found: SearchPage) -> list[int]:
    return [number for number in range(found.page - 2, found.page + 3) if 1 <= number <= found.pages]
