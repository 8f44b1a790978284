"""My works: found, sorted, exported; declaring one, changing what it says of itself, letting it go on."""

from __future__ import annotations

from datetime import date

from django.contrib import messages
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from xiepai.bookings.selectors import bookings_of
from xiepai.kernel import clock
from xiepai.kernel.errors import ErrorCode, XiepaiError
from xiepai.parties.models import CREW_ROLES
from xiepai.productions import access, selectors, services
from xiepai.productions.classification import ClassFacts, ClassResult, classify
from xiepai.productions.models import Circumstance, Subject, Work, WorkState
from xiepai.productions.states import ENDED, stages_of
from xiepai.web.class_pictures import rules_shown, scale_of
from xiepai.web.crew.work_forms import NewWorkForm, WorkForm, fen_of
from xiepai.web.refusals import HIDDEN, put_in_form
from xiepai.web.requests import Request
from xiepai.web.spreadsheets import table_file
from xiepai.web.work_lists import WorkFilterForm, found, page_of, table_of

SHOWN_BOOKINGS = 20


@require_safe
def listing(request: Request) -> HttpResponse:
    """The works of the reader's crews, a page at a time, each with what it lacks."""
    return render(request, "crew/works.html", page_of(request, WorkFilterForm(request.GET), of=own(request)))


@require_safe
def as_file(request: Request, form: str) -> HttpResponse | StreamingHttpResponse:
    """The same list, whole, as CSV or XLSX."""
    rows, _sort, today = found(request, WorkFilterForm(request.GET), of=own(request))
    return table_file(form, f"works-{today}", table_of(rows, today))


def own(request: Request) -> frozenset[int]:
    """The companies whose works are the reader's own."""
    return request.actor.organisations(*CREW_ROLES)


@require_safe
def work(request: Request, work_id: int) -> HttpResponse:
    """One work: its class with the rule, where it stands, what it may do next, what keeps it from that.

    ``want`` names a stage the work was just refused; the page then says what was missing for it.
    """
    detail = selectors.detail(request.actor, work_id)
    row, wanted = detail.work, request.GET.get("want", "")
    bookings = bookings_of(request.actor).filter(work=row)
    context = {
        "detail": detail,
        "work": row,
        "here": "work",
        "stages": stages_of(is_shot=row.is_shot),
        "days": {state: clock.local(at).date() for state, at in selectors.stage_days(row).items()},
        "wanted": wanted if wanted in detail.next_states else "",
        "refused": selectors.missing_before(request.actor, work_id, wanted) if wanted else [],
        "bookings": bookings.order_by("period")[:SHOWN_BOOKINGS],
        "bookings_count": bookings.count(),
        "STATES": dict(WorkState.choices),
        "SUBJECTS": dict(Subject.choices),
        "CIRCUMSTANCES": dict(Circumstance.choices),
        **class_context(detail.classed, row.making_mode, row.filed_on),
    }
    return render(request, "crew/work.html", context)


def class_context(classed: ClassResult, making: str, filed_on: date | None) -> dict[str, object]:
    """What the picture of a class needs."""
    scale, rules = scale_of(classed, making), rules_shown(classed)
    return {"classed": classed, "scale": scale, "rules": rules, "filed_on": filed_on}


@require_http_methods(["GET", "POST"])
def new(request: Request) -> HttpResponse:
    """Declare a work (报备)."""
    form = NewWorkForm(request.POST or None, actor=request.actor)
    if request.method == "POST" and form.is_valid():
        try:
            row = services.declare_work(
                actor=request.actor, organisation_id=int(form.cleaned_data["crew"]), **form.values()
            )
        except XiepaiError as refusal:
            if refusal.code is not ErrorCode.INVALID:
                raise
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("已报备。接下来看看进组前需要哪些文件。"))
            return redirect("crew:work", row.pk)
    return _form_page(request, form, None)


@require_http_methods(["GET", "POST"])
def edit(request: Request, work_id: int) -> HttpResponse:
    """Change what a work says of itself."""
    row = selectors.get_work(request.actor, work_id)
    form = WorkForm(request.POST or None, initial=WorkForm.initial_of(row))
    if request.method == "POST" and form.is_valid():
        try:
            services.update_work(actor=request.actor, work_id=work_id, **form.values())
        except XiepaiError as refusal:
            put_in_form(form, refusal)
        else:
            messages.success(request, _("已保存。"))
            return redirect("crew:work", work_id)
    return _form_page(request, form, row)


@require_safe
def class_preview(request: Request) -> HttpResponse:
    """The class of what is being typed, by the rule of the day given or of today; nothing is kept."""
    return render(request, "crew/work_class.html", _preview(WorkForm(request.GET)))


@require_POST
def advance(request: Request, work_id: int) -> HttpResponse:
    """Let a work enter another stage; refused for missing papers, the page lists them."""
    state = request.POST.get("state", "")
    page = reverse("crew:work", args=[work_id])
    try:
        row = services.advance_work(
            actor=request.actor, work_id=work_id, state=state, note=request.POST.get("note", "")
        )
    except XiepaiError as refusal:
        if refusal.http_status in HIDDEN:
            raise
        if refusal.code is ErrorCode.PAPERS_MISSING:
            return redirect(f"{page}?want={state}#refused")
        messages.error(request, str(refusal))
        return redirect(page)
    messages.success(request, _("现在的阶段：%(state)s。") % {"state": row.get_state_display()})
    return redirect(page)


def _form_page(request: Request, form: WorkForm, row: Work | None) -> HttpResponse:
    shown = form if form.is_bound else WorkForm(form.initial or {"making_mode": "live"})
    context = {"form": form, "work": row, "is_open": row is None or _is_open(request, row), **_preview(shown)}
    return render(request, "crew/work_form.html", context, status=422 if form.errors else 200)


def _is_open(request: Request, row: Work) -> bool:
    return access.may_write(request.actor, row) and row.state not in ENDED


def _preview(form: WorkForm) -> dict[str, object]:
    """The class of a form as far as it can be read; what is no number counts as not stated."""
    form.is_valid()
    data = form.cleaned_data
    making = data.get("making_mode") or "live"
    facts = ClassFacts(
        making=making,
        investment_fen=fen_of(data.get("investment")),
        subjects=frozenset(data.get("subjects") or ()),
        is_interactive=bool(data.get("is_interactive")),
        is_platform_promoted=bool(data.get("is_platform_promoted")),
        is_filed_as_top=bool(data.get("is_filed_as_top")),
        minutes_per_episode=data.get("minutes_per_episode"),
    )
    filed_on = data.get("filed_on")
    return class_context(classify(facts, filed_on or clock.today()), making, filed_on)
