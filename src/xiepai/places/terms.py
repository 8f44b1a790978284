"""Everything a booking depends on, as one plain value per place, kept in memory by version.

The cache may be stale: that is safe, because a booking names the version its price and hours were
computed on and the database refuses an older one (then the caller reads again). Hours come from the
place itself or its nearest ancestor that states any.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from datetime import date
from threading import Lock

from xiepai.kernel.clock import CITY_ZONE
from xiepai.kernel.errors import not_found
from xiepai.places.models import ClosedDay, OpeningRule, Place, Tariff
from xiepai.places.pricing import TariffTerms
from xiepai.worktime.opening import WeeklyRule, open_spans
from xiepai.worktime.spans import Span

KEPT = 5000


@dataclass(frozen=True, slots=True)
class PlaceTerms:
    """A place's booking rules (minutes, days), hours and tariffs at one version."""

    id: int
    version: int
    name: str
    owner_id: int
    is_bookable: bool
    visibility: str
    capacity: int
    unit_label: str
    approval: str
    hold_minutes: int
    lead_minutes: int
    ahead_days: int
    min_minutes: int
    max_minutes: int
    step_minutes: int
    buffer_before_minutes: int
    buffer_after_minutes: int
    opening: tuple[WeeklyRule, ...]
    closed_days: frozenset[date]
    tariffs: tuple[TariffTerms, ...]

    def tariff_on(self, day: date) -> TariffTerms | None:
        """The tariff in force that day."""
        return next((tariff for tariff in self.tariffs if tariff.holds_on(day)), None)

    def open_spans(self, first_day: date, last_day: date) -> tuple[Span, ...]:
        """When the place is open between two days (inclusive), bookings not regarded."""
        key = (self.id, self.version, first_day, last_day)
        found = _opened.get(key)
        if found is None:
            if len(_opened) >= KEPT:
                _opened.clear()
            found = open_spans(self.opening, self.closed_days, first_day, last_day, CITY_ZONE)
            _opened[key] = found
        return found


_kept: OrderedDict[int, PlaceTerms] = OrderedDict()
_opened: dict[tuple[int, int, date, date], tuple[Span, ...]] = {}
_lock = Lock()


def terms_of(place_id: int) -> PlaceTerms:
    """The terms of a place, from memory when read before; ``not_found`` when there is no such place."""
    with _lock:
        known = _kept.get(place_id)
    return known or read_terms(place_id)


def current_terms(place_id: int) -> PlaceTerms:
    """The terms after asking the database whether memory still holds the present version: one small query.

    For what is shown or refused; what is booked has its version checked by the database anyway.
    """
    with _lock:
        known = _kept.get(place_id)
    if known is not None and Place.objects.filter(pk=place_id, version=known.version).exists():
        return known
    return read_terms(place_id)


def read_terms(place_id: int) -> PlaceTerms:
    """The terms as the database has them now; what memory held is replaced."""
    found = many_terms([place_id])
    if place_id not in found:
        raise not_found()
    return found[place_id]


def forget_terms() -> None:
    """Empty the memory (tests, bulk loads)."""
    with _lock:
        _kept.clear()
        _opened.clear()


_CHAIN = """
WITH RECURSIVE chain AS (
  SELECT id AS place_id, id AS node, parent_id, 0 AS depth FROM places_place WHERE id = ANY(%s)
  UNION ALL
  SELECT chain.place_id, p.id, p.parent_id, depth + 1 FROM chain JOIN places_place p ON p.id = chain.parent_id
) SELECT place_id, node, depth FROM chain ORDER BY place_id, depth
"""


def many_terms(place_ids: list[int]) -> dict[int, PlaceTerms]:
    """The terms of several places in five queries, fresh from the database.

    The version is read first: terms younger than their version are refused and read again, terms
    older than it can not happen.
    """
    from django.db import connection

    places = {place.pk: place for place in Place.objects.filter(pk__in=place_ids).defer("search_text", "description")}
    with connection.cursor() as cursor:
        cursor.execute(_CHAIN, [list(places)])
        chains: dict[int, list[int]] = {}
        for place_id, node, _depth in cursor.fetchall():
            chains.setdefault(place_id, []).append(node)
    nodes = {node for chain in chains.values() for node in chain}
    rules: dict[int, list[WeeklyRule]] = {}
    for rule in OpeningRule.objects.filter(place__in=nodes):
        rules.setdefault(rule.place_id, []).append(
            WeeklyRule(rule.weekday, rule.opens_minute, rule.closes_minute, rule.valid_from, rule.valid_to)
        )
    closed: dict[int, set[date]] = {}
    for place_id, day in ClosedDay.objects.filter(place__in=nodes).values_list("place_id", "day"):
        closed.setdefault(place_id, set()).add(day)
    tariffs: dict[int, list[TariffTerms]] = {}
    for tariff in Tariff.objects.filter(place__in=places):
        tariffs.setdefault(tariff.place_id, []).append(tariff_terms(tariff))
    found = {
        pk: _terms(
            place,
            next((rules[node] for node in chains[pk] if node in rules), []),
            {day for node in chains[pk] for day in closed.get(node, ())},
            tariffs.get(pk, []),
        )
        for pk, place in places.items()
    }
    with _lock:
        _kept.update(found)
        while len(_kept) > KEPT:
            _kept.popitem(last=False)
    return found


def tariff_terms(tariff: Tariff) -> TariffTerms:
    """A tariff row as plain values."""
    return TariffTerms(
        tariff_id=tariff.pk,
        valid_from=tariff.valid_from,
        valid_to=tariff.valid_to,
        is_free=tariff.is_free,
        free_condition=tariff.free_condition,
        hour_fen=tariff.hour_fen,
        day_fen=tariff.day_fen,
        day_limit_minutes=tariff.day_limit_minutes,
        night_fen=tariff.night_fen,
        night_from_minute=tariff.night_from_minute,
        night_to_minute=tariff.night_to_minute,
        overtime_fen=tariff.overtime_fen,
        overtime_step_minutes=tariff.overtime_step_minutes,
        deposit_fen=tariff.deposit_fen,
        cancellation=tuple((int(hours), int(percent)) for hours, percent in tariff.cancellation),
    )


def _terms(place: Place, opening: list[WeeklyRule], closed_days: set[date], tariffs: list[TariffTerms]) -> PlaceTerms:
    return PlaceTerms(
        id=place.pk,
        version=place.version,
        name=place.name,
        owner_id=place.owner_id,
        is_bookable=place.is_bookable,
        visibility=place.visibility,
        capacity=place.capacity,
        unit_label=place.unit_label,
        approval=place.approval,
        hold_minutes=place.hold_minutes,
        lead_minutes=place.lead_minutes,
        ahead_days=place.ahead_days,
        min_minutes=place.min_minutes,
        max_minutes=place.max_minutes,
        step_minutes=place.step_minutes,
        buffer_before_minutes=place.buffer_before_minutes,
        buffer_after_minutes=place.buffer_after_minutes,
        opening=tuple(opening),
        closed_days=frozenset(closed_days),
        tariffs=tuple(tariffs),
    )
