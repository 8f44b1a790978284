"""Many sample works for a plausible year: what other floors' demos fill their own pages from.

Companies go through their service; works are written in bulk, each with an audit row of its own. What is drawn is the
same for the same day. Refused: works that are not marked as samples.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from xiepai.kernel import audit, clock
from xiepai.parties.access import Actor
from xiepai.parties.models import Organisation, OrganisationKind
from xiepai.parties.services import create_organisation
from xiepai.productions.classification import FEN_OF_WAN
from xiepai.productions.models import Making, Paper, PaperKind, PaperState, Work, WorkStanding, WorkState
from xiepai.productions.states import ORDER

#: Days from one stage to the next, in the order of the stages; AI works leave the set out.
_STAGE_DAYS = (6, 10, 9, 14, 24, 18, 9)
#: How works are made, out of ten.
_MAKINGS = (Making.LIVE,) * 5 + (Making.HYBRID,) * 2 + (Making.AI,) * 3
#: 万元, from the smallest AI drama to the dearest class.
_INVESTMENTS = (18, 30, 45, 60, 75, 88, 96, 120, 150, 180, 240, 320, 480, 680)
_PAPERS = (("filing-number", "filed"), ("release-credential", "licensed"))


@dataclass(frozen=True)
class Names:
    """Two halves of a title in both languages; every pair is used once."""

    first: Sequence[tuple[str, str]]
    second: Sequence[tuple[str, str]]

    def pairs(self, random: Random) -> Iterator[tuple[str, str]]:
        """Titles in a drawn order."""
        found = [(f"{a}{b}", f"{a_en} {b_en}") for a, a_en in self.first for b, b_en in self.second]
        random.shuffle(found)
        return iter(found)


def add_companies(actor: Actor, rows: Sequence[dict[str, str]]) -> list[Organisation]:
    """The companies of the rows, those that are missing made; all of them samples."""
    known = {row.name: row for row in Organisation.objects.filter(name__in=[each["name"] for each in rows])}
    return [known.get(row["name"]) or create_organisation(actor=actor, **row, standing="sample") for row in rows]


def add_works(
    actor: Actor, companies: Sequence[Organisation], names: Names, *, count: int, today: date, random: Random
) -> list[Work]:
    """*count* works declared over the year before *today*, each as far as it would have come by now."""
    titles = names.pairs(random)
    crews = [each for each in companies if each.kind in (OrganisationKind.CREW, OrganisationKind.ENTERPRISE)]
    rows = [_work(crews[at % len(crews)], next(titles), today, random, at, count) for at in range(count)]
    works = Work.objects.bulk_create(rows)
    audit.record_many((audit.Trace("productions.work.declared", row) for row in works), actor=actor)
    _add_papers(actor, works)
    return works


def _work(company: Organisation, title: tuple[str, str], today: date, random: Random, at: int, count: int) -> Work:
    making = random.choice(_MAKINGS)
    episodes, minutes = random.choice((40, 50, 60, 70, 80, 90)), random.choice(("1", "1.5", "2", "2.5"))
    declared = today - timedelta(days=330 - 325 * at // count)
    state, days = _stage(making, (today - declared).days)
    return Work(
        organisation=company, title=title[0], title_en=title[1], making_mode=making, episodes=episodes,
        minutes_per_episode=Decimal(minutes), investment_fen=random.choice(_INVESTMENTS) * FEN_OF_WAN,
        synopsis="样例作品，为演示编写。", standing=WorkStanding.SAMPLE, state=state, **_dates(declared, making),
        created_at=_at(declared), state_at=_at(declared + timedelta(days=days)),
        release_on=declared + timedelta(days=days) if state == WorkState.RELEASED else None,
    )  # fmt: skip


def _stage(making: str, age: int) -> tuple[WorkState, int]:
    """How far a work has come after *age* days, and how many days it had when it came there."""
    stages = [stage for stage in ORDER if making != Making.AI or stage not in (WorkState.SHOOTING, WorkState.WRAPPED)]
    days, place = 0, 0
    for step in _STAGE_DAYS[: len(stages) - 1]:
        if days + step > age:
            break
        days, place = days + step, place + 1
    return stages[place], days


def _dates(declared: date, making: str) -> dict[str, Any]:
    if making == Making.AI:
        return {"filed_on": declared + timedelta(days=_STAGE_DAYS[0])}
    start = declared + timedelta(days=sum(_STAGE_DAYS[:3]))
    return {
        "filed_on": declared + timedelta(days=_STAGE_DAYS[0]),
        "shooting_from": start,
        "shooting_to": start + timedelta(days=_STAGE_DAYS[3]),
    }


def _add_papers(actor: Actor, works: Sequence[Work]) -> None:
    """The numbers a work of that stage has, checked."""
    kinds = {kind.code: kind for kind in PaperKind.objects.filter(code__in=[code for code, _stage in _PAPERS])}
    rows = [
        Paper(
            work=work, kind=kinds[code], state=PaperState.ACCEPTED, number=f"样例-{work.pk:05d}",
            valid_from=clock.local(work.created_at).date(), submitted_at=work.created_at, checked_at=work.created_at,
            note="样例",
        )
        for work in works
        for code, stage in _PAPERS
        if ORDER.index(WorkState(work.state)) >= ORDER.index(WorkState(stage))
    ]  # fmt: skip
    papers = Paper.objects.bulk_create(rows)
    traces = (
        audit.Trace(
            "productions.paper.accepted", row, after={"kind_id": row.kind_id, "state": row.state},
            organisation_id=row.work.organisation_id,
        )
        for row in papers
    )  # fmt: skip
    audit.record_many(traces, actor=actor)


def _at(day: date) -> datetime:
    return clock.at_local_midnight(day) + timedelta(hours=10)
