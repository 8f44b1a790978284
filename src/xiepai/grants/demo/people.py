"""Who acts in the demo year: the office's demo accounts, sample experts, sample companies with their accounts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import product
from random import Random
from typing import Any

from django.contrib.auth.hashers import make_password

from xiepai.grants.demo.scribe import Scribe
from xiepai.grants.models import AccountState, BankAccount
from xiepai.kernel import audit, clock
from xiepai.parties.access import Actor, actor_of, system
from xiepai.parties.models import Membership, Organisation, OrganisationKind, Person, Role
from xiepai.places.demo.files import read_rows
from xiepai.places.services.clusters import clusters, set_cluster
from xiepai.productions.demo_year import add_companies

LOADER = system("load_demo_grants")
#: Where the demo's own crews stand among the companies, so that works of theirs are old, new and being written.
OWN_PLACES = (22, 16)
_TOWNS = ("hutang", "xihu", "niutang", "luoyang", "lijia", "qianhuang", "huangli", "xueyan", "jiaze", "nanxiashu")


@dataclass(frozen=True)
class Office:
    """The people of the office who sign, and the experts."""

    officer: Actor
    finance: Actor
    leader: Actor
    administrator: Actor
    experts: tuple[Person, ...]


def office_of_the_demo(scribe: Scribe, names: Sequence[str]) -> Office | None:
    """The demo accounts and the sample experts (without a password); None where there are no accounts."""
    roles = ("officer", "finance", "leader", "administrator")
    people = {person.email: person for person in Person.objects.filter(email__in=[f"{r}@demo.xiepai" for r in roles])}
    home = Organisation.objects.filter(kind=OrganisationKind.OFFICE, standing="sample").first()
    if len(people) < len(roles) or home is None:
        return None
    officer, finance, leader, administrator = (actor_of(people[f"{role}@demo.xiepai"]) for role in roles)
    return Office(officer, finance, leader, administrator, _experts(home, names))


def _experts(home: Organisation, names: Sequence[str]) -> tuple[Person, ...]:
    """The demo's reviewer, who can sign in, and sample experts, who cannot."""
    closed = make_password(None)
    rows = [Person(email=f"expert{at}@demo.xiepai", name=name, password=closed) for at, name in enumerate(names, 1)]
    people = Person.objects.bulk_create(rows)
    members = Membership.objects.bulk_create(
        Membership(person=person, organisation=home, role=Role.REVIEWER) for person in people
    )
    audit.record_many((audit.Trace("parties.member.added", row) for row in members), actor=LOADER)
    return (*Person.objects.filter(email="reviewer@demo.xiepai"), *people)


def companies_of_the_demo(said: dict[str, Any], random: Random) -> list[Organisation]:
    """Sample companies of the year, crews first, those among them whose people can sign in."""
    own = [row["name"] for row in read_rows("organisations") if row["key"] in said["own"]]
    pairs = list(product(said["first"], said["second"]))
    random.shuffle(pairs)
    kinds = [OrganisationKind.CREW] * said["crews"] + [OrganisationKind.ENTERPRISE] * said["enterprises"]
    rows = [
        {
            "kind": str(kind),
            "name": f"{first}{second}（样例公司）",
            "name_en": f"{first_en} {second_en} (sample company)",
            "town": _TOWNS[at % len(_TOWNS)],
        }
        for at, (kind, ((first, first_en), (second, second_en))) in enumerate(zip(kinds, pairs, strict=False))
    ]
    found = add_companies(LOADER, rows)
    codes = [*(word.code for word in clusters()), ""]
    for at, row in enumerate(found):
        set_cluster(actor=LOADER, organisation_id=row.pk, cluster=codes[at % len(codes)])
    for place, name in sorted(zip(OWN_PLACES, own, strict=False)):
        found[place:place] = Organisation.objects.filter(name=name)
    return found


def open_accounts(scribe: Scribe, office: Office, companies: Sequence[Organisation]) -> None:
    """An account a company, proposed by one and confirmed by another; the number says that it is none."""
    rows = [
        BankAccount(
            organisation=company, holder=company.name, bank="样例银行武进支行", number=f"0000{company.pk:012d}",
            proposed_by_id=office.officer.person_id, proposed_at=clock.now(),
        )
        for company in companies
    ]  # fmt: skip
    made = scribe.add(rows, "grants.account.proposed", office.officer)
    with clock.frozen(clock.now() + timedelta(hours=3)):
        fields = ["state", "usable_from", "confirmed_by", "confirmed_at"]
        with scribe.changing(made, "grants.account.confirmed", office.finance, fields):
            for row in made:
                row.state, row.usable_from = AccountState.ACTIVE.value, clock.now()
                row.confirmed_by_id, row.confirmed_at = office.finance.person_id, clock.now()
