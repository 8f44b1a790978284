"""Rows that cannot be taken are named, all of them; good ones are kept or not as the caller chose; files that lie."""

from __future__ import annotations

import csv
import io
import json
import tracemalloc
import zipfile
from collections.abc import Iterator
from contextlib import suppress
from datetime import date, datetime
from pathlib import Path
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import openpyxl
import pytest
from tests.factories import make_organisation, make_person, make_place, make_tariff, make_words

from xiepai.kernel import clock
from xiepai.kernel.errors import ErrorCode, XiepaiError
from xiepai.kernel.models import AuditEntry
from xiepai.parties.access import Actor, system
from xiepai.parties.models import Organisation
from xiepai.places.exporting import export_places
from xiepai.places.importing import ImportReport, load_file
from xiepai.places.models import Cover, Place, PlaceKind, Visibility
from xiepai.places.services import set_opening_rules
from xiepai.places.sheets import opening, reading
from xiepai.places.sheets.opening import open_source
from xiepai.worktime.opening import WeeklyRule

pytestmark = pytest.mark.django_db
NOW = datetime(2028, 2, 1, 9, tzinfo=ZoneInfo("Asia/Shanghai"))
SYSTEM = system("test")
HEADER = "编号,名称,镇街,类别,所属机构"
GOOD = "A-1,审讯室,西太湖,办公室,西太湖基地"


@pytest.fixture(autouse=True)
def _february() -> Iterator[None]:
    with clock.frozen(NOW):
        yield


@pytest.fixture(autouse=True)
def base() -> Organisation:
    make_words()
    return make_organisation("base", name="西太湖基地")


@pytest.fixture
def keeper(base: Organisation) -> Actor:
    return make_person("keeper", base)[1]


def load(tmp_path: Path, data: bytes | str, actor: Actor = SYSTEM, **options: Any) -> ImportReport:
    file = tmp_path / "places"
    file.write_bytes(data.encode() if isinstance(data, str) else data)
    return load_file(file, actor=actor, **options)


def lines(*rows: str) -> str:
    return "\r\n".join([HEADER, *rows])


def problems(report: ImportReport) -> list[tuple[int, str]]:
    return [(issue.line, issue.column) for issue in report.issues]


def refused(expected: ErrorCode, tmp_path: Path, data: bytes | str) -> XiepaiError:
    with pytest.raises(XiepaiError) as caught:
        load(tmp_path, data)
    assert caught.value.code == expected, caught.value
    assert not Place.objects.exists()
    return caught.value


def workbook(rows: list[list[Any]], merge: str = "", sheet: str = "Sheet1") -> bytes:
    book = openpyxl.Workbook()
    page = book.active
    page.title = sheet
    for row in rows:
        page.append(row)
    if merge:
        page.merge_cells(merge)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


