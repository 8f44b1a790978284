"""What may be read of selections: one's own, and what a secret address opens.

Refused: another person's selection and a closed address, both *not found*; of the places, those the reader may not
know of are left out and only counted.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count, QuerySet
from django.utils.crypto import constant_time_compare, salted_hmac

from xiepai.kernel.errors import not_found
from xiepai.parties.access import Actor
from xiepai.places.models import Place
from xiepai.places.models_selections import Selection, SelectionItem
from xiepai.places.selectors import sees_locked, shown, visible_places

_SALT = "xiepai.places.selection"


@dataclass(frozen=True, slots=True)
class Selected:
    """One place of a selection as the reader may see it, and the note on it."""

    place: Place
    note: str
    thumbnail: str


@dataclass(frozen=True, slots=True)
class SelectionView:
    """A selection with its places in order; ``left_out`` are not for this reader's eyes."""

    selection: Selection
    items: tuple[Selected, ...]
    left_out: int


def my_selections(actor: Actor) -> QuerySet[Selection]:
    """The actor's selections, the latest first, with how many places each has."""
    own = Selection.objects.filter(person_id=actor.person_id or 0)
    return own.annotate(places=Count("items")).order_by("-changed_at", "-id")


def selections_with(actor: Actor, place_id: int) -> set[int]:
    """Which of the actor's selections have that place."""
    items = SelectionItem.objects.filter(selection__person_id=actor.person_id or 0, place_id=place_id)
    return set(items.values_list("selection_id", flat=True))


def my_selection(actor: Actor, selection_id: int) -> SelectionView:
    """One of the actor's selections."""
    selection = my_selections(actor).filter(pk=selection_id).first()
    if selection is None:
        raise not_found()
    return _view(actor, selection)


def shared_selection(actor: Actor, secret: str) -> SelectionView:
    """What a secret address opens, as *actor* (perhaps nobody) may see it."""
    number, _, token = secret.partition("-")
    selection = None
    if number.isdecimal() and number.isascii() and len(number) < 19:
        selection = Selection.objects.filter(pk=int(number), is_shared=True, person__is_active=True).first()
    if selection is None or not constant_time_compare(token, _token(selection)):
        raise not_found()
    return _view(actor, selection)


def share_secret(selection: Selection) -> str:
    """The last part of the address a shared selection is seen at: computed from its round, stored nowhere."""
    return f"{selection.pk}-{_token(selection)}"


def _token(selection: Selection) -> str:
    return salted_hmac(_SALT, f"{selection.pk}/{selection.share_round}", algorithm="sha256").hexdigest()[:40]


def _view(actor: Actor, selection: Selection) -> SelectionView:
    rows = list(SelectionItem.objects.filter(selection=selection).order_by("position", "id"))
    seen = visible_places(actor).filter(pk__in=[row.place_id for row in rows])
    places = {place.pk: place for place in seen.select_related("owner").prefetch_related("photos")}
    items = [_selected(actor, places[row.place_id], row.note) for row in rows if row.place_id in places]
    return SelectionView(selection, tuple(items), len(rows) - len(items))


def _selected(actor: Actor, place: Place, note: str) -> Selected:
    hidden = () if sees_locked(actor, place) else place.locked_fields
    photos = list(place.photos.all())
    return Selected(shown(place, hidden), note, str(photos[0].thumbnail.name) if photos else "")
