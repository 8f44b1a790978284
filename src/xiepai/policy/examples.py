"""Worked examples: dated, exact, part of the file. A policy without them is refused; one that fails is a mistake.

An example gives facts and expects an amount (or a class), or several by name (measures, steps, splits, ``award``);
``yes`` or ``no`` for a measure asks whether it applies.
``given`` may be a list of cases, for what is decided over several rows; then ``expect`` is a list as long.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from typing import Any

from xiepai.policy import facts as fact_values
from xiepai.policy import oracle
from xiepai.policy.compiled import Function
from xiepai.policy.entries import Report, day, entries, items, near, pairs, text, words
from xiepai.policy.ir import FactSpec, Measure, Program, Value
from xiepai.policy.messages import Code, PolicyError
from xiepai.policy.source import Mapping, Source, Text, Tree

_AWARD = FactSpec("award", "money", "奖励", "award", "", "money", 1, -(2**62), 2**62)


@dataclass
class Example:
    """One example: its day, its cases as texts, and what each of them expects, by name."""

    name: str
    on: date
    where: Tree
    cases: tuple[tuple[tuple[Text, Text], ...], ...]
    expected: tuple[tuple[tuple[str, Text], ...], ...]
    paid: set[str] = field(default_factory=set)
    """The measures that gave something when the example was run."""
    refused: set[tuple[str, str]] = field(default_factory=set)
    """Measure and condition: all conditions of the measure held but this one."""


def read_examples(source: Source, tree: Tree | None) -> list[Example]:
    """The examples of a file, their shape checked."""
    report = Report(source)
    found: list[Example] = []
    is_empty = isinstance(tree, Text) and not tree.text.strip()
    for each in () if is_empty else items(report, tree, "examples"):
        with report.collect():
            entry = entries(
                report, each, ("name", "on", "given", "expect", "note"), ("name", "on", "given", "expect"), "examples"
            )
            if all(name in entry for name in ("on", "given", "expect")):
                found.append(_example(report, each, entry))
    if not found and not report.found:
        report.add(Code.NO_EXAMPLES, tree, width=1)
    report.close()
    return found


def _example(report: Report, tree: Tree, entry: dict[str, Tree]) -> Example:
    on = text(report, entry["on"], "on")
    given, expected = entry["given"], entry["expect"]
    cases = [given] if isinstance(given, Mapping) else items(report, given, "given")
    wanted = [expected] if isinstance(given, Mapping) else items(report, expected, "expect")
    if len(cases) != len(wanted):
        raise report.source.error(Code.WRONG_SHAPE, expected, width=1, name="expect", wanted="list")
    return Example(
        words(entry.get("name")),
        day(report, on, on.text),
        tree,
        tuple(
            tuple((key, text(report, value, key.text)) for key, value in pairs(report, case, "given")) for case in cases
        ),
        tuple(_expected(report, each) for each in wanted),
    )


def _expected(report: Report, tree: Tree) -> tuple[tuple[str, Text], ...]:
    if isinstance(tree, Text):
        return (("award", tree),)
    return tuple((key.text, text(report, value, key.text)) for key, value in pairs(report, tree, "expect"))


def run_examples(
    source: Source,
    examples: list[Example],
    program_on: Callable[[date], Program],
    compiled_on: Callable[[date], tuple[Function, dict[int, int]]] | None = None,
) -> Report:
    """Every example computed, what differs reported where it is written: by the oracle, or single cases by the
    compiled function where ``compiled_on`` gives it (tests hold both equal).
    """
    report = Report(source)
    usual: dict[int, dict[str, Any]] = {}
    for example in examples:
        with report.collect():
            program = program_on(example.on)
            if id(program) not in usual:
                usual[id(program)] = _usual(program)
            rows = _rows(report, example, program, usual[id(program)])
            if rows and compiled_on and len(rows) == 1:
                function, places = compiled_on(example.on)
                values = function(rows[0])
                _compare(report, example, program, lambda node, _row, v=values, p=places: v[p[node]])  # type: ignore[misc]
            elif rows:
                columns = oracle.run(program, rows)
                _compare(report, example, program, lambda node, row, c=columns: c[node][row])  # type: ignore[misc]
    return report


def _compare(report: Report, example: Example, program: Program, number: Callable[[int, int], int]) -> None:
    named = dict(outputs(program))
    cases = range(len(example.cases))
    example.paid.update(each.name for each in program.measures if any(number(each.value.node, row) for row in cases))
    example.refused.update(pair for each in program.measures for pair in _refused(each, number, cases))
    for index, wanted in enumerate(example.expected):
        for name, where in wanted:
            if name not in named:
                report.add(Code.UNKNOWN_MEASURE, where, name=name, hint=near(name, named))
                continue
            with report.collect():
                value = _meant(program, name, where, named[name])
                found = Fraction(number(value.node, index), value.den)
                expected = _number(report, where, value)
                if found != expected:
                    shown = [_show(value, each) for each in (expected, found)]
                    data: dict[str, Any] = {"name": example.name, "what": name, "expected": shown[0], "found": shown[1]}
                    report.add(Code.EXAMPLE_FAILS, where, **data)


def _refused(measure: Measure, number: Callable[[int, int], int], rows: range) -> Iterator[tuple[str, str]]:
    for row in rows:
        failing = [each.text for each in measure.conditions if not number(each.node, row)]
        if len(failing) == 1:
            yield measure.name, failing[0]


def _meant(program: Program, name: str, where: Text, value: Value) -> Value:
    """``yes`` and ``no`` ask whether a measure applies: what is given in kind has no amount."""
    if where.text in (*fact_values.TRUE, *fact_values.FALSE):
        for measure in program.measures:
            if measure.name == name:
                return Value(measure.applies, 1, "yes/no")
    return value


def _rows(report: Report, example: Example, program: Program, usual: dict[str, Any]) -> list[dict[str, Any]]:
    """The rows of an example; nothing where one of them is wrong. Keys that are all digits order as numbers."""
    rows = [row for case in example.cases for row in [_row(report, case, program, usual)] if row is not None]
    if len(rows) < len(example.cases):
        return []
    if len(rows) > 1:
        needed = {each.removeprefix("year:") for step in program.cross_steps for each in step.per}
        needed |= {each.fact for step in program.cross_steps for each in step.order}
        for name in sorted(needed):
            if any(name not in row for row in rows):
                raise report.source.error(Code.FACT_MISSING, example.where, width=1, name=name)
            if program.by_name[name].kind == "key" and all(str(row[name]).isdecimal() for row in rows):
                for row in rows:
                    row[name] = int(row[name])
    return rows


def _row(
    report: Report, case: tuple[tuple[Text, Text], ...], program: Program, usual: dict[str, Any]
) -> dict[str, Any] | None:
    """The numbers of a case; what it does not mention is as usual."""
    row = usual.copy()
    good = True
    for key, value in case:
        spec = program.by_name.get(key.text) or next((each for each in program.facts if each.zh == key.text), None)
        if spec is None:
            report.add(Code.UNKNOWN_NAME, key, name=key.text, hint=near(key.text, _names(program)))
            good = False
            continue
        try:
            row[spec.name] = value.text if spec.kind == "key" else fact_values.number_of(spec, value.text)
        except PolicyError as error:
            report.add(error.diagnostics[0].code, value, **error.diagnostics[0].data, hint=error.diagnostics[0].hint)
            good = False
    return row if good else None


def _names(program: Program) -> list[str]:
    return [name for spec in program.facts for name in (spec.name, spec.zh, spec.en)]


def _usual(program: Program) -> dict[str, Any]:
    """A fact not given takes its default, else the lowest: no, 0, the first choice."""
    facts = [spec for spec in program.facts if spec.kind != "key"]
    return {spec.name: min(max(spec.low, 0), spec.high) if spec.default is None else spec.default for spec in facts}


def outputs(program: Program) -> Iterator[tuple[str, Value]]:
    """What an example may expect, by name."""
    yield "award", program.result
    for measure in program.measures:
        yield measure.name, measure.value
    for step in program.steps:
        yield step.name, step.after
    yield from program.splits


def _number(report: Report, where: Text, value: Value) -> Fraction:
    if value.kind == "yes/no":
        return Fraction(int(where.text in fact_values.TRUE))
    if value.kind == "choice":
        if where.text not in value.choices:
            hint, listed = near(where.text, value.choices), ", ".join(value.choices)
            raise report.source.error(Code.UNKNOWN_CHOICE, where, name=where.text, choices=listed, hint=hint)
        return Fraction(value.choices.index(where.text))
    try:
        return Fraction(fact_values.number_of(_AWARD, where.text))
    except PolicyError as error:
        found = error.diagnostics[0]
        raise report.source.error(found.code, where, **found.data, hint=found.hint) from None


def _show(value: Value, number: Fraction) -> str:
    if value.kind == "yes/no":
        return ("否", "是")[int(number)]
    return value.choices[int(number)] if value.kind == "choice" else fact_values.amount(number, value.kind, value.unit)
