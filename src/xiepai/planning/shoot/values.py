"""What a shooting plan is made of: scenes, places, people, units, days, wishes. Frozen, never invalid.

Minutes count from midnight of the day meant and may run past 1440 (a night's work belongs to the day it began on).
Money is whole fen. A calendar holds for every day its free windows; ``None`` means always free.
Refuses: empty spans, negative prices, unknown kinds. Nothing here knows how a plan is found.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from xiepai.planning.shoot.messages import Code, ShootError

LATEST = 1800
"""06:00 on the morning after: no plan runs later."""
TWILIGHT = 30
"""Minutes between sunset and dark, and between dark's end and sunrise."""
MOST_REST = 960
"""The longest rest between two days that may be asked, in minutes."""
GOLDEN = 60
"""Minutes of dawn after sunrise, of dusk before sunset."""


@dataclass(frozen=True, slots=True, order=True)
class Window:
    """``[start, end)`` in minutes of one day.

    >>> Window(480, 600).holds(480, 600), Window(480, 600).holds(470, 600)
    (True, False)
    """

    start: int
    end: int

    def __post_init__(self) -> None:
        if not 0 <= self.start < self.end <= LATEST + 720:
            raise ShootError(Code.WINDOW, start=self.start, end=self.end)

    def holds(self, start: int, end: int) -> bool:
        """Whether ``[start, end)`` lies inside."""
        return self.start <= start and end <= self.end


Calendar = tuple[tuple[Window, ...], ...]
ALWAYS = (Window(0, LATEST),)


class Light(StrEnum):
    """The light a scene needs when it is shot outside, or in a place that says so."""

    ANY = "any"
    DAY = "day"
    NIGHT = "night"
    DAWN = "dawn"
    DUSK = "dusk"


class WishKind(StrEnum):
    """What may be wished of an order, and of the days a scene is shot on."""

    BEFORE = "before"  # the first is over before the second begins
    NEXT = "next"  # the second follows the first at once, in one unit (continuity)
    SAME_DAY = "same_day"
    NOT_FIRST = "not_first"  # never the first scene of a unit's day
    ONLY_ON = "only_on"  # on one of some dates
    NOT_ON = "not_on"  # on none of some dates

    @property
    def is_about_days(self) -> bool:
        """Whether each scene is judged alone, by the date it is shot on."""
        return self in (WishKind.ONLY_ON, WishKind.NOT_ON)


@dataclass(frozen=True, slots=True)
class Part:
    """A person in a scene, and the look worn: another look costs the change's minutes."""

    person: str
    look: str = ""


