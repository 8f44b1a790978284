"""Where machine code is kept between processes, and when it is good: only for these very sources, numba and processor.

Kept in ``NUMBA_CACHE_DIR`` if that is set, else beside the package, else in the user's cache folder: the first that
already holds it (it need not be writable), else the first that can be written. Where none can, or the disk is full,
every process compiles for itself; the log says so once and nothing fails.
"""

from __future__ import annotations

import hashlib
import logging
import os
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import numba
from llvmlite.binding import get_host_cpu_name
from numba.core.caching import CompileResultCacheImpl, FunctionCache, _CacheLocator
from numba.misc.appdirs import AppDirs

log = logging.getLogger(__name__)
HERE = Path(__file__).parent


@cache
def stamp() -> str:
    """What the machine code depends on, in short: sources, numba, processor."""
    found = hashlib.sha256(f"{numba.__version__} {get_host_cpu_name()}".encode())
    for path in (*sorted(HERE.glob("*.py")), HERE.parent / "slots.py"):
        found.update(path.read_bytes())
    return found.hexdigest()[:20]


def _folders() -> Iterator[Path]:
    """Where to look, in order."""
    if chosen := getattr(numba.config, "CACHE_DIR", ""):
        yield Path(chosen) / "xiepai-planner" / stamp()
        return
    yield HERE / "__pycache__"
    yield Path(AppDirs("xiepai", appauthor=False).user_cache_dir) / "planner" / stamp()


def is_complete(folder: Path) -> bool:
    """Whether all of the search is kept there, for these sources."""
    return (folder / f"kept-{stamp()}").exists()


def folder() -> Path | None:
    """The folder that holds the machine code, or may be given it; None where nothing can be written."""
    found = list(_folders())
    held = next((each for each in found if is_complete(each)), None)
    return held or next((each for each in found if _is_writable(each)), None)


def _is_writable(where: Path) -> bool:
    try:
        where.mkdir(parents=True, exist_ok=True)
        probe = where / f".probe-{os.getpid()}"
        probe.touch()
        probe.unlink()
    except (OSError, RuntimeError):  # RuntimeError: nobody's home
        return False
    return True


def mark_complete() -> bool:
    """Say that all of the search is kept; False where it cannot be."""
    where = folder()
    if where is None:
        return False
    try:
        for old in where.glob("kept-*"):
            old.unlink(missing_ok=True)
        (where / f"kept-{stamp()}").touch()
    except OSError:
        return False
    return True


class _Locator(_CacheLocator):
    """Tells numba's cache the folder and the stamp."""

    def __init__(self, where: Path, line: int) -> None:
        self._where, self._line = where, line

    def get_cache_path(self) -> str:
        return str(self._where)

    def get_source_stamp(self) -> str:
        return stamp()

    def get_disambiguator(self) -> str:
        return str(self._line)

    @classmethod
    def from_function(cls, py_func: Any, py_file: str) -> _Locator | None:
        where = folder()
        return cls(where or HERE / "__pycache__", py_func.__code__.co_firstlineno)


class _Impl(CompileResultCacheImpl):
    _locator_classes = [_Locator]


class Kept(FunctionCache):
    """numba's cache of compiled functions, in our folder; what cannot be written is not kept."""

    _impl_class = _Impl

    def load_overload(self, sig: Any, target_context: Any) -> Any:
        try:
            return super().load_overload(sig, target_context)
        except (OSError, EOFError, ValueError) as error:
            log.warning("kept planning code could not be read and is made anew: %s", error)
            return None

    def save_overload(self, sig: Any, data: Any) -> None:
        try:
            super().save_overload(sig, data)
        except OSError as error:
            log.warning("planning code is compiled anew in each process, which takes seconds: %s", error)
