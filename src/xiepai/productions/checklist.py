"""What is missing before a work may go on: the office's list of papers held against what the crew handed in.

A paper counts when it is accepted and valid on every day it is needed: until the wrap that is each shooting day, later
the day asked about. Several papers of a kind count together, so a renewal continues its predecessor; where each minor
or drone needs its own, they are counted by whom they are about.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from django.utils.translation import gettext as _

from xiepai.productions.classification import ClassFacts, ClassResult, Level, classify
from xiepai.productions.models import Condition, Making, Paper, PaperKind, PaperState, PerPiece, Work, WorkState
from xiepai.productions.states import ORDER, is_before
from xiepai.productions.validity import Validity, covers, valid_until

#: A paper that ends within so many days is announced.
EXPIRING_DAYS = 30


class ItemState(StrEnum):
    """How one line of the checklist stands; only ``accepted`` is enough."""

    ACCEPTED = "accepted"
    SUBMITTED = "submitted"
    SHORT = "short"
    EXPIRED = "expired"
    REJECTED = "rejected"
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class Item:
    """One line: is it required (by which conditions), how it stands, why it is not met, and how long it still holds.

    ``have`` of ``wanted`` papers are in order. ``valid_to`` is the last day in a row on which it is met, None for open
    or not met at all. ``is_due`` is false for what belonged to a stage that is over.
    """

    kind: PaperKind
    is_required: bool
    conditions: tuple[Condition, ...]
    state: ItemState
    reason: str
    wanted: int
    have: int
    papers: tuple[Paper, ...]
    valid_to: date | None
    is_expiring: bool
    is_due: bool

    @property
    def is_missing(self) -> bool:
        """Whether it keeps the work from going on."""
        return self.is_required and self.is_due and self.state is not ItemState.ACCEPTED


def facts_of(work: Work) -> ClassFacts:
    """What the classification asks of a work."""
    return ClassFacts(
        making=work.making_mode,
        investment_fen=work.investment_fen,
        subjects=frozenset(work.subjects),
        is_interactive=work.is_interactive,
        is_platform_promoted=work.is_platform_promoted,
        is_filed_as_top=work.is_filed_as_top,
        minutes_per_episode=work.minutes_per_episode,
    )


def class_of(work: Work, on: date) -> ClassResult:
    """The work's class by the rules of the day it was filed; never filed: of its release, before that of *on*."""
    released = work.release_on if work.state == WorkState.RELEASED else None
    return classify(facts_of(work), work.filed_on or released or on)


def conditions_of(work: Work, on: date) -> frozenset[Condition]:
    """Which of the checklist's conditions hold for a work."""
    levels = {
        Level.TOP: Condition.CLASS_TOP,
        Level.MIDDLE: Condition.CLASS_MIDDLE,
        Level.LOW: Condition.CLASS_LOW,
        Level.OPEN: Condition.CLASS_OPEN,
    }
    held = {Condition.ALWAYS, Condition(work.making_mode), levels[class_of(work, on).level]}
    held |= {Condition(each) for each in work.circumstances}
    held |= {Condition.MINORS} if work.minors_count else set()
    held |= {Condition.DRONES} if work.drones_count else set()
    return frozenset(held)


def checklist(work: Work, on: date) -> tuple[Item, ...]:
    """Every line of the office's list that concerns the work, and every other it has a paper for: two queries.

    Which actor may read it is settled by who could fetch *work*.
    """
    return items_of(work, on, PaperKind.objects.all(), _handed_in(work), _stage(work))


def checklists(works: Sequence[Work], on: date) -> dict[int, tuple[Item, ...]]:
    """The checklist of each work by its id: two queries for any number of works."""
    kinds = list(PaperKind.objects.all())
    papers: dict[int, dict[int, list[Paper]]] = {work.pk: {} for work in works}
    rows = Paper.objects.filter(work__in=papers).exclude(state=PaperState.WITHDRAWN).select_related("kind")
    for paper in rows.order_by("id"):
        papers[paper.work_id].setdefault(paper.kind_id, []).append(paper)
    return {work.pk: items_of(work, on, kinds, papers[work.pk], _stage(work)) for work in works}


def missing_for(work: Work, target: WorkState, on: date) -> list[Item]:
    """What must be handed in before the work may enter *target*; for 进组 everything up to it is looked at again."""
    if target not in ORDER:
        return []
    stage = WorkState.SHOOTING if target is WorkState.SHOOTING else _stage(work)
    kinds = [kind for kind in PaperKind.objects.all() if not is_before(target, kind.needed_by)]
    return [item for item in items_of(work, on, kinds, _handed_in(work), stage) if item.is_missing]


def items_of(
    work: Work, on: date, kinds: Iterable[PaperKind], papers: Mapping[int, Sequence[Paper]], stage: str
) -> tuple[Item, ...]:
    """The checklist from what was already read: *papers* by kind id, *stage* the one the work is looked at in."""
    held = conditions_of(work, on)
    rows = (_item(work, on, kind, held, papers.get(kind.pk, ()), stage) for kind in kinds)
    return tuple(row for row in rows if row is not None)


