"""A small city: an office, two crews and a base, and a person for every role. For access tests of every floor."""

from __future__ import annotations

from dataclasses import dataclass

from allauth.account.models import EmailAddress
from tests.factories import PASSWORD, make_organisation, make_person

from xiepai.parties.access import Actor, actor_of, system
from xiepai.parties.models import Membership, Organisation, OrganisationKind, Person, Role
from xiepai.parties.services import add_member

__all__ = ["PASSWORD", "City", "join", "make_city", "newcomer"]


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


def make_city() -> City:
    """The city; the stranger produces for the other crew."""
    office = make_organisation(OrganisationKind.OFFICE, name="武进协拍办")
    crew = make_organisation(OrganisationKind.CREW, name="晨光剧组")
    other = make_organisation(OrganisationKind.CREW, name="星河剧组")
    base = make_organisation(OrganisationKind.BASE, name="西太湖样例基地")
    homes = {Role.PRODUCER: crew, Role.SCHEDULER: crew, Role.KEEPER: base}
    people = {}
    for role in Role:
        home, email = homes.get(role, office), f"{role.value}@example.com"
        people[role.value], _ = make_person(role, home, email=email, name=f"{role.label}甲")
    stranger, _ = make_person(Role.PRODUCER, other, email="stranger@example.com", name="路人乙")
    for person in [*people.values(), stranger]:
        has_signed_in(person)
    return City(office, crew, other, base, people, stranger)


def newcomer(email: str, name: str) -> Person:
    """Someone with an account and no organisation yet."""
    person = Person.objects.create_user(email, PASSWORD, name=name)
    has_signed_in(person)
    return person


def has_signed_in(person: Person) -> None:
    """What the first sign-in leaves behind: the address as django-allauth keeps it."""
    EmailAddress.objects.create(user=person, email=person.email, verified=True, primary=True)


def join(person: Person, organisation: Organisation, role: str) -> Membership:
    """Let someone join, as the system."""
    return add_member(actor=system(), organisation_id=organisation.pk, person_id=person.pk, role=role)
