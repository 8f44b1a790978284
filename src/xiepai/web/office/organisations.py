"""All organisations, for the office: found, sorted, exported, founded, suspended."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from xiepai.kernel import clock
from xiepai.kernel.errors import XiepaiError
from xiepai.parties import selectors, services
from xiepai.parties.models import Organisation, OrganisationKind
from xiepai.parties.rules import USCC_WARNINGS
from xiepai.places.selectors import vocabularies
from xiepai.places.services.clusters import clusters, set_cluster
from xiepai.web.people.organisations import OrganisationForm
from xiepai.web.refusals import attempt, tell
from xiepai.web.requests import Request
from xiepai.web.spreadsheets import table_file

PER_PAGE = 50


class FilterForm(forms.Form):
    """What the list can be narrowed by."""

    q = forms.CharField(label=gettext_lazy("名称或信用代码"), required=False)
    kind = forms.ChoiceField(
        label=gettext_lazy("类型"), required=False, choices=[("", gettext_lazy("全部类型")), *OrganisationKind.choices]
    )
    cluster = forms.ChoiceField(label=gettext_lazy("产业集聚区"), required=False)
    state = forms.ChoiceField(
        label=gettext_lazy("状态"),
        required=False,
        choices=[
            ("", gettext_lazy("全部状态")),
            ("active", gettext_lazy("有效")),
            ("suspended", gettext_lazy("已停用")),
            ("warned", gettext_lazy("代码待核对")),
        ],
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        rows = [(word.code, word.label(get_language() or "zh-hans")) for word in clusters()]
        self.fields["cluster"].choices = [("", _("全部集聚区")), *rows]  # type: ignore[attr-defined]


class NewOrganisationForm(OrganisationForm):
    """As a member's form, with the kind, which never changes afterwards."""

    class Meta(OrganisationForm.Meta):
        fields = ("kind", "name", "name_en", "uscc", "town", "standing")


@require_safe
def listing(request: Request) -> HttpResponse:
    """The list, a page at a time."""
    rows, form, sort = _found(request)
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    words = vocabularies(get_language() or "zh-hans")
    context = {"page": page, "form": form, "sort": sort, "towns": words["town"], "clusters": words["cluster"]}
    return render(request, "office/organisations.html", context)


@require_safe
def as_csv(request: Request) -> HttpResponse | StreamingHttpResponse:
    """The same list, whole, as CSV."""
    rows, _form, _sort = _found(request)
    return table_file("csv", f"organisations-{clock.today()}", _lines(rows))


@require_http_methods(["GET", "POST"])
def new(request: Request) -> HttpResponse:
    """Found an organisation."""
    form = NewOrganisationForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            row = services.create_organisation(actor=request.actor, **form.cleaned_data)
        except XiepaiError as refusal:
            form.add_error("name", str(refusal))
        else:
            messages.success(request, _("“%(name)s”已建立。请邀请它的第一位成员。") % {"name": row.name})
            return redirect("people:organisation", row.pk)
    return render(request, "office/organisation_new.html", {"form": form})


@require_POST
def state(request: Request, organisation_id: int) -> HttpResponse:
    """Suspend an organisation, or let it act again."""
    wanted = request.POST.get("is_active") == "1"
    try:
        services.set_organisation_active(actor=request.actor, organisation_id=organisation_id, is_active=wanted)
    except XiepaiError as refusal:
        tell(request, refusal)
    else:
        messages.success(request, _("机构已恢复。") if wanted else _("机构已停用：它的成员和令牌不能再代表它。"))
    return redirect("people:organisation", organisation_id)


@require_POST
def cluster(request: Request, organisation_id: int) -> HttpResponse:
    """Put a company into a cluster, or into none."""
    code = request.POST.get("cluster", "")[:40]
    attempt(
        request,
        lambda: set_cluster(actor=request.actor, organisation_id=organisation_id, cluster=code),
        _("已保存。"),
    )
    return redirect("people:organisation", organisation_id)


def _found(request: Request) -> tuple[QuerySet[Organisation], FilterForm, str]:
    form = FilterForm(request.GET)
    form.is_valid()
    given: dict[str, Any] = form.cleaned_data
    sort = request.GET.get("sort", "name")
    sort = sort if sort in selectors.SORTS else "name"
    rows = selectors.search_organisations(
        request.actor, words=given.get("q", ""), kind=given.get("kind", ""), cluster=given.get("cluster", ""),
        state=given.get("state", ""), sort=sort,
    )  # fmt: skip
    return rows, form, sort


def _lines(rows: QuerySet[Organisation]) -> Iterator[list[object]]:
    yield [
        *(_("编号"), _("名称"), _("英文名称"), _("类型"), _("统一社会信用代码"), _("代码提示")),
        *(_("所在镇街"), _("产业集聚区"), _("成员数"), _("资料性质"), _("有效"), _("建立时间")),
    ]
    names = {word.code: word.label(get_language() or "zh-hans") for word in clusters()}
    for row in rows.iterator(chunk_size=500):
        yield [
            *(row.pk, row.name, row.name_en, row.get_kind_display(), row.uscc),
            *(
                USCC_WARNINGS.get(row.uscc_warning, ""),
                row.town,
                names.get(row.cluster, row.cluster),
                getattr(row, "people", 0),
            ),
            *(
                row.get_standing_display(),
                _("是") if row.is_active else _("否"),
                f"{clock.local(row.created_at):%Y-%m-%d %H:%M}",
            ),
        ]