def _handed_in(work: Work) -> dict[int, list[Paper]]:
    """The work's papers by kind, oldest first, without those the crew took back."""
    papers: dict[int, list[Paper]] = {}
    rows = Paper.objects.filter(work=work).exclude(state=PaperState.WITHDRAWN).select_related("kind")
    for paper in rows.order_by("id"):
        papers.setdefault(paper.kind_id, []).append(paper)
    return papers


def _stage(work: Work) -> str:
    """The stage a work is in; a shelved one is still in the stage it came from."""
    return work.resumes_to if work.state == WorkState.SHELVED else work.state


def _item(
    work: Work, on: date, kind: PaperKind, held: frozenset[Condition], papers: Sequence[Paper], stage: str
) -> Item | None:
    met = tuple(Condition(each) for each in kind.required_when if each in held)
    is_required = kind.is_active and bool(met)
    if not is_required and not papers:
        return None
    wanted = _wanted(work, kind) if is_required else 0
    still_due = is_due(kind, stage)
    needed = _needed_on(work, kind, on) if still_due else (on, on)
    good, others = _sorted_out(papers, needed)
    is_met = len(good) >= max(wanted, 1)
    state = ItemState.ACCEPTED if is_met else _state(others, on)
    valid_to = _holds_until(good, wanted, needed[0]) if is_met else None
    return Item(
        kind=kind,
        is_required=is_required,
        conditions=met,
        state=state,
        reason="" if is_met else _reason(state, others, len(good), wanted, needed),
        wanted=wanted,
        have=len(good),
        papers=tuple(papers),
        valid_to=valid_to,
        is_expiring=valid_to is not None and on <= valid_to <= on + timedelta(days=EXPIRING_DAYS),
        is_due=still_due,
    )


def _sorted_out(papers: Sequence[Paper], needed: tuple[date, date]) -> tuple[list[list[Validity]], list[Paper]]:
    """The validities of each group (by whom it is about) that is in order, and the papers of all others."""
    groups: dict[str, list[Paper]] = {}
    for paper in papers:
        groups.setdefault(paper.about.casefold(), []).append(paper)
    good, others = [], []
    for group in groups.values():
        accepted = [Validity(p.valid_from, p.valid_to) for p in group if p.state == PaperState.ACCEPTED]
        if covers(accepted, *needed):
            good.append(accepted)
        else:
            others += group
    return good, others


def _holds_until(good: list[list[Validity]], wanted: int, first: date) -> date | None:
    """The last day on which enough groups hold; of more than are wanted, those that hold longest count."""
    ends = sorted(end for group in good if (end := valid_until(group, first)) is not None)
    last = ends[-max(wanted, 1)]
    return None if last == date.max else last


def _wanted(work: Work, kind: PaperKind) -> int:
    counts = {PerPiece.MINOR: work.minors_count, PerPiece.DRONE: work.drones_count}
    return max(1, counts.get(PerPiece(kind.per_piece), 1))


def _needed_on(work: Work, kind: PaperKind, on: date) -> tuple[date, date]:
    """First and last day on which papers of a kind must be valid: the shooting days for what is needed on set."""
    is_for_set = work.making_mode != Making.AI and not is_before(WorkState.SHOOTING, kind.needed_by)
    if not is_for_set or not work.shooting_from or not work.shooting_to:
        return on, on
    return work.shooting_from, work.shooting_to


def is_due(kind: PaperKind, stage: str) -> bool:
    """Whether the stage a kind is needed for is still to come; on set everything is still needed."""
    if stage not in ORDER:
        return False
    return stage == WorkState.SHOOTING or is_before(stage, kind.needed_by)


def _state(papers: Sequence[Paper], on: date) -> ItemState:
    """How far the papers that are not in order have come."""
    states = {paper.state for paper in papers}
    if PaperState.SUBMITTED in states:
        return ItemState.SUBMITTED
    if PaperState.ACCEPTED in states:
        still = [p for p in papers if p.state == PaperState.ACCEPTED and (p.valid_to is None or p.valid_to >= on)]
        return ItemState.SHORT if still else ItemState.EXPIRED
    return ItemState.REJECTED if PaperState.REJECTED in states else ItemState.MISSING


def _reason(state: ItemState, papers: Sequence[Paper], have: int, wanted: int, needed: tuple[date, date]) -> str:
    parts = []
    if wanted > 1:
        parts.append(_("需要 {wanted} 份，已核 {have} 份").format(wanted=wanted, have=have))
    accepted = [paper for paper in papers if paper.state == PaperState.ACCEPTED]
    if state is ItemState.MISSING:
        parts.append(_("未提交"))
    elif state is ItemState.SUBMITTED:
        parts.append(_("已提交，待协拍办核对"))
    elif state is ItemState.REJECTED:
        parts.append(_("被退回：{note}").format(note=papers[-1].note))
    elif state is ItemState.EXPIRED:
        ends = [paper.valid_to for paper in accepted if paper.valid_to]
        parts.append(_("已于 {day} 到期").format(day=max(ends)))
    else:
        parts.append(_("有效期没有覆盖 {first} 至 {last}").format(first=needed[0], last=needed[1]))
    return _("；").join(parts)
