"""Groups and orders as single whole numbers a row, so that the kernels compare one number instead of several."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from xiepai.policy.ir import CrossStep
from xiepai.policy.numba_engine import kernels
from xiepai.policy.stages import grouping

Ints = NDArray[np.int64]
_ROOM = 2**62
_DAYS = 100_000


def groups(step: CrossStep, columns: Mapping[str, NDArray[Any]], rows: int) -> tuple[Ints, int]:
    """Each row's group as a number from 0, and how many numbers there are (not each need occur)."""
    parts = [_years(columns[name]) if year else _whole(columns[name]) for name, year in grouping(step)]
    if not parts:
        return np.zeros(0, np.int64), 1
    packed, room = _packed(parts, [False] * len(parts))
    if room <= max(16 * rows, 65_536):
        return packed, int(room)
    codes = np.unique(packed, return_inverse=True)[1].astype(np.int64)
    return codes, int(codes.max(initial=-1)) + 1


def order(step: CrossStep, columns: Mapping[str, NDArray[Any]], rows: int) -> tuple[Ints, int]:
    """A number a row that rises in the step's order (equal rows keep theirs), and one above the highest."""
    if not step.order:
        return np.zeros(rows, np.int64), 1
    parts = [_whole(columns[each.fact]) for each in step.order]
    return _packed(parts, [each.descending for each in step.order])


def _packed(parts: list[Ints], descending: list[bool]) -> tuple[Ints, int]:
    """Several columns in one number, the first the weightiest; ranks where they do not fit."""
    found, room = np.zeros(0, np.int64), 1
    for place, (part, down) in enumerate(zip(parts, descending, strict=True)):
        low, high = kernels.ends(part)
        width = high - low + 1
        if room * width > _ROOM:
            return _ranks(parts, descending)
        found = found if place else np.zeros(len(part), np.int64)
        kernels.mix(found, part, width, high if down else low, -1 if down else 1)
        room *= width
    return found, room


def _ranks(parts: list[Ints], descending: list[bool]) -> tuple[Ints, int]:
    digits = [
        codes.max(initial=0) - codes if down else codes
        for part, down in zip(parts, descending, strict=True)
        for codes in [np.unique(part, return_inverse=True)[1].astype(np.int64)]
    ]
    by = np.lexsort(digits[::-1])
    changes = np.zeros(len(by), bool)
    for digit in digits:
        changes[1:] |= np.diff(digit[by]) != 0
    found = np.empty(len(by), np.int64)
    found[by] = np.cumsum(changes)
    return found, len(by) + 1


def _whole(column: NDArray[Any]) -> Ints:
    return np.asarray(column, dtype=np.int64)


def _years(days: NDArray[Any]) -> Ints:
    """The calendar year of each day, from a table of all days between the first and the last."""
    whole = _whole(days)
    low, high = kernels.ends(whole)
    if high - low > max(len(whole), _DAYS):
        return whole.astype("datetime64[D]").astype("datetime64[Y]").astype(np.int64)
    table = np.arange(low, high + 1).astype("datetime64[D]").astype("datetime64[Y]").astype(np.int64)
    return np.asarray(table[whole - low])
