"""What a file changes, row by row, as people read it: the field, what stood there, what will.

Keeps the first rows only, so that a hundred thousand changed rows do not fill the memory; counts are the report's.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.utils.translation import gettext as _

from xiepai.kernel.money import Money
from xiepai.places.fields import label_of, state_of
from xiepai.places.loading.rows import Wish
from xiepai.places.models import Place
from xiepai.places.sheets.columns import BY_KEY
from xiepai.places.sheets.hours import write_days, write_rules
from xiepai.places.vocabulary import Words, read_words

SHOWN = 200
LONGEST = 160


class Preview:
    """Watches an import and keeps its first changes; *tell* hears how many rows were seen."""

    def __init__(self, tell: Callable[[int], None] | None = None) -> None:
        self.changes: list[dict[str, Any]] = []
        self._tell = tell
        self._seen = 0
        self._words: Words | None = None

    def see(self, wish: Wish) -> None:
        """One row that was written, or that has nothing to write."""
        self._seen += 1
        if self._tell is not None:
            self._tell(self._seen)
        if not wish.changes or len(self.changes) >= SHOWN:
            return
        self._words = self._words or read_words()
        place = wish.place
        self.changes.append(
            {
                "line": wish.line,
                "code": place.code,
                "name": place.name,
                "new": wish.is_new,
                "diff": [] if wish.is_new else diff_of(wish, self._words),
            }
        )


def diff_of(wish: Wish, words: Words) -> list[list[str]]:
    """Each changed thing as (label, before, after)."""
    before, after = wish.before or {}, state_of(wish.place)
    found = [
        [label_of(name.removesuffix("_id")), _shown(name, before.get(name), words), _shown(name, value, words)]
        for name, value in after.items()
        if before.get(name) != value
    ]
    for name, (old, new) in wish.history.items():
        if old != new:
            label, write = _HISTORY[name]
            found.append([str(label()), write(old)[:LONGEST], write(new)[:LONGEST]])
    if wish.tariff is not None:
        tariff = wish.tariff
        prices = [Money(fen) for fen in (tariff.hour_fen, tariff.day_fen) if fen is not None]
        text = _("免费") if tariff.is_free else " / ".join(str(price) for price in prices)
        found.append([_("价目"), "", f"{text} · {tariff.valid_from}"])
    return found


def _shown(name: str, value: Any, words: Words) -> str:
    if value is None or value == "":
        return ""
    if name == "parent_id":
        return Place.objects.filter(pk=value).values_list("code", flat=True).first() or ""
    column = BY_KEY.get(name)
    text = column.write(value, words) if column is not None else str(value)
    return text[:LONGEST]


_HISTORY: dict[str, tuple[Callable[[], str], Callable[[Any], str]]] = {
    "opening_rules": (lambda: _("开放时间"), write_rules),
    "closed_days": (lambda: _("休息日"), write_days),
    "parts": (lambda: _("组合分区"), "、".join),
}
