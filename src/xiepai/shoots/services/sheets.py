"""Call sheets: drafted from the plan, edited, sent in versions, received and read.

Always: what was sent is frozen and who has it is known. Never: a sheet sent twice under one version; a receipt by
whoever only fetched the page (a link opened by a mail scanner reads nothing: receiving and reading are POSTs).
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping
from datetime import date

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from xiepai.kernel import audit, clock
from xiepai.kernel.errors import ErrorCode, XiepaiError, not_found
from xiepai.parties.access import Actor, system
from xiepai.parties.notices import tell
from xiepai.productions.models import CrewMember
from xiepai.shoots import access, sheet_content
from xiepai.shoots.models import CallSheet, Plan, PlanState, Receipt, ReceiptState, SheetState


def draft_sheet(*, actor: Actor, plan_id: int, day: date, unit: int = 0) -> CallSheet:
    """The draft for one unit's day: the one there is, gathered anew, or the next version. Raises ``INVALID``."""
    with transaction.atomic():
        plan = access.locked_plan(actor, plan_id)
        _refuse_empty(plan, day, unit)
        sheets = CallSheet.objects.filter(work=plan.work, day=day, unit=unit)
        sheet = sheets.filter(state=SheetState.DRAFT).first()
        before = audit.snapshot(sheet) if sheet else None
        if sheet is None:
            latest = sheets.order_by("-version").first()
            number = (sheets.aggregate(top=Max("version"))["top"] or 0) + 1
            sheet = CallSheet(work=plan.work, day=day, unit=unit, version=number, created_by_id=actor.person_id)
            sheet.content = latest.content if latest else {}
        sheet.plan = plan
        sheet.content = sheet_content.gather(sheet)
        sheet.save()
        _record("shoots.call_sheet.drafted", sheet, actor, before)
    return sheet


def edit_sheet(*, actor: Actor, sheet_id: int, fields: Mapping[str, str]) -> CallSheet:
    """Write what only people know: weather, breakfast, a hint, where make-up is. Drafts only."""
    unknown = set(fields) - set(sheet_content.KEPT)
    if unknown:
        raise XiepaiError(ErrorCode.INVALID, detail="、".join(sorted(unknown)))
    with transaction.atomic():
        sheet = access.locked_sheet(actor, sheet_id)
        _refuse_unless_draft(sheet)
        before = audit.snapshot(sheet)
        sheet.content = {**sheet.content, **{name: str(text).strip()[:300] for name, text in fields.items()}}
        if "leave_minutes" in fields:
            sheet.content["leave_minutes"] = _minutes(fields["leave_minutes"])
        sheet.content = sheet_content.gather(sheet)
        sheet.save()
        _record("shoots.call_sheet.edited", sheet, actor, before)
    return sheet


def send_sheet(*, actor: Actor, sheet_id: int) -> CallSheet:
    """Freeze the sheet and give it to everyone on the contact sheet; the version before it is replaced."""
    with transaction.atomic():
        sheet = access.locked_sheet(actor, sheet_id)
        _refuse_unless_draft(sheet)
        if sheet.plan.state == PlanState.ARCHIVED:
            raise XiepaiError(ErrorCode.INVALID, detail=_("计划已归档。"))
        before = audit.snapshot(sheet)
        for old in CallSheet.objects.filter(
            work=sheet.work, day=sheet.day, unit=sheet.unit, state=SheetState.SENT
        ).select_for_update():
            was = audit.snapshot(old)
            old.state = SheetState.REPLACED.value
            old.save(update_fields=["state"])
            _record("shoots.call_sheet.replaced", old, actor, was)
        sheet.content = sheet_content.gather(sheet)
        sheet.state, sheet.sent_at = SheetState.SENT.value, clock.now()
        sheet.save()
        members = CrewMember.objects.filter(work=sheet.work).select_related("person")
        Receipt.objects.bulk_create(Receipt(sheet=sheet, member=member) for member in members)
        _record("shoots.call_sheet.sent", sheet, actor, before)
        _tell(sheet, [member for member in members if member.person_id])
    return sheet


