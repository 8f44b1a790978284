"""Forms for a slot: a local day and hours as people type them, to a span of real time. 24:00 and nights included."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from xiepai.kernel import clock
from xiepai.worktime.opening import instant
from xiepai.worktime.spans import Span

DAY = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
HOUR = {"placeholder": "08:00", "inputmode": "numeric", "maxlength": "5", "size": "5"}


def minute_of(text: str) -> int:
    """``08:30`` → 510, ``24:00`` → 1440; anything else is a ``ValueError``."""
    hours, sign, minutes = text.strip().replace("：", ":").partition(":")
    if not (hours.isdigit() and (minutes or "0").isdigit()) or len(hours) > 2 or (sign and len(minutes) != 2):
        raise ValueError(text)
    value = int(hours) * 60 + int(minutes or 0)
    if not (0 <= value <= 1440 and int(minutes or 0) < 60):
        raise ValueError(text)
    return value


class HourField(forms.CharField):
    """A time of day from 00:00 to 24:00, in minutes."""

    def __init__(self, **options: Any) -> None:
        super().__init__(widget=forms.TextInput(attrs=HOUR), max_length=5, **options)

    def clean(self, value: Any) -> Any:
        """Minutes from midnight, or None."""
        text = super().clean(value)
        if not text:
            return None
        try:
            return minute_of(text)
        except ValueError as error:
            raise forms.ValidationError(_("请写成 08:00 到 24:00 的样子。")) from error


class SlotForm(forms.Form):
    """A day, from, to; an end at or before the start is on the next day."""

    day = forms.DateField(label=gettext_lazy("日期"), widget=DAY)
    start = HourField(label=gettext_lazy("开始"))
    end = HourField(label=gettext_lazy("结束"), help_text=gettext_lazy("不晚于开始即次日"))
    units = forms.IntegerField(label=gettext_lazy("数量"), min_value=1, max_value=100_000, initial=1, required=False)

    def clean(self) -> dict[str, Any]:
        """Add ``span``."""
        data = super().clean() or {}
        if {"day", "start", "end"} <= data.keys():
            data["span"] = span_of(data["day"], data["start"], data["end"])
        return data


def span_of(day: date, start: int, end: int) -> Span:
    """From minutes of a local day; an end at or before the start belongs to the next day."""
    until = end if end > start else end + 1440
    return Span(instant(day, start, clock.CITY_ZONE), instant(day, until, clock.CITY_ZONE))


def tomorrow() -> date:
    """What a form proposes."""
    return clock.today() + timedelta(days=1)
