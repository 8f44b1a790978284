"""One application of my company: written by several people at once, its papers, where it stands, what came of it.

A save sends what stood in each field when the page was read; what somebody else changed meanwhile comes back beside
one's own words, with status 409, and nothing of either is lost. Every press works without scripts.
"""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from xiepai.grants import access, selectors_company
from xiepai.grants.documents.forms import is_list
from xiepai.grants.doubles import warnings_of
from xiepai.grants.drafting import FORM_FIELDS, Field, Filled, award_kept, evidence_of, fill
from xiepai.grants.models import Application
from xiepai.grants.policies import program_of
from xiepai.grants.selectors import exclusions_of, open_windows
from xiepai.grants.selectors_decisions import outcomes_of
from xiepai.grants.services import appealing, applications, submitting
from xiepai.grants.services.applications import Clash, Saved
from xiepai.grants.states import WRITABLE
from xiepai.kernel import clock
from xiepai.kernel.errors import XiepaiError, not_found
from xiepai.web import grant_views
from xiepai.web.refusals import HIDDEN, attempt
from xiepai.web.requests import Request


def get_application(request: Request, application_id: int) -> Application:
    """The application, for whom it concerns."""
    rows = access.visible_applications(request.actor)
    rows = rows.select_related("programme", "version__programme", "organisation", "work", "step", "created_by")
    row = rows.filter(pk=application_id).first()
    if row is None or not access.may_write_for(request.actor, row.organisation_id):
        raise not_found()
    return row


@require_safe
def application(request: Request, application_id: int) -> HttpResponse:
    """The whole of it: form and papers while it is the company's turn, and where it stands."""
    row = get_application(request, application_id)
    return render(request, "crew/grant.html", _context(request, row))


def _context(request: Request, row: Application, clashes: tuple[Clash, ...] = ()) -> dict[str, Any]:
    is_open = row.state in WRITABLE
    filled = fill(row)
    evidence = evidence_of(row)
    program = program_of(filled.version, clock.today())
    award = filled.award if is_open else award_kept(row)
    corrections = list(row.corrections.select_related("requested_by", "answered_by").order_by("-id"))
    return {
        "row": row,
        "is_open": is_open,
        "filled": filled,
        "inputs": [grant_views.input_of(field) for field in filled.fields],
        "clashes": {clash.name: clash for clash in clashes},
        "evidence": evidence,
        "form_of": {paper.kind: "xlsx" if is_list(paper) else "pdf" for paper in filled.papers},
        "warned": warnings_of(request.actor, evidence),
        "measures": program.measures,
        "lines": grant_views.measure_lines(award, set(row.measures)),
        "steps": grant_views.step_lines(award) if not is_open else [],
        "assumed": grant_views.assumed_lines(award) if is_open else [],
        "stations": selectors_company.stations_of(row),
        "corrections": corrections,
        "correction": next((each for each in corrections if each.state == "open"), None),
        "labels": labels_of(filled),
        "appeals": list(row.appeals.select_related("made_by", "answered_by").order_by("-id")),
        **_hearing(request, row),
        "outcomes": outcomes_of(row),
        "changes": selectors_company.changes_of(request.actor, row, 20),
        "earlier": selectors_company.earlier_applications(request.actor, row) if is_open else [],
        "exclusions": exclusions_of(row.organisation_id) if is_open else [],
        "windows": list(row.programme.windows.all()) if is_open else [],
        "is_window_open": bool(open_windows(row.programme, clock.now())),
        "can_withdraw": "withdrawn" in {state.value for state in selectors_company.following(row)},
    }


def _hearing(request: Request, row: Application) -> dict[str, Any]:
    """What the company may say against a refusal, and until when."""
    refusal, may_speak = appealing.open_refusal(row), appealing.may_speak(request.actor, row)
    may_appeal = may_speak and appealing.may_appeal(row)
    return {
        "refusal": refusal,
        "can_rebut": may_speak and refusal is not None and appealing.may_rebut(row, refusal),
        "can_appeal": may_appeal,
        "appeal_until": appealing.appeal_until(row) if may_appeal else None,
        "appeal_days": appealing.APPEAL_DAYS,
    }


def labels_of(filled: Filled) -> dict[str, str]:
    """What each field is called."""
    found = {field.name: grant_views.said(field.spec) for field in filled.fields if field.spec is not None}
    papers = {paper.kind: submitting.named_paper(paper) for paper in filled.papers}
    return papers | found | {name: str(words) for name, (words, _longest, _required) in FORM_FIELDS.items()}


@require_POST
def save(request: Request, application_id: int) -> HttpResponse:
    """Save the form, or by htmx what has just been typed; clashes come back with 409."""
    row = get_application(request, application_id)
    values, seen = _posted(request, row)
    try:
        saved = applications.save_fields(actor=request.actor, application_id=application_id, values=values, seen=seen)
    except XiepaiError as refusal:
        if refusal.http_status in HIDDEN or request.htmx:
            raise
        messages.error(request, str(refusal))
        return redirect("crew:grant", application_id)
    if request.htmx:
        return _partial(request, saved, seen)
    if saved.clashes:
        row = get_application(request, application_id)
        return render(request, "crew/grant.html", _context(request, row, saved.clashes), status=409)
    messages.success(request, _("已保存。"))
    return redirect("crew:grant", application_id)


