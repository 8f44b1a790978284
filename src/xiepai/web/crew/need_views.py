"""A list of needs as its page shows it: rows with their problems, candidates with pictures. Reads, words, no rules."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.utils.translation import gettext as _

from xiepai.bookings.job_result import Outcome, Suggestion, outcome_of
from xiepai.bookings.models import NeedDraft
from xiepai.bookings.need_drafts import judge
from xiepai.bookings.needs import NeedRow
from xiepai.bookings.needs.cells import column_of
from xiepai.kernel import clock
from xiepai.kernel.money import ZERO, Money
from xiepai.places.models import Photo
from xiepai.web import formats
from xiepai.worktime.spans import Span

#: rows that can be edited on the page at once; more are put right in the sheet
MOST_ROWS = 60


@dataclass(frozen=True, slots=True)
class RowView:
    """One row: its line, its cells, and what is wrong by column."""

    line: int
    cells: dict[str, str]
    problems: dict[str, str]


@dataclass(frozen=True, slots=True)
class RowsView:
    """The rows to edit, how many there are, and everything that is wrong in order."""

    rows: list[RowView]
    total: int
    problems: list[tuple[int, str, str]]


@dataclass(frozen=True, slots=True)
class OfferView:
    """One candidate; ``outcome`` says place, price, arithmetic and why."""

    key: str
    outcome: Outcome
    when: str
    picture: str
    is_chosen: bool
    displaces: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Alternative:
    """Another time or place for a need that is not met; ``at`` is its number among all of them."""

    at: int
    place_id: int
    place: str
    standing: str
    when: str
    price: Money


@dataclass(frozen=True, slots=True)
class NeedView:
    """One need with its candidates, or why there is none and what would do."""

    need: NeedRow
    wanted: str
    outcome: Outcome
    offers: list[OfferView]
    earliest: list[Alternative]
    similar: list[Alternative]
    is_own_pick: bool


@dataclass(frozen=True, slots=True)
class PlanView:
    """The whole plan."""

    needs: list[NeedView]
    met: int
    unmet: int
    total: Money
    deposit: Money
    is_proven: bool


def rows_view(draft: NeedDraft) -> RowsView:
    """The rows with their problems; of a long list those with problems come first."""
    _sheet, problems = judge(draft)
    by_line: dict[int, dict[str, str]] = {}
    for problem in problems:
        by_line.setdefault(problem.line, {})[column_of(problem.column)] = problem.reason
    rows = [RowView(row["line"], row["cells"], by_line.get(row["line"], {})) for row in draft.rows]
    if len(rows) > MOST_ROWS:
        rows = sorted(sorted(rows, key=lambda row: not row.problems)[:MOST_ROWS], key=lambda row: row.line)
    told = [(problem.line, column_of(problem.column) or problem.column, problem.reason) for problem in problems]
    return RowsView(rows, len(draft.rows), told)


def plan_view(draft: NeedDraft) -> PlanView:
    """What was found, as people read it."""
    stored = draft.plan or {"needs": [], "is_proven": False}
    ids = {offer["place"]["id"] for one in stored["needs"] for offer in one["offers"]}
    pictures = _pictures(ids)
    needs = [_need(one, draft, pictures) for one in stored["needs"]]
    met = [one.outcome for one in needs if one.outcome.is_met]
    return PlanView(
        needs,
        len(met),
        len(needs) - len(met),
        sum((outcome.price for outcome in met), ZERO),
        sum((outcome.deposit for outcome in met), ZERO),
        stored["is_proven"],
    )


def _need(one: dict[str, Any], draft: NeedDraft, pictures: dict[int, str]) -> NeedView:
    need = NeedRow.from_json(one["need"])
    outcome = outcome_of(need, one["outcome"], one["explanation"], {})
    offers = [
        OfferView(
            offer["key"],
            shown := outcome_of(need, "would_fit", offer, {}),
            when(shown.spans),
            pictures.get(offer["place"]["id"], ""),
            offer["key"] == one["key"],
            tuple(offer["displaces"]),
        )
        for offer in one["offers"]
    ]
    earliest = _alternatives(outcome.earliest, 0)
    similar = _alternatives(outcome.similar, len(earliest))
    return NeedView(need, _wanted(need), outcome, offers, earliest, similar, str(need.line) in draft.picks)


def _alternatives(found: Iterable[Suggestion], start: int) -> list[Alternative]:
    return [
        Alternative(at, one.place_id, one.place, one.standing, when(one.spans), one.price)
        for at, one in enumerate(found, start)
    ]


def _wanted(need: NeedRow) -> str:
    """When, for how many, and what else was asked for."""
    is_choice = len(need.first_days) > 1
    parts = [_("%(first)s至%(last)s之间") % _days(need) if is_choice else when(need.windows(need.first_days[0]))]
    if need.minutes is not None:
        parts.append(formats.duration(need.minutes))
    if need.people:
        parts.append(_("%(n)s 人") % {"n": need.people})
    if need.units > 1:
        parts.append(f"× {need.units}")
    if need.sound_needed:
        parts.append(_("同期声"))
    return " · ".join([*parts, *(text for text in (need.town, need.note) if text)])


def _days(need: NeedRow) -> dict[str, str]:
    last = need.first_days[-1] + timedelta(days=need.day_count - 1)
    return {"first": formats.day(need.first_days[0]), "last": formats.day(last)}


def when(spans: Sequence[Span]) -> str:
    """Spans in words: one, or the same hours on several days."""
    if len(spans) == 1:
        return formats.span(spans[0].start, spans[0].end)
    first, last = clock.local(spans[0].start), clock.local(spans[-1].start)
    hours = f"{first:%H:%M}–{clock.local(spans[0].end):%H:%M}"
    days = {"first": formats.day(first.date()), "last": formats.day(last.date()), "hours": hours}
    return _("%(first)s至%(last)s 每天 %(hours)s") % days


def _pictures(place_ids: set[int]) -> dict[int, str]:
    """The name of each place's first thumbnail."""
    rows = Photo.objects.filter(place_id__in=place_ids).order_by("place_id", "position", "id").distinct("place_id")
    return dict(rows.values_list("place_id", "thumbnail"))
