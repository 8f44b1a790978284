"""My bookings: found, sorted, exported; one booking with what can be done to it; holding a slot."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from xiepai.bookings import services
from xiepai.bookings.access import is_crew_of, is_keeper_of
from xiepai.bookings.documents.settlement import settlement_pdf, settlement_xlsx
from xiepai.bookings.models import Booking, BookingState
from xiepai.bookings.selectors import bookings_of, get_booking, position_in_line, waiting_line
from xiepai.bookings.services import account_of, as_span, fee_to_cancel
from xiepai.kernel import clock
from xiepai.kernel.errors import ErrorCode, XiepaiError
from xiepai.kernel.money import Money
from xiepai.parties.models import CREW_ROLES, Organisation
from xiepai.places.pricing import Quote, from_json
from xiepai.web.requests import Request
from xiepai.web.slots import SlotForm
from xiepai.web.spreadsheets import csv_rows

PER_PAGE = 50
SORTS = {"code": "id", "when": "period", "place": "place__sort_key", "price": "price_fen"}
S = BookingState


class FilterForm(forms.Form):
    """What the list can be narrowed by."""

    q = forms.CharField(label=gettext_lazy("场地、用途或编号"), required=False, max_length=60)
    state = forms.ChoiceField(
        label=gettext_lazy("状态"),
        required=False,
        choices=[("", gettext_lazy("全部状态")), ("open", gettext_lazy("进行中")), *BookingState.choices],
    )


class HoldForm(SlotForm):
    """A slot and what it is for."""

    title = forms.CharField(label=gettext_lazy("用途"), required=False, max_length=120)
    people = forms.IntegerField(label=gettext_lazy("人数"), required=False, min_value=1, max_value=100_000)
    price = forms.IntegerField(required=False, widget=forms.HiddenInput)


@require_safe
def listing(request: Request) -> HttpResponse:
    """Bookings the reader may see, a page at a time, and the waiting list."""
    rows, form, sort = _found(request)
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    line = [(entry, position_in_line(entry)) for entry in waiting_line(request.actor)[:20]]
    context = {"page": page, "form": form, "sort": sort, "line": line, "now": clock.now()}
    return render(request, "crew/bookings.html", context)


@require_safe
def as_csv(request: Request) -> StreamingHttpResponse:
    """The same list, whole."""
    rows, _form, _sort = _found(request)
    answer = StreamingHttpResponse(csv_rows(_lines(rows)), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="bookings-{clock.today()}.csv"'
    return answer


@require_safe
def booking(request: Request, booking_id: int) -> HttpResponse:
    """One booking: where, when, price with its arithmetic, and what can be done now."""
    row = get_booking(request.actor, booking_id)
    context = {
        "booking": row,
        "quote": quote_of(row),
        "now": clock.now(),
        "is_crew": is_crew_of(request.actor, row),
        "is_keeper": is_keeper_of(request.actor, row),
        "fee": fee_to_cancel(row),
        "change": SlotForm(initial=_initial(row)),
        "account": account_of(row) if row.state in (S.IN_USE, S.HANDED_BACK, S.SETTLED) else None,
    }
    return render(request, "crew/booking.html", context)


@require_POST
def hold(request: Request, place_id: int) -> HttpResponse:
    """Hold a slot of a place for the reader's crew; taken: the waiting list is offered instead."""
    form = HoldForm(request.POST)
    back = redirect("public:place", place_id)
    if not form.is_valid():
        messages.error(request, " ".join(str(error) for errors in form.errors.values() for error in errors))
        return back
    data = form.cleaned_data
    wait = "wait" in request.POST
    try:
        crew = crew_of(request)
        if wait:
            services.join_waiting_list(
                actor=request.actor,
                organisation_id=crew.pk,
                place_id=place_id,
                span=data["span"],
                units=data.get("units") or 1,
                title=data["title"],
            )
            messages.success(request, _("已加入候补；有空位时会按顺序通知您。"))
            return redirect("crew:bookings")
        row = services.place_hold(
            actor=request.actor,
            organisation_id=crew.pk,
            place_id=place_id,
            span=data["span"],
            units=data.get("units") or 1,
            title=data["title"],
            people=data.get("people"),
            expected_price_fen=data.get("price"),
            pencil=2 if "second" in request.POST else 1,
        )
    except XiepaiError as refusal:
        if refusal.http_status == 404:
            raise
        messages.error(request, str(refusal))
        return redirect(f"{back.url}?{_slot_query(request)}")
    messages.success(request, _("已预留，请在到期前确认。"))
    return redirect("crew:booking", row.pk)


def _act(deed: Callable[..., Any], done: str | Promise) -> Callable[[Request, int], HttpResponse]:
    @require_POST
    def view(request: Request, booking_id: int) -> HttpResponse:
        given = {name: request.POST[name] for name in ("note", "reason") if name in request.POST}
        try:
            deed(actor=request.actor, booking_id=booking_id, **given)
        except XiepaiError as refusal:
            if refusal.http_status in {403, 404}:
                raise
            messages.error(request, str(refusal))
        else:
            messages.success(request, str(done))
        if request.POST.get("back") == "queue":
            return redirect("office:queue")
        return redirect("crew:booking", booking_id)

    return view


