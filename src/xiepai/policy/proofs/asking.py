"""Settles one claim after another: from the shape of the nodes, from a case that was tried, or from the solver.

``Asking`` holds what all questions share: the cases, the terms, one solver, and how often each way answered.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from datetime import date
from typing import Any

from xiepai.policy.api import Policy
from xiepai.policy.ir import Measure, Value
from xiepai.policy.proofs import shape
from xiepai.policy.proofs.findings import AWARD, RESULT, Status
from xiepai.policy.proofs.search import Facts, Search
from xiepai.policy.proofs.terms import Solver, Terms
from xiepai.policy.source import Mapping


class Asking:
    """One version of a policy under questions."""

    def __init__(self, policy: Policy, on: date | None, seconds: float) -> None:
        self.search = Search(policy, on)
        self.program = self.search.program
        self.until = time.monotonic() + seconds
        self.by: Counter[str] = Counter()
        self.depends = shape.reads(self.program)
        self.in_kind = frozenset(in_kind(policy))
        self._terms: Terms | None = None
        self._solver: Solver | None = None

    @property
    def terms(self) -> Terms:
        """The nodes as terms, made when first asked for."""
        if self._terms is None:
            self._terms = Terms(self.program)
        return self._terms

    @property
    def is_choice(self) -> bool:
        """Whether the policy decides a class."""
        return self.program.result_kind == "choice"

    @property
    def whole(self) -> tuple[str, tuple[str, str], Value]:
        """The award (or the class): its name, its words, its value."""
        return ("result", RESULT, self.program.result) if self.is_choice else ("award", AWARD, self.program.result)

    def targets(self, fact: str) -> list[tuple[str, tuple[str, str], Value]]:
        """The measures a fact has to do with, then the award."""
        found = (
            []
            if self.is_choice
            else [named(each) for each in self.program.measures if fact in self.depends[each.value.node]]
        )
        return [*found, self.whole] if fact in self.depends[self.program.result.node] else found

    def possible(self, *claims: Callable[[Terms], Any]) -> Facts | bool | None:
        """A case in which all claims hold, False if there is none, None where time ran out."""
        if self.is_late:
            return None
        if self._solver is None:
            self._solver = Solver(self.terms)
        self.by["solver"] += 1
        return self._solver.case(*(claim(self.terms) for claim in claims))

    def pair(self, fact: str, claim: Callable[[Terms, Terms, Any, Any], list[Any]]) -> Facts | bool | None:
        """The same with a second copy of the policy that differs in one fact (``name'`` in the answer):
        ``claim(before, after, x, y)``."""
        if self.is_late:
            return None
        after = Terms(self.program, "'", {fact: None}, self.terms)
        solver = Solver(self.terms, after)
        self.by["solver"] += 1
        return solver.case(*claim(self.terms, after, self.terms.facts[fact], after.facts[fact]))

    @property
    def is_late(self) -> bool:
        """Whether the time is used up."""
        return time.monotonic() > self.until


def in_kind(policy: Policy) -> list[str]:
    """The measures that give something else than money."""
    measures = policy.root.get("measures")
    pairs = measures.pairs if isinstance(measures, Mapping) else ()
    return [key.text for key, entry in pairs if isinstance(entry, Mapping) and entry.get("in_kind")]


def named(measure: Measure) -> tuple[str, tuple[str, str], Value]:
    """A measure as a target."""
    return measure.name, (measure.zh, measure.en), measure.value


def settled(answer: Facts | bool | None) -> Status:
    """The status of a claim whose opposite was looked for."""
    if answer is None:
        return Status.UNKNOWN
    return Status.PROVEN if answer is False else Status.REFUTED
