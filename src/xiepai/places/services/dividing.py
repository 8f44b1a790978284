"""Halls that divide: parts under a hall, and combinations of parts that are booked as one.

Booking the hall blocks its parts and the other way round; the database keeps it so. Bookings that already lie on the
hall follow to all its parts. Refused: a combination of places that are not parts of the same hall.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from xiepai.kernel import audit
from xiepai.parties.access import Actor
from xiepai.places import access
from xiepai.places.errors import bookings_of, has_bookings, refusals, tree_refused
from xiepai.places.fields import WRITABLE, state_of
from xiepai.places.models import CombinationPart, Place, PlaceKind
from xiepai.places.services.place import checked, fresh_code, lock_trees, parent_for, save

#: What a part does not take over from its hall.
_OWN = {"code", "kind", "name", "name_en", "aliases", "description", "area_m2", "people_max", "last_verified_on"}


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a hall; what is not said is as in the hall."""

    name: str
    code: str = ""
    area_m2: Decimal | None = None
    people_max: int | None = None


@dataclass(frozen=True, slots=True)
class Joined:
    """A combination: its name and the names of the parts it joins."""

    name: str
    parts: tuple[str, ...]
    code: str = ""
    people_max: int | None = None


@dataclass(frozen=True, slots=True)
class Divided:
    """What became of a hall."""

    hall: Place
    parts: tuple[Place, ...]
    combinations: tuple[Place, ...]


def split_place(*, actor: Actor, place_id: int, parts: Sequence[Part], combinations: Sequence[Joined] = ()) -> Divided:
    """Give a hall parts and combinations of these. They are bookable at once, at prices published for each.

    Raises ``PLACE_TREE`` (fewer than two parts, unknown or repeated names), ``INVALID``.
    """
    names = [part.name for part in parts]
    if len(parts) < 2 or len(set(names)) < len(names):
        raise tree_refused(_("分割至少要有两个名称不同的分区。"))
    with transaction.atomic():
        hall = parent_for(actor, place_id)
        rows = {part.name: _under(hall, PlaceKind.PART, actor, part) for part in parts}
        joined = tuple(_combination(actor, hall, one, rows) for one in combinations)
    hall.refresh_from_db()
    return Divided(hall, tuple(rows.values()), joined)


def combine_places(
    *, actor: Actor, place_id: int, name: str, part_ids: Collection[int], code: str = "", people_max: int | None = None
) -> Place:
    """A combination of parts a hall already has."""
    with transaction.atomic():
        hall = parent_for(actor, place_id)
        rows = {part.name: part for part in _parts_under(hall, part_ids)}
        return _combination(actor, hall, Joined(name, tuple(rows), code, people_max), rows)


def set_parts(*, actor: Actor, place_id: int, part_ids: Collection[int]) -> Place:
    """Change which parts a combination joins; refused while bookings of the combination lie ahead."""
    with transaction.atomic():
        lock_trees([place_id])
        combination = access.locked_place(actor, place_id)
        if combination.kind != PlaceKind.COMBINATION or combination.parent is None:
            raise tree_refused(_("只有场地里的组合才有分区。"))
        parts = _parts_under(combination.parent, part_ids)
        before = part_codes(combination)
        if sorted(part.code for part in parts) == before:
            return combination
        if bookings_of(combination.pk):
            raise has_bookings(combination)
        CombinationPart.objects.filter(combination=combination).delete()
        write_parts(combination, parts)
        after = {"parts": part_codes(combination)}
        owner = combination.owner_id
        audit.record(
            "places.parts.changed",
            combination,
            actor=actor,
            before={"parts": before},
            after=after,
            organisation_id=owner,
        )
    return combination


def part_codes(combination: Place) -> list[str]:
    """The codes of the parts a combination joins, in order."""
    return sorted(row.part.code for row in combination.parts.select_related("part"))


def write_parts(combination: Place, parts: Collection[Place]) -> None:
    """Write the rows that join *parts*."""
    with refusals(combination):
        CombinationPart.objects.bulk_create(CombinationPart(combination=combination, part=part) for part in parts)


def _combination(actor: Actor, hall: Place, joined: Joined, parts: dict[str, Place]) -> Place:
    chosen = [parts[name] for name in joined.parts if name in parts]
    if len(chosen) < 2 or len(chosen) < len(joined.parts) or len(set(joined.parts)) < len(joined.parts):
        raise tree_refused(_("组合至少要有两个不同的、已有的分区。"))
    return _under(hall, PlaceKind.COMBINATION, actor, joined, parts=chosen)


def _under(hall: Place, kind: PlaceKind, actor: Actor, wish: Part | Joined, *, parts: Collection[Place] = ()) -> Place:
    values: dict[str, Any] = {name: getattr(hall, name) for name in WRITABLE - _OWN}
    row = Place(owner_id=hall.owner_id, parent=hall, visibility=hall.visibility, **values)
    row.kind, row.name, row.people_max = kind, wish.name, wish.people_max
    row.area_m2 = wish.area_m2 if isinstance(wish, Part) else None
    row.code = wish.code
    checked(row, kept=state_of(hall))
    row.code = row.code or fresh_code()
    save(row)
    after = state_of(row)
    if parts:
        write_parts(row, parts)
        after["parts"] = sorted(part.code for part in parts)
    audit.record("places.place.created", row, actor=actor, after=after, organisation_id=row.owner_id)
    return row


def _parts_under(hall: Place, part_ids: Collection[int]) -> list[Place]:
    rows = list(Place.objects.filter(pk__in=part_ids, parent=hall).exclude(kind=PlaceKind.COMBINATION).order_by("code"))
    if len(rows) < 2 or len(rows) < len(set(part_ids)):
        raise tree_refused(_("组合至少要有两个不同的、已有的分区。"))
    return rows