confirm = _act(services.confirm_booking, gettext_lazy("已提交。"))
cancel = _act(services.cancel_booking, gettext_lazy("已取消。"))
approve = _act(services.approve_booking, gettext_lazy("已批准。"))
decline = _act(services.decline_booking, gettext_lazy("已拒绝，剧组会收到原因。"))
hand_over = _act(services.hand_over, gettext_lazy("已进场。"))
take_back = _act(services.take_back, gettext_lazy("已撤场。"))
no_show = _act(services.mark_no_show, gettext_lazy("已记为未到场。"))
settle = _act(services.settle_booking, gettext_lazy("已结算。"))


@require_POST
def change(request: Request, booking_id: int) -> HttpResponse:
    """Another time or number; the old slot is kept unless the new one is won."""
    form = SlotForm(request.POST)
    if not form.is_valid():
        messages.error(request, " ".join(str(error) for errors in form.errors.values() for error in errors))
        return redirect("crew:booking", booking_id)
    version = request.POST.get("version", "")
    try:
        services.change_booking(
            actor=request.actor,
            booking_id=booking_id,
            span=form.cleaned_data["span"],
            units=form.cleaned_data.get("units"),
            version=int(version) if version.isdigit() else None,
        )
    except XiepaiError as refusal:
        if refusal.http_status in {403, 404}:
            raise
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("已改期。"))
    return redirect("crew:booking", booking_id)


@require_POST
def waiting(request: Request, entry_id: int) -> HttpResponse:
    """Answer an offer, or leave the line."""
    deeds = {
        "accept": services.accept_offer,
        "decline": services.decline_offer,
        "withdraw": services.withdraw_waiting,
    }
    deed = deeds.get(request.POST.get("answer", ""))
    if deed is None:
        raise XiepaiError(ErrorCode.INVALID, detail="answer")
    try:
        deed(actor=request.actor, entry_id=entry_id)
    except XiepaiError as refusal:
        if refusal.http_status in {403, 404}:
            raise
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("已答复。"))
    return redirect("crew:bookings")


@require_safe
def settlement(request: Request, booking_id: int, form: str) -> HttpResponse:
    """The settlement (or its draft) as PDF or XLSX."""
    row = get_booking(request.actor, booking_id)
    if row.state not in (S.IN_USE, S.HANDED_BACK, S.SETTLED):
        raise XiepaiError(ErrorCode.NOT_FOUND)
    if form == "pdf":
        answer = HttpResponse(settlement_pdf(row), content_type="application/pdf")
    else:
        kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
        answer = HttpResponse(settlement_xlsx(row), content_type=kind)
    answer["Content-Disposition"] = f'attachment; filename="{row.code}.{form}"'
    return answer


def crew_of(request: Request) -> Organisation:
    """The crew the reader books for: the one named in the form, else the first of his own."""
    own = request.actor.organisations(*CREW_ROLES)
    named = request.POST.get("crew", "")
    rows = Organisation.objects.filter(kind="crew", is_active=True)
    if not request.actor.is_officer:
        rows = rows.filter(pk__in=own)
    found = rows.filter(pk=int(named)).first() if named.isdigit() else rows.filter(pk__in=own).first()
    if found is None:
        raise XiepaiError(ErrorCode.INVALID, detail=_("请先选一个剧组公司。"))
    return found


def quote_of(row: Booking) -> Quote:
    """The price as it was quoted."""
    return from_json(row.quote, units=row.units, deposit_fen=row.deposit_fen, tariff_id=row.tariff_id)


def _initial(row: Booking) -> dict[str, Any]:
    span = as_span(row.period)
    start, end = clock.local(span.start), clock.local(span.end)
    return {"day": start.date(), "start": f"{start:%H:%M}", "end": f"{end:%H:%M}", "units": row.units}


def _slot_query(request: Request) -> str:
    return urlencode({key: request.POST.get(key, "") for key in ("day", "start", "end", "units")})


def _found(request: Request) -> tuple[QuerySet[Booking], FilterForm, str]:
    form = FilterForm(request.GET)
    form.is_valid()
    words, state = (form.cleaned_data.get("q") or "").strip(), form.cleaned_data.get("state") or ""
    open_states = [S.HELD, S.REQUESTED, S.CONFIRMED, S.IN_USE, S.HANDED_BACK]
    rows = bookings_of(request.actor, states=open_states if state == "open" else [state] if state else ())
    if words:
        number = words.upper().removeprefix("XP")
        if number.isdigit() and len(number) < 15:
            rows = rows.filter(pk=int(number))
        else:
            rows = rows.filter(place__name__icontains=words) | rows.filter(title__icontains=words)
    sort = request.GET.get("sort", "-code")
    key = SORTS.get(sort.lstrip("-"))
    sort = sort if key else "-code"
    return rows.order_by(("-" if sort.startswith("-") else "") + (key or "id"), "-id"), form, sort


def _lines(rows: QuerySet[Booking]) -> Iterator[list[object]]:
    yield [_("编号"), _("场地"), _("剧组公司"), _("用途"), _("开始"), _("结束"), _("数量"), _("价格"), _("状态")]
    for row in rows.iterator(chunk_size=500):
        start, end = clock.local(row.period.lower), clock.local(row.period.upper)
        yield [
            row.code,
            row.place.name,
            row.organisation.name,
            row.title,
            f"{start:%Y-%m-%d %H:%M}",
            f"{end:%Y-%m-%d %H:%M}",
            row.units,
            f"{Money(row.price_fen).fen / 100:.2f}",
            row.get_state_display(),
        ]
