"""The city's emergency rooms, kept by the office; every call sheet prints the nearest (see ``sheet_content``)."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext as _

from xiepai.kernel import audit
from xiepai.kernel.errors import ErrorCode, XiepaiError, not_found
from xiepai.parties.access import Actor, require
from xiepai.parties.models import Role
from xiepai.places.models import Standing
from xiepai.shoots.models import EmergencyRoom

#: Names and telephones of the demo; the positions lie in the district, nothing else is real.
SAMPLES = (
    ("样例急救医院（湖滨）", "Sample hospital, lakeside", "样例路 1 号", 31.676, 119.846),
    ("样例急救医院（城区）", "Sample hospital, town", "样例路 2 号", 31.712, 119.943),
    ("样例急救医院（湖湾）", "Sample hospital, bay", "样例路 3 号", 31.478, 120.012),
)


def save_room(
    *,
    actor: Actor,
    room_id: int | None,
    name: str,
    latitude: float,
    longitude: float,
    name_en: str = "",
    address: str = "",
    phone: str = "",
    standing: str = Standing.KNOWN,
    is_active: bool = True,
) -> EmergencyRoom:
    """Enter or change one room. Position in WGS-84. Raises ``INVALID`` for a name that is taken or no position."""
    require(actor, Role.OFFICER, Role.ADMINISTRATOR)
    name = name.strip()[:80]
    if not -90 <= latitude <= 90 or not -180 <= longitude <= 180:
        raise XiepaiError(ErrorCode.INVALID, detail=_("经纬度不对。"))
    with transaction.atomic():
        if not name or EmergencyRoom.objects.filter(name=name).exclude(pk=room_id or 0).exists():
            raise XiepaiError(ErrorCode.INVALID, detail=_("名称为空或已有。"))
        room = EmergencyRoom.objects.select_for_update().filter(pk=room_id).first() if room_id else EmergencyRoom()
        if room is None:
            raise not_found()
        before = audit.snapshot(room) if room.pk else None
        room.name, room.name_en, room.address = name, name_en.strip()[:120], address.strip()[:200]
        room.phone, room.latitude, room.longitude = phone.strip()[:30], latitude, longitude
        room.standing, room.is_active = Standing(standing).value, is_active
        room.save()
        audit.record("shoots.emergency_room.saved", room, actor=actor, before=before)
    return room


def add_samples(*, actor: Actor) -> None:
    """The demo's rooms, each marked a sample, where the office has none."""
    if EmergencyRoom.objects.exists():
        return
    for name, name_en, address, latitude, longitude in SAMPLES:
        save_room(
            actor=actor, room_id=None, name=name, name_en=name_en, address=address, phone="0519-00000000",
            latitude=latitude, longitude=longitude, standing=Standing.SAMPLE,
        )  # fmt: skip
