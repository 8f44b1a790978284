"""What waits for an answer: found, sorted, exported, and answered one by one or many at a time."""

from __future__ import annotations

from collections.abc import Iterator

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from xiepai.bookings.models import Booking
from xiepai.bookings.queueing import SORTS, answer_requests, find_requests
from xiepai.kernel import clock
from xiepai.web.requests import Request
from xiepai.web.slots import DAY
from xiepai.web.spreadsheets import table_file

PER_PAGE = 50


class FilterForm(forms.Form):
    """What the queue can be narrowed by."""

    place = forms.CharField(label=gettext_lazy("场地名称或编号"), required=False, max_length=60)
    crew = forms.CharField(label=gettext_lazy("剧组或用途"), required=False, max_length=60)
    since = forms.DateField(label=gettext_lazy("申请不早于"), required=False, widget=DAY)
    due = forms.ChoiceField(
        label=gettext_lazy("期限"),
        required=False,
        choices=[
            ("", gettext_lazy("全部")),
            ("late", gettext_lazy("已超时")),
            ("day", gettext_lazy("一天之内到期")),
            ("reminded", gettext_lazy("提醒过的")),
            ("escalated", gettext_lazy("上报过的")),
        ],
    )


@require_safe
def queue(request: Request) -> HttpResponse:
    """Requests with crew, time, price, reminders sent and what is left of the time to answer."""
    rows, form, sort = _found(request)
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    context = {"page": page, "form": form, "sort": sort, "now": clock.now()}
    return render(request, "office/queue.html", context)


@require_safe
def as_csv(request: Request) -> HttpResponse | StreamingHttpResponse:
    """The same requests, whole, as CSV."""
    rows, _form, _sort = _found(request)
    return table_file("csv", f"requests-{clock.today()}", _lines(rows))


@require_POST
def decide(request: Request) -> HttpResponse:
    """Approve or decline the chosen requests; those that could not be are named with the reason."""
    chosen = [int(text) for text in request.POST.getlist("booking") if text.isdigit() and len(text) < 15]
    approve, note = request.POST.get("deed") == "approve", request.POST.get("note", "").strip()
    if not chosen:
        messages.error(request, _("请先勾选要答复的申请。"))
    elif not approve and not note:
        messages.error(request, _("拒绝要写明原因，剧组会看到。"))
    else:
        result = answer_requests(actor=request.actor, booking_ids=chosen, approve=approve, note=note)
        if result.done:
            done = _("已批准 %(n)s 个。") if approve else _("已拒绝 %(n)s 个，剧组会收到原因。")
            messages.success(request, done % {"n": result.done})
        for code, reason in result.refused:
            messages.error(request, f"{code}：{reason}")
    return redirect("office:queue")


def _found(request: Request) -> tuple[QuerySet[Booking], FilterForm, str]:
    form = FilterForm(request.GET)
    form.is_valid()
    given = form.cleaned_data
    sort = request.GET.get("sort", "due")
    sort = sort if sort.lstrip("-") in SORTS else "due"
    rows = find_requests(
        request.actor,
        place=given.get("place") or "",
        crew=given.get("crew") or "",
        since=given.get("since"),
        due=given.get("due") or "",
        sort=sort,
    )
    return rows, form, sort


def _lines(rows: QuerySet[Booking]) -> Iterator[list[object]]:
    yield [
        *(_("编号"), _("场地"), _("场地编号"), _("剧组公司"), _("用途"), _("开始"), _("结束")),
        *(_("价格（元）"), _("申请时间"), _("答复期限"), _("已提醒次数")),
    ]
    for row in rows.iterator(chunk_size=500):
        start, end = clock.local(row.period.lower), clock.local(row.period.upper)
        due = f"{clock.local(row.approval_due_at):%Y-%m-%d %H:%M}" if row.approval_due_at else ""
        yield [
            *(row.code, row.place.name, row.place.code, row.organisation.name, row.title),
            *(f"{start:%Y-%m-%d %H:%M}", f"{end:%Y-%m-%d %H:%M}", f"{row.price_fen / 100:.2f}"),
            *(f"{clock.local(row.state_at):%Y-%m-%d %H:%M}", due, row.reminders_sent),
        ]
