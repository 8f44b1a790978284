"""Handing a place over and back: who was there, what the meters said, pictures, and the extras used.

Refused: meters the tariff does not know, readings that run backwards, a signature for the other side. Damage is in
``services.claiming``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from xiepai.bookings import notices
from xiepai.bookings.access import locked_booking, require_crew_of, require_keeper_of
from xiepai.bookings.models import Booking, BookingState, ExtraUse, Handover
from xiepai.bookings.models_settlement import Direction
from xiepai.bookings.services.ending import hand_back, start_use
from xiepai.bookings.services.picturing import keep_pictures, read_pictures, require_hand_in
from xiepai.bookings.services.states import require_state
from xiepai.kernel import audit, clock
from xiepai.kernel.errors import ErrorCode, XiepaiError, not_found
from xiepai.parties.access import Actor
from xiepai.places.models import TariffExtra

LONGEST_NOTE = 4000


def hand_over(
    *,
    actor: Actor,
    booking_id: int,
    readings: Mapping[str, Decimal] | None = None,
    condition: str = "",
    crew_present: str = "",
    keeper_present: str = "",
    photos: Sequence[bytes] = (),
) -> Handover:
    """The crew takes the place over: meters are read, its condition written down (进场)."""
    require_hand_in(actor, booking_id)
    pictures = read_pictures(photos)
    with transaction.atomic():
        start_use(actor=actor, booking_id=booking_id)
        present = {"crew_present": crew_present, "keeper_present": keeper_present}
        handover = _handover(actor, booking_id, Direction.IN, readings or {}, condition, present)
        keep_pictures(actor, handover.booking, pictures, handover=handover)
        notices.tell_handover(handover)
        return handover


def take_back(
    *,
    actor: Actor,
    booking_id: int,
    readings: Mapping[str, Decimal] | None = None,
    condition: str = "",
    crew_present: str = "",
    keeper_present: str = "",
    photos: Sequence[bytes] = (),
) -> Handover:
    """The crew hands the place back: meters are read again, what they say is charged (撤场)."""
    require_hand_in(actor, booking_id)
    pictures = read_pictures(photos)
    with transaction.atomic():
        booking = hand_back(actor=actor, booking_id=booking_id)
        present = {"crew_present": crew_present, "keeper_present": keeper_present}
        handover = _handover(actor, booking_id, Direction.OUT, readings or {}, condition, present)
        _charge_meters(actor, booking, handover)
        keep_pictures(actor, handover.booking, pictures, handover=handover)
        notices.tell_handover(handover)
        return handover


def sign_handover(*, actor: Actor, handover_id: int) -> Handover:
    """The crew signs what the keeper wrote down, from its own account."""
    with transaction.atomic():
        handover = _locked_handover(actor, handover_id)
        require_crew_of(actor, handover.booking)
        if handover.signed_at is not None:
            return handover
        before = audit.snapshot(handover)
        handover.signed_by_id, handover.signed_at = actor.person_id, clock.now()
        handover.save(update_fields=["signed_by", "signed_at"])
        organisation_id = handover.booking.organisation_id
        audit.record("bookings.handover.signed", handover, actor=actor, before=before, organisation_id=organisation_id)
    return handover


def add_pictures(*, actor: Actor, handover_id: int, photos: Sequence[bytes]) -> int:
    """Either side adds pictures to a handover, as long as the account is open; returns how many were new."""
    found = Handover.objects.filter(pk=handover_id).values_list("booking_id", flat=True).first()
    if found is None:
        raise not_found()
    require_hand_in(actor, found)
    pictures = read_pictures(photos)
    with transaction.atomic():
        handover = _locked_handover(actor, handover_id)
        allowed = (BookingState.IN_USE, BookingState.HANDED_BACK)
        require_state(handover.booking, *allowed, action=_("补充照片"))
        return len(keep_pictures(actor, handover.booking, pictures, handover=handover))


def record_extra(*, actor: Actor, booking_id: int, code: str, quantity: Decimal) -> ExtraUse:
    """Note so many units of an extra of the booking's tariff; a second call replaces the first."""
    with transaction.atomic():
        booking = locked_booking(actor, booking_id)
        require_keeper_of(actor, booking)
        require_state(booking, BookingState.IN_USE, BookingState.HANDED_BACK, action=_("记录附加使用"))
        if not quantity.is_finite() or quantity < 0 or quantity >= 10**9:
            raise XiepaiError(ErrorCode.INVALID, detail=str(quantity))
        return _write_extra(actor, booking, _extra_of(booking, code), quantity, metered=False)


def _handover(
    actor: Actor,
    booking_id: int,
    direction: Direction,
    readings: Mapping[str, Decimal],
    condition: str,
    present: Mapping[str, str],
) -> Handover:
    booking = Booking.objects.select_related("tariff", "place").get(pk=booking_id)
    known = {extra.code for extra in booking.tariff.extras.all()} if booking.tariff else set()
    unknown = set(readings) - known
    if unknown or any(not value.is_finite() or value < 0 for value in readings.values()):
        raise XiepaiError(ErrorCode.INVALID, detail=", ".join(sorted(unknown)) or str(dict(readings)))
    handover = Handover.objects.create(
        booking=booking,
        direction=direction,
        at=clock.now(),
        readings={code: str(value) for code, value in readings.items()},
        condition=condition.strip()[:LONGEST_NOTE],
        **{side: name.strip()[:60] for side, name in present.items()},
        by_id=actor.person_id,
    )
    audit.record(f"bookings.handover.{direction.value}", handover, actor=actor, organisation_id=booking.organisation_id)
    return handover


def _charge_meters(actor: Actor, booking: Booking, after: Handover) -> None:
    before = booking.handovers.filter(direction=Direction.IN).first()
    begun = before.readings if before else {}
    for code, reading in after.readings.items():
        if code not in begun:
            continue
        extra = _extra_of(booking, code)
        used = Decimal(reading) - Decimal(begun[code])
        if used < 0:
            raise XiepaiError(ErrorCode.READING_BACKWARDS, label=extra.label, before=begun[code], after=reading)
        _write_extra(actor, booking, extra, used, metered=True)


def _extra_of(booking: Booking, code: str) -> TariffExtra:
    extra = TariffExtra.objects.filter(tariff=booking.tariff_id, code=code).first()
    if extra is None:
        raise not_found()
    return extra


def _write_extra(actor: Actor, booking: Booking, extra: TariffExtra, quantity: Decimal, *, metered: bool) -> ExtraUse:
    values = {
        "label": extra.label,
        "unit": extra.unit,
        "unit_fen": extra.unit_fen,
        "quantity": quantity,
        "is_metered": metered,
    }
    use, _created = ExtraUse.objects.update_or_create(booking=booking, code=extra.code, defaults=values)
    audit.record("bookings.extra.recorded", use, actor=actor, organisation_id=booking.organisation_id)
    return use


def _locked_handover(actor: Actor, handover_id: int) -> Handover:
    found = Handover.objects.filter(pk=handover_id).values_list("booking_id", flat=True).first()
    if found is None:
        raise not_found()
    booking = locked_booking(actor, found)
    handover = Handover.objects.select_for_update(of=("self",)).get(pk=handover_id)
    handover.booking = booking
    return handover
