"""Companies kept out, with source and date: the dishonesty list, abnormal operation, safety accidents.

Refused: a listing without a source. A listing is ended, never deleted.
"""

from __future__ import annotations

from datetime import date

from django.db import transaction
from django.utils.translation import gettext as _

from xiepai.grants import access
from xiepai.grants.errors import invalid
from xiepai.grants.jobs import evaluate_soon
from xiepai.grants.models import Exclusion, ExclusionKind
from xiepai.kernel import audit, clock
from xiepai.kernel.errors import not_found
from xiepai.parties.access import Actor
from xiepai.parties.models import Organisation


def list_exclusion(
    *, actor: Actor, organisation_id: int, kind: str, source: str, since: date, until: date | None = None
) -> Exclusion:
    """Keep a company out from a day on."""
    access.require_officer(actor)
    if kind not in ExclusionKind.values or not source.strip():
        raise invalid(_("请选择事由并写明出处。"))
    if until is not None and until < since:
        raise invalid(_("截止日期不能早于起始日期。"))
    with transaction.atomic():
        if not Organisation.objects.filter(pk=organisation_id).exists():
            raise not_found()
        exclusion = Exclusion.objects.create(
            organisation_id=organisation_id, kind=kind, source=source.strip()[:300], since=since, until=until,
            created_by_id=actor.person_id, created_at=clock.now(),
        )  # fmt: skip
        audit.record("grants.exclusion.listed", exclusion, actor=actor)
        evaluate_soon(organisation_id=organisation_id)
    return exclusion


def lift_exclusion(*, actor: Actor, exclusion_id: int, until: date) -> Exclusion:
    """The last day a company is kept out."""
    access.require_officer(actor)
    with transaction.atomic():
        exclusion = Exclusion.objects.select_for_update().filter(pk=exclusion_id).first()
        if exclusion is None:
            raise not_found()
        if until < exclusion.since:
            raise invalid(_("截止日期不能早于起始日期。"))
        before = audit.snapshot(exclusion)
        exclusion.until = until
        exclusion.save(update_fields=["until"])
        audit.record("grants.exclusion.lifted", exclusion, actor=actor, before=before)
        evaluate_soon(organisation_id=exclusion.organisation_id)
    return exclusion
