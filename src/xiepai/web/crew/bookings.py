"""My bookings: found, sorted, exported; holding a slot; answering offers of the waiting list."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from urllib.parse import urlencode

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from xiepai.bookings import services
from xiepai.bookings.models import Booking, BookingState
from xiepai.bookings.selectors import bookings_of, position_in_line, waiting_line
from xiepai.kernel import clock
from xiepai.kernel.errors import ErrorCode, XiepaiError
from xiepai.parties.models import CREW_ROLES, Organisation
from xiepai.web.refusals import tell
from xiepai.web.requests import Request
from xiepai.web.slots import DAY, SlotForm
from xiepai.web.spreadsheets import table_file, yuan

PER_PAGE = 50
SORTS = {"code": "id", "when": "period", "place": "place__sort_key", "price": "price_fen"}
S = BookingState


class FilterForm(forms.Form):
    """What the list can be narrowed by."""

    q = forms.CharField(label=gettext_lazy("场地、用途或编号"), required=False, max_length=60)
    since = forms.DateField(label=gettext_lazy("自"), required=False, widget=DAY)
    until = forms.DateField(label=gettext_lazy("至"), required=False, widget=DAY)
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
def export(request: Request, form: str) -> HttpResponse | StreamingHttpResponse:
    """The same list, whole, as CSV or XLSX."""
    rows, _form, _sort = _found(request)
    return table_file(form, f"bookings-{clock.today()}", _lines(rows))


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
        tell(request, refusal)
    else:
        messages.success(request, _("已答复。"))
    return redirect("crew:bookings")


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
    since, until = form.cleaned_data.get("since"), form.cleaned_data.get("until")
    if since:
        rows = rows.filter(period__endswith__gt=clock.at_local_midnight(since))
    if until:
        rows = rows.filter(period__startswith__lt=clock.at_local_midnight(until + timedelta(days=1)))
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
            yuan(row.price_fen),
            row.get_state_display(),
        ]
