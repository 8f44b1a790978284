"""An object's history: who did what, when, from where; before and after side by side.

Only those who may see the object may read its history; for others it is not found.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.apps import apps
from django.core.paginator import Paginator
from django.db.models import Model, Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from xiepai.bookings.access import visible_bookings, visible_need_lists, visible_waiting
from xiepai.bookings.models import Bundle
from xiepai.bookings.selectors_use import entries_around
from xiepai.grants.access import visible_applications
from xiepai.kernel.errors import not_found
from xiepai.kernel.models import AuditEntry
from xiepai.parties.access import Actor
from xiepai.parties.models import Organisation, Person, Role
from xiepai.parties.selectors import visible_organisations
from xiepai.places.models import Place, Term
from xiepai.productions.access import visible_papers, visible_works
from xiepai.productions.models import PaperKind
from xiepai.web.people.changes import Change, changes_of
from xiepai.web.people.events import label_of
from xiepai.web.requests import Request

PER_PAGE = 50
PARTS_OF_ORGANISATION = ("parties.membership", "parties.invitation", "parties.apitoken")


def _people(actor: Actor) -> QuerySet[Person]:
    everyone = Person.objects.all()
    return everyone if actor.holds(Role.ADMINISTRATOR) else everyone.filter(pk=actor.person_id or 0)


def _organisations(actor: Actor) -> QuerySet[Organisation]:
    """Members come and go in this history, so it is for those who know them."""
    if actor.is_office:
        return visible_organisations(actor)
    return visible_organisations(actor).filter(pk__in=filter(actor.knows_members_of, actor.organisations()))


def _places(actor: Actor) -> QuerySet[Place]:
    return Place.objects.all() if actor.is_office else Place.objects.filter(owner__in=actor.organisations())


def _bundles(actor: Actor) -> QuerySet[Bundle]:
    return Bundle.objects.all() if actor.is_office else Bundle.objects.filter(organisation__in=actor.organisations())


def _terms(actor: Actor) -> QuerySet[Term]:
    return Term.objects.all() if actor.is_office else Term.objects.none()


def _kinds(actor: Actor) -> QuerySet[PaperKind]:
    return PaperKind.objects.all() if actor.is_office else PaperKind.objects.none()


VISIBLE: dict[str, Callable[[Actor], QuerySet[Model]]] = {
    "parties.organisation": _organisations,
    "parties.person": _people,
    "places.place": _places,
    "places.term": _terms,
    "bookings.booking": visible_bookings,
    "bookings.bundle": _bundles,
    "bookings.waitingentry": visible_waiting,
    "bookings.needlist": visible_need_lists,
    "productions.work": visible_works,
    "productions.paper": visible_papers,
    "productions.paperkind": _kinds,
    "grants.application": visible_applications,
}
"""Object type → the rows of it an actor may see, and so whose history he may read."""


@dataclass(frozen=True, slots=True)
class Line:
    """One audit row as it is read."""

    entry: AuditEntry
    label: str
    object_name: str
    changes: list[Change]


@require_safe
def history(request: Request, label: str, object_id: int) -> HttpResponse:
    """The audit rows of one object, newest first."""
    rows_of = VISIBLE.get(label)
    row = rows_of(request.actor).filter(pk=object_id).first() if rows_of else None
    if row is None:
        raise not_found()
    page = Paginator(entries_of(label, object_id), PER_PAGE).get_page(request.GET.get("page"))
    lines = [Line(entry, label_of(entry.event), _type_name(entry), changes_of(entry)) for entry in page]
    sources = {"web": _("网页"), "api": _("接口"), "command": _("命令"), "job": _("后台任务"), "code": _("系统")}
    context = {
        "sources": sources,
        "row": row,
        "label": label,
        "type_name": row._meta.verbose_name,
        "page": page,
        "lines": lines,
    }
    return render(request, "people/history.html", context)


def entries_of(label: str, object_id: int) -> QuerySet[AuditEntry]:
    """An object's audit rows; an organisation's include those of its members, a booking's those of its use."""
    if label == "bookings.booking":
        return entries_around(object_id)
    which = Q(object_type=label, object_id=object_id)
    if label == "parties.organisation":
        which |= Q(object_type__in=PARTS_OF_ORGANISATION, organisation_id=object_id)
    return AuditEntry.objects.filter(which).order_by("-id")


def _type_name(entry: AuditEntry) -> str:
    try:
        return str(apps.get_model(entry.object_type)._meta.verbose_name)
    except LookupError:
        return entry.object_type
