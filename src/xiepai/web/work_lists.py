"""Lists of works, the same for a crew's own and for the office's: filters, order, page, file."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import date
from typing import Any

from django import forms
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from xiepai.kernel import clock
from xiepai.parties.models import Organisation
from xiepai.productions.classification import Level
from xiepai.productions.models import Making, Work, WorkState
from xiepai.productions.selectors_lists import SORTS, UNDER_WAY, WorkLine, all_lines, lines_of, search_works
from xiepai.web.formats import is_english, named
from xiepai.web.requests import Request
from xiepai.web.spreadsheets import yuan

PER_PAGE = 50
LEVELS = [
    ("", gettext_lazy("不限类别")),
    (Level.TOP, gettext_lazy("重点 / 一类")),
    (Level.MIDDLE, gettext_lazy("普通 / 二类")),
    (Level.LOW, gettext_lazy("其他 / 三类")),
    (Level.OPEN, gettext_lazy("未定")),
]


class WorkFilterForm(forms.Form):
    """What a list of works can be narrowed by."""

    q = forms.CharField(label=gettext_lazy("剧名、公司或编号"), required=False, max_length=60)
    state = forms.ChoiceField(
        label=gettext_lazy("阶段"),
        required=False,
        choices=[("", gettext_lazy("全部阶段")), ("open", gettext_lazy("进行中")), *WorkState.choices],
    )
    level = forms.ChoiceField(label=gettext_lazy("作品类别"), required=False, choices=LEVELS)
    making = forms.ChoiceField(
        label=gettext_lazy("制作方式"), required=False, choices=[("", gettext_lazy("全部方式")), *Making.choices]
    )


class CityWorkFilterForm(WorkFilterForm):
    """The same with the company, for the office."""

    crew = forms.TypedChoiceField(label=gettext_lazy("剧组公司"), required=False, coerce=int, empty_value=None)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        crews = Organisation.objects.filter(kind="crew").order_by("name")
        choices = [(str(row.pk), named(row)) for row in crews]
        self.fields["crew"].choices = [("", _("全部公司")), *choices]  # type: ignore[attr-defined]


def found(
    request: Request, form: WorkFilterForm, *, of: Collection[int] | None = None
) -> tuple[QuerySet[Work], str, date]:
    """The works (of these companies) the request asks for, their order, and the day their classes are of."""
    form.is_valid()
    given = form.cleaned_data
    sort = request.GET.get("sort", "-code")
    sort = sort if sort.lstrip("-") in SORTS else "-code"
    state, today = given.get("state") or "", clock.today()
    rows = search_works(
        request.actor,
        on=today,
        words=given.get("q") or "",
        states=UNDER_WAY if state == "open" else [state] if state else (),
        making=given.get("making") or "",
        level=given.get("level") or "",
        organisation_id=given.get("crew"),
        sort=sort,
    )
    return rows if of is None else rows.filter(organisation__in=of), sort, today


def page_of(request: Request, form: WorkFilterForm, *, of: Collection[int] | None = None) -> dict[str, Any]:
    """What the page of a list shows."""
    rows, sort, today = found(request, form, of=of)
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    return {"page": page, "lines": lines_of(list(page.object_list), today), "form": form, "sort": sort}


def table_of(works: QuerySet[Work], today: date) -> Iterator[list[object]]:
    """The list as rows of a file, its head first."""
    yield [
        *(_("编号"), _("剧名"), _("英文剧名"), _("剧组公司"), _("制作方式"), _("画幅"), _("集数"), _("每集分钟")),
        *(_("投资额（元）"), _("特殊题材"), _("作品类别"), _("依据"), _("阶段"), _("备案日期"), _("开机日期")),
        *(_("杀青日期"), _("上线日期"), _("下一关"), _("还缺文件"), _("资料性质")),
    ]
    for line in all_lines(works, today):
        yield _row(line)


def _row(line: WorkLine) -> list[object]:
    work, language = line.work, "en" if is_english() else "zh"
    rule = line.classed.rule
    labels = dict(type(work)._meta.get_field("subjects").base_field.flatchoices)
    return [
        *(work.code, work.title, work.title_en, named(work.organisation), work.get_making_mode_display()),
        *(work.get_format_display(), _or_empty(work.episodes), _or_empty(_number(work.minutes_per_episode))),
        "" if work.investment_fen is None else yuan(work.investment_fen),
        _("、").join(str(labels[code]) for code in work.subjects),
        line.classed.label.in_language(language),
        rule.source.in_language(language) if rule else "",
        work.get_state_display(),
        *(_or_empty(day) for day in (work.filed_on, work.shooting_from, work.shooting_to, work.release_on)),
        line.gate.label if line.gate else "",
        _("、").join(named(item.kind) for item in line.blocking),
        work.get_standing_display(),
    ]


def _or_empty(value: object) -> object:
    return "" if value is None else value


def _number(value: Any) -> float | None:
    return None if value is None else float(value)
