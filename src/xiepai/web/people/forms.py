"""Forms on the page of an organisation."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from xiepai.kernel import clock
from xiepai.parties.access import Actor
from xiepai.parties.models import Organisation
from xiepai.parties.rules import ROLES_OF

LIFETIMES = {"30": _("30 天"), "90": _("90 天"), "365": _("1 年"), "": _("不限")}


class InvitationForm(forms.Form):
    """Whom to invite, to which of the roles the organisation gives."""

    email = forms.EmailField(label=_("电子邮箱"), widget=forms.EmailInput({"autocomplete": "off"}))
    role = forms.ChoiceField(label=_("角色"))

    def __init__(self, data: Any = None, *, kind: str) -> None:
        super().__init__(data, auto_id="invite_%s")
        self.fields["role"].choices = [(role.value, role.label) for role in ROLES_OF[kind]]  # type: ignore[attr-defined]


class TokenForm(forms.Form):
    """A token's name, roles out of the maker's own, and how long it lives."""

    name = forms.CharField(label=_("用途"), max_length=60, help_text=_("例：排期软件"))
    roles = forms.MultipleChoiceField(label=_("角色"), widget=forms.CheckboxSelectMultiple)
    days = forms.ChoiceField(label=_("有效期"), choices=list(LIFETIMES.items()), initial="90", required=False)

    def __init__(self, data: Any = None, *, actor: Actor, organisation: Organisation) -> None:
        super().__init__(data, auto_id="token_%s")
        held = [role for role in ROLES_OF[organisation.kind] if actor.holds(role, organisation_id=organisation.pk)]
        self.fields["roles"].choices = [(role.value, role.label) for role in held]  # type: ignore[attr-defined]
        self.fields["roles"].initial = [role.value for role in held]

    def expires_at(self) -> Any:
        """The instant the token ends, or None."""
        days = self.cleaned_data["days"]
        return clock.now() + timedelta(days=int(days)) if days else None
