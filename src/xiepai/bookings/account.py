"""The account of a booking: time booked + overtime + extras + damages − deposit. Pure arithmetic.

Every line keeps quantity, unit price and amount in fen, so that the sum can be checked on paper. A
quantity may be a decimal (kWh); its amount is rounded half up to whole fen, line by line.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from xiepai.kernel.money import ZERO, Money, Rounding


@dataclass(frozen=True, slots=True)
class AccountLine:
    """One line: *kind* is time, overtime, extra, damage or cancellation; *code* says which, *note* where it is from."""

    kind: str
    code: str
    label: str
    unit: str
    quantity: Decimal
    unit_fen: int
    factor: int = 1
    note: str = ""

    @property
    def amount(self) -> Money:
        """Quantity × unit price × factor, half up to whole fen."""
        return Money(self.unit_fen * self.factor).times(Fraction(self.quantity), Rounding.HALF_UP)

    @property
    def arithmetic(self) -> str:
        """The line as one reckons it: ``4 小时 × ¥100 × 2 = ¥800``."""
        amount = f"{self.quantity.normalize():f} {self.unit}".strip()
        factor = f" × {self.factor}" if self.factor != 1 else ""
        return f"{amount} × {Money(self.unit_fen)}{factor} = {self.amount}"

    def as_json(self) -> dict[str, Any]:
        """The line as it is frozen in a settlement."""
        return {
            "kind": self.kind,
            "code": self.code,
            "label": self.label,
            "unit": self.unit,
            "quantity": str(self.quantity),
            "unit_fen": self.unit_fen,
            "factor": self.factor,
            "note": self.note,
            "amount_fen": self.amount.fen,
        }


def line_from_json(data: dict[str, Any]) -> AccountLine:
    """The line :meth:`AccountLine.as_json` wrote."""
    return AccountLine(
        data["kind"],
        data["code"],
        data["label"],
        data["unit"],
        Decimal(data["quantity"]),
        data["unit_fen"],
        data["factor"],
        data.get("note", ""),
    )


@dataclass(frozen=True, slots=True)
class Account:
    """All lines and the deposit already received.

    >>> line = AccountLine("extra", "power", "电费", "度", Decimal("12.5"), 200)
    >>> account = Account((line,), Money(10_000))
    >>> account.total, account.balance
    (Money(fen=2500), Money(fen=-7500))
    """

    lines: tuple[AccountLine, ...]
    deposit: Money

    @property
    def total(self) -> Money:
        """What the crew owes in all."""
        return sum((line.amount for line in self.lines), ZERO)

    @property
    def balance(self) -> Money:
        """Total less deposit: positive is still to be paid, negative goes back to the crew."""
        return self.total - self.deposit
