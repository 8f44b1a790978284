"""The calculator's core: the next question, ranges that only narrow, shared answers, examples that hold."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xiepai.policy.api import load
from xiepai.policy.asking import Calculator, City, Sheet, completed, questions_of, read_answer
from xiepai.policy.cities import CalculatorError, calculator
from xiepai.policy.facts import number_of
from xiepai.policy.intervals import candidates
from xiepai.policy.ir import FactSpec
from xiepai.policy.messages import PolicyError
from xiepai.policy.telling import Teller

FOLDER = Path(__file__).resolve().parents[2] / "policies"
CALCULATOR = calculator(FOLDER)
TODAY = date(2026, 11, 26)


def said(spec: FactSpec, number: int) -> str:
    """A number as an answer is written."""
    if spec.kind == "money":
        return f"{number // 100}.{number % 100:02d}元"
    if spec.kind == "date":
        return date.fromordinal(number + date(1970, 1, 1).toordinal()).isoformat()
    if spec.kind == "choice":
        return spec.choices[number]
    if spec.kind == "yes/no":
        return ("no", "yes")[number]
    if spec.kind == "days":
        return f"{number}天"
    return f"{number / spec.den:.4f}" if spec.den > 1 else str(number)


def test_each_answer_narrows_and_the_questions_end_where_nothing_can_change() -> None:
    sheet = Sheet(TODAY)
    before = CALCULATOR.estimate(sheet)
    asked = []
    while before.next:
        key, spec = before.next.key, before.next.spec
        asked.append(key)
        answer = said(spec, candidates(CALCULATOR.cities[0].policy.at(), spec)[-1])
        sheet = Sheet(TODAY, {**sheet.answers, key: answer})
        after = CALCULATOR.estimate(sheet)
        for one, other in zip(before.found, after.found, strict=True):
            assert one.award.result.low <= other.award.result.low <= other.award.result.high <= one.award.result.high
        before = after
    assert len(asked) == len(set(asked))
    assert all(each.is_certain for each in before.found)


@settings(max_examples=10, deadline=None)
@given(st.randoms(use_true_random=False))
def test_a_finished_sheet_gives_what_evaluate_gives(random: Any) -> None:
    """Whatever is answered, in the order asked: the certain figure is the award for every value of the facts left."""
    sheet = Sheet(TODAY)
    while (found := CALCULATOR.estimate(sheet)).next:
        spec = found.next.spec
        low, high = max(spec.low, 0), min(spec.high, 10**11)
        sheet = Sheet(TODAY, {**sheet.answers, found.next.key: said(spec, random.randint(low, high))})
    for each in found.found:
        names = {city_name: key for (city, city_name), key in CALCULATOR.keys.items() if city == each.city.key}
        facts = {name: sheet.answers[key] for name, key in names.items() if key in sheet.answers}
        for spec in each.city.policy.facts:
            if spec.kind != "key" and spec.default is None and spec.name not in facts:
                facts[spec.name] = said(spec, random.randint(max(spec.low, 0), spec.high))
        award = each.city.policy.evaluate(facts, each.award.on)
        assert award.fen == each.award.result.low


def singles() -> Iterator[Any]:
    for city in CALCULATOR.cities:
        for example in city.policy.examples:
            if len(example.cases) == 1:
                yield pytest.param(city, example, id=f"{city.key}: {example.name}")


@pytest.mark.parametrize(("city", "example"), list(singles()))
def test_a_worked_example_opens_with_the_figure_it_states(city: City, example: Any) -> None:
    sheet = completed(CALCULATOR, city, example.on, {key.text: value.text for key, value in example.cases[0]})
    [found] = CALCULATOR.estimate(sheet, [city.key]).found
    assert found.is_certain
    money = FactSpec("award", "money", "", "", "", "money", high=2**62)
    amounts = {"award": found.award.result} | {each.measure.name: each.amount for each in found.award.measures}
    stated = [(name, where.text) for name, where in example.expected[0] if name in amounts and "元" in where.text]
    for name, text in stated:
        assert amounts[name].low == amounts[name].high == number_of(money, text) * amounts[name].den


def test_one_answer_serves_every_city_that_means_the_same() -> None:
    found = {each.city.key: each for each in CALCULATOR.estimate(Sheet(TODAY, {"first_producer": "yes"})).found}
    known = {key: each.award.known for key, each in found.items()}
    assert known["suzhou"]["first_producer"] == known["datong"]["first_producer"] == 1
    assert known["foshan"]["foshan_first_producer"] == 1
    question = CALCULATOR.questions["first_producer"]
    assert [city for city, _spec in question.uses] == ["suzhou", "datong", "foshan"]
    assert "设想" in question.note[0]


def test_what_is_skipped_is_not_asked_and_stays_a_range() -> None:
    first = CALCULATOR.estimate(Sheet(TODAY), ["wujin"])
    assert first.next is not None
    skipped = CALCULATOR.estimate(Sheet(TODAY, {}, frozenset({first.next.key})), ["wujin"])
    assert skipped.next is not None
    assert skipped.next.key != first.next.key
    assert skipped.found[0].award.result == first.found[0].award.result
    everything = frozenset(CALCULATOR.questions)
    assert CALCULATOR.estimate(Sheet(TODAY, {}, everything)).next is None


def test_what_no_longer_matters_is_not_asked() -> None:
    [found] = CALCULATOR.estimate(Sheet(TODAY, {"new_culture_project": "no"}), ["wujin"]).found
    assert not {"investment", "fixed_assets", "new_culture_project"} & set(found.open_keys)


def test_a_question_behind_two_alternatives_is_still_asked() -> None:
    """No single answer narrows (a or b) and (c or d); one of them is asked all the same."""
    policy = load(
        "policy: 示例\nissuer: 甲\nstatus: sample\nin_force: 2026-01-01 ..\n"
        "facts: {a: yes/no | 甲, b: yes/no | 乙, c: yes/no | 丙, d: yes/no | 丁}\n"
        "measures:\n  m: {clause: 一, text: 给1元。, if: [a or b, c or d], pay: 1元}\n"
        "examples:\n  - {name: 例, on: 2026-05-01, given: {a: yes, c: yes}, expect: 1元}\n"
    )
    city = City("x", "甲", "X", policy)
    found = Calculator((city,), questions_of((city,), ())).estimate(Sheet(date(2026, 5, 1)))
    assert found.next is not None
    assert found.found[0].open_keys == ("a", "b", "c", "d")


def test_a_part_of_the_work_counts_that_part_only() -> None:
    found = CALCULATOR.estimate(Sheet(TODAY, {}, frozenset(), frozenset({"script"})))
    wujin = found.found[0]
    assert (wujin.award.result.low, wujin.award.result.high) == (0, 30_000_000)
    assert found.stages == ["script"]
    assert set(wujin.open_keys) == {"original_script", "shows_wujin", "script_cost"}


def test_an_unknown_choice_never_counts_two_of_its_values() -> None:
    datong = next(each for each in CALCULATOR.estimate(Sheet(TODAY)).found if each.city.key == "datong")
    assert datong.award.result.high == 150_000_000


def test_a_wrong_answer_is_told_once_and_leaves_the_fact_open() -> None:
    found = CALCULATOR.estimate(Sheet(TODAY, {"first_producer": "vielleicht", "investment": "-5元"}))
    assert [key for key, _why in found.wrong] == ["investment", "first_producer"]
    assert "first_producer" in found.found[1].open_keys
    with pytest.raises(PolicyError):
        read_answer(CALCULATOR.questions["investment"].spec, "9" * 5000 + "元")


def test_outside_its_days_a_policy_is_computed_for_the_nearest_and_says_so() -> None:
    found = {each.city.key: each for each in CALCULATOR.estimate(Sheet(TODAY)).found}
    assert found["datong"].is_outside
    assert found["datong"].award.on == date(2025, 12, 31)
    assert not found["wujin"].is_outside


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_figure_is_told_with_clause_conditions_and_what_is_assumed(language: str) -> None:
    answers = {"new_culture_project": "yes", "investment": "600万元", "fixed_assets": "3000万元"}
    told = Teller(CALCULATOR, CALCULATOR.estimate(Sheet(TODAY, answers)), language).told()
    wujin = told["cities"][0]
    [project] = [each for stage in wujin["stages"] for each in stage["measures"] if each["name"] == "new_project"]
    assert project["low_fen"] == project["high_fen"] == 200_000_000
    assert [item["mark"] for item in project["conditions"]] == ["✓", "✓"]
    assert any("3,000,000" in each and "2,000,000" in each for each in project["changes"])
    assert project["assumed"][0]["reason"]
    assert wujin["source"]
    assert wujin["status"] == "partial"


def test_a_folder_without_a_list_has_no_cities_and_a_wrong_list_is_said(tmp_path: Path) -> None:
    assert calculator(tmp_path).cities == ()
    assert calculator(tmp_path / "nowhere").cities == ()
    (tmp_path / "calculator.toml").write_text("city = 1 2", encoding="utf-8")
    with pytest.raises(CalculatorError, match=r"calculator\.toml"):
        calculator(tmp_path)
    (tmp_path / "a.yaml").write_text((FOLDER / "classification.yaml").read_text(encoding="utf-8"), encoding="utf-8")
    (tmp_path / "calculator.toml").write_text(
        '[[city]]\nkey = "a"\nfile = "a.yaml"\nzh = "甲"\nen = "A"\n', encoding="utf-8"
    )
    with pytest.raises(CalculatorError, match="decides no amount"):
        calculator(tmp_path)


def test_facts_of_different_types_are_not_one_question() -> None:
    meaning = {"key": "x", "zh": "甲", "en": "X", "facts": {"wujin": "premium", "suzhou": "episodes"}}
    with pytest.raises(ValueError, match="different types"):
        questions_of(CALCULATOR.cities[:2], [meaning])
