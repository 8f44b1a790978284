"""Who is told what about bookings; how it reaches them is the business of ``parties.notices``."""

from __future__ import annotations

from django.utils.translation import gettext as _

from xiepai.bookings.models import Booking, ClaimState, DamageClaim, Handover, Settlement, WaitingEntry
from xiepai.bookings.models_settlement import Direction
from xiepai.bookings.periods import as_span
from xiepai.bookings.rules import text_of
from xiepai.kernel import clock
from xiepai.kernel.money import Money
from xiepai.parties.models import CREW_ROLES, Person, Role
from xiepai.parties.notices import members_in, officers, tell


def tell_offer(entry: WaitingEntry) -> None:
    """A slot came free for a crew that waits."""
    until = clock.local(entry.offer.expires_at) if entry.offer and entry.offer.expires_at else None
    tell(
        members_in(entry.organisation_id, CREW_ROLES),
        kind="bookings.offer",
        subject=_("候补有位：%(place)s") % {"place": entry.place.name},
        body=_("%(period)s 现在可用，请在 %(until)s 前答复。")
        % {"period": text_of(as_span(entry.period)), "until": f"{until:%m-%d %H:%M}" if until else "—"},
        path="/bookings/",
        organisation_id=entry.organisation_id,
    )


def tell_hold_ending(booking: Booking) -> None:
    """A hold is about to expire."""
    until = clock.local(booking.expires_at or booking.period.lower)
    tell(
        members_in(booking.organisation_id, CREW_ROLES),
        kind="bookings.hold_ending",
        subject=_("预留即将到期：%(place)s") % {"place": booking.place.name},
        body=_("%(code)s %(period)s 将于 %(until)s 到期，请确认或放弃。")
        % {"code": booking.code, "period": text_of(as_span(booking.period)), "until": f"{until:%m-%d %H:%M}"},
        path=f"/bookings/{booking.pk}/",
        organisation_id=booking.organisation_id,
    )


def tell_decided(booking: Booking) -> None:
    """The keeper said yes or no."""
    subject = _("预订已批准：%(place)s") if booking.state == "confirmed" else _("预订未批准：%(place)s")
    tell(
        members_in(booking.organisation_id, CREW_ROLES),
        kind="bookings.decided",
        subject=subject % {"place": booking.place.name},
        body=" ".join([booking.code, text_of(as_span(booking.period)), booking.decision_note]).strip(),
        path=f"/bookings/{booking.pk}/",
        organisation_id=booking.organisation_id,
    )


def tell_approval_waits(booking: Booking, *, escalated: bool) -> None:
    """A request waits for the keeper; past its time the office is told too."""
    people = members_in(booking.place.owner_id, [Role.KEEPER])
    if escalated:
        people = list({person.pk: person for person in [*people, *officers()]}.values())
    subject = _("审批已超时：%(place)s") if escalated else _("有预订待审批：%(place)s")
    tell(
        people,
        kind="bookings.approval_escalated" if escalated else "bookings.approval_waits",
        subject=subject % {"place": booking.place.name},
        body=" ".join([booking.code, booking.organisation.name, text_of(as_span(booking.period))]),
        path="/office/queue/",
        organisation_id=booking.place.owner_id,
    )


def tell_handover(handover: Handover) -> None:
    """The keeper wrote a handover down: the crew may sign it."""
    booking = handover.booking
    is_in = handover.direction == Direction.IN
    subject = _("进场交接：%(place)s") if is_in else _("撤场交接：%(place)s")
    _tell_crew(booking, "bookings.handover", subject, _("请核对读数和照片并签认。"))


def tell_claim(claim: DamageClaim) -> None:
    """A damage claim took a step: whoever acts next is told, at the end both sides are."""
    booking, amount = claim.booking, str(Money(claim.amount_fen))
    kind, body = "bookings.damage", f"{claim.description[:80]} {amount}"
    if claim.state == ClaimState.CLAIMED:
        _tell_crew(booking, kind, _("场地方提出索赔：%(place)s"), f"{body} · {_('请认可或提出异议。')}")
    elif claim.state == ClaimState.ACCEPTED:
        _tell_keepers(booking, kind, _("剧组认可索赔：%(place)s"), body)
    elif claim.state == ClaimState.DISPUTED:
        _tell_keepers(booking, kind, _("剧组对索赔有异议：%(place)s"), f"{body} · {claim.answer[:80]}", office=True)
    else:
        subject = _("索赔裁定成立：%(place)s") if claim.state == ClaimState.UPHELD else _("索赔裁定不成立：%(place)s")
        _tell_crew(booking, kind, subject, f"{body} · {claim.decision[:80]}")
        _tell_keepers(booking, kind, subject, f"{body} · {claim.decision[:80]}")


def tell_settled(settlement: Settlement) -> None:
    """The account of a booking is closed."""
    balance = Money(settlement.balance_fen)
    words = _("应补付 %(amount)s") if balance.fen >= 0 else _("应退还 %(amount)s")
    amount = str(balance if balance.fen >= 0 else -balance)
    _tell_crew(settlement.booking, "bookings.settled", _("已结算：%(place)s"), words % {"amount": amount})


def _tell_crew(booking: Booking, kind: str, subject: str, body: str) -> None:
    people = members_in(booking.organisation_id, CREW_ROLES)
    _tell(people, booking, kind, subject, body, booking.organisation_id)


def _tell_keepers(booking: Booking, kind: str, subject: str, body: str, *, office: bool = False) -> None:
    people = members_in(booking.place.owner_id, [Role.KEEPER])
    everybody = {person.pk: person for person in [*people, *(officers() if office else [])]}
    _tell(list(everybody.values()), booking, kind, subject, body, booking.place.owner_id)


def _tell(people: list[Person], booking: Booking, kind: str, subject: str, body: str, organisation_id: int) -> None:
    tell(
        people,
        kind=kind,
        subject=subject % {"place": booking.place.name},
        body=f"{booking.code} {body}",
        path=f"/bookings/{booking.pk}/",
        organisation_id=organisation_id,
    )
