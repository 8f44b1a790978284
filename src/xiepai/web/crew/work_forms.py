"""Forms of a work: what it says of itself, its people, its papers. Money is typed in 万元, kept in fen.

What a field may hold is the domain's business; a form refuses only what is no number and no day.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from xiepai.parties.access import Actor
from xiepai.parties.models import CREW_ROLES, Membership, Organisation
from xiepai.productions.classification import FEN_OF_WAN
from xiepai.productions.models import (
    Circumstance,
    CrewMember,
    Diet,
    Duty,
    Making,
    PaperKind,
    PictureFormat,
    Subject,
    Work,
)
from xiepai.productions.uploads import LARGEST_BYTES
from xiepai.web.formats import named

DAY = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
SAME_NAME = (
    "title",
    "title_en",
    "making_mode",
    "format",
    "episodes",
    "minutes_per_episode",
    "subjects",
    "synopsis",
    "is_interactive",
    "is_platform_promoted",
    "is_filed_as_top",
    "minors_count",
    "drones_count",
    "circumstances",
    "filed_on",
    "shooting_from",
    "shooting_to",
    "release_on",
)


class WorkForm(forms.Form):
    """What a crew writes of a work."""

    title = forms.CharField(label=gettext_lazy("剧名"), max_length=80)
    title_en = forms.CharField(label=gettext_lazy("英文剧名"), max_length=120, required=False)
    making_mode = forms.ChoiceField(
        label=gettext_lazy("制作方式"), choices=Making.choices, initial=Making.LIVE, widget=forms.RadioSelect
    )
    format = forms.ChoiceField(label=gettext_lazy("画幅"), choices=PictureFormat.choices)
    episodes = forms.IntegerField(label=gettext_lazy("集数"), required=False, min_value=1, max_value=10_000)
    minutes_per_episode = forms.DecimalField(
        label=gettext_lazy("每集分钟"), required=False, max_digits=6, decimal_places=2
    )
    investment = forms.DecimalField(
        label=gettext_lazy("投资额（万元）"),
        required=False,
        min_value=0,
        max_digits=15,
        decimal_places=6,
        help_text=gettext_lazy("决定类别；不填则类别未定"),
    )
    subjects = forms.MultipleChoiceField(
        label=gettext_lazy("特殊题材"),
        choices=Subject.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("涉及其中一项即归入最高一类，不论投资额"),
    )
    synopsis = forms.CharField(
        label=gettext_lazy("内容提要"), required=False, max_length=4000, widget=forms.Textarea({"rows": 4})
    )
    is_interactive = forms.BooleanField(label=gettext_lazy("互动作品"), required=False)
    is_platform_promoted = forms.BooleanField(label=gettext_lazy("平台重点推荐"), required=False)
    is_filed_as_top = forms.BooleanField(label=gettext_lazy("自愿按最高一类备案"), required=False)
    minors_count = forms.IntegerField(
        label=gettext_lazy("未成年演员人数"), required=False, min_value=0, max_value=1_000, initial=0
    )
    drones_count = forms.IntegerField(
        label=gettext_lazy("无人机架数"), required=False, min_value=0, max_value=100, initial=0
    )
    circumstances = forms.MultipleChoiceField(
        label=gettext_lazy("拍摄中的特殊情形"),
        choices=Circumstance.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("文件清单会按这些情形列出需要的文件"),
    )
    filed_on = forms.DateField(
        label=gettext_lazy("备案日期"), required=False, widget=DAY, help_text=gettext_lazy("类别按这一天的规定计算")
    )
    shooting_from = forms.DateField(label=gettext_lazy("开机日期"), required=False, widget=DAY)
    shooting_to = forms.DateField(label=gettext_lazy("杀青日期"), required=False, widget=DAY)
    release_on = forms.DateField(label=gettext_lazy("上线日期"), required=False, widget=DAY)

    def values(self) -> dict[str, Any]:
        """The fields as the services take them."""
        data = self.cleaned_data
        given = {name: data[name] for name in SAME_NAME}
        given |= {name: given[name] or 0 for name in ("minors_count", "drones_count")}
        return given | {"investment_fen": fen_of(data["investment"])}

    @classmethod
    def initial_of(cls, work: Work) -> dict[str, Any]:
        """A work as the form shows it."""
        shown = {name: getattr(work, name) for name in SAME_NAME}
        return shown | {"investment": wan_of(work.investment_fen)}


class NewWorkForm(WorkForm):
    """The same with the company it is declared for."""

    crew = forms.ChoiceField(label=gettext_lazy("剧组公司"))
    field_order = ("crew",)

    def __init__(self, *args: Any, actor: Actor, **options: Any) -> None:
        super().__init__(*args, **options)
        rows = Organisation.objects.filter(kind="crew", is_active=True).order_by("name")
        if not actor.is_officer:
            rows = rows.filter(pk__in=actor.organisations(*CREW_ROLES))
        choices = [(str(row.pk), named(row)) for row in rows]
        self.fields["crew"].choices = choices  # type: ignore[attr-defined]
        if len(choices) == 1:
            self.fields["crew"].initial = choices[0][0]
            self.fields["crew"].widget = forms.HiddenInput()


class MemberForm(forms.Form):
    """One line of the contact sheet."""

    name = forms.CharField(label=gettext_lazy("姓名"), max_length=60)
    duty = forms.ChoiceField(label=gettext_lazy("职务"), choices=Duty.choices)
    duty_note = forms.CharField(label=gettext_lazy("职务说明"), max_length=40, required=False)
    phone = forms.CharField(label=gettext_lazy("电话"), max_length=30, required=False)
    diet = forms.ChoiceField(label=gettext_lazy("餐别"), choices=Diet.choices, initial=Diet.REGULAR)
    room = forms.CharField(label=gettext_lazy("房间"), max_length=40, required=False)
    note = forms.CharField(label=gettext_lazy("备注"), max_length=120, required=False)
    person_id = forms.TypedChoiceField(
        label=gettext_lazy("账号"), coerce=int, empty_value=None, required=False, help_text=gettext_lazy("本公司的成员")
    )

    def __init__(self, *args: Any, organisation_id: int, **options: Any) -> None:
        super().__init__(*args, **options)
        members = Membership.objects.filter(organisation=organisation_id).select_related("person")
        people = {str(row.person_id): row.person.get_short_name() for row in members.order_by("person_id")}
        self.fields["person_id"].choices = [("", "—"), *people.items()]  # type: ignore[attr-defined]

    @classmethod
    def initial_of(cls, member: CrewMember) -> dict[str, Any]:
        """A line as the form shows it."""
        return {name: getattr(member, name) for name in cls.base_fields}


class PaperForm(forms.Form):
    """A paper: its kind, a file or a number or both, and how long it holds."""

    kind = forms.ChoiceField(label=gettext_lazy("种类"))
    about = forms.CharField(
        label=gettext_lazy("对象"), max_length=60, required=False, help_text=gettext_lazy("谁的，或哪架无人机的")
    )
    file = forms.FileField(
        label=gettext_lazy("文件"),
        required=False,
        widget=forms.FileInput({"accept": ".pdf,.jpg,.jpeg,.png"}),
        help_text=gettext_lazy("PDF、JPEG 或 PNG，最大 20 MB"),
    )
    number = forms.CharField(label=gettext_lazy("编号"), max_length=80, required=False)
    valid_from = forms.DateField(label=gettext_lazy("生效日期"), required=False, widget=DAY)
    valid_to = forms.DateField(
        label=gettext_lazy("截止日期"), required=False, widget=DAY, help_text=gettext_lazy("含当日；长期有效则不填")
    )

    def __init__(self, *args: Any, kinds: list[PaperKind], **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["kind"].choices = [(kind.code, named(kind)) for kind in kinds]  # type: ignore[attr-defined]

    def clean_file(self) -> Any:
        """A file too large is refused before it is read into memory."""
        upload = self.cleaned_data["file"]
        if upload and upload.size > LARGEST_BYTES:
            raise forms.ValidationError(_("文件太大，最大 20 MB。"))
        return upload

    def values(self) -> dict[str, Any]:
        """The paper as the service takes it."""
        data = self.cleaned_data
        upload = data["file"]
        given = {name: data[name] for name in ("about", "number", "valid_from", "valid_to")}
        content = {"data": upload.read(), "file_name": upload.name} if upload else {}
        return {"kind_code": data["kind"], **given, **content}


def fen_of(wan: Decimal | None) -> int | None:
    """万元 as fen."""
    return None if wan is None else int(wan * FEN_OF_WAN)


def wan_of(fen: int | None) -> str | None:
    """Fen as 万元, without needless zeros."""
    return None if fen is None else f"{(Decimal(fen) / FEN_OF_WAN).normalize():f}"
