"""Proofs against enumeration: a claim about a tiny policy is compared with all its cases, a witness always computed."""

from __future__ import annotations

import doctest
import importlib
import itertools
import pkgutil
import random
from datetime import date
from pathlib import Path

import pytest

import xiepai.policy.proofs
from xiepai.policy import Policy, load
from xiepai.policy.facts import number_of
from xiepai.policy.proofs import Finding, Kind, Report, Status, prove
from xiepai.policy.speaking import spoken

pytestmark = pytest.mark.unit
SHIPPED = sorted(Path("policies").glob("*.yaml"))
DAY = date(2026, 5, 1)
AMOUNTS = ("a", "b")
HEAD = """
policy: 小
issuer: 小
status: sample
in_force: 2026-01-01 ..
facts:
  a: money | 甲 / A | 证 | 0元 .. 0.11元
  b: money | 乙 / B | 证 | 0元 .. 0.05元
  n: number 集 | 集数 / Episodes | 证 | 0 .. 3
  yes_one: yes/no | 一 / One
  yes_two: yes/no | 二 / Two
  kind: low=低, high=高 | 档 / Kind
"""
CONDITIONS = [
    *("a > 0.03元", "a <= 0.06元", "b >= 0.02元", "a < b + 0.02元", "yes_one", "not yes_two", "yes_one or n > 1集"),
    *("kind is high", "n >= 2集", "a / b > 1/2", "b > 0.01元 and a > 0.09元", "n = 2集", "not (a = 0.05元)"),
    "a > 0.03元 or a < 0.01元",
]
AMOUNT = [
    *("pay: 50% of a", "pay: 1/3 of a + b", "pay: n * 0.02元", "pay: 0.07元 - b", "pay: max(a, b)"),
    "pay: if a > 0.05元 then b else 2 * a",
    "by: a\n    reaching: {0.02元: 0.03元, 0.07元: 0.01元}",
    "by: a\n    reaching: {0.03元: 0.01元, 0.06元: 0.04元}",
    "by: a\n    bands: {0元: 50%, 0.04元: 10%}",
    "by: kind\n    table: {low: 0.02元, high: 0.05元}",
]
MORE = ["at_most: 0.04元", "less: b", "at_most: 9元", "round: down to 0.02元", "times: {yes_two: 50%}", ""]
THEN = ["- {highest_of: [one, two], clause: 二}", "- {at_most: 0.06元, clause: 三}", "- {less: b, clause: 四}", ""]


def tiny(seed: int) -> Policy:
    """A policy of two measures, small enough to compute every case of it."""
    chance = random.Random(seed)
    text = HEAD + "measures:\n"
    for name in ("one", "two"):
        conditions = chance.sample(CONDITIONS, chance.randint(1, 2))
        text += (
            f"  {name}:\n    clause: 一\n    text: 文\n    if: [{', '.join(conditions)}]\n    {chance.choice(AMOUNT)}\n"
        )
        text += f"    {chance.choice(MORE)}\n"
    text += f"then:\n  {chance.choice(THEN)}\n  - {{round: down to 0.01元, clause: 五}}\n"
    return load(text + "examples:\n  - {name: 例, on: 2026-05-01, given: {a: 0元}, expect: 0元}\n")


class Everything:
    """Every case of a tiny policy."""

    def __init__(self, policy: Policy) -> None:
        from xiepai.policy import oracle

        self.program = policy.at(DAY)
        ranges = [range(spec.low, spec.high + 1) for spec in self.program.facts]
        names = [spec.name for spec in self.program.facts]
        self.cases = list(itertools.product(*ranges))
        rows = [dict(zip(names, case, strict=True)) for case in self.cases]
        self.columns = oracle.run(self.program, rows)
        self.place = {name: index for index, name in enumerate(names)}

    def of(self, node: int) -> dict[tuple[int, ...], int]:
        return dict(zip(self.cases, self.columns[node], strict=True))

    def changes(self, node: int, fact: str) -> list[tuple[int, int]]:
        """For every case and the same with one unit more: the fact's number after, and the change."""
        values, place = self.of(node), self.place[fact]
        found = []
        for case, value in values.items():
            more = (*case[:place], case[place] + 1, *case[place + 1 :])
            if more in values:
                found.append((more[place], values[more] - value))
        return found


def node_of(everything: Everything, name: str) -> int:
    values = {measure.name: measure.value for measure in everything.program.measures}
    return values[name].node if name in values else everything.program.result.node


def check_witnesses(policy: Policy, report: Report, on: date | None) -> None:
    for finding in report.findings:
        for case in finding.cases:
            award = policy.evaluate(case.facts, on=on)
            named = {each.measure.name: each.amount for each in award.measures}
            if report.program.result_kind == "choice":
                assert case.result == report.program.choice_labels[award.result.low]
            else:
                amount = award.result if finding.kind is Kind.NEVER_BOTH else named.get(finding.of, award.result)
                assert case.result == amount.show()


def claims(everything: Everything, finding: Finding) -> bool | None:
    """Whether a claim holds, by enumeration; None where enumeration has nothing to say."""
    node = node_of(everything, finding.of)
    if finding.kind in (Kind.MORE_NEVER_LOWERS, Kind.YES_NEVER_LOWERS):
        return all(change >= 0 for _at, change in everything.changes(node, finding.data["name"]))
    if finding.kind is Kind.NEVER_BOTH:
        other = everything.of(node_of(everything, finding.data["with"]))
        return not any(value > 0 and other[case] > 0 for case, value in everything.of(node).items())
    if finding.kind is Kind.CAN_PAY:
        return any(value > 0 for value in everything.of(node).values())
    return None


