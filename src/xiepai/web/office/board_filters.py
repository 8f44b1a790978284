"""What the board can be narrowed by. Refuses nothing: a value nobody knows is as if it were not there."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from xiepai.bookings.board import Wanted, crews_on_board
from xiepai.bookings.models import OCCUPYING, BookingState
from xiepai.kernel import clock
from xiepai.places.models import Place, PlaceKind, Term, Vocabulary
from xiepai.web import formats
from xiepai.web.requests import Request

#: The widths of time, in days.
SCALES: dict[int, str | Promise] = {
    1: gettext_lazy("1 天"),
    3: gettext_lazy("3 天"),
    7: gettext_lazy("1 周"),
    14: gettext_lazy("2 周"),
    28: gettext_lazy("4 周"),
}
DEFAULT_DAYS = 7
FIRST, LAST = date(2000, 1, 1), date(2100, 1, 1)


class FilterForm(forms.Form):
    """Which window and which rows are shown."""

    q = forms.CharField(label=gettext_lazy("名称或编号"), required=False, max_length=60)
    day = forms.DateField(
        label=gettext_lazy("从"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    site = forms.TypedChoiceField(label=gettext_lazy("场区"), required=False, coerce=int, empty_value=None)
    category = forms.ChoiceField(label=gettext_lazy("类别"), required=False)
    crew = forms.TypedChoiceField(label=gettext_lazy("剧组公司"), required=False, coerce=int, empty_value=None)
    state = forms.ChoiceField(label=gettext_lazy("状态"), required=False)
    taken = forms.BooleanField(label=gettext_lazy("只看有预订的"), required=False)
    days = forms.TypedChoiceField(
        required=False, coerce=int, empty_value=None, choices=list(SCALES.items()), widget=forms.HiddenInput
    )

    def __init__(self, data: Any, request: Request) -> None:
        super().__init__(data)
        days = int(data["days"]) if str(data.get("days", "")) in map(str, SCALES) else DEFAULT_DAYS
        first = _day(str(data.get("day", ""))) or clock.today()
        self._offer("site", _("全部场区"), _sites(request))
        self._offer("category", _("全部类别"), _categories())
        self._offer("crew", _("全部剧组"), crews_on_board(request.actor, first, days))
        states = [(str(state), str(BookingState(state).label)) for state in OCCUPYING if state != BookingState.LEASED]
        self._offer("state", _("全部状态"), states)

    def _offer(self, name: str, all_of_them: str, choices: list[Any]) -> None:
        self.fields[name].choices = [("", all_of_them), *choices]  # type: ignore[attr-defined]

    def window_and_wanted(self) -> tuple[date, int, Wanted]:
        """The first day, the number of days, and what narrows the rows."""
        given = self.cleaned_data
        first = given.get("day") or clock.today()
        wanted = Wanted(
            words=given.get("q") or "",
            site_id=given.get("site"),
            category=given.get("category") or "",
            crew_id=given.get("crew"),
            state=given.get("state") or "",
            only_taken=given.get("taken") or False,
        )
        return min(max(first, FIRST), LAST), given.get("days") or DEFAULT_DAYS, wanted


def with_defaults(request: Request) -> dict[str, Any]:
    """The query of the page, from today for a week where it says nothing."""
    data = request.GET.dict()
    data.setdefault("day", clock.today().isoformat())
    data.setdefault("days", str(DEFAULT_DAYS))
    return data


def _sites(request: Request) -> list[tuple[int, str]]:
    rows = Place.objects.filter(parent=None, kind=PlaceKind.SITE)
    if not request.actor.is_office and not request.may_open("crew:hold"):
        rows = rows.filter(owner__in=request.actor.organisations())
    elif not request.actor.is_office:
        rows = rows.filter(visibility="public")
    return [(row.pk, formats.named(row)) for row in rows.only("pk", "name", "name_en").order_by("sort_key")]


def _categories() -> list[tuple[str, str]]:
    rows = Term.objects.filter(vocabulary=Vocabulary.CATEGORY, is_active=True).order_by("position", "code")
    return [(row.code, formats.named(row)) for row in rows]


def _day(text: str) -> date | None:
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return None
    return found if FIRST <= found <= LAST - timedelta(days=31) else None
