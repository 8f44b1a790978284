"""Times, lengths and sizes as people read them, in both languages."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from types import SimpleNamespace
from typing import Any

import pytest
from django.http import QueryDict
from django.utils import translation

from xiepai.kernel import clock
from xiepai.kernel.money import Money
from xiepai.web import formats
from xiepai.web.jinja import attributes, query
from xiepai.web.spreadsheets import csv_rows


@pytest.fixture(autouse=True)
def _in_november_2026() -> Iterator[None]:
    with clock.frozen(datetime(2026, 11, 20, tzinfo=UTC)):
        yield


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[arg-type,misc]


@pytest.mark.parametrize(
    ("start", "end", "chinese", "english"),
    [
        (utc(2026, 11, 23, 0), utc(2026, 11, 23, 10), "11月23日 08:00–18:00", "23 Nov 08:00–18:00"),
        (utc(2026, 11, 23, 12), utc(2026, 11, 23, 16), "11月23日 20:00–24:00", "23 Nov 20:00–24:00"),
        (
            utc(2026, 11, 23, 14),
            utc(2026, 11, 23, 22),
            "11月23日 22:00 – 11月24日 06:00",
            "23 Nov 22:00 – 24 Nov 06:00",
        ),
        (utc(2027, 2, 28, 1), utc(2027, 2, 28, 2), "2027年2月28日 09:00–10:00", "28 Feb 2027 09:00–10:00"),
    ],
)
def test_periods_are_on_the_citys_clocks(start: datetime, end: datetime, chinese: str, english: str) -> None:
    with translation.override("zh-hans"):
        assert formats.span(start, end) == chinese
    with translation.override("en"):
        assert formats.span(start, end) == english


def test_days_name_their_weekday() -> None:
    with translation.override("zh-hans"):
        assert formats.day(date(2026, 11, 23), weekday=True) == "11月23日（一）"
    with translation.override("en"):
        assert formats.day(date(2026, 11, 29), weekday=True) == "Sun 29 Nov"


@pytest.mark.parametrize(
    ("minutes", "chinese", "english"),
    [(0, "0 分钟", "0 min"), (90, "1 小时 30 分钟", "1 h 30 min"), (2940, "2 天 1 小时", "2 d 1 h")],
)
def test_lengths_of_time(minutes: int, chinese: str, english: str) -> None:
    with translation.override("zh-hans"):
        assert formats.duration(minutes) == chinese
    with translation.override("en"):
        assert formats.duration(minutes) == english


def test_amounts_counts_sizes_and_names() -> None:
    assert formats.money(123450) == formats.money(Money(123450)) == "¥1,234.50"
    assert formats.number(100000) == "100,000"
    assert (formats.kilobytes(1), formats.kilobytes(2_100_000)) == ("1 KB", "2.1 MB")

    class Named(SimpleNamespace):
        def __str__(self) -> str:
            return "三号棚"

    with translation.override("en"):
        assert formats.named(Named(name_en="Stage 3")) == "Stage 3"
        assert formats.named(Named(name_en="")) == "三号棚"
    with translation.override("zh-hans"):
        assert formats.named(Named(name_en="Stage 3")) == "三号棚"


def test_a_query_keeps_what_was_chosen() -> None:
    request: Any = SimpleNamespace(GET=QueryDict("q=棚&style=a&style=b&page=3"))
    assert query(request, page=None, sort="name") == "?q=%E6%A3%9A&style=a&style=b&sort=name"
    assert query(request, q="", style=["c"], page=1) == "?style=c&page=1"


def test_attributes_are_escaped() -> None:
    assert attributes({"data_x": '"><script>', "hidden": True, "title": None, "lang": False}) == (
        ' data-x="&#34;&gt;&lt;script&gt;" hidden'
    )


def test_a_spreadsheet_runs_no_cell() -> None:
    lines = list(csv_rows([["名称", "=1+1", "-5", -5, "@x", "a,b"]]))
    assert lines == ["\ufeff", "名称,'=1+1,'-5,-5,'@x,\"a,b\"\r\n"]
