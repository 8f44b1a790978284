"""Expert review: at least three experts score an application by the programme's rubric, blind to each other.

An expert sees only what was assigned to him and never another's points. Where the marks lie further apart than the
rubric allows, somebody of the office looks: the mean counts, or others score again. Refused: an expert who keeps out
of the application, one who works for the company, points changed after they were handed in.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from xiepai.grants import access, flow
from xiepai.grants.errors import invalid
from xiepai.grants.models import (
    Application,
    ApplicationState,
    AssignmentState,
    Moderation,
    ModerationKind,
    Recusal,
    ReviewAssignment,
    ReviewScore,
    StepKind,
)
from xiepai.grants.rubrics import Rubric, checked_points, mean_of, rubric_of, spread_of
from xiepai.kernel import audit, clock
from xiepai.kernel.errors import ErrorCode, XiepaiError, not_found
from xiepai.parties.access import Actor
from xiepai.parties.models import Membership, Person, Role
from xiepai.parties.notices import tell

A = AssignmentState


@dataclass(frozen=True)
class Standing:
    """How the review of one application stands, in its last round."""

    rubric: Rubric
    round: int
    assignments: tuple[ReviewAssignment, ...]
    totals: tuple[int, ...]
    moderation: Moderation | None
    #: Of all rounds, in order.
    moderations: tuple[Moderation, ...] = ()

    @property
    def is_complete(self) -> bool:
        """Enough experts, and all of them have scored."""
        living = [each for each in self.assignments if each.state in (A.ASSIGNED, A.SCORED)]
        return len(self.totals) == len(living) and len(living) >= self.rubric.experts

    @property
    def spread(self) -> int:
        """Hundredths between the highest and the lowest mark."""
        return spread_of(self.totals)

    @property
    def mean(self) -> int:
        """The mean mark in hundredths."""
        return mean_of(self.totals)

    @property
    def needs_moderation(self) -> bool:
        """Complete, too far apart, and nobody has looked yet."""
        return self.is_complete and self.spread > 100 * self.rubric.spread and self.moderation is None


def standing_of(application: Application) -> Standing:
    """Read how the review stands: three queries beside the rubric's two."""
    rows = application.assignments.select_related("reviewer", "score").order_by("round", "id")
    last = max((row.round for row in rows), default=1)
    moderations = {row.round: row for row in application.moderations.select_related("by").order_by("round")}
    kept = tuple(moderations.values())
    present = moderations.get(last)
    if present is not None and present.kind == ModerationKind.AGAIN:
        last, present = last + 1, None
    own = tuple(row for row in rows if row.round == last)
    totals = tuple(row.score.total for row in own if row.state == A.SCORED)
    return Standing(rubric_of(application), last, own, totals, present, kept)


def experts_for(application: Application) -> list[Person]:
    """Who may be asked: reviewers who do not keep out, do not work for the company, and see no files of the office."""
    rows = Membership.objects.filter(organisation__kind="office", role=Role.REVIEWER, person__is_active=True)
    recused = Recusal.objects.filter(application=application).values("person_id")
    recused_all = Recusal.objects.filter(organisation_id=application.organisation_id).values("person_id")
    theirs = Membership.objects.filter(organisation_id=application.organisation_id).values("person_id")
    insiders = Membership.objects.filter(organisation__kind="office", role__in=access.READERS).values("person_id")
    if rubric_of(application).is_blind:
        rows = rows.exclude(person__in=insiders)
    rows = rows.exclude(person__in=recused).exclude(person__in=recused_all).exclude(person__in=theirs)
    people = {row.person_id: row.person for row in rows.select_related("person")}
    return [people[key] for key in sorted(people)]


def assign_experts(
    *, actor: Actor, application_id: int, person_ids: Sequence[int], due_at: datetime | None = None
) -> list[ReviewAssignment]:
    """Give an application to experts, under one blind code; together with those before at least as many as needed."""
    access.require_officer(actor)
    with transaction.atomic():
        application = flow.locked(actor, application_id)
        _require_step(application)
        now = standing_of(application)
        allowed = {person.pk: person for person in experts_for(application)}
        chosen = sorted(set(person_ids))
        if set(chosen) - set(allowed):
            raise XiepaiError(ErrorCode.RECUSED)
        there = {row.reviewer_id for row in now.assignments}
        before = {row.reviewer_id for row in application.assignments.filter(round__lt=now.round)}
        fresh = [key for key in chosen if key not in there]
        if set(fresh) & before:
            raise invalid(_("重评须另请没有评过的专家。"))
        living = sum(row.state in (A.ASSIGNED, A.SCORED) for row in now.assignments)
        if living + len(fresh) < now.rubric.experts:
            raise invalid(_("至少要有 {n} 位专家。"), n=now.rubric.experts)
        code = next((row.code for row in now.assignments), "") or secrets.token_hex(3).upper()
        made = [_assign(actor, application, key, code, now.round, due_at or application.due_at) for key in fresh]
        people = [allowed[key] for key in fresh]
        subject = _("请评审：%(code)s") % {"code": code}
        tell(people, kind="grants", subject=subject, body=subject, path="/office/grants/reviews/")
    return made


