"""Budgets against what happened: the statement of each budget with the entries behind every figure."""

from __future__ import annotations

from collections.abc import Iterator

from django.core.paginator import Paginator
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from xiepai.grants import access, ledger
from xiepai.grants.models import LedgerAccount, LedgerKind
from xiepai.grants.wording import MOVEMENTS, Measures
from xiepai.kernel import clock
from xiepai.kernel.errors import not_found
from xiepai.web.requests import Request
from xiepai.web.spreadsheets import table_file, yuan

PER_PAGE = 50


@require_safe
def budgets(request: Request) -> HttpResponse:
    """Every budget with its figures; the entries behind one figure where it is asked for."""
    rows = LedgerAccount.objects.filter(programme__is_local=True).select_related("programme")
    table: dict[int, dict[str, LedgerAccount]] = {}
    for row in rows.order_by("-year", "programme_id", "measure", "id"):
        table.setdefault(_key_of(row, table), {})[row.kind] = row
    context = {"budgets": list(table.values()), "kinds_all": list(LedgerKind), "names": Measures()}
    return render(request, "office/grant_ledger.html", context)


def _key_of(row: LedgerAccount, table: dict[int, dict[str, LedgerAccount]]) -> int:
    for key, kinds in table.items():
        first = next(iter(kinds.values()))
        if (first.programme_id, first.measure, first.year) == (row.programme_id, row.measure, row.year):
            return key
    return row.pk


@require_safe
def account(request: Request, account_id: int) -> HttpResponse:
    """The entries that make a figure, newest first."""
    row = _account(request, account_id)
    entries = ledger.entries_of(row).order_by("-id")
    page = Paginator(entries, PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "office/grant_entries.html", {"row": row, "page": page, "names": Measures()})


@require_safe
def account_file(request: Request, account_id: int, form: str) -> HttpResponse | StreamingHttpResponse:
    """The same entries, whole."""
    row = _account(request, account_id)
    return table_file(form, f"ledger-{row.pk}-{clock.today()}", _lines(row))


def _account(request: Request, account_id: int) -> LedgerAccount:
    access.require_reader(request.actor)
    row = LedgerAccount.objects.select_related("programme").filter(pk=account_id).first()
    if row is None:
        raise not_found()
    return row


def _lines(row: LedgerAccount) -> Iterator[list[object]]:
    names = Measures()
    yield [
        *(_("时间"), _("事件"), _("转出科目"), _("转入科目"), _("金额（元）"), _("申报编号"), _("政策条目")),
        *(_("说明"), _("经办")),
    ]
    for entry in ledger.entries_of(row).order_by("id"):
        sign = 1 if entry.credit_id == row.pk else -1
        yield [
            f"{clock.local(entry.at):%Y-%m-%d %H:%M}",
            str(MOVEMENTS.get(entry.event, entry.event)),
            entry.debit.get_kind_display(),
            entry.credit.get_kind_display(),
            yuan(sign * entry.amount_fen),
            entry.application.number if entry.application else "",
            names.in_programme(row.programme_id, entry.measure) if entry.measure else "",
            entry.note,
            str(entry.by or ""),
        ]
