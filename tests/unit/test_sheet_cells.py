"""Cells of a file of places: what is written is read again, what people write is understood, what cannot be is said."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xiepai.places.models import PlaceKind, Vocabulary
from xiepai.places.services.tariffs import Extra
from xiepai.places.sheets import cells, hours
from xiepai.places.sheets.cells import CellError
from xiepai.places.sheets.columns import BY_KEY, COLUMNS, column_of, text_of
from xiepai.places.vocabulary import Word, WordList
from xiepai.worktime.opening import WeeklyRule

SPECIAL = st.text(st.sampled_from(list("=+-@'\\、,，;；|\t\n 周一0棚a")), max_size=12)
TEXT = st.one_of(SPECIAL, st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=20))
ITEM = TEXT.map(str.strip).filter(bool)
DAYS = st.dates(date(2020, 1, 1), date(2040, 1, 1))


@given(TEXT)
def test_formulas_are_armoured_and_bared_again(text: str) -> None:
    armoured = cells.armoured(text)
    assert cells.bare(armoured) == text
    assert armoured[:1] not in "=+-@＝＋－＠\t\r\n" or not armoured


@given(st.lists(ITEM, max_size=4))
def test_lists(items: list[str]) -> None:
    assert cells.split(cells.join(items)) == items


@given(st.one_of(st.integers(-(10**12), 10**12), st.decimals(-(10**9), 10**9, places=4)))
def test_numbers(number: Any) -> None:
    text = cells.write_number(number)
    assert cells.read_decimal(text) == number
    assert "E" not in text
    assert not text.endswith(".0")


@given(st.floats(-180, 180))
def test_coordinates_keep_a_centimetre(degrees: float) -> None:
    kept = round(degrees, 7)
    assert cells.read_float(cells.write_number(kept)) == kept


@given(st.integers(0, 10**14))
def test_money(fen: int) -> None:
    assert cells.read_yuan(cells.write_yuan(fen)) == fen


RULES = st.builds(
    WeeklyRule,
    st.integers(0, 6),
    st.integers(0, 1439),
    st.integers(1440, 2880),
    st.one_of(st.none(), DAYS),
    st.one_of(st.none(), DAYS),
)


@given(st.lists(RULES, max_size=8))
def test_weekly_hours(rules: list[WeeklyRule]) -> None:
    text = hours.write_rules(rules)
    assert set(hours.read_rules(text)) == set(rules)
    assert hours.write_rules(hours.read_rules(text)) == text


@given(st.dictionaries(DAYS, TEXT.map(str.strip), max_size=5))
def test_closed_days(days: dict[date, str]) -> None:
    assert hours.read_days(hours.write_days(days)) == days


@given(st.lists(st.builds(Extra, ITEM, ITEM, ITEM, st.integers(0, 10**9), TEXT.map(str.strip)), max_size=3))
def test_extras(extras: list[Extra]) -> None:
    assert hours.read_extras(hours.write_extras(extras)) == sorted(extras, key=lambda extra: extra.code)


@given(st.lists(st.tuples(st.integers(0, 8760), st.integers(0, 100)), max_size=4))
def test_cancellation(terms: list[tuple[int, int]]) -> None:
    wanted = sorted(([hours, percent] for hours, percent in terms), reverse=True)
    assert hours.read_cancellation(hours.write_cancellation(wanted)) == wanted


@pytest.mark.parametrize(
    ("text", "spans"),
    [
        ("每天 全天", {(day, 0, 1440) for day in range(7)}),
        ("08:00-22:00", {(day, 480, 1320) for day in range(7)}),
        ("周一至周三 8:00–12:00，13:00~18:00", {(d, a, b) for d in range(3) for a, b in ((480, 720), (780, 1080))}),
        ("星期六、星期天 09：00-次日02：00", {(5, 540, 1560), (6, 540, 1560)}),
        ("周五至周一 10:00-24:00", {(day, 600, 1440) for day in (4, 5, 6, 0)}),
        ("周一 08:00-12:00, 13:00-18:00", {(0, 480, 720), (0, 780, 1080)}),
        ("", set()),
    ],
)
def test_hours_people_write(text: str, spans: set[tuple[int, int, int]]) -> None:
    assert {(rule.weekday, rule.opens_minute, rule.closes_minute) for rule in hours.read_rules(text)} == spans


@pytest.mark.parametrize(
    "text", ["周一", "周八 08:00-22:00", "周一 22:00-02:00", "周一 8-22", "周一 25:00-26:00", "随时"]
)
def test_hours_nobody_understands(text: str) -> None:
    with pytest.raises(CellError):
        hours.read_rules(text)


def test_hours_are_written_as_people_read_them() -> None:
    week = [WeeklyRule(day, 480, 1320) for day in range(5)]
    late = [WeeklyRule(day, 540, 1560) for day in (5, 6)]
    assert hours.write_rules([*week, *late]) == "周一至周五 08:00-22:00；周六、周日 09:00-次日02:00"
    season = WeeklyRule(0, 0, 1440, date(2026, 7, 1), date(2026, 8, 31))
    assert hours.write_rules([season]) == "2026-07-01至2026-08-31 周一 00:00-24:00"


@pytest.mark.parametrize(
    ("read", "cell", "value"),
    [
        (cells.read_int, "１,２００", 1200),
        (cells.read_int, 40.0, 40),
        (cells.read_int, " ", None),
        (cells.read_minutes, "2小时", 120),
        (cells.read_minutes, "1.5 h", 90),
        (cells.read_minutes, "14天", 14 * 1440),
        (cells.read_minutes, 90, 90),
        (cells.read_bool, "Yes", True),
        (cells.read_bool, "×", False),
        (cells.read_bool, 1, True),
        (cells.read_day, "2026年10月1日", date(2026, 10, 1)),
        (cells.read_day, "2026/10/1", date(2026, 10, 1)),
        (cells.read_day, "2026-10-01 00:00:00", date(2026, 10, 1)),
        (cells.read_clock, "22点30分", 1350),
        (cells.read_clock, time(22, 30), 1350),
        (cells.read_clock, "24:00", 1440),
        (cells.read_yuan, "￥1，234.50", 123_450),
        (cells.read_yuan, "2万元", 2_000_000),
        (cells.read_yuan, Decimal("300.5"), 30_050),
        (cells.read_text, 101.0, "101"),
        (cells.read_text, Decimal("0.10"), "0.1"),
    ],
)
def test_what_people_write(read: Callable[[Any], Any], cell: Any, value: Any) -> None:
    assert read(cell) == value


@pytest.mark.parametrize(
    ("read", "cell"),
    [
        (cells.read_int, "1.5"),
        (cells.read_int, "四十"),
        (cells.read_int, True),
        (cells.read_int, "NaN"),
        (cells.read_int, "1e99"),
        (cells.read_int, datetime(2026, 1, 1)),  # noqa: DTZ001 - as a spreadsheet gives it
        (cells.read_float, "inf"),
        (cells.read_minutes, "很久"),
        (cells.read_minutes, "0.001小时"),
        (cells.read_bool, "也许"),
        (cells.read_day, "2026-02-30"),
        (cells.read_day, "十月"),
        (cells.read_clock, "25:00"),
        (cells.read_clock, "24:01"),
        (cells.read_yuan, "1.234"),
        (cells.read_yuan, "十元"),
        (cells.read_list, [1, 2]),
        (cells.read_text, {"zh": "棚"}),
        (hours.read_days, "2026-10-07至2026-10-01"),
        (hours.read_days, "2026-10-01；2026-10-01 国庆"),
        (hours.read_days, "1900-01-01至2999-01-01"),
        (hours.read_extras, "power|用电"),
        (hours.read_extras, "power|用电|度|多少"),
        (hours.read_cancellation, "提前两天"),
    ],
)
def test_what_cannot_be_read_says_why(read: Callable[[Any], Any], cell: Any) -> None:
    with pytest.raises(CellError) as caught:
        read(cell)
    assert str(caught.value).endswith(("。", "”"))


class TestColumns:
    WORDS = {
        **{name: WordList.of(name, []) for name in Vocabulary.values},
        "category": WordList.of(
            "category",
            [Word("ward", "病房", "Ward", True), Word("a", "同名", "", True), Word("b", "同名", "", True)],
        ),
    }

    def test_each_column_is_found_by_header_english_and_key(self) -> None:
        for column in COLUMNS:
            for text in (column.header, column.english, column.key, f" {column.header}： ", column.english.upper()):
                assert column_of(text) is column

    def test_headers_differ(self) -> None:
        assert len({column.header for column in COLUMNS}) == len({column.key for column in COLUMNS}) == len(COLUMNS)

    @pytest.mark.parametrize(("word", "key"), [("面积", "area_m2"), ("包天", "day_yuan"), ("lat", "latitude")])
    def test_other_words_people_use(self, word: str, key: str) -> None:
        assert column_of(word) is BY_KEY[key]

    def test_an_unknown_header_is_not_guessed(self) -> None:
        assert column_of("备注") is None

    def test_words_of_a_vocabulary_in_any_spelling(self) -> None:
        column = BY_KEY["categories"]
        assert column.read("病房、WARD, ward", self.WORDS) == ["ward", "ward", "ward"]
        assert text_of(column, ["ward"], self.WORDS) == "病房"
        with pytest.raises(CellError):
            column.read("城堡", self.WORDS)

    def test_a_word_that_means_two_codes_is_written_as_its_code(self) -> None:
        column = BY_KEY["categories"]
        assert text_of(column, ["a", "b"], self.WORDS) == "a、b"
        with pytest.raises(CellError):
            column.read("同名", self.WORDS)

    @pytest.mark.parametrize("text", ["组合", "combination", "Combination"])
    def test_choices_in_any_spelling(self, text: str) -> None:
        assert BY_KEY["kind"].read(text, self.WORDS) == PlaceKind.COMBINATION

    def test_what_does_not_fit_a_cell_leaves_as_a_marker(self) -> None:
        assert text_of(BY_KEY["description"], "长" * 40_000, self.WORDS) == cells.TOO_LONG


def test_the_guide_lists_every_column() -> None:
    guide = (Path(__file__).parents[2] / "docs" / "guide" / "places.md").read_text(encoding="utf-8").replace("**", "")
    rows = {tuple(cell.strip() for cell in line.split("|")[1:4]) for line in guide.splitlines() if line.startswith("|")}
    assert {(column.header, column.english, f"`{column.key}`") for column in COLUMNS} <= rows
