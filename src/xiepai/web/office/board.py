"""The board (排景图): the page, and the moves made on it, each a change of a booking like any other."""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta
from typing import Any

from django import forms
from django.http import HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from xiepai.bookings.board import MAX_ROWS, Bar, Row, read_board
from xiepai.bookings.models import Booking, BookingState
from xiepai.bookings.selectors import approval_queue, waiting_line
from xiepai.bookings.services import as_span, change_booking
from xiepai.kernel import clock
from xiepai.kernel.errors import ErrorCode, XiepaiError
from xiepai.kernel.money import Money
from xiepai.places.models import Place, PlaceKind
from xiepai.web import formats
from xiepai.web.requests import Request
from xiepai.worktime.spans import Span

#: Days shown → pixels an hour takes.
SCALES = {1: 56, 3: 24, 7: 10, 14: 5, 28: 3}
SHOWN_WAITING = 8


class FilterForm(forms.Form):
    """Which window and which rows are shown."""

    day = forms.DateField(
        label=gettext_lazy("从"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    days = forms.TypedChoiceField(
        label=gettext_lazy("跨度"),
        required=False,
        coerce=int,
        empty_value=None,
        choices=[
            (1, gettext_lazy("1 天")),
            (3, gettext_lazy("3 天")),
            (7, gettext_lazy("1 周")),
            (14, gettext_lazy("2 周")),
            (28, gettext_lazy("4 周")),
        ],
    )
    site = forms.TypedChoiceField(label=gettext_lazy("场区"), required=False, coerce=int, empty_value=None)
    q = forms.CharField(label=gettext_lazy("名称或编号"), required=False, max_length=60)
    taken = forms.BooleanField(label=gettext_lazy("只看有预订的"), required=False)

    def __init__(self, data: Any, sites: list[tuple[int, str]]) -> None:
        super().__init__(data)
        self.fields["site"].choices = [("", _("全部场区")), *sites]  # type: ignore[attr-defined]


@require_safe
def board(request: Request) -> HttpResponse:
    """The board of a window; without a script it reads as a list of bookings a set."""
    form = FilterForm(_with_defaults(request), _sites(request))
    form.is_valid()
    given = form.cleaned_data
    first, days = given.get("day") or clock.today(), given.get("days") or 7
    page = max(1, int(request.GET.get("page", "1")) if request.GET.get("page", "1").isdigit() else 1)
    view = read_board(
        request.actor,
        first,
        days,
        words=given.get("q") or "",
        site_id=given.get("site"),
        only_taken=given.get("taken") or False,
        offset=(page - 1) * MAX_ROWS,
    )
    context = {
        "form": form,
        "board": view,
        "first": first,
        "days": days,
        "hour_px": SCALES[days],
        "before": first - timedelta(days=days),
        "after": first + timedelta(days=days),
        "today": clock.today(),
        "now": clock.now(),
        "page": page,
        "pages": -(-view.total_rows // MAX_ROWS),
        "bar_words": bar_words,
        "row_words": row_words,
        "percent": lambda share: f"{share:.0%}",
        "waiting": list(approval_queue(request.actor)[:SHOWN_WAITING]),
        "line": list(waiting_line(request.actor)[:SHOWN_WAITING]),
    }
    return render(request, "office/board.html", context)


@require_POST
def move(request: Request, booking_id: int) -> JsonResponse:
    """Move or stretch a booking: ``{place, start, end, version}``; the answer is what it now is, or why not."""
    try:
        place_id, span, version = _wish(request)
        booking = change_booking(
            actor=request.actor, booking_id=booking_id, place_id=place_id, span=span, version=version
        )
    except XiepaiError as refusal:
        return JsonResponse({"code": str(refusal.code), "message": str(refusal)}, status=refusal.http_status)
    fresh = Booking.objects.select_related("place", "organisation").get(pk=booking.pk)
    span = as_span(fresh.period)
    return JsonResponse(
        {
            "place": fresh.place_id,
            "start": int(span.start.timestamp()),
            "end": int(span.end.timestamp()),
            "state": fresh.state,
            "version": fresh.version,
            "words": words_of(span, fresh.organisation.name, fresh.title, fresh.state),
            "message": _("已改到 %(place)s，%(period)s；价格 %(price)s。")
            % {
                "place": fresh.place.name,
                "period": formats.span(span.start, span.end),
                "price": Money(fresh.price_fen),
            },
        }
    )


def bar_words(bar: Bar) -> str:
    """What a bar is, in words: for screen readers, for print and for the list."""
    if bar.booking_id is None:
        return " · ".join([_("停用"), bar.reason, formats.span(bar.span.start, bar.span.end)])
    return words_of(bar.span, bar.crew, bar.title, bar.state)


def words_of(span: Span, crew: str, title: str, state: str) -> str:
    """``用途 · 剧组 · 12月3日 08:00–20:00 · 已确认``: what tells two bars apart comes first."""
    parts = [title, crew, formats.span(span.start, span.end), str(BookingState(state).label)]
    return " · ".join(part for part in parts if part)


def row_words(row: Row) -> str:
    """The name of a row in the reader's language."""
    return row.name_en if row.name_en and formats.is_english() else row.name


def _wish(request: Request) -> tuple[int, Span, int]:
    try:
        data = json.loads(request.body)
        start, end = (datetime.fromtimestamp(int(data[key]), clock.CITY_ZONE) for key in ("start", "end"))
        return int(data["place"]), Span(start, end), int(data["version"])
    except (ValueError, KeyError, TypeError, OverflowError, OSError) as error:
        raise XiepaiError(ErrorCode.INVALID, detail=str(error)[:100]) from error


def _with_defaults(request: Request) -> dict[str, Any]:
    data = request.GET.dict()
    data.setdefault("day", clock.today().isoformat())
    data.setdefault("days", "7")
    return data


def _sites(request: Request) -> list[tuple[int, str]]:
    rows = Place.objects.filter(parent=None, kind=PlaceKind.SITE)
    if not request.actor.is_office:
        rows = rows.filter(owner__in=request.actor.organisations())
    return [(row.pk, formats.named(row)) for row in rows.only("pk", "name", "name_en").order_by("sort_key")]


def day_starts(days: tuple[date, ...]) -> list[int]:
    """The instants the days begin, as seconds."""
    return [int(clock.at_local_midnight(day).timestamp()) for day in days]
