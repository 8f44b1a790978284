"""Applications as cases of the policy, computed together: what each gets under limits that cases share.

Only what an application asks for is awarded; awards of before stand first, so that a company's limit counts them.
What a limit takes is taken from the measures it is a limit of. Refused: a rule of sharing that is not in the file.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from xiepai.grants.models import Application, AwardList, Exclusion, ProgrammeVersion
from xiepai.grants.policies import policy_of
from xiepai.grants.refreshing import open_claims
from xiepai.grants.replaying import awards_under
from xiepai.grants.states import AWARDED, ApplicationState
from xiepai.kernel import clock
from xiepai.policy import FactSpec, Program

Changes = Mapping[str, str]


@dataclass(frozen=True)
class Row:
    """One application on a list: what it gets, and what speaks against it."""

    application: Application
    facts: dict[str, Any]
    fen: int
    by_measure: dict[str, int]
    claims: tuple[FactSpec, ...] = ()
    exclusions: tuple[Exclusion, ...] = ()

    @property
    def is_clear(self) -> bool:
        """Money, proven, and nobody kept out."""
        return self.fen > 0 and not self.claims and not self.exclusions


@dataclass(frozen=True)
class Computed:
    """A list as it comes out now."""

    version: ProgrammeVersion
    on: date
    changes: Changes
    rows: tuple[Row, ...]
    before: tuple[Application, ...] = field(default=())

    @property
    def total_fen(self) -> int:
        """What the rows that are clear come to."""
        return sum(row.fen for row in self.rows if row.is_clear)

    @property
    def cases(self) -> list[dict[str, Any]]:
        """Every case, those of before first, as a fixed list keeps them."""
        earlier = [_case(each, each.facts) for each in self.before]
        return earlier + [_case(row.application, row.facts) for row in self.rows]

    @property
    def outcome(self) -> dict[str, dict[str, Any]]:
        """What each that is clear gets, by its number."""
        return {
            row.application.number: {"fen": row.fen, "by_measure": row.by_measure} for row in self.rows if row.is_clear
        }

    @property
    def sha256(self) -> str:
        """What stands for all of it."""
        return list_digest(self.version, self.on, self.changes, self.cases, self.outcome)


def list_digest(
    version: ProgrammeVersion, on: date, changes: Changes, cases: Sequence[Any], outcome: Mapping[str, Any]
) -> str:
    """SHA-256 over what a list was computed from and what came out, in one canonical form."""
    body = {"policy": version.sha256, "on": on.isoformat(), "changes": dict(changes), "cases": cases, "out": outcome}
    text = json.dumps(body, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def compute(
    version: ProgrammeVersion, applications: Sequence[Application], *, changes: Changes | None = None
) -> Computed:
    """What the applications get, all at once, over what was awarded before under the same version.

    Facts are those the applications keep: they are brought up to date with every step (``refreshing``).
    """
    policy = policy_of(version)
    on = min(max(clock.today(), policy.start), policy.end)
    found = sorted(applications, key=lambda each: (each.accepted_at or each.created_at, each.pk))
    taken = [each.pk for each in found]
    before = tuple(
        Application.objects.filter(version=version, state__in=(*AWARDED, *PROPOSED))
        .exclude(pk__in=taken)
        .order_by("id")
    )
    cases = [asked_only(version, each.measures, each.facts) for each in before]
    cases += [asked_only(version, each.measures, each.facts) for each in found]
    program = policy.changed(changes).at(on) if changes else policy.at(on)
    awards = awards_under(program, cases)[len(before) :]
    kept_out = _exclusions(found)
    rows = [
        Row(
            each, asked_only(version, each.measures, each.facts), fen,
            allocate(program, each.measures, fen, parts), tuple(open_claims(each)),
            tuple(kept_out.get(each.organisation_id, ())),
        )
        for each, (fen, parts) in zip(found, awards, strict=True)
    ]  # fmt: skip
    return Computed(version, on, dict(changes or {}), tuple(rows), before)


#: Proposed already: their money is set aside and counts in a company's limits.
PROPOSED = (ApplicationState.PROPOSED, ApplicationState.NOTICED)


def replay_list(kept: AwardList) -> dict[str, int]:
    """What a fixed list gives again, from the cases it kept: fen by application number."""
    policy = policy_of(kept.version)
    program = (policy.changed(kept.changes) if kept.changes else policy).at(kept.evaluated_on)
    cases = [asked_only(kept.version, case["measures"], case["facts"]) for case in kept.cases]
    awards = awards_under(program, cases)
    found = {case["number"]: fen for case, (fen, _parts) in zip(kept.cases, awards, strict=True)}
    return {number: found[number] for number in kept.outcome}


def asked_only(version: ProgrammeVersion, measures: Sequence[str], facts: Mapping[str, Any]) -> dict[str, Any]:
    """The facts the measures asked for read, and the keys; what else is known must not award other measures too."""
    program = policy_of(version).at()
    read = {name for each in program.measures if each.name in measures for name in each.facts}
    read |= {spec.name for spec in program.facts if spec.kind == "key"} | {"accepted_at"}
    return {name: said for name, said in facts.items() if name in read}


def allocate(program: Program, measures: Sequence[str], fen: int, parts: Mapping[str, int]) -> dict[str, int]:
    """An award by measure, in whole fen that sum to it.

    A line of ``then`` about one measure stands for that measure from there on; of several the highest stays where
    the line says so. What the other lines take is taken in proportion, the first largest bears what rounding leaves.
    """
    amounts = {name: max(0, parts.get(name, 0)) for name in measures if name in parts}
    for step in program.steps:
        own = [name for name in step.inputs if name in amounts]
        if len(step.inputs) == 1 and own:
            amounts[own[0]] = max(0, parts.get(step.name, 0))
        elif step.what == "highest_of" and own:
            best = max(own, key=lambda name: amounts[name])
            amounts.update({name: 0 for name in own if name != best})
    whole = sum(amounts.values())
    if whole == fen or not amounts:
        return {name: amount for name, amount in amounts.items() if amount}
    if not whole:
        return {next(iter(amounts)): fen} if fen else {}
    shared = {name: fen * amount // whole for name, amount in amounts.items()}
    largest = max(shared, key=lambda name: shared[name])
    shared[largest] += fen - sum(shared.values())
    return {name: amount for name, amount in shared.items() if amount}


def _case(application: Application, facts: Mapping[str, Any]) -> dict[str, Any]:
    return {"number": application.number, "measures": application.measures, "facts": dict(facts)}


def _exclusions(applications: Sequence[Application]) -> dict[int, list[Exclusion]]:
    today = clock.today()
    companies = {each.organisation_id for each in applications}
    found: dict[int, list[Exclusion]] = {}
    for row in Exclusion.objects.filter(organisation_id__in=companies, since__lte=today):
        if row.until is None or row.until >= today:
            found.setdefault(row.organisation_id, []).append(row)
    return found
