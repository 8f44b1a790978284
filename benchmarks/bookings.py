"""Booking under load: 64 clients on spread, hot and stampede loads, through four doors, and what may never happen.

The doors: *bare* is an INSERT into a table with one exclusion constraint, the ceiling; *SQL* is the very statement
the service sends, without Django; *service* is ``place_hold``; *HTTP* is the API behind the product's own web
server. The server is private, keeps its data under build/bench and has fsync on. After every run one SQL query
counts overlaps from the bookings themselves, and acknowledged bookings are compared with the rows there are.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import psycopg

from _ground import Ground, empty, entries_of, fresh_database, make_ground, start_server
from _loads import Tally, run
from report import Report, options

CLIENTS = 64
RACERS, ROUNDS = 32, 20
BUNDLE_CLIENTS = 16
#: Client processes; what they cost is part of what is measured on a small machine.
PROCESSES = {"bare": 2, "sql": 2, "service": 4, "http": 2}
PORT = 18461

#: From the bookings alone, not from what the wall wrote: neighbours on an exclusive leaf that are nearer than the
#: higher of their buffers (if any two clash, some neighbours do), and instants a counted leaf is overbooked.
OVERLAPS = """
WITH taken AS (
  SELECT b.id, c.leaf_id, l.capacity, b.buffer_before_minutes AS before, b.buffer_after_minutes AS after,
    lower(b.period) AS starts, upper(b.period) AS ends,
    CASE WHEN c.leaf_id = b.place_id THEN b.units ELSE l.capacity END AS units
  FROM bookings_booking b JOIN places_cover c ON c.place_id = b.place_id JOIN places_place l ON l.id = c.leaf_id
  WHERE bookings_occupies(b.state, b.pencil)
), neighbours AS (
  SELECT ends, after, lead(starts) OVER leaf AS next_starts, lead(before) OVER leaf AS next_before
  FROM taken WHERE capacity = 1 WINDOW leaf AS (PARTITION BY leaf_id ORDER BY starts, id)
), levels AS (
  SELECT capacity, sum(change) OVER (PARTITION BY leaf_id ORDER BY at, change) AS level FROM (
    SELECT leaf_id, capacity, starts AS at, units AS change FROM taken WHERE capacity > 1
    UNION ALL SELECT leaf_id, capacity, ends + make_interval(mins => greatest(before, after)), -units
      FROM taken WHERE capacity > 1
  ) changes
)
SELECT (SELECT count(*) FROM neighbours WHERE next_starts < ends + make_interval(mins => greatest(after, next_before)))
     + (SELECT count(*) FROM levels WHERE level > capacity)
