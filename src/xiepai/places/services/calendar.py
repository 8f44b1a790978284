"""When a place can be had: weekly hours, closed days, blockings.

Refused: closing a day or blocking a time on which bookings lie (the keeper settles with the crew first, and is told
how many there are).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import date
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _
from psycopg.types.range import TimestamptzRange

from xiepai.kernel import audit, clock
from xiepai.kernel.errors import not_found
from xiepai.parties.access import Actor
from xiepai.parties.models import Organisation, Role
from xiepai.places import access
from xiepai.places.errors import bookings_of, has_bookings, invalid, refusals
from xiepai.places.fields import tidy_text
from xiepai.places.models import Blocking, ClosedDay, OpeningRule, Place
from xiepai.worktime.opening import WeeklyRule
from xiepai.worktime.spans import Span

MOST_RULES = 200
MOST_CLOSED_DAYS = 2000
LONGEST_REASON = 120


def set_opening_rules(*, actor: Actor, place_id: int, rules: Iterable[WeeklyRule]) -> tuple[WeeklyRule, ...]:
    """Replace the weekly hours; none means: as the place above, or round the clock. Bookings made stay."""
    wanted = ordered_rules(rules)
    with transaction.atomic():
        place = access.locked_place(actor, place_id)
        before = rules_of(place)
        if before == wanted:
            return wanted
        OpeningRule.objects.filter(place=place).delete()
        OpeningRule.objects.bulk_create(opening_rows(place, wanted))
        _record("places.opening.changed", place, actor, {"opening_rules": before}, {"opening_rules": wanted})
    return wanted


def set_closed_days(*, actor: Actor, place_id: int, days: Mapping[date, str]) -> dict[date, str]:
    """Replace the closed days (day → reason). Newly closed days must be free of bookings."""
    wanted = ordered_days(days)
    with transaction.atomic():
        place = access.locked_place(actor, place_id)
        before = days_of(place)
        if before == wanted:
            return wanted
        require_free(place, wanted.keys() - before.keys())
        ClosedDay.objects.filter(place=place).delete()
        ClosedDay.objects.bulk_create(ClosedDay(place=place, day=day, reason=wanted[day]) for day in wanted)
        _record("places.closed_days.changed", place, actor, {"closed_days": before}, {"closed_days": wanted})
    return wanted


def add_blocking(
    *,
    actor: Actor,
    place_id: int,
    span: Span,
    reason: str,
    override_roles: Collection[str] = (),
    override_organisations: Collection[int] = (),
) -> Blocking:
    """Take a time out of booking, with a reason and who may book over it all the same.

    Raises ``PLACE_HAS_BOOKINGS`` with how many bookings (buffers included) lie there.
    """
    why = tidy_text(reason)
    if not why or len(why) > LONGEST_REASON:
        raise invalid(_("请写明停用原因，最多 {longest} 个字。"), longest=LONGEST_REASON)
    roles, organisations = sorted(set(override_roles)), sorted(set(override_organisations))
    if not set(roles) <= set(Role.values):
        raise invalid(_("没有这样的角色。"))
    if Organisation.objects.filter(pk__in=organisations).count() != len(organisations):
        raise not_found()
    with transaction.atomic():
        place = access.locked_place(actor, place_id)
        blocking = Blocking(
            place=place,
            period=TimestamptzRange(span.start, span.end, "[)"),
            reason=why,
            override_roles=roles,
            override_organisations=organisations,
            created_by_id=actor.person_id,
        )
        with refusals(place, span):
            blocking.save(force_insert=True)
        _record("places.blocking.added", place, actor, None, {"blocking": audit.snapshot(blocking)})
    return blocking


def lift_blocking(*, actor: Actor, blocking_id: int) -> Blocking:
    """End a blocking now, whatever time it still had; lifting twice changes nothing."""
    with transaction.atomic():
        place_id = Blocking.objects.filter(pk=blocking_id).values_list("place_id", flat=True).first()
        if place_id is None:
            raise not_found()
        place = access.locked_place(actor, place_id)
        blocking = Blocking.objects.get(pk=blocking_id)
        if blocking.lifted_at is None:
            before = audit.snapshot(blocking)
            blocking.lifted_at = clock.now()
            blocking.save(update_fields=["lifted_at"])
            after = audit.snapshot(blocking)
            _record("places.blocking.lifted", place, actor, {"blocking": before}, {"blocking": after})
    return blocking


# What the import shares.


def ordered_rules(rules: Iterable[WeeklyRule]) -> tuple[WeeklyRule, ...]:
    """The rules once each, in one order; too many are refused."""
    wanted = tuple(sorted(set(rules), key=_order))
    if len(wanted) > MOST_RULES:
        raise invalid(_("开放时间最多 {most} 条。"), most=MOST_RULES)
    if any(rule.opens_minute >= 1440 for rule in wanted):
        raise invalid(_("开放时间应从当天 0:00 到 23:59 之间开始。"))
    if any(rule.valid_from and rule.valid_to and rule.valid_to < rule.valid_from for rule in wanted):
        raise invalid(_("开放时间的止日不能早于起日。"))
    return wanted


def ordered_days(days: Mapping[date, str]) -> dict[date, str]:
    """The days in order with tidy reasons; too many are refused."""
    if len(days) > MOST_CLOSED_DAYS:
        raise invalid(_("休息日最多 {most} 天。"), most=MOST_CLOSED_DAYS)
    wanted = {day: tidy_text(days[day]) for day in sorted(days)}
    if any(len(reason) > LONGEST_REASON for reason in wanted.values()):
        raise invalid(_("休息的原因最多 {longest} 个字。"), longest=LONGEST_REASON)
    return wanted


def rules_of(place: Place) -> tuple[WeeklyRule, ...]:
    """The place's own weekly hours."""
    rows = (
        WeeklyRule(row.weekday, row.opens_minute, row.closes_minute, row.valid_from, row.valid_to)
        for row in place.opening_rules.all()
    )
    return tuple(sorted(rows, key=_order))


