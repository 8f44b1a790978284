"""The office's list of applications: found, sorted, exported, taken over many at a time."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from xiepai.grants import flow
from xiepai.grants.models import Application, ApplicationState, Programme, StepKind
from xiepai.grants.queueing import SOON, SORTS, find_applications
from xiepai.grants.services.reviewing import take_many
from xiepai.grants.wording import Measures, measure_names
from xiepai.kernel import clock
from xiepai.web.formats import named
from xiepai.web.office.grants import numbers
from xiepai.web.requests import Request
from xiepai.web.spreadsheets import table_file, yuan

PER_PAGE = 50
MOST_CHOSEN = 200


class FilterForm(forms.Form):
    """What the list can be narrowed by."""

    q = forms.CharField(label=gettext_lazy("编号、企业或作品"), required=False, max_length=60)
    programme = forms.TypedChoiceField(label=gettext_lazy("奖补项目"), required=False, coerce=int, empty_value=None)
    measure = forms.ChoiceField(label=gettext_lazy("政策条目"), required=False)
    state = forms.ChoiceField(
        label=gettext_lazy("状态"),
        required=False,
        choices=[
            ("", gettext_lazy("在办")),
            ("all", gettext_lazy("全部状态")),
            *[choice for choice in ApplicationState.choices if choice[0] != ApplicationState.DRAFT],
        ],
    )
    step = forms.ChoiceField(
        label=gettext_lazy("环节"), required=False, choices=[("", gettext_lazy("全部环节")), *StepKind.choices]
    )
    due = forms.ChoiceField(
        label=gettext_lazy("期限"),
        required=False,
        choices=[
            ("", gettext_lazy("不限期限")),
            ("late", gettext_lazy("已超时")),
            ("soon", gettext_lazy("两天之内到期")),
            ("none", gettext_lazy("没有在计时")),
        ],
    )
    whose = forms.ChoiceField(
        label=gettext_lazy("谁来办"),
        required=False,
        choices=[("", gettext_lazy("不限")), ("mine", gettext_lazy("由我办理"))],
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        found = list(Programme.objects.filter(is_local=True).prefetch_related("versions", "steps"))
        self.programmes = found
        rows = [(str(row.pk), named(row)) for row in found]
        self.fields["programme"].choices = [("", _("全部项目")), *rows]  # type: ignore[attr-defined]
        names = measure_names(found)
        self.fields["measure"].choices = [("", _("全部条目")), *names.items()]  # type: ignore[attr-defined]


@require_safe
def listing(request: Request) -> HttpResponse:
    """What is under way, the most urgent first."""
    rows, form, sort = _found(request)
    now = clock.now()
    context = {
        "page": Paginator(rows, PER_PAGE).get_page(request.GET.get("page")),
        "form": form,
        "sort": sort,
        "now": now,
        "soon": now + SOON,
        "untimed": flow.without_acceptance(form.programmes),
    }
    return render(request, "office/grant_queue.html", context)


@require_safe
def as_file(request: Request, form: str) -> HttpResponse | StreamingHttpResponse:
    """The same list, whole."""
    rows, _form, _sort = _found(request)
    return table_file(form, f"applications-{clock.today()}", _lines(rows))


@require_POST
def take(request: Request) -> HttpResponse:
    """Take the chosen over; those that could not be are named with the reason."""
    chosen = numbers(request, "application")[:MOST_CHOSEN]
    if not chosen:
        messages.error(request, _("请先勾选要受理的申报。"))
    else:
        found = take_many(actor=request.actor, application_ids=chosen)
        if found.done:
            messages.success(request, _("已受理 %(n)s 件。") % {"n": found.done})
        for number, reason in found.refused:
            messages.error(request, f"{number}：{reason}")
    return redirect("office:grants")


def _found(request: Request) -> tuple[QuerySet[Application], FilterForm, str]:
    form = FilterForm(request.GET)
    form.is_valid()
    given = form.cleaned_data
    sort = request.GET.get("sort", "due")
    sort = sort if sort.lstrip("-") in SORTS else "due"
    rows = find_applications(
        request.actor,
        words=given.get("q") or "",
        programme_id=given.get("programme"),
        state=given.get("state") or "open",
        step=given.get("step") or "",
        measure=given.get("measure") or "",
        due=given.get("due") or "",
        mine=given.get("whose") == "mine",
        sort=sort,
    )
    return rows, form, sort


def _lines(rows: QuerySet[Application]) -> Iterator[list[object]]:
    names = Measures()
    yield [
        *(_("申报编号"), _("企业"), _("作品"), _("奖补项目"), _("政策条目"), _("状态"), _("环节")),
        *(_("申请金额（元）"), _("核定金额（元）"), _("提交时间"), _("办理期限"), _("资料性质")),
    ]
    for row in rows.iterator(chunk_size=500):
        yield [
            *(row.number, row.organisation.name, row.work.title if row.work else "", row.programme.name),
            *(names.words(row.version_id, row.measures), row.get_state_display()),
            row.step.get_kind_display() if row.step else "",
            yuan(row.asked_fen),
            "" if row.awarded_fen is None else yuan(row.awarded_fen),
            *(_at(row.submitted_at), _at(row.due_at), row.get_standing_display()),
        ]


def _at(moment: Any) -> str:
    return f"{clock.local(moment):%Y-%m-%d %H:%M}" if moment else ""
