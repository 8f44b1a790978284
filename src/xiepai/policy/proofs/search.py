"""Cases tried out before a solver is asked, and cases made smaller after it answered.

Trying finds most witnesses and proves nothing: what it does not find is put to the solver. Cases come from the ends of
every range and from both sides of every number a fact is compared with; the same ones every time.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from functools import cached_property

from xiepai.policy.api import Policy
from xiepai.policy.compiled import Function, compile_program
from xiepai.policy.facts import show
from xiepai.policy.intervals import candidates
from xiepai.policy.ir import Program, Value
from xiepai.policy.proofs.findings import Case

Facts = dict[str, int]
TRIES = 160
_SEED = 20260101
_MOST = 24


class WitnessError(AssertionError):
    """A witness that the policy does not compute to the same number: the proofs and the policy disagree."""


class Search:
    """Tries cases on one version of a policy."""

    def __init__(self, policy: Policy, on: date | None) -> None:
        self.policy, self.on = policy, on
        self.version = policy.version(on)
        self.program: Program = self.version.program
        self.function, self.places = self.version.compiled
        self.specs = {spec.name: spec for spec in self.program.facts if spec.kind != "key"}
        self.calm: Facts = {name: max(spec.low, 0) if spec.low <= 0 else spec.low for name, spec in self.specs.items()}
        self.options = {name: _spread(candidates(self.program, spec)) for name, spec in self.specs.items()}
        self.pool: list[Facts] = self._pool()
        self._drawn = len(self.pool)
        self._shown: dict[tuple[str, int], str] = {}
        self._columns: list[tuple[int, ...]] | None = None

    def _pool(self) -> list[Facts]:
        """Everything no; everything yes and high; then a mixture, mostly yes."""
        chance = random.Random(_SEED)  # noqa: S311 - the same cases every time, no secret
        high = {name: options[-1] for name, options in self.options.items()}
        found = [dict(self.calm), high]
        for _ in range(TRIES):
            found.append({name: self._pick(chance, name) for name in self.specs})
        return found

    def _pick(self, chance: random.Random, name: str) -> int:
        options = self.options[name]
        if self.specs[name].kind == "yes/no":
            return int(chance.random() < 0.7)
        return options[chance.randrange(len(options))]

    def number(self, facts: Mapping[str, int], node: int) -> int:
        """The number of a node for one case; fast for the nodes an explanation shows."""
        place = self.places.get(node)
        if place is not None:
            return int(self.function(facts)[place])
        return int(self.every(facts)[node])

    @cached_property
    def every(self) -> Function:
        """Every node of one case by itself. Witnesses are computed again by the policy, so trying may be fast."""
        return compile_program(self.program, range(len(self.program.nodes)))[0]

    def alone(self, node: int, fact: str, number: int) -> int:
        """A node that depends on one fact only, with the fact at a number."""
        return int(self.every({**self.calm, fact: number})[node])

    @property
    def columns(self) -> list[tuple[int, ...]]:
        """Every node for every case of the pool, each case by itself."""
        if self._columns is None or len(self._columns) < len(self.pool):
            known = self._columns or []
            fresh = self.pool[len(known) :]
            self._columns = known + [self.every(facts) for facts in fresh]
        return self._columns

    def add(self, facts: Mapping[str, int]) -> Facts:
        """One more case for the pool."""
        whole = {**self.calm, **facts}
        self.pool.append(whole)
        return whole

    def likely(self) -> list[Facts]:
        """Cases worth moving one fact in: those in which something came out as high as it gets, and some others."""
        return [*self.pool[self._drawn :][:60], *self.pool[: min(60, self._drawn)]]

    def first(self, holds: Callable[[tuple[int, ...]], bool]) -> Facts | None:
        """A case of the pool whose nodes hold something."""
        for facts, column in zip(self.pool, self.columns, strict=True):
            if holds(column):
                return facts
        return None

    def best(self, node: int, names: Iterable[str] | None = None) -> Facts:
        """A case that makes a node as high as trying one fact after the other gets it."""
        columns = self.columns
        place = max(range(len(columns)), key=lambda index: columns[index][node])
        return self.climbed(self.pool[place], node, names)

    def climbed(self, facts: Facts, node: int, names: Iterable[str] | None = None) -> Facts:
        """A case from which no single fact, set to one of its options, gets a node higher."""
        found, score = dict(facts), self.number(facts, node)
        order = list(names or self.specs)
        rising = True
        while rising:
            rising = False
            for name in order:
                for option in self.options[name]:
                    if option == found[name]:
                        continue
                    tried = {**found, name: option}
                    if (reached := self.number(tried, node)) > score:
                        found, score, rising = tried, reached, True
        return found

    def smaller(self, facts: Facts, holds: Callable[[Facts], bool]) -> Facts:
        """The same case with every fact at rest that need not be moved, and low options where they do."""
        found = dict(facts)
        for name in self.specs:
            if found[name] == self.calm[name]:
                continue
            for option in (self.calm[name], *(each for each in self.options[name] if each < found[name])):
                tried = {**found, name: option}
                if holds(tried):
                    found = tried
                    break
        return found

    def word(self, name: str, number: int) -> str:
        """A fact as people write it; most witnesses leave most facts at rest."""
        found = self._shown.get((name, number))
        if found is None:
            found = self._shown[name, number] = show(self.specs[name], number, "zh")
        return found

    def case(self, facts: Facts, value: Value, telling: Iterable[str] = ()) -> Case:
        """A witness, computed again by the policy from the words it is shown in; it must come out the same."""
        words = {name: self.word(name, facts[name]) for name in self.specs}
        award = self.policy.evaluate(words, on=self.on)
        number = self.number(facts, value.node)
        if award.known != {**award.known, **facts} or award.amount_of(value).low != number:
            raise WitnessError(words)
        results = award.amount_of(value).show(), award.amount_of(value).show("en")
        if value.kind == "choice" and self.program.choices:
            results = self.program.choice_labels[number], self.program.choices[number]
        moved = {*telling, *(name for name in self.specs if facts[name] != self.calm[name])}
        return Case(words, tuple(name for name in self.specs if name in moved), results)


def _spread(options: list[int]) -> list[int]:
    """At most a few options, both ends kept."""
    if len(options) <= _MOST:
        return options
    step = (len(options) - 1) / (_MOST - 1)
    return sorted({options[round(place * step)] for place in range(_MOST)})
