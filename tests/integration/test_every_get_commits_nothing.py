"""Looking changes nothing: every GET, by everyone, leaves every table but the sessions as it was."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.contenttypes.models import ContentType
from django.db import InternalError, connection
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import path, reverse
from psycopg import sql
from tests.city import City, make_city
from tests.factories import make_place
from tests.integration.test_access_table import DOORS, SAMPLES

from xiepai.bookings.models import Booking
from xiepai.bookings.services import place_hold
from xiepai.config import access
from xiepai.kernel import clock
from xiepai.kernel.models import RateWindow
from xiepai.parties import invitations
from xiepai.parties.access import system
from xiepai.parties.models import Membership, Role
from xiepai.places.models import Place
from xiepai.productions import services as productions
from xiepai.worktime.spans import Span

SESSIONS = "django_session"


def state_of_the_database() -> dict[str, Any]:
    """A digest of each table's rows."""
    with connection.cursor() as cursor:
        found = {}
        for table in connection.introspection.table_names(cursor):
            digest = sql.SQL("SELECT count(*), coalesce(sum(hashtext(t::text)), 0) FROM {} t")
            cursor.execute(digest.format(sql.Identifier(table)))
            found[table] = cursor.fetchone()
    found.pop(SESSIONS)
    return found


def real_ids(city: City, secret: str) -> dict[str, Any]:
    """Rows that exist, so that views come as far as they can."""
    member = Membership.objects.filter(organisation=city.crew).first()
    assert member is not None
    return {
        **SAMPLES,
        "organisation_id": city.crew.pk,
        "membership_id": member.pk,
        "object_id": city.crew.pk,
        "secret": secret,
    }


def hold(city: City, place: Place) -> Booking:
    """Two hours tomorrow morning."""
    start = clock.at_local_midnight(clock.today()) + timedelta(days=1, hours=10)
    return place_hold(
        actor=city.actor(Role.PRODUCER),
        organisation_id=city.crew.pk,
        place_id=place.pk,
        span=Span(start, start + timedelta(hours=2)),
    )


def rows_of_a_work(city: City) -> dict[str, int]:
    """A work with someone on its contact sheet and a paper handed in."""
    productions.add_missing_kinds(actor=system())
    actor = city.actor(Role.PRODUCER)
    work = productions.declare_work(actor=actor, organisation_id=city.crew.pk, title="湖畔来信")
    member = productions.add_crew_member(actor=actor, work_id=work.pk, name="张三", duty="camera")
    paper = productions.submit_paper(actor=actor, work_id=work.pk, kind_code="business-licence", number="1")
    return {"work_id": work.pk, "member_id": member.pk, "paper_id": paper.pk, "kind_id": paper.kind_id}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("role", [None, Role.PRODUCER, Role.KEEPER, Role.OFFICER, Role.ADMINISTRATOR])
def test_a_get_commits_nothing(role: Role | None) -> None:
    city = make_city()
    place = make_place(city.base)
    issued = invitations.invite(
        actor=city.actor(Role.PRODUCER), organisation_id=city.crew.pk, email="g@example.com", role=Role.SCHEDULER
    )
    given = {
        **real_ids(city, issued.secret),
        "place_id": place.pk,
        "booking_id": hold(city, place).pk,
        **rows_of_a_work(city),
    }
    client = Client()
    if role:
        client.force_login(city.people[role])
    before = state_of_the_database()
    for name, _spaces, taken in DOORS:
        client.get(reverse(name, kwargs={each: given.get(each, 1) for each in taken}))
    assert state_of_the_database() == before


def writes(request: HttpRequest) -> HttpResponse:
    RateWindow.objects.create(bucket="written by a GET", window_start="2026-11-23T00:00Z")
    return HttpResponse("written")


urlpatterns = [path("writes/", writes, name="writes")]


@pytest.mark.django_db
@pytest.mark.urls(__name__)
def test_the_database_refuses_what_a_get_writes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(access.PAGES, "writes", access.PUBLIC)
    with pytest.raises(InternalError, match="read-only"):
        Client().get("/writes/")
    assert Client().post("/writes/").status_code == 200
    assert RateWindow.objects.count() == 1
    monkeypatch.setitem(access.PAGES, "writes", access.Rule(access.Audience.EVERYONE, writes_on_get="to show it"))
    RateWindow.objects.all().delete()
    assert Client().get("/writes/").status_code == 200


@pytest.mark.django_db(transaction=True)
def test_a_stale_session_is_ended_by_a_get_without_a_fault() -> None:
    """Django deletes a session whose password changed: before the reading begins, not within it."""
    city = make_city()
    client = Client()
    person = city.people[Role.PRODUCER]
    client.force_login(person)
    person.set_password("another-password-43")
    person.save()
    assert client.get(reverse("people:me")).status_code == 302
    assert ContentType.objects.exists()
