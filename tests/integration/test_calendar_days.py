"""The working calendar: what the office enters moves due times, a missing year says where to enter it."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from tests.city import City, make_city
from typer.testing import CliRunner

from xiepai.config.cli import app
from xiepai.kernel import clock
from xiepai.kernel.errors import XiepaiError
from xiepai.kernel.models import AuditEntry
from xiepai.parties import working_days
from xiepai.parties.models import CalendarDay, Role
from xiepai.worktime import terms

pytestmark = pytest.mark.django_db
START = datetime(2026, 11, 26, 2, 0, tzinfo=UTC)  # Thursday 10:00 in the city
NOW = START


@pytest.fixture(autouse=True)
def _november() -> Any:
    with clock.frozen(NOW):
        yield


@pytest.fixture
def city() -> City:
    return make_city()


def due(days: int = 3, agency_id: int | None = None) -> str:
    with working_days.known_years():
        end = terms.due(terms.Term(days), START, working_days.calendar_of(agency_id))
    return f"{clock.local(end):%Y-%m-%d %H:%M}"


def test_a_day_of_the_city_and_one_of_an_agency_move_the_due_time(city: City) -> None:
    officer = city.actor("officer")
    assert due() == "2026-12-01 18:00"
    working_days.enter_day(actor=officer, day=date(2026, 11, 30), is_worked=False, reason="台风停工")
    assert due() == "2026-12-02 18:00"
    agency = city.office.pk
    working_days.enter_day(actor=officer, day=date(2026, 11, 30), is_worked=True, reason="值班", agency_id=agency)
    assert (due(), due(agency_id=agency)) == ("2026-12-02 18:00", "2026-12-01 18:00")
    row = CalendarDay.objects.get(agency=None)
    working_days.remove_day(actor=officer, day_id=row.pk)
    assert due() == "2026-12-01 18:00"
    events = AuditEntry.objects.filter(event__startswith="parties.calendar_day").values_list("event", flat=True)
    assert list(events.order_by("id")) == [*["parties.calendar_day.entered"] * 2, "parties.calendar_day.removed"]


def test_entering_a_day_again_changes_it_and_keeps_one_row(city: City) -> None:
    officer = city.actor("officer")
    for worked in (False, True):
        working_days.enter_day(actor=officer, day=date(2026, 12, 5), is_worked=worked, reason="加班")
    assert CalendarDay.objects.get().is_worked
    assert due(8) == "2026-12-07 18:00"  # with the Saturday


def test_hours_of_an_agency_overrule_the_citys(city: City) -> None:
    officer = city.actor("officer")
    working_days.set_hours(actor=officer, spans=[(510, 720), (840, 1050)])
    assert due() == "2026-12-01 17:30"
    working_days.set_hours(actor=officer, spans=[(540, 1020)], agency_id=city.office.pk)
    assert (due(), due(agency_id=city.office.pk)) == ("2026-12-01 17:30", "2026-12-01 17:00")
    with pytest.raises(XiepaiError, match="办公时间"):
        working_days.set_hours(actor=officer, spans=[(720, 540)])


def test_a_missing_year_names_the_page_and_can_be_entered(city: City) -> None:
    last = max(working_days.known_year_numbers())
    start = datetime(last, 12, 28, 2, 0, tzinfo=UTC)
    term = terms.Term(20)
    with pytest.raises(XiepaiError, match=rf"/office/calendar-days/\?year={last + 1}"), working_days.known_years():
        terms.due(term, start, working_days.calendar_of())
    working_days.declare_year(actor=city.actor("officer"), year=last + 1, source="样例通知")
    before = terms.due(term, start, working_days.calendar_of())
    working_days.enter_day(actor=city.actor("officer"), day=date(last + 1, 1, 5), is_worked=False, reason="样例假日")
    after = terms.due(term, start, working_days.calendar_of())
    assert (before.year, after.year) == (last + 1, last + 1)
    assert (after > before) == (date(last + 1, 1, 5).weekday() < 5)
    assert reverse("office:calendar_days") == working_days.PAGE


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"day": date(2026, 11, 25)}, "已经过去"),
        ({"reason": "  "}, "请写原因"),
        ({"agency_id": 10**9}, "没有找到"),
    ],
)
def test_what_is_refused(city: City, change: dict[str, Any], words: str) -> None:
    given = {"day": date(2026, 11, 30), "is_worked": False, "reason": "样例", **change}
    with pytest.raises(XiepaiError, match=words):
        working_days.enter_day(actor=city.actor("officer"), **given)
    with pytest.raises(XiepaiError):
        working_days.enter_day(actor=city.actor("producer"), day=date(2026, 11, 30), is_worked=False, reason="x")
    assert not CalendarDay.objects.exists()


def test_years_the_official_list_knows_are_not_declared(city: City) -> None:
    for year in (2026, 1999):
        with pytest.raises(XiepaiError, match="年"):
            working_days.declare_year(actor=city.actor("officer"), year=year, source="样例")


def test_the_page(city: City, django_assert_max_num_queries: Any) -> None:
    client = Client()
    client.force_login(city.people["officer"])
    page = reverse("office:calendar_days")
    sent = {"what": "day", "day-day": "2026-11-30", "day-is_worked": "0", "day-reason": "台风停工"}
    assert client.post(f"{page}?year=2026", sent).status_code == 302
    with django_assert_max_num_queries(25):
        seen = client.get(f"{page}?year=2026").content.decode()
    assert "台风停工" in seen
    assert "协拍专员甲" in seen
    assert "国庆节" in seen
    late = client.post(f"{page}?year=2026", {**sent, "day-day": "2026-11-02"})
    assert late.status_code == 422
    assert "已经过去" in late.content.decode()
    sent = {"what": "hours", "hours-spans": "8:30-12:00， 13:30—17:30"}
    assert client.post(page, sent).status_code == 302
    assert working_days.calendar_of().hours.spans == ((510, 720), (810, 1050))
    assert client.post(page, {"what": "hours", "hours-spans": "早上"}).status_code == 422
    missing = max(working_days.known_year_numbers()) + 1
    assert "还没有官方安排" in client.get(f"{page}?year={missing}").content.decode()
    assert client.post(f"{page}?year={missing}", {"what": "year", "year-source": "样例通知"}).status_code == 302
    assert "样例通知" in client.get(f"{page}?year={missing}").content.decode()
    row = CalendarDay.objects.get()
    assert client.post(reverse("office:calendar_day_remove", args=[row.pk])).status_code == 302
    assert not CalendarDay.objects.exists()


def test_official_holidays_are_named_in_the_readers_language(city: City) -> None:
    client = Client()
    client.force_login(city.people[Role.OFFICER])
    for language, name, other in (("zh-hans", "国庆节", "National Day"), ("en", "National Day", "国庆节")):
        page = client.get("/office/calendar-days/?year=2026", headers={"accept-language": language}).content.decode()
        assert name in page
        assert other not in page


def test_the_command_knows_the_citys_days_only_when_asked(city: City) -> None:
    working_days.enter_day(actor=city.actor("officer"), day=date(2026, 12, 1), is_worked=False, reason="台风停工")
    plain = ["clock", "due", "--from", "2026-11-26T10:00", "--working-days", "3"]
    assert "2026-12-01 18:00" in CliRunner().invoke(app, plain).output
    told = CliRunner().invoke(app, [*plain, "--city"]).output
    assert "2026-12-02 18:00" in told
    assert "台风停工" in told
