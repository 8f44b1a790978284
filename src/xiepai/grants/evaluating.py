"""What every measure gives every subject, as ranges, before limits that subjects share. Plain numpy, no database.

A measure is worth a word where something speaks for it: one of its own conditions already holds by a fact of the
subject, none fails, and money (or a benefit in kind) can come of it. Refused: calling a measure possible merely
because nothing is known.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from math import lcm
from typing import Any

import numpy as np
from numpy.typing import NDArray

from xiepai.grants.facts_for import Column
from xiepai.grants.gathering import Bools, Ints
from xiepai.policy import FactSpec, Op, Program
from xiepai.policy.interval_columns import ColumnRanges, Pair
from xiepai.policy.intervals import candidates
from xiepai.policy.ir import Measure

NONE, MAYBE, OWED = range(3)
_LIMIT = 2**62
_PRIME, _SEED = np.uint64(0x9E3779B97F4A7C15), np.uint64(0x243F6A8885A308D3)


@dataclass(frozen=True)
class Outcome:
    """One measure (or, with an empty name, the whole programme) over all subjects.

    ``missing`` and ``claims`` are sets of facts as bits, by their place in ``facts``; ``holds`` and ``open`` sets of
    conditions; ``next_fact`` a place in ``facts`` or -1. ``digest`` stands for facts and outcome together.
    """

    name: str
    facts: tuple[str, ...]
    low_fen: Ints
    high_fen: Ints
    state: Ints
    missing: Ints
    claims: Ints
    holds: Ints
    open: Ints
    next_fact: Ints
    digest: Ints


class MeasurePlan:
    """What is looked at for one measure."""

    def __init__(self, program: Program, measure: Measure) -> None:
        self.program, self.measure = program, measure
        # a benefit in kind is worth no fen: there is only whether it is given
        self.node, self.den = (measure.applies, 1) if measure.is_in_kind else (measure.value.node, measure.value.den)
        self.conditions = tuple(condition.node for condition in measure.conditions)
        own = [condition.node for condition in measure.conditions if not condition.clause]
        self.own = [(node, _facts_below(program, node)) for node in own]
        self.columns = ColumnRanges(program, [self.node, measure.applies, *self.conditions])
        self.facts = tuple(name for name in self.columns.facts)

    @cached_property
    def answers(self) -> dict[str, list[int]]:
        """For each fact the answers worth trying."""
        return {name: candidates(self.program, self.program.by_name[name]) for name in self.facts}

    @cached_property
    def common(self) -> int:
        """What sums over different numbers of answers are brought to; 0 where that would leave 62 bits."""
        found = lcm(*(len(answers) for answers in self.answers.values())) if self.answers else 1
        node = self.program.nodes[self.node]
        return found if (node.hi - node.lo) * found < _LIMIT else 0


class ProgramPlan:
    """A program, made ready for one kind of subject: the measures about it, and the whole."""

    def __init__(self, program: Program, about_other: frozenset[str]) -> None:
        self.program = program
        self.measures = [MeasurePlan(program, each) for each in program.measures if each.name not in about_other]
        self.result = ColumnRanges(program, [program.result.node])
        self.users = {
            name: [place for place, plan in enumerate(self.measures) if name in plan.facts]
            for name in self.result.facts
        }

    def run(self, columns: Mapping[str, Column], rows: slice) -> list[Outcome]:
        """The outcomes of the subjects in a slice, the whole programme last."""
        part = {name: _cut(column, rows) for name, column in columns.items()}
        size = len(next(iter(part.values())).low) if part else 0
        found = [_measured(plan, part, size) for plan in self.measures]
        return [*found, self._whole(part, found, size)]

    def _whole(self, columns: Mapping[str, Column], found: list[Outcome], size: int) -> Outcome:
        """The programme's result: what speaks for nothing (and what is about others) counts as at its lowest."""
        low, high = {}, {}
        for name in self.result.facts:
            column = columns[name]
            open_rows = np.zeros(size, np.bool_)
            for place in self.users[name]:
                open_rows |= found[place].state != NONE
            shut = ~column.is_known & ~open_rows
            low[name] = column.low
            high[name] = np.where(shut, column.low, column.high)
        pair = self.result.run(low, high, size)[self.program.result.node]
        state = np.where(pair[1] <= 0, NONE, np.where(pair[0] == pair[1], OWED, MAYBE)).astype(np.int64)
        zero = np.zeros(size, np.int64)
        digest = _digest([*(each.digest for each in found), pair[0], pair[1]], size)
        claimed = zero.copy()
        for each in found:
            claimed |= ((each.claims != 0) & (each.state != NONE)).astype(np.int64)
        return Outcome("", (), pair[0], pair[1], state, zero, claimed, zero, zero, zero - 1, digest)


