"""Forms of a place's calendar: the week's hours day by day, closed days, a time out of booking."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from xiepai.kernel import clock
from xiepai.parties.access import Actor
from xiepai.parties.models import Organisation, Role
from xiepai.places.sheets.cells import CellError
from xiepai.places.sheets.hours import read_rules, write_rules
from xiepai.web import formats
from xiepai.web.slots import DAY, HourField
from xiepai.worktime.opening import WeeklyRule, instant
from xiepai.worktime.spans import Span

WEEK = "一二三四五六日"
NAMES = tuple(gettext_lazy(name) for name in ("周一", "周二", "周三", "周四", "周五", "周六", "周日"))
LONGEST_CLOSURE = 366


class HoursForm(forms.Form):
    """One line for each day of the week, and the seasons in words."""

    other = forms.CharField(
        label=gettext_lazy("按季节的时间"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 2, "placeholder": "2026-07-01至2026-08-31 每天 06:00-次日02:00"}),
        help_text=gettext_lazy("有起止日期的写在这里，一行一条；会和上面的同时有效。"),
    )

    def __init__(self, data: Any = None, *, rules: tuple[WeeklyRule, ...] = ()) -> None:
        dated = [rule for rule in rules if rule.valid_from or rule.valid_to]
        plain = [rule for rule in rules if rule not in dated]
        initial: dict[str, Any] = {"other": write_rules(dated).replace("；", "\n")}
        for day in range(7):
            text = write_rules(rule for rule in plain if rule.weekday == day)
            initial[f"day{day}"] = text.partition(" ")[2]
        super().__init__(data, initial=initial, auto_id="hours_%s")
        days: dict[str, forms.Field] = {
            f"day{day}": forms.CharField(
                label=NAMES[day],
                required=False,
                max_length=200,
                widget=forms.TextInput(attrs={"placeholder": _("不开放")}),
            )
            for day in range(7)
        }
        self.fields = {**days, **self.fields}

    def clean(self) -> dict[str, Any]:
        """Add ``rules``."""
        data = super().clean() or {}
        rules: list[WeeklyRule] = []
        for day in range(7):
            rules += self._read(f"day{day}", f"周{WEEK[day]} ", data)
        rules += self._read("other", "", data)
        data["rules"] = rules
        return data

    def _read(self, name: str, prefix: str, data: dict[str, Any]) -> list[WeeklyRule]:
        text = (data.get(name) or "").strip()
        if not text:
            return []
        try:
            return list(read_rules(prefix + text))
        except CellError as error:
            self.add_error(name, str(error))
            return []


class ClosedForm(forms.Form):
    """From a day to a day, and why."""

    first = forms.DateField(label=gettext_lazy("从"), widget=DAY)
    last = forms.DateField(
        label=gettext_lazy("到（含）"), widget=DAY, required=False, help_text=gettext_lazy("只一天可不填")
    )
    reason = forms.CharField(label=gettext_lazy("原因"), required=False, max_length=120)

    def __init__(self, data: Any = None) -> None:
        super().__init__(data, auto_id="closed_%s")

    def days(self) -> list[date]:
        """All of them; call when valid."""
        first, last = self.cleaned_data["first"], self.cleaned_data["last"] or self.cleaned_data["first"]
        return [first + timedelta(days=number) for number in range((last - first).days + 1)]

    def clean(self) -> dict[str, Any]:
        """The end is not before the beginning, and not a lifetime later."""
        data = super().clean() or {}
        first, last = data.get("first"), data.get("last")
        if first and last and not 0 <= (last - first).days < LONGEST_CLOSURE:
            self.add_error("last", _("止日应在起日之后一年之内。"))
        return data


class BlockForm(forms.Form):
    """A time out of booking, why, and who may book over it."""

    first = forms.DateField(label=gettext_lazy("从哪天"), widget=DAY)
    start = HourField(label=gettext_lazy("开始"), required=False, help_text=gettext_lazy("不填即 00:00"))
    last = forms.DateField(label=gettext_lazy("到哪天"), widget=DAY, required=False)
    end = HourField(label=gettext_lazy("结束"), required=False, help_text=gettext_lazy("不填即 24:00"))
    reason = forms.CharField(
        label=gettext_lazy("原因"), max_length=120, widget=forms.TextInput(attrs={"list": "blocking-reasons"})
    )
    override_roles = forms.MultipleChoiceField(
        label=gettext_lazy("谁仍然可以订"),
        required=False,
        choices=Role.choices,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("不选即谁都不能"),
    )
    override_organisations = forms.TypedMultipleChoiceField(
        label=gettext_lazy("哪些机构仍然可以订"), required=False, coerce=int, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, data: Any = None, *, organisations: QuerySet[Organisation]) -> None:
        super().__init__(data, auto_id="block_%s", initial={"first": clock.today() + timedelta(days=1)})
        rows = [(row.pk, formats.named(row)) for row in organisations]
        self.fields["override_organisations"].choices = rows  # type: ignore[attr-defined]
        if not rows:
            del self.fields["override_organisations"]

    def clean(self) -> dict[str, Any]:
        """Add ``span``."""
        data = super().clean() or {}
        first, last = data.get("first"), data.get("last") or data.get("first")
        if first and last and not self.errors:
            start, end = data.get("start") or 0, data.get("end")
            begin = instant(first, start, clock.CITY_ZONE)
            until = instant(last, 1440 if end is None else end, clock.CITY_ZONE)
            if until <= begin:
                self.add_error("last", _("结束要在开始之后。"))
            else:
                data["span"] = Span(begin, until)
        return data


def blockable_for(actor: Actor, place_id: int) -> QuerySet[Organisation]:
    """Organisations a keeper may let through: the own ones and those that booked the place before."""
    from xiepai.bookings.models import Booking

    crews = Booking.objects.filter(place=place_id).values("organisation")
    own = Organisation.objects.filter(pk__in=actor.organisations())
    return (own | Organisation.objects.filter(pk__in=crews)).order_by("name")[:60]
