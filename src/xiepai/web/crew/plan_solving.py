"""Solves in the browser: asked, watched, stopped, taken; what conflicts, and buttons that loosen it."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from xiepai.kernel.errors import not_found
from xiepai.parties.limits import count
from xiepai.productions.access import may_write
from xiepai.shoots import selectors_plans
from xiepai.shoots.models import Plan, SolveKind, Strip
from xiepai.shoots.services import boards, solving, wishes
from xiepai.shoots.setting_up import call_minute, setting, wish_key
from xiepai.web.crew.plans import board_context
from xiepai.web.refusals import attempt
from xiepai.web.requests import Request


@require_POST
def ask(request: Request, plan_id: int) -> HttpResponse:
    """Begin a solve, or ask what one more day would buy."""
    row = selectors_plans.get_plan(request.actor, plan_id)
    count("solve", request.actor.person_id)
    text = request.POST.get("seconds", "30")
    seconds = int(text) if text.isdigit() and len(text) < 4 else 30
    kind = SolveKind.ONE_MORE_DAY if request.POST.get("do") == "more" else SolveKind.PLAN
    attempt(
        request,
        lambda: solving.ask(actor=request.actor, plan_id=plan_id, revision=row.revision, seconds=seconds, kind=kind),
    )
    return redirect(f"{redirect('crew:plan', plan_id).url}#solve")


@require_POST
def stop(request: Request, solve_id: int) -> HttpResponse:
    """End it with the best so far."""
    solve = selectors_plans.get_solve(request.actor, solve_id)
    attempt(request, lambda: solving.stop(actor=request.actor, solve_id=solve_id))
    return redirect("crew:plan", solve.plan_id)


@require_POST
def take(request: Request, solve_id: int) -> HttpResponse:
    """Lay the answer out, beside the board if that was changed."""
    solve = selectors_plans.get_solve(request.actor, solve_id)
    made: list[Plan] = []
    attempt(request, lambda: made.append(solving.take(actor=request.actor, solve_id=solve_id)), _("已采用。"))
    return redirect("crew:plan", made[0].pk if made else solve.plan_id)


@require_safe
def progress(request: Request, solve_id: int) -> HttpResponse:
    """How far it is; once it is over, the board comes with it, as it stands now."""
    solve = selectors_plans.get_solve(request.actor, solve_id)
    if solve.state not in solving.ALIVE:
        context = board_context(request, solve.plan_id)
        return render(request, "crew/plan_solved.html", context | {"solve": solve, "is_aside": True})
    context = {
        "solve": solve,
        "plan": solve.plan,
        "curve": selectors_plans.curve(solve),
        "past": False,
        "may_write": may_write(request.actor, solve.plan.work),
        "language": "zh" if (get_language() or "zh")[:2] == "zh" else "en",
    }
    return render(request, "crew/plan_solve.html", context)


@require_POST
def loosen(request: Request, solve_id: int) -> HttpResponse:
    """Loosen one of the wishes that conflict: unlock what is locked, allow longer days, drop an order."""
    solve = selectors_plans.get_solve(request.actor, solve_id)
    number = request.POST.get("reason", "")
    reasons = solve.result.get("reasons", [])
    if not number.isdigit() or int(number) >= len(reasons):
        raise not_found()
    attempt(request, lambda: _loosen(request, solve.plan, reasons[int(number)]), _("已放宽，可以再求解一次。"))
    return redirect("crew:plan", solve.plan_id)


def _loosen(request: Request, plan: Plan, reason: dict[str, Any]) -> None:
    who: dict[str, Any] = {"actor": request.actor, "plan_id": plan.pk, "revision": plan.revision}
    if reason["kind"] == "lock":
        scenes = [int(each) for each in reason["scenes"] or [reason["subject"]] if str(each).isdigit()]
        strips = Strip.objects.filter(plan=plan, scene__in=scenes)
        boards.set_locked(
            **who,
            is_locked=False,
            strip_ids=list(strips.values_list("pk", flat=True)),
            plan_day_ids=[pk for pk in strips.values_list("plan_day_id", flat=True) if pk],
        )
    elif reason["kind"] in {"unit_hours", "light"}:
        most = int(setting(plan.settings, "most_hours"))
        until = int(setting(plan.settings, "until_hour"))
        call = max(0, call_minute(plan.settings) - (120 if reason["kind"] == "light" else 0))
        wider = {"most_hours": min(24, most + 2), "until_hour": min(30, until + 2)}
        boards.edit_settings(**who, settings={**wider, "call_at": f"{call // 60:02d}:{call % 60:02d}"})
    elif reason["kind"] == "wish":
        wishes.drop_wish(**who, key=reason.get("key") or wish_key(reason["subject"], reason["scenes"]))
    else:
        raise not_found()
