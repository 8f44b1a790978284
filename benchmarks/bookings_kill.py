"""kill -9 of the database server and every one of its processes, three times, under load.

What a client was told is booked must be there afterwards, none of it twice, each with its audit row. The server is
the benchmark's own, with fsync on; clients keep asking through the service and reconnect when it is back.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import random
import signal
import sys
import threading
import time
from pathlib import Path
from typing import Any

import psutil
import psycopg

from _ground import AHEAD_DAYS, CLOSES, OPENS, Ground, fresh_database, make_ground, start_server, use_django
from bookings import OVERLAPS
from report import FOLDER, Report, options

PROCESSES, THREADS = 2, 8
KILLS = 3


def main() -> None:
    """Load, kill, come back, three times; then count."""
    parser = options(__doc__ or "")
    parser.add_argument("--seconds", type=float, default=8.0, help="seconds of load between two kills")
    chosen = parser.parse_args()
    server = start_server("bookings_kill")
    fresh_database(server)
    ground = make_ground(server)
    acknowledged, recoveries = _under_fire(server, ground, chosen.seconds)
    report = Report("bookings-kill", chosen.output)
    _write_rows(report, ground, acknowledged, recoveries)
    sys.exit(0 if report.finish() else 1)


def _under_fire(server: Any, ground: Ground, seconds: float) -> tuple[list[int], list[float]]:
    context = multiprocessing.get_context("spawn")
    over, folder = context.Event(), FOLDER / "bookings_kill"
    ready = context.Barrier(PROCESSES + 1)
    papers = [folder / f"acknowledged-{number}" for number in range(PROCESSES)]
    clients = [
        context.Process(target=_clients, args=(ground, number, paper, ready, over))
        for number, paper in enumerate(papers)
    ]
    for client in clients:
        client.start()
    ready.wait(timeout=180)
    recoveries = []
    for _kill in range(KILLS):
        time.sleep(seconds)
        recoveries.append(_kill_and_come_back(server))
    time.sleep(seconds)
    over.set()
    for client in clients:
        client.join(timeout=120)
    return [int(line) for paper in papers for line in paper.read_text().split()], recoveries


def _kill_and_come_back(server: Any) -> float:
    """SIGKILL to the postmaster and all its children at once; seconds until the server answers again."""
    postmaster = psutil.Process(int((Path(server.data) / "postmaster.pid").read_text().split()[0]))
    doomed = [postmaster, *postmaster.children(recursive=True)]
    for process in doomed:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.send_signal(signal.SIGKILL)
    psutil.wait_procs(doomed, timeout=20)
    began = time.monotonic()
    start_server("bookings_kill")
    with psycopg.connect(server.url, autocommit=True) as direct:
        direct.execute("SELECT 1")
    return time.monotonic() - began


def _clients(ground: Ground, number: int, paper: Path, ready: Any, over: Any) -> None:
    """One process of clients; each id the service returned is written down before the next is asked for."""
    use_django(ground.url, ground.home)
    with paper.open("w", buffering=1) as told:
        lock = threading.Lock()
        threads = [
            threading.Thread(target=_client, args=(ground, 100 * number + client, told, lock, over))
            for client in range(THREADS)
        ]
        ready.wait()
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()


def _client(ground: Ground, seed: int, told: Any, lock: threading.Lock, over: Any) -> None:
    from django.db import DatabaseError, connection

    from xiepai.bookings.services import place_hold
    from xiepai.kernel.errors import XiepaiError
    from xiepai.parties.access import Actor
    from xiepai.parties.models import Role
    from xiepai.worktime.spans import Span

    chance = random.Random(seed)
    actor = Actor(ground.person_id, "bench", frozenset({(ground.crew_id, str(Role.PRODUCER))}))
    while not over.is_set():
        hour = 24 * chance.randrange(AHEAD_DAYS) + chance.randrange(OPENS, CLOSES - 1)
        span = Span(ground.hour(hour), ground.hour(hour + 2))
        try:
            booking = place_hold(
                actor=actor, organisation_id=ground.crew_id, place_id=chance.choice(ground.sets), span=span
            )
        except XiepaiError:
            continue
        except DatabaseError:
            connection.close()
            time.sleep(0.05)
            continue
        with lock:
            told.write(f"{booking.pk}\n")
    connection.close()


def _write_rows(report: Report, ground: Ground, acknowledged: list[int], recoveries: list[float]) -> None:
    with psycopg.connect(ground.url, autocommit=True) as direct:

        def count(sql: str, *values: Any) -> int:
            return int(direct.execute(sql, values).fetchone()[0])  # type: ignore[index]

        there = count("SELECT count(*) FROM bookings_booking WHERE id = ANY (%s)", acknowledged)
        audited = count(
            "SELECT count(DISTINCT object_id) FROM kernel_auditentry"
            " WHERE object_type = 'bookings.booking' AND object_id = ANY (%s)",
            acknowledged,
        )
        kept = count("SELECT count(*) FROM bookings_booking")
        overlaps = count(OVERLAPS)
    report.row("kills of server and backends under load", len(recoveries), "kills", "higher", goal=KILLS)
    report.row("bookings acknowledged to a client", len(acknowledged), "bookings", "higher")
    report.row("acknowledged and lost", len(acknowledged) - there, "bookings", "lower", goal=0)
    report.row("acknowledged twice", len(acknowledged) - len(set(acknowledged)), "bookings", "lower", goal=0)
    report.row("acknowledged without an audit row", len(acknowledged) - audited, "bookings", "lower", goal=0)
    report.row("written, but killed before the answer", kept - there, "bookings", "lower")
    report.row("overlaps", overlaps, "pairs", "lower", goal=0)
    report.row("seconds until it answered again, longest", max(recoveries), "s", "lower")


if __name__ == "__main__":
    main()
