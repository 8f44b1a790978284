"""A place's prices: what held when, and a new tariff with its arithmetic before it is published."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from xiepai.kernel import clock
from xiepai.kernel.errors import XiepaiError
from xiepai.kernel.money import Money
from xiepai.places import services
from xiepai.places.keeping import kept_place
from xiepai.places.models import Place, Standing, Tariff
from xiepai.places.pricing import quote
from xiepai.places.services.tariffs import Extra, check_tariff, extras_of, tariff_from, tariff_in_view
from xiepai.places.sheets.cells import CellError
from xiepai.places.sheets.hours import read_cancellation, write_cancellation
from xiepai.places.terms import tariff_terms
from xiepai.web.keeper.places import act, show
from xiepai.web.refusals import put_in_form
from xiepai.web.requests import Request
from xiepai.web.slots import DAY, HourField
from xiepai.worktime.opening import instant
from xiepai.worktime.spans import Span

SPARE_EXTRAS = 2
MOST_EXTRAS = 20


class MoneyField(forms.CharField):
    """Yuan as people type them, fen as they are kept."""

    def __init__(self, **options: Any) -> None:
        widget = forms.TextInput(attrs={"inputmode": "decimal", "placeholder": "300"})
        super().__init__(widget=widget, max_length=20, required=False, **options)

    def prepare_value(self, value: Any) -> Any:
        """Fen as yuan."""
        return str(Money(value)).removeprefix("¥") if isinstance(value, int) else value

    def clean(self, value: Any) -> Any:
        """Fen, or None where nothing is said."""
        text = super().clean(value)
        if not text:
            return None
        try:
            return Money.parse(text).fen
        except ValueError as error:
            raise forms.ValidationError(_("请写成 300 或 1,234.50。")) from error


class TariffForm(forms.Form):
    """A tariff from a day on."""

    valid_from = forms.DateField(label=gettext_lazy("从哪天起"), widget=DAY)
    is_free = forms.BooleanField(label=gettext_lazy("免费"), required=False)
    free_condition = forms.CharField(
        label=gettext_lazy("免费的条件"), required=False, max_length=200, help_text=gettext_lazy("例：片尾署名")
    )
    hour_fen = MoneyField(label=gettext_lazy("每小时（元）"))
    day_fen = MoneyField(label=gettext_lazy("包天（元）"))
    day_limit = forms.DecimalField(
        label=gettext_lazy("包天上限（小时）"), min_value=1, max_value=24, decimal_places=1, initial=14
    )
    overtime_fen = MoneyField(label=gettext_lazy("超时每档（元）"), help_text=gettext_lazy("不填即按每小时的价格"))
    overtime_step_minutes = forms.TypedChoiceField(
        label=gettext_lazy("超时按"),
        coerce=int,
        choices=[(60, gettext_lazy("每小时")), (30, gettext_lazy("每半小时"))],
    )
    night_fen = MoneyField(label=gettext_lazy("夜间每小时加收（元）"))
    night_from_minute = HourField(label=gettext_lazy("夜间从"))
    night_to_minute = HourField(label=gettext_lazy("夜间到"))
    deposit_fen = MoneyField(label=gettext_lazy("押金（元）"))
    cancellation = forms.CharField(
        label=gettext_lazy("取消条款"),
        required=False,
        max_length=400,
        help_text=gettext_lazy("开始前多久取消收多少，例：48小时:50%、24小时:100%"),
    )
    standing = forms.ChoiceField(label=gettext_lazy("资料性质"), choices=Standing.choices)
    note = forms.CharField(label=gettext_lazy("说明"), required=False, max_length=200)

    def __init__(self, data: Any = None, *, base: Tariff | None = None) -> None:
        extras = extras_of(base) if base is not None else []
        super().__init__(data, initial=_initial(base), auto_id="tariff_%s")
        count = min(len(extras) + SPARE_EXTRAS, MOST_EXTRAS)
        if data is not None:
            count = min(max(count, sum(1 for key in data if key.startswith("x_label_"))), MOST_EXTRAS)
        for number in range(count):
            extra = extras[number] if number < len(extras) else Extra("", "", "", 0)
            self._add_extra(number, extra)
        self.extra_numbers = list(range(count))

    def extra_rows(self) -> list[list[forms.BoundField]]:
        """The fields of each extra."""
        names = ("x_label", "x_label_en", "x_unit", "x_fen", "x_code")
        return [[self[f"{name}_{number}"] for name in names] for number in self.extra_numbers]

    def clean_cancellation(self) -> list[list[int]]:
        """Pairs of hours and percent."""
        try:
            return read_cancellation(self.cleaned_data["cancellation"])
        except CellError as error:
            raise forms.ValidationError(str(error)) from error

    def tariff(self) -> tuple[date, dict[str, Any], list[Extra]]:
        """The first day, the fields and the extras, as the service takes them."""
        data = dict(self.cleaned_data)
        names = ("is_free", "free_condition", "hour_fen", "day_fen", "overtime_fen", "overtime_step_minutes")
        fields = {name: data[name] for name in (*names, "cancellation", "standing", "note")}
        fields |= {name: data[name] for name in ("night_from_minute", "night_to_minute")}
        fields |= {name: data[name] or 0 for name in ("night_fen", "deposit_fen")}
        fields["day_limit_minutes"] = int(data["day_limit"] * 60)
        return data["valid_from"], fields, self._extras(data)

    def _extras(self, data: dict[str, Any]) -> list[Extra]:
        found: list[Extra] = []
        taken = {data[f"x_code_{number}"] for number in self.extra_numbers}
        for number in self.extra_numbers:
            label = data[f"x_label_{number}"]
            if label:
                fresh = next(f"x{n}" for n in range(1, 100) if f"x{n}" not in taken)
                code = data[f"x_code_{number}"] or fresh
                taken.add(code)
                price = data[f"x_fen_{number}"] or 0
                found.append(Extra(code, label, data[f"x_unit_{number}"], price, data[f"x_label_en_{number}"]))
        return found

    def _add_extra(self, number: int, extra: Extra) -> None:
        line = f" {number + 1}"
        self.fields[f"x_label_{number}"] = forms.CharField(
            label=_("名称") + line, required=False, max_length=60, initial=extra.label
        )
        self.fields[f"x_label_en_{number}"] = forms.CharField(
            label=_("英文名称") + line, required=False, max_length=80, initial=extra.label_en
        )
        self.fields[f"x_unit_{number}"] = forms.CharField(
            label=_("计量单位") + line, required=False, max_length=20, initial=extra.unit
        )
        self.fields[f"x_fen_{number}"] = MoneyField(
            label=_("单价（元）") + line, initial=extra.unit_fen if extra.label else None
        )
        self.fields[f"x_code_{number}"] = forms.SlugField(
            required=False, max_length=30, initial=extra.code, widget=forms.HiddenInput
        )


@require_http_methods(["GET", "POST"])
def tariffs(request: Request, place_id: int) -> HttpResponse:
    """The history, and a form that begins with what holds now."""
    place = kept_place(request.actor, place_id)
    known = list(place.tariffs.prefetch_related("extras").order_by("-valid_from"))
    base = tariff_in_view(known, clock.today())
    form = TariffForm(request.POST or None, base=base)
    if request.method == "POST" and form.is_valid():
        valid_from, fields, extras = form.tariff()
        try:
            services.publish_tariff(
                actor=request.actor, place_id=place_id, valid_from=valid_from, extras=extras, **fields
            )
        except XiepaiError as refusal:
            put_in_form(form, refusal)
        else:
            messages.success(request, _("价目已发布；已有的预订价格不变。"))
            return redirect("keeper:tariffs", place_id)
    context = {
        "form": form,
        "tariffs": known,
        "today": clock.today(),
        "terms_of_cancellation": write_cancellation,
        "examples": examples(place, form) if form.is_bound else _of_base(place, base),
        "problem": "",
    }
    return show(request, "tariffs", place, context, failed=bool(form.errors))


@require_safe
def example(request: Request, place_id: int) -> HttpResponse:
    """The arithmetic of what is typed so far, as a fragment; nothing is written."""
    place = kept_place(request.actor, place_id)
    form = TariffForm(request.GET, base=None)
    found: list[tuple[str, str]] = []
    problem = ""
    if form.is_valid():
        try:
            found = examples(place, form)
        except XiepaiError as refusal:
            problem = str(refusal)
    else:
        problem = _("填好后这里会算给您看。")
    return render(request, "keeper/tariff_example.html", {"examples": found, "problem": problem})


@require_POST
def withdraw(request: Request, place_id: int, tariff_id: int) -> HttpResponse:
    """Take back a tariff of this place that has not begun."""
    kept_place(request.actor, place_id)
    there = Tariff.objects.filter(pk=tariff_id, place=place_id).exists()
    deed = (lambda: services.withdraw_tariff(actor=request.actor, tariff_id=tariff_id)) if there else None
    return act(request, deed, _("已撤回；原来的价目继续有效。"), "keeper:tariffs", place_id)


def examples(place: Place, form: TariffForm) -> list[tuple[str, str]]:
    """Four hours, a day with two hours beyond its limit, a night: what each would cost, with the arithmetic."""
    if not form.is_valid():
        return []
    valid_from, fields, extras = form.tariff()
    tariff = tariff_from(place, valid_from, fields)  # type: ignore[arg-type]
    try:
        check_tariff(tariff, extras)
    except XiepaiError:
        if form.is_bound and form.errors:
            return []
        raise
    return _examples(tariff)


def _of_base(place: Place, base: Tariff | None) -> list[tuple[str, str]]:
    return _examples(base) if base is not None else []


def _examples(tariff: Tariff) -> list[tuple[str, str]]:
    terms, day = tariff_terms(tariff), tariff.valid_from
    beyond = min(tariff.day_limit_minutes + 120, 1440)
    spans = [
        (_("4 小时：10:00–14:00"), _span(day, 600, 840)),
        (_("一天外加超时：从 06:00 起 %(hours)s 小时") % {"hours": f"{beyond / 60:g}"}, _span(day, 360, 360 + beyond)),
        (_("一夜：20:00–次日 04:00"), _span(day, 1200, 1680)),
    ]
    return [(label, quote(terms, span).text) for label, span in spans]


def _span(day: date, start: int, end: int) -> Span:
    return Span(instant(day, start, clock.CITY_ZONE), instant(day, end, clock.CITY_ZONE))


def _initial(base: Tariff | None) -> dict[str, Any]:
    start = base or Tariff()
    names = ("is_free", "free_condition", "hour_fen", "day_fen", "overtime_fen", "overtime_step_minutes")
    values = {name: getattr(start, name) for name in (*names, "standing", "note")}
    values |= {name: getattr(start, name) or None for name in ("night_fen", "deposit_fen")}
    values |= {name: _hour(getattr(start, name)) for name in ("night_from_minute", "night_to_minute")}
    values["cancellation"] = write_cancellation(start.cancellation)
    limit = start.day_limit_minutes / 60
    values["day_limit"] = int(limit) if limit == int(limit) else round(limit, 1)
    values["valid_from"] = clock.today() + timedelta(days=1) if base else clock.today()
    return values


def _hour(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"
