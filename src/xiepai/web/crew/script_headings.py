"""A reader taught: the script's lines, one of them shown as a heading with its parts, what that would find, done.

Looking and trying is by address and keeps nothing; only the press that reads the whole script again writes.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from xiepai.kernel.errors import XiepaiError, not_found
from xiepai.parties.limits import count
from xiepai.productions.access import may_write
from xiepai.script.examples import PARTS, same
from xiepai.script.headings import Heading
from xiepai.script.source import Line, Source
from xiepai.script.teaching import Lesson, guess
from xiepai.shoots.first_reading import lesson_so_far
from xiepai.shoots.models import Script, ScriptState
from xiepai.shoots.services import teaching
from xiepai.web.crew import scripts
from xiepai.web.refusals import attempt, tell
from xiepai.web.requests import Request

PER_PAGE = 200
SHOWN = 12
#: Lines as short as this, that are no action and no speech, are looked at first where a heading is missing.
SHORT = 40


@require_safe
def headings(request: Request, script_id: int) -> HttpResponse:
    """The lines of a script; with a line chosen, what it would be as a heading and which lines are alike."""
    row = scripts.visible(request, script_id)
    source = _source(request, row)
    if source is None:
        return redirect("crew:script", script_id)
    chosen = _chosen(request, source)
    is_none = "none" in request.GET
    lesson = lesson_so_far(row)
    openings = {scene["line"]: scene for scene in row.reading["scenes"]}
    only = request.GET.get("only", "all" if openings else "short")
    lines = [line for line in source.lines if line.text.strip() and (only != "short" or _is_short(line, openings))]
    context: dict[str, Any] = {
        "script": row,
        "work": row.work,
        "lesson": lesson,
        "openings": openings,
        "only": only,
        "page": Paginator(lines, PER_PAGE).get_page(request.GET.get("page")),
        "may_write": may_write(request.actor, row.work) and row.state == ScriptState.REVIEW,
        "chosen": chosen,
        "is_none": is_none,
        "times": scripts.time_choices(),
        "sides": scripts.side_choices(),
    }
    if chosen and is_none:
        context |= _as_none(source, lesson, chosen)
    elif chosen:
        context |= _as_heading(request, source, lesson, chosen, len(openings))
    return render(request, "crew/script_headings.html", context)


@require_POST
def teach(request: Request, script_id: int) -> HttpResponse:
    """Read the whole script again with the heading that was shown, the line that is none, or what is unlearnt."""
    row = scripts.visible(request, script_id)
    if "try" in request.POST:
        return _tried(request, script_id)
    count("upload", request.actor.person_id)
    try:
        if "number_all" in request.POST:
            teaching.number_scenes(actor=request.actor, script_id=script_id)
            return redirect("crew:script", script_id)
        lesson = _asked(request, row)
        script = teaching.teach(actor=request.actor, script_id=script_id, lesson=lesson)
    except XiepaiError as refusal:
        tell(request, refusal)
        return redirect("crew:script_headings", script_id)
    attempt(request, lambda: None, _("已重读全本：%(n)s 场。") % {"n": len(script.reading["scenes"])})
    return redirect("crew:script", script_id)


def _tried(request: Request, script_id: int) -> HttpResponse:
    """The page with the parts as typed in its address: trying keeps nothing."""
    left = ("csrfmiddlewaretoken", "try", "text")
    asked = {name: value[:120] for name, value in request.POST.items() if name not in left and (value or name in PARTS)}
    answer = redirect("crew:script_headings", script_id)
    answer["Location"] += f"?{urlencode(asked)}#teach"
    return answer


def _source(request: Request, row: Script) -> Source | None:
    try:
        return teaching.source_of(row)
    except XiepaiError as refusal:
        tell(request, refusal)
        return None


def _chosen(request: Request, source: Source) -> Line | None:
    said = request.GET.get("line") or request.GET.get("none") or ""
    at = int(said) if said.isdigit() and len(said) < 7 else 0
    return source.lines[at - 1] if 0 < at <= len(source.lines) and source.lines[at - 1].text.strip() else None


def _is_short(line: Line, openings: dict[int, Any]) -> bool:
    text = line.text.strip()
    is_other = text[0] in "△▲Δ∆▽▼" or any(sign in text for sign in "：:。！？")
    return line.number in openings or (len(text) <= SHORT and not is_other)


def _as_heading(request: Request, source: Source, lesson: Lesson, chosen: Line, now: int) -> dict[str, Any]:
    """The parts as typed or guessed, and what they would find; a part that is not in the line is told beside it."""
    is_typed = any(name in request.GET for name in PARTS)
    known = next((dict(each.parts) for each in lesson.examples if same(each.text) == same(chosen.text)), None)
    parts = (
        {name: request.GET.get(name, "").strip()[:120] for name in PARTS}
        if is_typed
        else known or guess(chosen, lesson)
    )
    is_only = "is_only" in request.GET if is_typed else lesson.is_only
    context: dict[str, Any] = {"parts": parts, "is_only": is_only, "labels": _labels()}
    try:
        tried = teaching.tried(source, _with(request.GET, lesson, chosen.text, parts, is_only=is_only))
    except XiepaiError as refusal:
        return context | {"refusal": str(refusal), "wrong": refusal.data.get("field", "")}
    if not is_typed and not is_only and now < len(tried.headings) and len(tried.openings) > len(tried.headings):
        context["is_only"] = True  # most of what was found before is not what was just shown
        tried = teaching.tried(source, replace(tried.lesson, is_only=True))
    return context | {
        "alike": len(tried.headings),
        "first": [(source.lines[at], _said(each)) for at, each in list(tried.headings.items())[:SHOWN]],
        "unknown": _words(request, tried.unknown),
        "now": now,
        "then": len(tried.openings),
    }


def _words(request: Request, unknown: dict[str, list[tuple[str, int]]]) -> dict[str, list[tuple[str, int, str]]]:
    """Words nobody knows, how often each, and what a person said it is."""
    told = {"time": "times.", "side": "sides."}
    answered = {
        kind: [(name.removeprefix(sign), 0, str(value)) for name, value in request.GET.items() if name.startswith(sign)]
        for kind, sign in told.items()
    }
    return {kind: [*answered[kind], *((word, n, "") for word, n in unknown[kind])] for kind in told}


def _as_none(source: Source, lesson: Lesson, chosen: Line) -> dict[str, Any]:
    """What is no heading any more, if the line is none, and if those of its form are none."""
    one = teaching.tried(source, teaching.with_none(lesson, chosen.text, is_alike=False))
    many = teaching.tried(source, teaching.with_none(lesson, chosen.text, is_alike=True))
    now = teaching.tried(source, lesson).openings
    gone = [(line, text) for line, text in now.items() if line not in many.openings]
    return {"one": len(one.openings), "many": len(many.openings), "gone": gone[:SHOWN], "gone_count": len(gone)}


def _asked(request: Request, row: Script) -> Lesson:
    """The lesson of a press."""
    lesson, post = lesson_so_far(row), request.POST
    if "forget" in post:
        at = int(post["forget"]) if post["forget"].isdigit() else -1
        kept = tuple(each for n, each in enumerate(lesson.examples) if n != at)
        return Lesson() if post["forget"] == "all" else replace(lesson, examples=kept)
    text = post.get("text", "").strip()[:400]
    if not text:
        raise not_found()
    if "none" in post:
        return teaching.with_none(lesson, text, is_alike=post["none"] == "alike")
    parts = {name: post.get(name, "").strip()[:120] for name in PARTS}
    return _with(post, lesson, text, parts, is_only="is_only" in post)


def _with(given: Any, lesson: Lesson, text: str, parts: dict[str, str], *, is_only: bool) -> Lesson:
    """A lesson with one example more (or in place of the one of the same line) and the words that were told."""
    data = lesson.to_json()
    others = [each for each in data["examples"] if same(each["text"]) != same(text)]
    words: dict[str, dict[str, str]] = {"times": dict(data["times"]), "sides": dict(data["sides"])}
    for name, value in given.items():
        kind, _sign, word = name.partition(".")
        if kind in words and word and value in {each[0] for each in _values(kind)}:
            words[kind][word[:12]] = value
    own = {"text": text, "parts": {name: value for name, value in parts.items() if value}}
    not_so = [each for each in data["none"] if same(each) != same(text)]
    return teaching.checked(data | words | {"examples": [own, *others], "is_only": is_only, "none": not_so})


def _values(kind: str) -> list[tuple[str, str]]:
    return scripts.time_choices() if kind == "times" else scripts.side_choices()


def _labels() -> list[tuple[str, str]]:
    return [
        ("episode", _("集")), ("number", _("场")), ("time", _("气氛")), ("side", _("内外景")), ("place", _("场景")),
        ("cast", _("角色")),
    ]  # fmt: skip


def _said(found: Heading) -> dict[str, Any]:
    number = found.number if found.episode is None else f"{found.episode}-{found.number}"
    times, sides = dict(scripts.time_choices()), dict(scripts.side_choices())
    time = times.get(str(found.time), "") if found.time else ""
    side = sides.get(str(found.side), "") if found.side else ""
    return {
        "number": number,
        "light": time or found.time_said,
        "side": side,
        "place": "-".join(found.place),
        "cast": found.cast,
    }
