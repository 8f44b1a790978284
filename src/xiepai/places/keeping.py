"""What a keeper's own page reads: the places kept, as a tree or sorted, and what each of them lacks.

Refused: places somebody else keeps (they are *not found*). The office keeps all of them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from xiepai.kernel import clock
from xiepai.kernel.errors import not_found
from xiepai.parties.access import Actor
from xiepai.places import access
from xiepai.places.models import Photo, Place, Tariff, Visibility

#: A record nobody looked at for so long is asked about again; no source states a number, it is this product's guess.
VERIFY_AFTER_DAYS = 180
#: Beyond so many places the list is not drawn as a tree.
MOST_IN_TREE = 5000
LACKS = ("photo", "tariff", "verified")
SORTS = {
    "name": "sort_key",
    "code": "code",
    "town": "town",
    "owner": "owner__name",
    "verified": "last_verified_on",
    "updated": "updated_at",
}


@dataclass(frozen=True, slots=True)
class Needs:
    """How many of the kept places lack what, wait for the office, or are hidden."""

    places: int
    photo: int
    tariff: int
    verified: int
    review: int


def kept_place(actor: Actor, place_id: int) -> Place:
    """A place *actor* may write, with every field."""
    rows = access.writable_places(actor).select_related("owner", "parent")
    place = rows.filter(pk=place_id).first()
    if place is None:
        raise not_found()
    return place


def kept_places(
    actor: Actor, *, words: str = "", owner_id: int | None = None, visibility: str = "", lack: str = ""
) -> QuerySet[Place]:
    """The places kept, narrowed; each row says whether it has a picture, a tariff, and was verified of late."""
    rows = _with_lacks(access.writable_places(actor)).select_related("owner", "parent")
    text = words.strip()
    if text:
        rows = rows.filter(
            Q(name__icontains=text) | Q(name_en__icontains=text) | Q(code__iexact=text) | Q(aliases__icontains=text)
        )
    if owner_id is not None:
        rows = rows.filter(owner=owner_id)
    if visibility in Visibility.values:
        rows = rows.filter(visibility=visibility)
    if lack in LACKS:
        rows = rows.filter(**{f"has_{lack}": False}, is_bookable=True)
    return rows


def needs_of(actor: Actor) -> Needs:
    """What lacks, in one query. Places that are not lent lack nothing."""
    rows = _with_lacks(access.writable_places(actor))
    lent = Q(is_bookable=True)
    counts = rows.aggregate(
        places=Count("pk"),
        photo=Count("pk", filter=lent & Q(has_photo=False)),
        tariff=Count("pk", filter=lent & Q(has_tariff=False)),
        verified=Count("pk", filter=lent & Q(has_verified=False)),
        review=Count("pk", filter=Q(visibility=Visibility.REVIEW)),
    )
    return Needs(**counts)


def in_tree_order(rows: QuerySet[Place]) -> list[tuple[int, int]] | None:
    """The rows as (id, depth), children after their parent in pinyin order; None when they are too many.

    A row whose parent is not among the rows stands as a root.
    """
    found = list(rows.order_by("sort_key", "id").values_list("pk", "parent_id")[: MOST_IN_TREE + 1])
    if len(found) > MOST_IN_TREE:
        return None
    there = {pk for pk, _parent in found}
    below: dict[int | None, list[int]] = {}
    for pk, parent in found:
        below.setdefault(parent if parent in there else None, []).append(pk)
    ordered: list[tuple[int, int]] = []
    waiting = [(pk, 0) for pk in reversed(below.get(None, []))]
    while waiting:
        pk, depth = waiting.pop()
        ordered.append((pk, depth))
        waiting += [(child, depth + 1) for child in reversed(below.get(pk, []))]
    return ordered


def rows_by_id(rows: QuerySet[Place], wanted: Iterable[int]) -> list[Place]:
    """Those rows, in that order."""
    ids = list(wanted)
    by_id = {place.pk: place for place in rows.filter(pk__in=ids)}
    return [by_id[pk] for pk in ids if pk in by_id]


def possible_parents(actor: Actor, place: Place | None = None) -> QuerySet[Place]:
    """Places something could be hung under; the tree itself refuses what would stand under itself."""
    rows = access.writable_places(actor).filter(capacity=1).exclude(kind="combination").order_by("sort_key", "id")
    return rows.exclude(pk=place.pk) if place is not None else rows


def _with_lacks(rows: QuerySet[Place]) -> QuerySet[Place]:
    today = clock.today()
    in_force = Q(valid_to__isnull=True) | Q(valid_to__gt=today)
    annotations: dict[str, Any] = {
        "has_photo": Exists(Photo.objects.filter(place=OuterRef("pk"))),
        "has_tariff": Exists(Tariff.objects.filter(in_force, place=OuterRef("pk"))),
        "has_verified": Exists(
            Place.objects.filter(pk=OuterRef("pk"), last_verified_on__gt=today - timedelta(days=VERIFY_AFTER_DAYS))
        ),
    }
    return rows.annotate(**annotations)
