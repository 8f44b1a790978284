"""An input that is open in a locked-down database: a Parquet or CSV file, columns by name, or an Arrow stream."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb
from numpy.typing import NDArray

from xiepai.policy.duckdb_engine.columns import PopulationError, Reader, readers
from xiepai.policy.duckdb_engine.narrow import Known, known_of_parquet
from xiepai.policy.duckdb_engine.session import Limits, locked_down, quoted
from xiepai.policy.ir import FactSpec

Source = Path | Mapping[str, NDArray[Any]] | Any
"""A Parquet or CSV file, columns by name, or anything that offers an Arrow stream."""


@dataclass(frozen=True)
class Table:
    """An input that is open: how SQL names it, its columns' types, a row's number in it, what its file says of it."""

    connection: duckdb.DuckDBPyConnection
    name: str
    types: Mapping[str, str]
    row: str
    known: Known = field(default_factory=Known)

    def readers(self, facts: list[FactSpec]) -> dict[str, Reader]:
        """The reader of each fact and key."""
        return readers(facts, self.types)


@contextmanager
def opened(source: Source, limits: Limits, out: Path | None = None) -> Iterator[Table]:
    """An input opened in a locked-down database."""
    paths = [each.resolve() for each in (source, out) if isinstance(each, Path)]
    try:
        with locked_down(paths, limits) as connection:
            name, row = _named(connection, source)
            described = connection.execute(f"DESCRIBE SELECT * FROM {name}").fetchall()
            types = {column[0]: column[1] for column in described}
            yield Table(connection, name, types, row, _known(connection, source, types))
    except duckdb.InterruptException:
        raise
    except duckdb.Error as error:
        raise PopulationError(str(error).split("\n")[0]) from error


def _known(connection: duckdb.DuckDBPyConnection, source: Source, types: Mapping[str, str]) -> Known:
    if isinstance(source, Path) and source.suffix.lower() == ".parquet":
        return known_of_parquet(connection, quoted(str(source.resolve())), types)
    return Known()


def _named(connection: duckdb.DuckDBPyConnection, source: Source) -> tuple[str, str]:
    if isinstance(source, Path):
        file = quoted(str(source.resolve()))
        if source.suffix.lower() == ".parquet":
            return f"read_parquet({file}, file_row_number = true)", "file_row_number"
        text = f"(SELECT *, row_number() OVER () AS file_row_number FROM read_csv({file}, header = true))"
        return text, "file_row_number"
    connection.register("population", source)
    return "(SELECT *, row_number() OVER () AS file_row_number FROM population)", "file_row_number"
