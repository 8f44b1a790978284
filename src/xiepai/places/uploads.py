"""A file of places in three steps: received, tried, decided. The trial is the import itself, rolled back.

So a preview promises nothing the import does not keep: the same permissions, checks and walls answer. Big files are
tried and written by a job. Refused: other people's uploads (*not found*), and deciding twice.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.core.files.base import File
from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from xiepai.kernel import audit, clock
from xiepai.kernel.errors import ErrorCode, XiepaiError, not_found
from xiepai.kernel.jobs import enqueue
from xiepai.parties.access import Actor, actor_of
from xiepai.parties.models import Role
from xiepai.places import access
from xiepai.places.importing import load_file
from xiepai.places.loading.preview import Preview
from xiepai.places.loading.report import ImportReport
from xiepai.places.models import ImportState, PlaceImport
from xiepai.places.sheets.opening import open_source
from xiepai.places.sheets.reading import LARGEST_BYTES, too_large

#: Files up to this size are tried and written while the reader waits: some hundred rows.
AT_ONCE_BYTES = 256 * 1024
#: A file nobody decided on, or one that is done with, is kept this long for its error rows.
KEPT = timedelta(days=30)
MOST_ISSUES = 5000
_TOLD_EVERY_SECONDS = 1.0


def receive_import(*, actor: Actor, upload: File[bytes], name: str, owner_id: int | None = None) -> PlaceImport:
    """Keep an upload and try it: at once when it is small, else by a job. Raises ``FILE_SIZE``, ``NOT_FOUND``."""
    if actor.person_id is None:
        raise XiepaiError(ErrorCode.SIGN_IN_NEEDED)
    if owner_id is not None:
        access.require_keeper(actor, owner_id)
    elif not (actor.is_officer or actor.holds(Role.KEEPER)):
        raise not_found()
    size = upload.size or 0
    if size > LARGEST_BYTES:
        raise too_large(f"{size / 1024 / 1024:.1f} MB", f"{LARGEST_BYTES // 1024 // 1024} MB")
    with transaction.atomic():
        row = PlaceImport(person_id=actor.person_id, organisation_id=owner_id, name=name[:200])
        row.file.save(secrets.token_hex(16), upload, save=False)
        row.save(force_insert=True)
        audit.record("places.import.received", row, actor=actor, organisation_id=owner_id)
        if size > AT_ONCE_BYTES:
            enqueue("places.preview_import", queue="places", import_id=row.pk)
    if size <= AT_ONCE_BYTES:
        preview_import(row.pk)
        row.refresh_from_db()
    return row


def preview_import(import_id: int, *, in_job: bool = False) -> None:
    """Try the file and keep what would come of it; trying twice changes nothing."""
    row = PlaceImport.objects.select_related("person").get(pk=import_id)
    if row.state != ImportState.READING:
        return
    preview = Preview(_Progress(import_id) if in_job else None)
    changes: dict[str, Any]
    try:
        report = load_file(
            row.file.path,
            actor=actor_of(row.person),
            keep_good=True,
            owner_id=row.organisation_id,
            name=row.name,
            dry_run=True,
            watch=preview.see,
        )
    except XiepaiError as refusal:
        changes = {"state": ImportState.FAILED, "failure": str(refusal)[:300], "finished_at": clock.now()}
    else:
        changes = {"state": ImportState.READY, "report": {**plain(report), "changes": preview.changes}}
        changes["rows_done"] = report.rows
    PlaceImport.objects.filter(pk=import_id, state=ImportState.READING).update(**changes)


def decide_import(*, actor: Actor, import_id: int, keep_good: bool) -> PlaceImport:
    """Write the file: every row, or with *keep_good* the good ones. Bad rows without it are refused (``FILE_ROWS``)."""
    with transaction.atomic():
        row = _locked(actor, import_id)
        if row.state != ImportState.READY:
            raise _wrong_state(row)
        if row.report.get("bad") and not keep_good:
            raise XiepaiError(ErrorCode.FILE_ROWS, count=row.report["bad"])
        row.state, row.keep_good, row.rows_done = ImportState.WRITING, keep_good, 0
        row.save(update_fields=["state", "keep_good", "rows_done"])
        audit.record("places.import.decided", row, actor=actor, organisation_id=row.organisation_id)
        at_once = row.file.size <= AT_ONCE_BYTES
        if not at_once:
            enqueue("places.write_import", queue="places", import_id=row.pk)
    if at_once:
        write_import(row.pk)
        row.refresh_from_db()
    return row


def write_import(import_id: int, *, in_job: bool = False) -> None:
    """Write a file that was decided on, its end in the same transaction: a job run again finds it done."""
    row = PlaceImport.objects.select_related("person").get(pk=import_id)
    if row.state != ImportState.WRITING:
        return
    actor, preview = actor_of(row.person), Preview(_Progress(import_id) if in_job else None)
    try:
        with transaction.atomic():
            report = load_file(
                row.file.path,
                actor=actor,
                keep_good=row.keep_good,
                owner_id=row.organisation_id,
                name=row.name,
                watch=preview.see,
            )
            end = {"report": {**plain(report), "changes": preview.changes}, "rows_done": report.rows}
            # rows that went bad since the preview: nothing is written, and the keeper decides again
            state = ImportState.DONE if report.written else ImportState.READY
            at = clock.now() if report.written else None
            waiting = PlaceImport.objects.filter(pk=import_id, state=ImportState.WRITING)
            if not waiting.update(state=state, finished_at=at, **end):
                transaction.set_rollback(True)  # somebody else wrote it meanwhile
                return
            row.refresh_from_db()
            audit.record("places.import.written", row, actor=actor, organisation_id=row.organisation_id)
    except XiepaiError as refusal:
        PlaceImport.objects.filter(pk=import_id, state=ImportState.WRITING).update(
            state=ImportState.FAILED, failure=str(refusal)[:300], finished_at=clock.now()
        )


def drop_import(*, actor: Actor, import_id: int) -> PlaceImport:
    """Leave a file that was not written; its rows are gone at once."""
    with transaction.atomic():
        row = _locked(actor, import_id)
        if row.state not in (ImportState.READY, ImportState.FAILED, ImportState.READING):
            raise _wrong_state(row)
        row.state, row.finished_at = ImportState.DROPPED, clock.now()
        row.save(update_fields=["state", "finished_at"])
        audit.record("places.import.dropped", row, actor=actor, organisation_id=row.organisation_id)
        transaction.on_commit(lambda: _forget_file(row))
    return row


def imports_of(actor: Actor) -> QuerySet[PlaceImport]:
    """One's own uploads, newest first."""
    return PlaceImport.objects.filter(person=actor.person_id or 0).select_related("organisation").order_by("-id")


