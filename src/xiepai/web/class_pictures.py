"""A class as a picture: where an investment lies between the thresholds of the rule that decided."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from xiepai.productions.classification import ClassResult, Level, Rule, all_rules, amount_text, thresholds_for
from xiepai.productions.classification import Text as Words

#: The three classes are drawn equally wide; amounts are to scale within each, the open end by halves.
SEGMENT = 100


@dataclass(frozen=True, slots=True)
class Scale:
    """Three classes side by side, the thresholds between them, and a mark where the amount lies (None: none)."""

    labels: tuple[tuple[Words, bool], ...]
    middle: Words
    top: Words
    mark: int | None
    amount: Words | None


def scale_of(result: ClassResult, making: str) -> Scale | None:
    """The picture of a result; None where no rule was in force."""
    if result.rule is None:
        return None
    limits = thresholds_for(result.rule, making)
    labels = tuple((result.rule.labels[level], level is result.level) for level in (Level.LOW, Level.MIDDLE, Level.TOP))
    amount = result.amount_fen
    mark = None if amount is None else _place(amount, limits.middle_fen, limits.top_fen)
    words = None if amount is None else amount_text(amount)
    return Scale(labels, amount_text(limits.middle_fen), amount_text(limits.top_fen), mark, words)


def _place(amount: int, middle: int, top: int) -> int:
    """Where an amount is drawn, from 0 to 300; on a threshold it stands on the line, a fen below it before the line."""
    if amount < middle:
        return min(SEGMENT * amount // middle, SEGMENT - 1)
    if amount < top:
        return min(SEGMENT + SEGMENT * (amount - middle) // (top - middle), 2 * SEGMENT - 1)
    return 3 * SEGMENT - SEGMENT * top // amount


def rules_shown(result: ClassResult) -> list[dict[str, Any]]:
    """Every rule on record with its thresholds, the newest first; the one that decided is marked."""
    return [_shown(rule, rule is result.rule) for rule in reversed(all_rules())]


def _shown(rule: Rule, decided: bool) -> dict[str, Any]:
    limits = {
        making: tuple(amount_text(fen) for fen in (each.middle_fen, each.top_fen))
        for making, each in ((making, thresholds_for(rule, making)) for making in ("live", "ai"))
    }
    return {"rule": rule, "limits": limits, "decided": decided, "lifts": rule.lifts}
