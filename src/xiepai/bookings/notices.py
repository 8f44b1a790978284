"""Who is told what about bookings; how it reaches them is the business of ``parties.notices``."""

from __future__ import annotations

from django.utils.translation import gettext as _

from xiepai.bookings.models import Booking, WaitingEntry
from xiepai.bookings.periods import as_span
from xiepai.bookings.rules import text_of
from xiepai.kernel import clock
from xiepai.parties.models import CREW_ROLES, Role
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
