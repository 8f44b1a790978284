"""The rows of grants: what the database itself refuses, and who may see which."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from tests.city import City, make_city
from tests.factories import make_organisation

from xiepai.grants import access
from xiepai.grants.models import Application, Fact, Programme, ProgrammeVersion, ReviewAssignment
from xiepai.kernel import audit
from xiepai.kernel.errors import ErrorCode, XiepaiError
from xiepai.parties.access import NOBODY, system
from xiepai.parties.models import Role

pytestmark = pytest.mark.django_db


@pytest.fixture
def city() -> City:
    return make_city()


@pytest.fixture
def application(city: City) -> Application:
    programme = Programme.objects.create(code="wujin-2026", name="样例", year=2026, policy_slug="wujin-2025")
    version = ProgrammeVersion.objects.create(
        programme=programme, number=1, policy_text="x\n", sha256="0" * 64, effective_from=date(2026, 1, 1)
    )
    made = Application.objects.create(programme=programme, version=version, organisation=city.crew, number="A-1")
    audit.record("grants.application.started", made, actor=system())
    return made


def test_a_published_version_is_never_changed(application: Application) -> None:
    with pytest.raises(DatabaseError, match="never changed"), transaction.atomic():
        ProgrammeVersion.objects.filter(pk=application.version_id).update(policy_text="y\n")
    with pytest.raises(DatabaseError, match="never changed"), transaction.atomic():
        connection.cursor().execute("DELETE FROM grants_programmeversion WHERE id = %s", [application.version_id])


def test_a_stated_fact_is_kept_and_a_further_one_takes_its_place(city: City) -> None:
    first = Fact.objects.create(
        organisation=city.crew, name="founded_on", kind="date", value="2020-01-01", source="office"
    )
    with pytest.raises(DatabaseError, match="never changed"), transaction.atomic():
        Fact.objects.filter(pk=first.pk).update(value="2019-01-01")
    with pytest.raises(IntegrityError), transaction.atomic():
        Fact.objects.create(organisation=city.crew, name="founded_on", kind="date", value="2019-01-01", source="office")
    with pytest.raises(IntegrityError), transaction.atomic():
        Fact.objects.create(name="founded_on", kind="date", value="2019-01-01", source="office")
    audit.record("grants.fact.stated", first, actor=system())


def test_who_sees_an_application(city: City, application: Application) -> None:
    seen = {
        role: access.visible_applications(city.actor(role)).filter(pk=application.pk).exists() for role in city.people
    }
    assert seen == {
        Role.PRODUCER: True,
        Role.SCHEDULER: True,
        Role.KEEPER: False,
        Role.OFFICER: True,
        Role.REVIEWER: False,
        Role.FINANCE: True,
        Role.LEADER: True,
        Role.ADMINISTRATOR: True,
    }
    assert not access.visible_applications(NOBODY).exists()
    ReviewAssignment.objects.create(application=application, reviewer=city.people[Role.REVIEWER], code="甲")
    assert not access.visible_applications(city.actor(Role.REVIEWER)).exists(), "an expert knows a code, no application"
    audit.record("grants.review.assigned", application, actor=system())


def test_another_company_is_not_found_and_a_reader_is_forbidden(city: City) -> None:
    with pytest.raises(XiepaiError) as refused:
        access.require_company(city.actor(Role.PRODUCER), make_organisation("crew").pk)
    assert refused.value.code is ErrorCode.NOT_FOUND
    with pytest.raises(XiepaiError) as refused:
        access.require_company(city.actor(Role.FINANCE), city.crew.pk)
    assert refused.value.code is ErrorCode.FORBIDDEN
    access.require_company(city.actor(Role.SCHEDULER), city.crew.pk)
    access.require_company(city.actor(Role.OFFICER), city.crew.pk)
