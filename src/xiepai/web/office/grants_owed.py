"""Who is owed: found by measure, state and company, invited, prefilled, or awarded without application."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django import forms
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from xiepai.grants.entitling import versions_in_force
from xiepai.grants.models import Entitlement, MeasureSetting, OwedState
from xiepai.grants.policies import policy_of
from xiepai.grants.selectors import find_entitlements
from xiepai.grants.services.owed import award_without_application, invite, prefill
from xiepai.kernel import clock
from xiepai.kernel.errors import ErrorCode, XiepaiError, not_found
from xiepai.web.grant_views import said
from xiepai.web.office.grants import attempt
from xiepai.web.requests import Request
from xiepai.web.spreadsheets import table_file, yuan

PER_PAGE = 50


class FilterForm(forms.Form):
    """What the list can be narrowed by."""

    q = forms.CharField(label=gettext_lazy("企业或作品"), required=False, max_length=60)
    measure = forms.ChoiceField(label=gettext_lazy("政策条目"), required=False)
    state = forms.ChoiceField(
        label=gettext_lazy("是否确定"),
        required=False,
        choices=[("", gettext_lazy("全部")), *[each for each in OwedState.choices if each[0] != OwedState.NONE]],
    )
    proven = forms.ChoiceField(
        label=gettext_lazy("核实"),
        required=False,
        choices=[("", gettext_lazy("不限")), ("1", gettext_lazy("全部已核实")), ("0", gettext_lazy("有未核实的"))],
    )
    at_once = forms.BooleanField(label=gettext_lazy("免申即享"), required=False)

    def __init__(self, *args: Any, names: dict[str, str], **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["measure"].choices = [("", _("全部条目")), *names.items()]  # type: ignore[attr-defined]


@require_safe
def listing(request: Request) -> HttpResponse:
    """The most money first."""
    rows, form, names = _found(request)
    marked = set(MeasureSetting.objects.filter(awards_without_application=True).values_list("programme_id", "measure"))
    page = Paginator(rows.prefetch_related("invitations"), PER_PAGE).get_page(request.GET.get("page"))
    lines = [(row, (row.version.programme_id, row.measure) in marked) for row in page.object_list]
    context = {"page": page, "lines": lines, "form": form, "names": names}
    return render(request, "office/grant_owed.html", context)


@require_safe
def as_file(request: Request, form: str) -> HttpResponse | StreamingHttpResponse:
    """The same list, whole."""
    rows, _form, names = _found(request)
    return table_file(form, f"owed-{clock.today()}", _lines(rows, names))


@require_POST
def deed(request: Request, entitlement_id: int) -> HttpResponse:
    """Tell the company, begin an application for it, or award at once."""
    wanted, actor = request.POST.get("deed"), request.actor
    if wanted == "invite":
        attempt(
            request,
            lambda: invite(
                actor=actor, entitlement_id=entitlement_id, message=request.POST.get("note", ""), path="/grants/"
            ),
            _("已通知企业。"),
        )
    elif wanted == "award":
        found = attempt(
            request,
            lambda: award_without_application(actor=actor, entitlement_id=entitlement_id),
            _("已直接发放，款项已列入待拨付。"),
        )
        if found:
            return redirect("office:grant", found.pk)
    elif wanted == "prefill":
        row = Entitlement.objects.filter(pk=entitlement_id).exclude(measure="").first()
        if row is None:
            raise not_found()
        attempt(
            request,
            lambda: prefill(
                actor=actor, version_id=row.version_id, organisation_id=row.organisation_id, work_id=row.work_id,
                measures=[row.measure],
            ),
            _("已代为填好，企业登录后可以补充并提交。"),
        )  # fmt: skip
    else:
        raise XiepaiError(ErrorCode.INVALID, detail="deed")
    return redirect("office:grant_owed")


def _found(request: Request) -> tuple[QuerySet[Entitlement], FilterForm, dict[str, str]]:
    names = {
        each.name: said(each)
        for version in versions_in_force(clock.today())
        if version.programme.is_local
        for each in policy_of(version).at().measures
    }
    form = FilterForm(request.GET, names=names)
    form.is_valid()
    given = form.cleaned_data
    proven = {"1": True, "0": False}.get(given.get("proven") or "")
    rows = find_entitlements(
        request.actor,
        measure=given.get("measure") or None,
        state=given.get("state") or "",
        is_proven=proven,
        without_application=bool(given.get("at_once")),
        words=given.get("q") or "",
    )
    return rows, form, names


def _lines(rows: QuerySet[Entitlement], names: dict[str, str]) -> Iterator[list[object]]:
    yield [
        *(
            _("企业"),
            _("作品"),
            _("政策条目"),
            _("状态"),
            _("至少（元）"),
            _("至多（元）"),
            _("全部已核实"),
            _("不予支持"),
        ),
        *(_("还缺的事实"), _("还缺的材料")),
    ]
    for row in rows.iterator(chunk_size=500):
        yield [
            *(row.organisation.name, row.work.title if row.work else "", names.get(row.measure, row.measure)),
            *(row.get_state_display(), yuan(row.low_fen), yuan(row.high_fen)),
            *(_("是") if row.is_proven else _("否"), _("是") if row.is_excluded else _("否")),
            *("、".join(row.missing.get("facts", [])), "、".join(row.missing.get("papers", []))),
        ]
