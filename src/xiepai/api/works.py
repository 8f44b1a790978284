"""Works over the API, to read: the list, one work with its class and stage, and its checklist of papers."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Query, Router, Schema
from pydantic import Field

from xiepai.api.doors import read
from xiepai.api.shapes import RowId, money_out
from xiepai.kernel import clock
from xiepai.kernel.money import Money
from xiepai.productions import selectors
from xiepai.productions.checklist import Item
from xiepai.productions.classification import ClassResult, Level, Text
from xiepai.productions.models import Making, Work, WorkState
from xiepai.productions.selectors_lists import WorkLine, lines_of, search_works

router = Router(tags=["works"])
PER_PAGE = 50


class ListIn(Schema):
    """Which works."""

    state: list[WorkState] = Field(default_factory=list, max_length=12)
    making: Making | None = None
    level: Level | None = None
    q: Annotated[str, Field(max_length=60, pattern=r"^[^\x00]*$")] = ""
    page: Annotated[int, Field(ge=1, le=10_000)] = 1


@read(router, "/works", "works_list")
def many(request: HttpRequest, wish: Query[ListIn]) -> Any:
    """Works the reader may see, newest first."""
    today = clock.today()
    rows = search_works(
        request.actor,  # type: ignore[attr-defined]
        on=today,
        words=wish.q,
        states=wish.state,
        making=wish.making or "",
        level=wish.level or "",
    )
    total = rows.count()
    shown = list(rows[(wish.page - 1) * PER_PAGE : wish.page * PER_PAGE])
    body = [_line_out(line) for line in lines_of(shown, today)]
    return {"total": total, "page": wish.page, "pages": -(-total // PER_PAGE), "rows": body}


@read(router, "/works/{work_id}", "works_get")
def one(request: HttpRequest, work_id: RowId) -> Any:
    """One work with its class, the reasons for it, and the stages it may go to."""
    found = selectors.detail(request.actor, work_id)  # type: ignore[attr-defined]
    return {
        **work_out(found.work),
        "class": _class_out(found.classed),
        "gate": found.gate,
        "next_states": list(found.next_states),
    }


@read(router, "/works/{work_id}/checklist", "works_checklist")
def papers(request: HttpRequest, work_id: RowId) -> Any:
    """Every line of the work's checklist; ``blocking`` are those that keep it from its gate."""
    found = selectors.detail(request.actor, work_id)  # type: ignore[attr-defined]
    return {
        "gate": found.gate,
        "blocking": [item.kind.code for item in found.blocking],
        "rows": [_item_out(item) for item in found.items],
    }


def work_out(work: Work) -> dict[str, Any]:
    """A work as the API shows it."""
    return {
        "id": work.pk,
        "code": work.code,
        "crew_id": work.organisation_id,
        "title": work.title,
        "title_en": work.title_en,
        "making": work.making_mode,
        "format": work.format,
        "episodes": work.episodes,
        "minutes_per_episode": None if work.minutes_per_episode is None else str(work.minutes_per_episode),
        "investment": None if work.investment_fen is None else money_out(Money(work.investment_fen)),
        "subjects": work.subjects,
        "state": work.state,
        "state_text": work.get_state_display(),
        "filed_on": _day(work.filed_on),
        "shooting_from": _day(work.shooting_from),
        "shooting_to": _day(work.shooting_to),
        "release_on": _day(work.release_on),
        "standing": work.standing,
    }


def _line_out(line: WorkLine) -> dict[str, Any]:
    return {
        **work_out(line.work),
        "class": {"level": line.classed.level, "label": _text(line.classed.label)},
        "gate": line.gate,
        "blocking": [item.kind.code for item in line.blocking],
    }


def _class_out(result: ClassResult) -> dict[str, Any]:
    """The class with what decided it; thresholds in fen, None where the amount did not decide."""
    return {
        "level": result.level,
        "label": _text(result.label),
        "basis": result.basis,
        "rule": result.rule.id if result.rule else None,
        "rule_from": _day(result.rule.starts) if result.rule else None,
        "lower_fen": result.lower_fen,
        "upper_fen": result.upper_fen,
        "is_assumed": result.is_assumed,
        "reasons": [_text(reason) for reason in result.reasons],
    }


def _item_out(item: Item) -> dict[str, Any]:
    """A line; whom papers are about is not told to machines."""
    return {
        "kind": item.kind.code,
        "name": {"zh": item.kind.zh, "en": item.kind.en},
        "needed_by": item.kind.needed_by,
        "is_required": item.is_required,
        "is_missing": item.is_missing,
        "conditions": [str(condition) for condition in item.conditions],
        "state": item.state,
        "reason": item.reason,
        "wanted": item.wanted,
        "have": item.have,
        "valid_to": _day(item.valid_to),
    }


def _text(text: Text) -> dict[str, str]:
    return {"zh": text.zh, "en": text.en}


def _day(day: date | None) -> str | None:
    return None if day is None else day.isoformat()
