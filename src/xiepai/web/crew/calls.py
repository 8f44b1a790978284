"""征集: a crew says what it looks for, sees what keepers offer, and turns one offer into a hold."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from xiepai.bookings.models import Need
from xiepai.bookings.models_calls import Call, OfferState
from xiepai.bookings.needs.model import NeedRow
from xiepai.bookings.services import calling
from xiepai.kernel.errors import XiepaiError, not_found
from xiepai.kernel.money import Money
from xiepai.places.pricing import from_json
from xiepai.places.selectors import vocabulary
from xiepai.web import formats
from xiepai.web.crew.bookings import crew_of
from xiepai.web.refusals import put_in_form, tell
from xiepai.web.requests import Request
from xiepai.web.slots import SlotForm, tomorrow

PER_PAGE = 20


class CallForm(SlotForm):
    """What is looked for, and when."""

    title = forms.CharField(
        label=gettext_lazy("找什么样的场地"), max_length=120, help_text=gettext_lazy("例：能点明火的古装牢房")
    )
    categories = forms.MultipleChoiceField(
        label=gettext_lazy("类别"), required=False, widget=forms.CheckboxSelectMultiple
    )
    town = forms.ChoiceField(label=gettext_lazy("镇街"), required=False)
    people = forms.IntegerField(label=gettext_lazy("人数"), required=False, min_value=1, max_value=100_000)
    note = forms.CharField(
        label=gettext_lazy("其他要求"), required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 3})
    )
    need = forms.IntegerField(required=False, widget=forms.HiddenInput)
    field_order = ("title", "day", "start", "end", "categories", "town", "people", "note")

    def __init__(self, data: Any = None, **options: Any) -> None:
        super().__init__(data, **options)
        del self.fields["units"]
        language = "en" if formats.is_english() else "zh-hans"
        words = {name: [(w.code, w.label(language)) for w in vocabulary(name)] for name in ("category", "town")}
        self.fields["categories"].choices = words["category"]  # type: ignore[attr-defined]
        self.fields["town"].choices = [("", _("不限")), *words["town"]]  # type: ignore[attr-defined]


@require_http_methods(["GET", "POST"])
def calls(request: Request) -> HttpResponse:
    """One's calls, and a new one, begun from an unmet need where the address names one."""
    form = CallForm(request.POST or None, initial=_initial(request))
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            call = calling.open_call(
                actor=request.actor,
                organisation_id=crew_of(request).pk,
                title=given["title"],
                span=given["span"],
                categories=given["categories"],
                town=given["town"],
                people=given["people"],
                note=given["note"],
                need_id=given["need"],
            )
        except XiepaiError as refusal:
            put_in_form(form, refusal)
        else:
            messages.success(request, _("已向有这类场地的场地方发出征集。"))
            return redirect("crew:call", call.pk)
    page = Paginator(calling.calls_of(request.actor), PER_PAGE).get_page(request.GET.get("page"))
    context = {"form": form, "page": page}
    return render(request, "crew/calls.html", context, status=422 if form.errors else 200)


@require_safe
def call(request: Request, call_id: int) -> HttpResponse:
    """One call with its offers, cheapest first."""
    row = _own(request, call_id)
    offers = [
        (offer, from_json(offer.quote, units=1, deposit_fen=0, tariff_id=None))
        for offer in row.offers.select_related("place", "place__owner", "booking").order_by("price_fen", "id")
        if offer.state != OfferState.WITHDRAWN
    ]
    context = {"call": row, "offers": offers, "money": Money, "labels": category_labels()}
    return render(request, "crew/call.html", context)


@require_POST
def close(request: Request, call_id: int) -> HttpResponse:
    """Look no longer."""
    _own(request, call_id)
    calling.close_call(actor=request.actor, call_id=call_id)
    messages.success(request, _("征集已结束。"))
    return redirect("crew:call", call_id)


@require_POST
def take(request: Request, call_id: int, offer_id: int) -> HttpResponse:
    """Turn an offer of this call into a hold."""
    row = _own(request, call_id)
    if not row.offers.filter(pk=offer_id).exists():
        raise not_found()
    try:
        booking = calling.take_call_offer(actor=request.actor, offer_id=offer_id)
    except XiepaiError as refusal:
        tell(request, refusal)
        return redirect("crew:call", call_id)
    messages.success(request, _("已预留，请在到期前确认。"))
    return redirect("crew:booking", booking.pk)


def category_labels() -> dict[str, str]:
    """Category code → label in the reader's language."""
    language = "en" if formats.is_english() else "zh-hans"
    return {word.code: word.label(language) for word in vocabulary("category", include_retired=True)}


def _own(request: Request, call_id: int) -> Call:
    row = calling.calls_of(request.actor).filter(pk=call_id).first()
    if row is None:
        raise not_found()
    return row


def _initial(request: Request) -> dict[str, Any]:
    """What an unmet need of the reader's own says already."""
    number = request.GET.get("need", "")
    from xiepai.bookings.access import visible_need_lists

    lists = visible_need_lists(request.actor)
    need = Need.objects.filter(pk=int(number), need_list__in=lists).first() if number.isdigit() else None
    if need is None:
        return _typed(request)
    wanted = NeedRow.from_json(need.wanted)
    hours = {"start": _hour(wanted.from_minute), "end": _hour(wanted.to_minute)}
    shared = {"title": wanted.words, "people": wanted.people, "note": wanted.note, "need": need.pk}
    return {"day": wanted.first_days[0], **hours, **shared}


def _typed(request: Request) -> dict[str, Any]:
    """What a link from a need that is not booked yet says."""
    given = request.GET
    hours = {
        field: _hour(int(given[name]))
        for field, name in (("start", "from"), ("end", "to"))
        if given.get(name, "").isdigit() and len(given[name]) < 5
    }
    plain = {name: given[name][:120] for name in ("title", "day", "people") if given.get(name)}
    return {"day": tomorrow(), **plain, **hours}


def _hour(minute: int) -> str:
    return f"{minute // 60 % 24:02d}:{minute % 60:02d}" if minute != 1440 else "24:00"
