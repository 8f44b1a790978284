"""A booking's life: lease, hold, second pencil, approval, change, cancellation, expiry, waiting list."""

from __future__ import annotations

from collections.abc import Generator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import transaction
from tests.factories import make_organisation, make_person, make_place

from xiepai.bookings import selectors, services
from xiepai.bookings.models import Booking, BookingState, WaitingState
from xiepai.bookings.services import ending, reminding, waiting
from xiepai.kernel import audit, clock
from xiepai.kernel.errors import ErrorCode, XiepaiError
from xiepai.kernel.models import AuditEntry
from xiepai.parties.access import Actor, system
from xiepai.places.models import Blocking, ClosedDay, OpeningRule, Place
from xiepai.worktime.spans import Span

pytestmark = pytest.mark.django_db
ZONE = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 12, 1, 9, tzinfo=ZONE)
DAY = datetime(2026, 12, 7, tzinfo=ZONE)  # a Monday


@pytest.fixture(autouse=True)
def _december() -> Generator[None, None, None]:
    with clock.frozen(NOW):
        yield


class Crew:
    """A crew and its scheduler."""

    def __init__(self) -> None:
        person, self.actor = make_person("scheduler")
        self.id = person.memberships.get().organisation_id

    def hold(self, place: Place, span: Span, **more: object) -> Booking:
        return services.place_hold(actor=self.actor, organisation_id=self.id, place_id=place.pk, span=span, **more)


@pytest.fixture
def crew() -> Crew:
    return Crew()


@pytest.fixture
def base() -> object:
    return make_organisation("base")


@pytest.fixture
def keeper(base) -> Actor:
    return make_person("keeper", base)[1]


def hours(start: float, end: float) -> Span:
    return Span(DAY + timedelta(hours=start), DAY + timedelta(hours=end))


def code_of(deed, *args, **kwargs) -> str:
    with pytest.raises(XiepaiError) as caught:
        deed(*args, **kwargs)
    assert str(caught.value)
    return caught.value.code


def written(table_row, event: str, **fields) -> None:
    """Save a row as an admin page would, with its audit."""
    with transaction.atomic():
        table_row.save()
        audit.record(event, table_row, actor=system())


