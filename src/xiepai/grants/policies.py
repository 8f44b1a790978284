"""Policy texts of published versions, loaded once each, and what a case gets under one of them.

Refused: a text that cannot be read or fails its own check (POLICY_INVALID, with the first reasons in words).
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import date
from functools import lru_cache

from django.utils.translation import get_language

from xiepai.grants.errors import policy_refused
from xiepai.grants.models import Programme, ProgrammeVersion
from xiepai.policy import Award, Policy, PolicyError, Program, load
from xiepai.policy.check import check

SHOWN_REASONS = 5


def digest_of(text: str) -> str:
    """The SHA-256 a text is known by."""
    return hashlib.sha256(text.encode()).hexdigest()


def checked_policy(text: str) -> Policy:
    """The policy a text is, if it passes everything ``xiepai policy check`` asks."""
    try:
        policy = load(text if "\n" in text else text + "\n")
        found = check(policy)
    except PolicyError as error:
        raise policy_refused(said(error)) from error
    if not found.ok:
        raise policy_refused(said(PolicyError(found.errors)))
    return policy


def policy_of(version: ProgrammeVersion) -> Policy:
    """The policy of a published version."""
    return _loaded(version.sha256, version.policy_text)


def program_of(version: ProgrammeVersion, on: date) -> Program:
    """The program in force on a day; before its first and after its last day the nearest there is."""
    policy = policy_of(version)
    return policy.at(min(max(on, policy.start), policy.end))


def evaluate(version: ProgrammeVersion, facts: Mapping[str, object], on: date) -> Award:
    """What a case gets by itself under a version on a day."""
    return policy_of(version).evaluate(facts, on)


def version_on(programme: Programme, day: date) -> ProgrammeVersion | None:
    """The version a case of that day belongs to: of those that had begun, the latest."""
    begun = programme.versions.filter(effective_from__lte=day)
    return begun.order_by("-effective_from", "-number").first()


def said(error: PolicyError, most: int = SHOWN_REASONS) -> str:
    """The first mistakes in the reader's language."""
    language = "en" if (get_language() or "").startswith("en") else "zh"
    return PolicyError(list(error.diagnostics)[:most]).render(language)


@lru_cache(maxsize=64)
def _loaded(sha256: str, text: str) -> Policy:
    return load(text)
