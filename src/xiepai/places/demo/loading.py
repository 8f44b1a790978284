"""Writing the demo city: what is missing is added with its audit rows, what is there is never touched.

Places come in bulk, a level of the tree at a time, checked like every place and each with an audit row of its own;
the few hours, blockings, contacts and pictures go through the services. All in one transaction.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from django.contrib.auth.hashers import make_password
from django.db import connection, transaction

from xiepai.kernel import audit, clock
from xiepai.parties.access import system
from xiepai.parties.models import Membership, Organisation, Person, Role
from xiepai.parties.services import create_organisation
from xiepai.places import services
from xiepai.places.demo import DEMO_PASSWORD
from xiepai.places.demo.files import read_rows, read_tables
from xiepai.places.demo.pictures import draw_scene
from xiepai.places.demo.plan import PlannedPlace, plan_city
from xiepai.places.fields import problems_of, refuse, state_of
from xiepai.places.media import keep_drawing
from xiepai.places.models import Photo, Place, Standing, Tariff, TariffExtra, Term, Visibility
from xiepai.places.search import document, labels_of_vocabularies, sort_key
from xiepai.places.services.dividing import part_codes, write_parts
from xiepai.places.services.photos import LONGEST_CAPTION, store_files
from xiepai.places.services.tariffs import Extra, check_tariff, tariff_from, tariff_state
from xiepai.places.vocabulary import read_words
from xiepai.worktime.opening import WeeklyRule
from xiepai.worktime.spans import Span

SAMPLE_TARIFF_NOTE = "样例价目，为演示编写。"
FIRST_DAY, SECOND_DAY = date(2025, 1, 1), date(2026, 1, 1)
EXTRAS = {
    "power": Extra("power", "用电", "度", 200, "Power, per kWh"),
    "stage-manager": Extra("stage-manager", "现场管理", "天", 30_000, "Stage manager, per day"),
    "cleaning": Extra("cleaning", "保洁", "次", 20_000, "Cleaning, each time"),
}
CANCELLATION = [[72, 20], [24, 50], [6, 100]]
_BLOCKED = {"XTA-104": (3, "改景"), "XTC-101": (5, "检修"), "LB-6": (4, "活动占用")}
_ACTOR = system("load_demo_city")
Say = Callable[[str], object]


@transaction.atomic
def load_city(*, accounts: bool, say: Say) -> int:
    """Add what the demo city is missing; how many rows that was (0: everything was there)."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('xiepai.demo_city'))")
    with audit.origin_is("command"):
        terms = _add_terms()
        owners, organisations = _add_organisations()
        people = _add_accounts(owners) if accounts else 0
        if found := terms + organisations + people:
            say(f"{organisations} organisations, {people} accounts, {terms} words")
        planned = plan_city()
        places = _add_places(planned, owners)
        fresh = [plan for plan in planned if plan.code in places]
        if fresh:
            sets = sum(plan.fields["kind"] == "set" for plan in fresh)
            say(f"{len(fresh)} places ({sets} sets)")
            say(f"{_add_tariffs(fresh, places)} tariffs")
            _join_parts(fresh, places)
            _add_calendars(fresh, places)
            _add_contacts(fresh, places)
            say(f"{_add_pictures(fresh, places)} pictures")
    return found + len(fresh)


def _add_terms() -> int:
    known = set(Term.objects.values_list("vocabulary", "code"))
    rows = [
        Term(**row, position=10 * at)
        for at, row in enumerate(read_rows("terms"), 1)
        if (row["vocabulary"], row["code"]) not in known
    ]
    Term.objects.bulk_create(rows)
    audit.record_many((audit.Trace("places.term.added", row) for row in rows), actor=_ACTOR)
    return len(rows)


def _add_organisations() -> tuple[dict[str, Organisation], int]:
    rows = {row.pop("key"): row for row in read_rows("organisations")}
    known = {row.name: row for row in Organisation.objects.filter(name__in=[row["name"] for row in rows.values()])}
    found, added = {}, 0
    for key, row in rows.items():
        if row["name"] not in known:
            known[row["name"]] = create_organisation(actor=_ACTOR, **row)
            added += 1
        found[key] = known[row["name"]]
    return found, added


def _add_accounts(owners: dict[str, Organisation]) -> int:
    rows = read_rows("accounts")
    known = set(Person.objects.filter(email__in=[row["email"] for row in rows]).values_list("email", flat=True))
    fresh = [row for row in rows if row["email"] not in known]
    if not fresh:
        return 0
    password = make_password(DEMO_PASSWORD)  # one hash for all: each costs half a second
    people = Person.objects.bulk_create(Person(email=r["email"], name=r["name"], password=password) for r in fresh)
    members = Membership.objects.bulk_create(
        Membership(person=person, organisation=owners[row["organisation"]], role=Role(row["role"]))
        for person, row in zip(people, fresh, strict=True)
    )
    audit.record_many((audit.Trace("parties.member.added", member) for member in members), actor=_ACTOR)
    return len(fresh)


def _add_places(planned: list[PlannedPlace], owners: dict[str, Organisation]) -> dict[str, Place]:
    """The places that were not there, by code; children follow when their parents are written."""
    written = {place.code: place for place in Place.objects.filter(code__in=[plan.code for plan in planned])}
    waiting = [plan for plan in planned if plan.code not in written]
    words, labels = read_words(), labels_of_vocabularies()
    added: dict[str, Place] = {}
    while waiting:
        level = [plan for plan in waiting if not plan.parent or plan.parent in written]
        rows = [_place(plan, owners, written) for plan in level]
        for row in rows:
            refuse(problems_of(row, words))
            row.search_text, row.sort_key = document(row, labels), sort_key(row.name)
        for row in Place.objects.bulk_create(rows):
            written[row.code] = added[row.code] = row
        waiting = [plan for plan in waiting if plan.code not in written]
    traces = (
        audit.Trace("places.place.created", row, after=state_of(row), organisation_id=row.owner_id)
        for row in added.values()
    )
    audit.record_many(traces, actor=_ACTOR)
    return added


