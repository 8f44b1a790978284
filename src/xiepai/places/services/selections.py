"""Selections of places: made, named, filled, put in order, noted on, shared by a secret address and closed again.

Refused: another person's selection (*not found*), a place the actor may not know of (*not found*), more places than
anybody compares or more selections than anybody keeps (``INVALID``).
"""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from xiepai.kernel import audit, clock
from xiepai.kernel.errors import ErrorCode, XiepaiError, not_found
from xiepai.parties.access import Actor
from xiepai.places import access
from xiepai.places.errors import invalid
from xiepai.places.fields import tidy_text
from xiepai.places.models import Place
from xiepai.places.models_selections import Selection, SelectionItem

MOST_SELECTIONS = 100
MOST_PLACES = 200
LONGEST_NAME, LONGEST_NOTE = 80, 300


def create_selection(*, actor: Actor, name: str, note: str = "") -> Selection:
    """A new, empty selection of the actor's."""
    if actor.person_id is None:
        raise XiepaiError(ErrorCode.SIGN_IN_NEEDED)
    words = _name(name), _note(note)
    with transaction.atomic():
        if Selection.objects.filter(person_id=actor.person_id).count() >= MOST_SELECTIONS:
            raise invalid(_("每人最多 {most} 份选景单。"), most=MOST_SELECTIONS)
        selection = Selection(person_id=actor.person_id, name=words[0], note=words[1], changed_at=clock.now())
        selection.save(force_insert=True)
        audit.record("places.selection.created", selection, actor=actor)
    return selection


def rename_selection(*, actor: Actor, selection_id: int, name: str, note: str = "") -> Selection:
    """Give a selection another name and description."""
    words = _name(name), _note(note)
    with transaction.atomic():
        selection = _locked(actor, selection_id)
        if (selection.name, selection.note) != words:
            before = audit.snapshot(selection)
            selection.name, selection.note = words
            _changed(selection, "places.selection.renamed", actor, before)
    return selection


def delete_selection(*, actor: Actor, selection_id: int) -> None:
    """Delete a selection; its address is closed with it."""
    with transaction.atomic():
        selection = _locked(actor, selection_id)
        before = audit.snapshot(selection) | {"places": _places(selection)}
        audit.record("places.selection.deleted", selection, actor=actor, before=before, after={})
        selection.delete()


def add_to_selection(*, actor: Actor, selection_id: int, place_id: int, note: str = "") -> SelectionItem:
    """Add a place at the end; one that is there already stays as it is."""
    words = _note(note)
    if not Place.objects.filter(access.visible_to(actor), pk=place_id).exists():
        raise not_found()
    with transaction.atomic():
        selection = _locked(actor, selection_id)
        known = SelectionItem.objects.filter(selection=selection, place_id=place_id).first()
        if known is not None:
            return known
        items = SelectionItem.objects.filter(selection=selection)
        if items.count() >= MOST_PLACES:
            raise invalid(_("一份选景单最多 {most} 处场地。"), most=MOST_PLACES)
        last = items.aggregate(last=Max("position"))["last"] or 0
        item = SelectionItem.objects.create(selection=selection, place_id=place_id, note=words, position=last + 1)
        _changed(selection, "places.selection.place_added", actor, {}, {"place": place_id})
    return item


def remove_from_selection(*, actor: Actor, selection_id: int, place_id: int) -> None:
    """Take a place out of a selection."""
    with transaction.atomic():
        selection, item = _locked_item(actor, selection_id, place_id)
        item.delete()
        before = {"place": place_id, "note": item.note}
        _changed(selection, "places.selection.place_removed", actor, before, {})


def note_place(*, actor: Actor, selection_id: int, place_id: int, note: str) -> SelectionItem:
    """Write down what one thinks of a place here; whom the selection is shared with reads it, too."""
    words = _note(note)
    with transaction.atomic():
        selection, item = _locked_item(actor, selection_id, place_id)
        if item.note != words:
            before = {"place": place_id, "note": item.note}
            item.note = words
            item.save(update_fields=["note"])
            after = {"place": place_id, "note": words}
            _changed(selection, "places.selection.noted", actor, before, after)
    return item


def move_in_selection(*, actor: Actor, selection_id: int, place_id: int, steps: int) -> list[int]:
    """Move a place so many steps (negative: towards the front); the places in their new order."""
    with transaction.atomic():
        selection, _item = _locked_item(actor, selection_id, place_id)
        before = _places(selection)
        order = [number for number in before if number != place_id]
        order.insert(max(0, min(len(order), before.index(place_id) + steps)), place_id)
        if order != before:
            items = {item.place_id: item for item in SelectionItem.objects.filter(selection=selection)}
            for position, number in enumerate(order, 1):
                items[number].position = position
            SelectionItem.objects.bulk_update(items.values(), ["position"])
            _changed(selection, "places.selection.reordered", actor, {"places": before}, {"places": order})
    return order


def share_selection(*, actor: Actor, selection_id: int) -> Selection:
    """Open a fresh secret address; one that is open stays."""
    with transaction.atomic():
        selection = _locked(actor, selection_id)
        if not selection.is_shared:
            before = audit.snapshot(selection)
            selection.is_shared, selection.share_round = True, selection.share_round + 1
            _changed(selection, "places.selection.shared", actor, before)
    return selection


def stop_sharing(*, actor: Actor, selection_id: int) -> Selection:
    """Close the address for good; sharing again makes another one."""
    with transaction.atomic():
        selection = _locked(actor, selection_id)
        if selection.is_shared:
            before = audit.snapshot(selection)
            selection.is_shared = False
            _changed(selection, "places.selection.unshared", actor, before)
    return selection


def _locked(actor: Actor, selection_id: int) -> Selection:
    own = Selection.objects.select_for_update(of=("self",)).filter(person_id=actor.person_id or 0)
    selection = own.filter(pk=selection_id).first()
    if selection is None:
        raise not_found()
    return selection


def _locked_item(actor: Actor, selection_id: int, place_id: int) -> tuple[Selection, SelectionItem]:
    selection = _locked(actor, selection_id)
    item = SelectionItem.objects.filter(selection=selection, place_id=place_id).first()
    if item is None:
        raise not_found()
    return selection, item


def _places(selection: Selection) -> list[int]:
    items = SelectionItem.objects.filter(selection=selection).order_by("position", "id")
    return list(items.values_list("place_id", flat=True))


def _changed(
    selection: Selection, event: str, actor: Actor, before: dict[str, Any], after: dict[str, Any] | None = None
) -> None:
    selection.changed_at = clock.now()
    selection.save()
    audit.record(event, selection, actor=actor, before=before, after=after)


def _name(text: str) -> str:
    words = tidy_text(text)
    if not words or len(words) > LONGEST_NAME:
        raise invalid(_("选景单的名称要有 1 到 {longest} 个字。"), longest=LONGEST_NAME)
    return words


def _note(text: str) -> str:
    words = tidy_text(text)
    if len(words) > LONGEST_NOTE:
        raise invalid(_("备注最多 {longest} 个字。"), longest=LONGEST_NOTE)
    return words
