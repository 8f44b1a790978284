"""Outside calendars of a place: an .ics file in as busy times, again as often as it changes, and out again."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from xiepai.bookings.services import outside
from xiepai.bookings.services.outside import BusyReport
from xiepai.kernel.errors import XiepaiError
from xiepai.parties.limits import count
from xiepai.places.keeping import kept_place
from xiepai.web import formats
from xiepai.web.requests import Request

MOST_TOLD = 50


class ImportForm(forms.Form):
    """The file, and which calendar it is."""

    file = forms.FileField(
        label=gettext_lazy("日历文件（.ics）"), widget=forms.FileInput(attrs={"accept": ".ics,text/calendar"})
    )
    name = forms.CharField(
        label=gettext_lazy("这是哪个日历"),
        max_length=60,
        help_text=gettext_lazy("再次导入时用同一个名称：新的加上，没有了的解除，没变的不动。"),
        widget=forms.TextInput(attrs={"list": "calendar-names"}),
    )


@require_http_methods(["GET", "POST"])
def outside_calendars(request: Request, place_id: int) -> HttpResponse:
    """The place's outside calendars; an import says what it did, and what stood in the way."""
    place = kept_place(request.actor, place_id)
    form = ImportForm(request.POST or None, request.FILES or None)
    report: BusyReport | None = None
    if request.method == "POST" and form.is_valid():
        count("upload", request.actor.person_id)
        data, name = form.cleaned_data["file"].read(), form.cleaned_data["name"]
        try:
            report = outside.import_busy(actor=request.actor, place_id=place_id, data=data, name=name)
        except XiepaiError as refusal:
            if refusal.http_status == 404:
                raise
            form.add_error("file", str(refusal))
    refused = [
        (busy.summary, formats.span(busy.span.start, busy.span.end), reason)
        for busy, reason in (report.refused[:MOST_TOLD] if report else ())
    ]
    rows = list(outside.calendars_of(request.actor, place_id))
    context = {"place": place, "form": form, "report": report, "refused": refused, "rows": rows, "days": outside.DAYS}
    return render(request, "keeper/outside.html", context, status=422 if form.errors else 200)


@require_POST
def remove(request: Request, place_id: int, calendar_id: int) -> HttpResponse:
    """Forget a calendar and free its times."""
    lifted = outside.remove_calendar(actor=request.actor, place_id=place_id, calendar_id=calendar_id)
    messages.success(request, _("已移除日历，解除了 %(n)s 段停用。") % {"n": lifted})
    return redirect("keeper:outside", place_id)
