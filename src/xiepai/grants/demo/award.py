"""One sample work from its bookings to an award: booked, shot, handed back, settled, found to be owed, awarded.

Everything through the services, at the times it would have happened. May be run again: what is there stays. Refused:
nothing; a city without the demo crew, its places or the sample programme gives none.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import translation

from xiepai.bookings import services as bookings
from xiepai.bookings.models import Booking
from xiepai.grants.demo.people import LOADER
from xiepai.grants.demo.scribe import Scribe
from xiepai.grants.entitling import evaluate_subjects
from xiepai.grants.models import Application, ApplicationState, Entitlement, OwedState, Programme
from xiepai.grants.services.owed import award_without_application
from xiepai.kernel import audit, clock
from xiepai.parties.access import Actor, actor_of
from xiepai.parties.models import Organisation, Person, Role
from xiepai.places.demo.files import read_rows
from xiepai.places.models import Place
from xiepai.productions import services as productions
from xiepai.productions.classification import FEN_OF_WAN
from xiepai.productions.models import Making, Work, WorkStanding
from xiepai.worktime.spans import Span

MEASURE = "location"
#: When the crew shoots, in hours of the day: in the hall, and in a scenic area while it is open.
_HALL, _SCENIC = (8, 20), (10, 15)
_MONDAY = 0


@transaction.atomic
def load_award(said: dict[str, Any]) -> Application | None:
    """The award of the sample work, made where it is not there yet."""
    names = {row["key"]: row["name"] for row in read_rows("organisations")}
    crew = Organisation.objects.filter(name=names[said["crew"]]).first()
    officer = Person.objects.filter(email="officer@demo.xiepai").first()
    programme = Programme.objects.filter(code=said["programme"]).first()
    if crew is None or officer is None or programme is None:
        return None
    work = Work.objects.filter(organisation=crew, title=said["title"]).first()
    if work is None:
        with audit.origin_is("command"), translation.override("zh-hans"):
            work = _shoot(Scribe(clock.today(), clock.now()), crew, said)
            _award(actor_of(officer), programme, work)
    rows = Application.objects.filter(work=work, state=ApplicationState.APPROVED, programme=programme)
    return rows.order_by("id").first()


def _shoot(scribe: Scribe, crew: Organisation, said: dict[str, Any]) -> Work:
    first = said["first_day"]
    actor = Actor(None, crew.name, frozenset({(crew.pk, str(Role.SCHEDULER)), (crew.pk, str(Role.PRODUCER))}))
    with clock.frozen(scribe.moment(first - 20)):
        work = productions.declare_work(
            actor=LOADER, organisation_id=crew.pk, standing=WorkStanding.SAMPLE, title=said["title"],
            title_en=said["title_en"], making_mode=Making.LIVE, episodes=60, minutes_per_episode=Decimal("1.5"),
            investment_fen=96 * FEN_OF_WAN, synopsis="样例：从订景到奖补的一部作品。",
            shooting_from=scribe.today + timedelta(days=first),
            shooting_to=scribe.today + timedelta(days=first + said["days"] - 1),
        )  # fmt: skip
    for span, place in _wanted(scribe, said):
        with clock.frozen(span.start - timedelta(days=5)):
            row = bookings.place_hold(
                actor=actor, organisation_id=crew.pk, place_id=place.pk, span=span, title=f"《{said['title']}》",
                people=30, work_id=work.pk,
            )  # fmt: skip
            bookings.confirm_booking(actor=actor, booking_id=row.pk)
        _use(row.pk, span)
    return work


def _wanted(scribe: Scribe, said: dict[str, Any]) -> Iterator[tuple[Span, Place]]:
    places = {place.code: place for place in Place.objects.filter(code__in=[said["scenic"], *said["sets"]])}
    days = [scribe.today + timedelta(days=said["first_day"] + at) for at in range(said["days"])]
    outing = next(day for day in reversed(days) if day.weekday() != _MONDAY)  # the scenic area is closed on Mondays
    for day in days:
        midnight = clock.at_local_midnight(day)
        first, last = _SCENIC if day == outing else _HALL
        span = Span(midnight + timedelta(hours=first), midnight + timedelta(hours=last))
        for code in [said["scenic"]] if day == outing else said["sets"]:
            yield span, places[code]


def _use(booking_id: int, span: Span) -> None:
    """A keeper approves where one is asked, the crew shoots and leaves, the account is closed the next day."""
    with clock.frozen(span.start - timedelta(days=4)):
        if _state_of(booking_id) == "requested":
            bookings.approve_booking(actor=LOADER, booking_id=booking_id)
    for moment, deed in _deeds(span):
        with clock.frozen(moment):
            deed(booking_id)


def _deeds(span: Span) -> Iterator[tuple[datetime, Any]]:
    yield span.start, lambda key: bookings.hand_over(actor=LOADER, booking_id=key, condition="完好（样例）")
    yield span.end, lambda key: bookings.take_back(actor=LOADER, booking_id=key, condition="已清场（样例）")
    yield span.end + timedelta(days=1), lambda key: bookings.settle_booking(actor=LOADER, booking_id=key)


def _state_of(booking_id: int) -> str:
    """The state a booking is in now."""
    return str(Booking.objects.values_list("state", flat=True).get(pk=booking_id))


def _award(officer: Actor, programme: Programme, work: Work) -> None:
    evaluate_subjects(work_ids=[work.pk])
    owed = Entitlement.objects.filter(work=work, measure=MEASURE, version__programme=programme, state=OwedState.OWED)
    for row in owed.order_by("-version__number")[:1]:
        award_without_application(actor=officer, entitlement_id=row.pk)
