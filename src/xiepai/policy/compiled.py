"""One case, fast: a program printed as one Python function, compiled once.

The function takes the numbers of the facts and returns the numbers of the nodes an explanation reads. Only node
numbers are printed, never a word from the file, so nothing in a policy can become code.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from xiepai.policy.intervals import below
from xiepai.policy.ir import CrossStep, Node, Op, Program, Value

Function = Callable[[Mapping[str, int]], tuple[int, ...]]
_INFIX = {Op.ADD: "+", Op.SUB: "-", Op.MUL: "*", Op.LT: "<", Op.LE: "<=", Op.EQ: "==", Op.AND: "and", Op.OR: "or"}
_DEEPEST = 12


def shown_nodes(program: Program) -> tuple[int, ...]:
    """The nodes an explanation reads, each once: conditions, amounts before and after each change, steps, result."""
    found = [program.result.node, *(value.node for _name, value in program.splits)]
    for measure in program.measures:
        found += [measure.applies, measure.raw.node, measure.value.node]
        found += [condition.node for condition in measure.conditions]
        for change in measure.changes:
            found += [value.node for value in (change.before, change.limit, change.after) if isinstance(value, Value)]
    for step in program.steps:
        found += [step.before.node, step.after.node]
    return tuple(dict.fromkeys(found))


def compile_program(program: Program, shown: Sequence[int] | None = None) -> tuple[Function, dict[int, int]]:
    """The function, and where each shown node stands in what it returns; without a choice what an explanation reads."""
    shown = shown_nodes(program) if shown is None else shown
    printer = _Printer(program, set(shown))
    results = [printer.name(node) for node in shown]
    lines = ["def evaluate(facts):", *printer.lines, f"    return ({', '.join(results)},)"]
    space: dict[str, Function] = {}
    exec(compile("\n".join(lines), "<policy>", "exec"), {"__builtins__": {}}, space)  # noqa: S102 - node numbers only
    return space["evaluate"], {node: place for place, node in enumerate(shown)}


class _Printer:
    def __init__(self, program: Program, shown: set[int]) -> None:
        self.program, self.shown = program, shown
        self.lines: list[str] = []
        self.done: dict[int, tuple[str, int]] = {}
        needed = below(program, shown)
        self.uses: dict[int, int] = {}
        for index in needed:
            for arg in program.nodes[index].args:
                self.uses[arg] = self.uses.get(arg, 0) + 1
        for index in sorted(needed):
            self._print(index)

    def name(self, index: int) -> str:
        return self.done[index][0]

    def _print(self, index: int) -> None:
        node = self.program.nodes[index]
        depth = 1 + max((self.done[arg][1] for arg in node.args), default=0)
        if node.op is Op.CONST:
            self.done[index] = (repr(node.k), 0)
            return
        written = self._written(node)
        once = self.uses.get(index, 0) == 1 and index not in self.shown and node.op is not Op.FACT
        if once and depth < _DEEPEST and not self._read_twice(index):
            self.done[index] = (f"({written})", depth)
            return
        self.lines.append(f"    n{index} = {written}")
        self.done[index] = (f"n{index}", 0)

    def _read_twice(self, index: int) -> bool:
        """A node below min, max or a step is written twice, so it gets a name."""
        if not hasattr(self, "_twice"):
            twice = (node.args for node in self.program.nodes if node.op in (Op.MIN, Op.MAX, Op.STEP))
            self._twice = {arg for args in twice for arg in args}
        return index in self._twice

    def _written(self, node: Node) -> str:
        args = [self.name(arg) for arg in node.args]
        if node.op is Op.FACT:
            return f"facts[{node.fact!r}]"
        if node.op in _INFIX:
            return f"{args[0]} {_INFIX[node.op]} {args[1]}"
        if node.op is Op.FLOOR_DIV:
            return f"{args[0]} // {node.k}"
        if node.op is Op.IF:
            return f"{args[1]} if {args[0]} else {args[2]}"
        if node.op is Op.NOT:
            return f"not {args[0]}"
        if node.op is Op.STEP:
            return alone(self.program.cross_steps[node.k], args[0])
        return f"{args[0]} if {args[0]} {'<' if node.op is Op.MIN else '>'} {args[1]} else {args[1]}"


def alone(step: CrossStep, value: str) -> str:
    """A step over rows as it stands for one case by itself."""
    if step.kind == "highest":
        return value
    if step.kind == "quota":
        return value if step.limit > 0 else "0"
    rest = {"part": step.limit, "stop": 0}.get(step.overrun, step.limit // step.unit * step.unit)
    return f"{value} if {value} <= {step.limit} else {rest}"
