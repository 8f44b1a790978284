"""Grants in the open: programmes with windows and budgets, awards as lists and open data, figures with their rows."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django import forms
from django.conf import settings
from django.core.paginator import Paginator
from django.http import HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from xiepai.grants import open_data, publishing
from xiepai.grants.models import Programme, Window
from xiepai.grants.publishing import AwardFilter, AwardLine
from xiepai.kernel import clock
from xiepai.kernel.errors import ErrorCode, XiepaiError, not_found
from xiepai.parties.models import Organisation
from xiepai.places.selectors import vocabularies
from xiepai.web import formats
from xiepai.web.requests import Request
from xiepai.web.spreadsheets import csv_rows, table_file

PER_PAGE = 50
MOST_ROWS = 100_000
#: Where a company is: the city's own words, narrowed by a figure of the statistics.
PLACED = ("town", "cluster")


class AwardForm(forms.Form):
    """What the list of awards can be narrowed by."""

    q = forms.CharField(label=gettext_lazy("企业或作品"), required=False, max_length=60)
    programme = forms.ChoiceField(label=gettext_lazy("奖补项目"), required=False)
    year = forms.TypedChoiceField(label=gettext_lazy("年份"), required=False, coerce=int, empty_value=None)
    measure = forms.CharField(required=False, max_length=60, widget=forms.HiddenInput)
    town = forms.CharField(required=False, max_length=60, widget=forms.HiddenInput)
    cluster = forms.CharField(required=False, max_length=40, widget=forms.HiddenInput)
    company = forms.IntegerField(required=False, min_value=1, max_value=2**63 - 1, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        named = [(row.code, formats.named(row)) for row in publishing.public_programmes()]
        self.fields["programme"].choices = [("", _("全部项目")), *named]  # type: ignore[attr-defined]
        years = range(clock.today().year, 2019, -1)
        self.fields["year"].choices = [("", _("全部年份")), *((str(each), str(each)) for each in years)]  # type: ignore[attr-defined]


@require_safe
def programmes(request: Request) -> HttpResponse:
    """This city's programmes: what they pay for, when applications are taken, how much there is."""
    now = clock.now()
    found = [_programme(row, now) for row in publishing.public_programmes()]
    notices = publishing.public_notices()[:5]
    context = {"programmes": found, "notices": notices, "totals": publishing.totals(AwardFilter())}
    return render(request, "public/programmes.html", context)


def _programme(row: Programme, now: Any) -> dict[str, Any]:
    names = publishing.measure_names(row)
    english = formats.is_english()
    budgets: dict[str, int] = {}
    for budget in row.budgets.all():
        budgets[budget.measure] = budgets.get(budget.measure, 0) + budget.amount_fen
    automatic = {each.measure for each in row.settings.all() if each.awards_without_application}
    windows = [{"row": window, "state": _standing(window, now)} for window in row.windows.all()]
    return {
        "row": row,
        "windows": windows,
        "total_fen": sum(budgets.values()),
        "measures": [
            {"name": name, "label": said[english], "budget_fen": budgets.get(name), "is_automatic": name in automatic}
            for name, said in names.items()
        ],
    }


def _standing(window: Window, now: Any) -> str:
    if now < window.opens_at:
        return "later"
    return "open" if now < window.closes_at else "closed"


@require_safe
def awards(request: Request) -> HttpResponse:
    """Who got what."""
    wanted, form, sort = _wanted(request)
    totals = publishing.totals(wanted)
    page = Paginator(range(totals["lines"]), PER_PAGE).get_page(request.GET.get("page"))
    offset = (page.number - 1) * PER_PAGE
    lines = publishing.award_lines(wanted, sort=sort, limit=PER_PAGE, offset=offset)
    context = {
        "lines": lines,
        "names": _Names(),
        "page": page,
        "form": form,
        "sort": sort,
        "totals": totals,
        "words": _words(),
        "chips": _chips(wanted),
        "query_string": request.GET.urlencode(),
    }
    return render(request, "public/awards.html", context)


@require_safe
def awards_file(request: Request, form: str) -> HttpResponseBase:
    """The same awards as open data: 360Giving JSON or CSV."""
    wanted, _form, sort = _wanted(request)
    lines = publishing.award_lines(wanted, sort=sort, limit=MOST_ROWS)
    if form not in ("json", "csv"):
        raise not_found()
    if not lines:
        raise XiepaiError(
            ErrorCode.INVALID, detail=_("这样筛选没有奖补。360Giving 标准要求数据包里至少有一笔，所以不给空文件。")
        )
    publisher = _publisher(request)
    if form == "json":
        answer = JsonResponse(open_data.as_json(lines, publisher), json_dumps_params={"ensure_ascii": False})
        answer["Content-Disposition"] = 'attachment; filename="awards.json"'
        return answer
    return table_file("csv", "awards", open_data.rows(lines, publisher))


