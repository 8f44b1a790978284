"""A busy fortnight for the demo city: sample crews at work around today, through the services, at the times they act.

What is drawn is the same for the same day. May be run again: a city with bookings of these crews is left alone.
Refused: a city without the demo crews gets nothing; a slot that is not to be had is skipped, as a crew would.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from random import Random

from django.db import transaction
from django.utils import translation

from xiepai.bookings import services
from xiepai.bookings.models import Booking, BookingState
from xiepai.kernel import audit, clock
from xiepai.kernel.errors import XiepaiError
from xiepai.kernel.money import Money
from xiepai.parties.access import Actor, system
from xiepai.parties.models import Organisation, Role
from xiepai.places.demo.files import read_rows
from xiepai.places.models import Place, PlaceKind
from xiepai.productions.models import Work
from xiepai.worktime.spans import Span

_ACTOR = system("load_demo_bookings")
_CREWS = ("crew3", "crew4", "crew5", "crew6", "crew7", "crew8")
_TITLES = ("《渡口》", "《夜班》", "《三十岁的信》", "《对门》", "《灯下》", "《归航》")
_SCENES = ("争吵", "重逢", "签约", "夜谈", "追逐", "告白", "对质", "会诊", "宴席", "收网")
#: Hours a crew asks for: a morning, an afternoon, an evening, a night.
_HOURS = ((8, 12), (13, 18), (19, 23), (20, 26))
_BEFORE_DAYS, _DAYS, _SHOOT_DAYS = 6, 16, (4, 7)


def load_bookings(*, say: Callable[[str], object] | None = None) -> int:
    """Let the sample crews book, shoot, hand back and settle; how many bookings that made."""
    names = {row["key"]: row["name"] for row in read_rows("organisations")}
    found = {row.name: row for row in Organisation.objects.filter(name__in=[names[key] for key in _CREWS])}
    crews = [found[names[key]] for key in _CREWS if names[key] in found]
    if not crews or Booking.objects.filter(organisation__in=crews).exists():
        return 0
    with audit.origin_is("command"), translation.override("zh-hans"):
        town = _Town(clock.now(), clock.today())
        for crew, title in zip(crews, _TITLES, strict=False):
            town.shoot(crew, title)
        town.pass_time()
    if say:
        say(f"{town.made} sample bookings of {len(crews)} crews")
    return town.made


@dataclass
class _Town:
    """Draws what the crews do and lets the present pass over it."""

    now: datetime
    today: date
    random: Random = field(default_factory=lambda: Random(2026))  # noqa: S311 - a sample, not a secret
    made: int = 0
    taken: list[Booking] = field(default_factory=list)

    def __post_init__(self) -> None:
        sets = Place.objects.filter(kind=PlaceKind.SET, capacity=1, parent__isnull=False, standing="sample")
        self.houses: dict[int, list[Place]] = {}
        for place in sets.order_by("pk"):
            self.houses.setdefault(place.parent_id or 0, []).append(place)

    def shoot(self, crew: Organisation, title: str) -> None:
        """One drama: some days in a row, a house or two a day, two or three sets a day."""
        actor = Actor(None, crew.name, frozenset({(crew.pk, str(Role.SCHEDULER))}))
        work_id = Work.objects.filter(organisation=crew, title=title.strip("《》")).values_list("pk", flat=True).first()
        for start in range(-_BEFORE_DAYS, _DAYS - _BEFORE_DAYS, 8):
            first = start + self.random.randint(0, 2)
            house = self.random.choice([places for places in self.houses.values() if len(places) > 2])
            for day in range(first, first + self.random.randint(*_SHOOT_DAYS)):
                for hours in self.random.sample(_HOURS[:3], 3) if self.random.random() < 0.7 else _HOURS[2:3]:
                    self._book(actor, crew, self.random.choice(house), self._span(day, hours), title, work_id)

    def _span(self, day: int, hours: tuple[int, int]) -> Span:
        midnight = datetime.combine(self.today + timedelta(days=day), time(), clock.CITY_ZONE)
        return Span(midnight + timedelta(hours=hours[0]), midnight + timedelta(hours=hours[1]))

    def _book(
        self, actor: Actor, crew: Organisation, place: Place, span: Span, title: str, work_id: int | None
    ) -> None:
        asked = min(span.start - timedelta(days=self.random.randint(2, 6)), self.now - timedelta(minutes=90))
        words = f"{title}{self.random.choice(_SCENES)}"
        with clock.frozen(asked), suppress(XiepaiError), transaction.atomic():
            booking = services.place_hold(
                actor=actor,
                organisation_id=crew.pk,
                place_id=place.pk,
                span=span,
                title=words,
                people=self._people(),
                work_id=work_id,
            )
            self.made += 1
            later = span.start - self.now > timedelta(days=6)
            if not (later and self.random.random() < 0.35):
                booking = services.confirm_booking(actor=actor, booking_id=booking.pk)
            self.taken.append(booking)

    def _people(self) -> int:
        return self.random.randint(18, 45)

    def pass_time(self) -> None:
        """Keepers answer, crews come and leave, accounts are closed: what lies before the present has happened."""
        for booking in sorted(self.taken, key=lambda each: each.pk):
            with suppress(XiepaiError), transaction.atomic():
                self._live(booking)

    def _live(self, booking: Booking) -> None:
        start, end = booking.period.lower, booking.period.upper
        if booking.state == BookingState.REQUESTED and (start < self.now + timedelta(days=4)):
            self._at(booking.created_at + timedelta(hours=3), services.approve_booking, booking)
        elif booking.state != BookingState.CONFIRMED:
            return
        if start > self.now:
            return
        with clock.frozen(start):
            services.hand_over(actor=_ACTOR, booking_id=booking.pk, condition="完好（样例）")
        if end + timedelta(minutes=30) > self.now:
            return
        self._leave(booking, end)

    def _leave(self, booking: Booking, end: datetime) -> None:
        late = self.random.choice((0, 0, 0, 0, 40))
        with clock.frozen(end + timedelta(minutes=late)):
            services.take_back(actor=_ACTOR, booking_id=booking.pk, condition="已清场（样例）")
        claimed = self.random.random() < 0.06
        if claimed:
            amount = Money.yuan(self.random.choice((200, 450, 800)))
            with clock.frozen(end + timedelta(hours=2)):
                services.claim_damage(
                    actor=_ACTOR, booking_id=booking.pk, description="墙面划痕（样例）", amount=amount
                )
        if not claimed and end < self.now - timedelta(days=2):
            with clock.frozen(end + timedelta(days=1, hours=4)):
                services.settle_booking(actor=_ACTOR, booking_id=booking.pk)

    def _at(self, moment: datetime, service: Callable[..., Booking], booking: Booking) -> None:
        with clock.frozen(min(moment, self.now)):
            booking.state = service(actor=_ACTOR, booking_id=booking.pk).state
