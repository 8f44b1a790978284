"""The city's working calendar: the official one with what the office entered, as the pure core wants it.

Refuses to change a day that has passed: clocks that ran over it were promised by it. A year nobody has entered is
a refusal that names the page where it is entered; nothing here guesses.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from xiepai.kernel import audit, clock
from xiepai.kernel.errors import ErrorCode, XiepaiError, not_found
from xiepai.parties.access import Actor, require
from xiepai.parties.models import CalendarDay, CalendarYear, OfficeHours, Organisation, OrganisationKind, Role
from xiepai.parties.rules import invalid
from xiepai.worktime.china import china, official_days
from xiepai.worktime.workdays import Calendar, Day, DayKind, Hours, MissingYearError

#: Where the office enters days; the address stands in the refusal of a missing year.
PAGE = "/office/calendar-days/"
#: Years an office may enter: a typing mistake should not fill the list of years.
FIRST_YEAR, LAST_YEAR = 2004, 2100
EDITORS = (Role.OFFICER, Role.ADMINISTRATOR)


def calendar_of(agency_id: int | None = None) -> Calendar:
    """The working calendar of an agency, of the city where none is named: three queries."""
    rows = CalendarDay.objects.filter(Q(agency=None) | Q(agency_id=agency_id)).order_by("agency_id")
    own = {row.day: _day(row) for row in sorted(rows, key=lambda row: row.agency_id is not None)}
    hours = OfficeHours.objects.filter(Q(agency=None) | Q(agency_id=agency_id))
    found = sorted(hours, key=lambda row: row.agency_id is None)
    declared = CalendarYear.objects.values_list("year", flat=True)
    return china(own=own, hours=_hours(found[0].spans) if found else None, declared=declared)


@contextmanager
def known_years() -> Iterator[None]:
    """Within the block a missing year is the refusal ``MISSING_YEAR``, which names the page to enter it on."""
    try:
        yield
    except MissingYearError as error:
        raise XiepaiError(ErrorCode.MISSING_YEAR, year=error.year, page=f"{PAGE}?year={error.year}") from error


def known_year_numbers() -> list[int]:
    """The years a calendar knows, official and entered, in order."""
    return sorted({*official_days()[0], *CalendarYear.objects.values_list("year", flat=True)})


def days_of(year: int, agency_id: int | None = None) -> QuerySet[CalendarDay]:
    """The entered days of a year: the city's, and that agency's where one is named."""
    rows = CalendarDay.objects.filter(day__year=year).filter(Q(agency=None) | Q(agency_id=agency_id))
    return rows.select_related("entered_by", "agency").order_by("day", "agency_id")


def agencies() -> QuerySet[Organisation]:
    """Who may have a calendar of its own: the office and the government's departments."""
    kinds = (OrganisationKind.OFFICE, OrganisationKind.AGENCY, OrganisationKind.STREET)
    return Organisation.objects.filter(kind__in=kinds, is_active=True).order_by("name")


def hours_of(agency_id: int | None = None) -> OfficeHours | None:
    """The office hours entered for exactly that agency (or the city); None where none were."""
    return OfficeHours.objects.filter(agency_id=agency_id).select_related("entered_by").first()


@transaction.atomic
def enter_day(*, actor: Actor, day: date, is_worked: bool, reason: str, agency_id: int | None = None) -> CalendarDay:
    """Enter a day, or change what was entered for it."""
    require(actor, *EDITORS)
    _require_agency(agency_id)
    reason = reason.strip()
    if not reason:
        raise invalid(_("请写原因。"))
    _require_to_come(day)
    row = CalendarDay.objects.select_for_update().filter(agency_id=agency_id, day=day).first()
    before = audit.snapshot(row) if row else None
    values = {"is_worked": is_worked, "reason": reason[:60], "entered_by_id": actor.person_id}
    row, _is_new = CalendarDay.objects.update_or_create(
        agency_id=agency_id, day=day, defaults={**values, "entered_at": clock.now()}
    )
    audit.record("parties.calendar_day.entered", row, actor=actor, before=before, organisation_id=agency_id)
    return row


@transaction.atomic
def remove_day(*, actor: Actor, day_id: int) -> None:
    """Take an entered day out again: the official calendar holds once more."""
    require(actor, *EDITORS)
    row = CalendarDay.objects.select_for_update().filter(pk=day_id).first()
    if row is None:
        raise not_found()
    _require_to_come(row.day)
    before = audit.snapshot(row)
    audit.record(
        "parties.calendar_day.removed", row, actor=actor, before=before, after={}, organisation_id=row.agency_id
    )
    row.delete()


@transaction.atomic
def declare_year(*, actor: Actor, year: int, source: str) -> CalendarYear:
    """Vouch for a year the official list lacks: from now on Monday to Friday are worked but for entered days."""
    require(actor, *EDITORS)
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise invalid(_("年度须在 %(first)d 和 %(last)d 之间。") % {"first": FIRST_YEAR, "last": LAST_YEAR})
    if year in official_days()[0]:
        raise invalid(_("%(year)d 年已有官方安排，只需录入不同的日子。") % {"year": year})
    source = source.strip()
    if not source:
        raise invalid(_("请写依据，例如通知的名称和文号。"))
    row, is_new = CalendarYear.objects.get_or_create(
        year=year, defaults={"source": source[:200], "entered_by_id": actor.person_id, "entered_at": clock.now()}
    )
    if not is_new:
        raise invalid(_("%(year)d 年已经录入。") % {"year": year})
    audit.record("parties.calendar_year.declared", row, actor=actor)
    return row


@transaction.atomic
def set_hours(*, actor: Actor, spans: Sequence[tuple[int, int]], agency_id: int | None = None) -> OfficeHours:
    """Office hours of a worked day, in minutes from midnight. Running clocks count by them from now on."""
    require(actor, *EDITORS)
    _require_agency(agency_id)
    try:
        hours = Hours(tuple((opens, closes) for opens, closes in spans))
    except ValueError:
        raise invalid(_("办公时间须按先后写成不相接的时段，例如 09:00–12:00 13:30–18:00。")) from None
    row = OfficeHours.objects.select_for_update().filter(agency_id=agency_id).first()
    before = audit.snapshot(row) if row else None
    row, _is_new = OfficeHours.objects.update_or_create(
        agency_id=agency_id,
        defaults={
            "spans": [list(span) for span in hours.spans],
            "entered_by_id": actor.person_id,
            "entered_at": clock.now(),
        },
    )
    audit.record("parties.office_hours.set", row, actor=actor, before=before, organisation_id=agency_id)
    return row


def _require_to_come(day: date) -> None:
    if day < clock.today():
        raise invalid(_("%(day)s 已经过去：当时的期限按当时的日历计算，不能再改。") % {"day": f"{day:%Y-%m-%d}"})


def _require_agency(agency_id: int | None) -> None:
    if agency_id is not None and not agencies().filter(pk=agency_id).exists():
        raise not_found()


def _day(row: CalendarDay) -> Day:
    return Day(row.day, DayKind.OFFICE, row.is_worked, row.reason)


def _hours(spans: Sequence[Sequence[int]]) -> Hours:
    return Hours(tuple((opens, closes) for opens, closes in spans))
