"""Runs a few programs together and leaves none behind: web and worker under ``xiepai demo`` and ``xiepai serve``.

Each child leads a process group of its own, so that Ctrl-C in the terminal reaches only the supervisor, which
then ends every group in order: SIGTERM, time to finish, SIGKILL. A child that dies ends the others and the
exit code says so. Should the supervisor itself be killed, Linux sends its children SIGTERM.

It restarts nothing: that is the business of systemd or whatever a city uses.
"""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import FrameType

LOOK_EVERY = 0.1
STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None


@dataclass(frozen=True)
class Child:
    """A program to run, under the name people will read; a late one leaves the cores to the others at first."""

    name: str
    command: Sequence[str]
    late: bool = False


class Supervisor:
    """Starts children, waits for the first reason to stop, stops them all."""

    def __init__(self, children: Sequence[Child], *, grace: float = 15.0, say: Callable[[str], None] = print) -> None:
        self._children = children
        self._grace = grace
        self._say = say
        self._running: list[tuple[Child, subprocess.Popen[bytes]]] = []
        self._signals: list[int] = []

    def run(self, ready: Callable[[], bool], announce: Callable[[], None]) -> int:
        """Run until a signal (exit code 0) or until a child ends by itself (exit code 1, or the child's own).

        ``ready`` is asked until it says yes; then ``announce`` is called once and the late children start.
        """
        before = {number: signal.signal(number, self._on_signal) for number in STOPPING}
        announced = False
        try:
            self._start(late=False)
            while not self._signals:
                if ended := self._first_ended():
                    return self._blame(*ended)
                if not announced and ready():
                    announced = True
                    self._start(late=True)
                    announce()
                time.sleep(LOOK_EVERY)
            return 0
        finally:
            self._stop_all()
            for number, handler in before.items():
                signal.signal(number, handler)

    def _on_signal(self, number: int, _frame: FrameType | None) -> None:
        self._signals.append(number)

    def _start(self, *, late: bool) -> None:
        for child in self._children:
            if child.late is late:
                process = subprocess.Popen(
                    child.command,
                    stdin=subprocess.DEVNULL,
                    start_new_session=True,
                    preexec_fn=_end_with_parent(os.getpid()),
                )
                self._running.append((child, process))

    def _first_ended(self) -> tuple[Child, int] | None:
        for child, process in self._running:
            if (code := process.poll()) is not None:
                return child, code
        return None

    def _blame(self, child: Child, code: int) -> int:
        how = f"was killed by {signal.Signals(-code).name}" if code < 0 else f"ended with exit code {code}"
        self._say(f"{child.name} {how}; stopping the rest.")
        return code if code > 0 else 1

    def _stop_all(self) -> None:
        """End every child, then what it left; a second signal from an impatient person ends the waiting."""
        heard = len(self._signals)
        deadline = time.monotonic() + self._grace
        for _child, process in self._running:
            process.terminate()  # the leader ends its own children first, if it knows how
        while self._left() and time.monotonic() < deadline and len(self._signals) == heard:
            self._send(signal.SIGTERM, only_orphaned=True)
            time.sleep(LOOK_EVERY / 4)
        self._send(signal.SIGKILL)
        for _child, process in self._running:
            process.wait()
        self._running.clear()

    def _send(self, number: int, *, only_orphaned: bool = False) -> None:
        for _child, process in self._running:
            if only_orphaned and process.poll() is None:
                continue
            try:
                os.killpg(process.pid, number)
            except (ProcessLookupError, PermissionError):  # macOS says the latter of a dead group
                continue

    def _left(self) -> bool:
        """Whether any member of any group lives, the children's children included."""
        for _child, process in self._running:
            process.poll()
            try:
                os.killpg(process.pid, 0)
            except (ProcessLookupError, PermissionError):
                continue
            return True
        return False


def _end_with_parent(parent: int) -> Callable[[], None] | None:
    """What a child does before it becomes its program: ask Linux for SIGTERM when its parent dies."""
    if _LIBC is None:
        return None

    def ask() -> None:
        _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:  # it died in between
            os._exit(1)

    return ask
