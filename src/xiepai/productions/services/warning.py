"""Announcing papers that end soon: once each, one message a work, and only while something still depends on them."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction

from xiepai.kernel import audit, clock
from xiepai.parties.access import system
from xiepai.productions import notices
from xiepai.productions.checklist import EXPIRING_DAYS, is_due
from xiepai.productions.models import Paper, PaperState, Work, WorkState
from xiepai.productions.states import ENDED
from xiepai.productions.validity import Validity, valid_until

_SILENT = (*ENDED, WorkState.SHELVED)


def warn_expiring() -> int:
    """Tell each crew of the accepted papers that end within 30 days; returns how many papers were announced."""
    today = clock.today()
    ending = Paper.objects.filter(
        state=PaperState.ACCEPTED,
        warned_at=None,
        valid_to__gte=today,
        valid_to__lte=today + timedelta(days=EXPIRING_DAYS),
    ).exclude(work__state__in=_SILENT)
    work_ids = sorted(set(ending.values_list("work_id", flat=True)))
    return sum(_warn(work_id) for work_id in work_ids)


def _warn(work_id: int) -> int:
    """One work in one transaction; what another worker is just announcing is left to it."""
    today = clock.today()
    with transaction.atomic():
        work = (
            Work.objects.select_for_update(skip_locked=True, of=("self",)).exclude(state__in=_SILENT).filter(pk=work_id)
        ).first()
        if work is None:
            return 0
        accepted = list(
            Paper.objects.filter(work=work, state=PaperState.ACCEPTED).select_related("kind").order_by("id")
        )
        last = today + timedelta(days=EXPIRING_DAYS)
        due = [
            paper
            for paper in accepted
            if paper.warned_at is None and paper.valid_to and today <= paper.valid_to <= last
            if is_due(paper.kind, work.state) and not _is_followed(paper, accepted)
        ]
        for paper in due:
            paper.work, paper.warned_at = work, clock.now()
            paper.save(update_fields=["warned_at"])
            audit.record(
                "productions.paper.expiry_announced",
                paper,
                actor=system("reminder"),
                after={"valid_to": paper.valid_to},
                organisation_id=work.organisation_id,
            )
        if due:
            notices.tell_expiring(work, due)
    return len(due)


def _is_followed(paper: Paper, accepted: list[Paper]) -> bool:
    """Whether another accepted paper of its kind goes on where this one ends."""
    same = [
        Validity(other.valid_from, other.valid_to)
        for other in accepted
        if other.kind_id == paper.kind_id and other.about.casefold() == paper.about.casefold()
    ]
    reached = valid_until(same, paper.valid_to) if paper.valid_to else None
    return reached is not None and paper.valid_to is not None and reached > paper.valid_to
