"""A plan's file: YAML or JSON as people write it (yuan, hours, dates, names) → :class:`Problem`.

Always: a fault is named by where it stands (``scenes[3].minutes``), several at once. Never: a guess at a misspelt
key. Amounts not given are the defaults of ``values``; the reader of the file sees them in ``docs/guide/planning.md``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import partial
from typing import Any

import yaml

from xiepai.planning.shoot.messages import Code, Fault, PlanFileError, ShootError
from xiepai.planning.shoot.model import Problem, Travel
from xiepai.planning.shoot.sun import sun
from xiepai.planning.shoot.values import (
    LATEST,
    Calendar,
    Candidate,
    CrowdKind,
    Day,
    Extras,
    Light,
    Lock,
    Part,
    Person,
    Place,
    Scene,
    Tariff,
    Unit,
    Weights,
    Window,
    Wish,
    WishKind,
)

WUJIN = {"latitude": 31.70, "longitude": 119.94}
LIGHTS = {
    "日": Light.DAY, "day": Light.DAY, "夜": Light.NIGHT, "night": Light.NIGHT, "晨": Light.DAWN, "dawn": Light.DAWN,
    "昏": Light.DUSK, "dusk": Light.DUSK, "": Light.ANY, "any": Light.ANY,
}  # fmt: skip
SIDES = {"内": False, "in": False, "外": True, "out": True, "内外": True, "both": True, "": False}
WISHES = {
    "before": WishKind.BEFORE,
    "next": WishKind.NEXT,
    "same_day": WishKind.SAME_DAY,
    "not_first": WishKind.NOT_FIRST,
    "only_on": WishKind.ONLY_ON,
    "not_on": WishKind.NOT_ON,
}
CROWD = "群演"


def load(data: bytes | str) -> dict[str, Any]:
    """The tree of a YAML or JSON file."""
    try:
        tree = yaml.safe_load(data)
    except yaml.reader.ReaderError as error:
        raise PlanFileError([Fault("", Code.ENCODING)]) from error
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        detail = {"detail": str(getattr(error, "problem", error))}
        raise PlanFileError([Fault("", Code.SYNTAX, detail, mark.line + 1 if mark else 0)]) from error
    if not isinstance(tree, dict):
        raise PlanFileError([Fault("", Code.NOT_A_PLAN)])
    return tree


def read_days(text: str) -> list[date]:
    """``2026-12-01..2026-12-06`` or dates joined by commas.

    >>> len(read_days("2026-12-01..2026-12-06"))
    6
    """
    try:
        if ".." in text:
            first, last = (date.fromisoformat(each.strip()) for each in text.split("..", 1))
            found = [first + timedelta(days=number) for number in range((last - first).days + 1)]
        else:
            found = [date.fromisoformat(each.strip()) for each in text.split(",")]
    except ValueError as error:
        raise PlanFileError([Fault("days", Code.DAYS_FORM, {"text": text})]) from error
    if not 0 < len(found) <= 120 or sorted(set(found)) != found:
        raise PlanFileError([Fault("days", Code.DAYS_COUNT, {"text": text})])
    return found


@dataclass
class _Node:
    """A mapping of the file with its path; takes keys out, so that what is left is unknown."""

    tree: Mapping[str, Any]
    path: str
    faults: list[Fault]
    seen: set[str] = field(default_factory=set)

    def get(self, key: str, default: Any = None) -> Any:
        self.seen.add(key)
        found = self.tree.get(key, default)
        return default if found is None else found

    def fault(self, key: str, code: Code, **data: Any) -> None:
        self.faults.append(Fault(".".join(each for each in (self.path, key) if each), code, data))

    def whole(self, key: str, default: int, scale: int = 1) -> int:
        """A number times *scale*, whole: yuan to fen, hours to minutes."""
        found = self.get(key, None)
        if found is None:
            return default
        if isinstance(found, bool) or not isinstance(found, int | float) or found < 0 or found > 10**8:
            self.fault(key, Code.NUMBER, text=found)
            return default
        return round(found * scale)

    def name(self) -> str:
        """What the entry is known by."""
        found = self.get("id")
        if found is None or not str(found).strip():
            self.fault("id", Code.NO_ID)
        return str(found or "")

    def optional(self, key: str, scale: int = 1) -> int | None:
        return None if self.get(key) is None else self.whole(key, 0, scale)

    def words(self, key: str) -> list[str]:
        found = self.get(key, [])
        if isinstance(found, str):
            found = [each for each in re.split(r"[、,，]\s*", found) if each]
        if not isinstance(found, list) or not all(isinstance(each, str | int | float) for each in found):
            self.fault(key, Code.NAMES)
            return []
        return [str(each) for each in found]

    def one_of(self, key: str, table: Mapping[str, Any], default: str = "") -> Any:
        found = str(self.get(key, default))
        if found not in table:
            self.fault(key, Code.ONE_OF, text=found, names=[each for each in table if each])
            return table[default]
        return table[found]

    def span(self, key: str, default: Window) -> Window:
        """``"06:00-24:00"``, hours beyond 24 for the night after."""
        found = self.get(key)
        return default if found is None else (self.window(key, found) or default)

    def window(self, key: str, text: Any, code: Code = Code.HOURS, said: Any = None) -> Window | None:
        matched = re.fullmatch(r"(\d{1,2}):(\d\d)\s*[-–]\s*(\d{1,2}):(\d\d)", str(text))
        try:
            if matched is None:
                raise ValueError
            hours = [int(each) for each in matched.groups()]
            return Window(hours[0] * 60 + hours[1], hours[2] * 60 + hours[3])
        except ValueError:
            self.fault(key, code, text=text if said is None else said)
            return None

    def done(self) -> None:
        for key in sorted(map(str, set(self.tree) - self.seen)):
            self.fault(key, Code.UNKNOWN_KEY)


class _Reader:
    def __init__(self, tree: Mapping[str, Any], days: list[date] | None, units: int | None) -> None:
        self.faults: list[Fault] = []
        self.root = _Node(tree, "", self.faults)
        given = self.root.get("days")
        self.dates = days or (read_days(str(given)) if given else [])
        if not self.dates:
            raise PlanFileError([Fault("days", Code.NO_DAYS)])
        self.units_wanted = units

    def nodes(self, key: str, name: str = "id") -> list[_Node]:
        """Entries written as a list, or as a mapping from names."""
        found = self.root.get(key, [])
        if isinstance(found, dict):
            for each in (each for each, value in found.items() if not isinstance(value, dict | None)):
                self.faults.append(Fault(f"{key}[{each}]", Code.MAPPING))
            found = [{name: each, **(value or {})} for each, value in found.items() if isinstance(value, dict | None)]
        if not isinstance(found, list):
            self.root.fault(key, Code.LIST)
            return []
        nodes = []
        for number, each in enumerate(found):
            if isinstance(each, dict):
                nodes.append(_Node(each, f"{key}[{each.get(name, number)}]", self.faults))
            else:
                self.faults.append(Fault(f"{key}[{number}]", Code.MAPPING))
        return nodes

    def made(self, node: _Node, make: Callable[[], Any]) -> list[Any]:
        """The value, or none and the fault; values refuse by themselves."""
        before = len(self.faults)
        try:
            value = make()
        except ShootError as error:
            if len(self.faults) == before:  # else a consequence of what is told already
                node.fault("", error.code, **error.data)
            return []
        node.done()
        return [value] if len(self.faults) == before else []

    def each(self, key: str, make: Callable[[_Node], Any]) -> tuple[Any, ...]:
        return tuple(value for node in self.nodes(key) for value in self.made(node, partial(make, node)))

    def read(self) -> Problem:
        scenes = self.each("scenes", self.scene)
        places = self.each("places", self.place)
        people = self.each("people", self.person)
        known = {each.id for each in people}
        people += tuple(Person(name, name) for name in dict.fromkeys(
            part.person for scene in scenes for part in scene.cast if part.person not in known
        ))  # fmt: skip
        crowds = self.each("crowds", self.crowd) or (CrowdKind(CROWD, "群众演员", 13500, 600, 1350),)
        parts: dict[str, Any] = {
            "days": self.days(), "units": self.units(), "scenes": scenes, "places": places, "people": people,
            "crowds": crowds, "wishes": self.wishes(scenes), "locks": self.each("locks", self.lock),
            "travel": self.travel(), "weights": self.weights(), "due": self.due(),
            "title": str(self.root.get("title", "")),
        }  # fmt: skip
        if not scenes and not self.faults:
            self.root.fault("scenes", Code.NO_SCENES)
        self.root.done()
        if self.faults:
            raise PlanFileError(self.faults)
        try:
            return Problem(**parts)
        except ShootError as error:
            raise PlanFileError([Fault("", error.code, error.data)]) from error

    def days(self) -> tuple[Day, ...]:
        node = self.part("location")
        latitude, longitude = (self.degrees(node, each) for each in WUJIN)
        found = self.made(node, lambda: [Day(each, *sun(each, latitude, longitude)) for each in self.dates])
        return tuple(found[0]) if found else ()

    def degrees(self, node: _Node, key: str) -> float:
        found = node.get(key, WUJIN[key])
        if isinstance(found, bool) or not isinstance(found, int | float) or abs(found) > 180:
            node.fault(key, Code.NUMBER, text=found)
            return WUJIN[key]
        return float(found)

    def part(self, key: str) -> _Node:
        """A mapping of the file that stands once."""
        found = self.root.get(key, {})
        if not isinstance(found, dict):
            self.root.fault(key, Code.MAPPING)
            found = {}
        return _Node(found, key, self.faults)

    def units(self) -> tuple[Unit, ...]:
        found = self.each("units", self.unit)
        wanted = self.units_wanted or len(found) or 1
        names = [f"{letter}组" for letter in "ABCDEFGH"]
        spare = [Unit(name) for name in names if name not in {each.id for each in found}]
        return (*found, *spare)[:wanted]

    def unit(self, node: _Node) -> Unit:
        return Unit(
            node.name(), node.span("hours", Window(360, 1440)), node.whole("day_hours", 840, 60),
            node.whole("most_hours", 960, 60), node.whole("day_yuan", 0, 100), node.whole("overtime_yuan", 0, 100),
            node.whole("rest_hours", 480, 60),
            frozenset(self.day_numbers(node, "days")) if node.get("days") is not None else None,
        )  # fmt: skip

    def place(self, node: _Node) -> Place:
        node.get("for")
        tariff = Tariff(
            node.optional("hour_yuan", 100), node.optional("day_yuan", 100), node.whole("day_hours", 840, 60),
            node.whole("overtime_yuan", 0, 100),
        )  # fmt: skip
        name = node.name()
        return Place(
            name, str(node.get("name", name)), str(node.get("site", "")), tariff, node.whole("setup", 0),
            self.calendar(node, "closed"), bool(node.get("daylight", False)),
        )  # fmt: skip

    def person(self, node: _Node) -> Person:
        name, minor = node.name(), bool(node.get("minor", False))
        latest = node.get("latest")
        hour = node.window("latest", f"0:00-{latest}", Code.HOUR, latest) if latest is not None else None
        return Person(
            name, str(node.get("actor", name)), node.whole("day_yuan", 0, 100), node.optional("wait_yuan", 100),
            self.calendar(node, "away"), node.whole("makeup", 0), node.whole("change", 0),
            node.whole("rest_hours", 600, 60), node.whole("limit_hours", 480 if minor else LATEST, 60),
            hour.end if hour else (1320 if minor else LATEST), minor,
        )  # fmt: skip

    def calendar(self, node: _Node, absent: str) -> Calendar | None:
        """``hours`` for every day, days not at all under *absent*, other hours of single days under ``dates``."""
        usual = node.span("hours", Window(0, LATEST))
        away = self.day_numbers(node, absent)
        special = node.get("dates", {})
        if not isinstance(special, dict):
            node.fault("dates", Code.MAPPING)
            special = {}
        if not away and not special and usual == Window(0, LATEST):
            return None
        days: list[tuple[Window, ...]] = [() if number in away else (usual,) for number in range(len(self.dates))]
        for day, text in special.items():
            windows = [node.window("dates", each) for each in str(text).split(",") if each.strip()]
            if self.day_number(node, "dates", day) is not None:
                days[self.dates.index(_date(day))] = tuple(each for each in windows if each)  # type: ignore[arg-type]
        return tuple(days)

    def day_number(self, node: _Node, key: str, text: Any) -> int | None:
        found = _date(text)
        if found is None:
            node.fault(key, Code.DATE, text=text)
            return None
        return self.dates.index(found) if found in self.dates else None

    def day_numbers(self, node: _Node, key: str) -> set[int]:
        found = node.get(key, [])
        found = found if isinstance(found, list) else [found]
        numbers = [self.day_number(node, key, each) for each in found]
        return {each for each in numbers if each is not None}

    def crowd(self, node: _Node) -> CrowdKind:
        return CrowdKind(
            node.name(), str(node.get("name", "")), node.whole("day_yuan", 0, 100),
            node.whole("day_hours", 600, 60), node.whole("overtime_yuan", 0, 100),
        )  # fmt: skip

    def scene(self, node: _Node) -> Scene:
        crowd = node.get("crowd", {})
        crowd = {CROWD: crowd} if isinstance(crowd, int) else crowd
        if not isinstance(crowd, dict) or not all(type(heads) is int for heads in crowd.values()):
            node.fault("crowd", Code.CROWD, text=crowd)
            crowd = {}
        extras = tuple(Extras(str(kind), heads) for kind, heads in crowd.items() if heads)
        parts = [each.partition("/") for each in node.words("cast")]
        places = node.words("place")
        return Scene(
            node.name(), node.whole("minutes", 0), tuple(
                Candidate(each, 0 if not number else node.whole("second_place_yuan", 0, 100))
                for number, each in enumerate(places)
            ),
            tuple(Part(name, look) for name, _, look in parts), extras, node.one_of("time", LIGHTS),
            node.one_of("side", SIDES), node.whole("episode", 0), node.whole("eighths", 0),
            tuple(node.words("marks")), str(node.get("title", "")),
        )  # fmt: skip

    def wishes(self, scenes: tuple[Scene, ...]) -> tuple[Wish, ...]:
        found: list[Wish] = []
        for node in self.nodes("wishes"):
            kinds = [each for each in WISHES if each in node.tree]
            if len(kinds) != 1:
                node.fault("", Code.ONE_OF, text=" ".join(map(str, node.tree)), names=list(WISHES))
                continue
            found += self.made(node, partial(self.wish, node, kinds[0], scenes))
        return tuple(found)

    def wish(self, node: _Node, kind: str, scenes: tuple[Scene, ...]) -> Wish:
        about, dates = "", self.dates_of(node)
        wished = tuple(node.words(kind))
        if WISHES[kind].is_about_days and node.get("at") is not None:
            about = str(node.get("at"))
            there = tuple(each.id for each in scenes if about in {one.place for one in each.candidates})
            if not there:
                node.fault("at", Code.NOTHING_AT, text=about)
            wished = (*wished, *(each for each in there if each not in wished)) or (about,)
        return Wish(WISHES[kind], wished, node.optional("yuan", 100), dates, about)

    def dates_of(self, node: _Node) -> tuple[date, ...]:
        """``dates`` of a wish: ``2026-12-01..2026-12-03``, one date or a list."""
        given = node.get("dates", [])
        if isinstance(given, str) and ".." in given:
            return tuple(read_days(given))
        found = {_date(each): each for each in (given if isinstance(given, list) else [given])}
        for each in (text for day, text in found.items() if day is None):
            node.fault("dates", Code.DATE, text=each)
        return tuple(sorted(day for day in found if day is not None))

    def lock(self, node: _Node) -> Lock:
        day = node.get("day")
        number = self.day_number(node, "day", day) if day is not None else None
        if day is not None and number is None:
            node.fault("day", Code.NOT_A_DAY, text=day)
        unit, place = node.get("unit"), node.get("place")
        return Lock(str(node.get("scene", "")), number, unit and str(unit), place and str(place))

    def travel(self) -> Travel:
        node = self.part("travel")
        between = node.get("between", [])
        rows = between if isinstance(between, list) else [between]
        if not all(isinstance(row, list) and len(row) == 3 and type(row[2]) is int for row in rows):
            node.fault("between", Code.BETWEEN)
            rows = []
        found = self.made(node, lambda: Travel(
            node.whole("inside", 10), node.whole("sites", 60), tuple((str(a), str(b), m) for a, b, m in rows)
        ))  # fmt: skip
        return found[0] if found else Travel()

    def weights(self) -> Weights:
        node = self.part("weights")
        usual = Weights()
        found = self.made(node, lambda: Weights(
            node.whole("set_move_yuan", usual.set_move_fen, 100),
            node.whole("site_move_yuan", usual.site_move_fen, 100),
            node.whole("wait_hour_yuan", usual.wait_hour_fen, 100),
            node.whole("late_day_yuan", usual.late_day_fen, 100),
        ))  # fmt: skip
        return found[0] if found else usual

    def due(self) -> int | None:
        given = self.root.get("due")
        found = _date(given) if given is not None else None
        if found is None:
            if given is not None:
                self.root.fault("due", Code.DATE, text=given)
            return None
        return sum(1 for each in self.dates if each <= found) - 1


def _date(text: Any) -> date | None:
    if isinstance(text, date):
        return text
    try:
        return date.fromisoformat(str(text))
    except ValueError:
        return None


def problem_of(tree: Mapping[str, Any], *, days: list[date] | None = None, units: int | None = None) -> Problem:
    """The problem a file's tree describes; ``days`` and ``units`` from the command line win."""
    return _Reader(tree, days, units).read()
