"""The journal: how fast a million entries and live rows are proved, and what sealing costs writers at once.

Entries are copied in as the application would have written them (digests and hashes computed here); the proof is
the product's own. The writers commit real transactions on a durable server (fsync on): with an entry each, and
the same without one, as the peer.
"""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from _ground import fresh_database, start_server
from report import Report, options

SUBJECTS = 250_000
CLIENTS = 8
SECONDS = 8.0


def main() -> int:
    """Measure and write the rows."""
    parser = options("Prove a million journal entries; seal under load")
    parser.add_argument("--entries", type=int, default=1_000_000)
    given = parser.parse_args()
    server = start_server("journal")
    fresh_database(server)
    report = Report("journal", given.output or Path("build/bench/journal.json"))
    _watch()
    _writers(report)
    _empty()
    _fill(given.entries)
    _prove(report, given.entries)
    return 0 if report.finish() else 1


def _watch() -> None:
    from xiepai.kernel import journal
    from xiepai.parties.models import Organisation

    journal._WATCHED.clear()
    journal.watch(Organisation, ("name", "town", "is_active"))


def _empty() -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        for table, trigger in (
            ("kernel_journalentry", "journal_append_only"),
            ("kernel_journalseal", "journal_append_only"),
            ("kernel_auditentry", "audit_append_only"),
        ):
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER {trigger}")
            cursor.execute(f"TRUNCATE {table}")
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER {trigger}")
        cursor.execute("TRUNCATE parties_organisation CASCADE")


def _fill(entries: int) -> None:
    """A quarter of the subjects as live rows, each with four entries; every trigger off."""
    from django.db import connection

    subjects = min(SUBJECTS, entries)
    connection.ensure_connection()
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute(
            "INSERT INTO parties_organisation (id, kind, name, name_en, uscc, uscc_warning, town, standing, is_active,"
            " created_at) SELECT n, 'crew', '样例' || n, '', '', '', 'xitaihu', 'sample', true, now()"
            " FROM generate_series(1, %s) n",
            [subjects],
        )
        rows = list(_entries(entries, subjects))
        with cursor.copy(
            "COPY kernel_journalentry (id, at, actor_name, event, subject_type, subject_id, state, note, digest)"
            " FROM STDIN"
        ) as copy:
            for number, at, state, note, digest in rows:
                values = ("system", "bench.row.changed", "parties.organisation", _subject(number, subjects))
                copy.write_row((number, at, *values, state, note, digest))
        with cursor.copy("COPY kernel_journalseal (seq, entry_id, prev_hash, hash) FROM STDIN") as copy:
            for row in _seals(rows):
                copy.write_row(row)
        cursor.execute("SET session_replication_role = origin")
        cursor.execute("ANALYZE")


def _subject(number: int, subjects: int) -> int:
    return (number - 1) % subjects + 1


def _entries(entries: int, subjects: int) -> Iterator[tuple[int, Any, str, str, bytes]]:
    from xiepai.kernel import clock, journal

    at = clock.now()
    for number in range(1, entries + 1):
        key = _subject(number, subjects)
        state = journal.state_of(("is_active", "name", "town"), (True, f"样例{key}", "xitaihu"))
        note = journal.canonical({"n": number})
        fields = (journal.micros(at), None, "system", "bench.row.changed", "parties.organisation", key, state, note)
        yield number, at, state, note, journal.digest_of(*fields)


def _seals(rows: list[tuple[int, Any, str, str, bytes]]) -> Iterator[tuple[int, int, bytes, bytes]]:
    from xiepai.kernel import journal

    previous = journal.FIRST
    for number, *_rest, digest in rows:
        here = journal.seal_of(previous, number, number, digest)
        yield number, number, previous, here
        previous = here


def _prove(report: Report, entries: int) -> None:
    """In a process of its own, whose memory is measured with its time."""
    done = subprocess.run([sys.executable, __file__, "--prove"], check=True, capture_output=True, text=True)
    told = json.loads(done.stdout)
    assert (told["is_whole"], told["entries"]) == (True, entries), told
    report.row(f"prove {entries:,} entries and {told['rows']:,} live rows", told["seconds"], "s", "lower")
    report.row("entries a second", entries / told["seconds"], "1/s", "higher")
    report.row("most memory of the proving process", told["mebibytes"], "MiB", "lower")


def prove_here() -> None:
    """What the child process does."""
    import django

    django.setup()
    from xiepai.kernel import verifying

    _watch()
    begun = time.perf_counter()
    verdict = verifying.verify()
    print(
        json.dumps(
            {
                "seconds": time.perf_counter() - begun,
                "mebibytes": _most_memory(),
                "is_whole": verdict.is_whole,
                "entries": verdict.entries,
                "rows": verdict.rows,
            }
        )
    )


def _most_memory() -> float:
    """Of this program alone: the figure of getrusage is inherited from the parent's peak."""
    line = next(each for each in Path("/proc/self/status").read_text().splitlines() if each.startswith("VmHWM"))
    return int(line.split()[1]) / 1024


def _writers(report: Report) -> None:
    """The same service-like write with and without an entry, by clients at once."""
    with_entry = _rate(lambda row: _write(row, with_entry=True))
    without = _rate(lambda row: _write(row, with_entry=False))
    report.row(
        f"journalled commits, {CLIENTS} writers",
        with_entry,
        "1/s",
        "higher",
        None,
        "the same without an entry",
        without,
    )


def _write(row: Any, *, with_entry: bool) -> None:
    from django.db import transaction

    from xiepai.kernel import audit, journal
    from xiepai.parties.access import system
    from xiepai.parties.models import Organisation

    with transaction.atomic():
        locked = Organisation.objects.select_for_update().get(pk=row.pk)
        before = audit.snapshot(locked)
        locked.town = "b" if locked.town == "a" else "a"
        locked.save(update_fields=["town"])
        audit.record("bench.row.changed", locked, actor=system(), before=before)
        if with_entry:
            journal.append("bench.row.changed", locked, actor=system())


def _rate(write: Callable[[Any], None]) -> float:
    from django.db import connection, transaction

    from xiepai.kernel import audit
    from xiepai.parties.access import system
    from xiepai.parties.models import Organisation

    with transaction.atomic():
        rows = [Organisation.objects.create(kind="crew", name=f"{time.time_ns()}-{n}") for n in range(CLIENTS)]
        for each in rows:
            audit.record("bench.row.created", each, actor=system())
    ends, done = time.monotonic() + SECONDS, [0] * CLIENTS

    def work(mine: int) -> None:
        while time.monotonic() < ends:
            write(rows[mine])
            done[mine] += 1
        connection.close()

    threads = [threading.Thread(target=work, args=(n,)) for n in range(CLIENTS)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    return sum(done) / SECONDS


if __name__ == "__main__":
    sys.exit(prove_here() if "--prove" in sys.argv else main())
