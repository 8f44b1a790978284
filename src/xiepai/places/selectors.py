"""What an actor may read of places: one, many, the tree, pictures, and the office's word lists.

Refused: fields and contact details locked until a hold, unless the caller says there is one (``has_hold``: bookings
stand a floor above and are not asked here) or the actor keeps the place or works for the office.
"""

from __future__ import annotations

from collections.abc import Iterable
from copy import copy
from dataclasses import dataclass
from datetime import date

from django.db.models import QuerySet, prefetch_related_objects

from xiepai.kernel import clock
from xiepai.kernel.errors import not_found
from xiepai.parties.access import Actor
from xiepai.places import access, geo
from xiepai.places.access import LOCKABLE_OF_CONTACT
from xiepai.places.models import Blocking, Contact, Photo, Place, PlaceKind, Tariff, Vocabulary
from xiepai.places.services.calendar import days_of, rules_of
from xiepai.places.vocabulary import Word, read_words
from xiepai.worktime.opening import WeeklyRule

_EMPTY = {"address": "", "directions": "", "description": "", "restriction_note": "", "position": None}


@dataclass(frozen=True, slots=True)
class ContactCard:
    """A contact as the reader may see it: a field named in ``hidden`` is empty."""

    id: int
    name: str
    duty: str
    phone: str
    wechat: str
    email: str
    hidden: frozenset[str]


@dataclass(frozen=True, slots=True)
class PlaceDetail:
    """One place with all a page of it shows. ``place`` carries nothing hidden and is never saved."""

    place: Place
    hidden: frozenset[str]
    may_write: bool
    contacts: tuple[ContactCard, ...]
    photos: tuple[Photo, ...]
    tariff: Tariff | None
    announced: tuple[Tariff, ...]
    opening_rules: tuple[WeeklyRule, ...]
    hours_of: Place | None
    closed_days: dict[date, str]
    blockings: tuple[Blocking, ...]
    ancestors: tuple[Place, ...]
    children: tuple[Place, ...]
    parts: tuple[Place, ...]
    combinations: tuple[Place, ...]

    @property
    def position_gcj02(self) -> tuple[float, float] | None:
        """Where a Chinese map draws the place, if that may be seen."""
        if self.place.latitude is None or self.place.longitude is None:
            return None
        return geo.to_gcj02(self.place.latitude, self.place.longitude)


def visible_places(actor: Actor) -> QuerySet[Place]:
    """The places an actor may know of: public ones, the own organisation's for keepers, all for the office."""
    return Place.objects.filter(access.visible_to(actor))


def get_place(actor: Actor, place_id: int) -> Place:
    """A place with every field, for who may write it or needs its rules; pages use :func:`detail`."""
    place = visible_places(actor).select_related("owner").filter(pk=place_id).first()
    if place is None:
        raise not_found()
    return place


def detail(actor: Actor, place_id: int, *, has_hold: bool = False) -> PlaceDetail:
    """A place as its page shows it to *actor*; *has_hold*: the actor's organisation holds or has booked it."""
    place = get_place(actor, place_id)
    opens = has_hold or sees_locked(actor, place)
    hidden = frozenset() if opens else frozenset(place.locked_fields)
    line = _ancestors(place)
    prefetch_related_objects([place, *line], "opening_rules", "closed_days")
    hours_of, rules = _hours(place, line)
    today = clock.today()
    tariffs = [t for t in place.tariffs.prefetch_related("extras") if t.valid_to is None or t.valid_to > today]
    children = visible_places(actor).filter(parent=place).order_by("sort_key", "id")
    return PlaceDetail(
        place=shown(place, hidden),
        hidden=hidden,
        may_write=access.keeps(actor, place.owner_id),
        contacts=tuple(_card(contact, opens) for contact in place.contacts.order_by("id")),
        photos=tuple(place.photos.all()),
        tariff=next((t for t in tariffs if t.valid_from <= today), None),
        announced=tuple(sorted((t for t in tariffs if t.valid_from > today), key=lambda t: t.valid_from)),
        opening_rules=rules,
        hours_of=hours_of,
        closed_days={day: why for owner in [place, *line] for day, why in days_of(owner).items() if day >= today},
        blockings=tuple(blockings_ahead([place, *line])),
        ancestors=tuple(shown(row, _hidden_from(actor, row)) for row in reversed(line) if _sees(actor, row)),
        children=tuple(children.exclude(kind=PlaceKind.COMBINATION)),
        parts=tuple(visible_places(actor).filter(pk__in=place.parts.values("part")).order_by("sort_key", "id")),
        combinations=tuple(children.filter(kind=PlaceKind.COMBINATION)),
    )


def sees_locked(actor: Actor, place: Place) -> bool:
    """Whether nothing of the place is locked for *actor*."""
    return actor.is_office or access.keeps(actor, place.owner_id)


