"""Several slots at once, all or nothing."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction

from xiepai.bookings.models import BookingState, Bundle
from xiepai.bookings.services.deciding import settle_confirmation
from xiepai.bookings.services.taking import SlotRequest, take_slots
from xiepai.kernel import audit
from xiepai.kernel.errors import ErrorCode, XiepaiError
from xiepai.parties.access import Actor, require_crew


def place_bundle(
    *, actor: Actor, organisation_id: int, title: str, items: Sequence[SlotRequest], confirm: bool = False
) -> Bundle:
    """Hold several slots, all or nothing; with *confirm* each is confirmed (or sent for approval) at once."""
    require_crew(actor, organisation_id)
    if not items:
        raise XiepaiError(ErrorCode.INVALID, detail="0")
    with transaction.atomic():
        bundle = Bundle.objects.create(
            organisation_id=organisation_id, title=title[:120], created_by_id=actor.person_id
        )
        audit.record("bookings.bundle.placed", bundle, actor=actor)
        bookings = take_slots(
            actor, organisation_id, list(items), state=BookingState.HELD, event="bookings.hold.placed", bundle=bundle
        )
        if confirm:
            for booking in bookings:
                settle_confirmation(actor, booking)
    return bundle
