"""What else each need could have: candidates side by side, each with its price, its reason, and whom it would move."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from xiepai.bookings.matching.board import Board
from xiepai.bookings.matching.unmet import meet
from xiepai.bookings.matching.ways import Way

#: places shown for one need
MOST_OFFERS = 4


@dataclass(frozen=True, slots=True)
class Offer:
    """One candidate; *displaces* are the lines whose chosen place it would take."""

    way: Way
    reasons: list[dict[str, Any]]
    displaces: tuple[int, ...]


def offers_for(
    line: int,
    ways: tuple[Way, ...],
    chosen: Mapping[int, Way],
    board: Board,
    reasons_of: Callable[[Way], list[dict[str, Any]]],
) -> list[Offer]:
    """The chosen way first, then one way a place, closest and cheapest first."""
    mine = chosen.get(line)
    first: dict[int, Way] = {mine.place.id: mine} if mine else {}
    for way in ways:
        if len(first) == MOST_OFFERS:
            break
        first.setdefault(way.place.id, way)
    others = {number: way for number, way in chosen.items() if number != line}
    offers = []
    for way in first.values():
        moved = () if way is mine else tuple(sorted(n for n, held in others.items() if meet([way], held, board)))
        offers.append(Offer(way, reasons_of(way), moved))
    return offers
