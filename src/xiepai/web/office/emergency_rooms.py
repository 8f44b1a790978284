"""The emergency rooms that call sheets print, listed and edited by the office."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from xiepai.kernel.errors import XiepaiError, not_found
from xiepai.places.models import Standing
from xiepai.shoots.models import EmergencyRoom
from xiepai.shoots.services import emergency
from xiepai.web.refusals import put_in_form
from xiepai.web.requests import Request


class RoomForm(forms.Form):
    """One emergency room."""

    name = forms.CharField(label=gettext_lazy("名称"), max_length=80)
    name_en = forms.CharField(label=gettext_lazy("英文名称"), max_length=120, required=False)
    address = forms.CharField(label=gettext_lazy("地址"), max_length=200, required=False)
    phone = forms.CharField(label=gettext_lazy("电话"), max_length=30, required=False)
    latitude = forms.FloatField(label=gettext_lazy("纬度"), min_value=-90, max_value=90)
    longitude = forms.FloatField(label=gettext_lazy("经度"), min_value=-180, max_value=180)
    standing = forms.ChoiceField(label=gettext_lazy("资料性质"), choices=Standing.choices, initial=Standing.KNOWN)
    is_active = forms.BooleanField(label=gettext_lazy("在用"), required=False, initial=True)


@require_http_methods(["GET", "POST"])
def rooms(request: Request) -> HttpResponse:
    """All of them, and a form for one more or, with ``?room=``, for one of them."""
    asked = request.GET.get("room", "")
    room = EmergencyRoom.objects.filter(pk=int(asked)).first() if asked.isdigit() and len(asked) < 10 else None
    if asked and room is None:
        raise not_found()
    initial = {name: getattr(room, name) for name in RoomForm.base_fields} if room else None
    form = RoomForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            emergency.save_room(actor=request.actor, room_id=room.pk if room else None, **form.cleaned_data)
        except XiepaiError as refusal:
            put_in_form(form, refusal)
        else:
            messages.success(request, _("已保存。"))
            return redirect("office:emergency_rooms")
    context = {"rows": EmergencyRoom.objects.all(), "room": room, "form": form}
    return render(request, "office/emergency_rooms.html", context, status=422 if form.errors else 200)
