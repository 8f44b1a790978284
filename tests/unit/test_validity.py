"""Papers that follow each other: the sweep against counting every day."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xiepai.productions.validity import Validity, covers, valid_until

START = date(2026, 3, 1)
DAYS = st.integers(0, 40).map(lambda number: START + timedelta(days=number))
PAIRS = st.tuples(st.none() | DAYS, st.none() | DAYS)
PAPERS = st.lists(PAIRS.filter(lambda p: None in p or p[0] <= p[1]).map(lambda p: Validity(*p)), max_size=6)


@given(papers=PAPERS, first=DAYS, length=st.integers(0, 30))
def test_covering_is_what_counting_day_by_day_says(papers: list[Validity], first: date, length: int) -> None:
    days = [first + timedelta(days=number) for number in range(length + 1)]
    assert covers(papers, first, days[-1]) == all(any(paper.holds_on(day) for paper in papers) for day in days)


@given(papers=PAPERS, day=DAYS)
def test_the_last_valid_day_is_valid_and_the_next_is_not(papers: list[Validity], day: date) -> None:
    last = valid_until(papers, day)
    if last is None:
        assert not any(paper.holds_on(day) for paper in papers)
    elif last < date.max:
        assert any(paper.holds_on(last) for paper in papers)
        assert not any(paper.holds_on(last + timedelta(days=1)) for paper in papers)


def test_a_gap_of_one_day_is_a_gap() -> None:
    spring = Validity(START, START + timedelta(days=9))
    later = START + timedelta(days=20)
    assert covers([spring, Validity(START + timedelta(days=10), None)], START, later)
    assert not covers([spring, Validity(START + timedelta(days=11), None)], START, later)
    assert not covers([], START, START)
    assert covers([Validity(None, date.max)], START, date.max)


def test_a_validity_that_ends_before_it_begins_is_refused() -> None:
    with pytest.raises(ValueError, match="before it begins"):
        Validity(START, START - timedelta(days=1))
