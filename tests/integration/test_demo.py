"""``xiepai demo`` as a newcomer meets it: starts from nothing, stops without a trace, comes back with its data."""

from __future__ import annotations

import http.client
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import psycopg
import pytest

from xiepai.config.postgres import ensure_running, shut_down

pytestmark = pytest.mark.slow


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path
    shut_down(tmp_path)


@pytest.fixture
def port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def start(home: Path, port: int, **extra: str) -> Iterator[subprocess.Popen[str]]:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("DATABASE_URL", "DJANGO"))}
    process = subprocess.Popen(
        [sys.executable, "-m", "xiepai.config.cli", "demo"],
        env={**inherited, "XIEPAI_HOME": str(home), "PORT": str(port), "PYTHONUNBUFFERED": "1", **extra},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    with process:
        try:
            yield process
        finally:
            process.terminate()


def read_until_it_runs(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    lines = []
    for line in process.stdout:
        lines.append(line)
        if "Ctrl-C stops" in line:
            return "".join(lines)
    raise AssertionError("".join(lines))


def status_of(port: int, path: str) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request("GET", path)
        return connection.getresponse().status
    finally:
        connection.close()


def assert_nothing_left(family: list[psutil.Process], home: Path) -> None:
    _, alive = psutil.wait_procs(family, timeout=10)
    assert not [p for p in alive if p.status() != psutil.STATUS_ZOMBIE]
    assert not (home / "postgres" / "postmaster.pid").exists()


def test_serves_stops_on_ctrl_c_and_comes_back_with_its_data(home: Path, port: int) -> None:
    with start(home, port) as first:
        assert f"http://127.0.0.1:{port}/" in read_until_it_runs(first)
        assert status_of(port, "/") < 500
        family = psutil.Process(first.pid).children(recursive=True)
        assert len(family) >= 4  # the database, the web server and its workers, the jobs worker
        first.send_signal(signal.SIGINT)
        first.communicate(timeout=30)
    assert first.returncode == 0
    assert_nothing_left(family, home)

    server = ensure_running(home)
    with psycopg.connect(server.url, autocommit=True) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 1 AS one")
    server.stop()

    with start(home, port) as second:
        read_until_it_runs(second)
        family = psutil.Process(second.pid).children(recursive=True)
        second.terminate()
        second.communicate(timeout=30)
    assert_nothing_left(family, home)
    server = ensure_running(home)
    with psycopg.connect(server.url) as connection:
        assert connection.execute("SELECT one FROM kept").fetchone() == (1,)
    server.stop()


def test_serve_0_ends_after_the_main_job(home: Path, port: int) -> None:
    with start(home, port, SERVE="0") as process:
        said, _ = process.communicate(timeout=240)
    assert process.returncode == 0, said
    assert "Ctrl-C" not in said
    assert not (home / "postgres" / "postmaster.pid").exists()
