"""Evaluation in bulk says what the policy language says of each case: exact where all is known, a range elsewhere."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pytest

from xiepai.grants.evaluating import MAYBE, NONE, OWED, Outcome, ProgramPlan
from xiepai.grants.facts_for import DEFAULT, NOT_KNOWN, VERIFIED, Column
from xiepai.policy import load, oracle
from xiepai.policy.intervals import candidates, ranges
from xiepai.policy.ir import Measure, Program
from xiepai.policy.simulation import draw, simulate

POLICIES = Path(__file__).parents[2] / "policies"
NAMES = ("wujin-2025", "suzhou-2025", "datong-2025", "foshan-2025", "ouhai-2025")
ROWS = 60
Known = list[dict[str, int]]


def program_of(name: str) -> Program:
    return load(POLICIES / f"{name}.yaml").at()


def columns_of(program: Program, share: float, seed: str) -> tuple[dict[str, Column], Known]:
    """Cases of which each fact is known with that chance; defaults where the policy has one."""
    chance, drawn = random.Random(seed), draw(program, ROWS, seed=3, boundary_heavy=True)
    found, known = {}, [{} for _ in range(ROWS)]
    for spec in program.facts:
        if spec.kind == "key":
            continue
        told = np.array([chance.random() < share for _ in range(ROWS)])
        origin = np.where(told, VERIFIED, DEFAULT if spec.default is not None else NOT_KNOWN).astype(np.int8)
        fallback = (spec.default, spec.default) if spec.default is not None else (spec.low, spec.high)
        numbers = drawn[spec.name]
        if spec.kind == "yes/no":  # mostly yes, else hardly any case passes a policy with seven conditions
            numbers = np.array([int(chance.random() < 0.85) for _ in range(ROWS)])
        low, high = (np.where(told, numbers, end).astype(np.int64) for end in fallback)
        found[spec.name] = Column(spec, low, high, origin)
        for row in range(ROWS):
            if origin[row]:
                known[row][spec.name] = int(low[row])
    return found, known


def worth(measure: Measure) -> int:
    """The node that says what a measure gives; a benefit in kind only whether."""
    return measure.applies if measure.is_in_kind else measure.value.node


def run(name: str, share: float) -> tuple[Program, list[Outcome], Known]:
    program = program_of(name)
    columns, known = columns_of(program, share, f"{name} {share}")
    return program, ProgramPlan(program, frozenset()).run(columns, slice(0, ROWS)), known


@pytest.mark.parametrize("name", NAMES)
def test_where_all_is_known_the_total_is_what_simulate_pays(name: str) -> None:
    program, outcomes, known = run(name, 1.0)
    whole = outcomes[-1]
    assert whole.low_fen.tolist() == whole.high_fen.tolist()
    keys = {spec.name: np.zeros(1, np.int64) for spec in program.facts if spec.kind == "key"}
    for row in range(ROWS):
        alone = {fact: np.array([number]) for fact, number in known[row].items()} | keys
        assert int(whole.low_fen[row]) == simulate(program, alone).fen


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("share", [0.3, 0.7, 0.95])
def test_every_measure_has_the_range_of_its_case(name: str, share: float) -> None:
    program, outcomes, known = run(name, share)
    for outcome, measure in zip(outcomes, program.measures, strict=False):
        for row in range(ROWS):
            low, high = ranges(program, known[row])[worth(measure)]
            if not measure.is_in_kind:
                assert (int(outcome.low_fen[row]), int(outcome.high_fen[row])) == (
                    low // measure.value.den,
                    high // measure.value.den,
                )
            if outcome.state[row] == OWED:
                assert low == high > 0
            if outcome.state[row] == NONE:
                assert outcome.missing[row] == 0


@pytest.mark.parametrize("name", NAMES)
def test_the_total_holds_every_way_the_open_facts_may_turn_out(name: str) -> None:
    program, outcomes, known = run(name, 0.8)
    whole, chance = outcomes[-1], random.Random(name)
    for row in range(ROWS):
        spoken = {fact for outcome in outcomes[:-1] if outcome.state[row] != NONE for fact in outcome.facts}
        for _ in range(5):
            case = {spec.name: 0 for spec in program.facts}
            for spec in program.facts:
                if spec.kind != "key":
                    end = spec.high if chance.random() < 0.5 else spec.low
                    case[spec.name] = known[row].get(spec.name, end if spec.name in spoken else spec.low)
            assert whole.low_fen[row] <= oracle.awards(program, [case])[0] <= whole.high_fen[row]


def narrowest(program: Program, measure: Measure, known: dict[str, int], facts: tuple[str, ...]) -> str:
    """The fact to ask next, by the definition: the narrowest range on average over the answers worth trying."""
    node = worth(measure)
    low, high = ranges(program, known)[node]
    best: tuple[float, int] = (float(high - low), len(facts))
    for place, name in enumerate(facts):
        if name in known:
            continue
        answers = candidates(program, program.by_name[name])
        widths = [b - a for a, b in (ranges(program, {**known, name: number})[node] for number in answers)]
        best = min(best, (sum(widths) / len(widths), place))
    return facts[best[1]] if best[1] < len(facts) else ""


@pytest.mark.parametrize("name", NAMES)
def test_the_next_fact_is_the_one_that_narrows_most(name: str) -> None:
    program, outcomes, known = run(name, 0.75)
    asked = 0
    for outcome, measure in zip(outcomes, program.measures, strict=False):
        for row in range(ROWS):
            place = int(outcome.next_fact[row])
            if outcome.state[row] == MAYBE:
                expected = narrowest(program, measure, known[row], outcome.facts)
                assert (outcome.facts[place] if place >= 0 else "") == expected
                asked += 1
            else:
                assert place == -1
    assert asked


def test_nothing_speaks_for_anything_where_nothing_is_known() -> None:
    _program, outcomes, _known = run("wujin-2025", 0.0)
    assert {int(state) for outcome in outcomes for state in outcome.state} == {NONE}
    assert outcomes[-1].high_fen.max() == 0


def test_a_digest_stands_for_facts_and_outcome() -> None:
    program = program_of("wujin-2025")
    columns, _ = columns_of(program, 0.6, "a")
    plan = ProgramPlan(program, frozenset())
    before = plan.run(columns, slice(0, ROWS))
    script = columns["script_cost"]
    script.put(np.array([4]), np.array([script.high[4] // 3 + 7]), VERIFIED)
    after = plan.run(columns, slice(0, ROWS))
    changed = {
        (one.name, row) for one, two in zip(before, after, strict=True) for row in range(ROWS)
        if one.digest[row] != two.digest[row]
    }  # fmt: skip
    assert changed == {("script", 4), ("", 4)}