def withdraw_sheet(*, actor: Actor, sheet_id: int) -> CallSheet:
    """Call a sent sheet back: those who have it see that it no longer holds."""
    with transaction.atomic():
        sheet = access.locked_sheet(actor, sheet_id)
        if sheet.state != SheetState.SENT:
            raise XiepaiError(ErrorCode.INVALID, detail=_("只有已发出的通告单可以撤回。"))
        before = audit.snapshot(sheet)
        sheet.state = SheetState.WITHDRAWN.value
        sheet.save(update_fields=["state"])
        _record("shoots.call_sheet.withdrawn", sheet, actor, before)
    return sheet


def personal_link(*, actor: Actor, receipt_id: int) -> str:
    """A fresh secret for one person's copy, for who has no account; earlier ones stop working."""
    with transaction.atomic():
        receipt = Receipt.objects.filter(pk=receipt_id).select_related("sheet").first()
        if receipt is None:
            raise not_found()
        sheet = access.locked_sheet(actor, receipt.sheet_id)
        secret = secrets.token_urlsafe(24)
        receipt.digest = _digest(secret)
        receipt.save(update_fields=["digest"])
        audit.record(
            "shoots.receipt.link_made", receipt, actor=actor, after={}, organisation_id=sheet.work.organisation_id
        )
    return secret


def receipt_of(secret: str) -> Receipt:
    """The copy a secret opens, or not found."""
    found = Receipt.objects.filter(digest=_digest(secret)).select_related("sheet__work", "sheet__plan", "member")
    receipt = found.first() if secret else None
    if receipt is None:
        raise not_found()
    return receipt


def mark(*, receipt: Receipt, state: ReceiptState, actor: Actor | None = None) -> Receipt:
    """Received (已收取) or read (已查看); it never goes back. *actor* None: by the personal link."""
    with transaction.atomic():
        row = Receipt.objects.select_for_update(of=("self",)).select_related("sheet__work").get(pk=receipt.pk)
        order = list(ReceiptState)
        if order.index(state) <= order.index(ReceiptState(row.state)):
            return row
        before = {"state": row.state}
        row.state, row.received_at = state.value, row.received_at or clock.now()
        row.read_at = clock.now() if state == ReceiptState.READ else None
        row.save(update_fields=["state", "received_at", "read_at"])
        owner = row.sheet.work.organisation_id
        audit.record(
            f"shoots.receipt.{state.value}",
            row,
            actor=actor or system(),
            before=before,
            after={"state": state.value},
            organisation_id=owner,
        )
    return row


def _tell(sheet: CallSheet, members: list[CrewMember]) -> None:
    people = {member.person_id: member.person for member in members if member.person is not None}
    tell(
        people.values(),
        kind="shoots.call_sheet_sent",
        subject=_("通告单：%(work)s %(day)s 第 %(version)s 版")
        % {"work": sheet.work, "day": sheet.day, "version": sheet.version},
        body=_("集合 %(call)s，%(n)s 场。")
        % {"call": sheet.content.get("call", ""), "n": sheet.content.get("scenes", 0)},
        path=f"/call-sheets/{sheet.pk}/",
        organisation_id=sheet.work.organisation_id,
    )


def _refuse_empty(plan: Plan, day: date, unit: int) -> None:
    if not plan.strips.filter(plan_day__day=day, plan_day__unit=unit, scene__isnull=False).exists():
        raise XiepaiError(ErrorCode.INVALID, detail=_("这一天这一组没有排场次。"))


def _refuse_unless_draft(sheet: CallSheet) -> None:
    if sheet.state != SheetState.DRAFT:
        raise XiepaiError(ErrorCode.INVALID, detail=_("已发出的通告单不能改；请出新版。"))


def _minutes(text: str) -> int:
    if not str(text).isdigit() or int(text) > 600:
        raise XiepaiError(ErrorCode.INVALID, detail=_("分钟数须为 0 至 600。"))
    return int(text)


def _record(event: str, sheet: CallSheet, actor: Actor, before: dict[str, object] | None) -> None:
    # contact data stays in the sheet itself, not in the trail
    hide = {"content": None}
    after = {**audit.snapshot(sheet), **hide}
    audit.record(
        event,
        sheet,
        actor=actor,
        before={**before, **hide} if before else None,
        after=after,
        organisation_id=sheet.work.organisation_id,
    )


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
