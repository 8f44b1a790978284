"""The main job: all or what fits, never half, never twice, and honest about races."""

from __future__ import annotations

import json
from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.utils import translation
from tests.factories import make_person, make_tariff
from tests.studio import DAY_ONE, NOW, Studio, at, december, make_studio

from xiepai.bookings import booking_job
from xiepai.bookings.booking_job import book_needs, first_day_of_earlier_run
from xiepai.bookings.models import Booking, BookingState, Bundle, NeedList
from xiepai.bookings.selectors import overlaps_in_database
from xiepai.bookings.services import cancel_booking, place_hold
from xiepai.kernel import clock
from xiepai.kernel.errors import ErrorCode, XiepaiError
from xiepai.kernel.models import AuditEntry
from xiepai.parties.access import system
from xiepai.places.models import Approval, Tariff
from xiepai.places.services import update_place

WARD = {"需求": "病房", "人数": 40}
ROOMS = {"需求": "标准间", "数量": 20, "天数": 3, "每天": "否", "时间": "14:00-12:00"}
OFFICE = {"需求": "总裁办公室", "日期": "第2天"}
IMPOSSIBLE = {"需求": "火星基地"}


@pytest.fixture(autouse=True)
def _december() -> Generator[None, None, None]:
    with december():
        yield


@pytest.fixture
def studio(db) -> Studio:
    return make_studio()


def run(studio: Studio, *rows, **options) -> booking_job.JobResult:
    return book_needs(actor=studio.actor, organisation_id=studio.crew.pk, sheet=studio.sheet(*rows), **options)


def test_everything_is_booked_and_told(studio) -> None:
    result = run(studio, WARD, ROOMS, {"需求": "总裁办公室", "日期": "第4-5天", "时间": "08:00-23:30"})
    assert result.is_booked
    assert result.is_proven
    assert not result.unmet
    assert [outcome.outcome for outcome in result.outcomes] == ["booked"] * 3
    assert {outcome.state for outcome in result.outcomes} == {"已确认"}
    assert result.outcomes[0].arithmetic == "1 天 × ¥800 = ¥800"
    assert result.outcomes[1].arithmetic == "2 天 × ¥200 × 20 = ¥8,000"
    office = "1 天 × ¥1,000 + 2 超时小时 × ¥100 = ¥1,200"
    assert result.outcomes[2].arithmetic == f"每天 {office}；2 天共 ¥2,400"
    assert result.total.fen == sum(Booking.objects.values_list("price_fen", flat=True))
    assert all(outcome.why for outcome in result.outcomes)
    assert Booking.objects.filter(state=BookingState.CONFIRMED).count() == 4
    row = NeedList.objects.get()
    assert (row.bundle_id, row.needs.count()) == (result.bundle_id, 3)
    assert list(row.needs.values_list("booking", flat=True)) == [o.bookings[0].pk for o in result.outcomes]
    events = AuditEntry.objects.filter(object_type="bookings.needlist").order_by("id").values_list("event", flat=True)
    assert list(events) == ["bookings.needs.received", "bookings.needs.booked"]


def test_without_partial_nothing_is_half_done(studio) -> None:
    result = run(studio, WARD, IMPOSSIBLE)
    assert not result.is_booked
    assert Booking.objects.count() == Bundle.objects.count() == 0
    assert [outcome.outcome for outcome in result.outcomes] == ["would_fit", "unmet"]
    assert result.outcomes[0].place == "现代病房乙"
    assert result.outcomes[1].why == ("没有找到“火星基地”",)
    assert NeedList.objects.get().needs.count() == 2


def test_partial_books_what_fits_and_says_the_rest(studio) -> None:
    refused = run(studio, WARD, IMPOSSIBLE)
    result = run(studio, WARD, IMPOSSIBLE, partial=True)
    assert result.is_booked
    assert result.need_list_id == refused.need_list_id
    assert [outcome.outcome for outcome in result.outcomes] == ["booked", "unmet"]
    assert Booking.objects.count() == 1


def test_partial_with_nothing_that_fits_books_nothing(studio) -> None:
    assert not run(studio, IMPOSSIBLE, partial=True).is_booked
    assert Bundle.objects.count() == 0


def test_the_same_file_twice_is_booked_once(studio) -> None:
    first, second = run(studio, WARD), run(studio, WARD)
    assert second.is_repeat
    assert second.bundle_id == first.bundle_id
    assert [o.arithmetic for o in second.outcomes] == [o.arithmetic for o in first.outcomes]
    assert Booking.objects.count() == 1
    later = studio.sheet(WARD, day_one=DAY_ONE + timedelta(days=1))
    third = book_needs(actor=studio.actor, organisation_id=studio.crew.pk, sheet=later)
    assert not third.is_repeat
    assert Booking.objects.count() == 2
    other = book_needs(actor=studio.other_actor, organisation_id=studio.other_crew.pk, sheet=studio.sheet(WARD))
    assert not other.is_repeat


def test_a_repeat_shows_what_became_of_the_bookings(studio) -> None:
    first = run(studio, WARD)
    cancel_booking(actor=studio.actor, booking_id=first.outcomes[0].bookings[0].pk)
    assert run(studio, WARD).outcomes[0].state == "已取消"


def test_a_report_is_read_in_the_readers_language(studio) -> None:
    run(studio, OFFICE)
    with translation.override("en"):
        assert run(studio, OFFICE).outcomes[0].place == "CEO office"
    assert run(studio, OFFICE).outcomes[0].place == "总裁办公室"


