"""Programmes: opened, a version published from a policy text, windows, budgets, steps, measures and the rubric set.

A text that fails its check is shown again with each mistake, its line and a caret; nothing of it is kept.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, time
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.dateparse import parse_date, parse_time
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from xiepai.grants import access, flow
from xiepai.grants.models import Programme, Silence, Step, StepKind
from xiepai.grants.policies import policy_of, said
from xiepai.grants.rubrics import read_rubric, step_rules
from xiepai.grants.services import programmes, steps, windows
from xiepai.kernel import clock
from xiepai.kernel.errors import ErrorCode, XiepaiError, not_found
from xiepai.parties.models import OFFICE_ROLES, Role
from xiepai.policy import PolicyError, load
from xiepai.policy.check import check
from xiepai.web.office.grants import attempt, fen, number
from xiepai.web.requests import Request

LONGEST_TEXT = 400_000
MOST_MISTAKES = 20


class ProgrammeForm(forms.Form):
    """A programme to be opened."""

    code = forms.SlugField(label=gettext_lazy("代码"), max_length=40, help_text=gettext_lazy("如 wujin-2026"))
    name = forms.CharField(label=gettext_lazy("名称"), max_length=120)
    name_en = forms.CharField(label=gettext_lazy("英文名称"), max_length=160, required=False)
    year = forms.IntegerField(label=gettext_lazy("年度"), min_value=2000, max_value=2099)
    policy_slug = forms.SlugField(
        label=gettext_lazy("政策文件"), max_length=60, help_text=gettext_lazy("事实从哪里来按它查，如 wujin-2025")
    )
    is_local = forms.BooleanField(label=gettext_lazy("本地发放"), required=False)


@require_http_methods(["GET", "POST"])
def listing(request: Request) -> HttpResponse:
    """Every programme; a form to open one, for officers."""
    initial = {"year": clock.today().year, "is_local": True, "policy_slug": "wujin-2025"}
    form = ProgrammeForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            made = programmes.create_programme(actor=request.actor, **form.cleaned_data)
        except XiepaiError as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("已建立；接着发布政策。"))
            return redirect("office:grant_programme", made.pk)
    rows = Programme.objects.prefetch_related("versions", "steps").order_by("-is_local", "-year", "code")
    context = {
        "rows": rows,
        "untimed": flow.without_acceptance(rows),
        "form": form,
        "may_edit": request.actor.is_officer,
    }
    return render(request, "office/grant_programmes.html", context, status=422 if form.errors else 200)


@require_safe
def programme(request: Request, programme_id: int) -> HttpResponse:
    """Everything about one programme."""
    return render(request, "office/grant_programme.html", _context(request, _programme(request, programme_id)))


@require_POST
def publish(request: Request, programme_id: int) -> HttpResponse:
    """Publish a version, or show what is wrong with the text."""
    row = _programme(request, programme_id)
    uploaded = request.FILES.get("file")
    text = uploaded.read().decode("utf-8", "replace") if uploaded else request.POST.get("text", "")
    text = text.replace("\r\n", "\n")[:LONGEST_TEXT]
    mistakes = mistakes_in(text)
    if not mistakes and request.POST.get("deed") == "publish":
        done = attempt(
            request,
            lambda: programmes.publish_programme_version(
                actor=request.actor,
                programme_id=row.pk,
                policy_text=text,
                effective_from=parse_date(request.POST.get("effective_from") or ""),
                note=request.POST.get("note", ""),
            ),
            _("已发布；所有作品和企业会重新核算。"),
        )
        if done:
            return redirect("office:grant_programme", row.pk)
    context = {**_context(request, row), "text": text, "mistakes": mistakes, "is_checked": True}
    return render(request, "office/grant_programme.html", context, status=422 if mistakes else 200)


def mistakes_in(text: str) -> str:
    """The mistakes of a policy text, each with line and caret; empty where it passes."""
    try:
        found = check(load(text if text.endswith("\n") else text + "\n"))
    except PolicyError as error:
        return said(error, most=MOST_MISTAKES)
    return "" if found.ok else said(PolicyError(found.errors), most=MOST_MISTAKES)


@require_POST
def deed(request: Request, programme_id: int) -> HttpResponse:
    """Change one thing of a programme."""
    row = _programme(request, programme_id)
    found = DEEDS.get(request.POST.get("deed", ""))
    if found is None:
        raise XiepaiError(ErrorCode.INVALID, detail="deed")
    attempt(request, lambda: found[0](request, row), str(gettext_lazy("已保存。")))
    return redirect(redirect("office:grant_programme", row.pk).url + found[1])


def _text(request: Request, name: str) -> str:
    return str(request.POST.get(name, "")).strip()


def _window(request: Request, row: Programme) -> Any:
    key = number(request, "window") or None
    old = row.windows.filter(pk=key).first() if key else None
    saved = windows.set_window(
        actor=request.actor, programme_id=row.pk, window_id=key, opens_at=_moment(request, "opens", time(0)),
        closes_at=_moment(request, "closes", time(18)), measures=request.POST.getlist("measure"),
        note=_text(request, "note"), note_en=_text(request, "note_en"),
    )  # fmt: skip
    if old and saved.closes_at < old.closes_at and (drafts := windows.drafts_under_way(row.pk)):
        messages.warning(request, _("截止提前了：还有 %(n)s 件申报在填写中，请告知企业。") % {"n": drafts})
    return saved


def _moment(request: Request, name: str, usual: time) -> datetime:
    """A day and a time of day as typed; without a time the usual one."""
    day = _read(parse_date, _text(request, name))
    if day is None:
        raise XiepaiError(ErrorCode.INVALID, detail=_("请写起止日期。"))
    at = _read(parse_time, _text(request, f"{name}_time")) or usual
    return datetime.combine(day, at, tzinfo=clock.CITY_ZONE)


def _read(parse: Callable[[str], Any], text: str) -> Any:
    """What is no day or no time of day is none."""
    try:
        return parse(text)
    except ValueError:
        return None


def _budget(request: Request, row: Programme) -> Any:
    return programmes.set_budget(
        actor=request.actor, programme_id=row.pk, measure=_text(request, "measure"),
        year=number(request, "year", row.year), amount_fen=fen(request, "amount"), note=_text(request, "note"),
    )  # fmt: skip


def _step(request: Request, row: Programme) -> Any:
    key = number(request, "step")
    if not Step.objects.filter(pk=key, programme=row).exists():
        raise not_found()
    term = _text(request, "term")
    return steps.update_step(
        actor=request.actor, step_id=key, role=_text(request, "role"), silence=_text(request, "silence"),
        term_working_days=int(term) if term.isdigit() else None, warn_days=number(request, "warn", 1),
        is_active=request.POST.get("is_active") == "1", is_skippable=request.POST.get("is_skippable") == "1",
        note=_text(request, "note"),
    )  # fmt: skip


_PAPER = re.compile(r"\s*\|\s*")


def _lines(text: str, *names: str) -> list[dict[str, Any]]:
    """A line each, parts set apart by ``|``."""
    found = []
    for line in text.splitlines():
        if line.strip():
            parts = [*_PAPER.split(line.strip()), *([""] * len(names))]
            found.append(dict(zip(names, parts, strict=False)))
    return found


def _measure(request: Request, row: Programme) -> Any:
    milestones: list[dict[str, Any]] = _lines(_text(request, "milestones"), "code", "zh", "en", "percent")
    for each in milestones:
        each["percent"] = int(each["percent"]) if str(each["percent"]).isdigit() else 0
    papers = _lines(_text(request, "papers"), "zh", "en")
    return programmes.update_measure_setting(
        actor=request.actor, programme_id=row.pk, measure=_text(request, "measure"), subject=_text(request, "subject"),
        awards_without_application=request.POST.get("at_once") == "1", milestones=milestones,
        papers=[{"kind": each["zh"], **each} for each in papers],
    )  # fmt: skip


def _rubric(request: Request, row: Programme) -> Any:
    items: list[dict[str, Any]] = _lines(_text(request, "items"), "code", "zh", "en", "max", "weight")
    for each in items:
        for name in ("max", "weight"):
            each[name] = int(each[name]) if str(each[name]).isdigit() else 0
    rules = {
        "items": items,
        "experts": number(request, "experts", 3),
        "spread": number(request, "spread", 20),
        "is_blind": request.POST.get("is_blind") == "1",
    }
    read_rubric(rules)
    step = row.steps.filter(kind=StepKind.EXPERT_REVIEW).first()
    if step is None:
        raise not_found()
    return steps.update_step(actor=request.actor, step_id=step.pk, review=rules)


DEEDS: dict[str, tuple[Callable[[Request, Programme], Any], str]] = {
    "window": (_window, "#windows"),
    "window_remove": (
        lambda q, r: windows.remove_window(actor=q.actor, programme_id=r.pk, window_id=number(q, "window")),
        "#windows",
    ),
    "budget": (_budget, "#budgets"),
    "step": (_step, "#steps"),
    "steps_add": (lambda q, r: steps.add_missing_steps(actor=q.actor, programme_id=r.pk), "#steps"),
    "measure": (_measure, "#measures"),
    "rubric": (_rubric, "#rubric"),
    "close": (lambda q, r: programmes.close_programme(actor=q.actor, programme_id=r.pk), ""),
}
"""The name of a deed → what does it, and where on the page it stands."""


def _acceptance(row: Programme) -> dict[str, Any]:
    """Whether a time to accept is promised; else which step would promise it and how many wait without."""
    found = row.steps.filter(kind=StepKind.APPLICATION).first()
    lacks = bool(flow.without_acceptance([row]))
    return {
        "acceptance": found,
        "lacks_acceptance": lacks,
        "unclocked": flow.unclocked(found).count() if lacks and found else 0,
        "waiting_kinds": flow.WAITING,
    }


def _programme(request: Request, programme_id: int) -> Programme:
    row = access.visible_programmes(request.actor).filter(pk=programme_id).first()
    if row is None:
        raise not_found()
    return row


def _context(request: Request, row: Programme) -> dict[str, Any]:
    versions = list(row.versions.select_related("published_by").order_by("-number"))
    measures = policy_of(versions[0]).at().measures if versions else ()
    settings = {each.measure: each for each in row.settings.all()}
    return {
        "programme": row,
        "versions": versions,
        "measures": [(each, settings.get(each.name)) for each in measures],
        "windows": list(row.windows.all()),
        "budgets": list(row.budgets.all()),
        "steps": list(row.steps.order_by("position")),
        **_acceptance(row),
        "roles": [(role.value, role.label) for role in Role if role in OFFICE_ROLES],
        "silences": Silence.choices,
        "rubric": step_rules(row),
        "text": versions[0].policy_text if versions else "",
        "mistakes": "",
        "is_checked": False,
        "today": clock.today(),
        "may_edit": request.actor.is_officer,
    }
