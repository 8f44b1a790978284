"""The door of the policy language: load a file, ask it for a day, evaluate a case.

policy = load("policies/wujin-2025.yaml")
award = policy.evaluate({"investment": "500万元", ...}, on=date(2025, 6, 1))
award.fen, award.explain()
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property, lru_cache
from pathlib import Path

from xiepai.policy import facts as fact_values
from xiepai.policy.compiled import Function, compile_program
from xiepai.policy.compiled_explanation import Explainer, compile_explanation
from xiepai.policy.entries import Report, day, entries, items, pairs, text, words
from xiepai.policy.examples import Example, read_examples
from xiepai.policy.explaining import Award
from xiepai.policy.intervals import ranges
from xiepai.policy.ir import FactSpec, Program
from xiepai.policy.messages import Code, Diagnostic, PolicyError
from xiepai.policy.patching import patched
from xiepai.policy.program import Reading, compile_tree, title
from xiepai.policy.source import Mapping as Tree
from xiepai.policy.source import Source, parse

_END = date(2099, 12, 31)
MAX_AMENDMENTS = 20
_AMENDMENT = ("from", "clause", "text", "set", "note")


@dataclass(frozen=True)
class Version:
    """The policy from a day on, until the next version."""

    start: date
    clause: str
    reading: Reading

    @property
    def program(self) -> Program:
        """What backends read."""
        return self.reading.program

    @cached_property
    def compiled(self) -> tuple[Function, dict[int, int]]:
        """The version as one Python function."""
        return compile_program(self.program)

    @cached_property
    def explainer(self) -> Explainer:
        """The explanation of a certain case as one Python function."""
        return compile_explanation(self.program, self.compiled[1])

    @cached_property
    def defaults(self) -> dict[str, int]:
        """What facts are where nobody says otherwise; keys count as known."""
        return {spec.name: spec.default for spec in self.program.facts if spec.default is not None}

    @cached_property
    def reader(self) -> fact_values.Reader:
        """What reads the facts of a case."""
        return fact_values.Reader(self.program.by_name)

    @cached_property
    def asked(self) -> int:
        """How many facts a case must bring to be computed exactly; keys have no number."""
        return sum(spec.kind != "key" for spec in self.program.facts)


class Policy:
    """A policy file: its versions by date, its examples, its facts. Immutable."""

    def __init__(self, source: Source, root: Tree, changes: Mapping[str, str]) -> None:
        self.source, self.changes = source, dict(changes)
        for path, new in changes.items():
            root = patched(source, root, path, new)
        self.root = root
        self.title = title(root)
        self.issuer, self.number = words(root.get("issuer")), words(root.get("number"))
        self.status = words(root.get("status"))
        report = Report(source)
        self.versions: tuple[Version, ...] = ()
        self.start, self.end = date.min, _END
        with report.collect():
            if root.get("in_force") is not None:  # where it is missing, the program says so
                self.start, self.end = _in_force(report, root)
        self.examples: list[Example] = []
        with report.collect():
            self.versions = tuple(self._versions(report))
        with report.collect():
            self.examples = read_examples(source, root.get("examples")) if root.get("examples") else []
        report.close()

    def _versions(self, report: Report) -> list[Version]:
        found = [Version(self.start, "", compile_tree(self.source, self.root))]
        root, last = self.root, self.start
        if len(items(report, root.get("amendments"))) > MAX_AMENDMENTS:
            raise report.source.error(Code.TOO_LARGE, root.get("amendments"), size="?", limit=MAX_AMENDMENTS)
        for each in items(report, root.get("amendments"), "amendments"):
            with report.collect():
                entry = entries(report, each, _AMENDMENT, ("from", "clause", "set"), "amendments")
                start = day(report, text(report, entry.get("from"), "from"), words(entry.get("from")))
                if start <= last:
                    raise report.source.error(Code.LADDER_ORDER, entry["from"])
                last = start
                for key, new in pairs(report, entry.get("set"), "set"):
                    try:
                        root = patched(self.source, root, key.text, text(report, new, "set").text)
                    except PolicyError as error:
                        found_error = error.diagnostics[0]
                        raise report.source.error(
                            found_error.code, key, **found_error.data, hint=found_error.hint
                        ) from None
                asked = root  # what is asked with --set counts after the amendment too
                for path, value in self.changes.items():
                    asked = patched(self.source, asked, path, value)
                found.append(Version(start, words(entry.get("clause")), compile_tree(self.source, asked)))
        return found

    @property
    def facts(self) -> tuple[FactSpec, ...]:
        """What the policy asks."""
        return self.versions[-1].program.facts

    def version(self, on: date | None = None) -> Version:
        """The version in force on a day; without a day the newest."""
        if on is None:
            return self.versions[-1]
        if not self.start <= on <= self.end:
            data = {"on": str(on), "start": str(self.start), "end": str(self.end)}
            raise PolicyError([Diagnostic(Code.NOT_IN_FORCE, self.source.file, data=data)])
        return [each for each in self.versions if each.start <= on][-1]

    def at(self, on: date | None = None) -> Program:
        """The program in force on a day: what simulate, prove and the printers take."""
        return self.version(on).program

    def changed(self, changes: Mapping[str, str]) -> Policy:
        """The policy with other literals: ``{"new_base.at_most": "80万元"}``."""
        return _changed(self.source.text, self.source.file, tuple((self.changes | dict(changes)).items()))

    def evaluate(
        self, facts: Mapping[str, object], on: date | None = None, overrides: Mapping[str, str] | None = None
    ) -> Award:
        """What a case gets. Facts are texts as in a file (``"500万元"``), or Python values (whole numbers of money
        are fen). Facts not given take their default; where one without a default is missing the award is a range.
        """
        if overrides:
            return self.changed(overrides).evaluate(facts, on)
        version = self.version(on)
        program = version.program
        known = version.reader.numbers(facts, version.defaults.copy())
        day_used = on or max(version.start, self.start)
        if len(known) == version.asked:
            function, places = version.compiled
            return Award(program, self.title, day_used, known, function(known), places, version.explainer, tuple(facts))
        return Award(program, self.title, day_used, known, ranges(program, known), None, None, tuple(facts))


@lru_cache(maxsize=64)
def _changed(content: str, file: str, changes: tuple[tuple[str, str], ...]) -> Policy:
    source = Source(content, file)
    return Policy(source, parse(source), dict(changes))


def load(source: str | Path, changes: Mapping[str, str] | None = None) -> Policy:
    """A policy from a file, or from its text where the argument holds a line break.

    Raises :class:`PolicyError` with every mistake found: shape, names, types, units, bounds.
    """
    if isinstance(source, str) and "\n" in source:
        file, content = "policy.yaml", source
    else:
        file = str(source)
        content = read(Path(source))
    found = Source(content, file)
    return Policy(found, parse(found), changes or {})


def read(path: Path) -> str:
    """The text of a file, or a :class:`PolicyError` that says why not."""
    from xiepai.policy.source import MAX_BYTES

    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
        return data.decode("utf-8-sig") if len(data) <= MAX_BYTES else "x" * len(data)
    except (OSError, UnicodeDecodeError, ValueError) as error:
        detail = getattr(error, "strerror", None) or "UTF-8"
        raise PolicyError([Diagnostic(Code.UNREADABLE, str(path), 1, 1, data={"detail": detail})]) from None


def _in_force(report: Report, root: Tree) -> tuple[date, date]:
    """``2026-01-01 .. 2028-12-31``; the end may be left open. ``| reason`` says that the source does not state it."""
    where = text(report, root.get("in_force"), "in_force")
    low, dots, high = where.text.partition("|")[0].partition("..")
    if not dots:
        raise report.source.error(Code.BAD_RANGE, where, value=where.text, hint=("write", "2026-01-01 .. 2028-12-31"))
    start = day(report, where, low)
    end = day(report, where, high) if high.strip() else _END
    if end < start:
        raise report.source.error(Code.BAD_RANGE, where, value=where.text)
    return start, end
