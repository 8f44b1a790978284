"""Real places that may stand for a story place: the search of the city's places, asked with the script's own words.

The innermost level is asked first (客厅 says more than 沈家), then the whole name; only what can be booked is offered.
"""

from __future__ import annotations

from datetime import timedelta

from xiepai.bookings.matching.finding import Finder
from xiepai.bookings.needs import NeedRow
from xiepai.kernel import clock
from xiepai.parties.access import Actor
from xiepai.places.models import Place
from xiepai.places.selectors import visible_places
from xiepai.shoots.models import StoryPlace

SUGGESTED = 6
_DAY = 24 * 60


def suggestions(actor: Actor, story_place: StoryPlace, finder: Finder | None = None) -> list[Place]:
    """At most six bookable places, those whose own name holds the words first."""
    finder = finder or Finder(actor)
    ids: dict[int, None] = {}
    for words in dict.fromkeys([*reversed(story_place.levels), story_place.name]):
        if len(ids) >= SUGGESTED:
            break
        need = NeedRow(1, words, (clock.today() + timedelta(days=1),), 0, _DAY)
        ids.update(dict.fromkeys(finder.find(need).place_ids))
    found = visible_places(actor).filter(pk__in=list(ids), is_bookable=True, capacity=1).in_bulk()
    return [found[pk] for pk in ids if pk in found][:SUGGESTED]
