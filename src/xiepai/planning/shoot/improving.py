"""The search of plans above the compiled changes: which unit's days to work at all, then annealing, two walks at once.

The dearest choice of a plan is how many unit's days it takes, and no small change empties a day. So sets of days are
tried against each other for a short while each, the best ones changed by a day, and the best plan is annealed for the
rest of the time. Two threads walk side by side and meet after every portion; each portion depends on where it begins
and on its seed only, so with ``rounds`` the answer is the same on every machine. Believes nothing: what a walk calls
best is offered to ``solving``, which checks it.
"""

from __future__ import annotations

import math
import random
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from xiepai.planning.shoot import arrays, slots
from xiepai.planning.shoot.engine_numba.annealing import anneal
from xiepai.planning.shoot.model import Problem

WALKS = 2
RUIN_SHARE = 0.005
PER_MINUTE = 20000
HOT_FEN, WARM_FEN, COLD_FEN = 150000.0, 50000.0, 1500.0
PORTION_SECONDS, PORTIONS = 0.35, 60
RACED_SCENES, CHANGES_A_SCENE, MOST_RACED = 30, 80, 20
"""Days are raced in problems of so many scenes, with at least so many changes a scene for each set of days."""
SHAKEN = 3000
"""Changes a scene from which on annealing begins at ``HOT_FEN``."""
OVERHEAD = 1.15
"""Minutes of a day over the minutes shot, at least: set-up, moves, waiting for light."""


@dataclass(frozen=True)
class Line:
    """A plan in the making: its cells, the best of them so far, and the unit's days it may use."""

    now: Any
    best: Any
    fen: int
    bad: int
    closed: frozenset[int]

    @property
    def score(self) -> int:
        """Money and violations in one figure, as the walks weigh them."""
        return self.fen + PER_MINUTE * self.bad


@dataclass
class Budget:
    """How far a run is, as a share of its time or rounds."""

    seconds: float
    rounds: int | None
    began: float
    done: int = 0

    def share(self) -> float:
        """0 at the start of the search, 1 at its end."""
        if self.rounds is not None:
            return self.done / max(1, self.rounds)
        return (time.monotonic() - self.began) / max(0.05, self.seconds)


