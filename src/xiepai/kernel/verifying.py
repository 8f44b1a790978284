"""Proving the journal: the chain from its first row, then what is live against what was last written down.

Reads only, streaming, in one snapshot: what is written while it runs is not looked at. It trusts no function of
the database, only its rows. It stops at the first broken row.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction

from xiepai.kernel import journal
from xiepai.kernel.journal import Watched

CHUNK = 5000


@dataclass(frozen=True, slots=True)
class Broken:
    """The first thing that is not as it must be. ``why`` is a code; ``seq`` is None where a live row is at fault."""

    why: str
    seq: int | None = None
    subject: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was proved: how many entries and live rows, the head to keep elsewhere, and what is broken, if anything."""

    entries: int
    rows: int
    head: str
    broken: Broken | None = None

    @property
    def is_whole(self) -> bool:
        """Whether nothing is broken."""
        return self.broken is None


class _BrokenError(Exception):
    def __init__(self, found: Broken) -> None:
        super().__init__(found)
        self.found = found


def head() -> str:
    """The end of the chain as ``seq:hash``; ``0:`` and zeros while it is empty."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT seq, hash FROM kernel_journalseal ORDER BY seq DESC LIMIT 1")
        row = cursor.fetchone()
    return _spelled(*row) if row else _spelled(0, journal.FIRST)


def verify(*, expect: str = "") -> Verdict:
    """Prove everything; *expect* is a head kept elsewhere, which the chain must still contain."""
    wanted = _parsed(expect) if expect else None
    count = _Count()
    with _one_snapshot():
        try:
            _chain(count, wanted)
            for label, item in journal.watched().items():
                _live(label, item, count)
            for name, query in journal.proofs().items():
                _contradiction(name, query)
        except _BrokenError as error:
            return Verdict(count.entries, count.rows, count.head, error.found)
    return Verdict(count.entries, count.rows, count.head)


@dataclass(slots=True)
class _Count:
    entries: int = 0
    rows: int = 0
    head: str = f"0:{journal.FIRST.hex()}"


@contextmanager
def _one_snapshot() -> Iterator[None]:
    """Within a test's transaction the level cannot be set any more; there is no other writer there either."""
    is_inner = connection.in_atomic_block
    with transaction.atomic():
        if not is_inner:
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
                cursor.execute("SET LOCAL statement_timeout = 0")
        yield


_CHAIN = """
SELECT s.seq, s.entry_id, s.prev_hash, s.hash, e.id, (extract(epoch FROM e.at) * 1000000)::bigint, e.actor_id,
       e.actor_name, e.event, e.subject_type, e.subject_id, e.state, e.note, e.digest
FROM kernel_journalseal s FULL JOIN kernel_journalentry e ON e.id = s.entry_id ORDER BY s.seq NULLS LAST
"""


def _chain(count: _Count, wanted: tuple[int, bytes] | None) -> None:
    previous, seq = journal.FIRST, 0
    is_met = wanted is None or wanted == (0, journal.FIRST)
    for row in _stream(_CHAIN):
        previous, seq = _link(row, previous, seq), seq + 1
        count.entries, count.head = seq, _spelled(seq, previous)
        if wanted and wanted[0] == seq:
            is_met = wanted[1] == previous
            if not is_met:
                raise _BrokenError(Broken("expected_head", seq, detail=f"{previous.hex()} ≠ {wanted[1].hex()}"))
    if not is_met and wanted:
        raise _BrokenError(Broken("truncated", seq, detail=f"{wanted[0]} > {seq}"))


def _link(row: tuple[Any, ...], previous: bytes, last: int) -> bytes:
    """Check one place in the chain; its hash."""
    seq, entry_id, prev_hash, sealed, found_id, *content, digest = row
    subject = f"{content[4]}:{content[5]}"
    if seq is None:
        raise _BrokenError(Broken("unsealed", None, subject, f"entry {found_id}"))
    if seq != last + 1:
        raise _BrokenError(Broken("gap", last + 1, detail=f"{last} → {seq}"))
    if found_id is None:
        raise _BrokenError(Broken("entry_missing", seq, detail=f"entry {entry_id}"))
    if bytes(prev_hash) != previous:
        raise _BrokenError(Broken("chain", seq, subject))
    computed = journal.digest_of(*content)
    if computed != bytes(digest):
        raise _BrokenError(Broken("entry_changed", seq, subject, content[3]))
    hashed = journal.seal_of(previous, seq, entry_id, computed)
    if hashed != bytes(sealed):
        raise _BrokenError(Broken("seal", seq, subject))
    return hashed


_LAST = """
SELECT DISTINCT ON (subject_id) subject_id, state, id FROM kernel_journalentry
WHERE subject_type = %s ORDER BY subject_id, id DESC
"""


def _live(label: str, item: Watched, count: _Count) -> None:
    """Walk the live rows and the last entries side by side, both in the order of their keys."""
    rows = item.model._base_manager.order_by("pk").values_list("pk", *item.fields).iterator(chunk_size=CHUNK)
    said = _stream(_LAST, [label])
    entry = next(said, None)
    for key, *values in rows:
        entry = _skip_gone(label, entry, said, until=key)
        if entry is None or entry[0] != key:
            raise _BrokenError(Broken("not_in_journal", None, f"{label}:{key}"))
        _compare(label, item, key, values, entry)
        count.rows += 1
        entry = next(said, None)
    _skip_gone(label, entry, said, until=None)


def _skip_gone(label: str, entry: Any, said: Iterator[Any], *, until: int | None) -> Any:
    """Pass over subjects that were removed with an entry; one without is missing."""
    while entry is not None and (until is None or entry[0] < until):
        if entry[1]:
            raise _BrokenError(Broken("row_missing", _seq(entry[2]), f"{label}:{entry[0]}"))
        entry = next(said, None)
    return entry


def _compare(label: str, item: Watched, key: int, values: list[Any], entry: tuple[Any, str, int]) -> None:
    if journal.state_of(item.fields, values) == entry[1]:
        return
    now, then = json.loads(journal.state_of(item.fields, values)), json.loads(entry[1] or "{}")
    # a field watched only since a later release is vouched for from its next entry on
    differing = [name for name in now if (name in then or not then) and now[name] != then.get(name)]
    if differing:
        told = "; ".join(f"{name}: {then.get(name)!r} → {now[name]!r}" for name in differing)
        raise _BrokenError(Broken("row_changed", _seq(entry[2]), f"{label}:{key}", told))


def _contradiction(name: str, query: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(query)
        row = cursor.fetchone()
    if row:
        raise _BrokenError(Broken("contradiction", None, str(row[0]), f"{name}: {row[1]}"))


def _seq(entry_id: int) -> int | None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT seq FROM kernel_journalseal WHERE entry_id = %s", [entry_id])
        row = cursor.fetchone()
    return row[0] if row else None


def _stream(query: str, parameters: list[Any] | None = None) -> Iterator[tuple[Any, ...]]:
    """Rows by a cursor of the server, so that a million of them need no memory here."""
    connection.ensure_connection()
    with connection.connection.cursor(name=f"journal_{abs(hash(query))}") as cursor:
        cursor.itersize = CHUNK
        cursor.execute(query, parameters)
        yield from cursor


def _spelled(seq: int, value: bytes) -> str:
    return f"{seq}:{bytes(value).hex()}"


def _parsed(text: str) -> tuple[int, bytes]:
    seq, _, value = text.strip().partition(":")
    if not seq.isdigit() or len(value) != 64:
        raise ValueError("a head is written SEQ:HASH, as `xiepai audit head` prints it")
    return int(seq), bytes.fromhex(value)
