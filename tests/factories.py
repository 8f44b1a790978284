"""The smallest people, organisations and places a test needs, made through the services where there is one."""

from __future__ import annotations

from datetime import date
from itertools import count
from typing import Any

from django.db import transaction

from xiepai.kernel import audit
from xiepai.parties.access import Actor, actor_of, system
from xiepai.parties.models import CREW_ROLES, Membership, Organisation, OrganisationKind, Person, Role
from xiepai.places.models import Place, Tariff, Term, Visibility, Vocabulary
from xiepai.places.services import add_term, create_place, publish_tariff

_number = count(1)
PASSWORD = "correct horse battery staple"
LONG_AGO = date(2020, 1, 1)
WORDS: tuple[tuple[str, str, str, str], ...] = (
    (Vocabulary.TOWN, "xitaihu", "西太湖", "West Taihu"),
    (Vocabulary.TOWN, "jiaze", "嘉泽", "Jiaze"),
    (Vocabulary.CATEGORY, "office", "办公室", "Office"),
    (Vocabulary.CATEGORY, "hospital", "医院", "Hospital"),
    (Vocabulary.CATEGORY, "street", "街道", "Street"),
    (Vocabulary.STYLE, "modern", "现代", "Modern"),
    (Vocabulary.STYLE, "costume", "古装", "Period costume"),
    (Vocabulary.FACILITY, "air-conditioning", "空调", "Air conditioning"),
    (Vocabulary.RESTRICTION, "no-fire", "禁止明火", "No open fire"),
    (Vocabulary.BLOCKING, "repair", "检修", "Repair"),
)


def make_words() -> None:
    """The few words the other factories use; those already there stay."""
    known = set(Term.objects.values_list("vocabulary", "code"))
    for vocabulary, code, zh, en in WORDS:
        if (vocabulary, code) not in known:
            add_term(actor=system(), vocabulary=vocabulary, code=code, zh=zh, en=en)


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


def make_place(owner: Organisation | None = None, *, priced: bool = True, **fields: Any) -> Place:
    """A public set, open round the clock, confirmed at once, 100 yuan an hour or 1,000 a day of 14 hours."""
    make_words()
    number = next(_number)
    parent = fields.pop("parent", None)
    values: dict[str, Any] = {
        "code": f"T-{number}",
        "name": f"测试场景{number}",
        "town": "xitaihu",
        "categories": ["office"],
        "visibility": Visibility.PUBLIC,
        "parent_id": parent.pk if parent else None,
        **fields,
    }
    place = create_place(actor=system(), owner_id=(owner or make_organisation()).pk, **values)
    if priced:
        make_tariff(place)
    place.refresh_from_db()
    return place


def make_tariff(place: Place, valid_from: date = LONG_AGO, **fields: Any) -> Tariff:
    """100 yuan an hour, 1,000 yuan a day of 14 hours, unless *fields* say otherwise."""
    values: dict[str, Any] = {"hour_fen": 10_000, "day_fen": 100_000, **fields}
    return publish_tariff(actor=system(), place_id=place.pk, valid_from=valid_from, **values)


def _kind_for(role: str) -> str:
    if role in CREW_ROLES:
        return OrganisationKind.CREW
    return OrganisationKind.BASE if role == Role.KEEPER else OrganisationKind.OFFICE
