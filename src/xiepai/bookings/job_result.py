"""What came of a sheet of needs, as read back from what was stored: the same for a page, the API and the console."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from xiepai.bookings import reasons
from xiepai.bookings.models import Booking, BookingState, NeedList
from xiepai.bookings.needs import NeedRow, Sheet
from xiepai.kernel import clock
from xiepai.kernel.money import ZERO, Money
from xiepai.parties.models import Organisation
from xiepai.places.pricing import Quote, from_json
from xiepai.worktime.spans import Span


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A place and time that would do instead."""

    place_id: int
    place: str
    standing: str
    spans: tuple[Span, ...]
    price: Money


@dataclass(frozen=True, slots=True)
class Outcome:
    """One need and what came of it; texts are in the reader's language.

    ``outcome`` is ``booked``, ``would_fit`` (planned, not booked) or ``unmet``; ``states`` are the bookings'
    present states, one a span.
    """

    need: NeedRow
    outcome: str
    place_id: int | None
    place: str
    standing: str
    spans: tuple[Span, ...]
    quotes: tuple[Quote, ...]
    unit_label: str
    why: tuple[str, ...]
    bookings: tuple[Booking, ...]
    earliest: tuple[Suggestion, ...]
    similar: tuple[Suggestion, ...]

    @property
    def is_met(self) -> bool:
        """Whether a place was found (and booked, unless the whole was not)."""
        return self.outcome != "unmet"

    @property
    def price(self) -> Money:
        """All spans together, without deposit."""
        return sum((quote.total for quote in self.quotes), ZERO)

    @property
    def deposit(self) -> Money:
        """Deposits of all spans; returned when nothing is damaged."""
        return sum((quote.deposit for quote in self.quotes), ZERO)

    @property
    def arithmetic(self) -> str:
        """How the price comes about; equal days are told once."""
        if not self.quotes:
            return ""
        texts = [quote.text for quote in self.quotes]
        if len(texts) == 1:
            return texts[0]
        if len(set(texts)) == 1:
            data = {"text": texts[0], "count": len(texts), "total": self.price}
            return _("每天 %(text)s；%(count)d 天共 %(total)s") % data
        return "；".join(texts) + f"；= {self.price}"

    @property
    def is_by_day(self) -> bool:
        """Whether the price is by the day (包天) rather than by the hour."""
        return any(line.code == "day" for quote in self.quotes for line in quote.lines)

    @property
    def state(self) -> str:
        """The outcome in words: the bookings' states, or what happened instead."""
        if self.bookings:
            labels = dict.fromkeys(str(BookingState(booking.state).label) for booking in self.bookings)
            return "、".join(labels)
        return _("可满足，未预订") if self.is_met else _("未满足")


@dataclass(frozen=True, slots=True)
class JobResult:
    """The report on a whole sheet. ``is_proven``: no choice meets more needs, and none of those costs less."""

    title: str
    organisation: str
    day_one: date
    outcomes: tuple[Outcome, ...]
    need_list_id: int | None = None
    bundle_id: int | None = None
    is_repeat: bool = False
    is_dry: bool = False
    is_proven: bool | None = None
    moves: int = 0
    ignored_columns: tuple[str, ...] = ()

    @property
    def met(self) -> tuple[Outcome, ...]:
        """Needs with a place."""
        return tuple(outcome for outcome in self.outcomes if outcome.is_met)

    @property
    def unmet(self) -> tuple[Outcome, ...]:
        """Needs without one."""
        return tuple(outcome for outcome in self.outcomes if not outcome.is_met)

    @property
    def is_booked(self) -> bool:
        """Whether anything was booked."""
        return self.bundle_id is not None

    @property
    def total(self) -> Money:
        """What the met needs cost, without deposits."""
        return sum((outcome.price for outcome in self.met), ZERO)

    @property
    def deposit(self) -> Money:
        """Deposits of the met needs."""
        return sum((outcome.deposit for outcome in self.met), ZERO)


def result_of(row: NeedList, **more: Any) -> JobResult:
    """The report on a stored sheet: three queries."""
    records = list(row.needs.order_by("line"))
    ids = {pk for record in records for pk in record.explanation.get("bookings", ())}
    bookings = Booking.objects.in_bulk(ids) if ids else {}
    explained = [(NeedRow.from_json(record.wanted), record.outcome, record.explanation) for record in records]
    return JobResult(
        row.title,
        row.organisation.name,
        row.day_one,
        tuple(outcome_of(*one, bookings) for one in explained),
        need_list_id=row.pk,
        bundle_id=row.bundle_id,
        moves=_moves([explanation for _need, _outcome, explanation in explained]),
        **more,
    )


def result_of_plan(
    sheet: Sheet, organisation_id: int, explained: Sequence[tuple[NeedRow, str, dict[str, Any]]], **more: Any
) -> JobResult:
    """The report on a plan nobody stored."""
    return JobResult(
        sheet.title,
        Organisation.objects.get(pk=organisation_id).name,
        sheet.day_one,
        tuple(outcome_of(*one, {}) for one in explained),
        moves=_moves([explanation for _need, _outcome, explanation in explained]),
        ignored_columns=sheet.ignored_columns,
        **more,
    )


def outcome_of(need: NeedRow, outcome: str, stored: dict[str, Any], bookings: dict[int, Booking]) -> Outcome:
    """One need's outcome from what was stored to explain it."""
    place = stored.get("place", {})
    why = stored["reasons"] if outcome != "unmet" else [stored["why"]]
    return Outcome(
        need=need,
        outcome=outcome,
        place_id=place.get("id"),
        place=_name(place),
        standing=place.get("standing", ""),
        spans=_spans(stored.get("spans", ())),
        quotes=tuple(
            from_json(one["lines"], units=need.units, deposit_fen=one["deposit_fen"], tariff_id=one["tariff_id"])
            for one in stored.get("quotes", ())
        ),
        unit_label=stored.get("unit_label", ""),
        why=tuple(reasons.text(reason) for reason in why),
        bookings=tuple(bookings[pk] for pk in stored.get("bookings", ()) if pk in bookings),
        earliest=_suggestions(stored.get("earliest", ())),
        similar=_suggestions(stored.get("similar", ())),
    )


def _name(place: dict[str, Any]) -> str:
    """The place's name in the reader's language, as far as it has one."""
    own = str(place.get("name", ""))
    return str(place.get("name_en") or own) if (get_language() or "").startswith("en") else own


def _spans(stored: Sequence[Sequence[str]]) -> tuple[Span, ...]:
    return tuple(
        Span(clock.local(datetime.fromisoformat(start)), clock.local(datetime.fromisoformat(end)))
        for start, end in stored
    )


def _suggestions(stored: Sequence[dict[str, Any]]) -> tuple[Suggestion, ...]:
    return tuple(
        Suggestion(
            one["place"]["id"],
            _name(one["place"]),
            one["place"]["standing"],
            _spans(one["spans"]),
            Money(one["price_fen"]),
        )
        for one in stored
    )


def _moves(explanations: Sequence[dict[str, Any]]) -> int:
    sites: dict[str, set[int]] = {}
    for explanation in explanations:
        for day, site in explanation.get("visits", ()):
            sites.setdefault(day, set()).add(site)
    return sum(len(found) - 1 for found in sites.values())
