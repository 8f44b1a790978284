"""All that is to be known of the candidate places at once: rules, leaves, sites, and what is taken of them.

Times become whole minutes since 1970 (UTC), as the choice core wants them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import cast

from django.db import connection

from xiepai.bookings.models import Occupancy
from xiepai.bookings.services import as_range
from xiepai.places.models import Cover, Place, PlaceKind
from xiepai.places.terms import PlaceTerms, many_terms
from xiepai.planning.choice import Use
from xiepai.worktime.spans import Span

#: Buffers are at most a day (places' own rules), so what lies further off cannot matter.
MARGIN_MINUTES = 24 * 60


def minute_of(moment: datetime) -> int:
    """Whole minutes since 1970 in UTC."""
    return int(moment.timestamp()) // 60


def moment_of(minute: int) -> datetime:
    """The reverse of :func:`minute_of`."""
    return datetime.fromtimestamp(minute * 60, UTC)


@dataclass(frozen=True, slots=True)
class PlaceFacts:
    """What a match needs to know of a place; ``site`` is the building (else the root) it stands in."""

    id: int
    name: str
    name_en: str
    aliases: tuple[str, ...]
    code: str
    kind: str
    categories: tuple[str, ...]
    styles: tuple[str, ...]
    town: str
    setting: str
    sound: str
    people_max: int | None
    approval: str
    standing: str
    terms: PlaceTerms
    site: int
    leaves: tuple[tuple[int, int], ...]

    @property
    def is_counted(self) -> bool:
        """Whether it is booked by number (rooms, cars)."""
        return self.terms.capacity > 1

    @property
    def is_stood_in(self) -> bool:
        """Whether the crew goes there to shoot, so that going elsewhere is a move."""
        return self.kind != PlaceKind.RESOURCE and not self.is_counted

    def uses(self, span: Span, units: int) -> tuple[Use, ...]:
        """What a booking of it over *span* takes, leaf by leaf (from above a counted leaf: all of it)."""
        before, after = self.terms.buffer_before_minutes, self.terms.buffer_after_minutes
        start, end = minute_of(span.start), minute_of(span.end)
        return tuple(
            Use(leaf, start, end, units if leaf == self.id else capacity, before, after)
            for leaf, capacity in self.leaves
        )


@dataclass(slots=True)
class Board:
    """Places by id, the capacity of their leaves, and what others hold of them."""

    places: dict[int, PlaceFacts]
    capacity: dict[int, int]
    taken: dict[int, list[Use]] = field(default_factory=dict)

    def is_free(self, uses: Iterable[Use]) -> bool:
        """Whether all *uses* fit beside what is taken and beside each other."""
        mine: dict[int, list[Use]] = {}
        for use in uses:
            leaf = leaf_of(use)
            others = [*self.taken.get(leaf, ()), *mine.get(leaf, ())]
            if not _fits(use, others, self.capacity[leaf]):
                return False
            mine.setdefault(leaf, []).append(use)
        return True

    def units_free(self, place: PlaceFacts, span: Span) -> int:
        """Units of a counted place that nobody holds at any time of *span*."""
        use = place.uses(span, 1)[0]
        return self.capacity[place.id] - peak(self.taken.get(place.id, []), use.start, use.released)

    def with_uses(self, uses: Iterable[Use]) -> Board:
        """The board as it will be once *uses* are booked too."""
        taken = {leaf: list(held) for leaf, held in self.taken.items()}
        for use in uses:
            taken.setdefault(leaf_of(use), []).append(use)
        return Board(self.places, self.capacity, taken)


def leaf_of(use: Use) -> int:
    """The leaf's place id (the core keeps it opaque)."""
    return cast("int", use.leaf)


def _fits(use: Use, others: list[Use], capacity: int) -> bool:
    if capacity == 1:
        return all(use.is_apart(other) for other in others)
    return use.units + peak(others, use.start, use.released) <= capacity


