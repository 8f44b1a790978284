"""Codes of grants as words: a measure as its policy calls it, a milestone as the office named it.

Refused: guessing; a code nobody named stays as it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.translation import get_language

from xiepai.grants.models import MeasureSetting, ProgrammeVersion
from xiepai.grants.policies import policy_of


def is_english() -> bool:
    """Whether the reader reads English."""
    return (get_language() or "zh").startswith("en")


def named(row: Any) -> str:
    """The name of whatever has one in both languages, as attributes or as keys."""
    get = row.get if isinstance(row, Mapping) else lambda key: getattr(row, key, "")
    return str((is_english() and get("en")) or get("zh") or "")


def measure_words(code: str, version: ProgrammeVersion | None) -> str:
    """What a version of the policy calls a measure; its code where that version has none of that name."""
    measures = policy_of(version).at().measures if version else ()
    return next((named(each) for each in measures if each.name == code), code)


class Milestones:
    """The milestones of some programmes by name: one query, however many payments are shown."""

    def __init__(self, programme_ids: Iterable[int]) -> None:
        rows = MeasureSetting.objects.filter(programme__in=set(programme_ids)).exclude(milestones=[])
        self._named = {
            (row.programme_id, row.measure, str(each.get("code", ""))): each for row in rows for each in row.milestones
        }

    def words(self, programme_id: int, measure: str, code: str) -> str:
        """What the office calls a milestone; empty where a payment is of none."""
        return named(self._named.get((programme_id, measure, code), {})) or code
