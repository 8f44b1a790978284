"""Reading what surrounds a use: handovers with pictures, claims, moments, settlements. Never writes."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Q, QuerySet

from xiepai.bookings.access import visible_bookings
from xiepai.bookings.models import (
    Booking,
    ClaimState,
    DamageClaim,
    ExtraUse,
    Handover,
    HandoverPhoto,
    Settlement,
)
from xiepai.kernel.errors import not_found
from xiepai.kernel.models import AuditEntry
from xiepai.parties.access import Actor

#: Claims somebody still has to answer or decide.
OPEN_CLAIMS = (ClaimState.CLAIMED, ClaimState.DISPUTED)


def moments_of(booking: Booking) -> dict[str, datetime]:
    """When the booking came into each state it has been in (the last time, where it was twice)."""
    rows = AuditEntry.objects.filter(object_type="bookings.booking", object_id=booking.pk).order_by("id")
    found: dict[str, datetime] = {}
    for at, after in rows.values_list("at", "after"):
        if after and "state" in after:
            found[after["state"]] = at
    return found


def entries_around(booking_id: int) -> QuerySet[AuditEntry]:
    """The audit rows of a booking and of its handovers, extras, claims and settlement, newest first."""
    which = Q(object_type="bookings.booking", object_id=booking_id)
    for model in (Handover, ExtraUse, DamageClaim, Settlement):
        ids = model._default_manager.filter(booking_id=booking_id).values("pk")
        which |= Q(object_type=model._meta.label_lower, object_id__in=ids)
    return AuditEntry.objects.filter(which).order_by("-id")


def handovers_of(booking: Booking) -> list[Handover]:
    """Both handovers, each with who wrote and signed it and its pictures."""
    rows = booking.handovers.select_related("by", "signed_by").prefetch_related("photos")
    return list(rows)


def claims_of(booking: Booking) -> list[DamageClaim]:
    """The damage claims of a booking with their pictures."""
    rows = booking.claims.select_related("claimed_by", "answered_by", "decided_by").prefetch_related("photos")
    return list(rows)


def get_picture(actor: Actor, photo_id: int) -> HandoverPhoto:
    """A picture of a handover or claim of a booking the actor may know of, else not found."""
    photo = HandoverPhoto.objects.filter(pk=photo_id, booking__in=visible_bookings(actor)).first()
    if photo is None:
        raise not_found()
    return photo


def settlements_of(actor: Actor) -> QuerySet[Settlement]:
    """The closed accounts an actor may see, with what a list shows."""
    rows = Settlement.objects.filter(booking__in=visible_bookings(actor))
    return rows.select_related("booking__place__owner", "booking__organisation", "settled_by")


def claims_waiting(actor: Actor) -> QuerySet[DamageClaim]:
    """Claims nobody has decided yet, disputed ones first, the oldest first."""
    rows = DamageClaim.objects.filter(state__in=OPEN_CLAIMS, booking__in=visible_bookings(actor))
    return rows.select_related("booking__place", "booking__organisation").order_by("-state", "id")


def unsettled(actor: Actor) -> QuerySet[Booking]:
    """Places handed back whose account is not closed, the oldest first."""
    rows = visible_bookings(actor).filter(state="handed_back").select_related("place", "organisation")
    return rows.order_by("state_at", "id")
