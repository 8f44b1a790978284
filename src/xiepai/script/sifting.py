"""What looks like a heading and is none with the whole script in view: acts that hold scenes, and tables of contents.

Refuses no line that says a light or a side: those are weighed by the outline.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from xiepai.script import words
from xiepai.script.fields import fields_of
from xiepai.script.headings import Heading, Strength
from xiepai.script.messages import Code
from xiepai.script.openings import Opening
from xiepai.script.scene_numbers import NUM
from xiepai.script.source import Kind, Line
from xiepai.script.text import plain, simplified, unadorned

CONTENTS = 3
"""So many headings right below each other, none with a light or a side, are a table of contents."""
LONGEST_PLACE = 16
MOSTLY = 0.6
_ACT = re.compile(rf"^\W*第\s*{NUM}\s*幕(?!.{{0,6}}第\s*{NUM}\s*[场景])")
_CODE = re.compile(r"^[\[(#]*(\d\d)(\d\d)(?!\d)")
_PUNCTUATION = re.compile(r"[。,，:：;；!！?？“”\"…()（）]")


def without_acts(lines: Sequence[Line], candidates: dict[int, Heading]) -> dict[int, Heading]:
    """第一幕：相遇 is a scene, unless scenes of another kind stand inside: numbered ones, or more sets than acts."""
    acts = {at for at in candidates if _ACT.match(simplified(plain(lines[at].text)))}
    if not acts:
        return candidates
    others = [each for at, each in candidates.items() if at not in acts]
    scenes = sum(each.form.is_strong for each in others)
    sets = sum(each.is_label and bool(each.place) for each in others)
    if scenes < len(acts) and sets <= len(acts):
        return candidates
    return {at: each for at, each in candidates.items() if at not in acts or each.time or each.side}


def without_contents(lines: Sequence[Line], openings: list[Opening]) -> list[Opening]:
    """Without runs of headings that have no light, no side, and nothing between them."""
    run: list[Opening] = []
    kept: list[Opening] = []
    for opening in openings:
        if run and not (_is_bare(opening) and not _written_between(lines, run[-1], opening)):
            kept += [] if len(run) >= CONTENTS else run
            run = []
        if _is_bare(opening):
            run.append(opening)
        else:
            kept.append(opening)
    return [*kept, *([] if len(run) >= CONTENTS else run)]


def _is_bare(opening: Opening) -> bool:
    found = opening.heading
    return found.strength <= Strength.BARE and not (found.time or found.side or found.cast) and len(opening.taken) == 1


def _written_between(lines: Sequence[Line], last: Opening, following: Opening) -> bool:
    return any(each.text.strip() for each in lines[last.taken[-1] + 1 : following.first])


def with_places_below(lines: Sequence[Line], openings: list[Opening]) -> list[Opening]:
    """1.2 and on the next line 陈家大院: where most numbers stand alone above something like a place, that is it."""
    alone = [each for each in openings if each.heading.strength is Strength.ALONE and len(each.taken) == 1]
    below = {each.first: at for each in alone if (at := _place_below(lines, each.first)) is not None}
    if len(below) < 2 or len(below) < MOSTLY * len(openings):
        return openings
    return [_placed(lines, each, below[each.first]) if each.first in below else each for each in openings]


def _place_below(lines: Sequence[Line], first: int) -> int | None:
    at = first + 1
    if at + 1 >= len(lines) or lines[at].kind is not Kind.PLAIN:
        return None
    text = lines[at].text.strip()
    is_place = 0 < len(text) <= LONGEST_PLACE and not _PUNCTUATION.search(text) and not words.SENTENCE_END.search(text)
    return at if is_place and text[0].isalnum() else None


def _placed(lines: Sequence[Line], opening: Opening, at: int) -> Opening:
    fields = fields_of(unadorned(simplified(plain(lines[at].text))), has_number=True)
    found = replace(
        opening.heading,
        strength=Strength.LIKELY,
        time=fields.time,
        time_said=fields.time_said,
        side=fields.side,
        place=tuple(fields.place),
        settings=tuple(fields.settings),
        reasons=tuple(dict.fromkeys((*opening.heading.reasons, *fields.reasons, Code.BROKEN_HEADING))),
    )
    said = f"{opening.text}\n{lines[at].text}"
    return replace(opening, heading=found, taken=(*opening.taken, at), text=said)


def with_codes(openings: tuple[Opening, ...]) -> tuple[Opening, ...]:
    """0102 is episode 1, scene 2, where every number is of four digits, the first with a nought, and they rise so."""
    codes = [_CODE.match(plain(each.text)) for each in openings]
    pairs = [(int(each[1]), int(each[2])) for each in codes if each]
    if len(pairs) < max(CONTENTS, len(openings)) or not plain(openings[0].text).lstrip("[(#").startswith("0"):
        return openings
    if any(each.heading.episode is not None for each in openings) or any(not (one and two) for one, two in pairs):
        return openings
    if any(after <= before for before, after in pairwise(pairs)):
        return openings
    return tuple(
        replace(each, heading=replace(each.heading, episode=one, number=str(two)))
        for each, (one, two) in zip(openings, pairs, strict=True)
    )
