"""What the clients of the booking benchmarks ask for, and how a run of many of them is driven and measured.

Every client is a thread with a connection of its own that sends its next wish when the last is answered; the
threads are shared out over processes, so that no interpreter lock of the client limits what is measured. Times
are the machine's monotonic clock; what is answered during the warm-up counts for correctness only.
"""

from __future__ import annotations

import gc
import multiprocessing
import random
import threading
import time
from array import array
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from _ground import AHEAD_DAYS, CLOSES, OPENS, Ground

WARM_UP_SECONDS = 2.0
#: How long after the clients are ready they begin.
READY_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class Wish:
    """A place from one hour (counted from the ground's first midnight) for some hours."""

    place_id: int
    hour: int
    hours: int = 2
    units: int = 1


Load = Callable[[Ground, int], Iterator[list[Wish]]]


def spread(ground: Ground, client: int) -> Iterator[list[Wish]]:
    """Any set, any day of two years: hardly ever two clients for one slot."""
    chance = random.Random(1_000 + client)
    while True:
        yield [Wish(chance.choice(ground.sets), _hour(chance, AHEAD_DAYS))]


def hot(ground: Ground, client: int) -> Iterator[list[Wish]]:
    """Twelve sets everybody wants: first mostly free, soon mostly taken, many at the same moment."""
    chance = random.Random(2_000 + client)
    while True:
        yield [Wish(chance.choice(ground.sets[:12]), _hour(chance, 180))]


