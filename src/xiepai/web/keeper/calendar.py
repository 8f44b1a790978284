"""A place's calendar: a month with what is taken, closed and blocked; hours, closed days, blockings, booking rules."""

from __future__ import annotations

import calendar as months
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import prefetch_related_objects
from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from xiepai.bookings.keeping import taken_times
from xiepai.bookings.models import Booking
from xiepai.kernel import clock
from xiepai.places import selectors, services
from xiepai.places.keeping import kept_place
from xiepai.places.models import Blocking, Place, Vocabulary
from xiepai.places.services.calendar import days_of, rules_of
from xiepai.web import formats
from xiepai.web.keeper.calendar_forms import BlockForm, ClosedForm, HoursForm, blockable_for
from xiepai.web.keeper.forms import RulesForm
from xiepai.web.keeper.places import act, complain, show
from xiepai.web.requests import Request
from xiepai.worktime.opening import WeeklyRule, describe
from xiepai.worktime.spans import Span, intersect


@dataclass(frozen=True, slots=True)
class Item:
    """One thing on a day: a booking, or a blocking with its reason."""

    hours: str
    booking: Booking | None
    reason: str


@dataclass(frozen=True, slots=True)
class Day:
    """A day of the month: its hours ("" is closed), why it is closed, and what lies on it."""

    day: date
    is_inside: bool
    hours: str
    closed: str | None
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class Closure:
    """Neighbouring closed days with one reason."""

    first: date
    last: date
    reason: str


@require_safe
def calendar(request: Request, place_id: int) -> HttpResponse:
    """The month and the forms."""
    return _page(request, kept_place(request.actor, place_id))


@require_POST
def hours(request: Request, place_id: int) -> HttpResponse:
    """Replace the weekly hours."""
    place = kept_place(request.actor, place_id)
    form = HoursForm(request.POST)
    if not form.is_valid():
        return _page(request, place, hours=form)
    rules = form.cleaned_data["rules"]
    return act(
        request,
        lambda: services.set_opening_rules(actor=request.actor, place_id=place_id, rules=rules),
        _("开放时间已更新；已有的预订不变。"),
        "keeper:calendar",
        place_id,
    )


@require_POST
def closed(request: Request, place_id: int) -> HttpResponse:
    """Close days, or open them again."""
    place = kept_place(request.actor, place_id)
    form = ClosedForm(request.POST)
    if not form.is_valid():
        return _page(request, place, closed=form)
    wanted = days_of(place)
    if "open" in request.POST:
        for day in form.days():
            wanted.pop(day, None)
    else:
        wanted |= dict.fromkeys(form.days(), form.cleaned_data["reason"])
    return act(
        request,
        lambda: services.set_closed_days(actor=request.actor, place_id=place_id, days=wanted),
        _("休息日已更新。"),
        "keeper:calendar",
        place_id,
    )


@require_POST
def block(request: Request, place_id: int) -> HttpResponse:
    """Take a time out of booking."""
    place = kept_place(request.actor, place_id)
    form = BlockForm(request.POST, organisations=blockable_for(request.actor, place_id))
    if not form.is_valid():
        return _page(request, place, block=form)
    given = form.cleaned_data
    return act(
        request,
        lambda: services.add_blocking(
            actor=request.actor,
            place_id=place_id,
            span=given["span"],
            reason=given["reason"],
            override_roles=given["override_roles"],
            override_organisations=given.get("override_organisations") or (),
        ),
        _("已停用这段时间。"),
        "keeper:calendar",
        place_id,
    )


@require_POST
def unblock(request: Request, place_id: int, blocking_id: int) -> HttpResponse:
    """End a blocking of this place now."""
    kept_place(request.actor, place_id)
    there = Blocking.objects.filter(pk=blocking_id, place=place_id).exists()
    deed = (lambda: services.lift_blocking(actor=request.actor, blocking_id=blocking_id)) if there else None
    return act(request, deed, _("已解除。"), "keeper:calendar", place_id)


