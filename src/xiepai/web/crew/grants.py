"""What my company is owed and may be owed, the next question, and the list of its applications.

Figures are the evaluation's, before limits shared with others; the page says so. Refused: another company's rows.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from xiepai.grants import selectors, selectors_company
from xiepai.grants.drafting import Field
from xiepai.grants.models import ApplicationState
from xiepai.grants.selectors_company import SORTS, find_applications, home_of, own_companies, question_key
from xiepai.grants.services.answering import answer_question
from xiepai.grants.services.applications import start_application
from xiepai.grants.vocabulary import specs_named
from xiepai.grants.wording import Measures
from xiepai.kernel import clock
from xiepai.kernel.errors import XiepaiError, not_found
from xiepai.parties.models import Organisation
from xiepai.productions.models import Work
from xiepai.web import grant_views
from xiepai.web.formats import named
from xiepai.web.refusals import attempt, tell
from xiepai.web.requests import Request
from xiepai.web.spreadsheets import table_file, yuan

PER_PAGE = 50
MOST_SKIPPED = 40


@require_safe
def home(request: Request) -> HttpResponse:
    """What my companies are owed, per work and measure; one question at a time."""
    skipped = request.GET.get("skip", "").split(",")[:MOST_SKIPPED]
    found = home_of(request.actor, skipped=skipped)
    turns = selectors_company.counts_of_turns(request.actor)
    context = {
        "home": found,
        "asked": _asked(found.question),
        "skip": _skip_of(found.question, skipped),
        "skipped": [each for each in skipped if each],
        "turns": turns,
        "problem": request.GET.get("problem", "")[:200],
    }
    return render(request, "crew/grants.html", context)


def _asked(question: selectors_company.Question | None) -> grant_views.Input | None:
    """The open question as its input needs it."""
    if question is None:
        return None
    return grant_views.input_of(Field(question.spec.name, question.spec, ""))


def _skip_of(question: selectors_company.Question | None, skipped: list[str]) -> str:
    if question is None:
        return ""
    keys = [each for each in skipped if each] + [question_key(question.subject, question.spec)]
    return "?" + urlencode({"skip": ",".join(keys)})


@require_POST
def answer(request: Request) -> HttpResponse:
    """Answer the open question; the page comes back with the range narrowed."""
    name, value = request.POST.get("name", ""), request.POST.get("value", "")
    spec = next(iter(specs_named(name)), None)
    given = grant_views.literal_of(spec, value, request.POST.get("unit", ""))
    skip = request.POST.get("skip", "")
    where = reverse("crew:grants") + (f"?{urlencode({'skip': skip})}" if skip else "")
    if not given:
        messages.error(request, _("请先作答，或者选“还不知道”。"))
        return redirect(f"{where}#question")
    work_id, organisation_id = _number(request, "work"), _number(request, "organisation")
    deed = {"work_id": work_id} if work_id else {"organisation_id": organisation_id or 0}
    attempt(request, lambda: answer_question(actor=request.actor, name=name, value=given, **deed))
    return redirect(f"{where}#question")


@require_safe
def owed(request: Request, work_id: int) -> HttpResponse:
    """Why a work is owed what it is owed: clause by clause, with the facts and where they are from."""
    return _owed_page(request, work_id=work_id)


@require_safe
def owed_company(request: Request, organisation_id: int) -> HttpResponse:
    """The same of a company by itself."""
    return _owed_page(request, organisation_id=organisation_id)


def _owed_page(request: Request, **whom: int) -> HttpResponse:
    found = [each for each in selectors.owed_to(request.actor, **whom) if each.version.programme.is_local]
    shown = []
    for each in found:
        names = {row.measure for row in each.measures}
        lines = grant_views.measure_lines(each.award, names)
        read = {name for found in each.award.measures if found.measure.name in names for name in found.measure.facts}
        facts = [fact for name, fact in each.facts.items() if name in read]
        shown.append(
            {"owed": each, "lines": lines, "facts": facts, "rows": {row.measure: row for row in each.measures}}
        )
    subject = selectors.subject_of(request.actor, **whom)
    context = {
        "shown": shown,
        "work": Work.objects.filter(pk=subject.work_id or 0).first(),
        "organisation": Organisation.objects.get(pk=subject.organisation_id),
    }
    return render(request, "crew/grant_owed.html", context)


@require_POST
def start(request: Request) -> HttpResponse:
    """Begin an application from what is owed; the one that is there already is opened."""
    entitlement_id = _number(request, "entitlement")
    if not entitlement_id:
        raise not_found()
    measures = request.POST.getlist("measures")[:50]
    try:
        row = start_application(actor=request.actor, entitlement_id=entitlement_id, measures=measures)
    except XiepaiError as refusal:
        tell(request, refusal)
        return redirect("crew:grants")
    return redirect("crew:grant", row.pk)


class ApplicationFilterForm(forms.Form):
    """What a list of applications can be narrowed by."""

    q = forms.CharField(label=gettext_lazy("编号、剧名或公司"), required=False, max_length=60)
    state = forms.ChoiceField(
        label=gettext_lazy("状态"),
        required=False,
        choices=[("", gettext_lazy("全部状态")), ("turn", gettext_lazy("等我们办")), *ApplicationState.choices],
    )


def _found(request: Request) -> tuple[Any, ApplicationFilterForm, str]:
    form = ApplicationFilterForm(request.GET)
    form.is_valid()
    given = form.cleaned_data
    sort = request.GET.get("sort", "-at")
    sort = sort if sort.lstrip("-") in SORTS else "-at"
    rows = find_applications(
        request.actor, of=own_companies(request.actor), words=given.get("q") or "", state=given.get("state") or "",
        sort=sort,
    )  # fmt: skip
    return rows, form, sort


@require_safe
def listing(request: Request) -> HttpResponse:
    """The applications of the reader's companies."""
    rows, form, sort = _found(request)
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "crew/grant_list.html", {"page": page, "form": form, "sort": sort})


@require_safe
def as_file(request: Request, form: str) -> HttpResponse | StreamingHttpResponse:
    """The same list, whole, as CSV or XLSX."""
    rows, _form, _sort = _found(request)
    return table_file(form, f"applications-{clock.today()}", _table(rows))


def _table(rows: Any) -> Iterator[list[object]]:
    names = Measures()
    yield [
        *(_("编号"), _("奖补项目"), _("剧组公司"), _("作品"), _("政策条目"), _("状态"), _("办理环节"), _("期限")),
        *(_("申请金额（元）"), _("核定金额（元）"), _("提交时间"), _("资料性质")),
    ]
    for row in rows.iterator(chunk_size=500):
        yield [
            *(row.number, named(row.programme), named(row.organisation), row.work.title if row.work else ""),
            *(names.words(row.version_id, row.measures), row.get_state_display(), str(row.step or "")),
            *(_moment(row.due_at), yuan(row.asked_fen), "" if row.awarded_fen is None else yuan(row.awarded_fen)),
            *(_moment(row.submitted_at), row.get_standing_display()),
        ]


def _moment(value: Any) -> str:
    return f"{clock.local(value):%Y-%m-%d %H:%M}" if value else ""


def _number(request: Request, name: str) -> int | None:
    text = request.POST.get(name, "")
    return int(text) if text.isdigit() and len(text) < 19 else None
