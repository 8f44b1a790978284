"""Papers that wait for the office: checked one after the other, accepted, or sent back with the reason."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from xiepai.kernel.errors import ErrorCode, XiepaiError
from xiepai.productions import services
from xiepai.productions.models import PaperKind
from xiepai.productions.selectors_lists import paper_queue
from xiepai.web.formats import named
from xiepai.web.refusals import tell
from xiepai.web.requests import Request

PER_PAGE = 30


class QueueForm(forms.Form):
    """What the queue can be narrowed by."""

    q = forms.CharField(label=gettext_lazy("剧名、公司或编号"), required=False, max_length=60)
    kind = forms.TypedChoiceField(label=gettext_lazy("种类"), required=False, coerce=int, empty_value=None)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        kinds = [(str(kind.pk), named(kind)) for kind in PaperKind.objects.all()]
        self.fields["kind"].choices = [("", _("全部种类")), *kinds]  # type: ignore[attr-defined]


@require_safe
def queue(request: Request) -> HttpResponse:
    """What waits, the oldest first."""
    form = QueueForm(request.GET)
    form.is_valid()
    rows = paper_queue(request.actor, words=form.cleaned_data.get("q") or "", kind_id=form.cleaned_data.get("kind"))
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "office/papers.html", {"page": page, "form": form})


@require_POST
def check(request: Request, paper_id: int) -> HttpResponse:
    """Accept a paper, or send it back saying why."""
    back = redirect("office:papers") if request.POST.get("back") == "queue" else redirect("crew:paper", paper_id)
    deeds = {"accept": services.accept_paper, "reject": services.reject_paper}
    deed = deeds.get(request.POST.get("decision", ""))
    if deed is None:
        raise XiepaiError(ErrorCode.INVALID, detail="decision")
    try:
        row = deed(actor=request.actor, paper_id=paper_id, note=request.POST.get("note", ""))
    except XiepaiError as refusal:
        tell(request, refusal)
        return redirect("crew:paper", paper_id)
    messages.success(
        request, _("%(paper)s：%(state)s。") % {"paper": named(row.kind), "state": row.get_state_display()}
    )
    return back
