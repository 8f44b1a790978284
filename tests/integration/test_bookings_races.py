"""Real connections race for what is scarce: exactly one wins, nobody deadlocks."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connection, connections, transaction
from tests.factories import make_organisation, make_person, make_place

from xiepai.bookings.models import Booking, BookingState, Occupancy
from xiepai.bookings.selectors import overlaps_in_database
from xiepai.bookings.services import (
    SlotRequest,
    approve_booking,
    change_booking,
    confirm_booking,
    place_bundle,
    place_hold,
)
from xiepai.kernel import audit, clock
from xiepai.kernel.errors import XiepaiError
from xiepai.parties.access import system
from xiepai.worktime.spans import Span

pytestmark = [pytest.mark.django_db(transaction=True)]
ZONE = ZoneInfo("Asia/Shanghai")


def tomorrow(start: int, end: int) -> Span:
    midnight = clock.local(clock.now()).replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=2)
    return Span(midnight + timedelta(hours=start), midnight + timedelta(hours=end))


def race(deeds: list[Callable[[], object]]) -> Counter[str]:
    """Start all deeds at one moment, each on its own connection; count how they ended."""
    barrier, ends = threading.Barrier(len(deeds)), []

    def run(deed: Callable[[], object]) -> None:
        try:
            connection.ensure_connection()
            barrier.wait(timeout=20)
            deed()
            ends.append("won")
        except XiepaiError as refusal:
            ends.append(str(refusal.code))
        except Exception as error:
            ends.append(f"{type(error).__name__}: {error}")
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=[deed]) for deed in deeds]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert len(ends) == len(deeds)
    return Counter(ends)


@pytest.fixture
def crew() -> tuple[int, object]:
    person, actor = make_person("scheduler")
    return person.memberships.get().organisation_id, actor


@pytest.fixture
def base() -> object:
    return make_organisation("base")


def test_of_thirty_two_racers_for_one_slot_exactly_one_wins(crew, base) -> None:
    place = make_place(base)
    span = tomorrow(8, 12)
    deed = lambda: place_hold(actor=crew[1], organisation_id=crew[0], place_id=place.pk, span=span)  # noqa: E731
    assert race([deed] * 32) == {"won": 1, "slot_taken": 31}
    assert Booking.objects.filter(place=place).count() == 1
    assert overlaps_in_database() == 0


def test_counted_units_are_never_sold_twice(crew, base) -> None:
    rooms = make_place(base, kind="resource", capacity=10)
    span = tomorrow(8, 12)
    deed = lambda: place_hold(  # noqa: E731
        actor=crew[1], organisation_id=crew[0], place_id=rooms.pk, span=span, units=3
    )
    assert race([deed] * 16) == {"won": 3, "not_enough_units": 13}
    assert sum(Occupancy.objects.filter(leaf=rooms).values_list("units", flat=True)) == 9


def test_parent_and_children_race_without_deadlock(crew, base) -> None:
    hall = make_place(base)
    parts = [make_place(base, kind="part", parent=hall) for _ in range(4)]
    span = tomorrow(8, 12)

    def bundle(order: list[int]) -> Callable[[], object]:
        items = [SlotRequest(parts[index].pk, span) for index in order]
        return lambda: place_bundle(actor=crew[1], organisation_id=crew[0], title="x", items=items)

    whole = lambda: place_hold(actor=crew[1], organisation_id=crew[0], place_id=hall.pk, span=span)  # noqa: E731
    ends = race([bundle([0, 1, 2, 3]), bundle([3, 2, 1, 0]), whole, bundle([2, 0, 3, 1]), whole, bundle([1, 3])])
    assert ends["won"] == 1
    assert set(ends) == {"won", "slot_taken"}
    assert overlaps_in_database() == 0


def test_two_approvals_at_once_confirm_one_booking_once(crew, base) -> None:
    place = make_place(base, approval="keeper")
    booking = place_hold(actor=crew[1], organisation_id=crew[0], place_id=place.pk, span=tomorrow(8, 12))
    assert confirm_booking(actor=crew[1], booking_id=booking.pk).state == BookingState.REQUESTED
    _person, keeper = make_person("keeper", base)
    ends = race([lambda: approve_booking(actor=keeper, booking_id=booking.pk)] * 4)
    assert ends == {"won": 1, "wrong_state": 3}


def test_two_changes_to_the_same_slot_leave_one(crew, base) -> None:
    place = make_place(base)
    bookings = [
        place_hold(actor=crew[1], organisation_id=crew[0], place_id=place.pk, span=tomorrow(hour, hour + 1))
        for hour in (8, 10)
    ]
    target = tomorrow(14, 15)
    deeds = [
        lambda number=booking.pk: change_booking(actor=crew[1], booking_id=number, span=target) for booking in bookings
    ]
    assert race(deeds) == {"won": 1, "slot_taken": 1}
    assert overlaps_in_database() == 0


def test_the_orm_races_the_service_and_one_wins(crew, base) -> None:
    place = make_place(base)
    span = tomorrow(8, 12)

    def by_service() -> object:
        return place_hold(actor=crew[1], organisation_id=crew[0], place_id=place.pk, span=span)

    def by_orm() -> None:
        from django.db import IntegrityError

        from xiepai.bookings.services import as_range
        from xiepai.kernel.errors import ErrorCode

        try:
            with transaction.atomic():
                booking = Booking.objects.create(
                    place=place, organisation_id=crew[0], state=BookingState.CONFIRMED, period=as_range(span)
                )
                audit.record("bookings.booking.confirmed", booking, actor=system())
        except IntegrityError as error:
            raise XiepaiError(ErrorCode.SLOT_TAKEN) from error

    assert race([by_service, by_orm] * 6) == {"won": 1, "slot_taken": 11}
    assert overlaps_in_database() == 0
