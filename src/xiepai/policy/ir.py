"""The intermediate form: a list of integer nodes, each proven to stay below 2⁶³, that every backend prints.

A node refers only to nodes before it, equal nodes are one, constants are folded. A value of the language is a
node (its numerator) over a constant denominator that is no part of the node: 10 % of n fen is ``mul(n, 1)``
over 10. Division exists as floor division by a positive constant and nothing else, so that every engine gives
the same bits. ``docs/policy.md`` describes each kind.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

LIMIT = 2**63 - 1
MAX_NODES = 20_000


class Op(StrEnum):
    """The kinds of node. Truth values are 0 and 1; ``is_bool`` says which nodes hold one."""

    CONST = "const"
    FACT = "fact"
    ADD = "add"
    SUB = "sub"
    MUL = "mul"
    FLOOR_DIV = "floor_div"
    MIN = "min"
    MAX = "max"
    IF = "if"
    LT = "lt"
    LE = "le"
    EQ = "eq"
    AND = "and"
    OR = "or"
    NOT = "not"
    STEP = "step"


_BOOLEAN = frozenset({Op.LT, Op.LE, Op.EQ, Op.AND, Op.OR, Op.NOT})


@dataclass(frozen=True, slots=True)
class Node:
    """One integer a row. ``k``: the constant, the divisor, or the index of the step; ``fact``: the column's name."""

    op: Op
    args: tuple[int, ...] = ()
    k: int = 0
    fact: str = ""
    lo: int = 0
    hi: int = 0
    is_bool: bool = False


@dataclass(frozen=True, slots=True)
class FactSpec:
    """A fact. ``low``/``high``/``default`` are numerators over ``den`` (money: fen; date: days since 1970-01-01;
    choice: index; yes/no: 0, 1). Keys have no number: they only group and order.
    """

    name: str
    kind: str
    zh: str
    en: str
    evidence: str
    unit: str = ""
    den: int = 1
    low: int = 0
    high: int = 1
    default: int | None = None
    choices: tuple[str, ...] = ()
    choice_labels: tuple[str, ...] = ()
    evidence_en: str = ""

    def proof(self, language: str) -> str:
        """The paper that proves it, in English where the file says it in English."""
        return (self.evidence_en or self.evidence) if language == "en" else self.evidence


