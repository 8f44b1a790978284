"""Facts gathered: of many works and companies at once, from where the house already has them.

Bookings, works, papers and company numbers are read by one statement each, stated facts by two, whatever the number
of works. Nothing is written and nothing is guessed: what is not known has no number. See ``sources.toml`` for which
fact comes from where, and ``facts_for`` for which of several sources holds.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache

import numpy as np
from django.db import connection
from numpy.typing import NDArray

from xiepai.grants.sources import stated_specs
from xiepai.kernel.sql import read
from xiepai.policy import PolicyError
from xiepai.policy.facts import EPOCH, number_of

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
#: What a number is where nothing is known.
UNKNOWN = -1
WORK_COLUMNS = (
    "format",
    "investment",
    "episodes",
    "minutes",
    "is_released",
    "release_on",
    "has_filing",
    "has_production_licence",
    "has_release_credential",
    "local_days",
    "local_run",
    "local_cost",
    "uses_culture_tourism",
    "uses_partner_area",
)
#: Whose facts may be stated without a check (``Fact.is_claim``).
_CLAIM = "f.verified_at IS NULL AND f.source IN ('person', 'release')"


@dataclass(frozen=True)
class Stated:
    """One stated fact over many subjects: whose (rows of the subject's list), as written, and whether a claim."""

    name: str
    is_claim: bool
    rows: Ints
    values: list[str]


@dataclass(frozen=True)
class Gathered:
    """All that is known on a day. ``organisation_rows`` leads from a work to its company's row."""

    today: date
    works: Ints
    organisations: Ints
    organisation_rows: Ints
    work_columns: Mapping[str, Ints]
    company_columns: Mapping[str, Ints]
    company_claims: Mapping[str, Bools]
    of_works: tuple[Stated, ...]
    of_companies: tuple[Stated, ...]
    excluded: Bools
    day_number: int = field(default=0)


def gather(
    today: date, work_ids: Collection[int] | None = None, company_ids: Collection[int] | None = None
) -> Gathered:
    """Everything about those works and companies (None: all); the companies of the works come with them.

    ``company_claims`` says where a number computed from a statement rests on a claim.
    """
    works = _works(today, None if work_ids is None else sorted(set(work_ids)))
    organisations = _organisations(works["organisation"], company_ids, everybody=work_ids is None)
    ids = organisations[0]
    of_companies = _stated("organisation_id", ids, everybody=work_ids is None)
    years, claimed = _accounting_years(today, ids, of_companies)
    return Gathered(
        today,
        works["work"],
        ids,
        np.searchsorted(ids, works["organisation"]),
        {name: works[name] for name in WORK_COLUMNS},
        {"division": organisations[1], "accounting_years": years},
        {"accounting_years": claimed},
        _stated("work_id", works["work"], everybody=work_ids is None),
        of_companies,
        _excluded(today, ids),
        today.toordinal() - EPOCH,
    )


@cache
def _works_sql() -> str:
    return read(__file__.replace("gathering.py", "migrations/0001_initial.py"), "derived_works")


def _works(today: date, work_ids: list[int] | None) -> dict[str, Ints]:
    names = ("work", "organisation", *WORK_COLUMNS)
    with connection.cursor() as cursor:
        cursor.execute(_works_sql(), {"works": work_ids, "today": today})
        rows = cursor.fetchall()
    table = np.array(rows, dtype=np.int64).reshape(len(rows), len(names))
    return {name: np.ascontiguousarray(table[:, place]) for place, name in enumerate(names)}


def _organisations(of_works: Ints, company_ids: Collection[int] | None, *, everybody: bool) -> tuple[Ints, Ints]:
    """Ids in order, and the division in each one's number (GB 32100-2015: the third to the eighth digit)."""
    wanted = [] if everybody else np.unique(of_works).tolist() + list(company_ids or ())
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, CASE WHEN uscc ~ '^[0-9A-Z]{2}[0-9]{6}[0-9A-Z]{10}$' AND uscc_warning = ''"
            " THEN substr(uscc, 3, 6)::bigint ELSE -1 END FROM parties_organisation"
            " o WHERE id = ANY(%s) OR (%s AND ((is_active AND kind IN ('crew', 'enterprise'))"
            " OR EXISTS (SELECT FROM productions_work w WHERE w.organisation_id = o.id))) ORDER BY id",
            [wanted, everybody],
        )
        table = np.array(cursor.fetchall(), dtype=np.int64).reshape(-1, 2)
    return np.ascontiguousarray(table[:, 0]), np.ascontiguousarray(table[:, 1])


def _stated(column: str, ids: Ints, *, everybody: bool) -> tuple[Stated, ...]:
    """Facts that hold (not superseded, not withdrawn), a fact and kind of statement at a time."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT f.name, {_CLAIM}, array_agg(f.{column} ORDER BY f.{column}),"  # noqa: S608 - our own words
            f" array_agg(f.value::text ORDER BY f.{column}) FROM grants_fact f"
            f" WHERE f.{column} IS NOT NULL AND (%s OR f.{column} = ANY(%s)) AND f.superseded_by_id IS NULL"
            " AND f.value <> '' GROUP BY 1, 2 ORDER BY 1, 2",
            [everybody, [] if everybody else ids.tolist()],
        )
        found = cursor.fetchall()
    return tuple(
        _placed(ids, name, is_claim, np.array(subjects, np.int64), values) for name, is_claim, subjects, values in found
    )


def _placed(ids: Ints, name: str, is_claim: bool, subjects: Ints, values: list[str]) -> Stated:
    """Each value beside the row of its subject; subjects that were not asked for are left out."""
    rows = np.searchsorted(ids, subjects)
    inside = (rows < len(ids)) & (ids[np.minimum(rows, len(ids) - 1)] == subjects) if len(ids) else rows < 0
    return Stated(name, is_claim, rows[inside], [v for v, kept in zip(values, inside.tolist(), strict=True) if kept])


def _accounting_years(today: date, ids: Ints, stated: Collection[Stated]) -> tuple[Ints, Bools]:
    """Calendar years that lie wholly between a company's founding and today, and where the founding is a claim."""
    found, claimed = np.full(len(ids), UNKNOWN, dtype=np.int64), np.zeros(len(ids), np.bool_)
    for each in stated:
        if each.name == "founded_on":
            for row, value in zip(each.rows.tolist(), each.values, strict=True):
                founded = _day(value)
                if founded is not None:
                    first = founded.year + (founded > date(founded.year, 1, 1))
                    found[row], claimed[row] = max(0, today.year - first), each.is_claim
    return found, claimed


def _day(value: str) -> date | None:
    try:
        return date.fromordinal(number_of(stated_specs()["founded_on"], value) + EPOCH)
    except PolicyError:
        return None


def _excluded(today: date, ids: Ints) -> Bools:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT organisation_id FROM grants_exclusion"
            " WHERE since <= %s AND (until IS NULL OR until >= %s)",
            [today, today],
        )
        listed = np.array([row[0] for row in cursor.fetchall()], dtype=np.int64)
    return np.isin(ids, listed)
