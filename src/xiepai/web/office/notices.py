"""公示, kept by the office: written over what is proposed, opened, objections answered, closed after its days."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import FileResponse, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, override
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from xiepai.grants.access import visible_applications
from xiepai.grants.documents.notice import measures_said
from xiepai.grants.models import Application, Objection, ObjectionState, Programme, ProgrammeState, PublicNotice
from xiepai.grants.services import notices as services
from xiepai.grants.services.objections import answer_objection, receipt_of
from xiepai.grants.states import ApplicationState
from xiepai.kernel import clock
from xiepai.kernel.errors import ErrorCode, XiepaiError, not_found
from xiepai.parties.working_days import calendar_of
from xiepai.web.requests import Request
from xiepai.worktime.workdays import MissingYearError

SHOWN = 200


class NoticeForm(forms.Form):
    """A notice to be written."""

    title = forms.CharField(label=gettext_lazy("标题"), max_length=120)
    title_en = forms.CharField(label=gettext_lazy("英文标题"), max_length=160, required=False)
    working_days = forms.IntegerField(label=gettext_lazy("公示期（工作日）"), min_value=1, max_value=services.MOST_DAYS)
    contact = forms.CharField(
        label=gettext_lazy("异议受理的联系方式"), max_length=200, required=False, help_text=gettext_lazy("会公开显示。")
    )
    text = forms.CharField(
        label=gettext_lazy("公示内容"),
        required=False,
        max_length=4_000,
        widget=forms.Textarea,
        help_text=gettext_lazy("其中的证件号、电话、账号会自动隐去一部分。"),
    )


@require_safe
def listing(request: Request) -> HttpResponse:
    """Every notice, and the programmes that have something to show."""
    rows = PublicNotice.objects.select_related("programme").order_by("-id")[:SHOWN]
    ready = []
    for programme in Programme.objects.exclude(state=ProgrammeState.DRAFT).filter(is_local=True):
        number = len(_ready(request, programme.pk))
        ready += [(programme, number)] if number else []
    return render(request, "office/notices.html", {"rows": rows, "ready": ready, "today": clock.today()})


@require_http_methods(["GET", "POST"])
def new(request: Request, programme_id: int) -> HttpResponse:
    """Write a notice over the proposed applications of a programme."""
    programme = Programme.objects.filter(pk=programme_id).first()
    if programme is None:
        raise not_found()
    ready = _ready(request, programme_id)
    form = NoticeForm(request.POST or None, initial={**_titles(programme), "working_days": _days(programme)})
    chosen = [int(each) for each in request.POST.getlist("application") if each.isdigit() and len(each) < 15]
    if request.method == "POST" and form.is_valid():
        try:
            notice = services.draft_notice(
                actor=request.actor, programme_id=programme_id, application_ids=chosen, **form.cleaned_data
            )
        except XiepaiError as refusal:
            if refusal.code is ErrorCode.NOT_FOUND:
                raise
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("公示已写好，核对后再发布。"))
            return redirect("office:notice", notice.pk)
    if request.method == "GET":
        chosen = [row.pk for row in ready]
    context = {"programme": programme, "ready": ready, "form": form, "chosen": chosen}
    return render(request, "office/notice_new.html", context, status=422 if form.errors else 200)


@require_safe
def notice(request: Request, notice_id: int) -> HttpResponse:
    """One notice: its lines, its objections, what may be done now."""
    found = PublicNotice.objects.select_related("programme", "published_by").filter(pk=notice_id).first()
    if found is None:
        raise not_found()
    today = clock.today()
    objections = list(found.objections.select_related("item", "answered_by", "received_by", "stored"))
    waiting = sum(each.state == ObjectionState.RECEIVED for each in objections)
    context = {
        "notice": found,
        "items": list(found.items.select_related("application")),
        "measures_of": measures_said,
        "objections": [(each, receipt_of(each)) for each in objections],
        "waiting": waiting,
        "may_close": found.state == "open" and found.closes_on and today > found.closes_on and not waiting,
        "would_close_on": _would_close_on(found),
    }
    return render(request, "office/notice.html", context)


@require_POST
def deed(request: Request, notice_id: int) -> HttpResponse:
    """Open, close or take back."""
    wanted = request.POST.get("deed")
    try:
        if wanted == "open":
            services.open_notice(actor=request.actor, notice_id=notice_id)
            messages.success(request, _("公示已发布。"))
        elif wanted == "close":
            services.close_notice(actor=request.actor, notice_id=notice_id)
            messages.success(request, _("公示已结束，可以作出决定。"))
        else:
            services.cancel_notice(actor=request.actor, notice_id=notice_id, reason=request.POST.get("reason", ""))
            messages.success(request, _("公示已撤销。"))
    except XiepaiError as refusal:
        if refusal.code is ErrorCode.NOT_FOUND:
            raise
        messages.error(request, str(refusal))
    return redirect("office:notice", notice_id)


@require_POST
def answer(request: Request, notice_id: int, objection_id: int) -> HttpResponse:
    """Answer an objection."""
    try:
        answer_objection(
            actor=request.actor,
            objection_id=objection_id,
            upholds=request.POST.get("upholds") == "1",
            answer=request.POST.get("answer", ""),
        )
        messages.success(request, _("已答复。"))
    except XiepaiError as refusal:
        if refusal.code is ErrorCode.NOT_FOUND:
            raise
        messages.error(request, str(refusal))
    return redirect("office:notice", notice_id)


@require_safe
def objection_file(request: Request, notice_id: int, objection_id: int) -> FileResponse:
    """The paper that came with an objection, for the office alone."""
    row = Objection.objects.select_related("stored").filter(pk=objection_id, notice=notice_id).first()
    if row is None or row.stored is None:
        raise not_found()
    try:
        opened = row.stored.file.open("rb")
    except FileNotFoundError as error:
        raise not_found() from error
    answer = FileResponse(opened, as_attachment=True, filename=row.file_name, content_type=row.stored.content_type)
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Content-Security-Policy"] = "default-src 'none'; sandbox"
    answer["Cache-Control"] = "private, no-store"
    return answer


def _ready(request: Request, programme_id: int) -> list[Application]:
    rows = visible_applications(request.actor).filter(
        programme=programme_id, state=ApplicationState.PROPOSED, awarded_fen__gt=0
    )
    free = rows.exclude(notice_items__notice__state__in=services.ALIVE)
    return list(free.select_related("organisation", "work").order_by("pk")[: services.MOST_ITEMS])


def _titles(programme: Programme) -> dict[str, str]:
    """The usual title in both languages, whatever the officer reads; in English where the programme has a name."""
    found = {"title": (programme.name, "zh-hans"), "title_en": (programme.name_en, "en")}
    titles = {}
    for field, (name, tongue) in found.items():
        with override(tongue):
            titles[field] = _("%(name)s拟奖补名单公示") % {"name": name} if name else ""
    return titles


def _days(programme: Programme) -> int:
    step = programme.steps.filter(kind="public_notice", is_active=True).first()
    return (step.term_working_days if step else None) or services.USUAL_DAYS


def _would_close_on(found: PublicNotice) -> Any:
    if found.state != "draft":
        return None
    try:
        return services.last_day(calendar_of(), clock.today(), found.working_days)
    except MissingYearError:
        return None
