"""The board: what each role sees of it, what narrows it, how full it says it is, and what it hands out."""

from __future__ import annotations

import io
import json
from collections.abc import Generator
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import openpyxl
import pypdfium2
import pytest
from django.test import Client
from tests.factories import make_organisation, make_person, make_place

from xiepai.bookings import services
from xiepai.bookings.board import Board, Wanted, read_board
from xiepai.bookings.models import Booking
from xiepai.kernel import clock
from xiepai.kernel.models import AuditEntry
from xiepai.parties.access import Actor
from xiepai.places.models import Place
from xiepai.places.services import add_blocking
from xiepai.worktime.spans import Span

pytestmark = pytest.mark.django_db
ZONE = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 12, 1, 9, tzinfo=ZONE)
DAY = datetime(2026, 12, 7, tzinfo=ZONE)
WEEK = {"day": "2026-12-07", "days": "7"}


@pytest.fixture(autouse=True)
def _december() -> Generator[None, None, None]:
    with clock.frozen(NOW):
        yield


class Stage:
    """A base with two sets, another with a hidden and a public one; two crews."""

    def __init__(self) -> None:
        self.base, self.other_base = make_organisation("base"), make_organisation("base")
        self.room = make_place(self.base, name="审讯室", categories=["office"], approval="keeper")
        self.ward = make_place(self.base, name="病房", categories=["hospital"])
        self.theirs = make_place(self.other_base, name="别人的景")
        self.hidden = make_place(self.other_base, name="不公开的景", visibility="private")
        self.actors: dict[str, Actor] = {}
        self.clients: dict[str, Client] = {}
        self.add("keeper", "keeper", self.base)
        self.add("officer", "officer")
        self.add("leader", "leader")
        self.crew = make_organisation("crew", name="晨光")
        self.add("crew", "scheduler", self.crew)
        self.add("stranger", "scheduler", make_organisation("crew", name="星河"))

    def add(self, name: str, role: str, organisation: Any = None) -> None:
        person, self.actors[name] = make_person(role, organisation)
        self.clients[name] = Client()
        self.clients[name].force_login(person)

    def hold(self, place: Place, start: int, end: int, title: str = "第3集") -> Booking:
        return services.place_hold(
            actor=self.actors["crew"],
            organisation_id=self.crew.pk,
            place_id=place.pk,
            span=span(start, end),
            title=title,
        )

    def board(self, who: str, days: int = 7, **wanted: Any) -> Board:
        return read_board(self.actors[who], DAY.date(), days, wanted=Wanted(**wanted))

    def page(self, who: str, **query: str) -> str:
        return self.clients[who].get("/office/board/", {**WEEK, **query}).content.decode()


@pytest.fixture
def stage() -> Stage:
    return Stage()


def span(start: int, end: int) -> Span:
    return Span(DAY + timedelta(hours=start), DAY + timedelta(hours=end))


def names(board: Board) -> set[str]:
    return {row.name for row in board.rows}


def test_officers_see_all_sets_keepers_their_own_and_crews_what_is_public(stage: Stage) -> None:
    assert names(stage.board("officer")) == {"审讯室", "病房", "别人的景", "不公开的景"}
    assert names(stage.board("keeper")) == {"审讯室", "病房"}
    assert names(stage.board("crew")) == {"审讯室", "病房", "别人的景"}


def test_a_crew_learns_that_a_set_is_taken_but_not_by_whom(stage: Stage) -> None:
    booking = stage.hold(stage.room, 8, 12, "秘密剧本")
    add_blocking(actor=stage.actors["keeper"], place_id=stage.ward.pk, span=span(0, 5), reason="漏水")
    own = stage.page("crew")
    assert "秘密剧本" in own
    assert f'data-id="{booking.pk}"' in own
    for form in ("", "csv"):
        path = f"/office/board.{form}" if form else "/office/board/"
        seen = stage.clients["stranger"].get(path, WEEK).content.decode()
        assert "已占用" in seen
        assert not any(word in seen for word in ("秘密剧本", "晨光", booking.code, f"/bookings/{booking.pk}/", "漏水"))
    assert stage.board("stranger").occupancy == pytest.approx(stage.board("officer").occupancy * 4 / 3)


def test_what_one_may_only_read_has_no_handle(stage: Stage) -> None:
    stage.hold(stage.room, 8, 12)
    assert "data-id" in stage.page("officer")
    assert "data-id" in stage.page("keeper")
    assert "第3集" in stage.page("leader")
    assert "data-id" not in stage.page("leader")


