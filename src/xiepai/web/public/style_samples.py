"""What the style page shows: a form with every kind of field, a table, a pager. Nothing here is real."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.paginator import Paginator
from django.utils.translation import gettext_lazy as _

from xiepai.web.requests import Request


class SampleForm(forms.Form):
    """One field of each kind; the second is shown with its error."""

    name = forms.CharField(label=_("名称"), help_text=_("例：晨光剧组"), max_length=60)
    email = forms.EmailField(label=_("电子邮箱"))
    kind = forms.ChoiceField(
        label=_("类别"), choices=[("", _("请选择")), ("inside", _("内景")), ("outside", _("外景"))]
    )
    day = forms.DateField(label=_("日期"), required=False, widget=forms.DateInput({"type": "date"}))
    note = forms.CharField(label=_("备注"), required=False, widget=forms.Textarea({"rows": 3}))
    sound = forms.BooleanField(label=_("需要同期声"), required=False)
    when = forms.ChoiceField(
        label=_("日夜"), choices=[("day", _("日戏")), ("night", _("夜戏"))], widget=forms.RadioSelect
    )


ROWS = (
    ("XP000123", _("民国街 3 号"), "11-23 08:00–18:00", "confirmed", "¥1,500"),
    ("XP000124", _("医院走廊"), "11-24 20:00–24:00", "held", "¥900"),
    ("XP000125", _("古城门外"), "11-25 06:00–20:00", "requested", "¥2,800.50"),
)


def context(request: Request) -> dict[str, Any]:
    """Everything the style page needs."""
    form = SampleForm({"name": str(_("晨光剧组")), "email": "not-an-address", "kind": "inside", "when": "day"})
    form.is_valid()
    return {
        "form": form,
        "rows": ROWS,
        "page": Paginator(range(137), 10).get_page(request.GET.get("page")),
        "sort": request.GET.get("sort", "name"),
    }
