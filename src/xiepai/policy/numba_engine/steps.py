"""Steps over rows for columns: prepares groups and orders, calls the kernels, and leaves to the oracle what cannot be
proven exact in 64 bits (a sum near 2⁶²; seen in no real policy).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from xiepai.policy import oracle
from xiepai.policy.ir import LIMIT, CrossStep
from xiepai.policy.numba_engine import kernels, keys
from xiepai.policy.stages import grouping

Ints = NDArray[np.int64]


class Steps:
    """Carries out steps over one population; groups and orders used twice are prepared once.

    A row at zero stays at zero and changes no other: where most rows are, a step is taken on the others alone.
    """

    def __init__(self, columns: Mapping[str, NDArray[Any]], rows: int) -> None:
        self.columns, self.rows = columns, rows
        self.known_groups: dict[tuple[str, ...], tuple[Ints, int]] = {}
        self.known_orders: dict[tuple[Any, ...], tuple[Ints, int]] = {}

    def run(self, step: CrossStep, value: Ints) -> Ints:
        """The amounts after a step."""
        rows = np.asarray(kernels.positive(value))
        if 2 * len(rows) > self.rows:
            return self._take(step, value)
        names = {name for name, _year in grouping(step)} | {each.fact for each in step.order}
        few = Steps({name: np.asarray(self.columns[name])[rows] for name in names}, len(rows))
        after = np.zeros(self.rows, np.int64)
        after[rows] = few._take(step, value[rows])
        return after

    def _take(self, step: CrossStep, value: Ints) -> Ints:
        if step.per not in self.known_groups:
            self.known_groups[step.per] = keys.groups(step, self.columns, self.rows)
        group, groups = self.known_groups[step.per]
        if step.kind == "highest":
            found, level = kernels.best(value, group, groups)
            if len(level):
                first = np.asarray(found[2 * group[level] + 1 if len(group) else [1]]) - 1
                rank = self._order(step, np.concatenate([level, first]))[0]
                kernels.settle(found, value, group, level, rank)
            return np.asarray(kernels.highest(found, self.rows))
        if step.kind == "quota":
            over = kernels.counts(value, group, groups) > step.limit
            return np.asarray(kernels.quota(value, group, groups, self._sorted(step, value, group, over), step.limit))
        if step.kind == "cap" and step.limit >= LIMIT:
            return self._by_oracle(step, value)
        if step.kind == "cap":
            over = kernels.totals(value, group, groups, step.limit + 1) > step.limit
            rows = self._sorted(step, value, group, over)
            return np.asarray(kernels.cap(value, group, groups, rows, step.limit, step.overrun == "part"))
        return self._share(step, value, group, groups)

    def _order(self, step: CrossStep, rows: Ints) -> tuple[Ints, int]:
        """A number that rises in the step's order, for these rows at least, and one above the highest."""
        if step.order in self.known_orders:
            return self.known_orders[step.order]
        if 4 * len(rows) < self.rows:
            rank = np.empty(self.rows, np.int64)
            few = {each.fact: np.asarray(self.columns[each.fact])[rows] for each in step.order}
            rank[rows], room = keys.order(step, few, len(rows))
            return rank, room
        self.known_orders[step.order] = keys.order(step, self.columns, self.rows)
        return self.known_orders[step.order]

    def _sorted(self, step: CrossStep, value: Ints, group: Ints, over: NDArray[np.bool_]) -> Ints:
        """The rows that can change, in order. Groups are interleaved: the kernels keep one counter for each."""
        rows = kernels.chosen(value, group, over)
        if not len(rows):
            return np.asarray(rows)
        rank, room = self._order(step, rows)
        return np.asarray(kernels.sorted_rows(rows, rank, room))

    def _share(self, step: CrossStep, value: Ints, group: Ints, groups: int) -> Ints:
        total = kernels.totals(value, group, groups, kernels.MOST)
        if not kernels.fits(int(total.max(initial=0)), step.limit, step.unit):
            return self._by_oracle(step, value)
        over = total > step.limit
        rows = kernels.chosen(value, group, over)
        units, rest, given = kernels.share(value, group, rows, total, step.limit, step.unit)
        if step.remainder != "kept" and len(rows):
            left = np.where(over, step.limit // step.unit - given, 0)
            if step.remainder == "largest" and not len(group) and left[0]:
                rows, left[0] = kernels.top(units, rest, rows, left[0], int(total[0]) * step.unit)
            kernels.hand_out(units, group, self._receivers(step, rows, rest), left)
        return np.asarray(kernels.paid_units(value, group, over, units, step.unit))

    def _receivers(self, step: CrossStep, rows: Ints, rest: Ints) -> Ints:
        """The rows in the order in which they are handed a unit."""
        rank, room = self._order(step, rows)
        rows = np.asarray(kernels.sorted_rows(rows, rank, room))
        return rows if step.remainder == "first" else np.asarray(rows[np.argsort(-rest[rows], kind="stable")])

    def _by_oracle(self, step: CrossStep, value: Ints) -> Ints:
        names = {name for name, _year in grouping(step)} | {each.fact for each in step.order}
        columns = {name: self.columns[name].tolist() for name in names}
        rows = [{name: column[row] for name, column in columns.items()} for row in range(self.rows)]
        return np.array(oracle.over_rows(step, value.tolist(), rows), dtype=np.int64)
