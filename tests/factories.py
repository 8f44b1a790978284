"""The smallest people, organisations and places a test needs; every one written with its audit row."""

from __future__ import annotations

from datetime import date
from itertools import count
from typing import Any

from django.db import transaction

from xiepai.kernel import audit
from xiepai.parties.access import Actor, actor_of, system
from xiepai.parties.models import CREW_ROLES, Membership, Organisation, OrganisationKind, Person, Role
from xiepai.places.models import Place, Tariff, Visibility
from xiepai.places.search import document, sort_key

_number = count(1)
PASSWORD = "correct horse battery staple"


def make_organisation(kind: str = OrganisationKind.BASE, **fields: Any) -> Organisation:
    """An organisation of a kind, with a name of its own."""
    with transaction.atomic():
        name = fields.pop("name", f"测试{kind}{next(_number)}")
        organisation = Organisation.objects.create(kind=kind, name=name, **fields)
        audit.record("parties.organisation.created", organisation, actor=system())
    return organisation


def make_person(role: str, organisation: Organisation | None = None, **fields: Any) -> tuple[Person, Actor]:
    """A person in a role (of a fresh fitting organisation where none is given), and the actor they are."""
    organisation = organisation or make_organisation(_kind_for(role))
    number = next(_number)
    with transaction.atomic():
        values = {"name": f"测试人员{number}", **fields}
        person = Person.objects.create_user(values.pop("email", f"p{number}@example.org"), PASSWORD, **values)
        membership = Membership.objects.create(person=person, organisation=organisation, role=role)
        audit.record("parties.member.added", membership, actor=system())
    return person, actor_of(person)


def make_place(owner: Organisation, *, priced: bool = True, **fields: Any) -> Place:
    """A public set, open round the clock, confirmed at once, 100 yuan an hour or 1,000 a day of 14 hours."""
    number = next(_number)
    values: dict[str, Any] = {
        "code": f"T-{number}",
        "name": f"测试场景{number}",
        "town": "xitaihu",
        "categories": ["office"],
        "visibility": Visibility.PUBLIC,
        **fields,
    }
    with transaction.atomic():
        place = Place(owner=owner, **values)
        place.search_text, place.sort_key = document(place), sort_key(place.name)
        place.save()
        audit.record("places.place.created", place, actor=system())
        if priced:
            tariff = Tariff.objects.create(place=place, valid_from=date(2020, 1, 1), hour_fen=10_000, day_fen=100_000)
            audit.record("places.tariff.published", tariff, actor=system())
    place.refresh_from_db()
    return place


def _kind_for(role: str) -> str:
    if role in CREW_ROLES:
        return OrganisationKind.CREW
    return OrganisationKind.BASE if role == Role.KEEPER else OrganisationKind.OFFICE
