"""The settlement as a document: one content, two forms (PDF and XLSX)."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import xlsxwriter
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from xiepai.bookings.account import Account
from xiepai.bookings.models import Booking, Settlement
from xiepai.bookings.periods import as_span
from xiepai.bookings.rules import text_of
from xiepai.bookings.services.settling import account_of
from xiepai.kernel import clock
from xiepai.kernel.money import Money
from xiepai.kernel.printing import pdf_of
from xiepai.places.models import Standing

TEMPLATE = Path(__file__).with_name("settlement.typ")


def settlement_pdf(booking: Booking) -> bytes:
    """The settlement (or, before it is closed, its draft) as PDF with embedded Chinese fonts."""
    return pdf_of(TEMPLATE, _content(booking))


def settlement_xlsx(booking: Booking) -> bytes:
    """The same account as a sheet; text cells are text, whatever they begin with."""
    content, account = _content(booking), account_of(booking)
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    sheet = book.add_worksheet(content["number"])
    bold, money = book.add_format({"bold": True}), book.add_format({"num_format": "#,##0.00"})
    sheet.set_column(0, 0, 34)
    sheet.set_column(1, 4, 14)
    sheet.write_string(0, 0, content["title"], bold)
    for row, (name, value) in enumerate(content["head"], start=1):
        sheet.write_string(row, 0, name)
        sheet.write_string(row, 1, value)
    row = len(content["head"]) + 2
    for column, name in enumerate(content["columns"]):
        sheet.write_string(row, column, name, bold)
    for line in account.lines:
        row += 1
        sheet.write_string(row, 0, f"{line.label}（{line.note}）" if line.note else line.label)
        sheet.write_number(row, 1, float(line.quantity * line.factor))
        sheet.write_string(row, 2, line.unit)
        sheet.write_number(row, 3, line.unit_fen / 100, money)
        sheet.write_number(row, 4, line.amount.fen / 100, money)
    for name, amount in _sums(account):
        row += 1
        sheet.write_string(row, 3, name, bold)
        sheet.write_number(row, 4, amount.fen / 100, money)
    book.close()
    return buffer.getvalue()


def _sums(account: Account) -> list[tuple[str, Money]]:
    due = _("应补付") if account.balance.fen >= 0 else _("应退还")
    balance = account.balance if account.balance.fen >= 0 else -account.balance
    return [(_("合计"), account.total), (_("已收押金"), account.deposit), (due, balance)]


def _content(booking: Booking) -> dict[str, Any]:
    account = account_of(booking)
    closed = Settlement.objects.filter(booking=booking).first()
    *sums, balance = [[name, str(amount)] for name, amount in _sums(account)]
    place = booking.place
    sample = place.standing != Standing.KNOWN
    return {
        "lang": (get_language() or "zh")[:2],
        "title": _("场地使用结算单") if closed else _("场地使用结算单（草稿）"),
        "number": closed.number if closed else booking.code,
        "owner": place.owner.name,
        "standing": _("本场地资料为“%(standing)s”，金额仅作演示。") % {"standing": str(Standing(place.standing).label)}
        if sample
        else "",
        "head": [
            [_("场地"), place.name],
            [_("场地方"), place.owner.name],
            [_("剧组公司"), booking.organisation.name],
            [_("用途"), booking.title or "—"],
            [_("预订号"), booking.code],
            [_("时段"), text_of(as_span(booking.period))],
        ],
        "columns": [_("项目"), _("数量"), _("单位"), _("单价"), _("金额")],
        "lines": [
            [
                f"{line.label}（{line.note}）" if line.note else line.label,
                f"{(line.quantity * line.factor).normalize():f}",
                line.unit,
                str(Money(line.unit_fen)),
                str(line.amount),
            ]
            for line in account.lines
        ],
        "sums": sums,
        "balance": balance,
        "signatures": [_("场地方"), _("剧组")],
        "footer": f"{place.owner.name} · {clock.local(clock.now()):%Y-%m-%d %H:%M}",
    }
