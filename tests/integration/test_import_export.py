"""Places go out as files and come in again: nothing changes, bad rows are named, hostile files do no harm."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import openpyxl
import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.factories import make_organisation, make_person, make_place, make_tariff, make_words

from xiepai.kernel import clock
from xiepai.kernel.errors import ErrorCode, XiepaiError
from xiepai.kernel.models import AuditEntry
from xiepai.parties.access import NOBODY, Actor, system
from xiepai.parties.models import Organisation
from xiepai.places.exporting import export_places, pieces
from xiepai.places.importing import ImportReport, load_file
from xiepai.places.models import Place
from xiepai.places.services import (
    Extra,
    Joined,
    Part,
    publish_tariff,
    set_closed_days,
    set_opening_rules,
    split_place,
)
from xiepai.places.sheets.cells import HIDDEN
from xiepai.worktime.opening import WeeklyRule

pytestmark = pytest.mark.django_db
NOW = datetime(2028, 2, 1, 9, tzinfo=ZoneInfo("Asia/Shanghai"))
SYSTEM = system("test")
KINDS = ("csv", "xlsx", "geojson")
HEADER = "编号,名称,镇街,类别"


@pytest.fixture(autouse=True)
def _february() -> Iterator[None]:
    with clock.frozen(NOW):
        yield


@pytest.fixture
def base() -> Organisation:
    make_words()
    return make_organisation("base", name="西太湖基地")


@pytest.fixture
def keeper(base: Organisation) -> Actor:
    return make_person("keeper", base)[1]


def exported(kind: str, actor: Actor = SYSTEM) -> bytes:
    out = io.BytesIO()
    export_places(actor=actor, kind=kind, out=out)
    return out.getvalue()


def rows_in(kind: str, data: bytes) -> Any:
    """What a file says, free of what differs between two writings of a workbook (its archive's dates)."""
    if kind != "xlsx":
        return data
    sheet = openpyxl.load_workbook(io.BytesIO(data)).worksheets[0]
    return [[(cell.data_type, cell.value) for cell in row] for row in sheet.iter_rows()]


def load(tmp_path: Path, data: bytes | str, actor: Actor = SYSTEM, **options: Any) -> ImportReport:
    file = tmp_path / "places"
    file.write_bytes(data.encode() if isinstance(data, str) else data)
    return load_file(file, actor=actor, **options)


def problems(report: ImportReport) -> list[tuple[int, str]]:
    return [(issue.line, issue.column) for issue in report.issues]


def refused(expected: ErrorCode, tmp_path: Path, data: bytes | str) -> XiepaiError:
    with pytest.raises(XiepaiError) as caught:
        load(tmp_path, data)
    assert caught.value.code == expected, caught.value
    return caught.value


def empty_city() -> None:
    with connection.cursor() as cursor:
        for table in ("tariffextra", "tariff", "openingrule", "closedday", "combinationpart", "cover", "place"):
            cursor.execute(f"DELETE FROM places_{table}")


def rich_city(base: Organisation, keeper: Actor) -> None:
    site = make_place(base, code="XTH", kind="site", name="=西太湖,基地", priced=False, standing="sample")
    hall = make_place(
        base,
        code="XTH-1",
        parent=site,
        name="演播厅“一”号",
        aliases=["A、B", "C\\D", "-x"],
        styles=["costume", "modern"],
        description='第一行\n第二行，带逗号 "引号"\n\'撇号',
        area_m2=Decimal("1200.5"),
        latitude=31.7053001,
        longitude=119.8321,
        locked_fields=["address"],
        address="@某路 1 号",
        restrictions=["no-fire"],
        lead_minutes=1440,
        last_verified_on=date(2028, 1, 31),
        priced=False,
    )
    rules = [WeeklyRule(day, 480, 1560) for day in range(5)] + [WeeklyRule(6, 0, 1440, date(2028, 1, 1), None)]
    set_opening_rules(actor=keeper, place_id=site.pk, rules=rules)
    days = {date(2028, 2, 10): "春节", date(2028, 2, 11): "春节", date(2028, 5, 1): "检修；停电"}
    set_closed_days(actor=keeper, place_id=hall.pk, days=days)
    publish_tariff(
        actor=keeper,
        place_id=hall.pk,
        valid_from=date(2028, 1, 1),
        hour_fen=300_50,
        day_fen=3000_00,
        day_limit_minutes=960,
        night_fen=50_00,
        overtime_step_minutes=30,
        cancellation=[[48, 50], [24, 100]],
        extras=[Extra("power", "用电|峰", "度", 2_00, "Power"), Extra("manager", "场务", "天", 300_00)],
        note="含空调",
        standing="assumed",
    )
    split_place(
        actor=keeper,
        place_id=hall.pk,
        parts=[Part("A厅", "XTH-1A"), Part("B厅", "XTH-1B")],
        combinations=[Joined("A+B", ("A厅", "B厅"), "XTH-1AB")],
    )
    rooms = make_place(base, code="HOTEL", kind="resource", capacity=20, unit_label="间", priced=False)
    make_tariff(rooms, date(2028, 3, 1), hour_fen=None, day_fen=None, is_free=True, free_condition="拍摄期间")


class TestRoundTrip:
    @pytest.mark.parametrize("kind", KINDS)
    def test_what_goes_out_and_in_changes_nothing(self, base, keeper, tmp_path, kind) -> None:
        rich_city(base, keeper)
        data, trail = exported(kind), AuditEntry.objects.count()
        report = load(tmp_path, data)
        assert (report.created, report.updated, report.unchanged) == (0, 0, 6), report
        assert not report.issues
        assert not report.warnings
        assert AuditEntry.objects.count() == trail
        assert rows_in(kind, exported(kind)) == rows_in(kind, data)

    @pytest.mark.parametrize("kind", KINDS)
    def test_an_empty_city_is_filled_to_the_byte(self, base, keeper, tmp_path, kind) -> None:
        rich_city(base, keeper)
        data = exported(kind)
        empty_city()
        report = load(tmp_path, data)
        assert (report.created, report.bad_rows) == (6, 0), report
        assert rows_in(kind, exported(kind)) == rows_in(kind, data)
        assert AuditEntry.objects.filter(event="places.place.created", source="code").count() >= 6

    def test_a_keeper_gets_the_same_by_the_same_walls(self, base, keeper, tmp_path) -> None:
        rich_city(base, keeper)
        report = load(tmp_path, exported("csv", keeper), keeper)
        assert (report.unchanged, report.bad_rows) == (6, 0), report

    def test_what_is_locked_leaves_as_a_marker_and_comes_back_as_nothing(self, base, keeper, tmp_path) -> None:
        rich_city(base, keeper)
        place = Place.objects.get(code="XTH-1")
        Place.objects.update(locked_fields=["address", "position"])
        crew = make_person("producer")[1]
        for kind in KINDS:
            data = exported(kind, crew)
            assert "某路".encode() not in data
            assert b"31.7053" not in data
            report = load(tmp_path, data)
            assert (report.unchanged, report.bad_rows) == (6, 0), report
        assert HIDDEN.encode() in exported("csv", crew)
        place.refresh_from_db()
        assert (place.address, place.latitude) == ("@某路 1 号", 31.7053001)

    def test_only_what_may_be_seen_goes_out(self, base, keeper) -> None:
        make_place(base, name="秘密棚", visibility="private")
        assert "秘密棚".encode() not in exported("csv", NOBODY)
        assert "秘密棚".encode() in exported("csv", keeper)

    def test_formulas_leave_as_text(self, base, keeper) -> None:
        for number, sign in enumerate("=+-@"):
            make_place(base, code=f"F{number}", name=f"{sign}1+1")
        lines = list(csv.reader(io.StringIO(exported("csv").decode("utf-8-sig"))))
        at = lines[0].index("名称")
        assert [line[at][:2] for line in lines[1:]] == ["'=", "'+", "'-", "'@"]
        sheet = openpyxl.load_workbook(io.BytesIO(exported("xlsx"))).worksheets[0]
        assert {cell.data_type for row in sheet.iter_rows(min_row=2) for cell in row} <= {"s", "n", "inlineStr"}

    def test_geojson_is_what_the_standard_says(self, base, keeper) -> None:
        rich_city(base, keeper)
        collection = json.loads(exported("geojson"))
        assert collection["type"] == "FeatureCollection"
        hall = next(one for one in collection["features"] if one["id"] == "XTH-1")
        assert hall["geometry"] == {"type": "Point", "coordinates": [119.8321, 31.7053001]}
        assert hall["properties"]["hour_yuan"] == 300.5
        assert hall["properties"]["aliases"] == ["A、B", "C\\D", "-x"]

    def test_a_streamed_export_is_the_same(self, base, keeper) -> None:
        rich_city(base, keeper)
        assert b"".join(pieces(actor=SYSTEM, kind="csv")) == exported("csv")
        with pytest.raises(XiepaiError):
            pieces(actor=SYSTEM, kind="pdf")


TEXT = st.text(
    st.one_of(
        st.sampled_from(list("=+-@'\\、,，;；|\n\"_x005F_ 场景棚0")),
        st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]),
    ),
    max_size=20,
)
MONEY = st.one_of(st.none(), st.integers(0, 10**9))
PLACES = st.lists(
    st.fixed_dictionaries(
        {
            "name": TEXT.filter(str.strip),
            "name_en": TEXT,
            "aliases": st.lists(TEXT, max_size=3),
            "description": TEXT,
            "standing_note": TEXT,
            "address": TEXT,
            "styles": st.lists(st.sampled_from(["modern", "costume"]), max_size=2),
            "area_m2": st.one_of(st.none(), st.decimals(0, 10**6, places=1)),
            "position": st.one_of(st.none(), st.tuples(st.floats(-90, 90), st.floats(-180, 180))),
            "people_max": st.one_of(st.none(), st.integers(0, 10**6)),
            "buffer_after_minutes": st.integers(0, 600),
            "closed": st.dictionaries(st.dates(date(2028, 2, 1), date(2028, 3, 1)), TEXT, max_size=3),
            "rules": st.lists(
                st.builds(
                    WeeklyRule,
                    st.integers(0, 6),
                    st.integers(0, 1439),
                    st.integers(1440, 2880),
                    st.one_of(st.none(), st.just(date(2028, 1, 1))),
                    st.one_of(st.none(), st.just(date(2028, 12, 31))),
                ),
                max_size=4,
            ),
            "hour_fen": MONEY,
            "day_fen": MONEY,
            "note": TEXT,
            "extra": TEXT,
        }
    ),
    min_size=1,
    max_size=3,
)