def _place(plan: PlannedPlace, owners: dict[str, Organisation], written: dict[str, Place]) -> Place:
    parent = written[plan.parent] if plan.parent else None
    return Place(
        code=plan.code, owner=owners[plan.owner], parent=parent, visibility=Visibility.PUBLIC.value, **plan.fields
    )


def _add_tariffs(planned: list[PlannedPlace], places: dict[str, Place]) -> int:
    tables = read_tables("tariffs")
    rows: list[tuple[Tariff, list[str]]] = []
    for plan in planned:
        if plan.tariff:
            rows += _tariffs(places[plan.code], dict(tables[plan.tariff]))
    for row, extras in rows:
        check_tariff(row, [EXTRAS[code] for code in extras])
    Tariff.objects.bulk_create(row for row, _ in rows)
    TariffExtra.objects.bulk_create(
        TariffExtra(tariff=row, code=code, label=e.label, label_en=e.label_en, unit=e.unit, unit_fen=e.unit_fen)
        for row, extras in rows
        for code in extras
        for e in [EXTRAS[code]]
    )
    traces = (
        audit.Trace("places.tariff.published", row.place, after={"tariff": state}, organisation_id=row.place.owner_id)
        for row, extras in rows
        for state in [{**_state(row), "extras": extras}]
    )
    audit.record_many(traces, actor=_ACTOR)
    return len(rows)


def _state(row: Tariff) -> dict[str, Any]:
    row._prefetched_objects_cache = {"extras": []}  # type: ignore[attr-defined]
    return tariff_state(row)


def _tariffs(place: Place, table: dict[str, Any]) -> list[tuple[Tariff, list[str]]]:
    """The tariff in force and, where the file tells of an earlier one, that too."""
    earlier, extras = table.pop("earlier", None), table.pop("extras", [])
    fields = {"standing": Standing.SAMPLE.value, "note": SAMPLE_TARIFF_NOTE, **table}
    if not table.get("is_free"):
        fields["cancellation"] = CANCELLATION
    now = tariff_from(place, SECOND_DAY if earlier else FIRST_DAY, fields)  # type: ignore[arg-type]
    if earlier is None:
        return [(now, extras)]
    before = tariff_from(place, FIRST_DAY, {**fields, **earlier})  # type: ignore[typeddict-item]
    before.valid_to = SECOND_DAY
    return [(before, extras), (now, extras)]


def _join_parts(planned: list[PlannedPlace], places: dict[str, Place]) -> None:
    for plan in planned:
        if plan.parts:
            row = places[plan.code]
            write_parts(row, [places[code] for code in plan.parts])
            after = {"parts": part_codes(row)}
            audit.record("places.parts.changed", row, actor=_ACTOR, after=after, organisation_id=row.owner_id)


def _add_calendars(planned: list[PlannedPlace], places: dict[str, Place]) -> None:
    tables = read_tables("hours")
    for plan in planned:
        if plan.hours:
            table, place_id = tables[plan.hours], places[plan.code].pk
            opens, closes = table["minutes"]
            rules = [WeeklyRule(weekday, opens, closes) for weekday in table["weekdays"]]
            services.set_opening_rules(actor=_ACTOR, place_id=place_id, rules=rules)
            closed = {date.fromisoformat(day): table["closed_reason"] for day in table.get("closed", ())}
            services.set_closed_days(actor=_ACTOR, place_id=place_id, days=closed)
        if plan.code in _BLOCKED:
            days, reason = _BLOCKED[plan.code]
            start = clock.at_local_midnight(clock.today() + timedelta(days=days))
            span = Span(start + timedelta(hours=8), start + timedelta(hours=20))
            services.add_blocking(
                actor=_ACTOR,
                place_id=places[plan.code].pk,
                span=span,
                reason=f"样例：{reason}",
                override_roles=[Role.KEEPER.value],
            )


def _add_contacts(planned: list[PlannedPlace], places: dict[str, Place]) -> None:
    for plan in planned:
        if not plan.parent and plan.fields["standing"] == Standing.SAMPLE:
            services.add_contact(
                actor=_ACTOR,
                place_id=places[plan.code].pk,
                name="样例联系人",
                duty="场地对接（样例）",
                phone="0519-00000000",
            )


def _add_pictures(planned: list[PlannedPlace], places: dict[str, Place]) -> int:
    """A drawn picture for every sample place that is booked by itself, in one round trip."""
    chosen = [plan for plan in planned if plan.has_photo]
    photos = [_picture(places[plan.code], plan.fields["categories"][0]) for plan in chosen]
    Photo.objects.bulk_create(photos)
    traces = (
        audit.Trace("places.photo.added", row.place, None, {"photo": audit.snapshot(row)}, row.place.owner_id)
        for row in photos
    )
    audit.record_many(traces, actor=_ACTOR)
    return len(photos)


def _picture(place: Place, category: str) -> Photo:
    picture = keep_drawing(draw_scene(place.name, category))
    photo = Photo(place=place, caption=f"样例图片：{place.name}"[:LONGEST_CAPTION], position=1)
    photo.width, photo.height, photo.sha256 = picture.width, picture.height, picture.sha256
    store_files(photo, picture)
    return photo
