"""Real places put forward for all story places of a work at once, where nobody put any forward yet.

Never: a candidate somebody chose or ticked replaced. What the search does not find is named, so that a person looks.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _

from xiepai.bookings.matching.finding import Finder
from xiepai.kernel.errors import ErrorCode, XiepaiError
from xiepai.parties.access import Actor
from xiepai.productions.access import require_writer_of
from xiepai.shoots.models import StoryPlace
from xiepai.shoots.services import breakdown
from xiepai.shoots.suggesting import suggestions

#: So many a story place: enough for the planner to choose among, few enough to look at.
WISHED = 3


@dataclass(frozen=True, slots=True)
class Proposed:
    """What came of it: names of story places with candidates now, and of those nothing was found for."""

    given: tuple[str, ...]
    missing: tuple[str, ...]


def propose(*, actor: Actor, work_id: int) -> Proposed:
    """Put the likeliest places forward for every story place without one. Raises ``INVALID`` if none is without."""
    require_writer_of(actor, work_id)
    rows = list(StoryPlace.objects.filter(work=work_id, candidates=None, scenes__is_removed=False).distinct())
    if not rows:
        raise XiepaiError(ErrorCode.INVALID, detail=_("每个剧本场景都有候选场地。"))
    finder = Finder(actor)
    given: list[str] = []
    missing: list[str] = []
    for row in rows:
        found = suggestions(actor, row, finder)[:WISHED]
        if found:
            breakdown.put_forward(actor=actor, story_place_id=row.pk, place_ids=[each.pk for each in found])
        (given if found else missing).append(row.name)
    return Proposed(tuple(given), tuple(missing))