@pytest.mark.parametrize("seed", range(60))
def test_every_claim_about_a_tiny_policy_agrees_with_all_its_cases(seed: int) -> None:
    policy = tiny(seed)
    everything, report = Everything(policy), prove(policy, DAY, cliff_fen=2, seconds=60)
    check_witnesses(policy, report, DAY)
    for finding in report.findings:
        truth = claims(everything, finding)
        if truth is not None:
            assert finding.status is (Status.PROVEN if truth else Status.REFUTED), finding
    for measure in everything.program.measures:
        (highest,) = report.of(Kind.HIGHEST, measure.name)
        assert highest.status is Status.PROVEN
        best = max(everything.of(measure.value.node).values())
        assert number_of_highest(highest, everything) == best
        told = {each.data["text"][0] for each in report.of(Kind.CONDITION_MATTERS, measure.name)}
        assert told == dead_conditions(everything, measure)
    for fact in ("a", "b", "n"):
        jumps = {
            at: change for at, change in everything.changes(everything.program.result.node, fact) if abs(change) > 2
        }
        told = [each for each in report.of(Kind.NO_CLIFF) if each.data["name"] == fact]
        assert bool(jumps) == any(each.status is Status.REFUTED for each in told)
        for each in told:
            assert each.status is not Status.REFUTED or jumped(everything, fact, each) in jumps


def number_of_highest(finding: Finding, everything: Everything) -> int:
    facts = {spec.name: number_of(spec, finding.cases[0].facts[spec.name]) for spec in everything.program.facts}
    case = tuple(facts[spec.name] for spec in everything.program.facts)
    return everything.of(node_of(everything, finding.of))[case]


def jumped(everything: Everything, fact: str, finding: Finding) -> int:
    spec = everything.program.by_name[fact]
    before, after = (number_of(spec, case.facts[fact]) for case in finding.cases)
    assert after == before + 1
    return after


def dead_conditions(everything: Everything, measure) -> set[str]:  # type: ignore[no-untyped-def]
    """Conditions whose failing alone never takes anything away."""
    final = measure.changes[-1].after if measure.changes else measure.raw
    amounts = everything.columns[final.node]
    alive = max(amounts) > 0
    found = set()
    for condition in measure.conditions:
        others = [everything.columns[each.node] for each in measure.conditions if each is not condition]
        mine = everything.columns[condition.node]
        matters = any(
            not mine[row] and all(other[row] for other in others) and (amounts[row] > 0 or not alive)
            for row in range(len(mine))
        )
        if not matters:
            found.add(spoken(condition.text, everything.program, None, "zh"))
    return found


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_a_shipped_policy_is_proven_without_gaps(path: Path) -> None:
    policy = load(path)
    for version in policy.versions:
        on = max(version.start, policy.start)
        report = prove(policy, on, seconds=60)
        check_witnesses(policy, report, on)
        assert not [each.message("en") for each in report.findings if each.status is Status.UNKNOWN]


def test_what_wujin_pays_at_most_and_where_it_jumps() -> None:
    report = prove(load("policies/wujin-2025.yaml"))
    assert report.of(Kind.HIGHEST, "award")[0].message() == "奖励总额最高 6,500,000元"
    jumps = {each.data["at"][0]: each.data["jump"][0] for each in report.of(Kind.NO_CLIFF) if each.cases}
    assert jumps["5,000,000.01元"] == "2,000,000元"


def test_a_condition_that_punishes_good_news_is_found_with_both_cases() -> None:
    report = prove(tiny_with("if: [a <= 0.06元]\n    pay: a"))
    (finding,) = report.of(Kind.MORE_NEVER_LOWERS, "one")[:1]
    assert finding.is_problem
    assert [case.facts["a"] for case in finding.cases] == ["0.06元", "0.07元"] or finding.cases[0].result != "0元"


def tiny_with(body: str) -> Policy:
    return load(
        HEAD + f"measures:\n  one:\n    clause: 一\n    text: 文\n    {body}\n"
        "then:\n  - {round: down to 0.01元, clause: 五}\n"
        "examples:\n  - {name: 例, on: 2026-05-01, given: {a: 0元}, expect: 0元}\n"
    )


def test_a_tier_and_a_cap_that_are_never_reached_are_told() -> None:
    report = prove(
        tiny_with("if: [a <= 0.02元]\n    by: a\n    reaching: {0.01元: 0.01元, 0.05元: 0.03元}\n    at_most: 1元")
    )
    assert [each.data["text"][0] for each in report.of(Kind.TIER_MATTERS)] == ["甲 ≥ 0.05元"]
    assert len(report.of(Kind.CAP_MATTERS)) == 1


def test_without_time_nothing_is_claimed_that_was_not_settled() -> None:
    for seed in range(20):
        everything = Everything(policy := tiny(seed))
        for finding in prove(policy, DAY, cliff_fen=2, seconds=0).findings:
            truth = claims(everything, finding)
            if truth is not None and finding.status is not Status.UNKNOWN:
                assert finding.status is (Status.PROVEN if truth else Status.REFUTED)


@pytest.mark.parametrize(
    "name", ["", *(f".{each.name}" for each in pkgutil.iter_modules(xiepai.policy.proofs.__path__))]
)
def test_what_docstrings_show_is_so(name: str) -> None:
    assert doctest.testmod(importlib.import_module(f"xiepai.policy.proofs{name}")).failed == 0