class TestGoodFiles:
    def test_the_smallest_file_a_keeper_writes(self, tmp_path, keeper) -> None:
        report = load(tmp_path, "名称,镇街,类别\n审讯室,西太湖,办公室、医院\n", keeper)
        assert (report.created, report.written, report.warnings) == (1, True, ())
        place = Place.objects.get()
        assert (place.categories, place.visibility) == (["office", "hospital"], Visibility.REVIEW)
        assert "审讯" in place.search_text
        assert AuditEntry.objects.latest("id").event == "places.place.created"

    def test_english_headers_and_words(self, tmp_path, keeper) -> None:
        header = "Name\tTown\tCategories\tPer hour (yuan)\tOpening hours\n"
        text = header + "Ward\tWest Taihu\tHospital\t1,200\t周六 09:00-次日02:00"
        load(tmp_path, text, keeper).require_written()
        place = Place.objects.get()
        assert place.tariffs.get().hour_fen == 120_000
        assert place.opening_rules.get().closes_minute == 26 * 60

    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
    @pytest.mark.parametrize("delimiter", [",", ";", "\t"])
    def test_what_spreadsheets_write(self, tmp_path, encoding, delimiter) -> None:
        report = load(tmp_path, lines(GOOD).replace(",", delimiter).encode(encoding))
        assert report.created == 1, report

    def test_a_title_above_the_header_and_empty_lines(self, tmp_path) -> None:
        report = load(
            tmp_path, "西太湖场景一览,,,,\n,,,,\n" + lines(GOOD, ",,,,", "A-2,二号棚,西太湖,办公室,西太湖基地")
        )
        assert (report.rows, report.created) == (2, 2)

    def test_a_workbook_people_made(self, tmp_path) -> None:
        rows = [
            ["一览表"],
            ["编号", "名称", "镇街", "类别", "机构", "人数", "最近核实", "可预订", "备注"],
            [101, "审讯室", "西太湖", "办公室", "西太湖基地", 40.0, date(2028, 1, 5), "否", "?"],
        ]
        report = load(tmp_path, workbook(rows, merge="A1:I1"))
        assert report.created == 1, report
        assert "备注" in report.warnings[0]
        place = Place.objects.get(code="101")
        assert (place.people_max, place.last_verified_on, place.is_bookable) == (40, date(2028, 1, 5), False)

    def test_parents_may_come_after_their_children(self, tmp_path) -> None:
        text = "编号,名称,镇街,类别,所属机构,上级编号,层级,组合分区\n" + "\n".join(
            [
                "H-AB,A加B,西太湖,办公室,西太湖基地,H,组合,H-A、H-B",
                "H-A,A厅,西太湖,办公室,西太湖基地,H,分区,",
                "H-B,B厅,西太湖,办公室,西太湖基地,H,分区,",
                "H,大厅,西太湖,办公室,西太湖基地,S,,",
                "S,场区,西太湖,办公室,西太湖基地,,场区,",
            ]
        )
        report = load(tmp_path, text)
        assert report.created == 5, report
        both = Place.objects.get(code="H-AB")
        assert both.kind == PlaceKind.COMBINATION
        assert set(Cover.objects.filter(place=both).values_list("leaf__code", flat=True)) == {"H-A", "H-B"}
        assert load(tmp_path, text).unchanged == 5

    def test_an_absent_column_leaves_an_empty_cell_clears(self, base, tmp_path) -> None:
        make_place(base, code="A-1", name="审讯室", address="某路", people_max=9)
        report = load(tmp_path, "编号,名称,容纳人数\nA-1,讯问室,\n")
        place = Place.objects.get()
        assert (report.updated, place.name, place.people_max, place.address) == (1, "讯问室", None, "某路")

    def test_geojson_of_others(self, tmp_path) -> None:
        feature = {
            "type": "Feature",
            "id": "A-1",
            "geometry": {"type": "Point", "coordinates": [119.8, 31.7, 4.0]},
            "properties": {"名称": "审讯室", "town": "xitaihu", "category": ["office"], "owner": "西太湖基地", "x": 1},
        }
        crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:OGC:1.3:CRS84"}}
        report = load(tmp_path, json.dumps({"crs": crs, "features": [feature], "type": "FeatureCollection"}))
        assert (report.created, len(report.warnings)) == (1, 1), report
        place = Place.objects.get(code="A-1")
        assert (place.latitude, place.longitude) == (31.7, 119.8)


class TestPrices:
    def priced(self, tmp_path: Path, *columns: str) -> ImportReport:
        return load(tmp_path, "编号,每小时（元）,价目生效\n" + ",".join(columns))

    def test_a_changed_price_holds_from_today_and_the_old_one_stays(self, base, tmp_path) -> None:
        place = make_place(base, code="A-1")
        assert self.priced(tmp_path, "A-1", "150", "2020-01-01").updated == 1
        old, new = place.tariffs.order_by("valid_from")
        assert (old.hour_fen, old.valid_to) == (10_000, date(2028, 2, 1))
        assert (new.hour_fen, new.day_fen, new.valid_from) == (15_000, 100_000, date(2028, 2, 1))
        assert self.priced(tmp_path, "A-1", "150", "2020-01-01").unchanged == 1
        assert AuditEntry.objects.filter(event="places.tariff.published", object_id=place.pk).count() == 2

    def test_an_announced_price_twice_is_once(self, base, tmp_path) -> None:
        place = make_place(base, code="A-1")
        assert self.priced(tmp_path, "A-1", "150", "2028-03-01").updated == 1
        assert self.priced(tmp_path, "A-1", "150", "2028-03-01").unchanged == 1
        assert [tariff.valid_from for tariff in place.tariffs.order_by("valid_from")][1] == date(2028, 3, 1)

    def test_empty_cells_take_no_price_away(self, base, tmp_path) -> None:
        make_place(base, code="A-1")
        assert self.priced(tmp_path, "A-1", "", "").unchanged == 1

    def test_a_price_that_cannot_be(self, base, tmp_path) -> None:
        make_place(base, code="A-1")
        report = load(tmp_path, "编号,每小时（元）,押金（元）,取消条款\nA-1,1.234,十元,随便")
        assert problems(report) == [(2, "取消条款"), (2, "押金（元）"), (2, "每小时（元）")]


