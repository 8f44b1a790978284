"""One application as the office works on it: facts with sources, papers, explanation, clock, history, deeds."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef, Q
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from xiepai.grants import access, flow
from xiepai.grants.doubles import doubles_of
from xiepai.grants.drafting import asked_facts, with_the_rest_lowest
from xiepai.grants.knowing import KnownFact, Subject, known_facts
from xiepai.grants.models import (
    Application,
    ApplicationState,
    CheckResult,
    Evidence,
    EvidenceState,
    ModerationKind,
    RefusalState,
    StepKind,
)
from xiepai.grants.policies import evaluate, policy_of
from xiepai.grants.refreshing import day_of, open_claims
from xiepai.grants.replaying import values_of
from xiepai.grants.selectors import exclusions_of
from xiepai.grants.services import recusing
from xiepai.grants.services.deciding import is_intact, last_list_with
from xiepai.grants.services.refusing import why_not_final
from xiepai.grants.services.scoring import experts_for, standing_of
from xiepai.grants.wording import Milestones, is_english, papers_in_english
from xiepai.kernel import clock as present
from xiepai.kernel.errors import not_found
from xiepai.kernel.models import AuditEntry
from xiepai.parties.models import Role
from xiepai.policy import Award, FactSpec
from xiepai.web import grant_views
from xiepai.web.people.events import label_of
from xiepai.web.requests import Request

S = ApplicationState
SHOWN_EVENTS = 12
#: What may hang on an application; most have little of it, so the query that reads the row says of which there is any.
KEPT = ("assignments", "refusals", "decisions", "corrections", "appeals", "recusals", "payments", "checks")


@dataclass(frozen=True)
class FactLine:
    """One fact the asked measures read: as handed in, as known now, and what may be done with it."""

    spec: FactSpec
    kept: dict[str, Any]
    known: KnownFact | None

    @property
    def is_claim(self) -> bool:
        """Nobody has checked it."""
        return self.known.is_claim if self.known else bool(self.kept.get("is_claim"))

    @property
    def differs(self) -> bool:
        """What is known now is another value than the application keeps."""
        value = grant_views.shown_value(self.spec, str(self.kept.get("value", "")))
        return self.known is not None and grant_views.shown_value(self.spec, self.known.value) != value


@require_safe
def application(request: Request, application_id: int) -> HttpResponse:
    """The page; each deed is offered to whom its step names."""
    row = get_application(request, application_id)
    award = award_of(row)
    papers = papers_of(row)
    doubles = doubles_of(request.actor, papers)
    refusals = kept_of(row, "refusals", "announced_by")
    refusal = next((each for each in refusals if each.state == RefusalState.OPEN), None)
    decisions = kept_of(row, "decisions", "decided_by", "version")
    facts, english = fact_lines(row), papers_en(row)
    unproven = {each.spec.name for each in facts if each.is_claim}
    payments = kept_of(row, "payments")
    context = {
        "row": row,
        "milestones": Milestones([row.programme_id] if any(each.milestone for each in payments) else []),
        "seen": flow.stamp(row),
        "now": present.now(),
        "facts": facts,
        "claims": [spec for spec in open_claims(row) if spec.name in unproven],
        "lines": grant_views.measure_lines(award, row.measures),
        "steps": grant_views.step_lines(award),
        "papers": papers,
        "papers_en": english,
        "labels": {each.spec.name: grant_views.said(each.spec) for each in facts} | english,
        "doubles": doubles,
        "exclusions": exclusions_of(row.organisation_id),
        "events": list(row.events.select_related("step", "by").order_by("-id")[:SHOWN_EVENTS]),
        "history": history_of(row),
        "corrections": kept_of(row, "corrections", "requested_by", "answered_by")[::-1],
        "appeals": kept_of(row, "appeals", "made_by", "answered_by")[::-1],
        "refusal": refusal,
        "why_not_final": why_not_final(refusal) if refusal else None,
        "colleagues": recusing.colleagues_of(request.actor, row),
        "recusals": kept_of(row, "recusals", "person", "declared_by"),
        "decisions": [(each, is_intact(each)) for each in decisions],
        "award_list": last_list_with(row) if row.awarded_fen is not None else None,
        "payments": payments,
        "checks": kept_of(row, "checks", "checked_by"),
        "check_results": CheckResult.choices,
        **what_may_be_done(request, row, refusal is not None),
        **review_of(request, row),
    }
    return render(request, "office/grant_application.html", context)


def get_application(request: Request, application_id: int) -> Application:
    """An application the actor may see."""
    rows = access.visible_applications(request.actor).exclude(state=S.DRAFT)
    rows = rows.select_related("programme", "version__programme", "organisation", "work", "step")
    row = rows.annotate(**{f"has_{name}": kept_beside(name) for name in KEPT}).filter(pk=application_id).first()
    if row is None or not access.sees_all(request.actor):
        raise not_found()
    return row


def kept_beside(name: str) -> Exists:
    """Whether an application has any row of that kind, as part of the query that reads the application."""
    related: Any = Application._meta.get_field(name).related_model
    return Exists(related._default_manager.filter(application=OuterRef("pk")))


def kept_of(row: Application, name: str, *people: str) -> list[Any]:
    """Its rows of one kind in order; asked for only where there are any."""
    return list(getattr(row, name).select_related(*people).order_by("id")) if getattr(row, f"has_{name}") else []


def award_of(row: Application) -> Award:
    """What the asked measures give by the facts the application keeps; nothing unasked counts."""
    program = policy_of(row.version).at()
    values = {name: str(value) for name, value in values_of(row.facts).items()}
    known = with_the_rest_lowest(program, asked_facts(program, row.measures), values)
    return evaluate(row.version, known, day_of(row))


def fact_lines(row: Application) -> list[FactLine]:
    """The facts the asked measures read, in the order of the policy file."""
    program = policy_of(row.version).at()
    known = known_facts(row.version, Subject(row.organisation_id, row.work_id))
    read = {name for each in program.measures if each.name in row.measures for name in each.facts}
    return [
        FactLine(spec, row.facts.get(spec.name, {}), known.get(spec.name))
        for spec in program.facts
        if spec.name in read and spec.kind != "key"
    ]


def papers_of(row: Application) -> list[Evidence]:
    """What was handed in for it, and what lies with the company for the same work."""
    lying = Q(application=None, organisation_id=row.organisation_id, work_id=row.work_id)
    rows = Evidence.objects.filter(Q(application=row) | lying).exclude(state=EvidenceState.WITHDRAWN)
    return list(rows.select_related("stored", "uploaded_by", "verified_by").order_by("id"))


def papers_en(row: Application) -> dict[str, str]:
    """What kinds of paper are called in English; asked for on English pages alone."""
    return defaultdict(str, papers_in_english(row.version, row.measures) if is_english() else {})


def history_of(row: Application) -> list[tuple[AuditEntry, str]]:
    """What happened last."""
    rows = AuditEntry.objects.filter(object_type="grants.application", object_id=row.pk).order_by("-id")
    return [(entry, str(label_of(entry.event))) for entry in rows[:SHOWN_EVENTS]]


def what_may_be_done(request: Request, row: Application, is_heard: bool) -> dict[str, bool]:
    """Which deeds the page offers; the services ask again."""
    actor, step = request.actor, row.step
    acts = actor.holds(*flow.roles_for(step))
    in_review = row.state == S.IN_REVIEW and acts and not is_heard
    kind = step.kind if step else ""
    return {
        "may_take": row.state == S.SUBMITTED and not is_heard,
        "may_pass": in_review and kind not in flow.LISTING,
        "may_skip": in_review and bool(step and step.is_skippable),
        "may_return": in_review or (row.state == S.SUBMITTED and acts and not is_heard),
        "may_refuse": row.state in (S.IN_REVIEW, S.RETURNED) and acts and not is_heard,
        "may_cancel_correction": row.state == S.RETURNED and acts,
        "may_act": acts,
        "may_check_facts": actor.is_officer,
        "may_extend": actor.holds(Role.OFFICER, Role.LEADER, Role.ADMINISTRATOR) and row.due_at is not None,
        "is_listed_here": row.state == S.IN_REVIEW and kind in flow.LISTING,
        "may_decide": row.state in (S.PROPOSED, S.NOTICED) and actor.holds(Role.LEADER, Role.ADMINISTRATOR),
        "may_check_performance": row.state == S.PAID and actor.is_officer,
    }


def review_of(request: Request, row: Application) -> dict[str, Any]:
    """The expert review, where the application stands in it or went through it."""
    has_any = getattr(row, "has_assignments")  # noqa: B009 - known to the query, not to the model
    here = row.step is not None and row.step.kind == StepKind.EXPERT_REVIEW and row.state == S.IN_REVIEW
    if not has_any and not here:
        return {"review": None, "experts": [], "may_assign": False, "moderations": []}
    review = standing_of(row)
    experts: Sequence[Any] = experts_for(row) if here and request.actor.is_officer else []
    return {
        "review": review,
        "experts": experts,
        "may_assign": here and request.actor.is_officer,
        "moderations": review.moderations,
        "moderation_kinds": ModerationKind.choices,
    }