class TestHold:
    def test_a_hold_expires_and_frees_its_slot_even_before_the_sweep(self, crew, base) -> None:
        place = make_place(base, hold_minutes=60)
        first = crew.hold(place, hours(8, 10))
        assert first.expires_at == NOW + timedelta(minutes=60)
        with clock.frozen(NOW + timedelta(minutes=61)):
            assert code_of(services.confirm_booking, actor=crew.actor, booking_id=first.pk) == ErrorCode.HOLD_EXPIRED
            Crew().hold(place, hours(8, 10))
        first.refresh_from_db()
        assert first.state == BookingState.EXPIRED
        assert AuditEntry.objects.filter(object_id=first.pk, event="bookings.hold.expired").exists()

    def test_a_lease_keeps_the_slot_while_the_form_is_filled(self, crew, base) -> None:
        place = make_place(base)
        lease = services.lease_slot(actor=crew.actor, organisation_id=crew.id, place_id=place.pk, span=hours(8, 10))
        assert code_of(Crew().hold, place, hours(9, 11)) == ErrorCode.SLOT_TAKEN
        kept = services.keep_lease(actor=crew.actor, booking_id=lease.pk, title="第3集 审讯", people=30)
        assert (kept.state, kept.title, kept.people) == (BookingState.HELD, "第3集 审讯", 30)

    def test_the_second_pencil_moves_up_when_the_first_goes(self, crew, base) -> None:
        place = make_place(base)
        first, other = crew.hold(place, hours(8, 10)), Crew()
        second = other.hold(place, hours(8, 10), pencil=2)
        assert not second.occupies
        assert code_of(services.confirm_booking, actor=other.actor, booking_id=second.pk) == ErrorCode.WRONG_STATE
        services.cancel_booking(actor=crew.actor, booking_id=first.pk)
        second.refresh_from_db()
        assert (second.pencil, second.occupies) == (1, True)
        assert services.confirm_booking(actor=other.actor, booking_id=second.pk).state == BookingState.CONFIRMED

    def test_no_second_pencil_behind_a_confirmed_booking_or_a_free_slot(self, crew, base) -> None:
        place = make_place(base)
        assert code_of(crew.hold, place, hours(8, 10), pencil=2) == ErrorCode.INVALID
        first = crew.hold(place, hours(8, 10))
        services.confirm_booking(actor=crew.actor, booking_id=first.pk)
        assert code_of(Crew().hold, place, hours(8, 10), pencil=2) == ErrorCode.SLOT_TAKEN

    def test_an_overdue_hold_with_a_second_pencil_is_not_snatched(self, crew, base) -> None:
        place = make_place(base, hold_minutes=60)
        crew.hold(place, hours(8, 10))
        second = Crew().hold(place, hours(8, 10), pencil=2)
        with clock.frozen(NOW + timedelta(minutes=61)):
            assert code_of(Crew().hold, place, hours(8, 10)) == ErrorCode.SLOT_TAKEN
            assert services.expire_overdue() == 1
        second.refresh_from_db()
        assert second.pencil == 1

    @pytest.mark.parametrize(
        ("fields", "span", "code"),
        [
            ({"is_bookable": False}, hours(8, 10), ErrorCode.PLACE_NOT_BOOKABLE),
            ({"min_minutes": 180}, hours(8, 10), ErrorCode.TOO_SHORT),
            ({"max_minutes": 60}, hours(8, 10), ErrorCode.TOO_LONG),
            ({"step_minutes": 60}, hours(8.5, 10), ErrorCode.OFF_STEP),
            ({"lead_minutes": 30 * 24 * 60}, hours(8, 10), ErrorCode.TOO_LATE),
            ({"ahead_days": 1}, hours(8, 10), ErrorCode.TOO_EARLY),
            ({}, Span(NOW - timedelta(hours=1), NOW + timedelta(hours=2)), ErrorCode.IN_THE_PAST),
            ({"visibility": "private"}, hours(8, 10), ErrorCode.NOT_FOUND),
        ],
    )
    def test_the_rules_of_a_place(self, crew, base, fields, span, code) -> None:
        assert code_of(crew.hold, make_place(base, **fields), span) == code

    def test_opening_hours_are_inherited_and_closed_days_hold(self, crew, base) -> None:
        site = make_place(base, kind="site")
        place = make_place(base, parent=site)
        written(OpeningRule(place=site, weekday=0, opens_minute=480, closes_minute=1440), "places.hours.set")
        assert code_of(crew.hold, place, hours(7, 9)) == ErrorCode.CLOSED
        crew.hold(place, hours(20, 24))
        written(ClosedDay(place=site, day=DAY.date()), "places.closed_day.set")
        assert code_of(crew.hold, place, hours(8, 9)) == ErrorCode.CLOSED

    def test_a_place_without_a_tariff_says_so(self, crew, base) -> None:
        place = make_place(base)
        place.tariffs.all().delete()
        assert code_of(crew.hold, place, hours(8, 9)) == ErrorCode.NO_TARIFF

    def test_another_crew_is_not_found_and_a_missing_role_is_forbidden(self, crew, base, keeper) -> None:
        place = make_place(base)
        other = Crew()
        deed = services.place_hold
        arguments = {"organisation_id": other.id, "place_id": place.pk, "span": hours(8, 9)}
        assert code_of(deed, actor=crew.actor, **arguments) == ErrorCode.NOT_FOUND
        booking = other.hold(place, hours(8, 9))
        assert code_of(services.cancel_booking, actor=crew.actor, booking_id=booking.pk) == ErrorCode.NOT_FOUND
        assert code_of(services.approve_booking, actor=other.actor, booking_id=booking.pk) == ErrorCode.FORBIDDEN
        assert code_of(services.confirm_booking, actor=keeper, booking_id=booking.pk) == ErrorCode.FORBIDDEN


