"""Shooting plans in the browser: scenarios listed and compared, the stripboard, settings.

Every change is one form that works without a script; with it the board alone comes back, with what was said.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from xiepai.kernel import clock
from xiepai.kernel.errors import XiepaiError, not_found
from xiepai.planning.shoot import TERMS, words
from xiepai.productions import selectors as works
from xiepai.productions.access import may_write
from xiepai.productions.models import Work
from xiepai.shoots import answers, selectors, selectors_plans
from xiepai.shoots.documents.sheet_words import pages
from xiepai.shoots.models import Plan, PlanState, Solve, Strip
from xiepai.shoots.services import boards, scenarios, solving
from xiepai.shoots.services import wishes as plan_wishes
from xiepai.web.crew import plan_moves
from xiepai.web.crew.plan_roles import RoleTable
from xiepai.web.crew.plan_settings import SettingsForm
from xiepai.web.crew.plan_wishes import DayWishForm, WishForm
from xiepai.web.refusals import attempt, put_in_form, tell
from xiepai.web.requests import Request
from xiepai.web.slots import DAY

COMPARED = 4


class PlanForm(forms.Form):
    """A new scenario."""

    name = forms.CharField(label=gettext_lazy("名称"), max_length=60)
    first_day = forms.DateField(label=gettext_lazy("首日"), widget=DAY)
    last_day = forms.DateField(label=gettext_lazy("末日"), widget=DAY)
    units = forms.TypedChoiceField(
        label=gettext_lazy("组数"), coerce=int, choices=[(n, str(n)) for n in range(1, boards.MOST_UNITS + 1)]
    )

    @classmethod
    def fresh(cls, work: Work, data: Any, number: int) -> PlanForm:
        """Filled with the work's own shooting days, from tomorrow in the city on: today is already being shot."""
        tomorrow = clock.today() + timedelta(days=1)
        first = max(work.shooting_from or tomorrow, tomorrow)
        last = work.shooting_to or first + timedelta(days=5)
        initial = {
            "name": _("方案 %(n)s") % {"n": number},
            "first_day": first,
            "last_day": max(first, last),
            "units": 1,
        }
        return cls(data, initial=initial)


@require_http_methods(["GET", "POST"])
def listing(request: Request, work_id: int) -> HttpResponse:
    """The scenarios of a work; a new one."""
    work = works.get_work(request.actor, work_id)
    rows = list(selectors_plans.plans(request.actor, work))
    form = PlanForm.fresh(work, request.POST or None, len(rows) + 1)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            plan = boards.create_plan(
                actor=request.actor,
                work_id=work_id,
                name=given["name"],
                first_day=given["first_day"],
                last_day=given["last_day"],
                unit_names=[f"{letter}组" for letter in "ABCD"[: given["units"]]],
            )
        except XiepaiError as refusal:
            put_in_form(form, refusal)
        else:
            return redirect("crew:plan", plan.pk)
    context = {"work": work, "here": "plans", "plans": rows, "form": form, "may_write": may_write(request.actor, work)}
    context["has_scenes"] = bool(rows) or selectors.has_scenes(work)
    return render(request, "crew/plans.html", context, status=422 if form.errors else 200)


@require_safe
def plan(request: Request, plan_id: int) -> HttpResponse:
    """The stripboard."""
    return render(request, "crew/plan.html", board_context(request, plan_id))


@require_POST
def change(request: Request, plan_id: int) -> HttpResponse:
    """One change of the board; with a script only the board comes back."""
    row = selectors_plans.get_plan(request.actor, plan_id)
    said = plan_moves.perform(request, row)
    if not request.headers.get("HX-Request"):
        if said:
            messages.error(request, said)
        return redirect("crew:plan", plan_id)
    return render(request, "crew/plan_board.html", board_context(request, plan_id) | {"refused": said})


