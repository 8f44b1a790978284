"""Fourth pass: a measure becomes nodes: conditions, a formula, then in this order ``times``, ``at_most``, ``less``,
``stages``, ``round``. What a condition refuses is 0; an amount is never below 0. Each stage keeps its value before
and after, so that an explanation only reads what was computed.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction

from xiepai.policy import expressions
from xiepai.policy.entries import Report, both, entries, items, near, pairs, text, words
from xiepai.policy.expressions import Expr
from xiepai.policy.ir import Change, Condition, Measure, Op, Value
from xiepai.policy.lowering import Lowerer, anywhere, excess
from xiepai.policy.messages import Code
from xiepai.policy.source import Text, Tree

_CHANGES = ("times", "at_most", "less", "stages", "round")
FORMS = ("pay", "table", "reaching", "exceeding", "bands", "choose", "in_kind")
ALLOWED = (
    "name", "clause", "text", "note", "if", "pay", "by", "table", "else", "reaching", "exceeding", "bands", "choose",
    "in_kind", "times", "at_most", "less", "stages", "round",
)  # fmt: skip
MODES = {"down to": "down", "up to": "up", "half up to": "half up"}
MODES |= {"向下取整到": "down", "向上取整到": "up", "四舍五入到": "half up"}


@dataclass(frozen=True, slots=True)
class Gate:
    """A condition every measure shares: from ``require``, or from ``exclude`` turned round."""

    condition: Condition
    facts: frozenset[str]


class Measures:
    """Lowers the measures of a policy, one after the other, into one builder."""

    def __init__(
        self, report: Report, lowerer: Lowerer, gates: list[Gate], choices: tuple[str, ...], assumed: set[str]
    ):
        self.report, self.low, self.b = report, lowerer, lowerer.b
        self.gates, self.choices, self.assumed = gates, choices, assumed
        self.facts_of: dict[str, frozenset[str]] = {}

    def measure(self, key: Text, tree: Tree) -> Measure:
        """One entry of ``measures``."""
        found = entries(self.report, tree, ALLOWED, ("clause", "text"), key.text)
        before, self.low.used = self.low.used, set()
        conditions = [gate.condition for gate in self.gates]
        for each in items(self.report, found.get("if"), "if"):
            with self.report.collect(each):
                conditions += self._conditions(text(self.report, each, "if"))
        applies = self.b.const(1, is_bool=True)
        for condition in conditions:
            applies = self.b.both(applies, condition.node)
        raw, formula = Value(self.b.const(0), 1, "money", "money"), ""
        with self.report.collect(key):
            raw, formula = self._formula(key, found)
        raw = self._positive(raw)
        changes: list[Change] = []
        value = raw
        for name in _CHANGES:
            with self.report.collect(found.get(name)):
                value = getattr(self, f"_{name}")(found[name], value, changes) if name in found else value
        final = self._where(applies, value) if not self.choices else value
        used = self.low.used.union(*(gate.facts for gate in self.gates))
        used = used.union(*(self.facts_of[name] for name in used if name in self.facts_of))
        self.low.used |= before
        self.facts_of[key.text] = frozenset(used)
        zh, en = both(words(found.get("name")) or key.text)
        return Measure(
            key.text, zh, en, words(found.get("clause")), words(found.get("text")), tuple(conditions), applies, formula,
            raw, tuple(changes), final, tuple(name for name in self.low.facts if name in used),
            tuple(sorted(used & self.assumed)), "in_kind" in found,
        )  # fmt: skip

    def _conditions(self, where: Text) -> list[Condition]:
        """The conditions a line joins with 'and', each shown and decided by itself."""
        tree = self.low.parse(where)
        todo, parts = [tree], []
        while todo:
            each = todo.pop()
            if each.op == "and":
                todo.extend(reversed(each.inner()))
            else:
                parts.append(each)
        if len(parts) == 1:
            return [Condition(where.text.strip(), self.low.typed(tree, where, "yes/no").node)]
        return [
            Condition(where.text[part.start : part.end].strip(), self.low.typed(part, where, "yes/no").node)
            for part in parts
        ]

    def _where(self, condition: int, value: Value) -> Value:
        return replace(value, node=self.b.choose(condition, value.node, self.b.const(0)))

    def _positive(self, value: Value) -> Value:
        return replace(value, node=self.b.max(value.node, self.b.const(0))) if value.kind != "choice" else value

    def _formula(self, key: Text, found: dict[str, Tree]) -> tuple[Value, str]:
        forms = [form for form in FORMS if form in found]
        wanted = "choose" if self.choices else "pay"
        if not forms:
            raise self.report.source.error(Code.MISSING_ENTRY, key, name=wanted)
        if len(forms) > 1:
            raise self.report.source.error(Code.UNKNOWN_ENTRY, anywhere(found[forms[1]]), width=1, name=forms[1])
        form = forms[0]
        if (form == "choose") != bool(self.choices):
            raise self.report.source.error(Code.MISSING_ENTRY, key, name=wanted)
        if form == "choose":
            where = text(self.report, found["choose"], "choose")
            if where.text not in self.choices:
                hint, listed = near(where.text, self.choices), ", ".join(self.choices)
                raise self.report.source.error(Code.UNKNOWN_CHOICE, where, name=where.text, choices=listed, hint=hint)
            index = self.choices.index(where.text)
            return Value(self.b.const(index), 1, "choice", "", self.choices), where.text
        if form == "in_kind":
            return Value(self.b.const(0), 1, "money", "money"), text(self.report, found["in_kind"], "in_kind").text
        if form == "pay":
            where = text(self.report, found["pay"], "pay")
            return self.low.value(where, "money"), where.text
        if "by" not in found:
            raise self.report.source.error(Code.MISSING_ENTRY, key, name="by")
        by_text = text(self.report, found["by"], "by")
        by = self.low.value(by_text)
        make: Callable[[Text, Value, dict[str, Tree]], Value] = getattr(self, f"_{form}")
        return make(by_text, by, found), f"{by_text.text} → {form}"

    def _amount(self, tree: Tree) -> Value:
        return self.low.value(text(self.report, tree, "pay"), "money")

    def _table(self, by_text: Text, by: Value, found: dict[str, Tree]) -> Value:
        """An amount for each choice, or for each number or range of numbers."""
        value = self._amount(found["else"]) if "else" in found else Value(self.b.const(0), 1, "money", "money")
        rows = [
            (self._row(key, by_text, by), self._amount(amount)) for key, amount in pairs(self.report, found["table"])
        ]
        for condition, amount in reversed(rows):
            value = self.low.pick(condition, amount, value)
        return value

    def _row(self, key: Text, by_text: Text, by: Value) -> int:
        condition = self.b.const(0, is_bool=True)
        for part in re.split("[,，]", key.text):
            start = key.text.find(part.strip())
            where = Text(part.strip(), key.line, key.column + max(start, 0), key.exact)
            if by.kind == "choice":
                name = Expr("name", (where.text,), 0, len(where.text))
                equal = self.b.compare(Op.EQ, by.node, self.b.const(self.low.choice(by, name, where)))
            else:
                low, dots, high = where.text.partition("..")
                equal = self._between(where, by, low, high if dots else low)
            condition = self.b.either(condition, equal)
        return condition

    def _between(self, where: Text, by: Value, low: str, high: str) -> int:
        ends = [self._end(replace(where, text=each.strip()), by) for each in (low, high)]
        (low_a, low_b, _), (high_a, high_b, _) = (self.low.aligned(by, each) for each in ends)
        if low.strip() == high.strip():
            return self.b.compare(Op.EQ, low_a, low_b)
        return self.b.both(self.b.compare(Op.LE, low_b, low_a), self.b.compare(Op.LE, high_a, high_b))

    def _end(self, where: Text, by: Value) -> Value:
        found = self.low.value(where)
        if found.kind != by.kind and found.kind == "number" and by.kind in ("money", "days"):
            hint = ("write", where.text + ("元" if by.kind == "money" else "天"))
            raise self.report.source.error(Code.UNIT_MISSING, where, value=where.text, wanted=by.kind, hint=hint)
        if found.kind != by.kind:
            left, right = by.unit or by.kind, found.kind
            raise self.report.source.error(Code.TYPE_MISMATCH, where, action="compare", left=left, right=right)
        return found

    def _steps(self, tree: Tree, by: Value) -> list[tuple[Text, Value, Fraction, Tree]]:
        """Thresholds in rising order."""
        rows: list[tuple[Text, Value, Fraction, Tree]] = []
        for key, amount in pairs(self.report, tree):
            at = self._end(key, by)
            exact = Fraction(self.low.constant(key, at.kind))
            if rows and exact <= rows[-1][2]:
                raise self.report.source.error(Code.LADDER_ORDER, key)
            rows.append((key, at, exact, amount))
        if not rows:
            raise self.report.source.error(Code.MISSING_ENTRY, tree, width=1, name="100万元: 10万元")
        return rows

    def _reaching(
        self, _by_text: Text, by: Value, found: dict[str, Tree], op: Op = Op.LE, form: str = "reaching"
    ) -> Value:
        value = self._amount(found["else"]) if "else" in found else Value(self.b.const(0), 1, "money", "money")
        for _key, at, _exact, amount in self._steps(found[form], by):
            threshold, number, _den = self.low.aligned(at, by)
            value = self.low.pick(self.b.compare(op, threshold, number), self._amount(amount), value)
        return value

    def _exceeding(self, by_text: Text, by: Value, found: dict[str, Tree]) -> Value:
        return self._reaching(by_text, by, found, Op.LT, "exceeding")

    def _bands(self, _by_text: Text, by: Value, found: dict[str, Tree]) -> Value:
        """Each rate counts for the part between its threshold and the next."""
        rows = self._steps(found["bands"], by)
        total = Value(self.b.const(0), 1, "money", "money")
        for index, (_key, at, _exact, rate) in enumerate(rows):
            top = self.low.extreme(True, by, rows[index + 1][1]) if index + 1 < len(rows) else by
            part = self.low.times(excess(self.low, top, at), self.low.value(text(self.report, rate), ""))
            if part.kind != "money":
                raise self.report.source.error(Code.NOT_AN_AMOUNT, rate, wanted="money", found=part.kind)
            a, b, den = self.low.aligned(total, part)
            total = replace(total, node=self.b.add(a, b), den=den)
        return total

    def _times(self, tree: Tree, value: Value, changes: list[Change]) -> Value:
        for key, factor in pairs(self.report, tree, "times"):
            condition = self.low.value(key, "yes/no").node
            rate = self.low.value(text(self.report, factor, "times"), "number")
            after = self.low.pick(condition, self.low.times(value, rate), value)
            changes.append(Change("times", f"{key.text}: {words(factor)}", value, rate, after))
            value = after
        return value

    def _at_most(self, tree: Tree, value: Value, changes: list[Change]) -> Value:
        for each in items(self.report, tree, "at_most"):
            cap = self._amount(each)
            after = self._positive(self.low.extreme(True, value, cap))
            changes.append(Change("at_most", words(each), value, cap, after))
            value = after
        return value

    def _less(self, tree: Tree, value: Value, changes: list[Change]) -> Value:
        for each in items(self.report, tree, "less"):
            paid = self._amount(each)
            after = excess(self.low, value, paid)
            changes.append(Change("less", words(each), value, paid, after))
            value = after
        return value

    def _stages(self, tree: Tree, value: Value, changes: list[Change]) -> Value:
        """Shares paid as stages are reached, each in whole fen; the last is the exact remainder."""
        rows = pairs(self.report, tree, "stages")
        shares = [self.low.constant(text(self.report, share), "number") for _key, share in rows]
        if sum(shares) != 1:
            shown = f"{float(sum(shares) * 100):g}%"
            raise self.report.source.error(Code.STAGES_SUM, tree, width=1, total=shown)
        total, rest = Value(self.b.const(0), 1, "money", "money"), value
        for index, ((key, _share), share) in enumerate(zip(rows, shares, strict=True)):
            rate = Value(self.b.const(share.numerator), share.denominator)
            part = (
                rest if index == len(rows) - 1 else self.low.rounded(self.low.times(value, rate), Fraction(1), "down")
            )
            a, b, den = self.low.aligned(rest, part)
            rest = replace(rest, node=self.b.max(self.b.sub(a, b), self.b.const(0)), den=den)
            paid = self._where(self.low.value(key, "yes/no").node, part)
            a, b, den = self.low.aligned(total, paid)
            total = replace(total, node=self.b.add(a, b), den=den)
        changes.append(
            Change("stages", "、".join(f"{key.text} {words(share)}" for key, share in rows), value, None, total)
        )
        return total

    def _round(self, tree: Tree, value: Value, changes: list[Change]) -> Value:
        where = text(self.report, tree, "round")
        after = rounding(self.report, self.low, where, value)
        changes.append(Change("round", where.text, value, None, after))
        return after


def rounding(report: Report, lowerer: Lowerer, where: Text, value: Value) -> Value:
    """``down to 1元``, ``up to 1元``, ``half up to 1元``."""
    found = re.fullmatch(rf"({'|'.join(MODES)})\s*(\S.*)", where.text.strip())
    if not found:
        listed = "down to 1元, up to 1元, half up to 1元"
        raise report.source.error(Code.BAD_VALUE, where, value=where.text, allowed=listed)
    unit = replace(where, text=found[2], column=where.column + where.text.find(found[2]))
    amount = lowerer.constant(unit, "money")
    if amount <= 0:
        raise report.source.error(Code.BAD_VALUE, unit, value=unit.text, allowed="1元, 0.01元 …")
    return lowerer.rounded(value, amount, MODES[found[1]])


def literal_numbers(lowerer: Lowerer, where: Text) -> list[Expr]:
    """The numbers of a text, for the clause lint and for ``--set``."""
    return expressions.literals(lowerer.parse(where))