"""


@dataclass
class Bench:
    """One benchmark in the making: where, how long, and the sums that must stay zero."""

    ground: Ground
    report: Report
    seconds: float
    overlaps: int = 0
    deadlocks: int = 0
    unaccounted: int = 0
    errors: int = 0
    tallies: dict[tuple[str, str], Tally] = field(default_factory=dict)

    def measure(self, door: str, load: str, *, clients: int = CLIENTS, rounds: int = 0, **extra: Any) -> Tally:
        """One run from a like start; what must never happen is counted after it."""
        empty(self.ground.url)
        before = self._count("SELECT deadlocks FROM pg_stat_database WHERE datname = 'bookings'")
        kept = self._count("SELECT count(*) FROM bookings_booking")
        processes = min(PROCESSES[door], clients)
        tally = run(
            door, self.ground, load, clients=clients, processes=processes, seconds=self.seconds, rounds=rounds, **extra
        )
        time.sleep(1.2)  # the server's statistics are handed in at most once a second
        deadlocks = self._count("SELECT deadlocks FROM pg_stat_database WHERE datname = 'bookings'") - before
        rows = "bookings_bundle" if load == "bundles" else "bare" if door == "bare" else "bookings_booking"
        written = self._count(f"SELECT count(*) FROM {rows}") - (kept if rows == "bookings_booking" else 0)
        overlaps = self._count(OVERLAPS)
        self.deadlocks += deadlocks
        self.overlaps += overlaps
        self.unaccounted += abs(written - tally.accepted)
        self.errors += tally.errors.total()
        self.tallies[door, load] = tally
        print(
            f"{load} through {door}: {tally.text()}, {deadlocks} deadlocks, {overlaps} overlaps,"
            f" {written:,} rows for {tally.accepted:,} acknowledged",
            flush=True,
        )
        return tally

    def _count(self, sql: str) -> int:
        with psycopg.connect(self.ground.url, autocommit=True) as direct:
            return int(direct.execute(sql).fetchone()[0])  # type: ignore[index]


@contextmanager
def web_server(ground: Ground) -> Iterator[int]:
    """The product's own web server with its own defaults, on a port of the benchmark's."""
    environment = {**os.environ, "PORT": str(PORT), "DATABASE_URL": ground.url, "XIEPAI_HOME": ground.home}
    command = [
        sys.executable,
        "-c",
        "import os; from xiepai.config.serving import web; c = web().command; os.execv(c[0], c)",
    ]
    with subprocess.Popen(command, env=environment, start_new_session=True) as server:
        try:
            _await_answer(server)
            yield PORT
        finally:
            os.killpg(server.pid, signal.SIGTERM)
            try:
                server.wait(timeout=20)
            except subprocess.TimeoutExpired:
                os.killpg(server.pid, signal.SIGKILL)


def _await_answer(server: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and server.poll() is None:
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{PORT}/api/v1/openapi.json", timeout=5).close()
            return
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.1)
    raise SystemExit("the web server does not answer")


def measure_all(bench: Bench) -> None:
    """Every door and load."""
    entries = entries_of(bench.ground)
    for load in ("spread", "hot", "stampede"):
        bench.measure("bare", load)
        bench.measure("sql", load, entries=entries)
        bench.measure("service", load)
    bench.measure("sql", "counted", entries=entries)
    bench.measure("service", "counted")
    bench.measure("service", "bundles", clients=BUNDLE_CLIENTS)
    bench.measure("service", "race", clients=RACERS, rounds=ROUNDS)
    with web_server(bench.ground) as port:
        run("http", bench.ground, "spread", clients=CLIENTS, processes=2, seconds=2 * bench.seconds, port=port)
        for load in ("spread", "hot", "stampede"):
            bench.measure("http", load, port=port)
        bench.measure("http", "race", clients=RACERS, rounds=ROUNDS, port=port)


def write_rows(bench: Bench) -> None:
    """The table a reader wants: rates with their peers, times, and the zeros."""
    report, tallies = bench.report, bench.tallies
    for load in ("spread", "hot", "stampede", "counted"):
        sql = tallies["sql", load].rate
        for door, name in (("bare", "bare SQL"), ("sql", "same SQL"), ("service", "service"), ("http", "HTTP")):
            if (door, load) not in tallies:
                continue
            tally = tallies[door, load]
            peer = {"sql": ("bare SQL", "bare"), "service": ("same SQL", "sql"), "http": ("bare SQL", "bare")}.get(door)
            rate_of_peer = tallies[peer[1], load].rate if peer and (peer[1], load) in tallies else None
            report.row(
                f"{load}, {name}", tally.rate, "decisions/s", "higher",
                peer=peer[0] if rate_of_peer else None, peer_value=rate_of_peer,
            )  # fmt: skip
            report.row(
                f"{load}, {name}: accepted of them",
                100 * tally.measured_accepted / max(1, len(tally.latencies)),
                "%",
                "higher",
            )
            report.row(f"{load}, {name}: p50", tally.percentile_ms(50), "ms", "lower")
            goal = 500 if load == "stampede" and door in ("service", "http") else None
            report.row(f"{load}, {name}: p99", tally.percentile_ms(99), "ms", "lower", goal=goal)
        report.row(f"{load}: service / same SQL", tallies["service", load].rate / sql, "×", "higher", goal=0.5)
    bare = tallies["bare", "spread"].rate
    report.row(
        "spread: HTTP / bare SQL (440 of 8,000)", tallies["http", "spread"].rate / bare, "×", "higher", goal=0.055
    )
    report.row("bundles of 16 clients, service", tallies["service", "bundles"].rate, "bundles/s", "higher")
    report.row("bundles of 16 clients, service: p99", tallies["service", "bundles"].percentile_ms(99), "ms", "lower")
    for door in ("service", "http"):
        won = tallies[door, "race"].won
        right = sum(won[number] == 1 for number in range(ROUNDS))
        report.row(
            f"{RACERS} racers, {door}: of {ROUNDS} slots won by exactly one", right, "slots", "higher", goal=ROUNDS
        )
    report.row("overlaps, all runs", bench.overlaps, "pairs", "lower", goal=0)
    report.row("deadlocks, all runs", bench.deadlocks, "deadlocks", "lower", goal=0)
    report.row("acknowledged but not there, or the reverse", bench.unaccounted, "bookings", "lower", goal=0)
    report.row("answers that were neither yes nor no", bench.errors, "errors", "lower", goal=0)


def main() -> None:
    """Measure, print, write."""
    parser = options(__doc__ or "")
    parser.add_argument("--seconds", type=float, default=10.0, help="how long each run is measured")
    parser.add_argument("--only", help="one door:load, printed and not reported (to look closer)")
    chosen = parser.parse_args()
    server = start_server("bookings")
    fresh_database(server)
    bench = Bench(make_ground(server), Report("bookings", chosen.output), chosen.seconds)
    if chosen.only:
        door, load = chosen.only.split(":")
        bench.measure(door, load, entries=entries_of(bench.ground))
        return
    measure_all(bench)
    write_rows(bench)
    sys.exit(0 if bench.report.finish() else 1)


if __name__ == "__main__":
    main()