def days_of(place: Place) -> dict[date, str]:
    """The place's own closed days."""
    return {row.day: row.reason for row in sorted(place.closed_days.all(), key=lambda row: row.day)}


def opening_rows(place: Place, rules: Iterable[WeeklyRule]) -> list[OpeningRule]:
    """Unsaved rows for *rules*."""
    return [
        OpeningRule(
            place=place,
            weekday=rule.weekday,
            opens_minute=rule.opens_minute,
            closes_minute=rule.closes_minute,
            valid_from=rule.valid_from,
            valid_to=rule.valid_to,
        )
        for rule in rules
    ]


def require_free(place: Place, days: Iterable[date]) -> None:
    """Refuse to close days on which bookings lie; days gone by do not matter."""
    count = 0
    for day in days:
        if day >= clock.today():
            start = clock.at_local_midnight(day)
            end = clock.at_local_midnight(date.fromordinal(day.toordinal() + 1))
            count += bookings_of(place.pk, Span(start, end))
    if count:
        raise has_bookings(place, count=count)


def _order(rule: WeeklyRule) -> tuple[Any, ...]:
    return (
        rule.valid_from or date.min,
        rule.valid_to or date.max,
        rule.weekday,
        rule.opens_minute,
        rule.closes_minute,
    )


def _record(event: str, place: Place, actor: Actor, before: dict[str, Any] | None, after: dict[str, Any]) -> None:
    audit.record(
        event,
        place,
        actor=actor,
        before=plain_state(before),
        after=plain_state(after) or {},
        organisation_id=place.owner_id,
    )


def plain_state(state: dict[str, Any] | None) -> dict[str, Any] | None:
    """Dates as keys and rules as values are written as text: JSON has neither."""
    if state is None:
        return None
    plain: dict[str, Any] = {}
    for name, value in state.items():
        if name == "closed_days":
            plain[name] = {day.isoformat(): reason for day, reason in value.items()}
        elif name == "opening_rules":
            plain[name] = [
                [rule.weekday, rule.opens_minute, rule.closes_minute, rule.valid_from, rule.valid_to] for rule in value
            ]
        else:
            plain[name] = value
    return plain
