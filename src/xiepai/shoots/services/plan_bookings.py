"""From a plan to its sets: every place and day it needs, priced, booked all or nothing, and followed afterwards.

Always: one booking for a place on a day, from the first set-up to the last scene there, in the place's own steps and
least length; the price shown is the price booked or nothing is. Never: a second booking where a living one covers the
hours; a booking moved or cancelled by itself because the board moved (the page says so, people decide).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import combinations
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from xiepai.bookings.models import ENDED, Booking, BookingState, Bundle
from xiepai.bookings.periods import as_span
from xiepai.bookings.rules import text_of
from xiepai.bookings.services import SlotRequest, place_bundle
from xiepai.kernel import audit, clock
from xiepai.kernel.errors import ErrorCode, XiepaiError
from xiepai.kernel.money import Money
from xiepai.parties.access import Actor, require_crew
from xiepai.places.models import Cover, Place
from xiepai.places.pricing import quote
from xiepai.places.terms import PlaceTerms, many_terms
from xiepai.shoots import access
from xiepai.shoots.models import Plan, PlanBooking, PlanDay, PlanState, Strip, StripKind
from xiepai.shoots.setting_up import setting
from xiepai.worktime.spans import Span

GONE = tuple(state for state in ENDED if state != BookingState.SETTLED)


@dataclass(frozen=True, slots=True)
class PlaceDay:
    """A place the plan needs on a day: its hours, price and arithmetic, and the booking that answers it."""

    place: Place
    day: date
    plan_day: PlanDay
    span: Span
    scenes: tuple[str, ...]
    story_place_id: int | None
    price: Money | None
    arithmetic: str
    booking: Booking | None = None
    is_covered: bool = False

    @property
    def is_open(self) -> bool:
        """Whether it is still to be booked."""
        return not self.is_covered


def place_days(plan: Plan) -> list[PlaceDay]:
    """What the plan needs, in order: six queries."""
    rows = Strip.objects.filter(plan=plan, kind=StripKind.SCENE, plan_day__isnull=False, place__isnull=False)
    rows = rows.exclude(scene__shot_state="done").select_related("plan_day", "place", "scene")
    groups: dict[tuple[date, int], list[Strip]] = {}
    for strip in rows.order_by("plan_day__day", "starts_at", "pk"):
        if strip.plan_day and strip.place_id and strip.starts_at and strip.plan_day.day >= clock.today():
            groups.setdefault((strip.plan_day.day, strip.place_id), []).append(strip)
    terms = many_terms(sorted({place_id for _, place_id in groups}))
    booked = _booked(plan)
    setup = int(setting(plan.settings, "setup_minutes"))
    found = [_place_day(strips, terms[key[1]], setup, booked.get(key, [])) for key, strips in groups.items()]
    return sorted(found, key=lambda each: (each.day, each.span.start))


def clashes(rows: Sequence[PlaceDay]) -> list[tuple[PlaceDay, PlaceDay]]:
    """Pairs that cannot both be booked: a floor and a set on it, or a hall and its part, at the same hours."""
    leaves: dict[int, set[int]] = {}
    for place_id, leaf_id in Cover.objects.filter(place__in={each.place.pk for each in rows}).values_list(
        "place_id", "leaf_id"
    ):
        leaves.setdefault(place_id, set()).add(leaf_id)
    return [
        (one, other)
        for one, other in combinations(rows, 2)
        if one.place.pk != other.place.pk
        and one.span.start < other.span.end
        and other.span.start < one.span.end
        and not leaves.get(one.place.pk, set()).isdisjoint(leaves.get(other.place.pk, ()))
    ]


def unneeded(plan: Plan) -> list[PlanBooking]:
    """Living bookings of the plan for a place and day it no longer uses."""
    needed = {(each.day, each.place.pk) for each in place_days(plan)}
    rows = PlanBooking.objects.filter(plan=plan, plan_day__day__gte=clock.today()).exclude(booking__state__in=GONE)
    rows = rows.select_related("booking__place", "plan_day").order_by("plan_day__day", "pk")
    return [row for row in rows if (row.plan_day.day, row.booking.place_id) not in needed]


def book(*, actor: Actor, plan_id: int, revision: int, expected_fen: int) -> Bundle:
    """Book everything that is still open, all or nothing, at the price that was shown.

    Raises ``CONFLICT`` (the board changed), ``PLACE_CHANGED`` (another price), the refusals of bookings, ``INVALID``.
    """
    with transaction.atomic():
        plan = access.locked_plan(actor, plan_id)
        require_crew(actor, plan.work.organisation_id)
        if plan.state == PlanState.ARCHIVED:
            raise XiepaiError(ErrorCode.INVALID, detail=_("计划已归档。"))
        if plan.revision != revision:
            raise XiepaiError(ErrorCode.CONFLICT)
        wanted = [each for each in place_days(plan) if each.is_open]
        if not wanted:
            raise XiepaiError(ErrorCode.INVALID, detail=_("没有要订的场地。"))
        if total_fen(wanted) != expected_fen:
            raise XiepaiError(ErrorCode.PLACE_CHANGED)
        _refuse_clashes(wanted)
        title = f"{plan.work.title} {plan.name}"[:120]
        items = [_request(plan, each) for each in wanted]
        owner = plan.work.organisation_id
        bundle = place_bundle(actor=actor, organisation_id=owner, title=title, items=items, confirm=True)
        _keep(actor, plan, bundle, wanted)
    return bundle


def _refuse_clashes(wanted: Sequence[PlaceDay]) -> None:
    for one, other in clashes(wanted):
        said = _(
            "“{one}”（{one_hours}）与“{other}”（{other_hours}）有一部分是同一处，不能同时订。请给其中一个换候选场地，再求解一次。"
        )
        data = {"one": one.place.name, "one_hours": text_of(one.span), "other": other.place.name}
        raise XiepaiError(ErrorCode.INVALID, detail=said.format(**data, other_hours=text_of(other.span)))


def total_fen(rows: Iterable[PlaceDay]) -> int:
    """What the open ones cost together."""
    return sum(each.price.fen for each in rows if each.is_open and each.price is not None)


def _keep(actor: Actor, plan: Plan, bundle: Bundle, wanted: list[PlaceDay]) -> None:
    made = {(each.place_id, as_span(each.period).start): each for each in bundle.bookings.all()}
    owner = plan.work.organisation_id
    traces = []
    for each in wanted:
        booking = made[each.place.pk, each.span.start]
        row = PlanBooking(plan=plan, plan_day=each.plan_day, booking=booking, bundle=bundle)
        row.story_place_id = each.story_place_id
        row.save()
        traces.append(audit.Trace("shoots.plan.booked", row, None, organisation_id=owner))
    audit.record_many(traces, actor=actor)


def _request(plan: Plan, each: PlaceDay) -> SlotRequest:
    return SlotRequest(
        each.place.pk,
        each.span,
        title=f"{plan.work.title}"[:120],
        note="、".join(each.scenes)[:200],
        expected_price_fen=each.price.fen if each.price is not None else None,
        work_id=plan.work_id,
    )


def _booked(plan: Plan) -> dict[tuple[date, int], list[Booking]]:
    """The plan's bookings, and others the work has made by hand, by day and place; the newest last."""
    rows = Booking.objects.filter(work_id=plan.work_id, pencil=1).order_by("pk")
    rows = rows.filter(period__overlap=_range(plan)) | rows.filter(
        pk__in=PlanBooking.objects.filter(plan=plan).values("booking_id")
    )
    found: dict[tuple[date, int], list[Booking]] = {}
    for booking in rows.select_related("place"):
        span = as_span(booking.period)
        day = clock.local(span.start).date()
        while clock.at_local_midnight(day) < span.end:
            found.setdefault((day, booking.place_id), []).append(booking)
            day += timedelta(days=1)
    return found


