"""A crew's sheet of needs in the browser: drop it, see what fits at what price, book it with one press."""

from __future__ import annotations

from datetime import date, timedelta

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from xiepai.bookings.access import visible_need_lists
from xiepai.bookings.booking_job import book_needs
from xiepai.bookings.job_result import JobResult, result_of
from xiepai.bookings.needs.sheet import read_sheet
from xiepai.kernel import clock
from xiepai.kernel.errors import XiepaiError, not_found
from xiepai.parties.limits import count
from xiepai.web.crew.bookings import crew_of
from xiepai.web.requests import Request
from xiepai.web.slots import DAY

LISTED = 50


class SheetForm(forms.Form):
    """The file, what 第1天 means, and whether to book what fits when not all does."""

    file = forms.FileField(
        label=gettext_lazy("需求表（.xlsx、.csv、.json）"),
        widget=forms.FileInput(attrs={"accept": ".xlsx,.csv,.json"}),
    )
    day_one = forms.DateField(label=gettext_lazy("第1天是哪天"), widget=DAY)
    partial = forms.BooleanField(label=gettext_lazy("有满足不了的，也先订能满足的"), required=False)


@require_http_methods(["GET", "POST"])
def needs(request: Request) -> HttpResponse:
    """Read a sheet; ``try`` plans and writes nothing, ``book`` books."""
    form = SheetForm(
        request.POST or None, request.FILES or None, initial={"day_one": clock.today() + timedelta(days=7)}
    )
    result: JobResult | None = None
    if request.method == "POST" and form.is_valid():
        try:
            result = _run(request, form, dry_run="book" not in request.POST)
        except XiepaiError as refusal:
            form.add_error("file", str(refusal))
            for problem in refusal.data.get("problems", [])[:20]:
                form.add_error("file", _("第 %(line)s 行“%(column)s”：%(reason)s") % problem)
        else:
            if result.is_booked and result.need_list_id is not None:
                messages.success(request, _("已预订。") if not result.is_repeat else _("这份表早已订过；没有再订。"))
                return redirect("crew:need_list", result.need_list_id)
    lists = visible_need_lists(request.actor).select_related("organisation").order_by("-id")[:LISTED]
    context = {"form": form, "result": result, "lists": lists}
    return render(request, "crew/needs.html", context, status=422 if form.errors else 200)


@require_safe
def need_list(request: Request, list_id: int) -> HttpResponse:
    """What came of one sheet, need by need."""
    row = visible_need_lists(request.actor).select_related("organisation").filter(pk=list_id).first()
    if row is None:
        raise not_found()
    return render(request, "crew/need_list.html", {"row": row, "result": result_of(row)})


def _run(request: Request, form: SheetForm, *, dry_run: bool) -> JobResult:
    count("upload", request.actor.person_id)
    upload = form.cleaned_data["file"]
    day_one: date = form.cleaned_data["day_one"]
    sheet = read_sheet(upload.name, upload.read(), day_one=day_one)
    return book_needs(
        actor=request.actor,
        organisation_id=crew_of(request).pk,
        sheet=sheet,
        partial=form.cleaned_data["partial"],
        dry_run=dry_run,
    )
