"""Who sees a place and who may write it: keepers their own organisation's, the office all, everybody what is public.

Refused: telling a stranger that a hidden place exists (it is *not found*), and writes by who only reads
(*forbidden*, with the roles that would do, for members of the owning organisation or the office; *not found* for
everybody else).
"""

from __future__ import annotations

from django.db.models import Q, QuerySet

from xiepai.kernel.errors import ErrorCode, XiepaiError, not_found
from xiepai.parties.access import Actor
from xiepai.parties.models import Role
from xiepai.places.models import Place, Visibility

WRITERS = (Role.KEEPER, Role.OFFICER, Role.ADMINISTRATOR)
PUBLISHERS = (Role.OFFICER, Role.ADMINISTRATOR)

#: What of a place may be hidden until a hold; ``position`` is latitude and longitude together.
LOCKABLE_OF_PLACE = ("address", "directions", "position", "description", "restriction_note")
LOCKABLE_OF_CONTACT = ("name", "duty", "phone", "wechat", "email")


def visible_to(actor: Actor) -> Q:
    """The places *actor* may know of, as a condition on ``Place``."""
    if actor.is_office:
        return Q()
    return Q(visibility=Visibility.PUBLIC) | Q(owner__in=actor.organisations(Role.KEEPER))


def keeps(actor: Actor, owner_id: int) -> bool:
    """Whether the actor may write the places of that organisation."""
    return actor.is_officer or actor.holds(Role.KEEPER, organisation_id=owner_id)


def require_keeper(actor: Actor, owner_id: int) -> None:
    """Refuse who may not write the places of that organisation."""
    if keeps(actor, owner_id):
        return
    if actor.is_office or owner_id in actor.organisations():
        raise XiepaiError(ErrorCode.FORBIDDEN, needed=_names(WRITERS))
    raise not_found()


def require_publisher(actor: Actor) -> None:
    """Refuse who may not make a place public: the office looks at every place before strangers do."""
    if not actor.is_officer:
        raise XiepaiError(ErrorCode.FORBIDDEN, needed=_names(PUBLISHERS))


def require_vocabulary_editor(actor: Actor) -> None:
    """Refuse who may not edit the word lists."""
    if not actor.is_officer:
        raise XiepaiError(ErrorCode.FORBIDDEN, needed=_names(PUBLISHERS))


def writable_places(actor: Actor) -> QuerySet[Place]:
    """The places *actor* may write."""
    if actor.is_officer:
        return Place.objects.all()
    return Place.objects.filter(owner__in=actor.organisations(Role.KEEPER))


def locked_place(actor: Actor, place_id: int) -> Place:
    """The place under row lock for a write by *actor*; refused as :func:`require_keeper` says."""
    place = Place.objects.select_for_update(of=("self",), no_key=True).filter(pk=place_id).first()
    if place is None:
        raise not_found()
    require_keeper(actor, place.owner_id)
    return place


def _names(roles: tuple[Role, ...]) -> str:
    return "、".join(str(role.label) for role in roles)
