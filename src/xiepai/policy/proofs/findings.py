"""What a proof says: a claim about a policy, whether it holds, and a case anyone can compute again.

A claim is proven (for every case in the declared ranges), refuted (by the witness), or unknown (the time given
was not enough); nothing is called proven that was only tried. Every witness has been computed by the policy itself
before it stands here.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from fractions import Fraction
from typing import Any

from xiepai.policy.facts import amount, show
from xiepai.policy.ir import Program


class Kind(StrEnum):
    """What is asked of a policy."""

    HIGHEST = "highest"
    NEVER_BOTH = "never_both"
    MORE_NEVER_LOWERS = "more_never_lowers"
    YES_NEVER_LOWERS = "yes_never_lowers"
    NO_CLIFF = "no_cliff"
    CAN_PAY = "can_pay"
    CONDITION_MATTERS = "condition_matters"
    TIER_MATTERS = "tier_matters"
    CAP_MATTERS = "cap_matters"
    RULE_REACHED = "rule_reached"


class Status(StrEnum):
    """Whether the claim holds."""

    PROVEN = "proven"
    REFUTED = "refuted"
    UNKNOWN = "unknown"


CLAIMS: dict[Kind, tuple[str, str]] = {
    Kind.HIGHEST: ("{of}最高 {amount}", "{of}: at most {amount}"),
    Kind.NEVER_BOTH: ("{of}与{other}不会同时给付", "{of} and {other} never both pay"),
    Kind.MORE_NEVER_LOWERS: ("{fact}增加，{of}不减少", "more of {fact} never lowers {of}"),
    Kind.YES_NEVER_LOWERS: ("{fact}为“是”，{of}不减少", "{fact} being yes never lowers {of}"),
    Kind.NO_CLIFF: (
        "{fact}每变一个单位，{of}的变化不超过 {limit}",
        "one unit of {fact} moves {of} by no more than {limit}",
    ),
    Kind.CAN_PAY: ("{of}有可能给付", "{of} can pay"),
    Kind.CONDITION_MATTERS: ("{of}的条件“{text}”起作用", "{of}: the condition {text!r} matters"),
    Kind.TIER_MATTERS: ("{of}的每一档都用得到", "{of}: every tier is reached"),
    Kind.CAP_MATTERS: ("{of}的上限“{text}”会用到", "{of}: the cap {text!r} is reached"),
    Kind.RULE_REACHED: ("{of}有可能决定结果", "{of} can decide the result"),
}
REFUTED: dict[Kind, tuple[str, str]] = {
    Kind.HIGHEST: CLAIMS[Kind.HIGHEST],
    Kind.NEVER_BOTH: ("{of}与{other}可以同时给付", "{of} and {other} can both pay"),
    Kind.MORE_NEVER_LOWERS: ("{fact}增加，{of}反而减少", "more of {fact} lowers {of}"),
    Kind.YES_NEVER_LOWERS: ("{fact}为“是”，{of}反而减少", "{fact} being yes lowers {of}"),
    Kind.NO_CLIFF: ("{fact}在 {at} 处差一个单位，{of}相差 {jump}", "one unit of {fact} at {at} moves {of} by {jump}"),
    Kind.CAN_PAY: ("{of}永远不会给付", "{of} can never pay"),
    Kind.CONDITION_MATTERS: ("{of}的条件“{text}”从不起作用", "{of}: the condition {text!r} never matters"),
    Kind.TIER_MATTERS: ("{of}有一档永远用不到：{text}", "{of}: a tier is never reached: {text}"),
    Kind.CAP_MATTERS: ("{of}的上限“{text}”永远用不到", "{of}: the cap {text!r} is never reached"),
    Kind.RULE_REACHED: ("{of}永远轮不到", "{of} never decides the result"),
}
EXPECTED: dict[str, tuple[str, str]] = {
    "exclusion": ("排除情形，属条文本意", "an exclusion: what the clause intends"),
    "deduction": ("扣减项，属条文本意", "a deduction: what the clause intends"),
    "step": ("门槛，见条文", "a threshold of the clause"),
    "assumed": ("取决于假定值", "hangs on an assumed value"),
    "switched": ("此版本中已停用", "switched off in this version"),
    "date": ("日期，只说明早晚", "a date: earlier or later, not more"),
}
AWARD = ("奖励总额", "the award")
RESULT = ("结果", "the result")


@dataclass(frozen=True)
class Case:
    """Facts that show it: every fact as the policy reads it, the few that matter, and what comes out."""

    facts: dict[str, str]
    telling: tuple[str, ...]
    results: tuple[str, str]

    @property
    def result(self) -> str:
        """What comes out, in Chinese."""
        return self.results[0]

    def show(self, program: Program, language: str = "zh") -> str:
        """The facts that matter, in one line; all others are no, 0 or the first choice."""
        parts = []
        for name in self.telling:
            spec = program.by_name[name]
            parts.append(f"{spec.zh if language == 'zh' else spec.en} {self.shown(program, name, language)}")
        between = "，" if language == "zh" else ", "
        return between.join(parts) or ("（各项均为否或零）" if language == "zh" else "(everything no or zero)")

    def shown(self, program: Program, name: str, language: str) -> str:
        """One fact's value in a language."""
        from xiepai.policy.facts import number_of

        spec = program.by_name[name]
        return show(spec, number_of(spec, self.facts[name]), language)


