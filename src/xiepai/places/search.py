"""Search that a location manager would choose: words, facets, distance and what is free, in one statement.

Up to ``EXACT`` hits everything is counted one by one. Beyond, rows are still exact, while facets (and the total,
when free times are asked for) are estimated from a sample and say so. What is free is decided in SQL on
``bookings_occupancy``, the table of the floor above: the one place that looks up a floor, and only by that name.

Refused: a place the actor may not know of, words that are more than words, pages without end.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import Any

from django.db import connection
from django.db.models import TextChoices
from django.utils.translation import get_language

from xiepai.parties.access import Actor
from xiepai.places.models import PlaceKind, Setting, Sound, Terms, Vocabulary
from xiepai.places.search_document import document, labels_of_vocabularies, rewrite_documents
from xiepai.places.search_query import LAST_ROW, SearchQuery, compile_query, filled, on_grid
from xiepai.places.search_words import sort_key
from xiepai.places.vocabulary import read_words

__all__ = [
    "FacetCount",
    "Pin",
    "PlaceRow",
    "SearchPage",
    "SearchQuery",
    "document",
    "found_ids",
    "labels_of_vocabularies",
    "pins",
    "rewrite_documents",
    "search",
    "sort_key",
]

#: hits counted one by one; looking at what is free costs ten times as much a place
EXACT, EXACT_FREE = 5000, 2000
#: places looked at when there are more
SAMPLE, SAMPLE_FREE = 1500, 800

#: pins a map is sent; who has more narrows the search
MOST_PINS = 3000

#: circles looked into, one after the other, for the nearest of very many places
_REACHES_M = (1_000.0, 5_000.0, 25_000.0)

_VOCABULARY_OF_FACET = {"category": Vocabulary.CATEGORY, "style": Vocabulary.STYLE, "town": Vocabulary.TOWN}
_CHOICES_OF_FACET: dict[str, type[TextChoices]] = {
    "setting": Setting,
    "terms": Terms,
    "sound": Sound,
    "kind": PlaceKind,
}
FACETS = ("category", "style", "town", "setting", "terms", "sound", "kind")


@dataclass(frozen=True, slots=True)
class PlaceRow:
    """One hit. Metres, fen, minutes, WGS-84; ``latitude``, ``longitude`` are None while locked for the reader.

    ``path`` names the places it stands in, outermost first; prices are those of the day searched for (or today).
    """

    id: int
    code: str
    name: str
    name_en: str
    kind: str
    town: str
    categories: list[str]
    styles: list[str]
    setting: str
    terms: str
    sound: str
    people_max: int | None
    area_m2: float | None
    ceiling_m: float | None
    visibility: str
    standing: str
    standing_note: str
    is_bookable: bool
    capacity: int
    unit_label: str
    approval: str
    owner_id: int
    owner_name: str
    latitude: float | None
    longitude: float | None
    distance_m: float | None
    is_free: bool
    hour_fen: int | None
    day_fen: int | None
    day_limit_minutes: int | None
    thumbnail: str | None
    path: list[str]


@dataclass(frozen=True, slots=True)
class Pin:
    """Where a hit stands, in WGS-84. ``is_rough``: its position is locked, this is the middle of a square kilometre."""

    id: int
    name: str
    name_en: str
    category: str
    latitude: float
    longitude: float
    is_rough: bool
    standing: str
    is_free: bool
    hour_fen: int | None
    day_fen: int | None


@dataclass(frozen=True, slots=True)
class FacetCount:
    """How many of the hits have one value; ``label`` is in the reader's language."""

    value: str
    label: str
    count: int
    is_selected: bool


