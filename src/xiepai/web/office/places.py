"""Places that wait for the office: new ones with what they say, changed ones beside what was published before."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import F, QuerySet
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from xiepai.kernel import clock
from xiepai.kernel.models import AuditEntry
from xiepai.places import selectors
from xiepai.places.keeping import kept_places
from xiepai.places.models import Place, Visibility
from xiepai.places.services.reviewing import review_places
from xiepai.web import formats
from xiepai.web.people.changes import Change, changes_of
from xiepai.web.people.events import label_of
from xiepai.web.requests import Request
from xiepai.web.spreadsheets import table_file

PER_PAGE = 25
SORTS = {"since": "updated_at", "name": "sort_key", "owner": "owner__name", "town": "town"}
_OF_PLACE = {field.attname for field in Place._meta.concrete_fields}
_STATE = {"visibility", "code"}


class FilterForm(forms.Form):
    """What the list can be narrowed by."""

    q = forms.CharField(label=gettext_lazy("名称或编号"), required=False, max_length=60)
    lack = forms.ChoiceField(
        label=gettext_lazy("还缺"),
        required=False,
        choices=[
            ("", gettext_lazy("不限")),
            ("photo", gettext_lazy("没有照片")),
            ("tariff", gettext_lazy("没有价目")),
            ("verified", gettext_lazy("久未核实")),
        ],
    )


@dataclass(frozen=True, slots=True)
class Waiting:
    """A place that waits: whether it was public before, what changed since, and what else was done."""

    place: Place
    was_public: bool
    changes: tuple[Change, ...]
    deeds: tuple[str, ...]


@require_safe
def listing(request: Request) -> HttpResponse:
    """The places that wait, the longest first."""
    rows, form, sort = _found(request)
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    words = selectors.vocabularies("en" if formats.is_english() else "zh-hans")
    context = {"page": page, "form": form, "sort": sort, "waiting": waiting(list(page)), "words": words}
    return render(request, "office/places.html", context)


@require_safe
def as_csv(request: Request) -> HttpResponse | StreamingHttpResponse:
    """The same places as CSV."""
    rows, _form, _sort = _found(request)
    return table_file("csv", f"places-in-review-{clock.today()}", _lines(rows))


@require_POST
def decide(request: Request) -> HttpResponse:
    """Publish or send back the chosen places."""
    chosen = [int(text) for text in request.POST.getlist("place") if text.isdigit() and len(text) < 15]
    publish, reason = request.POST.get("deed") == "publish", request.POST.get("reason", "").strip()
    if not chosen:
        messages.error(request, _("请先勾选场地。"))
    elif not publish and not reason:
        messages.error(request, _("退回要写明原因，场地方会看到。"))
    else:
        result = review_places(actor=request.actor, place_ids=chosen, publish=publish, reason=reason)
        if result.done:
            done = _("已公开 %(n)s 处。") if publish else _("已退回 %(n)s 处，场地方会收到原因。")
            messages.success(request, done % {"n": result.done})
        for place_id, why in result.refused:
            messages.error(request, f"#{place_id}：{why}")
    return redirect("office:places")


def waiting(places: list[Place]) -> list[Waiting]:
    """Each place with what changed since it was last public: one query for all."""
    entries: dict[int, list[AuditEntry]] = {}
    rows = AuditEntry.objects.filter(object_type="places.place", object_id__in=[place.pk for place in places])
    for entry in rows.order_by("id"):
        line = entries.setdefault(entry.object_id, [])
        if (entry.after or {}).get("visibility") == Visibility.PUBLIC:
            line.clear()
        line.append(entry)
    return [_waiting(place, entries.get(place.pk, [])) for place in places]


def _waiting(place: Place, entries: list[AuditEntry]) -> Waiting:
    was_public = bool(entries) and (entries[0].after or {}).get("visibility") == Visibility.PUBLIC
    since = entries[1:] if was_public else entries
    before: dict[str, Any] = {}
    after: dict[str, Any] = {}
    for entry in since if was_public else ():
        for name, value in (entry.before or {}).items():
            before.setdefault(name, value)
        after.update(entry.after or {})
    names = (before.keys() | after.keys()) & _OF_PLACE - _STATE
    merged = AuditEntry(
        object_type="places.place",
        before={name: before.get(name) for name in names},
        after={name: after.get(name) for name in names},
    )
    others = [e.event for e in since if not (set(e.after or e.before or {}) & _OF_PLACE)]
    return Waiting(
        place,
        was_public,
        tuple(changes_of(merged)) if was_public else (),
        tuple(label_of(event) for event in dict.fromkeys(others)),
    )


def _found(request: Request) -> tuple[QuerySet[Place], FilterForm, str]:
    form = FilterForm(request.GET)
    form.is_valid()
    given = form.cleaned_data
    sort = request.GET.get("sort", "since")
    sort = sort if sort.lstrip("-") in SORTS else "since"
    rows = kept_places(
        request.actor, words=given.get("q") or "", visibility=Visibility.REVIEW, lack=given.get("lack") or ""
    )
    key = F(SORTS[sort.lstrip("-")])
    return rows.order_by(key.desc() if sort.startswith("-") else key.asc(), "id"), form, sort


def _lines(rows: QuerySet[Place]) -> Iterator[list[object]]:
    yield [_("编号"), _("名称"), _("镇街"), _("所属机构"), _("更新"), _("照片"), _("价目")]
    for row in rows.iterator(chunk_size=500):
        photo, tariff = getattr(row, "has_photo", False), getattr(row, "has_tariff", False)
        marks = [_("有") if there else _("无") for there in (photo, tariff)]
        yield [row.code, row.name, row.town, row.owner.name, f"{clock.local(row.updated_at):%Y-%m-%d %H:%M}", *marks]
