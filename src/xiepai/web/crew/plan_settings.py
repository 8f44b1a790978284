"""The settings of a plan as a form: hours and weights in the units people say; only what was stated is stored."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from xiepai.shoots.models import Plan
from xiepai.shoots.setting_up import DEFAULTS

_HOURS: dict[str, tuple[Any, int, int]] = {
    "day_hours": (gettext_lazy("一天按多少小时算"), 1, 24),
    "most_hours": (gettext_lazy("一天最多多少小时"), 1, 24),
    "until_hour": (gettext_lazy("最晚收工（点，过零点写 24 以上）"), 8, 30),
    "rest_hours": (gettext_lazy("两天之间剧组休息（小时）"), 0, 16),
    "cast_rest_hours": (gettext_lazy("两天之间演员休息（小时）"), 0, 16),
}
_MINUTES: dict[str, tuple[Any, int, int]] = {
    "move_minutes": (gettext_lazy("同处转场（分钟）"), 0, 600),
    "site_minutes": (gettext_lazy("换地转场（分钟）"), 0, 600),
    "setup_minutes": (gettext_lazy("每到一景架设（分钟）"), 0, 720),
    "change_minutes": (gettext_lazy("换造型（分钟）"), 0, 720),
    "meal_minutes": (gettext_lazy("一餐（分钟）"), 0, 240),
}
_MONEY: dict[str, Any] = {
    "crew_day_fen": gettext_lazy("一组开工一天（元）"),
    "overtime_fen": gettext_lazy("一组超时一小时（元）"),
    "extra_fen": gettext_lazy("群演一人一天（元）"),
    "set_move_fen": gettext_lazy("同处转场算作（元）"),
    "site_move_fen": gettext_lazy("换地转场算作（元）"),
    "wait_hour_fen": gettext_lazy("演员候场一小时算作（元）"),
    "second_place_fen": gettext_lazy("用后备场地算作（元）"),
    "late_day_fen": gettext_lazy("超过期限一天算作（元）"),
}


class SettingsForm(forms.Form):
    """Every setting with what holds now; ``assumed`` names the fields nobody set."""

    revision = forms.IntegerField(widget=forms.HiddenInput())
    call_at = forms.TimeField(
        label=gettext_lazy("集合"), widget=forms.TimeInput({"type": "time"}, format="%H:%M"), required=False
    )
    due = forms.DateField(
        label=gettext_lazy("期限"), required=False, widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d")
    )

    def __init__(self, data: Any, *, plan: Plan) -> None:
        self.known: dict[str, Any] = dict(plan.settings)
        initial: dict[str, Any] = {"revision": plan.revision, "due": self.known.get("due")}
        initial["call_at"] = self.known.get("call_at", DEFAULTS["call_at"])
        for name in (*_HOURS, *_MINUTES):
            initial[name] = self.known.get(name, DEFAULTS[name])
        for name in _MONEY:
            initial[name] = Decimal(self.known.get(name, DEFAULTS[name])) / 100
        super().__init__(data, initial=initial)
        for name, (label, least, most) in {**_HOURS, **_MINUTES}.items():
            self.fields[name] = forms.IntegerField(label=label, min_value=least, max_value=most)
        for name, label in _MONEY.items():
            self.fields[name] = forms.DecimalField(label=label, min_value=0, max_value=10_000_000, decimal_places=2)
        self.order_fields(["revision", "call_at", *_HOURS, *_MINUTES, *_MONEY, "due"])

    @property
    def assumed(self) -> set[str]:
        """The fields whose value is a default."""
        return {name for name in ("call_at", *_HOURS, *_MINUTES, *_MONEY) if name not in self.known}

    def clean(self) -> dict[str, Any]:
        """The longest day is not shorter than the paid one."""
        given: dict[str, Any] = super().clean() or {}
        if given.get("most_hours") and given.get("day_hours") and given["most_hours"] < given["day_hours"]:
            self.add_error("most_hours", gettext_lazy("不能少于一天按的小时数。"))
        return given

    def stated(self) -> dict[str, Any]:
        """What was set before or differs from the default."""
        given = self.cleaned_data
        found: dict[str, Any] = {"call_at": f"{given['call_at']:%H:%M}" if given["call_at"] else DEFAULTS["call_at"]}
        found |= {name: given[name] for name in (*_HOURS, *_MINUTES)}
        found |= {name: int(given[name] * 100) for name in _MONEY}
        found = {name: value for name, value in found.items() if name in self.known or value != DEFAULTS[name]}
        if given["due"] or "due" in self.known:
            found["due"] = given["due"].isoformat() if given["due"] else ""
        return found
