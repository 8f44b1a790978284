"""A policy over columns in memory, by numba: one fused loop a stage, steps over rows by groups and a radix sort.

For Monte Carlo and "what if" over millions of cases. Columns hold the whole numbers of ``docs/policy.md``; values
outside a fact's range are refused, because the proof that nothing overflows holds inside it. Machine code is kept
between runs (:mod:`cache`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from xiepai.policy.ir import FactSpec, Op, Program
from xiepai.policy.numba_engine import cache, kernels, printer
from xiepai.policy.numba_engine.steps import Steps
from xiepai.policy.stages import Plan, Stage, plan

__all__ = ["Engine", "ValueRangeError", "engine", "run"]
Columns = Mapping[str, NDArray[Any]]
_NARROW = ("yes/no", "choice")


class ValueRangeError(ValueError):
    """A column holds a number outside the range its fact declares, or is missing."""


@dataclass(frozen=True)
class Engine:
    """A program compiled for chosen outputs."""

    plan: Plan
    functions: tuple[Callable[..., None], ...]

    def prepare(self, columns: Columns, rows: int) -> dict[str, NDArray[Any]]:
        """The columns as the loops want them: 64 bits, yes/no and choices 8; ranges checked."""
        found: dict[str, NDArray[Any]] = {}
        for name in (*self.plan.facts, *self.plan.keys):
            spec = self.plan.program.by_name[name]
            if name not in columns:
                if spec.default is None:
                    raise ValueRangeError(f"column {name} ({spec.zh}) is missing and has no default value")
                found[name] = np.full(rows, spec.default, np.int64)
                continue
            column = np.asarray(columns[name])
            if column.dtype.kind not in "iub" or len(column) != rows:
                raise ValueRangeError(f"column {name} ({spec.zh}): {rows} whole numbers wanted, not {column.dtype}")
            if spec.kind != "key" and not _inside(spec, column):
                raise ValueRangeError(f"column {name} ({spec.zh}) leaves its range {spec.low} .. {spec.high}")
            narrow = spec.kind in _NARROW and spec.high < 127
            found[name] = np.ascontiguousarray(column, dtype=np.int8 if narrow else np.int64)
        return found

    def compute(self, prepared: Mapping[str, NDArray[Any]], rows: int, threads: int = 1) -> list[NDArray[np.int64]]:
        """The outputs of prepared columns, in the order they were asked for."""
        have: dict[str, NDArray[Any]] = {f"f_{name}": column for name, column in prepared.items()}
        steps = Steps(prepared, rows)
        for stage, function in zip(self.plan.stages, self.functions, strict=True):
            self._stage(stage, function, have, rows, threads)
            if stage.step is not None:
                step = self.plan.cross(stage)
                after = steps.run(step, self._column(step.value, have, rows))
                places = (
                    index
                    for index, node in enumerate(self.plan.program.nodes)
                    if node.op is Op.STEP and node.k == stage.step
                )
                have |= {f"n{index}": after for index in places}
        return [self._column(index, have, rows) for index in self.plan.outputs]

    def _stage(
        self, stage: Stage, function: Callable[..., None], have: dict[str, NDArray[Any]], rows: int, threads: int
    ) -> None:
        """One stage over all rows; with several threads over slices, since a row rule looks at its own row only."""
        written = {index: np.empty(rows, np.int64) for index in printer.writes(self.plan, stage)}
        columns = [have[name] for name in printer.reads(self.plan, stage)]
        if written:
            ends = np.linspace(0, rows, max(1, threads) + 1).astype(int)
            if threads <= 1:
                function(0, rows, *columns, *written.values())
            else:
                with ThreadPoolExecutor(threads) as pool:
                    slices = pairwise(ends)
                    list(pool.map(lambda ends: function(*ends, *columns, *written.values()), slices))
        have |= {f"n{index}": column for index, column in written.items()}

    def _column(self, index: int, have: Mapping[str, NDArray[Any]], rows: int) -> NDArray[np.int64]:
        node = self.plan.node(index)
        if node.op is Op.CONST:
            return np.full(rows, node.k, np.int64)
        return np.asarray(have[printer.column(self.plan.program, index)], dtype=np.int64)


def engine(program: Program, outputs: tuple[int, ...] | None = None) -> Engine:
    """The program compiled for these nodes (the award if none are named); compiled code is found again."""
    found = plan(program, outputs)
    text = printer.HEAD + "\n".join(
        "\n" + printer.stage_text(found, stage, f"stage_{number}")
        for number, stage in enumerate(found.stages)
        if printer.writes(found, stage)
    )
    functions = _functions(text, len(found.stages))
    return Engine(found, functions)


def _inside(spec: FactSpec, column: NDArray[Any]) -> bool:
    if column.dtype == np.uint64:
        return not len(column) or (spec.low <= int(column.min()) and int(column.max()) <= spec.high)
    low, high = kernels.ends(column.view(np.int8) if column.dtype == np.bool_ else column)
    return not len(column) or bool(spec.low <= low and high <= spec.high)


@lru_cache(maxsize=256)
def _functions(text: str, count: int) -> tuple[Callable[..., None], ...]:
    loaded = cache.module(text)
    return tuple(getattr(loaded, f"stage_{number}", _nothing) for number in range(count))


def _nothing(*_columns: Any) -> None:
    """A stage whose every number was there before it."""


def run(
    program: Program, columns: Columns, outputs: Mapping[str, int] | None = None, threads: int = 1
) -> dict[str, NDArray[np.int64]]:
    """The outputs (nodes by name; the award if none are named) of every row, in the order of the rows.

    >>> from xiepai.policy.ir import FactSpec, Node, Op, Program, Value
    >>> fact = FactSpec("cost", "money", "成本", "cost", "", "money", 1, 0, 1000)
    >>> nodes = (Node(Op.FACT, (), 0, "cost", 0, 1000), Node(Op.FLOOR_DIV, (0,), 3, "", 0, 333))
    >>> tiny = Program("", "sample", "money", (), (), (fact,), nodes, (), (), (), Value(1), by_name={"cost": fact})
    >>> run(tiny, {"cost": np.array([0, 8, 1000])})["award"].tolist()
    [0, 2, 333]
    """
    outputs = outputs or {"award": program.result.node}
    rows = len(next(iter(columns.values()), ()))
    compiled = engine(program, tuple(outputs.values()))
    found = compiled.compute(compiled.prepare(columns, rows), rows, threads)
    by_node = dict(zip(compiled.plan.outputs, found, strict=True))
    return {name: by_node[index] for name, index in outputs.items()}
