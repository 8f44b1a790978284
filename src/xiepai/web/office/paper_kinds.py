"""The checklist of papers, edited by the office: which there are, when each is required, by which stage, and why."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from xiepai.kernel.errors import XiepaiError, not_found
from xiepai.productions import selectors, services
from xiepai.productions.models import Condition, Grade, PaperKind, PerPiece
from xiepai.productions.states import ORDER
from xiepai.web.refusals import put_in_form
from xiepai.web.requests import Request


class KindForm(forms.Form):
    """One line of the checklist."""

    zh = forms.CharField(label=gettext_lazy("中文名称"), max_length=60)
    en = forms.CharField(label=gettext_lazy("英文名称"), max_length=100, required=False)
    issuer_zh = forms.CharField(label=gettext_lazy("出具单位"), max_length=60, required=False)
    issuer_en = forms.CharField(label=gettext_lazy("出具单位（英文）"), max_length=100, required=False)
    required_when = forms.MultipleChoiceField(
        label=gettext_lazy("何时必备"),
        choices=Condition.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("满足任何一项即必备；一项不选则从不必备"),
    )
    needed_by = forms.ChoiceField(
        label=gettext_lazy("最迟阶段"),
        choices=[(state.value, state.label) for state in ORDER],
        initial="shooting",
        help_text=gettext_lazy("没有它就不能进入这个阶段"),
    )
    per_piece = forms.ChoiceField(label=gettext_lazy("份数"), choices=PerPiece.choices)
    guidance_zh = forms.CharField(label=gettext_lazy("办理说明"), required=False, widget=forms.Textarea({"rows": 3}))
    guidance_en = forms.CharField(
        label=gettext_lazy("办理说明（英文）"), required=False, widget=forms.Textarea({"rows": 3})
    )
    source_grade = forms.ChoiceField(
        label=gettext_lazy("依据等级"), required=False, choices=[("", gettext_lazy("未评级")), *Grade.choices]
    )
    source = forms.CharField(label=gettext_lazy("依据"), max_length=200, required=False)
    standing = forms.ChoiceField(
        label=gettext_lazy("资料性质"), choices=[("known", gettext_lazy("已知")), ("assumed", gettext_lazy("假设"))]
    )
    position = forms.IntegerField(label=gettext_lazy("次序"), required=False)

    def values(self) -> dict[str, Any]:
        """The line as the services take it; without a position it keeps (or gets) its own."""
        return {name: value for name, value in self.cleaned_data.items() if name != "position" or value is not None}


class NewKindForm(KindForm):
    """The same with the code, which never changes afterwards."""

    code = forms.SlugField(label=gettext_lazy("代码"), max_length=40, help_text=gettext_lazy("小写字母，之后不再改"))
    field_order = ("code",)


@require_safe
def listing(request: Request) -> HttpResponse:
    """Every line, those in use first."""
    kinds = selectors.paper_kinds(request.actor, with_retired=True).order_by("-is_active", "position", "code")
    return render(request, "office/paper_kinds.html", {"kinds": kinds, "CONDITIONS": dict(Condition.choices)})


@require_http_methods(["GET", "POST"])
def new(request: Request) -> HttpResponse:
    """A further line."""
    form = NewKindForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            services.add_paper_kind(actor=request.actor, **form.values())
        except XiepaiError as refusal:
            put_in_form(form, refusal)
        else:
            messages.success(request, _("已加入清单。"))
            return redirect("office:paper_kinds")
    return render(request, "office/paper_kind.html", {"form": form, "kind": None}, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
def edit(request: Request, kind_id: int) -> HttpResponse:
    """Change what a line asks for; every work is held against it from now on."""
    kind = _kind(request, kind_id)
    initial = {name: getattr(kind, name) for name in KindForm.base_fields}
    form = KindForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            services.update_paper_kind(actor=request.actor, kind_id=kind_id, **form.values())
        except XiepaiError as refusal:
            put_in_form(form, refusal)
        else:
            messages.success(request, _("已保存；从现在起所有作品按它核对。"))
            return redirect("office:paper_kinds")
    return render(request, "office/paper_kind.html", {"form": form, "kind": kind}, status=422 if form.errors else 200)


@require_POST
def set_state(request: Request, kind_id: int) -> HttpResponse:
    """Ask for a paper no longer, or again."""
    if request.POST.get("is_active") == "1":
        services.restore_paper_kind(actor=request.actor, kind_id=kind_id)
        messages.success(request, _("这份文件重新列入清单。"))
    else:
        services.retire_paper_kind(actor=request.actor, kind_id=kind_id)
        messages.success(request, _("不再要求这份文件；已提交的保留。"))
    return redirect("office:paper_kinds")


def _kind(request: Request, kind_id: int) -> PaperKind:
    kind = selectors.paper_kinds(request.actor, with_retired=True).filter(pk=kind_id).first()
    if kind is None:
        raise not_found()
    return kind
