"""The audit trail: every write leaves a row, in the same transaction, or the database refuses it.

Always: a service calls :func:`record` with a past-tense event before it returns.
Never: an update or delete of an audit row; a write to a watched table without one (a deferred
constraint trigger raises at commit). Why: see ``docs/audit.md``.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, Protocol

from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection, models
from psycopg.types.json import Jsonb


class Who(Protocol):
    """What the audit needs to know of an actor."""

    @property
    def person_id(self) -> int | None: ...
    @property
    def name(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a write came from: the request (or job, or command) and the kind of door."""

    request_id: str
    source: str


_origin: ContextVar[Origin | None] = ContextVar("audit_origin", default=None)


def origin() -> Origin:
    """The origin in force; outside any request a fresh one named ``code``."""
    return _origin.get() or Origin(uuid.uuid4().hex, "code")


@contextmanager
def origin_is(source: str, request_id: str = "") -> Iterator[Origin]:
    """Within the block, writes are recorded as coming from *source* (web, api, command, job)."""
    value = Origin(request_id or uuid.uuid4().hex, source)
    token = _origin.set(value)
    try:
        yield value
    finally:
        _origin.reset(token)


SECRETS = frozenset({"password", "digest"})


def snapshot(row: models.Model) -> dict[str, Any]:
    """The row's own columns as plain values, keyed by column name; secrets never reach the trail."""
    fields = (field for field in row._meta.concrete_fields if field.attname not in SECRETS)
    return {field.attname: field.value_from_object(row) for field in fields}


class _Encoder(DjangoJSONEncoder):
    def default(self, o: Any) -> Any:
        if hasattr(o, "lower") and hasattr(o, "upper") and hasattr(o, "bounds"):
            return [o.lower, o.upper]
        if isinstance(o, set | frozenset):
            return sorted(o)
        if isinstance(o, bytes | memoryview):
            return None
        try:
            return super().default(o)
        except TypeError:
            return str(o)


def _dumps(value: Any) -> str:
    return json.dumps(value, cls=_Encoder, ensure_ascii=False)


_INSERT = (
    "INSERT INTO kernel_auditentry (event, actor_id, actor_name, organisation_id, object_type, object_id,"
    " before, after, request_id, source) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)"
)


def record(
    event: str,
    row: models.Model,
    *,
    actor: Who,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
    organisation_id: int | None = None,
) -> None:
    """Write one audit row for *row*. Only changed columns are kept when both sides are given.

    ``event`` is past tense and dotted: ``places.tariff.published``. ``after`` defaults to the row's
    present state unless the event is a deletion (pass ``after={}``).
    """
    trace = Trace(event, row, before, after, organisation_id)
    with connection.cursor() as cursor:
        cursor.execute(_INSERT, _values(trace, actor))
    for follower in _followers:
        follower([trace], actor)


@dataclass(frozen=True, slots=True)
class Trace:
    """One audit row to be; the fields are the arguments of :func:`record`."""

    event: str
    row: models.Model
    before: dict[str, Any] | None = None
    after: dict[str, Any] | None = None
    organisation_id: int | None = None


def record_many(traces: Iterable[Trace], *, actor: Who) -> None:
    """Many audit rows in one round trip: for imports."""
    traces = list(traces)
    if traces:
        with connection.cursor() as cursor:
            cursor.executemany(_INSERT, [_values(trace, actor) for trace in traces])
    for follower in _followers:
        follower(traces, actor)


#: Who else is told of every audit row, in its transaction: the journal.
_followers: list[Callable[[Sequence[Trace], Who], None]] = []


def follow(follower: Callable[[Sequence[Trace], Who], None]) -> None:
    """Tell *follower* of every row from now on; telling it twice of one row is its own affair."""
    if follower not in _followers:
        _followers.append(follower)


def _values(trace: Trace, actor: Who) -> list[Any]:
    row, before = trace.row, trace.before
    if row.pk is None:
        raise ValueError("audit after the row is saved")
    state = snapshot(row) if trace.after is None else trace.after
    if before is not None:
        changed = {key for key in before.keys() | state.keys() if before.get(key) != state.get(key)}
        before = {key: before[key] for key in before if key in changed}
        state = {key: state[key] for key in state if key in changed}
    here = origin()
    owner = trace.organisation_id if trace.organisation_id is not None else getattr(row, "organisation_id", None)
    return [
        trace.event,
        actor.person_id,
        actor.name,
        owner,
        row._meta.label_lower,
        row.pk,
        None if before is None else Jsonb(before, dumps=_dumps),
        Jsonb(state, dumps=_dumps) if state else None,
        here.request_id,
        here.source,
    ]


def watch_sql(*tables: str) -> str:
    """SQL that makes *tables* refuse, at commit, a write without an audit row (for migrations)."""
    return "\n".join(
        f"CREATE CONSTRAINT TRIGGER {table}_audited AFTER INSERT OR UPDATE OR DELETE ON {table} "
        "DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION kernel_require_audit();"
        for table in tables
    )


def unwatch_sql(*tables: str) -> str:
    """The reverse of :func:`watch_sql`."""
    return "\n".join(f"DROP TRIGGER IF EXISTS {table}_audited ON {table};" for table in tables)
