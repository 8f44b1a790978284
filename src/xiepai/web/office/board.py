"""The board (排景图): the page, and the moves made on it, each a change of a booking like any other.

Officers see every set, keepers their own, crews what is public: their own bookings by name, of the others only that
the set is taken. Who may move what is the service's decision; the page only leaves out handles that cannot work.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.http import HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from xiepai.bookings.board import MAX_ROWS, Bar, Board, Wanted, read_board
from xiepai.bookings.models import Booking, BookingState
from xiepai.bookings.selectors import approval_queue, waiting_line
from xiepai.bookings.services import as_span, change_booking, try_change
from xiepai.kernel import clock
from xiepai.kernel.errors import ErrorCode, XiepaiError, not_found
from xiepai.kernel.money import Money
from xiepai.places.models import Standing
from xiepai.web import formats
from xiepai.web.office.board_filters import SCALES, FilterForm, with_defaults
from xiepai.web.office.board_words import bar_writer, row_words, site_words, words_of
from xiepai.web.requests import Request
from xiepai.worktime.spans import Span

#: Days shown → after how many hours each a line is drawn and an hour written (0: none).
HOURS = {1: 1, 3: 3, 7: 6, 14: 12, 28: 0}
SHOWN_WAITING = 8


@dataclass(frozen=True, slots=True)
class Asked:
    """What of the board was asked for, and the board."""

    form: FilterForm
    first: date
    days: int
    wanted: Wanted
    page: int
    view: Board


@require_safe
def board(request: Request) -> HttpResponse:
    """The board of a window; without a script, and on a phone, it reads as a list of bookings a set."""
    asked = _asked(request)
    hours = HOURS[asked.days]
    context = {
        "form": asked.form,
        "board": asked.view,
        "first": asked.first,
        "days": asked.days,
        "scales": SCALES,
        "hours": list(range(0, 24, hours)) if hours else [],
        "before": asked.first - timedelta(days=asked.days),
        "after": asked.first + timedelta(days=asked.days),
        "today": clock.today(),
        "now": clock.now(),
        "page": asked.page,
        "pages": -(-asked.view.total_rows // MAX_ROWS),
        "is_meant": _is_meant(asked.wanted),
        "bar_words": bar_writer(),
        "row_words": row_words,
        "site_words": site_words,
        "standing_words": {str(code): str(label) for code, label in Standing.choices},
        "percent": lambda share: f"{share:.0%}",
        "answers": request.may_open("office:queue"),
        "waiting": list(approval_queue(request.actor)[:SHOWN_WAITING]),
        "line": list(waiting_line(request.actor)[:SHOWN_WAITING]),
    }
    return render(request, "office/board.html", context)


@require_safe
def export(request: Request, form: str) -> HttpResponse:
    """What the board shows, as CSV, XLSX or PDF."""
    from xiepai.web.office import board_exports

    writer = board_exports.WRITERS.get(form)
    if writer is None:
        raise not_found()
    asked = _asked(request)
    content, kind = writer(asked.view, asked.wanted)
    answer = HttpResponse(content, content_type=kind)
    answer["Content-Disposition"] = f'attachment; filename="board-{asked.first}-{asked.days}d.{form}"'
    return answer


@require_POST
def move(request: Request, booking_id: int) -> JsonResponse:
    """Move or stretch a booking: ``{place, start, end, version}``; the answer is what it now is, or why not.

    With ``"try": true`` nothing is kept: the answer is what it would be.
    """
    try:
        place_id, span, version, only_try = _wish(request)
        deed = try_change if only_try else change_booking
        booking = deed(actor=request.actor, booking_id=booking_id, place_id=place_id, span=span, version=version)
    except XiepaiError as refusal:
        return JsonResponse({"code": str(refusal.code), "message": str(refusal)}, status=refusal.http_status)
    return JsonResponse(_would_be(booking) if only_try else _has_become(booking.pk))


def _would_be(booking: Booking) -> dict[str, Any]:
    asks = _("，需重新审批") if booking.state == BookingState.REQUESTED else ""
    return {"message": _("可以：%(price)s%(asks)s") % {"price": Money(booking.price_fen), "asks": asks}}


def _has_become(booking_id: int) -> dict[str, Any]:
    fresh = Booking.objects.select_related("place", "organisation").get(pk=booking_id)
    span = as_span(fresh.period)
    return {
        "place": fresh.place_id,
        "start": int(span.start.timestamp()),
        "end": int(span.end.timestamp()),
        "state": fresh.state,
        "version": fresh.version,
        "words": words_of(span, fresh.organisation.name, fresh.title, fresh.state),
        "message": _("已改到 %(place)s，%(period)s；价格 %(price)s。")
        % {
            "place": formats.named(fresh.place),
            "period": formats.span(span.start, span.end),
            "price": Money(fresh.price_fen),
        },
    }


def _wish(request: Request) -> tuple[int, Span, int, bool]:
    try:
        data = json.loads(request.body)
        start, end = (datetime.fromtimestamp(int(data[key]), clock.CITY_ZONE) for key in ("start", "end"))
        return int(data["place"]), Span(start, end), int(data["version"]), data.get("try") is True
    except (ValueError, KeyError, TypeError, OverflowError, OSError, AttributeError) as error:
        raise XiepaiError(ErrorCode.INVALID, detail=str(error)[:100]) from error


def _asked(request: Request) -> Asked:
    form = FilterForm(with_defaults(request), request)
    form.is_valid()
    first, days, wanted = form.window_and_wanted()
    number = request.GET.get("page", "1")
    page = int(number) if number.isdigit() and 1 <= int(number) <= 1000 else 1
    view = read_board(request.actor, first, days, wanted=wanted, offset=(page - 1) * MAX_ROWS)
    return Asked(form, first, days, wanted, page, view)


def _is_meant(wanted: Wanted) -> Any:
    """Whether a bar stands out; without such a filter all do."""
    if wanted.crew_id is None and not wanted.state:
        return lambda bar: True

    def is_meant(bar: Bar) -> bool:
        return bar.is_meant_by(wanted)

    return is_meant
