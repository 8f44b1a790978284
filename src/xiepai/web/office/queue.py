"""The keeper's queue: what waits for an answer, the most urgent first."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from xiepai.bookings.selectors import approval_queue
from xiepai.kernel import clock
from xiepai.web.requests import Request

PER_PAGE = 30


@require_safe
def queue(request: Request) -> HttpResponse:
    """Requests with crew, time, price and what is left of the time to answer."""
    page = Paginator(approval_queue(request.actor), PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "office/queue.html", {"page": page, "now": clock.now()})
