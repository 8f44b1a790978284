"""The next question, answered: the fact is stated and the subject is evaluated at once, so that the page says it."""

from __future__ import annotations

from django.db import transaction

from xiepai.grants.entitling import evaluate_subjects
from xiepai.grants.models import Fact
from xiepai.grants.services.facts import state_fact
from xiepai.parties.access import Actor
from xiepai.productions.models import Work


def answer_question(
    *, actor: Actor, name: str, value: str, work_id: int | None = None, organisation_id: int | None = None
) -> Fact:
    """State a fact of a work or a company, and compute anew what it is owed. A claim, as ``facts.state_fact`` says."""
    with transaction.atomic():
        fact = state_fact(actor=actor, name=name, value=value, work_id=work_id, organisation_id=organisation_id)
        if work_id is not None:
            evaluate_subjects(work_ids=[work_id])
        else:
            works = Work.objects.filter(organisation=organisation_id or 0).values_list("pk", flat=True)
            evaluate_subjects(work_ids=list(works), organisation_ids=[organisation_id or 0])
    return fact
