"""A tree becomes a program: facts, parameters, gates, measures, steps, in that order; every mistake is collected."""

from __future__ import annotations

from dataclasses import replace

from xiepai.policy.entries import Report, both, entries, items, near, pairs, text, words
from xiepai.policy.facts import NAME, read_fact
from xiepai.policy.ir import MAX_NODES, Builder, Condition, FactSpec, Measure, Program, TooManyNodes, Value
from xiepai.policy.lowering import Lowerer, Ratio
from xiepai.policy.measures import Gate, Measures
from xiepai.policy.messages import Code
from xiepai.policy.source import Mapping, Source, Text, Tree
from xiepai.policy.steps import Steps

ALLOWED = (
    "policy", "issuer", "number", "status", "source", "note", "in_force", "result", "facts", "assume", "let", "require",
    "exclude", "measures", "then", "amendments", "examples",
)  # fmt: skip
REQUIRED = ("policy", "issuer", "status", "in_force", "facts", "measures", "examples")
STATUSES = ("official", "partial", "sample")
IN_FORCE = "in_force"
_GATE = ("if", "clause", "text", "note", "assumed")


class Reading:
    """What was read on the way to a program, kept for the checks: used names, decided comparisons, the lowerer."""

    def __init__(self, source: Source, root: Mapping) -> None:
        self.source, self.root = source, root
        self.report = Report(source)
        self.program = self._read()
        self.report.close()

    def _read(self) -> Program:
        found = entries(self.report, self.root, ALLOWED, REQUIRED, self.source.file)
        facts = self._facts(found.get("facts"))
        self.lowerer = low = Lowerer(self.source, Builder(), facts)
        low.broken = {key.text for key, _line in pairs(self.report, found.get("facts"))} - facts.keys()
        status = self._status(found.get("status"))
        choices, labels = self._result(found.get("result"))
        self.labels: list[tuple[str, str, str]] = []
        self.assumed = self._assume(found.get("assume")) + self._period(found.get("in_force"))
        self.defined = self._let(found.get("let"))
        gates = self._gates(found.get("require"), False) + self._gates(found.get("exclude"), True)
        measures = self._measures(found.get("measures"), gates, choices)
        steps = Steps(self.report, low, measures)
        result = Value(low.b.const(0))
        with self.report.collect(found.get("then") or found.get("measures")):
            result = self._decide(measures, choices) if choices else self._award(steps, found.get("then"))
        return Program(
            words(found.get("policy")), status, "choice" if choices else "money", choices, labels,
            tuple(facts.values()),
            tuple(low.b.nodes), tuple(steps.cross), tuple(measures), tuple(steps.steps), result, tuple(steps.splits),
            self.assumed, self.defined, tuple(self.labels), facts,
        )  # fmt: skip

    def _status(self, tree: Tree | None) -> str:
        found = words(tree)
        if tree is not None and found not in STATUSES:
            hint, allowed = near(found, STATUSES), ", ".join(STATUSES)
            self.report.add(Code.BAD_VALUE, tree, value=found, allowed=allowed, hint=hint)
        return found

    def _result(self, tree: Tree | None) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """``money``, or the choices of a policy that decides a class, the first the highest."""
        if tree is None or words(tree) == "money":
            return (), ()
        spec = None
        with self.report.collect():
            line = text(self.report, tree, "result")
            spec = read_fact(self.report, line, replace(line, text=f"{line.text} | result"))
            if spec.kind != "choice":
                self.report.add(Code.BAD_VALUE, tree, value=words(tree), allowed="money; top=一类, middle=二类 …")
        return (spec.choices, spec.choice_labels) if spec else ((), ())

    def _name(self, key: Text, taken: dict[str, object]) -> bool:
        if not NAME.fullmatch(key.text) or len(key.text) > 60:
            self.report.add(Code.BAD_NAME, key, name=key.text[:60])
            return False
        if key.text in taken:
            self.report.add(Code.NAME_TAKEN, key, name=key.text)
            return False
        return True

    def _facts(self, tree: Tree | None) -> dict[str, FactSpec]:
        """The facts; an amendment that leaves them as they are does not read them again."""
        if id(tree) not in self.source.trees:
            self.source.trees[id(tree)] = tree, self._read_facts(tree)  # the tree too: its id must stay its own
        found: dict[str, FactSpec] = self.source.trees[id(tree)][1]
        return found

    def _read_facts(self, tree: Tree | None) -> dict[str, FactSpec]:
        found: dict[str, FactSpec] = {}
        with self.report.collect():
            for key, line in pairs(self.report, tree, "facts"):
                with self.report.collect():
                    if self._name(key, {}):
                        spec = read_fact(self.report, key, line)
                        if spec.zh in {each.zh for each in found.values()}:
                            self.report.add(Code.NAME_TAKEN, line, name=spec.zh)
                        found[key.text] = spec
        return found

    def _assume(self, tree: Tree | None) -> tuple[tuple[str, str, str], ...]:
        """Parameters the source does not state: ``value | reason | label``; a reason is due."""
        found = []
        with self.report.collect():
            for key, line in pairs(self.report, tree, "assume"):
                self.lowerer.broken.add(key.text)
                with self.report.collect(line):
                    where = text(self.report, line, key.text)
                    written, bar, rest = where.text.partition("|")
                    reason, _bar, label = rest.partition("|")
                    if not bar or not reason.strip():
                        raise self.source.error(Code.MISSING_ENTRY, where, name="| …")
                    self._define(key, replace(where, text=written.rstrip()))
                    self._label(key, label)
                    found.append((key.text, written.strip(), reason.strip()))
        return tuple(found)

    def _period(self, tree: Tree | None) -> tuple[tuple[str, str, str], ...]:
        """The days in force, where the source does not state them: ``.. | reason``."""
        days, bar, reason = words(tree).partition("|")
        if bar and not reason.strip():
            self.report.add(Code.MISSING_ENTRY, tree, name="| …")
        return ((IN_FORCE, days.strip(), reason.strip()),) if bar else ()

    def _let(self, tree: Tree | None) -> tuple[tuple[str, str], ...]:
        """Names for what several lines share: ``expression | label``, the label may be left out."""
        found = []
        with self.report.collect():
            for key, line in pairs(self.report, tree, "let"):
                self.lowerer.broken.add(key.text)
                with self.report.collect(line):
                    where = text(self.report, line, key.text)
                    written, _bar, label = where.text.partition("|")
                    self._define(key, replace(where, text=written.rstrip()))
                    self._label(key, label)
                    found.append((key.text, written.strip()))
        return tuple(found)

    def _label(self, key: Text, label: str) -> None:
        if label.strip():
            self.labels.append((key.text, *both(label)))

    def _define(self, key: Text, where: Text) -> None:
        low = self.lowerer
        if self._name(key, dict(low.scope)):
            tree = low.parse(where)
            if tree.op == "/" and low.b.constant(low.typed(tree.inner()[1], where).node) is None:
                found = low._lower(tree, where)
                low.scope[key.text] = found if isinstance(found, Ratio) else low.typed(tree, where)
            else:
                low.scope[key.text] = low.typed(tree, where)

    def _gates(self, tree: Tree | None, turned: bool) -> list[Gate]:
        found: list[Gate] = []
        low = self.lowerer
        with self.report.collect():
            for key, each in pairs(self.report, tree, "exclude" if turned else "require"):
                with self.report.collect():
                    entry = entries(self.report, each, _GATE, ("if", "clause"), key.text)
                    before, low.used = low.used, set()
                    for line in items(self.report, entry.get("if"), "if"):
                        where = text(self.report, line, "if")
                        node = low.value(where, "yes/no").node
                        node = low.b.negate(node) if turned else node
                        written = f"not ({where.text})" if turned else where.text
                        said = [words(entry.get(name)) for name in ("clause", "text", "assumed")]
                        condition = Condition(written, node, *said)
                        found.append(Gate(condition, frozenset(low.used)))
                    low.used |= before
        return found

    def _measures(self, tree: Tree | None, gates: list[Gate], choices: tuple[str, ...]) -> list[Measure]:
        reader = Measures(self.report, self.lowerer, gates, choices, {name for name, _value, _reason in self.assumed})
        found: list[Measure] = []
        with self.report.collect():
            for key, each in pairs(self.report, tree, "measures"):
                with self.report.collect(key):
                    self.lowerer.broken.add(key.text)
                    if self._name(key, dict(self.lowerer.scope)):
                        found.append(reader.measure(key, each))
                        if not choices:
                            self.lowerer.scope[key.text] = found[-1].value
        return found

    def _decide(self, measures: list[Measure], choices: tuple[str, ...]) -> Value:
        """The first measure whose conditions hold; the last must hold always, so that every case has a class."""
        low = self.lowerer
        if not measures or low.b.constant(measures[-1].applies) != 1:
            if not self.report.found:
                raise self.source.error(Code.MISSING_ENTRY, self.root.get("measures"), width=1, name="choose (… else)")
            return Value(low.b.const(0))
        node = measures[-1].value.node
        for each in reversed(measures[:-1]):
            node = low.b.choose(each.applies, each.value.node, node)
        return Value(node, 1, "choice", "", choices)

    def _award(self, steps: Steps, tree: Tree | None) -> Value:
        result = steps.run(tree)
        number = self.lowerer.b.constant(result.node)
        if number is not None and number % result.den == 0:
            return replace(result, node=self.lowerer.b.const(number // result.den), den=1)
        if result.den != 1 and not self.report.found:
            raise self.source.error(Code.ROUNDING_MISSING, tree or self.root, width=1)
        return result


def title(root: Mapping) -> tuple[str, str]:
    """The policy's name in both languages."""
    return both(words(root.get("policy")))


def compile_tree(source: Source, root: Mapping) -> Reading:
    """The program of a tree, or every mistake in it."""
    try:
        return Reading(source, root)
    except TooManyNodes:
        raise source.error(Code.TOO_LARGE, None, size=f"> {MAX_NODES}", limit=MAX_NODES) from None