class TestBadRows:
    ROWS = (
        GOOD,
        "A-2,,西太湖,办公室,西太湖基地",
        "A-3,棚,某镇,城堡,西太湖基地",
        "A-1,重复,西太湖,办公室,西太湖基地",
        "A-5,棚,西太湖,办公室,没有的机构",
        "A 6,棚,西太湖,办公室,西太湖基地",
    )
    EXPECTED = [(3, "名称"), (4, "类别"), (4, "镇街"), (5, "编号"), (6, "所属机构"), (7, "编号")]

    def test_all_are_named_and_nothing_is_written(self, tmp_path) -> None:
        trail = AuditEntry.objects.count()
        report = load(tmp_path, lines(*self.ROWS))
        assert problems(report) == self.EXPECTED
        assert (report.written, report.bad_rows, report.rows) == (False, 5, 6)
        assert not Place.objects.exists()
        assert AuditEntry.objects.count() == trail
        with pytest.raises(XiepaiError) as caught:
            report.require_written()
        assert caught.value.code == ErrorCode.FILE_ROWS
        assert "第 4 行，镇街" in str(report)

    def test_good_ones_are_kept_if_so_wished(self, tmp_path) -> None:
        report = load(tmp_path, lines(*self.ROWS), keep_good=True)
        assert problems(report) == self.EXPECTED
        assert (report.written, report.created) == (True, 1)
        assert Place.objects.get().code == "A-1"

    def test_what_hangs_under_a_bad_row_is_bad(self, tmp_path) -> None:
        text = "编号,名称,镇街,类别,所属机构,上级编号\n" + "\n".join(
            [
                "S,,西太湖,办公室,西太湖基地,",
                "B,楼,西太湖,办公室,西太湖基地,S",
                "C,室,西太湖,办公室,西太湖基地,B",
                "D,室,西太湖,办公室,西太湖基地,Z",
                "E,室,西太湖,办公室,西太湖基地,F",
                "F,室,西太湖,办公室,西太湖基地,E",
                "G,室,西太湖,办公室,西太湖基地,G",
                "OK,室,西太湖,办公室,西太湖基地,",
            ]
        )
        report = load(tmp_path, text, keep_good=True)
        assert problems(report) == [(2, "名称"), *((line, "上级编号") for line in range(3, 9))]
        assert list(Place.objects.values_list("code", flat=True)) == ["OK"]

    def test_the_walls_of_the_database_refuse_rows_too(self, base, tmp_path) -> None:
        site = make_place(base, code="S", name="场区", kind="site")
        make_place(base, code="C", name="室", parent=site)
        report = load(tmp_path, "编号,名称,上级编号\nS,场区,C\nC,新名,S\nX,新,\n", keep_good=True)
        assert (3, "上级编号") in problems(report) or (2, "上级编号") in problems(report)
        assert Place.objects.get(code="S").parent is None

    def test_another_organisations_place_is_out_of_reach(self, tmp_path, keeper) -> None:
        foreign = make_organisation("scenic", name="别家景区")
        make_place(foreign, code="F-1")
        rows = ["F-1,夺,西太湖,办公室,西太湖基地", "F-2,棚,西太湖,办公室,别家景区"]
        report = load(tmp_path, lines(*rows), keeper, keep_good=True)
        assert problems(report) == [(2, "编号"), (3, "所属机构")]
        under = load(tmp_path, "名称,镇街,类别,上级编号\n棚,西太湖,办公室,F-1\n", keeper)
        assert problems(under) == [(2, "上级编号")]

    def test_a_keeper_does_not_publish_by_file(self, tmp_path, keeper, base) -> None:
        report = load(tmp_path, "名称,镇街,类别,可见性\n棚,西太湖,办公室,公开\n", keeper)
        assert problems(report) == [(2, "可见性")]
        make_place(base, code="A-1", name="已公开")
        assert load(tmp_path, "编号,名称,可见性\nA-1,改名,公开\n", keeper).updated == 1

    def test_loading_twice_without_codes_makes_nothing_twice(self, tmp_path, keeper) -> None:
        text = "名称,镇街,类别\n棚,西太湖,办公室\n棚,西太湖,办公室\n"
        assert problems(load(tmp_path, text, keeper, keep_good=True)) == [(3, "名称")]
        assert problems(load(tmp_path, text, keeper, keep_good=True)) == [(2, "名称"), (3, "名称")]
        assert Place.objects.count() == 1

    def test_a_row_of_the_wrong_kind(self, tmp_path) -> None:
        text = "编号,名称,镇街,类别,所属机构,面积,纬度,经度,可预订,开放时间,休息日,层级,夜间开始,超时档（分钟）\n"
        bad = "A,棚,西太湖,办公室,西太湖基地,很大,95,119,也许,天天,国庆,洞,26:00,45"
        report = load(tmp_path, text + bad)
        assert [issue.column for issue in report.issues] == [
            "休息日",
            "可预订",
            "夜间开始",
            "层级",
            "开放时间",
            "面积",
        ]

    def test_merged_cells_are_named_by_line(self, tmp_path) -> None:
        rows = [["编号", "名称", "镇街", "类别", "所属机构"]]
        rows += [[f"A-{n}", f"棚{n}", "西太湖", "办公室", "西太湖基地"] for n in range(4)]
        report = load(tmp_path, workbook(rows, merge="C3:C4"), keep_good=True)
        assert [issue.line for issue in report.issues if "合并" in issue.reason] == [3, 4]
        assert report.created == 2

    def test_control_characters_are_a_rows_problem(self, tmp_path) -> None:
        report = load(
            tmp_path, lines("A\x01,棚,西太湖,办公室,西太湖基地" + " " * 5000, "B,棚\x00,西太湖,办公室,西太湖基地")
        )
        assert problems(report) == [(2, "编号"), (3, "名称")]

    def test_geojson_of_other_shapes(self, tmp_path) -> None:
        def feature(**fields: Any) -> dict[str, Any]:
            properties = {"name": "棚", "town": "xitaihu", "categories": ["office"], "owner": "西太湖基地"}
            return {"type": "Feature", "properties": properties, "geometry": None, **fields}

        features = [
            feature(geometry={"type": "Polygon", "coordinates": []}),
            feature(geometry={"type": "Point", "coordinates": [1]}),
            feature(geometry={"type": "Point", "coordinates": ["1", "2"]}),
            feature(properties=[]),
            feature(properties={"name": {"zh": "棚"}, "categories": [1]}),
            "feature",
            feature(),
        ]
        report = load(tmp_path, json.dumps({"type": "FeatureCollection", "features": features}), keep_good=True)
        assert {issue.line for issue in report.issues} == {1, 2, 3, 4, 5, 6}
        assert report.created == 1


