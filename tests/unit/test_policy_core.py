"""The policy language: shipped files hold, compiled code and ranges agree with the oracle, doctests run."""

from __future__ import annotations

import doctest
import importlib
import pkgutil
import re
from datetime import date
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import xiepai.policy
from xiepai.policy import Code, CrossStep, Program, load, oracle
from xiepai.policy.compiled import compile_program
from xiepai.policy.examples import run_examples
from xiepai.policy.facts import show
from xiepai.policy.intervals import _alone, candidates, ranges
from xiepai.policy.messages import TEXTS

pytestmark = pytest.mark.unit
FILES = sorted((Path(__file__).parents[2] / "policies").glob("*.yaml"))
MODULES = [f"xiepai.policy.{each.name}" for each in pkgutil.iter_modules(xiepai.policy.__path__) if not each.ispkg]


@pytest.mark.parametrize("name", ["xiepai.policy", *MODULES])
def test_what_docstrings_show_is_so(name: str) -> None:
    assert doctest.testmod(importlib.import_module(name)).failed == 0


def test_every_code_speaks_both_languages_with_the_same_figures() -> None:
    assert set(TEXTS) == set(Code)
    for zh, en in TEXTS.values():
        assert sorted(re.findall(r"{(\w+)", zh)) == sorted(re.findall(r"{(\w+)", en)), (zh, en)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_shipped_policy_meets_its_examples(path: Path) -> None:
    policy = load(path)
    assert policy.examples
    report = run_examples(policy.source, policy.examples, policy.at)
    assert not report.found, "\n".join(each.render() for each in report.found)


def rows_of(program: Program) -> st.SearchStrategy[dict[str, int]]:
    """Facts at random, thresholds and ends more often than anything else."""
    each = {
        spec.name: st.one_of(st.sampled_from(candidates(program, spec)), st.integers(spec.low, spec.high))
        for spec in program.facts
        if spec.kind != "key"
    }
    return st.fixed_dictionaries(each)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_compiled_code_and_ranges_agree_with_the_oracle(path: Path) -> None:
    policy = load(path)
    program = policy.at()
    function, places = compile_program(program)
    names = [spec.name for spec in program.facts if spec.kind != "key"]

    @settings(max_examples=150, deadline=None)
    @given(rows_of(program), st.sets(st.sampled_from(names)))
    def agree(row: dict[str, int], hidden: set[str]) -> None:
        truth = [column[0] for column in oracle.run(program, [row])]
        values = function(row)
        assert {node: values[place] for node, place in places.items()} == {node: truth[node] for node in places}
        for (low, high), number in zip(ranges(program, row), truth, strict=True):
            assert low == number == high
        known = {name: number for name, number in row.items() if name not in hidden}
        for node, (low, high), number in zip(program.nodes, ranges(program, known), truth, strict=True):
            assert node.lo <= low <= number <= high <= node.hi

    agree()


def test_an_award_says_why_and_what_is_missing() -> None:
    policy = load(FILES[[path.stem for path in FILES].index("wujin-2025")])
    given_facts = {"new_culture_project": "yes", "investment": "600万元", "fixed_assets": "1234万元"}
    award = policy.evaluate(given_facts, on=date(2025, 6, 1))
    first = award.measures[0]
    assert [each.state for each in first.conditions] == [True, True]
    assert first.amount.show() == "1,234,000元"
    assert award.fen is None
    assert award.result.low == 123_400_000
    assert award.next_fact is not None
    assert award.next_fact.name not in given_facts
    assert "part of the text" in award.explain("en")


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_the_printed_explanation_is_the_one_read_record_by_record(path: Path) -> None:
    policy = load(path)
    program = policy.at()

    @settings(max_examples=50, deadline=None)
    @given(rows_of(program))
    def same(row: dict[str, int]) -> None:
        given_facts = {
            spec.name: bool(row[spec.name]) if spec.kind == "yes/no" else Fraction(row[spec.name], spec.den)
            for spec in program.facts
            if spec.kind not in ("key", "choice", "date", "days", "money")
        }
        given_facts |= {spec.name: row[spec.name] for spec in program.facts if spec.kind in ("choice", "days", "money")}
        given_facts |= {spec.name: show(spec, row[spec.name]) for spec in program.facts if spec.kind == "date"}
        award = policy.evaluate(given_facts)
        assert award.result.is_certain
        assert (award.measures, award.steps, award.splits) == award.read_slowly()

    same()


def test_a_step_over_rows_taken_alone_has_the_very_number_where_its_amount_is_known() -> None:

    share = CrossStep("share", 0, 1, (), (), limit=10, unit=7, remainder="largest")
    assert [_alone(share, value, value) for value in (8, 10, 11)] == [(8, 8), (10, 10), (7, 7)]
    assert [_alone(share, *known) for known in ((8, 12), (2, 12), (2, 9))] == [(7, 10), (2, 10), (2, 9)]
    stop = CrossStep("cap", 0, 1, (), (), limit=10, overrun="stop")
    assert [_alone(stop, *known) for known in ((11, 11), (3, 11), (3, 10))] == [(0, 0), (0, 10), (3, 10)]
