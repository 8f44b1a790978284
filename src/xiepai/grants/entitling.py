"""Entitlements kept up to date: everybody at night, a few subjects after a change; only what changed is written.

What is stored is compared by digest; rows go in by COPY and one statement a version. Money nobody's facts speak for is
no row. Nothing is evaluated for a company by a version that is not in force.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from time import perf_counter

import numpy as np
from django.db import connection, transaction

from xiepai.grants import evaluating
from xiepai.grants.evaluating import MAYBE, NONE, Outcome, ProgramPlan, specs
from xiepai.grants.facts_for import columns_for
from xiepai.grants.gathering import Bools, Gathered, Ints, gather
from xiepai.grants.models import EvaluationRun, MeasureSetting, MeasureSubject, OwedState, Programme, ProgrammeState
from xiepai.grants.models_programmes import ProgrammeVersion
from xiepai.grants.policies import program_of, version_on
from xiepai.kernel import clock
from xiepai.kernel.sql import read
from xiepai.policy import Program

#: Rows evaluated at a time: enough to keep numpy busy, few enough to stay in cache.
SLICE = 16_384
STATES = (OwedState.NONE.value, OwedState.MAYBE.value, OwedState.OWED.value)
COLUMNS = (
    "work_id, organisation_id, measure, low_fen, high_fen, state, is_proven, is_excluded, missing, next_fact,"
    " explanation, digest"
)


@dataclass
class Sums:
    """What an evaluation did, and where the time went."""

    works: int = 0
    organisations: int = 0
    versions: int = 0
    written: int = 0
    milliseconds: dict[str, int] = field(default_factory=dict)

    def spent(self, what: str, since: float) -> float:
        """Add the time since then; returns now."""
        now = perf_counter()
        self.milliseconds[what] = self.milliseconds.get(what, 0) + round((now - since) * 1000)
        return now


def evaluate_everybody() -> EvaluationRun:
    """Every work and company under every programme in force; written is what changed."""
    started = clock.now()
    sums = _evaluate(None, None)
    return EvaluationRun.objects.create(
        started_at=started,
        finished_at=clock.now(),
        works=sums.works,
        organisations=sums.organisations,
        versions=sums.versions,
        written=sums.written,
        milliseconds=sums.milliseconds,
    )


def evaluate_subjects(*, work_ids: Collection[int] = (), organisation_ids: Collection[int] = ()) -> int:
    """The named works and companies, after a change of their facts; returns how many rows changed."""
    return _evaluate(work_ids, organisation_ids).written if work_ids or organisation_ids else 0


def versions_in_force(day: date) -> list[ProgrammeVersion]:
    """The version of each published programme that a case of that day belongs to."""
    programmes = Programme.objects.filter(state=ProgrammeState.PUBLISHED).order_by("id")
    return [version for programme in programmes if (version := version_on(programme, day)) is not None]


def _evaluate(work_ids: Collection[int] | None, organisation_ids: Collection[int] | None) -> Sums:
    sums, today = Sums(), clock.today()
    versions = versions_in_force(today)
    at = perf_counter()
    gathered = gather(today, work_ids, organisation_ids)
    sums.spent("facts", at)
    sums.works, sums.organisations, sums.versions = len(gathered.works), len(gathered.organisations), len(versions)
    companies = None if organisation_ids is None else np.array(sorted(organisation_ids), dtype=np.int64)
    for version in versions:
        for subject in (MeasureSubject.WORK, MeasureSubject.ORGANISATION):
            if subject == MeasureSubject.WORK or companies is None or len(companies):
                _evaluate_version(version, subject, gathered, companies, sums)
    if work_ids is None:
        _forget(versions)
    return sums


def _evaluate_version(
    version: ProgrammeVersion, subject: str, gathered: Gathered, companies: Ints | None, sums: Sums
) -> None:
    program = program_of(version, gathered.today)
    about = dict(MeasureSetting.objects.filter(programme=version.programme_id).values_list("measure", "subject"))
    other = frozenset(m.name for m in program.measures if about.get(m.name, MeasureSubject.WORK) != subject)
    plan = ProgramPlan(program, other)
    if not plan.measures:
        return
    at = perf_counter()
    slug = Programme.objects.values_list("policy_slug", flat=True).get(pk=version.programme_id)
    columns = columns_for(program, slug, gathered, subject)
    at = sums.spent("columns", at)
    subjects = Subjects.of(gathered, subject)
    wanted = np.ones(len(subjects.ids), np.bool_)
    if subject == MeasureSubject.ORGANISATION and companies is not None:
        wanted = np.isin(subjects.ids, companies)
    stored = Stored(version.pk, subjects, [*(m.measure.name for m in plan.measures), ""])
    at = sums.spent("stored", at)
    lines: list[str] = []
    for start in range(0, len(subjects.ids), SLICE):
        rows = slice(start, min(start + SLICE, len(subjects.ids)))
        outcomes = plan.run(columns, rows)
        at = sums.spent("evaluated", at)
        for place, outcome in enumerate(outcomes):
            changed = stored.changed(place, outcome, rows, subjects.excluded[rows]) & wanted[rows]
            lines.extend(_lines(program, outcome, subjects, rows, changed))
        at = sums.spent("compared", at)
    if lines:
        _write(version.pk, subject, lines)
    sums.written += len(lines)
    sums.spent("written", at)


@dataclass(frozen=True)
class Subjects:
    """The works or the companies, each with its company and whether that is kept out."""

    kind: str
    ids: Ints
    organisations: Ints
    excluded: Bools

    @classmethod
    def of(cls, gathered: Gathered, kind: str) -> Subjects:
        """The subjects of that kind among what was gathered."""
        if kind == MeasureSubject.WORK:
            rows = gathered.organisation_rows
            return cls(kind, gathered.works, gathered.organisations[rows], gathered.excluded[rows])
        return cls(kind, gathered.organisations, gathered.organisations, gathered.excluded)


class Stored:
    """The digests that are stored, a column a measure, and whether there is a row at all."""

    def __init__(self, version_id: int, subjects: Subjects, measures: list[str]) -> None:
        size = len(subjects.ids)
        self.digests = np.zeros((len(measures), size), np.int64)
        self.exist = np.zeros((len(measures), size), np.bool_)
        column = "work_id" if subjects.kind == MeasureSubject.WORK else "organisation_id"
        only = "work_id IS NOT NULL" if subjects.kind == MeasureSubject.WORK else "work_id IS NULL"
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT measure, array_agg({column}), array_agg(digest) FROM grants_entitlement"  # noqa: S608
                f" WHERE version_id = %s AND {only} AND (%s OR {column} = ANY(%s)) GROUP BY measure",
                [version_id, size > SLICE, subjects.ids.tolist() if size <= SLICE else []],
            )
            for measure, ids, digests in cursor.fetchall():
                if measure in measures:
                    self._put(measures.index(measure), subjects.ids, np.array(ids), np.array(digests))

    def _put(self, place: int, known: Ints, ids: Ints, digests: Ints) -> None:
        at = np.searchsorted(known, ids)
        inside = (at < len(known)) & (known[np.minimum(at, len(known) - 1)] == ids)
        self.digests[place, at[inside]], self.exist[place, at[inside]] = digests[inside], True

    def changed(self, place: int, outcome: Outcome, rows: slice, excluded: Bools) -> Bools:
        """Where a row must be written: it is new and says something, or it says something else than before."""
        outcome.digest[excluded] ^= 1
        exist = self.exist[place, rows]
        return np.where(exist, self.digests[place, rows] != outcome.digest, outcome.state != NONE)


def _lines(program: Program, outcome: Outcome, subjects: Subjects, rows: slice, changed: Bools) -> Iterator[str]:
    """The changed rows in COPY's text form; what depends on sets of facts only is written out once a set."""
    at = np.flatnonzero(changed)
    if not len(at):
        return
    is_work = subjects.kind == MeasureSubject.WORK
    ids, companies, excluded = (
        each[rows][at].tolist() for each in (subjects.ids, subjects.organisations, subjects.excluded)
    )
    columns = [
        each[at].tolist()
        for each in (
            outcome.low_fen, outcome.high_fen, outcome.state, outcome.missing, outcome.claims, outcome.holds,
            outcome.open, outcome.next_fact, outcome.digest,
        )
    ]  # fmt: skip
    said: dict[tuple[int, ...], tuple[str, str]] = {}
    for subject, company, is_out, low, high, state, *sets, following, digest in zip(
        ids, companies, excluded, *columns, strict=True
    ):
        key = (state, *sets)
        if key not in said:
            said[key] = _said(program, outcome, key)
        missing, explanation = said[key]
        name = outcome.facts[following] if following >= 0 else ""
        proven = "t" if sets[1] == 0 and state != MAYBE else "f"
        yield (
            f"{subject if is_work else chr(92) + 'N'}\t{company}\t{outcome.name}\t{low}\t{high}\t{STATES[state]}"
            f"\t{proven}\t{'t' if is_out else 'f'}\t{missing}\t{name}\t{explanation}\t{digest}\n"
        )


