"""Policies over the API: which are encoded, what each asks, what a case would get, side by side. Nothing is written.

Facts come as ``fact=NAME:VALUE``, repeated; a value is written as in a policy file (``500万元``, ``yes``,
``2026-05-01``, ``80%``, ``9天``). What is not given makes a range and names what to ask next. Refused: unknown facts
and values that cannot be read, all told at once.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from ninja import Query, Router
from pydantic import Field

from xiepai.api.doors import read
from xiepai.kernel import clock
from xiepai.kernel.errors import ErrorCode, XiepaiError, not_found
from xiepai.parties.limits import count_here
from xiepai.policy.asking import Calculator, City, Sheet
from xiepai.policy.cities import CalculatorError, calculator
from xiepai.policy.documenting import page
from xiepai.policy.entries import near
from xiepai.policy.facts import show
from xiepai.policy.ir import FactSpec
from xiepai.policy.messages import Code, Diagnostic, PolicyError
from xiepai.policy.telling import Teller

router = Router(tags=["policies"])
Key = Annotated[str, Field(max_length=60, pattern="^[a-z0-9_-]+$")]
Fact = Annotated[str, Field(max_length=120, pattern=r"^[^\x00]*$", description="NAME:VALUE")]
Facts = Annotated[list[Fact], Query(max_length=200, description="NAME:VALUE, repeated")]
Day = Annotated[date, Query(ge=date(2000, 1, 1), le=date(2099, 12, 31))]
Language = Annotated[str, Query(pattern="^(zh|en)$")]
ESTIMATE_ONLY = "an estimate by the clauses encoded, not a promise"


@read(router, "/policies", "policies_list")
def listed(request: HttpRequest) -> Any:
    """The encoded policies with their standing and source."""
    return {"policies": [_head(city) for city in _calculator().cities]}


@read(router, "/policies/compare", "policies_compare")
def compared(request: HttpRequest, fact: Facts = [], on: Day | None = None, language: Language = "zh") -> Any:  # noqa: B006
    """Every city side by side for the same answers; facts by the calculator's question keys."""
    _count(request)
    found = _calculator()
    given = _given(fact)
    unknown = [key for key in given if key not in found.questions]
    _refuse([Diagnostic(Code.UNKNOWN_NAME, data={"name": key}, hint=near(key, found.questions)) for key in unknown])
    estimate = found.estimate(Sheet(on or clock.today(), given))
    _refuse([each for _key, each in estimate.wrong])
    return Teller(found, estimate, language).told() | {"estimate_only": ESTIMATE_ONLY}


@read(router, "/policies/{key}", "policies_get")
def one(request: HttpRequest, key: Key, language: Language = "zh") -> Any:
    """A policy: its facts, its measures and its readable text (Markdown)."""
    city = _city(_calculator(), key)
    program = city.policy.at()
    return _head(city) | {
        "facts": [_fact(spec) for spec in program.facts],
        "measures": [
            {"name": each.name, "zh": each.zh, "en": each.en, "clause": each.clause, "text": each.text}
            for each in program.measures
        ],
        "assumed": [{"name": name, "value": value, "reason": reason} for name, value, reason in program.assumed],
        "markdown": page(city.policy, "md", language),
    }


@read(router, "/policies/{key}/evaluate", "policies_evaluate")
def evaluated(request: HttpRequest, key: Key, fact: Facts = [], on: Day | None = None) -> Any:  # noqa: B006
    """What a case would get under one policy, with every condition, formula and cap; facts by its own names."""
    _count(request)
    city = _city(_calculator(), key)
    day = city.day(on or clock.today())
    try:
        award = city.policy.evaluate(_given(fact), day)
    except PolicyError as error:
        _refuse(list(error.diagnostics))
        raise
    return award.to_json() | {"asked_for": str(on or clock.today()), "estimate_only": ESTIMATE_ONLY}


def _calculator() -> Calculator:
    try:
        return calculator(settings.POLICIES)
    except CalculatorError as error:
        raise XiepaiError(ErrorCode.INVALID, detail=str(error)) from error


def _city(found: Calculator, key: str) -> City:
    city = next((each for each in found.cities if each.key == key), None)
    if city is None:
        raise not_found()
    return city


def _given(facts: list[str]) -> dict[str, str]:
    given = {}
    for each in facts:
        name, colon, value = each.partition(":")
        if not colon:
            raise XiepaiError(ErrorCode.INVALID, detail=f"fact={each[:40]}: NAME:VALUE")
        given[name.strip()] = value.strip()
    return given


def _refuse(wrong: list[Diagnostic]) -> None:
    if wrong:
        raise XiepaiError(ErrorCode.INVALID, detail=" ".join(each.message() for each in wrong[:10]))


def _count(request: HttpRequest) -> None:
    from allauth.account.adapter import get_adapter

    try:
        address = str(get_adapter().get_client_ip(request))
    except PermissionDenied:  # a server that names no address: all of these are counted together
        address = ""
    count_here("evaluate_from", address)


def _head(city: City) -> dict[str, Any]:
    policy = city.policy
    return {
        "key": city.key,
        "zh": city.zh,
        "en": city.en,
        "policy": policy.title[0],
        "policy_en": policy.title[1],
        "issuer": policy.issuer,
        "number": policy.number,
        "status": policy.status,
        "in_force": {"from": policy.start.isoformat(), "to": policy.end.isoformat()},
    }


def _fact(spec: FactSpec) -> dict[str, Any]:
    return {
        "name": spec.name,
        "kind": spec.kind,
        "zh": spec.zh,
        "en": spec.en,
        "unit": spec.unit,
        "evidence": spec.evidence,
        "evidence_en": spec.evidence_en,
        "choices": list(spec.choices),
        "low": show(spec, spec.low) if spec.kind not in ("key", "choice", "yes/no") else None,
        "high": show(spec, spec.high) if spec.kind not in ("key", "choice", "yes/no") else None,
    }
