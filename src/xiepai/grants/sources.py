"""Which fact of which policy the house knows by itself, from where, and what each measure is about.

Everything stands in ``sources.toml``; refused are keys nothing computes. See ``docs/grants.md``.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from xiepai.policy import FactSpec


@dataclass(frozen=True, slots=True)
class Known:
    """Something the house can say by itself."""

    key: str
    source: str
    zh: str
    en: str
    is_claim: bool = False


@dataclass(frozen=True, slots=True)
class Use:
    """How a policy's fact is filled from it; ``prefix`` asks whether a company's division begins so."""

    known: Known
    prefix: str = ""


@cache
def _book() -> dict[str, Any]:
    return tomllib.loads(files(__package__).joinpath("sources.toml").read_text(encoding="utf-8"))


@cache
def known_keys() -> dict[str, Known]:
    """Everything the house can say by itself."""
    return {key: Known(key, **values) for key, values in _book()["known"].items()}


@cache
def uses_of(slug: str) -> dict[str, Use]:
    """The facts of a policy that the house knows.

    >>> uses_of("wujin-2025")["local_shooting_cost"].known.key, uses_of("suzhou-2025")["suzhou_legal_person"].prefix
    ('local_cost', '3205')
    """
    own = _book()["policies"].get(slug, {}).get("facts", {})
    return {name: _use(value) for name, value in (_book()["facts"] | own).items()}


def _use(value: Any) -> Use:
    if isinstance(value, str):
        return Use(known_keys()[value])
    return Use(known_keys()[value["key"]], value["prefix"])


@cache
def company_measures(slug: str) -> frozenset[str]:
    """The measures of a policy that are about a company by itself."""
    return frozenset(_book()["policies"].get(slug, {}).get("company", {}).get("measures", ()))


@cache
def stated_specs() -> dict[str, FactSpec]:
    """Facts no policy names, from which others are computed."""
    return {
        name: FactSpec(name, row["kind"], row["zh"], row["en"], row["evidence"], low=-25_567, high=47_481)
        for name, row in _book()["stated"].items()
    }
