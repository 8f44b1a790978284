"""A policy over a table of any size, by DuckDB: from Parquet, CSV, Arrow or columns, to Parquet, CSV or columns.

Whole numbers only; a step over rows puts in order only the rows it can change. What a column must hold is checked. The
database is locked to its input and its output; its buffers are limited.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
from numpy.typing import NDArray

from xiepai.policy.duckdb_engine.columns import PopulationError, check
from xiepai.policy.duckdb_engine.files import drafted, form, read_columns, write_columns
from xiepai.policy.duckdb_engine.session import Limits, OutOfTimeError, quoted, stopped_after
from xiepai.policy.duckdb_engine.sparse import MisfitError, Walk
from xiepai.policy.duckdb_engine.table import Source, Table, opened
from xiepai.policy.ir import FactSpec, Program
from xiepai.policy.sql import fact_kinds
from xiepai.policy.stages import plan

__all__ = [
    "Limits",
    "OutOfTimeError",
    "PopulationError",
    "Table",
    "columns_of",
    "opened",
    "read_columns",
    "run",
    "run_to_file",
    "with_column",
    "write_columns",
]


def run(
    program: Program, source: Source, outputs: Mapping[str, int] | None = None, limits: Limits | None = None
) -> dict[str, NDArray[Any]]:
    """The outputs (nodes by name; the award if none are named) as columns, in the order of the rows."""
    outputs = outputs or {"award": program.result.node}
    limits = limits or Limits()
    with opened(source, limits) as table, stopped_after(table.connection, limits.seconds):
        found = table.connection.execute(_select(program, table, outputs)).fetchnumpy()
        order = np.argsort(found["row_no"], kind="stable")
        return {name: np.asarray(found[name])[order] for name in outputs}


def run_to_file(
    program: Program, source: Source, out: Path, outputs: Mapping[str, int] | None = None, limits: Limits | None = None
) -> None:
    """The keys and outputs of every row into a Parquet or CSV file; the rows are in no order, their keys name them."""
    outputs = outputs or {"award": program.result.node}
    limits = limits or Limits()
    with drafted(out) as draft, _writing(source, limits, draft) as table:
        text = _select(program, table, outputs)
        table.connection.execute(f"COPY ({text}) TO {quoted(str(draft))} ({form(out)})")


def columns_of(program: Program, source: Source, limits: Limits | None = None) -> dict[str, NDArray[np.int64]]:
    """The facts and keys of a population as 64-bit columns; keys become their place in sorted order, ties kept."""
    limits = limits or Limits()
    with opened(source, limits) as table, stopped_after(table.connection, limits.seconds):
        facts = fact_kinds(plan(program))
        _validate(table, facts)
        found = table.readers(facts)
        chosen = [f"CAST({found[spec.name].value} AS BIGINT) AS {spec.name}" for spec in facts if spec.kind != "key"]
        for spec in facts:
            if spec.kind == "key":
                chosen.append(f"{_key(table, found[spec.name].value)} AS {spec.name}")
        text = f"SELECT {', '.join([*chosen, f'{table.row} AS row_no'])} FROM {table.name}"
        columns = table.connection.execute(text).fetchnumpy()
        order = np.argsort(columns.pop("row_no"), kind="stable")
        return {name: np.ascontiguousarray(column[order], dtype=np.int64) for name, column in columns.items()}


def _key(table: Table, column: str) -> str:
    kind = table.types.get(column.strip('"').replace('""', '"'), "")
    return (
        f"CAST({column} AS BIGINT)"
        if kind.endswith("INT") or kind == "INTEGER"
        else f"dense_rank() OVER (ORDER BY {column})"
    )


def _select(program: Program, table: Table, outputs: Mapping[str, int]) -> str:
    """The query of the outputs, the steps over rows already taken; what does not fit is told by column."""
    facts = fact_kinds(plan(program, outputs.values()))
    walk = Walk(program, table, facts, outputs)
    if not walk.steps:
        _validate(table, facts)
        return walk.result()
    try:
        walk.take_steps()
    except duckdb.InterruptException:
        raise
    except (duckdb.Error, MisfitError) as error:
        _validate(table, facts)
        if isinstance(error, duckdb.ConversionException) and table.known.ranges:
            raise PopulationError("the file's statistics do not agree with its cells; write the file anew") from error
        raise
    return walk.result()


def _validate(table: Table, facts: list[FactSpec]) -> None:
    """The proof that nothing overflows holds inside the declared ranges only: one pass over the columns sees to it."""
    numbers = [spec for spec in facts if spec.kind != "key"]
    if not numbers:
        return
    found = table.readers(facts)
    parts = []
    for spec in numbers:
        value, readable = found[spec.name].value, found[spec.name].readable
        ends = f"min({value}), max({value})" if spec.kind != "yes/no" else "NULL, NULL"
        parts.append(f"{ends}, count(*) - count(*) FILTER (WHERE {readable})")
    row = table.connection.execute(f"SELECT {', '.join(parts)} FROM {table.name}").fetchone() or ()
    checks = (check(spec, *row[3 * place : 3 * place + 3]) for place, spec in enumerate(numbers))
    if wrong := [each for each in checks if each]:
        raise PopulationError("\n".join(wrong))


def with_column(source: Source, name: str, column: Any, out: Path, limits: Limits | None = None) -> None:
    """A population with one more column, row for row, into a Parquet or CSV file."""
    limits = limits or Limits()
    with drafted(out) as draft, _writing(source, limits, draft) as table:
        table.connection.register("added", {"row_no": np.arange(len(column)), "value": np.asarray(column)})
        first = f"(SELECT min({table.row}) FROM {table.name})"
        text = (
            f"SELECT t.* EXCLUDE ({table.row}), added.value AS {name} FROM {table.name} t "
            f"JOIN added ON t.{table.row} - {first} = added.row_no ORDER BY added.row_no"
        )
        table.connection.execute(f"COPY ({text}) TO {quoted(str(draft))} ({form(out)})")


@contextmanager
def _writing(source: Source, limits: Limits, out: Path) -> Iterator[Table]:
    with opened(source, limits, out) as table, stopped_after(table.connection, limits.seconds):
        yield table
