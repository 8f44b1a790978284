"""The units in which extras are charged, in the reader's language; a unit nobody listed is shown as it was typed."""

from __future__ import annotations

from django.utils.translation import pgettext_lazy

_WORDS = {
    "次": pgettext_lazy("unit", "次"),
    "度": pgettext_lazy("unit", "度"),
    "天": pgettext_lazy("unit", "天"),
    "小时": pgettext_lazy("unit", "小时"),
    "人": pgettext_lazy("unit", "人"),
    "间": pgettext_lazy("unit", "间"),
    "吨": pgettext_lazy("unit", "吨"),
}


def unit_word(unit: str) -> str:
    """That unit as the reader says it: "度" is "kWh" in English."""
    return str(_WORDS.get(unit, unit))
