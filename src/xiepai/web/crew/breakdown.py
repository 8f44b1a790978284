"""The breakdown (场景表) of a work: scenes listed, filtered, edited alone and together; roles; places put forward."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from xiepai.kernel.errors import XiepaiError
from xiepai.productions import selectors as works
from xiepai.productions.access import may_write
from xiepai.productions.models import Work
from xiepai.shoots import selectors
from xiepai.shoots.documents.sheet_words import pages
from xiepai.shoots.models import ElementKind, InsideOutside, RoleKind, Scene, ShotState, StoryPlace, TimeOfDay
from xiepai.shoots.services import breakdown, proposing
from xiepai.shoots.services.taking import split_names
from xiepai.shoots.suggesting import suggestions
from xiepai.web.place_prices import prices_of
from xiepai.web.refusals import attempt, put_in_form, tell
from xiepai.web.requests import Request
from xiepai.web.slots import DAY

PER_PAGE = 60
_ANY = gettext_lazy("全部")
TIMES = [("", _ANY), *TimeOfDay.choices]
SIDES = [("", _ANY), *InsideOutside.choices]


class SceneFilterForm(forms.Form):
    """What a breakdown can be narrowed by."""

    q = forms.CharField(label=gettext_lazy("内容、场号、角色、道具"), required=False, max_length=60)
    episode = forms.IntegerField(label=gettext_lazy("集"), required=False, min_value=0, max_value=9999)
    time = forms.ChoiceField(label=gettext_lazy("气氛"), required=False, choices=TIMES)
    side = forms.ChoiceField(label=gettext_lazy("内外景"), required=False, choices=SIDES)
    place = forms.TypedChoiceField(label=gettext_lazy("场景"), required=False, coerce=int, empty_value=None)
    role = forms.TypedChoiceField(label=gettext_lazy("角色"), required=False, coerce=int, empty_value=None)
    state = forms.ChoiceField(label=gettext_lazy("拍摄状态"), required=False, choices=[("", _ANY), *ShotState.choices])

    def __init__(self, *args: Any, work: Work, **options: Any) -> None:
        super().__init__(*args, **options)
        places = [(str(row.pk), row.name) for row in selectors.story_places(work)]
        roles = [(str(row.pk), row.name) for row in selectors.roles(work)]
        self.fields["place"].choices = [("", _("全部")), *places]  # type: ignore[attr-defined]
        self.fields["role"].choices = [("", _("全部")), *roles]  # type: ignore[attr-defined]

    def asked(self, sort: str) -> selectors.SceneFilter:
        """The filter; a field that makes no sense narrows nothing."""
        self.is_valid()
        given = self.cleaned_data
        return selectors.SceneFilter(
            words=given.get("q") or "",
            episode=given.get("episode"),
            time_of_day=given.get("time") or "",
            inside_outside=given.get("side") or "",
            story_place_id=given.get("place"),
            role_id=given.get("role"),
            shot_state=given.get("state") or "",
            sort=sort,
        )


class ManyForm(forms.Form):
    """What is set for every ticked scene; empty fields are left alone."""

    minutes = forms.IntegerField(label=gettext_lazy("预计拍摄（分钟）"), required=False, min_value=0, max_value=1440)
    time_of_day = forms.ChoiceField(
        label=gettext_lazy("气氛"), required=False, choices=[("", gettext_lazy("不改")), *TimeOfDay.choices]
    )
    inside_outside = forms.ChoiceField(
        label=gettext_lazy("内外景"), required=False, choices=[("", gettext_lazy("不改")), *InsideOutside.choices]
    )


class SceneForm(forms.Form):
    """One scene by hand."""

    time_of_day = forms.ChoiceField(label=gettext_lazy("气氛"), choices=TimeOfDay.choices)
    inside_outside = forms.ChoiceField(label=gettext_lazy("内外景"), choices=InsideOutside.choices)
    story_place_id = forms.TypedChoiceField(label=gettext_lazy("场景"), required=False, coerce=int, empty_value=None)
    minutes = forms.IntegerField(label=gettext_lazy("预计拍摄（分钟）"), min_value=0, max_value=1440)
    eighths = forms.IntegerField(label=gettext_lazy("页数（八分之一页）"), min_value=0, max_value=800)
    crowd = forms.IntegerField(label=gettext_lazy("群众演员"), min_value=0, max_value=5000)
    crowd_note = forms.CharField(label=gettext_lazy("群众说明"), required=False, max_length=120)
    roles = forms.TypedMultipleChoiceField(
        label=gettext_lazy("角色"), required=False, coerce=int, widget=forms.CheckboxSelectMultiple
    )
    synopsis = forms.CharField(
        label=gettext_lazy("主要内容"), required=False, max_length=2000, widget=forms.Textarea({"rows": 3})
    )
    note = forms.CharField(label=gettext_lazy("备注"), required=False, max_length=300)

    def __init__(self, *args: Any, work: Work, **options: Any) -> None:
        super().__init__(*args, **options)
        places = [(row.pk, row.name) for row in selectors.story_places(work)]
        roles = [(row.pk, row.name) for row in selectors.roles(work)]
        self.fields["story_place_id"].choices = [("", "—"), *places]  # type: ignore[attr-defined]
        self.fields["roles"].choices = roles  # type: ignore[attr-defined]
        for kind in ElementKind:
            self.fields[f"element_{kind.value}"] = forms.CharField(label=kind.label, required=False, max_length=500)


class RoleForm(forms.Form):
    """One role by hand."""

    name = forms.CharField(label=gettext_lazy("角色"), max_length=60)
    kind = forms.ChoiceField(label=gettext_lazy("类别"), choices=RoleKind.choices)
    actor_name = forms.CharField(label=gettext_lazy("演员"), required=False, max_length=60)
    daily_fee = forms.DecimalField(
        label=gettext_lazy("日薪（元）"), min_value=0, max_value=100_000_000, decimal_places=2, required=False
    )
    is_minor = forms.BooleanField(label=gettext_lazy("未成年"), required=False)
    makeup_minutes = forms.IntegerField(label=gettext_lazy("化妆（分钟）"), min_value=0, max_value=600)
    free_from = forms.DateField(label=gettext_lazy("可到首日"), required=False, widget=DAY)
    free_to = forms.DateField(label=gettext_lazy("可到末日"), required=False, widget=DAY)
    earliest = forms.TimeField(
        label=gettext_lazy("最早到"), required=False, widget=forms.TimeInput({"type": "time"}, "%H:%M")
    )
    latest = forms.TimeField(
        label=gettext_lazy("最晚走"), required=False, widget=forms.TimeInput({"type": "time"}, "%H:%M")
    )


@require_http_methods(["GET", "POST"])
def listing(request: Request, work_id: int) -> HttpResponse:
    """The scenes; a press sets what the ticked ones have in common."""
    work = works.get_work(request.actor, work_id)
    if request.method == "POST":
        return _set_many(request, work)
    form, sort = SceneFilterForm(request.GET, work=work), request.GET.get("sort", "position")
    page = Paginator(selectors.scenes(work, form.asked(sort)), PER_PAGE).get_page(request.GET.get("page"))
    context = {"form": form, "sort": sort, "page": page, "rows": list(page), "totals": selectors.totals(work)}
    context |= _shared(request, work) | {"many": ManyForm()}
    return render(request, "crew/breakdown.html", context)


@require_http_methods(["GET", "POST"])
def scene(request: Request, scene_id: int) -> HttpResponse:
    """One scene, with its source line and what a hand has set."""
    row = selectors.get_scene(request.actor, scene_id)
    writes = may_write(request.actor, row.work)
    things = _things(row)
    initial = {name: getattr(row, name) for name in SceneForm.base_fields if name != "roles"}
    initial |= {"roles": [role.pk for role in row.roles.all()], **things}
    form = SceneForm(request.POST or None, initial=initial, work=row.work) if writes else None
    if request.method == "POST" and form is not None and form.is_valid():
        try:
            _write_scene(request, row.work, scene_id, form)
        except XiepaiError as refusal:
            put_in_form(form, refusal)
        else:
            messages.success(request, _("已保存。"))
            return redirect("crew:breakdown", row.work_id)
    context = {"scene": row, "work": row.work, "form": form, "pages": pages}
    return render(request, "crew/scene.html", context, status=422 if form is not None and form.errors else 200)


@require_safe
def roles(request: Request, work_id: int) -> HttpResponse:
    """The roles with scenes, fees and days."""
    work = works.get_work(request.actor, work_id)
    rows = list(selectors.roles(work))
    context = {
        "work": work,
        "here": "breakdown",
        "rows": rows,
        "pages": pages,
        "may_write": may_write(request.actor, work),
    }
    return render(request, "crew/roles.html", context)


@require_http_methods(["GET", "POST"])
def role(request: Request, role_id: int) -> HttpResponse:
    """One role; other roles that are the same one are merged into it."""
    row = selectors.get_role(request.actor, role_id)
    free = row.free_days or []
    initial = {name: getattr(row, name) for name in RoleForm.base_fields if hasattr(row, name)}
    initial |= {
        "daily_fee": row.daily_fee_fen / 100,
        "free_from": min(free, default=None),
        "free_to": max(free, default=None),
    }
    form = RoleForm(None if "merge" in request.POST else request.POST or None, initial=initial)
    if request.method == "POST":
        try:
            done = _write_role(request, role_id, form)
        except XiepaiError as refusal:
            put_in_form(form, refusal) if form.is_bound else tell(request, refusal)
            done = False
        if done:
            messages.success(request, _("已保存。"))
            return redirect("crew:roles", row.work_id)
    others = [each for each in selectors.roles(row.work) if each.pk != row.pk]
    context = {"role": row, "work": row.work, "form": form, "others": others}
    return render(request, "crew/role.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
def story_places(request: Request, work_id: int) -> HttpResponse:
    """The story places with what stands for them and what that costs; one press puts forward what is missing."""
    work = works.get_work(request.actor, work_id)
    if request.method == "POST":
        _propose(request, work)
        return redirect("crew:story_places", work_id)
    rows = list(selectors.story_places(work))
    prices = prices_of({each.place_id for row in rows for each in row.candidates.all()})
    context = {
        "prices": prices,
        "missing": sum(not row.candidates.all() for row in rows),
        "work": work,
        "here": "breakdown",
        "rows": rows,
        "pages": pages,
        "may_write": may_write(request.actor, work),
    }
    return render(request, "crew/story_places.html", context)


@require_http_methods(["GET", "POST"])
def story_place(request: Request, story_place_id: int) -> HttpResponse:
    """Put real places forward for one story place, or choose one."""
    row = selectors.get_story_place(request.actor, story_place_id)
    if request.method == "POST":
        attempt(request, lambda: _write_place(request, row), _("已保存。"))
        return redirect("crew:story_place", story_place_id)
    candidates = breakdown.candidates_of(request.actor, row)
    asked = request.GET.get("q", "").strip()[:60]
    found = [each for each in suggestions(request.actor, row, words=asked) if each not in candidates]
    chosen = row.candidates.filter(is_chosen=True).values_list("place_id", flat=True).first()
    context = {
        "row": row,
        "work": row.work,
        "candidates": candidates,
        "chosen": chosen,
        "suggested": found,
        "asked": asked,
        "prices": prices_of({each.pk for each in (*candidates, *found)}),
        "may_write": may_write(request.actor, row.work),
    }
    return render(request, "crew/story_place.html", context)


def _propose(request: Request, work: Work) -> None:
    try:
        done = proposing.propose(actor=request.actor, work_id=work.pk)
    except XiepaiError as refusal:
        tell(request, refusal)
        return
    if done.given:
        messages.success(request, _("已为 %(n)s 个剧本场景配上候选场地，请看一遍。") % {"n": len(done.given)})
    if done.missing:
        names = "、".join(done.missing[:12])
        messages.warning(request, _("没有找到相符的：%(names)s。请点开换个说法找。") % {"names": names})


def _shared(request: Request, work: Work) -> dict[str, Any]:
    writes = may_write(request.actor, work)
    return {"work": work, "here": "breakdown", "pages": pages, "may_write": writes}


def _things(row: Scene) -> dict[str, str]:
    found: dict[str, list[str]] = {kind.value: [] for kind in ElementKind}
    for each in row.elements.all():
        found[each.kind].append(each.name)
    return {f"element_{kind}": "、".join(names) for kind, names in found.items()}


def _set_many(request: Request, work: Work) -> HttpResponse:
    form = ManyForm(request.POST)
    ids = _ids(request, "scene")
    fields = (
        {name: value for name, value in form.cleaned_data.items() if value not in {None, ""}} if form.is_valid() else {}
    )
    if not ids or not fields:
        messages.warning(request, _("先勾选场次，再选要改成什么。"))
    else:
        breakdown.edit_scenes(actor=request.actor, work_id=work.pk, scene_ids=ids, fields=fields)
        messages.success(request, _("已改 %(n)s 场。") % {"n": len(ids)})
    return redirect(request.get_full_path())


def _write_scene(request: Request, work: Work, scene_id: int, form: SceneForm) -> None:
    values = dict(form.cleaned_data)
    things = {kind: values.pop(f"element_{kind.value}") for kind in ElementKind}
    role_ids = values.pop("roles")
    changed = {name: value for name, value in values.items() if name in form.changed_data}
    breakdown.edit_scenes(
        actor=request.actor,
        work_id=work.pk,
        scene_ids=[scene_id],
        fields=changed,
        role_ids=role_ids if "roles" in form.changed_data else None,
    )
    for kind, text in things.items():
        if f"element_{kind.value}" in form.changed_data:
            breakdown.set_elements(actor=request.actor, scene_id=scene_id, kind=kind, names=split_names(text))


def _write_role(request: Request, role_id: int, form: RoleForm) -> bool:
    if "merge" in request.POST:
        breakdown.merge_roles(actor=request.actor, into_id=role_id, role_ids=_ids(request, "other"))
        return True
    if not form.is_valid():
        return False
    given = form.cleaned_data
    breakdown.edit_role(
        actor=request.actor,
        role_id=role_id,
        name=given["name"],
        kind=RoleKind(given["kind"]),
        actor_name=given["actor_name"],
        daily_fee_fen=int((given["daily_fee"] or 0) * 100),
        is_minor=given["is_minor"],
        free_days=breakdown.days_between(given["free_from"], given["free_to"]),
        earliest=given["earliest"],
        latest=given["latest"],
        makeup_minutes=given["makeup_minutes"],
    )
    return True


def _write_place(request: Request, row: StoryPlace) -> None:
    who: dict[str, Any] = {"actor": request.actor, "story_place_id": row.pk}
    if "choose" in request.POST:
        ids = _ids(request, "choose")
        breakdown.choose(**who, place_id=ids[0] if ids else None)
    else:
        breakdown.put_forward(**who, place_ids=_ids(request, "place"))


def _ids(request: Request, name: str) -> list[int]:
    return [int(each) for each in request.POST.getlist(name) if each.isdigit() and len(each) < 12]