def _cut(column: Column, rows: slice) -> Column:
    return Column(column.spec, column.low[rows], column.high[rows], column.origin[rows], column.is_clock)


def _facts_below(program: Program, node: int) -> tuple[str, ...]:
    return ColumnRanges(program, [node]).facts


def _measured(plan: MeasurePlan, columns: Mapping[str, Column], size: int) -> Outcome:
    used = {name: columns[name] for name in plan.facts}
    low, high = {name: each.low for name, each in used.items()}, {name: each.high for name, each in used.items()}
    base = plan.columns.run(low, high, size)
    value, applies = base[plan.node], base[plan.measure.applies]
    speaks = _speaks(plan, base, used, size) & (applies[1] > 0) & (value[1] > 0)
    certain = (value[0] == value[1]) & (applies[0] == applies[1])
    state = np.where(~speaks, NONE, np.where(certain, OWED, MAYBE)).astype(np.int64)
    missing, following = _missing(plan, base, used, state == MAYBE, size)
    scale = 0 if plan.measure.is_in_kind else 1
    low_fen, high_fen = (each // plan.den * scale for each in value)
    claims = _bits([each.is_claim for each in used.values()], size)
    holds = _bits([base[node][0] > 0 for node in plan.conditions], size)
    opened = _bits([(base[node][0] < 1) & (base[node][1] > 0) for node in plan.conditions], size)
    moving = [part for each in used.values() if not each.is_clock for part in (each.low, each.high, each.origin)]
    digest = _digest([*moving, low_fen, high_fen, state, missing, following, holds, opened], size)
    return Outcome(
        plan.measure.name, plan.facts, low_fen, high_fen, state, missing, claims, holds, opened, following, digest
    )


def _speaks(plan: MeasurePlan, base: Mapping[int, Pair], used: Mapping[str, Column], size: int) -> Bools:
    """Where one of the measure's own conditions holds by a fact of the subject; without any, where a fact is given."""
    found = np.zeros(size, np.bool_)
    for node, facts in plan.own:
        given = np.zeros(size, np.bool_)
        for name in facts:
            given |= used[name].is_given
        found |= (base[node][0] > 0) & given
    if not plan.own:
        for column in used.values():
            found |= column.is_given
    return found


def _missing(
    plan: MeasurePlan, base: Mapping[int, Pair], used: Mapping[str, Column], rows: Bools, size: int
) -> tuple[Ints, Ints]:
    """Which unknown facts would narrow the amount, as bits, and which narrows it most (as ``intervals.next_fact``)."""
    missing, best_fact = np.zeros(size, np.int64), np.full(size, -1, np.int64)
    width = base[plan.node][1] - base[plan.node][0]
    common = plan.common
    best = np.full(size, _LIMIT, np.int64)
    for place, (name, answers) in enumerate(plan.answers.items()):
        asked = rows & ~used[name].is_known
        if not asked.any():
            continue
        at = np.flatnonzero(asked)
        total = np.zeros(len(at), np.int64)
        near = {index: (low[at], high[at]) for index, (low, high) in base.items()}
        for number in answers:
            low, high = plan.columns.answered(near, name, number, len(at))[plan.node]
            total += high - low
        narrows = total < width[at] * len(answers)
        missing[at[narrows]] |= np.int64(1) << place
        score = total * (common // len(answers)) if common else total // len(answers)
        better = narrows & (score < best[at])
        best[at[better]], best_fact[at[better]] = score[better], place
    return missing, best_fact


def _bits(flags: list[Bools], size: int) -> Ints:
    found = np.zeros(size, np.int64)
    for place, flag in enumerate(flags):
        found |= flag.astype(np.int64) << place
    return found


def _digest(parts: Iterable[NDArray[Any]], size: int) -> Ints:
    """64 bits that stand for a row of numbers (multiply and shift, as SplitMix64 does)."""
    found = np.full(size, _SEED, np.uint64)
    for part in parts:
        found = (found ^ part.astype(np.int64).view(np.uint64)) * _PRIME
        found ^= found >> np.uint64(29)
    return found.view(np.int64)


def specs(program: Program, names: tuple[str, ...], bits: int) -> list[FactSpec]:
    """The facts a set of bits stands for."""
    return [program.by_name[name] for place, name in enumerate(names) if bits >> place & 1]


def is_shared(program: Program) -> bool:
    """Whether some step looks at other cases too, so that an amount stands before shared limits."""
    return any(node.op is Op.STEP for node in program.nodes)
