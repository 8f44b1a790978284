"""How a program is run in bulk: stages of row rules with the steps over rows between them.

A node belongs to the stage after the last step over rows it depends on. At the end of a stage only its *frontier*
lives on: what a later stage, a step or an output still reads. Backends print stages; none decides what is needed.
"""

from __future__ import annotations

from collections.abc import Container, Iterable
from dataclasses import dataclass

from xiepai.policy.intervals import bounds
from xiepai.policy.ir import CrossStep, Node, Op, Program

LEAVES = frozenset({Op.CONST, Op.FACT})


@dataclass(frozen=True, slots=True)
class Stage:
    """Row rules up to a step over rows (``step`` is its index, None in the last stage).

    ``nodes`` are computed here, in order; ``frontier`` (facts and constants included) lives on after the stage.
    """

    nodes: tuple[int, ...]
    frontier: tuple[int, ...]
    step: int | None


@dataclass(frozen=True)
class Plan:
    """The stages of a program for chosen outputs, and the columns of the population they read."""

    program: Program
    outputs: tuple[int, ...]
    stages: tuple[Stage, ...]
    facts: tuple[str, ...]
    keys: tuple[str, ...]

    def node(self, index: int) -> Node:
        """The node of an index."""
        return self.program.nodes[index]

    def cross(self, stage: Stage) -> CrossStep:
        """The step over rows a stage ends with."""
        assert stage.step is not None  # noqa: S101 - asked only of stages that end with one
        return self.program.cross_steps[stage.step]

    def uses(self, stage: Stage) -> dict[int, int]:
        """How often each node is read within a stage or after it."""
        found: dict[int, int] = {}
        readers = [arg for index in stage.nodes for arg in self.node(index).args]
        for index in (*readers, *stage.frontier):
            found[index] = found.get(index, 0) + 1
        return found


def plan(program: Program, outputs: Iterable[int] | None = None) -> Plan:
    """The stages that compute ``outputs`` (nodes; the result if none are named)."""
    wanted = tuple(dict.fromkeys(outputs if outputs is not None else (program.result.node,)))
    needed = _needed(program, wanted)
    stage_of = _stage_of(program)
    steps = sorted({program.nodes[index].k for index in needed if program.nodes[index].op is Op.STEP})
    stages = []
    for number, step in enumerate([*steps, None]):
        first = steps[number - 1] + 1 if number else 0
        last = step if step is not None else len(program.cross_steps)
        nodes = [index for index in needed if first <= stage_of[index] <= last and _is_row_rule(program.nodes[index])]
        stages.append(Stage(tuple(nodes), _frontier(program, needed, stage_of, last, step, wanted), step))
    read = [program.nodes[index].fact for index in needed if program.nodes[index].op is Op.FACT]
    grouped = [name for step in steps for name in _columns(program.cross_steps[step])]
    names = dict.fromkeys([*read, *grouped])
    keys = tuple(name for name in names if program.by_name[name].kind == "key")
    return Plan(program, wanted, tuple(stages), tuple(name for name in names if name not in keys), keys)


def to_compute(program: Program, wanted: Iterable[int], known: Container[int]) -> tuple[int, ...]:
    """The nodes to compute for ``wanted`` where those of ``known`` are there already, in order."""
    todo, found = [index for index in wanted if index not in known], set[int]()
    while todo:
        index = todo.pop()
        if index not in found and program.nodes[index].op not in LEAVES:
            found.add(index)
            todo.extend(arg for arg in program.nodes[index].args if arg not in known)
    return tuple(sorted(found))


def vanishes(program: Program, wanted: int, number: int) -> bool:
    """Whether a node is zero for every row to which step ``number`` leaves nothing, whatever its facts are."""
    found: list[tuple[int, int]] = []
    for node in program.nodes[: wanted + 1]:
        if node.op is Op.STEP:
            found.append((0, 0) if node.k == number else (node.lo, node.hi))
        elif node.op is Op.FACT:
            found.append((node.lo, node.hi))
        else:
            found.append(bounds(program, node, [found[arg] for arg in node.args]))
    return found[wanted] == (0, 0)


def grouping(step: CrossStep) -> tuple[tuple[str, bool], ...]:
    """The facts a step groups by; True where only the year of the date counts.

    >>> grouping(CrossStep("cap", 0, 1, ("enterprise", "year:accepted_at"), ()))
    (('enterprise', False), ('accepted_at', True))
    """
    return tuple((name.removeprefix("year:"), name.startswith("year:")) for name in step.per)


def _columns(step: CrossStep) -> list[str]:
    return [name for name, _year in grouping(step)] + [each.fact for each in step.order]


def _is_row_rule(node: Node) -> bool:
    return node.op is not Op.STEP and node.op not in LEAVES


def _needed(program: Program, wanted: tuple[int, ...]) -> list[int]:
    todo, found = list(wanted), set(wanted)
    while todo:
        for arg in program.nodes[todo.pop()].args:
            if arg not in found:
                found.add(arg)
                todo.append(arg)
    return sorted(found)


def _stage_of(program: Program) -> list[int]:
    found: list[int] = []
    for node in program.nodes:
        below = max((found[arg] for arg in node.args), default=0)
        found.append(node.k + 1 if node.op is Op.STEP else below)
    return found


def _frontier(
    program: Program, needed: list[int], stage_of: list[int], last: int, step: int | None, wanted: tuple[int, ...]
) -> tuple[int, ...]:
    """What lives on: read by a later node, an output already computed, and the amount the step changes."""
    alive = {index for index in wanted if stage_of[index] <= last}
    for index in needed:
        if stage_of[index] > last:
            alive |= {arg for arg in program.nodes[index].args if stage_of[arg] <= last}
    if step is not None:
        alive.add(program.cross_steps[step].value)
    return tuple(sorted(alive))
