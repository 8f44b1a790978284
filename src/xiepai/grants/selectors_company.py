"""What a company reads of its own grants: what it is owed and what to answer next, its applications, who wrote what.

Refused: another company's rows; they are not found. Amounts are those of the evaluation, before limits shared with
others, and are called so on every page.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Q, QuerySet

from xiepai.grants import access
from xiepai.grants.models import (
    Application,
    ApplicationEvent,
    ApplicationOrigin,
    ClockEvent,
    Entitlement,
    OwedState,
    ProgrammeVersion,
    Step,
    StepKind,
)
from xiepai.grants.policies import program_of
from xiepai.grants.services.owed import LIVING
from xiepai.grants.states import NEXT, WRITABLE, ApplicationState
from xiepai.kernel import clock
from xiepai.kernel.models import AuditEntry
from xiepai.parties.access import Actor
from xiepai.parties.models import CREW_ROLES, Organisation
from xiepai.policy import FactSpec, Program
from xiepai.policy.ir import Measure
from xiepai.productions.models import Work

SORTS = {
    "number": ("id",),
    "work": ("work__title", "id"),
    "asked": ("asked_fen", "id"),
    "awarded": ("awarded_fen", "id"),
    "state": ("state", "id"),
    "due": ("due_at", "id"),
    "at": ("state_at", "id"),
}
#: States in which no step is being gone through any more.
OVER = (
    *(ApplicationState.PAID, ApplicationState.CLOSED, ApplicationState.RECOVERING, ApplicationState.RECOVERED),
    *(ApplicationState.REJECTED, ApplicationState.WITHDRAWN),
)
#: A clock that ends does not stand still any more.
ENDS_A_PAUSE = (ClockEvent.RESUMED, ClockEvent.DECIDED, ClockEvent.SILENT)
#: States in which it is the company's turn.
TURN = (*WRITABLE,)


@dataclass(frozen=True)
class OwedLine:
    """One measure for one work or company: the stored entitlement, its clause, and the application, if there is one."""

    row: Entitlement
    measure: Measure
    program: Program
    application: Application | None

    @property
    def missing_facts(self) -> list[FactSpec]:
        """What nobody knows yet."""
        by_name = self.program.by_name
        return [by_name[name] for name in self.row.missing.get("facts", ()) if name in by_name]

    @property
    def papers(self) -> list[str]:
        """What will have to be proven."""
        return list(self.row.missing.get("papers", ()))

    @property
    def papers_named(self) -> list[tuple[str, str]]:
        """The same in Chinese and, where the policy file has it, in English."""
        english = {spec.evidence: spec.evidence_en for spec in self.program.facts}
        return [(kind, english.get(kind, "")) for kind in self.papers]

    @property
    def next_fact(self) -> FactSpec | None:
        """The fact that narrows this measure most, while there is something to ask."""
        if self.application is not None and self.application.state != ApplicationState.DRAFT:
            return None
        return self.program.by_name.get(self.row.next_fact)


@dataclass(frozen=True)
class OwedSubject:
    """A work, or a company by itself, under one programme."""

    organisation: Organisation
    work: Work | None
    version: ProgrammeVersion
    lines: tuple[OwedLine, ...]
    total: Entitlement | None

    @property
    def low_fen(self) -> int:
        """At least, over all its measures."""
        return self.total.low_fen if self.total else sum(line.row.low_fen for line in self.lines)

    @property
    def high_fen(self) -> int:
        """At most."""
        return self.total.high_fen if self.total else sum(line.row.high_fen for line in self.lines)

    @property
    def unasked(self) -> tuple[OwedLine, ...]:
        """What it could apply for and has not."""
        return tuple(line for line in self.lines if line.application is None)


@dataclass(frozen=True)
class Question:
    """What to ask next: the fact, of whom, and what hangs on it."""

    spec: FactSpec
    line: OwedLine
    subject: OwedSubject


@dataclass(frozen=True)
class Home:
    """Everything a company's people are owed or may be owed."""

    subjects: tuple[OwedSubject, ...]
    question: Question | None

    @property
    def low_fen(self) -> int:
        """At least, in all."""
        return sum(subject.low_fen for subject in self.subjects)

    @property
    def high_fen(self) -> int:
        """At most, in all."""
        return sum(subject.high_fen for subject in self.subjects)

    @property
    def papers(self) -> int:
        """How many papers are still wanted."""
        kinds = {(line.row.work_id, paper) for each in self.subjects for line in each.lines for paper in line.papers}
        return len(kinds)

    @property
    def measures(self) -> int:
        """How many measures it is or may be owed."""
        return sum(len(subject.lines) for subject in self.subjects)


