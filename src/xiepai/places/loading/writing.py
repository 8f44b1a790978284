"""Wishes written in batches, audited in the same transaction; a batch the database refuses is tried row by row.

Errors of one row are that row's; what is nobody's row's fault (a lost connection, a lock not given) stops the import.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import Any

from django.db import DatabaseError, DataError, IntegrityError, OperationalError, transaction
from django.utils.translation import gettext as _

from xiepai.kernel import audit
from xiepai.kernel.errors import XiepaiError
from xiepai.parties.access import Actor
from xiepai.places.errors import translated
from xiepai.places.fields import state_of
from xiepai.places.loading.rows import Wish
from xiepai.places.models import ClosedDay, CombinationPart, OpeningRule, Place, Tariff, TariffExtra
from xiepai.places.search import document, sort_key
from xiepai.places.search_document import Labels
from xiepai.places.services.calendar import opening_rows, plain_state
from xiepai.places.services.place import SAVED, fresh_code
from xiepai.places.services.tariffs import TARIFF_FIELDS, publish_tariff, tariff_state

Refuse = Callable[[Wish, str], None]


def write(wishes: Sequence[Wish], *, actor: Actor, labels: Labels, refuse: Refuse) -> list[Wish]:
    """Write what changes; the wishes that were written or had nothing to write are returned."""
    changing = [wish for wish in wishes if wish.changes]
    refused: list[Wish] = []
    try:
        with transaction.atomic():
            _write(changing, actor, labels)
    except (DatabaseError, XiepaiError) as error:
        if isinstance(error, OperationalError):
            raise
        refused = _one_by_one(changing, actor, labels, refuse)
    gone = {id(wish) for wish in refused}
    return [wish for wish in wishes if id(wish) not in gone]


def _one_by_one(wishes: Sequence[Wish], actor: Actor, labels: Labels, refuse: Refuse) -> list[Wish]:
    refused = []
    for wish in wishes:
        if wish.is_new:
            wish.place.pk = None
            wish.place._state.adding = True
        try:
            with transaction.atomic():
                _write([wish], actor, labels)
        except XiepaiError as error:
            refuse(wish, str(error.data.get("detail", error)))
            refused.append(wish)
        except DatabaseError as error:
            refuse(wish, _reason(error, wish.place))
            refused.append(wish)
    return refused


def _reason(error: DatabaseError, place: Place) -> str:
    known = translated(error, place)
    if known is not None:
        return str(known.data.get("detail") or known)
    if isinstance(error, IntegrityError | DataError):
        return _("数据库不接受这一行。")
    raise error


def _write(wishes: Sequence[Wish], actor: Actor, labels: Labels) -> None:
    _write_places(wishes, labels)
    _write_calendars(wishes)
    _write_parts(wishes)
    _write_first_tariffs([wish for wish in wishes if wish.tariff is not None and wish.is_new])
    traces = (_trace(wish) for wish in wishes if wish.is_new or wish.changes_place or _related(wish))
    audit.record_many(traces, actor=actor)
    for wish in wishes:
        if wish.tariff is not None and not wish.is_new:
            _publish(wish, actor)


def _write_places(wishes: Sequence[Wish], labels: Labels) -> None:
    for wish in wishes:
        place = wish.place
        if wish.changes_place:
            place.code = place.code or fresh_code()
            place.search_text, place.sort_key = document(place, labels), sort_key(place.name)
            if not wish.is_new:
                place.save(update_fields=SAVED)
    Place.objects.bulk_create([wish.place for wish in wishes if wish.is_new])


def _write_calendars(wishes: Sequence[Wish]) -> None:
    with_rules = [wish for wish in wishes if wish.rules is not None]
    OpeningRule.objects.filter(place__in=[wish.place.pk for wish in with_rules if not wish.is_new]).delete()
    OpeningRule.objects.bulk_create(row for wish in with_rules for row in opening_rows(wish.place, wish.rules or ()))
    with_days = [wish for wish in wishes if wish.days is not None]
    ClosedDay.objects.filter(place__in=[wish.place.pk for wish in with_days if not wish.is_new]).delete()
    ClosedDay.objects.bulk_create(
        ClosedDay(place=wish.place, day=day, reason=reason)
        for wish in with_days
        for day, reason in (wish.days or {}).items()
    )


def _write_parts(wishes: Sequence[Wish]) -> None:
    joined = [wish for wish in wishes if wish.parts is not None]
    CombinationPart.objects.filter(combination__in=[wish.place.pk for wish in joined if not wish.is_new]).delete()
    CombinationPart.objects.bulk_create(
        CombinationPart(combination=wish.place, part_id=part_id) for wish in joined for part_id in wish.parts or ()
    )


def _write_first_tariffs(wishes: Sequence[Wish]) -> None:
    tariffs = []
    for wish in wishes:
        tariff = wish.tariff
        if tariff is not None:
            tariff.pk, tariff.place = None, wish.place
            tariffs.append(tariff)
    Tariff.objects.bulk_create(tariffs)
    TariffExtra.objects.bulk_create(
        TariffExtra(tariff=wish.tariff, **asdict(extra)) for wish in wishes for extra in wish.extras
    )


def _publish(wish: Wish, actor: Actor) -> None:
    """A changed price of a place that was there goes the way of every published price: the old one is closed."""
    tariff = wish.tariff
    if tariff is not None:
        fields: Any = {name: getattr(tariff, name) for name in TARIFF_FIELDS}
        publish_tariff(actor=actor, place_id=wish.place.pk, valid_from=tariff.valid_from, extras=wish.extras, **fields)


def _related(wish: Wish) -> bool:
    return wish.rules is not None or wish.days is not None or wish.parts is not None


def _trace(wish: Wish) -> audit.Trace:
    place = wish.place
    before, after = dict(wish.before or {}), state_of(place)
    for name, (old, new) in wish.history.items():
        if old != new:
            before[name], after[name] = old, new
    if wish.is_new and wish.tariff is not None:
        after["tariff"] = tariff_state(wish.tariff, wish.extras)
    event = "places.place.created" if wish.is_new else "places.place.updated"
    state = None if wish.is_new else plain_state(before)
    return audit.Trace(event, place, state, plain_state(after), place.owner_id)
