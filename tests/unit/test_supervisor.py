"""The supervisor leaves no process behind, however it ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import psutil
import pytest

# A parent with two children: one ordinary, one that has a child itself and ignores SIGTERM.
SCRIPT = """
    import sys
    from xiepai.config.supervisor import Child, Supervisor
    stubborn = "import signal, subprocess, sys, time; signal.signal(signal.SIGTERM, signal.SIG_IGN);" \\
        "subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)']); time.sleep(60)"
    second = sys.argv[1] if len(sys.argv) > 1 else stubborn
    children = [
        Child("plain", [sys.executable, "-c", "import time; time.sleep(60)"]),
        Child("other", [sys.executable, "-c", second], late=True),
    ]
    supervisor = Supervisor(children, grace=1.0, say=lambda line: print(line, flush=True))
    raise SystemExit(supervisor.run(lambda: True, lambda: print("ready", flush=True)))
"""


def start(*arguments: str) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(SCRIPT), *arguments], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


def family(process: subprocess.Popen[str], size: int) -> list[psutil.Process]:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        if len(found := psutil.Process(process.pid).children(recursive=True)) >= size:
            return found
        time.sleep(0.05)
    raise AssertionError("the children did not start")


def finish(process: subprocess.Popen[str]) -> str:
    said, _ = process.communicate(timeout=30)
    return said


def assert_gone(processes: list[psutil.Process], seconds: float = 10) -> None:
    deadline = time.monotonic() + seconds
    while alive := [p for p in processes if p.is_running() and p.status() != psutil.STATUS_ZOMBIE]:
        assert time.monotonic() < deadline, alive
        time.sleep(0.05)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_everything_and_counts_as_success(number: signal.Signals) -> None:
    process = start()
    children = family(process, 3)
    process.send_signal(number)
    finish(process)
    assert process.returncode == 0
    assert_gone(children)


def test_a_child_that_ends_takes_the_rest_along_and_is_named() -> None:
    process = start("import time; time.sleep(1); raise SystemExit(7)")
    children = family(process, 2)
    assert "other ended with exit code 7; stopping the rest." in finish(process)
    assert process.returncode == 7
    assert_gone(children)


def test_a_killed_child_is_named_with_its_signal() -> None:
    process = start()
    children = family(process, 3)
    os.kill(min(child.pid for child in children), signal.SIGKILL)
    assert "plain was killed by SIGKILL" in finish(process)
    assert process.returncode == 1
    assert_gone(children)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells children of their parent's death")
def test_children_end_even_when_the_supervisor_is_killed(tmp_path: Path) -> None:
    process = start("import time; time.sleep(60)")
    children = family(process, 2)
    process.kill()
    finish(process)
    assert_gone(children)