@require_POST
def scenario(request: Request, plan_id: int) -> HttpResponse:
    """Publish, shoot from, put away, copy, or follow the breakdown."""
    do = request.POST.get("do", "")
    row = selectors_plans.get_plan(request.actor, plan_id)
    if do == "copy":
        made: list[Plan] = []
        attempt(request, lambda: made.append(boards.copy_plan(actor=request.actor, plan_id=plan_id)), _("已复制。"))
        return redirect("crew:plan", made[0].pk if made else plan_id)
    deeds = {"publish": scenarios.publish, "activate": scenarios.activate, "archive": scenarios.archive}
    if do == "follow":
        attempt(
            request,
            lambda: boards.refresh_scenes(actor=request.actor, plan_id=plan_id, revision=row.revision),
            _("已按场景表更新。"),
        )
    elif do in deeds:
        done = {"publish": _("已发布，剧组可以看到。"), "activate": _("已开始执行。"), "archive": _("已归档。")}[do]
        attempt(request, lambda: deeds[do](actor=request.actor, plan_id=plan_id), done)
    else:
        raise not_found()
    return redirect("crew:plan", plan_id)


@require_safe
def compare(request: Request, work_id: int) -> HttpResponse:
    """Scenarios side by side, term by term."""
    work = works.get_work(request.actor, work_id)
    rows = list(selectors_plans.plans(request.actor, work))
    wanted = {int(each) for each in request.GET.getlist("plan") if each.isdigit() and len(each) < 12}
    shown = [row for row in rows if row.pk in wanted] or [row for row in rows if row.state != PlanState.ARCHIVED]
    shown = shown[:COMPARED]
    language = (get_language() or "zh")[:2]
    lines = [
        (words.term(term, language), [row.costs.get("terms", {}).get(term, 0) for row in shown])
        for term in TERMS
        if any(row.costs.get("terms", {}).get(term) for row in shown)
    ]
    totals = [row.costs.get("total", 0) for row in shown]
    whole = [_is_whole(row) for row in shown]
    least = min((fen for fen, is_whole in zip(totals, whole, strict=True) if is_whole), default=None)
    context = {"work": work, "here": "plans", "plans": rows, "shown": shown, "lines": lines, "totals": totals}
    context |= {"whole": whole, "least": least}
    return render(request, "crew/plan_compare.html", context)


def _is_whole(row: Any) -> bool:
    """Whether a scenario of the list can be shot as it is: what leaves scenes out is no cheaper plan."""
    return bool(row.scene_count == row.placed > 0 and not row.flags)


@require_http_methods(["GET", "POST"])
def settings(request: Request, plan_id: int) -> HttpResponse:
    """Hours, weights, prices: what was not set is shown as assumed."""
    row = selectors_plans.get_plan(request.actor, plan_id)
    form = SettingsForm(request.POST or None, plan=row)
    if request.method == "POST" and form.is_valid():
        deed = lambda: boards.edit_settings(  # noqa: E731
            actor=request.actor, plan_id=plan_id, revision=form.cleaned_data["revision"], settings=form.stated()
        )
        if attempt(request, deed, _("已保存。")):
            return redirect("crew:plan", plan_id)
    context = _settings_context(request, row, form=form)
    return render(request, "crew/plan_settings.html", context, status=422 if form.errors else 200)


@require_POST
def wishes(request: Request, plan_id: int) -> HttpResponse:
    """A wish about the order of scenes or their days: said, or taken back."""
    row = selectors_plans.get_plan(request.actor, plan_id)
    text = request.POST.get("revision", "")
    who: dict[str, Any] = {"actor": request.actor, "plan_id": plan_id}
    who["revision"] = int(text) if text.isdigit() and len(text) < 12 else row.revision
    if "drop" in request.POST:
        attempt(request, lambda: plan_wishes.drop_wish(**who, key=request.POST["drop"]), _("已去掉这条要求。"))
        return redirect(f"{redirect('crew:plan_settings', plan_id).url}#wishes")
    name = "day_wish" if "days-kind" in request.POST else "wish"
    typed: dict[str, Any] = {name: request.POST}
    context = _settings_context(request, row, **typed)
    form = context[name]
    if not form.is_valid():
        return render(request, "crew/plan_settings.html", context, status=422)
    add = plan_wishes.add_day_wishes if name == "day_wish" else plan_wishes.add_wishes
    attempt(request, lambda: add(**who, **form.wish), _("已加上这条要求。"))
    return redirect(f"{redirect('crew:plan_settings', plan_id).url}#wishes")


