"""The class of a short drama: each date and each amount of the rules, a fen and a day to either side."""

from __future__ import annotations

import copy
import subprocess
import sys
import tomllib
from datetime import date, timedelta
from decimal import Decimal
from importlib.resources import files
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xiepai.productions import classification
from xiepai.productions.classification import FEN_OF_WAN, Basis, ClassFacts, Level, classify

# Copied by hand from the facts sheet, on purpose a second time: from, (live top, middle), (AI top, middle), labels.
OLD, NEW = ("重点", "普通", "其他"), ("一类", "二类", "三类")
TABLE = [
    (date(2024, 6, 1), (100, 30), (100, 30), OLD),
    (date(2026, 1, 1), (300, 100), (300, 100), OLD),
    (date(2026, 7, 1), (300, 100), (80, 30), OLD),
    (date(2026, 9, 1), (300, 100), (80, 30), NEW),
]
DAYS = [row[0] for row in TABLE]
ENDS = [day - timedelta(days=1) for day in [*DAYS[1:], date(2030, 1, 2)]]
CASES = [
    (day, making, limits, labels)
    for (first, live, ai, labels), end in zip(TABLE, ENDS, strict=True)
    for day in (first, end)
    for making, limits in (("live", live), ("ai", ai), ("hybrid", live))
]
AFTER_2026 = date(2026, 12, 1)


def label(making: str, fen: int | None, day: date, **facts: Any) -> str:
    return classify(ClassFacts(making, fen, **facts), day).label.zh


@pytest.mark.parametrize(("day", "making", "limits", "labels"), CASES)
def test_a_fen_below_at_and_above_each_threshold_on_the_first_and_last_day(
    day: date, making: str, limits: tuple[int, int], labels: tuple[str, str, str]
) -> None:
    top, middle = (wan * FEN_OF_WAN for wan in limits)
    found = [label(making, fen, day) for fen in (0, middle - 1, middle, middle + 1, top - 1, top, top + 1)]
    assert found == [labels[2], labels[2], labels[1], labels[1], labels[1], labels[0], labels[0]]


def test_the_day_decides_not_the_amount_alone() -> None:
    million = 100 * FEN_OF_WAN
    assert [label("live", million, day) for day in (date(2025, 12, 31), date(2026, 1, 1))] == ["重点", "普通"]
    assert [label("ai", million, day) for day in (date(2026, 6, 30), date(2026, 7, 1))] == ["普通", "重点"]
    assert [label("ai", million, day) for day in (date(2026, 8, 31), date(2026, 9, 1))] == ["重点", "一类"]


def test_before_the_first_rule_there_is_no_class() -> None:
    result = classify(ClassFacts("live", 10**12), date(2024, 5, 31))
    assert (result.level, result.basis, result.rule) == (Level.OPEN, Basis.NO_RULE, None)
    assert "2024 年 6 月 1 日" in result.explanation("zh-hans")


@pytest.mark.parametrize("subject", list(classification.subjects()))
@pytest.mark.parametrize("day", DAYS)
def test_each_subject_lifts_to_the_top_whatever_was_invested(subject: str, day: date) -> None:
    for fen in (None, 0, 10**12):
        result = classify(ClassFacts("ai", fen, frozenset({subject})), day)
        assert (result.level, result.basis) == (Level.TOP, Basis.SUBJECT)
        assert classification.subjects()[subject].zh in result.explanation("zh-hans")
        assert not result.is_assumed


def test_there_are_nine_subjects() -> None:
    names = {text.zh for text in classification.subjects().values()}
    assert names == {"政治", "军事", "外交", "国家安全", "统战", "民族", "宗教", "司法", "公安"}


@pytest.mark.parametrize("facts", [{"is_platform_promoted": True}, {"is_filed_as_top": True}])
def test_promotion_and_choice_lift_by_the_2024_notice_only(facts: dict[str, bool]) -> None:
    assert label("live", 0, date(2025, 12, 31), **facts) == "重点"
    later = classify(ClassFacts("live", 0, **facts), date(2026, 1, 1))
    assert later.label.zh == "其他"
    assert "不改变类别" in later.explanation("zh-hans")


@pytest.mark.parametrize("making", ["live", "ai"])
@pytest.mark.parametrize("day", DAYS)
def test_an_interactive_work_follows_how_it_is_made(making: str, day: date) -> None:
    for wan in (29, 30, 79, 80, 99, 100, 299, 300):
        plain = label(making, wan * FEN_OF_WAN, day)
        assert label(making, wan * FEN_OF_WAN, day, is_interactive=True) == plain


