"""Handing a place over and back, extras used, and damage claims within 48 hours."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from xiepai.bookings.access import locked_booking, require_crew_of, require_keeper_of
from xiepai.bookings.models import Booking, BookingState, ClaimState, DamageClaim, ExtraUse, Handover
from xiepai.bookings.models_settlement import Direction
from xiepai.bookings.services.ending import hand_back, start_use
from xiepai.bookings.services.states import require_state
from xiepai.kernel import audit, clock
from xiepai.kernel.errors import ErrorCode, XiepaiError, not_found
from xiepai.kernel.money import Money
from xiepai.parties.access import Actor, require
from xiepai.parties.models import Role
from xiepai.places.models import TariffExtra

#: Practice of the field: damage is claimed within 48 hours or not at all.
CLAIM_HOURS = 48


def hand_over(
    *,
    actor: Actor,
    booking_id: int,
    readings: Mapping[str, Decimal] | None = None,
    condition: str = "",
    crew_present: str = "",
) -> Handover:
    """The crew takes the place over: meters are read, its condition written down (进场)."""
    with transaction.atomic():
        start_use(actor=actor, booking_id=booking_id)
        return _handover(actor, booking_id, Direction.IN, readings or {}, condition, crew_present)


def take_back(
    *,
    actor: Actor,
    booking_id: int,
    readings: Mapping[str, Decimal] | None = None,
    condition: str = "",
    crew_present: str = "",
) -> Handover:
    """The crew hands the place back: meters are read again, what they say is charged (撤场)."""
    with transaction.atomic():
        booking = hand_back(actor=actor, booking_id=booking_id)
        handover = _handover(actor, booking_id, Direction.OUT, readings or {}, condition, crew_present)
        _charge_meters(actor, booking, handover)
        return handover


def record_extra(*, actor: Actor, booking_id: int, code: str, quantity: Decimal) -> ExtraUse:
    """Note so many units of an extra of the booking's tariff; a second call replaces the first."""
    with transaction.atomic():
        booking = locked_booking(actor, booking_id)
        require_keeper_of(actor, booking)
        require_state(booking, BookingState.IN_USE, BookingState.HANDED_BACK, action=_("记录附加使用"))
        if not quantity.is_finite() or quantity < 0 or quantity >= 10**9:
            raise XiepaiError(ErrorCode.INVALID, detail=str(quantity))
        return _write_extra(actor, booking, _extra_of(booking, code), quantity, metered=False)


def claim_damage(*, actor: Actor, booking_id: int, description: str, amount: Money) -> DamageClaim:
    """The keeper claims damage, within 48 hours of the hand-back."""
    if not description.strip() or amount.fen <= 0:
        raise XiepaiError(ErrorCode.INVALID, detail=_("请写明损坏情况和金额。"))
    with transaction.atomic():
        booking = locked_booking(actor, booking_id)
        require_keeper_of(actor, booking)
        require_state(booking, BookingState.HANDED_BACK, action=_("索赔"))
        until = booking.handovers.get(direction=Direction.OUT).at + timedelta(hours=CLAIM_HOURS)
        if clock.now() > until:
            raise XiepaiError(ErrorCode.CLAIM_TOO_LATE, hours=CLAIM_HOURS, until=f"{clock.local(until):%Y-%m-%d %H:%M}")
        claim = DamageClaim.objects.create(
            booking=booking,
            description=description,
            amount_fen=amount.fen,
            claimed_at=clock.now(),
            claimed_by_id=actor.person_id,
        )
        audit.record("bookings.damage.claimed", claim, actor=actor, organisation_id=booking.organisation_id)
    return claim


def answer_claim(*, actor: Actor, claim_id: int, accepted: bool, answer: str = "") -> DamageClaim:
    """The crew accepts a claim, or disputes it and says why; then the office decides."""
    with transaction.atomic():
        claim, booking = _locked_claim(actor, claim_id)
        require_crew_of(actor, booking)
        if claim.state != ClaimState.CLAIMED:
            raise XiepaiError(ErrorCode.WRONG_STATE, state=str(ClaimState(claim.state).label), action=_("答复"))
        if not accepted and not answer.strip():
            raise XiepaiError(ErrorCode.INVALID, detail=_("请写明原因。"))
        state = ClaimState.ACCEPTED if accepted else ClaimState.DISPUTED
        return _write_claim(actor, claim, "bookings.damage.answered", state, answer)


def decide_claim(*, actor: Actor, claim_id: int, upheld: bool, answer: str) -> DamageClaim:
    """The office decides a claim the crew disputes or does not answer."""
    require(actor, Role.OFFICER, Role.ADMINISTRATOR)
    with transaction.atomic():
        claim, _booking = _locked_claim(actor, claim_id)
        if claim.state not in (ClaimState.DISPUTED, ClaimState.CLAIMED):
            raise XiepaiError(ErrorCode.WRONG_STATE, state=str(ClaimState(claim.state).label), action=_("裁定"))
        claim.decided_at = clock.now()
        state = ClaimState.UPHELD if upheld else ClaimState.REJECTED
        return _write_claim(actor, claim, "bookings.damage.decided", state, answer)


def _handover(
    actor: Actor,
    booking_id: int,
    direction: Direction,
    readings: Mapping[str, Decimal],
    condition: str,
    crew_present: str,
) -> Handover:
    booking = Booking.objects.select_related("tariff").get(pk=booking_id)
    known = {extra.code for extra in booking.tariff.extras.all()} if booking.tariff else set()
    unknown = set(readings) - known
    if unknown or any(not value.is_finite() or value < 0 for value in readings.values()):
        raise XiepaiError(ErrorCode.INVALID, detail=", ".join(sorted(unknown)) or str(dict(readings)))
    handover = Handover.objects.create(
        booking=booking,
        direction=direction,
        at=clock.now(),
        readings={code: str(value) for code, value in readings.items()},
        condition=condition,
        crew_present=crew_present[:60],
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


def _locked_claim(actor: Actor, claim_id: int) -> tuple[DamageClaim, Booking]:
    found = DamageClaim.objects.filter(pk=claim_id).values_list("booking_id", flat=True).first()
    if found is None:
        raise not_found()
    booking = locked_booking(actor, found)
    return DamageClaim.objects.select_for_update().get(pk=claim_id), booking


def _write_claim(actor: Actor, claim: DamageClaim, event: str, state: ClaimState, answer: str) -> DamageClaim:
    before = audit.snapshot(DamageClaim.objects.get(pk=claim.pk))
    claim.state, claim.answer = state.value, answer
    claim.save()
    organisation_id = claim.booking.organisation_id
    audit.record(event, claim, actor=actor, before=before, organisation_id=organisation_id)
    return claim
