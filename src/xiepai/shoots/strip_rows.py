"""Strips written back many at once: one statement of arrays, and only the rows that differ.

A move changes two days of a board, its reckoning looks at all of them; the ORM's own bulk update builds an expression
for each cell and took most of a move's time. Refuses nothing: whoever calls holds the plan's lock.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from django.db import connection

from xiepai.shoots.models import Strip

_TYPES = {
    "kind": "text",
    "text": "text",
    "plan_day_id": "bigint",
    "position": "integer",
    "place_id": "bigint",
    "starts_at": "timestamptz",
    "ends_at": "timestamptz",
    "not_before": "smallint",
    "is_locked": "boolean",
}


def write(strips: Collection[Strip], columns: Sequence[str]) -> None:
    """Write these columns of the strips that are not so already."""
    if not strips:
        return
    said = ", ".join(f"{name} = n.{name}" for name in columns)
    arrays = ", ".join(f"%s::{_TYPES[name]}[]" for name in columns)
    old, new = (", ".join(f"{row}.{name}" for name in columns) for row in "sn")
    query = (  # column names are those of the table above, never a reader's
        f"UPDATE shoots_strip s SET {said} FROM unnest(%s::bigint[], {arrays}) AS n(id, {', '.join(columns)})"  # noqa: S608
        f" WHERE s.id = n.id AND ({old}) IS DISTINCT FROM ({new})"
    )
    cells = [[getattr(strip, name) for strip in strips] for name in columns]
    with connection.cursor() as cursor:
        cursor.execute(query, [[strip.pk for strip in strips], *cells])
