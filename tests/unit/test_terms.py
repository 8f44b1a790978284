"""The clock of a promise: official days, office time, pauses to the second, and a ledger that replays."""

from __future__ import annotations

import doctest
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xiepai.worktime import china as china_module
from xiepai.worktime import workdays
from xiepai.worktime.china import SHANGHAI, china
from xiepai.worktime.terms import Event, LedgerError, Silence, Status, Term, Unit, What, counted, due, standing
from xiepai.worktime.workdays import Calendar, Day, DayKind, Hours, MissingYearError

CHINA = china()


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


def test_doctests() -> None:
    for module in (workdays, china_module):
        assert doctest.testmod(module).failed == 0
        assert doctest.testmod(module).attempted > 0


def test_2026_is_as_the_state_council_announced() -> None:
    """The State Council's notice for 2026: the days off and the six adjusted workdays."""
    off = {
        day
        for first, last in [
            ("2026-01-01", "2026-01-03"), ("2026-02-15", "2026-02-23"), ("2026-04-04", "2026-04-06"),
            ("2026-05-01", "2026-05-05"), ("2026-06-19", "2026-06-21"), ("2026-09-25", "2026-09-27"),
            ("2026-10-01", "2026-10-07"),
        ]
        for day in _days(date.fromisoformat(first), date.fromisoformat(last))
    }  # fmt: skip
    on = {date.fromisoformat(f"2026-{day}") for day in ("01-04", "02-14", "02-28", "05-09", "09-20", "10-10")}
    for day in _days(date(2026, 1, 1), date(2026, 12, 31)):
        expected = day in on or (day.weekday() < 5 and day not in off)
        assert CHINA.of(day).is_worked == expected, day


def _days(first: date, last: date) -> list[date]:
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]


def test_three_working_days_over_the_national_holiday() -> None:
    term, start = Term(3), at("2026-09-30T16:00")
    assert due(term, start, CHINA) == at("2026-10-10T18:00")
    days = list(counted(term, start, CHINA))
    assert [each.day.day.day for each in days if each.number] == [8, 9, 10]
    assert days[-1].day.kind is DayKind.ADJUSTED
    assert {each.day.kind for each in days if not each.number} == {DayKind.HOLIDAY}


def test_a_year_nobody_announced_is_said_and_not_guessed() -> None:
    with pytest.raises(MissingYearError, match="2031"):
        due(Term(3), at("2031-01-05T09:00"), CHINA)
    own = {day: Day(day, DayKind.OFFICE, True, "") for day in _days(date(2031, 1, 1), date(2031, 1, 31))}
    assert due(Term(3), at("2031-01-05T09:00"), china(own=own)) == at("2031-01-08T18:00")


def test_an_agencys_own_day_overrules_the_official_one() -> None:
    closed = date(2026, 10, 9)
    own = {closed: Day(closed, DayKind.OFFICE, False, "内部培训")}
    assert due(Term(3), at("2026-09-30T16:00"), china(own=own)) == at("2026-10-12T18:00")


def test_a_natural_term_ends_with_a_worked_day() -> None:
    assert due(Term(7, Unit.NATURAL), at("2026-11-02T10:00"), CHINA) == at("2026-11-10T00:00")
    assert due(Term(5, Unit.NATURAL), at("2026-11-02T10:00"), CHINA) == at("2026-11-10T00:00")  # the 7th is a Saturday
    assert due(Term(4, Unit.NATURAL), at("2026-11-02T10:00"), CHINA) == at("2026-11-07T00:00")


def test_a_pause_adds_the_time_really_suspended() -> None:
    events = [
        Event(What.STARTED, at("2026-11-02T10:00")),
        Event(What.PAUSED, at("2026-11-03T11:00:30"), "补正营业执照"),
        Event(What.RESUMED, at("2026-11-05T14:30:45")),
    ]
    inside = standing(Term(3), events, CHINA, at("2026-11-04T09:00"))
    assert (inside.status, inside.due) == (Status.PAUSED, None)
    after = standing(Term(3), events, CHINA, at("2026-11-05T15:00"))
    # 59:30 and 4:30 h of the 3rd, 7:30 h of the 4th, 3:00 h and 1:00:45 h of the 5th
    assert after.suspended == timedelta(hours=17, minutes=0, seconds=15)
    assert after.due == at("2026-11-10T11:00:15")


def test_a_pause_before_the_first_day_takes_nothing() -> None:
    events = [
        Event(What.STARTED, at("2026-11-02T10:00")),
        Event(What.PAUSED, at("2026-11-02T11:00")),
        Event(What.RESUMED, at("2026-11-02T17:00")),
    ]
    assert standing(Term(3), events, CHINA, at("2026-11-03T10:00")).due == at("2026-11-05T18:00")


def test_what_comes_after_the_end_moves_it_no_more() -> None:
    late = [
        Event(What.STARTED, at("2026-11-02T10:00")),
        Event(What.PAUSED, at("2026-11-06T10:00")),
        Event(What.RESUMED, at("2026-11-10T10:00")),
        Event(What.EXTENDED, at("2026-11-10T11:00"), "专家出差", days=5),
    ]
    found = standing(Term(3, escalate_days=30), late, CHINA, at("2026-11-11T09:00"))
    assert (found.due, found.status, found.is_late) == (at("2026-11-05T18:00"), Status.OVERDUE, True)
    assert standing(Term(3), late[:2], CHINA, at("2026-11-06T11:00")).status is Status.OVERDUE