def _posted(request: Request, row: Application) -> tuple[dict[str, str], dict[str, str]]:
    """What was typed and what stood there before, by field; ``use`` takes what lost a clash for one field."""
    fields = {field.name: field for field in fill(row).fields if not field.is_fixed}
    values, seen = {}, {}
    chosen = request.POST.get("use", "")
    for name, field in fields.items():
        given = request.POST.get(f"mine-{name}") if name == chosen else request.POST.get(f"f-{name}")
        if given is None:
            continue
        unit = "" if name == chosen else request.POST.get(f"u-{name}", "")
        values[name] = grant_views.literal_of(field.spec, given[:4000], unit)
        before = request.POST.get(f"was-{name}")
        if before is not None:
            seen[name] = before
    return values, seen


def _partial(request: Request, saved: Saved, seen: dict[str, str]) -> HttpResponse:
    """What the page changes after an autosave: the meter, what was saved by whom, what others wrote meanwhile."""
    clashes = {clash.name: clash for clash in saved.clashes}
    stale = [field for field in saved.filled.fields if _is_stale(field, saved, seen)]
    context = {
        "row": saved.filled.application,
        "filled": saved.filled,
        "saved": [grant_views.input_of(field) for field in saved.filled.fields if field.name in saved.changed],
        "stale": [grant_views.input_of(field) for field in stale],
        "clashes": clashes,
        "labels": labels_of(saved.filled),
        "now": clock.now(),
        "is_open": True,
    }
    answer = render(request, "crew/grant_saved.html", context, status=409 if clashes else 200)
    answer["HX-Retarget"] = "#save-state"
    return answer


def _is_stale(field: Field, saved: Saved, seen: dict[str, str]) -> bool:
    """Whether the page shows something else than what stands, and not because of this save."""
    if field.name in saved.changed or field.is_fixed:
        return False
    return field.name in seen and seen[field.name] != field.value


@require_POST
def measures(request: Request, application_id: int) -> HttpResponse:
    """Ask for other measures."""
    chosen = request.POST.getlist("measures")[:50]
    attempt(
        request,
        lambda: applications.choose_measures(actor=request.actor, application_id=application_id, measures=chosen),
        gettext_lazy("已更新申报条目。"),
    )
    return redirect("crew:grant", application_id)


@require_POST
def copy(request: Request, application_id: int) -> HttpResponse:
    """Take over what an earlier application said."""
    text = request.POST.get("source", "")
    source_id = int(text) if text.isdigit() and len(text) < 19 else 0
    taken: list[tuple[str, ...]] = []
    deed = applications.copy_from
    if attempt(
        request,
        lambda: taken.append(deed(actor=request.actor, application_id=application_id, source_id=source_id)[1]),
    ):
        count = len(taken[0])
        words = _("已带入 %(n)s 项；已经填好的没有动。") if count else _("没有可以带入的内容。")
        messages.success(request, words % {"n": count} if count else words)
    return redirect("crew:grant", application_id)


@require_POST
def submit(request: Request, application_id: int) -> HttpResponse:
    """Hand it in."""
    is_true = "true" in request.POST.getlist("is_true")
    attempt(
        request,
        lambda: submitting.submit_application(actor=request.actor, application_id=application_id, is_true=is_true),
        gettext_lazy("已提交。办到哪一步、什么时候到期，都在这一页。"),
    )
    return redirect("crew:grant", application_id)


@require_POST
def answer(request: Request, application_id: int) -> HttpResponse:
    """Answer what the office asked back."""
    is_true, words = "true" in request.POST.getlist("is_true"), request.POST.get("answer", "")
    attempt(
        request,
        lambda: submitting.answer_correction(
            actor=request.actor, application_id=application_id, answer=words, is_true=is_true
        ),
        gettext_lazy("已答复补正，计时恢复。"),
    )
    return redirect("crew:grant", application_id)


@require_POST
def withdraw(request: Request, application_id: int) -> HttpResponse:
    """Take it back."""
    attempt(
        request,
        lambda: submitting.withdraw_application(
            actor=request.actor, application_id=application_id, reason=request.POST.get("reason", "")
        ),
        gettext_lazy("已撤回。"),
    )
    return redirect("crew:grant", application_id)


@require_POST
def object_to(request: Request, application_id: int) -> HttpResponse:
    """Say something against an announced refusal, or against a final one."""
    deed = {"rebuttal": appealing.rebut, "appeal": appealing.appeal}.get(request.POST.get("kind", ""))
    if deed is None:
        raise not_found()
    text = request.POST.get("text", "")
    attempt(
        request,
        lambda: deed(actor=request.actor, application_id=application_id, text=text),
        gettext_lazy("已提交，协拍办会书面答复。"),
    )
    return redirect("crew:grant", application_id)
