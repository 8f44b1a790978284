"""Solves in the browser: asked, watched, stopped, taken; what conflicts, and buttons that loosen it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from xiepai.kernel.errors import not_found
from xiepai.parties.limits import count
from xiepai.shoots import selectors_plans
from xiepai.shoots.models import Plan, SolveKind, Strip
from xiepai.shoots.services import boards, solving, wishes
from xiepai.shoots.setting_up import call_minute, setting, wish_key
from xiepai.web.crew.plans import board_context, solve_context
from xiepai.web.refusals import attempt
from xiepai.web.requests import Request


class SolveForm(forms.Form):
    """How long to look, or how many rounds; the same seed and rounds on the same board give the same plan."""

    seconds = forms.IntegerField(label=gettext_lazy("限时"), min_value=1, max_value=solving.SECONDS[-1], required=False)
    seed = forms.IntegerField(label=gettext_lazy("种子"), min_value=0, max_value=solving.MOST_SEED, required=False)
    rounds = forms.IntegerField(label=gettext_lazy("轮数"), min_value=1, max_value=solving.MOST_ROUNDS, required=False)

    @property
    def asked(self) -> dict[str, Any]:
        """What the service takes; the two buttons are two questions."""
        given = self.cleaned_data
        kind = SolveKind.ONE_MORE_DAY if self.data.get("do") == "more" else SolveKind.PLAN
        seed = 1 if given["seed"] is None else given["seed"]
        return {"seconds": given["seconds"] or 30, "seed": seed, "rounds": given["rounds"], "kind": kind}

    def clean(self) -> dict[str, Any]:
        """Faults name their field: the form stands closed in a line of its own."""
        for name in list(self.errors):
            said = " ".join(str(each) for each in self.errors[name])
            self.errors[name] = self.error_class([f"{self.fields[name].label}：{said}"])
        return super().clean() or {}


@require_POST
def ask(request: Request, plan_id: int) -> HttpResponse:
    """Begin a solve, or ask what one more day would buy."""
    row = selectors_plans.get_plan(request.actor, plan_id)
    count("solve", request.actor.person_id)
    form = SolveForm(request.POST)
    if form.is_valid():
        who: dict[str, Any] = {"actor": request.actor, "plan_id": plan_id, "revision": row.revision}
        attempt(request, lambda: solving.ask(**who, **form.asked))
    else:
        messages.error(request, " ".join(str(said) for each in form.errors.values() for said in each))
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
    return render(request, "crew/plan_solve.html", solve_context(request, solve.plan, solve))


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
