"""The explanation of one certain case, fast: a second printed function that only puts numbers into their places.

It takes what the first function (``compiled.py``) returned and builds the same records as :mod:`award` does
slowly for ranges; a test compares the two. Words of the file are bound as constants, never printed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from xiepai.policy.award import Amount, Changed, Checked, MeasureResult, StepResult
from xiepai.policy.ir import Measure, Program, Step, Value

Explained = tuple[tuple[MeasureResult, ...], tuple[StepResult, ...]]
Explainer = Callable[[tuple[int, ...]], Explained]


def compile_explanation(program: Program, places: Mapping[int, int]) -> Explainer:
    """The function; ``places`` says where each node stands in the numbers it takes."""
    printer = _Printer(places)
    measures = [printer.measure(each) for each in program.measures]
    steps = [printer.step(each) for each in program.steps]
    result = f"({''.join(f'{each}, ' for each in measures)}), ({''.join(f'{each}, ' for each in steps)})"
    lines = ["def explain(v):", *printer.lines, f"    return {result}"]
    exec(compile("\n".join(lines), "<policy>", "exec"), printer.space)  # noqa: S102 - places and constants' names only
    made: Explainer = printer.space["explain"]  # type: ignore[assignment]
    return made


class _Printer:
    def __init__(self, places: Mapping[int, int]) -> None:
        self.places = places
        self.lines: list[str] = []
        self.amounts: dict[tuple[object, ...], str] = {}
        self.space: dict[str, object] = {"__builtins__": {}, "new": tuple.__new__}
        for kind in (Amount, Changed, Checked, MeasureResult, StepResult):
            self.space[kind.__name__] = kind

    def constant(self, value: object) -> str:
        name = f"c{len(self.space)}"
        self.space[name] = value
        return name

    def amount(self, value: Value | None) -> str:
        if value is None:
            return "None"
        key = (value.node, value.den, value.kind, value.unit)
        if key not in self.amounts:
            name = self.amounts[key] = f"a{len(self.amounts)}"
            number, rest = f"v[{self.places[value.node]}]", [self.constant(each) for each in key[1:]]
            self.lines.append(f"    {name} = new(Amount, ({number}, {number}, {', '.join(rest)}))")
        return self.amounts[key]

    def truth(self, node: int) -> str:
        return f"v[{self.places[node]}] == 1"

    def record(self, kind: str, *parts: str) -> str:
        return f"new({kind}, ({', '.join(parts)}))"

    def measure(self, measure: Measure) -> str:
        conditions = [
            self.record("Checked", self.constant(each.text), self.truth(each.node), self.constant(each.clause))
            for each in measure.conditions
        ]
        changes = [
            self.record(
                "Changed", self.constant(each.what), self.constant(each.text), self.amount(each.before),
                self.amount(each.limit), self.amount(each.after),
            )
            for each in measure.changes
        ]  # fmt: skip
        return self.record(
            "MeasureResult", self.constant(measure), self._tuple(conditions), self.truth(measure.applies),
            self.amount(measure.raw), self._tuple(changes), self.amount(measure.value), "()",
        )  # fmt: skip

    def step(self, step: Step) -> str:
        return self.record("StepResult", self.constant(step), self.amount(step.before), self.amount(step.after))

    def _tuple(self, parts: list[str]) -> str:
        return f"({''.join(f'{each}, ' for each in parts)})"
