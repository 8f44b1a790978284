"""Places themselves: create, change, move, publish, verify, retire.

Every deed locks what it changes, asks who may, writes, and leaves an audit row with before and after. Tree changes
lock the whole tree, so that a booking being made at that moment either is seen by the new shape or waits for it.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection
from datetime import date
from typing import Any, Unpack

from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from xiepai.kernel import audit, clock
from xiepai.kernel.errors import not_found
from xiepai.parties.access import Actor
from xiepai.parties.models import Organisation
from xiepai.places import access
from xiepai.places.errors import bookings_of, has_bookings, invalid, refusals, tree_refused
from xiepai.places.fields import PlaceFields, assign, problems_of, refuse, state_of
from xiepai.places.models import CombinationPart, Place, PlaceKind, Visibility
from xiepai.places.search import document, sort_key
from xiepai.places.vocabulary import Words, read_words

#: All but what the database counts itself.
SAVED = tuple(field.name for field in Place._meta.concrete_fields if field.name not in {"id", "version", "created_at"})


def create_place(
    *,
    actor: Actor,
    owner_id: int,
    parent_id: int | None = None,
    visibility: str = Visibility.REVIEW,
    **fields: Unpack[PlaceFields],
) -> Place:
    """A new place of an organisation; only ``name``, ``town`` and ``categories`` are mandatory.

    Raises ``INVALID`` (with ``fields``), ``UNKNOWN_TERM``, ``PLACE_TREE``, ``PLACE_HAS_BOOKINGS``, ``NOT_FOUND``.
    """
    with transaction.atomic():
        _require_owner(actor, owner_id)
        if visibility == Visibility.PUBLIC:
            access.require_publisher(actor)
        parent = parent_for(actor, parent_id) if parent_id else None
        place = Place(owner_id=owner_id, parent=parent, visibility=visibility)
        assign(place, fields)
        checked(place)
        place.code = place.code or fresh_code()
        save(place)
        audit.record("places.place.created", place, actor=actor, after=state_of(place), organisation_id=owner_id)
    return place


def update_place(*, actor: Actor, place_id: int, owner_id: int | None = None, **fields: Unpack[PlaceFields]) -> Place:
    """Change fields of a place; writing what already stands there writes nothing.

    *owner_id* hands the place to another organisation (officers only).
    """
    with transaction.atomic():
        if "kind" in fields:
            lock_trees([place_id])
        place = access.locked_place(actor, place_id)
        before = state_of(place)
        assign(place, fields)
        if owner_id is not None and owner_id != place.owner_id:
            access.require_publisher(actor)
            _require_owner(actor, owner_id)
            place.owner_id = owner_id
        checked(place, kept=before)
        require_shape(place)
        changed(place, before, "places.place.updated", actor)
    return place


def move_place(*, actor: Actor, place_id: int, parent_id: int | None) -> Place:
    """Hang a place under another, or make it a root; bookings follow, and a clash refuses the move."""
    with transaction.atomic():
        lock_trees([place_id, parent_id] if parent_id else [place_id])
        place = access.locked_place(actor, place_id)
        before = state_of(place)
        place.parent = parent_for(actor, parent_id) if parent_id else None
        if place.kind == PlaceKind.COMBINATION and place.parent is None:
            raise tree_refused(_("组合必须留在它的场地下面。"))
        changed(place, before, "places.place.moved", actor)
    return place


def verify_place(*, actor: Actor, place_id: int, on: date | None = None) -> Place:
    """Somebody stood there and the record is right: the day is kept (today unless said)."""
    day = on or clock.today()
    if day > clock.today():
        raise invalid(_("核实日期不能晚于今天。"))
    with transaction.atomic():
        place = access.locked_place(actor, place_id)
        before = state_of(place)
        place.last_verified_on = day
        changed(place, before, "places.place.verified", actor)
    return place


def publish_place(*, actor: Actor, place_id: int) -> Place:
    """Show a place to everybody; the office does this, keepers submit."""
    return _set_visibility(actor, place_id, Visibility.PUBLIC, "places.place.published")


def unpublish_place(*, actor: Actor, place_id: int) -> Place:
    """Hide a place from everybody but its keepers and the office; existing bookings stay."""
    return _set_visibility(actor, place_id, Visibility.PRIVATE, "places.place.unpublished")


def submit_place(*, actor: Actor, place_id: int) -> Place:
    """Ask the office to look at a place and publish it."""
    return _set_visibility(actor, place_id, Visibility.REVIEW, "places.place.submitted")


def retire_place(*, actor: Actor, place_id: int) -> list[Place]:
    """Take a place out of use with all that stands under it; refused while bookings lie ahead.

    The record stays: bookings, prices and history point at it.
    """
    with transaction.atomic():
        lock_trees([place_id])
        place = access.locked_place(actor, place_id)
        if bookings_of(place.pk):
            raise has_bookings(place)
        retired = []
        for row in Place.objects.filter(pk__in=_with_everything_below(place.pk)).order_by("pk"):
            before = state_of(row)
            row.is_bookable, row.visibility = False, Visibility.PRIVATE
            changed(row, before, "places.place.retired", actor)
            retired.append(row)
    return retired


# What the other services of this room share.


def checked(place: Place, *, kept: dict[str, Any] | None = None, words: Words | None = None) -> None:
    """Tidy *place* and refuse what does not hold together."""
    refuse(problems_of(place, words or read_words(), kept=kept))


def save(place: Place) -> None:
    """Write the place with what it is found and sorted by; the database's refusals in our words."""
    place.search_text, place.sort_key = document(place), sort_key(place.name)
    fresh = place.pk is None
    with refusals(place):
        if fresh:
            place.save(force_insert=True)
        else:
            place.save(update_fields=SAVED)
    place.refresh_from_db(fields=["version"])


