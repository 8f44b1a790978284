"""One's organisations: the list, one of them with members, invitations and tokens, and its details."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from xiepai.kernel import clock
from xiepai.kernel.errors import XiepaiError
from xiepai.parties import selectors, services
from xiepai.parties.limits import count
from xiepai.parties.models import Organisation, OrganisationKind, Role
from xiepai.parties.notices import CHANNEL_ROLES
from xiepai.parties.rules import ROLES_OF, USCC_WARNINGS, managing_roles, may_manage, require_manager
from xiepai.places.selectors import vocabularies
from xiepai.places.services.clusters import clusters
from xiepai.web.formats import is_english
from xiepai.web.people.forms import InvitationForm, TokenForm
from xiepai.web.requests import Request, person_of


class OrganisationForm(forms.ModelForm):
    """What an organisation says of itself; a doubtful registration number is kept and warned about."""

    class Meta:
        model = Organisation
        fields: tuple[str, ...] = ("name", "name_en", "uscc", "town")
        help_texts = {"uscc": gettext_lazy("18 位；有疑问时只提示，不拒绝。")}

    def validate_unique(self) -> None:
        """Left to the service, which names the cure for a taken name."""


class CrewForm(forms.Form):
    """A crew that enters the city by itself."""

    name = forms.CharField(label=gettext_lazy("剧组公司名称"), max_length=120)
    uscc = forms.CharField(
        label=gettext_lazy("统一社会信用代码"),
        max_length=40,
        required=False,
        help_text=gettext_lazy("可稍后填写。18 位；有疑问时只提示，不拒绝。"),
    )


@require_http_methods(["GET", "POST"])
def mine(request: Request) -> HttpResponse:
    """The organisations one acts for; a crew can be signed up here."""
    form = CrewForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        count("sign_up_crew", request.actor.person_id)
        try:
            row = services.sign_up_crew(person=person_of(request), **form.cleaned_data)
        except XiepaiError as refusal:
            form.add_error("name", str(refusal))
        else:
            messages.success(request, _("“%(name)s”已登记，您是它的制片。") % {"name": row.name})
            return redirect("people:organisation", row.pk)
    rows = [
        (organisation, [Role(role).label for owner, role in sorted(request.actor.grants) if owner == organisation.pk])
        for organisation in selectors.my_organisations(request.actor)
    ]
    return render(request, "people/organisations.html", {"rows": rows, "form": form})


@require_safe
def organisation(request: Request, organisation_id: int) -> HttpResponse:
    """One organisation as its members and the office see it."""
    row = selectors.get_organisation(request.actor, organisation_id)
    return render(request, "people/organisation.html", context_of(request, row))


@require_http_methods(["GET", "POST"])
def edit(request: Request, organisation_id: int) -> HttpResponse:
    """Change an organisation's details."""
    row = selectors.get_organisation(request.actor, organisation_id)
    require_manager(request.actor, row)
    form = OrganisationForm(request.POST or None, instance=row)
    if request.method == "POST" and form.is_valid():
        try:
            changed = services.update_organisation(
                actor=request.actor, organisation_id=organisation_id, **form.cleaned_data
            )
        except XiepaiError as refusal:
            form.add_error("name", str(refusal))
        else:
            messages.success(request, _("已保存。"))
            if changed.uscc_warning:
                messages.warning(request, str(USCC_WARNINGS[changed.uscc_warning]))
            return redirect("people:organisation", organisation_id)
    return render(request, "people/organisation_edit.html", {"organisation": row, "form": form})


def context_of(request: Request, row: Organisation, **more: Any) -> dict[str, Any]:
    """What the page of an organisation shows; forms with errors and fresh secrets come in *more*."""
    actor, manages = request.actor, may_manage(request.actor, row)
    members = list(selectors.members_of(actor, row.pk))
    makes_tokens = actor.holds(*managing_roles(row.kind), organisation_id=row.pk)
    context: dict[str, Any] = {
        "organisation": row,
        "warning": USCC_WARNINGS.get(row.uscc_warning, ""),
        "members": members,
        "roles": ROLES_OF[row.kind],
        "role_labels": dict(Role.choices),
        "now": clock.now(),
        "may_manage": manages,
        "makes_tokens": makes_tokens,
        "may_set_channels": actor.is_officer or actor.holds(*CHANNEL_ROLES, organisation_id=row.pk),
        "invitations": selectors.open_invitations(actor, row.pk) if manages else [],
        "tokens": selectors.tokens_of(actor, row.pk) if manages else [],
        "invitation_form": InvitationForm(kind=row.kind) if manages else None,
        "token_form": TokenForm(actor=actor, organisation=row) if makes_tokens else None,
    }
    context["clusters"] = clusters() if organisation_in_clusters(row) else ()
    found = vocabularies("en" if is_english() else "zh-hans")
    context["words"] = {name: found.get(name, {}) for name in ("town", "cluster")}
    context["may_set_cluster"] = actor.is_officer and bool(context["clusters"])
    return context | more


def organisation_in_clusters(row: Organisation) -> bool:
    """Whether it is one of the trade: the office and other departments are in no cluster."""
    return row.kind not in (OrganisationKind.OFFICE, OrganisationKind.AGENCY, OrganisationKind.STREET)
