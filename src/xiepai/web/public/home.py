"""The first page: for strangers what this is and what can be found, for members what to do next."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Count, F, Func, QuerySet
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from xiepai.bookings.models import Booking, BookingState
from xiepai.bookings.selectors import approval_queue, bookings_of
from xiepai.bookings.services.calling import open_calls
from xiepai.grants.selectors_company import home_of
from xiepai.kernel import clock
from xiepai.parties.access import Actor
from xiepai.parties.models import CREW_ROLES, Role
from xiepai.parties.selectors import my_organisations, search_organisations
from xiepai.places.access import visible_to
from xiepai.places.models import Place, PlaceKind, Sound, Term, Terms, Vocabulary
from xiepai.places.search import SearchQuery, search
from xiepai.places.selectors import review_queue
from xiepai.productions.selectors import works_of
from xiepai.productions.selectors_lists import UNDER_WAY, lines_of, paper_queue
from xiepai.web.requests import Request

SHOWN_CATEGORIES = 16
SHOWN_BOOKINGS = 5


@dataclass(frozen=True, slots=True)
class CategoryCount:
    """A category and how many places the reader can find in it."""

    code: str
    term: Term | None
    count: int


@dataclass(frozen=True, slots=True)
class Task:
    """Something to do next: a count, its words, and where to do it ("" where no page is for it yet)."""

    count: int
    label: str
    address: str
    is_urgent: bool = False


@require_safe
def home(request: Request) -> HttpResponse:
    """One address, two pages."""
    places = Place.objects.filter(visible_to(request.actor))
    context: dict[str, Any] = {
        "place_count": places.filter(kind__in=[PlaceKind.SET, PlaceKind.PART]).count(),
        "categories": categories_of(places),
    }
    if request.actor.person_id is None:
        context["figures"] = figures(request.actor)
        return render(request, "public/welcome.html", context)
    context |= {
        "tasks": tasks_for(request),
        "organisations": my_organisations(request.actor),
        "bookings": _running(request.actor)[:SHOWN_BOOKINGS],
        "owed": home_of(request.actor) if request.may_open("crew:grants") else None,
    }
    return render(request, "public/today.html", context)


@dataclass(frozen=True, slots=True)
class Figure:
    """A number and the list behind it: following the address shows that many rows."""

    count: int
    label: str
    address: str


def figures(actor: Actor) -> list[Figure]:
    """What can be found, counted by the same search the links lead to."""
    counts = search(actor, SearchQuery(page_size=1)).facets
    known = {(name, facet.value): facet.count for name, facets in counts.items() for facet in facets}
    kinds = [
        ("kind", PlaceKind.SET, _("个可拍的场景")),
        ("terms", Terms.FREE, _("处免费")),
        ("terms", Terms.LOW, _("处低价")),
        ("sound", Sound.SYNC, _("处可同期声")),
        ("kind", PlaceKind.RESOURCE, _("类车辆、器材、住宿与人员")),
    ]
    found = [(name, value, known.get((name, value), 0), label) for name, value, label in kinds]
    address = reverse("public:places")
    return [Figure(count, label, f"{address}?{name}={value}") for name, value, count, label in found if count]


def categories_of(places: QuerySet[Place]) -> list[CategoryCount]:
    """The categories of these places, the fullest first."""
    unnested = places.annotate(category=Func(F("categories"), function="unnest")).values("category")
    counts = unnested.annotate(count=Count("pk")).order_by("-count", "category")
    terms = {term.code: term for term in Term.objects.filter(vocabulary=Vocabulary.CATEGORY)}
    rows = [CategoryCount(row["category"], terms.get(row["category"]), row["count"]) for row in counts]
    return rows[:SHOWN_CATEGORIES]


def tasks_for(request: Request) -> list[Task]:
    """What waits for this person, by the roles held; nothing is counted that is nobody's turn."""
    actor, tasks = request.actor, []
    if actor.holds(*CREW_ROLES):
        own = bookings_of(actor).filter(organisation__in=actor.organisations(*CREW_ROLES))
        held = own.filter(state=BookingState.HELD).count()
        asked = own.filter(state=BookingState.REQUESTED).count()
        tasks.append(Task(held, _("个预留待确认"), _address(request, "crew:bookings"), is_urgent=held > 0))
        tasks.append(Task(asked, _("个申请等待场地方答复"), _address(request, "crew:bookings")))
        tasks.append(_works_short_of_papers(request))
    if actor.holds(Role.KEEPER, Role.OFFICER, Role.ADMINISTRATOR):
        waiting = approval_queue(actor).count()
        tasks.append(Task(waiting, _("个申请等您审批"), _address(request, "office:queue"), is_urgent=waiting > 0))
    if actor.holds(Role.KEEPER):
        tasks.append(Task(open_calls(actor).count(), _("个剧组在征集场地"), _address(request, "keeper:calls")))
    if actor.is_officer:
        places = review_queue(actor).count()
        tasks.append(Task(places, _("处场地等待公开"), _address(request, "office:places"), is_urgent=places > 0))
        papers = paper_queue(actor).count()
        tasks.append(Task(papers, _("份文件待核对"), _address(request, "office:papers"), is_urgent=papers > 0))
        warned = search_organisations(actor, state="warned").count()
        address = _address(request, "office:organisations") + "?state=warned"
        tasks.append(Task(warned, _("个机构的信用代码待核对"), address))
    return tasks


def _works_short_of_papers(request: Request) -> Task:
    """Works under way that could not enter their next stage today."""
    own = request.actor.organisations(*CREW_ROLES)
    works = works_of(request.actor, states=UNDER_WAY).filter(organisation__in=own)
    short = sum(bool(line.blocking) for line in lines_of(list(works), clock.today()))
    address = _address(request, "crew:works") + "?state=open"
    return Task(short, _("部作品还缺下一阶段的文件"), address, is_urgent=short > 0)


def _running(actor: Actor) -> QuerySet[Booking]:
    live = [BookingState.HELD, BookingState.REQUESTED, BookingState.CONFIRMED, BookingState.IN_USE]
    return bookings_of(actor, states=live)


def _address(request: Request, view_name: str) -> str:
    return reverse(view_name) if request.may_open(view_name) else ""
