"""A stage of a program as one loop over rows: Python text that numba compiles to machine code.

Only node numbers and names of facts are printed. A fact is read once a row, a node computed once, nothing is kept
but what lives on after the stage. Division by a constant of a number proven positive is unsigned, which is a
multiplication and a shift.
"""

from __future__ import annotations

from xiepai.policy.ir import Node, Op, Program
from xiepai.policy.stages import Plan, Stage

_INFIX = {
    Op.ADD: "+", Op.SUB: "-", Op.MUL: "*", Op.LT: "<", Op.LE: "<=", Op.EQ: "==", Op.AND: "&", Op.OR: "|",
}  # fmt: skip
HEAD = '''"""Written by xiepai.policy.numba_engine; safe to delete."""
from numba import njit
from numpy import int64, uint64
'''


def reads(found: Plan, stage: Stage) -> tuple[str, ...]:
    """The columns a stage reads: facts, then what earlier stages kept (``n12``)."""
    inside = set(stage.nodes)
    args = [arg for index in stage.nodes for arg in found.node(index).args] + list(stage.frontier)
    outside = sorted({arg for arg in args if arg not in inside and found.node(arg).op is not Op.CONST})
    return tuple(column(found.program, arg) for arg in outside)


def column(program: Program, index: int) -> str:
    """What a node's column is called."""
    node = program.nodes[index]
    return f"f_{node.fact}" if node.op is Op.FACT else f"n{index}"


def writes(found: Plan, stage: Stage) -> tuple[int, ...]:
    """The nodes a stage computes that live on."""
    return tuple(index for index in stage.frontier if index in set(stage.nodes))


def stage_text(found: Plan, stage: Stage, name: str) -> str:
    """The function of a stage: ``name(first, last, columns read…, columns written…)``."""
    columns, kept = reads(found, stage), writes(found, stage)
    lines = [
        "@njit(cache=True, nogil=True, error_model='numpy', boundscheck=False)",
        f"def {name}(first, last, {', '.join([f'c_{each}' for each in columns] + [f'o_{index}' for index in kept])}):",
        "    for row in range(first, last):",
    ]
    lines += [f"        {each} = int64(c_{each}[row])" for each in columns]
    lines += [f"        n{index} = {_node(found, index)}" for index in stage.nodes]
    lines += [f"        o_{index}[row] = n{index}" for index in kept]
    return "\n".join(lines) + "\n"


def _node(found: Plan, index: int) -> str:
    node = found.node(index)
    inner = [found.node(arg) for arg in node.args]
    args = [_argument(found, arg) for arg in node.args]
    if node.op is Op.FLOOR_DIV:
        if inner[0].lo >= 0:
            return f"int64(uint64({args[0]}) // uint64({node.k}))"
        return f"{args[0]} // int64({node.k})"
    if node.op is Op.NOT:
        return f"int64(1) - {args[0]}"
    if node.op is Op.IF:
        return f"{args[1]} if {args[0]} else {args[2]}"
    if node.op in (Op.MIN, Op.MAX):
        return f"{args[0]} if {args[0]} {'<' if node.op is Op.MIN else '>'} {args[1]} else {args[1]}"
    if node.op in (Op.LT, Op.LE, Op.EQ):
        return f"int64({args[0]} {_INFIX[node.op]} {args[1]})"
    return f"{args[0]} {_INFIX[node.op]} {args[1]}"


def _argument(found: Plan, index: int) -> str:
    node: Node = found.node(index)
    return f"int64({node.k})" if node.op is Op.CONST else column(found.program, index)
