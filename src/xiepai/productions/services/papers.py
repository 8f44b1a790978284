"""Handing papers in, and the office's check of them.

A paper handed in again is a further row, so that a renewal waiting for its check never displaces what still holds.
Refused: a paper without file and number, a check without a reason to send it back, a second check of what the crew
took back. Files have random names; a file goes when its paper is withdrawn.
"""

from __future__ import annotations

import secrets
from datetime import date
from typing import Any

from django.core.files.base import ContentFile
from django.db import transaction
from django.utils.translation import gettext as _

from xiepai.kernel import audit, clock
from xiepai.kernel.errors import ErrorCode, XiepaiError, not_found
from xiepai.parties.access import Actor
from xiepai.places.fields import tidy_text
from xiepai.productions import access, notices
from xiepai.productions.fields import check_days
from xiepai.productions.models import Paper, PaperKind, PaperState, PerPiece
from xiepai.productions.services.works import refuse_ended
from xiepai.productions.uploads import Upload, read_upload

#: What never enters the audit trail: whom a paper is about may be a child, and a path opens nothing.
PRIVATE = ("about", "file", "file_name")


def submit_paper(
    *,
    actor: Actor,
    work_id: int,
    kind_code: str,
    number: str = "",
    about: str = "",
    valid_from: date | None = None,
    valid_to: date | None = None,
    data: bytes | None = None,
    file_name: str = "",
) -> Paper:
    """Hand a paper in: a file (PDF, JPEG, PNG up to 20 MB), a number, or both; validity is inclusive.

    The very same paper, while it waits for its check, is the one that is there.
    Raises ``FILE_SIZE``, ``FILE_TYPE``, ``FILE_UNREADABLE``, ``INVALID``.
    """
    _check_validity(valid_from, valid_to)
    access.require_writer_of(actor, work_id)  # before the work of reading a file
    upload = read_upload(data, file_name) if data is not None else None
    with transaction.atomic():
        work = access.locked_work(actor, work_id)
        refuse_ended(work, _("提交文件"))
        kind = PaperKind.objects.filter(code=kind_code, is_active=True).first()
        if kind is None:
            raise not_found()
        paper = Paper(
            work=work,
            kind=kind,
            number=_line(number, 80),
            about=_line(about, 60),
            valid_from=valid_from,
            valid_to=valid_to,
            submitted_by_id=actor.person_id,
            submitted_at=clock.now(),
        )
        _check_content(paper, upload)
        if (known := _same(paper, upload)) is not None:
            return known
        _store(paper, upload, actor)
    return paper


def accept_paper(*, actor: Actor, paper_id: int, note: str = "") -> Paper:
    """The office has seen the paper and it is in order."""
    return _check(actor, paper_id, PaperState.ACCEPTED, note, "productions.paper.accepted")


def reject_paper(*, actor: Actor, paper_id: int, note: str) -> Paper:
    """Send a paper back and say why; an accepted one too, when it turns out not to hold."""
    if not note.strip():
        raise XiepaiError(ErrorCode.INVALID, detail=_("请写明退回原因。"))
    return _check(actor, paper_id, PaperState.REJECTED, note, "productions.paper.rejected")


def withdraw_paper(*, actor: Actor, paper_id: int) -> Paper:
    """The crew takes back a paper that is not accepted; its file is deleted."""
    with transaction.atomic():
        paper = access.locked_paper(actor, paper_id)
        _refuse_unless(paper, _("撤回"), PaperState.SUBMITTED, PaperState.REJECTED)
        before, storage, name = _public(paper), paper.file.storage, paper.file.name
        paper.state, paper.file, paper.file_name = PaperState.WITHDRAWN.value, "", ""
        paper.save()
        if name:
            transaction.on_commit(lambda: storage.delete(name))
        _record("productions.paper.withdrawn", paper, actor, before)
    return paper


def _check(actor: Actor, paper_id: int, state: PaperState, note: str, event: str) -> Paper:
    with transaction.atomic():
        access.require_sight_of(actor, paper_id)
        access.require_checker(actor)
        paper = access.locked_paper(actor, paper_id)
        _refuse_unless(paper, _("核对"), *(each for each in PaperState if each not in {state, PaperState.WITHDRAWN}))
        before = _public(paper)
        paper.state, paper.note = state.value, _line(note, 200)
        paper.checked_by_id, paper.checked_at, paper.warned_at = actor.person_id, clock.now(), None
        paper.save()
        _record(event, paper, actor, before)
        if state is PaperState.REJECTED:
            notices.tell_rejected(paper)
    return paper


def _refuse_unless(paper: Paper, action: str, *states: PaperState) -> None:
    if paper.state not in states:
        label = str(PaperState(paper.state).label)
        raise XiepaiError(ErrorCode.PAPER_STATE, paper=str(paper.kind), state=label, action=action)


def _check_validity(valid_from: date | None, valid_to: date | None) -> None:
    check_days(valid_from=valid_from, valid_to=valid_to)
    if valid_from and valid_to and valid_to < valid_from:
        raise XiepaiError(ErrorCode.INVALID, detail=_("截止日期不能早于生效日期。"))


def _check_content(paper: Paper, upload: Upload | None) -> None:
    if upload is None and not paper.number:
        raise XiepaiError(ErrorCode.INVALID, detail=_("请上传文件或填写编号。"))
    if paper.kind.per_piece != PerPiece.WORK and not paper.about:
        raise XiepaiError(ErrorCode.INVALID, detail=_("请写明这份文件是谁的或哪架无人机的。"))


def _same(paper: Paper, upload: Upload | None) -> Paper | None:
    names = ("work", "kind", "about", "number", "valid_from", "valid_to")
    waiting = Paper.objects.filter(state=PaperState.SUBMITTED, sha256=upload.sha256 if upload else "")
    return waiting.filter(**{name: getattr(paper, name) for name in names}).first()


def _store(paper: Paper, upload: Upload | None, actor: Actor) -> None:
    try:
        if upload is not None:
            paper.file_name, paper.file_type = upload.name, upload.content_type
            paper.file_bytes, paper.sha256 = len(upload.data), upload.sha256
            name = secrets.token_hex(16) + upload.extension
            paper.file.save(name, ContentFile(upload.data), save=False)
        paper.save(force_insert=True)
        _record("productions.paper.submitted", paper, actor, None)
    except BaseException:
        if paper.file.name:
            paper.file.storage.delete(paper.file.name)
        raise


def _line(text: str, longest: int) -> str:
    line = tidy_text(text)
    if len(line) > longest:
        raise XiepaiError(ErrorCode.INVALID, detail=_("最多 {longest} 个字。").format(longest=longest))
    return line


def _public(paper: Paper) -> dict[str, Any]:
    return {key: value for key, value in audit.snapshot(paper).items() if key not in PRIVATE}


def _record(event: str, paper: Paper, actor: Actor, before: dict[str, Any] | None) -> None:
    owner = paper.work.organisation_id
    audit.record(event, paper, actor=actor, before=before, after=_public(paper), organisation_id=owner)
