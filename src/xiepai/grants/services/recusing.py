"""Conflict of interest: whoever keeps out of an application, or of all of a company's, sees nothing and does nothing.

Declared by oneself, or set by the office for somebody. Refused: taking a recusal back; a reason is required.
"""

from __future__ import annotations

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from xiepai.grants import access
from xiepai.grants.errors import invalid
from xiepai.grants.models import Application, AssignmentState, Recusal, ReviewAssignment
from xiepai.grants.services.scoring import end_assignment
from xiepai.kernel import audit, clock
from xiepai.kernel.errors import not_found
from xiepai.parties.access import Actor
from xiepai.parties.models import OFFICE_ROLES, Membership, Organisation, Person
from xiepai.parties.rules import acting_person


def recuse(
    *,
    actor: Actor,
    reason: str,
    person_id: int | None = None,
    application_id: int | None = None,
    organisation_id: int | None = None,
) -> Recusal:
    """Keep oneself (or, for officers, somebody else) out; what was assigned to that person is taken back."""
    who = person_id or acting_person(actor)
    if who != actor.person_id:
        access.require_officer(actor)
    if not reason.strip():
        raise invalid(_("请写明回避的理由。"))
    if (application_id is None) == (organisation_id is None):
        raise TypeError("a recusal is of an application or of a company")
    with transaction.atomic():
        _check(actor, who, application_id, organisation_id)
        there = Recusal.objects.filter(Q(application_id=application_id), Q(organisation_id=organisation_id))
        if (known := there.filter(person_id=who).first()) is not None:
            return known
        row = Recusal.objects.create(
            person_id=who, application_id=application_id, organisation_id=organisation_id,
            reason=reason.strip()[:200], declared_by_id=actor.person_id, declared_at=clock.now(),
        )  # fmt: skip
        audit.record("grants.recusal.declared", row, actor=actor)
        _take_back(actor, row)
    return row


def colleagues_of(actor: Actor, application: Application) -> list[Person]:
    """Whom an officer may set a recusal for: the office's people and experts who do not keep out already."""
    if not actor.is_officer:
        return []
    out = Recusal.objects.filter(Q(application=application) | Q(organisation=application.organisation_id))
    rows = Membership.objects.filter(organisation__kind="office", role__in=OFFICE_ROLES, person__is_active=True)
    rows = rows.exclude(person=actor.person_id).exclude(person__in=out.values("person"))
    people = {row.person_id: row.person for row in rows.select_related("person")}
    return sorted(people.values(), key=lambda each: (each.get_short_name(), each.pk))


def _check(actor: Actor, who: int | None, application_id: int | None, organisation_id: int | None) -> None:
    people = Membership.objects.filter(person_id=who or 0, organisation__kind="office", role__in=OFFICE_ROLES)
    if not people.exists():
        raise not_found()
    if application_id is not None:
        rows = access.visible_applications(actor) if access.sees_all(actor) else Application.objects.filter(
            pk__in=ReviewAssignment.objects.filter(reviewer_id=actor.person_id or 0).values("application_id")
        )  # fmt: skip
        if not rows.filter(pk=application_id).exists():
            raise not_found()
    elif not Organisation.objects.filter(pk=organisation_id or 0).exists():
        raise not_found()


def _take_back(actor: Actor, row: Recusal) -> None:
    """An expert's scores stay in the trail but count no more."""
    mine = ReviewAssignment.objects.select_for_update(of=("self",)).filter(
        reviewer_id=row.person_id, state__in=(AssignmentState.ASSIGNED, AssignmentState.SCORED)
    )
    if row.application_id is not None:
        mine = mine.filter(application_id=row.application_id)
    else:
        mine = mine.filter(application__organisation_id=row.organisation_id or 0)
    for assignment in mine.order_by("pk"):
        end_assignment(assignment, AssignmentState.RECUSED, actor)
