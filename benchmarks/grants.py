"""Who is owed what, for everybody: the nightly evaluation of 100,000 works under four cities' policies.

Measured is the whole run in one process: reading every fact from where it is, evaluating, comparing with what is
stored, and writing what changed. First into an empty table, then with nothing changed, then after one work in a
hundred was told something else. The server is private, keeps its data under build/bench and has fsync on.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from typing import Any

from report import FOLDER, Report, options

WORKS, COMPANIES = 100_000, 20_000
GOAL_SECONDS = 60


def start() -> str:
    """An empty, migrated database on the benchmark's own server."""
    import psycopg

    from xiepai.config.postgres import ensure_running

    home = FOLDER / "server"
    url = ensure_running(home, durable=True, database="grants").url
    with psycopg.connect(url.replace("/grants?", "/postgres?", 1), autocommit=True) as admin:
        admin.execute("DROP DATABASE IF EXISTS grants WITH (FORCE)")
        admin.execute("CREATE DATABASE grants")
    os.environ |= {"DATABASE_URL": url, "XIEPAI_HOME": str(home), "DJANGO_SETTINGS_MODULE": "xiepai.config.settings"}
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    return url


def measured(what: str, report: Report, goal: float | None, run: Callable[[], Any]) -> Any:
    """One run by the clock on the wall."""
    started = time.perf_counter()
    found = run()
    seconds = time.perf_counter() - started
    parts = ", ".join(f"{name} {value / 1000:.1f} s" for name, value in found.milliseconds.items())
    print(f"{what}: {found.written:,} rows written; {parts}", flush=True)
    report.row(f"{what} ({found.written:,} rows written)", seconds, "s", "lower", goal)
    return found


def nightly(report: Report, works: int) -> None:
    """The three runs of the night."""
    from _grants_city import change, fill, publish

    url = start()
    started = time.perf_counter()
    fill(url, works, COMPANIES * works // WORKS)
    publish()
    print(f"{works:,} works made in {time.perf_counter() - started:.0f} s", flush=True)
    from xiepai.grants.entitling import evaluate_everybody

    label = f"nightly, {works:,} works × 4 policies"
    measured(f"{label}, first", report, GOAL_SECONDS, evaluate_everybody)
    measured(f"{label}, nothing changed", report, GOAL_SECONDS, evaluate_everybody)
    change(url, 42)
    found = measured(f"{label}, 1 % of the works changed", report, GOAL_SECONDS, evaluate_everybody)
    if not 0 < found.written <= works // 20:
        raise SystemExit(f"{found.written} rows were written after one work in a hundred changed")


def main() -> None:
    """Measure and report."""
    parser = options("Evaluate a city's works under four policies")
    parser.add_argument("--works", type=int, default=WORKS, help="how many works")
    given = parser.parse_args()
    report = Report("grants", given.output)
    nightly(report, given.works)
    report.finish()


if __name__ == "__main__":
    main()
