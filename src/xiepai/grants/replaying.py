"""The same fen at any later date: an application or a decision computed again from what it kept.

Its version is the one it was made under, its facts are the snapshot, its day is the day it was evaluated for. Nothing
is read from the present. ``decision_digest`` is the hash a decision bears: version, facts, amounts and explanation.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from xiepai.grants.models import Application, Decision, ProgrammeVersion
from xiepai.grants.policies import evaluate, program_of
from xiepai.kernel import clock
from xiepai.policy import Award, Program, oracle
from xiepai.policy.facts import known

Snapshot = Mapping[str, Mapping[str, Any]]


def replay(
    kept: Application | Decision | ProgrammeVersion, on: date, facts: Mapping[str, object] | None = None
) -> Award:
    """The award again: of an application or decision from its own snapshot, of a version from the facts given."""
    version = kept if isinstance(kept, ProgrammeVersion) else kept.version
    given = facts if facts is not None else values_of(getattr(kept, "facts", {}))
    return evaluate(version, given, on)


def values_of(snapshot: Snapshot) -> dict[str, object]:
    """The literals of a snapshot: ``{"fact": {"value": "500万元", "source": …}}``."""
    return {name: said["value"] for name, said in snapshot.items() if said.get("value") not in (None, "")}


def awards_together(version: ProgrammeVersion, cases: Sequence[Snapshot], on: date) -> list[tuple[int, dict[str, int]]]:
    """Cases that share limits (per company, pools, quotas), computed together: each one's award in fen, and by step.

    Facts nobody gave are at their lowest (no, 0, the first choice), as in the examples of a policy file: what an
    application does not mention gives nothing. Amounts of measures and steps are floored to fen.
    """
    return awards_under(program_of(version, on), cases)


def awards_under(program: Program, cases: Sequence[Snapshot]) -> list[tuple[int, dict[str, int]]]:
    """The same under a program (a version's, or one with other limits to see what they would change)."""
    rows = [_row(program, values_of(case)) for case in cases]
    if not rows:
        return []
    numbers = oracle.run(program, rows)
    shown = {m.name: m.value for m in program.measures if not m.is_in_kind} | {s.name: s.after for s in program.steps}
    return [
        (numbers[program.result.node][at], {name: numbers[v.node][at] // v.den for name, v in shown.items()})
        for at in range(len(rows))
    ]


def _row(program: Program, values: Mapping[str, object]) -> dict[str, Any]:
    told = {name: value for name, value in values.items() if name in program.by_name}
    row: dict[str, Any] = {spec.name: spec.low if spec.default is None else spec.default for spec in program.facts}
    row |= known(program.by_name, told)
    return row | {spec.name: told.get(spec.name, "") for spec in program.facts if spec.kind == "key"}


def decision_digest(
    version: ProgrammeVersion, facts: Snapshot, by_measure: Mapping[str, int], explanation: Mapping[str, Any], on: date
) -> str:
    """SHA-256 over everything a decision rests on, in one canonical form."""
    body = {
        "policy": version.sha256,
        "on": on.isoformat(),
        "facts": facts,
        "by_measure": dict(by_measure),
        "explanation": explanation,
    }
    text = json.dumps(body, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def evaluated_on(application: Application) -> date:
    """The day an application counts as of: when it was accepted, else handed in, else today."""
    moment = application.accepted_at or application.submitted_at
    return clock.local(moment).date() if moment else clock.today()
