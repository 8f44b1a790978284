"""Mistakes are answered with place, fragment and a suggestion; nothing anybody can write ends in a traceback."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xiepai.policy import Code, PolicyError, load
from xiepai.policy.check import check

pytestmark = pytest.mark.unit
HERE = Path(__file__).parent
WUJIN = (HERE.parents[1] / "policies" / "wujin-2025.yaml").read_text(encoding="utf-8")
BASE = """policy: 示例
issuer: 示例市
status: sample
in_force: 2026-01-01 .. 2028-12-31
facts:
  cultural: yes/no | 文化项目 | 备案
  investment: money | 总投资 | 备案证
  assets: money | 固定资产 | 审计报告
  level: none=无, city=市级 | 级别
  days: days | 天数
  accepted: date | 受理日期
  company: key | 企业
  id: key | 编号
measures:
  base:
    clause: 第三条
    text: 新建项目总投资超过500万元的，按固定资产的百分之十奖励，最高二百万元。
    if: [cultural, investment > 500万元]
    pay: 10% of assets
    at_most: 200万元
  days_award:
    clause: 第四条
    text: 连续七天以上的奖励1万元；市级的三万元。
    if: days >= 7天
    by: level
    table: {none: 1万元, city: 3万元}
then:
  - {at_most: 300万元, per: company, each: year of accepted, shortfall: first come, overrun: part, order: [accepted, id], clause: 第五条, assumed: 样例}
  - {round: down to 1元, clause: 第六条, assumed: 样例}
examples:
  - {name: 封顶, on: 2026-05-01, given: {cultural: yes, investment: 500万元 + 0.01元, assets: 3000万元}, expect: 200万元}
  - {name: 七天, on: 2026-05-01, given: {days: 7天, level: city}, expect: {days_award: 3万元, award: 3万元}}
  - {name: 不是文化项目, on: 2026-05-01, given: {investment: 600万元, assets: 3000万元}, expect: 0元}
  - {name: 投资不够, on: 2026-05-01, given: {cultural: yes, investment: 400万元, assets: 3000万元}, expect: 0元}
  - {name: 六天, on: 2026-05-01, given: {days: 6天, level: city}, expect: 0元}
