"""What a policy would cost: every case of a population, with the totals a budget is made of.

Totals are counted in whole numbers of any size. A measure is counted before the steps over rows; a step shows what it
takes away. A result over a drawn population says how rules behave, not what a city will pay, and says so.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from xiepai.policy import duckdb_engine, numba_engine, spark_engine
from xiepai.policy.ir import Measure, Node, Op, Program, Step, Value
from xiepai.policy.simulation.population import Columns, draw

ENGINES = ("numba", "duckdb", "spark")
Ints = NDArray[np.int64]
Progress = Callable[[str, int, int], None]
_SLICE = 1_000_000
_POINTS = 200


class SimulationError(Exception):
    """A population does not fit the policy, an engine is missing, or time ran out: one line a reason."""


@dataclass(frozen=True, slots=True)
class MeasureTotal:
    """One measure over all cases, before the steps over rows. ``fen`` is rounded down."""

    name: str
    zh: str
    en: str
    clause: str
    fen: int
    cases: int
    capped: int


@dataclass(frozen=True, slots=True)
class StepTotal:
    """One line of ``then``: the total before and after, how many cases it changed, and the budget if it is one."""

    name: str
    what: str
    clause: str
    before_fen: int
    after_fen: int
    changed: int
    limit_fen: int | None


@dataclass(frozen=True, slots=True)
class Curve:
    """Cases in the order of the population; what the measures ask and what is paid up to each point, in fen."""

    cases: tuple[int, ...]
    asked: tuple[int, ...]
    paid: tuple[int, ...]


@dataclass(frozen=True)
class Simulation:
    """The result. ``awards`` holds every case's award in fen (or the index of its class), in the order of the cases."""

    title: str
    status: str
    engine: str
    drawn: str
    rows: int
    fen: int
    paid: int
    measures: tuple[MeasureTotal, ...]
    steps: tuple[StepTotal, ...]
    classes: tuple[tuple[str, int], ...]
    curve: Curve
    awards: Ints

    def to_json(self) -> dict[str, Any]:
        """Everything but the single awards, in plain values."""
        found = {name: value for name, value in self.__dict__.items() if name not in ("awards", "curve")}
        plain = {"measures": [asdict(each) for each in self.measures], "steps": [asdict(each) for each in self.steps]}
        return found | plain | {"classes": dict(self.classes), "curve": asdict(self.curve)}


def simulate(
    program: Program, population: Path | str | Mapping[str, NDArray[Any]], *, seed: int = 0, engine: str = "numba",
    progress: Progress = lambda _what, _done, _all: None,
) -> Simulation:  # fmt: skip
    """Every case of a population: a Parquet or CSV file, columns of whole numbers, or ``random:1000000``.

    ``engine`` is ``numba``, ``duckdb`` or ``spark`` (which needs Java and PySpark); all give the same numbers.
    ``progress`` is told what is done, of how many parts.
    """
    try:
        return _simulate(program, population, seed, engine, progress)
    except _MISFITS as error:
        raise SimulationError(str(error)) from error


_MISFITS = (
    duckdb_engine.PopulationError,
    duckdb_engine.OutOfTimeError,
    numba_engine.ValueRangeError,
    spark_engine.SparkMissingError,
)


def _simulate(
    program: Program, population: Path | str | Mapping[str, NDArray[Any]], seed: int, engine: str, progress: Progress
) -> Simulation:
    counted, places = _with_counts(program)
    is_file = isinstance(population, Path) or (isinstance(population, str) and not population.startswith("random:"))
    if engine == "duckdb" and is_file:
        progress("cases", 1, 3)
        found, drawn = _by_duckdb(counted, Path(str(population)), places), ""
    else:
        columns, drawn = cases_of(program, population, seed)
        progress("cases", 1, 3)
        compute = {"duckdb": _by_duckdb, "numba": _by_numba, "spark": _by_spark}[engine]
        found = compute(counted, columns, places)
    progress("computed", 2, 3)
    rows = len(found[program.result.node])
    result = _result(counted, found, places, rows, engine, drawn)
    progress("summed", 3, 3)
    return result


