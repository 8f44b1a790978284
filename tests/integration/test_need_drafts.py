"""A crew's list over HTTP: typed or dropped, put right, searched, swapped, booked with one press; never lost."""

from __future__ import annotations

import io
from collections.abc import Generator
from dataclasses import replace
from datetime import UTC, date, datetime, time
from typing import Any

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from procrastinate.contrib.django.models import ProcrastinateJob
from tests.factories import make_person
from tests.studio import DAY_ONE, Studio, at, december, make_studio

from xiepai.bookings import need_drafts, services
from xiepai.bookings.models import Booking, NeedDraft, NeedList
from xiepai.bookings.needs.cells import cells_xlsx, judged, read_cells
from xiepai.bookings.tasks import work_draft
from xiepai.kernel.errors import ErrorCode, XiepaiError
from xiepai.parties.models import Person

pytestmark = pytest.mark.django_db
HEAD = "场景/需求,日期,时间,人数,备注\n"
CELLS = {"words": "现代病房", "days": "第1天", "hours": "08:00-20:00"}


@pytest.fixture(autouse=True)
def _december() -> Generator[None, None, None]:
    with december():
        yield


@pytest.fixture
def studio() -> Studio:
    return make_studio()


@pytest.fixture
def crew(studio: Studio) -> Client:
    client = Client()
    client.force_login(Person.objects.get(pk=studio.actor.person_id))
    return client


def drop(client: Client, text: str, name: str = "needs.csv") -> NeedDraft:
    upload = SimpleUploadedFile(name, text.encode())
    answer = client.post("/needs/", {"file": upload, "day_one": f"{DAY_ONE}"})
    assert answer.status_code == 302, answer.content.decode()
    return NeedDraft.objects.latest("pk")


