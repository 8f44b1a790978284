"""Damage: claimed by the keeper within 48 hours, accepted or disputed by the crew, decided by the office.

Refused: a claim that is late or without words and amount, a dispute or a decision without a reason, and every claim
after the account is closed.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from xiepai.bookings import notices
from xiepai.bookings.access import locked_booking, require_crew_of, require_keeper_of
from xiepai.bookings.models import Booking, BookingState, ClaimState, DamageClaim
from xiepai.bookings.models_settlement import Direction
from xiepai.bookings.services.picturing import keep_pictures, read_pictures, require_hand_in
from xiepai.bookings.services.states import require_state
from xiepai.kernel import audit, clock
from xiepai.kernel.errors import ErrorCode, XiepaiError, not_found
from xiepai.kernel.money import Money
from xiepai.parties.access import Actor, require
from xiepai.parties.models import Role

#: Practice of the field: damage is claimed within 48 hours or not at all.
CLAIM_HOURS = 48
LARGEST = Money.yuan(100_000_000)
LONGEST = 2000


def claim_until(booking: Booking) -> datetime | None:
    """Until when damage may be claimed; None before the place is handed back."""
    out = booking.handovers.filter(direction=Direction.OUT).first()
    return out.at + timedelta(hours=CLAIM_HOURS) if out else None


def claim_damage(
    *, actor: Actor, booking_id: int, description: str, amount: Money, photos: Sequence[bytes] = ()
) -> DamageClaim:
    """The keeper claims damage, within 48 hours of the hand-back."""
    if not description.strip() or not 0 < amount.fen <= LARGEST.fen:
        raise XiepaiError(ErrorCode.INVALID, detail=_("请写明损坏情况和金额。"))
    require_hand_in(actor, booking_id)
    pictures = read_pictures(photos)
    with transaction.atomic():
        booking = locked_booking(actor, booking_id)
        require_keeper_of(actor, booking)
        require_state(booking, BookingState.HANDED_BACK, action=_("索赔"))
        until = claim_until(booking)
        if until is None or clock.now() > until:
            shown = f"{clock.local(until):%Y-%m-%d %H:%M}" if until else "—"
            raise XiepaiError(ErrorCode.CLAIM_TOO_LATE, hours=CLAIM_HOURS, until=shown)
        claim = DamageClaim.objects.create(
            booking=booking,
            description=description.strip()[:LONGEST],
            amount_fen=amount.fen,
            claimed_at=clock.now(),
            claimed_by_id=actor.person_id,
        )
        audit.record("bookings.damage.claimed", claim, actor=actor, organisation_id=booking.organisation_id)
        keep_pictures(actor, booking, pictures, claim=claim)
        notices.tell_claim(claim)
    return claim


def answer_claim(*, actor: Actor, claim_id: int, accepted: bool, answer: str = "") -> DamageClaim:
    """The crew accepts a claim, or disputes it and says why; then the office decides."""
    with transaction.atomic():
        claim = _locked_claim(actor, claim_id)
        require_crew_of(actor, claim.booking)
        if claim.state != ClaimState.CLAIMED:
            raise XiepaiError(ErrorCode.WRONG_STATE, state=str(ClaimState(claim.state).label), action=_("答复"))
        if not accepted and not answer.strip():
            raise XiepaiError(ErrorCode.INVALID, detail=_("请写明原因。"))
        state = ClaimState.ACCEPTED if accepted else ClaimState.DISPUTED
        changes = {"answer": answer.strip()[:LONGEST], "answered_at": clock.now(), "answered_by_id": actor.person_id}
        return _write(actor, claim, "bookings.damage.answered", state=state.value, **changes)


def decide_claim(*, actor: Actor, claim_id: int, upheld: bool, answer: str) -> DamageClaim:
    """The office decides a claim the crew disputes or does not answer, and says why."""
    require(actor, Role.OFFICER, Role.ADMINISTRATOR)
    with transaction.atomic():
        claim = _locked_claim(actor, claim_id)
        if claim.state not in (ClaimState.DISPUTED, ClaimState.CLAIMED):
            raise XiepaiError(ErrorCode.WRONG_STATE, state=str(ClaimState(claim.state).label), action=_("裁定"))
        if not answer.strip():
            raise XiepaiError(ErrorCode.INVALID, detail=_("请写明原因。"))
        state = ClaimState.UPHELD if upheld else ClaimState.REJECTED
        changes = {"decision": answer.strip()[:LONGEST], "decided_at": clock.now(), "decided_by_id": actor.person_id}
        return _write(actor, claim, "bookings.damage.decided", state=state.value, **changes)


def _locked_claim(actor: Actor, claim_id: int) -> DamageClaim:
    found = DamageClaim.objects.filter(pk=claim_id).values_list("booking_id", flat=True).first()
    if found is None:
        raise not_found()
    booking = locked_booking(actor, found)
    claim = DamageClaim.objects.select_for_update(of=("self",)).get(pk=claim_id)
    claim.booking = booking
    return claim


def _write(actor: Actor, claim: DamageClaim, event: str, **changes: Any) -> DamageClaim:
    before = audit.snapshot(claim)
    for name, value in changes.items():
        setattr(claim, name, value)
    claim.save(update_fields=list(changes))
    audit.record(event, claim, actor=actor, before=before, organisation_id=claim.booking.organisation_id)
    notices.tell_claim(claim)
    return claim
