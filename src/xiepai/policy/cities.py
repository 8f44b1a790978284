"""The policies a folder holds, and the calculator over them: read once, read again when a file changed.

``calculator.toml`` beside the policy files says which of them are asked, in which order and under which short names,
and which of their facts are one question. Refused: a city whose file is missing or wrong (the calculator says so when
it is opened, not by leaving a city out), and a policy that decides a class instead of an amount.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from xiepai.policy.api import load
from xiepai.policy.asking import Calculator, City, questions_of

FILE = "calculator.toml"


class CalculatorError(Exception):
    """The folder cannot be made into a calculator; the text says which file and why."""


def calculator(folder: Path) -> Calculator:
    """The calculator of a folder; without ``calculator.toml`` one without cities."""
    try:
        stamps = tuple((path.name, path.stat().st_mtime_ns) for path in sorted(folder.iterdir()) if path.is_file())
    except OSError:
        stamps = ()
    return _read(folder, stamps) if any(name == FILE for name, _stamp in stamps) else Calculator((), {})


@lru_cache(maxsize=4)
def _read(folder: Path, _stamps: tuple[tuple[str, int], ...]) -> Calculator:
    with (folder / FILE).open("rb") as file:
        try:
            data = tomllib.load(file)
        except tomllib.TOMLDecodeError as error:
            raise CalculatorError(f"{FILE}: {error}") from error
    try:
        cities = tuple(_city(folder, each) for each in data.get("city", []))
        return Calculator(cities, questions_of(cities, data.get("meaning", [])))
    except (KeyError, ValueError) as error:
        raise CalculatorError(f"{FILE}: {error}") from error


def _city(folder: Path, entry: Mapping[str, Any]) -> City:
    policy = load(folder / str(entry["file"]))
    if policy.at().result_kind != "money":
        raise ValueError(f"{entry['file']} decides no amount")
    return City(str(entry["key"]), str(entry["zh"]), str(entry["en"]), policy)
