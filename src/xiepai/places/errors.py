"""The database's refusals of a place in the domain's words, by the name of the constraint that refused.

How many bookings stand in the way is asked of the table ``bookings_occupancy`` by name: a place knows nothing else
of the floor above it (the search asks the same table for free slots).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import DatabaseError, connection, transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from xiepai.kernel import clock
from xiepai.kernel.errors import ErrorCode, XiepaiError
from xiepai.places.models import Place
from xiepai.worktime.spans import Span

CYCLE = "XP002"
_BOOKED = ("blocking_meets_bookings", "capacity_has_bookings", "occupancy_no_overlap", "occupancy_counted_peak")
_PLAIN: dict[str, tuple[ErrorCode, Promise | None]] = {
    "tariff_no_overlap": (ErrorCode.TARIFF_OVERLAP, None),
    "term_once": (ErrorCode.INVALID, _("词表里已经有这个代码。")),
    "part_once": (ErrorCode.INVALID, _("同一个分区在组合里只能出现一次。")),
    "closed_day_once": (ErrorCode.INVALID, _("同一天只能休息一次。")),
    "extra_once": (ErrorCode.INVALID, _("同一张价目里已经有这个附加项。")),
    "tariff_has_price": (ErrorCode.INVALID, _("收费的价目至少要有每小时或每天的价格。")),
    "places_place_code": (ErrorCode.INVALID, _("这个编号已经有别的场地在用。")),
}


def invalid(detail: str | Promise, **data: object) -> XiepaiError:
    """The refusal ``INVALID`` with a reason people can act on."""
    return XiepaiError(ErrorCode.INVALID, detail=str(detail).format(**data) if data else str(detail))


def tree_refused(detail: str | Promise) -> XiepaiError:
    """The refusal of a parent, part or combination that cannot be."""
    return XiepaiError(ErrorCode.PLACE_TREE, detail=str(detail))


@contextmanager
def refusals(place: Place, span: Span | None = None) -> Iterator[None]:
    """Within the block (a savepoint) the database's refusals become :class:`XiepaiError` about *place*."""
    try:
        with transaction.atomic():
            yield
    except DatabaseError as error:
        known = translated(error, place, span)
        if known is None:
            raise
        raise known from error


def translated(error: DatabaseError, place: Place, span: Span | None = None) -> XiepaiError | None:
    """What *error* means for *place*, or None when it is not a refusal this domain knows."""
    cause = error.__cause__
    if getattr(cause, "sqlstate", None) == CYCLE:
        return tree_refused(_("场地不能放在它自己下面。"))
    name = getattr(getattr(cause, "diag", None), "constraint_name", None) or ""
    if name.startswith(_BOOKED):
        return has_bookings(place, span)
    for known, (code, detail) in _PLAIN.items():
        if name.startswith(known):
            return XiepaiError(code, detail=str(detail or ""))
    return None


def has_bookings(place: Place, span: Span | None = None, *, count: int | None = None) -> XiepaiError:
    """The refusal that names how many bookings stand in the way."""
    if count is None:
        count = bookings_of(place.pk, span, overriding=span is None) if place.pk else 0
    return XiepaiError(ErrorCode.PLACE_HAS_BOOKINGS, place=place.name, count=max(count, 1))


_COUNT = """
SELECT count(DISTINCT o.booking_id) FROM places_cover c JOIN bookings_occupancy o ON o.leaf_id = c.leaf_id
WHERE c.place_id = %s AND o.booking_id IS NOT NULL AND (upper_inf(o.lane) OR %s)
  AND (o.ahead && tstzrange(%s, %s) OR o.behind && tstzrange(%s, %s))
"""


def bookings_of(place_id: int, span: Span | None = None, *, overriding: bool = True) -> int:
    """How many bookings (buffers included) occupy the place or a part of it in *span* (default: from now on).

    Without *overriding*, bookings that may pass a blocking are not counted.
    """
    start, end = (span.start, span.end) if span else (clock.now(), None)
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, [place_id, overriding, start, end, start, end])
        return int(cursor.fetchone()[0])