@require_POST
def roles(request: Request, plan_id: int) -> HttpResponse:
    """Fees, hours and minors of all roles at once; with one fault nothing is written and all stays as typed."""
    row = selectors_plans.get_plan(request.actor, plan_id)
    table = RoleTable(row, request.POST)
    if table.save(request):
        return redirect(f"{redirect('crew:plan_settings', plan_id).url}#roles")
    return render(request, "crew/plan_settings.html", _settings_context(request, row, table=table), status=422)


def _settings_context(
    request: Request,
    row: Plan,
    *,
    form: SettingsForm | None = None,
    wish: Any = None,
    day_wish: Any = None,
    table: RoleTable | None = None,
) -> dict[str, Any]:
    """What the page of settings shows; *wish*, *day_wish* and *table* are what was typed into their forms."""
    language = (get_language() or "zh")[:2]
    scenes, sets = selectors_plans.scene_names(row), selectors_plans.story_sets(row)
    days = sorted(set(row.days.values_list("day", flat=True)))
    return {
        "plan": row,
        "work": row.work,
        "here": "plans",
        "form": form or SettingsForm(None, plan=row),
        "wish": WishForm(wish, scenes=scenes),
        "day_wish": DayWishForm(day_wish, scenes=scenes, sets=sets, days=days),
        "has_scenes": bool(scenes),
        "may_write": _writes(request, row),
        "cast": table or RoleTable(row),
        "wishes": selectors_plans.wish_views(row, scenes, language),
        "assumed": row.costs.get("assumed", {}),
    }


@require_safe
def why(request: Request, strip_id: int) -> HttpResponse:
    """Why this scene is on this day."""
    strip = Strip.objects.filter(pk=strip_id).select_related("plan__work", "scene", "plan_day").first()
    if strip is None or strip.scene is None:
        raise not_found()
    row = selectors_plans.get_plan(request.actor, strip.plan_id)
    language = (get_language() or "zh")[:2]
    try:
        rows = answers.why(strip, language)
    except XiepaiError as refusal:
        tell(request, refusal)
        return redirect("crew:plan", strip.plan_id)
    lines = [
        (each, [(words.term(term, language), fen) for term, fen in sorted(each.more.items(), key=lambda x: -abs(x[1]))])
        for each in rows
    ]
    context = {"plan": row, "work": row.work, "here": "plans", "strip": strip, "lines": lines}
    return render(request, "crew/plan_why.html", context)


def solve_context(request: Request, row: Plan, solve: Solve | None) -> dict[str, Any]:
    """What the part of a page about one solve shows, on the board's page and by itself while it runs."""
    return {
        "plan": row,
        "work": row.work,
        "here": "plans",
        "solve": solve,
        "seconds": solving.SECONDS,
        "curve": selectors_plans.curve(solve) if solve else None,
        "language": "zh" if (get_language() or "zh")[:2] == "zh" else "en",
        "may_write": _writes(request, row),
    }


def _writes(request: Request, row: Plan) -> bool:
    """Whether the one who looks may change the plan; what is put away changes no more."""
    return may_write(request.actor, row.work) and row.state != PlanState.ARCHIVED


def board_context(request: Request, plan_id: int) -> dict[str, Any]:
    """What the board's page and its partial show."""
    row = selectors_plans.get_plan(request.actor, plan_id)
    context = solve_context(request, row, selectors_plans.latest_solve(row))
    language = context["language"]
    view = selectors_plans.board_view(row)
    scenes = {strip.scene_id: str(strip.scene) for strip in view.strips if strip.scene_id}
    wished = selectors_plans.wish_views(row, scenes, language)
    terms = row.costs.get("terms", {})
    return context | {
        "view": view,
        "refused": "",
        "wished": {pk: [each for each in wished if pk in each.scene_ids] for each in wished for pk in each.scene_ids},
        "pages": pages,
        "terms": [(words.term(term, language), terms[term]) for term in TERMS if terms.get(term)],
        "total": row.costs.get("total", 0),
        "is_stale": selectors_plans.is_stale(row),
        "today": clock.today(),
        "clock": lambda moment: f"{clock.local(moment):%H:%M}",
        "past": any(column.day and column.day.day < clock.today() and column.scenes for column in view.columns),
    }


def first_day_of(row: Plan) -> date:
    """The first day still to come."""
    return max(row.first_day, clock.today())
