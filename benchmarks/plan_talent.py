"""Orders in which paid people wait least: public films to proof and larger drawn films in ten seconds, with peers.

Films: the public instances (MiniZinc data) in the folder --data, which is not part of this repository; without it that
part is skipped. Known optima are compared. Peers in the same run: DIDP (CABS, one thread) in its own process and
environment (.venv-bench), two CP-SAT models with 1, 2 and 8 workers of which the best counts, MiniZinc with Gecode
where it is installed. Every solver gets the same reduced problem, every answer's cost is computed again here, and only
the peers' search is timed (ours with everything). Seconds are the best of several; with --clock cpu those of the
processor, for a busy machine: then CP-SAT counts with all its threads, and
Gecode still by the wall.

Drawn films follow the published scheme of García de la Banda, Stuckey & Chu (2011) for sizes of 24 to 64 scenes and 8
to 22 people: each scene has from 2 to all people, the number drawn evenly and then who; it lasts 1 to 5 days; a person
costs 1 to 100 a day. The draws themselves are ours, so the best value known is the best of all solvers of the run.
"""

from __future__ import annotations

import json
import math
import os
import random
import re
import shutil
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from plan_peers import cpsat_slots
from report import Report, options
from xiepai.planning.talent import Actor, Limits, Problem, Result, Scene, Status, engine_cpsat, solve, warm_up
from xiepai.planning.talent.objective import cost
from xiepai.planning.talent.reduction import Items, Part, reduce, scenes_in

HERE = Path(__file__).resolve().parent
PEERS = HERE / "plan_peers"
BENCH_PYTHON = HERE.parent / ".venv-bench/bin/python"
OPTIMA = {"concert": 111, "MobStory": 871, "film103": 1031, "film105": 849, "film114": 867}
DRAWN = ((24, 8), (24, 14), (32, 12), (40, 10), (40, 16), (48, 20), (56, 12), (64, 8), (64, 22))
DIDP = "DIDP (CABS)"
NOTHING = 10**12
"""The cost of no answer at all."""


@dataclass(frozen=True)
class Found:
    """What a solver says of a problem: its cost as computed here, whether it is proven, its best seconds."""

    cost: int
    is_proven: bool
    seconds: float
    who: str


class Film:
    """A problem and what the peers get of it."""

    def __init__(self, name: str, problem: Problem) -> None:
        self.name, self.problem = name, problem
        self.items: Items = reduce(problem)
        self.parts = [item for item in self.items if isinstance(item, Part)]
        assert len(self.parts) == 1, f"{name} falls apart: give its parts one by one"

    @property
    def part(self) -> Part:
        """The one part that is to be ordered."""
        return self.parts[0]

    def cost(self, order: list[int]) -> int:
        """What the whole film costs when its cells stand in this order."""
        return cost(self.problem, [self.problem.scenes[place].key for place in scenes_in(self.items, [order])])

    @property
    def title(self) -> str:
        """Its name and sizes before and after the reduction."""
        cells, people = len(self.part.durations), len(self.part.costs)
        return f"{self.name} ({len(self.problem.scenes)} scenes, {cells} cells × {people} people)"


def clock() -> float:
    """Seconds on the wall, or of the processor with --clock cpu."""
    return time.process_time() if os.environ.get("BENCH_CLOCK") == "cpu" else time.perf_counter()


def read(path: Path) -> Film:
    """A film from MiniZinc data: numScenes, numActors, ia, c, d."""
    text = path.read_text(encoding="utf-8")

    def numbers(name: str) -> list[int]:
        found = re.search(rf"\b{name}\s*=\s*\[\|?([^\]]*?)\|?\]", text)
        assert found, f"{path.name} has no {name}"
        return [int(number) for number in re.findall(r"\d+", found[1])]

    costs, durations, plays = numbers("c"), numbers("d"), numbers("ia")
    scenes = [
        Scene(at, duration, frozenset(p for p in range(len(costs)) if plays[p * len(durations) + at]))
        for at, duration in enumerate(durations)
    ]
    return Film(path.stem, Problem(tuple(scenes), tuple(Actor(p, rate) for p, rate in enumerate(costs))))