def test_hybrid_is_measured_as_live_and_says_that_this_is_assumed_where_it_matters() -> None:
    result = classify(ClassFacts("hybrid", 90 * FEN_OF_WAN), AFTER_2026)
    assert (result.label.zh, result.is_assumed) == ("三类", True)
    assert "假设" in result.explanation("zh-hans")
    assert "assumed" in result.explanation("en")
    assert classify(ClassFacts("hybrid", None), AFTER_2026).is_assumed
    assert not classify(ClassFacts("hybrid", 90 * FEN_OF_WAN), date(2026, 6, 30)).is_assumed
    assert not classify(ClassFacts("live", 90 * FEN_OF_WAN), AFTER_2026).is_assumed


def test_without_an_investment_the_class_is_open() -> None:
    result = classify(ClassFacts("live"), AFTER_2026)
    assert (result.level, result.label.zh, result.basis) == (Level.OPEN, "未定", Basis.AMOUNT_MISSING)


def test_the_reasons_name_amount_threshold_day_and_source_in_both_languages() -> None:
    result = classify(ClassFacts("live", 299_999_999), date(2026, 8, 31))
    assert result.explanation("zh-hans").splitlines() == [
        "按“真人拍摄”计，投资 299.999999 万元，达到 100 万元、不足 300 万元，归入“普通”。",
        "依据：2026 年 7 月起的分类标准（文号未录），2026 年 7 月 1 日起，2026 年 9 月 1 日前。",
    ]
    measured, rule = result.explanation("en").splitlines()
    assert measured.endswith("¥2,999,999.99 reaches ¥1,000,000 but not ¥3,000,000, so “Ordinary”.")
    assert rule.endswith("(number of the text not on record), from 2026-07-01, before 2026-09-01.")
    assert (result.lower_fen, result.upper_fen) == (100 * FEN_OF_WAN, 300 * FEN_OF_WAN)
    assert result.rule is not None
    assert result.rule.starts == date(2026, 7, 1)


def test_a_long_episode_is_remarked_on_under_order_16_only() -> None:
    remarked = [
        "可能不属于微短剧" in classify(ClassFacts("live", 0, minutes_per_episode=minutes), day).explanation("zh")
        for minutes, day in [
            (Decimal("19.99"), AFTER_2026),
            (Decimal(20), AFTER_2026),
            (Decimal(20), date(2026, 8, 31)),
            (None, AFTER_2026),
        ]
    ]
    assert remarked == [False, True, False, False]


def test_every_class_of_order_16_has_a_route_and_no_earlier_one() -> None:
    for wan, word in ((300, "发行许可证"), (100, "省级"), (0, "平台")):
        route = classify(ClassFacts("live", wan * FEN_OF_WAN), AFTER_2026).route
        assert route is not None
        assert word in route.zh
        assert classify(ClassFacts("live", wan * FEN_OF_WAN), date(2026, 8, 31)).route is None


@pytest.mark.parametrize(
    "facts",
    [ClassFacts("paper"), ClassFacts("live", -1), ClassFacts("live", 1, frozenset({"weather"}))],
)
def test_what_cannot_be_is_refused(facts: ClassFacts) -> None:
    with pytest.raises(ValueError, match=r"unknown|negative"):
        classify(facts, AFTER_2026)


@given(
    making=st.sampled_from(["live", "ai", "hybrid"]),
    fens=st.tuples(st.integers(0, 10**10), st.integers(0, 10**10)),
    day=st.dates(date(2024, 1, 1), date(2031, 1, 1)),
)
def test_more_money_never_means_a_lower_class_and_the_amount_lies_between_its_thresholds(
    making: str, fens: tuple[int, int], day: date
) -> None:
    rank = {Level.LOW: 0, Level.MIDDLE: 1, Level.TOP: 2, Level.OPEN: -1}
    less, more = (classify(ClassFacts(making, fen), day) for fen in sorted(fens))
    assert rank[less.level] <= rank[more.level]
    for result in (less, more):
        if result.amount_fen is not None:
            assert (result.lower_fen or 0) <= result.amount_fen
            assert result.upper_fen is None or result.amount_fen < result.upper_fen
        assert all(reason.zh and reason.en for reason in result.reasons)


def test_the_rules_follow_each_other_without_gap_or_overlap() -> None:
    rules = classification.all_rules()
    assert [rule.starts for rule in rules] == DAYS
    assert [rule.ends for rule in rules] == [*DAYS[1:], None]


def test_a_data_file_that_cannot_be_is_refused() -> None:
    text = files("xiepai.productions").joinpath("classification.toml").read_text(encoding="utf-8")
    data = tomllib.loads(text)
    swapped, crossed = copy.deepcopy(data), copy.deepcopy(data)
    swapped["rules"].reverse()
    crossed["rules"][0]["live"] = {"top": 30, "middle": 30}
    for wrong in (swapped, crossed):
        with pytest.raises(ValueError, match=r"order|thresholds"):
            classification.read_book(wrong)


def test_it_needs_no_framework_so_that_it_can_move_down() -> None:
    words = "import sys, xiepai.productions.classification, xiepai.productions.validity; print('django' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", words], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