class TestHostileFiles:
    @pytest.mark.parametrize(
        ("data", "code"),
        [
            (b"", ErrorCode.FILE_UNREADABLE),
            (b"\n\n\n", ErrorCode.FILE_UNREADABLE),
            (b"no,header\n1,2\n", ErrorCode.FILE_UNREADABLE),
            (b"%PDF-1.7\n\x00\x01", ErrorCode.FILE_TYPE),
            (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), ErrorCode.FILE_TYPE),
            (b"\x81\xff\xff\xfe", ErrorCode.FILE_UNREADABLE),
            (b"\xff\xfe\x00\xd8\x00\xd8", ErrorCode.FILE_UNREADABLE),
            (b"{", ErrorCode.FILE_UNREADABLE),
            (b'{"a": 1}', ErrorCode.FILE_UNREADABLE),
            (b'{"type": "Topology", "features": []}', ErrorCode.FILE_UNREADABLE),
            (b'{"features": [{"type": "Feature", "properties": {"name": NaN}}]}', ErrorCode.FILE_UNREADABLE),
            (b'{"features": [' + b"[" * 100_000, ErrorCode.FILE_UNREADABLE),
            (b'{"features": [{"type": "Feature"}', ErrorCode.FILE_UNREADABLE),
            (b'{"features": ["\xff"]}', ErrorCode.FILE_UNREADABLE),
            (b'{"crs": {"properties": {"name": "EPSG:3857"}}, "features": []}', ErrorCode.FILE_UNREADABLE),
            (("编号,名称,镇街\n1," + '"open\n' * 50).encode(), ErrorCode.FILE_UNREADABLE),
            (("编号,名称,镇街\n1," + "x" * 200_000).encode(), ErrorCode.FILE_UNREADABLE),
            ("编号,名称,名称\n1,2,3\n".encode(), ErrorCode.FILE_UNREADABLE),
            (b"PK\x03\x04" + bytes(100), ErrorCode.FILE_UNREADABLE),
        ],
    )
    def test_files_that_are_no_files_of_places(self, tmp_path, data, code) -> None:
        refused(code, tmp_path, data)

    def test_too_large_and_too_many(self, tmp_path, monkeypatch) -> None:
        monkeypatch.setattr(reading, "MOST_ROWS", 2)
        refused(ErrorCode.FILE_SIZE, tmp_path, lines(*(f"A-{n},棚,西太湖,办公室,西太湖基地" for n in range(3))))
        monkeypatch.setattr(opening, "LARGEST_BYTES", 10)
        refused(ErrorCode.FILE_SIZE, tmp_path, lines(GOOD))

    def zipped(self, parts: dict[str, bytes]) -> bytes:
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, body in parts.items():
                archive.writestr(name, body)
        return out.getvalue()

    def test_a_zip_that_is_no_workbook(self, tmp_path) -> None:
        refused(ErrorCode.FILE_TYPE, tmp_path, self.zipped({"word/document.xml": b"<x/>"}))
        refused(ErrorCode.FILE_UNREADABLE, tmp_path, self.zipped({"xl/workbook.xml": b"<x/>"}))

    def test_a_zip_bomb_is_not_unpacked(self, tmp_path) -> None:
        bomb = self.zipped({"xl/workbook.xml": b"<x/>", "xl/sharedStrings.xml": bytes(200 * 1024 * 1024)})
        assert len(bomb) < 1024 * 1024
        tracemalloc.start()
        refused(ErrorCode.FILE_SIZE, tmp_path, bomb)
        assert tracemalloc.get_traced_memory()[1] < 5 * 1024 * 1024
        tracemalloc.stop()

    def test_entities_are_not_expanded(self, tmp_path) -> None:
        good = workbook([["编号", "名称", "镇街"], ["1", "2", "3"]])
        parts = {}
        with zipfile.ZipFile(io.BytesIO(good)) as archive:
            for name in archive.namelist():
                parts[name] = archive.read(name)
        laughs = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]>'
        for part in ("xl/workbook.xml", "xl/worksheets/sheet1.xml"):
            changed = {**parts, part: laughs + parts[part].split(b"?>", 1)[-1]}
            refused(ErrorCode.FILE_UNREADABLE, tmp_path, self.zipped(changed))

    def test_a_workbook_cut_off(self, tmp_path) -> None:
        data = workbook([["编号", "名称", "镇街"], *([str(n), "棚" * 20, "西太湖"] for n in range(500))])
        for end in (100, len(data) // 2, len(data) - 10):
            refused(ErrorCode.FILE_UNREADABLE, tmp_path, data[:end])

    def test_rows_far_down_and_columns_far_out(self, tmp_path) -> None:
        data = workbook([["编号", "名称", "镇街", "类别", "所属机构"]])
        parts = {}
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            for name in archive.namelist():
                parts[name] = archive.read(name)
        far = b'<row r="999999999"><c r="A999999999"><v>1</v></c></row></sheetData>'
        sheet = parts["xl/worksheets/sheet1.xml"].replace(b"</sheetData>", far)
        report = load(tmp_path, self.zipped({**parts, "xl/worksheets/sheet1.xml": sheet}))
        assert report.rows == 0

    def test_a_hundred_thousand_rows_are_read_in_bounded_memory(self, tmp_path) -> None:
        file = tmp_path / "many.csv"
        with file.open("w", encoding="utf-8", newline="") as out:
            writer = csv.writer(out)
            writer.writerow(HEADER.split(","))
            writer.writerows([f"A-{n}", "审讯室" * 10, "西太湖", "办公室", "西太湖基地"] for n in range(100_000))
        tracemalloc.start()
        with open_source(file) as source:
            assert sum(1 for _row in source.rows) == 100_000
        assert tracemalloc.get_traced_memory()[1] < 3 * 1024 * 1024
        tracemalloc.stop()


def test_two_thousand_places_in_one_go(base, tmp_path, django_assert_max_num_queries) -> None:
    """Batches: far fewer statements than rows; an unchanged file writes nothing."""
    rows = [f"A-{n},棚{n},西太湖,办公室,西太湖基地,S,{n}" for n in range(2000)]
    text = "编号,名称,镇街,类别,所属机构,上级编号,每小时（元）\n" + "\n".join(
        ["S,场区,西太湖,办公室,西太湖基地,,", *rows]
    )
    with django_assert_max_num_queries(200):
        assert load(tmp_path, text).created == 2001
    trail = AuditEntry.objects.count()
    with django_assert_max_num_queries(80):
        assert load(tmp_path, text).unchanged == 2001
    assert AuditEntry.objects.count() == trail


def test_hours_of_a_place_are_replaced_and_bookings_kept_off_closed_days(base, tmp_path) -> None:
    place = make_place(base, code="A-1")
    set_opening_rules(actor=SYSTEM, place_id=place.pk, rules=[WeeklyRule(0, 0, 60)])
    make_tariff(place, date(2028, 6, 1))
    report = load(tmp_path, "编号,开放时间,休息日\nA-1,每天 全天,2028-05-01至2028-05-05 劳动节\n")
    assert report.updated == 1, report
    assert place.opening_rules.count() == 7
    assert place.closed_days.count() == 5
    entry = AuditEntry.objects.latest("id")
    assert entry.before["opening_rules"] == [[0, 0, 60, None, None]]
    assert entry.after["closed_days"]["2028-05-03"] == "劳动节"


def damaged(data: bytes, random: Random) -> bytes:
    """The file with a few bytes changed, taken out or put in."""
    body = bytearray(data)
    for _number in range(random.choice([1, 2, 20])):
        at = random.randrange(len(body))
        deed = random.randrange(3)
        if deed == 0:
            body[at] = random.randrange(256)
        elif deed == 1:
            del body[at : at + random.randrange(1, 30)]
        else:
            body[at:at] = random.choice([b'"', b"<", b"&", b"{", b"\x00", b"]]>", b'r="99999999999"', b"\n"])
    return bytes(body)


@pytest.mark.parametrize("kind", ["csv", "xlsx", "geojson"])
def test_a_damaged_file_is_refused_or_read_and_nothing_else(base, tmp_path, kind) -> None:
    random, file = Random(2028), tmp_path / "damaged"
    for number in range(5):
        make_place(base, code=f"A-{number}", latitude=31.7, longitude=119.8, description="一\n二")
    whole = io.BytesIO()
    export_places(actor=SYSTEM, kind=kind, out=whole)
    for _number in range(60):
        file.write_bytes(damaged(whole.getvalue(), random))
        with suppress(XiepaiError), open_source(file) as source:
            for row in source.rows:
                assert row.line > 0
