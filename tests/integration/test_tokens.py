"""API tokens: shown once, kept as a digest, never stronger than their maker is today."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests.city import City, join, make_city, newcomer

from xiepai.kernel import clock
from xiepai.kernel.errors import ErrorCode, XiepaiError
from xiepai.kernel.models import AuditEntry
from xiepai.parties import services, tokens
from xiepai.parties.access import actor_of
from xiepai.parties.models import ApiToken, Membership, Role

pytestmark = pytest.mark.django_db


@pytest.fixture
def city() -> City:
    return make_city()


def refused(code: ErrorCode) -> pytest.RaisesExc[XiepaiError]:
    return pytest.RaisesExc(XiepaiError, check=lambda error: error.code is code)


def make(city: City, roles: tuple[str, ...] = (Role.PRODUCER,), **fields: object) -> tokens.IssuedToken:
    return tokens.create_token(
        actor=city.actor(Role.PRODUCER), organisation_id=city.crew.pk, name="排期软件", roles=roles, **fields
    )


def test_a_token_acts_for_its_organisation(city: City) -> None:
    issued = make(city)
    assert issued.secret.startswith("xp_")
    assert issued.token.prefix == issued.secret[:8]
    actor = tokens.authenticate_token(issued.secret)
    assert (actor.name, actor.person_id) == ("token:排期软件", city.people[Role.PRODUCER].pk)
    assert actor.grants == {(city.crew.pk, "producer")}


def test_only_the_digest_is_kept(city: City) -> None:
    issued = make(city)
    row = ApiToken.objects.get()
    assert issued.secret not in {str(value) for value in vars(row).values()}
    assert len(row.digest) == 64
    entry = AuditEntry.objects.get(event="parties.token.created")
    assert "digest" not in (entry.after or {})


def test_roles_are_a_subset_of_the_makers(city: City) -> None:
    for roles in ((Role.SCHEDULER,), (Role.PRODUCER, Role.OFFICER), (Role.KEEPER,)):
        with refused(ErrorCode.FORBIDDEN):
            make(city, roles=roles)
    with refused(ErrorCode.INVALID):
        make(city, roles=())


def test_only_those_who_manage_make_tokens(city: City) -> None:
    for role, code in (
        (Role.SCHEDULER, ErrorCode.FORBIDDEN),
        (Role.OFFICER, ErrorCode.FORBIDDEN),
        (Role.KEEPER, ErrorCode.NOT_FOUND),
    ):
        with refused(code):
            tokens.create_token(actor=city.actor(role), organisation_id=city.crew.pk, name="x", roles=[Role.PRODUCER])


@pytest.mark.parametrize("wrong", ["", "xp_", "xp_wrong", "Bearer xp_wrong"])
def test_anything_else_is_refused(city: City, wrong: str) -> None:
    make(city)
    with refused(ErrorCode.TOKEN_INVALID):
        tokens.authenticate_token(wrong)


def test_a_token_ends(city: City) -> None:
    start = clock.now()
    issued = make(city, expires_at=start + timedelta(days=30))
    with clock.frozen(start + timedelta(days=29)):
        assert tokens.authenticate_token(issued.secret)
    with clock.frozen(start + timedelta(days=30)), refused(ErrorCode.TOKEN_INVALID):
        tokens.authenticate_token(issued.secret)
    with refused(ErrorCode.INVALID):
        make(city, expires_at=start)


def test_a_token_is_revoked(city: City) -> None:
    issued = make(city)
    with refused(ErrorCode.NOT_FOUND):
        tokens.revoke_token(actor=actor_of(city.stranger), token_id=issued.token.pk)
    with refused(ErrorCode.FORBIDDEN):
        tokens.revoke_token(actor=city.actor(Role.SCHEDULER), token_id=issued.token.pk)
    tokens.revoke_token(actor=city.actor(Role.OFFICER), token_id=issued.token.pk)
    with refused(ErrorCode.TOKEN_INVALID):
        tokens.authenticate_token(issued.secret)


def test_a_role_its_maker_lost_is_lost_to_the_token(city: City) -> None:
    issued = make(city)
    join(newcomer("second@example.com", "乙"), city.crew, Role.PRODUCER)
    own = Membership.objects.get(person=city.people[Role.PRODUCER])
    services.change_role(actor=city.actor(Role.PRODUCER), membership_id=own.pk, role=Role.SCHEDULER)
    with refused(ErrorCode.TOKEN_INVALID):
        tokens.authenticate_token(issued.secret)


def test_a_suspended_organisation_or_person_has_no_tokens(city: City) -> None:
    issued = make(city)
    admin = city.actor(Role.ADMINISTRATOR)
    services.set_organisation_active(actor=admin, organisation_id=city.crew.pk, is_active=False)
    with refused(ErrorCode.TOKEN_INVALID):
        tokens.authenticate_token(issued.secret)
    services.set_organisation_active(actor=admin, organisation_id=city.crew.pk, is_active=True)
    person = city.people[Role.PRODUCER]
    person.is_active = False
    person.save(update_fields=["is_active"])
    with refused(ErrorCode.TOKEN_INVALID):
        tokens.authenticate_token(issued.secret)


def test_the_day_of_use_is_noted_once_a_day(city: City) -> None:
    issued = make(city)
    for _ in range(3):
        tokens.authenticate_token(issued.secret)
    assert AuditEntry.objects.filter(event="parties.token.used").count() == 1
    assert ApiToken.objects.get().last_used_on == clock.today()
    with clock.frozen(clock.now() + timedelta(days=1)):
        tokens.authenticate_token(issued.secret)
        assert AuditEntry.objects.filter(event="parties.token.used").count() == 2
