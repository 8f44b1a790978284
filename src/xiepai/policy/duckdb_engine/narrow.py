"""How wide a column of a table in memory must be: what is proven or known of it decides, not the column it came from.

A step over rows is bound by memory: ten million rows of seven 64-bit columns do not fit beside their groups and went
to the disk. What a type cannot hold is refused by the cast, never cut off: a range that is not true changes no amount.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import duckdb

_WIDTHS = (("SMALLINT", 15), ("INTEGER", 31), ("BIGINT", 63))
_WHOLE = frozenset({"SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT", "HUGEINT"})


@dataclass(frozen=True)
class Known:
    """What a file says of itself: its number of rows, the least and greatest of its whole-number columns."""

    rows: int | None = None
    ranges: Mapping[str, tuple[int, int]] = field(default_factory=dict)


def kind(low: int, high: int) -> str:
    """The narrowest type for a range.

    >>> kind(0, 32767), kind(-1, 32768), kind(0, 2**62)
    ('SMALLINT', 'INTEGER', 'BIGINT')
    """
    return next(name for name, bits in _WIDTHS if -(2**bits) <= low and high < 2**bits)


def as_narrow(text: str, ends: tuple[int, int] | None) -> str:
    """An expression as its narrowest type; as it is where no range is known."""
    return text if ends is None else f"CAST({text} AS {kind(*ends)})"


def known_of_parquet(connection: duckdb.DuckDBPyConnection, file: str, types: Mapping[str, str]) -> Known:
    """The statistics in a Parquet file. They may lie: use them for widths, never for a check."""
    found = connection.execute(
        "SELECT path_in_schema, sum(row_group_num_rows), min(TRY_CAST(stats_min_value AS BIGINT)), "
        "max(TRY_CAST(stats_max_value AS BIGINT)), bool_and(TRY_CAST(stats_min_value AS BIGINT) IS NOT NULL AND "
        f"TRY_CAST(stats_max_value AS BIGINT) IS NOT NULL) FROM parquet_metadata({file}) GROUP BY path_in_schema"
    ).fetchall()
    ranges = {
        name: (low, high)
        for name, _rows, low, high, is_told in found
        if is_told and types.get(name) in _WHOLE and low <= high
    }
    return Known(max((int(row[1]) for row in found), default=None), ranges)
