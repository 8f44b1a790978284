"""A crew company with a work, an officer who checks its papers, and files to hand in. For tests of productions."""

from __future__ import annotations

import io
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from PIL import Image
from tests.factories import make_organisation, make_person

from xiepai.kernel.clock import CITY_ZONE
from xiepai.parties.access import Actor, system
from xiepai.parties.models import Organisation, Person
from xiepai.productions import services
from xiepai.productions.checklist import checklist
from xiepai.productions.models import Paper, Work

NOW = datetime(2026, 12, 1, 9, tzinfo=CITY_ZONE)
TODAY = NOW.date()
SHOOT = (date(2026, 12, 7), date(2026, 12, 12))
#: The smallest PDF with a head, a body and an end.
PDF = (
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\n"
    b"xref\n0 3\n0000000000 65535 f \n0000000009 00000 n \n0000000054 00000 n \n"
    b"trailer<</Size 3/Root 1 0 R>>\nstartxref\n105\n%%EOF\n"
)


@dataclass
class Company:
    """The people around one work."""

    crew: Organisation
    producer: Actor
    person: Person
    scheduler: Actor
    officer: Actor
    stranger: Actor
    keeper: Actor


def make_company() -> Company:
    """A crew company, another one, a keeper and the office; the checklist a fresh installation has."""
    services.add_missing_kinds(actor=system())
    crew = make_organisation("crew")
    person, producer = make_person("producer", crew)
    return Company(
        crew,
        producer,
        person,
        make_person("scheduler", crew)[1],
        make_person("officer")[1],
        make_person("producer")[1],
        make_person("keeper")[1],
    )


def make_work(company: Company, **fields: Any) -> Work:
    """A live-action work of the lowest class that shoots from 7 to 12 December 2026."""
    values = {
        "title": "湖畔来信",
        "investment_fen": 50_000_000,
        "shooting_from": SHOOT[0],
        "shooting_to": SHOOT[1],
        **fields,
    }
    return services.declare_work(actor=company.producer, organisation_id=company.crew.pk, **values)


def give(company: Company, work: Work, code: str, *, accepted: bool = True, **fields: Any) -> Paper:
    """Hand a paper in, and let the office accept it."""
    values = {"number": "样例-1", **fields}
    paper = services.submit_paper(actor=company.producer, work_id=work.pk, kind_code=code, **values)
    return services.accept_paper(actor=company.officer, paper_id=paper.pk) if accepted else paper


def give_all(company: Company, work: Work, **fields: Any) -> None:
    """Every paper the work's shoot requires."""
    for item in checklist(work, TODAY):
        if item.is_required and item.kind.needed_by == "shooting":
            for number in range(item.wanted):
                about = f"第 {number + 1}" if item.kind.per_piece != "work" else ""
                give(company, work, item.kind.code, about=about, **fields)


def picture(kind: str = "JPEG", size: tuple[int, int] = (60, 40)) -> bytes:
    """A picture as bytes."""
    out = io.BytesIO()
    Image.new("RGB", size, "teal").save(out, kind)
    return out.getvalue()