@pytest.mark.parametrize(
    ("moment", "status"),
    [
        ("2026-11-05T08:59:59", Status.RUNNING),
        ("2026-11-05T09:00", Status.WARNED),
        ("2026-11-05T18:00", Status.WARNED),
        ("2026-11-05T18:00:01", Status.OVERDUE),
        ("2026-11-06T18:00", Status.OVERDUE),
        ("2026-11-06T18:00:01", Status.ESCALATED),
    ],
)
def test_warned_due_escalated(moment: str, status: Status) -> None:
    events = [Event(What.STARTED, at("2026-11-02T10:00"))]
    assert standing(Term(3), events, CHINA, at(moment)).status is status


def test_silence_decides_only_where_the_step_says_so() -> None:
    events = [Event(What.STARTED, at("2026-11-02T10:00")), Event(What.ENDED, at("2026-11-09T10:00"))]
    assert standing(Term(3), events, CHINA, at("2026-11-10T10:00")).status is Status.ENDED
    silent = Term(3, silence=Silence.CONSENT)
    assert standing(silent, events, CHINA, at("2026-11-05T18:00")).status is Status.WARNED
    assert standing(silent, events, CHINA, at("2026-11-05T18:00:01")).status is Status.SILENT
    assert standing(silent, events, CHINA, at("2026-11-10T10:00")).status is Status.SILENT


@pytest.mark.parametrize(
    "events",
    [
        [Event(What.PAUSED, at("2026-11-02T10:00"))],
        [Event(What.STARTED, at("2026-11-02T10:00"))] * 2,
        [Event(What.STARTED, at("2026-11-02T10:00")), Event(What.RESUMED, at("2026-11-02T11:00"))],
        [Event(What.STARTED, at("2026-11-02T10:00")), Event(What.PAUSED, at("2026-11-02T09:00"))],
        [Event(What.STARTED, at("2026-11-02T10:00")), Event(What.EXTENDED, at("2026-11-02T11:00"))],
        [Event(What.STARTED, datetime(2026, 11, 2))],  # noqa: DTZ001 - that is the mistake
        [
            Event(What.STARTED, at("2026-11-02T10:00")),
            Event(What.ENDED, at("2026-11-02T11:00")),
            Event(What.PAUSED, at("2026-11-02T12:00")),
        ],
    ],
)
def test_an_impossible_ledger_is_refused(events: list[Event]) -> None:
    with pytest.raises(LedgerError):
        standing(Term(3), events, CHINA, at("2026-11-03T10:00"))


MOMENTS = st.integers(0, 500 * 86_400).map(
    lambda seconds: datetime(2025, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
)
AMOUNTS = st.integers(0, 20 * 27_000).map(lambda seconds: timedelta(seconds=seconds))
CALENDARS = st.sampled_from([CHINA, china(hours=Hours(((0, 1440),))), china(hours=Hours(((510, 511), (600, 1020))))])


@given(CALENDARS, MOMENTS, AMOUNTS)
def test_later_and_between_are_each_others_inverse(calendar: Calendar, start: datetime, worked: timedelta) -> None:
    end = calendar.later(start, worked)
    assert calendar.between(start, end) == worked
    if worked:
        assert calendar.between(start, end - timedelta(seconds=1)) < worked


@given(MOMENTS, st.integers(1, 30), st.sampled_from(list(Unit)), st.lists(st.integers(1, 5 * 86_400), max_size=6))
def test_a_ledger_replays_to_the_same_due_second(start: datetime, days: int, unit: Unit, gaps: list[int]) -> None:
    """Whatever was asked on the way the end is the same; pauses never bring it nearer."""
    term, moment, events = Term(days, unit), start, [Event(What.STARTED, start)]
    for index, gap in enumerate(gaps[: len(gaps) // 2 * 2]):
        moment += timedelta(seconds=gap)
        events.append(Event(What.RESUMED if index % 2 else What.PAUSED, moment))
    final = standing(term, events, CHINA, moment)
    later = standing(term, events, CHINA, moment + timedelta(days=3))
    assert final.due is not None
    assert final.due == later.due
    assert final.due >= due(term, start, CHINA)
    assert final.suspended <= sum((b.at - a.at for a, b in zip(events[1::2], events[2::2], strict=True)), timedelta(0))


@given(MOMENTS, st.integers(1, 40))
def test_a_working_term_counts_exactly_its_days(start: datetime, days: int) -> None:
    found = list(counted(Term(days), start, CHINA))
    assert [each.number for each in found if each.number] == list(range(1, days + 1))
    assert found[-1].number == days
    assert all(each.day.is_worked == bool(each.number) for each in found)


def test_the_command_prints_each_day_and_why(capsys: pytest.CaptureFixture[str]) -> None:
    from typer.testing import CliRunner

    from xiepai.config.cli import app

    done = CliRunner().invoke(app, ["clock", "due", "--from", "2026-09-30T16:00", "--working-days", "3"])
    assert done.exit_code == 0
    assert "2026-10-10 周六  3       调休上班 国庆节" in done.output
    assert "到期  2026-10-10 18:00" in done.output
    missing = CliRunner().invoke(app, ["clock", "due", "--from", "2031-09-30T16:00", "--working-days", "3"])
    assert missing.exit_code == 1
    assert "2031" in missing.output
    assert CliRunner().invoke(app, ["clock", "due", "--from", "2026-09-30"]).exit_code == 2
