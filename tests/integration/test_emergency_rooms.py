"""The office keeps the emergency rooms; nobody else does; nonsense is told."""

from __future__ import annotations

import pytest
from django.test import Client
from tests.factories import make_person

from xiepai.kernel.errors import ErrorCode, XiepaiError
from xiepai.kernel.models import AuditEntry
from xiepai.parties.access import system
from xiepai.shoots.models import EmergencyRoom
from xiepai.shoots.services import emergency

pytestmark = pytest.mark.django_db
ROOM = {"name": "城区医院", "latitude": "31.71", "longitude": "119.94", "standing": "sample", "is_active": "on"}


def test_the_office_enters_and_changes_rooms() -> None:
    client = Client()
    client.force_login(make_person("officer")[0])
    client.post("/office/emergency-rooms/", ROOM)
    room = EmergencyRoom.objects.get()
    assert "城区医院" in client.get(f"/office/emergency-rooms/?room={room.pk}").content.decode()
    client.post(f"/office/emergency-rooms/?room={room.pk}", {**ROOM, "phone": "120", "is_active": ""})
    room.refresh_from_db()
    assert (room.phone, room.is_active, EmergencyRoom.objects.count()) == ("120", False, 1)
    assert client.post("/office/emergency-rooms/", ROOM).status_code == 422  # the name is taken
    assert client.post("/office/emergency-rooms/", {**ROOM, "name": "x", "latitude": "120"}).status_code == 422
    assert client.get("/office/emergency-rooms/?room=999").status_code == 404
    assert AuditEntry.objects.filter(event="shoots.emergency_room.saved").count() == 2


def test_crews_do_not_and_the_demo_adds_samples_once() -> None:
    _person, producer = make_person("producer")
    with pytest.raises(XiepaiError) as refused:
        emergency.save_room(actor=producer, room_id=None, name="x", latitude=0, longitude=0)
    assert refused.value.code == ErrorCode.FORBIDDEN
    emergency.add_samples(actor=system())
    emergency.add_samples(actor=system())
    assert EmergencyRoom.objects.filter(standing="sample").count() == len(emergency.SAMPLES)
