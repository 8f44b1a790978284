"""The people of a work's crew: the contact sheet (联系表) with meals and rooms.

Telephone, diet and room are for those who work with the sheet; the audit trail, which is never deleted, keeps that a
line was changed and by whom, but not these values.
"""

from __future__ import annotations

from typing import Any, Unpack

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from xiepai.kernel import audit, clock
from xiepai.kernel.errors import ErrorCode, XiepaiError, not_found
from xiepai.parties.access import Actor
from xiepai.parties.models import Membership
from xiepai.productions import access
from xiepai.productions.fields import MemberFields, assign, check_member
from xiepai.productions.models import CrewMember, Work
from xiepai.productions.services.works import refuse_ended

#: What never enters the audit trail.
PRIVATE = ("phone", "diet", "room", "note")


def add_crew_member(*, actor: Actor, work_id: int, **fields: Unpack[MemberFields]) -> CrewMember:
    """Put someone on the contact sheet; ``person_id`` only for people of the crew company itself."""
    with transaction.atomic():
        work = access.locked_work(actor, work_id)
        refuse_ended(work, _("修改"))
        member = CrewMember(work=work, created_at=clock.now())
        _write(member, fields)
        _record("productions.member.added", member, actor, None, _public(member))
    return member


def update_crew_member(*, actor: Actor, member_id: int, **fields: Unpack[MemberFields]) -> CrewMember:
    """Change a line of the contact sheet; what is not named stays."""
    with transaction.atomic():
        member = _locked(actor, member_id)
        before, public = audit.snapshot(member), _public(member)
        _write(member, fields)
        changed = sorted(key for key, value in audit.snapshot(member).items() if before[key] != value)
        if changed:
            after = {**_public(member), "changed": changed}
            _record("productions.member.changed", member, actor, public, after)
    return member


def remove_crew_member(*, actor: Actor, member_id: int) -> None:
    """Take someone off the contact sheet."""
    with transaction.atomic():
        member = _locked(actor, member_id)
        _record("productions.member.removed", member, actor, _public(member), {})
        member.delete()


def _locked(actor: Actor, member_id: int) -> CrewMember:
    work_id = access.visible_members(actor).filter(pk=member_id).values_list("work_id", flat=True).first()
    if work_id is None:
        raise not_found()
    work = access.locked_work(actor, work_id)
    refuse_ended(work, _("修改"))
    member = CrewMember.objects.filter(pk=member_id).first()
    if member is None:
        raise not_found()
    member.work = work
    return member


def _write(member: CrewMember, fields: MemberFields) -> None:
    assign(member, fields, MemberFields)
    check_member(member)
    _check_person(member.work, member.person_id)
    try:
        with transaction.atomic():
            member.save()
    except IntegrityError as error:
        if "crew_member_once" not in str(error):
            raise
        detail = _("{name} 已经在联系表上。").format(name=member.name)
        raise XiepaiError(ErrorCode.INVALID, detail=detail) from error


def _check_person(work: Work, person_id: int | None) -> None:
    """An account of somebody else's company is not found: a sheet must not become a directory."""
    if person_id is None:
        return
    if not Membership.objects.filter(person=person_id, organisation=work.organisation_id).exists():
        raise not_found()


def _public(member: CrewMember) -> dict[str, Any]:
    return {key: value for key, value in audit.snapshot(member).items() if key not in PRIVATE}


def _record(event: str, member: CrewMember, actor: Actor, before: dict[str, Any] | None, after: dict[str, Any]) -> None:
    owner = member.work.organisation_id
    audit.record(event, member, actor=actor, before=before, after=after, organisation_id=owner)
