"""The same work under several policies: each city's award side by side, measures aligned by what they support.

Facts go to every policy that knows them by name or label; a value one policy cannot read is told for that policy and
does not stop the others. What is missing makes a range, and names the fact to ask next.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from xiepai.policy.api import Policy
from xiepai.policy.award import MeasureResult
from xiepai.policy.entries import near
from xiepai.policy.explaining import Award
from xiepai.policy.messages import Code, Diagnostic, PolicyError

STAGES: dict[str, tuple[str, str, str]] = {
    "script": ("剧本", "Script", "剧本|编剧"),
    "recommended": ("推优获奖", "Lists and awards", "推优|获奖"),
    "overseas": ("出海", "Overseas", "出海|海外"),
    "base": ("基地与项目", "Bases and projects", "基地|落地|园区|新建|转型"),
    "shooting": ("取景拍摄", "Shooting", "取景|拍摄|元素|景区|驻"),
    "commissioned": ("定制", "Commissioned", "定制|委托"),
    "release": ("发行播出", "Release", "发行|播出|上线|票房|分账|横屏|竖屏"),
    "investment": ("投资制作", "Investment and production", "投资|制作|基础支持"),
    "chain": ("产业链", "Industry chain", "产业链|技术|消费"),
    "other": ("其他", "Other", ""),
}


def stage(name: str, clause: str, text: str) -> str:
    """What a measure supports, by the words of its name, else of its clause, else of its text.

    >>> stage("原创剧本", "第8项", ""), stage("奖励", "第3项 取景拍摄", ""), stage("奖励", "一", "")
    ('script', 'shooting', 'other')
    """
    for said in (name, clause, text):
        places = {
            key: min(place for word in words.split("|") if (place := said.find(word)) >= 0)
            for key, (_zh, _en, words) in STAGES.items()
            if words and any(word in said for word in words.split("|"))
        }
        if places:
            return min(places, key=lambda key: places[key])
    return "other"


@dataclass(frozen=True)
class Column:
    """One policy: its award for the facts it knows, those it could not read, and the measures by stage."""

    policy: Policy
    award: Award | None
    used: tuple[str, ...]
    wrong: tuple[Diagnostic, ...]
    not_in_force: bool = False

    def measures(self, key: str) -> list[MeasureResult]:
        """The measures of a stage."""
        found = self.award.measures if self.award else ()
        return [each for each in found if stage(each.measure.zh, each.measure.clause, each.measure.text) == key]


@dataclass(frozen=True)
class Comparison:
    """All columns; ``unused`` are facts no policy asks for."""

    columns: tuple[Column, ...]
    unused: tuple[Diagnostic, ...]

    @property
    def stages(self) -> list[str]:
        """The stages any policy supports, in order."""
        return [key for key in STAGES if any(column.measures(key) for column in self.columns)]

    def to_json(self) -> dict[str, Any]:
        """Everything in plain values."""
        return {
            "policies": [_column(each, self.stages) for each in self.columns],
            "stages": [{"key": key, "zh": STAGES[key][0], "en": STAGES[key][1]} for key in self.stages],
            "unused": [each.message() for each in self.unused],
        }


def compare(policies: Sequence[Policy], facts: Mapping[str, str], on: date | None = None) -> Comparison:
    """Every policy for the same facts, on a day (without a day each policy's newest version)."""
    columns = tuple(_evaluated(policy, facts, on) for policy in policies)
    labels = {label for policy in policies for spec in policy.facts for label in (spec.name, spec.zh)}
    unused = tuple(
        Diagnostic(Code.UNKNOWN_NAME, "facts", data={"name": name}, hint=near(name, labels))
        for name in facts
        if name not in labels
    )
    return Comparison(columns, unused)


def _evaluated(policy: Policy, facts: Mapping[str, str], on: date | None) -> Column:
    if on is not None and not policy.start <= on <= policy.end:
        return Column(policy, None, (), (), True)
    labels = {label for spec in policy.facts for label in (spec.name, spec.zh)}
    mine = {name: value for name, value in facts.items() if name in labels}
    wrong: list[Diagnostic] = []
    for name in list(mine):
        try:
            policy.evaluate({name: mine[name]}, on)
        except PolicyError as error:
            wrong += error.diagnostics
            del mine[name]
    return Column(policy, policy.evaluate(mine, on), tuple(mine), tuple(wrong))


def _column(column: Column, stages: list[str]) -> dict[str, Any]:
    award, policy = column.award, column.policy
    found: dict[str, Any] = {
        "file": policy.source.file,
        "policy": policy.title[0],
        "policy_en": policy.title[1],
        "issuer": policy.issuer,
        "status": policy.status,
        "in_force": not column.not_in_force,
        "facts_used": list(column.used),
        "facts_wrong": [each.message() for each in column.wrong],
    }
    if award is None:
        return found
    ask = award.next_fact
    return found | {
        "result": award.result.to_json() if award.program.result_kind == "money" else list(award.possible),
        "is_certain": award.result.is_certain,
        "next_fact": {"name": ask.name, "zh": ask.zh, "en": ask.en, "evidence": ask.evidence} if ask else None,
        "measures": [
            {
                "stage": key,
                "name": each.measure.name,
                "zh": each.measure.zh,
                "en": each.measure.en,
                "clause": each.measure.clause,
                "applies": each.applies,
                "amount": each.amount.to_json(),
                "missing": list(each.missing),
            }
            for key in stages
            for each in column.measures(key)
        ],
    }
