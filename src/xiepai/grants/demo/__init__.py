"""A plausible year of grants for the demo city, and one award from bookings on; everything in it is a sample.

Through the services where one exists, else in bulk with the same audit and journal rows, at the times things would
have happened. What is drawn is the same for the same day. May be run again: a city that has the sample programme is
left alone. Refused: a city without the demo accounts gets nothing.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from importlib.resources import files
from typing import Any

from django.db import transaction
from django.utils import translation

from xiepai.grants.demo.award import load_award as _load_award
from xiepai.grants.demo.journey import Journey
from xiepai.grants.demo.people import companies_of_the_demo, office_of_the_demo, open_accounts
from xiepai.grants.demo.programme import open_programme
from xiepai.grants.demo.scribe import Scribe
from xiepai.grants.demo.subjects import Subjects
from xiepai.grants.models import Application, Programme
from xiepai.kernel import audit, clock

__all__ = ["load_award", "load_year"]


def read_sample() -> dict[str, Any]:
    """What the year consists of, as data."""
    return tomllib.loads(files(__package__).joinpath("sample.toml").read_text(encoding="utf-8"))


@transaction.atomic
def load_year(*, say: Callable[[str], object] | None = None) -> int:
    """Let the year pass; how many applications that made."""
    said = read_sample()
    if Programme.objects.filter(code=said["programme"]["code"]).exists():
        return 0
    scribe = Scribe(clock.today(), clock.now())
    with audit.origin_is("command"), translation.override("zh-hans"):
        office = office_of_the_demo(scribe, said["experts"]["names"])
        if office is None:
            return 0
        year = open_programme(scribe, office, said["programme"])
        with clock.frozen(scribe.moment(said["programme"]["published"], 5)):
            companies = companies_of_the_demo(said["companies"], scribe.random)
            open_accounts(scribe, office, companies)
        subjects = Subjects.of_the_year(scribe, said, companies)
        Journey(scribe, office, year, said).live(subjects.lots)
        subjects.finish(scribe, office, year, said)
    made = Application.objects.filter(programme=year.programme).count()
    if say:
        say(f"{len(subjects.works)} sample works of {len(companies)} companies, {made} applications")
    return made


def load_award() -> Application | None:
    """The sample work that goes from its bookings to an award; None in a city without the demo."""
    return _load_award(read_sample()["award"])
