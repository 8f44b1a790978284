"""我的场地: what is to be done today, and all the places kept, as a tree or sorted, exported as files."""

from __future__ import annotations

import io
from datetime import timedelta
from typing import Any

from django import forms
from django.core.paginator import Page, Paginator
from django.db.models import F, QuerySet
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from xiepai.bookings.keeping import handovers_today, week_of
from xiepai.bookings.selectors import approval_queue
from xiepai.kernel import clock
from xiepai.kernel.errors import not_found
from xiepai.places import exporting
from xiepai.places.keeping import SORTS, VERIFY_AFTER_DAYS, in_tree_order, kept_places, needs_of, rows_by_id
from xiepai.places.models import Place, Visibility
from xiepai.places.sheets.columns import COLUMNS
from xiepai.web import formats
from xiepai.web.keeper.forms import owners_for
from xiepai.web.requests import Request

PER_PAGE = 60
SHOWN_WAITING = 6
LACK_CHOICES = [
    ("", gettext_lazy("不限")),
    ("photo", gettext_lazy("没有照片")),
    ("tariff", gettext_lazy("没有价目")),
    ("verified", gettext_lazy("久未核实")),
]


class FilterForm(forms.Form):
    """What the list can be narrowed by."""

    q = forms.CharField(label=gettext_lazy("名称或编号"), required=False, max_length=60)
    owner = forms.TypedChoiceField(label=gettext_lazy("机构"), required=False, coerce=int, empty_value=None)
    visibility = forms.ChoiceField(
        label=gettext_lazy("可见性"), required=False, choices=[("", gettext_lazy("全部")), *Visibility.choices]
    )
    lack = forms.ChoiceField(label=gettext_lazy("还缺"), required=False, choices=LACK_CHOICES)

    def __init__(self, data: Any, owners: list[tuple[int, str]]) -> None:
        super().__init__(data)
        self.fields["owner"].choices = [("", gettext_lazy("全部机构")), *owners]  # type: ignore[attr-defined]
        if len(owners) < 2:
            del self.fields["owner"]


@require_safe
def home(request: Request) -> HttpResponse:
    """Today's handovers, requests that wait, the week, what lacks; below, the places."""
    rows, form = found_places(request)
    sort = sort_of(request)
    page, lines = _page(rows, sort, request.GET.get("page"))
    today = clock.today()
    week, sets = week_of(request.actor, today - timedelta(days=today.weekday()))
    waiting = approval_queue(request.actor)
    context = {
        "form": form,
        "sort": sort,
        "page": page,
        "lines": lines,
        "needs": needs_of(request.actor),
        "verify_days": VERIFY_AFTER_DAYS,
        "handovers": list(handovers_today(request.actor)[:SHOWN_WAITING]),
        "waiting": list(waiting[:SHOWN_WAITING]),
        "waiting_count": waiting.count(),
        "week": week,
        "sets": sets,
        "today": today,
        "now": clock.now(),
        "columns": [(column.key, column.english if formats.is_english() else column.header) for column in COLUMNS],
        "kinds": [("xlsx", "XLSX"), ("csv", "CSV"), ("geojson", "GeoJSON")],
    }
    return render(request, "keeper/home.html", context)


@require_safe
def export(request: Request) -> HttpResponse | StreamingHttpResponse:
    """The same places as a file, with all columns or those chosen; read again it changes nothing."""
    kind = request.GET.get("kind", "xlsx")
    if kind not in exporting.KINDS:
        raise not_found()
    rows, _form = found_places(request)
    chosen = Place.objects.filter(pk__in=rows.order_by().values("pk"))
    columns = request.GET.getlist("column")
    answer: HttpResponse | StreamingHttpResponse
    if kind == "xlsx":
        out = io.BytesIO()
        exporting.export_places(actor=request.actor, kind=kind, out=out, places=chosen, columns=columns)
        answer = HttpResponse(out.getvalue(), content_type=exporting.KINDS[kind])
    else:
        pieces = exporting.pieces(actor=request.actor, kind=kind, places=chosen, columns=columns)
        answer = StreamingHttpResponse(pieces, content_type=exporting.KINDS[kind])
    answer["Content-Disposition"] = f'attachment; filename="places-{clock.today()}.{kind}"'
    return answer


def found_places(request: Request) -> tuple[QuerySet[Place], FilterForm]:
    """The kept places the address asks for."""
    owners = [(row.pk, formats.named(row)) for row in owners_for(request.actor)]
    form = FilterForm(request.GET, owners)
    form.is_valid()
    given = form.cleaned_data
    rows = kept_places(
        request.actor,
        words=given.get("q") or "",
        owner_id=given.get("owner"),
        visibility=given.get("visibility") or "",
        lack=given.get("lack") or "",
    )
    return rows, form


def sort_of(request: Request) -> str:
    """How the list is ordered: a column, or "" for the tree."""
    wanted = request.GET.get("sort", "")
    return wanted if wanted.lstrip("-") in SORTS else ""


def _page(rows: QuerySet[Place], sort: str, number: str | None) -> tuple[Page[Any], list[tuple[int, Place]]]:
    """A page of the list as (depth, place)."""
    ordered = in_tree_order(rows) if not sort else None
    if ordered is not None:
        page = Paginator(ordered, PER_PAGE).get_page(number)
        depths = dict(page.object_list)
        return page, [(depths[place.pk], place) for place in rows_by_id(rows, depths)]
    key = F(SORTS[sort.lstrip("-") or "name"])
    order = key.desc(nulls_last=True) if sort.startswith("-") else key.asc(nulls_first=True)
    flat = Paginator(rows.order_by(order, "id"), PER_PAGE).get_page(number)
    return flat, [(0, place) for place in flat.object_list]
