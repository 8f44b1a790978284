"""SQL that belongs to a migration lives in a .sql file beside it, readable and with its own reasons."""

from __future__ import annotations

from pathlib import Path


def read(app_file: str, name: str) -> str:
    """The text of ``sql/NAME.sql`` in the app that *app_file* (``__file__`` of a migration) is part of."""
    return (Path(app_file).resolve().parent.parent / "sql" / f"{name}.sql").read_text(encoding="utf-8")