def city_of(base: Organisation, wishes: list[dict[str, Any]]) -> None:
    """The places hypothesis thought of, as far as the services take them."""
    parent = None
    for number, wish in enumerate(wishes):
        wish = dict(wish)
        position, closed, rules = wish.pop("position"), wish.pop("closed"), wish.pop("rules")
        price = {name: wish.pop(name) for name in ("hour_fen", "day_fen", "note")}
        extra = wish.pop("extra").strip()
        if position:
            wish["latitude"], wish["longitude"] = position
        with transaction.atomic():
            place = make_place(base, code=f"H-{number}", parent=parent, priced=False, **wish)
            set_closed_days(actor=SYSTEM, place_id=place.pk, days=closed)
            set_opening_rules(actor=SYSTEM, place_id=place.pk, rules=rules)
            extras = [Extra("x", extra, extra[:20], 1, extra)] if extra else []
            if price["hour_fen"] is not None or price["day_fen"] is not None:
                make_tariff(place, date(2028, 1, 1), extras=extras, **price)
            parent = place


@settings(
    max_examples=40,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(wishes=PLACES, kind=st.sampled_from(KINDS))
def test_any_city_survives_the_round_trip(base, tmp_path, wishes, kind) -> None:
    with transaction.atomic():
        city_of(base, wishes)
        count, data = Place.objects.count(), exported(kind)
        assert count == len(wishes)
        report = load(tmp_path, data)
        assert (report.unchanged, report.issues) == (count, ()), report
        empty_city()
        report = load(tmp_path, data)
        assert (report.created, report.issues) == (count, ()), report
        assert rows_in(kind, exported(kind)) == rows_in(kind, data)
        transaction.set_rollback(True)
