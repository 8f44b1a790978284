"""Half-open spans: touching is not overlapping; merge and subtract against a minute-by-minute model."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xiepai.worktime.spans import Span, intersect, merge, subtract

START = datetime(2028, 2, 28, 20, tzinfo=UTC)


def at(minute: int) -> datetime:
    return START + timedelta(minutes=minute)


spans = st.tuples(st.integers(0, 60), st.integers(1, 30)).map(lambda pair: Span(at(pair[0]), at(sum(pair))))


def minutes_of(many: tuple[Span, ...] | list[Span]) -> set[int]:
    return {minute for span in many for minute in range(100) if span.start <= at(minute) < span.end}


def test_spans_that_touch_do_not_overlap() -> None:
    first, second = Span(at(0), at(10)), Span(at(10), at(20))
    assert not first.overlaps(second)
    assert not second.overlaps(first)
    assert intersect(first, second) is None
    assert merge([second, first]) == (Span(at(0), at(20)),)


def test_a_leap_day_counts() -> None:
    shanghai = timedelta(hours=8)
    night = Span(datetime(2028, 2, 28, 22, tzinfo=UTC) - shanghai, datetime(2028, 3, 1, 2, tzinfo=UTC) - shanghai)
    assert night.minutes == 28 * 60


@pytest.mark.parametrize(("start", "end"), [(10, 10), (11, 10)])
def test_empty_and_backward_spans_are_refused(start: int, end: int) -> None:
    with pytest.raises(ValueError, match="must end after"):
        Span(at(start), at(end))


def test_naive_datetimes_are_refused() -> None:
    with pytest.raises(ValueError, match="zone"):
        Span(datetime(2028, 1, 1), datetime(2028, 1, 2))  # noqa: DTZ001 - the point of the test


@given(st.lists(spans, max_size=8))
def test_merge_keeps_every_minute_and_leaves_gaps(many: list[Span]) -> None:
    merged = merge(many)
    assert minutes_of(merged) == minutes_of(many)
    assert all(one.end < two.start for one, two in itertools.pairwise(merged))


@given(st.lists(spans, max_size=6), st.lists(spans, max_size=6))
def test_subtract_is_set_difference(many: list[Span], holes: list[Span]) -> None:
    assert minutes_of(subtract(many, holes)) == minutes_of(many) - minutes_of(holes)


@given(spans, spans)
def test_overlap_is_symmetric_and_means_a_common_part(one: Span, two: Span) -> None:
    assert one.overlaps(two) == two.overlaps(one) == (intersect(one, two) is not None)
