"""The office's checklist: which papers there are, when each is required and by which stage; edited without code.

Codes never change, and a kind is retired, not deleted: papers handed in keep it. ``add_missing_kinds`` brings a fresh
installation the list that is known of the field; what was edited meanwhile is never touched.
"""

from __future__ import annotations

import tomllib
from importlib.resources import files
from typing import Any, Unpack

from django.db import transaction
from django.utils.translation import gettext as _

from xiepai.kernel import audit
from xiepai.kernel.errors import ErrorCode, XiepaiError, not_found
from xiepai.parties.access import Actor
from xiepai.productions import access
from xiepai.productions.fields import KindFields, assign, check_kind
from xiepai.productions.models import PaperKind


def add_paper_kind(*, actor: Actor, code: str, **fields: Unpack[KindFields]) -> PaperKind:
    """A further line of the checklist, at its end unless *position* says otherwise."""
    access.require_checker(actor)
    with transaction.atomic():
        last = PaperKind.objects.select_for_update().order_by("-position").first()
        kind = PaperKind(code=code.strip(), position=last.position + 10 if last else 10)
        if PaperKind.objects.filter(code=kind.code).exists():
            raise XiepaiError(ErrorCode.INVALID, detail=_("清单里已经有代码“{code}”。").format(code=kind.code))
        assign(kind, fields, KindFields)
        check_kind(kind)
        kind.save(force_insert=True)
        audit.record("productions.kind.added", kind, actor=actor)
    return kind


def update_paper_kind(*, actor: Actor, kind_id: int, **fields: Unpack[KindFields]) -> PaperKind:
    """Change what a line says or asks for; from now on every work is held against it."""
    with transaction.atomic():
        kind = _locked(actor, kind_id)
        before = audit.snapshot(kind)
        assign(kind, fields, KindFields)
        if audit.snapshot(kind) != before:
            check_kind(kind)
            kind.save()
            audit.record("productions.kind.changed", kind, actor=actor, before=before)
    return kind


def retire_paper_kind(*, actor: Actor, kind_id: int) -> PaperKind:
    """Ask for this paper no longer; those handed in stay."""
    return _set_active(actor, kind_id, False, "productions.kind.retired")


def restore_paper_kind(*, actor: Actor, kind_id: int) -> PaperKind:
    """Ask for this paper again."""
    return _set_active(actor, kind_id, True, "productions.kind.restored")


def add_missing_kinds(*, actor: Actor) -> list[PaperKind]:
    """Add the kinds of ``paper_kinds.toml`` whose code is not there yet."""
    access.require_checker(actor)
    with transaction.atomic():
        known = set(PaperKind.objects.values_list("code", flat=True))
        fresh = [PaperKind(**row) for row in known_kinds() if row["code"] not in known]
        for kind in fresh:
            check_kind(kind)
        PaperKind.objects.bulk_create(fresh)
        audit.record_many((audit.Trace("productions.kind.added", kind) for kind in fresh), actor=actor)
    return fresh


def known_kinds() -> list[dict[str, Any]]:
    """The kinds known of the field, as columns of ``PaperKind``, in their order."""
    text = files("xiepai.productions").joinpath("paper_kinds.toml").read_text(encoding="utf-8")
    return [{"position": 10 * at, **row} for at, row in enumerate(tomllib.loads(text)["kinds"], 1)]


def _locked(actor: Actor, kind_id: int) -> PaperKind:
    access.require_checker(actor)
    kind = PaperKind.objects.select_for_update().filter(pk=kind_id).first()
    if kind is None:
        raise not_found()
    return kind


def _set_active(actor: Actor, kind_id: int, is_active: bool, event: str) -> PaperKind:
    with transaction.atomic():
        kind = _locked(actor, kind_id)
        if kind.is_active is not is_active:
            before = audit.snapshot(kind)
            kind.is_active = is_active
            kind.save(update_fields=["is_active"])
            audit.record(event, kind, actor=actor, before=before)
    return kind
