"""A work's scripts: a file dropped, its reading looked through beside its source, corrected, taken over."""

from __future__ import annotations

from collections import Counter
from typing import Any

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import FileResponse, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from xiepai.kernel.errors import XiepaiError, not_found
from xiepai.parties.limits import count
from xiepai.productions import selectors as works
from xiepai.productions.access import may_write
from xiepai.script import Code, Problem
from xiepai.script.naming import word
from xiepai.shoots import access
from xiepai.shoots.matching import alike
from xiepai.shoots.models import InsideOutside, Script, ScriptState, TimeOfDay
from xiepai.shoots.services import parting, scripts
from xiepai.shoots.services.taking import SIDES, TIMES
from xiepai.web.formats import is_english
from xiepai.web.refusals import attempt, put_in_form, tell
from xiepai.web.requests import Request

PER_PAGE = 30
SUGGESTED = 12
#: A scene below this confidence is looked at first.
DOUBTFUL = 80
SUFFIXES = ".docx,.txt,.md,.pdf,.fountain,.fdx,.xlsx,.csv,.uss"
_WRITTEN = ("episode", "number", "time", "side", "place", "cast", "summary")


class UploadForm(forms.Form):
    """A script to drop."""

    file = forms.FileField(
        label=gettext_lazy("剧本或场景表（Word、PDF、文本、Fountain、FDX、Excel）"),
        widget=forms.FileInput(attrs={"accept": SUFFIXES}),
    )


class BulkForm(forms.Form):
    """What is set for every ticked scene; empty fields are left alone."""

    time = forms.ChoiceField(label=gettext_lazy("气氛"), required=False)
    side = forms.ChoiceField(label=gettext_lazy("内外景"), required=False)
    place = forms.CharField(label=gettext_lazy("场景"), required=False, max_length=120)
    episode = forms.CharField(label=gettext_lazy("集"), required=False, max_length=4)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["time"].choices = [("", _("不改")), *time_choices()]  # type: ignore[attr-defined]
        self.fields["side"].choices = [("", _("不改")), *side_choices()]  # type: ignore[attr-defined]


def time_choices() -> list[tuple[str, str]]:
    """The lights a scene may play in."""
    return [(each, str(TimeOfDay(each).label)) for each in TIMES]


def side_choices() -> list[tuple[str, str]]:
    """Inside, outside, both, as the reader of scripts names them."""
    return [(side, str(InsideOutside(code).label)) for side, code in SIDES.items()]


@require_http_methods(["GET", "POST"])
def listing(request: Request, work_id: int) -> HttpResponse:
    """The drafts of a work; a new one by dropping a file."""
    work = works.get_work(request.actor, work_id)
    form = UploadForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        count("upload", request.actor.person_id)
        upload = form.cleaned_data["file"]
        try:
            row = scripts.import_script(
                actor=request.actor, work_id=work_id, data=upload.read(), file_name=upload.name or ""
            )
        except XiepaiError as refusal:
            put_in_form(form, refusal, "file")
        else:
            return redirect("crew:script", row.pk)
    rows = access.visible_scripts(request.actor).filter(work=work).defer("text", "reading")
    context = {"work": work, "here": "scripts", "rows": rows, "form": form, "may_write": may_write(request.actor, work)}
    return render(request, "crew/scripts.html", context, status=422 if form.errors else 200)


@require_safe
def script(request: Request, script_id: int) -> HttpResponse:
    """The reading beside its source: thirty scenes a page, the doubtful ones alone if asked."""
    row = visible(request, script_id)
    scenes = list(enumerate(row.reading["scenes"]))
    only = request.GET.get("only", "")
    shown = [pair for pair in scenes if only != "doubtful" or pair[1]["confidence"] < DOUBTFUL]
    page = Paginator(shown, PER_PAGE).get_page(request.GET.get("page"))
    lines = row.text.split("\n")
    context = {
        "script": row,
        "work": row.work,
        "page": page,
        "rows": [_view(index, scene, lines) for index, scene in page],
        "only": only,
        "doubtful": sum(scene["confidence"] < DOUBTFUL for _index, scene in scenes),
        "total": len(scenes),
        "unnumbered": sum(not scene["number"] and not scene.get("is_out") for _index, scene in scenes),
        "names": _counts(row, "cast"),
        "places": _counts(row, "place"),
        "alike": _alike(row) if row.state == ScriptState.REVIEW else [],
        "problems": [_problem(each) for each in row.reading["problems"][:40]],
        "bulk": BulkForm(),
        "times": time_choices(),
        "sides": side_choices(),
        "has_lines": bool(row.text) and row.source_format not in {"xlsx", "csv", "uss"},
        "may_write": may_write(request.actor, row.work) and row.state == ScriptState.REVIEW,
    }
    return render(request, "crew/script.html", context)


@require_POST
def correct(request: Request, script_id: int) -> HttpResponse:
    """Correct the ticked scenes, or the one whose form was sent."""
    visible(request, script_id)
    at = [int(each) for each in request.POST.getlist("at") if each.isdigit() and len(each) < 6]
    names = _WRITTEN if "one" in request.POST else ("time", "side", "place", "episode")
    given = {name: request.POST[name] for name in names if name in request.POST}
    fields = given if "one" in request.POST else {name: value for name, value in given.items() if value}
    try:
        if "begin" in request.POST or "join" in request.POST:
            return _cut(request, script_id)
        if "leave_out" in request.POST or "take_in" in request.POST:
            is_out = "leave_out" in request.POST
            scripts.leave_out(actor=request.actor, script_id=script_id, at=at, is_out=is_out)
        elif at and fields:
            scripts.correct(actor=request.actor, script_id=script_id, at=at, fields=fields)
        else:
            messages.warning(request, _("先勾选场次，再选要改成什么。"))
            return _back(request, script_id)
    except XiepaiError as refusal:
        return _refused(request, refusal, script_id)
    messages.success(request, _("已改 %(n)s 场。") % {"n": len(at)})
    return _back(request, script_id)


