"""The demo city's files: CSV rows and TOML tables beside this module, read from the source tree and from a wheel."""

from __future__ import annotations

import csv
import tomllib
from importlib.resources import files
from typing import Any

CITY = "wujin"


def _text(name: str) -> str:
    return (files(__package__) / CITY / name).read_text(encoding="utf-8")


def read_rows(name: str) -> list[dict[str, str]]:
    """The rows of ``NAME.csv`` by column."""
    return list(csv.DictReader(_text(f"{name}.csv").splitlines()))


def read_tables(name: str) -> dict[str, dict[str, Any]]:
    """The tables of ``NAME.toml``."""
    return tomllib.loads(_text(f"{name}.toml"))


def listed(cell: str) -> list[str]:
    """The values of a cell, ``one|two``."""
    return [value for value in cell.split("|") if value]
