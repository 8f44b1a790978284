"""What can be read off the nodes without a solver: which way a node moves when one fact grows, and by how much at most.

Both are sound: a direction or a bound given here holds for every case; where the nodes do not show it, the answer
is "mixed" or a wide bound, and the solver is asked.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from enum import IntEnum

from xiepai.policy.ir import CrossStep, Node, Op, Program


class Way(IntEnum):
    """How a node moves when the fact grows and nothing else changes."""

    DOWN = -1
    FLAT = 0
    UP = 1
    MIXED = 2


def turned(way: Way) -> Way:
    """The other way round."""
    return way if way is Way.MIXED else Way(-way)


def joined(one: Way, other: Way) -> Way:
    """Both at once.

    >>> joined(Way.UP, Way.FLAT).name, joined(Way.UP, Way.DOWN).name
    ('UP', 'MIXED')
    """
    if Way.FLAT in (one, other):
        return other if one is Way.FLAT else one
    return one if one is other else Way.MIXED


def ways(program: Program, fact: str) -> list[Way]:
    """The direction of every node in one fact."""
    found: list[Way] = []
    for node in program.nodes:
        found.append(_way(program, node, fact, found))
    return found


def _way(program: Program, node: Node, fact: str, known: list[Way]) -> Way:
    args = [known[arg] for arg in node.args]
    match node.op:
        case Op.CONST:
            return Way.FLAT
        case Op.FACT:
            return Way.UP if node.fact == fact else Way.FLAT
        case Op.ADD | Op.MIN | Op.MAX | Op.AND | Op.OR:
            return joined(*args)
        case Op.SUB:
            return joined(args[0], turned(args[1]))
        case Op.LT | Op.LE:
            return joined(turned(args[0]), args[1])
        case Op.EQ:
            return Way.FLAT if args == [Way.FLAT, Way.FLAT] else Way.MIXED
        case Op.NOT:
            return turned(args[0])
        case Op.FLOOR_DIV:
            return args[0]
        case Op.MUL:
            return _product(program, node, args)
        case Op.IF:
            return _choice(program, node, args)
    return _alone(program.cross_steps[node.k], program.nodes[node.args[0]], args[0])


def _product(program: Program, node: Node, args: list[Way]) -> Way:
    def scaled(way: Way, other: Node) -> Way:
        if way is Way.FLAT:
            return way
        return way if other.lo >= 0 else turned(way) if other.hi <= 0 else Way.MIXED

    one, other = (program.nodes[arg] for arg in node.args)
    return joined(scaled(args[0], other), scaled(args[1], one))


def _choice(program: Program, node: Node, args: list[Way]) -> Way:
    """Where the condition turns true as the fact grows, the step from the second branch to the first counts too."""
    branches = joined(args[1], args[2])
    if args[0] is Way.FLAT:
        return branches
    yes, no = (program.nodes[arg] for arg in node.args[1:])
    step = Way.UP if yes.lo >= no.hi else Way.DOWN if yes.hi <= no.lo else Way.MIXED
    if args[0] is Way.MIXED or step is Way.MIXED:
        return Way.MIXED
    return joined(branches, step if args[0] is Way.UP else turned(step))


def _alone(step: CrossStep, before: Node, way: Way) -> Way:
    if step.kind == "cap" and step.overrun == "stop" and before.hi > step.limit:
        return Way.FLAT if way is Way.FLAT else Way.MIXED
    if step.kind == "share" and step.limit % step.unit and before.hi > step.limit:
        return Way.FLAT if way is Way.FLAT else Way.MIXED
    return way


def reads(program: Program) -> list[frozenset[str]]:
    """Which facts every node depends on."""
    found: list[frozenset[str]] = []
    for node in program.nodes:
        own = frozenset({node.fact} if node.op is Op.FACT else ())
        found.append(own.union(*(found[arg] for arg in node.args)))
    return found


def turning_points(
    program: Program, fact: str, known: list[Way], depends: list[frozenset[str]], value: Callable[[int, int], int]
) -> dict[int, tuple[int, ...]]:
    """For every condition that depends on this fact alone and turns at most once: the last number before it turns.

    ``value(node, number)`` computes a node with the fact at a number.
    """
    spec = program.by_name[fact]
    found: dict[int, tuple[int, ...]] = {}
    for index, node in enumerate(program.nodes):
        if not node.is_bool or depends[index] != {fact}:
            continue
        if node.op is Op.EQ and known[index] is Way.MIXED:
            found.update(_equal(program, index, node, fact))
        elif known[index] in (Way.UP, Way.DOWN):
            low, high = spec.low, spec.high
            first = value(index, low)
            if value(index, high) == first:
                found[index] = ()
                continue
            while high - low > 1:
                middle = (low + high) // 2
                low, high = (middle, high) if value(index, middle) == first else (low, middle)
            found[index] = (low,)
    return found


def _equal(program: Program, index: int, node: Node, fact: str) -> dict[int, tuple[int, ...]]:
    one, other = (program.nodes[arg] for arg in node.args)
    if one.op is Op.FACT and other.op is Op.CONST:
        return {index: (other.k - 1, other.k)}
    return {}


def steepest(program: Program, fact: str, steady: Collection[int]) -> list[int]:
    """The most every node can change when the fact grows by one unit, where the conditions in ``steady`` do not turn.
    For a condition: 0 if it cannot turn, else 1."""
    found: list[int] = []
    for index, node in enumerate(program.nodes):
        found.append(0 if index in steady else _steep(program, node, fact, found))
    return found


def _steep(program: Program, node: Node, fact: str, known: list[int]) -> int:
    args = [known[arg] for arg in node.args]
    nodes = [program.nodes[arg] for arg in node.args]
    span = node.hi - node.lo
    if node.op is Op.FACT:
        return int(node.fact == fact)
    if not any(args):
        return 0
    match node.op:
        case Op.ADD | Op.SUB:
            change = args[0] + args[1]
        case Op.MUL:
            sizes = [max(abs(each.lo), abs(each.hi)) for each in nodes]
            change = args[0] * sizes[1] + args[1] * sizes[0]
        case Op.FLOOR_DIV:
            change = -(-args[0] // node.k)
        case Op.MIN | Op.MAX:
            change = max(args)
        case Op.IF if not args[0]:
            change = max(args[1:])
        case Op.STEP if _is_smooth(program.cross_steps[node.k]):
            change = args[0]
        case _:
            change = span
    return min(change, span)


def _is_smooth(step: CrossStep) -> bool:
    """Whether the step, for one case by itself, is the amount, the lower of amount and limit, or nothing."""
    if step.kind == "share":
        return step.limit % step.unit == 0
    return step.kind in ("highest", "quota") or step.overrun == "part"
