"""征集 as keepers see it: what crews look for, and the places one offers."""

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

from xiepai.bookings.models_calls import Call, CallOffer
from xiepai.bookings.services import as_span, calling
from xiepai.kernel import clock
from xiepai.kernel.errors import XiepaiError, not_found
from xiepai.places.access import writable_places
from xiepai.places.pricing import from_json
from xiepai.web.crew.calls import category_labels
from xiepai.web.keeper.places import act
from xiepai.web.refusals import put_in_form
from xiepai.web.requests import Request
from xiepai.web.slots import SlotForm

PER_PAGE = 30
MOST_PLACES = 300


class OfferForm(SlotForm):
    """Which place, when (as called for unless changed), and a word to the crew."""

    place = forms.TypedChoiceField(label=gettext_lazy("场地"), coerce=int)
    note = forms.CharField(label=gettext_lazy("给剧组的话"), required=False, max_length=200)
    field_order = ("place", "day", "start", "end", "note")

    def __init__(self, data: Any = None, *, places: list[tuple[int, str]], **options: Any) -> None:
        super().__init__(data, **options)
        del self.fields["units"]
        self.fields["place"].choices = places  # type: ignore[attr-defined]


@require_safe
def calls(request: Request) -> HttpResponse:
    """Open calls, the soonest first, with how many of one's places are of that kind."""
    page = Paginator(calling.open_calls(request.actor), PER_PAGE).get_page(request.GET.get("page"))
    mine = set(
        CallOffer.objects.filter(call__in=[row.pk for row in page], place__in=writable_places(request.actor))
        .exclude(state="withdrawn")
        .values_list("call_id", flat=True)
    )
    context = {"page": page, "mine": mine, "labels": category_labels()}
    return render(request, "keeper/calls.html", context)


@require_http_methods(["GET", "POST"])
def call(request: Request, call_id: int) -> HttpResponse:
    """One call: what is looked for, one's offers, and a further one."""
    row = _open(request, call_id)
    own = calling.own_places_for(request.actor, row)
    places = [(place.pk, f"{place.name}（{place.code}）") for place in own[:MOST_PLACES]]
    form = OfferForm(request.POST or None, places=places, initial=_initial(row))
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            calling.make_offer(
                actor=request.actor, call_id=call_id, place_id=given["place"], span=given["span"], note=given["note"]
            )
        except XiepaiError as refusal:
            put_in_form(form, refusal)
        else:
            messages.success(request, _("已报名，剧组会收到通知。"))
            return redirect("keeper:call", call_id)
    offers = [
        (offer, from_json(offer.quote, units=1, deposit_fen=0, tariff_id=None))
        for offer in row.offers.filter(place__in=writable_places(request.actor)).select_related("place", "booking")
    ]
    context = {"call": row, "form": form if places else None, "offers": offers, "labels": category_labels()}
    return render(request, "keeper/call.html", context, status=422 if form.errors else 200)


@require_POST
def withdraw(request: Request, call_id: int, offer_id: int) -> HttpResponse:
    """Take back an offer to this call."""
    there = CallOffer.objects.filter(pk=offer_id, call=call_id).exists()
    deed = (lambda: calling.withdraw_call_offer(actor=request.actor, offer_id=offer_id)) if there else None
    return act(request, deed, _("已撤回。"), "keeper:calls")


def _open(request: Request, call_id: int) -> Call:
    """An open call, or one that one has offered to."""
    row = calling.open_calls(request.actor).filter(pk=call_id).first()
    if row is None:
        mine = CallOffer.objects.filter(call=call_id, place__in=writable_places(request.actor))
        row = Call.objects.select_related("organisation").filter(pk__in=mine.values("call")).first()
    if row is None:
        raise not_found()
    return row


def _initial(row: Call) -> dict[str, Any]:
    span = as_span(row.period)
    start, end = clock.local(span.start), clock.local(span.end)
    last = "24:00" if (end.hour, end.minute) == (0, 0) else f"{end:%H:%M}"
    return {"day": start.date(), "start": f"{start:%H:%M}", "end": last}
