"""Wishes as forms, about the order of scenes and about days: what is wished, of what, and what breaking it costs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from xiepai.planning.shoot import WishKind
from xiepai.shoots.selectors_plans import SetView
from xiepai.web.formats import day as said_day

KINDS = [
    (WishKind.BEFORE.value, gettext_lazy("先拍一场，再拍另一场")),
    (WishKind.NEXT.value, gettext_lazy("一场拍完紧接着拍另一场")),
    (WishKind.SAME_DAY.value, gettext_lazy("两场同一天")),
    (WishKind.NOT_FIRST.value, gettext_lazy("不排当天第一场")),
]


class WishForm(forms.Form):
    """A new wish; "never first" is about one scene, the others about two, in the order they are named."""

    kind = forms.ChoiceField(label=gettext_lazy("要求什么"), choices=KINDS)
    one = forms.TypedChoiceField(label=gettext_lazy("场次"), coerce=int)
    other = forms.TypedChoiceField(
        label=gettext_lazy("另一场"), coerce=int, empty_value=None, required=False,
        help_text=gettext_lazy("“不排当天第一场”不用选。"),
    )  # fmt: skip
    price = forms.DecimalField(
        label=gettext_lazy("做不到时算作（元）"), required=False, min_value=0, max_value=10_000_000, decimal_places=2,
        help_text=gettext_lazy("空着：必须做到，做不到就是红旗。"),
    )  # fmt: skip

    def __init__(self, data: Any, *, scenes: Mapping[int, str]) -> None:
        super().__init__(data, prefix="wish")
        choices = [(str(pk), name) for pk, name in scenes.items()]
        self.fields["one"].choices = choices  # type: ignore[attr-defined]
        self.fields["other"].choices = [("", "—"), *choices]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Two different scenes where two are meant."""
        given: dict[str, Any] = super().clean() or {}
        if given.get("kind") != WishKind.NOT_FIRST and "one" in given and "other" not in self.errors:
            if given.get("other") is None:
                self.add_error("other", _("这种要求说的是两场戏，请选两场。"))
            elif given["other"] == given["one"]:
                self.add_error("other", _("请选两场不同的戏。"))
        return given

    @property
    def wish(self) -> dict[str, Any]:
        """The wish as the service takes it."""
        given = self.cleaned_data
        kind = WishKind(given["kind"])
        scenes = [given["one"]] if kind is WishKind.NOT_FIRST else [given["one"], given["other"]]
        return {"kind": kind, "scene_ids": scenes, "weight_fen": _fen(given["price"])}


DAY_KINDS = [
    (WishKind.ONLY_ON.value, gettext_lazy("只在这些天拍")),
    (WishKind.NOT_ON.value, gettext_lazy("不在这些天拍")),
]


class DayWishForm(forms.Form):
    """A new wish about days: of one scene, or of whatever plays at a place of the script."""

    what = forms.ChoiceField(label=gettext_lazy("场景或场次"))
    kind = forms.ChoiceField(label=gettext_lazy("要求什么"), choices=DAY_KINDS)
    days = forms.TypedMultipleChoiceField(
        label=gettext_lazy("哪几天"), coerce=date.fromisoformat, widget=forms.CheckboxSelectMultiple
    )
    price = forms.DecimalField(
        label=gettext_lazy("做不到时每场算作（元）"), required=False,
        min_value=0, max_value=10_000_000, decimal_places=2,
        help_text=gettext_lazy("空着：必须做到，做不到就是红旗。"),
    )  # fmt: skip

    def __init__(self, data: Any, *, scenes: Mapping[int, str], sets: Sequence[SetView], days: Sequence[date]) -> None:
        super().__init__(data, prefix="days")
        places = [(f"set-{each.pk}", f"{each.name}（{len(each.scenes)}）") for each in sets]
        alone = [(f"scene-{pk}", name) for pk, name in scenes.items()]
        groups = [(_("场景"), places), (_("场次"), alone)]
        self.fields["what"].choices = [group for group in groups if group[1]]  # type: ignore[attr-defined]
        self.fields["days"].choices = [  # type: ignore[attr-defined]
            (day.isoformat(), said_day(day, weekday=True)) for day in days
        ]

    @property
    def wish(self) -> dict[str, Any]:
        """The wish as the service takes it."""
        given = self.cleaned_data
        what, _sign, key = given["what"].partition("-")
        about = {"story_place_id": int(key)} if what == "set" else {"scene_ids": [int(key)]}
        return {**about, "kind": WishKind(given["kind"]), "days": given["days"], "weight_fen": _fen(given["price"])}


def _fen(price: Decimal | None) -> int | None:
    return None if price is None else int(price * 100)
