"""Outside calendars as busy times: imported from a file, followed by later imports, kept apart from each other.

An event is known by its UID; of two versions the higher SEQUENCE counts, so that an old file does not undo a newer
one. What meets bookings is refused and reported, the rest is kept. Refused: who does not keep the place (not found).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from xiepai.bookings.calendar import BusyTime, read_busy
from xiepai.bookings.errors import refusals
from xiepai.bookings.models import OutsideCalendar
from xiepai.bookings.periods import as_range
from xiepai.kernel import audit, clock
from xiepai.kernel.errors import XiepaiError, not_found
from xiepai.parties.access import Actor
from xiepai.parties.models import Role
from xiepai.places.models import Blocking, Place
from xiepai.worktime.spans import Span

#: How far ahead an outside calendar is read.
DAYS = 180


@dataclass(frozen=True, slots=True)
class BusyReport:
    """What an import did: times blocked anew, already known, gone, and refused with the reason.

    ``stale`` counts events of which a newer version was imported before; they were left as they are.
    """

    added: int
    kept: int
    lifted: int
    refused: tuple[tuple[BusyTime, str], ...]
    stale: int = 0


def calendars_of(actor: Actor, place_id: int) -> QuerySet[OutsideCalendar]:
    """The outside calendars of a place, for who keeps it."""
    return OutsideCalendar.objects.filter(place=_kept(actor, place_id)).order_by("id")


def import_busy(*, actor: Actor, place_id: int, data: bytes, name: str = "", days: int = DAYS) -> BusyReport:
    """Block a place's time where the calendar called *name* is busy; a later import under that name follows it.

    Times that left the calendar are lifted. FILE_SIZE, FILE_TYPE or FILE_UNREADABLE for what is no calendar.
    """
    place = _kept(actor, place_id)
    now = clock.now()
    window = Span(now, now + timedelta(days=days))
    read = read_busy(data, window)
    with transaction.atomic():
        calendar = _locked(actor, place, name.strip()[:60])
        known: dict[str, int] = calendar.sequences
        stale = {busy.event for busy in read if busy.sequence < known.get(busy.event, 0)}
        wanted = {_key(calendar, busy.uid): busy for busy in read if busy.event not in stale}
        present = _present(calendar, window)
        held = {uid: row for uid, row in present.items() if _event_of(calendar, uid) in stale}
        followed = {uid: row for uid, row in present.items() if uid not in held}
        lifted = [_lift(actor, row) for uid, row in followed.items() if not _same(row, wanted.get(uid))]
        fresh = {uid: busy for uid, busy in wanted.items() if not _same(followed.get(uid), busy)}
        tried = [(busy, _block(actor, place, uid, busy)) for uid, busy in fresh.items()]
        refused = tuple((busy, reason) for busy, reason in tried if reason is not None)
        calendar.sequences = {busy.event: max(busy.sequence, known.get(busy.event, 0)) for busy in read}
        report = BusyReport(len(fresh) - len(refused), len(wanted) - len(fresh), len(lifted), refused, len(stale))
        _note(actor, calendar, report)
    return report


def remove_calendar(*, actor: Actor, place_id: int, calendar_id: int) -> int:
    """Forget an outside calendar; its times are free from now on. Returns how many blockings were lifted."""
    with transaction.atomic():
        rows = OutsideCalendar.objects.select_for_update(of=("self",)).filter(place=_kept(actor, place_id))
        calendar = rows.filter(pk=calendar_id).first()
        if calendar is None:
            raise not_found()
        blockings = Blocking.objects.select_for_update(of=("self",)).select_related("place")
        mine = blockings.filter(place=calendar.place_id, lifted_at=None, external_uid__startswith=_key(calendar, ""))
        lifted = [_lift(actor, row) for row in mine]
        before = {"name": calendar.name, "place_id": calendar.place_id}
        owner = calendar.place.owner_id
        audit.record("bookings.outside.removed", calendar, actor=actor, before=before, after={}, organisation_id=owner)
        calendar.delete()
    return len(lifted)


def _kept(actor: Actor, place_id: int) -> Place:
    place = Place.objects.filter(pk=place_id).first()
    if place is None or not (actor.is_officer or actor.holds(Role.KEEPER, organisation_id=place.owner_id)):
        raise not_found()
    return place


def _locked(actor: Actor, place: Place, name: str) -> OutsideCalendar:
    rows = OutsideCalendar.objects.select_for_update(of=("self",)).select_related("place")
    row, is_new = rows.get_or_create(place=place, name=name, defaults={"created_by_id": actor.person_id})
    if is_new:
        audit.record("bookings.outside.added", row, actor=actor, after={"name": name}, organisation_id=place.owner_id)
    return row


def _present(calendar: OutsideCalendar, window: Span) -> dict[str, Blocking]:
    rows = (
        Blocking.objects.select_for_update(of=("self",))
        .select_related("place")
        .filter(
            place=calendar.place_id,
            lifted_at=None,
            period__overlap=as_range(window),
            external_uid__startswith=_key(calendar, ""),
        )
    )
    return {row.external_uid: row for row in rows}


def _key(calendar: OutsideCalendar, uid: str) -> str:
    """What a blocking remembers: whose event it is. Long UIDs keep their end, where the time of the occurrence is."""
    head = f"cal{calendar.pk}:"
    return head + uid[-(255 - len(head)) :] if uid else head


def _event_of(calendar: OutsideCalendar, external_uid: str) -> str:
    return external_uid.removeprefix(_key(calendar, "")).rpartition("/")[0]


def _note(actor: Actor, calendar: OutsideCalendar, report: BusyReport) -> None:
    calendar.read_at, calendar.busy_count = clock.now(), report.added + report.kept
    calendar.refused_count = len(report.refused)
    calendar.save(update_fields=["read_at", "busy_count", "refused_count", "sequences"])
    told: dict[str, Any] = {"added": report.added, "lifted": report.lifted, "refused": len(report.refused)}
    owner = calendar.place.owner_id
    audit.record("bookings.outside.imported", calendar, actor=actor, after=told, organisation_id=owner)


def _same(row: Blocking | None, busy: BusyTime | None) -> bool:
    return (
        row is not None
        and busy is not None
        and (row.period.lower, row.period.upper, row.reason) == (busy.span.start, busy.span.end, busy.summary)
    )


def _lift(actor: Actor, row: Blocking) -> Blocking:
    row.lifted_at = clock.now()
    row.save(update_fields=["lifted_at"])
    audit.record("places.blocking.lifted", row, actor=actor, organisation_id=row.place.owner_id)
    return row


def _block(actor: Actor, place: Place, uid: str, busy: BusyTime) -> str | None:
    try:
        with refusals(place=place.name, period=busy.span, free="?", needed="?"):
            row = Blocking.objects.create(
                place=place,
                period=as_range(busy.span),
                reason=busy.summary,
                external_uid=uid,
                created_by_id=actor.person_id,
            )
    except XiepaiError as refusal:
        return str(refusal)
    audit.record("places.blocking.added", row, actor=actor, organisation_id=place.owner_id)
    return None
