"""A batch as files: the bank's, and a sheet for people. The same batch gives the same bytes at any time.

No bank's format is stated anywhere the project could read, so the bank file is a documented plain CSV and says
``sample`` in its first column: whoever connects a bank replaces ``bank_file`` by that bank's own.
"""

from __future__ import annotations

import csv
import hashlib
import io

import xlsxwriter
from django.utils.translation import gettext as _

from xiepai.grants.models import PaymentBatch, PaymentOrder

FORMAT = "xiepai-sample-1"
COLUMNS = ("format", "batch", "number", "holder", "account", "bank", "amount", "purpose")


def order_number(order: PaymentOrder) -> str:
    """The number a payment has at the bank; it never changes, so that the bank can refuse a second one."""
    return f"XP{order.pk:012d}"


def bank_file(batch: PaymentBatch) -> bytes:
    """The file for the bank: CSV in UTF-8, one line a payment in the order of numbers, amounts in yuan."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for order in _orders(batch):
        writer.writerow([FORMAT, batch.number, *_row(order)])
    return out.getvalue().encode("utf-8")


def batch_sheet(batch: PaymentBatch) -> bytes:
    """The same for people: XLSX with a total, numbers of accounts as text."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False}) as book:
        sheet, bold = book.add_worksheet(batch.number[:31]), book.add_format({"bold": True})
        money = book.add_format({"num_format": "#,##0.00"})
        heads = [_("编号"), _("户名"), _("账号"), _("开户行"), _("金额（元）"), _("用途")]
        sheet.write_row(0, 0, heads, bold)
        sheet.set_column(0, 5, 22)
        orders = _orders(batch)
        for line, order in enumerate(orders, 1):
            number, holder, account, bank, _amount, purpose = _row(order)
            for column, text in ((0, number), (1, holder), (2, account), (3, bank), (5, purpose)):
                sheet.write_string(line, column, text)
            sheet.write_number(line, 4, order.amount_fen / 100, money)
        sheet.write_string(len(orders) + 1, 3, _("合计"), bold)
        sheet.write_number(len(orders) + 1, 4, sum(order.amount_fen for order in orders) / 100, money)
    return out.getvalue()


def digest(content: bytes) -> str:
    """SHA-256 of a file, as kept with the batch."""
    return hashlib.sha256(content).hexdigest()


def _orders(batch: PaymentBatch) -> list[PaymentOrder]:
    return list(batch.orders.select_related("account", "application").order_by("pk"))


def _row(order: PaymentOrder) -> tuple[str, str, str, str, str, str]:
    account = order.account
    holder, number, bank = (account.holder, account.number, account.bank) if account else ("", "", "")
    yuan, fen = divmod(order.amount_fen, 100)
    return order_number(order), _plain(holder), number, _plain(bank), f"{yuan}.{fen:02d}", _plain(_purpose(order))


def _purpose(order: PaymentOrder) -> str:
    """In words as they were when the batch was made; a batch older than that keeps its codes and so its bytes."""
    return order.purpose or " ".join(
        part for part in (order.application.number, order.measure, order.milestone) if part
    )


def _plain(text: str) -> str:
    """A cell no spreadsheet takes for a formula."""
    return f"'{text}" if text[:1] in "=+-@\t\r" else text
