"""One question at a time, for one city and for several: what to ask next, and what is certain after each answer.

Facts of several policies become questions: those of one name and type are one, and those ``calculator.toml`` joins
by meaning. The next question is the one that narrows the range of the first city that is still open; only facts the
figure still depends on are asked. Refused: guessing an answer, asking a city what can no longer change its figure,
counting a wrong answer (it is told, and the fact stays open).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from functools import cached_property, lru_cache

from xiepai.policy import facts as fact_values
from xiepai.policy.api import Policy
from xiepai.policy.award import MeasureResult
from xiepai.policy.comparing import STAGES, stage
from xiepai.policy.explaining import Award
from xiepai.policy.intervals import Range, below, candidates, ranges
from xiepai.policy.ir import FactSpec, Measure, Op, Program
from xiepai.policy.messages import Code, Diagnostic, PolicyError

EASE = {"yes/no": 0, "choice": 0, "number": 1, "days": 1, "date": 1, "money": 2}
"""How easily a person answers: among facts that narrow about as much the easier one is asked first."""
MAX_ANSWER = 60
MAX_CASES = 24


@dataclass(frozen=True, eq=False)
class City:
    """A policy the calculator asks: its short name and its file."""

    key: str
    zh: str
    en: str
    policy: Policy

    def day(self, on: date) -> date:
        """The day to compute for: the one asked, or the nearest on which the policy was in force."""
        return min(max(on, self.policy.start), self.policy.end)


@dataclass(frozen=True)
class Question:
    """One answer for one or more facts: ``uses`` names city and fact; ``note`` says what is supposed."""

    key: str
    zh: str
    en: str
    uses: tuple[tuple[str, FactSpec], ...]
    note: tuple[str, str] = ("", "")

    @property
    def spec(self) -> FactSpec:
        """The fact that says type, unit and range."""
        return self.uses[0][1]

    def of(self, city: str) -> str:
        """The name of the city's own fact, or nothing."""
        return next((spec.name for key, spec in self.uses if key == city), "")


@dataclass(frozen=True)
class Sheet:
    """What somebody has said: answers by question, what they do not know yet, the day, and what the work is about."""

    on: date
    answers: Mapping[str, str] = field(default_factory=dict)
    skipped: frozenset[str] = frozenset()
    stages: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Found:
    """One city for a sheet: its award (a range while facts are open) and the questions its figure still hangs on."""

    city: City
    award: Award
    is_outside: bool
    open_keys: tuple[str, ...]
    counted: frozenset[str]
    most: int

    @property
    def is_certain(self) -> bool:
        """Whether no answer can change the figure."""
        return self.award.result.is_certain

    @cached_property
    def _facts(self) -> dict[str, tuple[str, ...]]:
        program = self.award.program
        found = {}
        for each in program.measures:
            under = below(program, [each.value.node])
            names = {program.nodes[index].fact for index in under if program.nodes[index].op is Op.FACT}
            found[each.name] = tuple(spec.name for spec in program.facts if spec.name in names)
        return found

    def facts_of(self, measure: Measure) -> tuple[str, ...]:
        """The facts a measure is computed from, those of common conditions included, in the order of the file."""
        return self._facts[measure.name]

    def measures(self, key: str) -> list[MeasureResult]:
        """The counted measures of a stage."""
        return [
            each for each in self.award.measures if each.measure.name in self.counted and stage_of(each.measure) == key
        ]


@dataclass(frozen=True)
class Estimate:
    """All cities for a sheet, the next question (none: nothing is left that would change a figure), what was wrong."""

    sheet: Sheet
    found: tuple[Found, ...]
    next: Question | None
    left: int
    wrong: tuple[tuple[str, Diagnostic], ...]

    @property
    def stages(self) -> list[str]:
        """The stages any city supports here, in order."""
        return [key for key in STAGES if any(each.measures(key) for each in self.found)]


