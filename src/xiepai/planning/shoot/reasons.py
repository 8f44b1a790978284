"""The parts a conflict is made of: what cannot hold together with the rest."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Kind(StrEnum):
    """What a reason is about."""

    LOCK = "lock"
    PERSON = "person"
    PLACE = "place"
    LIGHT = "light"
    UNIT_DAYS = "unit_days"
    UNIT_HOURS = "unit_hours"
    PERSON_LIMIT = "person_limit"
    WISH = "wish"
    MOVES = "moves"


@dataclass(frozen=True, slots=True, order=True)
class Reason:
    """One part of a conflict: the kind, whom or what it is about, and the scenes it touches.

    Of a wish about days also its dates, and the set its scenes have in common.
    """

    kind: Kind
    subject: str
    scenes: tuple[str, ...] = ()
    dates: tuple[date, ...] = ()
    about: str = ""
