"""The same file, or the same invoice number, in two places: found for many pieces of evidence by one query.

The office is shown both places (``doubles_of``); a company is warned without being told whose the other one is
(``warnings_of``). Refused: calling it fraud. One invoice may rightly stand behind two papers.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Q

from xiepai.grants import access
from xiepai.grants.models import Application, Evidence, EvidenceState
from xiepai.parties.access import Actor


@dataclass(frozen=True)
class Double:
    """One piece of evidence that is elsewhere too."""

    evidence: Evidence
    other: Evidence

    @property
    def is_same_file(self) -> bool:
        """The same bytes; else the same number."""
        return self.evidence.stored_id == self.other.stored_id

    @property
    def is_other_company(self) -> bool:
        """Whether the other place is another company's."""
        return self.evidence.organisation_id != self.other.organisation_id


@dataclass(frozen=True)
class Warned:
    """What a company is told: that it is elsewhere, and where only if that is its own."""

    is_same_file: bool
    number: str = ""
    application_id: int | None = None


def doubles_of(actor: Actor, evidence: Iterable[Evidence]) -> dict[int, list[Double]]:
    """For the office: each piece with the other applications (or companies) the same file or number stands in."""
    access.require_reader(actor)
    return _found(list(evidence))


def warnings_of(actor: Actor, evidence: Iterable[Evidence]) -> dict[int, list[Warned]]:
    """For a company's own pieces; another company's place is not named."""
    found = {}
    for key, rows in _found(list(evidence)).items():
        found[key] = [_warned(row) for row in rows if access.may_write_for(actor, row.evidence.organisation_id)]
    return {key: rows for key, rows in found.items() if rows}


def doubles_in(actor: Actor, application: Application) -> list[Double]:
    """For the office: what of one application stands elsewhere too."""
    rows = application.evidence.exclude(state=EvidenceState.WITHDRAWN).select_related("stored")
    return [each for rows in doubles_of(actor, rows).values() for each in rows]


def _found(evidence: list[Evidence]) -> dict[int, list[Double]]:
    numbers = {row.document_number for row in evidence if row.document_number}
    same = Q(stored__in={row.stored_id for row in evidence}) | Q(document_number__in=numbers)
    others = Evidence.objects.filter(same).exclude(state=EvidenceState.WITHDRAWN)
    others = others.select_related("organisation", "work", "application__programme").order_by("id")
    candidates = list(others) if evidence else []
    found: dict[int, list[Double]] = {}
    for row in evidence:
        rows = [Double(row, other) for other in candidates if _is_double(row, other)]
        if rows:
            found[row.pk] = rows
    return found


def _is_double(row: Evidence, other: Evidence) -> bool:
    if row.pk == other.pk:
        return False
    elsewhere = row.application_id != other.application_id or row.organisation_id != other.organisation_id
    same_number = bool(row.document_number) and row.document_number == other.document_number
    return elsewhere and (row.stored_id == other.stored_id or same_number)


def _warned(row: Double) -> Warned:
    if row.is_other_company or row.other.application is None:
        return Warned(row.is_same_file)
    return Warned(row.is_same_file, row.other.application.number, row.other.application_id)
