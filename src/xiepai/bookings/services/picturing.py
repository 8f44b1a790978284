"""Pictures of handovers and claims: read before the transaction, kept in it, their files gone when it fails.

What may be stored is decided in ``places.media``: a picture is drawn anew, so its EXIF with place and time is not kept.
A picture handed in twice for the same handover or claim is kept once. Refused: more than ``MOST`` at once.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence

from django.core.files.base import ContentFile
from django.utils.translation import gettext as _

from xiepai.bookings.access import visible_bookings
from xiepai.bookings.models import Booking, DamageClaim, Handover, HandoverPhoto
from xiepai.kernel import audit
from xiepai.kernel.errors import ErrorCode, XiepaiError, not_found
from xiepai.parties.access import Actor
from xiepai.parties.models import CREW_ROLES, Role
from xiepai.places.media import Picture, read_picture

#: pictures in one form, and in all for one handover or claim
MOST, MOST_IN_ALL = 12, 60


def require_hand_in(actor: Actor, booking_id: int) -> None:
    """Before the work of decoding: refuse who may not know of the booking, or only read it."""
    row = visible_bookings(actor).select_related("place").filter(pk=booking_id).first()
    if row is None:
        raise not_found()
    is_crew = actor.holds(*CREW_ROLES, organisation_id=row.organisation_id)
    if not (actor.is_officer or is_crew or actor.holds(Role.KEEPER, organisation_id=row.place.owner_id)):
        raise XiepaiError(ErrorCode.FORBIDDEN, needed=str(Role.KEEPER.label))


def read_pictures(photos: Sequence[bytes]) -> list[Picture]:
    """Check and redraw every upload; FILE_SIZE, FILE_TYPE or FILE_UNREADABLE for the first that is none."""
    if len(photos) > MOST:
        raise XiepaiError(ErrorCode.INVALID, detail=_("一次最多 %(most)d 张照片。") % {"most": MOST})
    return [read_picture(data) for data in photos]


def keep_pictures(
    actor: Actor,
    booking: Booking,
    pictures: Sequence[Picture],
    *,
    handover: Handover | None = None,
    claim: DamageClaim | None = None,
) -> list[HandoverPhoto]:
    """Store pictures with a handover or a claim, within the caller's transaction; returns those that are new."""
    present = HandoverPhoto.objects.filter(booking=booking, handover=handover, claim=claim)
    known = set(present.values_list("sha256", flat=True))
    fresh = {picture.sha256: picture for picture in pictures if picture.sha256 not in known}
    if len(known) + len(fresh) > MOST_IN_ALL:
        raise XiepaiError(ErrorCode.INVALID, detail=_("最多共 %(most)d 张照片。") % {"most": MOST_IN_ALL})
    return [_keep(actor, HandoverPhoto(booking=booking, handover=handover, claim=claim), p) for p in fresh.values()]


def _keep(actor: Actor, photo: HandoverPhoto, picture: Picture) -> HandoverPhoto:
    name = secrets.token_hex(16)
    photo.sha256 = picture.sha256
    try:
        photo.image.save(f"{name}.jpg", ContentFile(picture.image), save=False)
        photo.thumbnail.save(f"{name}_s.jpg", ContentFile(picture.thumbnail), save=False)
        photo.save(force_insert=True)
        organisation_id = photo.booking.organisation_id
        audit.record("bookings.photo.added", photo, actor=actor, organisation_id=organisation_id)
    except BaseException:
        for file in (photo.image, photo.thumbnail):
            if file.name:
                file.storage.delete(file.name)
        raise
    return photo
