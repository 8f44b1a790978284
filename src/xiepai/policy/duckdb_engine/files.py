"""Columns to a file and back, and a file with one column more: all through a database that may touch nothing else."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from xiepai.policy.duckdb_engine.session import Limits, locked_down, quoted


def form(out: Path) -> str:
    """How COPY writes a file of this name. Columns of keys have no use for a dictionary, looking for one is dear."""
    kind = "FORMAT CSV, HEADER" if out.suffix.lower() == ".csv" else "FORMAT PARQUET, DICTIONARY_SIZE_LIMIT 1000"
    return f"{kind}, USE_TMP_FILE false"


@contextmanager
def drafted(out: Path) -> Iterator[Path]:
    """A file beside ``out`` that takes its place when it is complete; ``out`` may be the input."""
    draft = out.resolve().with_name(f".{out.name}.{os.getpid()}{out.suffix}")
    try:
        yield draft
        draft.replace(out)
    finally:
        draft.unlink(missing_ok=True)


def write_columns(columns: Mapping[str, NDArray[Any]], out: Path) -> None:
    """Columns as Parquet or CSV."""
    with drafted(out) as draft, locked_down([draft], Limits()) as connection:
        connection.register("given", dict(columns))
        connection.execute(f"COPY given TO {quoted(str(draft))} ({form(out)})")


def read_columns(files: Sequence[Path], names: Sequence[str]) -> dict[str, NDArray[Any]]:
    """Some columns of Parquet files that lie one after the other."""
    paths = [each.resolve() for each in files]
    with locked_down(paths, Limits(memory="4GB")) as connection:
        listed = ", ".join(quoted(str(each)) for each in paths)
        found = connection.execute(f"SELECT {', '.join(names)} FROM read_parquet([{listed}])").fetchnumpy()
    return {name: np.asarray(found[name]) for name in names}
