"""What the style page shows: a form with every kind of field, a table, a pager. Nothing here is real."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.paginator import Paginator
from django.utils.translation import gettext_lazy as _

from xiepai.places.search import PlaceRow
from xiepai.web.public.home import Figure
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


def place_row() -> PlaceRow:
    """A place as a list shows it; made up."""
    words = {
        "code": "S-1",
        "name": str(_("民国街 3 号")),
        "name_en": "Old street, no. 3",
        "kind": "set",
        "town": "sample",
    }
    return PlaceRow(
        id=0, **words, categories=["sample"], styles=[], setting="outside", terms="paid", sound="sync", people_max=60,
        area_m2=240.0, ceiling_m=None, visibility="public", standing="sample", standing_note="", is_bookable=True,
        capacity=1, unit_label="", approval="instant", owner_id=0, owner_name="", latitude=None, longitude=None,
        distance_m=1280.0, is_free=False, hour_fen=30_000, day_fen=None, day_limit_minutes=None, thumbnail=None,
        path=[],
    )  # fmt: skip


def context(request: Request) -> dict[str, Any]:
    """Everything the style page needs."""
    form = SampleForm({"name": str(_("晨光剧组")), "email": "not-an-address", "kind": "inside", "when": "day"})
    form.is_valid()
    return {
        "form": form,
        "rows": ROWS,
        "place_row": place_row(),
        "labels": {
            "category": {"sample": str(_("街道"))},
            "town": {"sample": str(_("样例"))},
            "sound": {},
            "terms": {},
        },
        "path_names": {},
        "figures": [Figure(24, str(_("个可拍的场景")), "#main"), Figure(3, str(_("处免费")), "#main")],
        "compared": [("¥400", "¥800", True), ("60", "60", False)],
        "page": Paginator(range(137), 10).get_page(request.GET.get("page")),
        "sort": request.GET.get("sort", "name"),
    }
