"""Ranges over columns: what :mod:`intervals` says of one case, for many at once, with numpy.

A fact known in a row has the same number in ``low`` and ``high``; an unknown one its own range. Every number stays
within the bounds proven for its node, so 64 bits suffice. Where every fact of a row is known, low and high are the
award of that row by itself. A test holds this equal to ``intervals.ranges`` row by row.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
from numpy.typing import NDArray

from xiepai.policy.ir import CrossStep, Node, Op, Program

Ints = NDArray[np.int64]
Pair = tuple[Ints, Ints]
_TRUTHS = frozenset({Op.LT, Op.LE, Op.EQ})


class ColumnRanges:
    """The nodes below some targets, in their order, and which of them hang on which fact."""

    def __init__(self, program: Program, targets: Iterable[int]) -> None:
        self.program = program
        needed: set[int] = set()
        todo = list(targets)
        while todo:
            index = todo.pop()
            if index not in needed:
                needed.add(index)
                todo.extend(program.nodes[index].args)
        self.order = sorted(needed)
        self.facts = tuple(dict.fromkeys(program.nodes[i].fact for i in self.order if program.nodes[i].op is Op.FACT))
        self._above: dict[str, tuple[int, ...]] = {}

    def above(self, fact: str) -> tuple[int, ...]:
        """The nodes that change with a fact, in their order."""
        if fact not in self._above:
            touched: set[int] = set()
            for index in self.order:
                node = self.program.nodes[index]
                if (node.op is Op.FACT and node.fact == fact) or touched.intersection(node.args):
                    touched.add(index)
            self._above[fact] = tuple(sorted(touched))
        return self._above[fact]

    def run(self, low: Mapping[str, Ints], high: Mapping[str, Ints], rows: int) -> dict[int, Pair]:
        """The range of every node for every row."""
        found: dict[int, Pair] = {}
        for index in self.order:
            node = self.program.nodes[index]
            if node.op is Op.FACT:
                found[index] = low[node.fact], high[node.fact]
            elif node.op is Op.CONST:
                column = np.full(rows, node.k, np.int64)
                found[index] = column, column
            else:
                found[index] = self._node(node, found)
        return found

    def answered(self, base: Mapping[int, Pair], fact: str, number: int, rows: int) -> dict[int, Pair]:
        """The nodes that change, where the fact is known to be *number* in every row."""
        column = np.full(rows, number, np.int64)
        found = _Over(base)
        for index in self.above(fact):
            node = self.program.nodes[index]
            found[index] = (column, column) if node.op is Op.FACT else self._node(node, found)
        return found

    def _node(self, node: Node, found: Mapping[int, Pair]) -> Pair:
        (al, ah), (bl, bh) = found[node.args[0]], found[node.args[-1]]
        match node.op:
            case Op.ADD:
                return al + bl, ah + bh
            case Op.SUB:
                return al - bh, ah - bl
            case Op.MUL:
                return self._product(node, found)
            case Op.FLOOR_DIV:
                return al // node.k, ah // node.k
            case Op.MIN | Op.AND:
                return np.minimum(al, bl), np.minimum(ah, bh)
            case Op.MAX | Op.OR:
                return np.maximum(al, bl), np.maximum(ah, bh)
            case Op.NOT:
                return 1 - ah, 1 - al
            case Op.IF:
                return _chosen(found[node.args[0]], found[node.args[1]], found[node.args[2]])
        if node.op in _TRUTHS:
            return _compared(node.op, (al, ah), (bl, bh))
        return _alone(self.program.cross_steps[node.k], al, ah)

    def _product(self, node: Node, found: Mapping[int, Pair]) -> Pair:
        (al, ah), (bl, bh) = found[node.args[0]], found[node.args[1]]
        if all(self.program.nodes[arg].lo >= 0 for arg in node.args):
            return al * bl, ah * bh
        corners = np.stack((al * bl, al * bh, ah * bl, ah * bh))
        return corners.min(axis=0), corners.max(axis=0)


class _Over(dict[int, Pair]):
    """What was computed anew, over what was there."""

    def __init__(self, base: Mapping[int, Pair]) -> None:
        super().__init__()
        self.base = base

    def __missing__(self, index: int) -> Pair:
        return self.base[index]


def _compared(op: Op, one: Pair, other: Pair) -> Pair:
    (al, ah), (bl, bh) = one, other
    if op is Op.LT:
        low, high = ah < bl, al < bh
    elif op is Op.LE:
        low, high = ah <= bl, al <= bh
    else:
        low, high = (al == ah) & (al == bl) & (bl == bh), (al <= bh) & (bl <= ah)
    return low.astype(np.int64), high.astype(np.int64)


def _chosen(condition: Pair, one: Pair, other: Pair) -> Pair:
    holds, fails = condition[0] > 0, condition[1] < 1
    low = np.where(holds, one[0], np.where(fails, other[0], np.minimum(one[0], other[0])))
    high = np.where(holds, one[1], np.where(fails, other[1], np.maximum(one[1], other[1])))
    return low, high


def _alone(step: CrossStep, low: Ints, high: Ints) -> Pair:
    if step.kind == "highest" or (step.kind == "quota" and step.limit > 0):
        return low, high
    if step.kind == "quota":
        return np.zeros_like(low), np.zeros_like(high)
    rest = {"part": step.limit, "stop": 0}.get(step.overrun, step.limit // step.unit * step.unit)
    fits, over = high <= step.limit, low > step.limit
    return (
        np.where(fits, low, np.where(over, rest, np.minimum(low, rest))),
        np.where(fits, high, np.where(over, rest, step.limit)),
    )