def own_companies(actor: Actor) -> frozenset[int]:
    """The companies whose grants are the reader's own."""
    return actor.organisations(*CREW_ROLES)


def home_of(actor: Actor, *, work_id: int | None = None, skipped: Collection[str] = ()) -> Home:
    """What the reader's companies are or may be owed, the most certain money first, and the question to ask next."""
    own = own_companies(actor)
    rows = Entitlement.objects.filter(organisation__in=own, version__programme__is_local=True)
    rows = rows.exclude(state=OwedState.NONE).select_related("version__programme", "work", "organisation")
    if work_id is not None:
        rows = rows.filter(work=work_id)
    grouped: dict[tuple[int, int, int | None], list[Entitlement]] = defaultdict(list)
    for row in rows.order_by("id"):
        grouped[row.version_id, row.organisation_id, row.work_id].append(row)
    living = _living(own)
    subjects = [_subject(group, living) for group in grouped.values()]
    ordered = sorted((each for each in subjects if each.lines), key=lambda each: (-each.low_fen, -each.high_fen))
    return Home(tuple(ordered), _question(ordered, set(skipped)))


def _living(own: Collection[int]) -> dict[tuple[int, int, int | None], list[Application]]:
    found: dict[tuple[int, int, int | None], list[Application]] = defaultdict(list)
    rows = Application.objects.filter(organisation__in=own, state__in=LIVING).defer("facts", "explanation", "draft")
    for row in rows.order_by("id"):
        found[row.programme_id, row.organisation_id, row.work_id].append(row)
    return found


def _subject(group: list[Entitlement], living: dict[tuple[int, int, int | None], list[Application]]) -> OwedSubject:
    first = group[0]
    program = program_of(first.version, clock.today())
    place = {measure.name: number for number, measure in enumerate(program.measures)}
    applied = living.get((first.version.programme_id, first.organisation_id, first.work_id), [])
    lines = [
        OwedLine(
            row,
            program.measures[place[row.measure]],
            program,
            next((each for each in applied if row.measure in each.measures), None),
        )
        for row in sorted(group, key=lambda row: place.get(row.measure, -1))
        if row.measure in place
    ]
    total = next((row for row in group if not row.measure), None)
    return OwedSubject(first.organisation, first.work, first.version, tuple(lines), total)


def _question(subjects: Iterable[OwedSubject], skipped: set[str]) -> Question | None:
    """The open fact of the measure with most at stake, but for those put aside."""
    best: Question | None = None
    for subject in subjects:
        for line in subject.lines:
            spec = line.next_fact
            if spec is None or question_key(subject, spec) in skipped:
                continue
            if best is None or _stake(line) > _stake(best.line):
                best = Question(spec, line, subject)
    return best


def question_key(subject: OwedSubject, spec: FactSpec) -> str:
    """What a question is called where it is put aside."""
    return f"{subject.work.pk if subject.work else 0}.{subject.organisation.pk}.{spec.name}"


def _stake(line: OwedLine) -> int:
    return line.row.high_fen - line.row.low_fen


def find_applications(
    actor: Actor,
    *,
    of: Collection[int] | None = None,
    words: str = "",
    state: str = "",
    programme_id: int | None = None,
    sort: str = "-at",
) -> QuerySet[Application]:
    """Applications the reader may see (of these companies), found and ordered."""
    rows = access.visible_applications(actor)
    if of is not None:
        rows = rows.filter(organisation__in=of)
    if state == "turn":
        rows = rows.filter(state__in=TURN)
    elif state in ApplicationState.values:
        rows = rows.filter(state=state)
    if programme_id is not None:
        rows = rows.filter(programme=programme_id)
    if text := words.strip():
        rows = rows.filter(
            Q(number__icontains=text) | Q(work__title__icontains=text) | Q(organisation__name__icontains=text)
        )
    key, down = sort.lstrip("-"), sort.startswith("-")
    order = [f"-{name}" if down else name for name in SORTS.get(key, SORTS["at"])]
    found = rows.select_related("programme", "version", "organisation", "work", "step")
    return found.defer("explanation", "draft", "facts").order_by(*order)