def changed(place: Place, before: dict[str, Any], event: str, actor: Actor) -> bool:
    """Save and audit *place* if it differs from *before*; whether it did."""
    after = state_of(place)
    if after == before:
        return False
    save(place)
    audit.record(event, place, actor=actor, before=before, after=after, organisation_id=place.owner_id)
    return True


def fresh_code() -> str:
    """A code nobody has: ``P`` and eight characters without 0/O and 1/I, easy to say on the phone."""
    signs = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
    while True:
        code = "P" + "".join(secrets.choice(signs) for _ in range(8))
        if not Place.objects.filter(code=code).exists():
            return code


def lock_trees(place_ids: Collection[int]) -> None:
    """Lock the trees these places stand in, in one order, against bookings and other tree changes."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT places_lock_trees(%s::bigint[])", [list(place_ids)])


def parent_for(actor: Actor, parent_id: int) -> Place:
    """The locked place a child may be hung under by *actor*."""
    lock_trees([parent_id])
    parent = access.locked_place(actor, parent_id)
    if parent.kind == PlaceKind.COMBINATION:
        raise tree_refused(_("组合下面不能再放场地。"))
    if parent.capacity > 1:
        raise tree_refused(_("按数量出借的资源下面不能再放场地。"))
    return parent


def require_shape(place: Place) -> None:
    """Refuse a kind or capacity that does not fit what stands under or over the place."""
    has_children = Place.objects.filter(parent=place).exists()
    if has_children and place.capacity > 1:
        raise tree_refused(_("下面还有场地，不能按数量出借。"))
    if place.kind == PlaceKind.COMBINATION and has_children:
        raise tree_refused(_("下面还有场地，不能改成组合。"))
    if place.kind != PlaceKind.COMBINATION and CombinationPart.objects.filter(combination=place).exists():
        raise tree_refused(_("组合还有分区，不能改成别的层级。"))


def _require_owner(actor: Actor, owner_id: int) -> None:
    access.require_keeper(actor, owner_id)
    if not Organisation.objects.filter(pk=owner_id, is_active=True).exists():
        raise not_found()


def _set_visibility(actor: Actor, place_id: int, visibility: Visibility, event: str) -> Place:
    with transaction.atomic():
        place = access.locked_place(actor, place_id)
        if visibility == Visibility.PUBLIC:
            access.require_publisher(actor)
        before = state_of(place)
        place.visibility = visibility
        changed(place, before, event, actor)
    return place


def _with_everything_below(place_id: int) -> list[int]:
    """The place, all under it, and the combinations that use any of these."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH RECURSIVE down AS (
              SELECT %s::bigint AS id
              UNION SELECT p.id FROM places_place p JOIN down ON p.parent_id = down.id
            ) SELECT id FROM down UNION
            SELECT combination_id FROM places_combinationpart WHERE part_id IN (SELECT id FROM down)
            """,
            [place_id],
        )
        return [row[0] for row in cursor.fetchall()]
