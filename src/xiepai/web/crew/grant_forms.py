"""Blank forms of my application: the declaration, a list or a cover for each paper. Refused: where nothing is open."""

from __future__ import annotations

from django.http import HttpResponse
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from xiepai.grants.documents import forms
from xiepai.grants.drafting import Filled, fill
from xiepai.grants.states import WRITABLE
from xiepai.kernel.errors import not_found
from xiepai.web.crew.grant_application import get_application
from xiepai.web.requests import Request
from xiepai.web.spreadsheets import XLSX


@require_safe
def declaration(request: Request, application_id: int) -> HttpResponse:
    """The declaration, with what is filled in."""
    filled = _filled(request, application_id)
    return _file(forms.declaration_pdf(filled), "application/pdf", f"{filled.application.number}-declaration.pdf")


@require_safe
def paper(request: Request, application_id: int, form: str) -> HttpResponse:
    """The form of one paper, by its kind: a list where it proves an amount, else a cover."""
    filled = _filled(request, application_id)
    wanted = forms.paper_named(filled, request.GET.get("kind", ""))
    if wanted is None or form != ("xlsx" if forms.is_list(wanted) else "pdf"):
        raise not_found()
    name = f"{filled.application.number}-{wanted.kind}.{form}"
    if form == "xlsx":
        return _file(forms.list_xlsx(filled, wanted), XLSX, name)
    return _file(forms.cover_pdf(filled, wanted), "application/pdf", name)


def _filled(request: Request, application_id: int) -> Filled:
    row = get_application(request, application_id)
    if row.state not in WRITABLE:
        raise not_found()
    return fill(row)


def _file(content: bytes, content_type: str, name: str) -> HttpResponse:
    answer = HttpResponse(content, content_type=content_type)
    answer["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=name) or "attachment"
    answer["Cache-Control"] = "private, no-store"
    return answer
