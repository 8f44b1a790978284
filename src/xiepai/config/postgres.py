"""A private PostgreSQL for whoever has none: the newcomer's demo, the developer, the tests.

One data folder, one server, a unix socket in a folder only its owner may enter, no TCP. Every process that
uses the server holds a share in it (a file lock, so that the kernel takes it back even after ``kill -9``);
the last one to leave stops the server. A city in production sets ``DATABASE_URL`` instead and nothing here runs.

Refused: touching a server this file did not configure, a data folder of another version or owner, and
deleting anything but a lock file whose owner is dead.
"""

from __future__ import annotations

import atexit
import fcntl
import hashlib
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO
from urllib.parse import quote

import psutil
import psycopg

from xiepai.config.postgres_binaries import Binaries, PrivateServerError, account_for, command_prefix, find

DATABASE = "xiepai"
USER = "xiepai"
LONGEST_SOCKET_FOLDER = 85  # sun_path holds 108 bytes, of which the socket's own name takes 20
SECONDS_TO_START = 90.0  # recovery after a crash replays the log first
SECONDS_TO_STOP = 30.0
LARGEST_LOG = 5_000_000

SETTINGS = {
    "listen_addresses": "",
    "max_connections": "200",  # the benchmarks come with 64 clients and their own admin connections
    "shared_buffers": "256MB",
    "random_page_cost": "1.1",  # solid-state disks: else a search that meets a quarter of the city reads all of it
    "jit": "off",  # compiles for 100 ms what runs in 5
    "log_min_messages": "warning",
    "log_min_error_statement": "panic",  # statements hold people's data; they do not belong in a log
    "timezone": "UTC",
}
# A test database may be lost with the machine: no waiting for the disk.
FAST_AND_LOSABLE = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
}


@dataclass
class Server:
    """A share in a running server. ``stop`` gives it back; the last share ends the server."""

    url: str
    data: Path
    pid: int
    started_by_us: bool
    binaries: Binaries
    _share: IO[str] | None = field(repr=False, default=None)
    _process: subprocess.Popen[bytes] | None = field(repr=False, default=None)
    _holder: int = field(repr=False, default_factory=os.getpid)

    def stop(self) -> None:
        """Give the share back. Safe to call twice, and without effect in a forked child."""
        if self._share is None or os.getpid() != self._holder:
            return
        atexit.unregister(self.stop)
        share, self._share = self._share, None
        share.close()
        if self.data.exists():
            _stop_if_unused(self.data)
        if self._process is not None and self._process.poll() is None:
            self._process.returncode = 0  # others use it still: no longer ours to wait for


def ensure_running(home: Path, *, durable: bool = True, database: str = DATABASE) -> Server:
    """A share in the private server of a home folder, started if nobody has yet.

    ``durable=False`` is the tests' server: its own folder, no fsync. Raises PrivateServerError with the cure.
    """
    data = home.absolute() / ("postgres" if durable else "postgres-test")
    _check_ours(data)
    with _guarded(data):
        binaries = find(_major_of(data))
        process = None
        found = _join(data, database)
        if found is None:
            process = _start(data, binaries, SETTINGS if durable else SETTINGS | FAST_AND_LOSABLE)
            found = _await_ready(data, process)
            _ensure_database(found[1], database)
        pid, folder = found
        share = _take_share(data, exclusive=False)
    url = f"postgresql:///{database}?host={quote(folder)}&user={USER}"
    server = Server(url, data, pid, process is not None, binaries, share, process)
    _stop_at_exit(server)
    return server


def _check_ours(data: Path) -> None:
    """Before anything is read or written: may this account use the home folder and the data in it?"""
    try:
        data.parent.mkdir(parents=True, exist_ok=True)
        command_prefix(account_for(data))
        data.with_name(data.name + ".lock").touch()
    except PermissionError as error:
        raise PrivateServerError(
            f"{error.filename} is not yours to write to: choose another folder with XIEPAI_HOME."
        ) from error


def shut_down(home: Path) -> list[Path]:
    """Stop every private server of a home folder, whoever uses it; the data folders that had one."""
    stopped = []
    for data in (home.absolute() / "postgres", home.absolute() / "postgres-test"):
        if data.exists():
            with _guarded(data):
                if _shut_down(data):
                    stopped.append(data)
    return stopped


# Locks and shares


