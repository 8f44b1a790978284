"""The demo city as plain values: every place with its parent, owner, fields, tariff and hours, parents first.

The base's sets are not written one by one: an archetype (审讯室) comes in several looks (冷灰, 老式), each a set of
its own on the next free room of its building. The same files give the same city, code by code.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from xiepai.places.demo.files import listed, read_rows
from xiepai.places.models import Standing

SAMPLE_NOTE = "样例：为演示编写，不是任何单位的真实资料。"
HALL_PARTS = {"XTE-HALL-AB": ("XTE-HALL-A", "XTE-HALL-B"), "XTE-HALL-BC": ("XTE-HALL-B", "XTE-HALL-C")}
#: sizes of the looks of one archetype, in percent, in turn
_SIZES = (100, 112, 92, 106, 88, 118)
_EARTH_M = 6_371_008.8


@dataclass(frozen=True)
class PlannedPlace:
    """One place to be: ``fields`` as ``places.services`` takes them, names of its tariff and hours ("" for none)."""

    code: str
    parent: str
    owner: str
    fields: dict[str, Any]
    tariff: str = ""
    hours: str = ""
    parts: tuple[str, ...] = ()
    has_photo: bool = field(default=False, compare=False)


def plan_city() -> list[PlannedPlace]:
    """Every place of the demo city, parents before their children."""
    single = [_single(row) for row in read_rows("places")]
    lot = list(_lots())
    known = {place.code for place in lot}
    roots = [place for place in single if place.parent not in known]
    planned = lot + [place for place in single if place.parent in known] + roots
    hotels = [place.fields for place in planned if place.fields["categories"] == ["hotel"] and not place.parent]
    return [_with_lodging(place, hotels) for place in planned]


def _lots() -> Iterator[PlannedPlace]:
    archetypes: dict[str, list[dict[str, str]]] = {}
    for row in read_rows("archetypes"):
        archetypes.setdefault(row["building"], []).append(row)
    looks = {row["zh"]: row["en"] for row in read_rows("looks")}
    for building in read_rows("buildings"):
        yield _building(building)
        rooms = [(row, look) for row in archetypes.get(building["code"], ()) for look in listed(row["looks"])]
        a_floor = int(building["floor_sets"]) or len(rooms)
        for at in range(0, len(rooms), a_floor or 1):
            number = at // a_floor + 1
            floor = _floor(building, number)
            yield floor
            for room, (row, look) in enumerate(rooms[at : at + a_floor], 1):
                yield _set(building, floor, f"{building['code']}-{number}{room:02d}", row, look, looks[look])


def _common(row: dict[str, str]) -> dict[str, Any]:
    """What a building and the sets in it share."""
    return {
        "town": row["town"],
        "latitude": float(row["latitude"]) if row["latitude"] else None,
        "longitude": float(row["longitude"]) if row["longitude"] else None,
        "approval": row["approval"],
        "lead_minutes": int(row["lead"]),
        "buffer_before_minutes": int(row["buffer_before"]),
        "buffer_after_minutes": int(row["buffer_after"]),
        "facilities": listed(row["facilities"]),
        "restrictions": listed(row["restrictions"]),
        "standing": Standing.SAMPLE.value,
        "standing_note": SAMPLE_NOTE,
    }


def _building(row: dict[str, str]) -> PlannedPlace:
    is_building = row["kind"] == "building"
    fields = {
        **_common(row),
        "kind": row["kind"],
        "name": row["name"],
        "name_en": row["name_en"],
        "categories": [row["category"]],
        "setting": row["setting"],
        "description": row["description"],
        "is_bookable": is_building,
        "min_minutes": 720 if is_building else 60,
        "max_minutes": 14 * 1440,
        "parking_cars": None if is_building else 120,
    }
    if is_building:
        fields |= {"approval": "keeper", "lead_minutes": 2880, "people_max": 400}
    return PlannedPlace(
        row["code"], row["parent"], row["owner"], fields, "building" * is_building, row["hours"], has_photo=True
    )


def _floor(building: dict[str, str], number: int) -> PlannedPlace:
    short = (
        building["name"].split("·")[0] if building["kind"] == "building" else building["name"].removesuffix("（样例）")
    )
    level = "层" if building["setting"] == "inside" else "组"
    fields = {
        **_common(building),
        "kind": "floor",
        "name": f"{short}{number}{level}",
        "name_en": f"{building['name_en'].split(' ·')[0].removesuffix(' (sample)')}, section {number}",
        "categories": ["floor"],
        "setting": building["setting"],
        "approval": "keeper",
        "lead_minutes": 1440,
        "min_minutes": 480,
        "people_max": 150,
    }
    return PlannedPlace(
        f"{building['code']}-{number}", building["code"], building["owner"], fields, "floor", has_photo=True
    )


def _set(
    building: dict[str, str], floor: PlannedPlace, code: str, row: dict[str, str], look: str, look_en: str
) -> PlannedPlace:
    turn = listed(row["looks"]).index(look)
    size = _SIZES[turn % len(_SIZES)]
    fields = {
        **_common(building),
        "kind": "set",
        "name": f"{row['name']}（{look}）",
        "name_en": f"{row['name_en']} ({look_en})",
        "aliases": listed(row["aliases"]),
        "categories": [row["category"]],
        "styles": listed(row["styles"]),
        "setting": row["setting"],
        "people_max": int(row["people"]),
        "area_m2": (Decimal(row["area"]) * size / 100).quantize(Decimal("0.1")),
        "ceiling_m": Decimal(row["ceiling"]) if row["ceiling"] else None,
        "power_kw": Decimal(40 if "power-125" in building["facilities"] else 20),
        "sound": row["sound"],
        "terms": row["tariff"] if row["tariff"] in {"low", "free"} else "paid",
        "description": f"样例：{look}的{row['name']}，按竖屏短剧的机位留出进深，陈设可商量调整。",
        "max_minutes": 14 * 1440,
        "ahead_days": 180,
    }
    return PlannedPlace(code, floor.code, building["owner"], fields, row["tariff"], has_photo=True)


def _single(row: dict[str, str]) -> PlannedPlace:
    capacity = int(row["capacity"])
    fields: dict[str, Any] = {
        **_common(row),
        "kind": row["kind"],
        "name": row["name"],
        "name_en": row["name_en"],
        "aliases": listed(row["aliases"]),
        "categories": [row["category"]],
        "styles": listed(row["styles"]),
        "setting": row["setting"],
        "sound": row["sound"],
        "people_max": int(row["people"]) if row["people"] else None,
        "area_m2": Decimal(row["area"]) if row["area"] else None,
        "ceiling_m": Decimal(row["ceiling"]) if row["ceiling"] else None,
        "terms": row["terms"],
        "capacity": capacity,
        "unit_label": row["unit"],
        "min_minutes": int(row["min"]),
        "max_minutes": 60 * 1440 if capacity > 1 else 14 * 1440,
        "locked_fields": listed(row["locked"]),
        "is_bookable": row["bookable"] == "yes",
        "standing": row["standing"],
        "standing_note": row["note"] or SAMPLE_NOTE,
        "description": row["description"],
    }
    if "address" in fields["locked_fields"]:
        fields["address"] = "样例路 1 号（样例地址）"
    photo = row["standing"] == "sample"
    parts = HALL_PARTS.get(row["code"], ())
    return PlannedPlace(row["code"], row["parent"], row["owner"], fields, row["tariff"], row["hours"], parts, photo)


def _with_lodging(place: PlannedPlace, hotels: list[dict[str, Any]]) -> PlannedPlace:
    """The way to the nearest sample hotel as the crow flies, to 50 m: computed from sample coordinates."""
    fields = place.fields
    if fields["standing"] != Standing.SAMPLE or fields["latitude"] is None or fields["kind"] == "resource":
        return place
    nearest = min(_metres(fields, hotel) for hotel in hotels)
    return replace(place, fields={**fields, "lodging_distance_m": round(nearest / 50) * 50})


def _metres(one: dict[str, Any], other: dict[str, Any]) -> float:
    north = math.radians(one["latitude"] - other["latitude"])
    east = math.radians(one["longitude"] - other["longitude"]) * math.cos(math.radians(one["latitude"]))
    return _EARTH_M * math.hypot(north, east)
