"""The crew's sheet: what crews write is understood, and everything wrong is said at once, by line and column."""

from __future__ import annotations

import contextlib
import io
import json
import zipfile
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xiepai.bookings.needs import NeedRow, Sheet, files, read_sheet, words
from xiepai.kernel import clock
from xiepai.kernel.errors import ErrorCode, XiepaiError

TODAY = datetime(2026, 11, 23, 4, tzinfo=UTC)
DAY_ONE = date(2026, 12, 1)


@pytest.fixture(autouse=True)
def _frozen_clock() -> Iterator[None]:
    with clock.frozen(TODAY):
        yield


def xlsx(*rows: list[Any], title: str = "Sheet") -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = title
    for row in rows:
        sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def csv_of(text: str, encoding: str = "utf-8") -> Sheet:
    return read_sheet("needs.csv", text.encode(encoding), day_one=DAY_ONE)


def one(**cells: Any) -> NeedRow:
    data = json.dumps([{"需求": "审讯室", "日期": "第1天", **cells}]).encode()
    (need,) = read_sheet("n.json", data, day_one=DAY_ONE).needs
    return need


def refused(file_name: str, data: bytes) -> XiepaiError:
    with pytest.raises(XiepaiError) as caught:
        read_sheet(file_name, data, day_one=DAY_ONE)
    return caught.value


def problem(**cells: Any) -> dict[str, Any]:
    error = refused("n.json", json.dumps([{"需求": "审讯室", "日期": "第1天", **cells}]).encode())
    assert error.code is ErrorCode.FILE_ROWS
    (found,) = error.data["problems"]
    return found


def test_the_same_needs_from_three_kinds_of_file() -> None:
    heading = ["场景/需求", "日期", "时间", "人数", "同期声", "数量"]
    rows = [["审讯室", "第1天", "08:00-20:00", 40, "是", None], ["标准间", "D1-D5", "14:00-12:00", None, "", 20]]
    lines = [",".join("" if cell is None else str(cell) for cell in row) for row in [heading, *rows]]
    text = "\n".join(lines)
    as_json = json.dumps([dict(zip(heading, row, strict=True)) for row in rows], ensure_ascii=False).encode()
    first = read_sheet("a.xlsx", xlsx(heading, *rows), day_one=DAY_ONE)
    for sheet in (csv_of(text), csv_of(text, "utf-8-sig"), csv_of(text, "gb18030"), csv_of(text, "utf-16")):
        assert sheet.needs == first.needs
    assert csv_of(text.replace(",", ";")).needs == first.needs
    shifted = read_sheet("a.json", as_json, day_one=DAY_ONE).needs
    assert [need.as_json() | {"line": need.line + 1} for need in shifted] == [need.as_json() for need in first.needs]
    assert first.needs[0].sound_needed
    assert first.needs[1].units == 20


@pytest.mark.parametrize(
    ("cell", "first", "last"),
    [
        ("2026-12-03", "2026-12-03", "2026-12-03"),
        ("2026/12/3", "2026-12-03", "2026-12-03"),
        ("2026年12月3日", "2026-12-03", "2026-12-03"),
        ("2026年12月3日（周四）", "2026-12-03", "2026-12-03"),
        ("12月3日", "2026-12-03", "2026-12-03"),
        ("12/3", "2026-12-03", "2026-12-03"),
        ("１２月３日", "2026-12-03", "2026-12-03"),
        ("1月5日", "2027-01-05", "2027-01-05"),
        ("2月29日", "2028-02-29", "2028-02-29"),
        ("12月3日-5日", "2026-12-03", "2026-12-05"),
        ("12月30日至1月2日", "2026-12-30", "2027-01-02"),
        ("2026-12-03~2026-12-05", "2026-12-03", "2026-12-05"),
        ("第1天", "2026-12-01", "2026-12-01"),
        ("第二天", "2026-12-02", "2026-12-02"),
        ("D3", "2026-12-03", "2026-12-03"),
        ("day 3", "2026-12-03", "2026-12-03"),
        ("第2-4天", "2026-12-02", "2026-12-04"),
        ("第2天至第4天", "2026-12-02", "2026-12-04"),
        ("D2-D4", "2026-12-02", "2026-12-04"),
        (5, "2026-12-05", "2026-12-05"),
        (5.0, "2026-12-05", "2026-12-05"),
        (datetime(2026, 12, 9), "2026-12-09", "2026-12-09"),  # noqa: DTZ001 — what a spreadsheet's cell is
        (date(2026, 12, 9), "2026-12-09", "2026-12-09"),
    ],
)
def test_days(cell: Any, first: str, last: str) -> None:
    found = words.read_days(cell, day_one=DAY_ONE, today=date(2026, 11, 23))
    assert found == (date.fromisoformat(first), date.fromisoformat(last))


