"""Fifth pass: ``then``, in the order of the clauses. A line joins measures, changes an amount, or looks over all rows.

Steps over rows say everything a payer would otherwise have to guess: the order and who comes first among equals
(it ends with a key), whether the last one fitting is paid in part, where the remainder of a pro-rata cut goes.
"""

from __future__ import annotations

import re
from dataclasses import replace
from fractions import Fraction
from typing import Any

from xiepai.policy.entries import Report, entries, items, near, pairs, text, words
from xiepai.policy.ir import CrossStep, Measure, Order, Step, Value
from xiepai.policy.lowering import Lowerer, excess
from xiepai.policy.measures import rounding
from xiepai.policy.messages import Code, PolicyError
from xiepai.policy.source import Sequence, Text, Tree

ALLOWED = (
    "highest_of", "sum_of", "of", "at_most", "less", "round", "highest_per", "quota", "budget", "split", "per", "each",
    "order", "shortfall", "overrun", "remainder", "unit", "clause", "text", "name", "note", "assumed",
)  # fmt: skip
_WHAT = ("highest_of", "sum_of", "highest_per", "quota", "budget", "split", "less", "round", "at_most")
_FIRST, _PRORATA = ("first come", "先到先得"), ("pro rata", "按比例")


class Steps:
    """Lowers ``then``; what no step has taken yet is summed by the first step that speaks of the total."""

    def __init__(self, report: Report, lowerer: Lowerer, measures: list[Measure]) -> None:
        self.report, self.low, self.b = report, lowerer, lowerer.b
        self.pending: dict[str, Value] = {each.name: each.value for each in measures}
        self.gone: set[str] = set()
        self.total: Value | None = None
        self.steps: list[Step] = []
        self.cross: list[CrossStep] = []
        self.splits: list[tuple[str, Value]] = []

    def run(self, tree: Tree | None) -> Value:
        """All lines; the award they leave."""
        for index, each in enumerate(items(self.report, tree, "then") if tree else (), 1):
            with self.report.collect(each):
                self._line(each, index)
        return self._sum()

    def _error(self, code: Code, where: Tree | None, **data: Any) -> PolicyError:
        return self.report.source.error(code, where, **data)

    def _sum(self) -> Value:
        if self.total is None:
            total = Value(self.b.const(0), 1, "money", "money")
            for each in self.pending.values():
                total = self._add(total, each)
            self.total, self.pending = total, {}
        return self.total

    def _add(self, left: Value, right: Value) -> Value:
        a, b, den = self.low.aligned(left, right)
        return replace(left, node=self.b.add(a, b), den=den)

    def _line(self, tree: Tree, index: int) -> None:
        found = entries(self.report, tree, ALLOWED, ("clause",), "then")
        kinds = [each for each in _WHAT if each in found]
        if kinds[:1] == ["sum_of"]:
            kinds = ["sum_of"]
        if len(kinds) != 1:
            code = Code.MISSING_ENTRY if not kinds else Code.UNKNOWN_ENTRY
            raise self._error(code, tree, width=1, name=" / ".join(_WHAT) if not kinds else kinds[1])
        what = kinds[0]
        name = words(found.get("name")) or f"step_{index}"
        if name in self.pending or name in self.gone:
            raise self._error(Code.NAME_TAKEN, found.get("name"), name=name)
        if what in ("highest_of", "sum_of"):
            before, after, inputs = self._join(found, what)
            self.pending[name] = after
            self._note(name, what, found, "、".join(inputs), inputs, before, after)
            return
        target = text(self.report, found["of"], "of") if "of" in found else None
        before = self._pending(target) if target else self._sum()
        if self.splits:
            raise self._error(Code.ALREADY_USED, tree, width=1, name="split")
        cross = len(self.cross)
        after = self._change(what, found, tree, before)
        if target:
            self.pending[target.text] = after
        else:
            self.total = after
        inputs = (target.text,) if target else ()
        self._note(
            name, what, found, words(found[what]), inputs, before, after, cross if len(self.cross) > cross else None
        )

    def _note(
        self, name: str, what: str, found: dict[str, Tree], formula: str, inputs: tuple[str, ...], before: Value,
        after: Value, cross: int | None = None,
    ) -> None:  # fmt: skip
        clause, said = words(found.get("clause")), words(found.get("text"))
        assumed = words(found.get("assumed"))
        self.steps.append(Step(name, what, clause, said, formula, inputs, before, after, cross, assumed))

    def _pending(self, where: Text) -> Value:
        if where.text in self.pending:
            return self.pending[where.text]
        if where.text in self.low.broken and where.text not in self.low.scope:
            raise PolicyError([])
        code = Code.ALREADY_USED if where.text in self.gone or self.total is not None else Code.UNKNOWN_MEASURE
        raise self._error(code, where, name=where.text, hint=near(where.text, self.pending))

    def _join(self, found: dict[str, Tree], what: str) -> tuple[Value, Value, tuple[str, ...]]:
        names = [text(self.report, each, what) for each in items(self.report, found[what], what)]
        values = []
        for each in names:
            with self.report.collect(each):
                values.append(self._pending(each))
        if len(values) < len(names) or not names:
            raise PolicyError([])
        for each in names:
            self.pending.pop(each.text, None)
            self.gone.add(each.text)
        total = after = values[0]
        for value in values[1:]:
            total = self._add(total, value)
            after = self.low.extreme(False, after, value) if what == "highest_of" else total
        if what == "sum_of" and "at_most" in found:
            after = self._cap(found["at_most"], after)
        return total, after, tuple(each.text for each in names)

    def _cap(self, tree: Tree, value: Value) -> Value:
        cap = self.low.value(text(self.report, tree, "at_most"), "money")
        after = self.low.extreme(True, value, cap)
        return replace(after, node=self.b.max(after.node, self.b.const(0)))

    def _change(self, what: str, found: dict[str, Tree], tree: Tree, before: Value) -> Value:
        if what == "round":
            return rounding(self.report, self.low, text(self.report, found["round"], "round"), before)
        if what == "less":
            return excess(self.low, before, self.low.value(text(self.report, found["less"], "less"), "money"))
        if what == "split":
            return self._split(found["split"], before)
        if what == "at_most" and "per" not in found:
            return self._cap(found["at_most"], before)
        return self._over_rows(what, found, tree, before)

    def _split(self, tree: Tree, total: Value) -> Value:
        """Shares of the levels in whole fen; the one written ``rest`` takes the exact remainder."""
        if total.den != 1:
            raise self._error(Code.ROUNDING_MISSING, tree, width=1)
        rest, rest_name = total, ""
        for key, share in pairs(self.report, tree, "split"):
            where = text(self.report, share, "split")
            if where.text in ("rest", "其余"):
                rest_name = key.text
                continue
            rate = self.low.constant(where, "number")
            part = self.low.times(total, Value(self.b.const(rate.numerator), rate.denominator))
            part = self.low.rounded(part, Fraction(1), "down")
            self.splits.append((key.text, part))
            a, b, den = self.low.aligned(rest, part)
            rest = replace(rest, node=self.b.sub(a, b), den=den)
        if not rest_name or (self.b.bounds(rest.node)[0] < 0 and self._share_sum(tree) > 1):
            raise self._error(Code.MISSING_ENTRY, tree, width=1, name="rest")
        self.splits.append((rest_name, rest))
        return total

    def _share_sum(self, tree: Tree) -> Fraction:
        rates = (share for _key, share in pairs(self.report, tree) if words(share) not in ("rest", "其余"))
        return sum((self.low.constant(text(self.report, each), "number") for each in rates), Fraction(0))

    def _over_rows(self, what: str, found: dict[str, Tree], tree: Tree, before: Value) -> Value:
        per = [self._key(text(self.report, each, "per")) for each in items(self.report, found.get("per"), "per")]
        if what == "highest_per":
            per = [self._key(text(self.report, each)) for each in items(self.report, found["highest_per"])]
        if "each" in found:
            per.append(self._each(text(self.report, found["each"], "each")))
        step = CrossStep("highest", before.node, before.den, tuple(per), ())
        if what == "quota":
            where = text(self.report, found["quota"], "quota")
            step = replace(step, kind="quota", limit=self._whole(where, "number", 1))
        elif what in ("budget", "at_most"):
            step = self._limited(what, found, tree, step)
        if step.kind != "share" or step.remainder == "first" or step.remainder == "largest":
            step = replace(step, order=self._order(found.get("order"), tree))
        self.cross.append(step)
        high = self.b.bounds(before.node)[1]
        if step.kind in ("cap", "share"):
            high = min(high, step.limit)
        return replace(before, node=self.b.step(len(self.cross) - 1, before.node, high))

    def _limited(self, what: str, found: dict[str, Tree], tree: Tree, step: CrossStep) -> CrossStep:
        step = replace(step, limit=self._whole(text(self.report, found[what], what), "money", step.den))
        shortfall = words(found.get("shortfall"))
        if shortfall in _FIRST:
            overrun = self._one_of(found, tree, "overrun", {"part": "part", "stop": "stop"})
            return replace(step, kind="cap", overrun=overrun)
        if shortfall in _PRORATA:
            remainder = self._one_of(found, tree, "remainder", {each: each for each in ("kept", "first", "largest")})
            if "unit" not in found:
                raise self._error(Code.MISSING_ENTRY, tree, width=1, name="unit")
            unit = self._whole(text(self.report, found["unit"], "unit"), "money", step.den)
            return replace(step, kind="share", remainder=remainder, unit=max(1, unit))
        return replace(step, kind=self._one_of(found, tree, "shortfall", dict.fromkeys(("first come", "pro rata"), "")))

    def _whole(self, where: Text, kind: str, den: int) -> int:
        """A fixed limit: not below zero, no parts of a fen or of a place."""
        number = self.low.constant(where, kind) * den
        if number < 0 or number.denominator != 1:
            raise self._error(Code.BAD_NUMBER, where, value=where.text)
        return int(number)

    def _one_of(self, found: dict[str, Tree], tree: Tree, name: str, allowed: dict[str, str]) -> str:
        if name not in found:
            raise self._error(Code.MISSING_ENTRY, tree, width=1, name=name)
        where = text(self.report, found[name], name)
        if where.text not in allowed or not allowed[where.text]:
            hint, listed = near(where.text, allowed), ", ".join(allowed)
            raise self._error(Code.BAD_VALUE, where, value=where.text, allowed=listed, hint=hint)
        return allowed[where.text]

    def _key(self, where: Text) -> str:
        name = self.low.labels.get(where.text, where.text)
        if name not in self.low.facts:
            raise self._error(Code.UNKNOWN_NAME, where, name=where.text, hint=near(where.text, self.low.facts))
        self.low.used.add(name)
        return name

    def _each(self, where: Text) -> str:
        found = re.fullmatch(r"(?:year of\s+)?(\S+?)(?:年度)?", where.text.strip())
        key = self._key(replace(where, text=found[1]) if found else where)
        return f"year:{key}" if self.low.facts[key].kind == "date" else key

    def _order(self, tree: Tree | None, line: Tree) -> tuple[Order, ...]:
        """Facts, each ``name`` or ``name desc``; the last must be a key, so that no tie stays open."""
        if tree is None:
            raise self._error(Code.MISSING_ENTRY, line, width=1, name="order")
        found: list[Order] = []
        for each in items(self.report, tree, "order"):
            where = text(self.report, each, "order")
            name, _gap, direction = where.text.partition(" ")
            if direction not in ("", "desc", "降序"):
                raise self._error(Code.BAD_VALUE, where, value=direction, allowed="desc, 降序")
            found.append(Order(self._key(replace(where, text=name)), bool(direction)))
        if not found or self.low.facts[found[-1].fact].kind != "key":
            raise self._error(Code.ORDER_OPEN, tree if not isinstance(tree, Sequence) else tree.items[-1], width=1)
        return tuple(found)
