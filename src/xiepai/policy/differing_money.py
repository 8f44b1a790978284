"""What a change of policy means in money: every case of a population under both, steps over rows included.

A population is drawn (``random:100000``), a Parquet file as ``simulate`` takes it, or a CSV whose cells are written
as people write them. The engines of :mod:`xiepai.policy.simulation` compute; nothing is decided here. Numbers only:
a policy that decides a class has no money to compare and is refused.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from xiepai.policy import duckdb_engine
from xiepai.policy.api import Policy
from xiepai.policy.facts import number_of, show
from xiepai.policy.ir import FactSpec, Program
from xiepai.policy.messages import Code, Diagnostic, PolicyError
from xiepai.policy.simulation import Simulation, SimulationError, draw, simulate
from xiepai.policy.simulation.population import Columns
from xiepai.policy.simulation.run import total

MOST_DRAWN, MOST_LINES = 10_000_000, 1_000_000


@dataclass
class Money:
    """Both totals over a population, in fen; how many gain and lose; the widest gain and loss."""

    rows: int = 0
    old_fen: int = 0
    new_fen: int = 0
    gain: int = 0
    gain_fen: int = 0
    lose: int = 0
    lose_fen: int = 0
    widest_gain: dict[str, Any] = field(default_factory=dict)
    widest_loss: dict[str, Any] = field(default_factory=dict)
    measures: list[dict[str, Any]] = field(default_factory=list)


def money_changed(
    old: Policy, new: Policy, columns: Mapping[str, Any], on: date | None = None, engine: str = "duckdb"
) -> Money:
    """Every case under both; ``columns`` hold whole numbers for the facts and keys of both policies."""
    programs = old.at(_day(old, on)), new.at(_day(new, on))
    if any(program.result_kind != "money" for program in programs):
        raise PolicyError([Diagnostic(Code.WRONG_SHAPE, new.source.file, data={"name": "result", "wanted": "money"})])
    before, after = (simulate(program, columns, engine=engine) for program in programs)
    change = after.awards - before.awards
    more, less = change > 0, change < 0
    found = Money(before.rows, before.fen, after.fen, int(more.sum()), total(change[more]), int(less.sum()))
    found.lose_fen = -total(change[less])
    if found.gain:
        found.widest_gain = _told(programs[1], columns, int(np.argmax(change)), before, after)
    if found.lose:
        found.widest_loss = _told(programs[1], columns, int(np.argmin(change)), before, after)
    found.measures = _measures(before, after)
    return found


def _measures(before: Simulation, after: Simulation) -> list[dict[str, Any]]:
    """The sum of every measure under both; nothing where one policy does not have it."""
    sums = [{each.name: each.fen for each in found.measures} for found in (before, after)]
    labels = {each.name: (each.zh, each.en) for found in (before, after) for each in found.measures}
    return [
        {"name": name, "zh": zh, "en": en, "old_fen": sums[0].get(name), "new_fen": sums[1].get(name)}
        for name, (zh, en) in labels.items()
    ]


def _day(policy: Policy, on: date | None) -> date | None:
    return None if on is None else min(max(on, policy.start), policy.end)


def _told(
    program: Program, columns: Mapping[str, Any], place: int, before: Simulation, after: Simulation
) -> dict[str, Any]:
    """A case by its place in the population (keys are told apart by it) and the facts that are not at rest."""
    known = {spec.name: int(columns[spec.name][place]) for spec in program.facts if spec.name in columns}
    told = [spec for spec in program.facts if spec.kind != "key" and known.get(spec.name, spec.low) != max(spec.low, 0)]
    facts = {spec.name: show(spec, known[spec.name]) for spec in told if spec.name in known}
    awards = {"old_fen": int(before.awards[place]), "new_fen": int(after.awards[place])}
    return {"row": place + 1, "facts": facts} | awards


def specs_of(*policies: Policy) -> dict[str, FactSpec]:
    """The facts of all policies; where two know one by the same name, it must be the same kind. Its range is what
    both allow."""
    found: dict[str, FactSpec] = {}
    for policy in policies:
        for spec in policy.facts:
            mine = found.setdefault(spec.name, spec)
            if (mine.kind, mine.den, mine.choices) != (spec.kind, spec.den, spec.choices):
                data = {"left": mine.kind, "right": spec.kind, "action": "compare"}
                raise PolicyError([Diagnostic(Code.TYPE_MISMATCH, f"{policy.source.file} {spec.name}", data=data)])
            found[spec.name] = replace(mine, low=max(mine.low, spec.low), high=min(mine.high, spec.high))
    return found


def population(source: str, old: Policy, new: Policy, seed: int = 7) -> Columns:
    """The columns of ``random:N``, of a Parquet file or of a CSV, for both policies."""
    specs = specs_of(old, new)
    if source.startswith("random:"):
        number = re.fullmatch(r"random:([\d_]{1,12})", source)
        count = int(number[1].replace("_", "") or 0) if number else 0
        if not 0 < count <= MOST_DRAWN:
            data = {"value": source, "allowed": f"random:1 … random:{MOST_DRAWN}"}
            raise PolicyError([Diagnostic(Code.BAD_VALUE, "--population", data=data)])
        return _drawn(specs, [old.at(), new.at()], count, seed)
    if Path(source).suffix.lower() == ".parquet":
        return _from_parquet(Path(source), old.at(), new.at())
    return columns_of(read_rows(Path(source), specs), specs)


def _from_parquet(path: Path, *programs: Program) -> Columns:
    try:
        read = [duckdb_engine.columns_of(program, path) for program in programs]
    except (duckdb_engine.PopulationError, duckdb_engine.OutOfTimeError) as error:
        raise SimulationError(str(error)) from error
    return {name: column for columns in reversed(read) for name, column in columns.items()}


def _drawn(specs: Mapping[str, FactSpec], programs: Sequence[Program], count: int, seed: int) -> Columns:
    """Half of the numbers at thresholds of either policy, half anywhere; the last key of an order is unique."""
    first, second = (draw(program, count, seed + place, boundary_heavy=True) for place, program in enumerate(programs))
    mixed: Columns = first | second
    chance = np.random.default_rng(seed)
    unique = {step.order[-1].fact for program in programs for step in program.cross_steps if step.order}
    for name, spec in specs.items():
        if name in first and name in second and spec.kind != "key":
            mixed[name] = np.where(chance.random(count) < 0.5, first[name], second[name])
        if spec.kind != "key":
            mixed[name] = np.clip(mixed[name], spec.low, spec.high)
        elif name in unique:
            mixed[name] = chance.permutation(count).astype(np.int64) + 1
    return mixed


def columns_of(rows: Sequence[Mapping[str, Any]], specs: Mapping[str, FactSpec]) -> Columns:
    """Rows as columns of whole numbers; keys become their place in order, all-digit keys ordered as numbers.

    >>> key = FactSpec("work", "key", "作品", "Work", "")
    >>> columns_of([{"work": "10"}, {"work": "9"}, {"work": "10"}], {"work": key})["work"].tolist()
    [1, 0, 1]
    """
    found: Columns = {}
    for name, spec in specs.items():
        values = [row[name] for row in rows]
        if spec.kind == "key":
            digits = all(str(each).isdecimal() for each in values)
            ordered = sorted(set(values), key=lambda each: int(each) if digits else str(each))
            ranks = {each: place for place, each in enumerate(ordered)}
            values = [ranks[each] for each in values]
        found[name] = np.array(values, dtype=np.int64)
    return found


def read_rows(path: Path, specs: Mapping[str, FactSpec]) -> list[dict[str, Any]]:
    """A population from CSV: a column a fact, values as people write them; an empty cell is the default, no or 0."""
    rows: list[dict[str, Any]] = []
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            for line, written in enumerate(csv.DictReader(file), 2):
                if len(rows) >= MOST_LINES:
                    data = {"size": f"> {MOST_LINES:,}", "limit": f"{MOST_LINES:,}"}
                    raise PolicyError([Diagnostic(Code.TOO_LARGE, str(path), line, 1, data=data)])
                rows.append(_row(written, specs, str(path), line))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        detail = getattr(error, "strerror", None) or str(error)
        raise PolicyError([Diagnostic(Code.UNREADABLE, str(path), 1, 1, data={"detail": detail})]) from None
    return rows


def _row(written: Mapping[str | None, Any], specs: Mapping[str, FactSpec], file: str, line: int) -> dict[str, Any]:
    row: dict[str, Any] = {}
    for name, spec in specs.items():
        value = str(written.get(name) or written.get(spec.zh) or "").strip()
        if spec.kind == "key":
            row[name] = value or f"row {line}"
        elif not value:
            row[name] = max(spec.low, 0) if spec.default is None else spec.default
        else:
            try:
                row[name] = number_of(spec, value)
            except PolicyError as error:
                found = error.diagnostics[0]
                raise PolicyError([Diagnostic(found.code, file, line, 1, data=found.data, hint=found.hint)]) from None
    return row
