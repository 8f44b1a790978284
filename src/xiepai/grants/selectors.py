"""Reads of grants for every face: what somebody is or may be owed, and what of it stands on which facts.

Refused: telling a company of another's; a list goes through ``access``.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet

from xiepai.grants import access
from xiepai.grants.entitling import versions_in_force
from xiepai.grants.knowing import KnownFact, Subject, award_now, known_facts
from xiepai.grants.models import (
    Entitlement,
    Evidence,
    EvidenceState,
    Exclusion,
    Fact,
    MeasureSetting,
    OwedState,
    Programme,
    ProgrammeVersion,
    Window,
)
from xiepai.kernel import clock
from xiepai.kernel.errors import not_found
from xiepai.parties.access import Actor
from xiepai.parties.models import CREW_ROLES, Organisation
from xiepai.policy import Award, FactSpec
from xiepai.productions.models import Work


@dataclass(frozen=True)
class Owed:
    """One programme for one subject: the stored entitlements, the facts and the award as they are now."""

    version: ProgrammeVersion
    subject: Subject
    rows: tuple[Entitlement, ...]
    facts: dict[str, KnownFact]
    award: Award

    @property
    def total(self) -> Entitlement | None:
        """The whole programme's row."""
        return next((row for row in self.rows if not row.measure), None)

    @property
    def measures(self) -> tuple[Entitlement, ...]:
        """The measures that are or may be owed."""
        return tuple(row for row in self.rows if row.measure)

    @property
    def next_fact(self) -> FactSpec | None:
        """The fact to ask first: of the measure with most at stake."""
        open_rows = [row for row in self.measures if row.next_fact]
        best = max(open_rows, key=lambda row: row.high_fen - row.low_fen, default=None)
        return self.award.program.by_name[best.next_fact] if best else None


def subject_of(actor: Actor, *, work_id: int | None = None, organisation_id: int | None = None) -> Subject:
    """A work or a company the actor may know of."""
    if work_id is not None:
        company = Work.objects.filter(pk=work_id).values_list("organisation_id", flat=True).first()
    else:
        company = Organisation.objects.filter(Q(pk=organisation_id)).values_list("pk", flat=True).first()
    if company is None or not (access.sees_all(actor) or company in actor.organisations(*CREW_ROLES)):
        raise not_found()
    return Subject(company, work_id)


def owed_to(actor: Actor, *, work_id: int | None = None, organisation_id: int | None = None) -> list[Owed]:
    """What a work or a company is or may be owed under each programme in force, this city's first."""
    subject = subject_of(actor, work_id=work_id, organisation_id=organisation_id)
    versions = sorted(versions_in_force(clock.today()), key=lambda v: (not v.programme.is_local, v.programme_id))
    whose = Q(work_id=work_id) if work_id else Q(work=None, organisation_id=subject.organisation_id)
    rows = list(Entitlement.objects.filter(whose, version__in=versions).exclude(state=OwedState.NONE).order_by("id"))
    found = []
    for version in versions:
        facts = known_facts(version, subject)
        own = tuple(row for row in rows if row.version_id == version.pk)
        found.append(Owed(version, subject, own, facts, award_now(version, facts)))
    return found


def find_entitlements(
    actor: Actor,
    *,
    programme_id: int | None = None,
    measure: str | None = None,
    state: str = "",
    is_proven: bool | None = None,
    without_application: bool = False,
    words: str = "",
) -> QuerySet[Entitlement]:
    """The office's list (a company's own): measures owed or possible in this city's programmes, the most money first.

    ``measure=""`` lists whole programmes instead; ``without_application``: only measures the office may award at once.
    """
    rows = access.visible_entitlements(actor).exclude(state=OwedState.NONE)
    rows = rows.filter(version__programme__is_local=True)
    rows = rows.exclude(measure="") if measure is None else rows.filter(measure=measure)
    if programme_id is not None:
        rows = rows.filter(version__programme=programme_id)
    if state in OwedState.values:
        rows = rows.filter(state=state)
    if is_proven is not None:
        rows = rows.filter(is_proven=is_proven)
    if without_application:
        marked = MeasureSetting.objects.filter(awards_without_application=True)
        for_each = Q(pk__in=[])
        for programme, name in marked.values_list("programme_id", "measure"):
            for_each |= Q(version__programme=programme, measure=name)
        rows = rows.filter(for_each)
    if text := words.strip():
        rows = rows.filter(Q(organisation__name__icontains=text) | Q(work__title__icontains=text))
    return rows.select_related("version__programme", "work", "organisation").order_by("-high_fen", "id")


def history_of(
    actor: Actor, *, name: str, work_id: int | None = None, organisation_id: int | None = None
) -> list[Fact]:
    """Every value ever stated of a fact, the newest first."""
    rows = access.visible_facts(actor).filter(Q(work_id=work_id), Q(organisation_id=organisation_id), name=name)
    return list(rows.select_related("stated_by", "verified_by", "evidence").order_by("-id"))


def claims_to_verify(actor: Actor) -> QuerySet[Fact]:
    """What people have stated and nobody has checked, the oldest first: the office's work list."""
    access.require_officer(actor)
    rows = Fact.objects.filter(superseded_by=None, verified_at=None, source__in=("person", "release")).exclude(value="")
    return rows.select_related("work", "organisation", "stated_by", "evidence__stored").order_by("stated_at", "id")


def same_elsewhere(actor: Actor, evidence: Evidence) -> list[Evidence]:
    """The same file or the same invoice number in other places: for the office, who must look at both."""
    access.require_reader(actor)
    same = Q(stored_id=evidence.stored_id)
    if evidence.document_number:
        same |= Q(document_number=evidence.document_number)
    rows = Evidence.objects.filter(same).exclude(pk=evidence.pk).exclude(state=EvidenceState.WITHDRAWN)
    return list(rows.select_related("organisation", "work", "application__programme").order_by("id"))


def exclusions_of(organisation_id: int, on: object = None) -> list[Exclusion]:
    """Why a company is kept out today; empty where it is not."""
    day = on or clock.today()
    rows = Exclusion.objects.filter(organisation=organisation_id, since__lte=day)
    return list(rows.filter(Q(until=None) | Q(until__gte=day)))


def open_windows(programme: Programme, moment: datetime, measure: str = "") -> list[Window]:
    """The windows that take applications at a moment (for a measure, where one is named)."""
    rows = programme.windows.filter(opens_at__lte=moment, closes_at__gt=moment)
    return [window for window in rows if not measure or not window.measures or measure in window.measures]