def stampede(ground: Ground, client: int) -> Iterator[list[Wish]]:
    """Every client wants the same slots, one after the other."""
    number = 0
    while True:
        day, slot = divmod(number, (CLOSES - OPENS) // 2 * len(ground.sets))
        place, step = divmod(slot, (CLOSES - OPENS) // 2)
        yield [Wish(ground.sets[place], 24 * (day % AHEAD_DAYS) + OPENS + 2 * step)]
        number += 1


def counted(ground: Ground, client: int) -> Iterator[list[Wish]]:
    """One to five units of six resources within a month, half a day to two days long: what fits is a peak."""
    chance = random.Random(3_000 + client)
    while True:
        day = chance.randrange(30)
        hours = chance.choice((4, 8, 12, CLOSES - OPENS))
        yield [Wish(chance.choice(ground.resources[:6]), 24 * day + OPENS, hours, chance.randint(1, 5))]


def bundles(ground: Ground, client: int) -> Iterator[list[Wish]]:
    """Two to six sets, buildings, whole sites and rooms of two sites on a few days, in any order."""
    chance = random.Random(4_000 + client)
    sets = [place for building in ground.buildings[:4] for place in ground.sets_of[building]]
    rare = [*ground.buildings[:4], *ground.sites[:2]]
    while True:
        places = chance.sample(sets, chance.randint(2, 4)) + chance.sample(ground.resources[:12], chance.randint(0, 2))
        if chance.random() < 0.3:
            places.append(chance.choice(rare))
        chance.shuffle(places)
        hour = _hour(chance, 20)
        yield [Wish(place, hour, 2) for place in places]


def race(ground: Ground, client: int) -> Iterator[list[Wish]]:
    """One slot a round, the same for all."""
    number = 0
    while True:
        yield [Wish(ground.sets[number % len(ground.sets)], 24 * (AHEAD_DAYS - 1) + OPENS)]
        number += 1


LOADS: dict[str, Load] = {each.__name__: each for each in (spread, hot, stampede, counted, bundles, race)}


def _hour(chance: random.Random, days: int) -> int:
    return 24 * chance.randrange(days) + chance.randrange(OPENS, CLOSES - 1)


@dataclass
class Tally:
    """What came of a run."""

    seconds: float = 0.0
    accepted: int = 0
    refused: int = 0
    errors: Counter[str] = field(default_factory=Counter)
    #: Within the measured time only.
    measured_accepted: int = 0
    measured_refused: int = 0
    latencies: array[float] = field(default_factory=lambda: array("d"))
    won: Counter[int] = field(default_factory=Counter)

    def add(self, other: Tally) -> None:
        """Take in another client's."""
        self.accepted += other.accepted
        self.refused += other.refused
        self.errors.update(other.errors)
        self.measured_accepted += other.measured_accepted
        self.measured_refused += other.measured_refused
        self.latencies.extend(other.latencies)
        self.won.update(other.won)

    @property
    def rate(self) -> float:
        """Decisions (accepted and refused) per second."""
        return (self.measured_accepted + self.measured_refused) / self.seconds

    def percentile_ms(self, percent: float) -> float:
        """A percentile of the answers' times, in milliseconds."""
        if not self.latencies:
            return 0.0
        ordered = sorted(self.latencies)
        return 1000 * ordered[min(len(ordered) - 1, int(len(ordered) * percent / 100))]

    def text(self) -> str:
        """One line."""
        errors = f", errors {dict(self.errors)}" if self.errors else ""
        return (
            f"{self.rate:,.0f}/s: {self.measured_accepted:,} accepted, {self.measured_refused:,} refused in"
            f" {self.seconds:.0f} s, p50 {self.percentile_ms(50):.1f} ms, p99 {self.percentile_ms(99):.1f} ms,"
            f" max {self.percentile_ms(100):.0f} ms{errors}"
        )


def run(
    door: str,
    ground: Ground,
    load: str,
    *,
    clients: int,
    processes: int,
    seconds: float,
    rounds: int = 0,
    **options: Any,
) -> Tally:
    """All clients at once for so long; with *rounds* each sends so many wishes, all at the same moments."""
    context = multiprocessing.get_context("spawn")
    ready, start = context.Barrier(processes + 1), context.Value("d", 0.0)
    results: Any = context.Queue()
    shares = [range(number, clients, processes) for number in range(processes)]
    workers = [
        context.Process(target=_work, args=(door, ground, load, share, ready, start, seconds, rounds, options, results))
        for share in shares
    ]
    for worker in workers:
        worker.start()
    ready.wait(timeout=180)
    start.value = time.monotonic() + READY_SECONDS
    ready.wait(timeout=10)
    total = Tally(seconds=seconds)
    for _ in workers:
        total.add(results.get(timeout=seconds + 300))
    for worker in workers:
        worker.join()
    return total


def _work(
    door: str, ground: Ground, load: str, share: range, ready: Any, start: Any, seconds: float, rounds: int,
    options: dict[str, Any], results: Any,
) -> None:  # fmt: skip
    """One process: open its doors, wait for the others, let the threads run, hand in the sum."""
    from _doors import open_doors

    doors = open_doors(door, ground, len(share), options)
    gc.collect()
    gc.freeze()
    ready.wait()
    ready.wait()
    tallies = [Tally() for _ in share]
    threads = [
        threading.Thread(target=_live, args=(each, LOADS[load](ground, client), start.value, seconds, rounds, tally))
        for each, client, tally in zip(doors, share, tallies, strict=True)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    total = Tally()
    for tally in tallies:
        total.add(tally)
    results.put(total)


def _live(door: Any, *rest: Any) -> None:
    """One client's life, in its own thread: Django's connections belong to threads."""
    try:
        _ask(door, *rest)
    finally:
        door.close()


def _ask(door: Any, wishes: Iterator[list[Wish]], start: float, seconds: float, rounds: int, tally: Tally) -> None:
    now = time.monotonic
    counts_from = start + (0 if rounds else WARM_UP_SECONDS)
    ends = counts_from + seconds
    for number, wish in enumerate(wishes):
        if rounds and number == rounds:
            return
        begins = start + (seconds / rounds * number if rounds else 0)
        if (wait := begins - now()) > 0:
            time.sleep(wait)
        began = now()
        if began >= ends and not rounds:
            return
        try:
            is_accepted = door.decide(wish)
        except Exception as error:
            tally.errors[f"{type(error).__name__}: {error}"[:120]] += 1
            continue
        done = now()
        tally.accepted += is_accepted
        tally.refused += not is_accepted
        if is_accepted and rounds:
            tally.won[number] += 1
        if counts_from <= done < ends:
            tally.measured_accepted += is_accepted
            tally.measured_refused += not is_accepted
            tally.latencies.append(done - began)
