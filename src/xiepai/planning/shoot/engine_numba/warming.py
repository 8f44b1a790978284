"""Machine code made ahead: ``python -m xiepai.planning.shoot.engine_numba.warming``.

A process of its own, so that nobody waits for it or has to go down with it; with ``--with-parent`` it ends when who
started it does. Of several started at once one compiles, the others find it done.
"""

from __future__ import annotations

import fcntl
import gc
import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

SIGNATURE = "(int64[::1], int64, int64, float64, float64, float64, int64[::1], int64[::1])"


def load() -> None:
    """Have the search's machine code in this process: from where it is kept, else made now."""
    from xiepai.planning.shoot.engine_numba.annealing import anneal

    anneal.machine.compile(SIGNATURE)


def is_kept() -> bool:
    """Whether some folder holds the machine code of these sources for this machine."""
    from xiepai.planning.shoot.engine_numba import keeping

    where = keeping.folder()
    return where is not None and keeping.is_complete(where)


def can_be_kept() -> bool:
    """Whether there is a folder to keep it in."""
    from xiepai.planning.shoot.engine_numba import keeping

    return keeping.folder() is not None


def make() -> bool:
    """Compile and keep; whether it is kept now."""
    from xiepai.planning.shoot.engine_numba import keeping

    where = keeping.folder()
    if where is None:
        return False
    with _alone(where):
        if keeping.is_complete(where):
            return True
        load()
        return keeping.mark_complete()


@contextmanager
def _alone(where: Path) -> Iterator[None]:
    with (where / "compiling.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _end_with_parent() -> None:
    sys.stdin.buffer.read()
    os._exit(1)


def main(arguments: list[str]) -> int:
    """``--with-parent``: end when standard input closes. Exit code 1: it cannot be kept here."""
    if "--with-parent" in arguments:
        threading.Thread(target=_end_with_parent, daemon=True).start()
    gc.disable()  # nothing made here is garbage before the end
    return 0 if make() else 1


if __name__ == "__main__":
    code = main(sys.argv[1:])
    os._exit(code)  # not waiting for the thread that listens
