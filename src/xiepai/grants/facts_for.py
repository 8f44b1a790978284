"""The facts of a policy, a column each, for works or for companies: of several sources the surer one holds.

In rising order: a default of the policy, what the house reads from a declaration, what the company claims, what the
house knows itself (bookings, checked papers), what was verified. What is said of a work goes before what is said of
its company. A value the policy cannot read or that leaves its range counts as not known.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from xiepai.grants.gathering import UNKNOWN, Bools, Gathered, Ints, Stated
from xiepai.grants.models_programmes import MeasureSubject
from xiepai.grants.sources import Use, uses_of
from xiepai.policy import FactSpec, PolicyError, Program
from xiepai.policy.facts import number_of

#: Where a number came from, by how sure it is.
NOT_KNOWN, DEFAULT, DECLARED, CLAIMED_BY_COMPANY, CLAIMED, HOUSE, VERIFIED_OF_COMPANY, VERIFIED = range(8)
#: No reading of a stated value comes near it.
_UNREADABLE = -(2**62)
_CHOICES = {"format": ("horizontal", "vertical")}


@dataclass
class Column:
    """One fact over all subjects: its range, where it came from, and whether it moves with the day."""

    spec: FactSpec
    low: Ints
    high: Ints
    origin: NDArray[np.int8]
    is_clock: bool = False

    @property
    def is_known(self) -> Bools:
        """Where there is a number."""
        return self.origin > NOT_KNOWN

    @property
    def is_claim(self) -> Bools:
        """Where the number rests on a word nobody has checked."""
        return (self.origin >= DECLARED) & (self.origin <= CLAIMED)

    @property
    def is_given(self) -> Bools:
        """Where the subject itself (no default, no calendar) gave the number."""
        return (self.origin > DEFAULT) & np.bool_(not self.is_clock)

    def put(self, rows: Ints | Bools, numbers: Ints, origin: int) -> None:
        """Fill rows from a surer source than before; numbers out of range stay unknown."""
        self.low[rows], self.high[rows], self.origin[rows] = numbers, numbers, origin


def columns_for(program: Program, slug: str, gathered: Gathered, subject: str) -> dict[str, Column]:
    """Every fact of a policy (keys only group and order) for the works or the companies gathered."""
    rows = len(gathered.works if subject == MeasureSubject.WORK else gathered.organisations)
    uses = uses_of(slug)
    found = {}
    for spec in program.facts:
        if spec.kind != "key":
            found[spec.name] = _column(spec, uses.get(spec.name), gathered, subject, rows)
    return found


def _column(spec: FactSpec, use: Use | None, gathered: Gathered, subject: str, rows: int) -> Column:
    column = Column(
        spec,
        np.full(rows, spec.low, np.int64),
        np.full(rows, spec.high, np.int64),
        np.zeros(rows, np.int8),
    )
    if spec.default is not None:
        column.put(np.ones(rows, np.bool_), np.full(rows, spec.default, np.int64), DEFAULT)
    is_work = subject == MeasureSubject.WORK
    own = gathered.of_works if is_work else gathered.of_companies
    house = _house(spec, use, gathered, is_work, rows) if use else None
    claims = _claims(use, gathered, is_work, rows) if use else np.zeros(rows, np.bool_)
    if house is not None:
        _fill(column, np.where(claims, house, UNKNOWN), DECLARED)
    if is_work:
        _state(column, gathered.of_companies, True, CLAIMED_BY_COMPANY, gathered.organisation_rows)
    _state(column, own, True, CLAIMED, None)
    if use and house is not None:
        _fill(column, np.where(claims, UNKNOWN, house), HOUSE)
        column.is_clock = use.known.key == "today"
    if is_work:
        _state(column, gathered.of_companies, False, VERIFIED_OF_COMPANY, gathered.organisation_rows)
    _state(column, own, False, VERIFIED, None)
    return column


def _house(spec: FactSpec, use: Use, gathered: Gathered, is_work: bool, rows: int) -> Ints | None:
    """The numbers the house knows, in the unit of the fact; ``UNKNOWN`` where it does not."""
    key = use.known.key
    if key == "today":
        return np.full(rows, gathered.day_number, np.int64)
    if key in gathered.company_columns:
        raw = gathered.company_columns[key]
        raw = raw[gathered.organisation_rows] if is_work else raw
    elif is_work:
        raw = gathered.work_columns[key]
    else:
        return None
    if use.prefix:
        begins = raw // 10 ** (6 - len(use.prefix)) == int(use.prefix)
        return np.where(raw == UNKNOWN, UNKNOWN, begins.astype(np.int64))
    if spec.kind == "choice":
        return _as_choice(spec, key, raw)
    return np.where(raw == UNKNOWN, UNKNOWN, raw * (spec.den if spec.kind == "number" else 1))


def _claims(use: Use, gathered: Gathered, is_work: bool, rows: int) -> Bools:
    """Where what the house reads is only what somebody declared."""
    by_company = gathered.company_claims.get(use.known.key)
    if by_company is None:
        return np.full(rows, use.known.is_claim)
    return by_company[gathered.organisation_rows] if is_work else by_company


def _as_choice(spec: FactSpec, key: str, raw: Ints) -> Ints:
    found = np.full(len(raw), UNKNOWN, np.int64)
    for number, name in enumerate(_CHOICES[key]):
        if name in spec.choices:
            found[raw == number] = spec.choices.index(name)
    return found


def _fill(column: Column, numbers: Ints, origin: int) -> None:
    spec = column.spec
    rows = (numbers != UNKNOWN) & (numbers >= spec.low) & (numbers <= spec.high)
    column.put(rows, numbers[rows], origin)


def _state(column: Column, stated: Iterable[Stated], is_claim: bool, origin: int, through: Ints | None) -> None:
    """Stated values; ``through`` leads from each subject to the row of its company."""
    for each in stated:
        if each.name != column.spec.name or each.is_claim is not is_claim:
            continue
        numbers = _numbers(column.spec, each.values)
        if through is None:
            rows = each.rows[numbers != _UNREADABLE]
            column.put(rows, numbers[numbers != _UNREADABLE], origin)
        else:
            by_company = np.full(
                int(max(through.max(initial=-1), each.rows.max(initial=-1))) + 1, _UNREADABLE, np.int64
            )
            by_company[each.rows] = numbers
            of_works = by_company[through]
            column.put(of_works != _UNREADABLE, of_works[of_works != _UNREADABLE], origin)


def _numbers(spec: FactSpec, values: list[str]) -> Ints:
    read: dict[str, int] = {}
    for value in set(values):
        try:
            read[value] = number_of(spec, value)
        except PolicyError:
            read[value] = _UNREADABLE
    return np.array([read[value] for value in values], dtype=np.int64)
