"""Settling a booking: the draft anybody concerned may see, and the closing that freezes it."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from django.db import transaction
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from xiepai.bookings import notices
from xiepai.bookings.account import Account, AccountLine, line_from_json
from xiepai.bookings.models import Booking, ClaimState, ExtraUse, Settlement
from xiepai.bookings.models_settlement import Direction
from xiepai.bookings.services.ending import settle
from xiepai.kernel import audit, clock
from xiepai.kernel.errors import ErrorCode, XiepaiError
from xiepai.kernel.money import Money
from xiepai.parties.access import Actor
from xiepai.places.models import TariffExtra
from xiepai.places.pricing import overtime
from xiepai.places.terms import tariff_terms
from xiepai.places.units import unit_word

_UNITS = {
    "hour": gettext_lazy("小时"),
    "day": gettext_lazy("天"),
    "night": gettext_lazy("小时"),
    "overtime_60": gettext_lazy("小时"),
    "overtime_30": gettext_lazy("半小时"),
}
_DUE = (ClaimState.ACCEPTED, ClaimState.UPHELD)
_OPEN = (ClaimState.CLAIMED, ClaimState.DISPUTED)


def account_of(booking: Booking) -> Account:
    """The account as it stands: frozen once settled, computed from what was recorded before."""
    frozen = Settlement.objects.filter(booking=booking).first()
    if frozen is not None:
        return Account(tuple(line_from_json(line) for line in frozen.lines), Money(frozen.deposit_fen))
    lines = [*_time(booking), *_overtime(booking), *_extras(booking), *_damages(booking)]
    return Account(tuple(lines), Money(booking.deposit_fen))


def in_words(account: Account, booking: Booking) -> Account:
    """The same account in the reader's language: closed lines keep the words of whoever closed them, codes do not."""
    extras = {extra.code: extra for extra in booking.tariff.extras.all()} if booking.tariff else {}
    return replace(account, lines=tuple(_line_in_words(line, extras.get(line.code)) for line in account.lines))


def _line_in_words(line: AccountLine, extra: TariffExtra | None) -> AccountLine:
    if line.kind == "extra":
        label = extra.label_en if extra and extra.label_en and _is_english() else line.label
        return replace(line, label=label, unit=unit_word(line.unit))
    if line.code in _UNITS:
        return replace(line, label=_label(line.code), unit=str(_UNITS[line.code]))
    return replace(line, label=_("超出预订时间")) if line.code == "late" else line


def _is_english() -> bool:
    return (get_language() or "").startswith("en")


def _label(code: str) -> str:
    """What a line of the quote is called."""
    return {"hour": _("按小时"), "day": _("包天"), "night": _("夜间加收")}.get(code, _("超时"))


def settle_booking(*, actor: Actor, booking_id: int) -> Settlement:
    """Close the account: refused while a damage claim is open; the lines never change afterwards."""
    with transaction.atomic():
        booking = settle(actor=actor, booking_id=booking_id)
        pending = booking.claims.filter(state__in=_OPEN).count()
        if pending:
            raise XiepaiError(ErrorCode.CLAIM_OPEN, count=pending)
        account = account_of(booking)
        settlement = Settlement.objects.create(
            booking=booking,
            lines=[line.as_json() for line in account.lines],
            total_fen=account.total.fen,
            deposit_fen=account.deposit.fen,
            balance_fen=account.balance.fen,
            settled_at=clock.now(),
            settled_by_id=actor.person_id,
        )
        audit.record("bookings.settlement.closed", settlement, actor=actor, organisation_id=booking.organisation_id)
        notices.tell_settled(settlement)
    return settlement


def _time(booking: Booking) -> list[AccountLine]:
    return [
        AccountLine(
            kind="overtime" if line["code"].startswith("overtime") else "time",
            code=line["code"],
            label=_label(line["code"]),
            unit=str(_UNITS.get(line["code"], "")),
            quantity=Decimal(line["quantity"]),
            unit_fen=line["unit_fen"],
            factor=booking.units,
        )
        for line in booking.quote
    ]


def _overtime(booking: Booking) -> list[AccountLine]:
    """Use beyond the booked end, as the hand-back recorded it."""
    if booking.tariff is None:
        return []
    out = booking.handovers.filter(direction=Direction.OUT).first()
    late = int((out.at - booking.period.upper).total_seconds() // 60) if out else 0
    line = overtime(tariff_terms(booking.tariff), late)
    if line is None:
        return []
    label, unit = _("超出预订时间"), str(_UNITS[line.code])
    note = (
        _("撤场 %(at)s，晚 %(minutes)d 分钟") % {"at": f"{clock.local(out.at):%H:%M}", "minutes": late} if out else ""
    )
    return [AccountLine("overtime", "late", label, unit, Decimal(line.quantity), line.unit_fen, booking.units, note)]


def _extras(booking: Booking) -> list[AccountLine]:
    uses = list(booking.extras.all())
    read = {row.direction: row.readings for row in booking.handovers.all()} if any(u.is_metered for u in uses) else {}
    return [
        AccountLine("extra", use.code, use.label, use.unit, use.quantity, use.unit_fen, note=_meter(use, read))
        for use in uses
    ]


def _meter(use: ExtraUse, read: dict[str, dict[str, str]]) -> str:
    """The subtraction behind a metered quantity: ``162.75 − 100.5``."""
    before, after = (read.get(side, {}).get(use.code) for side in (Direction.IN, Direction.OUT))
    return f"{after} − {before}" if use.is_metered and before and after else ""


def _damages(booking: Booking) -> list[AccountLine]:
    return [
        AccountLine("damage", f"claim-{claim.pk}", claim.description[:60], _("项"), Decimal(1), claim.amount_fen)
        for claim in booking.claims.filter(state__in=_DUE)
    ]
