"""Who is told what: mails to keepers, crews and the office, sent by jobs, never within a request.

In-app notices and webhook channels come with the faces; until then a mail is the notice.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from xiepai.bookings.models import Booking, WaitingEntry
from xiepai.bookings.rules import text_of
from xiepai.bookings.services.taking import as_span
from xiepai.kernel import clock
from xiepai.kernel.tasks import send_mail
from xiepai.parties.models import CREW_ROLES, Membership, OrganisationKind, Role


def addresses(organisation_id: int, roles: Iterable[str]) -> list[str]:
    """The mail addresses of an organisation's active members in one of *roles*."""
    members = Membership.objects.filter(organisation_id=organisation_id, role__in=list(roles), person__is_active=True)
    return sorted(set(members.values_list("person__email", flat=True)))


def office_addresses() -> list[str]:
    """The officers' mail addresses."""
    members = Membership.objects.filter(
        organisation__kind=OrganisationKind.OFFICE, role=Role.OFFICER, person__is_active=True
    )
    return sorted(set(members.values_list("person__email", flat=True)))


def tell_offer(entry: WaitingEntry) -> None:
    """A slot came free for a crew that waits."""
    until = clock.local(entry.offer.expires_at) if entry.offer and entry.offer.expires_at else None
    _send(
        addresses(entry.organisation_id, CREW_ROLES),
        _("候补有位：%(place)s") % {"place": entry.place.name},
        _("%(period)s 现在可用，请在 %(until)s 前答复。")
        % {"period": text_of(as_span(entry.period)), "until": f"{until:%m-%d %H:%M}" if until else "—"},
        "/crew/bookings/",
    )


def tell_hold_ending(booking: Booking) -> None:
    """A hold is about to expire."""
    until = clock.local(booking.expires_at or booking.period.lower)
    _send(
        addresses(booking.organisation_id, CREW_ROLES),
        _("预留即将到期：%(place)s") % {"place": booking.place.name},
        _("%(code)s %(period)s 将于 %(until)s 到期，请确认或放弃。")
        % {
            "code": booking.code,
            "period": text_of(as_span(booking.period)),
            "until": f"{until:%m-%d %H:%M}",
        },
        f"/crew/bookings/{booking.pk}/",
    )


def tell_approval_waits(booking: Booking, *, escalated: bool) -> None:
    """A request waits for the keeper; past its time the office is told too."""
    to = addresses(booking.place.owner_id, [Role.KEEPER])
    if escalated:
        to += office_addresses()
    subject = _("审批已超时：%(place)s") if escalated else _("有预订待审批：%(place)s")
    _send(
        to,
        subject % {"place": booking.place.name},
        _("%(code)s %(crew)s %(period)s")
        % {
            "code": booking.code,
            "crew": booking.organisation.name,
            "period": text_of(as_span(booking.period)),
        },
        "/office/queue/",
    )


def _send(to: list[str], subject: str, body: str, path: str) -> None:
    if not to:
        return
    with translation.override(settings.LANGUAGE_CODE):
        link = settings.PUBLIC_URL.rstrip("/") + path
    send_mail.defer(to=to, subject=f"[协拍] {subject}", body=f"{body}\n\n{link}\n")
