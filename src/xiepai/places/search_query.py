"""What is searched for, as a plain value, and the conditions it becomes. Every value is bound.

Refused (``INVALID``): a place on no map, a page or size out of bounds, a sort nobody knows.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from xiepai.kernel import clock
from xiepai.kernel.errors import ErrorCode, XiepaiError
from xiepai.parties.access import Actor
from xiepai.parties.models import Role
from xiepai.places.models import PlaceKind, Setting, Sound
from xiepai.places.search_words import LONGEST_QUERY, fold, query_terms, tsquery
from xiepai.worktime.spans import Span

EARTH_M = 6_371_008.8
MOST_ROWS_A_PAGE = 200
#: no page reaches beyond this row; who pages further wants an export or a narrower search
LAST_ROW = 5000
SORTS = ("relevance", "name", "distance", "price", "people", "showcase")
#: a position locked until a hold is searched for, and measured from, on a grid of 0.01 degrees (about 1 km)
_GRID_SLACK_DEGREES = 0.006


@dataclass(frozen=True, slots=True)
class SearchQuery:
    """What to look for; every field narrows the search, empty ones do not.

    ``near`` is (latitude, longitude) in WGS-84, ``radius_m`` metres around it. ``free`` finds what is open and not
    taken during the whole span, for *units* units. ``people`` finds what is known to hold so many. ``setting``
    inside (or outside) finds what can be both, too. Categories and styles: any of those named. ``box`` is the
    window of a map: (south, west, north, east).
    """

    words: str = ""
    categories: tuple[str, ...] = ()
    styles: tuple[str, ...] = ()
    town: str = ""
    setting: str = ""
    terms: str = ""
    sound_needed: bool = False
    people: int | None = None
    near: tuple[float, float] | None = None
    radius_m: float | None = None
    free: Span | None = None
    sort: str = "relevance"
    page: int = 1
    page_size: int = 50
    sound: str = ""
    kind: str = ""
    units: int = 1
    owner_id: int | None = None
    bookable_only: bool = False
    box: tuple[float, float, float, float] | None = None

    @property
    def is_wide(self) -> bool:
        """Whether nothing in it is likely to leave only a few places of a large city."""
        narrowing = (self.box, self.radius_m, self.owner_id)
        if any(value is not None for value in narrowing) or self.categories or self.styles or self.town:
            return False
        return all(len(token) == 1 for token, _ in query_terms(self.words))

    def check(self) -> None:
        """Refuse what cannot be searched for."""
        if self.near is not None:
            latitude, longitude = self.near
            if not (-90 <= latitude <= 90 and -180 <= longitude <= 180):
                raise XiepaiError(ErrorCode.INVALID, detail=f"near {latitude}, {longitude}")
        if self.radius_m is not None and not 0 < self.radius_m <= 20_100_000:
            raise XiepaiError(ErrorCode.INVALID, detail=f"radius_m {self.radius_m}")
        if self.box is not None:
            south, west, north, east = self.box
            if not (-90 <= south < north <= 90 and -180 <= west < east <= 180):
                raise XiepaiError(ErrorCode.INVALID, detail=f"box {self.box}")
        if self.sort not in SORTS:
            raise XiepaiError(ErrorCode.INVALID, detail=f"sort {self.sort}")
        if self.page < 1 or not 1 <= self.page_size <= MOST_ROWS_A_PAGE:
            raise XiepaiError(ErrorCode.INVALID, detail=f"page {self.page} × {self.page_size}")
        if self.units < 1:
            raise XiepaiError(ErrorCode.INVALID, detail=f"units {self.units}")


@cache
def sql(name: str) -> str:
    """The text of ``sql/search/NAME.sql``."""
    return (Path(__file__).parent / "sql" / "search" / f"{name}.sql").read_text(encoding="utf-8").strip()


def filled(name: str, **parts: str) -> str:
    """That text with its ``{{parts}}`` put in; parts are this module's own SQL, never a value."""
    text = sql(name)
    for part, replacement in parts.items():
        text = text.replace("{{" + part + "}}", replacement)
    return text


def compile_query(actor: Actor, query: SearchQuery) -> tuple[dict[str, str], dict[str, Any]]:
    """The SQL parts and the bound values of a search by *actor*."""
    conditions, values = _conditions(actor, query)
    locked = "(NOT %(sees_all)s AND 'position' = ANY (p.locked_fields) AND p.owner_id <> ALL (%(own)s))"
    position = _distance(query, values).replace("{{locked}}", locked)
    if query.near is not None and query.radius_m is not None:
        conditions += ["p.location <@ box(point(%(west)s, %(south)s), point(%(east)s, %(north)s))"]
        conditions += [f"{position} <= %(radius_m)s"]
    if query.box is not None:
        conditions += [part.replace("{{locked}}", locked) for part in _within_box(query.box, values)]
    order = {
        "relevance": "rank, sort_key, id" if query.words.strip() else "sort_key, id",
        "name": "sort_key, id",
        "distance": "distance_m, sort_key, id" if query.near else "sort_key, id",
        "price": "price_fen NULLS LAST, sort_key, id",
        "showcase": f"CASE WHEN kind = '{PlaceKind.SET}' THEN 0 ELSE 1 END, sort_key, id",
        "people": "people_max DESC NULLS LAST, sort_key, id",
    }[query.sort]
    parts = {
        "conditions": "\n    AND ".join(conditions),
        "rank": _rank(query),
        "distance": position,
        "price": sql("price") if query.sort == "price" else "NULL::bigint",
        "tariff": sql("tariff") if query.sort == "price" else "",
        "tariff_of_row": sql("tariff"),
        "order": order,
        "locked": locked,
        "ancestor_visible": _visible("a"),
        "hours": sql("hours") if query.free else "",
        "start": sql("start") if query.free else "NULL::bigint",
        "free": sql("free") if query.free else "true",
        "facets": sql("facets"),
    }
    parts["rows"] = filled("rows", **parts)
    return parts, values


