"""A small city of people and organisations for tests of every floor. Production never imports this file."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import transaction

from xiepai.kernel import audit
from xiepai.parties.access import Actor, actor_of, system
from xiepai.parties.models import Membership, Organisation, OrganisationKind, Person, Role

PASSWORD = "lantern-over-west-lake"  # noqa: S105  # of people who exist in test databases only


@dataclass(frozen=True)
class City:
    """One organisation of each kind that matters, and one person for each role."""

    office: Organisation
    crew: Organisation
    other_crew: Organisation
    base: Organisation
    people: dict[str, Person]
    stranger: Person

    def actor(self, role: str) -> Actor:
        """The actor who holds that role."""
        return actor_of(self.people[role])


def make_organisation(kind: str, name: str, **fields: str) -> Organisation:
    """An organisation, audited as the system's work."""
    with transaction.atomic():
        row = Organisation.objects.create(kind=kind, name=name, **fields)
        audit.record("parties.organisation.created", row, actor=system("tests"), organisation_id=row.pk)
    return row


def make_person(email: str, name: str, *, password: str = PASSWORD) -> Person:
    """Someone who can sign in with ``PASSWORD``."""
    return Person.objects.create_user(email, password, name=name)


def make_member(person: Person, organisation: Organisation, role: str) -> Membership:
    """A membership, audited as the system's work."""
    with transaction.atomic():
        row = Membership.objects.create(person=person, organisation=organisation, role=role)
        audit.record("parties.member.added", row, actor=system("tests"))
    return row


def make_city() -> City:
    """Office, two crews, a base; a person for every role, and a stranger with an account of the other crew."""
    office = make_organisation(OrganisationKind.OFFICE, "武进协拍办")
    crew = make_organisation(OrganisationKind.CREW, "晨光剧组")
    other = make_organisation(OrganisationKind.CREW, "星河剧组")
    base = make_organisation(OrganisationKind.BASE, "西太湖样例基地")
    homes = {Role.PRODUCER: crew, Role.SCHEDULER: crew, Role.KEEPER: base}
    people = {}
    for role in Role:
        people[role.value] = make_person(f"{role.value}@example.com", f"{role.label}甲")
        make_member(people[role.value], homes.get(role, office), role)
    stranger = make_person("stranger@example.com", "路人乙")
    make_member(stranger, other, Role.PRODUCER)
    return City(office, crew, other, base, people, stranger)
