"""Wishes about the order of scenes as a form: what is wished, of which scenes, and what breaking it costs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from xiepai.planning.shoot import WishKind

KINDS = [
    (WishKind.BEFORE.value, gettext_lazy("先拍一场，再拍另一场")),
    (WishKind.NEXT.value, gettext_lazy("一场拍完紧接着拍另一场")),
    (WishKind.SAME_DAY.value, gettext_lazy("两场同一天")),
    (WishKind.NOT_FIRST.value, gettext_lazy("不排当天第一场")),
]


class WishForm(forms.Form):
    """A new wish; "never first" is about one scene, the others about two, in the order they are named."""

    kind = forms.ChoiceField(label=gettext_lazy("要求"), choices=KINDS)
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
        price = given["price"]
        return {"kind": kind, "scene_ids": scenes, "weight_fen": None if price is None else int(price * 100)}
