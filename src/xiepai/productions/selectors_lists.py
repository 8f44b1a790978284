"""Lists of works and papers: found by what they are, sorted, each work with its class and what it lacks.

A class is computed by the day, so a list narrowed by class computes that of every work first. Never writes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Case, F, IntegerField, OrderBy, Q, QuerySet, Value, When

from xiepai.parties.access import Actor
from xiepai.productions.checklist import Item, checklists, class_of
from xiepai.productions.classification import ClassResult
from xiepai.productions.models import Paper, Work, WorkState
from xiepai.productions.selectors import papers_to_check, works_of
from xiepai.productions.states import ENDED, ORDER, gate_of, is_before

SORTS = {
    "code": "id",
    "title": "title",
    "crew": "organisation__name",
    "stage": "stage",
    "investment": "investment_fen",
    "shooting": "shooting_from",
}
#: Works on their way: neither released nor withdrawn nor shelved.
UNDER_WAY = tuple(state for state in ORDER if state not in ENDED)
_CHUNK = 200
_STAGE = Case(*(When(state=state, then=Value(at)) for at, state in enumerate(WorkState)), output_field=IntegerField())


@dataclass(frozen=True, slots=True)
class WorkLine:
    """A work as a list shows it: its class, the stage ahead where papers are looked at, and what is missing for it."""

    work: Work
    classed: ClassResult
    gate: WorkState | None
    blocking: tuple[Item, ...]


def search_works(
    actor: Actor,
    *,
    on: date,
    words: str = "",
    states: Sequence[str] = (),
    making: str = "",
    level: str = "",
    organisation_id: int | None = None,
    sort: str = "-code",
) -> QuerySet[Work]:
    """The works an actor may see that fit; *level* is a rank of classes, *words* may be a work's number."""
    number = words.strip().upper().removeprefix("XJ")
    is_number = number.isdecimal() and len(number) < 15
    rows = works_of(actor, states=states, organisation_id=organisation_id, words="" if is_number else words)
    if is_number:
        rows = rows.filter(Q(pk=int(number)) | Q(title__icontains=words.strip()))
    if making:
        rows = rows.filter(making_mode=making)
    if level:
        rows = rows.filter(pk__in=[row.pk for row in rows.order_by() if class_of(row, on).level == level])
    return rows.annotate(stage=_STAGE).order_by(_order(sort), "-id")


def lines_of(works: Sequence[Work], on: date) -> list[WorkLine]:
    """Each work with its class and what keeps it from its next gate: two queries for all of them."""
    items = checklists(works, on)
    return [_line(work, items[work.pk], on) for work in works]


def all_lines(works: QuerySet[Work], on: date) -> Iterator[WorkLine]:
    """The lines of a whole list, a chunk of works at a time."""
    chunk: list[Work] = []
    for work in works.iterator(chunk_size=_CHUNK):
        chunk.append(work)
        if len(chunk) == _CHUNK:
            yield from lines_of(chunk, on)
            chunk = []
    yield from lines_of(chunk, on)


def paper_queue(actor: Actor, *, words: str = "", kind_id: int | None = None) -> QuerySet[Paper]:
    """What waits for the office's check, the oldest first, narrowed by kind and by work, company or number."""
    rows = papers_to_check(actor)
    if kind_id is not None:
        rows = rows.filter(kind=kind_id)
    for word in words.split():
        rows = rows.filter(
            Q(work__title__icontains=word) | Q(work__organisation__name__icontains=word) | Q(number__icontains=word)
        )
    return rows


def _line(work: Work, items: Sequence[Item], on: date) -> WorkLine:
    gate = gate_of(work.state, is_shot=work.is_shot, resumes_to=work.resumes_to)
    blocking = tuple(item for item in items if gate and item.is_missing and not is_before(gate, item.kind.needed_by))
    return WorkLine(work, class_of(work, on), gate, blocking)


def _order(sort: str) -> OrderBy:
    """The order asked for; works that state nothing there come last either way round."""
    column = F(SORTS.get(sort.lstrip("-"), "id"))
    return column.desc(nulls_last=True) if sort.startswith("-") else column.asc(nulls_last=True)
