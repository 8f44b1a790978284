"""A list of needs from the first row to the booked bundle: kept, judged, searched, chosen from, booked with one press.

A search writes nothing but its own answer, and only while the rows it searched are still the rows of the list. Long
lists are searched and booked by a job that says how far it is. Refused: another crew's list (not found), an edit of a
list that is booked, booking what was not searched.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from xiepai.bookings.booking_job import JobResult, book_needs, explanation_of
from xiepai.bookings.matching import Plan, make_plan
from xiepai.bookings.matching.offers import Offer
from xiepai.bookings.models import DraftState, NeedDraft
from xiepai.bookings.needs import MAX_ROWS, RowProblem, Sheet
from xiepai.bookings.needs.cells import Line, judged, read_cells, tidy_cells
from xiepai.kernel import audit, clock
from xiepai.kernel.errors import ErrorCode, XiepaiError, not_found
from xiepai.kernel.jobs import enqueue
from xiepai.parties.access import Actor, actor_of, require_crew
from xiepai.parties.models import CREW_ROLES, Person

#: Lists longer than this are searched and booked by a job.
AT_ONCE = 25
KEPT = ("title", "day_one", "rows")


def visible_drafts(actor: Actor) -> QuerySet[NeedDraft]:
    """The lists an actor works on: those of the own crew; officers see all."""
    rows = NeedDraft.objects.select_related("organisation")
    return rows if actor.is_officer else rows.filter(organisation__in=actor.organisations(*CREW_ROLES))


def get_draft(actor: Actor, draft_id: int) -> NeedDraft:
    """One list, or not found."""
    row = visible_drafts(actor).filter(pk=draft_id).first()
    if row is None:
        raise not_found()
    return row


def open_draft(*, actor: Actor, organisation_id: int, title: str, day_one: date) -> NeedDraft:
    """An empty list."""
    return _create(actor, organisation_id, title=title.strip()[:120] or _("需求表"), day_one=day_one)


def draft_from_file(*, actor: Actor, organisation_id: int, file_name: str, data: bytes, day_one: date) -> NeedDraft:
    """A list of what stands in a file, wrong cells and all; FILE_… when there is no table in it."""
    require_crew(actor, organisation_id)
    read = read_cells(file_name, data)
    rows = [{"line": line.number, "cells": line.cells} for line in read.lines]
    return _create(
        actor,
        organisation_id,
        title=read.title or file_name[:120],
        day_one=day_one,
        rows=rows,
        file_name=file_name[:200],
        file_digest=read.digest,
        ignored_columns=list(read.ignored_columns),
    )


def _create(actor: Actor, organisation_id: int, **values: Any) -> NeedDraft:
    require_crew(actor, organisation_id)
    with transaction.atomic():
        row = NeedDraft.objects.create(organisation_id=organisation_id, created_by_id=actor.person_id, **values)
        audit.record("bookings.draft.opened", row, actor=actor)
    return row


def lines_of(draft: NeedDraft) -> list[Line]:
    """Its rows as values."""
    return [Line(row["line"], row["cells"]) for row in draft.rows]


def judge(draft: NeedDraft) -> tuple[Sheet | None, list[RowProblem]]:
    """The needs the rows say, or every problem; neither for a list without rows."""
    lines = lines_of(draft)
    if not lines:
        return None, []
    return judged(lines, title=draft.title, file_name=draft.file_name, day_one=draft.day_one, digest=draft.file_digest)


def save_rows(
    *,
    actor: Actor,
    draft_id: int,
    cells: Mapping[int, Mapping[str, str]],
    added: Sequence[Mapping[str, str]] = (),
    title: str | None = None,
    day_one: date | None = None,
    version: int | None = None,
) -> NeedDraft:
    """Write the rows named by line (an empty one leaves the list) and add new ones; what is not named stays."""
    with transaction.atomic():
        draft = _locked(actor, draft_id)
        if version is not None and version != draft.version:
            raise XiepaiError(ErrorCode.CONFLICT)
        before = audit.snapshot(draft)
        rows = [_edited(row, cells) for row in draft.rows]
        last = max(draft.lines, default=0)
        typed = [found for given in added if (found := tidy_cells(given))]
        rows += [{"line": last + at, "cells": found} for at, found in enumerate(typed, 1)]
        rows = [row for row in rows if row["cells"]]
        if len(rows) > MAX_ROWS:
            limit = _("%(count)d 行") % {"count": MAX_ROWS}
            raise XiepaiError(ErrorCode.FILE_SIZE, size=_("%(count)d 行") % {"count": len(rows)}, limit=limit)
        values = {
            "rows": rows,
            "title": (title or "").strip()[:120] or draft.title,
            "day_one": day_one or draft.day_one,
        }
        if all(getattr(draft, name) == values[name] for name in KEPT):
            return draft
        if rows != draft.rows:
            draft.file_digest = ""  # no longer what the file says
        _forget_plan(draft)
        _write(draft, values)
        audit.record("bookings.draft.saved", draft, actor=actor, before=before)
    return draft


def use_suggestion(*, actor: Actor, draft_id: int, line: int, at: int) -> NeedDraft:
    """Ask for a place and time that was suggested instead: the row says so from now on."""
    draft = get_draft(actor, draft_id)
    found = next((one for one in (draft.plan or {}).get("needs", ()) if one["line"] == line), None)
    told = [*found["explanation"].get("earliest", ()), *found["explanation"].get("similar", ())] if found else []
    if not 0 <= at < len(told):
        raise XiepaiError(ErrorCode.CONFLICT)
    cells = {**draft.cells_of(line), "words": told[at]["place"]["name"], **_times(told[at]["spans"])}
    for name in ("start", "end", "length", "mood", "town"):
        cells.pop(name, None)
    return save_rows(actor=actor, draft_id=draft_id, cells={line: cells}, version=draft.version)


def _times(spans: Sequence[Sequence[str]]) -> dict[str, str]:
    """Spans as the cells that mean them."""
    starts = [clock.local(datetime.fromisoformat(start)) for start, _end in spans]
    ends = [clock.local(datetime.fromisoformat(end)) for _start, end in spans]
    last = starts[-1] if len(spans) > 1 else ends[0]
    is_stay = len(spans) == 1 and (ends[0] - starts[0]) > timedelta(days=1)
    days = f"{starts[0]:%Y-%m-%d}" + (f"至{last:%Y-%m-%d}" if len(spans) > 1 or is_stay else "")
    end = "24:00" if ends[0].hour == ends[0].minute == 0 else f"{ends[0]:%H:%M}"
    return {"days": days, "hours": f"{starts[0]:%H:%M}-{end}", "day_count": "", "daily": "否" if is_stay else ""}


def search(*, actor: Actor, draft_id: int) -> NeedDraft:
    """Find candidates for every need: at once for a short list, by a job for a long one."""
    return _start(actor, draft_id, book=False)


def pick(*, actor: Actor, draft_id: int, line: int, key: str) -> NeedDraft:
    """Take another candidate for one need; the rest is arranged around it. An empty key lets the plan choose."""
    with transaction.atomic():
        draft = _locked(actor, draft_id)
        before = audit.snapshot(draft)
        picks = {name: way for name, way in draft.picks.items() if name != str(line)}
        draft.picks = picks | ({str(line): key[:40]} if key and line in draft.lines else {})
        draft.version += 1
        _write(draft, {})
        audit.record("bookings.draft.picked", draft, actor=actor, before=before)
    return search(actor=actor, draft_id=draft_id)


def book(*, actor: Actor, draft_id: int, partial: bool) -> NeedDraft:
    """Book exactly what is shown, all of it (or, with *partial*, what is met); refused when anything moved."""
    return _start(actor, draft_id, book=True, partial=partial)


def remove_draft(*, actor: Actor, draft_id: int) -> None:
    """Throw a list away; bookings made from it stay."""
    with transaction.atomic():
        draft = _locked(actor, draft_id, even_booked=True)
        audit.record("bookings.draft.removed", draft, actor=actor, before=audit.snapshot(draft), after={})
        draft.delete()


def _start(actor: Actor, draft_id: int, *, book: bool, partial: bool = False) -> NeedDraft:
    with transaction.atomic():
        draft = _locked(actor, draft_id)
        sheet, problems = judge(draft)
        if sheet is None:
            raise XiepaiError(ErrorCode.FILE_ROWS, count=len({p.line for p in problems}) or len(draft.rows))
        if book and (draft.plan is None or draft.state != DraftState.READY):
            raise XiepaiError(ErrorCode.CONFLICT)
        if len(sheet.needs) > AT_ONCE:
            draft.state, draft.done_count, draft.failure = DraftState.WAITING, 0, ""
            draft.save(update_fields=["state", "done_count", "failure"])
            enqueue(
                "bookings.work_draft",
                queue="bookings",
                draft_id=draft.pk,
                person_id=actor.person_id or 0,
                version=draft.version,
                book=int(book),
                partial=int(partial),
            )
            return draft
    return _book(actor, draft, partial) if book else _search(actor, draft)


def work_draft(*, draft_id: int, person_id: int, version: int, book: bool, partial: bool) -> None:
    """The job: search or book a long list; whatever refuses stands with the list afterwards."""
    draft = NeedDraft.objects.select_related("organisation").filter(pk=draft_id, version=version).first()
    person = Person.objects.filter(pk=person_id, is_active=True).first()
    if draft is None or person is None or draft.state != DraftState.WAITING:
        return
    actor = actor_of(person)
    try:
        if book:
            _book(actor, draft, partial)
        else:
            _search(actor, draft, in_job=True)
    except XiepaiError as refusal:
        back = DraftState.READY if book else DraftState.OPEN
        NeedDraft.objects.filter(pk=draft_id, version=version).update(state=back, failure=str(refusal)[:400])


def _search(actor: Actor, draft: NeedDraft, *, in_job: bool = False) -> NeedDraft:
    sheet, _problems = judge(draft)
    if sheet is None:
        raise XiepaiError(ErrorCode.FILE_ROWS, count=len(draft.rows))

    def told(done: int) -> None:
        if in_job and (done % 10 == 0 or done == len(sheet.needs)):
            NeedDraft.objects.filter(pk=draft.pk, version=draft.version).update(done_count=done)

    picks = _picks(draft)
    plan = make_plan(actor, sheet.needs, picks=picks, has_offers=True, on_progress=told)
    gone = [line for line in picks if line in plan.unmet and plan.unmet[line]["why"]["code"] == "pick_gone"]
    if gone:  # what the crew chose was taken meanwhile: the plan chooses there again
        picks = {line: key for line, key in picks.items() if line not in gone}
        plan = make_plan(actor, sheet.needs, picks=picks, has_offers=True)
    with transaction.atomic():
        fresh = NeedDraft.objects.select_for_update(of=("self",)).filter(pk=draft.pk, version=draft.version).first()
        if fresh is None:
            return draft  # edited meanwhile: this answer is to another question
        before = audit.snapshot(fresh)
        fresh.plan = _stored(sheet, plan)
        fresh.picks = {str(line): key for line, key in picks.items()}
        fresh.failure = (
            _("自选的场地刚被占用（第 %(lines)s 行），已另选。") % {"lines": "、".join(map(str, gone))} if gone else ""
        )
        fresh.state, fresh.done_count = DraftState.READY, len(sheet.needs)
        fresh.save(update_fields=["plan", "picks", "failure", "state", "done_count", "updated_at"])
        audit.record("bookings.draft.searched", fresh, actor=actor, before=before, after={"state": fresh.state})
    return fresh


def _book(actor: Actor, draft: NeedDraft, partial: bool) -> NeedDraft:
    sheet, _problems = judge(draft)
    needs = (draft.plan or {}).get("needs", ())
    if sheet is None or not needs:
        raise XiepaiError(ErrorCode.CONFLICT)
    shown = {one["line"]: one for one in needs if one["outcome"] != "unmet"}
    if not shown or (len(shown) < len(needs) and not partial):
        raise XiepaiError(ErrorCode.NOTHING_FITS)
    result = book_needs(
        actor=actor,
        organisation_id=draft.organisation_id,
        sheet=sheet,
        partial=partial,
        picks={line: one["key"] for line, one in shown.items()},
        seen_fen={line: one["explanation"]["price_fen"] for line, one in shown.items()},
    )
    if not result.is_booked:
        moved = _search(actor, draft)
        NeedDraft.objects.filter(pk=draft.pk).update(failure=_("刚才有场地被占用，什么都没有预订；请看新的方案。"))
        return moved
    return _note_booked(actor, draft, result)


def _note_booked(actor: Actor, draft: NeedDraft, result: JobResult) -> NeedDraft:
    with transaction.atomic():
        fresh = NeedDraft.objects.select_for_update(of=("self",)).get(pk=draft.pk)
        before = audit.snapshot(fresh)
        fresh.state, fresh.need_list_id, fresh.failure = DraftState.BOOKED, result.need_list_id, ""
        fresh.save(update_fields=["state", "need_list", "failure", "updated_at"])
        audit.record("bookings.draft.booked", fresh, actor=actor, before=before)
    return fresh


def _stored(sheet: Sheet, plan: Plan) -> dict[str, Any]:
    needs = []
    for need in sheet.needs:
        way = plan.chosen.get(need.line)
        explanation = plan.unmet[need.line] if way is None else explanation_of(way, plan.reasons[need.line], [])
        needs.append(
            {
                "line": need.line,
                "need": need.as_json(),
                "outcome": "unmet" if way is None else "would_fit",
                "key": way.key if way else "",
                "explanation": explanation,
                "offers": [_told(offer) for offer in plan.offers.get(need.line, ())],
            }
        )
    return {"needs": needs, "is_proven": plan.is_proven, "at": clock.now().isoformat()}


def _told(offer: Offer) -> dict[str, Any]:
    told = explanation_of(offer.way, offer.reasons, [])
    return {"key": offer.way.key, "displaces": list(offer.displaces), **told}


def _picks(draft: NeedDraft) -> dict[int, str]:
    return {int(line): key for line, key in draft.picks.items() if int(line) in draft.lines}


def _edited(row: dict[str, Any], cells: Mapping[int, Mapping[str, str]]) -> dict[str, Any]:
    return {"line": row["line"], "cells": tidy_cells(cells[row["line"]])} if row["line"] in cells else row


def _forget_plan(draft: NeedDraft) -> None:
    draft.plan, draft.picks, draft.failure, draft.state = None, {}, "", DraftState.OPEN
    draft.version += 1


def _write(draft: NeedDraft, values: Mapping[str, Any]) -> None:
    for name, value in values.items():
        setattr(draft, name, value)
    draft.save()


def _locked(actor: Actor, draft_id: int, *, even_booked: bool = False) -> NeedDraft:
    row = visible_drafts(actor).select_for_update(of=("self",)).filter(pk=draft_id).first()
    if row is None:
        raise not_found()
    if row.state == DraftState.BOOKED and not even_booked:
        raise XiepaiError(ErrorCode.WRONG_STATE, state=str(DraftState(row.state).label), action=_("修改"))
    return row
