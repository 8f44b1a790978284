"""Real places that may stand for a story place: the search of the city's places, asked with the script's own words.

The innermost level is asked first (客厅 says more than 沈家), then the whole name; where nothing is found, what is left
without the words for beside and before (湖边, 村口), in names alone. Only what can be booked is offered.
"""

from __future__ import annotations

import re
from datetime import timedelta

from xiepai.bookings.matching.finding import Finder
from xiepai.bookings.needs import NeedRow
from xiepai.kernel import clock
from xiepai.parties.access import Actor
from xiepai.places.models import Place, PlaceKind
from xiepai.places.selectors import visible_places
from xiepai.shoots.models import StoryPlace

SUGGESTED = 6
SEARCHED = 12
_WHOLE = (PlaceKind.SITE, PlaceKind.BUILDING, PlaceKind.FLOOR)
_DAY = 24 * 60
_BESIDE = re.compile(r"(?:门口|门前|附近|旁边|外面|里面|[边旁口前后上下里内外头])$")
_OWNER = re.compile(r"^.{1,3}?(?:家|府|氏)(?:的)?(?=.{2})")


def suggestions(actor: Actor, story_place: StoryPlace, finder: Finder | None = None, *, words: str = "") -> list[Place]:
    """At most six bookable places, those whose own name holds the words first; *words* ask for something else."""
    finder = finder or Finder(actor)
    most = SEARCHED if words else SUGGESTED
    asked = [words] if words else dict.fromkeys([*reversed(story_place.levels), story_place.name])
    ids: dict[int, None] = {}
    for each in asked:
        if len(ids) >= most:
            break
        ids.update(dict.fromkeys(finder.find(_need(each)).place_ids))
    loose = "" if ids or words else _loose(story_place)
    if loose:
        ids.update(dict.fromkeys(finder.find(_need(loose)).place_ids))
    found = visible_places(actor).filter(pk__in=list(ids), is_bookable=True, capacity=1).in_bulk()
    # 湖 stands in many an address; what is left of a word counts only in a place's own name
    rows = [found[pk] for pk in ids if pk in found and loose in found[pk].name]
    # a whole floor or house holds the sets that other scenes want: only where there is nothing smaller, or it was asked
    return (rows if words else [each for each in rows if each.kind not in _WHOLE] or rows)[:most]


def _need(words: str) -> NeedRow:
    return NeedRow(1, words, (clock.today() + timedelta(days=1),), 0, _DAY)


def _loose(story_place: StoryPlace) -> str:
    """The innermost level without whose it is and what is beside it; empty if that is nothing else.

    >>> [_loose(StoryPlace(name=each, levels=[each])) for each in ("湖边", "林家客厅", "村口", "客厅")]
    ['湖', '客厅', '村', '']
    """
    level = story_place.levels[-1] if story_place.levels else story_place.name
    found = _BESIDE.sub("", _OWNER.sub("", level))
    return found if found != level else ""
