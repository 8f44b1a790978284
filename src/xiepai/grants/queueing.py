"""The office's list of applications: narrowed, sorted, with the steps that are the actor's to act in.

Refused: nothing; rows come through ``access``. Every filter has its index (``grant_appl_open_due`` for what is due).
"""

from __future__ import annotations

from datetime import timedelta

from django.db.models import F, Q, QuerySet
from django.db.models.expressions import OrderBy

from xiepai.grants import access
from xiepai.grants.models import Application, ApplicationState, Step
from xiepai.grants.states import OPEN
from xiepai.kernel import clock
from xiepai.parties.access import Actor
from xiepai.parties.models import Organisation, Role
from xiepai.productions.models import Work

SORTS = {
    "number": "id",
    "due": "due_at",
    "submitted": "submitted_at",
    "asked": "asked_fen",
    "awarded": "awarded_fen",
}
#: What "soon due" means on the list.
SOON = timedelta(days=2)
#: Companies or works a word may mean at most; a wider word finds by number alone.
MOST_MEANT = 2_000


def find_applications(
    actor: Actor,
    *,
    words: str = "",
    programme_id: int | None = None,
    state: str = "open",
    step: str = "",
    measure: str = "",
    due: str = "",
    mine: bool = False,
    sort: str = "due",
) -> QuerySet[Application]:
    """Applications of the city, by default those under way, the most urgent first."""
    rows = access.visible_applications(actor)
    if state == "open":
        rows = rows.filter(state__in=OPEN)
    elif state in ApplicationState.values:
        rows = rows.filter(state=state)
    else:
        rows = rows.exclude(state=ApplicationState.DRAFT)
    if programme_id is not None:
        rows = rows.filter(programme_id=programme_id)
    if step:
        rows = rows.filter(step__kind=step)
    if measure:
        rows = rows.filter(measures__contains=[measure])
    if mine:
        rows = rows.filter(_mine(actor))
    rows = _due(rows, due)
    if text := words.strip():
        rows = rows.filter(_named(text))
    return rows.select_related("organisation", "work", "step", "programme").order_by(*_order(sort))


def _mine(actor: Actor) -> Q:
    """What stands in a step of one of the actor's roles, and for officers what nobody has taken over."""
    if actor.holds(Role.ADMINISTRATOR):
        return Q()
    roles = [*actor.roles, *([""] if actor.is_officer else [])]  # a step without a role is the officers'
    steps = Step.objects.filter(role__in=roles, is_active=True)
    own = Q(step_id__in=list(steps.values_list("pk", flat=True)), state__in=OPEN)
    return own | Q(state=ApplicationState.SUBMITTED) if actor.is_officer else own


def _due(rows: QuerySet[Application], due: str) -> QuerySet[Application]:
    now = clock.now()
    if due == "late":
        return rows.filter(due_at__lt=now)
    if due == "soon":
        return rows.filter(due_at__gte=now, due_at__lt=now + SOON)
    if due == "none":
        return rows.filter(due_at__isnull=True)
    return rows


def _named(text: str) -> Q:
    companies = Organisation.objects.filter(name__icontains=text).values_list("pk", flat=True)[:MOST_MEANT]
    works = Work.objects.filter(title__icontains=text).values_list("pk", flat=True)[:MOST_MEANT]
    return Q(number__iexact=text) | Q(organisation_id__in=list(companies)) | Q(work_id__in=list(works))


def _order(sort: str) -> list[OrderBy]:
    down, key = sort.startswith("-"), SORTS.get(sort.lstrip("-"), "due_at")
    field = F(key)
    if key == "id":  # the primary key's own order, which an index gives without a sort
        return [field.desc() if down else field.asc()]
    first = field.desc(nulls_last=True) if down else field.asc(nulls_last=True)
    return [first, F("id").asc()]
