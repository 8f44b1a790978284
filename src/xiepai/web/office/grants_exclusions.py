"""Companies kept out, with source and date: listed, searched, ended; never deleted."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from xiepai.grants.models import Exclusion, ExclusionKind
from xiepai.grants.services.exclusions import lift_exclusion, list_exclusion
from xiepai.kernel import clock
from xiepai.kernel.errors import ErrorCode, XiepaiError
from xiepai.parties.models import Organisation
from xiepai.web.formats import named
from xiepai.web.office.grants import attempt
from xiepai.web.requests import Request
from xiepai.web.slots import DAY

PER_PAGE = 50


class ExclusionForm(forms.Form):
    """A listing to be added."""

    organisation_id = forms.TypedChoiceField(label=gettext_lazy("企业"), coerce=int)
    kind = forms.ChoiceField(label=gettext_lazy("事由"), choices=ExclusionKind.choices)
    source = forms.CharField(
        label=gettext_lazy("出处"), max_length=300, help_text=gettext_lazy("公告、文号或网址，写明日期。")
    )
    since = forms.DateField(label=gettext_lazy("起"), widget=DAY)
    until = forms.DateField(label=gettext_lazy("止"), widget=DAY, required=False)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        crews = Organisation.objects.filter(kind="crew").order_by("name")
        self.fields["organisation_id"].choices = [(str(row.pk), named(row)) for row in crews]  # type: ignore[attr-defined]


@require_http_methods(["GET", "POST"])
def listing(request: Request) -> HttpResponse:
    """What is in force first; a form to add one."""
    form = ExclusionForm(request.POST or None, initial={"since": clock.today()})
    if request.method == "POST" and form.is_valid():
        try:
            list_exclusion(actor=request.actor, **form.cleaned_data)
        except XiepaiError as refusal:
            if refusal.code is ErrorCode.NOT_FOUND:
                raise
            form.add_error(None, str(refusal))
        else:
            return redirect("office:grant_exclusions")
    rows = Exclusion.objects.select_related("organisation", "created_by").order_by("-since", "-id")
    if words := request.GET.get("q", "").strip():
        rows = rows.filter(organisation__name__icontains=words)
    context = {
        "page": Paginator(rows, PER_PAGE).get_page(request.GET.get("page")),
        "form": form,
        "today": clock.today(),
        "q": words,
    }
    return render(request, "office/grant_exclusions.html", context, status=422 if form.errors else 200)


@require_POST
def lift(request: Request, exclusion_id: int) -> HttpResponse:
    """The last day is today."""
    attempt(
        request,
        lambda: lift_exclusion(actor=request.actor, exclusion_id=exclusion_id, until=clock.today()),
        _("已定今天为最后一天。"),
    )
    return redirect("office:grant_exclusions")