def _visible(alias: str) -> str:
    """The condition of ``places.access.visible_to`` on one alias."""
    return f"(%(sees_all)s OR {alias}.visibility = 'public' OR {alias}.owner_id = ANY (%(own)s))"


def _conditions(actor: Actor, query: SearchQuery) -> tuple[list[str], dict[str, Any]]:
    values: dict[str, Any] = {
        "sees_all": actor.is_office,
        "own": sorted(actor.organisations(Role.KEEPER)),
        "day": clock.today(),
        "units": query.units,
    }
    conditions = [_visible("p")]
    if query.words.strip():
        values["words"] = _storable(fold(query.words[:LONGEST_QUERY]))
        values["tsquery"] = tsquery(query.words)
        conditions.append("p.search_vector @@ %(tsquery)s::tsquery")  # NULL, nothing to look for, finds nothing
    for name, wanted, condition in (
        ("categories", [_storable(code) for code in query.categories], "p.categories && %(categories)s::varchar[]"),
        ("styles", [_storable(code) for code in query.styles], "p.styles && %(styles)s::varchar[]"),
        ("town", _storable(query.town), "p.town = %(town)s"),
        ("settings", _settings(query.setting), "p.setting = ANY (%(settings)s)"),
        ("terms", _storable(query.terms), "p.terms = %(terms)s"),
        ("sound", _storable(query.sound), "p.sound = %(sound)s"),
        (
            "sounds",
            [Sound.SYNC.value, Sound.QUIET_HOURS.value] if query.sound_needed else [],
            "p.sound = ANY (%(sounds)s)",
        ),
        ("kind", _storable(query.kind), "p.kind = %(kind)s"),
    ):
        if wanted:
            values[name] = wanted
            conditions.append(condition)
    for name, number, condition in (
        ("people", query.people, "p.people_max >= %(people)s"),
        ("owner", query.owner_id, "p.owner_id = %(owner)s"),
    ):
        if number is not None:
            values[name] = number
            conditions.append(condition)
    if query.bookable_only:
        conditions.append("p.is_bookable")
    if query.free:
        first, last = clock.local(query.free.start).date(), clock.local(query.free.end).date()
        values |= {"free_from": query.free.start, "free_to": query.free.end, "day": first}
        values |= {"first_day": first, "last_day": last, "zone": str(clock.CITY_ZONE)}
    return conditions, values


def _rank(query: SearchQuery) -> str:
    if not query.words.strip():
        return "0"
    folded = fold(query.words[:LONGEST_QUERY])
    return filled("rank", title="lower(p.name)" if folded.upper() != folded else "p.name")


def _settings(setting: str) -> list[str]:
    if setting in {Setting.INSIDE, Setting.OUTSIDE}:
        return [str(setting), Setting.BOTH.value]
    return [_storable(setting)] if setting else []


def _distance(query: SearchQuery, values: dict[str, Any]) -> str:
    """The distance expression, in metres; the box a circle fits in goes into *values*."""
    if query.near is None:
        return "NULL::float8"
    latitude, longitude = (float(degrees) for degrees in query.near)
    values |= {"latitude": latitude, "longitude": longitude, "earth_m": EARTH_M}
    if query.radius_m is not None:
        reach = math.degrees(query.radius_m / EARTH_M) * 1.001 + _GRID_SLACK_DEGREES
        south, north = latitude - reach, latitude + reach
        narrowest = math.cos(math.radians(min(90.0, max(abs(south), abs(north)))))
        aside = reach / narrowest if narrowest > 0.01 else 360.0
        west, east = longitude - aside, longitude + aside
        if west < -180 or east > 180:
            west, east = -180.0, 180.0
        values |= {"radius_m": query.radius_m, "south": south, "north": north, "west": west, "east": east}
    return filled("distance", lat=on_grid("latitude"), lon=on_grid("longitude"))


def _within_box(box: tuple[float, float, float, float], values: dict[str, Any]) -> list[str]:
    """What lies in a map's window; a locked position lies where the map would draw it, in the middle of its square."""
    names = ("box_south", "box_west", "box_north", "box_east")
    values |= dict(zip(names, box, strict=True)) | {"slack": _GRID_SLACK_DEGREES}
    wide = "point(%(box_west)s - %(slack)s, %(box_south)s - %(slack)s)"
    high = "point(%(box_east)s + %(slack)s, %(box_north)s + %(slack)s)"
    return [
        f"p.location <@ box({wide}, {high})",
        f"{on_grid('latitude')} BETWEEN %(box_south)s AND %(box_north)s",
        f"{on_grid('longitude')} BETWEEN %(box_west)s AND %(box_east)s",
    ]


def on_grid(column: str) -> str:
    """A coordinate, or the middle of its grid square while the position is locked (``{{locked}}`` is put in later)."""
    return f"CASE WHEN {{{{locked}}}} THEN floor(p.{column} * 100) / 100 + 0.005 ELSE p.{column} END"


def _storable(text: str) -> str:
    """*text*, or something no row holds where the database could not even compare it."""
    broken = "\0" in text or any("\ud800" <= sign <= "\udfff" for sign in text)
    return "\N{REPLACEMENT CHARACTER}" if broken else str(text)
