"""The people of a work: its contact sheet with meals and rooms, added to, changed, taken off, exported."""

from __future__ import annotations

from collections.abc import Iterator

from django.contrib import messages
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from xiepai.kernel.errors import XiepaiError, not_found
from xiepai.productions import access, selectors, services
from xiepai.productions.models import CrewMember, Work
from xiepai.productions.states import ENDED
from xiepai.web.crew.work_forms import MemberForm
from xiepai.web.refusals import put_in_form, tell
from xiepai.web.requests import Request
from xiepai.web.spreadsheets import table_file


@require_http_methods(["GET", "POST"])
def people(request: Request, work_id: int) -> HttpResponse:
    """The contact sheet, and a form for one more line."""
    work = selectors.get_work(request.actor, work_id)
    form = MemberForm(request.POST or None, organisation_id=work.organisation_id)
    if request.method == "POST" and form.is_valid():
        try:
            services.add_crew_member(actor=request.actor, work_id=work_id, **form.cleaned_data)
        except XiepaiError as refusal:
            put_in_form(form, refusal)
        else:
            messages.success(request, _("已加入联系表。"))
            return redirect("crew:work_people", work_id)
    members = selectors.contact_sheet(request.actor, work_id)
    context = {
        "work": work,
        "here": "people",
        "members": members,
        "meals": selectors.meals(members),
        "form": form,
        "may_write": may_change(request, work),
    }
    return render(request, "crew/work_people.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
def member(request: Request, member_id: int) -> HttpResponse:
    """Change one line."""
    row = _member(request, member_id)
    form = MemberForm(
        request.POST or None, initial=MemberForm.initial_of(row), organisation_id=row.work.organisation_id
    )
    if request.method == "POST" and form.is_valid():
        try:
            services.update_crew_member(actor=request.actor, member_id=member_id, **form.cleaned_data)
        except XiepaiError as refusal:
            put_in_form(form, refusal)
        else:
            messages.success(request, _("已保存。"))
            return redirect("crew:work_people", row.work_id)
    context = {"member": row, "work": row.work, "form": form, "may_write": may_change(request, row.work)}
    return render(request, "crew/work_member.html", context, status=422 if form.errors else 200)


@require_POST
def remove(request: Request, member_id: int) -> HttpResponse:
    """Take someone off the sheet."""
    work_id = _member(request, member_id).work_id
    try:
        services.remove_crew_member(actor=request.actor, member_id=member_id)
    except XiepaiError as refusal:
        tell(request, refusal)
    else:
        messages.success(request, _("已从联系表删去。"))
    return redirect("crew:work_people", work_id)


@require_safe
def as_file(request: Request, work_id: int, form: str) -> HttpResponse | StreamingHttpResponse:
    """The contact sheet as CSV or XLSX."""
    members = selectors.contact_sheet(request.actor, work_id)
    return table_file(form, f"people-{work_id}", _lines(members))


def may_change(request: Request, work: Work) -> bool:
    """Whether the reader may still write to the work."""
    return access.may_write(request.actor, work) and work.state not in ENDED


def _member(request: Request, member_id: int) -> CrewMember:
    rows = access.visible_members(request.actor).select_related("work__organisation")
    row = rows.filter(pk=member_id).first()
    if row is None:
        raise not_found()
    return row


def _lines(members: list[CrewMember]) -> Iterator[list[object]]:
    yield [_("职务"), _("职务说明"), _("姓名"), _("电话"), _("餐别"), _("房间"), _("备注")]
    for row in members:
        duty, diet = row.get_duty_display(), row.get_diet_display()
        yield [duty, row.duty_note, row.name, row.phone, diet, row.room, row.note]
