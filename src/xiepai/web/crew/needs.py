"""A crew's needs in the browser: typed in rows or dropped as a sheet, candidates side by side, one press books.

A list is kept from its first row and outlives the session; wrong cells stay where they are until they are put right.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from xiepai.bookings import need_drafts
from xiepai.bookings.access import visible_need_lists
from xiepai.bookings.job_result import result_of
from xiepai.bookings.models import DraftState, NeedDraft
from xiepai.bookings.needs.cells import COLUMNS, cells_xlsx
from xiepai.kernel import clock
from xiepai.kernel.errors import XiepaiError, not_found
from xiepai.parties.limits import count
from xiepai.parties.models import CREW_ROLES, Organisation
from xiepai.web import formats
from xiepai.web.crew.bookings import crew_of
from xiepai.web.crew.need_views import plan_view, rows_view
from xiepai.web.refusals import attempt, put_in_form
from xiepai.web.requests import Request
from xiepai.web.slots import DAY
from xiepai.web.spreadsheets import XLSX

LISTED = 50
#: empty rows a fresh list begins with, and that one press adds
BLANK_ROWS = 3
MOST_BLANK = 30
MOST_CREWS = 200


class StartForm(forms.Form):
    """What 第1天 means, for which crew, and a sheet if there is one."""

    day_one = forms.DateField(label=gettext_lazy("第1天是哪天"), widget=DAY)
    crew = forms.TypedChoiceField(label=gettext_lazy("剧组公司"), coerce=int, required=False)

    def __init__(self, data: Any, files: Any, request: Request) -> None:
        super().__init__(data, files, initial={"day_one": clock.today() + timedelta(days=7)})
        crews = Organisation.objects.filter(kind="crew", is_active=True).order_by("name")
        if not request.actor.is_officer:
            crews = crews.filter(pk__in=request.actor.organisations(*CREW_ROLES))
        choices = [(row.pk, formats.named(row)) for row in crews[:MOST_CREWS]]
        self.fields["crew"].choices = choices  # type: ignore[attr-defined]
        if len(choices) < 2:
            self.fields["crew"].widget = forms.HiddenInput()


class SheetForm(StartForm):
    """A sheet to drop."""

    file = forms.FileField(
        label=gettext_lazy("需求表（.xlsx、.csv、.json）"),
        widget=forms.FileInput(attrs={"accept": ".xlsx,.csv,.json"}),
    )
    field_order = ("file", "day_one", "crew")


class TypedForm(StartForm):
    """A list to type."""

    title = forms.CharField(label=gettext_lazy("名称"), max_length=120, required=False)
    field_order = ("title", "day_one", "crew")


@require_http_methods(["GET", "POST"])
def needs(request: Request) -> HttpResponse:
    """One's lists; a new one from a sheet or typed."""
    is_typed = request.method == "POST" and "typed" in request.POST
    posted = request.POST if request.method == "POST" else None
    sheet = SheetForm(None if is_typed else posted, request.FILES or None, request)
    typed = TypedForm(posted if is_typed else None, None, request)
    form = typed if is_typed else sheet
    if request.method == "POST" and form.is_valid():
        try:
            draft = _open(request, form)
        except XiepaiError as refusal:
            put_in_form(form, refusal, "title" if is_typed else "file")
        else:
            return redirect("crew:need_draft", draft.pk)
    drafts = need_drafts.visible_drafts(request.actor).exclude(state=DraftState.BOOKED).order_by("-updated_at")
    booked = visible_need_lists(request.actor).filter(bundle__isnull=False).select_related("organisation")
    context = {
        "sheet": sheet,
        "typed": typed,
        "drafts": drafts.defer("plan")[:LISTED],
        "lists": booked.order_by("-id")[:LISTED],
    }
    return render(request, "crew/needs.html", context, status=422 if sheet.errors or typed.errors else 200)


def _open(request: Request, form: StartForm) -> NeedDraft:
    organisation_id, day_one = crew_of(request).pk, form.cleaned_data["day_one"]
    if isinstance(form, TypedForm):
        title = form.cleaned_data["title"]
        return need_drafts.open_draft(
            actor=request.actor, organisation_id=organisation_id, title=title, day_one=day_one
        )
    count("upload", request.actor.person_id)
    upload = form.cleaned_data["file"]
    draft = need_drafts.draft_from_file(
        actor=request.actor,
        organisation_id=organisation_id,
        file_name=upload.name,
        data=upload.read(),
        day_one=day_one,
    )
    sheet, _problems = need_drafts.judge(draft)
    return need_drafts.search(actor=request.actor, draft_id=draft.pk) if sheet else draft


@require_http_methods(["GET", "POST"])
def draft(request: Request, draft_id: int) -> HttpResponse:
    """The rows of a list and, once searched, its candidates; a press saves, adds rows or searches."""
    if request.method == "POST":
        return _saved(request, draft_id)
    row = need_drafts.get_draft(request.actor, draft_id)
    if row.state == DraftState.BOOKED and row.need_list_id:
        return redirect("crew:need_list", row.need_list_id)
    asked = request.GET.get("blank", "")
    blank = min(int(asked), MOST_BLANK) if asked.isdigit() and len(asked) < 4 else (0 if row.rows else BLANK_ROWS)
    context = {
        "draft": row,
        "rows": rows_view(row),
        "blank": range(blank),
        "more": blank + BLANK_ROWS,
        "columns": COLUMNS,
        "view": plan_view(row) if row.plan else None,
    }
    return render(request, "crew/need_draft.html", context)


