"""What the doctor says about one thing: its state, what was found, and the cure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """How bad it is."""

    OK = "ok"
    WARNING = "warning"
    BROKEN = "broken"


@dataclass(frozen=True)
class Finding:
    """One line of the doctor's table."""

    check: str
    state: State
    found: str
    cure: str = ""


def fine(check: str, found: str) -> Finding:
    """Nothing to do."""
    return Finding(check, State.OK, found)


def warning(check: str, found: str, cure: str) -> Finding:
    """Works, but should be looked at."""
    return Finding(check, State.WARNING, found, cure)


def broken(check: str, found: str, cure: str) -> Finding:
    """Does not work, or must not go on like this."""
    return Finding(check, State.BROKEN, found, cure)
