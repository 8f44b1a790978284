"""The search's machine code made ready beside other work: nobody who asks for a plan waits for it deaf.

One thread a process imports numba and loads what is kept; what is not kept is compiled by a process of its own first
(``engine_numba.warming``), and in this one only where nothing can be kept. Asking and waiting import nothing.
"""

from __future__ import annotations

import logging
import subprocess
import sys
import threading
from collections.abc import Callable

log = logging.getLogger(__name__)
ASK_EVERY = 0.05


class _Preparation:
    """What one process does once."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.thread: threading.Thread | None = None
        self.error: Exception | None = None
        self.done = threading.Event()

    def start(self) -> None:
        with self.lock:
            if self.thread is None:
                self.thread = threading.Thread(target=self._run, name="planner", daemon=True)
                self.thread.start()

    def _run(self) -> None:
        try:
            from xiepai.planning.shoot.engine_numba import warming

            if not warming.is_kept() and warming.can_be_kept():
                _compile_apart()
            warming.load()
        except Exception as error:
            self.error = error
        finally:
            self.done.set()


def _process() -> subprocess.Popen[bytes]:
    """The compiling process; its input stays open, and it alive, as long as this process holds it."""
    command = [sys.executable, "-m", "xiepai.planning.shoot.engine_numba.warming", "--with-parent"]
    return subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    )


def _compile_apart() -> None:
    """Have another process compile; should it fail, this one will."""
    process = _process()
    code = process.wait()
    if process.stdin is not None:
        process.stdin.close()
    if code:
        log.warning("compiling the planner apart failed (%s); it is compiled here", code)


_ahead: list[subprocess.Popen[bytes]] = []
_preparation = _Preparation()


def ahead() -> None:
    """Have the machine code made by the time somebody asks: costs this process nothing, no memory either."""
    if not _ahead:
        _ahead.append(_process())


def start() -> None:
    """Begin in the background; once a process."""
    _preparation.start()


def is_ready() -> bool:
    """Whether the search can run at once."""
    return _preparation.done.is_set() and _preparation.error is None


def wait(is_over: Callable[[], bool]) -> bool:
    """Wait until the search can run; False when *is_over* said so first."""
    start()
    while not _preparation.done.wait(ASK_EVERY):
        if is_over():
            return False
    if _preparation.error is not None:
        raise _preparation.error
    return True
