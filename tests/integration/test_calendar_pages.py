"""Feeds and notices over HTTP: an address shown once works for a client and not after it is revoked."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from tests.factories import make_person

from xiepai.bookings.models import FeedToken
from xiepai.parties.notices import tell, unread_count

pytestmark = pytest.mark.django_db


def signed_in() -> tuple[Client, object, object]:
    person, actor = make_person("scheduler")
    client = Client()
    client.force_login(person)
    return client, person, actor


def test_a_feed_is_made_read_and_revoked() -> None:
    client, person, _actor = signed_in()
    page = client.post("/calendars/", {"target": f"person:{person.pk}"}).content.decode()
    path = re.search(r"/feeds/[\w-]+\.ics", page)
    assert path is not None
    answer = Client().get(path[0])
    assert answer["Content-Type"].startswith("text/calendar")
    assert answer.content.startswith(b"BEGIN:VCALENDAR")
    assert path[0] not in client.get("/calendars/").content.decode()
    client.post(f"/calendars/{FeedToken.objects.get().pk}/revoke/")
    assert Client().get(path[0]).status_code == 404
    assert Client().get("/feeds/guess.ics").status_code == 404


def test_only_own_calendars_are_offered() -> None:
    client, _person, _actor = signed_in()
    stranger = make_person("scheduler")[0]
    crew = stranger.memberships.get().organisation_id
    client.post("/calendars/", {"target": f"crew:{crew}"})
    assert not FeedToken.objects.exists()


def test_notices_are_read_by_pressing_the_button() -> None:
    client, person, actor = signed_in()
    tell([person], kind="test", subject="候补有位", body="请答复", path="/bookings/")
    assert "候补有位" in client.get("/notices/").content.decode()
    assert unread_count(actor) == 1
    client.post("/notices/read/")
    assert unread_count(actor) == 0
