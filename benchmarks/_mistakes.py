"""Mistakes people make in a policy file, made on purpose: each operator changes one place of a shipped file.

An operator finds its places through the parsed tree, so a mistake is always about the thing it names. Nothing is
chosen by hand: every operator goes through every place, evenly thinned to a number per file. The underscore
keeps ``make bench`` from running this file: it measures nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from xiepai.policy import Policy, PolicyError, load
from xiepai.policy import expressions as language
from xiepai.policy.lint import numbers_in_text
from xiepai.policy.source import Sequence, Source, Text, Tree, parse

RULES = frozenset({"if", "pay", "by", "table", "else", "reaching", "exceeding", "bands", "times", "at_most", "less"})
TEXTS = frozenset({"policy", "issuer", "number", "source", "note", "clause", "text", "name", "assumed", "facts"})
COMPARISONS = {">": ">=", ">=": ">", "<": "<=", "<=": "<", "≥": ">", "≤": "<", "is": "!=", "达到": ">", "超过": ">="}
UNITS = {"万元": "元", "元": "万元", "亿元": "万元", "%": "‰", "‰": "%", "天": "元", "万": ""}


@dataclass(frozen=True)
class Mistake:
    """One wrong file: which operator, in which file, at which line, and the whole text. ``quiet``: it changes words
    or examples only, so the compiled program may stay the same and it is a mistake all the same."""

    operator: str
    file: str
    line: int
    text: str
    quiet: bool


@dataclass(frozen=True)
class Place:
    """A text in a file: the names that lead to it, and where it stands."""

    path: tuple[str, ...]
    where: Text
    is_key: bool = False


class File:
    """A shipped file and its places."""

    def __init__(self, path: Path) -> None:
        self.path, self.text = path, path.read_text()
        self.policy: Policy = load(path)
        self.lines = self.text.splitlines(keepends=True)
        self.root = parse(Source(self.text, path.name))
        self.places = list(_places(self.root, ()))
        self.facts = {spec.name: spec for spec in self.policy.facts}
        self.low = self.policy.versions[0].reading.lowerer

    def start(self, where: Text) -> int:
        """Where a text begins in the file."""
        return sum(map(len, self.lines[: where.line - 1])) + where.column - 1

    def rules(self) -> Iterator[Place]:
        """Texts that compute: conditions, formulas, caps, ladders, parameters."""
        for place in self.places:
            top = place.path[0]
            if top in ("measures", "require", "exclude") and len(place.path) > 2 and place.path[2] in RULES:
                if not place.is_key or (len(place.path) > 3 and place.path[2] in ("reaching", "exceeding", "bands")):
                    yield place
            elif top == "assume" and not place.is_key:
                value = place.where.text.partition("|")[0].rstrip()
                yield Place(place.path, Text(value, place.where.line, place.where.column, place.where.exact))
            elif top == "let" and not place.is_key:
                yield place

    def literals(self, place: Place) -> Iterator[tuple[int, int, str]]:
        """The numbers of a rule: start and end in the file, and as written."""
        if not place.where.exact:
            return
        try:
            found = language.literals(self.low.parse(place.where))
        except PolicyError:
            return
        for each in found:
            start = self.start(place.where)
            yield start + each.start, start + each.end, place.where.text[each.start : each.end]

    def changed(self, start: int, end: int, new: str) -> str:
        """The file with another text in one place."""
        return self.text[:start] + new + self.text[end:]


def _places(tree: Tree, path: tuple[str, ...]) -> Iterator[Place]:
    if isinstance(tree, Text):
        yield Place(path, tree)
    elif isinstance(tree, Sequence):
        for index, each in enumerate(tree.items):
            yield from _places(each, (*path, str(index)))
    else:
        for key, value in tree.pairs:
            yield Place((*path, key.text), key, True)
            yield from _places(value, (*path, key.text))


Edit = tuple[int, int, str]
Operator = Callable[[File], Iterator[Edit]]
OPERATORS: dict[str, tuple[Operator, bool]] = {}


def operator(name: str, quiet: bool = False) -> Callable[[Operator], Operator]:
    """Register an operator."""

    def kept(function: Operator) -> Operator:
        OPERATORS[name] = function, quiet
        return function

    return kept


def _digits(written: str) -> tuple[str, str]:
    found = re.match(r"[\d,_.]+", written)
    return (found[0], written[found.end() :]) if found else ("", written)


@operator("a number ten times as large")
def tenfold(file: File) -> Iterator[Edit]:
    for place in file.rules():
        for start, end, written in file.literals(place):
            digits, rest = _digits(written)
            if digits and "-" not in written:
                yield start, end, (digits.replace(".", "") if "." in digits else f"{digits}0") + rest


@operator("one digit wrong")
def digit(file: File) -> Iterator[Edit]:
    for place in file.rules():
        for start, end, written in file.literals(place):
            if re.match(r"\d", written) and "-" not in written:
                first = str(int(written[0]) % 9 + 1)
                yield start, end, first + written[1:]


@operator("wrong unit")
def unit(file: File) -> Iterator[Edit]:
    for place in file.rules():
        for start, end, written in file.literals(place):
            digits, rest = _digits(written)
            if rest.strip() in UNITS:
                yield start, end, digits + UNITS[rest.strip()]


@operator("unit missing")
def unit_missing(file: File) -> Iterator[Edit]:
    for place in file.rules():
        for start, end, written in file.literals(place):
            digits, rest = _digits(written)
            if rest.strip() and rest[0] != "-":
                yield start, end, digits


@operator("元 missing")
def yuan_missing(file: File) -> Iterator[Edit]:
    for place in file.rules():
        for start, end, written in file.literals(place):
            if written.endswith("元"):
                yield start, end, written[:-1]


@operator("wrong comparison")
def comparison(file: File) -> Iterator[Edit]:
    yield from _in_rules(file, r">=|<=|(?<![<>])=|>|<|≥|≤|达到|超过", lambda sign: COMPARISONS.get(sign, "!="))


@operator("comparison turned round")
def turned(file: File) -> Iterator[Edit]:
    other = {">": "<", ">=": "<=", "<": ">", "<=": ">="}
    yield from _in_rules(file, r">=|<=|>|<", lambda sign: other[sign])


@operator("'and' for 'or', 'or' for 'and'")
def joined(file: File) -> Iterator[Edit]:
    other = {"or": "and", "and": "or", "或": "且", "且": "或"}
    yield from _in_rules(file, r"\b(?:or|and)\b|或|且", lambda word: other[word])


@operator("'not' lost or added")
def negation(file: File) -> Iterator[Edit]:
    yield from _in_rules(file, r"\bnot ", lambda _word: "")
    for start, end, name in _names(file):
        if file.facts[name].kind == "yes/no" and file.text[max(0, start - 4) : start] != "not ":
            yield start, end, f"not {name}"


@operator("wrong operator")
def arithmetic(file: File) -> Iterator[Edit]:
    other = {" × ": " + ", " of ": " + ", " * ": " + ", " / ": " × ", " + ": " - ", " - ": " + "}
    yield from _in_rules(file, r" (?:×|of|\*|/|\+|-) ", lambda sign: other[sign])


def _in_rules(file: File, pattern: str, new: Callable[[str], str]) -> Iterator[Edit]:
    for place in file.rules():
        if place.where.exact:
            for found in re.finditer(pattern, place.where.text):
                start = file.start(place.where) + found.start()
                yield start, start + len(found[0]), new(found[0])


def _names(file: File) -> Iterator[tuple[int, int, str]]:
    for place in file.rules():
        if place.where.exact:
            for found in re.finditer(r"[a-z][a-z0-9_]*", place.where.text):
                if found[0] in file.facts:
                    start = file.start(place.where) + found.start()
                    yield start, start + len(found[0]), found[0]


def misspelt(word: str) -> str:
    """A word with two letters exchanged in its middle, or one lost."""
    middle = len(word) // 2
    turned_round = word[: middle - 1] + word[middle] + word[middle - 1] + word[middle + 1 :]
    return turned_round if turned_round != word and len(word) > 2 else word[:-1] or f"{word}x"


@operator("misspelt fact in a rule")
def fact_misspelt(file: File) -> Iterator[Edit]:
    for start, end, name in _names(file):
        yield start, end, misspelt(name)


@operator("another fact of the same kind")
def fact_exchanged(file: File) -> Iterator[Edit]:
    for start, end, name in _names(file):
        mine = file.facts[name]
        others = [spec.name for spec in file.facts.values() if spec.kind == mine.kind and spec.choices == mine.choices]
        if len(others) > 1:
            yield start, end, others[(others.index(name) + 1) % len(others)]


@operator("a condition lost")
def condition_lost(file: File) -> Iterator[Edit]:
    for place in file.places:
        if place.path[0] == "measures" and len(place.path) == 4 and place.path[2] == "if" and place.where.exact:
            start = file.start(place.where)
            end = start + len(place.where.text)
            after = re.match(r", ", file.text[end:])
            before = re.search(r", $", file.text[:start])
            if after:
                yield start, end + 2, ""
            elif before:
                yield start - 2, end, ""


@operator("a line lost")
def line_lost(file: File) -> Iterator[Edit]:
    keys = ("if", "pay", "at_most", "by", "clause", "text", "order", "overrun", "shortfall", "round", "less", "choose")
    for place in file.places:
        if place.is_key and place.path[-1] in keys and place.path[0] in ("measures", "then", "amendments"):
            line = file.lines[place.where.line - 1]
            if line.lstrip("- ").startswith(place.path[-1] + ":"):
                start = file.start(place.where)
                after = sum(map(len, file.lines[: place.where.line]))
                following = file.lines[place.where.line] if place.where.line < len(file.lines) else ""
                if line.lstrip().startswith("- "):
                    indent = len(following) - len(following.lstrip())
                    yield start, after + indent, ""
                else:
                    yield after - len(line), after, ""


@operator("misspelt entry")
def entry_misspelt(file: File) -> Iterator[Edit]:
    for place in file.places:
        known = {"measures": 3, "then": 3, "require": 3, "exclude": 3, "examples": 3, "amendments": 3}
        if place.is_key and len(place.path) in (1, known.get(place.path[0], 0)) and place.path[-1].isascii():
            start = file.start(place.where)
            yield start, start + len(place.where.text), misspelt(place.where.text)


@operator("an entry twice")
def entry_twice(file: File) -> Iterator[Edit]:
    for place in file.places:
        if place.is_key and len(place.path) == 3 and place.path[0] == "measures":
            line = file.lines[place.where.line - 1]
            if line.strip().startswith(place.where.text + ": ") and "{" not in line:
                end = sum(map(len, file.lines[: place.where.line]))
                yield end, end, line


@operator("tiers exchanged")
def tiers_exchanged(file: File) -> Iterator[Edit]:
    ladders: dict[tuple[str, ...], list[Text]] = {}
    for place in file.places:
        if len(place.path) == 4 and place.path[2] in ("table", "reaching", "exceeding", "bands") and not place.is_key:
            ladders.setdefault(place.path[:3], []).append(place.where)
    for values in ladders.values():
        for one, other in pairwise(values):
            if one.exact and other.exact and one.text != other.text:
                start, end = file.start(one), file.start(other) + len(other.text)
                between = file.text[start + len(one.text) : file.start(other)]
                yield start, end, other.text + between + one.text


@operator("a choice misspelt")
def choice_misspelt(file: File) -> Iterator[Edit]:
    choices = {choice for spec in file.facts.values() for choice in spec.choices}
    for place in file.places:
        if place.path[0] in ("measures", "let") and place.where.exact:
            for found in re.finditer(r"[a-z_]+", place.where.text if place.path[-1] not in TEXTS else ""):
                if found[0] in choices and found[0] not in file.facts and found[0] not in RULES:
                    start = file.start(place.where) + found.start()
                    yield start, start + len(found[0]), misspelt(found[0])


@operator("a result exchanged")
def result_exchanged(file: File) -> Iterator[Edit]:
    choices = file.policy.at().choices
    for place in file.places:
        if place.path[-1] == "choose" and not place.is_key and place.where.text in choices:
            start = file.start(place.where)
            other = choices[(choices.index(place.where.text) + 1) % len(choices)]
            yield start, start + len(place.where.text), other


@operator("a wrong number in a clause", quiet=True)
def clause_number(file: File) -> Iterator[Edit]:
    for place in file.places:
        if (
            place.path[-1] == "text"
            and not place.is_key
            and place.path[0] in ("measures", "require", "exclude", "then")
        ):
            for found in numbers_in_text(place.where):
                written = place.where.text[found.start : found.end]
                start = file.start(place.where) + found.start
                changed = re.sub(r"\d", lambda one: str(int(one[0]) % 9 + 1), written, count=1)
                if changed != written and place.where.exact:
                    yield start, start + len(written), changed


@operator("a wrong unit in a clause", quiet=True)
def clause_unit(file: File) -> Iterator[Edit]:
    for place in file.places:
        if place.path[-1] == "text" and not place.is_key and place.where.exact and place.path[0] != "amendments":
            for found in re.finditer(r"(?<=\d)(?:万元|元|%)", place.where.text):
                start = file.start(place.where) + found.start()
                yield start, start + len(found[0]), UNITS[found[0]]


@operator("a wrong figure in an example", quiet=True)
def example_figure(file: File) -> Iterator[Edit]:
    for place in file.places:
        if place.path[0] == "examples" and "expect" in place.path and not place.is_key:
            start = file.start(place.where)
            changed = re.sub(r"\d", lambda one: str(int(one[0]) % 9 + 1), place.where.text, count=1)
            if changed != place.where.text:
                yield start, start + len(place.where.text), changed


@operator("a fact misspelt in an example", quiet=True)
def example_fact(file: File) -> Iterator[Edit]:
    for place in file.places:
        if place.path[0] == "examples" and place.is_key and place.where.text in file.facts:
            start = file.start(place.where)
            yield start, start + len(place.where.text), misspelt(place.where.text)


@operator("元 missing in an example", quiet=True)
def example_unit(file: File) -> Iterator[Edit]:
    for place in file.places:
        if place.path[0] == "examples" and not place.is_key and place.where.text.endswith("元"):
            start = file.start(place.where) + len(place.where.text)
            yield start - 1, start, ""


@operator("a date that does not exist", quiet=True)
def date_wrong(file: File) -> Iterator[Edit]:
    for found in re.finditer(r"\d{4}-\d\d-\d\d", file.text):
        line = file.text[file.text.rfind("\n", 0, found.start()) + 1 : found.start()]
        if "#" not in line:
            yield found.start(), found.end(), found[0][:5] + "13" + found[0][7:]


@operator("an example outside the time in force", quiet=True)
def date_outside(file: File) -> Iterator[Edit]:
    for place in file.places:
        if place.path[0] == "examples" and place.path[-1] == "on" and not place.is_key:
            start = file.start(place.where)
            yield start, start + 4, "1999"


@operator("a step that names nothing")
def step_name(file: File) -> Iterator[Edit]:
    for place in file.places:
        if place.path[0] == "then" and not place.is_key and len(place.path) > 2 and place.path[2] in NAMING:
            start = file.start(place.where)
            if place.where.exact and place.where.text.isascii():
                yield start, start + len(place.where.text), misspelt(place.where.text)


NAMING = frozenset({"of", "highest_of", "sum_of", "per", "order", "overrun", "shortfall", "remainder", "highest_per"})


@operator("a wrong figure in a step")
def step_figure(file: File) -> Iterator[Edit]:
    for place in file.places:
        figures = ("at_most", "budget", "quota", "round", "unit")
        if place.path[0] == "then" and not place.is_key and len(place.path) == 3 and place.path[2] in figures:
            start = file.start(place.where)
            for found in re.finditer(r"\d", place.where.text):
                changed = str(int(found[0]) % 9 + 1)
                yield start + found.start(), start + found.end(), changed
                break


@operator("a kind of fact misspelt")
def kind_misspelt(file: File) -> Iterator[Edit]:
    for place in file.places:
        if place.path[0] == "facts" and not place.is_key and place.where.exact:
            word = re.match(r"money|number|date|days|share|key|yes/no", place.where.text)
            if word:
                start = file.start(place.where)
                yield start, start + len(word[0]), misspelt(word[0])


@operator("an assumption without a reason", quiet=True)
def reason_lost(file: File) -> Iterator[Edit]:
    for place in file.places:
        if place.path[0] == "assume" and not place.is_key and "|" in place.where.text:
            start = file.start(place.where)
            yield start, start + len(place.where.text), place.where.text.partition("|")[0].rstrip()


@operator("an unclosed bracket", quiet=True)
def bracket(file: File) -> Iterator[Edit]:
    for found in re.finditer(r"[\]}]", file.text):
        yield found.start(), found.end(), ""


@operator("a colon lost", quiet=True)
def colon(file: File) -> Iterator[Edit]:
    for place in file.places:
        if place.is_key and len(place.path) in (1, 3):
            end = file.start(place.where) + len(place.where.text)
            if file.text[end : end + 1] == ":":
                yield end, end + 1, ""


@operator("a space of indentation lost", quiet=True)
def indentation(file: File) -> Iterator[Edit]:
    position = 0
    for line in file.lines:
        if line.startswith("    ") and line.strip():
            yield position, position + 1, ""
        position += len(line)


@operator("an invisible character", quiet=True)
def invisible(file: File) -> Iterator[Edit]:
    for place in file.places:
        if place.where.exact and len(place.where.text) > 2:
            start = file.start(place.where) + 1
            yield start, start, "\u200b"


def thinned(edits: list[Edit], most: int) -> list[Edit]:
    """Evenly chosen, the first and the last among them."""
    if len(edits) <= most:
        return edits
    step = (len(edits) - 1) / (most - 1)
    return [edits[round(place * step)] for place in range(most)]


def mistakes(paths: list[Path], most: int) -> Iterator[Mistake]:
    """Every operator on every file, at most so many places each."""
    for path in paths:
        file = File(path)
        for name, (find, quiet) in OPERATORS.items():
            edits = [each for each in dict.fromkeys(find(file)) if file.text[each[0] : each[1]] != each[2]]
            for start, end, new in thinned(edits, most):
                line = file.text.count("\n", 0, start) + 1
                yield Mistake(name, path.name, line, file.changed(start, end, new), quiet)
