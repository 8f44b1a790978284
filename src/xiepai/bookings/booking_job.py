"""The main job: a crew's sheet of needs becomes bookings, all of it or what fits, and never twice.

The choice is made on what is free now; the database has the last word. A race lost means planning again, up to
``TRIES`` times, and a refusal leaves nothing behind. The same file for the same crew and first day gives the
first result again. Refused: acting for a crew that is not one's own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import transaction

from xiepai.bookings.job_result import JobResult, Outcome, result_of, result_of_plan
from xiepai.bookings.matching import Plan, Way, make_plan
from xiepai.bookings.matching.plan import told
from xiepai.bookings.models import Booking, Bundle, NeedList
from xiepai.bookings.models import Need as NeedRecord
from xiepai.bookings.needs import NeedRow, Sheet
from xiepai.bookings.services import SlotRequest, expire_overdue, place_bundle
from xiepai.kernel import audit, clock
from xiepai.kernel.errors import ErrorCode, XiepaiError
from xiepai.parties.access import Actor, require_crew

__all__ = ["JobResult", "Outcome", "book_needs", "first_day_of_earlier_run"]

#: How often a plan is made again after somebody else was quicker.
TRIES = 3
#: Refusals that mean the world moved since the plan was made.
_MOVED = frozenset(
    {
        ErrorCode.SLOT_TAKEN,
        ErrorCode.NOT_ENOUGH_UNITS,
        ErrorCode.BLOCKED,
        ErrorCode.CLOSED,
        ErrorCode.NO_TARIFF,
        ErrorCode.PLACE_CHANGED,
        ErrorCode.PLACE_NOT_BOOKABLE,
    }
)


@dataclass(frozen=True, slots=True)
class _Item:
    """One slot of a plan and the need it serves."""

    line: int
    request: SlotRequest


def book_needs(
    *,
    actor: Actor,
    organisation_id: int,
    sheet: Sheet,
    partial: bool = False,
    confirm: bool = True,
    dry_run: bool = False,
    seed: int = 0,
    picks: Mapping[int, str] | None = None,
    seen_fen: Mapping[int, int] | None = None,
) -> JobResult:
    """Find, hold and (with *confirm*) confirm places for every need of *sheet*; the report says all.

    Where the keeper approves, a booking joins the keeper's queue instead. Without *partial* nothing is
    booked unless every need is met; the report then tells what would have fitted. *dry_run* writes nothing.
    *picks* are the ways a person chose by line, *seen_fen* the prices shown for them: another price is PLACE_CHANGED.
    """
    require_crew(actor, organisation_id)
    if not dry_run:
        expire_overdue()
        done = _of_earlier_run(organisation_id, sheet)
        if done is not None:
            return result_of(done, is_repeat=True)
    for attempt in range(TRIES):
        plan = make_plan(actor, sheet.needs, seed=seed, picks=picks)
        if dry_run:
            explained = _explanations(sheet.needs, plan, {})
            return result_of_plan(sheet, organisation_id, explained, is_dry=True, is_proven=plan.is_proven)
        try:
            _check_prices(plan, seen_fen or {})
            return _carry_out(actor, organisation_id, sheet, plan, partial=partial, confirm=confirm)
        except XiepaiError as refusal:
            if refusal.code not in _MOVED or attempt == TRIES - 1:
                raise
    raise AssertionError("unreachable")


def _check_prices(plan: Plan, seen_fen: Mapping[int, int]) -> None:
    if any(line in plan.chosen and plan.chosen[line].price_fen != fen for line, fen in seen_fen.items()):
        raise XiepaiError(ErrorCode.PLACE_CHANGED)


def first_day_of_earlier_run(*, organisation_id: int, digest: str) -> date | None:
    """The first day an earlier run booked this file for, unless it is past: running again then changes nothing."""
    earlier = NeedList.objects.filter(
        organisation_id=organisation_id, digest=digest, bundle__isnull=False, day_one__gte=clock.today()
    )
    return earlier.order_by("-day_one").values_list("day_one", flat=True).first()


def _of_earlier_run(organisation_id: int, sheet: Sheet) -> NeedList | None:
    return NeedList.objects.filter(
        organisation_id=organisation_id, digest=sheet.digest, day_one=sheet.day_one, bundle__isnull=False
    ).first()


def _carry_out(
    actor: Actor, organisation_id: int, sheet: Sheet, plan: Plan, *, partial: bool, confirm: bool
) -> JobResult:
    """Book the plan (or only remember it, when it may not be booked) in one transaction."""
    is_booked = bool(plan.chosen) and (partial or not plan.unmet)
    with transaction.atomic():
        row = _locked_list(actor, organisation_id, sheet)
        if row.bundle_id is not None:  # the same file, a moment earlier, by somebody else
            return result_of(row, is_repeat=True)
        before = audit.snapshot(row)
        bookings: dict[int, list[Booking]] = {}
        if is_booked:
            row.bundle, bookings = _book(actor, organisation_id, sheet, plan, confirm=confirm)
        row.title, row.file_name = sheet.title, sheet.file_name
        row.save(update_fields=["bundle", "title", "file_name"])
        _write_needs(row, sheet.needs, plan, bookings)
        event = "bookings.needs.booked" if is_booked else "bookings.needs.planned"
        audit.record(event, row, actor=actor, before=before)
    return result_of(row, ignored_columns=sheet.ignored_columns, is_proven=plan.is_proven)


def _locked_list(actor: Actor, organisation_id: int, sheet: Sheet) -> NeedList:
    row, is_new = NeedList.objects.select_for_update(of=("self",)).get_or_create(
        organisation_id=organisation_id,
        digest=sheet.digest,
        day_one=sheet.day_one,
        defaults={"title": sheet.title, "file_name": sheet.file_name, "created_by_id": actor.person_id},
    )
    if is_new:
        audit.record("bookings.needs.received", row, actor=actor)
    return row


def _items(needs: Sequence[NeedRow], plan: Plan) -> list[_Item]:
    items = []
    for need in needs:
        way = plan.chosen.get(need.line)
        for span, quote in zip(way.spans, way.quotes, strict=True) if way else ():
            request = SlotRequest(
                way.place.id,  # type: ignore[union-attr]
                span,
                need.units,
                need.words,
                need.note,
                need.people,
                expected_price_fen=quote.total.fen,
            )
            items.append(_Item(need.line, request))
    return items


def _book(
    actor: Actor, organisation_id: int, sheet: Sheet, plan: Plan, *, confirm: bool
) -> tuple[Bundle, dict[int, list[Booking]]]:
    items = _items(sheet.needs, plan)
    bundle = place_bundle(
        actor=actor,
        organisation_id=organisation_id,
        title=sheet.title,
        items=[item.request for item in items],
        confirm=confirm,
    )
    bookings: dict[int, list[Booking]] = {}
    for item, booking in zip(items, bundle.bookings.order_by("id"), strict=True):
        bookings.setdefault(item.line, []).append(booking)
    return bundle, bookings


def _write_needs(row: NeedList, needs: Sequence[NeedRow], plan: Plan, bookings: dict[int, list[Booking]]) -> None:
    row.needs.all().delete()
    records = []
    for need, outcome, explanation in _explanations(needs, plan, bookings):
        mine = bookings.get(need.line, [])
        records.append(
            NeedRecord(
                need_list=row,
                line=need.line,
                wanted=need.as_json(),
                booking=mine[0] if mine else None,
                outcome=outcome,
                explanation=explanation,
            )
        )
    NeedRecord.objects.bulk_create(records)


def _explanations(
    needs: Sequence[NeedRow], plan: Plan, bookings: dict[int, list[Booking]]
) -> list[tuple[NeedRow, str, dict[str, Any]]]:
    """Each need with its outcome (``booked``, ``would_fit``, ``unmet``) and what is stored to explain it."""
    told_all = []
    for need in needs:
        way = plan.chosen.get(need.line)
        if way is None:
            told_all.append((need, "unmet", plan.unmet[need.line]))
            continue
        mine = [booking.pk for booking in bookings.get(need.line, ())]
        outcome = "booked" if mine else "would_fit"
        told_all.append((need, outcome, explanation_of(way, plan.reasons[need.line], mine)))
    return told_all


def explanation_of(way: Way, reasons: list[dict[str, Any]], bookings: list[int]) -> dict[str, Any]:
    """A way as it is stored to be explained later."""
    return {
        **told(way),
        "approval": way.place.approval,
        "unit_label": way.place.terms.unit_label,
        "quotes": [
            {"lines": quote.as_json(), "deposit_fen": quote.deposit.fen, "tariff_id": quote.tariff_id}
            for quote in way.quotes
        ],
        "visits": sorted([day.isoformat(), site] for day, site in way.visits),
        "reasons": reasons,
        "bookings": bookings,
    }