@dataclass(frozen=True, slots=True)
class Extras:
    """Heads of one kind of crowd."""

    kind: str
    heads: int

    def __post_init__(self) -> None:
        if self.heads < 1:
            raise ShootError(Code.HEADS)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A place a scene may be shot at; ``penalty_fen`` is what the second best is reckoned to cost."""

    place: str
    penalty_fen: int = 0

    def __post_init__(self) -> None:
        if self.penalty_fen < 0:
            raise ShootError(Code.PENALTY)


@dataclass(frozen=True, slots=True)
class Scene:
    """A strip. ``minutes`` is all the time it takes on the set once that is dressed."""

    id: str
    minutes: int
    candidates: tuple[Candidate, ...]
    cast: tuple[Part, ...] = ()
    crowd: tuple[Extras, ...] = ()
    light: Light = Light.ANY
    is_outside: bool = False
    episode: int = 0
    eighths: int = 0
    marks: tuple[str, ...] = ()
    title: str = ""

    def __post_init__(self) -> None:
        if not 0 < self.minutes <= 1440:
            raise ShootError(Code.SCENE_MINUTES, id=self.id)
        if not self.candidates:
            raise ShootError(Code.SCENE_NOWHERE, id=self.id)
        for what, keys in (
            ("place", [each.place for each in self.candidates]),
            ("person", [each.person for each in self.cast]),
            ("crowd", [each.kind for each in self.crowd]),
        ):
            if len(set(keys)) != len(keys):
                raise ShootError(Code.SCENE_TWICE, id=self.id, what=what)


@dataclass(frozen=True, slots=True)
class Tariff:
    """By started hour, by the day of ``day_minutes`` with overtime by started hour, or the cheaper of both.

    >>> Tariff(hour_fen=30000, day_fen=300000).price_fen(150), Tariff(day_fen=300000, overtime_fen=30000).price_fen(901)
    (90000, 360000)
    """

    hour_fen: int | None = None
    day_fen: int | None = None
    day_minutes: int = 840
    overtime_fen: int = 0

    def __post_init__(self) -> None:
        if any(each is not None and each < 0 for each in (self.hour_fen, self.day_fen, self.overtime_fen)):
            raise ShootError(Code.PRICE)
        if self.day_minutes < 60:
            raise ShootError(Code.SHORT_DAY)

    def price_fen(self, minutes: int) -> int:
        """The price of one stay."""
        found = []
        if self.hour_fen is not None:
            found.append(self.hour_fen * -(-minutes // 60))
        if self.day_fen is not None:
            found.append(self.day_fen + self.overtime_fen * -(-max(0, minutes - self.day_minutes) // 60))
        return min(found, default=0)


@dataclass(frozen=True, slots=True)
class Place:
    """A set: where it stands, when it is free (bookings of others already taken out), what it costs.

    ``uses_daylight`` marks an inside place whose windows show: scenes there keep their light as outside.
    """

    id: str
    name: str = ""
    site: str = ""
    tariff: Tariff = Tariff()
    setup_minutes: int = 0
    calendar: Calendar | None = None
    uses_daylight: bool = False

    def __post_init__(self) -> None:
        if not 0 <= self.setup_minutes <= 720:
            raise ShootError(Code.SETUP, id=self.id)


@dataclass(frozen=True, slots=True)
class Person:
    """Who plays: paid ``day_fen`` from the first day to the last, ``wait_fen`` on days between without a scene.

    ``latest`` is the minute work must end (minors); ``limit_minutes`` the longest presence in a day, make-up included.
    """

    id: str
    name: str = ""
    day_fen: int = 0
    wait_fen: int | None = None
    calendar: Calendar | None = None
    makeup_minutes: int = 0
    change_minutes: int = 0
    rest_minutes: int = 600
    limit_minutes: int = LATEST
    latest: int = LATEST
    is_minor: bool = False

    def __post_init__(self) -> None:
        if self.day_fen < 0 or (self.wait_fen is not None and not 0 <= self.wait_fen <= self.day_fen):
            raise ShootError(Code.WAITING_FEE, id=self.id)
        if not (
            0 <= self.makeup_minutes <= 720 and 0 <= self.change_minutes <= 720 and 0 <= self.rest_minutes <= MOST_REST
        ):
            raise ShootError(Code.PERSON_MINUTES, id=self.id)
        if self.limit_minutes < 1 or not 0 < self.latest <= LATEST:
            raise ShootError(Code.PERSON_LIMITS, id=self.id)

    @property
    def waiting_fen(self) -> int:
        """The price of a day held without a scene."""
        return self.day_fen if self.wait_fen is None else self.wait_fen


@dataclass(frozen=True, slots=True)
class Unit:
    """A shooting unit (A组): works inside ``hours``, ``day_minutes`` paid, then overtime up to ``most_minutes``.

    ``days`` are the numbers of the days it works, ``None`` for all.
    """

    id: str
    hours: Window = Window(360, 1440)
    day_minutes: int = 840
    most_minutes: int = 960
    day_fen: int = 0
    overtime_fen: int = 0
    rest_minutes: int = 480
    days: frozenset[int] | None = None

    def __post_init__(self) -> None:
        if not 0 < self.day_minutes <= self.most_minutes:
            raise ShootError(Code.UNIT_HOURS, id=self.id)
        if self.day_fen < 0 or self.overtime_fen < 0 or not 0 <= self.rest_minutes <= MOST_REST:
            raise ShootError(Code.UNIT_MONEY, id=self.id)


@dataclass(frozen=True, slots=True)
class Day:
    """A date with its sun in minutes. A frozen day holds what is fixed on it and takes nothing more.

    ``locked`` names units of which alone that is true: their day of this date stands, the others' is planned.
    """

    date: date
    sunrise: int = 390
    sunset: int = 1050
    is_frozen: bool = False
    locked: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        if not 0 <= self.sunrise < self.sunset < 1440:
            raise ShootError(Code.SUN_ORDER, day=self.date)

    def holds(self, unit: str) -> bool:
        """Whether a unit's day of this date stands as it is."""
        return self.is_frozen or unit in self.locked


