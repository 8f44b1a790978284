"""Letters about an application, for the company and the office: a decision's, a payment's. Refused: anybody else's."""

from __future__ import annotations

from django.http import HttpResponse
from django.views.decorators.http import require_safe

from xiepai.grants.documents.letters import decision_letter, payment_letter
from xiepai.grants.payment_files import order_number
from xiepai.grants.selectors_decisions import decision_for_letter, payment_for_letter
from xiepai.web.requests import Request


@require_safe
def decision(request: Request, decision_id: int) -> HttpResponse:
    """The letter of an award or of a refusal."""
    row = decision_for_letter(request.actor, decision_id)
    return _pdf(decision_letter(row), row.number)


@require_safe
def payment(request: Request, order_id: int) -> HttpResponse:
    """The letter that says money was sent."""
    row = payment_for_letter(request.actor, order_id)
    return _pdf(payment_letter(row), order_number(row))


def _pdf(content: bytes, name: str) -> HttpResponse:
    answer = HttpResponse(content, content_type="application/pdf")
    answer["Content-Disposition"] = f'attachment; filename="{name}.pdf"'
    answer["Cache-Control"] = "private, no-store"
    return answer