def draw(scenes: int, people: int, seed: int) -> Film:
    """A film by the published scheme; the same seed draws the same."""
    dice = random.Random(f"{scenes} {people} {seed}")
    made = [
        Scene(at, dice.randint(1, 5), frozenset(dice.sample(range(people), dice.randint(2, people))))
        for at in range(scenes)
    ]
    actors = tuple(Actor(person, dice.randint(1, 100)) for person in range(people))
    return Film(f"drawn {scenes} × {people}", Problem(tuple(made), actors))


def best_of(turns: int, work: Callable[[], Any]) -> tuple[Any, float]:
    """What the last turn answered and the least seconds of all."""
    seconds = []
    for _turn in range(turns):
        began = clock()
        answer = work()
        seconds.append(clock() - began)
    return answer, min(seconds)


def ours(film: Film, seconds: float, turns: int, engine: str = "auto") -> tuple[Result, float]:
    """Our answer: from the problem to the checked result."""
    return best_of(turns, lambda: solve(film.problem, limits=Limits(seconds), engine=engine))


def by_didp(film: Film, seconds: float, turns: int) -> Found:
    """The peer in its own process."""
    part = film.part
    casts = [[p for p in range(len(part.costs)) if cast >> p & 1] for cast in part.casts]
    given = {"durations": part.durations, "casts": casts, "costs": part.costs, "seconds": seconds, "turns": turns}
    command = [str(BENCH_PYTHON), str(PEERS / "didp_talent.py")]
    told = subprocess.run(command, input=json.dumps(given), check=True, capture_output=True, text=True)
    said = json.loads(told.stdout.splitlines()[-1])
    return Found(film.cost(said["order"]), said["is_proven"], min(said["seconds"]), DIDP)


def by_pairs(film: Film, seconds: float, turns: int, workers: int) -> Found:
    """The product's CP-SAT model, alone, from a plain order."""
    plain = list(range(len(film.part.durations)))
    (order, bound), least = best_of(
        turns, lambda: engine_cpsat.search(film.part, seconds=seconds, seed=1, hint=plain, workers=workers)
    )
    if order is None:
        return Found(NOTHING, False, least, f"CP-SAT by pairs, {workers} workers")
    is_proven = film.part.waiting(order) == bound
    return Found(film.cost(order), is_proven, least, f"CP-SAT by pairs, {workers} workers")


def by_slots(film: Film, seconds: float, workers: int) -> Found:
    """The other CP-SAT model."""
    order, is_proven, took = cpsat_slots.solve(film.part, seconds, workers)
    return Found(film.cost(order) if order else NOTHING, is_proven, took, f"CP-SAT by places, {workers} workers")


def by_gecode(film: Film, seconds: float) -> Found | None:
    """MiniZinc's default solver, if there is a MiniZinc."""
    if not shutil.which("minizinc"):
        return None
    part = film.part
    plays = [[bool(cast >> p & 1) for cast in part.casts] for p in range(len(part.costs))]
    sizes = {"cells": len(part.durations), "people": len(part.costs)}
    given = json.dumps({**sizes, "plays": plays, "cost": part.costs, "duration": part.durations})
    command = ["minizinc", "--solver", "gecode", "--time-limit", str(int(seconds * 1000)), "-a"]
    began = time.perf_counter()
    with TemporaryDirectory() as folder:
        data = Path(folder) / "film.json"
        data.write_text(given, encoding="utf-8")
        told = subprocess.run(
            [*command, str(PEERS / "talent.mzn"), str(data)], check=True, capture_output=True, text=True
        ).stdout
    took = time.perf_counter() - began
    orders = [json.loads(line) for line in told.splitlines() if line.startswith("[")]
    if not orders:
        return None
    value = film.cost([cell - 1 for cell in orders[-1]])
    return Found(value, "==========" in told, took, "MiniZinc + Gecode")


def seconds_of(report: Report, film: Film, what: str, mine: float, peer: Found | None, goal: float | None) -> None:
    """One row of seconds; a peer that proved nothing in its time counts with the time it had."""
    if peer is None:
        return
    name = peer.who if peer.is_proven else f"{peer.who}, no proof, cost {'none' if peer.cost == NOTHING else peer.cost}"
    report.row(f"{film.title}, {what}", mine, "s", "lower", goal, name, peer.seconds)


