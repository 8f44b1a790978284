"""Who is acting, and for whom: the actor every service and selector takes.

An actor is a plain value read once a request; nothing below the faces ever sees a request. A row of
another organisation is *not found*, never *forbidden*; a role that is missing is *forbidden* and the
refusal names the roles that would do.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from xiepai.kernel.errors import ErrorCode, XiepaiError, not_found
from xiepai.parties.models import CREW_ROLES, STAFF_ROLES, ApiToken, Membership, Person, Role


@dataclass(frozen=True, slots=True)
class Actor:
    """A person, a token or the system itself, with the roles held in each organisation."""

    person_id: int | None
    name: str
    grants: frozenset[tuple[int, str]] = field(default_factory=frozenset)
    is_system: bool = False

    @property
    def roles(self) -> frozenset[str]:
        """Every role held anywhere."""
        return frozenset(role for _, role in self.grants)

    def holds(self, *roles: str, organisation_id: int | None = None) -> bool:
        """Whether one of *roles* is held (in that organisation, when one is named)."""
        if self.is_system:
            return True
        if organisation_id is None:
            return any(role in roles for _, role in self.grants)
        return any((organisation_id, role) in self.grants for role in roles)

    def organisations(self, *roles: str) -> frozenset[int]:
        """The organisations this actor serves in one of *roles* (any role when none is named)."""
        return frozenset(owner for owner, role in self.grants if not roles or role in roles)

    @property
    def is_office(self) -> bool:
        """Whether the actor works in the film-service office (or is the system); an outside expert does not."""
        return self.is_system or bool(self.roles & STAFF_ROLES)

    def knows_members_of(self, organisation_id: int) -> bool:
        """Whether the actor may see who belongs to it; an expert does not learn who the others are."""
        return self.is_office or self.holds(*(set(Role) - {Role.REVIEWER}), organisation_id=organisation_id)

    @property
    def is_officer(self) -> bool:
        """Whether the actor may act for the office on bookings and places."""
        return self.holds(Role.OFFICER, Role.ADMINISTRATOR)


NOBODY = Actor(None, "—")


def system(name: str = "system") -> Actor:
    """The system acting by itself: jobs and commands."""
    return Actor(None, name, is_system=True)


def actor_of(person: Person) -> Actor:
    """The actor a signed-in person is: one query."""
    grants = Membership.objects.filter(person=person, organisation__is_active=True)
    pairs = grants.values_list("organisation_id", "role")
    return Actor(person.pk, person.get_short_name(), frozenset(pairs))


def actor_of_token(token: ApiToken) -> Actor:
    """The actor an API token is: its organisation in its roles, audited under the token's name."""
    pairs = frozenset((token.organisation_id, role) for role in token.roles)
    return Actor(token.created_by_id, f"token:{token.name}", pairs)


def require(actor: Actor, *roles: str, organisation_id: int | None = None) -> None:
    """Refuse unless the actor holds one of *roles* (there, when an organisation is named)."""
    if not actor.holds(*roles, organisation_id=organisation_id):
        raise XiepaiError(ErrorCode.FORBIDDEN, needed=_names(roles))


def require_crew(actor: Actor, organisation_id: int) -> None:
    """Refuse unless the actor plans for that crew; officers may act for every crew."""
    if actor.is_officer or actor.holds(*CREW_ROLES, organisation_id=organisation_id):
        return
    if organisation_id in actor.organisations():
        raise XiepaiError(ErrorCode.FORBIDDEN, needed=_names(CREW_ROLES))
    raise not_found()


def _names(roles: Iterable[str]) -> str:
    return "、".join(str(Role(role).label) for role in sorted(roles))
