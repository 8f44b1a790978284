"""Codes of grants as words: a measure as its policy calls it, a milestone as the office named it.

Refused: guessing; a code nobody named stays as it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from xiepai.grants.models import MeasureSetting, Programme, ProgrammeVersion
from xiepai.grants.policies import policy_of

#: What moves money between the pockets of a budget; the keys of ``ledger.MOVES``.
MOVEMENTS: Mapping[str, Promise] = {
    "allotted": _("安排预算"),
    "cut": _("核减预算"),
    "reserved": _("预留资金"),
    "released": _("解除预留"),
    "committed": _("承诺"),
    "revoked": _("收回承诺"),
    "paid": _("拨付资金"),
    "bounced": _("银行退票"),
    "returned": _("企业退回"),
    "reused": _("重新使用"),
}


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


def papers_in_english(version: ProgrammeVersion, measures: Iterable[str] = ()) -> dict[str, str]:
    """Kinds of paper by their Chinese name: those the policy file names in English, those the office did."""
    found = {spec.evidence: spec.evidence_en for spec in policy_of(version).at().facts if spec.evidence_en}
    if measures := list(measures):
        for row in MeasureSetting.objects.filter(programme=version.programme_id, measure__in=measures):
            found |= {str(each.get("zh") or each.get("kind")): each["en"] for each in row.papers if each.get("en")}
    return found


class Measures:
    """The names of measures in the reader's language; each version is read once, however long the list."""

    def __init__(self) -> None:
        self._named: dict[int, dict[str, str]] = {}
        self._newest: dict[int, int] = {}

    def words(self, version_id: int, codes: Iterable[str]) -> str:
        """What a version calls these measures, in a row."""
        if version_id not in self._named:
            policy = policy_of(ProgrammeVersion.objects.get(pk=version_id))
            self._named[version_id] = {each.name: named(each) for each in policy.at().measures}
        return (", " if is_english() else "、").join(self._named[version_id].get(code, code) for code in codes)

    def in_programme(self, programme_id: int, code: str) -> str:
        """What a programme's newest version calls a measure."""
        if programme_id not in self._newest:
            rows = ProgrammeVersion.objects.filter(programme=programme_id).order_by("-number")
            self._newest[programme_id] = rows.values_list("pk", flat=True).first() or 0
        newest = self._newest[programme_id]
        return self.words(newest, [code]) if newest else code


def measure_names(programmes: Iterable[Programme]) -> dict[str, str]:
    """Every measure of some programmes by code, as their newest versions call them; versions are prefetched."""
    found: dict[str, str] = {}
    for programme in programmes:
        versions = sorted(programme.versions.all(), key=lambda each: -each.number)
        for each in policy_of(versions[0]).at().measures if versions else ():
            found.setdefault(each.name, named(each))
    return found


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
