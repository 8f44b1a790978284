"""Settlements: closed accounts found, sorted, exported; what is not settled yet; claims that wait for a decision.

One list for the office, keepers and crews: each sees its own, the office all.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from django import forms
from django.core.paginator import Paginator
from django.db.models import QuerySet, Sum
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from xiepai.bookings.models import Settlement
from xiepai.bookings.selectors_use import claims_waiting, settlements_of, unsettled
from xiepai.kernel import clock
from xiepai.web.requests import Request
from xiepai.web.slots import DAY
from xiepai.web.spreadsheets import table_file, yuan

PER_PAGE = 50
MOST_WAITING = 20
SORTS = {"number": "booking_id", "when": "settled_at", "total": "total_fen", "balance": "balance_fen"}


class FilterForm(forms.Form):
    """What the list can be narrowed by."""

    q = forms.CharField(label=gettext_lazy("单号、场地或剧组"), required=False, max_length=60)
    since = forms.DateField(label=gettext_lazy("结算日自"), required=False, widget=DAY)
    until = forms.DateField(label=gettext_lazy("至"), required=False, widget=DAY)
    balance = forms.ChoiceField(
        label=gettext_lazy("差额"),
        required=False,
        choices=[
            ("", gettext_lazy("全部")),
            ("due", gettext_lazy("剧组补付")),
            ("back", gettext_lazy("退还剧组")),
            ("even", gettext_lazy("两清")),
            ("damage", gettext_lazy("含赔偿")),
        ],
    )


@require_safe
def settlements(request: Request) -> HttpResponse:
    """The list, its sums, and what still waits."""
    rows, form, sort = _found(request)
    sums = rows.aggregate(total=Sum("total_fen"), deposit=Sum("deposit_fen"), balance=Sum("balance_fen"))
    context = {
        "page": Paginator(rows, PER_PAGE).get_page(request.GET.get("page")),
        "form": form,
        "sort": sort,
        "sums": {name: value or 0 for name, value in sums.items()},
        "claims": claims_waiting(request.actor)[:MOST_WAITING],
        "unsettled": unsettled(request.actor)[:MOST_WAITING],
        "now": clock.now(),
    }
    return render(request, "office/settlements.html", context)


@require_safe
def export(request: Request, form: str) -> HttpResponse | StreamingHttpResponse:
    """The same list, whole, as CSV or XLSX."""
    rows, _form, _sort = _found(request)
    return table_file(form, f"settlements-{clock.today()}", _lines(rows))


def _found(request: Request) -> tuple[QuerySet[Settlement], FilterForm, str]:
    form = FilterForm(request.GET)
    form.is_valid()
    data = form.cleaned_data
    rows = settlements_of(request.actor)
    words = (data.get("q") or "").strip()
    number = words.upper().removeprefix("JS").removeprefix("XP")
    if number.isdigit() and len(number) < 15:
        rows = rows.filter(booking_id=int(number))
    elif words:
        rows = rows.filter(booking__place__name__icontains=words) | rows.filter(
            booking__organisation__name__icontains=words
        )
    if data.get("since"):
        rows = rows.filter(settled_at__gte=clock.at_local_midnight(data["since"]))
    if data.get("until"):
        rows = rows.filter(settled_at__lt=clock.at_local_midnight(data["until"] + timedelta(days=1)))
    signs = {"due": {"balance_fen__gt": 0}, "back": {"balance_fen__lt": 0}, "even": {"balance_fen": 0}}
    signs["damage"] = {"lines__contains": [{"kind": "damage"}]}  # type: ignore[dict-item]
    rows = rows.filter(**signs.get(data.get("balance") or "", {}))
    sort = request.GET.get("sort", "-when")
    key = SORTS.get(sort.lstrip("-"))
    sort = sort if key else "-when"
    return rows.order_by(("-" if sort.startswith("-") else "") + (key or "settled_at"), "-id"), form, sort


def _lines(rows: QuerySet[Settlement]) -> Iterator[list[object]]:
    yield [
        *(_("单号"), _("预订号"), _("场地"), _("场地方"), _("剧组公司"), _("用途"), _("结算时间")),
        *(_("应收合计"), _("其中赔偿"), _("已收押金"), _("差额"), _("经办")),
    ]
    for row in rows.iterator(chunk_size=500):
        booking = row.booking
        yield [
            row.number,
            booking.code,
            booking.place.name,
            booking.place.owner.name,
            booking.organisation.name,
            booking.title,
            f"{clock.local(row.settled_at):%Y-%m-%d %H:%M}",
            yuan(row.total_fen),
            yuan(row.damages_fen),
            yuan(row.deposit_fen),
            yuan(row.balance_fen),
            str(row.settled_by or ""),
        ]
