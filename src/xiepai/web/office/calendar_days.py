"""The working calendar, kept by the office: days against the official list, years not yet known, office hours."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from xiepai.kernel import clock
from xiepai.kernel.errors import XiepaiError
from xiepai.parties import working_days
from xiepai.parties.models import CalendarDay, CalendarYear
from xiepai.web.formats import is_english
from xiepai.web.refusals import put_in_form, tell
from xiepai.web.requests import Request
from xiepai.web.slots import DAY, minute_of
from xiepai.worktime.china import english_name, official_days
from xiepai.worktime.workdays import Hours


class DayForm(forms.Form):
    """A day that is worked or not, and why."""

    day = forms.DateField(label=gettext_lazy("日期"), widget=DAY)
    is_worked = forms.TypedChoiceField(
        label=gettext_lazy("这一天"),
        choices=[("0", gettext_lazy("不上班")), ("1", gettext_lazy("上班"))],
        coerce=lambda value: value == "1",
    )
    reason = forms.CharField(label=gettext_lazy("原因"), max_length=60)


class YearForm(forms.Form):
    """A year the official list lacks."""

    source = forms.CharField(
        label=gettext_lazy("依据"), max_length=200, help_text=gettext_lazy("例如国务院办公厅通知的名称和文号")
    )


class HoursForm(forms.Form):
    """Office hours as people write them."""

    spans = forms.CharField(
        label=gettext_lazy("办公时间"), max_length=80, help_text=gettext_lazy("例如 09:00–12:00 13:30–18:00")
    )

    def clean_spans(self) -> list[tuple[int, int]]:
        """Pairs of minutes from midnight."""
        try:
            pairs = [
                re.split(r"[–—~-]", part) for part in re.split(r"[\s,，、;；]+", self.cleaned_data["spans"].strip())
            ]
            return [(minute_of(opens), minute_of(closes)) for opens, closes in pairs]
        except ValueError as error:
            raise forms.ValidationError(_("请写成 09:00–12:00 13:30–18:00 的样子。")) from error


@require_http_methods(["GET", "POST"])
def calendar_days(request: Request) -> HttpResponse:
    """One year: what the office entered, and the official days it stands beside."""
    year, agency_id = _chosen(request)
    form = DayForm(request.POST or None, prefix="day") if _means(request, "day") else DayForm(prefix="day")
    declared = YearForm(request.POST if _means(request, "year") else None, prefix="year")
    hours = working_days.hours_of(agency_id)
    spelled = spell(hours.spans if hours else Hours().spans)
    hours_form = HoursForm(
        request.POST if _means(request, "hours") else None, prefix="hours", initial={"spans": spelled}
    )
    if request.method == "POST" and _done(request, year, agency_id, form, declared, hours_form):
        return redirect(_address(year, agency_id))
    context = {
        "year": year,
        "agency_id": agency_id,
        "agencies": working_days.agencies(),
        "years": _years(year),
        "is_known": year in working_days.known_year_numbers(),
        "declaration": CalendarYear.objects.filter(year=year).select_related("entered_by").first(),
        "days": working_days.days_of(year, agency_id),
        "official": _official(year),
        "today": clock.today(),
        "hours": hours,
        "spelled": spelled,
        "forms": {"day": form, "year": declared, "hours": hours_form},
    }
    is_wrong = any(each.errors for each in (form, declared, hours_form))
    return render(request, "office/calendar_days.html", context, status=422 if is_wrong else 200)


@require_POST
def remove(request: Request, day_id: int) -> HttpResponse:
    """Take an entered day out again."""
    row = CalendarDay.objects.filter(pk=day_id).first()
    try:
        working_days.remove_day(actor=request.actor, day_id=day_id)
    except XiepaiError as refusal:
        tell(request, refusal)
    else:
        messages.success(request, _("已移除；这一天回到官方安排。"))
    return redirect(_address(row.day.year, row.agency_id) if row else reverse("office:calendar_days"))


def spell(spans: Sequence[Sequence[int]]) -> str:
    """``[[540, 720]]`` → ``09:00–12:00``."""
    return " ".join("–".join(f"{minute // 60:02d}:{minute % 60:02d}" for minute in span) for span in spans)


def _means(request: Request, what: str) -> bool:
    return request.method == "POST" and request.POST.get("what") == what


def _done(
    request: Request, year: int, agency_id: int | None, day: forms.Form, declared: forms.Form, hours: forms.Form
) -> bool:
    """Carry out the one form that was sent; its errors stay in it."""
    form = {"day": day, "year": declared, "hours": hours}.get(request.POST.get("what", ""))
    if form is None or not form.is_valid():
        return False
    data: dict[str, Any] = form.cleaned_data
    try:
        if form is day:
            working_days.enter_day(actor=request.actor, agency_id=agency_id, **data)
        elif form is declared:
            working_days.declare_year(actor=request.actor, year=year, source=data["source"])
        else:
            working_days.set_hours(actor=request.actor, spans=data["spans"], agency_id=agency_id)
    except XiepaiError as refusal:
        put_in_form(form, refusal)
        return False
    messages.success(request, _("工作日历已更新；进行中的期限从现在起按它计算。"))
    return True


def _chosen(request: Request) -> tuple[int, int | None]:
    year, agency = request.GET.get("year", ""), request.GET.get("agency", "")
    first, last = working_days.FIRST_YEAR, working_days.LAST_YEAR
    is_year = year.isdecimal() and len(year) == 4 and first <= int(year) <= last
    is_agency = agency.isdecimal() and len(agency) < 10
    known = is_agency and working_days.agencies().filter(pk=int(agency)).exists()
    return int(year) if is_year else clock.today().year, int(agency) if known else None


def _years(chosen: int) -> list[int]:
    """Years to go to: last year's, this one, the next two, and the one looked at."""
    this = clock.today().year
    return sorted({this - 1, this, this + 1, this + 2, chosen})


def _official(year: int) -> list[Any]:
    """The official days that differ from Monday to Friday; weekends within a holiday are left out."""
    days: dict[date, Any] = dict(official_days()[1])
    rows = [each for day, each in sorted(days.items()) if day.year == year]
    return [replace(each, name=english_name(each.name)) for each in rows] if is_english() else rows


def _address(year: int, agency_id: int | None) -> str:
    chosen = {"year": str(year), **({"agency": str(agency_id)} if agency_id else {})}
    return f"{reverse('office:calendar_days')}?{urlencode(chosen)}"
