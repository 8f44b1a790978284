"""Why a need was not met, when its places are free earliest, and which others would do at the wanted time."""

from __future__ import annotations

import math
from collections.abc import Hashable, Iterable, Mapping
from datetime import timedelta
from typing import Any

from xiepai.bookings.matching.board import Board, PlaceFacts, leaf_of
from xiepai.bookings.matching.ways import Refused, Way, Ways, attempts, way_at
from xiepai.bookings.needs import NeedRow
from xiepai.kernel import clock
from xiepai.kernel.errors import ErrorCode, XiepaiError
from xiepai.planning.choice import Use

#: how far ahead an earliest free time is looked for, at how many places, and how many are told
HORIZON_DAYS = 31
PLACES_TRIED = 12
TOLD = 3
_TAKEN = (ErrorCode.SLOT_TAKEN, ErrorCode.NOT_ENOUGH_UNITS)
#: what no other day cures
_FOR_GOOD = ("too_small", "no_sound", "too_few_units")


def explain_unmet(need: NeedRow, found: Ways, how: str, chosen: Mapping[int, Way], board: Board) -> dict[str, Any]:
    """The main reason as ``{"code", "data"}``: nothing found, lost to other lines, taken, or a place's rule."""
    if found.ways:
        lines = sorted(line for line, way in chosen.items() if meet(found.ways, way, board))
        if not lines:  # possible only when the choice ended before it was proven
            return {"code": "time_over", "data": {}}
        return {"code": "lost", "data": {"lines": "、".join(map(str, lines[:6]))}}
    if how == "nothing" or not found.refused:
        return {"code": "no_place", "data": {"words": need.words}}
    taken = [why for why in found.refused if why.code in _TAKEN]
    if len(taken) > 1:
        return {"code": "all_taken", "data": {"count": len(taken)}}
    why = taken[0] if taken else _nearest_miss(found.refused)
    return {"code": str(why.code), "data": {key: str(value) for key, value in why.data.items() if value is not None}}


def _nearest_miss(refused: Iterable[Refused]) -> Refused:
    """A rule of the hours before one that is for good; of rooms too small the largest."""
    curable = [why for why in refused if why.code not in _FOR_GOOD]
    if curable:
        return curable[0]
    return max(refused, key=lambda why: why.data.get("holds", why.data.get("capacity", 0)))


def meet(ways: Iterable[Way], way: Way, board: Board) -> bool:
    """Whether one of *ways* wants what *way* uses (of a counted leaf: at the same time)."""
    held: dict[Hashable, list[Use]] = {}
    for use in way.uses:
        held.setdefault(use.leaf, []).append(use)
    return any(_clash(use, other, board) for wanted in ways for use in wanted.uses for other in held.get(use.leaf, ()))


def _clash(one: Use, other: Use, board: Board) -> bool:
    if board.capacity[leaf_of(one)] == 1:
        return not one.is_apart(other)
    return one.start < other.released and other.start < one.released


def earliest(need: NeedRow, places: Iterable[PlaceFacts], board: Board) -> list[Way]:
    """For each place the first way of the same shape within ``HORIZON_DAYS``; the earliest, then cheapest, first."""
    now = clock.now()
    days = [need.first_days[0] + timedelta(days=number) for number in range(HORIZON_DAYS)]
    found: list[Way] = []
    for rank, place in enumerate(places):
        for spans in attempts(need, place, days):
            try:
                found.append(way_at(need, place, spans, board, 0, rank, now))
                break
            except XiepaiError:
                continue
    return sorted(found, key=lambda way: (way.spans[0].start, way.price_fen, way.rank))[:TOLD]


def closeness(place: PlaceFacts, wanted: PlaceFacts) -> tuple[float, ...]:
    """How like *wanted* a place is: its name, its size, its styles; smaller is closer."""
    mine, theirs = _pairs(place.name), _pairs(wanted.name)
    name = len(mine & theirs) / len(mine | theirs) if mine | theirs else 0.0
    sizes = (place.people_max, wanted.people_max)
    size = abs(math.log(sizes[0] / sizes[1])) if sizes[0] and sizes[1] else 1.0
    return (-round(name, 1), round(size), -len({*place.styles} & {*wanted.styles}), size)


def _pairs(name: str) -> set[str]:
    return {name[at : at + 2] for at in range(len(name) - 1)}


def worth_trying(found: Ways) -> list[PlaceFacts]:
    """The places another day could cure, in the order they were found."""
    places = [way.place for way in found.ways]
    places += [why.place for why in found.refused if why.code not in _FOR_GOOD]
    return list({place.id: place for place in places}.values())[:PLACES_TRIED]