@dataclass(frozen=True, slots=True)
class Value:
    """A node over a constant denominator, with its type (``money number days date yes/no choice``) and unit."""

    node: int
    den: int = 1
    kind: str = "number"
    unit: str = ""
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition of a measure: as written, its node, and where it comes from (its own clause for a gate)."""

    text: str
    node: int
    clause: str = ""
    source: str = ""
    assumed: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    """One stage of an amount: ``what`` (cap, less, times, round, stage), as written, and the value before and after."""

    what: str
    text: str
    before: Value
    limit: Value | None
    after: Value
    clause: str = ""


@dataclass(frozen=True, slots=True)
class Measure:
    """One measure: ``value`` is what it gives (0 where a condition fails), the rest is how it came about."""

    name: str
    zh: str
    en: str
    clause: str
    text: str
    conditions: tuple[Condition, ...]
    applies: int
    formula: str
    raw: Value
    changes: tuple[Change, ...]
    value: Value
    facts: tuple[str, ...]
    assumed: tuple[str, ...]
    is_in_kind: bool = False


@dataclass(frozen=True, slots=True)
class Order:
    """A key of an order: a fact, ascending or descending."""

    fact: str
    descending: bool = False


@dataclass(frozen=True, slots=True)
class CrossStep:
    """A step over all rows (``docs/policy.md``, "Steps over rows").

    ``kind``: ``highest`` (per group, the first in order of the highest stays), ``quota`` (per group, the first
    ``limit`` rows above zero stay), ``cap`` (first come up to ``limit``; ``overrun`` is ``part`` or ``stop``),
    ``share`` (pro rata down to ``limit`` in whole ``unit``; ``remainder`` is ``kept``, ``first`` or ``largest``).
    ``limit`` and ``unit`` are numerators over the value's denominator. ``per``: facts, or ``year:fact``.
    """

    kind: str
    value: int
    den: int
    per: tuple[str, ...]
    order: tuple[Order, ...]
    limit: int = 0
    overrun: str = ""
    unit: int = 1
    remainder: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """A line of ``then``: what it is, its clause, the amount before and after; ``cross`` names a step over rows."""

    name: str
    what: str
    clause: str
    text: str
    formula: str
    inputs: tuple[str, ...]
    before: Value
    after: Value
    cross: int | None = None
    assumed: str = ""


@dataclass(frozen=True)
class Program:
    """A policy as it stands between two amendments: everything a backend needs.

    ``result`` is the award in fen (``den`` 1), or the index of the choice; ``splits`` are the shares of the levels.
    ``labels`` name what ``assumed`` and ``defined`` hold, in Chinese and English, where the file does.
    """

    title: str
    status: str
    result_kind: str
    choices: tuple[str, ...]
    choice_labels: tuple[str, ...]
    facts: tuple[FactSpec, ...]
    nodes: tuple[Node, ...]
    cross_steps: tuple[CrossStep, ...]
    measures: tuple[Measure, ...]
    steps: tuple[Step, ...]
    result: Value
    splits: tuple[tuple[str, Value], ...] = ()
    assumed: tuple[tuple[str, str, str], ...] = ()
    defined: tuple[tuple[str, str], ...] = ()
    labels: tuple[tuple[str, str, str], ...] = ()
    by_name: dict[str, FactSpec] = field(default_factory=dict, compare=False, repr=False)

    def to_json(self) -> dict[str, Any]:
        """The whole program in plain lists and dictionaries."""
        from dataclasses import asdict

        found = asdict(self)
        found.pop("by_name")
        return found


class OverflowFound(Exception):
    """A node may leave 64 bits; carries the bound and the fact that reaches furthest."""

    def __init__(self, bound: int, fact: str) -> None:
        super().__init__(bound, fact)
        self.bound, self.fact = bound, fact


class TooManyNodes(Exception):
    """A program beyond any real policy."""


class Builder:
    """Makes nodes: folds constants, joins equal nodes, proves every bound.

    >>> b = Builder()
    >>> n = b.fact("revenue", 0, 10**12)
    >>> b.nodes[b.mul(n, b.const(3))].hi, b.min(n, b.const(10**13)) == n
    (3000000000000, True)
    """

    def __init__(self) -> None:
        self.nodes: list[Node] = []
        self._known: dict[Node, int] = {}
        self._constants: dict[tuple[int, bool], int] = {}

    def put(self, node: Node) -> int:
        """Add a node, or find the equal one."""
        if node.lo < -LIMIT or node.hi > LIMIT:
            raise OverflowFound(max(-node.lo, node.hi), self._widest(node))
        found = self._known.get(node)
        if found is None and len(self.nodes) >= MAX_NODES:
            raise TooManyNodes
        if found is None:
            found = self._known[node] = len(self.nodes)
            self.nodes.append(node)
        return found

    def _widest(self, node: Node) -> str:
        facts, todo, seen = [], list(node.args), set()
        while todo:
            index = todo.pop()
            if index not in seen:
                seen.add(index)
                inner = self.nodes[index]
                todo.extend(inner.args)
                if inner.op is Op.FACT:
                    facts.append((inner.hi, inner.fact))
        return max(facts, default=(0, ""))[1]

    def constant(self, index: int) -> int | None:
        """The number a node always is, if it is one."""
        node = self.nodes[index]
        return node.k if node.op is Op.CONST else None

    def bounds(self, index: int) -> tuple[int, int]:
        """The proven bounds of a node."""
        return self.nodes[index].lo, self.nodes[index].hi

    def const(self, k: int, *, is_bool: bool = False) -> int:
        """A constant."""
        found = self._constants.get((k, is_bool))
        if found is None:
            found = self._constants[k, is_bool] = self.put(Node(Op.CONST, (), k, "", k, k, is_bool))
        return found

    def fact(self, name: str, lo: int, hi: int, *, is_bool: bool = False) -> int:
        """The number of a fact."""
        return self.put(Node(Op.FACT, (), 0, name, lo, hi, is_bool))

    def _make(self, op: Op, args: tuple[int, ...], lo: int, hi: int, k: int = 0, is_bool: bool = False) -> int:
        if lo == hi:
            return self.const(lo, is_bool=is_bool or op in _BOOLEAN)
        return self.put(Node(op, args, k, "", lo, hi, is_bool or op in _BOOLEAN))

    def add(self, a: int, b: int) -> int:
        """a + b."""
        (al, ah), (bl, bh) = self.bounds(a), self.bounds(b)
        if self.constant(a) == 0:
            return b
        return a if self.constant(b) == 0 else self._make(Op.ADD, (a, b), al + bl, ah + bh)

    def sub(self, a: int, b: int) -> int:
        """a - b."""
        (al, ah), (bl, bh) = self.bounds(a), self.bounds(b)
        return a if self.constant(b) == 0 else self._make(Op.SUB, (a, b), al - bh, ah - bl)

    def mul(self, a: int, b: int) -> int:
        """a · b; a constant stands second."""
        if self.constant(a) is not None:
            a, b = b, a
        if self.constant(b) == 1:
            return a
        corners = [x * y for x in self.bounds(a) for y in self.bounds(b)]
        return self._make(Op.MUL, (a, b), min(corners), max(corners))

    def floor_div(self, a: int, k: int) -> int:
        """⌊a / k⌋ for a constant k > 0."""
        low, high = self.bounds(a)
        return a if k == 1 else self._make(Op.FLOOR_DIV, (a,), low // k, high // k, k)

    def min(self, a: int, b: int) -> int:
        """The lower of two."""
        (al, ah), (bl, bh) = self.bounds(a), self.bounds(b)
        return a if ah <= bl else b if bh <= al else self._make(Op.MIN, (a, b), min(al, bl), min(ah, bh))

    def max(self, a: int, b: int) -> int:
        """The higher of two."""
        (al, ah), (bl, bh) = self.bounds(a), self.bounds(b)
        return a if al >= bh else b if bl >= ah else self._make(Op.MAX, (a, b), max(al, bl), max(ah, bh))

    def choose(self, c: int, a: int, b: int) -> int:
        """a where c holds, else b."""
        if (known := self.constant(c)) is not None:
            return a if known else b
        (al, ah), (bl, bh) = self.bounds(a), self.bounds(b)
        is_bool = self.nodes[a].is_bool
        return a if a == b else self._make(Op.IF, (c, a, b), min(al, bl), max(ah, bh), 0, is_bool)

    def compare(self, op: Op, a: int, b: int) -> int:
        """a < b, a ≤ b or a = b."""
        (al, ah), (bl, bh) = self.bounds(a), self.bounds(b)
        if op is Op.EQ:
            lo, hi = int(al == ah == bl == bh or a == b), int(al <= bh and bl <= ah)
        elif op is Op.LT:
            lo, hi = int(ah < bl), int(al < bh and a != b)
        else:
            lo, hi = int(ah <= bl or a == b), int(al <= bh)
        return self._make(op, (a, b), lo, hi)

    def both(self, a: int, b: int) -> int:
        """a and b."""
        for one, other in ((a, b), (b, a)):
            if (known := self.constant(one)) is not None:
                return other if known else one
        return a if a == b else self._make(Op.AND, (a, b), 0, 1)

    def either(self, a: int, b: int) -> int:
        """a or b."""
        for one, other in ((a, b), (b, a)):
            if (known := self.constant(one)) is not None:
                return one if known else other
        return a if a == b else self._make(Op.OR, (a, b), 0, 1)

    def negate(self, a: int) -> int:
        """not a."""
        if self.nodes[a].op is Op.NOT:
            return self.nodes[a].args[0]
        known = self.constant(a)
        return self._make(Op.NOT, (a,), 0, 1) if known is None else self.const(1 - known, is_bool=True)

    def step(self, index: int, value: int, hi: int) -> int:
        """The amount of ``value`` after the step over rows number ``index``."""
        return self.put(Node(Op.STEP, (value,), index, "", 0, hi))
