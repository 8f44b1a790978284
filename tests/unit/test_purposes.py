"""What a bank is told a payment is for: never longer than its field, never a sign it does not know."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from xiepai.grants.purposes import CHARSET, LONGEST, fit, purpose

NUMBER = "WUJIN-2026-000123"


@given(st.text(max_size=80), st.text(max_size=80))
def test_it_fits_the_field_and_keeps_the_number(measure: str, milestone: str) -> None:
    said = purpose(NUMBER, measure, milestone)
    assert len(said.encode(CHARSET)) <= LONGEST
    assert said.split(" ")[0] == NUMBER
    assert said.isprintable()
    assert fit(said) == said


def test_names_that_fit_are_said_whole() -> None:
    assert purpose(NUMBER, "取景拍摄奖补", "首期") == f"{NUMBER} 取景拍摄奖补 首期"
    assert purpose(NUMBER, "取景拍摄奖补") == f"{NUMBER} 取景拍摄奖补"


def test_the_measure_is_cut_before_the_milestone_goes() -> None:
    long = "取" * 40
    assert purpose(NUMBER, long, "首期") == f"{NUMBER} {'取' * 17}… 首期"
    assert purpose(NUMBER, long, "期" * 30) == f"{NUMBER} {'取' * 20}…"
