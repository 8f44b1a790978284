"""Handing a file in piece by piece: a cut connection goes on where it stopped, and the digest is proven at the end.

The same file for the same paper by the same person is one upload, however often it is begun. A piece that does not
follow what is here changes nothing; the answer always says how much is here. Refused: somebody else's upload, more
bytes than were announced, a file whose digest is another, and all that ``evidence.attach_evidence`` refuses.
"""

from __future__ import annotations

import hashlib
import re
from datetime import timedelta

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils.translation import gettext as _

from xiepai.grants import access
from xiepai.grants.errors import invalid
from xiepai.grants.models import Evidence, PendingUpload
from xiepai.grants.services.evidence import attach_evidence, require_open_for_papers
from xiepai.kernel import clock
from xiepai.kernel.errors import ErrorCode, XiepaiError, not_found
from xiepai.parties.access import Actor
from xiepai.parties.rules import acting_person
from xiepai.places.fields import tidy_text
from xiepai.productions.uploads import LARGEST_BYTES, tidy_name

PIECE_BYTES = 512 * 1024
KEPT = timedelta(days=2)
MOST_OPEN = 40
_SHA256 = re.compile(r"[0-9a-f]{64}")


def begin_upload(
    *,
    actor: Actor,
    application_id: int,
    kind: str,
    name: str,
    size_bytes: int,
    sha256: str,
    document_number: str = "",
    amount_fen: int | None = None,
) -> PendingUpload:
    """Announce a file; one begun before and cut off is that one, with what is here of it."""
    person_id = acting_person(actor)
    if not kind.strip() or not _SHA256.fullmatch(sha256):
        raise invalid(_("请写明材料的种类和校验值。"))
    if not 0 < size_bytes <= LARGEST_BYTES:
        size, limit = f"{size_bytes / 2**20:.1f} MB", f"{LARGEST_BYTES / 2**20:.1f} MB"
        raise XiepaiError(ErrorCode.FILE_SIZE, size=size, limit=limit)
    with transaction.atomic():
        application = access.locked_application(actor, application_id)
        access.require_company(actor, application.organisation_id)
        require_open_for_papers(actor, application)
        mine = PendingUpload.objects.filter(application=application, person_id=person_id)
        known = mine.filter(kind=tidy_text(kind)[:120], sha256=sha256).first()
        if known is not None:
            if known.size_bytes != size_bytes:
                raise invalid(_("同一校验值的文件大小不同。"))
            return known
        if mine.count() >= MOST_OPEN:
            raise invalid(_("还有太多文件没有传完；请先传完。"))
        return PendingUpload.objects.create(
            application=application, person_id=person_id, kind=tidy_text(kind)[:120], sha256=sha256,
            name=tidy_name(name, "")[:120], document_number=tidy_text(document_number)[:80], amount_fen=amount_fen,
            size_bytes=size_bytes, created_at=clock.now(),
        )  # fmt: skip


def receive_piece(*, actor: Actor, key: str, offset: int, data: bytes) -> PendingUpload:
    """Take a piece that follows what is here; any other changes nothing. The answer says how much is here."""
    with transaction.atomic():
        upload = _locked(actor, key)
        if offset != upload.received_bytes or not data:
            return upload
        if offset + len(data) > upload.size_bytes:
            raise invalid(_("收到的内容比声明的多。"))
        place = _place(upload, offset)
        if default_storage.exists(place):  # kept by a request that ended before it could say so
            default_storage.delete(place)
        default_storage.save(place, ContentFile(data))
        upload.received_bytes += len(data)
        upload.save(update_fields=["received_bytes"])
    return upload


def finish_upload(*, actor: Actor, key: str) -> Evidence:
    """Put the pieces together, prove the digest, and hand the file in as evidence."""
    with transaction.atomic():
        upload = _locked(actor, key)
        if upload.received_bytes != upload.size_bytes:
            raise invalid(_("文件还没有传完。"))
        data = b"".join(_pieces(upload))
        places = _places(upload)
        if hashlib.sha256(data).hexdigest() != upload.sha256:
            detail = _("传到的内容与原文件不符，请重新上传。")
            _start_over(upload)
        else:
            detail = ""
    if detail:  # outside the transaction, so that starting over is kept
        raise XiepaiError(ErrorCode.FILE_UNREADABLE, detail=detail)
    try:
        with transaction.atomic():
            return _attach(actor, _locked(actor, key), data, places)
    except XiepaiError as refusal:
        if refusal.code.value.startswith("file"):  # it will be refused again: nothing to go on with
            PendingUpload.objects.filter(key=key).delete()
            _remove(places)
        raise


def _attach(actor: Actor, upload: PendingUpload, data: bytes, places: list[str]) -> Evidence:
    evidence = attach_evidence(
        actor=actor, organisation_id=upload.application.organisation_id, work_id=upload.application.work_id,
        application_id=upload.application_id, kind=upload.kind, data=data, file_name=upload.name,
        document_number=upload.document_number, amount_fen=upload.amount_fen,
    )  # fmt: skip
    upload.delete()
    transaction.on_commit(lambda: _remove(places))
    return evidence


def get_upload(actor: Actor, key: str) -> PendingUpload:
    """One's own upload: how much of it is here."""
    upload = PendingUpload.objects.filter(key=key, person_id=actor.person_id or 0).first()
    if upload is None:
        raise not_found()
    return upload


def forget_old_uploads() -> int:
    """Delete what nobody went on with for two days; how many."""
    gone = 0
    for upload in PendingUpload.objects.filter(created_at__lt=clock.now() - KEPT):
        places = _places(upload)
        upload.delete()
        _remove(places)
        gone += 1
    return gone


def _locked(actor: Actor, key: str) -> PendingUpload:
    rows = PendingUpload.objects.select_for_update(of=("self",)).select_related("application")
    upload = rows.filter(key=key, person_id=actor.person_id or 0).first()
    if upload is None:
        raise not_found()
    return upload


def _place(upload: PendingUpload, offset: int) -> str:
    return f"grants-parts/{upload.key}/{offset:09d}"


def _places(upload: PendingUpload) -> list[str]:
    folder = f"grants-parts/{upload.key}"
    try:
        names = default_storage.listdir(folder)[1]
    except FileNotFoundError:
        return []
    return [f"{folder}/{name}" for name in sorted(names)]


def _pieces(upload: PendingUpload) -> list[bytes]:
    """The pieces in order, as far as they were counted."""
    found, at = [], 0
    while at < upload.received_bytes:
        try:
            with default_storage.open(_place(upload, at)) as piece:
                data: bytes = piece.read()
        except FileNotFoundError:
            break
        found.append(data)
        at += len(data)
    return found


def _start_over(upload: PendingUpload) -> None:
    places = _places(upload)
    upload.received_bytes = 0
    upload.save(update_fields=["received_bytes"])
    transaction.on_commit(lambda: _remove(places))


def _remove(places: list[str]) -> None:
    for place in places:
        default_storage.delete(place)