@dataclass(frozen=True, eq=False)
class Calculator:
    """The cities and the questions they have in common."""

    cities: tuple[City, ...]
    questions: Mapping[str, Question]

    @property
    def stages(self) -> list[str]:
        """Every stage some city supports, in order."""
        known = {stage_of(each) for city in self.cities for each in city.policy.at().measures}
        return [key for key in STAGES if key in known]

    @cached_property
    def keys(self) -> Mapping[tuple[str, str], str]:
        """City and fact → question."""
        return {(city, spec.name): each.key for each in self.questions.values() for city, spec in each.uses}

    def estimate(self, sheet: Sheet, cities: Sequence[str] = ()) -> Estimate:
        """Every city (or those named, in that order) for what is known, and the next question."""
        chosen = [each for key in cities for each in self.cities if each.key == key] or list(self.cities)
        wrong: list[tuple[str, Diagnostic]] = []
        readings = [self._known(city, sheet, wrong) for city in chosen]
        found = tuple(self._found(city, known, sheet) for city, known in zip(chosen, readings, strict=True))
        ask = next((each for each in found if each.open_keys), None)
        left = len({key for each in found for key in each.open_keys})
        best = self.questions[self._best(ask, readings[found.index(ask)])] if ask else None
        return Estimate(sheet, found, best, left, tuple(wrong))

    def _known(self, city: City, sheet: Sheet, wrong: list[tuple[str, Diagnostic]]) -> dict[str, int]:
        version = city.policy.version(city.day(sheet.on))
        known = dict(version.defaults)
        for key, text in sheet.answers.items():
            question = self.questions.get(key)
            spec = version.program.by_name.get(question.of(city.key)) if question else None
            if spec is None:
                continue
            try:
                known[spec.name] = read_answer(spec, text)
            except PolicyError as error:
                if not any(said == key for said, _diagnostic in wrong):
                    wrong += [(key, each) for each in error.diagnostics]
        return known

    def _found(self, city: City, known: dict[str, int], sheet: Sheet) -> Found:
        day = city.day(sheet.on)
        program = city.policy.at(day)
        counted = _counted(program, sheet.stages)
        numbers = _numbers(program, known, counted)
        award = Award(program, city.policy.title, day, known, numbers, None)
        hidden = {each.of(city.key) for key in sheet.skipped if (each := self.questions.get(key))}
        live = [name for name in _live(program, numbers) if name not in hidden]
        keys = tuple(self.keys[city.key, name] for name in live if (city.key, name) in self.keys)
        most = _numbers(program, {}, counted)[program.result.node][1]
        return Found(city, award, day != sheet.on, keys, counted, most)

    def _best(self, found: Found, known: Mapping[str, int]) -> str:
        """Of the open questions the one that narrows most on average; nearly equal ones by ease, then by the file."""
        program = found.award.program
        width = found.award.result.high - found.award.result.low
        scores = []
        for key in found.open_keys:
            spec = program.by_name[self.questions[key].of(found.city.key)]
            answers = candidates(program, spec)
            wide = [
                _numbers(program, {**known, spec.name: each}, found.counted)[program.result.node] for each in answers
            ]
            narrowed = width - Fraction(sum(high - low for low, high in wide), len(wide))
            scores.append((narrowed, EASE[spec.kind], key))
        most = max(narrowed for narrowed, _ease, _key in scores)
        near = [each for each in scores if 2 * each[0] >= most]
        return min(near, key=lambda each: (each[1], -each[0]))[2]

    def unknown(self, keys: Iterable[str]) -> list[str]:
        """Those keys that are no question."""
        return [key for key in keys if key not in self.questions]


def read_answer(spec: FactSpec, text: str) -> int:
    """The number an answer stands for; over-long texts are refused before they are read.

    >>> read_answer(FactSpec("cost", "money", "成本", "Cost", "", "money", high=10**12), "500万元")
    500000000
    """
    if len(text) > MAX_ANSWER:
        shown = f"{text[:20]}…"
        data = {"name": spec.zh, "wanted": spec.kind, "value": shown}
        raise PolicyError([Diagnostic(Code.FACT_VALUE, "facts", data=data)])
    return fact_values.number_of(spec, text)


@lru_cache(maxsize=4096)
def stage_of(measure: Measure) -> str:
    """What a measure supports (script, shooting, release …)."""
    return stage(measure.zh, measure.clause, measure.text)


def _counted(program: Program, stages: Collection[str]) -> frozenset[str]:
    """The measures that count: all, or those of the stages asked for and any that these are computed from."""
    if not stages:
        return frozenset(each.name for each in program.measures)
    wanted = [each for each in program.measures if stage_of(each) in stages]
    needed = below(program, [each.value.node for each in wanted])
    return frozenset(each.name for each in program.measures if each in wanted or _stays(program, each, needed))


def _stays(program: Program, measure: Measure, needed: Collection[int]) -> bool:
    """Whether a measure cannot be set aside: others rest on its node, or it is an amount for everybody."""
    node = program.nodes[measure.value.node]
    return node.k != 0 if node.op is Op.CONST else measure.value.node in needed


