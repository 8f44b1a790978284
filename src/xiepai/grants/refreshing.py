"""The facts of an application brought up to what is known now: what the house knows or the office has verified.

A company's own words stay as they were handed in until they are verified or corrected; the keys that order and group
applications are the office's. Refused: losing a value that was handed in.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from xiepai.grants.knowing import KnownFact, Subject, known_facts, snapshot_of
from xiepai.grants.models import Application
from xiepai.grants.policies import evaluate, policy_of, program_of
from xiepai.grants.replaying import evaluated_on, values_of
from xiepai.kernel import audit, clock
from xiepai.parties.access import Actor
from xiepai.policy import FactSpec, PolicyError
from xiepai.policy.facts import number_of

#: The day the application was accepted, as policies that go by first come read it.
ACCEPTED = "accepted_at"


def facts_now(application: Application) -> dict[str, dict[str, Any]]:
    """What the application's facts are by now, in the form a snapshot keeps."""
    version = application.version
    program = program_of(version, clock.today())
    known = known_facts(version, Subject(application.organisation_id, application.work_id))
    facts = snapshot_of(known, program, organisation_id=application.organisation_id, number=application.number)
    for name, said in application.facts.items():
        fact = known.get(name)
        if name not in facts or (fact is not None and fact.is_claim and not _same(fact.spec, fact, said)):
            facts[name] = dict(said)
    moment = application.accepted_at or application.submitted_at
    if ACCEPTED in program.by_name and moment is not None:
        day = clock.local(moment).date().isoformat()
        facts[ACCEPTED] = {"value": day, "source": "office", "reference": "", "is_claim": False}
    return facts


def refresh_facts(application: Application, actor: Actor) -> None:
    """Part of a service: keep them, with the explanation that goes with them. The row is locked."""
    facts = facts_now(application)
    if facts == application.facts:
        return
    before = {"facts": application.facts}
    application.facts = facts
    award = evaluate(application.version, values_of(facts), day_of(application))
    application.explanation = award.to_json()
    application.save(update_fields=["facts", "explanation"])
    audit.record("grants.application.facts_refreshed", application, actor=actor, before=before, after={"facts": facts})


def open_claims(application: Application, facts: dict[str, dict[str, Any]] | None = None) -> list[FactSpec]:
    """The facts an asked measure reads that rest on a word nobody has checked; "no" and zero claim nothing."""
    program = program_of(application.version, clock.today())
    read = {name for each in program.measures if each.name in application.measures for name in each.facts}
    given = application.facts if facts is None else facts
    return [
        spec
        for spec in program.facts
        if spec.name in read and given.get(spec.name, {}).get("is_claim") and _speaks(spec, given[spec.name])
    ]


def day_of(application: Application) -> date:
    """The day the application counts as of, within the policy's time."""
    policy = policy_of(application.version)
    return min(max(evaluated_on(application), policy.start), policy.end)


def _speaks(spec: FactSpec, said: dict[str, Any]) -> bool:
    try:
        return spec.kind in ("choice", "date") or number_of(spec, said.get("value")) > 0
    except PolicyError:
        return True


def _same(spec: FactSpec, fact: KnownFact, said: dict[str, Any]) -> bool:
    try:
        return number_of(spec, said.get("value")) == fact.number
    except PolicyError:
        return False
