"""Organisations and members: who may change them, what is refused, what the trail keeps."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, transaction
from tests.city import City, join, make_city, newcomer

from xiepai.kernel.errors import ErrorCode, XiepaiError
from xiepai.kernel.models import AuditEntry
from xiepai.parties import selectors, services
from xiepai.parties.access import actor_of
from xiepai.parties.models import Membership, Organisation, OrganisationKind, Role
from xiepai.parties.rules import ROLES_OF, check_uscc

pytestmark = pytest.mark.django_db


@pytest.fixture
def city() -> City:
    return make_city()


def refused(code: ErrorCode) -> pytest.RaisesExc[XiepaiError]:
    return pytest.RaisesExc(XiepaiError, check=lambda error: error.code is code)


def test_a_crew_signs_up_itself() -> None:
    person = newcomer("new@example.com", "新制片")
    crew = services.sign_up_crew(person=person, name="  云上  剧组 ", uscc="91110000600037341L")
    assert (crew.kind, crew.name, crew.uscc_warning) == ("crew", "云上 剧组", "")
    assert actor_of(person).holds(Role.PRODUCER, organisation_id=crew.pk)
    events = AuditEntry.objects.filter(organisation_id=crew.pk).order_by("id").values_list("event", "actor_id")
    assert list(events) == [("parties.organisation.signed_up", person.pk), ("parties.member.added", person.pk)]


@pytest.mark.parametrize(
    ("number", "stored", "warning"),
    [
        ("", "", ""),
        ("9111 0000 6000-3734 1l", "91110000600037341L", ""),
        ("91110000600037341X", "91110000600037341X", "check_digit"),
        ("A1110000600037341L", "A1110000600037341L", "format"),
        ("12345", "12345", "length"),
    ],
)
def test_a_registration_number_is_warned_about_never_refused(number: str, stored: str, warning: str) -> None:
    assert check_uscc(number) == (stored, warning)
    person = newcomer("n@example.com", "甲")
    crew = services.sign_up_crew(person=person, name="甲剧组", uscc=number)
    assert (crew.uscc, crew.uscc_warning) == (stored, warning)


def test_a_number_that_is_too_long_is_kept_and_warned_about(city: City) -> None:
    actor = city.actor(Role.OFFICER)
    row = services.create_organisation(actor=actor, kind="hotel", name="湖畔酒店", uscc="9" * 24)
    assert (row.uscc, row.uscc_warning) == ("9" * 24, "length")


def test_two_organisations_never_share_a_name(city: City) -> None:
    with refused(ErrorCode.INVALID):
        services.sign_up_crew(person=city.stranger, name=city.crew.name)
    assert Organisation.objects.filter(name=city.crew.name).count() == 1


@pytest.mark.parametrize("role", [role for role in Role if role not in {Role.OFFICER, Role.ADMINISTRATOR}])
def test_only_officers_create_organisations(city: City, role: Role) -> None:
    with refused(ErrorCode.FORBIDDEN):
        services.create_organisation(actor=city.actor(role), kind="hotel", name="湖畔酒店")


def test_only_an_administrator_creates_an_office(city: City) -> None:
    with refused(ErrorCode.FORBIDDEN):
        services.create_organisation(actor=city.actor(Role.OFFICER), kind="office", name="第二办公室")
    assert services.create_organisation(actor=city.actor(Role.ADMINISTRATOR), kind="office", name="第二办公室")


def test_no_organisation_but_an_office_gives_office_roles(city: City) -> None:
    producer = city.actor(Role.PRODUCER)
    for role in ROLES_OF[OrganisationKind.OFFICE]:
        with refused(ErrorCode.INVALID):
            services.add_member(actor=producer, organisation_id=city.crew.pk, person_id=city.stranger.pk, role=role)
    own = Membership.objects.get(person=city.people[Role.PRODUCER])
    with refused(ErrorCode.INVALID):
        services.change_role(actor=producer, membership_id=own.pk, role=Role.ADMINISTRATOR)


def test_another_organisation_is_not_found(city: City) -> None:
    theirs = Membership.objects.get(person=city.stranger)
    producer = city.actor(Role.PRODUCER)
    for attempt in (
        lambda: selectors.get_organisation(producer, city.other_crew.pk),
        lambda: selectors.members_of(producer, city.other_crew.pk),
        lambda: selectors.open_invitations(producer, city.other_crew.pk),
        lambda: selectors.tokens_of(producer, city.other_crew.pk),
        lambda: services.update_organisation(actor=producer, organisation_id=city.other_crew.pk, name="占用"),
        lambda: services.remove_member(actor=producer, membership_id=theirs.pk),
        lambda: services.change_role(actor=producer, membership_id=theirs.pk, role=Role.SCHEDULER),
        lambda: services.remove_member(actor=producer, membership_id=10**9),
    ):
        with refused(ErrorCode.NOT_FOUND):
            attempt()


def test_a_member_without_the_managing_role_is_told_who_may(city: City) -> None:
    scheduler = city.actor(Role.SCHEDULER)
    with pytest.raises(XiepaiError, match="制片") as refusal:
        services.update_organisation(actor=scheduler, organisation_id=city.crew.pk, name="改名")
    assert refusal.value.code is ErrorCode.FORBIDDEN


def test_the_last_who_manages_stays(city: City) -> None:
    producer = city.actor(Role.PRODUCER)
    own = Membership.objects.get(person=city.people[Role.PRODUCER])
    for attempt in (
        lambda: services.remove_member(actor=producer, membership_id=own.pk),
        lambda: services.change_role(actor=producer, membership_id=own.pk, role=Role.SCHEDULER),
        lambda: services.remove_member(actor=city.actor(Role.ADMINISTRATOR), membership_id=own.pk),
    ):
        with refused(ErrorCode.LAST_ADMINISTRATOR):
            attempt()
    second = join(newcomer("second@example.com", "制片乙"), city.crew, Role.PRODUCER)
    services.remove_member(actor=producer, membership_id=own.pk)
    with refused(ErrorCode.LAST_ADMINISTRATOR):
        services.remove_member(actor=actor_of(second.person), membership_id=second.pk)


def test_everyone_may_leave(city: City) -> None:
    own = Membership.objects.get(person=city.people[Role.SCHEDULER])
    services.remove_member(actor=city.actor(Role.SCHEDULER), membership_id=own.pk)
    entry = AuditEntry.objects.latest("id")
    assert entry.event == "parties.member.removed"
    assert entry.before == {
        "id": own.pk,
        "person_id": own.person_id,
        "organisation_id": city.crew.pk,
        "role": "scheduler",
        "created_at": entry.before["created_at"],
    }
    assert entry.after is None


def test_a_suspended_organisation_acts_no_more(city: City) -> None:
    admin = city.actor(Role.ADMINISTRATOR)
    services.set_organisation_active(actor=admin, organisation_id=city.crew.pk, is_active=False)
    assert not city.actor(Role.PRODUCER).roles
    services.set_organisation_active(actor=admin, organisation_id=city.crew.pk, is_active=True)
    assert city.actor(Role.PRODUCER).roles == {"producer"}
    with refused(ErrorCode.LAST_ADMINISTRATOR):
        services.set_organisation_active(actor=admin, organisation_id=city.office.pk, is_active=False)


def test_the_trail_keeps_only_what_changed_and_no_secret(city: City) -> None:
    services.update_person(actor=city.actor(Role.PRODUCER), name="王制片", phone="0519 0000 0000")
    entry = AuditEntry.objects.latest("id")
    assert (entry.event, entry.before, entry.after) == (
        "parties.person.updated",
        {"name": "制片甲", "phone": ""},
        {"name": "王制片", "phone": "0519 0000 0000"},
    )
    services.record_security_event(event="parties.sign_in.succeeded", person=city.stranger, method="password")
    assert AuditEntry.objects.latest("id").after == {"method": "password"}


@pytest.mark.django_db(transaction=True)
def test_the_database_refuses_a_write_without_its_audit_row() -> None:
    city = make_city()
    with pytest.raises(DatabaseError, match="left no audit row"), transaction.atomic():
        Organisation.objects.filter(pk=city.crew.pk).update(name="偷改")
    assert Organisation.objects.get(pk=city.crew.pk).name == "晨光剧组"
    entry = AuditEntry.objects.latest("id")
    with pytest.raises(DatabaseError, match="never changed"), transaction.atomic():
        AuditEntry.objects.filter(pk=entry.pk).update(event="parties.nothing.happened")


def test_the_office_finds_organisations(city: City) -> None:
    officer = city.actor(Role.OFFICER)
    found = selectors.search_organisations(officer, words="剧组", sort="-people")
    assert [(row.name, row.people) for row in found] == [("晨光剧组", 2), ("星河剧组", 1)]
    assert [row.name for row in selectors.search_organisations(officer, kind="base")] == ["西太湖样例基地"]
    assert [row.name for row in selectors.search_organisations(city.actor(Role.PRODUCER))] == ["晨光剧组"]
    services.create_organisation(actor=officer, kind="vendor", name="灯光租赁", uscc="1")
    assert [row.name for row in selectors.search_organisations(officer, state="warned")] == ["灯光租赁"]
