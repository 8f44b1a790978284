"""The wall: whatever door a write comes through, nothing is booked twice.

Property tests compare the database with a plain model of what must and must not be allowed.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.factories import make_organisation, make_person, make_place

from xiepai.bookings.models import Booking, BookingState, Occupancy
from xiepai.bookings.selectors import overlaps_in_database
from xiepai.bookings.services import SlotRequest, as_range, change_booking, place_bundle, place_hold
from xiepai.kernel import audit, clock
from xiepai.kernel.errors import ErrorCode, XiepaiError
from xiepai.parties.access import Actor, system
from xiepai.places.models import CombinationPart, Place
from xiepai.worktime.spans import Span

pytestmark = pytest.mark.django_db
ZONE = ZoneInfo("Asia/Shanghai")
DAY = datetime(2028, 2, 28, tzinfo=ZONE)  # the day before a leap day
NOW = datetime(2028, 2, 1, 9, tzinfo=ZONE)
EXAMPLES = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], derandomize=True
)


@pytest.fixture(autouse=True)
def _february() -> object:
    with clock.frozen(NOW):
        yield


@pytest.fixture
def crew() -> tuple[int, Actor]:
    person, actor = make_person("scheduler")
    return person.memberships.get().organisation_id, actor


@pytest.fixture
def base() -> object:
    return make_organisation("base")


def hours(start: float, end: float, day: int = 0) -> Span:
    midnight = DAY + timedelta(days=day)
    return Span(midnight + timedelta(hours=start), midnight + timedelta(hours=end))


def hold(crew: tuple[int, Actor], place: Place, span: Span, units: int = 1) -> Booking:
    return place_hold(actor=crew[1], organisation_id=crew[0], place_id=place.pk, span=span, units=units)


def refused(code: ErrorCode, crew: tuple[int, Actor], place: Place, span: Span, units: int = 1) -> XiepaiError:
    with pytest.raises(XiepaiError) as caught:
        hold(crew, place, span, units)
    assert caught.value.code == code
    return caught.value


def branch(parent: Place, place: Place) -> Place:
    """Put *place* under *parent*, as an import or an admin would: by a plain write."""
    with transaction.atomic():
        place.parent = parent
        place.save(update_fields=["parent"])
        audit.record("places.place.moved", place, actor=system())
    return place


class TestHalfOpen:
    def test_spans_that_touch_are_both_booked(self, crew, base) -> None:
        place = make_place(base)
        hold(crew, place, hours(8, 12))
        hold(crew, place, hours(12, 14))
        hold(crew, place, hours(6, 8))
        assert refused(ErrorCode.SLOT_TAKEN, crew, place, hours(11.5, 12.5)).data["until"]
        assert overlaps_in_database() == 0

    def test_midnight_and_the_leap_day_are_ordinary_borders(self, crew, base) -> None:
        place = make_place(base)
        hold(crew, place, hours(20, 24))  # to 24:00 of 28 February
        hold(crew, place, hours(24, 30))  # from 0:00 of the 29th
        refused(ErrorCode.SLOT_TAKEN, crew, place, hours(23.5, 24.5))
        hold(crew, place, hours(22, 26, day=1))  # overnight into 1 March
        refused(ErrorCode.SLOT_TAKEN, crew, place, hours(1, 3, day=2))


class TestBuffers:
    @EXAMPLES
    @given(
        st.lists(
            st.tuples(
                st.integers(0, 40), st.integers(2, 6), st.sampled_from([0, 30, 60, 90]), st.sampled_from([0, 30, 60])
            ),
            min_size=2,
            max_size=7,
        )
    )
    def test_the_higher_of_both_sides_counts(self, crew, base, wishes) -> None:
        """A gap of max(after of the first, before of the second) is needed, neither the sum nor one side."""
        with transaction.atomic():
            place = make_place(base)
            kept: list[tuple[int, int, int, int]] = []
            for start, length, before, after in wishes:
                Place.objects.filter(pk=place.pk).update(buffer_before_minutes=before, buffer_after_minutes=after)
                begin, end = start * 30, (start + length) * 30
                fits = all(
                    begin - other_end >= max(other_after, before)
                    if begin >= other_end
                    else other_begin - end >= max(after, other_before)
                    for other_begin, other_end, other_before, other_after in kept
                )
                span = Span(DAY + timedelta(minutes=begin), DAY + timedelta(minutes=end))
                if fits:
                    hold(crew, place, span)
                    kept.append((begin, end, before, after))
                else:
                    refused(ErrorCode.SLOT_TAKEN, crew, place, span)
            transaction.set_rollback(True)


class TestHierarchy:
    def test_a_parent_blocks_its_children_and_the_other_way_round(self, crew, base) -> None:
        site = make_place(base, kind="site")
        floor = branch(site, make_place(base, kind="floor"))
        one, two = (branch(floor, make_place(base)) for _ in range(2))
        hold(crew, floor, hours(8, 10))
        refused(ErrorCode.SLOT_TAKEN, crew, one, hours(9, 11))
        refused(ErrorCode.SLOT_TAKEN, crew, site, hours(9, 11))
        hold(crew, two, hours(10, 12))
        refused(ErrorCode.SLOT_TAKEN, crew, floor, hours(11, 13))
        refused(ErrorCode.SLOT_TAKEN, crew, site, hours(11, 13))
        hold(crew, one, hours(10, 12))

    def test_a_hall_divides_into_parts_and_their_combinations(self, crew, base) -> None:
        hall = make_place(base)
        a, b, c = (branch(hall, make_place(base, kind="part")) for _ in range(3))
        both = make_place(base, kind="combination")
        branch(hall, both)
        with transaction.atomic():
            for part in (a, b):
                CombinationPart.objects.create(combination=both, part=part)
            audit.record("places.place.combined", both, actor=system())
        hold(crew, both, hours(8, 10))
        hold(crew, c, hours(8, 10))
        refused(ErrorCode.SLOT_TAKEN, crew, a, hours(9, 10))
        refused(ErrorCode.SLOT_TAKEN, crew, hall, hours(9, 10))
        hold(crew, hall, hours(10, 11))
        refused(ErrorCode.SLOT_TAKEN, crew, both, hours(10, 11))

    def test_bookings_follow_when_their_place_is_split(self, crew, base) -> None:
        hall = make_place(base)
        kept = hold(crew, hall, hours(8, 10))
        part = branch(hall, make_place(base, kind="part"))
        refused(ErrorCode.SLOT_TAKEN, crew, part, hours(9, 11))
        assert list(kept.occupancies.values_list("leaf", flat=True)) == [part.pk]

    def test_a_split_that_would_clash_is_refused(self, crew, base) -> None:
        hall, part = make_place(base), make_place(base, kind="part")
        hold(crew, hall, hours(8, 10))
        hold(crew, part, hours(9, 11))
        with pytest.raises(IntegrityError, match="meets another"):
            branch(hall, part)

    def test_a_place_cannot_stand_under_itself(self, base) -> None:
        site = make_place(base, kind="site")
        child = branch(site, make_place(base))
        with pytest.raises(Exception, match="under itself"):
            branch(child, site)


class TestCounted:
    @EXAMPLES
    @given(st.lists(st.tuples(st.integers(0, 12), st.integers(2, 8), st.integers(1, 4)), min_size=2, max_size=9))
    def test_the_peak_decides_not_the_sum(self, crew, base, wishes) -> None:
        with transaction.atomic():
            rooms = make_place(base, kind="resource", capacity=5)
            taken = [0] * 24
            for start, length, units in wishes:
                stretch = range(start, start + length)
                span = hours(start, start + length)
                if max(taken[hour] for hour in stretch) + units <= 5:
                    hold(crew, rooms, span, units)
                    for hour in stretch:
                        taken[hour] += units
                else:
                    error = refused(ErrorCode.NOT_ENOUGH_UNITS, crew, rooms, span, units)
                    assert error.data["free"] == 5 - max(taken[hour] for hour in stretch)
            transaction.set_rollback(True)

    def test_every_door_meets_the_peak(self, crew, base) -> None:
        rooms = make_place(base, kind="resource", capacity=5)
        booking = hold(crew, rooms, hours(8, 12), 4)
        with pytest.raises(IntegrityError, match="only 1 of 5"), transaction.atomic():
            raw_booking(crew, rooms, hours(10, 11), units=2)
        with pytest.raises(IntegrityError, match="booked"), transaction.atomic():
            Place.objects.filter(pk=rooms.pk).update(capacity=3)
        assert change_booking(actor=crew[1], booking_id=booking.pk, units=5).units == 5

    def test_a_hotel_booked_whole_takes_every_room(self, crew, base) -> None:
        hotel = make_place(base, kind="building")
        rooms = branch(hotel, make_place(base, kind="resource", capacity=20))
        hold(crew, rooms, hours(8, 9), 1)
        refused(ErrorCode.NOT_ENOUGH_UNITS, crew, hotel, hours(8, 10))
        hold(crew, hotel, hours(9, 10))
        refused(ErrorCode.NOT_ENOUGH_UNITS, crew, rooms, hours(9, 10), 1)


def raw_booking(crew: tuple[int, Actor], place: Place, span: Span, **fields: object) -> Booking:
    """A booking written past the services, as an admin page or a script would."""
    booking = Booking.objects.create(
        place=place, organisation_id=crew[0], state=BookingState.CONFIRMED, period=as_range(span), **fields
    )
    audit.record("bookings.booking.confirmed", booking, actor=system())
    return booking


class TestEveryDoor:
    def test_the_orm_meets_the_same_wall(self, crew, base) -> None:
        place = make_place(base)
        hold(crew, place, hours(8, 12))
        with pytest.raises(IntegrityError, match="meets another"), transaction.atomic():
            raw_booking(crew, place, hours(11, 13))
        late = raw_booking(crew, place, hours(12, 13))
        with pytest.raises(IntegrityError, match="meets another"), transaction.atomic():
            Booking.objects.filter(pk=late.pk).update(period=as_range(hours(11, 13)))
        assert overlaps_in_database() == 0

    def test_a_booking_that_ends_frees_its_slot_whoever_ends_it(self, crew, base) -> None:
        place = make_place(base)
        booking = hold(crew, place, hours(8, 12))
        Booking.objects.filter(pk=booking.pk).update(state=BookingState.CANCELLED)
        assert not Occupancy.objects.filter(booking=booking).exists()
        hold(crew, place, hours(8, 12))
        with pytest.raises(IntegrityError, match="meets another"), transaction.atomic():
            Booking.objects.filter(pk=booking.pk).update(state=BookingState.CONFIRMED)

    def test_a_bundle_is_all_or_nothing(self, crew, base) -> None:
        free, busy = make_place(base), make_place(base)
        hold(crew, busy, hours(8, 12))
        items = [SlotRequest(free.pk, hours(8, 12)), SlotRequest(busy.pk, hours(11, 13))]
        with pytest.raises(XiepaiError) as caught:
            place_bundle(actor=crew[1], organisation_id=crew[0], title="一天", items=items)
        assert (caught.value.code, caught.value.data["entry"]) == (ErrorCode.SLOT_TAKEN, 1)
        assert Booking.objects.filter(place=free).count() == 0
        bundle = place_bundle(actor=crew[1], organisation_id=crew[0], title="一天", items=items[:1])
        assert bundle.bookings.count() == 1

    def test_a_bundle_that_meets_itself_is_refused(self, crew, base) -> None:
        place = make_place(base)
        items = [SlotRequest(place.pk, hours(8, 12)), SlotRequest(place.pk, hours(11, 13))]
        with pytest.raises(XiepaiError) as caught:
            place_bundle(actor=crew[1], organisation_id=crew[0], title="一天", items=items)
        assert caught.value.code == ErrorCode.SLOT_TAKEN
        assert Occupancy.objects.filter(leaf=place).count() == 0

    def test_stale_prices_are_read_again_and_the_person_is_told(self, crew, base) -> None:
        place = make_place(base)
        hold(crew, place, hours(8, 9))
        with transaction.atomic():
            tariff = place.tariffs.get()
            tariff.hour_fen *= 2
            tariff.save()
            audit.record("places.tariff.published", tariff, actor=system())
        assert hold(crew, place, hours(9, 10)).price_fen == tariff.hour_fen
        with pytest.raises(XiepaiError) as caught:
            place_hold(
                actor=crew[1], organisation_id=crew[0], place_id=place.pk, span=hours(10, 11), expected_price_fen=1
            )
        assert caught.value.code == ErrorCode.PLACE_CHANGED


@pytest.mark.django_db(transaction=True)
def test_repeatable_read_is_refused(crew, base) -> None:
    place, rooms = make_place(base), make_place(base, kind="resource", capacity=3)
    with connection.cursor() as cursor:
        cursor.execute("SET default_transaction_isolation = 'repeatable read'")
    try:
        for target in (place, rooms):
            with pytest.raises(XiepaiError) as caught:
                hold(crew, target, hours(8, 9))
            assert caught.value.code == ErrorCode.ISOLATION_LEVEL
            with pytest.raises(DatabaseError, match="READ COMMITTED"):
                raw_booking(crew, target, hours(8, 9))
    finally:
        connection.close()
    hold(crew, place, hours(8, 9))


@pytest.mark.django_db(transaction=True)
def test_a_write_without_an_audit_row_is_refused_at_commit(crew, base) -> None:
    place = make_place(base)
    with pytest.raises(IntegrityError, match="left no audit row"), transaction.atomic():
        Booking.objects.create(
            place=place, organisation_id=crew[0], state=BookingState.CONFIRMED, period=as_range(hours(8, 9))
        )
    with pytest.raises(IntegrityError, match="left no audit row"):
        Place.objects.filter(pk=place.pk).update(name="悄悄改名")
    with pytest.raises(Exception, match="never changed or deleted"), connection.cursor() as cursor:
        cursor.execute("DELETE FROM kernel_auditentry")