def page(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200
    return answer.content.decode()


def test_a_dropped_sheet_shows_candidates_side_by_side_with_price_and_reason(studio: Studio, crew: Client) -> None:
    draft = drop(crew, f"{HEAD}现代病房,第1天,08:00-20:00,40,\n")
    seen = page(crew, f"/needs/drafts/{draft.pk}/")
    for words in (
        "现代病房甲",
        "现代病房乙",
        "1 天 × ¥800 = ¥800",
        "1 天 × ¥1,000 = ¥1,000",
        "价最低",
        "可容 50 人",
        "全部预订",
    ):
        assert words in seen, words
    assert not Booking.objects.exists()


def test_the_crew_swaps_a_candidate_and_one_press_books_what_is_shown(studio: Studio, crew: Client) -> None:
    draft = drop(crew, f"{HEAD}现代病房,第1天,08:00-20:00,40,\n")
    offers = {offer["place"]["name"]: offer["key"] for offer in draft.plan["needs"][0]["offers"]}
    crew.post(f"/needs/drafts/{draft.pk}/pick/", {"line": "2", "key": offers["现代病房甲"]})
    assert "自选" in page(crew, f"/needs/drafts/{draft.pk}/")
    answer = crew.post(f"/needs/drafts/{draft.pk}/book/")
    booking = Booking.objects.get()
    assert (booking.place.name, booking.state) == ("现代病房甲", "confirmed")
    assert answer["Location"] == f"/needs/{NeedList.objects.get().pk}/"
    again = crew.post(f"/needs/drafts/{draft.pk}/book/")
    assert again.status_code == 302
    assert Booking.objects.count() == 1
    assert crew.get(f"/needs/drafts/{draft.pk}/").status_code == 302


def test_a_swap_moves_the_other_line_that_wanted_the_place(studio: Studio, crew: Client) -> None:
    draft = drop(crew, f"{HEAD}现代病房,第1天,08:00-20:00,,\n现代病房,第1天,08:00-20:00,,\n")
    chosen = {one["line"]: one["explanation"]["place"]["name"] for one in draft.plan["needs"]}
    assert set(chosen.values()) == {"现代病房甲", "现代病房乙"}
    mine = draft.plan["needs"][0]
    other = next(offer for offer in mine["offers"] if offer["key"] != mine["key"])
    assert other["displaces"] == [3]
    crew.post(f"/needs/drafts/{draft.pk}/pick/", {"line": "2", "key": other["key"]})
    draft.refresh_from_db()
    swapped = {one["line"]: one["explanation"]["place"]["name"] for one in draft.plan["needs"]}
    assert swapped == {2: chosen[3], 3: chosen[2]}


def test_wrong_cells_are_named_by_line_and_column_and_nothing_is_lost(studio: Studio, crew: Client) -> None:
    draft = drop(crew, f"{HEAD}现代病房,哪天,08:00-20:00,许多,近电梯\n总裁办公室,第1天,8点到20点,,\n")
    seen = page(crew, f"/needs/drafts/{draft.pk}/")
    for words in (
        "第 2 行“日期”",
        "第 2 行“人数”",
        'value="哪天"',
        'value="许多"',
        'value="近电梯"',
        'value="总裁办公室"',
    ):
        assert words in seen, words
    form = {f"c-2-{name}": value for name, value in {**CELLS, "note": "近电梯"}.items()}
    answer = crew.post(f"/needs/drafts/{draft.pk}/", {**form, "search": ""}, follow=True)
    draft.refresh_from_db()
    assert draft.state == "ready", answer.content.decode()
    assert draft.rows[0] == {"line": 2, "cells": {**CELLS, "note": "近电梯"}}
    assert draft.rows[1]["cells"]["words"] == "总裁办公室"


def test_rows_typed_on_the_page_survive_the_session(studio: Studio, crew: Client) -> None:
    answer = crew.post("/needs/", {"typed": "", "title": "夜戏", "day_one": f"{DAY_ONE}"})
    where = answer["Location"]
    assert 'name="n-2-words"' in page(crew, where)
    crew.post(where, {**{f"n-1-{name}": value for name, value in CELLS.items()}, "n-0-words": "", "save": ""})
    crew.logout()
    back = Client()
    back.force_login(Person.objects.get(pk=studio.actor.person_id))
    assert "夜戏" in page(back, "/needs/")
    assert 'value="现代病房"' in page(back, where)
    crew = back
    crew.post(where, {"c-1-words": "", "save": ""})
    assert NeedDraft.objects.get().rows == []


def test_an_edit_of_what_somebody_else_just_edited_is_refused(studio: Studio, crew: Client) -> None:
    draft = drop(crew, f"{HEAD}现代病房,第1天,08:00-20:00,,\n")
    crew.post(f"/needs/drafts/{draft.pk}/", {"c-2-words": "法庭", "version": draft.version + 7, "save": ""})
    draft.refresh_from_db()
    assert draft.rows[0]["cells"]["words"] == "现代病房"


def test_what_is_not_met_says_when_it_could_and_can_be_taken(studio: Studio, crew: Client) -> None:
    office = studio.places["office"]
    services.place_hold(
        actor=studio.other_actor, organisation_id=studio.other_crew.pk, place_id=office.pk, span=at(6, 22)
    )
    draft = drop(crew, f"{HEAD}总裁办公室,第1天,08:00-20:00,,\n现代病房,第1天,08:00-20:00,,\n")
    seen = page(crew, f"/needs/drafts/{draft.pk}/")
    assert "最早可用" in seen
    assert "12月8日 08:00–20:00" in seen
    assert "先订能满足的 1 项" in seen
    crew.post(f"/needs/drafts/{draft.pk}/book/")
    assert not Booking.objects.filter(organisation=studio.crew).exists()  # all or nothing
    crew.post(f"/needs/drafts/{draft.pk}/use/", {"line": "2", "at": "0"})
    draft.refresh_from_db()
    assert draft.cells_of(2)["days"] == "2026-12-08"
    crew.post(f"/needs/drafts/{draft.pk}/book/")
    assert Booking.objects.filter(organisation=studio.crew).count() == 2


def test_partial_books_what_is_met_by_choice(studio: Studio, crew: Client) -> None:
    draft = drop(crew, f"{HEAD}没有这种地方,第1天,08:00-20:00,,\n现代病房,第1天,08:00-20:00,,\n")
    crew.post(f"/needs/drafts/{draft.pk}/book/", {"partial": ""})
    assert Booking.objects.count() == 1
    draft.refresh_from_db()
    assert draft.state == "booked"


def test_a_place_taken_meanwhile_books_nothing_and_shows_the_new_plan(studio: Studio, crew: Client) -> None:
    draft = drop(crew, f"{HEAD}现代病房,第1天,08:00-20:00,,\n")
    shown = draft.plan["needs"][0]["explanation"]["place"]["id"]
    services.place_hold(actor=studio.other_actor, organisation_id=studio.other_crew.pk, place_id=shown, span=at(8, 10))
    crew.post(f"/needs/drafts/{draft.pk}/book/")
    assert not Booking.objects.filter(organisation=studio.crew).exists()
    draft.refresh_from_db()
    assert draft.plan["needs"][0]["explanation"]["place"]["id"] != shown
    assert "什么都没有预订" in page(crew, f"/needs/drafts/{draft.pk}/")


def test_a_long_list_is_searched_and_booked_by_a_job_that_tells_how_far_it_is(
    studio: Studio, crew: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(need_drafts, "AT_ONCE", 2)
    draft = drop(crew, HEAD + "".join(f"现代病房,第{day}天,08:00-12:00,,\n" for day in range(1, 6)))
    assert draft.state == "waiting"
    seen = page(crew, f"/needs/drafts/{draft.pk}/progress/")
    assert "<progress" in seen
    assert 'hx-trigger="every 1s"' in seen
    work_draft.func(**ProcrastinateJob.objects.get(task_name="bookings.work_draft").args)
    draft.refresh_from_db()
    assert (draft.state, draft.done_count) == ("ready", 5)
    assert crew.get(f"/needs/drafts/{draft.pk}/progress/")["HX-Refresh"] == "true"
    crew.post(f"/needs/drafts/{draft.pk}/book/")
    assert not Booking.objects.exists()
    job = ProcrastinateJob.objects.filter(task_name="bookings.work_draft").latest("id")
    for _again in range(2):  # a job that runs twice books once
        work_draft.func(**job.args)
    assert Booking.objects.count() == 5


def test_the_same_sheet_dropped_twice_is_booked_once(studio: Studio, crew: Client) -> None:
    for _time in range(2):
        draft = drop(crew, f"{HEAD}现代病房,第1天,08:00-20:00,,\n")
        crew.post(f"/needs/drafts/{draft.pk}/book/", {"partial": ""})
    assert (Booking.objects.count(), NeedList.objects.count()) == (1, 1)


def test_another_crew_finds_no_list(studio: Studio, crew: Client) -> None:
    draft = drop(crew, f"{HEAD}现代病房,第1天,08:00-20:00,,\n")
    stranger = Client()
    stranger.force_login(make_person("scheduler")[0])
    for method, tail in (("get", "/"), ("get", ".xlsx"), ("get", "/progress/"), ("post", "/"), ("post", "/book/")):
        assert getattr(stranger, method)(f"/needs/drafts/{draft.pk}{tail}").status_code == 404, tail
    for tail in ("/pick/", "/use/", "/remove/"):
        assert stranger.post(f"/needs/drafts/{draft.pk}{tail}", {"line": "2", "at": "0"}).status_code == 404, tail
    assert f"/needs/drafts/{draft.pk}/" not in page(stranger, "/needs/")
    crew.post(f"/needs/drafts/{draft.pk}/remove/")
    assert not NeedDraft.objects.exists()


def test_an_xlsx_round_trip_of_needs_changes_nothing(studio: Studio, crew: Client) -> None:
    text = f"{HEAD}现代病房,第1天,08:00-20:00,40,近电梯 =1+1\n总裁办公室,哪天,,0x,\n酒店,12/9,全天,,007\n"
    draft = drop(crew, text)
    first = crew.get(f"/needs/drafts/{draft.pk}.xlsx").content
    read = read_cells("needs.xlsx", first)
    assert [line.cells for line in read.lines] == [row["cells"] for row in draft.rows]
    assert read.title == draft.title
    again = read_cells("needs.xlsx", cells_xlsx(read.title, read.lines))
    assert (again.title, again.lines) == (read.title, read.lines)
    assert all(cell.data_type in "sn" for row in openpyxl.load_workbook(io.BytesIO(first)).active for cell in row)


def test_a_sheet_of_real_dates_and_numbers_keeps_its_needs_through_a_round_trip() -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["需求", "拍摄日期", "开始", "结束", "人数", "镜头号", "同期声", "时长"])
    sheet.append(
        ["病房", datetime(2026, 12, 9, tzinfo=UTC).replace(tzinfo=None), time(8), time(20, 30), 40, 7, "是", None]
    )
    sheet.append(["走廊", date(2026, 12, 10), None, None, 12.0, None, None, 1.5])
    out = io.BytesIO()
    book.save(out)
    read = read_cells("第七集.xlsx", out.getvalue())
    assert read.ignored_columns == ("镜头号",)
    known = {"title": "t", "file_name": "f", "day_one": DAY_ONE}
    needs, problems = judged(read.lines, **known)
    back, more = judged(read_cells("x.xlsx", cells_xlsx("t", read.lines)).lines, **known)
    assert not problems
    assert not more
    assert [replace(need, line=0) for need in back.needs] == [replace(need, line=0) for need in needs.needs]
    assert (needs.needs[0].from_minute, needs.needs[0].people, needs.needs[1].minutes) == (480, 40, 90)


@pytest.mark.parametrize(
    ("name", "data"), [("a.xlsx", b"PK\x03\x04junk"), ("a.pdf", b"%PDF"), ("a.csv", b"a,b\n1,2\n")]
)
def test_what_is_no_sheet_says_so_and_makes_no_list(studio: Studio, crew: Client, name: str, data: bytes) -> None:
    answer = crew.post("/needs/", {"file": SimpleUploadedFile(name, data), "day_one": f"{DAY_ONE}"})
    assert answer.status_code == 422
    assert not NeedDraft.objects.exists()


def test_the_blank_sheet_has_every_column_and_no_needs(studio: Studio, crew: Client) -> None:
    read = read_cells("needs.xlsx", crew.get("/needs/blank.xlsx").content)
    assert (read.lines, read.ignored_columns) == ((), ())


def test_booking_something_never_searched_is_refused(studio: Studio) -> None:
    draft = need_drafts.open_draft(actor=studio.actor, organisation_id=studio.crew.pk, title="空", day_one=DAY_ONE)
    with pytest.raises(XiepaiError) as caught:
        need_drafts.book(actor=studio.actor, draft_id=draft.pk, partial=False)
    assert caught.value.code == ErrorCode.FILE_ROWS


def test_the_page_asks_a_bounded_number_of_queries(
    studio: Studio, crew: Client, django_assert_max_num_queries: Any
) -> None:
    draft = drop(crew, HEAD + "".join(f"现代病房,第{day}天,08:00-12:00,,\n" for day in range(1, 20)))
    with django_assert_max_num_queries(30):
        assert crew.get(f"/needs/drafts/{draft.pk}/").status_code == 200