"""  # noqa: E501 - as a person writes it


def codes(text: str) -> set[Code]:
    try:
        found = check(load(text + "\n"))
    except PolicyError as error:
        return {each.code for each in error.diagnostics}
    return {each.code for each in found.errors + found.warnings}


def attempt(action: Callable[[], Any]) -> Any:
    """What an action gives, or the mistakes it tells; anything else it raises is a failure."""
    try:
        return action()
    except PolicyError as error:
        return error


def test_the_base_is_right() -> None:
    assert codes(BASE) == set()


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("500万元]", "50万元]", Code.NUMBER_NOT_IN_RULE),
        ("500万元]", "50万元]", Code.NUMBER_NOT_IN_TEXT),
        ("500万元]", "500元]", Code.NUMBER_NOT_IN_TEXT),
        ("10% of", "1% of", Code.NUMBER_NOT_IN_RULE),
        ("at_most: 200万元", "at_most: 20万元", Code.EXAMPLE_FAILS),
        ("investment > 500", "investment >= 500", None),
        ("investment > 500", "investment < 500", Code.EXAMPLE_FAILS),
        ("days >= 7天", "days >= 7", Code.UNIT_MISSING),
        ("days >= 7天", "days >= 70天", Code.NUMBER_NOT_IN_RULE),
        ("1万元, city: 3万元", "3万元, city: 1万元", Code.EXAMPLE_FAILS),
        ("city: 3万元", "city: 3", Code.UNIT_MISSING),
        ("city: 3万元", "cty: 3万元", Code.UNKNOWN_CHOICE),
        ("[cultural, ", "[cultral, ", Code.UNKNOWN_NAME),
        ("at_most: 200万元", "at_mst: 200万元", Code.UNKNOWN_ENTRY),
        ("[cultural, ", "[cultural, not cultural, ", Code.CONTRADICTION),
        ("[cultural, ", "[cultural, 总投资低于400万元, ", Code.CONTRADICTION),
        ("days >= 7天", "days >= 7000天", Code.NEVER_TRUE),
        ("days >= 7天", "days >= 0天", Code.ALWAYS_TRUE),
        ("10% of assets", "assets × investment", Code.MONEY_TIMES_MONEY),
        ("10% of assets", "assets / investment", Code.DIVISION),
        ("10% of assets", "assets / 0", Code.DIVISION),
        ("10% of assets", "assets + days", Code.TYPE_MISMATCH),
        ("10% of assets", "10% of days", Code.NOT_AN_AMOUNT),
        ("10% of assets", "assets × 123456789 / 987654321", Code.OVERFLOW),
        ("  - {round: down to 1元, clause: 第六条, assumed: 样例}\n", "", Code.ROUNDING_MISSING),
        ("order: [accepted, id]", "order: [accepted]", Code.ORDER_OPEN),
        ("overrun: part, ", "", Code.MISSING_ENTRY),
        ("at_most: 300万元", "at_most: 0.00001元", Code.BAD_NUMBER),
        ("at_most: 300万元", "at_most: -300万元", Code.BAD_NUMBER),
        ("{round: down to 1元,", "{split: {省级: 50%, 区级: rest},", Code.ROUNDING_MISSING),
        ("固定资产 |", "总投资 |", Code.NAME_TAKEN),
        ("overrun: part", "overrun: parts", Code.BAD_VALUE),
        ("down to 1元", "around 1元", Code.BAD_VALUE),
        ("base:\n", "Base:\n", Code.BAD_NAME),
        ("assets: money", "cultural: money", Code.DUPLICATE_ENTRY),
        ("assets: money", "assets: mony", Code.BAD_FACT),
        ("备案证\n", "备案证 | 9元 .. 3元\n", Code.BAD_RANGE),
        ("2026-01-01 ..", "2026-13-01 ..", Code.BAD_DATE),
        ("on: 2026-05-01, given: {days", "on: 2029-05-01, given: {days", Code.NOT_IN_FORCE),
        ("days: 7天, level", "days: 9999天, level", Code.FACT_OUT_OF_RANGE),
        ("days: 7天, level", "days: 七, level", Code.FACT_VALUE),
        ("days: 7天, level", "dais: 7天, level", Code.UNKNOWN_NAME),
        ("  days: days | 天数\n", "  days: days | 天数\n  spare: money | 备用\n", Code.UNUSED_FACT),
        ("days: 7天, level: city}", "days: 6天, level: city}", Code.MEASURE_UNTESTED),
        ("10% of assets", "10% of (assets", Code.EXPRESSION),
        ("10% of assets", "mx(assets, 3元)", Code.UNKNOWN_FUNCTION),
        ("{none: 1万元", "{none: 01万元", Code.BAD_NUMBER),
        ("status: sample\n", "", Code.MISSING_ENTRY),
        ("clause: 第六条, assumed: 样例}", "clause: 第六条}", Code.UNBACKED),
        ("status: sample", "status: official", Code.OFFICIAL_ASSUMED),
        ("measures:\n", "assume: {rate: 5% | 无据}\nmeasures:\n", Code.UNUSED_FACT),
        ("status: sample", "status: [a]", Code.BAD_VALUE),
        ("measures:\n", "measures: []\nx:\n", Code.UNKNOWN_ENTRY),
    ],
)
def test_a_mistake_is_found(old: str, new: str, code: Code | None) -> None:
    assert old in BASE
    found = codes(BASE.replace(old, new, 1))
    assert code in found if code else not found


def test_after_the_levels_have_split_nothing_changes_any_more() -> None:
    more = "  - {split: {省级: 1/3, 区级: rest}, clause: 七, assumed: 样例}\n"
    assert codes(BASE.replace("examples:\n", more + "examples:\n")) == set()
    assert Code.ALREADY_USED in codes(BASE.replace("examples:\n", more * 2 + "examples:\n"))


def test_examples_are_due() -> None:
    without = BASE[: BASE.index("examples:")]
    assert codes(without) == {Code.MISSING_ENTRY}
    assert codes(without + "examples: []\n") == {Code.NO_EXAMPLES}


@pytest.mark.parametrize("language", ["zh", "en"])
def test_messages_read_as_agreed(language: str) -> None:
    """The golden text: many mistakes at once, each with its line, a caret and a suggestion."""
    with pytest.raises(PolicyError) as caught:
        load(HERE / "policy_mistakes.yaml")
    said = caught.value.render(language).replace(str(HERE) + "/", "") + "\n"
    assert said == (HERE / f"policy_mistakes.{language}.txt").read_text(encoding="utf-8")


BOMB = "a: &a [x,x]\n" + "\n".join(f"{chr(98 + i)}: &{chr(98 + i)} [*{chr(97 + i)},*{chr(97 + i)}]" for i in range(20))
HOSTILE = {
    "aliases that grow": (BOMB, Code.YAML_FEATURE),
    "a tag": ("policy: !!python/object:os.system x\n", Code.YAML_FEATURE),
    "a merge by alias": ("a: {<<: *x}\n", Code.YAML_FEATURE),
    "two documents": (BASE + "---\n" + BASE, Code.YAML_FEATURE),
    "deep lists": ("a: " + "[" * 100_000 + "\n", Code.TOO_DEEP),
    "deep mappings": ("a: " + "{a: " * 50_000 + "\n", Code.TOO_DEEP),
    "deep dashes": ("- " * 50_000 + "\n", Code.TOO_DEEP),
    "a large file": ("# " + "x" * 300_000 + "\n", Code.TOO_LARGE),
    "many entries": ("\n".join(f"a{i}: x" for i in range(5000)), Code.TOO_LARGE),
    "a control character": (BASE.replace("示例市", "示\x07例市"), Code.ODD_CHARACTER),
    "turned writing": (BASE.replace("示例市", "示\u202e例市"), Code.ODD_CHARACTER),
    "an invisible space": (BASE.replace("cultural,", "cultural\u200b,"), Code.ODD_CHARACTER),
    "half a character": (BASE.replace("示例市", "\ud800"), Code.ODD_CHARACTER),
    "a huge number": (BASE.replace("500万元]", "5" + "0" * 5000 + "元]"), Code.TOO_LARGE),
    "a large number": (BASE.replace("500万元]", "5" + "0" * 22 + "元]"), Code.BAD_NUMBER),
    "a number with an exponent": (BASE.replace("500万元]", "5e999999999]"), Code.EXPRESSION),
    "deep brackets": (BASE.replace("10% of assets", "(" * 900 + "assets" + ")" * 900), Code.TOO_DEEP),
    "many words": (BASE.replace("10% of assets", "assets" + "+assets" * 250), Code.TOO_DEEP),
    "no to no to no": (BASE.replace("[cultural, ", "[" + "not " * 400 + "cultural, "), Code.TOO_DEEP),
    "code": (BASE.replace("10% of assets", "__import__('os').system('x')"), Code.EXPRESSION),
    "tabs": ("policy:\n\t- x\n", Code.YAML),
    "nothing": ("\n", Code.WRONG_SHAPE),
    "a list": ("- a\n- b\n", Code.WRONG_SHAPE),
    "a scalar": ("x\n", Code.WRONG_SHAPE),
    "a key that is a list": ("? [a, b]\n: c\n", Code.WRONG_SHAPE),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_input_is_refused_in_words(name: str) -> None:
    text, code = HOSTILE[name]
    found = codes(text)
    assert code in found, found


def test_bytes_that_are_no_text_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    path.write_bytes(b"\xff\xfe\x00policy")
    with pytest.raises(PolicyError) as caught:
        load(path)
    assert caught.value.diagnostics[0].code is Code.UNREADABLE


PIECES = [
    "元", "万元", "%", " ", ":", "|", "[", "]", "{", "}", "&a", "*a", "!x", "yes", "0", "1/0", "(", ")", ",", "\n",
    "not ", "if ", "'", '"', "#", "..", "null", "-5元", "9" * 30, "count(", "min(", "year of", "rest", "三", "?", "-",
]  # fmt: skip
EDITS = st.lists(
    st.tuples(st.integers(0, 10**6), st.integers(0, 12), st.sampled_from([*PIECES, ""])), min_size=1, max_size=5
)


@settings(max_examples=250, deadline=None)
@given(st.sampled_from([WUJIN, BASE]), EDITS)
def test_a_spoilt_file_is_never_a_traceback(text: str, edits: list[tuple[int, int, str]]) -> None:
    for place, cut, new in edits:
        at = place % len(text)
        text = text[:at] + new + text[at + cut :]
    policy = attempt(lambda: load(text + "\n"))
    if isinstance(policy, PolicyError):
        assert all(each.line >= 1 for each in policy.diagnostics)
        assert policy.render("zh")
        assert policy.render("en")
        return
    found = check(policy)
    assert all(each.render("en") for each in found.errors + found.warnings)
    award = policy.evaluate({})
    assert award.explain()
    assert award.result.low <= award.result.high


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=60))
def test_any_text_as_a_rule_or_a_fact_is_answered(text: str) -> None:
    plain = text.replace("\n", " ")
    codes(BASE.replace("10% of assets", plain))
    codes(BASE.replace("7天, level", f"{plain}, level"))
    policy = load(BASE)
    for name in ("investment", "cultural", "level", "days", "accepted"):
        answer = attempt(lambda name=name: policy.evaluate({name: text}))
        assert answer.render() if isinstance(answer, PolicyError) else answer.explain()


def test_cases_decided_together_need_what_orders_them() -> None:
    case = "{days: 7天, level: city%s}"
    together = "  - {name: x, on: 2026-05-01, given: [%s], expect: [3万元, 3万元]}\n"
    keyed = [case % ", company: 甲, accepted: 2026-05-02, id: 9", case % ", company: 甲, accepted: 2026-05-02, id: 10"]
    assert codes(BASE + together % ", ".join(keyed)) == set()
    assert codes(BASE + together % f"{keyed[0]}, {case % ''}") == {Code.FACT_MISSING}