@require_POST
def rules(request: Request, place_id: int) -> HttpResponse:
    """Hold, lead time, durations, step and buffers."""
    place = kept_place(request.actor, place_id)
    form = RulesForm(request.POST, place=place)
    if not form.is_valid():
        return _page(request, place, rules=form)
    changes = {name: form.cleaned_data[name] for name in form.changed_data}
    return act(
        request,
        lambda: services.update_place(actor=request.actor, place_id=place_id, **changes),
        _("预订规则已更新；已有的预订不变。"),
        "keeper:calendar",
        place_id,
    )


def _page(
    request: Request,
    place: Place,
    *,
    hours: HoursForm | None = None,
    closed: ClosedForm | None = None,
    block: BlockForm | None = None,
    rules: RulesForm | None = None,
) -> HttpResponse:
    refused = [form for form in (hours, closed, block, rules) if form is not None]
    for form in refused:
        complain(request, form)
    first = month_of(request.GET.get("month", ""))
    prefetch_related_objects([place], "opening_rules", "closed_days")
    detail = selectors.detail(request.actor, place.pk)
    own = rules_of(place)
    context = {
        "month": first,
        "previous": (first - timedelta(days=1)).replace(day=1),
        "next": (first + timedelta(days=31)).replace(day=1),
        "days": month_days(place, first, detail.opening_rules, detail.closed_days | days_of(place)),
        "today": clock.today(),
        "hours": hours or HoursForm(rules=own),
        "has_own_hours": bool(own),
        "hours_of": detail.hours_of if detail.hours_of != place else None,
        "closed": closed or ClosedForm(),
        "closures": closures(days_of(place)),
        "block": block or BlockForm(organisations=blockable_for(request.actor, place.pk)),
        "blockings": [row for row in detail.blockings if row.place_id == place.pk],
        "reasons": [
            word.label("en" if formats.is_english() else "zh-hans")
            for word in selectors.vocabulary(Vocabulary.BLOCKING)
        ],
        "rules": rules or RulesForm(place=place),
    }
    return show(request, "calendar", place, context, failed=bool(refused))


def month_of(text: str) -> date:
    """``2026-12`` → its first day; anything else means this month."""
    try:
        found = datetime.strptime(text, "%Y-%m").date()  # noqa: DTZ007 - a month, not an instant
    except ValueError:
        found = clock.today()
    return found.replace(day=1) if 2000 <= found.year <= 2100 else clock.today().replace(day=1)


def month_days(place: Place, first: date, opening: tuple[WeeklyRule, ...], closed_days: dict[date, str]) -> list[Day]:
    """The weeks of a month, whole, with what lies on each day."""
    shown = [day for week in months.Calendar(0).monthdatescalendar(first.year, first.month) for day in week]
    window = Span(clock.at_local_midnight(shown[0]), clock.at_local_midnight(shown[-1] + timedelta(days=1)))
    taken = taken_times(place.pk, window)
    found = []
    for day in shown:
        span = Span(clock.at_local_midnight(day), clock.at_local_midnight(day + timedelta(days=1)))
        items = []
        for period, booking, reason in taken:
            part = intersect(period, span)
            if part is not None:
                items.append(Item(_clock(part, span), booking, reason))
        closed = closed_days.get(day)
        found.append(Day(day, day.month == first.month, describe(opening, day), closed, tuple(items)))
    return found


def closures(days: dict[date, str]) -> list[Closure]:
    """Closed days that are not over, joined where they touch and have one reason."""
    found: list[Closure] = []
    for day in sorted(day for day in days if day >= clock.today()):
        last = found[-1] if found else None
        if last and last.last + timedelta(days=1) == day and last.reason == days[day]:
            found[-1] = Closure(last.first, day, last.reason)
        else:
            found.append(Closure(day, day, days[day]))
    return found


def _clock(part: Span, day: Span) -> str:
    start, end = clock.local(part.start), clock.local(part.end)
    if part == day:
        return _("全天")
    return f"{start:%H:%M}–{'24:00' if part.end == day.end else f'{end:%H:%M}'}"