class Search:
    """One search: two memories, a pool of threads, lines of plans. ``on_portion`` hears of each and may end it."""

    def __init__(
        self,
        problem: Problem,
        memory: arrays.Memory,
        budget: Budget,
        seed: int,
        on_portion: Callable[[Line], bool],
    ) -> None:
        self.problem, self.budget, self.seed, self.on_portion = problem, budget, seed, on_portion
        self.begin, self.kept = memory.begin, memory.kept
        self.cells = [memory.cells, *(memory.cells.copy() for _ in range(WALKS - 1))]
        self.allow = memory.allow
        self.random = random.Random(seed)  # noqa: S311 - draws plans, no secrets
        self.number, self.portion, self.is_over = 0, 200, False
        self.rate, self.hot = 0.0, HOT_FEN
        self.rows = self._rows(memory)

    def _rows(self, memory: arrays.Memory) -> list[int]:
        """The unit's days on which anything may be shot."""
        return [int(row) for row in np.flatnonzero(self.allow.any(axis=0).ravel())]

    def run(self) -> None:
        """From the plan in the first memory to the end of the budget."""
        state = self.cells[0][self.begin : self.begin + self.kept].copy()
        first = Line(state, state, 1 << 60, 1 << 40, frozenset())
        with ThreadPoolExecutor(WALKS) as pool:
            self.pool = pool
            first = self._portions([first], 0.0, HOT_FEN, COLD_FEN)[0]  # the order at hand, its gaps closed
            lines = [first, first]
            if len(self.problem.scenes) >= RACED_SCENES:
                first = self._anneal([first, first], 0.03, WARM_FEN / 5, COLD_FEN)[0]
                self.hot = self._hot()
                lines = self._race(replace(first, now=first.best))
            lines = self._anneal(lines[:WALKS], 0.8, self.hot, COLD_FEN)
            best = min(lines, key=lambda line: line.score)
            again = replace(best, now=best.best)
            self._anneal([again] * WALKS, 1.0, min(WARM_FEN, self.hot / 2), COLD_FEN / 1.5)

    def _hot(self) -> float:
        """Where annealing begins: the fewer changes a scene there is time for, the less of a plan is shaken."""
        changes = self._changes(1.0) / len(self.problem.scenes)
        return min(HOT_FEN, max(4 * COLD_FEN, HOT_FEN * changes / SHAKEN))

    def _race(self, first: Line) -> list[Line]:
        """Sets of unit's days against each other, then the best of them changed by a day or two."""
        share = self.budget.share()
        changes = self._changes(0.26)
        number = min(MOST_RACED, int(changes / (CHANGES_A_SCENE * len(self.problem.scenes))))
        lines = [first]
        if number < 4 or len(self.rows) < 3:
            return lines * WALKS
        sets = list({self._drawn() for _ in range(number)} - {frozenset()})
        sets = sorted((each for each in sets if self._is_possible(each)), key=sorted)
        lines += self._each([replace(first, closed=each) for each in sets], share + 0.26, self.hot)
        for step in range(number // 2):
            lines = sorted(lines, key=lambda line: line.score)[:4]
            bred = [self._bred(lines) for _ in range(WALKS)]
            lines += self._each(bred, share + 0.26 + 0.25 * (step + 1) / (number // 2), min(WARM_FEN, self.hot))
        return sorted(lines, key=lambda line: line.score)

    def _changes(self, share: float) -> float:
        """How many changes a share of the budget is worth."""
        if self.budget.rounds is not None:
            return share * self.budget.rounds
        return share * self.budget.seconds * self.rate * WALKS

    def _drawn(self) -> frozenset[int]:
        """Unit's days to leave out: any, those of the dearest unit at one end, or whole days at one end."""
        units = len(self.problem.units)
        minutes = sum(each.minutes for each in self.problem.scenes) * OVERHEAD
        paid = sum(each.day_minutes for each in self.problem.units) / units
        least = math.ceil(minutes / paid)
        number = len(self.rows) - self.random.randint(least, least + 3)
        if number < 1:
            return frozenset()
        how, side = self.random.random(), self.random.choice((1, -1))
        fee = [each.day_fen for each in self.problem.units]

        def key(row: int) -> tuple[float, ...]:
            if how < 0.35:
                return (-fee[row % units] * self.random.random(),)
            if how < 0.7:
                return (-fee[row % units], side * row)
            return (side * (row // units), -fee[row % units])

        return frozenset(sorted(self.rows, key=key)[:number])

    def _bred(self, lines: list[Line]) -> Line:
        """One of the best, with a day more, a day less, or both."""
        line = lines[min(self.random.randrange(len(lines)), self.random.randrange(len(lines)))]
        closed, how = set(line.closed), self.random.random()
        if closed and how < 0.6:
            closed.remove(self.random.choice(sorted(closed)))
        if how > 0.25:
            lengths = line.best[self._length : self._length + len(self.problem.days) * len(self.problem.units)]
            used = [row for row in self.rows if row not in line.closed and lengths[row]]
            pair = self.random.sample(used, min(2, len(used)))
            closed |= {min(pair, key=lambda row: int(lengths[row]))} if pair else set()
        if not self._is_possible(frozenset(closed)):
            closed = set(line.closed)
        return replace(line, now=line.best, closed=frozenset(closed))

    @property
    def _length(self) -> int:
        return int(self.cells[0][slots.LENGTH]) - self.begin

    def _is_possible(self, closed: frozenset[int]) -> bool:
        """Whether every scene that may be shot at all still may."""
        opened = self.allow.reshape(len(self.allow), -1).copy()
        before = opened.any(axis=1)
        opened[:, sorted(closed)] = 0
        pointer = self.cells[0][self.cells[0][slots.CAND_PTR] :][: len(self.problem.scenes)]
        able, wanted = (np.logical_or.reduceat(each, pointer) for each in (opened.any(axis=1), before))
        return bool((able >= wanted).all())

    def _each(self, lines: list[Line], until: float, hot: float) -> list[Line]:
        """Anneal lines two by two, each pair for a like share of what is left until *until*."""
        found: list[Line] = []
        pairs = [lines[at : at + WALKS] for at in range(0, len(lines), WALKS)]
        for left, pair in zip(range(len(pairs), 0, -1), pairs, strict=True):
            share = self.budget.share()
            found += self._anneal(pair, share + (until - share) / left, hot, COLD_FEN * 2)
        return found

    def _anneal(self, lines: list[Line], until: float, hot: float, cold: float) -> list[Line]:
        """Portions from hot to cold until a share of the budget is gone; each line's best since its days were set."""
        begun = share = self.budget.share()
        lines = [replace(line, fen=1 << 60, bad=1 << 40) for line in lines]
        while share < until and not self.is_over:
            lines = self._portions(lines, until, *(
                hot * (cold / hot) ** ((at - begun) / (until - begun))
                for at in (share, min(until, share + max((until - begun) / 20, 1 / PORTIONS / 4)))
            ))  # fmt: skip
            share = self.budget.share()
        return lines

    def _portions(self, lines: list[Line], until: float, hot: float, cold: float) -> list[Line]:
        """One portion for every line, side by side."""
        rounds = self._size(len(lines), until)
        clock = time.monotonic()
        jobs = []
        for cells, line in zip(self.cells, lines, strict=False):
            self.number += 1
            seed = (self.seed * 100003 + self.number) % (1 << 31)
            jobs.append(self.pool.submit(self._walk, cells, line, seed, rounds, hot, cold))
        lines = [job.result() for job in jobs]
        took = max(1e-4, time.monotonic() - clock)
        self.budget.done += rounds * len(lines)
        if rounds:
            self.rate = rounds / took
            if self.budget.rounds is None:
                wanted = min(PORTION_SECONDS, max(0.03, self.budget.seconds / PORTIONS))
                self.portion = max(50, min(4 * self.portion, int(rounds * wanted / took)))
        for line in lines:
            self.is_over = not self.on_portion(line) or self.is_over
        return lines

    def _size(self, lines: int, until: float) -> int:
        """The changes of one portion."""
        if not until:
            return 0
        if self.budget.rounds is None:
            left = (until - self.budget.share()) * self.budget.seconds * self.rate
            return max(50, min(self.portion, int(left) if self.rate else self.portion))
        left = math.ceil(until * self.budget.rounds) - self.budget.done
        return max(1, min(math.ceil(self.budget.rounds / PORTIONS), left) // lines)

    def _walk(self, cells: Any, line: Line, seed: int, rounds: int, hot: float, cold: float) -> Line:
        begin, kept = self.begin, self.kept
        cells[begin : begin + kept] = line.now
        cells[begin + 2 * kept : begin + 3 * kept] = line.best
        allow = self.allow.copy().reshape(len(self.allow), -1)
        allow[:, sorted(line.closed)] = 0
        cells[cells[slots.ALLOW] :][: allow.size] = allow.ravel()
        lengths = line.now[self._length :]
        leave = np.array([row for row in sorted(line.closed) if lengths[row]], np.int64)
        best = np.array([line.fen, line.bad], np.int64)
        anneal(cells, seed, rounds, hot, cold, RUIN_SHARE, leave, best)
        return Line(
            cells[begin : begin + kept].copy(), cells[begin + 2 * kept : begin + 3 * kept].copy(), int(best[0]),
            int(best[1]), line.closed,
        )  # fmt: skip