def _range(plan: Plan) -> tuple[datetime, datetime]:
    return clock.at_local_midnight(plan.first_day), clock.at_local_midnight(plan.last_day + timedelta(days=2))


def _place_day(strips: list[Strip], terms: PlaceTerms, setup: int, bookings: list[Booking]) -> PlaceDay:
    first = strips[0]
    if first.plan_day is None or first.place is None:
        raise ValueError("a strip on a day at a place")
    starts = [strip.starts_at for strip in strips if strip.starts_at]
    ends = [strip.ends_at for strip in strips if strip.ends_at]
    need = Span(min(starts) - timedelta(minutes=setup), max(ends))
    span = _rounded(need, terms, first.plan_day.day)
    tariff = terms.tariff_on(first.plan_day.day)
    price = quote(tariff, span) if tariff else None
    alive = [each for each in bookings if each.state not in GONE]
    covering = next((each for each in alive if _covers(as_span(each.period), need)), None)
    values: dict[str, Any] = {
        "booking": covering or (bookings[-1] if bookings else None),
        "is_covered": covering is not None,
    }
    story = first.scene.story_place_id if first.scene else None
    numbers = tuple(str(strip.scene) for strip in strips)
    return PlaceDay(
        first.place, first.plan_day.day, first.plan_day, span, numbers, story, price.total if price else None,
        price.text if price else "", **values,
    )  # fmt: skip


def _covers(outer: Span, inner: Span) -> bool:
    return outer.start <= inner.start and inner.end <= outer.end


def _rounded(need: Span, terms: PlaceTerms, day: date) -> Span:
    """The hours to book: from a step of the place on, at least its least length, to the whole half hour."""
    zero = clock.at_local_midnight(day)
    begin = int((need.start - zero) / timedelta(minutes=1))
    begin -= begin % terms.step_minutes
    end = max(int((need.end - zero) / timedelta(minutes=1)), begin + terms.min_minutes)
    end += -end % 30
    limits = [each for each in terms.open_spans(day, day + timedelta(days=1)) if _covers(each, need)]
    start = zero + timedelta(minutes=begin)
    close = zero + timedelta(minutes=end)
    if limits:  # rounding must not run into closing hours
        start, close = max(start, limits[0].start), min(close, limits[0].end)
    return Span(start, close)