def _saved(request: Request, draft_id: int) -> HttpResponse:
    cells, added = _posted(request)
    day = forms.DateField(required=False)
    version = request.POST.get("version", "")

    def save() -> None:
        try:
            day_one = day.clean(request.POST.get("day_one", ""))
        except forms.ValidationError:
            day_one = None
        need_drafts.save_rows(
            actor=request.actor,
            draft_id=draft_id,
            cells=cells,
            added=added,
            title=request.POST.get("title"),
            day_one=day_one,
            version=int(version) if version.isdigit() and len(version) < 9 else None,
        )

    if not attempt(request, save):
        return redirect("crew:need_draft", draft_id)
    if "more" in request.POST:
        return redirect(f"{_address(draft_id)}?blank={BLANK_ROWS}#new")
    if "search" in request.POST and attempt(
        request, lambda: need_drafts.search(actor=request.actor, draft_id=draft_id)
    ):
        return redirect(f"{_address(draft_id)}#candidates")
    return redirect("crew:need_draft", draft_id)


def _posted(request: Request) -> tuple[dict[int, dict[str, str]], list[dict[str, str]]]:
    """Rows by their line, and new ones in the order they stand on the page."""
    cells: dict[int, dict[str, str]] = {}
    added: dict[int, dict[str, str]] = {}
    for name, value in request.POST.items():
        kind, _sign, rest = name.partition("-")
        number, _sign, column = rest.partition("-")
        if kind in {"c", "n"} and number.isdigit() and len(number) < 6 and column in COLUMNS:
            (cells if kind == "c" else added).setdefault(int(number), {})[column] = str(value)
    return cells, [added[number] for number in sorted(added)]


@require_POST
def pick(request: Request, draft_id: int) -> HttpResponse:
    """Take another candidate for one need."""
    line, key = _line(request), request.POST.get("key", "")
    attempt(request, lambda: need_drafts.pick(actor=request.actor, draft_id=draft_id, line=line, key=key))
    return redirect(f"{_address(draft_id)}#need-{line}")


@require_POST
def use(request: Request, draft_id: int) -> HttpResponse:
    """Ask for what was suggested instead, and search again."""
    line, at = _line(request), request.POST.get("at", "")
    number = int(at) if at.isdigit() and len(at) < 4 else -1

    def deed() -> None:
        need_drafts.use_suggestion(actor=request.actor, draft_id=draft_id, line=line, at=number)
        need_drafts.search(actor=request.actor, draft_id=draft_id)

    attempt(request, deed)
    return redirect(f"{_address(draft_id)}#need-{line}")


@require_POST
def book(request: Request, draft_id: int) -> HttpResponse:
    """One press: everything that is shown, or with ``partial`` what is met."""
    partial = "partial" in request.POST
    found: list[NeedDraft] = []
    deed = need_drafts.book
    if (
        attempt(request, lambda: found.append(deed(actor=request.actor, draft_id=draft_id, partial=partial)))
        and (row := found[0]).state == DraftState.BOOKED
    ):
        messages.success(request, _("已预订。"))
        return redirect("crew:need_list", row.need_list_id)
    return redirect("crew:need_draft", draft_id)


@require_POST
def remove(request: Request, draft_id: int) -> HttpResponse:
    """Throw a list away."""
    need_drafts.remove_draft(actor=request.actor, draft_id=draft_id)
    messages.success(request, _("需求表已删除。"))
    return redirect("crew:needs")


@require_safe
def progress(request: Request, draft_id: int) -> HttpResponse:
    """How far the job is; once it is done, the page is loaded anew."""
    row = need_drafts.get_draft(request.actor, draft_id)
    answer = render(request, "crew/need_progress.html", {"draft": row})
    if row.state != DraftState.WAITING:
        answer["HX-Refresh"] = "true"
    return answer


@require_safe
def as_xlsx(request: Request, draft_id: int) -> HttpResponse:
    """The list as a sheet that reads back the same."""
    row = need_drafts.get_draft(request.actor, draft_id)
    answer = HttpResponse(cells_xlsx(row.title, need_drafts.lines_of(row)), content_type=XLSX)
    answer["Content-Disposition"] = f'attachment; filename="needs-{row.pk}.xlsx"'
    return answer


@require_safe
def blank(request: Request) -> HttpResponse:
    """An empty sheet with every column."""
    answer = HttpResponse(cells_xlsx(_("需求表"), []), content_type=XLSX)
    answer["Content-Disposition"] = 'attachment; filename="needs.xlsx"'
    return answer


@require_safe
def need_list(request: Request, list_id: int) -> HttpResponse:
    """What came of one sheet, need by need."""
    row = visible_need_lists(request.actor).select_related("organisation").filter(pk=list_id).first()
    if row is None:
        raise not_found()
    return render(request, "crew/need_list.html", {"row": row, "result": result_of(row)})


def _line(request: Request) -> int:
    text = request.POST.get("line", "")
    return int(text) if text.isdigit() and len(text) < 6 else 0


def _address(draft_id: int) -> str:
    return redirect("crew:need_draft", draft_id).url
