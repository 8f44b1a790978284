"""Call sheets: made from a plan, edited, sent, followed, read on a phone; and the scenes of a day wrapped.

Fetching a sheet marks nothing: receiving and reading are buttons, so that a scanner of links reads for nobody.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from xiepai.kernel.errors import XiepaiError, not_found
from xiepai.productions import selectors as works
from xiepai.productions.access import may_write
from xiepai.shoots import access, selectors_sheets
from xiepai.shoots.documents import sheet_words
from xiepai.shoots.documents.call_sheet import call_sheet_pdf
from xiepai.shoots.models import CallSheet, Receipt, ReceiptState, SheetState, WrapResult
from xiepai.shoots.services import sheets, wraps
from xiepai.web.refusals import attempt, put_in_form, tell
from xiepai.web.requests import Request


class SheetForm(forms.Form):
    """What only people know."""

    weather = forms.CharField(label=gettext_lazy("天气"), max_length=120, required=False)
    breakfast = forms.CharField(label=gettext_lazy("早餐"), max_length=120, required=False)
    makeup_place = forms.CharField(label=gettext_lazy("化妆地"), max_length=120, required=False)
    leave_minutes = forms.IntegerField(label=gettext_lazy("化妆前多少分钟出发"), min_value=0, max_value=600)
    hint = forms.CharField(
        label=pgettext_lazy("call sheet", "提示"), max_length=300, required=False, widget=forms.Textarea({"rows": 2})
    )


@require_safe
def listing(request: Request, work_id: int) -> HttpResponse:
    """The days of the plan that is shot from, each with its call sheets."""
    work = works.get_work(request.actor, work_id)
    context = {
        "work": work,
        "here": "sheets",
        "days": selectors_sheets.days(request.actor, work),
        "may_write": may_write(request.actor, work),
    }
    return render(request, "crew/call_sheets.html", context)


@require_POST
def make(request: Request, plan_id: int) -> HttpResponse:
    """Draft the sheet of one day and unit."""
    try:
        day, unit = date.fromisoformat(request.POST.get("day", "")), int(request.POST.get("unit", "0"))
    except ValueError as error:
        raise not_found() from error
    plan = access.visible_plans(request.actor).filter(pk=plan_id).first()
    if plan is None:
        raise not_found()
    try:
        found = sheets.draft_sheet(actor=request.actor, plan_id=plan_id, day=day, unit=unit)
    except XiepaiError as refusal:
        return _refused(request, refusal, "crew:call_sheets", plan.work_id)
    return redirect("crew:call_sheet", found.pk)


@require_http_methods(["GET", "POST"])
def sheet(request: Request, sheet_id: int) -> HttpResponse:
    """One sheet: to read, and while it is a draft to edit."""
    row = _sheet(request, sheet_id)
    writes = may_write(request.actor, row.work)
    is_open = writes and row.state == SheetState.DRAFT
    initial = {"leave_minutes": 30, **row.content}
    form = SheetForm(request.POST or None, initial=initial) if is_open else None
    if request.method == "POST":
        if form is None:
            raise not_found()
        if form.is_valid():
            fields = {name: str(value) for name, value in form.cleaned_data.items()}
            try:
                sheets.edit_sheet(actor=request.actor, sheet_id=sheet_id, fields=fields)
            except XiepaiError as refusal:
                put_in_form(form, refusal)
            else:
                messages.success(request, _("已保存。"))
                return redirect("crew:call_sheet", sheet_id)
    receipts = selectors_sheets.receipts(row)
    mine = next((each for each in receipts if each.member.person_id == request.actor.person_id), None)
    context = {**_words(row), "form": form, "receipts": receipts, "mine": mine, "may_write": writes}
    context |= {"tally": selectors_sheets.tally(receipts), "secret_of": None}
    return render(request, "crew/call_sheet.html", context, status=422 if form is not None and form.errors else 200)


@require_POST
def send(request: Request, sheet_id: int) -> HttpResponse:
    """Freeze and send."""
    _sheet(request, sheet_id)
    try:
        row = sheets.send_sheet(actor=request.actor, sheet_id=sheet_id)
    except XiepaiError as refusal:
        return _refused(request, refusal, "crew:call_sheet", sheet_id)
    messages.success(request, _("已发给联系表上的 %(n)s 人。") % {"n": row.receipts.count()})
    return redirect("crew:call_sheet", sheet_id)


@require_POST
def withdraw(request: Request, sheet_id: int) -> HttpResponse:
    """Call a sent sheet back."""
    _sheet(request, sheet_id)
    attempt(request, lambda: sheets.withdraw_sheet(actor=request.actor, sheet_id=sheet_id), _("已撤回。"))
    return redirect("crew:call_sheet", sheet_id)


@require_safe
def as_pdf(request: Request, sheet_id: int) -> HttpResponse:
    """The sheet for print."""
    row = _sheet(request, sheet_id)
    answer = HttpResponse(call_sheet_pdf(sheet_words.printed(row)), content_type="application/pdf")
    answer["Content-Disposition"] = f'inline; filename="call-sheet-{row.day}-{row.unit + 1}-v{row.version}.pdf"'
    return answer


@require_POST
def read(request: Request, sheet_id: int) -> HttpResponse:
    """Who is signed in and on the contact sheet has received or read it."""
    row = _sheet(request, sheet_id)
    found = Receipt.objects.filter(sheet=row, member__person=request.actor.person_id or 0).first()
    if found is None:
        raise not_found()
    sheets.mark(receipt=found, state=_state(request), actor=request.actor)
    return redirect("crew:call_sheet", sheet_id)


@never_cache
@require_POST
def link(request: Request, receipt_id: int) -> HttpResponse:
    """A personal link for who has no account; shown once."""
    found = Receipt.objects.filter(pk=receipt_id, sheet__in=access.visible_sheets(request.actor)).first()
    if found is None:
        raise not_found()
    secret = sheets.personal_link(actor=request.actor, receipt_id=receipt_id)
    address = request.build_absolute_uri(reverse("crew:call_sheet_copy", args=[secret]))
    context = {"receipt": found, "sheet": _sheet(request, found.sheet_id), "address": address}
    return render(request, "crew/call_sheet_link.html", context)


@never_cache
@require_http_methods(["GET", "POST"])
def copy(request: Request, secret: str) -> HttpResponse:
    """One person's copy by their link, without signing in."""
    receipt = sheets.receipt_of(secret)
    if request.method == "POST":
        sheets.mark(receipt=receipt, state=_state(request))
        return redirect("crew:call_sheet_copy", secret)
    return render(request, "crew/call_sheet_copy.html", {**_words(receipt.sheet), "mine": receipt, "secret": secret})


