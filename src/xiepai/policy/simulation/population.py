"""Populations: one column a fact, drawn at random with a seed. For trying a policy, never for saying what a city has.

A drawn population says nothing about reality. Money and wide numbers are drawn evenly over the logarithm of their
declared range, since evenly over the range nearly every amount would lie above every threshold. The boundary-heavy
draw puts half of all values at a threshold of the policy, one below it or one above it: where mistakes live.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from xiepai.policy import oracle
from xiepai.policy.ir import FactSpec, Node, Op, Program

Columns = dict[str, NDArray[np.int64]]
_COMPARING = frozenset({Op.LT, Op.LE, Op.EQ, Op.MIN, Op.MAX})
_WIDE = 100_000
_ROWS_A_GROUP = 4


def draw(program: Program, rows: int, seed: int, *, boundary_heavy: bool = False) -> Columns:
    """``rows`` cases as whole numbers (see ``docs/policy.md``); the same seed gives the same cases.

    The last key of an order is a number of its own for every row; other keys come about four times each.
    """
    random = np.random.default_rng(seed)
    points = thresholds(program) if boundary_heavy else {}
    unique = {step.order[-1].fact for step in program.cross_steps if step.order}
    return {
        spec.name: _column(spec, rows, random, points.get(spec.name, ()), spec.name in unique) for spec in program.facts
    }


def _column(
    spec: FactSpec, rows: int, random: np.random.Generator, points: tuple[int, ...], unique: bool
) -> NDArray[np.int64]:
    if spec.kind == "key":
        return _key(rows, random, unique)
    if spec.kind in ("yes/no", "choice", "date") or spec.high - spec.low < _WIDE or spec.low < 0:
        found = random.integers(spec.low, spec.high, rows, endpoint=True)
    else:
        found = _log_even(spec, rows, random)
    if not points:
        return found
    near = np.array(points, dtype=np.int64)[random.integers(0, len(points), rows)]
    return np.where(random.random(rows) < 0.5, near, found)


def _key(rows: int, random: np.random.Generator, unique: bool) -> NDArray[np.int64]:
    if unique:
        return random.permutation(rows).astype(np.int64) + 1
    return random.integers(1, max(1, rows // _ROWS_A_GROUP), rows, endpoint=True)


def _log_even(spec: FactSpec, rows: int, random: np.random.Generator) -> NDArray[np.int64]:
    """Evenly over the logarithm; money in whole yuan nine times of ten, as people write it."""
    low, high = max(spec.low, spec.den), spec.high
    found = np.exp(random.uniform(np.log(low), np.log(high), rows)).astype(np.int64)
    if spec.kind == "money":
        found = np.where(random.random(rows) < 0.9, found // 100 * 100, found)
    return np.clip(found, spec.low, high)


def thresholds(program: Program) -> dict[str, tuple[int, ...]]:
    """For each fact the values at which a comparison or a cap turns, with one below and one above, and its ends."""
    found: dict[str, set[int]] = {spec.name: {spec.low, spec.high} for spec in program.facts if spec.kind != "key"}
    below = _facts_below(program)
    for index, node in enumerate(program.nodes):
        if node.op in _COMPARING:
            for name in below[index]:
                for point in _turns(program, node, program.by_name[name]):
                    found[name] |= {point - 1, point, point + 1}
    inside = {name: range(program.by_name[name].low, program.by_name[name].high + 1) for name in found}
    return {name: tuple(sorted(point for point in points if point in inside[name])) for name, points in found.items()}


def _facts_below(program: Program) -> list[tuple[str, ...]]:
    """The facts a node reads, for row rules that read at most four."""
    found: list[set[str] | None] = []
    for node in program.nodes:
        inner = [found[arg] for arg in node.args]
        names = {node.fact} if node.op is Op.FACT else {name for each in inner for name in each or ()}
        found.append(names if node.op is not Op.STEP and None not in inner and len(names) <= 4 else None)
    return [tuple(sorted(names or ())) for names in found]


def _turns(program: Program, node: Node, spec: FactSpec) -> Iterator[int]:
    """Where the sign of the difference of both sides changes along one fact, the other facts at their highest."""
    evaluate = _Evaluator(program, node.args)
    rest = {each.name: each.high for each in program.facts}

    def sign(value: int) -> int:
        left, right = evaluate(rest | {spec.name: value})
        return (left > right) - (left < right)

    low, high = spec.low, spec.high
    first = sign(low)
    if first == sign(high) or spec.kind in ("yes/no", "choice"):
        return
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if sign(middle) == first else (low, middle)
    yield high


class _Evaluator:
    """Two nodes of one case, by the oracle's own words."""

    def __init__(self, program: Program, targets: tuple[int, ...]) -> None:
        self.program, self.targets = program, targets

    def __call__(self, row: dict[str, int]) -> tuple[int, int]:
        known: dict[int, int] = {}
        left, right = self.targets
        return self._value(left, row, known), self._value(right, row, known)

    def _value(self, index: int, row: dict[str, int], known: dict[int, int]) -> int:
        if index not in known:
            node = self.program.nodes[index]
            known[index] = oracle.one(node, [self._value(arg, row, known) for arg in node.args], row)
        return known[index]