def test_the_first_day_of_an_earlier_run_is_kept_until_it_is_past(studio) -> None:
    digest = studio.sheet(WARD).digest
    assert first_day_of_earlier_run(organisation_id=studio.crew.pk, digest=digest) is None
    run(studio, WARD)
    assert first_day_of_earlier_run(organisation_id=studio.crew.pk, digest=digest) == DAY_ONE
    with clock.frozen(NOW + timedelta(days=8)):
        assert first_day_of_earlier_run(organisation_id=studio.crew.pk, digest=digest) is None


def test_a_dry_run_writes_nothing(studio) -> None:
    audited = AuditEntry.objects.count()
    result = run(studio, WARD, IMPOSSIBLE, dry_run=True)
    assert (len(result.met), len(result.unmet)) == (1, 1)
    assert result.is_dry
    assert NeedList.objects.count() == Booking.objects.count() == 0
    assert AuditEntry.objects.count() == audited


def test_where_the_keeper_approves_it_waits_for_the_keeper(studio) -> None:
    update_place(actor=system(), place_id=studio.places["ward_b"].pk, approval=Approval.KEEPER)
    result = run(studio, WARD, OFFICE)
    assert [outcome.state for outcome in result.outcomes] == ["待审批", "已确认"]
    held = run(studio, {"需求": "小病房"}, confirm=False)
    assert held.outcomes[0].state == "预留"


def test_another_crews_sheet_is_not_ones_own(studio) -> None:
    for actor, code in ((studio.other_actor, ErrorCode.NOT_FOUND), (make_person("finance", studio.crew)[1], "x")):
        with pytest.raises(XiepaiError) as caught:
            book_needs(actor=actor, organisation_id=studio.crew.pk, sheet=studio.sheet(WARD))
        assert caught.value.code == (code if code != "x" else ErrorCode.FORBIDDEN)


def _after_planning(monkeypatch, deed, times: int = 1) -> list[int]:
    """Let *deed* happen between a plan and its booking, for the first so many plans."""
    made: list[int] = []
    usual = booking_job.make_plan

    def make_plan(*args, **kwargs):
        plan = usual(*args, **kwargs)
        made.append(1)
        if len(made) <= times:
            deed(len(made))
        return plan

    monkeypatch.setattr(booking_job, "make_plan", make_plan)
    return made


def _grab(studio: Studio, name: str, span) -> None:
    place_hold(
        actor=studio.other_actor, organisation_id=studio.other_crew.pk, place_id=studio.places[name].pk, span=span
    )


def test_a_race_lost_is_planned_again(studio, monkeypatch) -> None:
    made = _after_planning(monkeypatch, lambda _n: _grab(studio, "ward_b", at(8, 20)))
    result = run(studio, WARD, OFFICE)
    assert len(made) == 2
    assert result.outcomes[0].place == "现代病房甲"
    assert Booking.objects.filter(organisation=studio.crew).count() == 2
    assert overlaps_in_database() == 0


def test_a_price_that_rose_meanwhile_is_planned_again(studio, monkeypatch) -> None:
    def rise(_number: int) -> None:
        Tariff.objects.filter(place=studio.places["ward_b"]).update(valid_to=NOW.date())
        make_tariff(studio.places["ward_b"], NOW.date(), hour_fen=None, day_fen=900_000)

    made = _after_planning(monkeypatch, rise)
    result = run(studio, WARD)
    assert len(made) == 2
    assert result.outcomes[0].place == "现代病房甲"


def test_when_every_race_is_lost_nothing_is_left_behind(studio, monkeypatch) -> None:
    lost = ["ward_b", "ward_a", "small_ward"]
    made = _after_planning(monkeypatch, lambda number: _grab(studio, lost[number - 1], at(8, 20)), times=3)
    with pytest.raises(XiepaiError) as caught:
        run(studio, {"需求": "病房"}, OFFICE)
    assert caught.value.code == ErrorCode.SLOT_TAKEN
    assert len(made) == booking_job.TRIES
    assert Booking.objects.filter(organisation=studio.crew).count() == 0
    assert Bundle.objects.count() == NeedList.objects.count() == 0


def test_overdue_holds_do_not_stand_in_the_way(studio) -> None:
    _grab(studio, "ward_b", at(8, 20))
    with clock.frozen(NOW + timedelta(days=3)):
        result = run(studio, WARD)
    assert result.outcomes[0].place == "现代病房乙"


def test_what_is_stored_is_plain_json(studio) -> None:
    run(studio, {"需求": "现代病房乙"}, {"需求": "现代病房乙", "优先": "尽量"}, IMPOSSIBLE, partial=True)
    stored = [need.explanation for need in NeedList.objects.get().needs.all()]
    assert json.loads(json.dumps(stored)) == stored
    assert stored[1]["earliest"][0]["place"]["name"] == "现代病房乙"


@pytest.mark.django_db(transaction=True)
def test_the_same_file_at_the_same_moment_is_booked_once() -> None:
    """Real connections: of several runs of one file exactly one books, the others get its result."""
    studio = make_studio()

    def once(_number: int) -> tuple[bool, int | None]:
        try:
            with december():
                result = run(studio, WARD, ROOMS)
            return result.is_repeat, result.bundle_id
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        results = list(pool.map(once, range(4)))
    assert sorted(repeat for repeat, _ in results) == [False, True, True, True]
    assert len({bundle for _, bundle in results}) == 1
    assert Booking.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_crews_at_the_same_moment_share_without_a_clash() -> None:
    """Two crews want wards that only suffice for both when each takes another one."""
    studio = make_studio()

    def book(who: int) -> int:
        try:
            actor, crew = [(studio.actor, studio.crew), (studio.other_actor, studio.other_crew)][who]
            with december():
                result = book_needs(actor=actor, organisation_id=crew.pk, sheet=studio.sheet(WARD))
            return len(result.met)
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(book, range(2))) == [1, 1]
    assert overlaps_in_database() == 0
    with transaction.atomic():
        assert Booking.objects.values("place").distinct().count() == 2
