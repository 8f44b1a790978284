"""Who may see and move a booking: the crew that made it, the keeper of its place, the office."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from xiepai.bookings.models import Booking, NeedList, WaitingEntry
from xiepai.kernel.errors import ErrorCode, XiepaiError, not_found
from xiepai.parties.access import Actor
from xiepai.parties.models import CREW_ROLES, Role


def visible_bookings(actor: Actor) -> QuerySet[Booking]:
    """The bookings an actor may know of."""
    if actor.is_office:
        return Booking.objects.all()
    return Booking.objects.filter(
        Q(organisation__in=actor.organisations(*CREW_ROLES)) | Q(place__owner__in=actor.organisations(Role.KEEPER))
    )


def visible_need_lists(actor: Actor) -> QuerySet[NeedList]:
    """The need sheets an actor may know of: the own crew's, or all for the office."""
    if actor.is_office:
        return NeedList.objects.all()
    return NeedList.objects.filter(organisation__in=actor.organisations(*CREW_ROLES))


def visible_waiting(actor: Actor) -> QuerySet[WaitingEntry]:
    """The waiting entries an actor may know of."""
    if actor.is_office:
        return WaitingEntry.objects.all()
    return WaitingEntry.objects.filter(
        Q(organisation__in=actor.organisations(*CREW_ROLES)) | Q(place__owner__in=actor.organisations(Role.KEEPER))
    )


def locked_booking(actor: Actor, booking_id: int) -> Booking:
    """The booking under row lock, or not found for who may not know of it."""
    found = (
        visible_bookings(actor).select_related("place").select_for_update(of=("self",)).filter(pk=booking_id).first()
    )
    if found is None:
        raise not_found()
    return found


def is_crew_of(actor: Actor, booking: Booking) -> bool:
    """Whether the actor plans for the booking's crew (officers may act for every crew)."""
    return actor.is_officer or actor.holds(*CREW_ROLES, organisation_id=booking.organisation_id)


def is_keeper_of(actor: Actor, booking: Booking) -> bool:
    """Whether the actor keeps the booking's place (officers may act for every keeper)."""
    return actor.is_officer or actor.holds(Role.KEEPER, organisation_id=booking.place.owner_id)


def require_crew_of(actor: Actor, booking: Booking) -> None:
    """Refuse who does not plan for the crew."""
    if not is_crew_of(actor, booking):
        raise XiepaiError(ErrorCode.FORBIDDEN, needed="、".join(str(Role(r).label) for r in sorted(CREW_ROLES)))


def require_keeper_of(actor: Actor, booking: Booking) -> None:
    """Refuse who does not keep the place."""
    if not is_keeper_of(actor, booking):
        raise XiepaiError(ErrorCode.FORBIDDEN, needed=str(Role.KEEPER.label))