@require_http_methods(["GET", "POST"])
def wrap(request: Request, sheet_id: int) -> HttpResponse:
    """Wrap the scenes of the sheet's day, one after the other (销场)."""
    row = _sheet(request, sheet_id)
    if request.method == "POST":
        attempt(request, lambda: _wrap(request, row), _("已销场。"))
        return redirect("crew:call_sheet_wrap", sheet_id)
    context = {
        "sheet": row,
        "work": row.work,
        "rows": selectors_sheets.wrap_rows(row),
        "progress": wraps.progress(row.plan),
        "results": WrapResult.choices,
        "pages": sheet_words.pages,
        "may_write": may_write(request.actor, row.work),
    }
    return render(request, "crew/call_sheet_wrap.html", context)


def _wrap(request: Request, row: CallSheet) -> None:
    try:
        values: dict[str, Any] = {
            "scene_id": int(request.POST.get("scene", "")),
            "result": WrapResult(request.POST.get("result", "")),
            "minutes": int(request.POST["minutes"]) if request.POST.get("minutes") else None,
            "eighths_left": int(request.POST.get("eighths_left") or 0),
        }
    except ValueError as error:
        raise not_found() from error
    note = request.POST.get("note", "")
    wraps.wrap_scene(actor=request.actor, plan_id=row.plan_id, day=row.day, unit=row.unit, note=note, **values)


def _sheet(request: Request, sheet_id: int) -> CallSheet:
    rows = access.visible_sheets(request.actor).select_related("work__organisation", "plan")
    row = rows.filter(pk=sheet_id).first()
    if row is None:
        raise not_found()
    return row


def _words(row: CallSheet) -> dict[str, Any]:
    return {"sheet": row, "work": row.work, "words": sheet_words.printed(row), "scenes": row.content["groups"]}


def _state(request: Request) -> ReceiptState:
    return ReceiptState.READ if request.POST.get("state") == "read" else ReceiptState.RECEIVED


def _refused(request: Request, refusal: XiepaiError, where: str, key: int) -> HttpResponse:
    tell(request, refusal)
    return redirect(where, key)