def _assign(
    actor: Actor, application: Application, person_id: int, code: str, number: int, due_at: datetime | None
) -> ReviewAssignment:
    row = ReviewAssignment.objects.create(
        application=application, reviewer_id=person_id, code=code, round=number, due_at=due_at,
        assigned_by_id=actor.person_id, assigned_at=clock.now(),
    )  # fmt: skip
    audit.record("grants.review.assigned", row, actor=actor)
    return row


def remind_experts(application: Application) -> None:
    """Part of a service: the time is nearly over; those who have not scored are told, by the blind code alone."""
    for row in application.assignments.filter(state=A.ASSIGNED).select_related("reviewer"):
        subject = _("评审 %(code)s 即将到期") % {"code": row.code}
        tell([row.reviewer], kind="grants", subject=subject, body=subject, path="/office/grants/reviews/")


def cancel_assignment(*, actor: Actor, assignment_id: int, reason: str) -> None:
    """Take an application back from an expert who has not scored."""
    access.require_officer(actor)
    if not reason.strip():
        raise invalid(_("请写理由。"))
    with transaction.atomic():
        row = ReviewAssignment.objects.select_for_update().filter(pk=assignment_id).first()
        if row is None:
            raise not_found()
        flow.locked(actor, row.application_id)
        if row.state != A.ASSIGNED:
            raise invalid(_("只能取消还没有评的分派。"))
        end_assignment(row, A.CANCELLED, actor)


def end_assignment(row: ReviewAssignment, state: AssignmentState, actor: Actor) -> None:
    """Part of a service: an expert has no more to do with it."""
    before = audit.snapshot(row)
    row.state = state.value
    row.save(update_fields=["state"])
    audit.record(f"grants.review.{state.value}", row, actor=actor, before=before)


def submit_score(*, actor: Actor, assignment_id: int, points: Mapping[str, object], comment: str = "") -> ReviewScore:
    """An expert's points, once."""
    with transaction.atomic():
        row = own_assignment(actor, assignment_id, lock=True)
        if row.state != A.ASSIGNED:
            raise invalid(_("您已经评过这一件，不能再改。"))
        _require_step(row.application)
        rubric = rubric_of(row.application)
        items = checked_points(rubric, points)
        score = ReviewScore.objects.create(
            assignment=row, items=items, total=rubric.total(items), comment=comment.strip()[:2000],
            submitted_at=clock.now(),
        )  # fmt: skip
        audit.record("grants.review.score_given", score, actor=actor)
        end_assignment(row, A.SCORED, actor)
    return score


def own_assignment(actor: Actor, assignment_id: int, *, lock: bool = False) -> ReviewAssignment:
    """The actor's own assignment; another's, and one he keeps out of, is not found."""
    rows = ReviewAssignment.objects.filter(pk=assignment_id, reviewer_id=actor.person_id or 0)
    rows = rows.filter(state__in=(A.ASSIGNED, A.SCORED))
    if lock:
        rows = rows.select_for_update(of=("self",))
    row = rows.select_related("application__programme", "application__version", "application__step").first()
    if row is None or not actor.holds(Role.REVIEWER) or flow.is_recused(actor, row.application):
        raise not_found()
    return row


def moderate(*, actor: Actor, application_id: int, kind: str, note: str) -> Moderation:
    """Marks lie too far apart: the mean counts all the same, or others score again."""
    access.require_officer(actor)
    if kind not in ModerationKind.values or not note.strip():
        raise invalid(_("请选择处理方式并写明理由。"))
    with transaction.atomic():
        application = flow.locked(actor, application_id)
        _require_step(application)
        now = standing_of(application)
        if not now.needs_moderation:
            raise invalid(_("分差没有超出限度，或还没有评完。"))
        row = Moderation.objects.create(
            application=application, round=now.round, kind=kind, note=note.strip(), by_id=actor.person_id,
            at=clock.now(),
        )  # fmt: skip
        audit.record("grants.review.moderated", row, actor=actor)
    return row


def require_settled(application: Application) -> None:
    """Refuse to go on before enough experts have scored and their marks agree (or somebody has looked)."""
    now = standing_of(application)
    if not now.is_complete:
        raise invalid(_("专家评审还没有完成：已评 {done}，至少 {n}。"), done=len(now.totals), n=now.rubric.experts)
    if now.needs_moderation:
        raise invalid(_("分差超过 {limit} 分，须先复核。"), limit=now.rubric.spread)


def _require_step(application: Application) -> None:
    here = application.step is not None and application.step.kind == StepKind.EXPERT_REVIEW
    if not here or application.state != ApplicationState.IN_REVIEW:  # an expert reads this: it names nothing
        raise invalid(_("申报不在专家评审环节。"))