def cases_of(program: Program, population: Path | str | Mapping[str, NDArray[Any]], seed: int) -> tuple[Columns, str]:
    """The columns of a population, and how they were drawn if they were."""
    if isinstance(population, str) and population.startswith("random:"):
        number = population.removeprefix("random:").replace("_", "")
        if not number.isdecimal() or not 0 < int(number) <= 100_000_000:
            raise duckdb_engine.PopulationError(f"{population}: wanted random: and a number from 1 to 100000000")
        return draw(program, int(number), seed), f"random:{int(number)}, seed {seed}"
    if isinstance(population, Mapping):
        return {name: np.asarray(column) for name, column in population.items()}, ""
    return duckdb_engine.columns_of(program, Path(population)), ""


def _with_counts(program: Program) -> tuple[Program, dict[str, int]]:
    """The program with one more node a measure (whether its cap bit), and every node the totals read, by name."""
    nodes, places = list(program.nodes), {"award": program.result.node}
    for measure in program.measures:
        places[f"measure.{measure.name}"] = measure.value.node
        capped = _capped(nodes, measure)
        if capped is not None:
            places[f"capped.{measure.name}"] = capped
    for step in program.steps:
        places[f"before.{step.name}"] = step.before.node
        places[f"after.{step.name}"] = step.after.node
    return replace(program, nodes=tuple(nodes)), places


def _capped(nodes: list[Node], measure: Measure) -> int | None:
    """A node that is true where a cap of the measure took something; nothing where no cap can."""
    found: int | None = None
    for change in measure.changes:
        after = nodes[change.after.node]
        if after.op is Op.MAX and change.what == "at_most":
            after = nodes[after.args[0]]
        if change.what == "at_most" and after.op is Op.MIN:
            nodes.append(Node(Op.LT, (after.args[1], after.args[0]), lo=0, hi=1, is_bool=True))
            one = len(nodes) - 1
            if found is not None:
                nodes.append(Node(Op.OR, (found, one), lo=0, hi=1, is_bool=True))
            found = len(nodes) - 1
    if found is not None:
        nodes.append(Node(Op.AND, (measure.applies, found), lo=0, hi=1, is_bool=True))
        found = len(nodes) - 1
    return found


def _by_numba(program: Program, columns: Columns, places: dict[str, int]) -> dict[int, Ints]:
    rows = len(next(iter(columns.values()), ()))
    compiled = numba_engine.engine(program, tuple(dict.fromkeys(places.values())))
    found = compiled.compute(compiled.prepare(columns, rows), rows)
    return dict(zip(compiled.plan.outputs, found, strict=True))


def _by_duckdb(program: Program, source: Any, places: dict[str, int]) -> dict[int, Ints]:
    outputs = {f"n{index}": index for index in dict.fromkeys(places.values())}
    found = duckdb_engine.run(program, source, outputs)
    return {index: np.asarray(found[name]).astype(np.int64) for name, index in outputs.items()}


def _by_spark(program: Program, columns: Columns, places: dict[str, int]) -> dict[int, Ints]:
    outputs = {f"n{index}": index for index in dict.fromkeys(places.values())}
    with tempfile.TemporaryDirectory(prefix="xiepai-spark-") as folder, spark_engine.session() as spark:
        source, out = Path(folder) / "cases.parquet", Path(folder) / "awards"
        rows = np.arange(len(next(iter(columns.values()), ())))
        duckdb_engine.write_columns({**columns, "row_no": rows}, source)
        spark_engine.run_to_file(spark, program, source, out, outputs, "row_no")
        found = duckdb_engine.read_columns(sorted(out.glob("*.parquet")), ["row_no", *outputs])
    order = np.argsort(found["row_no"])
    return {index: found[name][order].astype(np.int64) for name, index in outputs.items()}


