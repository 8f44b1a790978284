"""The leading group's pages: the list as it comes out, what another limit would change, the list fixed, decisions.

What-if is a GET and writes nothing. Fixing says which list was looked at; on another one it is refused.
"""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from xiepai.grants import access, flow, ledger
from xiepai.grants.cases import Computed, replay_list
from xiepai.grants.models import Application, ApplicationState, AwardList, LedgerKind, Programme, StepKind
from xiepai.grants.services import deciding, proposing, sampling
from xiepai.kernel.errors import XiepaiError, not_found
from xiepai.web.office.grants import attempt, fen, number, numbers
from xiepai.web.requests import Request

S = ApplicationState
PREFIX = "limit-"


@require_safe
def listing(request: Request) -> HttpResponse:
    """The programmes with what waits for the list, for the sample and for a decision; the lists that were fixed."""
    rows = []
    for programme in Programme.objects.filter(is_local=True).order_by("-year", "code"):
        waiting = len(proposing.ready(request.actor, programme))
        sample = len(sampling.waiting_for_sample(request.actor, programme))
        rows.append((programme, waiting, sample))
    lists = AwardList.objects.select_related("programme", "fixed_by").order_by("-id")[:50]
    context = {"rows": rows, "lists": lists, "decidable": decidable(request)}
    return render(request, "office/grant_lists.html", context)


def decidable(request: Request) -> list[Application]:
    """What may be decided now: its notice is over, or its programme has none."""
    rows = access.visible_applications(request.actor).filter(state__in=(S.PROPOSED, S.NOTICED))
    rows = rows.select_related("organisation", "work", "programme", "step").prefetch_related("notice_items__notice")
    without = set(
        Programme.objects.exclude(steps__kind=StepKind.PUBLIC_NOTICE, steps__is_active=True).values_list(
            "pk", flat=True
        )
    )
    found = []
    for row in rows.order_by("id"):
        is_over = any(item.notice.state == "closed" for item in row.notice_items.all())
        if (row.state == S.NOTICED and is_over) or (row.state == S.PROPOSED and row.programme_id in without):
            found.append(row)
    return found


@require_safe
def award_list(request: Request, programme_id: int) -> HttpResponse:
    """The list as it comes out now, and beside it with the limits that are tried."""
    programme = _programme(request, programme_id)
    computed = proposing.listed(request.actor, programme)
    version_id = request.GET.get("version", "")
    parts = [_part(request, each, str(each.version.pk) == version_id or len(computed) == 1) for each in computed]
    context = {
        "programme": programme,
        "list_parts": parts,
        "newest": programme.versions.order_by("-number").first(),
        "purses": [ledger.statement(purse) for purse in ledger.purses_of(programme.pk)],
        "kinds": LedgerKind,
        "sample": sampling.waiting_for_sample(request.actor, programme),
        "samples": [(row, sampling.is_reproducible(row)) for row in programme.samples.select_related("drawn_by")[:10]],
        "may_fix": request.actor.holds(*flow.roles_for(_first_step(programme))),
        "may_sample": request.actor.holds(*flow.roles_for(flow.step_of_kind(programme, StepKind.AUDIT))),
    }
    return render(request, "office/grant_list.html", context)


def _part(request: Request, now: Computed, is_asked: bool) -> dict[str, Any]:
    changes: dict[str, str] = {}
    then = now
    if is_asked:
        given = {name.removeprefix(PREFIX): text for name, text in request.GET.items() if name.startswith(PREFIX)}
        try:
            changes = proposing.checked_changes(now, {name: str(text) for name, text in given.items()})
            if changes:
                applications = [row.application for row in now.rows]
                then = proposing.compute(now.version, applications, changes=changes)
        except XiepaiError as refusal:
            messages.error(request, str(refusal))
    limits = [
        (each, changes.get(each.path, each.literal.partition("|")[0].strip())) for each in proposing.limits_of(now)
    ]
    lines = proposing.compare(now, then) if changes else [proposing.Line(row, row) for row in now.rows]
    return {"now": now, "then": then, "changes": changes, "limits": limits, "lines": lines}


@require_POST
def fix(request: Request, programme_id: int) -> HttpResponse:
    """Fix the list that was looked at."""
    changes = {name.removeprefix(PREFIX): str(text) for name, text in request.POST.items() if name.startswith(PREFIX)}
    kept = attempt(
        request,
        lambda: proposing.fix_list(
            actor=request.actor,
            programme_id=programme_id,
            version_id=number(request, "version"),
            meeting=request.POST.get("meeting", ""),
            seen=request.POST.get("seen", ""),
            changes=changes,
        ),
        _("名单已审定，金额已预留；接着公示。"),
    )
    return redirect("office:grant_fixed", kept.pk) if kept else redirect("office:grant_list", programme_id)


@require_safe
def fixed(request: Request, list_id: int) -> HttpResponse:
    """A list that was fixed, with each amount computed again from what it kept."""
    kept = AwardList.objects.select_related("programme", "version", "fixed_by").filter(pk=list_id).first()
    if kept is None:
        raise not_found()
    again = replay_list(kept)
    rows = access.visible_applications(request.actor).filter(number__in=list(kept.outcome))
    lines = [
        (row, kept.outcome[row.number]["fen"], again[row.number])
        for row in rows.select_related("organisation", "work").order_by("id")
    ]
    return render(request, "office/grant_fixed.html", {"kept": kept, "lines": lines})


@require_POST
def sample(request: Request, programme_id: int) -> HttpResponse:
    """Draw which applications are audited."""
    attempt(
        request,
        lambda: sampling.draw_sample(
            actor=request.actor,
            programme_id=programme_id,
            seed=request.POST.get("seed", ""),
            threshold_fen=fen(request, "threshold"),
            percent=number(request, "percent", 101),
        ),
        _("已抽取；未抽中的已转入下一环节。"),
    )
    return redirect("office:grant_list", programme_id)


@require_POST
def decide(request: Request) -> HttpResponse:
    """Decide the chosen, all or none."""
    attempt(
        request,
        lambda: deciding.decide(
            actor=request.actor,
            application_ids=numbers(request, "application"),
            meeting=request.POST.get("meeting", ""),
        ),
        _("已作出决定，款项已列入待拨付。"),
    )
    return redirect("office:grant_lists")


def _first_step(programme: Programme) -> Any:
    for kind in flow.LISTING:
        step = flow.step_of_kind(programme, kind)
        if step is not None:
            return step
    return None


def _programme(request: Request, programme_id: int) -> Programme:
    programme = access.visible_programmes(request.actor).filter(pk=programme_id).first()
    if programme is None:
        raise not_found()
    return programme