def peak(uses: Iterable[Use], start: int, end: int) -> int:
    """The most units held at one minute of ``[start, end)``."""
    met = [use for use in uses if use.start < end and start < use.released]
    moments = {max(use.start, start) for use in met}
    return max((sum(use.units for use in met if use.start <= at < use.released) for at in moments), default=0)


def read_board(place_ids: Iterable[int], window: Span, *, without_work: int | None = None) -> Board:
    """Everything of these places, and their occupancy in *window*: ten queries whatever their number.

    What the work *without_work* itself has booked is left out: it is no obstacle to that work's plan.
    """
    ids = sorted(set(place_ids))
    rows = Place.objects.filter(pk__in=ids).defer("search_text", "description")
    terms = many_terms(ids)
    sites = _sites(ids)
    leaves: dict[int, list[tuple[int, int]]] = {}
    capacity: dict[int, int] = {}
    covers = Cover.objects.filter(place_id__in=ids).values_list("place_id", "leaf_id", "leaf__capacity")
    for place_id, leaf_id, units in covers.order_by("place_id", "leaf_id"):
        leaves.setdefault(place_id, []).append((leaf_id, units))
        capacity[leaf_id] = units
    places = {
        row.pk: _facts(row, terms[row.pk], sites.get(row.pk, row.pk), tuple(leaves.get(row.pk, ())))
        for row in rows
        if row.pk in terms
    }
    return Board(places, capacity, _taken(capacity, window, without_work))


def _facts(row: Place, terms: PlaceTerms, site: int, leaves: tuple[tuple[int, int], ...]) -> PlaceFacts:
    return PlaceFacts(
        id=row.pk,
        name=row.name,
        name_en=row.name_en,
        aliases=tuple(row.aliases),
        code=row.code,
        kind=row.kind,
        categories=tuple(row.categories),
        styles=tuple(row.styles),
        town=row.town,
        setting=row.setting,
        sound=row.sound,
        people_max=row.people_max,
        approval=row.approval,
        standing=row.standing,
        terms=terms,
        site=site,
        leaves=leaves,
    )


def _taken(capacity: dict[int, int], window: Span, without_work: int | None) -> dict[int, list[Use]]:
    wide = window.stretched(MARGIN_MINUTES, MARGIN_MINUTES)
    rows = Occupancy.objects.filter(leaf_id__in=list(capacity), behind__overlap=as_range(wide))
    if without_work is not None:
        rows = rows.exclude(booking__work_id=without_work)
    taken: dict[int, list[Use]] = {}
    for leaf, is_counted, period, ahead, behind, units in rows.values_list(
        "leaf_id", "is_counted", "period", "ahead", "behind", "units"
    ):
        start, end = minute_of(period.lower), minute_of(period.upper)
        if is_counted:  # a blocking holds no units in the table, yet leaves none
            use = Use(leaf, start, minute_of(behind.upper), units or capacity[leaf])
        else:
            before, after = start - minute_of(ahead.lower), minute_of(behind.upper) - end
            use = Use(leaf, start, end, 1, before, after)
        taken.setdefault(leaf, []).append(use)
    return taken


_SITES = """
WITH RECURSIVE chain AS (
  SELECT id AS place_id, id AS node, parent_id, kind, 0 AS depth FROM places_place WHERE id = ANY(%s)
  UNION ALL
  SELECT chain.place_id, p.id, p.parent_id, p.kind, depth + 1
  FROM chain JOIN places_place p ON p.id = chain.parent_id
) SELECT DISTINCT ON (place_id) place_id, node FROM chain
  ORDER BY place_id, (kind = 'building') DESC, CASE WHEN kind = 'building' THEN depth ELSE -depth END
"""


def _sites(ids: list[int]) -> dict[int, int]:
    with connection.cursor() as cursor:
        cursor.execute(_SITES, [ids])
        return dict(cursor.fetchall())