def counts_of_turns(actor: Actor) -> dict[str, int]:
    """How many of the reader's own applications stand in each state in which it is their turn."""
    rows = Application.objects.filter(organisation__in=own_companies(actor), state__in=TURN)
    return dict(rows.values_list("state").annotate(count=Count("pk")))


def earlier_applications(actor: Actor, application: Application, most: int = 5) -> list[Application]:
    """What the same company handed in before, the newest first: to copy from."""
    rows = access.visible_applications(actor).filter(organisation=application.organisation_id)
    rows = rows.exclude(pk=application.pk).exclude(state=ApplicationState.WITHDRAWN)
    return list(rows.select_related("programme", "work").order_by("-id")[:most])


@dataclass(frozen=True)
class Changed:
    """One save: who, when, and each field before and after."""

    by: str
    at: datetime
    fields: tuple[tuple[str, str, str], ...]


def changes_of(actor: Actor, application: Application, most: int = 50) -> list[Changed]:
    """Who wrote what into the application, the newest first."""
    if not access.visible_applications(actor).filter(pk=application.pk).exists():
        return []
    rows = AuditEntry.objects.filter(
        object_type="grants.application", object_id=application.pk, event="grants.application.saved"
    )
    return [
        Changed(
            row.actor_name,
            row.at,
            tuple(
                (name, str((row.before or {}).get(name, "")), str(value)) for name, value in (row.after or {}).items()
            ),
        )
        for row in rows.order_by("-id")[:most]
    ]


@dataclass(frozen=True)
class Pause:
    """The clock stood still."""

    since: datetime
    until: datetime | None
    reason: str


@dataclass(frozen=True)
class Station:
    """One step of the way: gone through, being gone through, ahead; when it began, when it is due, where it paused."""

    step: Step
    state: str
    began_at: datetime | None = None
    due_at: datetime | None = None
    pauses: tuple[Pause, ...] = ()
    extended_days: int = 0


def stations_of(application: Application) -> list[Station]:
    """The steps of an application in order, with the ledger of its clock."""
    steps = [step for step in application.programme.steps.all() if step.is_active and step.kind != StepKind.RECOVERY]
    events: dict[int | None, list[ApplicationEvent]] = defaultdict(list)
    for event in application.events.order_by("id"):
        events[event.step_id].append(event)
    here = _position(application, steps)
    return [_station(application, step, events[step.pk], here) for step in steps]


def _position(application: Application, steps: list[Step]) -> int:
    """Where the application is in the order of steps; behind the last where it is over."""
    state = application.state
    if state in OVER:
        return steps[-1].position + 1 if steps else 0
    if application.step is not None:
        return application.step.position
    kind = StepKind.APPLICATION if application.submitted_at is None else StepKind.FIRST_CHECK
    if state in (ApplicationState.APPROVED, ApplicationState.PAYING):
        kind = StepKind.PAYMENT
    return next((step.position for step in steps if step.kind == kind), 0)


def _station(application: Application, step: Step, events: list[ApplicationEvent], here: int) -> Station:
    began = next((event.at for event in events if event.kind == ClockEvent.STARTED), None)
    is_short = application.origin == ApplicationOrigin.AUTOMATIC
    ended = is_short or application.state in (ApplicationState.REJECTED, ApplicationState.WITHDRAWN)
    if step.kind == StepKind.APPLICATION and application.submitted_at is not None:
        began = application.submitted_at
    if step.position == here:
        state = "here"
    elif step.position > here:
        state = "ahead"
    else:
        state = "skipped" if ended and began is None else "done"
    pauses, open_since = [], None
    for event in events:
        if event.kind == ClockEvent.PAUSED:
            open_since = event
        elif event.kind in ENDS_A_PAUSE and open_since is not None:
            pauses.append(Pause(open_since.at, event.at, open_since.reason))
            open_since = None
    if open_since is not None:
        pauses.append(Pause(open_since.at, None, open_since.reason))
    extended = sum(event.working_days or 0 for event in events if event.kind == ClockEvent.EXTENDED)
    return Station(step, state, began, application.due_at if state == "here" else None, tuple(pauses), extended)


def following(application: Application) -> tuple[ApplicationState, ...]:
    """The states an application may go to from here."""
    return NEXT[application.state]