def shown(place: Place, hidden: Iterable[str]) -> Place:
    """A copy of *place* without what is hidden."""
    view = copy(place)
    for name in hidden:
        for attribute in ("latitude", "longitude") if name == "position" else (name,):
            setattr(view, attribute, _EMPTY[name])
    return view


def ancestors(actor: Actor, place_id: int) -> list[Place]:
    """The places above, from the root down, as far as *actor* may know of them."""
    return [row for row in reversed(_ancestors(get_place(actor, place_id))) if _sees(actor, row)]


def children(actor: Actor, place_id: int | None) -> QuerySet[Place]:
    """The places directly under one (or the roots), in pinyin order."""
    if place_id is not None:
        get_place(actor, place_id)
    return visible_places(actor).filter(parent=place_id).order_by("sort_key", "id")


def tree(actor: Actor, place_id: int) -> list[tuple[int, Place]]:
    """The place and all under it that *actor* may know of, as (depth, place), each level in pinyin order."""
    top = get_place(actor, place_id)
    found: list[tuple[int, Place]] = []

    def walk(row: Place, depth: int, below: dict[int, list[Place]]) -> None:
        found.append((depth, row))
        for child in below.get(row.pk, []):
            walk(child, depth + 1, below)

    below: dict[int, list[Place]] = {}
    level = [top.pk]
    while level:
        rows = list(visible_places(actor).filter(parent__in=level).order_by("sort_key", "id"))
        for row in rows:
            below.setdefault(row.parent_id or 0, []).append(row)
        level = [row.pk for row in rows]
    walk(top, 0, below)
    return found


def places_kept_by(actor: Actor) -> QuerySet[Place]:
    """The places *actor* may write, in pinyin order."""
    return access.writable_places(actor).order_by("sort_key", "id")


def review_queue(actor: Actor) -> QuerySet[Place]:
    """Places that wait for the office to look at them, oldest first; nothing for anybody else."""
    waiting = Place.objects.filter(visibility="review").select_related("owner").order_by("updated_at", "id")
    return waiting if actor.is_officer else waiting.filter(owner__in=actor.organisations("keeper"))


def blockings_ahead(places: Iterable[Place]) -> QuerySet[Blocking]:
    """Blockings of these places that are in force and not over."""
    return (
        Blocking.objects.filter(place__in=list(places), lifted_at__isnull=True, period__endswith__gt=clock.now())
        .select_related("place")
        .order_by("period")
    )


def get_photo(actor: Actor, photo_id: int) -> Photo:
    """A picture of a place *actor* may know of: what the view that serves the file asks."""
    photo = Photo.objects.select_related("place").filter(pk=photo_id).first()
    if photo is None or not _sees(actor, photo.place):
        raise not_found()
    return photo


def vocabulary(name: str, *, include_retired: bool = False) -> tuple[Word, ...]:
    """The words of a vocabulary in the office's order."""
    if name not in Vocabulary.values:
        raise not_found()
    return tuple(word for word in read_words()[name].words if word.is_active or include_retired)


def labels(name: str, language: str = "zh-hans") -> dict[str, str]:
    """Code → label of a vocabulary, retired words included (places may still have them)."""
    return {word.code: word.label(language) for word in vocabulary(name, include_retired=True)}


def vocabularies(language: str = "zh-hans") -> dict[str, dict[str, str]]:
    """Every vocabulary as code → label: one query."""
    return {name: {word.code: word.label(language) for word in known.words} for name, known in read_words().items()}


def _sees(actor: Actor, place: Place) -> bool:
    return actor.is_office or place.visibility == "public" or access.keeps(actor, place.owner_id)


def _hidden_from(actor: Actor, place: Place) -> frozenset[str]:
    return frozenset() if sees_locked(actor, place) else frozenset(place.locked_fields)


def _ancestors(place: Place) -> list[Place]:
    """From the parent up; the database allows no cycle."""
    line: list[Place] = []
    at = place.parent
    while at is not None:
        line.append(at)
        at = at.parent
    return line


def _hours(place: Place, line: list[Place]) -> tuple[Place | None, tuple[WeeklyRule, ...]]:
    """Whose weekly hours hold: the place's own or the nearest ancestor's; nobody's means round the clock."""
    for owner in [place, *line]:
        rules = rules_of(owner)
        if rules:
            return owner, rules
    return None, ()


def _card(contact: Contact, opens: bool) -> ContactCard:
    hidden = frozenset() if opens else frozenset(contact.locked_fields)
    values = {name: "" if name in hidden else getattr(contact, name) for name in LOCKABLE_OF_CONTACT}
    return ContactCard(id=contact.pk, hidden=hidden, **values)
