"""Pictures of a place: add, describe, order, remove. What may be stored is decided in ``places.media``.

Files have random names, so that nobody guesses one place's pictures from another's; a picture uploaded twice to a
place is kept once.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from typing import Any

from django.core.files.base import ContentFile
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from xiepai.kernel import audit
from xiepai.kernel.errors import not_found
from xiepai.parties.access import Actor
from xiepai.places import access
from xiepai.places.errors import invalid
from xiepai.places.fields import tidy_text
from xiepai.places.media import Picture, read_picture
from xiepai.places.models import Photo, Place

LONGEST_CAPTION = 120


def add_photo(*, actor: Actor, place_id: int, data: bytes, caption: str = "") -> Photo:
    """Add a picture at the end; the same file again gives the picture that is there.

    Raises ``FILE_SIZE``, ``FILE_TYPE``, ``FILE_UNREADABLE``.
    """
    words = _caption(caption)
    access.require_keeper(actor, _owner_of(place_id))  # before the work of decoding
    picture = read_picture(data)
    with transaction.atomic():
        place = access.locked_place(actor, place_id)
        known = Photo.objects.filter(place=place, sha256=picture.sha256).first()
        if known is not None:
            return known
        last = Photo.objects.filter(place=place).order_by("-position").first()
        position = last.position + 1 if last else 1
        photo = Photo(
            place=place,
            width=picture.width,
            height=picture.height,
            sha256=picture.sha256,
            caption=words,
            position=position,
        )
        _store(photo, picture, place, actor)
    return photo


def caption_photo(*, actor: Actor, photo_id: int, caption: str) -> Photo:
    """Say what a picture shows (also its text for who cannot see it)."""
    words = _caption(caption)
    with transaction.atomic():
        photo = _locked(actor, photo_id)
        if photo.caption != words:
            before = {"photo": audit.snapshot(photo)}
            photo.caption = words
            photo.save(update_fields=["caption"])
            _record("places.photo.captioned", photo.place, actor, before, {"photo": audit.snapshot(photo)})
    return photo


def reorder_photos(*, actor: Actor, place_id: int, photo_ids: Sequence[int]) -> list[Photo]:
    """Put the pictures in this order; it must name each of them once."""
    with transaction.atomic():
        place = access.locked_place(actor, place_id)
        photos = {photo.pk: photo for photo in Photo.objects.filter(place=place)}
        if sorted(photo_ids) != sorted(photos):
            raise invalid(_("次序里每张照片要恰好出现一次。"))
        before = sorted(photos, key=lambda pk: (photos[pk].position, pk))
        ordered = [photos[pk] for pk in photo_ids]
        if before != list(photo_ids):
            for position, photo in enumerate(ordered, 1):
                photo.position = position
            Photo.objects.bulk_update(ordered, ["position"])
            _record("places.photos.reordered", place, actor, {"photos": before}, {"photos": list(photo_ids)})
    return ordered


def remove_photo(*, actor: Actor, photo_id: int) -> None:
    """Take a picture off a place; its files go once the removal is sure."""
    with transaction.atomic():
        photo = _locked(actor, photo_id)
        before = {"photo": audit.snapshot(photo)}
        place = photo.place
        photo.delete()
        transaction.on_commit(lambda: _delete_files(photo))
        _record("places.photo.removed", place, actor, before, {})


def _store(photo: Photo, picture: Picture, place: Place, actor: Actor) -> None:
    try:
        store_files(photo, picture)
        photo.save(force_insert=True)
        _record("places.photo.added", place, actor, None, {"photo": audit.snapshot(photo)})
    except BaseException:
        _delete_files(photo)
        raise


def store_files(photo: Photo, picture: Picture) -> None:
    """Write a picture's two files under a name nobody guesses; the row is the caller's to save."""
    name = secrets.token_hex(16)
    photo.image.save(f"{name}.jpg", ContentFile(picture.image), save=False)
    photo.thumbnail.save(f"{name}_s.jpg", ContentFile(picture.thumbnail), save=False)


def _delete_files(photo: Photo) -> None:
    for file in (photo.image, photo.thumbnail):
        if file.name:
            file.storage.delete(file.name)


def _owner_of(place_id: int) -> int:
    owner_id = Place.objects.filter(pk=place_id).values_list("owner_id", flat=True).first()
    if owner_id is None:
        raise not_found()
    return owner_id


def _locked(actor: Actor, photo_id: int) -> Photo:
    place_id = Photo.objects.filter(pk=photo_id).values_list("place_id", flat=True).first()
    if place_id is None:
        raise not_found()
    place = access.locked_place(actor, place_id)
    photo = Photo.objects.filter(pk=photo_id).first()
    if photo is None:
        raise not_found()
    photo.place = place
    return photo


def _caption(text: str) -> str:
    words = tidy_text(text)
    if len(words) > LONGEST_CAPTION:
        raise invalid(_("照片说明最多 {longest} 个字。"), longest=LONGEST_CAPTION)
    return words


def _record(event: str, place: Place, actor: Actor, before: dict[str, Any] | None, after: dict[str, Any]) -> None:
    audit.record(event, place, actor=actor, before=before, after=after, organisation_id=place.owner_id)
