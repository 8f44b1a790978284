"""Reading works, contact sheets and papers through the eyes of an actor. Never writes, never locks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Q, QuerySet
from django.utils.dateparse import parse_datetime

from xiepai.kernel import clock
from xiepai.kernel.errors import not_found
from xiepai.kernel.models import AuditEntry
from xiepai.parties.access import Actor
from xiepai.productions import access
from xiepai.productions.checklist import Item, checklist, class_of, missing_for
from xiepai.productions.classification import ClassResult
from xiepai.productions.models import CrewMember, Diet, Duty, Paper, PaperKind, PaperState, Work, WorkState
from xiepai.productions.states import gate_of, is_before, next_states


@dataclass(frozen=True, slots=True)
class WorkDetail:
    """A work with what a page of it shows: class, checklist, and the stages it may go to."""

    work: Work
    classed: ClassResult
    items: tuple[Item, ...]
    next_states: tuple[WorkState, ...]
    may_write: bool
    may_check: bool

    def missing(self, stage: str = WorkState.RELEASED) -> list[Item]:
        """What is still missing on the way to that stage, itself included (default: all the way to release)."""
        return [item for item in self.items if item.is_missing and not is_before(stage, item.kind.needed_by)]

    @property
    def gate(self) -> WorkState | None:
        """The stage ahead at which papers are looked at."""
        work = self.work
        return gate_of(work.state, is_shot=work.is_shot, resumes_to=work.resumes_to)

    @property
    def blocking(self) -> list[Item]:
        """What keeps the work from passing its gate."""
        return self.missing(self.gate) if self.gate else []

    @property
    def later(self) -> list[Item]:
        """What is missing for a stage behind the gate."""
        return [item for item in self.missing() if item not in self.blocking]

    @property
    def settled(self) -> list[Item]:
        """Every other line: what is in order, what belonged to a stage that is over, what was handed in unasked."""
        return [item for item in self.items if not item.is_missing]


def works_of(
    actor: Actor, *, states: Sequence[str] = (), organisation_id: int | None = None, words: str = ""
) -> QuerySet[Work]:
    """The works an actor may see, newest first; *words* in either title or the company's name."""
    rows = access.visible_works(actor).select_related("organisation")
    if states:
        rows = rows.filter(state__in=list(states))
    if organisation_id is not None:
        rows = rows.filter(organisation_id=organisation_id)
    for word in words.split():
        rows = rows.filter(
            Q(title__icontains=word) | Q(title_en__icontains=word) | Q(organisation__name__icontains=word)
        )
    return rows.order_by("-id")


def get_work(actor: Actor, work_id: int) -> Work:
    """A work with its company, or not found."""
    work = access.visible_works(actor).select_related("organisation").filter(pk=work_id).first()
    if work is None:
        raise not_found()
    return work


def detail(actor: Actor, work_id: int, *, on: date | None = None) -> WorkDetail:
    """A work with its class, checklist and possible stages on a day (default: today)."""
    day = on or clock.today()
    work = get_work(actor, work_id)
    onward = next_states(work.state, is_shot=work.is_shot, resumes_to=work.resumes_to)
    is_writer = access.may_write(actor, work)
    return WorkDetail(
        work, class_of(work, day), checklist(work, day), onward if is_writer else (), is_writer, access.may_check(actor)
    )


def missing_before(actor: Actor, work_id: int, state: str, *, on: date | None = None) -> list[Item]:
    """What a work would be refused for, were it to enter that stage today; nothing for a stage that does not follow."""
    work = get_work(actor, work_id)
    if state not in next_states(work.state, is_shot=work.is_shot, resumes_to=work.resumes_to):
        return []
    return missing_for(work, WorkState(state), on or clock.today())


def stage_days(work: Work) -> dict[str, datetime]:
    """When the work last entered each of its stages, as its history tells."""
    entries = AuditEntry.objects.filter(
        object_type="productions.work",
        object_id=work.pk,
        event__in=("productions.work.declared", "productions.work.advanced"),
    )
    days, entered = {}, work.created_at
    for state, at in entries.order_by("id").values_list("after__state", "after__state_at"):
        entered = (parse_datetime(at) if at else None) or entered  # left out where the clock had not moved
        if state:
            days[state] = entered
    return days


def contact_sheet(actor: Actor, work_id: int) -> list[CrewMember]:
    """The people of a work, by duty as a contact sheet lists them, then by name."""
    get_work(actor, work_id)
    order = {duty: at for at, duty in enumerate(Duty.values)}
    members = CrewMember.objects.filter(work=work_id).select_related("person")
    return sorted(members, key=lambda member: (order[member.duty], member.name))


def meals(members: Sequence[CrewMember]) -> dict[Diet, int]:
    """How many of each meal, for the caterer."""
    counts = Counter(member.diet for member in members)
    return {diet: counts[diet] for diet in Diet if counts[diet]}


def get_paper(actor: Actor, paper_id: int) -> Paper:
    """A paper with its work and kind, or not found. Its file is handed out as a download, never shown in a page."""
    paper = access.visible_papers(actor).select_related("work__organisation", "kind").filter(pk=paper_id).first()
    if paper is None:
        raise not_found()
    return paper


def papers_to_check(actor: Actor) -> QuerySet[Paper]:
    """What waits for the office's check, the oldest first; nothing for who does not check."""
    waiting = Paper.objects.filter(state=PaperState.SUBMITTED)
    rows = waiting if access.may_check(actor) else waiting.none()
    return rows.select_related("work__organisation", "kind", "submitted_by").order_by("submitted_at", "id")


def paper_kinds(actor: Actor, *, with_retired: bool = False) -> QuerySet[PaperKind]:
    """The checklist's kinds in their order; retired ones only for who edits the list."""
    rows = PaperKind.objects.all()
    return rows if with_retired and access.may_check(actor) else rows.filter(is_active=True)