@dataclass(frozen=True)
class Finding:
    """One claim about one thing. ``of``: a measure's name, ``award`` or ``result``; ``cases``: one witness, or the
    case before and the case after. ``expected`` names the reason why a refuted claim is no surprise."""

    kind: Kind
    status: Status
    of: str
    names: tuple[str, str]
    data: dict[str, Any] = field(default_factory=dict)
    cases: tuple[Case, ...] = ()
    expected: str = ""

    @property
    def is_problem(self) -> bool:
        """Whether someone should look at the clause: refuted, and not what the clause intends."""
        return self.status is Status.REFUTED and not self.expected and self.kind is not Kind.NEVER_BOTH

    def message(self, language: str = "zh") -> str:
        """The claim, or what refutes it, in one sentence."""
        said = (REFUTED if self.status is Status.REFUTED else CLAIMS)[self.kind][language == "en"]
        data = {
            name: value[language == "en"] if isinstance(value, tuple) else value for name, value in self.data.items()
        }
        return said.format(of=self.names[language == "en"], **data)

    def to_json(self) -> dict[str, Any]:
        """Everything in plain values."""
        return {
            "kind": self.kind.value,
            "status": self.status.value,
            "of": self.of,
            "problem": self.is_problem,
            "expected": self.expected,
            "zh": self.message(),
            "en": self.message("en"),
            "data": {name: list(value) if isinstance(value, tuple) else value for name, value in self.data.items()},
            "cases": [
                {
                    "facts": each.facts,
                    "telling": list(each.telling),
                    "result": each.result,
                    "result_en": each.results[1],
                }
                for each in self.cases
            ],
        }


@dataclass(frozen=True)
class Report:
    """All findings on one version of a policy, and how each claim was settled."""

    title: tuple[str, str]
    status: str
    on: str
    program: Program
    findings: tuple[Finding, ...]
    by: dict[str, int]
    seconds: float

    @property
    def problems(self) -> tuple[Finding, ...]:
        """What someone should look at."""
        return tuple(each for each in self.findings if each.is_problem)

    def of(self, kind: Kind, name: str | None = None) -> tuple[Finding, ...]:
        """The findings of a kind, about one thing if it is named."""
        return tuple(each for each in self.findings if each.kind is kind and name in (None, each.of))

    def to_json(self) -> dict[str, Any]:
        """Everything in plain values."""
        return {
            "policy": self.title[0],
            "policy_en": self.title[1],
            "status": self.status,
            "on": self.on,
            "problems": len(self.problems),
            "settled_by": self.by,
            "findings": [each.to_json() for each in self.findings],
        }


def money(number: int, den: int = 1) -> tuple[str, str]:
    """An amount in both languages.

    >>> money(123)
    ('1.23元', '1.23 yuan')
    """
    exact = Fraction(number, den)
    return amount(exact, "money"), amount(exact, "money", "", "en")
