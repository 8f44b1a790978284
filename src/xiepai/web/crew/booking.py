"""One booking: where it stands, what it costs and why, who must act next, and everything that can be done to it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from xiepai.bookings import services
from xiepai.bookings.access import is_crew_of, is_keeper_of
from xiepai.bookings.calendar import write_calendar
from xiepai.bookings.documents.settlement import settlement_pdf, settlement_xlsx
from xiepai.bookings.models import ENDED, Booking, BookingState, Need, Settlement
from xiepai.bookings.selectors import get_booking
from xiepai.bookings.selectors_use import claims_of, entries_around, handovers_of, moments_of
from xiepai.bookings.services import account_of, as_span, fee_to_cancel, in_words
from xiepai.kernel import clock
from xiepai.kernel.errors import ErrorCode, XiepaiError
from xiepai.places.models import Place
from xiepai.places.pricing import Quote, from_json
from xiepai.places.selectors import visible_places
from xiepai.productions.access import visible_works
from xiepai.web import formats
from xiepai.web.crew.standing import next_of, steps_of
from xiepai.web.people.events import label_of
from xiepai.web.refusals import attempt
from xiepai.web.requests import Request
from xiepai.web.slots import SlotForm
from xiepai.web.spreadsheets import XLSX

S = BookingState
USED = (S.IN_USE, S.HANDED_BACK, S.SETTLED)
MOVABLE = (S.HELD, S.REQUESTED, S.CONFIRMED)
MOST_CHOICES = 300
LAST_EVENTS = 6


class ChangeForm(SlotForm):
    """Another time, number or place of the same keeper."""

    place = forms.TypedChoiceField(label=gettext_lazy("场地"), coerce=int, required=False)

    field_order = ("place", "day", "start", "end", "units")

    def __init__(self, data: Any, request: Request, row: Booking) -> None:
        super().__init__(data, initial=_initial(row))
        siblings = visible_places(request.actor).filter(owner=row.place.owner_id, is_bookable=True)
        rows: list[Place] = [row.place, *siblings.exclude(pk=row.place_id).order_by("sort_key")[:MOST_CHOICES]]
        self.fields["place"].choices = [(place.pk, formats.named(place)) for place in rows]  # type: ignore[attr-defined]
        if row.place.capacity == 1:
            self.fields["units"].widget = forms.HiddenInput()


@require_safe
def booking(request: Request, booking_id: int) -> HttpResponse:
    """Everything about one booking on one page."""
    row = get_booking(request.actor, booking_id)
    handovers, claims = handovers_of(row), claims_of(row)
    is_crew, is_keeper = is_crew_of(request.actor, row), is_keeper_of(request.actor, row)
    context = {
        "booking": row,
        "steps": steps_of(row, moments_of(row)),
        "next": next_of(row, claims, services.claim_until(row)),
        "quote": quote_of(row),
        "now": clock.now(),
        "is_crew": is_crew,
        "is_keeper": is_keeper,
        "fee": fee_to_cancel(row),
        "change": ChangeForm(None, request, row) if row.state in MOVABLE and (is_crew or is_keeper) else None,
        "account": in_words(account_of(row), row),
        "settlement": Settlement.objects.filter(booking=row).first(),
        "is_used": row.state in USED,
        "handovers": handovers,
        "claims": claims,
        "claim_until": services.claim_until(row),
        "extras": _extras(row) if is_keeper and row.state in (S.IN_USE, S.HANDED_BACK) else [],
        "works": _works(request, row) if is_crew and row.state not in ENDED else [],
        "work": row.work if row.work_id and visible_works(request.actor).filter(pk=row.work_id).exists() else None,
        "need": Need.objects.filter(booking=row).select_related("need_list").first(),
        "history": [(entry, label_of(entry.event)) for entry in entries_around(row.pk)[:LAST_EVENTS]],
    }
    return render(request, "crew/booking.html", context)


def _extras(row: Booking) -> list[tuple[Any, Any]]:
    """Each extra of the tariff with what was noted of it."""
    if row.tariff is None:
        return []
    noted = {use.code: use for use in row.extras.all()}
    return [(extra, noted.get(extra.code)) for extra in row.tariff.extras.all()]


def _works(request: Request, row: Booking) -> list[Any]:
    works = visible_works(request.actor).filter(organisation=row.organisation_id)
    return list(works.order_by("-pk").only("pk", "title", "title_en")[:MOST_CHOICES])


def _act(deed: Callable[..., Any], done: str | Promise) -> Callable[[Request, int], HttpResponse]:
    @require_POST
    def view(request: Request, booking_id: int) -> HttpResponse:
        given = {name: request.POST[name] for name in ("note", "reason") if name in request.POST}
        attempt(request, lambda: deed(actor=request.actor, booking_id=booking_id, **given), done)
        if request.POST.get("back") == "queue":
            return redirect("office:queue")
        return redirect("crew:booking", booking_id)

    return view


confirm = _act(services.confirm_booking, gettext_lazy("已提交。"))
cancel = _act(services.cancel_booking, gettext_lazy("已取消。"))
approve = _act(services.approve_booking, gettext_lazy("已批准。"))
decline = _act(services.decline_booking, gettext_lazy("已拒绝，剧组会收到原因。"))
no_show = _act(services.mark_no_show, gettext_lazy("已记为未到场。"))
settle = _act(services.settle_booking, gettext_lazy("已结算。"))


@require_POST
def change(request: Request, booking_id: int) -> HttpResponse:
    """Another time, place or number; the old slot is kept unless the new one is won."""
    row = get_booking(request.actor, booking_id)
    form = ChangeForm(request.POST, request, row)
    if not form.is_valid():
        messages.error(request, " ".join(str(error) for errors in form.errors.values() for error in errors))
        return redirect("crew:booking", booking_id)
    version, data = request.POST.get("version", ""), form.cleaned_data

    def deed() -> None:
        services.change_booking(
            actor=request.actor,
            booking_id=booking_id,
            place_id=data.get("place") or None,
            span=data["span"],
            units=data.get("units"),
            version=int(version) if version.isdigit() and len(version) < 9 else None,
        )

    attempt(request, deed, _("已改期。"))
    return redirect("crew:booking", booking_id)


@require_POST
def work(request: Request, booking_id: int) -> HttpResponse:
    """Say which work the booking is for."""
    named = request.POST.get("work", "")
    work_id = int(named) if named.isdigit() and len(named) < 15 else None
    deed = services.name_work
    attempt(request, lambda: deed(actor=request.actor, booking_id=booking_id, work_id=work_id), _("已保存。"))
    return redirect("crew:booking", booking_id)


@require_safe
def settlement(request: Request, booking_id: int, form: str) -> HttpResponse:
    """The settlement (or its draft) as PDF or XLSX."""
    row = get_booking(request.actor, booking_id)
    if row.state not in USED or form not in ("pdf", "xlsx"):
        raise XiepaiError(ErrorCode.NOT_FOUND)
    if form == "pdf":
        answer = HttpResponse(settlement_pdf(row), content_type="application/pdf")
    else:
        answer = HttpResponse(settlement_xlsx(row), content_type=XLSX)
    answer["Content-Disposition"] = f'attachment; filename="{row.code}.{form}"'
    return answer


@require_safe
def as_ics(request: Request, booking_id: int) -> HttpResponse:
    """This one booking for a calendar; the same UID as in the feeds, so that it is not there twice."""
    row = get_booking(request.actor, booking_id)
    domain = urlsplit(settings.PUBLIC_URL).hostname or "localhost"
    data = write_calendar(row.code, [row], domain=domain)
    answer = HttpResponse(data, content_type="text/calendar; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{row.code}.ics"'
    return answer


def quote_of(row: Booking) -> Quote:
    """The price as it was quoted."""
    return from_json(row.quote, units=row.units, deposit_fen=row.deposit_fen, tariff_id=row.tariff_id)


def _initial(row: Booking) -> dict[str, Any]:
    span = as_span(row.period)
    start, end = clock.local(span.start), clock.local(span.end)
    hours = {"start": f"{start:%H:%M}", "end": f"{end:%H:%M}"}
    return {"place": row.place_id, "day": start.date(), "units": row.units, **hours}