def test_rows_are_narrowed_and_other_bars_of_a_row_stay(stage: Stage) -> None:
    held = stage.hold(stage.room, 8, 12, "预留的")
    asked = stage.hold(stage.room, 14, 16, "待审的")
    services.confirm_booking(actor=stage.actors["crew"], booking_id=asked.pk)
    stage.hold(stage.ward, 8, 12)
    assert names(stage.board("officer", category="hospital")) == {"病房"}
    assert names(stage.board("officer", state="requested")) == {"审讯室"}
    assert len(stage.board("officer", state="requested").rows[0].bars) == 2
    assert names(stage.board("officer", crew_id=held.organisation_id)) == {"审讯室", "病房"}
    assert names(stage.board("officer", only_taken=True)) == {"审讯室", "病房"}
    assert names(stage.board("officer", words="100%_")) == set()
    page = stage.page("officer", state="requested")
    assert page.count(" aside") == 1
    assert stage.board("stranger", state="held").rows == ()  # a filter must not tell what the bars hide


def test_occupancy_counts_a_night_on_both_days_and_blockings_not_at_all(stage: Stage) -> None:
    stage.hold(stage.room, 12, 36)
    add_blocking(actor=stage.actors["keeper"], place_id=stage.ward.pk, span=span(0, 24), reason="检修")
    board = stage.board("keeper", days=2)
    assert {row.name: row.occupancy for row in board.rows} == {"审讯室": 0.5, "病房": 0.0}
    assert board.occupancy_by_day == (0.25, 0.25)


def move(stage: Stage, who: str, booking: Booking, start: int, end: int, **more: Any) -> tuple[int, dict[str, Any]]:
    wish = {"place": booking.place_id, "version": booking.version, **more}
    wish |= {"start": int(span(start, end).start.timestamp()), "end": int(span(start, end).end.timestamp())}
    answer = stage.clients[who].post(f"/office/board/{booking.pk}/", json.dumps(wish), "application/json")
    return answer.status_code, answer.json()


def test_a_tried_move_says_price_or_refusal_and_keeps_nothing(stage: Stage) -> None:
    booking, _other = stage.hold(stage.room, 8, 10), stage.hold(stage.room, 14, 16)
    entries = AuditEntry.objects.count()
    status, answer = move(stage, "crew", booking, 10, 13, **{"try": True})
    assert (status, "¥300" in answer["message"]) == (200, True)
    status, answer = move(stage, "crew", booking, 13, 15, **{"try": True})
    assert (status, answer["code"]) == (409, "slot_taken")
    booking.refresh_from_db()
    assert (clock.local(booking.period.lower).hour, booking.version) == (8, 1)
    assert AuditEntry.objects.count() == entries
    assert move(stage, "crew", booking, 10, 13)[0] == 200
    booking.refresh_from_db()
    assert clock.local(booking.period.upper).hour == 13


def test_nobody_moves_what_is_not_theirs(stage: Stage) -> None:
    booking = stage.hold(stage.room, 8, 10)
    assert move(stage, "stranger", booking, 10, 12)[0] == 404
    assert move(stage, "stranger", booking, 10, 12, **{"try": True})[0] == 404
    assert stage.clients["leader"].post(f"/office/board/{booking.pk}/", "{}", "application/json").status_code == 403


def test_the_board_is_handed_out_as_it_is_shown(stage: Stage) -> None:
    booking = stage.hold(stage.room, 8, 12, "=1+1")
    stage.hold(stage.ward, 8, 12, "病房戏")
    officer = stage.clients["officer"]
    lines = officer.get("/office/board.csv", {**WEEK, "category": "office"}).content.decode("utf-8-sig").splitlines()
    assert len(lines) == 2
    assert f"{booking.code},'=1+1,晨光,2026-12-07 08:00,2026-12-07 12:00,4.0,预留" in lines[1]
    book = openpyxl.load_workbook(io.BytesIO(officer.get("/office/board.xlsx", WEEK).content))
    rows = list(book.worksheets[0].iter_rows(values_only=True))
    assert [row[4] for row in rows[1:]] == ["病房戏", "=1+1"]
    assert rows[2][6] == datetime(2026, 12, 7, 8)  # noqa: DTZ001 - a sheet knows no zones
    paper = pypdfium2.PdfDocument(officer.get("/office/board.pdf", {**WEEK, "days": "28"}).content)
    text = paper[0].get_textpage().get_text_range()
    assert "审讯室" in text
    assert paper[0].get_size()[0] > paper[0].get_size()[1]
    assert officer.get("/office/board.exe", WEEK).status_code == 404
