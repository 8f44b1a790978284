"""All works of the city, for the office: found, sorted, exported."""

from __future__ import annotations

from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from xiepai.productions.selectors_lists import paper_queue
from xiepai.web.requests import Request
from xiepai.web.spreadsheets import table_file
from xiepai.web.work_lists import CityWorkFilterForm, found, page_of, table_of


@require_safe
def listing(request: Request) -> HttpResponse:
    """The list, a page at a time."""
    context = page_of(request, CityWorkFilterForm(request.GET))
    return render(request, "office/works.html", context | {"waiting": paper_queue(request.actor).count()})


@require_safe
def as_file(request: Request, form: str) -> HttpResponse | StreamingHttpResponse:
    """The same list, whole, as CSV or XLSX."""
    rows, _sort, today = found(request, CityWorkFilterForm(request.GET))
    return table_file(form, f"works-{today}", table_of(rows, today))