@pytest.mark.parametrize(
    "cell", ["明天", "2月30日", "2026-13-01", "第0天", "第99天", "D4-D2", "第天", "12月3日-1日", ""]
)
def test_days_that_are_not(cell: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        words.read_days(cell, day_one=DAY_ONE, today=date(2026, 11, 23))


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("08:00-20:00", (480, 1200)),
        ("8:00—20:00", (480, 1200)),
        ("8点~20点", (480, 1200)),
        ("8点半至12点15分", (510, 735)),
        ("8-20", (480, 1200)),
        ("20:00-02:00", (1200, 1560)),
        ("20:00-次日02:00", (1200, 1560)),
        ("16:00-24:00", (960, 1440)),
        ("00:00-24:00", (0, 1440)),
        ("08:00-08:00", (480, 1920)),
        ("０８：００－２０：００", (480, 1200)),
        ("夜", "夜"),
    ],
)
def test_hours(cell: str, expected: Any) -> None:
    assert words.read_hours(cell) == expected


@pytest.mark.parametrize("cell", ["25:00-26:00", "08:60-09:00", "上班时间", "08:00", "24:00-26:00", "-"])
def test_hours_that_are_not(cell: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        words.read_hours(cell)


def test_hours_and_lengths_come_together() -> None:
    assert (one().from_minute, one().to_minute, one().minutes) == (480, 1200, None)
    assert (one(气氛="夜").from_minute, one(气氛="夜").to_minute, one(气氛="夜").mood) == (1080, 1800, "night")
    afternoon = one(时间="下午", 时长="3小时")
    assert (afternoon.from_minute, afternoon.to_minute, afternoon.minutes) == (720, 1080, 180)
    assert not afternoon.is_fixed
    assert one(时长="6h", 气氛="夜").minutes == 360
    assert one(开始="18:30", 时长=6).to_minute == 1470
    assert one(开始="18:30", 结束="02:00").to_minute == 1560
    assert one(时间="08:00-12:00", 时长="4小时").is_fixed
    assert problem(时间="08:00-10:00", 时长="4小时")["column"] == "时长"


def test_several_days_in_a_row_and_windows_of_days() -> None:
    each = one(日期="第2-4天")
    assert (each.day_count, each.is_daily, each.first_days) == (3, True, (date(2026, 12, 2),))
    assert [span.start.day for span in each.windows(each.first_days[0])] == [2, 3, 4]
    stay = one(日期="第1天", 天数=5, 每天="否", 时间="14:00-12:00")
    (span,) = stay.windows(stay.first_days[0])
    assert (span.start.day, span.start.hour, span.end.day, span.end.hour) == (1, 14, 5, 12)
    any_day = one(日期="第1-5天", 天数=1)
    assert len(any_day.first_days) == 5
    assert one(日期="第1-5天", 天数="2天").first_days == tuple(DAY_ONE + timedelta(days=n) for n in range(4))
    assert problem(日期="第1-2天", 天数=3)["column"] == "天数"
    assert problem(天数=3, 每天="否", 时长="3小时", 时间="日")["column"] == "时长"


def test_spreadsheet_types_english_headings_and_a_title_above() -> None:
    rows = [["《武进样片》需求表"], [], ["Set", "Date", "From", "To", "Crew", "Sync sound", "Weather"]]
    rows.append(["police station", datetime(2026, 12, 3), time(8), time(18, 30), 40.0, True, "sun"])  # noqa: DTZ001
    sheet = read_sheet("x.xlsx", xlsx(*rows), day_one=DAY_ONE)
    (need,) = sheet.needs
    assert (need.line, need.words, need.from_minute, need.to_minute) == (4, "police station", 480, 1110)
    assert (need.people, need.sound_needed) == (40, True)
    assert sheet.title == "《武进样片》需求表"
    assert sheet.ignored_columns == ("Weather",)
    assert NeedRow.from_json(json.loads(json.dumps(need.as_json()))) == need


def test_every_problem_is_said_with_line_and_column() -> None:
    text = "场景,日期,时间,人数,同期声,数量\n,第1天,08:00-20:00,40,是,\n教室,哪天,很早,许多,也许,0\n"
    text += "走廊,2020-01-01,,,,\n审讯室,D1,,,,\n"
    error = refused("n.csv", text.encode())
    assert error.code is ErrorCode.FILE_ROWS
    assert error.data["count"] == 3
    found = [(problem["line"], problem["column"]) for problem in error.data["problems"]]
    assert found == [(2, "场景"), (3, "日期"), (3, "时间"), (3, "人数"), (3, "同期声"), (3, "数量"), (4, "日期")]
    assert all(problem["reason"] for problem in error.data["problems"])
    assert "3" in str(error)


def test_lines_of_quoted_cells_are_the_lines_of_the_file() -> None:
    error = refused("n.csv", '场景,日期\n"两\n行",D1\n\n教室,哪天\n'.encode())
    assert [problem["line"] for problem in error.data["problems"]] == [5]


@pytest.mark.parametrize(
    ("file_name", "data", "code"),
    [
        ("n.xlsx", b"", ErrorCode.FILE_UNREADABLE),
        ("n.csv", b"  \n ", ErrorCode.FILE_UNREADABLE),
        ("n.csv", "场景,日期\n".encode(), ErrorCode.FILE_UNREADABLE),
        ("n.csv", "甲,乙\n1,2\n".encode(), ErrorCode.FILE_UNREADABLE),
        ("n.csv", b"\x00\x01\xff\xfe\xfd", ErrorCode.FILE_UNREADABLE),
        ("n.json", b"{", ErrorCode.FILE_UNREADABLE),
        ("n.json", b"[" * 100_000, ErrorCode.FILE_UNREADABLE),
        ("n.json", b'{"needs": 3}', ErrorCode.FILE_UNREADABLE),
        ("n.json", b"[1, 2]", ErrorCode.FILE_UNREADABLE),
        ("n.json", b"[]", ErrorCode.FILE_UNREADABLE),
        ("n.json", b'[{"\xe9\x9c\x80\xe6\xb1\x82": 1' + b"0" * 5000 + b"}]", ErrorCode.FILE_UNREADABLE),
        ("n.xls", b"\xd0\xcf\x11\xe0", ErrorCode.FILE_TYPE),
        ("n.xlsx", b"\xd0\xcf\x11\xe0" * 100, ErrorCode.FILE_TYPE),
        ("n.pdf", b"%PDF-1.7", ErrorCode.FILE_TYPE),
        ("n", b"x", ErrorCode.FILE_TYPE),
        ("n.csv", b"a" * (files.FILE_BYTES + 1), ErrorCode.FILE_SIZE),
        ("n.csv", ("场景,日期\n" + "教室,D1\n" * 501).encode(), ErrorCode.FILE_SIZE),
        ("n.csv", ("场景,日期\n" + "教室,D1\n" * 20_000).encode(), ErrorCode.FILE_SIZE),
    ],
)
def test_what_is_no_sheet_of_needs_is_refused(file_name: str, data: bytes, code: ErrorCode) -> None:
    error = refused(file_name, data)
    assert error.code is code
    assert str(error)


def archive(*entries: tuple[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in entries:
            made.writestr(name, content)
    return out.getvalue()


def rewritten(data: bytes, changes: dict[str, tuple[bytes, bytes]]) -> bytes:
    with zipfile.ZipFile(io.BytesIO(data)) as source:
        entries = [(name, source.read(name)) for name in source.namelist()]
    return archive(*((n, c.replace(*changes[n]) if n in changes else c) for n, c in entries))


def test_hostile_workbooks() -> None:
    bomb = archive(("xl/workbook.xml", b"<x/>"), ("xl/worksheets/sheet1.xml", b"0" * (files.UNPACKED_BYTES + 1)))
    assert len(bomb) < files.FILE_BYTES
    assert refused("n.xlsx", bomb).code is ErrorCode.FILE_SIZE
    texts = archive(("xl/workbook.xml", b"<x/>"), ("xl/sharedStrings.xml", b"0" * (files.PART_BYTES + 1)))
    assert refused("n.xlsx", texts).code is ErrorCode.FILE_SIZE
    many = archive(("xl/workbook.xml", b"<x/>"), *((f"f{n}", b"") for n in range(files.ARCHIVE_ENTRIES)))
    assert refused("n.xlsx", many).code is ErrorCode.FILE_SIZE
    assert refused("n.xlsx", archive(("word/document.xml", b"<x/>"))).code is ErrorCode.FILE_TYPE
    assert refused("n.xlsx", archive(("xl/workbook.xml", b"<x/>"))).code is ErrorCode.FILE_UNREADABLE
    good = xlsx(["场景", "日期"], ["教室", "D1"])
    laughs = b'<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><worksheet '
    sheet = "xl/worksheets/sheet1.xml"
    assert refused("n.xlsx", rewritten(good, {sheet: (b"<worksheet ", laughs)})).code is ErrorCode.FILE_UNREADABLE


def test_a_workbook_is_not_believed_about_its_size_nor_about_its_formulas() -> None:
    good = xlsx(["场景", "日期"], ["=CMD|' /C calc'!A0", "D1"])
    (need,) = read_sheet("n.xlsx", xlsx(["场景", "日期"], ["教室", "D1"]), day_one=DAY_ONE).needs
    assert need.words == "教室"
    error = refused("n.xlsx", good)  # a formula without a saved value is an empty cell
    assert [p["column"] for p in error.data["problems"]] == ["场景"]
    huge = rewritten(xlsx(["场景", "日期"], ["教室", "D1"]), {"xl/worksheets/sheet1.xml": (b"A1:B2", b"A1:XFD1048576")})
    assert len(read_sheet("n.xlsx", huge, day_one=DAY_ONE).needs) == 1


def test_text_the_database_could_not_keep_is_cleaned() -> None:
    assert one(需求="审\u0000讯\ud800室\n二").words == "审讯室 二"
    assert problem(需求="很" * 121)["column"] == "需求"
    assert problem(备注={"a": 1})["column"] == "备注"


def test_without_a_first_day_it_is_a_week_from_now() -> None:
    sheet = read_sheet("n.csv", "场景,日期\n教室,D2\n".encode())
    assert sheet.day_one == date(2026, 11, 30)
    assert sheet.needs[0].first_days == (date(2026, 12, 1),)


@settings(max_examples=200, deadline=None)
@given(
    st.lists(
        st.dictionaries(
            st.sampled_from(
                ["场景", "日期", "时间", "时长", "气氛", "人数", "同期声", "数量", "天数", "每天", "优先", "开始"]
            ),
            st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=12), st.just([])),
        ),
        max_size=4,
    )
)
def test_nothing_in_a_cell_breaks_the_reader(rows: list[dict[str, Any]]) -> None:
    with clock.frozen(TODAY), contextlib.suppress(XiepaiError):
        read_sheet("n.json", json.dumps(rows).encode(), day_one=DAY_ONE)


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=300), st.sampled_from(["n.xlsx", "n.csv", "n.json"]))
def test_no_bytes_break_the_reader(data: bytes, file_name: str) -> None:
    with clock.frozen(TODAY), contextlib.suppress(XiepaiError):
        read_sheet(file_name, data, day_one=DAY_ONE)
