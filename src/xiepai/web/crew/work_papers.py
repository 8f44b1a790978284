"""The papers of a work: what is missing, handing one in, looking at one, its file, taking it back.

A file leaves the house as a download of a type we name ourselves, never inside a page.
"""

from __future__ import annotations

from django.contrib import messages
from django.http import FileResponse, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from xiepai.kernel import clock
from xiepai.kernel.errors import XiepaiError, not_found
from xiepai.parties.limits import count
from xiepai.productions import access, selectors, services
from xiepai.productions.models import PaperState
from xiepai.web.crew.work_forms import PaperForm
from xiepai.web.crew.work_people import may_change
from xiepai.web.refusals import put_in_form, tell
from xiepai.web.requests import Request


@require_safe
def papers(request: Request, work_id: int) -> HttpResponse:
    """The checklist: what holds the work up now, what is needed later, what is in order."""
    detail = selectors.detail(request.actor, work_id)
    context = {
        "detail": detail,
        "work": detail.work,
        "here": "papers",
        "may_write": may_change(request, detail.work),
        "today": clock.today(),
    }
    return render(request, "crew/work_papers.html", context)


@require_http_methods(["GET", "POST"])
def submit(request: Request, work_id: int) -> HttpResponse:
    """Hand a paper in; ``kind`` chooses it beforehand."""
    work = selectors.get_work(request.actor, work_id)
    kinds = list(selectors.paper_kinds(request.actor))
    chosen = next((kind for kind in kinds if kind.code == request.GET.get("kind")), None)
    form = PaperForm(
        request.POST or None,
        request.FILES or None,
        kinds=kinds,
        initial={"kind": chosen.code if chosen else None},
    )
    if request.method == "POST" and form.is_valid():
        count("upload", request.actor.person_id)
        try:
            paper = services.submit_paper(actor=request.actor, work_id=work_id, **form.values())
        except XiepaiError as refusal:
            put_in_form(form, refusal, "file" if refusal.code.value.startswith("file") else None)
        else:
            messages.success(request, _("已提交“%(paper)s”，等协拍办核对。") % {"paper": paper.kind})
            return redirect("crew:work_papers", work_id)
    context = {"work": work, "form": form, "kind": chosen, "kinds": kinds}
    return render(request, "crew/paper_new.html", context, status=422 if form.errors else 200)


@require_safe
def paper(request: Request, paper_id: int) -> HttpResponse:
    """One paper, with what may be done to it."""
    row = selectors.get_paper(request.actor, paper_id)
    is_open = row.state in (PaperState.SUBMITTED, PaperState.REJECTED)
    context = {
        "paper": row,
        "work": row.work,
        "may_check": access.may_check(request.actor) and row.state != PaperState.WITHDRAWN,
        "may_withdraw": access.may_write(request.actor, row.work) and is_open,
        "today": clock.today(),
    }
    return render(request, "crew/paper.html", context)


@require_safe
def file(request: Request, paper_id: int) -> FileResponse:
    """The file as it was handed in."""
    row = selectors.get_paper(request.actor, paper_id)
    if not row.file:
        raise not_found()
    try:
        stream = row.file.open("rb")
    except FileNotFoundError as error:
        raise not_found() from error
    answer = FileResponse(stream, as_attachment=True, filename=row.file_name, content_type=row.file_type)
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Content-Security-Policy"] = "default-src 'none'; sandbox"
    answer["Cache-Control"] = "private, no-store"
    return answer


@require_POST
def withdraw(request: Request, paper_id: int) -> HttpResponse:
    """Take a paper back; its file is deleted."""
    row = selectors.get_paper(request.actor, paper_id)
    try:
        services.withdraw_paper(actor=request.actor, paper_id=paper_id)
    except XiepaiError as refusal:
        tell(request, refusal)
        return redirect("crew:paper", paper_id)
    messages.success(request, _("已撤回，文件已删除。"))
    return redirect("crew:work_papers", row.work_id)
