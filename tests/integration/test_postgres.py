"""The private server: start, share, stop, and what remains after the worst."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg
import pytest

from xiepai.config import postgres
from xiepai.config.postgres import PrivateServerError, ensure_running, shut_down

HOLDER = """
    import sys, time
    from pathlib import Path
    from xiepai.config.postgres import ensure_running
    server = ensure_running(Path(sys.argv[1]), durable=False)
    print(server.pid, server.started_by_us, flush=True)
    time.sleep(60)
"""


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path
    shut_down(tmp_path)


def holder(home: Path) -> tuple[subprocess.Popen[str], int, bool]:
    """Another process that holds a share in the server; its server's pid and whether it started it."""
    process = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(HOLDER), str(home)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    with process.stdout as said:
        pid, started = said.readline().split()
    return process, int(pid), started == "True"


def ask(url: str, statement: str) -> object:
    with psycopg.connect(url) as connection:
        row = connection.execute(statement).fetchone()  # type: ignore[arg-type]
        return row[0] if row else None


def gone(pid: int, seconds: float = 20) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE:
            return True
        time.sleep(0.02)
    return False


def test_starts_with_the_settings_it_promises_and_stops(home: Path) -> None:
    server = ensure_running(home, durable=False)
    assert server.started_by_us
    assert ask(server.url, "SELECT current_setting('listen_addresses')") == ""
    assert ask(server.url, "SELECT current_setting('jit')") == "off"
    assert int(str(ask(server.url, "SELECT current_setting('max_connections')"))) >= 200
    assert (home / "postgres-test").stat().st_mode & 0o077 == 0
    server.stop()
    server.stop()
    assert gone(server.pid)
    assert not (home / "postgres-test" / "postmaster.pid").exists()


def test_chinese_words_are_found_by_pg_trgm(home: Path) -> None:
    server = ensure_running(home, durable=False)
    with psycopg.connect(server.url, autocommit=True) as connection:
        connection.execute("CREATE EXTENSION pg_trgm")
        row = connection.execute("SELECT similarity('摄影棚', '摄影棚') = 1 AND '一号摄影棚' ILIKE '%摄影%'").fetchone()
    assert row == (True,)


def test_only_the_durable_server_waits_for_the_disk(home: Path) -> None:
    assert ask(ensure_running(home).url, "SELECT current_setting('fsync')") == "on"
    assert ask(ensure_running(home, durable=False).url, "SELECT current_setting('fsync')") == "off"


def test_the_last_one_to_leave_stops_the_server(home: Path) -> None:
    first = ensure_running(home, durable=False)
    second = ensure_running(home, durable=False)
    assert second.pid == first.pid
    assert not second.started_by_us
    first.stop()
    assert ask(second.url, "SELECT 1") == 1
    second.stop()
    assert gone(first.pid)


def test_a_terminated_process_takes_its_server_along(home: Path) -> None:
    process, pid, _ = holder(home)
    process.terminate()
    assert process.wait(20) == 128 + signal.SIGTERM
    assert gone(pid)


def test_after_kill_9_of_its_holder_the_next_one_inherits_the_server(home: Path) -> None:
    process, pid, _ = holder(home)
    process.kill()
    process.wait(20)
    heir = ensure_running(home, durable=False)
    assert heir.pid == pid
    heir.stop()
    assert gone(pid)


def test_of_many_starters_one_starts_and_all_are_served(home: Path) -> None:
    holders = [holder(home) for _ in range(3)]
    assert len({pid for _, pid, _ in holders}) == 1
    assert [started for _, _, started in holders].count(True) == 1
    for process, _, _ in holders:
        process.terminate()
        process.wait(20)
    assert gone(holders[0][1])


def test_kill_9_of_the_server_loses_no_committed_row(home: Path) -> None:
    server = ensure_running(home)
    with psycopg.connect(server.url, autocommit=True) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 7 AS seven")
    os.kill(server.pid, signal.SIGKILL)
    again = ensure_running(home)
    assert again.started_by_us
    assert ask(again.url, "SELECT seven FROM kept") == 7


def test_a_pid_file_that_names_a_stranger_is_not_believed(home: Path) -> None:
    server = ensure_running(home, durable=False)
    lines = (server.data / "postmaster.pid").read_text().splitlines()
    server.stop()
    (server.data / "postmaster.pid").write_text("\n".join([str(os.getpid()), *lines[1:]]) + "\n")
    again = ensure_running(home, durable=False)
    assert again.started_by_us
    assert again.pid != os.getpid()


def test_a_copied_checkout_does_not_join_the_server_of_the_original(home: Path) -> None:
    original = ensure_running(home / "one", durable=False)
    shutil.copytree(home / "one", home / "two", ignore=lambda _, names: [n for n in names if n.startswith(".s.")])
    copy = ensure_running(home / "two", durable=False)
    assert copy.pid != original.pid
    copy.stop()
    assert ask(original.url, "SELECT 1") == 1
    original.stop()


@pytest.mark.parametrize("name", ["p" * 120, "武进 西太湖,一号棚"])
def test_long_and_unusual_folders_get_a_short_socket(home: Path, name: str) -> None:
    server = ensure_running(home / name, durable=False)
    assert ask(server.url, "SELECT 1") == 1
    server.stop()


def test_an_interrupted_first_start_is_begun_anew(home: Path) -> None:
    (home / "postgres-test.new").mkdir()
    (home / "postgres-test.new" / "half").write_text("written")
    assert ask(ensure_running(home, durable=False).url, "SELECT 1") == 1
    assert not (home / "postgres-test.new").exists()


def test_data_of_a_version_nobody_has_is_refused_untouched(home: Path) -> None:
    (home / "postgres-test").mkdir()
    (home / "postgres-test" / "PG_VERSION").write_text("9\n")
    with pytest.raises(PrivateServerError, match="the data needs 9"):
        ensure_running(home, durable=False)


def test_a_server_that_cannot_start_says_its_last_words(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(postgres.SETTINGS, "max_connections", "minus one")
    with pytest.raises(PrivateServerError, match=r"did not start(.|\n)*max_connections"):
        ensure_running(home, durable=False)


def test_shut_down_stops_whoever_uses_it(home: Path) -> None:
    process, pid, _ = holder(home)
    assert shut_down(home) == [home / "postgres-test"]
    assert gone(pid)
    process.kill()
    process.wait(20)
