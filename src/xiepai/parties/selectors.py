"""Reading organisations, members, invitations and tokens, each through the eyes of an actor.

A member sees his organisations, the office sees all; anything else is not found.
"""

from __future__ import annotations

from django.db.models import Count, Q, QuerySet

from xiepai.kernel import clock
from xiepai.kernel.errors import not_found
from xiepai.parties.access import Actor
from xiepai.parties.models import ApiToken, Invitation, Membership, Organisation

SORTS = {
    "name": ("name",),
    "-name": ("-name",),
    "kind": ("kind", "name"),
    "-kind": ("-kind", "name"),
    "people": ("people", "name"),
    "-people": ("-people", "name"),
    "created": ("created_at", "pk"),
    "-created": ("-created_at", "-pk"),
}


def visible_organisations(actor: Actor) -> QuerySet[Organisation]:
    """Every organisation the actor may see."""
    if actor.is_office:
        return Organisation.objects.all()
    return Organisation.objects.filter(pk__in=actor.organisations())


def get_organisation(actor: Actor, organisation_id: int) -> Organisation:
    """One organisation; another's is not found."""
    row = visible_organisations(actor).filter(pk=organisation_id).first()
    if row is None:
        raise not_found()
    return row


def my_organisations(actor: Actor) -> QuerySet[Organisation]:
    """The organisations the actor acts for."""
    return Organisation.objects.filter(pk__in=actor.organisations()).order_by("name")


def members_of(actor: Actor, organisation_id: int) -> QuerySet[Membership]:
    """Who acts for the organisation, by name; an expert sees himself only."""
    organisation = get_organisation(actor, organisation_id)
    rows = Membership.objects.filter(organisation=organisation).select_related("person")
    if not actor.knows_members_of(organisation_id):
        rows = rows.filter(person=actor.person_id)
    return rows.order_by("person__name", "person__email", "role")


def open_invitations(actor: Actor, organisation_id: int) -> QuerySet[Invitation]:
    """Invitations that can still be accepted."""
    organisation = get_organisation(actor, organisation_id)
    rows = Invitation.objects.filter(organisation=organisation, accepted_at=None, revoked_at=None)
    return rows.filter(expires_at__gt=clock.now()).select_related("invited_by").order_by("-created_at")


def tokens_of(actor: Actor, organisation_id: int) -> QuerySet[ApiToken]:
    """The organisation's tokens, the revoked and expired ones last."""
    organisation = get_organisation(actor, organisation_id)
    rows = ApiToken.objects.filter(organisation=organisation).select_related("created_by")
    return rows.order_by("revoked_at", "-created_at")


def search_organisations(
    actor: Actor,
    *,
    words: str = "",
    kind: str = "",
    town: str = "",
    cluster: str = "",
    state: str = "",
    sort: str = "name",
) -> QuerySet[Organisation]:
    """The office's list: words in name or number, kind, town, cluster, state (active, suspended, warned)."""
    rows = visible_organisations(actor).annotate(people=Count("memberships__person", distinct=True))
    for word in words.split():
        rows = rows.filter(Q(name__icontains=word) | Q(name_en__icontains=word) | Q(uscc__icontains=word))
    if kind:
        rows = rows.filter(kind=kind)
    if town:
        rows = rows.filter(town=town)
    if cluster:
        rows = rows.filter(cluster=cluster)
    if state == "warned":
        rows = rows.exclude(uscc_warning="")
    elif state:
        rows = rows.filter(is_active=state == "active")
    return rows.order_by(*SORTS.get(sort, SORTS["name"]))
