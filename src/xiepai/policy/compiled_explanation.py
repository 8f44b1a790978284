"""The explanation of one certain case, fast: a second printed function that only puts numbers into their places.

It takes what the first function (``compiled.py``) returned and builds the same records as :mod:`award` does
slowly for ranges; a test compares the two. Records that hold no number of the case (a condition that holds, one
that fails, nothing at all, a fixed cap) are made once and shared; an amount a change leaves as it was is the amount
before it. Words of the file are bound as constants, never printed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from xiepai.policy.award import Amount, Changed, Checked, Explained, MeasureResult, StepResult
from xiepai.policy.ir import Change, Condition, Measure, Op, Program, Step, Value

Explainer = Callable[[tuple[int, ...]], Explained]


def compile_explanation(program: Program, places: Mapping[int, int]) -> Explainer:
    """The function; ``places`` says where each node stands in the numbers it takes."""
    printer = _Printer(program, places)
    measures = [printer.measure(each) for each in program.measures]
    steps = [printer.step(each) for each in program.steps]
    splits = [f"({printer.constant(name)}, {printer.amount(value)})" for name, value in program.splits]
    numbers = ", ".join(f"v{place}" for place in range(len(places)))
    result = ", ".join(_tuple(each) for each in (measures, steps, splits))
    lines = ["def explain(values):", f"    {numbers}, = values", *printer.lines, f"    return {result}"]
    exec(compile("\n".join(lines), "<policy>", "exec"), printer.space)  # noqa: S102 - places and constants' names only
    made: Explainer = printer.space["explain"]  # type: ignore[assignment]
    return made


def _tuple(parts: list[str]) -> str:
    return f"({''.join(f'{each}, ' for each in parts)})"


class _Printer:
    def __init__(self, program: Program, places: Mapping[int, int]) -> None:
        self.program, self.places = program, places
        self.lines: list[str] = []
        self.amounts: dict[Value, str] = {}
        self.constants: dict[object, str] = {}
        self.space: dict[str, object] = {"__builtins__": {}, "new": tuple.__new__}
        for kind in (Amount, Changed, Checked, MeasureResult, StepResult):
            self.space[kind.__name__] = kind

    def constant(self, value: object) -> str:
        """The name of a constant; the same thing has one name."""
        key = (type(value), id(value) if isinstance(value, Measure | Step) else value)
        if key not in self.constants:
            name = self.constants[key] = f"c{len(self.constants)}"
            self.space[name] = value
        return self.constants[key]

    def number(self, node: int) -> str:
        return f"v{self.places[node]}"

    def amount(self, value: Value | None, before: Value | None = None) -> str:
        """The name of an amount; ``before``: another that may hold the same number."""
        if value is None:
            return "None"
        if value not in self.amounts:
            self.amounts[value] = self._made(value, before)
        return self.amounts[value]

    def _made(self, value: Value, before: Value | None) -> str:
        words = (value.den, value.kind, value.unit)
        node, number = self.program.nodes[value.node], self.number(value.node)
        if node.op is Op.CONST:
            return self.constant(Amount(node.k, node.k, *words))
        name, rest = f"a{len(self.amounts)}", ", ".join(self.constant(each) for each in words)
        made = f"new(Amount, ({number}, {number}, {rest})) if {number} else {self.constant(Amount(0, 0, *words))}"
        if before is not None and words == (before.den, before.kind, before.unit):
            made = f"{self.amount(before)} if {number} == {self.number(before.node)} else {made}"
        self.lines.append(f"    {name} = {made}")
        return name

    def condition(self, found: Condition) -> str:
        holds, fails = (self.constant(Checked(found.text, state, found.clause)) for state in (True, False))
        return f"{holds} if {self.number(found.node)} else {fails}"

    def change(self, found: Change) -> str:
        amounts = self.amount(found.before), self.amount(found.limit), self.amount(found.after, found.before)
        return f"new(Changed, ({self.constant(found.what)}, {self.constant(found.text)}, {', '.join(amounts)}))"

    def measure(self, measure: Measure) -> str:
        conditions = [self.condition(each) for each in measure.conditions]
        raw = self.amount(measure.raw)
        changes = [self.change(each) for each in measure.changes]
        last = measure.changes[-1].after if measure.changes else measure.raw
        parts = [self.constant(measure), _tuple(conditions), f"{self.number(measure.applies)} == 1", raw]
        parts += [_tuple(changes), self.amount(measure.value, last), "()"]
        return f"new(MeasureResult, ({', '.join(parts)}))"

    def step(self, step: Step) -> str:
        before, after = self.amount(step.before), self.amount(step.after, step.before)
        return f"new(StepResult, ({self.constant(step)}, {before}, {after}))"
