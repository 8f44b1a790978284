"""Where one can go from the header: each entry is shown to those whom the access table lets in.

The header holds what people come for every day; what is tended now and then stands in the person's menu, so that
the header fits one line in both languages for every role.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from xiepai.web.requests import Request


@dataclass(frozen=True, slots=True)
class Destination:
    """An entry of the header or the person's menu: its words, its page, and the pages that count as being there."""

    label: str | Promise
    view_name: str
    prefix: str = ""
    in_menu: bool = False


#: So many stand in the header's line; with more than one beyond, the rest is in its menu.
SHOWN_IN_LINE = 6

DESTINATIONS = (
    Destination(_("找场地"), "public:places", "/places/"),
    Destination(_("能拿多少"), "public:calculator", "/calculator/"),
    Destination(_("我的作品"), "crew:works", "/works/"),
    Destination(_("我的预订"), "crew:bookings", "/bookings/"),
    Destination(_("需求表"), "crew:needs", "/needs/"),
    Destination(_("奖补"), "crew:grants", "/grants/"),
    Destination(_("我的场地"), "keeper:home", "/keeper/"),
    Destination(_("审批"), "office:queue", "/office/queue/"),
    Destination(_("奖补审核"), "office:grants", "/office/grants/"),
    Destination(_("我的评审"), "office:grant_reviews", "/office/grants/reviews/"),
    Destination(_("排景图"), "office:board", "/office/board/"),
    Destination(_("全部作品"), "office:works", "/office/works/"),
    Destination(_("词表"), "office:vocabularies", "/office/vocabularies/", in_menu=True),
    Destination(_("公示"), "office:notices", "/office/public-notices/", in_menu=True),
    Destination(_("急救医院"), "office:emergency_rooms", "/office/emergency-rooms/", in_menu=True),
    Destination(_("工作日历"), "office:calendar_days", "/office/calendar-days/", in_menu=True),
    Destination(_("全部机构"), "office:organisations", "/office/organisations/", in_menu=True),
)


@dataclass(frozen=True, slots=True)
class Entry:
    """One link of the header as it is drawn."""

    label: str
    address: str
    is_here: bool


def places_to_go(request: Request, in_menu: bool = False) -> list[Entry]:
    """The header's links, or the menu's, for whoever reads the page."""
    entries = []
    for destination in DESTINATIONS:
        if destination.in_menu is not in_menu or not request.may_open(destination.view_name):
            continue
        try:
            address = reverse(destination.view_name)
        except NoReverseMatch:
            continue
        prefix = destination.prefix or address
        is_here = request.path == address or (prefix != "/" and request.path.startswith(prefix))
        entries.append(Entry(str(destination.label), address, is_here))
    return entries
