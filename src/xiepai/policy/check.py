"""What a file must still pass once it can be read: examples, clause lint, dead and contradictory conditions, and
boundary cases generated from every comparison (one below, at, one above), for a reader to look at.

Errors and warnings both carry a place. A measure that no example lets pay, and a condition without an example that
fails on it alone, are warnings: a mistake there would go unseen.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from xiepai.policy.api import Policy, Version
from xiepai.policy.entries import Report
from xiepai.policy.examples import Example, run_examples
from xiepai.policy.expressions import Expr
from xiepai.policy.facts import show
from xiepai.policy.intervals import Range, all_thresholds, below, range_of
from xiepai.policy.ir import FactSpec, Measure, Node, Op, Program
from xiepai.policy.lint import Lint
from xiepai.policy.messages import Code, Diagnostic
from xiepai.policy.source import Mapping as MappingTree
from xiepai.policy.source import Sequence, Text, Tree


@dataclass(frozen=True, slots=True)
class Boundary:
    """A generated case at a threshold: which fact, its value, and what the measure gives (over ``den``)."""

    measure: str
    fact: str
    shown: str
    amount: int
    den: int


@dataclass
class Checked:
    """The outcome: mistakes and warnings, and what was looked at."""

    errors: list[Diagnostic]
    warnings: list[Diagnostic]
    examples: int = 0
    boundaries: list[Boundary] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        """Whether nothing is wrong."""
        return not self.errors


def check(policy: Policy) -> Checked:
    """Everything a policy file must pass; see the module."""
    report = run_examples(policy.source, policy.examples, policy.at, lambda day: policy.version(day).compiled)
    boundaries: list[Boundary] = []
    warnings = Report(policy.source)
    compared: set[object] = set()
    for version in policy.versions:
        Lint(version.reading, report, compared).run()
        _dead(version, report)
        _contradictions(version, report)
        boundaries += _boundaries(version)
    _unused(policy, report)
    _unbacked(policy, report)
    _exact(policy, warnings)
    _untested(policy, policy.examples, warnings)
    _undecided(policy, warnings)
    errors = {(each.line, each.column, each.code, str(each.data)): each for each in reversed(report.found)}
    return Checked([errors[place] for place in sorted(errors)], warnings.found, len(policy.examples), boundaries)


def _dead(version: Version, report: Report) -> None:
    """Comparisons that the ranges of their facts decide."""
    facts = version.program.by_name
    for where, tree, state in version.reading.lowerer.decided:
        if _names(tree, version) & facts.keys():
            code = Code.ALWAYS_TRUE if state else Code.NEVER_TRUE
            report.add(code, where, tree.start, tree.end - tree.start)


def _names(tree: Expr, version: Version) -> set[str]:
    labels = version.reading.lowerer.labels
    found = {labels.get(str(tree.args[0]), str(tree.args[0]))} if tree.op == "name" else set()
    return found.union(*(_names(inner, version) for inner in tree.inner()))


def _contradictions(version: Version, report: Report) -> None:
    program = version.program
    for measure in program.measures:
        limits = narrowed(program, [condition.node for condition in measure.conditions])
        empty = next((name for name, (low, high) in limits.items() if low > high), None)
        where = _place(version, measure.name)
        if empty:
            report.add(Code.CONTRADICTION, where, name=program.by_name[empty].zh)
        elif program.nodes[measure.applies].op is not Op.CONST and range_of(program, measure.applies, {}, limits) == (
            0,
            0,
        ):
            report.add(Code.NEVER_TRUE, where)


def _place(version: Version, measure: str) -> Tree | None:
    section = version.reading.root.get("measures")
    tree = section.get(measure) if isinstance(section, MappingTree) else None
    return (tree.get("if") or tree) if isinstance(tree, MappingTree) else tree


def narrowed(program: Program, conditions: list[int]) -> dict[str, Range]:
    """The range each fact has where all the conditions hold, as far as single facts say; empty where low > high."""
    found: dict[str, Range] = {}
    todo = [(node, True) for node in conditions]
    while todo:
        index, wanted = todo.pop()
        node = program.nodes[index]
        if node.op is Op.NOT:
            todo.append((node.args[0], not wanted))
        elif (node.op is Op.AND and wanted) or (node.op is Op.OR and not wanted):
            todo += [(arg, wanted) for arg in node.args]
        elif node.op is Op.FACT:
            _meet(found, node, (int(wanted), int(wanted)))
        elif node.op in (Op.LT, Op.LE, Op.EQ):
            _compare(program, found, node, wanted)
    return found


def _meet(found: dict[str, Range], fact: Node, limits: Range) -> None:
    low, high = found.get(fact.fact, (fact.lo, fact.hi))
    found[fact.fact] = (max(low, limits[0]), min(high, limits[1]))


def _compare(program: Program, found: dict[str, Range], node: Node, wanted: bool) -> None:
    left, right = (program.nodes[arg] for arg in node.args)
    for side, other, is_left in ((left, right, True), (right, left, False)):
        factor = 1
        if side.op is Op.MUL and program.nodes[side.args[1]].op is Op.CONST:
            side, factor = program.nodes[side.args[0]], program.nodes[side.args[1]].k
        if side.op is not Op.FACT or other.op is not Op.CONST or factor <= 0:
            continue
        if node.op is Op.EQ:
            if wanted and other.k % factor == 0:
                _meet(found, side, (other.k // factor, other.k // factor))
            elif not wanted and other.k % factor == 0 and other.k // factor in (side.lo, side.hi):
                at = other.k // factor
                _meet(found, side, (side.lo + (at == side.lo), side.hi - (at == side.hi)))
            continue
        upper, strict = (is_left is wanted), (node.op is Op.LT) is wanted
        if upper:
            _meet(found, side, (side.lo, (other.k - 1) // factor if strict else other.k // factor))
        else:
            _meet(found, side, (other.k // factor + 1 if strict else -(-other.k // factor), side.hi))


def _boundaries(version: Version) -> list[Boundary]:
    """One below, at and one above every threshold, for each measure it decides."""
    program = version.program
    function, places = version.compiled
    found = []
    for measure in program.measures:
        base = typical(program, measure)
        turning = all_thresholds(program, below(program, [measure.value.node, measure.applies, measure.raw.node]))
        for name in measure.facts:
            spec = program.by_name[name]
            if spec.kind in ("yes/no", "choice", "key"):
                continue
            for at in turning.get(name, ()):
                for value in (at - 1, at, at + 1):
                    if spec.low <= value <= spec.high:
                        row = base | {name: value}
                        amount = function(row)[places[measure.value.node]]
                        found.append(Boundary(measure.name, name, show(spec, value), amount, measure.value.den))
    return found


def typical(program: Program, measure: Measure) -> dict[str, int]:
    """A case that meets a measure's conditions where single facts decide them: yes, and amounts inside their limits."""
    limits = narrowed(program, [condition.node for condition in measure.conditions])
    return {spec.name: _inside(spec, limits) for spec in program.facts if spec.kind != "key"}


