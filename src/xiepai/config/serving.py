"""The web server and the jobs worker as programs to run, and what a person reads while they run."""

from __future__ import annotations

import fcntl
import http.client
import os
import socket
import sys
import tempfile
from pathlib import Path
from typing import IO
from urllib.parse import urlsplit

from xiepai.config import env
from xiepai.config.supervisor import Child, Supervisor

_CLAIMED: list[IO[str]] = []  # open files hold their locks as long as the process lives


class PortInUseError(RuntimeError):
    """Somebody else listens on the port; the message says how to choose another."""


def port() -> int:
    """The port the web server takes."""
    return env.number("PORT", "8000", "port of the web server")


def host() -> str:
    """The address the web server listens on."""
    return env.text("XIEPAI_BIND", "127.0.0.1", "address the web server listens on; 0.0.0.0 for all")


def address() -> str:
    """Where a person points the browser."""
    shown = "127.0.0.1" if host() in {"0.0.0.0", "::"} else host()  # noqa: S104
    return f"http://{shown}:{port()}/"


def claim_port() -> None:
    """Take the port for this process, or refuse at once with a cure instead of later with a traceback.

    Two granians may share a port without a word, and a start takes seconds between this look and its
    listening; a file lock, held until the process ends, keeps a second starter out meanwhile.
    """
    lock = (Path(tempfile.gettempdir()) / f"xiepai-{os.geteuid()}-port-{port()}.lock").open("a")
    family = socket.AF_INET6 if ":" in host() else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            probe.bind((host(), port()))
        except OSError as error:
            lock.close()
            other = port() + 1 if port() < 65535 else 8000
            why = "another Xiepai of yours has it" if isinstance(error, BlockingIOError) else error.strerror
            raise PortInUseError(
                f"{host()}:{port()} cannot be used: {why}. Stop what runs there, or choose another port: PORT={other}"
            ) from error
    _CLAIMED.append(lock)


def web() -> Child:
    """granian with a few processes, each with threads enough to wait for the database."""
    workers = env.number("XIEPAI_WEB_WORKERS", "2", "processes of the web server")
    threads = env.number("XIEPAI_WEB_THREADS", "4", "threads of each web process; each keeps a database connection")
    return Child(
        "web",
        [
            *(sys.executable, "-m", "granian", "--interface", "wsgi", "--no-ws"),
            *("--host", host(), "--port", str(port())),
            *("--workers", str(workers), "--blocking-threads", str(threads)),
            *("--log-level", "warning", "--workers-kill-timeout", "10"),
            "xiepai.config.wsgi:application",
        ],
    )


def worker() -> Child:
    """The jobs worker: reminders, expiries, mails."""
    return Child("worker", [sys.executable, "-m", "xiepai.config.cli", "worker"], late=True)


def answers() -> bool:
    """Whether the web server answers a request, with whatever."""
    url = urlsplit(address())
    connection = http.client.HTTPConnection(url.hostname or "127.0.0.1", url.port, timeout=5)
    try:
        connection.request("GET", "/")
        return bool(connection.getresponse().status)
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def run(children: list[Child], announcement: str) -> int:
    """Run the children until told to stop; the announcement is printed when the web server answers."""

    def announce() -> None:
        print(announcement, flush=True)  # noqa: T201

    return Supervisor(children, say=lambda line: print(line, file=sys.stderr, flush=True)).run(answers, announce)  # noqa: T201
