"""Selections: one's own lists of places, one list with its notes, and what a shared address shows to anybody."""

from __future__ import annotations

import io
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from xiepai.kernel import clock
from xiepai.kernel.errors import XiepaiError
from xiepai.places import selectors, services
from xiepai.places.exporting import KINDS
from xiepai.places.selections import (
    SelectionView,
    my_selection,
    my_selections,
    selections_with,
    share_secret,
    shared_selection,
)
from xiepai.places.sheets.selection import write_selection
from xiepai.web.public.places import labels_of_places
from xiepai.web.requests import Request


@require_http_methods(["GET", "POST"])
def listing(request: Request) -> HttpResponse:
    """One's selections, and a form for a new one."""
    if request.method == "POST":
        try:
            row = services.create_selection(actor=request.actor, name=request.POST.get("name", ""))
        except XiepaiError as refusal:
            messages.error(request, str(refusal))
            return redirect("public:selections")
        return redirect("public:selection", row.pk)
    return render(request, "public/selections.html", {"selections": my_selections(request.actor)})


@require_safe
def selection(request: Request, selection_id: int) -> HttpResponse:
    """One's selection, to work on."""
    view = my_selection(request.actor, selection_id)
    address = ""
    if view.selection.is_shared:
        address = request.build_absolute_uri(reverse("public:shared", args=[share_secret(view.selection)]))
    context = {"view": view, "address": address, "labels": labels_of_places(), "is_mine": True}
    return render(request, "public/selection.html", context)


@require_safe
@never_cache
def shared(request: Request, secret: str) -> HttpResponse:
    """What a shared address shows, signed in or not; search engines are told to leave it alone."""
    view = shared_selection(request.actor, secret)
    context = {"view": view, "address": "", "labels": labels_of_places(), "is_mine": False, "secret": secret}
    answer = render(request, "public/selection.html", context)
    answer["X-Robots-Tag"] = "noindex"
    # the secret stays on this site; "no-referrer" would send Origin: null with the page's own forms, refused as forged
    answer["Referrer-Policy"] = "same-origin"
    return answer


@require_safe
def as_xlsx(request: Request, selection_id: int) -> HttpResponse:
    """One's selection as a workbook, in its order, with the notes."""
    return _workbook(my_selection(request.actor, selection_id))


@require_safe
def shared_xlsx(request: Request, secret: str) -> HttpResponse:
    """The same for whom it is shared with."""
    return _workbook(shared_selection(request.actor, secret))


@require_POST
def change(request: Request, selection_id: int) -> HttpResponse:
    """One deed on one's selection: name, share, close, delete; note, move or take out a place."""
    deed = request.POST.get("deed", "")
    place_id = int(request.POST["place"]) if request.POST.get("place", "").isdecimal() else 0
    which: dict[str, Any] = {"actor": request.actor, "selection_id": selection_id}
    try:
        if deed == "delete":
            services.delete_selection(**which)
            messages.success(request, _("选景单已删除。"))
            return redirect("public:selections")
        _do(request, deed, which, place_id)
    except XiepaiError as refusal:
        if refusal.http_status == 404:
            raise
        messages.error(request, str(refusal))
    place = f"#place-{place_id}" if deed in ("up", "down", "note") else ""
    return redirect(reverse("public:selection", args=[selection_id]) + place)


def _do(request: Request, deed: str, which: dict[str, Any], place_id: int) -> None:
    if deed == "rename":
        services.rename_selection(**which, name=request.POST.get("name", ""), note=request.POST.get("note", ""))
    elif deed == "share":
        services.share_selection(**which)
        messages.success(request, _("已生成分享地址；知道地址的人都能看。"))
    elif deed == "close":
        services.stop_sharing(**which)
        messages.success(request, _("已停止分享，原地址不再可用。"))
    elif deed == "note":
        services.note_place(**which, place_id=place_id, note=request.POST.get("note", ""))
    elif deed in ("up", "down"):
        services.move_in_selection(**which, place_id=place_id, steps=-1 if deed == "up" else 1)
    elif deed == "remove":
        services.remove_from_selection(**which, place_id=place_id)


@require_http_methods(["GET", "POST"])
def pick(request: Request, place_id: int) -> HttpResponse:
    """Collect a place: into one's selections, or a new one."""
    place = selectors.get_place(request.actor, place_id)
    if request.method == "POST":
        chosen = request.POST.get("selection", "")
        try:
            if chosen.isdecimal():
                number = int(chosen)
            else:
                number = services.create_selection(actor=request.actor, name=request.POST.get("name", "")).pk
            services.add_to_selection(
                actor=request.actor, selection_id=number, place_id=place_id, note=request.POST.get("note", "")
            )
        except XiepaiError as refusal:
            if refusal.http_status == 404:
                raise
            messages.error(request, str(refusal))
            return redirect("public:pick", place_id)
        messages.success(request, _("“%(place)s”已收进选景单。") % {"place": place.name})
        return redirect("public:selection", number)
    context = {
        "place": place,
        "selections": my_selections(request.actor),
        "having": selections_with(request.actor, place_id),
    }
    return render(request, "public/pick.html", context)


def _workbook(view: SelectionView) -> HttpResponse:
    out = io.BytesIO()
    write_selection(out, view, labels_of_places())
    answer = HttpResponse(out.getvalue(), content_type=KINDS["xlsx"])
    answer["Content-Disposition"] = f'attachment; filename="selection-{view.selection.pk}-{clock.today():%Y%m%d}.xlsx"'
    return answer
