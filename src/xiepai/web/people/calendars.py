"""Calendar feeds: made, shown once, revoked; and the feed itself, behind its secret."""

from __future__ import annotations

from urllib.parse import urlsplit

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from xiepai.bookings.calendar import write_calendar
from xiepai.bookings.models import FeedKind, FeedToken
from xiepai.bookings.services.feeds import issue_feed, open_feed, revoke_feed
from xiepai.kernel.errors import XiepaiError
from xiepai.parties.models import CREW_ROLES, Organisation, Role
from xiepai.places.models import Place
from xiepai.web import formats
from xiepai.web.requests import Request

MOST_PLACES = 500


class FeedForm(forms.Form):
    """Whose calendar: one's own, a crew's or a place's."""

    target = forms.ChoiceField(label=gettext_lazy("订阅谁的日历"))

    def __init__(self, data: object, request: Request) -> None:
        super().__init__(data)  # type: ignore[arg-type]
        self.fields["target"].choices = _targets(request)  # type: ignore[attr-defined]


@require_http_methods(["GET", "POST"])
def calendars(request: Request) -> HttpResponse:
    """One's feeds; a new one shows its address once."""
    form = FeedForm(request.POST or None, request)
    address = ""
    if request.method == "POST" and form.is_valid():
        kind, _sign, target = form.cleaned_data["target"].partition(":")
        _token, secret = issue_feed(actor=request.actor, kind=kind, target_id=int(target or 0))
        address = f"{settings.PUBLIC_URL.rstrip('/')}/feeds/{secret}.ics"
    rows = FeedToken.objects.filter(person_id=request.actor.person_id or 0, revoked_at=None).order_by("-id")
    names = dict(_targets(request))
    feeds = [(row, names.get(f"{row.kind}:{row.target_id}") or row.get_kind_display()) for row in rows]
    return render(request, "people/calendars.html", {"form": form, "feeds": feeds, "address": address})


@require_POST
def revoke(request: Request, feed_id: int) -> HttpResponse:
    """Close a feed's address."""
    revoke_feed(actor=request.actor, feed_id=feed_id)
    messages.success(request, _("订阅已撤销，原地址不再可用。"))
    return redirect("people:calendars")


@require_safe
def feed(request: Request, secret: str) -> HttpResponse:
    """The calendar behind a secret; wrong and revoked ones are not found."""
    try:
        name, bookings = open_feed(secret)
    except XiepaiError:
        return HttpResponse(status=404)
    domain = urlsplit(settings.PUBLIC_URL).hostname or "localhost"
    answer = HttpResponse(write_calendar(name, bookings, domain=domain), content_type="text/calendar; charset=utf-8")
    answer["Content-Disposition"] = 'inline; filename="xiepai.ics"'
    answer["Cache-Control"] = "private, max-age=300"
    return answer


def _targets(request: Request) -> list[tuple[str, str]]:
    actor = request.actor
    found = [(f"{FeedKind.PERSON}:{actor.person_id}", _("我的"))]
    crews = Organisation.objects.filter(pk__in=actor.organisations(*CREW_ROLES)).order_by("name")
    found += [(f"{FeedKind.CREW}:{row.pk}", formats.named(row)) for row in crews]
    places = Place.objects.filter(owner__in=actor.organisations(Role.KEEPER), is_bookable=True).order_by("sort_key")
    for row in places.only("pk", "name", "name_en")[:MOST_PLACES]:
        found.append((f"{FeedKind.PLACE}:{row.pk}", formats.named(row)))
    return found
