"""The oracle: what a program means, in plain integers, column by column. Every backend must give the same numbers.

Slow and short on purpose: one line a kind of node, one function a kind of step over rows. A single case is a
population of one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

from xiepai.policy.facts import EPOCH
from xiepai.policy.ir import CrossStep, Node, Op, Program

Row = Mapping[str, Any]

_ROW: dict[Op, Callable[..., int]] = {
    Op.ADD: lambda a, b: a + b,
    Op.SUB: lambda a, b: a - b,
    Op.MUL: lambda a, b: a * b,
    Op.MIN: min,
    Op.MAX: max,
    Op.IF: lambda c, a, b: a if c else b,
    Op.LT: lambda a, b: int(a < b),
    Op.LE: lambda a, b: int(a <= b),
    Op.EQ: lambda a, b: int(a == b),
    Op.AND: lambda a, b: a & b,
    Op.OR: lambda a, b: a | b,
    Op.NOT: lambda a: 1 - a,
}


def run(program: Program, rows: Sequence[Row]) -> list[list[int]]:
    """Every node's number for every row: ``run(...)[node][row]``. Rows hold whole numbers (and keys of any kind)."""
    columns: list[list[int]] = []
    for node in program.nodes:
        if node.op is Op.STEP:
            columns.append(over_rows(program.cross_steps[node.k], columns[node.args[0]], rows))
        else:
            columns.append(
                [one(node, [columns[arg][index] for arg in node.args], row) for index, row in enumerate(rows)]
            )
    return columns


def awards(program: Program, rows: Sequence[Row]) -> list[int]:
    """The result of every row: fen, or the index of the choice."""
    return run(program, rows)[program.result.node] if rows else []


def one(node: Node, args: list[int], row: Row) -> int:
    if node.op is Op.CONST:
        return node.k
    if node.op is Op.FACT:
        return int(row[node.fact])
    return args[0] // node.k if node.op is Op.FLOOR_DIV else _ROW[node.op](*args)


def over_rows(step: CrossStep, values: list[int], rows: Sequence[Row]) -> list[int]:
    """A step over rows: groups first, then each group in its order."""
    groups: dict[tuple[object, ...], list[int]] = {}
    for index, row in enumerate(rows):
        groups.setdefault(tuple(_key(each, row) for each in step.per), []).append(index)
    after = list(values)
    for members in groups.values():
        if len(rows) > 1:
            for each in reversed(step.order):
                members.sort(key=lambda index, key=each: rows[index][key.fact], reverse=each.descending)  # type: ignore[misc]
        for index, value in zip(members, _KINDS[step.kind](step, [values[index] for index in members]), strict=True):
            after[index] = value
    return after


def _key(name: str, row: Row) -> object:
    """What a row is grouped by; ``year:fact`` is the calendar year of a date. A key nobody gave stands alone."""
    if name.startswith("year:"):
        number = row.get(name[5:])
        return None if number is None else date.fromordinal(int(number) + EPOCH).year
    return row.get(name)


def _highest(_step: CrossStep, values: list[int]) -> list[int]:
    best = values.index(max(values))
    return [value if index == best else 0 for index, value in enumerate(values)]


def _quota(step: CrossStep, values: list[int]) -> list[int]:
    places, after = step.limit, []
    for value in values:
        after.append(value if value > 0 and places > 0 else 0)
        places -= value > 0
    return after


def _cap(step: CrossStep, values: list[int]) -> list[int]:
    """First come: each gets what is left (``part``), or all while the running sum fits (``stop``)."""
    running, after = 0, []
    for value in values:
        left = max(step.limit - running, 0)
        running += value
        after.append(min(value, left) if step.overrun == "part" else value if running <= step.limit else 0)
    return after


def _share(step: CrossStep, values: list[int]) -> list[int]:
    """Pro rata, in whole units; those left over go to nobody, to the first in order, or to the largest remainders."""
    total = sum(values)
    if total <= step.limit:
        return list(values)
    units = step.limit // step.unit
    after = [value * step.limit // (total * step.unit) for value in values]
    left = units - sum(after)
    places = [index for index, value in enumerate(values) if value > 0]
    if step.remainder == "largest":
        places.sort(key=lambda index: -(values[index] * step.limit % (total * step.unit)))
    if step.remainder != "kept":
        for index in places[:left]:
            after[index] += 1
    return [count * step.unit for count in after]


_KINDS: dict[str, Callable[[CrossStep, list[int]], list[int]]] = {
    "highest": _highest,
    "quota": _quota,
    "cap": _cap,
    "share": _share,
}
