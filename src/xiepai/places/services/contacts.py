"""Whom to call about a place, with a lock per field: what is locked stays hidden until a hold exists."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from xiepai.kernel import audit
from xiepai.kernel.errors import not_found
from xiepai.parties.access import Actor
from xiepai.places import access
from xiepai.places.access import LOCKABLE_OF_CONTACT, LOCKABLE_OF_PLACE
from xiepai.places.errors import invalid
from xiepai.places.fields import state_of, tidy_list, tidy_text
from xiepai.places.models import Contact, Place
from xiepai.places.services.place import changed

#: Without a word of the keeper nobody's number stands on a public page.
LOCKED_UNLESS_SAID = ("phone", "wechat", "email")
MOST_CONTACTS = 30


def add_contact(
    *,
    actor: Actor,
    place_id: int,
    name: str,
    duty: str = "",
    phone: str = "",
    wechat: str = "",
    email: str = "",
    locked_fields: Collection[str] = LOCKED_UNLESS_SAID,
) -> Contact:
    """A contact of a place; phone, WeChat and e-mail are locked unless said otherwise."""
    with transaction.atomic():
        place = access.locked_place(actor, place_id)
        if Contact.objects.filter(place=place).count() >= MOST_CONTACTS:
            raise invalid(_("一个场地最多 {most} 位联系人。"), most=MOST_CONTACTS)
        contact = Contact(place=place, name=name, duty=duty, phone=phone, wechat=wechat, email=email)
        contact.locked_fields = list(locked_fields)
        _check(contact)
        contact.save(force_insert=True)
        _record("places.contact.added", place, actor, None, {"contact": audit.snapshot(contact)})
    return contact


def update_contact(*, actor: Actor, contact_id: int, **fields: Any) -> Contact:
    """Change a contact's fields or locks (``name``, ``duty``, ``phone``, ``wechat``, ``email``, ``locked_fields``)."""
    unknown = fields.keys() - {*LOCKABLE_OF_CONTACT, "locked_fields"}
    if unknown:
        raise TypeError(f"not fields of a contact: {sorted(unknown)}")
    with transaction.atomic():
        contact = _locked(actor, contact_id)
        before = audit.snapshot(contact)
        for name, value in fields.items():
            setattr(contact, name, value)
        _check(contact)
        if audit.snapshot(contact) != before:
            contact.save()
            after = {"contact": audit.snapshot(contact)}
            _record("places.contact.updated", contact.place, actor, {"contact": before}, after)
    return contact


def remove_contact(*, actor: Actor, contact_id: int) -> None:
    """Take a contact off a place."""
    with transaction.atomic():
        contact = _locked(actor, contact_id)
        before = {"contact": audit.snapshot(contact)}
        contact.delete()
        _record("places.contact.removed", contact.place, actor, before, {})


def lock_fields(*, actor: Actor, place_id: int, locked_fields: Collection[str]) -> Place:
    """Choose which of the place's own fields stay hidden until a hold (see ``LOCKABLE_OF_PLACE``)."""
    unknown = set(locked_fields) - set(LOCKABLE_OF_PLACE)
    if unknown:
        raise invalid(_("“{name}”不能设为预留后可见。"), name="、".join(sorted(unknown)))
    with transaction.atomic():
        place = access.locked_place(actor, place_id)
        before = state_of(place)
        place.locked_fields = [name for name in LOCKABLE_OF_PLACE if name in set(locked_fields)]
        changed(place, before, "places.locks.changed", actor)
    return place


def _locked(actor: Actor, contact_id: int) -> Contact:
    place_id = Contact.objects.filter(pk=contact_id).values_list("place_id", flat=True).first()
    if place_id is None:
        raise not_found()
    place = access.locked_place(actor, place_id)
    contact = Contact.objects.filter(pk=contact_id).first()
    if contact is None:
        raise not_found()
    contact.place = place
    return contact


def _check(contact: Contact) -> None:
    for name in LOCKABLE_OF_CONTACT:
        setattr(contact, name, tidy_text(getattr(contact, name)))
    contact.locked_fields = tidy_list(contact.locked_fields)
    if not set(contact.locked_fields) <= set(LOCKABLE_OF_CONTACT):
        raise invalid(_("联系人没有这个可锁的字段。"))
    try:
        contact.clean_fields(exclude={"place"})
    except ValidationError as error:
        names = {field.name: field.verbose_name for field in Contact._meta.concrete_fields}
        detail = "；".join(f"{names.get(name, name)}：{' '.join(why)}" for name, why in error.message_dict.items())
        raise invalid(detail) from error


def _record(event: str, place: Place, actor: Actor, before: dict[str, Any] | None, after: dict[str, Any]) -> None:
    audit.record(event, place, actor=actor, before=before, after=after, organisation_id=place.owner_id)
