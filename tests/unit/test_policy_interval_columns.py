"""Ranges over columns are the ranges of each case, whatever is known of it."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pytest

from xiepai.policy import load, oracle
from xiepai.policy.interval_columns import ColumnRanges
from xiepai.policy.intervals import ranges
from xiepai.policy.ir import Op, Program
from xiepai.policy.simulation import draw

POLICIES = Path(__file__).parents[2] / "policies"
NAMES = ("wujin-2025", "suzhou-2025", "datong-2025", "foshan-2025", "ouhai-2025", "classification")
ROWS = 120


def program_of(name: str) -> Program:
    return load(POLICIES / f"{name}.yaml").at()


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("share_known", [0.0, 0.5, 0.9, 1.0])
def test_columns_say_what_single_cases_say(name: str, share_known: float) -> None:
    program, chance = program_of(name), random.Random(f"{name} {share_known}")
    drawn = draw(program, ROWS, seed=7, boundary_heavy=True)
    asked = [spec for spec in program.facts if spec.kind != "key"]
    known = {spec.name: np.array([chance.random() < share_known for _ in range(ROWS)]) for spec in asked}
    low = {spec.name: np.where(known[spec.name], drawn[spec.name], spec.low) for spec in asked}
    high = {spec.name: np.where(known[spec.name], drawn[spec.name], spec.high) for spec in asked}
    found = ColumnRanges(program, range(len(program.nodes))).run(low, high, ROWS)
    for row in range(ROWS):
        one = {each.name: int(drawn[each.name][row]) for each in asked if known[each.name][row]}
        expected = ranges(program, one)
        assert [(int(found[i][0][row]), int(found[i][1][row])) for i in range(len(program.nodes))] == expected


@pytest.mark.parametrize("name", NAMES)
def test_where_all_is_known_it_is_the_award_of_the_case_alone(name: str) -> None:
    program = program_of(name)
    drawn = draw(program, ROWS, seed=11, boundary_heavy=True)
    result = program.result.node
    low, high = ColumnRanges(program, [result]).run(drawn, drawn, ROWS)[result]
    alone = [oracle.awards(program, [{key: int(column[row]) for key, column in drawn.items()}]) for row in range(ROWS)]
    assert low.tolist() == high.tolist() == [each[0] for each in alone]


@pytest.mark.parametrize("name", NAMES)
def test_an_answer_changes_only_what_hangs_on_it(name: str) -> None:
    program = program_of(name)
    asked = [spec for spec in program.facts if spec.kind != "key"]
    low = {spec.name: np.full(2, spec.low) for spec in asked}
    high = {spec.name: np.full(2, spec.high) for spec in asked}
    columns = ColumnRanges(program, [program.result.node])
    base = columns.run(low, high, 2)
    for spec in asked:
        if spec.name not in columns.facts:
            continue
        after = columns.answered(base, spec.name, spec.high, 2)
        expected = ranges(program, {spec.name: spec.high})
        assert int(after[program.result.node][0][0]) == expected[program.result.node][0]
        assert int(after[program.result.node][1][1]) == expected[program.result.node][1]
        untouched = [i for i in columns.order if i not in columns.above(spec.name)]
        assert all(program.nodes[i].fact != spec.name or program.nodes[i].op is not Op.FACT for i in untouched)
