"""What is already certain: facts known so far give every node a range, and name the fact to ask next.

A fact not given ranges over all it may be; a range never leaves out a possible award (it may hold a little
more, where one unknown fact works twice). The next fact is the one whose answers leave the narrowest range on
average, over its ends and every threshold it is compared with; equal ones go in the order of the file.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import Any

from xiepai.policy.ir import CrossStep, FactSpec, Node, Op, Program

Range = tuple[int, int]


def ranges(
    program: Program,
    known: Mapping[str, int],
    limits: Mapping[str, Range] | None = None,
    fixed: Mapping[int, Range] | None = None,
) -> list[Range]:
    """The range of every node under what is known; ``limits`` narrow facts that are not, ``fixed`` sets nodes."""
    fixed = fixed or {}
    found: list[Range] = [fixed.get(index, (0, 0)) for index in range(len(program.nodes))]
    _fill(program, (index for index in range(len(found)) if index not in fixed), known, limits or {}, found)
    return found


def range_of(program: Program, top: int, known: Mapping[str, int], limits: Mapping[str, Range] | None = None) -> Range:
    """The range of one node; only what it hangs on is looked at."""
    found: dict[int, Range] = {}
    _fill(program, sorted(below(program, [top])), known, limits or {}, found)
    return found[top]


def _fill(
    program: Program, order: Iterable[int], known: Mapping[str, int], limits: Mapping[str, Range], found: Any
) -> None:
    for index in order:
        node = program.nodes[index]
        if node.op is Op.FACT:
            number = known.get(node.fact)
            found[index] = limits.get(node.fact, (node.lo, node.hi)) if number is None else (number, number)
        else:
            found[index] = bounds(program, node, [found[arg] for arg in node.args])


def below(program: Program, tops: Iterable[int]) -> set[int]:
    """The nodes some nodes hang on, themselves included."""
    todo = list(tops)
    found = set(todo)
    while todo:
        for arg in program.nodes[todo.pop()].args:
            if arg not in found:
                found.add(arg)
                todo.append(arg)
    return found


def bounds(program: Program, node: Node, args: list[Range]) -> Range:
    """The range of a node from those of its arguments; a step over rows as it works on one case alone."""
    if node.op is Op.CONST:
        return node.k, node.k
    (al, ah), (bl, bh) = args[0], args[1] if len(args) > 1 else (0, 0)
    match node.op:
        case Op.ADD:
            return al + bl, ah + bh
        case Op.SUB:
            return al - bh, ah - bl
        case Op.MUL:
            corners = (al * bl, al * bh, ah * bl, ah * bh)
            return min(corners), max(corners)
        case Op.FLOOR_DIV:
            return al // node.k, ah // node.k
        case Op.MIN | Op.AND:
            return min(al, bl), min(ah, bh)
        case Op.MAX | Op.OR:
            return max(al, bl), max(ah, bh)
        case Op.LT:
            return int(ah < bl), int(al < bh)
        case Op.LE:
            return int(ah <= bl), int(al <= bh)
        case Op.EQ:
            return int(al == ah == bl == bh), int(al <= bh and bl <= ah)
        case Op.NOT:
            return 1 - ah, 1 - al
        case Op.IF:
            return args[1] if al else args[2] if not ah else (min(bl, args[2][0]), max(bh, args[2][1]))
    return _alone(program.cross_steps[node.k], al, ah)


def _alone(step: CrossStep, low: int, high: int) -> Range:
    if step.kind == "highest" or (step.kind == "quota" and step.limit > 0):
        return low, high
    if step.kind == "quota":
        return 0, 0
    if high <= step.limit:
        return low, high
    rest = {"part": step.limit, "stop": 0}.get(step.overrun, step.limit // step.unit * step.unit)
    return (rest, rest) if low > step.limit else (min(low, rest), step.limit)


def result_range(program: Program, known: Mapping[str, int]) -> Range:
    """The range of the result."""
    return range_of(program, program.result.node, known)


def next_fact(program: Program, known: Mapping[str, int]) -> FactSpec | None:
    """The fact whose answer narrows the result most; nothing where the result is certain."""
    low, high = result_range(program, known)
    if low == high:
        return None
    best: tuple[Fraction, int] | None = None
    numbered = {node.fact for node in program.nodes if node.op is Op.FACT}
    for place, spec in enumerate(program.facts):
        if spec.name in known or spec.name not in numbered:
            continue
        answers = candidates(program, spec)
        widths = [high - low for low, high in (result_range(program, {**known, spec.name: each}) for each in answers)]
        score = (Fraction(sum(widths), len(widths)), place)
        best = score if best is None or score < best else best
    return program.facts[best[1]] if best else None


def candidates(program: Program, spec: FactSpec) -> list[int]:
    """The answers worth trying: both ends, and around every constant the fact is compared with."""
    if spec.kind in ("yes/no", "choice"):
        return list(range(spec.low, spec.high + 1))
    found = {spec.low, spec.high}
    for number in thresholds(program, spec.name):
        found.update(each for each in (number - 1, number, number + 1) if spec.low <= each <= spec.high)
    return sorted(found)


def thresholds(program: Program, fact: str) -> list[int]:
    """The numbers at which a comparison of this fact alone turns, whatever it was multiplied with."""
    return all_thresholds(program).get(fact, [])


def all_thresholds(program: Program, among: Iterable[int] | None = None) -> dict[str, list[int]]:
    """The same for every fact that has any, over all nodes or some."""
    found: dict[str, set[int]] = {}
    for index in range(len(program.nodes)) if among is None else among:
        node = program.nodes[index]
        if node.op not in (Op.LT, Op.LE, Op.EQ, Op.MIN, Op.MAX):
            continue
        for one, other in (node.args, node.args[::-1]):
            constant, side, factor = program.nodes[other], program.nodes[one], 1
            if side.op is Op.MUL and program.nodes[side.args[1]].op is Op.CONST:
                side, factor = program.nodes[side.args[0]], program.nodes[side.args[1]].k
            if constant.op is Op.CONST and side.op is Op.FACT and factor:
                found.setdefault(side.fact, set()).add(constant.k // factor)
    return {fact: sorted(numbers) for fact, numbers in found.items()}
