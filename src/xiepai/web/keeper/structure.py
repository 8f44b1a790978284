"""Where a place stands: who sees it, under what it hangs, its parts, its end. The tree's rules are the services'."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from xiepai.kernel.errors import XiepaiError
from xiepai.places import selectors, services
from xiepai.places.keeping import kept_place
from xiepai.places.models import Place, PlaceKind
from xiepai.places.services import Joined, Part
from xiepai.web.keeper.forms import MoveForm
from xiepai.web.keeper.places import act, complain, show
from xiepai.web.refusals import tell
from xiepai.web.requests import Request


class SplitForm(forms.Form):
    """Parts, one a line, and combinations of them, one a line."""

    parts = forms.CharField(
        label=gettext_lazy("分区，一行一个"),
        widget=forms.Textarea(attrs={"rows": 4, "placeholder": "A厅 200\nB厅 150"}),
        help_text=gettext_lazy("名称，可以再写面积（平方米）"),
    )
    joined = forms.CharField(
        label=gettext_lazy("组合，一行一个"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 2, "placeholder": "A+B厅=A厅、B厅"}),
        help_text=gettext_lazy("组合名称=分区、分区；可以不写"),
    )

    def clean_parts(self) -> list[Part]:
        """The lines as parts."""
        return [part_of(line) for line in self.cleaned_data["parts"].splitlines() if line.strip()]

    def clean_joined(self) -> list[Joined]:
        """The lines as combinations."""
        return [joined_of(line) for line in self.cleaned_data["joined"].splitlines() if line.strip()]


def part_of(line: str) -> Part:
    """``A厅 200`` → a part of 200 m²."""
    name, _space, area = line.strip().rpartition(" ")
    try:
        return Part(name.strip(), area_m2=Decimal(area)) if name else Part(line.strip())
    except InvalidOperation:
        return Part(line.strip())


def joined_of(line: str) -> Joined:
    """``A+B厅=A厅、B厅`` → a combination of two parts."""
    name, sign, parts = line.replace("＝", "=").partition("=")
    if not sign:
        raise forms.ValidationError(_("请写成“名称=分区、分区”。"))
    chosen = tuple(each.strip() for each in parts.replace(",", "、").replace("，", "、").split("、") if each.strip())
    return Joined(name.strip(), chosen)


class CombineForm(forms.Form):
    """A combination of parts that are there."""

    name = forms.CharField(label=gettext_lazy("组合名称"), max_length=120)
    part_ids = forms.TypedMultipleChoiceField(
        label=gettext_lazy("分区"), coerce=int, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, data: Any = None, *, parts: list[Place]) -> None:
        super().__init__(data, auto_id="combine_%s")
        self.fields["part_ids"].choices = [(row.pk, row.name) for row in parts]  # type: ignore[attr-defined]


@require_safe
def structure(request: Request, place_id: int) -> HttpResponse:
    """Publishing, moving, dividing, retiring."""
    place = kept_place(request.actor, place_id)
    below = selectors.tree(request.actor, place_id)[1:]
    parts = _parts(place)
    context = {
        "ancestors": selectors.ancestors(request.actor, place_id),
        "below": below,
        "move": MoveForm(actor=request.actor, place=place),
        "split": SplitForm() if _divides(place) else None,
        "combine": CombineForm(parts=parts) if len(parts) > 1 else None,
    }
    return show(request, "structure", place, context)


@require_POST
def publish(request: Request, place_id: int) -> HttpResponse:
    """Who sees the place; only the office makes one public. Or: somebody stood there and the record is right."""
    kept_place(request.actor, place_id)
    actor = request.actor
    deeds: dict[str, tuple[Callable[..., object], str]] = {
        "public": (services.publish_place, _("已公开。")),
        "review": (services.submit_place, _("已提交，等协拍办公开。")),
        "private": (services.unpublish_place, _("已转为不公开；已有的预订不变。")),
        "verified": (services.verify_place, _("已记下今天核实过。")),
    }
    service, done = deeds.get(request.POST.get("deed", ""), (None, ""))
    deed = (lambda: service(actor=actor, place_id=place_id)) if service else None
    return act(request, deed, done, "keeper:structure", place_id)


@require_POST
def move(request: Request, place_id: int) -> HttpResponse:
    """Hang the place under another, or make it a root."""
    place = kept_place(request.actor, place_id)
    form = MoveForm(request.POST, actor=request.actor, place=place)
    if not form.is_valid():
        complain(request, form)
        return redirect("keeper:structure", place_id)
    parent_id = form.cleaned_data["parent_id"]
    return act(
        request,
        lambda: services.move_place(actor=request.actor, place_id=place_id, parent_id=parent_id),
        _("已移动。"),
        "keeper:structure",
        place_id,
    )


@require_POST
def divide(request: Request, place_id: int) -> HttpResponse:
    """Give a hall parts and combinations, or one more combination of the parts it has."""
    place = kept_place(request.actor, place_id)
    deed: Callable[[], object]
    if "part_ids" in request.POST:
        form: forms.Form = CombineForm(request.POST, parts=_parts(place))
        deed = lambda: services.combine_places(actor=request.actor, place_id=place_id, **form.cleaned_data)  # noqa: E731
    else:
        form = SplitForm(request.POST)
        deed = lambda: services.split_place(  # noqa: E731
            actor=request.actor,
            place_id=place_id,
            parts=form.cleaned_data["parts"],
            combinations=form.cleaned_data["joined"],
        )
    if not form.is_valid():
        complain(request, form)
        return redirect("keeper:structure", place_id)
    return act(request, deed, _("已分割；每个分区要有自己的价目。"), "keeper:structure", place_id)


@require_POST
def retire(request: Request, place_id: int) -> HttpResponse:
    """Take the place out of use with all under it; refused while bookings lie ahead."""
    kept_place(request.actor, place_id)
    try:
        retired = services.retire_place(actor=request.actor, place_id=place_id)
    except XiepaiError as refusal:
        tell(request, refusal)
        return redirect("keeper:structure", place_id)
    messages.success(request, _("已停止出借 %(n)s 处；记录都保留。") % {"n": len(retired)})
    return redirect("keeper:structure", place_id)


def _parts(place: Place) -> list[Place]:
    return list(Place.objects.filter(parent=place).exclude(kind=PlaceKind.COMBINATION).order_by("sort_key", "id"))


def _divides(place: Place) -> bool:
    return place.capacity == 1 and place.kind not in (PlaceKind.COMBINATION, PlaceKind.SITE, PlaceKind.BUILDING)
