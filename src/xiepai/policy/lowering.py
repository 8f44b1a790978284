"""Third pass: an expression becomes typed nodes. Types and units are checked here and nowhere else.

Money joins only money, days only days, a counting word only itself or a bare number. A choice compares only
with its own words. A division by a constant is exact; a division by a fact may stand only in a comparison,
where both sides are multiplied out (and the comparison fails where the divisor is 0).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from math import lcm

from xiepai.policy import expressions
from xiepai.policy.entries import near, overflow
from xiepai.policy.expressions import Expr, Number
from xiepai.policy.facts import EPOCH
from xiepai.policy.ir import Builder, FactSpec, Op, OverflowFound, Value
from xiepai.policy.messages import Code, PolicyError
from xiepai.policy.source import Source, Text, Tree


@dataclass(frozen=True, slots=True)
class Ratio:
    """A division by a fact: allowed only inside a comparison."""

    above: Value
    below: Value


Lowered = Value | Ratio
_MIRROR = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "==": "==", "!=": "!="}


class Lowerer:
    """Lowers expressions over a scope of names; remembers which names were used."""

    def __init__(self, source: Source, builder: Builder, facts: Mapping[str, FactSpec]) -> None:
        self.source, self.b, self.facts = source, builder, facts
        self.scope: dict[str, Lowered] = {}
        self.labels = {spec.zh: name for name, spec in facts.items() if spec.zh not in facts}
        self.labels |= {spec.en: name for name, spec in facts.items() if spec.en not in facts}
        self.units = frozenset(spec.unit for spec in facts.values() if spec.kind == "number" and spec.unit)
        self.choices = {label for spec in facts.values() for label in spec.choice_labels + spec.choices}
        self.words = frozenset({*self.labels, *self.choices})
        """What a run of Chinese is cut at; names of the scope are ASCII and need no cutting."""
        self.used: set[str] = set()
        self.broken: set[str] = set()
        """Names whose own line is wrong: told there, not again where they are used."""
        self.decided: list[tuple[Text, Expr, bool]] = []
        self.exact: list[tuple[Text, Expr]] = []
        """Amounts compared with a single "=": read as exactly equal, which is seldom meant."""
        for spec in facts.values():
            if spec.kind != "key":
                node = self.b.fact(spec.name, spec.low, spec.high, is_bool=spec.kind == "yes/no")
                self.scope[spec.name] = Value(node, spec.den, spec.kind, spec.unit, spec.choices)

    def parse(self, where: Text) -> Expr:
        """The tree of a text, with the names of this scope."""
        key = (where.text, self.words, self.units)
        found = self.source.trees.get(key)
        if found is None:
            found = self.source.trees[key] = expressions.parse(self.source, where, *key[1:])
        return found

    def value(self, where: Text, kind: str = "") -> Value:
        """The value of a text; ``kind`` says what it must be."""
        return self.typed(self.parse(where), where, kind)

    def typed(self, tree: Expr, where: Text, kind: str = "") -> Value:
        """The same for a tree already parsed."""
        try:
            found = self._lower(tree, where)
        except OverflowFound as error:
            raise PolicyError([overflow(self.source, where, error)]) from None
        if isinstance(found, Ratio):
            raise self._fail(Code.DIVISION, tree, where)
        if kind and found.kind != kind:
            if kind == "yes/no":
                raise self._fail(Code.NOT_A_CONDITION, tree, where, found=found.kind)
            if kind == "money" and found.kind == "number" and tree.op == "num":
                written = self._written(tree, where)
                hint = ("write", f"{written}元")
                raise self._fail(Code.UNIT_MISSING, tree, where, value=written, wanted=kind, hint=hint)
            raise self._fail(Code.NOT_AN_AMOUNT, tree, where, wanted=kind, found=found.kind)
        return found

    def constant(self, where: Text, kind: str) -> Fraction:
        """A fixed number: a literal, a parameter, or arithmetic of them."""
        found = self.value(where, kind)
        number = self.b.constant(found.node)
        if number is None:
            raise self.source.error(Code.NOT_CONSTANT, where)
        return Fraction(number, found.den)

    def _written(self, tree: Expr, where: Text) -> str:
        return where.text[tree.start : tree.end]

    def _fail(self, code: Code, tree: Expr, where: Text, **data: object) -> PolicyError:
        return self.source.error(code, where, tree.start, tree.end - tree.start, **data)

    def _lower(self, tree: Expr, where: Text) -> Lowered:
        match tree.op:
            case "num":
                return self._number(tree.args[0])
            case "date":
                found = tree.args[0]
                assert isinstance(found, date)  # noqa: S101 - what the parser made
                return Value(self.b.const(found.toordinal() - EPOCH), 1, "date")
            case "bool":
                return Value(self.b.const(int(bool(tree.args[0])), is_bool=True), 1, "yes/no")
            case "name":
                return self._name(tree, where)
            case "and" | "or":
                left, right = (self.typed(inner, where, "yes/no").node for inner in tree.inner())
                return Value((self.b.both if tree.op == "and" else self.b.either)(left, right), 1, "yes/no")
            case "not":
                return Value(self.b.negate(self.typed(tree.inner()[0], where, "yes/no").node), 1, "yes/no")
            case "in":
                return self._in(tree, where)
            case "if":
                return self._if(tree, where)
            case "call":
                return self._call(tree, where)
            case "neg":
                inner = self.typed(tree.inner()[0], where)
                return replace(inner, node=self.b.sub(self.b.const(0), inner.node))
            case "+" | "-":
                return self._sum(tree, where)
            case "*" | "/":
                return self._product(tree, where)
        return self._compare(tree, where)

    def _number(self, literal: object) -> Value:
        assert isinstance(literal, Number)  # noqa: S101 - what the parser made
        kind = literal.unit if literal.unit in ("money", "days") else "number"
        return Value(self.b.const(literal.value.numerator), literal.value.denominator, kind, literal.unit)

    def _name(self, tree: Expr, where: Text) -> Lowered:
        name = str(tree.args[0])
        name = self.labels.get(name, name)
        self.used.add(name)
        if name in self.scope:
            return self.scope[name]
        if name in self.broken:
            raise PolicyError([])
        hint = near(name, [*self.scope, *self.labels])
        raise self._fail(Code.UNKNOWN_NAME, tree, where, name=name, hint=hint)

    def scaled(self, value: Value, den: int) -> int:
        """The numerator of a value over a multiple of its denominator."""
        return self.b.mul(value.node, self.b.const(den // value.den))

    def aligned(self, left: Value, right: Value) -> tuple[int, int, int]:
        """Two numerators over one denominator."""
        den = lcm(left.den, right.den)
        return self.scaled(left, den), self.scaled(right, den), den

    def _same(self, left: Value, right: Value, tree: Expr, where: Text, action: str) -> None:
        """Refuse what has different types or units; a bare number goes with a counting word."""
        if left.kind == right.kind and (
            left.unit == right.unit or left.kind != "number" or "" in (left.unit, right.unit)
        ):
            return
        for one, other, side in ((left, right, 0), (right, left, 1)):
            bare = tree.inner()[side] if side < len(tree.inner()) else tree
            if one.kind == "number" and not one.unit and other.kind in ("money", "days") and bare.op == "num":
                written = self._written(bare, where)
                hint = ("write", written + ("元" if other.kind == "money" else "天"))
                raise self._fail(Code.UNIT_MISSING, bare, where, value=written, wanted=other.kind, hint=hint)
        names = {"left": left.unit or left.kind, "right": right.unit or right.kind}
        raise self._fail(Code.TYPE_MISMATCH, tree, where, action=action, **names)

    def _sum(self, tree: Expr, where: Text) -> Value:
        left, right = (self.typed(inner, where) for inner in tree.inner())
        dated = left.kind == "date"
        if dated and right.kind == "days":
            pass
        elif dated and right.kind == "date" and tree.op == "-":
            left = replace(left, kind="days", unit="days")
        else:
            self._same(left, right, tree, where, "add" if tree.op == "+" else "subtract")
            if left.kind not in ("money", "number", "days"):
                raise self._fail(Code.NOT_AN_AMOUNT, tree, where, wanted="number", found=left.kind)
        a, b, den = self.aligned(left, right)
        return replace(
            left, node=(self.b.add if tree.op == "+" else self.b.sub)(a, b), den=den, unit=left.unit or right.unit
        )

    def _product(self, tree: Expr, where: Text) -> Lowered:
        left, right = (self.typed(inner, where) for inner in tree.inner())
        for each, inner in zip((left, right), tree.inner(), strict=True):
            if each.kind not in ("money", "number", "days"):
                raise self._fail(Code.NOT_AN_AMOUNT, inner, where, wanted="number", found=each.kind)
        if tree.op == "*":
            if left.kind == right.kind == "money":
                raise self._fail(Code.MONEY_TIMES_MONEY, tree, where)
            return self.times(left, right)
        below = self.b.constant(right.node)
        if below is None:
            self._same(left, right, tree, where, "compare")
            if self.b.bounds(right.node)[0] < 0:
                raise self._fail(Code.DIVISION, tree, where)
            return Ratio(left, right)
        if below <= 0:
            raise self._fail(Code.DIVISION, tree, where)
        kind, unit = ("number", "") if left.kind == right.kind else (left.kind, left.unit)
        if right.kind in ("money", "days") and left.kind != right.kind:
            self._same(left, right, tree, where, "compare")
        return reduced(self.b, Value(self.b.mul(left.node, self.b.const(right.den)), left.den * below, kind, unit))

    def times(self, left: Value, right: Value) -> Value:
        """The product; constants are cancelled against denominators first."""
        main = left if left.kind in ("money", "days") or right.kind == "number" else right
        kind = "money" if "money" in (left.kind, right.kind) else main.kind
        unit = main.unit if kind in ("money", "days") else ""
        for one, other in ((left, right), (right, left)):
            if (number := self.b.constant(one.node)) is not None:
                factor = Fraction(number, one.den * other.den)
                node = self.b.mul(other.node, self.b.const(factor.numerator))
                return Value(node, factor.denominator, kind, unit)
        return Value(self.b.mul(left.node, right.node), left.den * right.den, kind, unit)

    def pick(self, condition: int, yes: Value, no: Value) -> Value:
        """One of two values over one denominator."""
        a, b, den = self.aligned(yes, no)
        return replace(yes, node=self.b.choose(condition, a, b), den=den, unit=yes.unit or no.unit)

    def extreme(self, low: bool, left: Value, right: Value) -> Value:
        """The lower or the higher of two values; one that always wins keeps its own denominator."""
        a, b, den = self.aligned(left, right)
        node = (self.b.min if low else self.b.max)(a, b)
        for side, each in ((a, left), (b, right)):
            if node == side and a != b:
                return each
        return replace(left, node=node, den=den)

    def _if(self, tree: Expr, where: Text) -> Value:
        condition, yes, no = tree.inner()
        left, right = self.typed(yes, where), self.typed(no, where)
        self._same(left, right, tree, where, "join")
        return self.pick(self.typed(condition, where, "yes/no").node, left, right)

    def _call(self, tree: Expr, where: Text) -> Value:
        name, inner = expressions.FUNCTIONS.get(str(tree.args[0]), ""), tree.inner()
        if not name or len(inner) < (1 if name == "count" else 2) or (name in ("excess", "down") and len(inner) != 2):
            listed = "、".join(expressions.FUNCTIONS)
            hint = near(str(tree.args[0]), expressions.FUNCTIONS)
            raise self._fail(Code.UNKNOWN_FUNCTION, tree, where, name=tree.args[0], functions=listed, hint=hint)
        if name == "count":
            return self._count([self.typed(each, where, "yes/no").node for each in inner])
        values = [self.typed(each, where) for each in inner]
        for each in values[1:]:
            self._same(values[0], each, tree, where, "compare")
        if values[0].kind not in ("money", "number", "days"):
            raise self._fail(Code.NOT_AN_AMOUNT, tree, where, wanted="number", found=values[0].kind)
        if name == "excess":
            return excess(self, values[0], values[1])
        if name == "down":
            return self.rounded(
                values[0], self.constant(replace(where, text=self._written(inner[1], where)), ""), "down"
            )
        found = values[0]
        for each in values[1:]:
            found = self.extreme(name == "min", found, each)
        return found

    def _count(self, conditions: list[int]) -> Value:
        total = self.b.const(0)
        for each in conditions:
            total = self.b.add(total, self.b.choose(each, self.b.const(1), self.b.const(0)))
        return Value(total, 1, "number")

    def rounded(self, value: Value, unit: Fraction, mode: str) -> Value:
        """``value`` in whole ``unit``: down, up, or half up; floor division, so the same bits everywhere."""
        above, below = unit.denominator, value.den * unit.numerator
        node = self.b.mul(value.node, self.b.const(above * (2 if mode == "half up" else 1)))
        if mode != "down":
            node = self.b.add(node, self.b.const(below if mode == "half up" else below - 1))
        node = self.b.floor_div(node, below * (2 if mode == "half up" else 1))
        return reduced(
            self.b, replace(value, node=self.b.mul(node, self.b.const(unit.numerator)), den=unit.denominator)
        )

    def _in(self, tree: Expr, where: Text) -> Value:
        left, *options = tree.inner()
        found = self.b.const(0, is_bool=True)
        for each in options:
            equal = self._lower(Expr("==", (left, each), tree.start, tree.end), where)
            assert isinstance(equal, Value)  # noqa: S101 - a comparison is a value
            found = self.b.either(found, equal.node)
        return Value(found, 1, "yes/no")

    def _compare(self, tree: Expr, where: Text) -> Value:
        one, other, op = *tree.inner(), tree.op
        choice = self._choices(one, other, where) or self._choices(other, one, where)
        if choice:
            return self._equal(choice[0], choice[1], tree, where)
        left, right = self._lower(one, where), self._lower(other, where)
        if isinstance(right, Ratio):
            left, right, op = right, left, _MIRROR[op]
        if isinstance(right, Ratio):
            raise self._fail(Code.DIVISION, tree, where)
        if isinstance(left, Ratio):
            return self._ratio(left, right, op, tree, where)
        self._same(left, right, tree, where, "compare")
        sign = where.text[one.end : other.start].strip() if op == "==" else ""
        if sign in ("=", "＝") and left.kind in ("money", "number", "days"):
            self.exact.append((where, tree))
        if left.kind in ("yes/no", "choice") or op in ("==", "!="):
            return self._equal(left, right, tree, where)
        a, b, _den = self.aligned(left, right)
        return self._decide(self._ordered(op, a, b), tree, where)

    def _ordered(self, op: str, a: int, b: int) -> int:
        if op in (">", ">="):
            a, b = b, a
        return self.b.compare(Op.LT if op in ("<", ">") else Op.LE, a, b)

    def _ratio(self, left: Ratio, right: Value, op: str, tree: Expr, where: Text) -> Value:
        if right.kind != "number":
            raise self._fail(Code.TYPE_MISMATCH, tree, where, action="compare", left="number", right=right.kind)
        a, b, _den = self.aligned(left.above, self.times(left.below, right))
        node = self._ordered(op, a, b) if op not in ("==", "!=") else self.b.compare(Op.EQ, a, b)
        node = self.b.negate(node) if op == "!=" else node
        positive = self.b.compare(Op.LT, self.b.const(0), left.below.node)
        return self._decide(self.b.both(positive, node), tree, where)

    def _choices(self, name: Expr, other: Expr, where: Text) -> tuple[Value, Value] | None:
        """A word compared with a fact whose choices hold it."""
        if name.op != "name" or other.op != "name":
            return None
        fact = self.scope.get(self.labels.get(str(other.args[0]), str(other.args[0])))
        if not isinstance(fact, Value) or fact.kind != "choice":
            return None
        word = str(name.args[0])
        mine = self.scope.get(self.labels.get(word, word))
        if isinstance(mine, Value) and mine.choices == fact.choices:
            return None
        self.used.add(self.labels.get(str(other.args[0]), str(other.args[0])))
        return fact, Value(self.b.const(self.choice(fact, name, where)), 1, "choice", "", fact.choices)

    def choice(self, fact: Value, name: Expr, where: Text) -> int:
        """The place of a word among the choices of a fact."""
        word = str(name.args[0])
        for spec in self.facts.values():
            if spec.choices == fact.choices:
                for names in (spec.choices, spec.choice_labels):
                    if word in names:
                        return names.index(word)
        listed, hint = ", ".join(fact.choices), near(word, fact.choices)
        raise self._fail(Code.UNKNOWN_CHOICE, name, where, name=word, choices=listed, hint=hint)

    def _equal(self, left: Value, right: Value, tree: Expr, where: Text) -> Value:
        if (left.kind == "choice" and left.choices != right.choices) or tree.op not in ("==", "!="):
            names = {"left": left.kind, "right": right.kind}
            raise self._fail(Code.TYPE_MISMATCH, tree, where, action="compare", **names)
        if left.kind == "yes/no":
            node = self.b.choose(left.node, right.node, self.b.negate(right.node))
        else:
            a, b, _den = self.aligned(left, right)
            node = self.b.compare(Op.EQ, a, b)
        return self._decide(self.b.negate(node) if tree.op == "!=" else node, tree, where)

    def _decide(self, node: int, tree: Expr, where: Text) -> Value:
        """Note comparisons that the ranges alone decide: the check calls them dead."""
        known = self.b.constant(node)
        if known is not None:
            self.decided.append((where, tree, bool(known)))
        return Value(node, 1, "yes/no")


def reduced(b: Builder, value: Value) -> Value:
    """A constant over its lowest denominator; anything else as it is."""
    number = b.constant(value.node)
    if number is None:
        return value
    exact = Fraction(number, value.den)
    return replace(value, node=b.const(exact.numerator), den=exact.denominator)


def excess(lowerer: Lowerer, value: Value, threshold: Value) -> Value:
    """The part of a value above a threshold, never below 0."""
    a, b, den = lowerer.aligned(value, threshold)
    node = lowerer.b.max(lowerer.b.sub(a, b), lowerer.b.const(0))
    return replace(value, node=node, den=den)


def anywhere(tree: Tree | None) -> Text:
    """A text to point at, for a node that is not one."""
    return tree if isinstance(tree, Text) else Text("?", tree.line, tree.column) if tree else Text("?", 1, 1)