class TestBlocking:
    def test_blocked_time_is_refused_with_its_reason_unless_one_may_override(self, crew, base) -> None:
        place = make_place(base)
        other = Crew()
        blocking = Blocking(
            place=place, period=services.as_range(hours(0, 24)), reason="布景维护", override_organisations=[other.id]
        )
        written(blocking, "places.blocking.added")
        with pytest.raises(XiepaiError) as caught:
            crew.hold(place, hours(8, 9))
        assert (caught.value.code, caught.value.data["reason"]) == (ErrorCode.BLOCKED, "布景维护")
        assert code_of(crew.hold, place, hours(8, 9), overrides_blocking=True) == ErrorCode.BLOCKED
        assert other.hold(place, hours(8, 9), overrides_blocking=True).overrides_blocking
        assert code_of(other.hold, place, hours(8, 10), overrides_blocking=True) == ErrorCode.SLOT_TAKEN


class TestApproval:
    def test_the_keeper_decides_and_is_reminded_then_the_office(self, crew, base, keeper, mailbox) -> None:
        place = make_place(base, approval="keeper")
        booking = crew.hold(place, hours(8, 10))
        services.confirm_booking(actor=crew.actor, booking_id=booking.pk)
        assert [row.pk for row in selectors.approval_queue(keeper)] == [booking.pk]
        assert reminding.remind_and_escalate() == 0
        with clock.frozen(NOW + timedelta(hours=12)):
            assert [reminding.remind_and_escalate() for _ in range(2)] == [1, 0]
        with clock.frozen(NOW + timedelta(hours=24)):
            assert [reminding.remind_and_escalate() for _ in range(2)] == [1, 0]
        assert len(mailbox()) == 3  # asked, reminded, escalated
        done = services.approve_booking(actor=keeper, booking_id=booking.pk, note="可以")
        assert (done.state, done.decision_note, done.decided_by_id) == ("confirmed", "可以", keeper.person_id)

    def test_a_refusal_needs_a_reason_and_frees_the_slot(self, crew, base, keeper) -> None:
        place = make_place(base, approval="keeper")
        booking = crew.hold(place, hours(8, 10))
        services.confirm_booking(actor=crew.actor, booking_id=booking.pk)
        decline = services.decline_booking
        assert code_of(decline, actor=keeper, booking_id=booking.pk, note=" ") == ErrorCode.INVALID
        decline(actor=keeper, booking_id=booking.pk, note="当天检修")
        Crew().hold(place, hours(8, 10))

    def test_only_those_concerned_approve_again(self, crew, base, keeper) -> None:
        place, instant = make_place(base, approval="keeper"), make_place(base)
        booking = crew.hold(place, hours(8, 14))
        services.confirm_booking(actor=crew.actor, booking_id=booking.pk)
        services.approve_booking(actor=keeper, booking_id=booking.pk)
        change = lambda **what: services.change_booking(actor=crew.actor, booking_id=booking.pk, **what).state  # noqa: E731
        assert change(span=hours(9, 12)) == BookingState.CONFIRMED  # within what was approved
        assert change(span=hours(9, 15)) == BookingState.REQUESTED  # beyond it
        services.approve_booking(actor=keeper, booking_id=booking.pk)
        assert change(place_id=instant.pk, span=hours(9, 15)) == BookingState.CONFIRMED  # nobody there to ask

    def test_a_change_that_cannot_be_had_keeps_the_old_slot(self, crew, base) -> None:
        place = make_place(base)
        booking, _other = crew.hold(place, hours(8, 10)), Crew().hold(place, hours(12, 14))
        change = services.change_booking
        clash = {"actor": crew.actor, "booking_id": booking.pk, "span": hours(11, 13)}
        assert code_of(change, **clash) == ErrorCode.SLOT_TAKEN
        stale = {"actor": crew.actor, "booking_id": booking.pk, "span": hours(6, 8), "version": 99}
        assert code_of(change, **stale) == ErrorCode.CONFLICT
        booking.refresh_from_db()
        assert services.as_span(booking.period) == hours(8, 10)
        assert code_of(Crew().hold, place, hours(9, 10)) == ErrorCode.SLOT_TAKEN