def to_proof(report: Report, film: Film, given: Any) -> tuple[float, float]:
    """One public film; how many times faster than DIDP and than the best CP-SAT model."""
    result, mine = ours(film, 60, given.turns + 2)
    alone, by_arrivals = ours(film, 60, given.turns, "arrival")
    optimum = OPTIMA.get(film.name, result.cost)
    assert result.status is alone.status is Status.OPTIMAL
    assert result.cost == alone.cost == optimum, f"{film.name}: {result.cost}, known {optimum}"
    didp = by_didp(film, given.peer_seconds, given.turns)
    sat = [by_pairs(film, given.peer_seconds, max(given.turns - 1, 1), workers) for workers in (1, 2, 8)]
    sat.append(by_slots(film, given.peer_seconds, 8))
    fastest = min(sat, key=lambda found: (not found.is_proven, found.seconds))
    others = [didp, *sat]
    gecode = by_gecode(film, given.peer_seconds)
    for peer in [*others, gecode] if gecode else others:
        assert peer.cost >= optimum
        assert not peer.is_proven or peer.cost == optimum, f"{peer.who} calls {peer.cost} proven"
    seconds_of(report, film, f"to proof ({result.engine})", mine, didp, 0.2)
    seconds_of(report, film, f"to proof ({result.engine})", mine, fastest, 0.2)
    seconds_of(report, film, f"to proof ({result.engine})", mine, gecode, 0.2)
    seconds_of(report, film, "to proof by the arrival search alone", by_arrivals, didp, None)
    return didp.seconds / mine, fastest.seconds / mine


def films(report: Report, given: Any) -> None:
    """Every public film to proof, and the mean over all."""
    paths = sorted(given.data.glob("*.dzn")) if given.data.is_dir() else []
    if not paths:
        print(f'  public films: skipped, there are none in {given.data} (ARGS="--data FOLDER")')
        return
    ratios = [to_proof(report, read(path), given) for path in paths]
    for name, column, goal in ((DIDP, 0, 30), ("the best CP-SAT model", 1, 5)):
        mean = math.prod(ratio[column] for ratio in ratios) ** (1 / len(ratios))
        report.row(f"{len(ratios)} films, times faster than {name}, geometric mean", mean, "×", "higher", goal)


def in_time(report: Report, film: Film, seconds: float) -> bool:
    """One drawn film, the same seconds for everybody; whether ours is the best known."""
    result, _took = ours(film, seconds, 1)
    peers = [by_didp(film, seconds, 1), by_pairs(film, seconds, 1, os.cpu_count() or 1)]
    best = min(peers, key=lambda found: found.cost)
    for peer in peers:
        assert not peer.is_proven or peer.cost <= result.cost
        assert peer.cost >= result.bound, f"{peer.who} found {peer.cost}, below our bound {result.bound}"
    what = f"{film.title}, cost"
    note = f", proven in {result.seconds:.2f} s" if result.status is Status.OPTIMAL else ""
    for peer in peers:
        if peer.cost < NOTHING:
            report.row(what + note, result.cost, "cost", "lower", best.cost, peer.who, peer.cost)
    report.row(f"{film.title}, gap shown", 100 * result.gap, "%", "lower")
    return result.cost <= best.cost


def main() -> None:
    """Measure and write the rows."""
    parser = options(__doc__ or "")
    parser.add_argument("--data", type=Path, default=HERE.parent.parent / "shared/data/talent")
    parser.add_argument("--turns", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=10, help="for each solver on each drawn film")
    parser.add_argument("--peer-seconds", type=float, default=30, help="at most, for each peer on each public film")
    parser.add_argument("--clock", choices=("wall", "cpu"), default=os.environ.get("BENCH_CLOCK", "wall"))
    given = parser.parse_args()
    os.environ["BENCH_CLOCK"] = given.clock
    report = Report("plan_talent", given.output)
    print(f"load before: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores; seconds: {given.clock}")
    report.row("load of the machine before", os.getloadavg()[0], "processes", "lower")
    report.row("warm-up of a process, code kept", warm_up(), "s", "lower")
    films(report, given)
    drawn = [in_time(report, draw(*size, seed=1), given.seconds) for size in DRAWN]
    report.row(f"drawn films with the best known cost, of {len(drawn)}", sum(drawn), "films", "higher", len(drawn))
    report.row("load of the machine after", os.getloadavg()[0], "processes", "lower")
    report.finish()


if __name__ == "__main__":
    main()
