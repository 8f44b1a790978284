"""A web server as ``xiepai serve`` starts it, a bare one beside it, and clients that ask one page again and again."""

from __future__ import annotations

import http.client
import multiprocessing
import os
import socket
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from xiepai.config import serving

HERE = Path(__file__).resolve().parent
WARM_UP_SECONDS = 1.5


def free_port() -> int:
    """A port nobody has at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def serve(application: str = "", **environment: str) -> Iterator[int]:
    """The port of a running server: granian with two workers, as ``xiepai serve`` starts it, or with another app."""
    os.environ["PORT"] = str(free_port())
    command = [*serving.web().command]
    if application:
        command[-1] = application
    process = subprocess.Popen(command, env=os.environ | environment, cwd=HERE)
    try:
        _wait_for(int(os.environ["PORT"]), process)
        yield int(os.environ["PORT"])
    finally:
        process.terminate()
        process.wait(20)


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    for _attempt in range(300):
        try:
            with socket.create_connection(("127.0.0.1", port), 1):
                return
        except OSError:
            if process.poll() is not None:
                break
            time.sleep(0.1)
    raise SystemExit("the server did not start")


def rate(port: int, path: str, cookie: str, *, clients: int = 8, seconds: float = 6.0) -> float:
    """Answers 200 a second, after a warm-up; anything else ends the measurement."""
    for _worker in range(6):  # a worker's first answer waits for its imports
        with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=120)) as connection:
            connection.request("GET", path, headers={"Host": "localhost"} | ({"Cookie": cookie} if cookie else {}))
            connection.getresponse().read()
    context = multiprocessing.get_context("spawn")
    results: Any = context.Queue()
    client = context.Process(target=_clients, args=(port, path, cookie, clients, seconds, results))
    client.start()
    answered, others = results.get(timeout=seconds + 60)
    client.join()
    if others:
        raise SystemExit(f"{path} answered {others}")
    return float(answered / seconds)


def _clients(port: int, path: str, cookie: str, clients: int, seconds: float, results: Any) -> None:
    counts: list[int] = []
    others: Counter[str] = Counter()
    starts = time.monotonic() + WARM_UP_SECONDS
    threads = [
        threading.Thread(target=_client, args=(port, path, cookie, starts, starts + seconds, counts, others))
        for _ in range(clients)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    results.put((sum(counts), dict(others)))


def _client(
    port: int, path: str, cookie: str, starts: float, ends: float, counts: list[int], others: Counter[str]
) -> None:
    """One kept connection; the next request when the last is answered whole."""
    head = [
        f"GET {path} HTTP/1.1",
        "Host: localhost",
        "Accept-Language: zh-CN",
        *([f"Cookie: {cookie}"] * bool(cookie)),
    ]
    request = "\r\n".join([*head, "", ""]).encode()
    answered = 0
    with socket.create_connection(("127.0.0.1", port), 60) as connection:
        while time.monotonic() < ends:
            connection.sendall(request)
            status = _read(connection)
            now = time.monotonic()
            if status != b"200":
                others[status.decode()] += 1
                break
            answered += starts <= now < ends
    counts.append(answered)


def _read(connection: socket.socket) -> bytes:
    """The status of an answer that says its length; the body is read and forgotten."""
    buffer = b""
    while b"\r\n\r\n" not in buffer:
        got = connection.recv(262_144)
        if not got:
            raise SystemExit("the server closed the connection")
        buffer += got
    head, _, body = buffer.partition(b"\r\n\r\n")
    low = head.lower()
    at = low.index(b"content-length:") + 15
    left = int(low[at : low.find(b"\r\n", at) if b"\r\n" in low[at:] else None]) - len(body)
    while left > 0:
        left -= len(connection.recv(min(left, 262_144)))
    return head[9:12]