@contextmanager
def _guarded(data: Path) -> Iterator[None]:
    """Only one process at a time looks at, starts or stops the server of a data folder."""
    with data.with_name(data.name + ".lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _take_share(data: Path, *, exclusive: bool) -> IO[str] | None:
    """An open file that holds the share, or None if others hold one and it should be exclusive."""
    share = data.with_name(data.name + ".users").open("a")
    try:
        fcntl.flock(share, (fcntl.LOCK_EX | fcntl.LOCK_NB) if exclusive else fcntl.LOCK_SH)
    except BlockingIOError:
        share.close()
        return None
    return share


def _stop_at_exit(server: Server) -> None:
    """Give the share back on a normal exit and on SIGTERM and SIGHUP, unless the process handles those itself."""
    atexit.register(server.stop)
    for number in (signal.SIGTERM, signal.SIGHUP):
        try:
            if signal.getsignal(number) is signal.SIG_DFL:
                signal.signal(number, lambda code, _frame: sys.exit(128 + code))
        except ValueError:
            return  # not the main thread: whoever owns it decides about signals


def _stop_if_unused(data: Path) -> None:
    with _guarded(data):
        alone = _take_share(data, exclusive=True)
        if alone is not None:
            with alone:
                _shut_down(data)


# Looking at what is there


def _major_of(data: Path) -> int | None:
    try:
        return int((data / "PG_VERSION").read_text())
    except (FileNotFoundError, NotADirectoryError):
        return None


def _pid_file(data: Path) -> list[str]:
    """The lines of ``postmaster.pid``: 0 pid, 1 data folder, 4 socket folder, 7 status; empty if there is none."""
    try:
        return (data / "postmaster.pid").read_text(errors="replace").splitlines()
    except (FileNotFoundError, NotADirectoryError):
        return []


def _running(data: Path) -> psutil.Process | None:
    """The live server of this very folder.

    A pid alone proves nothing: it may be a zombie, belong to something else by now, or to the server of the
    folder this one was copied from. A server's working directory is its data folder, which settles it.
    """
    lines = _pid_file(data)
    if len(lines) < 2 or not lines[0].strip().isdigit():
        return None
    try:
        process = psutil.Process(int(lines[0]))
        return process if _alive(process) and Path(process.cwd()).samefile(data) else None
    except (psutil.Error, OSError):
        return None


def _join(data: Path, database: str) -> tuple[int, str] | None:
    """The pid and socket folder of a server that answers; None if there is none, or no more.

    A server just killed or stopping still has its process and its file: only an answer proves it.
    """
    deadline = time.monotonic() + SECONDS_TO_START
    while (process := _running(data)) is not None:
        lines = _pid_file(data)
        if _is_ready(lines):
            with suppress(psycopg.OperationalError):
                _ensure_database(lines[4], database)
                return process.pid, lines[4]
        if time.monotonic() > deadline:
            raise PrivateServerError(f"The server {process.pid} of {data} does not answer:\n{_last_words(data)}")
        time.sleep(0.02)
    return None


def _alive(process: psutil.Process) -> bool:
    """Whether it runs; a zombie, dead but not yet buried by its parent, does not."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def _clear_the_dead(data: Path) -> None:
    """After a crash: wait for the last orphaned backend, then remove lock files that name a dead server.

    PostgreSQL itself would refuse to start when the pid in them has been given to another process.
    """
    deadline = time.monotonic() + SECONDS_TO_STOP
    while orphans := [p for p in psutil.process_iter(["cwd"]) if p.info["cwd"] == str(data.resolve())]:
        if time.monotonic() > deadline:
            raise PrivateServerError(f"Processes of a dead server still use {data}: {[p.pid for p in orphans]}")
        time.sleep(0.05)
    (data / "postmaster.pid").unlink(missing_ok=True)
    (_socket_folder(data) / ".s.PGSQL.5432.lock").unlink(missing_ok=True)


def _socket_folder(data: Path) -> Path:
    """A short folder for the socket: the data folder itself, or one in /tmp if its path is long or unusual."""
    if len(str(data)) <= LONGEST_SOCKET_FOLDER and re.fullmatch(r"[A-Za-z0-9/._+-]+", str(data)):
        return data
    short = hashlib.sha256(os.fsencode(data)).hexdigest()[:12]
    temporary = tempfile.gettempdir()
    parent = Path(temporary if len(temporary) < 50 and temporary.isascii() else "/tmp")  # noqa: S108
    return parent / f"xiepai-{os.geteuid()}-{short}"


# Starting


def _initialise(data: Path, binaries: Binaries) -> None:
    """Make a new data folder beside its place and move it there when complete: an interrupted one is never used."""
    fresh = data.with_name(data.name + ".new")
    if fresh.exists():
        shutil.rmtree(fresh)
    account = account_for(data)
    fresh.mkdir(mode=0o700)
    if account != os.geteuid():
        os.chown(fresh, account, -1)
    # The C locale proper would make pg_trgm find nothing in Chinese, silently.
    options = ["-A", "trust", "-U", USER, "-E", "UTF8", "--locale=C.UTF-8", "--no-sync", "-D", str(fresh)]
    command = [*command_prefix(account), binaries.program("initdb"), *options]
    done = subprocess.run(command, capture_output=True, text=True, env=_environment(), cwd=fresh, check=False)
    if done.returncode:
        why = f"{done.stderr.strip()}\n{_out_of_reach(fresh, account)}"
        raise PrivateServerError(f"The database could not be created:\n{why}".rstrip())
    fresh.rename(data)


def _start(data: Path, binaries: Binaries, settings: dict[str, str]) -> subprocess.Popen[bytes]:
    _clear_the_dead(data)
    if not (data / "PG_VERSION").exists():
        _initialise(data, binaries)
    return _launch(data, binaries, settings)


def _launch(data: Path, binaries: Binaries, settings: dict[str, str]) -> subprocess.Popen[bytes]:
    """Start the server in a session of its own: Ctrl-C in the terminal is not meant for it."""
    account = data.stat().st_uid
    settings = settings | {"unix_socket_directories": str(_make_socket_folder(data, account))}
    options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
    command = [*command_prefix(account), binaries.program("postgres"), "-D", str(data), *options]
    log_file = _log_of(data)
    if log_file.exists() and log_file.stat().st_size > LARGEST_LOG:
        log_file.replace(log_file.with_suffix(".log.1"))
    with log_file.open("ab") as log:
        return subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            env=_environment(),
            cwd=data,
            start_new_session=True,
        )


def _make_socket_folder(data: Path, account: int) -> Path:
    folder = _socket_folder(data)
    if folder == data:
        return folder
    folder.mkdir(mode=0o700, exist_ok=True)
    if os.geteuid() == 0 and folder.stat().st_uid == 0:
        os.chown(folder, account, -1)
    found = folder.lstat()
    if folder.is_symlink() or found.st_uid != account or found.st_mode & 0o077:
        raise PrivateServerError(f"{folder} belongs to someone else or is open to others: remove it and start again.")
    return folder


def _await_ready(data: Path, process: subprocess.Popen[bytes]) -> tuple[int, str]:
    """The pid and socket folder of the server we started, once it takes connections."""
    deadline = time.monotonic() + SECONDS_TO_START
    while time.monotonic() < deadline:
        if process.poll() is not None:
            why = f"{_last_words(data)}\n{_out_of_reach(data, account_for(data))}"
            raise PrivateServerError(f"PostgreSQL did not start:\n{why}".rstrip())
        lines = _pid_file(data)
        if _is_ready(lines) and int(lines[0]) == process.pid:
            return process.pid, lines[4]
        time.sleep(0.02)
    raise PrivateServerError(f"PostgreSQL in {data} is not ready:\n{_last_words(data)}")


def _is_ready(pid_file: list[str]) -> bool:
    return len(pid_file) >= 8 and pid_file[7].strip() == "ready"


def _ensure_database(socket_folder: str, database: str) -> None:
    address = f"postgresql:///postgres?host={quote(socket_folder)}&user={USER}&connect_timeout=10"
    with psycopg.connect(address, autocommit=True) as connection:
        if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [database]).fetchone():
            connection.execute(psycopg.sql.SQL("CREATE DATABASE {}").format(psycopg.sql.Identifier(database)))


def _environment() -> dict[str, str]:
    """The caller's environment without its own PostgreSQL settings."""
    return {name: value for name, value in os.environ.items() if not name.startswith("PG")}


def _log_of(data: Path) -> Path:
    return data.with_name(data.name + ".log")


def _last_words(data: Path) -> str:
    try:
        return "\n".join(_log_of(data).read_text(errors="replace").splitlines()[-8:])
    except FileNotFoundError:
        return ""


def _out_of_reach(data: Path, account: int) -> str:
    """For root only: the server has not root's right to enter folders closed to its account."""
    if os.geteuid() != 0:
        return ""
    closed = [p for p in data.parents if p.stat().st_uid != account and not p.stat().st_mode & 0o001]
    if not closed:
        return ""
    return f"{closed[0]} is closed to the server's account: choose another folder with XIEPAI_HOME, or do not be root."


# Stopping


def _shut_down(data: Path) -> bool:
    """Stop the server of a data folder: fast first (SIGINT), harder if that takes too long."""
    process = _running(data)
    if process is None:
        return False
    for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):
        with suppress(psutil.NoSuchProcess):
            process.send_signal(number)
        deadline = time.monotonic() + SECONDS_TO_STOP
        while time.monotonic() < deadline:
            if not _alive(process):
                _remove_socket_folder(data)
                return True
            time.sleep(0.01)
    raise PrivateServerError(f"The server {process.pid} of {data} does not stop.")


def _remove_socket_folder(data: Path) -> None:
    folder = _socket_folder(data)
    if folder != data:
        with suppress(OSError):  # not empty: something of ours, or nothing at all; both may stay
            folder.rmdir()
