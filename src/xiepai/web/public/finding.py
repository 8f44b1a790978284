"""What the address of a list, a map or an export looks for: one reading for all of them, so that they agree.

Refused quietly: what is no number, no known choice or too much of it is not looked for; the form says so where it can.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from django import forms
from django.conf import settings
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from xiepai.places.geo import to_wgs84
from xiepai.places.models import PlaceKind, Setting, Sound, Terms
from xiepai.places.search import SearchQuery
from xiepai.web.requests import Request
from xiepai.web.slots import DAY, HourField, span_of

PER_PAGE = 24
MANY = ("category", "style")
ONE = ("town", "setting", "terms", "sound", "kind")
FACETS = (*MANY, *ONE)
VIEWS = ("cards", "table", "map")
RADII = (1, 3, 5, 10, 20)
_CHOICES: dict[str, Any] = {"setting": Setting, "terms": Terms, "sound": Sound, "kind": PlaceKind}


class SearchForm(forms.Form):
    """What a place is looked for by; ``order`` and ``view`` stand apart from the rest on the page."""

    q = forms.CharField(
        label=gettext_lazy("名称、类别或拼音"),
        required=False,
        max_length=100,
        widget=forms.TextInput({"type": "search", "placeholder": gettext_lazy("医院走廊、民国街、天台……")}),
    )
    people = forms.IntegerField(label=gettext_lazy("容纳人数"), required=False, min_value=1, max_value=100_000)
    day = forms.DateField(label=gettext_lazy("哪天有空"), required=False, widget=DAY)
    start = HourField(label=gettext_lazy("从"), required=False)
    end = HourField(label=gettext_lazy("到"), required=False)
    order = forms.ChoiceField(
        label=gettext_lazy("排序"),
        required=False,
        choices=[
            ("relevance", gettext_lazy("相关")),
            ("name", gettext_lazy("名称")),
            ("price", gettext_lazy("价格从低到高")),
            ("people", gettext_lazy("人数从多到少")),
            ("distance", gettext_lazy("距离从近到远")),
        ],
        widget=forms.Select({"form": "find"}),
    )


@dataclass(frozen=True, slots=True)
class Chip:
    """One condition in force: what it says, and the changes to the address that take it back."""

    label: str
    without: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Finding:
    """A search as its address says it."""

    form: SearchForm
    query: SearchQuery
    view: str
    hidden: tuple[tuple[str, str], ...]
    slot: dict[str, str]


def read_finding(request: Request) -> Finding:
    """The search of this address."""
    form = SearchForm(request.GET)
    form.is_valid()
    view = request.GET.get("view", "")
    kept = [(name, value) for name in (*FACETS, "near", "radius", "box", "view") for value in request.GET.getlist(name)]
    return Finding(
        form=form,
        query=_query(request.GET, form.cleaned_data),
        view=view if view in VIEWS else VIEWS[0],
        hidden=tuple(kept),
        slot={key: request.GET[key] for key in ("day", "start", "end") if request.GET.get(key)},
    )


def chips_of(finding: Finding, labels: dict[str, dict[str, str]], request: Request) -> list[Chip]:
    """Every condition in force, each with the way to lift it."""
    query, form = finding.query, finding.form.cleaned_data
    chips = [Chip(f"“{query.words}”", {"q": None})] if query.words else []
    for name in FACETS:
        values = _values(query, name)
        for value in values:
            rest = [other for other in values if other != value]
            chips.append(Chip(labels.get(name, {}).get(value, value), {name: rest or None}))
    if query.people:
        chips.append(Chip(_("至少 %(n)s 人") % {"n": query.people}, {"people": None}))
    if query.free:
        hours = " ".join(
            [f"{form['day']:%m-%d}", *(request.GET[key] for key in ("start", "end") if request.GET.get(key))]
        )
        chips.append(Chip(_("%(when)s 空闲") % {"when": hours}, {"day": None, "start": None, "end": None}))
    if query.near:
        words = _("%(n)s 公里内") % {"n": f"{query.radius_m / 1000:g}"} if query.radius_m else _("从选定的点量距离")
        chips.append(Chip(words, {"near": None, "radius": None}))
    if query.box:
        chips.append(Chip(_("地图范围内"), {"box": None}))
    return chips


def _values(query: SearchQuery, name: str) -> tuple[str, ...]:
    if name in MANY:
        return query.categories if name == "category" else query.styles
    value = getattr(query, name)
    return (value,) if value else ()


def _query(asked: QueryDict, given: dict[str, Any]) -> SearchQuery:
    page = asked.get("page", "1")
    near = position(asked.get("near", ""))
    radius = asked.get("radius", "")
    order = given.get("order") or "relevance"
    known: dict[str, Any] = {name: _known(asked.get(name, ""), kind) for name, kind in _CHOICES.items()}
    return SearchQuery(
        words=given.get("q") or "",
        categories=tuple(asked.getlist("category")[:20]),
        styles=tuple(asked.getlist("style")[:20]),
        town=asked.get("town", "")[:40],
        people=given.get("people"),
        free=_free(given),
        near=near,
        radius_m=float(radius) * 1000 if near and radius.isdigit() and 0 < int(radius) <= 100 else None,
        box=window(asked.get("box", "")),
        sort=_sort(order, has_words=bool(given.get("q")), has_point=near is not None),
        page=int(page) if page.isdigit() and 1 <= int(page) <= 500 else 1,
        page_size=PER_PAGE,
        **known,
    )


def _sort(order: str, *, has_words: bool, has_point: bool) -> str:
    """Without words nothing is more relevant than another: what can be shot in comes first."""
    if order == "distance" and not has_point:
        order = "relevance"
    return "showcase" if order == "relevance" and not has_words else order


def _free(given: dict[str, Any]) -> Any:
    if not given.get("day"):
        return None
    start, end = given.get("start"), given.get("end")
    return span_of(given["day"], 480 if start is None else start, 1200 if end is None else end)


def _known(value: str, kind: Any) -> str:
    return value if value in kind.values else ""


def position(text: str) -> tuple[float, float] | None:
    """``31.7,119.8`` → (latitude, longitude) in WGS-84; None for anything else."""
    numbers = _numbers(text, 2)
    if numbers is None or not (-90 <= numbers[0] <= 90 and -180 <= numbers[1] <= 180):
        return None
    return numbers[0], numbers[1]


def window(text: str) -> tuple[float, float, float, float] | None:
    """A map's window, ``south,west,north,east`` as the map draws, in WGS-84; None for anything else."""
    numbers = _numbers(text, 4)
    if numbers is None:
        return None
    south, west, north, east = numbers
    if settings.MAP_IS_GCJ02:
        (south, west), (north, east) = to_wgs84(south, west), to_wgs84(north, east)
    return (south, west, north, east) if -90 <= south < north <= 90 and -180 <= west < east <= 180 else None


def _numbers(text: str, count: int) -> list[float] | None:
    parts = text.split(",")
    if len(parts) != count or len(text) > 120:
        return None
    try:
        numbers = [float(part) for part in parts]
    except ValueError:
        return None
    return numbers if all(math.isfinite(number) for number in numbers) else None