@dataclass(frozen=True, slots=True)
class CrowdKind:
    """Extras by the head: a day of ``day_minutes``, overtime by started hour."""

    id: str
    name: str = ""
    day_fen: int = 0
    day_minutes: int = 600
    overtime_fen: int = 0

    def __post_init__(self) -> None:
        if self.day_fen < 0 or self.overtime_fen < 0 or self.day_minutes < 1:
            raise ShootError(Code.CROWD_MONEY, id=self.id)


@dataclass(frozen=True, slots=True)
class Wish:
    """A wish about one or two scenes, or about the dates of any number. ``weight_fen`` is what breaking it costs, once
    or, of dates, for each scene; ``None``: it must hold.

    Dates are days of the calendar, of the plan or not. ``about`` names what the scenes have in common (their set).

    >>> wish = Wish(WishKind.NOT_ON, ("1-3", "2-1"), dates=(date(2026, 12, 2),))
    >>> wish.allows(date(2026, 12, 1)), wish.allows(date(2026, 12, 2))
    (True, False)
    """

    kind: WishKind
    scenes: tuple[str, ...]
    weight_fen: int | None = None
    dates: tuple[date, ...] = ()
    about: str = ""

    def __post_init__(self) -> None:
        if self.kind.is_about_days:
            if not self.scenes or len(set(self.scenes)) != len(self.scenes):
                raise ShootError(Code.WISH_SCENES, kind=self.kind.value)
            if not self.dates or sorted(set(self.dates)) != list(self.dates):
                raise ShootError(Code.WISH_DATES, kind=self.kind.value)
        else:
            wanted = 1 if self.kind is WishKind.NOT_FIRST else 2
            if len(self.scenes) != wanted or len(set(self.scenes)) != wanted:
                raise ShootError(Code.WISH_ONE if wanted == 1 else Code.WISH_TWO, kind=self.kind.value)
            if self.dates or self.about:
                raise ShootError(Code.WISH_NO_DATES, kind=self.kind.value)
        if self.weight_fen is not None and self.weight_fen < 0:
            raise ShootError(Code.WISH_PRICE)

    def allows(self, on: date) -> bool:
        """Whether each of the scenes may be shot on a date; wishes about the order say nothing of dates."""
        return not self.kind.is_about_days or (on in self.dates) == (self.kind is WishKind.ONLY_ON)


@dataclass(frozen=True, slots=True)
class Lock:
    """A scene that stays on a day, in a unit or at a place; what is ``None`` stays free."""

    scene: str
    day: int | None = None
    unit: str | None = None
    place: str | None = None


@dataclass(frozen=True, slots=True)
class Weights:
    """What the scheduler edits: money that no invoice shows."""

    set_move_fen: int = 20000
    site_move_fen: int = 100000
    wait_hour_fen: int = 1000
    late_day_fen: int = 0

    def __post_init__(self) -> None:
        if min(self.set_move_fen, self.site_move_fen, self.wait_hour_fen, self.late_day_fen) < 0:
            raise ShootError(Code.WEIGHT)
