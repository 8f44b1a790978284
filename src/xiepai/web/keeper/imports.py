"""Files of places in, as a wizard: choose, see what would change and what is wrong, then write; with a report."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from xiepai.kernel.errors import XiepaiError
from xiepai.parties.access import Actor
from xiepai.parties.limits import count
from xiepai.places import uploads as service
from xiepai.places.loading.preview import SHOWN
from xiepai.places.models import ImportState, PlaceImport
from xiepai.web import formats
from xiepai.web.keeper.forms import owners_for
from xiepai.web.keeper.places import act
from xiepai.web.refusals import put_in_form
from xiepai.web.requests import Request
from xiepai.web.spreadsheets import table_file

PER_PAGE = 20
SHOWN_ISSUES = 100


class UploadForm(forms.Form):
    """The file, and whose the places are where a row does not say."""

    file = forms.FileField(
        label=gettext_lazy("场地表（.xlsx、.csv、.geojson）"),
        widget=forms.FileInput(attrs={"accept": ".xlsx,.csv,.txt,.geojson,.json"}),
        help_text=gettext_lazy("先试一遍，什么也不写；您看过再决定。"),
    )
    owner = forms.TypedChoiceField(label=gettext_lazy("没写机构的行归"), coerce=int, empty_value=None, required=False)

    def __init__(self, data: Any = None, files: Any = None, *, actor: Actor) -> None:
        super().__init__(data, files)
        owners = [(row.pk, formats.named(row)) for row in owners_for(actor)]
        self.fields["owner"].choices = owners if len(owners) == 1 else [("", _("请选择")), *owners]  # type: ignore[attr-defined]


@require_http_methods(["GET", "POST"])
def listing(request: Request) -> HttpResponse:
    """One's uploads, and a new one."""
    form = UploadForm(request.POST or None, request.FILES or None, actor=request.actor)
    if request.method == "POST" and form.is_valid():
        upload = form.cleaned_data["file"]
        try:
            count("upload", request.actor.person_id)
            row = service.receive_import(
                actor=request.actor, upload=upload, name=upload.name, owner_id=form.cleaned_data["owner"]
            )
        except XiepaiError as refusal:
            put_in_form(form, refusal, "file")
        else:
            return redirect("keeper:import", row.pk)
    page = Paginator(service.imports_of(request.actor), PER_PAGE).get_page(request.GET.get("page"))
    context = {"form": form, "page": page}
    return render(request, "keeper/imports.html", context, status=422 if form.errors else 200)


@require_safe
def one(request: Request, import_id: int) -> HttpResponse:
    """The preview, the progress, or the report, as the upload stands."""
    row = service.get_import(request.actor, import_id)
    return render(request, "keeper/import.html", _context(row))


@require_POST
def decide(request: Request, import_id: int) -> HttpResponse:
    """Write everything, write the good rows, or leave it."""
    actor, deed = request.actor, request.POST.get("deed", "")
    deeds: dict[str, tuple[Callable[[], object], str]] = {
        "all": (lambda: service.decide_import(actor=actor, import_id=import_id, keep_good=False), ""),
        "good": (lambda: service.decide_import(actor=actor, import_id=import_id, keep_good=True), ""),
        "drop": (lambda: service.drop_import(actor=actor, import_id=import_id), _("已放弃，什么也没有写入。")),
    }
    service.get_import(actor, import_id)
    run, done = deeds.get(deed, (None, ""))
    if done or run is None:
        return act(request, run, done, "keeper:import", import_id)
    try:
        run()
    except XiepaiError as refusal:
        messages.error(request, str(refusal))
    return redirect("keeper:import", import_id)


@require_safe
def errors(request: Request, import_id: int) -> HttpResponse | StreamingHttpResponse:
    """The bad rows as they stand in the file, each with what is wrong: mended, they can be uploaded as they are."""
    row = service.get_import(request.actor, import_id)
    return table_file("csv", f"import-{row.pk}-errors", list(service.error_rows(row)))


def _context(row: PlaceImport) -> dict[str, Any]:
    report = row.report
    issues = report.get("issues", [])
    running = row.state in (ImportState.READING, ImportState.WRITING)
    return {
        "row": row,
        "report": report,
        "issues": issues[:SHOWN_ISSUES],
        "more_issues": max(0, len(issues) - SHOWN_ISSUES),
        "changes": report.get("changes", []),
        "shown": SHOWN,
        "running": running,
        "good": report.get("created", 0) + report.get("updated", 0),
    }