def _said(program: Program, outcome: Outcome, key: tuple[int, ...]) -> tuple[str, str]:
    """``missing`` and ``explanation`` as COPY wants them."""
    _state, missing, claims, holds, opened = key
    unknown, claimed = specs(program, outcome.facts, missing), specs(program, outcome.facts, claims)
    papers = list(dict.fromkeys(spec.evidence for spec in (*unknown, *claimed) if spec.evidence))
    found = {"facts": [s.name for s in unknown], "claims": [s.name for s in claimed], "papers": papers}
    measure = next((m for m in program.measures if m.name == outcome.name), None)
    count = len(measure.conditions) if measure else 0
    conditions = [True if holds >> n & 1 else None if opened >> n & 1 else False for n in range(count)]
    told: Mapping[str, object] = {"conditions": conditions, "before_shared_limits": evaluating.is_shared(program)}
    return _escaped(found), _escaped(told)


def _escaped(value: object) -> str:
    return json.dumps(value, ensure_ascii=False).replace("\\", "\\\\")


def _write(version_id: int, subject: str, lines: list[str]) -> None:
    target = "work_id" if subject == MeasureSubject.WORK else "organisation_id"
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "CREATE TEMP TABLE owed_now ON COMMIT DROP AS SELECT "  # noqa: S608 - our own words
            f"{COLUMNS} FROM grants_entitlement WITH NO DATA"
        )
        with cursor.copy(f"COPY owed_now ({COLUMNS}) FROM STDIN") as copy:
            for start in range(0, len(lines), 2_000):
                copy.write("".join(lines[start : start + 2_000]))
        condition = "work_id IS NOT NULL" if target == "work_id" else "work_id IS NULL"
        sql = read(__file__.replace("entitling.py", "migrations/0001_initial.py"), "upsert_owed")
        cursor.execute(sql.format(target=target, condition=condition), [version_id, clock.now()])
        cursor.execute("DROP TABLE IF EXISTS owed_now")


def _forget(versions: Collection[ProgrammeVersion]) -> None:
    """What versions said that are no longer in force; where a company was invited the row stays and says none."""
    kept = [version.pk for version in versions]
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM grants_entitlement e WHERE version_id <> ALL(%s)"
            " AND NOT EXISTS (SELECT FROM grants_invitation i WHERE i.entitlement_id = e.id)",
            [kept],
        )
        cursor.execute(
            "UPDATE grants_entitlement SET state = 'none', low_fen = 0, high_fen = 0, digest = 0"
            " WHERE version_id <> ALL(%s) AND state <> 'none'",
            [kept],
        )