class TestEnds:
    def test_cancelling_costs_what_the_terms_say(self, crew, base, keeper) -> None:
        place = make_place(base)
        with transaction.atomic():
            tariff = place.tariffs.get()
            tariff.cancellation = [[24 * 30, 50]]
            tariff.save()
            audit.record("places.tariff.published", tariff, actor=system())
        held, confirmed = crew.hold(place, hours(8, 10)), crew.hold(place, hours(10, 12))
        services.confirm_booking(actor=crew.actor, booking_id=confirmed.pk)
        cancel = services.cancel_booking
        assert cancel(actor=crew.actor, booking_id=held.pk).cancellation_fee_fen == 0
        assert cancel(actor=crew.actor, booking_id=confirmed.pk).cancellation_fee_fen == confirmed.price_fen // 2
        assert code_of(cancel, actor=crew.actor, booking_id=confirmed.pk) == ErrorCode.WRONG_STATE

    def test_use_hand_back_early_and_settle(self, crew, base, keeper) -> None:
        place = make_place(base)
        booking = crew.hold(place, hours(8, 12))
        services.confirm_booking(actor=crew.actor, booking_id=booking.pk)
        with clock.frozen(DAY + timedelta(hours=8)):
            services.start_use(actor=keeper, booking_id=booking.pk)
        with clock.frozen(DAY + timedelta(hours=10)):
            services.hand_back(actor=keeper, booking_id=booking.pk)
            Crew().hold(place, hours(10, 12))
        assert services.settle(actor=keeper, booking_id=booking.pk).state == BookingState.SETTLED

    def test_who_does_not_come_frees_the_rest(self, crew, base, keeper) -> None:
        place = make_place(base)
        booking = crew.hold(place, hours(8, 12))
        services.confirm_booking(actor=crew.actor, booking_id=booking.pk)
        assert code_of(services.mark_no_show, actor=keeper, booking_id=booking.pk) == ErrorCode.WRONG_STATE
        with clock.frozen(DAY + timedelta(hours=9)):
            services.mark_no_show(actor=keeper, booking_id=booking.pk)
            Crew().hold(place, hours(10, 12))

    def test_every_step_of_a_life_is_in_the_audit_trail(self, crew, base) -> None:
        place = make_place(base)
        booking = crew.hold(place, hours(8, 10))
        services.confirm_booking(actor=crew.actor, booking_id=booking.pk)
        services.cancel_booking(actor=crew.actor, booking_id=booking.pk, reason="改剧本")
        trail = AuditEntry.objects.filter(object_type="bookings.booking", object_id=booking.pk).order_by("id")
        assert [row.event for row in trail] == [
            "bookings.hold.placed",
            "bookings.booking.confirmed",
            "bookings.booking.cancelled",
        ]
        last = trail.last()
        assert (last.before["state"], last.after["state"], last.actor_id) == (
            "confirmed",
            "cancelled",
            crew.actor.person_id,
        )