def _cut(request: Request, script_id: int) -> HttpResponse:
    """A line begins a scene (``begin`` is scene and line), or a scene goes back to the one above it."""
    at, _sign, line = (request.POST.get("begin") or request.POST.get("join", "")).partition(":")
    if not (at.isdigit() and (line.isdigit() or "join" in request.POST) and len(at + line) < 12):
        raise not_found()
    if "begin" in request.POST:
        parting.begin_scene(actor=request.actor, script_id=script_id, at=int(at), line=int(line))
        messages.success(request, _("第 %(n)s 行起另起一场。") % {"n": line})
    else:
        parting.join_scene(actor=request.actor, script_id=script_id, at=int(at))
        messages.success(request, _("已并入上一场。"))
    answer = _back(request, script_id)
    answer["Location"] += f"#s{int(at) + (1 if 'begin' in request.POST else -1)}"
    return answer


@require_POST
def merge(request: Request, script_id: int) -> HttpResponse:
    """Make several names of a role or place one."""
    visible(request, script_id)
    kind, into, names = request.POST.get("kind", ""), request.POST.get("into", ""), request.POST.getlist("name")
    attempt(
        request,
        lambda: scripts.merge_names(actor=request.actor, script_id=script_id, kind=kind, names=names, into=into),
        _("已合并为“%(name)s”。") % {"name": into},
    )
    return _back(request, script_id)


@require_POST
def confirm(request: Request, script_id: int) -> HttpResponse:
    """Take the reading into the breakdown."""
    row = visible(request, script_id)
    if attempt(request, lambda: scripts.confirm(actor=request.actor, script_id=script_id), _("场景表已更新。")):
        return redirect("crew:breakdown", row.work_id)
    return _back(request, script_id)


@require_POST
def discard(request: Request, script_id: int) -> HttpResponse:
    """Put the draft away."""
    row = visible(request, script_id)
    if attempt(request, lambda: scripts.discard(actor=request.actor, script_id=script_id), _("已放弃这一稿。")):
        return redirect("crew:scripts", row.work_id)
    return _back(request, script_id)


@require_safe
def file(request: Request, script_id: int) -> FileResponse:
    """The file as it came in, to download."""
    row = visible(request, script_id)
    if not row.file:
        raise not_found()
    try:
        stream = row.file.open("rb")
    except FileNotFoundError as error:
        raise not_found() from error
    return FileResponse(
        stream, as_attachment=True, filename=row.file_name or "script", content_type="application/octet-stream"
    )


def visible(request: Request, script_id: int) -> Script:
    """A script the actor may see, or not found."""
    row = access.visible_scripts(request.actor).filter(pk=script_id).select_related("work__organisation").first()
    if row is None:
        raise not_found()
    return row


def _view(index: int, scene: dict[str, Any], lines: list[str]) -> dict[str, Any]:
    language = "en" if is_english() else "zh"
    first, last = scene["line"], max(scene["line"], scene["last_line"])
    source = [(number, lines[number - 1]) for number in range(first, last + 1) if 0 < number <= len(lines)]
    return {
        "at": index,
        "scene": scene,
        "is_out": bool(scene.get("is_out")),
        "place": "-".join(scene["place"]),
        "cast": "、".join([*scene["cast"], *scene["guests"]]),
        "marks": [word(mark, language) for mark in dict.fromkeys(each["mark"] for each in scene["marks"])],
        "reasons": [Problem(Code(reason)).message(language) for reason in scene["reasons"] if _plain(reason)],
        "is_doubtful": scene["confidence"] < DOUBTFUL,
        "source": source,
    }


def _plain(reason: str) -> bool:
    """Whether a reason says its sentence without further data."""
    try:
        Problem(Code(reason)).message()
    except KeyError:
        return False
    return True


def _problem(row: dict[str, Any]) -> tuple[int, str, bool]:
    """Line, sentence, and whether the line may be a heading after all."""
    return row["line"], row["en" if is_english() else "zh"], row["code"] == Code.MAYBE_HEADING


def _alike(row: Script) -> list[tuple[str, str, str, str]]:
    """At most a dozen suggestions: kind, name that stays, other name, why."""
    language = "en" if is_english() else "zh"
    kinds = {"name": "cast", "place": "place"}
    found = alike(scene for scene in row.reading["scenes"] if not scene.get("is_out"))
    return [(kinds[each.kind], each.keep, each.other, each.message(language)) for each in found[:SUGGESTED]]


def _counts(row: Script, kind: str) -> list[tuple[str, int]]:
    scenes = [scene for scene in row.reading["scenes"] if not scene.get("is_out")]
    if kind == "cast":
        found = Counter(name for scene in scenes for name in dict.fromkeys([*scene["cast"], *scene["guests"]]))
    else:
        found = Counter("-".join(scene["place"]) for scene in scenes if scene["place"])
    return found.most_common()


def _back(request: Request, script_id: int) -> HttpResponse:
    answer = redirect("crew:script", script_id)
    page, only = request.POST.get("page", ""), request.POST.get("only", "")
    if page.isdigit() and len(page) < 5:
        answer["Location"] += f"?page={page}" + ("&only=doubtful" if only == "doubtful" else "")
    return answer


def _refused(request: Request, refusal: XiepaiError, script_id: int) -> HttpResponse:
    tell(request, refusal)
    return _back(request, script_id)
