"""Objections to a public notice: received from anybody with a paper, answered by the office, followed by a receipt.

A receipt is a number with a check that only this installation can make; it needs no row and no account. Refused: an
objection outside the notice's days, an answer without words. Who objected is the office's to know, nobody else's.
"""

from __future__ import annotations

import re

from django.db import transaction
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.translation import gettext as _

from xiepai.grants import access
from xiepai.grants.checking import check_file
from xiepai.grants.errors import invalid
from xiepai.grants.models import Application, NoticeState, Objection, ObjectionState, PublicNotice
from xiepai.grants.services.evidence import store_file
from xiepai.grants.services.notices import send_back
from xiepai.kernel import audit, clock
from xiepai.kernel.errors import not_found
from xiepai.parties.access import Actor
from xiepai.parties.rules import acting_person
from xiepai.productions.uploads import read_upload

LONGEST, SHORTEST = 4_000, 10
#: What a stranger may hand in with an objection, and how many papers a notice takes.
MOST_BYTES, MOST_PAPERS = 10_000_000, 200
_RECEIPT = re.compile(r"YY(\d{1,12})-([0-9A-F]{10})")


def receipt_of(objection: Objection) -> str:
    """The number to follow an objection by: ``YY12-0A1B2C3D4E``."""
    return f"YY{objection.pk}-{_check(objection.pk)}"


def objection_by_receipt(receipt: str) -> Objection:
    """The objection of a receipt; a wrong one is *not found*."""
    found = _RECEIPT.fullmatch(receipt.strip().upper())
    if found is None or not constant_time_compare(found[2], _check(int(found[1]))):
        raise not_found()
    row = Objection.objects.select_related("notice", "item").filter(pk=int(found[1])).first()
    if row is None:
        raise not_found()
    return row


def _check(number: int) -> str:
    return salted_hmac("grants.objection", str(number), algorithm="sha256").hexdigest()[:10].upper()


def receive_objection(
    *,
    actor: Actor,
    notice_id: int,
    item_id: int | None,
    name: str,
    contact: str,
    text: str,
    data: bytes = b"",
    file_name: str = "",
) -> Objection:
    """Take an objection while the notice is open, with a paper or without; the office may register one on paper.

    A paper (PDF, JPEG, PNG) passes what evidence passes and is for the office alone.
    """
    name, contact, text = name.strip(), contact.strip(), text.strip()
    if not name or not contact:
        raise invalid(_("请写姓名（或单位）和联系方式，以便核实和答复。"))
    if not SHORTEST <= len(text) <= LONGEST:
        raise invalid(_("请把异议和理由写清楚：{least} 至 {most} 个字。"), least=SHORTEST, most=LONGEST)
    upload = read_upload(data, file_name) if data else None
    if upload is not None and len(data) > MOST_BYTES:
        raise invalid(_("附件最大 {most} MB。"), most=MOST_BYTES // 1_000_000)
    scanned = check_file(upload.data, upload.content_type, upload.name) if upload else ""
    with transaction.atomic():
        notice = PublicNotice.objects.select_for_update(of=("self",)).filter(pk=notice_id).first()
        if notice is None or notice.state == NoticeState.DRAFT:
            raise not_found()
        today = clock.today()
        is_open = notice.state == NoticeState.OPEN and notice.closes_on is not None and today <= notice.closes_on
        if not is_open:
            raise invalid(_("公示期已过，不再受理异议。"))
        if item_id is not None and not notice.items.filter(pk=item_id).exists():
            raise not_found()
        if upload is not None and notice.objections.exclude(stored=None).count() >= MOST_PAPERS:
            raise invalid(_("这份公示收到的附件已满，请不带附件提交，或直接联系协拍办。"))
        row = Objection.objects.create(
            notice=notice, item_id=item_id, name=name[:80], contact=contact[:120], text=text,
            received_by_id=actor.person_id if actor.is_officer else None, received_at=clock.now(),
            stored=store_file(upload, scanned) if upload else None, file_name=upload.name[:120] if upload else "",
        )  # fmt: skip
        audit.record("grants.objection.received", row, actor=actor)
    return row


def answer_objection(*, actor: Actor, objection_id: int, upholds: bool, answer: str) -> Objection:
    """Answer once; where the objection holds, the application goes back into review."""
    access.require_officer(actor)
    person_id = acting_person(actor)
    if len(answer.strip()) < SHORTEST:
        raise invalid(_("请写明答复的理由。"))
    with transaction.atomic():
        rows = Objection.objects.select_for_update(of=("self",)).select_related("notice", "item")
        row = rows.filter(pk=objection_id).first()
        if row is None:
            raise not_found()
        if row.state != ObjectionState.RECEIVED:
            raise invalid(_("这件异议已经答复。"))
        before = audit.snapshot(row)
        row.state = ObjectionState.UPHELD if upholds else ObjectionState.REJECTED
        row.answer, row.answered_by_id, row.answered_at = answer.strip()[:LONGEST], person_id, clock.now()
        row.save()
        if upholds and row.item is not None:
            application = Application.objects.select_for_update(of=("self",)).get(pk=row.item.application_id)
            send_back(application, actor)
        audit.record("grants.objection.answered", row, actor=actor, before=before)
    return row
