"""The office looks at places before strangers do: publish, or send back with a reason the keepers are told.

Refused: deciding by who does not work for the office, and sending back without a reason.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext as _

from xiepai.kernel.errors import XiepaiError
from xiepai.parties.access import Actor
from xiepai.parties.models import Role
from xiepai.parties.notices import members_in, tell
from xiepai.places import access
from xiepai.places.errors import invalid
from xiepai.places.fields import state_of, tidy_text
from xiepai.places.models import Place, Visibility
from xiepai.places.services.place import changed, publish_place

LONGEST_REASON = 200
MOST_AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class Reviewed:
    """How many places were decided on, and why the others were not: (place's id, reason)."""

    done: int
    refused: tuple[tuple[int, str], ...]


def accept_place(*, actor: Actor, place_id: int) -> Place:
    """Publish a place and tell its keepers."""
    with transaction.atomic():
        place = publish_place(actor=actor, place_id=place_id)
        _tell(place, "places.published", _("已公开：%(place)s"), _("所有人都看得到，剧组可以预订。"))
    return place


def return_place(*, actor: Actor, place_id: int, reason: str) -> Place:
    """Send a place back to its keepers: hidden, until they submit it again."""
    why = tidy_text(reason)
    if not why or len(why) > LONGEST_REASON:
        raise invalid(_("退回要写明原因，最多 {longest} 个字。"), longest=LONGEST_REASON)
    access.require_publisher(actor)
    with transaction.atomic():
        place = access.locked_place(actor, place_id)
        before = state_of(place)
        place.visibility = Visibility.PRIVATE
        if changed(place, before, "places.place.returned", actor):
            _tell(place, "places.returned", _("没有公开：%(place)s"), why)
    return place


def review_places(*, actor: Actor, place_ids: Iterable[int], publish: bool, reason: str = "") -> Reviewed:
    """Publish or send back several places, each by itself."""
    done, refused = 0, []
    for place_id in list(dict.fromkeys(place_ids))[:MOST_AT_ONCE]:
        try:
            if publish:
                accept_place(actor=actor, place_id=place_id)
            else:
                return_place(actor=actor, place_id=place_id, reason=reason)
        except XiepaiError as refusal:
            if refusal.http_status == 403:
                raise
            refused.append((place_id, str(refusal)))
        else:
            done += 1
    return Reviewed(done, tuple(refused))


def _tell(place: Place, kind: str, subject: str, body: str) -> None:
    tell(
        members_in(place.owner_id, [Role.KEEPER]),
        kind=kind,
        subject=subject % {"place": place.name},
        body=f"{place.code} {body}",
        path=f"/keeper/places/{place.pk}/structure/",
        organisation_id=place.owner_id,
    )
