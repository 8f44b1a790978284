"""Forms of a place: one field for each thing a keeper may say, vocabularies as choices, errors where they belong.

What holds together is decided by the services; a form only reads what people type.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from django import forms
from django.forms.models import fields_for_model
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from xiepai.parties.access import Actor
from xiepai.parties.models import Organisation, Role
from xiepai.places.access import LOCKABLE_OF_PLACE
from xiepai.places.fields import VOCABULARY_OF
from xiepai.places.keeping import possible_parents
from xiepai.places.models import Place, PlaceKind
from xiepai.places.vocabulary import read_words
from xiepai.web import formats

MANDATORY = ("name", "town", "categories")
GROUPS: tuple[tuple[Any, Any, tuple[str, ...]], ...] = (
    (gettext_lazy("必填"), gettext_lazy("只有这三项必填，其余可以以后再补。"), MANDATORY),
    (
        gettext_lazy("是什么样的场景"),
        "",
        ("name_en", "aliases", "kind", "setting", "styles", "description"),
    ),
    (
        gettext_lazy("条件"),
        gettext_lazy("剧组按这些找场地。"),
        (
            *("area_m2", "ceiling_m", "people_max", "power_kw", "sound", "parking_cars", "lodging_distance_m"),
            *("facilities", "restrictions", "restriction_note"),
        ),
    ),
    (
        gettext_lazy("在哪里"),
        gettext_lazy("坐标用 WGS-84（手机定位显示的那种），国内地图自动换算。"),
        ("address", "directions", "latitude", "longitude", "locked_fields"),
    ),
    (
        gettext_lazy("怎样出借"),
        "",
        ("terms", "approval", "is_bookable", "capacity", "unit_label"),
    ),
    (gettext_lazy("资料"), "", ("code", "standing", "standing_note")),
)
RULES = (
    *("hold_minutes", "lead_minutes", "ahead_days", "min_minutes", "max_minutes", "step_minutes"),
    *("buffer_before_minutes", "buffer_after_minutes"),
)
_DETAILS = tuple(name for _title, _text, names in GROUPS for name in names)
_HINTS = {
    "name": gettext_lazy("剧组叫它什么，例：县衙大堂"),
    "aliases": gettext_lazy("几个别名用顿号或逗号隔开"),
    "code": gettext_lazy("留空则自动编号"),
    "capacity": gettext_lazy("1 是独占；大于 1 按数量出借，例如房间、车、灯"),
    "unit_label": gettext_lazy("间、辆、盏"),
    "standing": gettext_lazy("不是“已知”的，会在所有页面上标明"),
    "hold_minutes": gettext_lazy("预留不确认，多久后自动放开"),
    "lead_minutes": gettext_lazy("至少提前多久订；0 为不限"),
    "step_minutes": gettext_lazy("预订只能从这些间隔开始，例：30"),
    "buffer_before_minutes": gettext_lazy("两个预订之间取双方缓冲较大者"),
}
_SPLIT = re.compile(r"[、,，;；\n]+")


class WordsField(forms.CharField):
    """Several words in one line, separated as people separate them."""

    def prepare_value(self, value: Any) -> Any:
        """A list as one line."""
        return "、".join(value) if isinstance(value, list | tuple) else value

    def clean(self, value: Any) -> Any:
        """The words."""
        return [word.strip() for word in _SPLIT.split(super().clean(value) or "") if word.strip()]

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Whether other words are meant."""
        return list(initial or []) != [word.strip() for word in _SPLIT.split(data or "") if word.strip()]


def lock_labels() -> dict[str, str]:
    """What of a place can stay hidden until a hold, in words."""
    names = {
        "address": _("地址"),
        "directions": _("到达方式"),
        "position": _("坐标"),
        "description": _("介绍"),
        "restriction_note": _("限制说明"),
    }
    return {name: names[name] for name in LOCKABLE_OF_PLACE}


class PlaceForm(forms.Form):
    """The details of a place, in groups."""

    def __init__(self, data: Any = None, *, place: Place | None = None) -> None:
        super().__init__(data, initial=_values_of(place, _DETAILS) if place else _defaults(_DETAILS))
        self.fields.update(_fields(_DETAILS, place))

    def groups(self) -> list[tuple[str, str, list[forms.BoundField]]]:
        """Title, word of explanation and fields of each group."""
        return [(str(title), str(text), [self[name] for name in names]) for title, text, names in GROUPS]

    def changes(self) -> dict[str, Any]:
        """What the form says that was not there: what others changed meanwhile is left alone."""
        return {name: self.cleaned_data[name] for name in self.changed_data}


