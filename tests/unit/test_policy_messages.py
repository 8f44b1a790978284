"""What newcomers stumble over, each told in both languages with its place and what to write instead."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from xiepai.config.cli_policy import app
from xiepai.policy import Code, PolicyError, load
from xiepai.policy.check import check
from xiepai.policy.documenting import page

pytestmark = pytest.mark.unit
TEXT = """policy: 示例 / Sample
issuer: 示例市
status: sample
in_force: 2026-01-01 .. 2026-12-31
facts:
  cost: money | 总成本 / Total cost | 审计报告
  days: days | 天数 / Days | 日志
  listed: yes/no | 失信名单 / On the list | 报告 | default no
measures:
  base:
    clause: 一
    text: 成本超过500万元、满7天的，奖励10万元。
    if: [cost > 500万元, days >= 7天, not listed]
    pay: 10万元
then:
  - {round: down to 1元, clause: 二, assumed: 取整未见}
examples:
  - {name: 奖励, on: 2026-05-01, given: {cost: 600万元, days: 7天}, expect: 10万元}
"""


def told(text: str) -> PolicyError:
    with pytest.raises(PolicyError) as found:
        load(text)
    return found.value


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(each) for each in arguments], env={"COLUMNS": "140", "NO_COLOR": "1"})


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "policy.yaml"
    path.write_text(TEXT, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("written", "sign"),
    [
        *[("days => 7天", ">="), ("days > = 7天", ">="), ("days =< 7天", "<="), ("days <> 7天", "!=")],
        *[("days at least 7天", ">="), ("days not less than 7天", ">="), ("cost more than 500万元", ">")],
        *[
            ("总成本大于等于500万元", ">="),
            ("天数至少7天", ">="),
            ("天数至多 7天", "<="),
        ],
    ],
)
def test_a_sign_typed_otherwise_is_told_with_the_sign_to_write(written: str, sign: str) -> None:
    error = told(TEXT.replace("cost > 500万元, days >= 7天", written))
    first = error.diagnostics[0]
    assert (first.code, first.hint, first.line) == (Code.EXPRESSION, ("write", sign), 13)
    assert f"可写：{sign}" in error.render("zh")
    assert f"write: {sign}" in error.render("en")


@pytest.mark.parametrize("written", ["days ≥ 7天", "days ＞＝ 7天", "days 不少于 7天", "天数达到7天"])
def test_signs_that_mean_the_same_are_taken(written: str) -> None:
    assert load(TEXT.replace("days >= 7天", written)).evaluate({"cost": "600万元", "days": "7天"}).fen == 10_000_000


def test_a_name_that_begins_like_a_comparison_stays_a_name() -> None:
    text = TEXT.replace("天数 / Days", "至少天数 / Days").replace("days >= 7天", "至少天数不少于7天")
    assert load(text).evaluate({"cost": "600万元", "至少天数": "7天"}).fen == 10_000_000


@pytest.mark.parametrize(("sign", "is_told"), [("=", True), ("＝", True), ("==", False), ("等于", False)])
def test_one_equals_sign_between_amounts_is_taken_and_pointed_out(sign: str, is_told: bool) -> None:
    policy = load(TEXT.replace("days >= 7天", f"days {sign} 7天"))
    assert policy.evaluate({"cost": "600万元", "days": "8天"}).fen == 0
    found = [each for each in check(policy).warnings if each.code is Code.EXACTLY_EQUAL]
    assert [(each.line, each.column) for each in found] == ([(13, 24)] if is_told else [])
    for each in found:
        assert "恰好相等" in each.message("zh")
        assert "exactly equal" in each.message("en")


def test_an_equals_sign_before_yes_or_a_choice_is_nobodys_mistake() -> None:
    policy = load(TEXT.replace("not listed", "listed = no"))
    assert not [each for each in check(policy).warnings if each.code is Code.EXACTLY_EQUAL]


@pytest.mark.parametrize(
    ("old", "new", "line", "name"),
    [
        ("measures:", "measures：", 9, "measures"),
        ("issuer: 示例市", "issuer：示例市", 2, "issuer"),
        ("    if: [", "    if：[", 13, "if"),
        ("    pay: 10万元", "    pay：10万元", 14, "pay"),
        ("  base:\n", "  base：\n", 10, "base"),
    ],
)
def test_a_full_width_colon_is_told_on_its_own_line(old: str, new: str, line: int, name: str) -> None:
    error = told(TEXT.replace(old, new, 1))
    first = error.diagnostics[0]
    assert (first.code, first.line, first.data["name"]) == (Code.WIDE_COLON, line, name)
    assert first.source[first.column - 1] == "："
    assert "全角冒号" in error.render("zh")
    assert "full-width colon" in error.render("en")


def test_a_full_width_colon_inside_a_clause_is_text() -> None:
    text = TEXT.replace("text: 成本", "text: >-\n      其中：成本").replace("    if: [", "    name: 甲：乙\n    if: [")
    assert load(text).evaluate({"cost": "600万元", "days": "7天"}).fen == 10_000_000


def test_no_examples_is_told_as_that() -> None:
    error = told(TEXT[: TEXT.index("examples:")] + "examples:\n")
    assert [(each.code, each.line) for each in error.diagnostics] == [(Code.NO_EXAMPLES, 17)]


def test_days_in_force_may_be_an_assumption_with_its_reason(file: Path, tmp_path: Path) -> None:
    text = TEXT.replace(".. 2026-12-31", ".. 2026-12-31 | 报道未写终止日期")
    policy = load(text)
    assert (str(policy.start), str(policy.end)) == ("2026-01-01", "2026-12-31")
    assert ("in_force", "2026-01-01 .. 2026-12-31", "报道未写终止日期") in policy.at().assumed
    official = check(load(text.replace("status: sample", "status: official")))
    assert Code.OFFICIAL_ASSUMED in {each.code for each in official.errors}
    assert Code.MISSING_ENTRY in {each.code for each in told(text.replace("报道未写终止日期", "")).diagnostics}
    file.write_text(text, encoding="utf-8")
    facts = tmp_path / "facts.yaml"
    facts.write_text("cost: 600万元\ndays: 7天\n", encoding="utf-8")
    assert "报道未写终止日期" in run("evaluate", file, "--facts", facts).output


@pytest.mark.parametrize("language", ["zh", "en"])
def test_evaluate_shows_defaults_and_every_assumption(file: Path, tmp_path: Path, language: str) -> None:
    facts = tmp_path / "facts.yaml"
    facts.write_text("总成本: 600万元\nDays: 7天\n", encoding="utf-8")
    said = run("evaluate", file, "--facts", facts, "--lang", language).output
    assert ("按默认值: 失信名单 = 否" if language == "zh" else "taken as the default: On the list = no") in said
    assert said.count("取整未见") == 2, said
    assert ("假设（来源未写明）" if language == "zh" else "Assumed (the source does not say)") in said
    assert "取整未见" in load(file).evaluate({"cost": "600万元"}).explain(language)
    data = json.loads(run("evaluate", file, "--facts", facts, "--json").output)
    assert data["defaults"] == ["listed"]
    assert [each["reason"] for each in data["assumed"]] == ["取整未见"]
    facts.write_text("总成本: 600万元\nDays: 7天\n失信名单: 否\n", encoding="utf-8")
    assert json.loads(run("evaluate", file, "--facts", facts, "--json").output)["defaults"] == []


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_page_lists_assumed_lines(language: str) -> None:
    said = page(load(TEXT), "markdown", language)
    assert said.count("取整未见") == 2
    assert ("假设（来源未写明）" if language == "zh" else "Assumed (the source does not say)") in said


@pytest.mark.parametrize(
    ("written", "near"), [("cst", "cost"), ("总成夲", "总成本"), ("Totl cost", "Total cost"), ("天数数", "天数")]
)
def test_a_misspelt_fact_or_label_suggests_the_nearest(file: Path, tmp_path: Path, written: str, near: str) -> None:
    facts = tmp_path / "facts.yaml"
    facts.write_text(f"listed: no\n{written}: 600万元\n", encoding="utf-8")
    for language, said in (("zh", f"是不是“{near}”？"), ("en", f"did you mean {near!r}?")):
        done = run("evaluate", file, "--facts", facts, "--lang", language)
        assert done.exit_code == 1
        assert "facts.yaml:2:1: unknown_name" in done.output
        assert said in done.output
    given = f"{{{written}: 600万元, days: 7天}}"
    found = [each.hint for each in check(load(TEXT.replace("{cost: 600万元, days: 7天}", given))).errors]
    assert ("did_you_mean", near) in found


@pytest.mark.parametrize("day", ["2026-06-01", "2026/6/1", "2026.6.1", "2026年6月1日", "20260601"])
def test_a_day_is_taken_as_people_write_it(file: Path, tmp_path: Path, day: str) -> None:
    facts = tmp_path / "facts.yaml"
    facts.write_text("cost: 600万元\ndays: 7天\n", encoding="utf-8")
    assert json.loads(run("evaluate", file, "--facts", facts, "--on", day, "--json").output)["on"] == "2026-06-01"


def test_what_is_no_day_is_told_in_both_languages(file: Path) -> None:
    done = run("evaluate", file, "--facts", file, "--on", "六月一日")
    assert done.exit_code == 2
    assert "不是日期" in done.output
    assert "2025-06-01" in done.output
