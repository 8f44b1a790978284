"""One's notices, newest first; opening the page is not reading them, pressing the button is."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from xiepai.parties.notices import mark_read, notices_of
from xiepai.web.requests import Request

PER_PAGE = 50


@require_safe
def notices(request: Request) -> HttpResponse:
    """The list."""
    page = Paginator(notices_of(request.actor), PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "people/notices.html", {"page": page})


@require_POST
def read(request: Request) -> HttpResponse:
    """Mark all as read."""
    mark_read(actor=request.actor)
    return redirect("people:notices")