def save(
    found: Simulation, program: Program, population: Path | str | Mapping[str, NDArray[Any]], seed: int, out: Path
) -> None:
    """The population with one more column, ``award_fen`` (or ``award_class``), as Parquet or CSV."""
    try:
        is_drawn = isinstance(population, str) and population.startswith("random:")
        source = cases_of(program, population, seed)[0] if is_drawn else population
        source = Path(source) if isinstance(source, str) else source
        names = np.array(program.choices)
        column = names[found.awards].tolist() if found.classes else found.awards
        duckdb_engine.with_column(source, "award_class" if found.classes else "award_fen", column, out)
    except _MISFITS as error:
        raise SimulationError(str(error)) from error


def total(column: Ints) -> int:
    """The exact sum: the halves of each number are added apart, so that 64 bits hold them.

    >>> total(np.full(4, 2**62))
    18446744073709551616
    """
    return (int((column >> 32).sum()) << 32) + int((column & 0xFFFFFFFF).sum())


def _fen(value: Value, columns: Mapping[int, Ints]) -> int:
    return total(columns[value.node]) // value.den


def _result(
    program: Program, found: dict[int, Ints], places: dict[str, int], rows: int, engine: str, drawn: str
) -> Simulation:
    awards = found[program.result.node]
    is_class = program.result_kind == "choice"
    asked = np.zeros(rows, np.int64)
    for measure in program.measures if not is_class else ():
        asked += found[measure.value.node] // measure.value.den
    measures = tuple(_measure(measure, found, places) for measure in program.measures) if not is_class else ()
    steps = tuple(_step(program, step, found) for step in program.steps)
    names = program.choice_labels or program.choices
    classes = tuple((name, int((awards == place).sum())) for place, name in enumerate(names)) if is_class else ()
    paid = rows if is_class else int((awards > 0).sum())
    return Simulation(
        program.title, program.status, engine, drawn, rows, 0 if is_class else total(awards), paid, measures, steps,
        classes, _curve(asked, awards, is_class), awards,
    )  # fmt: skip


def _measure(measure: Measure, found: Mapping[int, Ints], places: Mapping[str, int]) -> MeasureTotal:
    column, capped = found[measure.value.node], places.get(f"capped.{measure.name}")
    times = int(found[capped].sum()) if capped is not None else 0
    return MeasureTotal(
        measure.name, measure.zh, measure.en, measure.clause, _fen(measure.value, found), int((column > 0).sum()), times
    )


def _step(program: Program, step: Step, found: Mapping[int, Ints]) -> StepTotal:
    before, after = found[step.before.node], found[step.after.node]
    cross = program.cross_steps[step.cross] if step.cross is not None else None
    limit = cross.limit // cross.den if cross and cross.kind in ("cap", "share") else None
    scale = Fraction(step.after.den, step.before.den)
    changed = sum(
        int((part * scale.numerator != other * scale.denominator).sum())
        for part, other in zip(_slices(before), _slices(after), strict=True)
    )
    before_fen, after_fen = _fen(step.before, found), _fen(step.after, found)
    return StepTotal(step.name, step.what, step.clause, before_fen, after_fen, changed, limit)


def _slices(column: Ints) -> Iterator[NDArray[Any]]:
    """Slices of a column wide enough for any product."""
    for start in range(0, len(column), _SLICE):
        yield column[start : start + _SLICE]


def _curve(asked: Ints, awards: Ints, is_class: bool) -> Curve:
    rows = len(awards)
    if is_class or not rows:
        return Curve((), (), ())
    ends = sorted({round(rows * part / _POINTS) for part in range(_POINTS + 1)})
    sums = [[0], [0]]
    for start, end in pairwise(ends):
        for line, column in zip(sums, (asked, awards), strict=True):
            line.append(line[-1] + total(column[start:end]))
    return Curve(tuple(ends), tuple(sums[0]), tuple(sums[1]))
