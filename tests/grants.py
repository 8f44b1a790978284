"""A programme of Wujin's policy, works and companies with facts. For tests of grants."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Any

from django.db import transaction
from tests.factories import make_person

from xiepai.grants.models import Fact, Programme, ProgrammeVersion
from xiepai.grants.services import programmes
from xiepai.kernel import audit
from xiepai.kernel.clock import CITY_ZONE
from xiepai.parties.access import Actor, system

NOW = datetime(2026, 12, 1, 9, tzinfo=CITY_ZONE)
TODAY = NOW.date()
POLICIES = Path(__file__).parents[1] / "policies"
CITIES = ("wujin-2025", "suzhou-2025", "datong-2025", "foshan-2025")


def policy_text(slug: str) -> str:
    """The text of a policy file."""
    return (POLICIES / f"{slug}.yaml").read_text(encoding="utf-8")


def make_programme(officer: Actor | None = None, slug: str = "wujin-2025", **fields: Any) -> Programme:
    """A draft programme."""
    values = {"code": f"{slug}-grants", "name": f"{slug} 样例项目", "year": 2026, **fields}
    return programmes.create_programme(actor=officer or make_person("officer")[1], policy_slug=slug, **values)


def publish(officer: Actor | None = None, slug: str = "wujin-2025", **fields: Any) -> ProgrammeVersion:
    """A published programme's first version."""
    officer = officer or make_person("officer")[1]
    programme = make_programme(officer, slug, **fields)
    return programmes.publish_programme_version(
        actor=officer,
        programme_id=programme.pk,
        policy_text=policy_text(slug),
        effective_from=date(2025, 6, 1),
    )


def fund(version: ProgrammeVersion, officer: Actor, amount_fen: int = 10**12) -> ProgrammeVersion:
    """The same version, with a budget of its programme to award from."""
    programmes.set_budget(
        actor=officer, programme_id=version.programme_id, measure="", year=version.programme.year, amount_fen=amount_fen
    )
    return version


def state(
    *, work_id: int | None = None, organisation_id: int | None = None, source: str = "office", **values: str
) -> None:
    """Facts put in directly, as if stated long ago."""
    with transaction.atomic():
        _state(work_id, organisation_id, source, values)


def _state(work_id: int | None, organisation_id: int | None, source: str, values: dict[str, str]) -> None:
    for name, value in values.items():
        fact = Fact.objects.create(
            work_id=work_id, organisation_id=organisation_id, name=name, value=value, kind="", source=source
        )
        audit.record("grants.fact.stated", fact, actor=system())
