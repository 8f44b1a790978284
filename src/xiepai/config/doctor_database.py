"""The doctor's checks of the database and the jobs in it. Reads only."""

from __future__ import annotations

from typing import Any

from xiepai.config.doctor_findings import Finding, broken, fine, warning
from xiepai.config.postgres_binaries import EXTENSIONS, OLDEST

SILENT_AFTER = 60  # seconds; a worker reports every ten
LATE_AFTER = 300  # seconds a due job may wait before somebody should know


def _ask(statement: str) -> list[tuple[Any, ...]]:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchall()


def server() -> Finding:
    """The database answers and is new enough."""
    from django.db import OperationalError, connection

    try:
        connection.ensure_connection()
    except OperationalError as error:
        cure = "is the server running, and are name and password in DATABASE_URL right?"
        return broken("Database", " ".join(str(error).split()), cure)
    version = connection.pg_version  # type: ignore[attr-defined]
    words = f"PostgreSQL {version // 10000}.{version % 10000}"
    if version < OLDEST * 10000:
        return broken("Database", words, f"PostgreSQL {OLDEST} or newer is needed")
    return fine("Database", words)


def extensions() -> Finding:
    """The two extensions that bookings and search rest on."""
    rows = dict(_ask("SELECT name, installed_version FROM pg_available_extensions"))
    missing = [name for name in EXTENSIONS if name not in rows]
    if missing:
        cure = "install the server's contrib package (postgresql-contrib)"
        return broken("Extensions", f"not available: {', '.join(missing)}", cure)
    waiting = [name for name in EXTENSIONS if not rows[name]]
    if waiting:
        return broken("Extensions", f"not created: {', '.join(waiting)}", "xiepai migrate")
    return fine("Extensions", ", ".join(EXTENSIONS))


def isolation() -> Finding:
    """Lock, then check again: proven for READ COMMITTED only."""
    ((level,),) = _ask("SHOW default_transaction_isolation")
    if level != "read committed":
        return broken("Isolation level", level, "remove the setting that changes it: bookings are refused meanwhile")
    return fine("Isolation level", level)


def locale() -> Finding:
    """Under the C locale pg_trgm finds nothing in Chinese, silently."""
    statement = "SELECT pg_encoding_to_char(encoding), datctype FROM pg_database WHERE datname = current_database()"
    ((encoding, characters),) = _ask(statement)
    if encoding != "UTF8" or characters in {"C", "POSIX"}:
        return broken("Database locale", f"{encoding}, {characters}", "create it with UTF8 and locale C.UTF-8")
    return fine("Database locale", f"{encoding}, {characters}")


def migrations() -> Finding:
    """The tables are those the code expects."""
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    waiting = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if waiting:
        return broken("Migrations", f"{len(waiting)} not applied", "xiepai migrate")
    return fine("Migrations", "all applied")


def worker() -> Finding:
    """Somebody carries out the jobs."""
    ((age,),) = _ask("SELECT extract(epoch FROM now() - max(last_heartbeat)) FROM procrastinate_workers")
    if age is None:
        return warning("Jobs worker", "none runs", "xiepai worker (or xiepai serve --worker)")
    if age > SILENT_AFTER:
        return warning("Jobs worker", f"silent for {age:.0f} s", "start it again: xiepai worker")
    return fine("Jobs worker", f"reported {age:.0f} s ago")


def jobs() -> Finding:
    """Nothing is stuck: neither held by a dead worker nor overdue."""
    statement = """
        SELECT count(*) FILTER (WHERE status = 'doing'
                                AND coalesce(w.last_heartbeat, '-infinity') < now() - interval '60 s'),
               count(*) FILTER (WHERE status = 'failed'),
               coalesce(extract(epoch FROM now() - min(scheduled_at) FILTER (WHERE status = 'todo')), 0)
        FROM procrastinate_jobs j LEFT JOIN procrastinate_workers w ON w.id = j.worker_id
    """
    ((stalled, failed, late),) = _ask(statement)
    if stalled:
        return broken("Jobs", f"{stalled} held by a dead worker", "start a worker: it takes them up again")
    if late > LATE_AFTER:
        return warning("Jobs", f"the oldest is {late / 60:.0f} minutes late", "start a worker, or another one")
    if failed:
        return warning("Jobs", f"{failed} failed", "xiepai manage procrastinate shell, or the admin pages")
    return fine("Jobs", "none stuck, none failed")


CHECKS = [extensions, isolation, locale, migrations, worker, jobs]