@dataclass(frozen=True, slots=True)
class SearchPage:
    """One page of hits and what they consist of. Inexact figures are estimates: show them with 约."""

    rows: list[PlaceRow]
    total: int
    facets: dict[str, list[FacetCount]]
    page: int
    page_size: int
    total_is_exact: bool = True
    facets_are_exact: bool = True

    @property
    def pages(self) -> int:
        """How many pages there are to turn."""
        return -(-min(self.total, LAST_ROW) // self.page_size)


def search(actor: Actor, query: SearchQuery) -> SearchPage:
    """The places *actor* may know of that match *query*.

    One SQL statement up to ``EXACT`` hits (two where nothing narrows the search), at most a handful beyond.
    """
    query.check()
    parts, values = compile_query(actor, query)
    most = EXACT_FREE if query.free else EXACT
    if query.is_wide:
        page = _broad(actor, query, parts, values, most)
        if page is not None:
            return page
    size, total, rows, counts = _run("page", {**parts, "base_order": ""}, _paged(query, values, most, most + 1))
    if size <= most:
        return _page(query, rows, total, counts)
    return _broad(actor, query, parts, values, most) or _page(query, rows, total, counts)


def pins(actor: Actor, query: SearchQuery) -> list[Pin]:
    """Every hit that has a position, by name, at most ``MOST_PINS``: the same conditions as :func:`search`."""
    query.check()
    parts, values = compile_query(actor, query)
    parts |= {"lat": _drawn("latitude", parts["locked"]), "lon": _drawn("longitude", parts["locked"])}
    with connection.cursor() as cursor:
        cursor.execute(filled("pins", **parts), {**values, "most": MOST_PINS})
        return [Pin(*row) for row in cursor.fetchall()]


def found_ids(actor: Actor, query: SearchQuery) -> list[int]:
    """The hits of *query* by number, at most ``LAST_ROW``: for an export."""
    query.check()
    parts, values = compile_query(actor, query)
    with connection.cursor() as cursor:
        cursor.execute(filled("ids", **parts), {**values, "most": LAST_ROW})
        return [row[0] for row in cursor.fetchall()]


def _drawn(column: str, locked: str) -> str:
    return on_grid(column).replace("{{locked}}", locked)


def _broad(
    actor: Actor, query: SearchQuery, parts: dict[str, str], values: dict[str, Any], most: int
) -> SearchPage | None:
    """The page where there are more than *most* hits, with facets from a sample; None where there are not."""
    is_one_pass = bool(query.words.strip()) and query.free is None
    parts |= {
        "found": filled("found", **parts) if is_one_pass else "",
        "pool_source": "found p" if is_one_pass else f"places_place p WHERE {parts['conditions']}",
        "rows_of_found": parts["rows"] if is_one_pass else "NULL::jsonb",
    }
    values = {**_paged(query, values, most, 0), "sample": SAMPLE_FREE if query.free else SAMPLE}
    size, looked_at, met, rows, counts = _run("broad", parts, values)
    if size <= most:
        return None
    if not is_one_pass:
        rows = _rows_in_order(actor, query)
    share, scale = (met / looked_at, size / looked_at) if looked_at else (0.0, 0.0)
    page = _page(query, rows, round(size * share) if query.free else size, counts, scale)
    return replace(page, total_is_exact=query.free is None, facets_are_exact=False)


def _rows_in_order(actor: Actor, query: SearchQuery) -> list[dict[str, Any]]:
    """The page's rows: the first in order (or the nearest) are looked at, and more of them until the page is full."""
    needed = query.page * query.page_size
    take = needed if query.free is None else 2 * needed + 100
    reaches = _REACHES_M if query.sort == "distance" and query.near and query.radius_m is None else ()
    for reach in (*reaches, query.radius_m):
        parts, values = compile_query(actor, replace(query, radius_m=reach))
        parts |= {"base_order": f"ORDER BY {parts['order']}", "facets": "facets AS (SELECT 1 WHERE false)"}
        size, met, rows, _ = _run("page", parts, _paged(query, values, take, take))
        while met < needed and size == take < 4 * LAST_ROW:
            take *= 4
            size, met, rows, _ = _run("page", parts, _paged(query, values, take, take))
        if met >= needed:
            break
    return rows or []


def _paged(query: SearchQuery, values: dict[str, Any], most: int, take: int) -> dict[str, Any]:
    skip = (query.page - 1) * query.page_size
    size = query.page_size if skip < LAST_ROW else 0
    return {**values, "most": most, "take": take, "size": size, "skip": min(skip, LAST_ROW)}


def _run(name: str, parts: dict[str, str], values: dict[str, Any]) -> tuple[Any, ...]:
    with connection.cursor() as cursor:
        cursor.execute(filled(name, **parts), values)
        found = cursor.fetchall()[0]
    return tuple(json.loads(value) if isinstance(value, str) else value for value in found)


def _page(
    query: SearchQuery,
    rows: list[dict[str, Any]] | None,
    total: int,
    counts: list[dict[str, Any]] | None,
    scale: float = 1.0,
) -> SearchPage:
    found = [PlaceRow(**row) for row in rows or []]
    return SearchPage(found, total, _facets(query, counts or [], scale), query.page, query.page_size)


def _facets(query: SearchQuery, counts: list[dict[str, Any]], scale: float) -> dict[str, list[FacetCount]]:
    """Counts by facet, the most frequent first; a value that is selected is there even when nothing has it."""
    selected = _selected(query)
    words, language = read_words(), get_language() or ""
    by_facet: dict[str, dict[str, int]] = {facet: dict.fromkeys(selected[facet], 0) for facet in FACETS}
    for row in counts:
        by_facet[row["facet"]][row["value"]] = round(row["n"] * scale)
    facets: dict[str, list[FacetCount]] = {}
    for facet, found in by_facet.items():
        if facet in _VOCABULARY_OF_FACET:
            labels = {value: words[_VOCABULARY_OF_FACET[facet]].label(value, language) for value in found}
        else:
            known = {choice.value: str(choice.label) for choice in _CHOICES_OF_FACET[facet]}
            labels = {value: known.get(value, value) for value in found}
        ordered = sorted(found.items(), key=lambda item: (-item[1], sort_key(labels[item[0]])))
        facets[facet] = [FacetCount(value, labels[value], n, value in selected[facet]) for value, n in ordered]
    return facets


def _selected(query: SearchQuery) -> dict[str, tuple[str, ...]]:
    one = {"town": query.town, "setting": query.setting, "terms": query.terms, "sound": query.sound, "kind": query.kind}
    return {
        "category": query.categories,
        "style": query.styles,
        **{facet: (value,) if value else () for facet, value in one.items()},
    }
