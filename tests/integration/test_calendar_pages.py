"""Feeds and notices over HTTP: an address shown once works for a client and not after it is revoked."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from tests.factories import make_organisation, make_person, make_place

from xiepai.bookings.models import FeedToken, OutsideCalendar
from xiepai.parties.notices import tell, unread_count
from xiepai.places.models import Blocking

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


def test_a_keeper_imports_an_outside_calendar_again_and_removes_it() -> None:
    base = make_organisation("base")
    place, keeper = make_place(base, name="审讯室"), Client()
    keeper.force_login(make_person("keeper", base)[0])
    where = f"/keeper/places/{place.pk}/outside/"
    day = timezone.localdate() + timedelta(days=3)
    text = (
        f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\nUID:x\r\nDTSTART:{day:%Y%m%d}T010000Z\r\n"
        f"DTEND:{day:%Y%m%d}T020000Z\r\nSUMMARY:<b>团队参观</b>\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
    )

    def send(data: bytes) -> tuple[int, str]:
        upload = SimpleUploadedFile("busy.ics", data, "text/calendar")
        answer = keeper.post(where, {"file": upload, "name": "接待日历"})
        return answer.status_code, answer.content.decode()

    assert "新停用 1 段，未变 0 段，解除 0 段。" in send(text.encode())[1]
    assert "新停用 0 段，未变 1 段，解除 0 段。" in send(text.encode())[1]
    for wrong in (b"PK\x03\x04", b"hello", b"x" * 3_000_000):
        status, page = send(wrong)
        assert status == 422
        assert 'class="error"' in page
    row = OutsideCalendar.objects.get()
    assert "接待日历" in keeper.get(where).content.decode()
    stranger = signed_in()[0]
    assert stranger.get(where).status_code == 403
    other = Client()
    other.force_login(make_person("keeper")[0])
    assert other.get(where).status_code == 404
    assert other.post(f"{where}{row.pk}/remove/").status_code == 404
    keeper.post(f"{where}{row.pk}/remove/")
    assert not Blocking.objects.filter(place=place, lifted_at=None).exists()
