"""A DuckDB that can do nothing but the query it was opened for.

It reads the named input and writes the named output; no other file, no network, no extension, no change of its own
settings. Memory and time are limited; what does not fit goes to a folder of its own that is removed at the end.
"""

from __future__ import annotations

import os
import tempfile
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb


class OutOfTimeError(Exception):
    """A query took longer than its limit."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"the query was stopped after {seconds:g} s")
        self.seconds = seconds


@dataclass(frozen=True, slots=True)
class Limits:
    """What a query may take. ``memory`` bounds DuckDB's buffers, not the process (measured: 0.73 to 0.75 GB)."""

    memory: str = "640MB"
    seconds: float = 3600.0
    threads: int = 0


@contextmanager
def locked_down(paths: Sequence[Path], limits: Limits) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection in memory that may touch exactly these files."""
    with tempfile.TemporaryDirectory(prefix="xiepai-policy-") as folder:
        settings: dict[str, str | bool | int | float | list[str]] = {
            "autoinstall_known_extensions": "false",
            "autoload_known_extensions": "false",
            "allow_community_extensions": "false",
            "memory_limit": limits.memory,
            "temp_directory": folder,
            "threads": str(limits.threads or os.cpu_count() or 1),
            "preserve_insertion_order": "false",
        }
        with duckdb.connect(config=settings) as connection:
            allowed = ", ".join(quoted(str(path)) for path in paths)
            connection.execute(f"SET allowed_paths = [{allowed}]")
            # It answers from a file's statistics, which may lie: a range must be checked on the cells (ADR 0170).
            connection.execute("SET disabled_optimizers = 'statistics_propagation'")
            connection.execute("SET enable_external_access = false")
            connection.execute("SET lock_configuration = true")
            yield connection


def quoted(text: str) -> str:
    """A text as an SQL literal.

    >>> quoted("it's")
    "'it''s'"
    """
    return "'" + text.replace("'", "''") + "'"


@contextmanager
def stopped_after(connection: duckdb.DuckDBPyConnection, seconds: float) -> Iterator[None]:
    """Interrupts what runs when the time is over."""
    timer = threading.Timer(seconds, connection.interrupt)
    timer.daemon = True
    timer.start()
    try:
        yield
    except duckdb.InterruptException as error:
        raise OutOfTimeError(seconds) from error
    finally:
        timer.cancel()
