"""Money: whole fen in a type. Never a float, never an unwritten rounding.

One yuan is 100 fen. Rates are exact fractions; where a product is not whole the caller names the
rounding (``Rounding.HALF_UP`` is what Chinese invoices use).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from fractions import Fraction
from typing import Self

MAX_FEN = 2**63 - 1
_TEXT = re.compile(r"^[¥￥]?\s*(-?)(\d{1,3}(?:,\d{3})+|\d+)(?:\.(\d{1,2}))?\s*(元|万元)?$")


class Rounding(Enum):
    """What happens to a fraction of a fen."""

    HALF_UP = "half_up"
    DOWN = "down"
    UP = "up"


@dataclass(frozen=True, order=True, slots=True)
class Money:
    """An amount in fen (1/100 yuan).

    >>> Money.yuan(300) + Money.parse("12.50")
    Money(fen=31250)
    >>> str(Money(123456789))
    '¥1,234,567.89'
    >>> Money(1000).times(Fraction(1, 3), Rounding.HALF_UP)
    Money(fen=333)
    """

    fen: int

    def __post_init__(self) -> None:
        if isinstance(self.fen, bool) or not isinstance(self.fen, int):
            raise TypeError(f"fen must be a whole number, not {self.fen!r}")
        if abs(self.fen) > MAX_FEN:
            raise OverflowError("an amount beyond 64 bits")

    @classmethod
    def yuan(cls, amount: int | Decimal) -> Self:
        """From yuan; more than two decimals are refused."""
        fen = Decimal(amount) * 100
        if fen != fen.to_integral_value():
            raise ValueError(f"{amount} yuan is not a whole number of fen")
        return cls(int(fen))

    @classmethod
    def parse(cls, text: str) -> Self:
        """From what people type: ``300``, ``1,234.50``, ``¥300``, ``2万元``; else ``ValueError``."""
        found = _TEXT.match(text.strip())
        if not found:
            raise ValueError(f"not an amount: {text!r}")
        sign, whole, cents, unit = found.groups()
        fen = int(whole.replace(",", "")) * 100 + int((cents or "").ljust(2, "0"))
        return cls((-fen if sign else fen) * (10_000 if unit == "万元" else 1))

    def times(self, rate: Fraction | int, rounding: Rounding = Rounding.HALF_UP) -> Money:
        """The product, rounded to whole fen as *rounding* says (half up: away from zero)."""
        exact = Fraction(self.fen) * rate
        down = exact.numerator // exact.denominator
        rest = exact - down
        if rounding is Rounding.UP:
            return Money(down + (1 if rest else 0))
        if rounding is Rounding.DOWN or rest == 0:
            return Money(down)
        return Money(down + (1 if (rest >= Fraction(1, 2) if exact >= 0 else rest > Fraction(1, 2)) else 0))

    def __add__(self, other: Money) -> Money:
        return Money(self.fen + other.fen)

    def __sub__(self, other: Money) -> Money:
        return Money(self.fen - other.fen)

    def __mul__(self, count: int) -> Money:
        return Money(self.fen * count)

    __rmul__ = __mul__

    def __neg__(self) -> Money:
        return Money(-self.fen)

    def __bool__(self) -> bool:
        return self.fen != 0

    def __str__(self) -> str:
        sign = "-" if self.fen < 0 else ""
        whole, cents = divmod(abs(self.fen), 100)
        return f"{sign}¥{whole:,}" + (f".{cents:02d}" if cents else "")


ZERO = Money(0)
