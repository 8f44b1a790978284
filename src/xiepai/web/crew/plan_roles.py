"""Fees, hours and minors of all roles as one table: only what was changed in it is written, and all of it or nothing.

A row remembers what it showed, so that a field somebody else set meanwhile is not set back. Refused: a fault in any
row (said there), and a role that was merged or left while the table was open; what was typed stays.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import messages
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from xiepai.kernel.errors import XiepaiError
from xiepai.shoots import selectors
from xiepai.shoots.models import CastRole, Plan
from xiepai.shoots.services.breakdown import MOST_FEE_FEN, check_terms
from xiepai.shoots.services.casting import Terms, set_terms
from xiepai.web.refusals import put_in_form, tell
from xiepai.web.requests import Request


def _hour(label: Any) -> forms.TimeField:
    widget = forms.TimeInput({"type": "time"}, "%H:%M")
    return forms.TimeField(label=label, required=False, widget=widget, show_hidden_initial=True)


class TermsForm(forms.Form):
    """One row: what a role costs a day, its hours, whether the actor is a minor."""

    daily_fee = forms.DecimalField(
        label=gettext_lazy("日薪（元）"), required=False, min_value=0, max_value=MOST_FEE_FEN // 100, decimal_places=2,
        show_hidden_initial=True, widget=forms.NumberInput({"inputmode": "decimal"}),
    )  # fmt: skip
    earliest = _hour(gettext_lazy("最早到"))
    latest = _hour(gettext_lazy("最晚走"))
    is_minor = forms.BooleanField(label=gettext_lazy("未成年"), required=False, show_hidden_initial=True)

    def __init__(self, data: Any, *, role: CastRole) -> None:
        initial: dict[str, Any] = {name: getattr(role, name) for name in ("earliest", "latest", "is_minor")}
        initial["daily_fee"] = Decimal(role.daily_fee_fen) / 100 if role.daily_fee_fen else None
        super().__init__(data, initial=initial, prefix=f"role-{role.pk}")
        for field in self.fields.values():
            field.widget.attrs["aria-label"] = f"{role.name} {field.label}"

    def clean(self) -> dict[str, Any]:
        """The rule of the service, told at the row."""
        given: dict[str, Any] = super().clean() or {}
        if not self.errors:
            try:
                check_terms(daily_fee_fen=_fen(given), earliest=given["earliest"], latest=given["latest"])
            except XiepaiError as refusal:
                put_in_form(self, refusal, "latest")
        return given

    def terms(self) -> Terms:
        """What was changed in the row."""
        found: dict[str, Any] = {name: self.cleaned_data[name] for name in self.changed_data}
        if "daily_fee" in found:
            del found["daily_fee"]
            found["daily_fee_fen"] = _fen(self.cleaned_data)
        return Terms(**found)  # type: ignore[typeddict-item]


class RoleTable:
    """The roles of a plan's work, each with its row; *fault* is what is said above all of them."""

    def __init__(self, plan: Plan, data: Any = None) -> None:
        self.plan, self.fault = plan, ""
        sent = set(data.getlist("role")) if data is not None else set()
        roles = list(selectors.roles(plan.work))
        self.rows = [(role, TermsForm(data if str(role.pk) in sent else None, role=role)) for role in roles]
        if gone := len(sent - {str(role.pk) for role in roles}):
            self.fault = _("有 %(n)s 个角色已被合并或去掉；请看一遍，再保存。") % {"n": gone}

    def save(self, request: Request) -> bool:
        """Write what was changed; False: nothing is written and the rows say why."""
        bound = [(role, form) for role, form in self.rows if form.is_bound]
        wrong = [role.name for role, form in bound if not form.is_valid()]
        if wrong:
            self.fault = _("没有保存：%(names)s 填得不对，其余保持原样。") % {"names": "、".join(wrong)}
        if self.fault:
            return False
        terms = {role.pk: form.terms() for role, form in bound if form.has_changed()}
        try:
            if terms:
                set_terms(actor=request.actor, plan_id=self.plan.pk, terms=terms)
        except XiepaiError as refusal:
            self._put(request, refusal)
            return False
        messages.success(request, _("已保存 %(n)s 个角色。") % {"n": len(terms)})
        return True

    def _put(self, request: Request, refusal: XiepaiError) -> None:
        for role, form in self.rows:
            if role.pk == refusal.data.get("role_id"):
                put_in_form(form, refusal, "latest")
                self.fault = _("没有保存：%(names)s 填得不对，其余保持原样。") % {"names": role.name}
        if not self.fault:
            tell(request, refusal)
            self.fault = str(refusal)


def _fen(given: dict[str, Any]) -> int:
    return int((given["daily_fee"] or 0) * 100)