class TestWaiting:
    def join(self, crew: Crew, place: Place, span: Span):
        return services.join_waiting_list(
            actor=crew.actor, organisation_id=crew.id, place_id=place.pk, span=span, title="候补"
        )

    def test_freed_slots_are_offered_in_order_and_the_rest_is_told_why(self, crew, base, mailbox) -> None:
        place = make_place(base)
        booking = crew.hold(place, hours(8, 12))
        first, second = Crew(), Crew()
        one, two = self.join(first, place, hours(8, 10)), self.join(second, place, hours(9, 12))
        assert self.join(first, place, hours(8, 10)).pk == one.pk
        assert selectors.position_in_line(two) == 2
        services.cancel_booking(actor=crew.actor, booking_id=booking.pk)
        assert waiting.offer_freed(place.pk, hours(8, 12)) == 1
        one.refresh_from_db()
        two.refresh_from_db()
        assert (one.state, two.state, two.reason_code) == (WaitingState.OFFERED, WaitingState.WAITING, "slot_taken")
        assert len(mailbox()) == 1
        taken = services.accept_offer(actor=first.actor, entry_id=one.pk)
        assert taken.state == BookingState.HELD
        assert code_of(services.accept_offer, actor=second.actor, entry_id=one.pk) == ErrorCode.NOT_FOUND

    def test_an_offer_not_answered_goes_to_the_next(self, crew, base) -> None:
        place = make_place(base)
        booking = crew.hold(place, hours(8, 12))
        first, second = Crew(), Crew()
        one, two = self.join(first, place, hours(8, 10)), self.join(second, place, hours(8, 12))
        services.cancel_booking(actor=crew.actor, booking_id=booking.pk)
        waiting.offer_freed(place.pk, hours(8, 12))
        with clock.frozen(NOW + timedelta(minutes=waiting.ANSWER_MINUTES + 1)):
            services.expire_overdue()
            assert code_of(services.accept_offer, actor=first.actor, entry_id=one.pk) == ErrorCode.OFFER_EXPIRED
            waiting.offer_freed(place.pk, hours(8, 10))
            two.refresh_from_db()
            assert two.state == WaitingState.OFFERED
            services.decline_offer(actor=second.actor, entry_id=two.pk)
        assert not Booking.objects.filter(place=place, state__in=["held", "leased"]).exists()

    def test_late_entries_leave_the_line(self, crew, base) -> None:
        place = make_place(base)
        crew.hold(place, hours(8, 12))
        entry = self.join(Crew(), place, hours(8, 10))
        with clock.frozen(DAY + timedelta(hours=9)):
            assert waiting.pass_by() == 1
        entry.refresh_from_db()
        assert entry.state == WaitingState.PASSED


class TestFreeTimes:
    def test_free_spans_are_what_can_really_be_booked(self, crew, base) -> None:
        place = make_place(base, buffer_before_minutes=30, buffer_after_minutes=60)
        crew.hold(place, hours(8, 10))
        free = selectors.free_spans(place.pk, hours(0, 24))
        assert free == (hours(0, 7), hours(11, 24))
        Crew().hold(place, hours(6, 7))
        Crew().hold(place, hours(11, 12))

    def test_earliest_free_keeps_every_rule(self, crew, base) -> None:
        place = make_place(base, step_minutes=60, lead_minutes=120)
        crew.hold(place, Span(NOW + timedelta(hours=2), NOW + timedelta(hours=5)))
        found = selectors.earliest_free(place.pk, 120, after=NOW)
        assert found == Span(NOW + timedelta(hours=5), NOW + timedelta(hours=7))
        crew.hold(place, found)

    def test_counted_resources_are_free_while_units_remain(self, crew, base) -> None:
        rooms = make_place(base, kind="resource", capacity=5)
        crew.hold(rooms, hours(8, 12), units=3)
        crew.hold(rooms, hours(10, 14), units=1)
        assert selectors.free_spans(rooms.pk, hours(6, 16), units=2) == (hours(6, 10), hours(12, 16))


class TestRepeat:
    def test_a_weekly_bundle_is_booked_whole(self, crew, base) -> None:
        place = make_place(base)
        spans = services.repeat_spans(hours(20, 24), every_days=7, count=4)
        items = [services.SlotRequest(place.pk, span) for span in spans]
        bundle = services.place_bundle(
            actor=crew.actor, organisation_id=crew.id, title="每周一夜戏", items=items, confirm=True
        )
        assert {booking.state for booking in bundle.bookings.all()} == {BookingState.CONFIRMED}
        assert [clock.local(span.start).hour for span in spans] == [20] * 4


def test_release_is_quiet_when_nobody_waits(crew, base) -> None:
    booking = crew.hold(make_place(base), hours(8, 10))
    ending.release(booking)
    assert not ending.promote_second_pencil(booking.place_id, hours(8, 10))
