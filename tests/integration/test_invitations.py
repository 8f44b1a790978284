"""Invitations: one role, one use, fourteen days, and only a digest stays behind."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from tests.city import City, make_city, newcomer

from xiepai.kernel import clock
from xiepai.kernel.errors import ErrorCode, XiepaiError
from xiepai.kernel.models import AuditEntry, RateWindow
from xiepai.parties import invitations, selectors, services
from xiepai.parties.access import actor_of
from xiepai.parties.limits import LIMITS
from xiepai.parties.models import Invitation, Membership, Person, Role

pytestmark = pytest.mark.django_db


@pytest.fixture
def city() -> City:
    return make_city()


@pytest.fixture(autouse=True)
def _one_instant() -> Iterator[None]:
    with clock.frozen(clock.now()):
        yield


def refused(code: ErrorCode) -> pytest.RaisesExc[XiepaiError]:
    return pytest.RaisesExc(XiepaiError, check=lambda error: error.code is code)


def issue(city: City, email: str = "Guest@Example.com", role: str = Role.SCHEDULER) -> invitations.IssuedInvitation:
    return invitations.invite(actor=city.actor(Role.PRODUCER), organisation_id=city.crew.pk, email=email, role=role)


def test_a_new_person_joins(city: City) -> None:
    issued = issue(city)
    assert issued.invitation.email == "guest@example.com"
    person = invitations.accept_as_new_person(secret=issued.secret, name="客人", password="far-moon-43")
    assert person.check_password("far-moon-43")
    assert actor_of(person).grants == {(city.crew.pk, "scheduler")}
    with refused(ErrorCode.INVITATION_INVALID):
        invitations.accept_invitation(person=city.stranger, secret=issued.secret)
    events = AuditEntry.objects.filter(actor_id=person.pk).order_by("id").values_list("event", flat=True)
    assert list(events) == ["parties.person.created", "parties.member.added", "parties.invitation.accepted"]


def test_someone_with_an_account_joins(city: City) -> None:
    issued = issue(city)
    invitations.accept_invitation(person=city.stranger, secret=issued.secret)
    assert actor_of(city.stranger).organisations() == {city.crew.pk, city.other_crew.pk}


def test_an_address_with_an_account_makes_no_second_person(city: City) -> None:
    issued = issue(city, email=city.stranger.email.upper())
    with refused(ErrorCode.INVALID):
        invitations.accept_as_new_person(secret=issued.secret, name="冒名", password="far-moon-43")
    assert Person.objects.filter(email=city.stranger.email).count() == 1
    assert invitations.find_invitation(issued.secret) == issued.invitation


def test_the_secret_is_nowhere_in_the_database(city: City) -> None:
    secret = issue(city).secret
    stored = {model: str(list(model.objects.values())) for model in (Invitation, AuditEntry, RateWindow)}
    assert not [model for model, text in stored.items() if secret in text]
    assert [model for model, text in stored.items() if invitations.digest(secret) in text] == [Invitation]


def test_it_ends_after_fourteen_days(city: City) -> None:
    issued, start = issue(city), clock.now()
    with clock.frozen(start + timedelta(days=14, seconds=-1)):
        assert invitations.find_invitation(issued.secret)
    with clock.frozen(start + timedelta(days=14)), refused(ErrorCode.INVITATION_INVALID):
        invitations.accept_invitation(person=city.stranger, secret=issued.secret)


def test_it_can_be_taken_back(city: City) -> None:
    issued = issue(city)
    invitations.revoke_invitation(actor=city.actor(Role.PRODUCER), invitation_id=issued.invitation.pk)
    with refused(ErrorCode.INVITATION_INVALID):
        invitations.accept_invitation(person=city.stranger, secret=issued.secret)
    with refused(ErrorCode.INVITATION_INVALID):
        invitations.revoke_invitation(actor=city.actor(Role.PRODUCER), invitation_id=issued.invitation.pk)


def test_asking_again_replaces_the_earlier_one(city: City) -> None:
    first, second = issue(city), issue(city)
    with refused(ErrorCode.INVITATION_INVALID):
        invitations.find_invitation(first.secret)
    open_now = selectors.open_invitations(city.actor(Role.PRODUCER), city.crew.pk)
    assert list(open_now) == [second.invitation]


def test_nobody_invites_beyond_his_organisation_and_role(city: City) -> None:
    for role, code in ((Role.SCHEDULER, ErrorCode.FORBIDDEN), (Role.KEEPER, ErrorCode.NOT_FOUND)):
        with refused(code):
            invitations.invite(
                actor=city.actor(role), organisation_id=city.crew.pk, email="a@example.com", role=Role.SCHEDULER
            )
    with refused(ErrorCode.INVALID):
        issue(city, role=Role.OFFICER)
    with refused(ErrorCode.NOT_FOUND):
        invitations.revoke_invitation(actor=actor_of(city.stranger), invitation_id=issue(city).invitation.pk)


def test_a_member_is_not_invited_twice(city: City) -> None:
    with refused(ErrorCode.ALREADY_MEMBER):
        issue(city, email=city.people[Role.SCHEDULER].email)


def test_an_invitation_into_a_suspended_organisation_is_void(city: City) -> None:
    issued = issue(city)
    services.set_organisation_active(
        actor=city.actor(Role.ADMINISTRATOR), organisation_id=city.crew.pk, is_active=False
    )
    with refused(ErrorCode.INVITATION_INVALID):
        invitations.accept_invitation(person=city.stranger, secret=issued.secret)


def test_thirty_an_hour_are_enough(city: City) -> None:
    for number in range(LIMITS["invite"].calls):
        issue(city, email=f"guest{number}@example.com")
    with refused(ErrorCode.RATE_LIMITED):
        issue(city, email="one-more@example.com")
    assert Invitation.objects.count() == LIMITS["invite"].calls
    with clock.frozen(clock.now() + timedelta(hours=1)):
        issue(city, email="one-more@example.com")
    assert not RateWindow.objects.filter(bucket__contains="@").exists()


def test_accepting_what_one_already_is_changes_nothing_but_the_invitation(city: City) -> None:
    issued = issue(city, email="second@example.com")
    person = newcomer("second@example.com", "乙")
    other = issue(city, email="third@example.com")
    invitations.accept_invitation(person=person, secret=issued.secret)
    invitations.accept_invitation(person=person, secret=other.secret)
    assert Membership.objects.filter(person=person).count() == 1