def _inside(spec: FactSpec, limits: Mapping[str, Range]) -> int:
    low, high = limits.get(spec.name, (spec.low, spec.high))
    if low > high:
        return spec.low
    if spec.kind == "yes/no":
        return high if spec.name in limits else int(bool(spec.default)) if spec.default is not None else 1
    usual = 10**9 if spec.kind == "money" else 10 * spec.den
    return min(max(low, usual), high)


def _unused(policy: Policy, report: Report) -> None:
    used = set().union(*(version.reading.lowerer.used for version in policy.versions))
    for name in ("facts", "assume"):
        section = policy.root.get(name)
        for key, _line in section.pairs if isinstance(section, MappingTree) else ():
            if key.text not in used:
                report.add(Code.UNUSED_FACT, key, name=key.text)


def _unbacked(policy: Policy, report: Report) -> None:
    """A line of ``then`` with neither the clause's words nor a reason; assumptions in an official text."""
    steps = policy.root.get("then")
    lines = [each for each in steps.items if isinstance(each, MappingTree)] if isinstance(steps, Sequence) else []
    for line in lines:
        if line.get("text") is None and line.get("assumed") is None:
            report.add(Code.UNBACKED, line, width=1)
    assumes = bool(policy.at().assumed) or any(line.get("assumed") is not None for line in lines)
    status = policy.root.get("status")
    if assumes and isinstance(status, Text) and status.text.strip() == "official":
        report.add(Code.OFFICIAL_ASSUMED, status)


def _exact(policy: Policy, warnings: Report) -> None:
    """Amounts compared with a single "=", each place once."""
    found = {(where.line, where.column, tree.start): (where, tree) for where, tree in _compared(policy)}
    for where, tree in found.values():
        warnings.add(Code.EXACTLY_EQUAL, where, tree.start, tree.end - tree.start)


def _compared(policy: Policy) -> Iterator[tuple[Text, Expr]]:
    for version in policy.versions:
        yield from version.reading.lowerer.exact


def _untested(policy: Policy, examples: list[Example], warnings: Report) -> None:
    """Measures that no example names or lets pay."""
    paid: set[str] = set()
    for example in examples:
        paid |= example.paid
    for measure in policy.versions[-1].program.measures:
        pays = policy.versions[-1].program.nodes[measure.value.node].hi > 0
        if pays and measure.name not in paid and policy.versions[-1].program.result_kind == "money":
            warnings.add(Code.MEASURE_UNTESTED, _key(policy.versions[-1], measure.name), name=measure.name)


def _undecided(policy: Policy, warnings: Report) -> None:
    """Conditions that no example puts to the test: all others hold, this one fails. For a gate one is enough."""
    refused = set().union(*(example.refused for example in policy.examples))
    texts = {text for _measure, text in refused}
    version = policy.versions[-1]
    told: set[str] = set()
    for measure in version.program.measures:
        where = _key(version, measure.name)
        for condition in measure.conditions:
            done = condition.text in texts | told if condition.clause else (measure.name, condition.text) in refused
            if not done and version.program.nodes[condition.node].op is not Op.CONST:
                warnings.add(Code.CONDITION_UNTESTED, where, name=measure.name, text=condition.text)
                told |= {condition.text} if condition.clause else set()


def _key(version: Version, measure: str) -> Tree | None:
    section = version.reading.root.get("measures")
    keys = section.pairs if isinstance(section, MappingTree) else ()
    return next((key for key, _tree in keys if key.text == measure), None)