def _numbers(program: Program, known: Mapping[str, int], counted: Collection[str]) -> list[Range]:
    """Every node's range, with the measures that do not count giving nothing.

    An unknown choice is tried value by value, so that two measures for two values are not both counted.
    """
    aside = dict.fromkeys((each.value.node for each in program.measures if each.name not in counted), (0, 0))
    cases: list[Mapping[str, int]] = [known]
    for spec in asked(program):
        if spec.kind == "choice" and spec.name not in known and len(cases) * len(spec.choices) <= MAX_CASES:
            cases = [{**case, spec.name: number} for case in cases for number in range(len(spec.choices))]
    found = [ranges(program, case, fixed=aside) for case in cases]
    if len(found) == 1:
        return found[0]
    return [(min(low for low, _ in each), max(high for _, high in each)) for each in zip(*found, strict=True)]


def _live(program: Program, numbers: Sequence[Range]) -> list[str]:
    """The unknown facts the result still hangs on, in the order of the file: certain nodes end the search."""
    seen: set[int] = set()
    waiting = [program.result.node]
    names: set[str] = set()
    while waiting:
        index = waiting.pop()
        low, high = numbers[index]
        if low == high or index in seen:
            continue
        seen.add(index)
        node = program.nodes[index]
        if node.op is Op.FACT:
            names.add(node.fact)
        elif node.op is Op.IF and numbers[node.args[0]][0] == numbers[node.args[0]][1]:
            waiting.append(node.args[1 if numbers[node.args[0]][0] else 2])
        elif node.op in (Op.MIN, Op.MAX) and (one := _decides(node.op, node.args, numbers)) is not None:
            waiting.append(one)
        else:
            waiting += node.args
    return [spec.name for spec in program.facts if spec.name in names]


def _decides(op: Op, args: tuple[int, ...], numbers: Sequence[Range]) -> int | None:
    """Which side of ``min`` or ``max`` is the result whatever the other becomes."""
    (al, ah), (bl, bh) = numbers[args[0]], numbers[args[1]]
    if op is Op.MIN:
        return args[0] if ah <= bl else args[1] if bh <= al else None
    return args[0] if al >= bh else args[1] if bl >= ah else None


def completed(calculator: Calculator, city: City, on: date, given: Mapping[str, str]) -> Sheet:
    """The sheet of a worked example: what it does not mention is the lowest, said only where the figure needs it."""
    answers = {
        calculator.keys[city.key, name]: text for name, text in given.items() if (city.key, name) in calculator.keys
    }
    sheet = Sheet(on, answers)
    while True:
        found = calculator.estimate(sheet, [city.key])
        if found.next is None:
            return sheet
        spec = next(spec for key, spec in found.next.uses if key == city.key)
        sheet = Sheet(on, {**sheet.answers, found.next.key: fact_values.show(spec, max(spec.low, 0)).replace(",", "")})


def questions_of(cities: Sequence[City], meanings: Sequence[Mapping[str, object]]) -> dict[str, Question]:
    """The questions in the order of the cities and their files, joined by meaning, else by name and type."""
    joined = {(str(city), str(name)): each for each in meanings for city, name in _facts(each).items()}
    found: dict[str, Question] = {}
    for city in cities:
        for spec in asked(city.policy.at()):
            meaning = joined.get((city.key, spec.name))
            key = str(meaning["key"]) if meaning else spec.name
            if key in found and not _alike(found[key].spec, spec):
                if meaning:
                    raise ValueError(f"calculator.toml: {key} joins facts of different types")
                key = f"{spec.name}_{city.key}"
            if key in found:
                before = found[key]
                found[key] = Question(key, before.zh, before.en, (*before.uses, (city.key, spec)), before.note)
            elif meaning:
                note = (str(meaning.get("note", "")), str(meaning.get("note_en", "")))
                found[key] = Question(key, str(meaning["zh"]), str(meaning["en"]), ((city.key, spec),), note)
            else:
                found[key] = Question(key, spec.zh, spec.en, ((city.key, spec),))
    return found


def _facts(meaning: Mapping[str, object]) -> Mapping[object, object]:
    facts = meaning.get("facts")
    return facts if isinstance(facts, Mapping) else {}


def asked(program: Program) -> list[FactSpec]:
    """The facts that have a number in the program: keys and what only orders rows are not asked."""
    numbered = {node.fact for node in program.nodes if node.op is Op.FACT}
    return [spec for spec in program.facts if spec.name in numbered]


def _alike(one: FactSpec, other: FactSpec) -> bool:
    return (one.kind, one.unit, one.den, one.choices) == (other.kind, other.unit, other.den, other.choices)