class NewPlaceForm(PlaceForm):
    """As the details, with whose it is and under what it stands, which has pages of its own later."""

    def __init__(self, data: Any = None, *, actor: Actor, parent: Place | None = None) -> None:
        super().__init__(data)
        owners = owners_for(actor)
        self.fields["owner_id"] = forms.TypedChoiceField(
            label=gettext_lazy("所属机构"), coerce=int, choices=[(row.pk, formats.named(row)) for row in owners]
        )
        self.fields["parent_id"] = parent_field(actor)
        if parent is not None:
            self.initial.update({"parent_id": parent.pk, "owner_id": parent.owner_id, "town": parent.town})
            self.initial["kind"] = _below(parent.kind)
        elif owners:
            self.initial["owner_id"] = owners[0].pk

    def groups(self) -> list[tuple[str, str, list[forms.BoundField]]]:
        """The mandatory ones first, with owner and parent beside them."""
        title, text, bound = super().groups()[0]
        return [(title, text, [*bound, self["owner_id"], self["parent_id"]]), *super().groups()[1:]]


class RulesForm(forms.Form):
    """Hold, lead time, durations, step and buffers, all in minutes but the days."""

    def __init__(self, data: Any = None, *, place: Place) -> None:
        super().__init__(data, initial=_values_of(place, RULES), auto_id="rules_%s")
        self.fields.update(_fields(RULES, place))


class MoveForm(forms.Form):
    """Under which place it stands."""

    def __init__(self, data: Any = None, *, actor: Actor, place: Place) -> None:
        super().__init__(data, auto_id="move_%s", initial={"parent_id": place.parent_id or ""})
        self.fields["parent_id"] = parent_field(actor, place)


def parent_field(actor: Actor, place: Place | None = None) -> forms.TypedChoiceField:
    """The choice of a parent; empty means a root."""
    rows = possible_parents(actor, place).values_list("pk", "name", "code")[:3000]
    choices = [("", _("没有上级")), *((pk, f"{name}（{code}）") for pk, name, code in rows)]
    return forms.TypedChoiceField(
        label=gettext_lazy("上级"), coerce=int, empty_value=None, required=False, choices=choices
    )


def owners_for(actor: Actor) -> list[Organisation]:
    """The organisations whose places the actor may write."""
    rows = Organisation.objects.filter(is_active=True).exclude(kind="crew").order_by("name")
    return list(rows if actor.is_officer else rows.filter(pk__in=actor.organisations(Role.KEEPER)))


def message_of(form: forms.BaseForm) -> str:
    """All a form complains of, on one line."""
    parts = []
    for name, errors in form.errors.items():
        label = "" if name == "__all__" else f"{form.fields[name].label}："
        parts += [f"{label}{error}" for error in errors]
    return " ".join(parts)


def _fields(names: Iterable[str], place: Place | None) -> dict[str, forms.Field]:
    plain = fields_for_model(Place, fields=[name for name in names if name not in _LISTS])
    words, language = read_words(), "en" if formats.is_english() else "zh-hans"
    found: dict[str, forms.Field] = {}
    for name in names:
        if name in VOCABULARY_OF:
            known = words[VOCABULARY_OF[name]]
            kept = getattr(place, name) if place is not None else []
            choices = [(w.code, w.label(language)) for w in known.words if w.is_active or w.code in kept]
            found[name] = _choice(name, choices)
        elif name == "aliases":
            found[name] = WordsField(label=gettext_lazy("别名"), required=False)
        elif name == "locked_fields":
            found[name] = forms.MultipleChoiceField(
                label=gettext_lazy("预留后可见的字段"),
                required=False,
                widget=forms.CheckboxSelectMultiple,
                choices=list(lock_labels().items()),
            )
        else:
            found[name] = plain[name]
            if isinstance(found[name], forms.CharField) and name in _ROWS:
                found[name].widget.attrs["rows"] = 3
        found[name].help_text = str(_HINTS.get(name, found[name].help_text))
    if "code" in found:
        found["code"].required = False
    if "kind" in found and (place is None or place.kind != PlaceKind.COMBINATION):
        found["kind"].choices = [pair for pair in PlaceKind.choices if pair[0] != PlaceKind.COMBINATION]  # type: ignore[attr-defined]
    return found


_LISTS = frozenset({"town", "categories", "styles", "facilities", "restrictions", "aliases", "locked_fields"})
_ROWS = frozenset({"description", "directions", "restriction_note"})


def _choice(name: str, choices: list[tuple[str, str]]) -> forms.Field:
    label = Place._meta.get_field(name).verbose_name  # type: ignore[union-attr]
    if name == "town":
        return forms.ChoiceField(label=label, choices=[("", _("请选择")), *choices])
    required = name in MANDATORY
    widget = forms.CheckboxSelectMultiple
    return forms.MultipleChoiceField(label=label, choices=choices, required=required, widget=widget)


def _values_of(place: Place, names: Iterable[str]) -> dict[str, Any]:
    return {name: getattr(place, name) for name in names}


def _defaults(names: Iterable[str]) -> dict[str, Any]:
    return {name: getattr(Place(), name) for name in names if name not in {"categories", "code"}}


def _below(kind: str) -> str:
    order = (PlaceKind.SITE, PlaceKind.BUILDING, PlaceKind.FLOOR, PlaceKind.SET, PlaceKind.PART)
    at = order.index(PlaceKind(kind)) if kind in order else 2
    return order[min(at + 1, 4)]
