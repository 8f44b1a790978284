"""From a plan to its sets: what it needs, what that costs, one press, and what keepers answered."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from xiepai.kernel.money import Money
from xiepai.productions.access import may_write
from xiepai.shoots import selectors_plans
from xiepai.shoots.models import PlanState, Strip, StripKind
from xiepai.shoots.services import plan_bookings
from xiepai.web.refusals import attempt
from xiepai.web.requests import Request


@require_http_methods(["GET", "POST"])
def book(request: Request, plan_id: int) -> HttpResponse:
    """Every place and day of the plan with its price; a press books what is open, all or nothing."""
    row = selectors_plans.get_plan(request.actor, plan_id)
    if request.method == "POST":
        given = [request.POST.get(name, "") for name in ("revision", "expected")]
        revision, expected = (int(each) if each.isdigit() and len(each) < 15 else -1 for each in given)
        deed = plan_bookings.book
        if attempt(
            request,
            lambda: deed(actor=request.actor, plan_id=plan_id, revision=revision, expected_fen=expected),
        ):
            messages.success(request, _("已全部提交；需要审批的等场地方答复。"))
        return redirect("crew:plan_book", plan_id)
    rows = plan_bookings.place_days(row)
    homeless = Strip.objects.filter(plan=row, kind=StripKind.SCENE, plan_day__isnull=False, place__isnull=True)
    context = {
        "plan": row,
        "work": row.work,
        "here": "plans",
        "rows": rows,
        "open": [each for each in rows if each.is_open],
        "total": Money(plan_bookings.total_fen(rows)),
        "unneeded": plan_bookings.unneeded(row),
        "homeless": homeless.count(),
        "clashes": plan_bookings.clashes([each for each in rows if each.is_open]),
        "may_write": may_write(request.actor, row.work) and row.state != PlanState.ARCHIVED,
    }
    return render(request, "crew/plan_book.html", context)
