"""What is known of one work or company under one policy, fact by fact, each with its source and who verified it.

The same columns as at night, for one subject; what stands here is what an application's snapshot keeps.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction
from typing import Any

from django.db.models import Q

from xiepai.grants.facts_for import (
    CLAIMED,
    CLAIMED_BY_COMPANY,
    DECLARED,
    DEFAULT,
    HOUSE,
    VERIFIED,
    columns_for,
)
from xiepai.grants.gathering import gather
from xiepai.grants.models import Fact, MeasureSubject, ProgrammeVersion
from xiepai.grants.policies import policy_of, program_of
from xiepai.grants.sources import uses_of
from xiepai.kernel import clock
from xiepai.policy import Award, FactSpec, Program
from xiepai.policy.facts import EPOCH, show


@dataclass(frozen=True)
class Subject:
    """A work of a company, or the company by itself."""

    organisation_id: int
    work_id: int | None = None

    @property
    def kind(self) -> str:
        """Which of the two."""
        return MeasureSubject.ORGANISATION if self.work_id is None else MeasureSubject.WORK


@dataclass(frozen=True)
class KnownFact:
    """One fact with where it is from. ``value`` is a literal a policy reads; ``is_claim``: nobody has checked it."""

    spec: FactSpec
    number: int
    value: str
    source: str
    reference: str
    is_claim: bool
    fact_id: int | None = None
    stated_by: str = ""
    stated_at: datetime | None = None
    verified_by: str = ""
    verified_at: datetime | None = None
    evidence_id: int | None = None

    def shown(self, language: str) -> str:
        """As people read it."""
        return show(self.spec, self.number, language)

    def to_json(self) -> dict[str, Any]:
        """As a snapshot keeps it."""
        return {
            "value": self.value,
            "source": self.source,
            "reference": self.reference,
            "is_claim": self.is_claim,
            "fact": self.fact_id,
            "stated_by": self.stated_by,
            "stated_at": self.stated_at.isoformat() if self.stated_at else None,
            "verified_by": self.verified_by,
            "verified_at": self.verified_at.isoformat() if self.verified_at else None,
        }


def known_facts(version: ProgrammeVersion, subject: Subject, today: date | None = None) -> dict[str, KnownFact]:
    """Every fact of the policy that is known of the subject, in the order of the file; keys are the caller's."""
    today = today or clock.today()
    gathered = gather(today, [subject.work_id] if subject.work_id else [], [subject.organisation_id])
    program = program_of(version, today)
    slug = version.programme.policy_slug
    columns = columns_for(program, slug, gathered, subject.kind)
    row = 0 if subject.work_id else gathered.organisations.tolist().index(subject.organisation_id)
    stated = _stated(subject)
    found = {}
    for name, column in columns.items():
        origin = int(column.origin[row])
        if origin > DEFAULT:
            found[name] = _known(column.spec, int(column.low[row]), origin, stated, slug)
    return found


def award_now(version: ProgrammeVersion, facts: Mapping[str, KnownFact], today: date | None = None) -> Award:
    """What the known facts come to, with the explanation; a range where some are missing."""
    policy = policy_of(version)
    day = min(max(today or clock.today(), policy.start), policy.end)
    return policy.evaluate({name: fact.value for name, fact in facts.items()}, day)


def snapshot_of(
    facts: Mapping[str, KnownFact], program: Program, *, organisation_id: int, number: str
) -> dict[str, dict[str, Any]]:
    """The facts as an application keeps them, with the keys that group and order applications."""
    found = {name: fact.to_json() for name, fact in facts.items()}
    keys = {"enterprise": str(organisation_id), "application": number}
    for spec in program.facts:
        if spec.kind == "key" and spec.name in keys:
            found[spec.name] = {"value": keys[spec.name], "source": "office", "reference": "", "is_claim": False}
    return found


def literal(spec: FactSpec, number: int) -> str:
    """A number as a policy file has it, exactly.

    >>> literal(FactSpec("cost", "money", "", "", ""), 50_001)
    '500.01元'
    """
    if spec.kind == "money":
        return f"{number // 100}.{number % 100:02d}元"
    if spec.kind == "yes/no":
        return "yes" if number else "no"
    if spec.kind == "choice":
        return spec.choices[number]
    if spec.kind == "date":
        return date.fromordinal(number + EPOCH).isoformat()
    if spec.kind == "days":
        return f"{number}天"
    whole = Fraction(number, spec.den)
    digits = len(str(spec.den)) - 1
    return str(whole.numerator) if whole.denominator == 1 else f"{number // spec.den}.{number % spec.den:0{digits}d}"


def _stated(subject: Subject) -> dict[tuple[str, bool], Fact]:
    """The facts that stand, by name and whether they are the work's own."""
    whose = Q(organisation_id=subject.organisation_id)
    if subject.work_id is not None:
        whose |= Q(work_id=subject.work_id)
    rows: Iterable[Fact] = Fact.objects.filter(whose, superseded_by=None).exclude(value="")
    rows = rows.select_related("stated_by", "verified_by")  # type: ignore[attr-defined]
    return {(fact.name, fact.work_id is not None or subject.work_id is None): fact for fact in rows}


def _known(spec: FactSpec, number: int, origin: int, stated: Mapping[tuple[str, bool], Fact], slug: str) -> KnownFact:
    is_claim = origin in (DECLARED, CLAIMED, CLAIMED_BY_COMPANY)
    value = literal(spec, number)
    if origin in (HOUSE, DECLARED):
        known = uses_of(slug)[spec.name].known
        return KnownFact(spec, number, value, known.source, known.zh, is_claim)
    fact = stated[spec.name, origin in (CLAIMED, VERIFIED)]
    return KnownFact(
        spec, number, value, fact.source, fact.source_ref, is_claim, fact.pk,
        str(fact.stated_by or ""), fact.stated_at, str(fact.verified_by or ""), fact.verified_at, fact.evidence_id,
    )  # fmt: skip
