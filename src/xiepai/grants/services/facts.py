"""Facts stated, verified, corrected and withdrawn; nothing stated is ever changed or deleted.

A crew states facts of its works and of itself: claims, until the office verifies them. What the office states, or
takes from a register, stands. Refused: a fact no published policy asks for, a value that none of them can read,
verifying one's own company's claim without evidence.
"""

from __future__ import annotations

from django.db import connection, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from xiepai.grants import access
from xiepai.grants.errors import invalid
from xiepai.grants.jobs import evaluate_soon
from xiepai.grants.models import Evidence, Fact, FactSource
from xiepai.grants.vocabulary import read_value, specs_named
from xiepai.kernel import audit, clock
from xiepai.kernel.errors import ErrorCode, XiepaiError, not_found
from xiepai.parties.access import Actor
from xiepai.productions.models import Work

#: What only the office may name as a source.
OFFICIAL = (FactSource.OFFICE, FactSource.REGISTER, FactSource.CREDENTIAL, FactSource.BOOKING, FactSource.WORK)


def state_fact(
    *,
    actor: Actor,
    name: str,
    value: str,
    work_id: int | None = None,
    organisation_id: int | None = None,
    source: str = FactSource.PERSON,
    source_ref: str = "",
    evidence_id: int | None = None,
) -> Fact:
    """State a fact of a work or of a company; what was stated before gives way and is kept.

    The same value from the same source once more is the fact that stands. An empty value: no longer known.
    """
    company_id = _company(actor, work_id, organisation_id)
    access.require_company(actor, company_id)
    if source in OFFICIAL:
        access.require_officer(actor)
    value, kind = read_value(name, value)
    with transaction.atomic():
        evidence = _evidence(evidence_id, company_id)
        before = _standing(name, work_id, organisation_id)
        if before and (before.value, before.source) == (value, source) and before.evidence_id == evidence_id:
            return before
        fact = Fact(
            id=_next_id(), work_id=work_id, organisation_id=organisation_id, name=name, kind=kind, value=value,
            source=source, source_ref=source_ref.strip()[:300], evidence=evidence, stated_by_id=actor.person_id,
            stated_at=clock.now(),
        )  # fmt: skip
        if before:
            before.superseded_by_id = fact.pk
            before.save(update_fields=["superseded_by"])
        fact.save(force_insert=True)
        audit.record("grants.fact.stated", fact, actor=actor, organisation_id=company_id)
        _evaluate(fact)
    return fact


def verify_fact(*, actor: Actor, fact_id: int, evidence_id: int | None = None) -> Fact:
    """The office has checked a claim against its evidence; from now on it is proven."""
    with transaction.atomic():
        fact = _locked(actor, fact_id)
        access.require_officer(actor)
        company_id = fact.organisation_id or Work.objects.values_list("organisation_id", flat=True).get(
            Q(pk=fact.work_id)
        )
        if evidence_id is not None:
            fact.evidence = _evidence(evidence_id, company_id)
        if fact.evidence_id is None:
            raise invalid(_("没有证明材料的事实不能核实；请先附上材料，或由协拍办自行核定。"))
        if fact.verified_at is None:
            fact.verified_by_id, fact.verified_at = actor.person_id, clock.now()
            fact.save(update_fields=["verified_by", "verified_at", "evidence"])
            audit.record("grants.fact.verified", fact, actor=actor, organisation_id=company_id)
            _evaluate(fact)
    return fact


def withdraw_fact(*, actor: Actor, fact_id: int) -> None:
    """Take a claim back: nothing is stated any more."""
    with transaction.atomic():
        fact = _locked(actor, fact_id)
        company_id = _company(actor, fact.work_id, fact.organisation_id)
        access.require_company(actor, company_id)
        if fact.verified_at is not None or fact.source in OFFICIAL:
            access.require_officer(actor)
        empty = Fact(
            id=_next_id(), work_id=fact.work_id, organisation_id=fact.organisation_id, name=fact.name, kind=fact.kind,
            value="", source=fact.source, stated_by_id=actor.person_id, stated_at=clock.now(),
        )  # fmt: skip
        fact.superseded_by_id = empty.pk
        fact.save(update_fields=["superseded_by"])
        empty.save(force_insert=True)
        audit.record("grants.fact.withdrawn", fact, actor=actor, organisation_id=company_id)
        _evaluate(fact)


def askable(name: str) -> bool:
    """Whether a published policy asks for a fact of that name."""
    return bool(specs_named(name))


def _company(actor: Actor, work_id: int | None, organisation_id: int | None) -> int:
    if (work_id is None) == (organisation_id is None):
        raise TypeError("a fact is of a work or of a company")
    if organisation_id is not None:
        return organisation_id
    company_id = Work.objects.filter(Q(pk=work_id)).values_list("organisation_id", flat=True).first()
    if company_id is None or not (access.sees_all(actor) or company_id in actor.organisations()):
        raise not_found()
    return company_id


def _locked(actor: Actor, fact_id: int) -> Fact:
    fact = access.visible_facts(actor).select_for_update(of=("self",)).filter(pk=fact_id).first()
    if fact is None:
        raise not_found()
    if fact.superseded_by_id is not None:
        raise XiepaiError(ErrorCode.CONFLICT)
    return fact


def _standing(name: str, work_id: int | None, organisation_id: int | None) -> Fact | None:
    rows = Fact.objects.select_for_update(of=("self",)).filter(name=name, superseded_by=None)
    return rows.filter(Q(work_id=work_id), Q(organisation_id=organisation_id)).first()


def _evidence(evidence_id: int | None, company_id: int) -> Evidence | None:
    if evidence_id is None:
        return None
    found = Evidence.objects.filter(pk=evidence_id, organisation_id=company_id).first()
    if found is None:
        raise not_found()
    return found


def _next_id() -> int:
    """The number of the row to come: the row that gives way names it first, and one of a name may stand."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval(pg_get_serial_sequence('grants_fact', 'id'))")
        return int(cursor.fetchone()[0])


def _evaluate(fact: Fact) -> None:
    evaluate_soon(work_id=fact.work_id, organisation_id=fact.organisation_id)
