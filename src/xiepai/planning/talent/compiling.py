"""Machine code for the searches, kept between runs where a folder can be written.

numba keeps it beside the package, else in the user's cache folder, or where ``NUMBA_CACHE_DIR`` says. Where none of
them can be written, or the disk is full, each process compiles for itself: nothing fails, the first call waits some
seconds longer, and a line in the log says so.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from numba import njit

log = logging.getLogger(__name__)
_unkept: set[str] = set()


def compiled(function: Callable[..., Any]) -> Any:
    """The function compiled on first call, without holding the interpreter, and kept if that is possible."""
    try:
        return njit(cache=True, nogil=True)(function)
    except RuntimeError as error:  # numba found no folder to write to
        _say(function.__name__, error)
        return njit(nogil=True)(function)


def call(function: Any, *arguments: Any) -> Any:
    """Call a compiled function; when its code cannot be kept (a full disk), call it as it stands in memory."""
    try:
        return function(*arguments)
    except OSError as error:
        _say(function.__name__, error)
        return function(*arguments)


def is_kept() -> bool:
    """Whether the next process will find everything compiled."""
    return not _unkept


def _say(name: str, error: Exception) -> None:
    if not _unkept:
        log.warning("planning code is compiled anew in each process, which takes seconds: %s", error)
    _unkept.add(name)
