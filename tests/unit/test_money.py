"""Money: whole fen, exact rates, written rounding, and what people type."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xiepai.kernel.money import MAX_FEN, Money, Rounding

amounts = st.integers(-(10**12), 10**12)


@given(amounts, st.fractions(min_value=-5, max_value=5, max_denominator=1000))
def test_rounding_is_within_one_fen_and_on_its_side(fen: int, rate: Fraction) -> None:
    exact = Fraction(fen) * rate
    assert Money(fen).times(rate, Rounding.DOWN).fen <= exact < Money(fen).times(rate, Rounding.DOWN).fen + 1
    assert Money(fen).times(rate, Rounding.UP).fen - 1 < exact <= Money(fen).times(rate, Rounding.UP).fen
    assert abs(Money(fen).times(rate).fen - exact) <= Fraction(1, 2)


def test_half_up_rounds_away_from_zero() -> None:
    assert Money(1).times(Fraction(1, 2)).fen == 1
    assert Money(-1).times(Fraction(1, 2)).fen == -1
    assert Money(5).times(Fraction(1, 10)).fen == 1


@given(amounts)
def test_text_comes_back(fen: int) -> None:
    text = str(Money(fen))
    assert Money.parse(text.removeprefix("-")).fen == abs(fen)


@pytest.mark.parametrize(
    ("text", "fen"),
    [("300", 30000), ("1,234.5", 123450), ("￥12.05", 1205), ("2万元", 2_000_000), ("0.5万元", 500_000)],
)
def test_what_people_type(text: str, fen: int) -> None:
    assert Money.parse(text).fen == fen


@pytest.mark.parametrize("text", ["", "12.345", "1,23", "abc", "1e5", "NaN", "12元元"])
def test_what_is_not_an_amount_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not an amount"):
        Money.parse(text)


def test_floats_and_overflow_are_refused() -> None:
    with pytest.raises(TypeError):
        Money(1.0)  # type: ignore[arg-type]
    with pytest.raises(OverflowError):
        Money(MAX_FEN + 1)
    with pytest.raises(ValueError, match="whole number of fen"):
        Money.yuan(Decimal("0.001"))