def get_import(actor: Actor, import_id: int) -> PlaceImport:
    """One's own upload, else not found."""
    row = imports_of(actor).filter(pk=import_id).first()
    if row is None:
        raise not_found()
    return row


def error_rows(row: PlaceImport) -> Iterator[list[str]]:
    """The rows that could not be taken, as they stand in the file, each with its reasons before it."""
    reasons: dict[int, list[str]] = {}
    for line, column, reason, _value in row.report.get("issues", []):
        reasons.setdefault(line, []).append(f"{column}：{reason}" if column else reason)
    if not row.file or not Path(row.file.path).exists():
        raise not_found()
    with open_source(Path(row.file.path)) as source:
        keys = list(source.headers)
        yield [_("问题"), *(source.headers[key] for key in keys)]
        for raw in source.rows:
            if raw.line in reasons:
                yield ["；".join(reasons[raw.line]), *(_text(raw.cells.get(key)) for key in keys)]


def forget_old() -> int:
    """Delete the files of uploads nobody needs any more; how many."""
    old = PlaceImport.objects.filter(created_at__lt=clock.now() - KEPT).exclude(file="")
    rows = list(old[:500])
    for row in rows:
        _forget_file(row)
    return len(rows)


def plain(report: ImportReport) -> dict[str, Any]:
    """A report as it is kept."""
    return {
        "rows": report.rows,
        "created": report.created,
        "updated": report.updated,
        "unchanged": report.unchanged,
        "bad": report.bad_rows,
        "warnings": list(report.warnings),
        "issues": [[issue.line, issue.column, issue.reason, issue.value] for issue in report.issues[:MOST_ISSUES]],
    }


class _Progress:
    """Tells how far a job is by a connection of its own: the import's own transaction shows nothing until its end."""

    def __init__(self, import_id: int) -> None:
        self._import_id = import_id
        self._last = time.monotonic()

    def __call__(self, rows: int) -> None:
        if time.monotonic() - self._last < _TOLD_EVERY_SECONDS:
            return
        other = connection.copy()
        try:
            with other.cursor() as cursor:
                cursor.execute("UPDATE places_placeimport SET rows_done = %s WHERE id = %s", [rows, self._import_id])
        finally:
            other.close()
        self._last = time.monotonic()


def _locked(actor: Actor, import_id: int) -> PlaceImport:
    row = PlaceImport.objects.select_for_update().filter(pk=import_id, person=actor.person_id or 0).first()
    if row is None:
        raise not_found()
    return row


def _wrong_state(row: PlaceImport) -> XiepaiError:
    return XiepaiError(ErrorCode.WRONG_STATE, state=str(row.get_state_display()), action=_("导入"))


def _forget_file(row: PlaceImport) -> None:
    name = row.file.name
    if name:
        row.file.storage.delete(name)
        PlaceImport.objects.filter(pk=row.pk).update(file="")


def _text(value: Any) -> str:
    if isinstance(value, list | tuple):
        return "、".join(str(each) for each in value)
    return "" if value is None else str(value)