@require_safe
def statistics(request: Request) -> HttpResponse:
    """Figures by measure, year, town and company; every figure leads to the awards it adds up."""
    wanted, form, _sort = _wanted(request)
    by = {
        "measure": _("按政策条目"), "cluster": _("按产业集聚区"), "year": _("按年份"), "town": _("按镇街"),
        "company": _("按企业"),
    }  # fmt: skip
    tables = [(key, title, publishing.grouped(wanted, key)) for key, title in by.items()]
    context = {
        "tables": tables,
        "form": form,
        "totals": publishing.totals(wanted),
        "address_of": address_of,
        "chips": _chips(wanted),
        "words": _words(),
    }
    return render(request, "public/award_statistics.html", context)


@require_safe
def statistics_file(request: Request, by: str) -> HttpResponseBase:
    """One of the tables as CSV."""
    if by not in publishing.GROUPS:
        raise not_found()
    wanted, _form, _sort = _wanted(request)
    rows = [[_("名称"), _("笔数"), _("企业数"), _("金额（元）")]]
    english = formats.is_english()
    for each in publishing.grouped(wanted, by):
        label = _words().get(by, {}).get(each.label) or (each.label_en if english else each.label)
        rows.append([label or _("未填"), str(each.lines), str(each.companies), f"{each.fen / 100:.2f}"])
    answer = HttpResponse("".join(csv_rows(rows)), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="awards-by-{by}.csv"'
    return answer


def address_of(wanted: AwardFilter) -> str:
    """The list of awards a filter means."""
    values = {
        "q": wanted.words, "programme": wanted.programme, "measure": wanted.measure, "year": wanted.year,
        "town": wanted.town, "cluster": wanted.cluster, "company": wanted.company,
    }  # fmt: skip
    found = urlencode({name: value for name, value in values.items() if value not in (None, "")})
    found += "".join(f"&no_{name}=1" for name in PLACED if getattr(wanted, name) == "")
    return f"{reverse('public:awards')}?{found}"


def _wanted(request: Request) -> tuple[AwardFilter, AwardForm, str]:
    form = AwardForm(request.GET)
    form.is_valid()
    given = form.cleaned_data
    sort = request.GET.get("sort", "-date")
    sort = sort if sort.lstrip("-") in publishing.SORTS else "-date"
    town, cluster = ("" if request.GET.get(f"no_{name}") else given.get(name) or None for name in PLACED)
    words = (given.get("q") or "").replace("\x00", "")
    wanted = AwardFilter(
        given.get("programme") or "", (given.get("measure") or "").replace("\x00", ""), given.get("year"), town,
        given.get("company"), words, cluster,
    )  # fmt: skip
    return wanted, form, sort


class _Names:
    """A line's measure in words; each programme's policy is looked at once."""

    def __init__(self) -> None:
        self._programmes = {row.pk: row for row in publishing.public_programmes()}
        self._names: dict[int, dict[str, tuple[str, str]]] = {}

    def __call__(self, line: AwardLine) -> str:
        if line.programme_id not in self._names:
            self._names[line.programme_id] = publishing.measure_names(self._programmes[line.programme_id])
        return self._names[line.programme_id].get(line.measure, (line.measure,) * 2)[formats.is_english()]


def _words() -> dict[str, dict[str, str]]:
    """What towns and clusters are called."""
    found = vocabularies("en" if formats.is_english() else "zh-hans")
    return {name: found.get(name, {}) for name in PLACED}


def _chips(wanted: AwardFilter) -> list[tuple[str, str]]:
    """What narrows the list beside the form's own fields: its words and the parameter that is taken away."""
    chips = []
    if wanted.measure:
        chips.append((_measure_said(wanted), "measure"))
    words, unsaid = _words(), {"town": _("未填镇街"), "cluster": _("未填集聚区")}
    for name in PLACED:
        if (code := getattr(wanted, name)) is not None:
            chips.append((words[name].get(code, code) or unsaid[name], name if code else f"no_{name}"))
    if wanted.company is not None:
        company = Organisation.objects.filter(pk=wanted.company).first()
        chips.append((formats.named(company) if company else "—", "company"))
    return chips


def _measure_said(wanted: AwardFilter) -> str:
    """A measure by its name, where it is known of which programme."""
    row = publishing.public_programmes().filter(code=wanted.programme).first()
    both = publishing.measure_names(row).get(wanted.measure) if row else None
    return both[formats.is_english()] if both else wanted.measure


def _publisher(request: Request) -> open_data.Publisher:
    """The office that awards."""
    words = _words()
    office = Organisation.objects.filter(kind="office").order_by("pk").first()
    return open_data.Publisher(
        office_id=office.pk if office else 0, name=office.name if office else _("协拍办"),
        page=request.build_absolute_uri(reverse("public:awards")), names=_Names(), towns=words["town"],
        clusters=words["cluster"],
        prefix=settings.OPEN_DATA_PREFIX, licence=settings.OPEN_DATA_LICENCE,
    )  # fmt: skip
