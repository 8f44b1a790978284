"""An expert's own page: what was assigned, and scoring it by the rubric; made for a phone.

Blind reviews show a code, the facts and the rubric: neither the company's name nor its papers. Nobody sees another's
points. Refused: another expert's assignment (not found).
"""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from xiepai.grants.models import AssignmentState, Recusal, ReviewAssignment
from xiepai.grants.rubrics import rubric_of
from xiepai.grants.services.recusing import recuse
from xiepai.grants.services.scoring import own_assignment, submit_score
from xiepai.kernel import clock
from xiepai.web.office.grants import attempt
from xiepai.web.office.grants_application import fact_lines, papers_en, papers_of
from xiepai.web.requests import Request

SHOWN = 200


@require_safe
def listing(request: Request) -> HttpResponse:
    """What is to be scored, then what was."""
    hidden = Recusal.objects.filter(person_id=request.actor.person_id or 0)
    rows = ReviewAssignment.objects.filter(
        reviewer_id=request.actor.person_id or 0, state__in=(AssignmentState.ASSIGNED, AssignmentState.SCORED)
    ).exclude(application__organisation__in=hidden.exclude(organisation=None).values("organisation_id"))
    rows = rows.select_related("application__programme", "score").order_by("state", "due_at", "id")
    return render(request, "office/grant_reviews.html", {"rows": rows[:SHOWN], "now": clock.now()})


@require_http_methods(["GET", "POST"])
def score(request: Request, assignment_id: int) -> HttpResponse:
    """One application by its code; points and a comment, handed in once; or a recusal."""
    row = own_assignment(request.actor, assignment_id)
    if request.method == "POST":
        if request.POST.get("deed") == "recuse":
            reason = request.POST.get("note", "")
            done = attempt(
                request,
                lambda: recuse(actor=request.actor, application_id=row.application_id, reason=reason),
                _("已登记回避。"),
            )
            return redirect("office:grant_reviews") if done else redirect("office:grant_review", row.pk)
        points = {name.removeprefix("p-"): text for name, text in request.POST.items() if name.startswith("p-")}
        done = attempt(
            request,
            lambda: submit_score(
                actor=request.actor, assignment_id=row.pk, points=points, comment=str(request.POST.get("comment", ""))
            ),
            _("已提交评分。"),
        )
        if done:
            return redirect("office:grant_reviews")
        return render(request, "office/grant_review.html", _context(row, points), status=422)
    return render(request, "office/grant_review.html", _context(row, {}))


def _context(row: ReviewAssignment, points: dict[str, Any]) -> dict[str, Any]:
    rubric = rubric_of(row.application)
    is_scored = row.state == AssignmentState.SCORED
    given = row.score.items if is_scored else points
    return {
        "row": row,
        "rubric": rubric,
        "is_scored": is_scored,
        "points": {item.code: str(given.get(item.code, "")) for item in rubric.items},
        "facts": fact_lines(row.application),
        "papers_en": papers_en(row.application),
        "papers": [] if rubric.is_blind else papers_of(row.application),
        "now": clock.now(),
    }
