"""The journal: every state change of what bears money, chained by hashes. See ``docs/journal.md``.

Always: an audit row of a watched model is an entry too (:func:`follow`); :func:`append` where there is no audit row
or something is to be noted, in the transaction of the change, after it. Never: a change of a watched field without
an entry; a decision read back from the journal (it proves, it does not rule). It refuses models nobody watches and
values that have no one canonical spelling.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import connection, models

from xiepai.kernel import clock
from xiepai.kernel.audit import Trace, Who

FORMAT = b"xiepai-journal-1"
FIRST = bytes(32)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Watched:
    """A model and those of its fields that the journal vouches for."""

    model: type[models.Model]
    fields: tuple[str, ...]


_WATCHED: dict[str, Watched] = {}


def watch(model: type[models.Model], fields: Sequence[str]) -> None:
    """Name the fields of *model* whose values the journal keeps (column names: ``budget_id``, not ``budget``)."""
    known = {field.attname for field in model._meta.concrete_fields}
    if unknown := set(fields) - known:
        raise ValueError(f"{model._meta.label} has no columns {sorted(unknown)}")
    _WATCHED[model._meta.label_lower] = Watched(model, tuple(sorted(fields)))


def watched() -> Mapping[str, Watched]:
    """Every watched model by its label; :func:`watch` adds to it when the apps are ready."""
    return dict(sorted(_WATCHED.items()))


#: Queries that must find nothing: what ``xiepai audit verify`` proves beside chain and rows, by name.
_PROOFS: dict[str, str] = {}


def prove(name: str, query: str) -> None:
    """A query whose rows ``(subject, detail)`` are contradictions, for example a balance that is not its sum."""
    _PROOFS[name] = query


def proofs() -> Mapping[str, str]:
    """Every further proof by its name."""
    return dict(sorted(_PROOFS.items()))


@dataclass(frozen=True, slots=True)
class Line:
    """One entry to be: what happened to which row, and what else is to be kept of it."""

    event: str
    row: models.Model
    note: Mapping[str, Any] | None = None
    is_gone: bool = False


_INSERT = (
    "INSERT INTO kernel_journalentry"
    " (at, actor_id, actor_name, event, subject_type, subject_id, state, note, digest)"
    " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)"
)


def append(
    event: str, row: models.Model, *, actor: Who, note: Mapping[str, Any] | None = None, is_gone: bool = False
) -> None:
    """Write down what the database now holds of *row*; ``is_gone`` when it is removed in this transaction.

    ``event`` is past tense and dotted, as in the audit trail; ``note`` holds what no column holds (a reason, a
    hash of a file).
    """
    append_many([Line(event, row, note, is_gone)], actor=actor)


def follow(traces: Sequence[Trace], actor: Who) -> None:
    """Write down the audited rows that are watched; the kernel has the audit trail call this."""
    lines = [
        Line(trace.event, trace.row, is_gone=trace.after == {})
        for trace in traces
        if trace.row._meta.label_lower in _WATCHED
    ]
    append_many(lines, actor=actor)


def append_many(lines: Iterable[Line], *, actor: Who) -> None:
    """Many entries: one query for each model and one round trip for the rows."""
    lines = list(lines)
    if not lines:
        return
    states = _states(lines)
    at, values = clock.now(), []
    for line in lines:
        label = line.row._meta.label_lower
        state = "" if line.is_gone else states[label, line.row.pk]
        note = canonical(dict(line.note or {}))
        digest = digest_of(micros(at), actor.person_id, actor.name, line.event, label, line.row.pk, state, note)
        values.append([at, actor.person_id, actor.name, line.event, label, line.row.pk, state, note, digest])
    with connection.cursor() as cursor:
        cursor.executemany(_INSERT, values)


def _states(lines: Sequence[Line]) -> dict[tuple[str, Any], str]:
    """The watched fields as the database holds them: not what the caller's object believes."""
    wanted: dict[str, set[Any]] = {}
    for line in lines:
        label = line.row._meta.label_lower
        if label not in _WATCHED:
            raise ValueError(f"{label} is not watched: name its fields with journal.watch")
        if not line.is_gone:
            wanted.setdefault(label, set()).add(line.row.pk)
    found: dict[tuple[str, Any], str] = {}
    for label, keys in wanted.items():
        item = _WATCHED[label]
        rows = item.model._base_manager.filter(pk__in=keys).values_list("pk", *item.fields)
        found.update({(label, row[0]): state_of(item.fields, row[1:]) for row in rows})
    return found


def state_of(fields: Sequence[str], values: Sequence[Any]) -> str:
    """The canonical text of a row's watched fields.

    >>> state_of(["amount_fen", "state"], [100, "paid"])
    '{"amount_fen":100,"state":"paid"}'
    """
    return canonical(dict(zip(fields, values, strict=True)))


def canonical(value: Any) -> str:
    """JSON with one spelling for a value: keys sorted, no spaces, instants in UTC to the microsecond.

    >>> canonical({"b": 1.0, "a": date(2026, 1, 2)})
    '{"a":"2026-01-02","b":1}'
    """
    return json.dumps(_plain(value), ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)


def _plain(value: Any) -> Any:
    kind = type(value)
    if value is None or kind in (str, int, bool):
        return value
    if isinstance(value, float):
        # jsonb hands a whole number back as an integer, however it was spelled
        return int(value) if math.isfinite(value) and value.is_integer() else value
    if isinstance(value, Mapping):
        return {str(key): _plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    return _spelled(value)


def _spelled(value: Any) -> Any:
    if isinstance(value, datetime):
        if value.tzinfo is None:
            raise ValueError("a datetime without a zone")
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return format(value.normalize(), "f")
    if isinstance(value, str | UUID):
        return str(value)
    if isinstance(value, bytes | memoryview):
        return bytes(value).hex()
    if isinstance(value, int):
        return int(value)
    raise TypeError(f"the journal has no spelling for {type(value).__name__}")


def micros(moment: datetime) -> int:
    """Microseconds since 1970: how an instant enters a digest."""
    span = moment - _EPOCH
    return (span.days * 86_400 + span.seconds) * 1_000_000 + span.microseconds


def digest_of(*fields: object) -> bytes:
    """SHA-256 over the fields, each with its length before it, so that no two entries read alike.

    The order is: at (microseconds), actor_id, actor_name, event, subject_type, subject_id, state, note.
    """
    parts = [FORMAT]
    for field in fields:
        raw = b"" if field is None else str(field).encode()
        parts.append(b"%d:" % len(raw))
        parts.append(raw)
    return hashlib.sha256(b"".join(parts)).digest()


def seal_of(prev_hash: bytes, seq: int, entry_id: int, digest: bytes) -> bytes:
    """The hash of one place in the chain; the database computes the same at commit."""
    place = seq.to_bytes(8, "big", signed=True) + entry_id.to_bytes(8, "big", signed=True)
    return hashlib.sha256(prev_hash + place + digest).digest()


def watch_sql(table: str, *columns: str) -> str:
    """SQL that makes *table* refuse, at commit, a change of *columns* without an entry (for migrations)."""
    changed = f"UPDATE OF {', '.join(columns)}" if columns else "UPDATE"
    return (
        f"CREATE CONSTRAINT TRIGGER {table}_journalled AFTER INSERT OR DELETE OR {changed} ON {table} "
        "DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION kernel_require_journal();"
    )


def unwatch_sql(table: str) -> str:
    """The reverse of :func:`watch_sql`."""
    return f"DROP TRIGGER IF EXISTS {table}_journalled ON {table};"
