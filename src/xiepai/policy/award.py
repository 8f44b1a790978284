"""What a case gets and why: the award with every condition, figure, cap and missing paper that led to it.

A view on numbers already computed. Where facts are missing, each amount is a range and each
condition may be unknown; it then names the fact to ask next. Texts are made only when asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any, Generic, NamedTuple, TypeVar, overload

from xiepai.policy.facts import amount
from xiepai.policy.intervals import next_fact
from xiepai.policy.ir import Change, Condition, FactSpec, Measure, Program, Step, Value

T = TypeVar("T")


class Amount(NamedTuple):
    """A number between ``low`` and ``high`` over ``den``; certain where both are the same."""

    low: int
    high: int
    den: int = 1
    kind: str = "money"
    unit: str = ""

    @property
    def is_certain(self) -> bool:
        """Whether nothing is open."""
        return self.low == self.high

    def show(self, language: str = "zh") -> str:
        """As people write it."""
        low = amount(Fraction(self.low, self.den), self.kind, self.unit, language)
        if self.low == self.high:
            return low
        return f"{low} – {amount(Fraction(self.high, self.den), self.kind, self.unit, language)}"

    def to_json(self) -> dict[str, Any]:
        """Exact: numerators in fen (or the unit) over ``den``."""
        return {"low": self.low, "high": self.high, "den": self.den, "text": self.show()}


class Checked(NamedTuple):
    """A condition with its state: holds (True), fails (False) or is not known (None)."""

    text: str
    state: bool | None
    clause: str


class Changed(NamedTuple):
    """A cap, a deduction, a factor, the stages or a rounding: the amount before and after."""

    what: str
    text: str
    before: Amount
    limit: Amount | None
    after: Amount


class MeasureResult(NamedTuple):
    """One measure for one case."""

    measure: Measure
    conditions: tuple[Checked, ...]
    applies: bool | None
    raw: Amount
    changes: tuple[Changed, ...]
    amount: Amount
    missing: tuple[str, ...]


class StepResult(NamedTuple):
    """A line of ``then`` for one case; a step over rows is shown as it stands for this case alone."""

    step: Step
    before: Amount
    after: Amount


Explained = tuple[tuple[MeasureResult, ...], tuple[StepResult, ...], tuple[tuple[str, Amount], ...]]


class Once(Generic[T]):
    """A value made when first asked for and then kept; ``functools`` would take a lock each time."""

    def __init__(self, make: Callable[[Any], T]) -> None:
        self.make, self.name, self.__doc__ = make, make.__name__, make.__doc__

    @overload
    def __get__(self, instance: None, owner: type) -> Once[T]: ...
    @overload
    def __get__(self, instance: object, owner: type) -> T: ...
    def __get__(self, instance: object | None, owner: type) -> Once[T] | T:
        if instance is None:
            return self
        found = instance.__dict__[self.name] = self.make(instance)
        return found


@dataclass(frozen=True, init=False)
class Numbers:
    """The numbers of an award and what they belong to."""

    program: Program
    title: tuple[str, str]
    on: date
    known: Mapping[str, int]
    values: tuple[int, ...] | list[tuple[int, int]]
    places: Mapping[int, int] | None
    explainer: Callable[[Any], Explained] | None
    given: tuple[str, ...]

    def __init__(
        self, program: Program, title: tuple[str, str], on: date, known: Mapping[str, int],
        values: tuple[int, ...] | list[tuple[int, int]], places: Mapping[int, int] | None = None,
        explainer: Callable[[Any], Explained] | None = None, given: tuple[str, ...] = (),
    ) -> None:  # fmt: skip
        """Written out: one update of the dictionary takes a third of what a frozen dataclass does field by field."""
        self.__dict__.update(
            program=program,
            title=title,
            on=on,
            known=known,
            values=values,
            places=places,
            explainer=explainer,
            given=given,
        )

    def amount_of(self, value: Value) -> Amount:
        """The number of a node of the program."""
        low, high = self._pair(value.node)
        return Amount(low, high, value.den, value.kind, value.unit)

    def _pair(self, node: int) -> tuple[int, int]:
        if self.places is None:
            return self.values[node]  # type: ignore[return-value]
        number: Any = self.values[self.places[node]]
        return number, number

    def _truth(self, node: int) -> bool | None:
        low, high = self._pair(node)
        return bool(low) if low == high else None

    @Once
    def result(self) -> Amount:
        """The award in fen, or the index of the choice."""
        return self.amount_of(self.program.result)

    @property
    def fen(self) -> int | None:
        """The award in fen where it is certain."""
        return self.result.low if self.result.is_certain and self.program.result_kind == "money" else None

    @property
    def choice(self) -> str | None:
        """The choice where the policy decides one and it is certain."""
        if self.program.result_kind != "choice" or not self.result.is_certain:
            return None
        return self.program.choices[self.result.low]

    @property
    def possible(self) -> tuple[str, ...]:
        """The choices still possible."""
        return self.program.choices[self.result.low : self.result.high + 1]

    @property
    def missing(self) -> tuple[FactSpec, ...]:
        """Facts not given."""
        return tuple(spec for spec in self.program.facts if spec.kind != "key" and spec.name not in self.known)

    @property
    def defaulted(self) -> tuple[FactSpec, ...]:
        """Facts that took their default because nobody gave them."""
        given = set(self.given)
        return tuple(
            spec
            for spec in self.program.facts
            if spec.default is not None and given.isdisjoint((spec.name, spec.zh, spec.en))
        )

    @Once
    def next_fact(self) -> FactSpec | None:
        """The fact whose answer narrows the award most."""
        return next_fact(self.program, self.known) if self.missing else None

    @Once
    def measures(self) -> tuple[MeasureResult, ...]:
        """Every measure with its conditions and changes."""
        return self._explained[0]

    @Once
    def _explained(self) -> Explained:
        """By the printed function where everything is certain, else record by record."""
        return self.explainer(self.values) if self.explainer else self.read_slowly()

    def read_slowly(self) -> Explained:
        """Measures, steps and shares, each number looked up by its node."""
        steps = [
            StepResult(each, self.amount_of(each.before), self.amount_of(each.after)) for each in self.program.steps
        ]
        splits = tuple([(name, self.amount_of(value)) for name, value in self.program.splits])
        return tuple(map(self._measure, self.program.measures)), tuple(steps), splits

    def _measure(self, measure: Measure) -> MeasureResult:
        return MeasureResult(
            measure,
            tuple([self._checked(each) for each in measure.conditions]),
            self._truth(measure.applies),
            self.amount_of(measure.raw),
            tuple([self._changed(each) for each in measure.changes]),
            self.amount_of(measure.value),
            tuple(
                [name for name in measure.facts if name not in self.known and self.program.by_name[name].kind != "key"]
            ),
        )

    def _checked(self, condition: Condition) -> Checked:
        return Checked(condition.text, self._truth(condition.node), condition.clause)

    def _changed(self, change: Change) -> Changed:
        limit = self.amount_of(change.limit) if change.limit else None
        return Changed(change.what, change.text, self.amount_of(change.before), limit, self.amount_of(change.after))

    @Once
    def steps(self) -> tuple[StepResult, ...]:
        """Every line of ``then``."""
        return self._explained[1]

    @Once
    def splits(self) -> tuple[tuple[str, Amount], ...]:
        """The shares of the levels; they add up to the award."""
        return self._explained[2]
