"""Group chats of an organisation: where its notices are posted, and which. Secrets are never shown again."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from xiepai.kernel.errors import XiepaiError
from xiepai.parties import notices, selectors
from xiepai.parties.models_notices import ChannelKind
from xiepai.web.requests import Request

#: What an organisation can be told of; a test holds this list beside the kinds the services use.
KINDS: dict[str, Any] = {
    "bookings.approval_waits": gettext_lazy("有预订待审批"),
    "bookings.approval_escalated": gettext_lazy("审批已超时"),
    "bookings.decided": gettext_lazy("预订获批或被拒"),
    "bookings.hold_ending": gettext_lazy("预留即将到期"),
    "bookings.offer": gettext_lazy("候补有位"),
    "bookings.call_opened": gettext_lazy("有剧组征集场地"),
    "bookings.call_offer": gettext_lazy("征集有了回应"),
    "bookings.call_offer_taken": gettext_lazy("回应被选中"),
    "bookings.handover": gettext_lazy("进场、撤场交接"),
    "bookings.damage": gettext_lazy("索赔、异议和裁定"),
    "bookings.settled": gettext_lazy("已结算"),
    "productions.paper_rejected": gettext_lazy("文件被退回"),
    "productions.papers_expiring": gettext_lazy("文件即将到期"),
}


class EventsForm(forms.Form):
    """Which events; none ticked means all."""

    events = forms.MultipleChoiceField(
        label=gettext_lazy("通知哪些事"),
        choices=list(KINDS.items()),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("一项都不选就是全部。"),
    )


class ChannelForm(EventsForm):
    """A chat robot's address and signing secret."""

    kind = forms.ChoiceField(label=gettext_lazy("群"), choices=ChannelKind.choices)
    url = forms.URLField(
        label=gettext_lazy("机器人地址（Webhook）"), max_length=300, assume_scheme="https", help_text="https://…"
    )
    secret = forms.CharField(
        label=gettext_lazy("签名密钥"),
        max_length=120,
        required=False,
        help_text=gettext_lazy("钉钉、飞书开启“加签”时填写；企业微信没有。"),
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
    )
    field_order = ("kind", "url", "secret", "events")


@require_http_methods(["GET", "POST"])
def channels(request: Request, organisation_id: int) -> HttpResponse:
    """The chats of an organisation; a new one."""
    organisation = selectors.get_organisation(request.actor, organisation_id)
    rows = notices.channels_of(request.actor, organisation_id)
    form = ChannelForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            notices.add_channel(actor=request.actor, organisation_id=organisation_id, **form.cleaned_data)
        except XiepaiError as refusal:
            form.add_error("url", _("这不是该服务的地址：%(reason)s") % {"reason": refusal.data.get("detail", "")})
        else:
            messages.success(request, _("已加群通知；可以先发一条测试。"))
            return redirect("people:channels", organisation_id)
    shown = [
        (row, urlsplit(row.url).hostname, [KINDS[kind] for kind in row.events if kind in KINDS], _events_form(row))
        for row in rows
    ]
    context = {"organisation": organisation, "rows": shown, "form": form}
    return render(request, "people/channels.html", context, status=422 if form.errors else 200)


@require_POST
def change(request: Request, channel_id: int) -> HttpResponse:
    """Choose the events, send a test, or remove a chat."""
    deed = request.POST.get("deed", "")
    organisation_id = notices.organisation_of(request.actor, channel_id)
    if deed == "remove":
        notices.remove_channel(actor=request.actor, channel_id=channel_id)
        messages.success(request, _("已移除。"))
    elif deed == "test":
        notices.try_channel(actor=request.actor, channel_id=channel_id, text=_("协拍：这是一条测试通知。"))
        messages.success(request, _("测试已发出；没有收到时，这里会显示原因。"))
    else:
        form = EventsForm(request.POST)
        if form.is_valid():
            notices.choose_events(actor=request.actor, channel_id=channel_id, events=form.cleaned_data["events"])
            messages.success(request, _("已保存。"))
    return redirect("people:channels", organisation_id)


def _events_form(row: Any) -> EventsForm:
    return EventsForm(initial={"events": row.events}, auto_id=f"channel{row.pk}_%s")
