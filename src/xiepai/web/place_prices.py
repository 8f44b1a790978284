"""What places cost in a few words, for lists in which several are weighed: an hour, a day; one query for all."""

from __future__ import annotations

from collections.abc import Collection

from django.utils.translation import gettext as _

from xiepai.kernel import clock
from xiepai.places.models import Tariff
from xiepai.places.services.tariffs import tariff_in_view
from xiepai.web.formats import free_word, money


def prices_of(place_ids: Collection[int]) -> dict[int, str]:
    """The price now, or the next one announced, by place; places without one are left out."""
    rows: dict[int, list[Tariff]] = {}
    for tariff in Tariff.objects.filter(place__in=place_ids):
        rows.setdefault(tariff.place_id, []).append(tariff)
    found = {pk: tariff_in_view(each, clock.today()) for pk, each in rows.items()}
    return {pk: _words(tariff) for pk, tariff in found.items() if tariff is not None}


def _words(tariff: Tariff) -> str:
    if tariff.is_free:
        return free_word()
    hour = _("%(price)s/小时") % {"price": money(tariff.hour_fen)} if tariff.hour_fen else ""
    day = _("%(price)s/天") % {"price": money(tariff.day_fen)} if tariff.day_fen else ""
    return " · ".join(each for each in (hour, day) if each)
