"""The ground of the booking benchmarks: a durable private server, migrated, with places made by the services.

Ten sites of two buildings and thirty sets each (exclusive, a third with buffers), six counted resources beside
them, hours from 6:00 to midnight on the site, one crew with one actor and one API token. Everything is ``sample``.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import psycopg

from report import FOLDER

SITES, BUILDINGS, SETS, RESOURCES = 10, 2, 15, 6
CAPACITY = 40
AHEAD_DAYS = 700
OPENS, CLOSES = 6, 24
#: The audit trail stays; nothing may empty it.
EMPTY = "SET session_replication_role = replica; TRUNCATE bookings_occupancy, bookings_booking, bookings_bundle CASCADE"
PAST = """
INSERT INTO bookings_booking (place_id, organisation_id, title, note, state, pencil, period, buffer_before_minutes,
  buffer_after_minutes, units, overrides_blocking, price_fen, deposit_fen, quote, reminders_sent, decision_note)
SELECT p.id, p.owner_id, '', '', 'settled', 1, tstzrange(d, d + interval '8 hours'), 0, 0, 1, false, 0, 0, '[]', 0, ''
FROM places_place p, generate_series(now() - interval '3 years', now() - interval '1 day', interval '15 days') d
WHERE p.kind = 'set';
INSERT INTO bookings_occupancy (leaf_id, booking_id, period, ahead, behind, lane, is_counted, units)
SELECT place_id, id, period, period, period, int8range(1, NULL), false, 1 FROM bookings_booking;
"""


@dataclass(frozen=True)
class Ground:
    """What a client needs to know; plain values, so that it travels to other processes."""

    url: str
    home: str
    crew_id: int
    person_id: int
    token: str
    sets: tuple[int, ...]
    resources: tuple[int, ...]
    buildings: tuple[int, ...]
    sites: tuple[int, ...]
    sets_of: dict[int, tuple[int, ...]]
    midnight: datetime

    def hour(self, number: int) -> datetime:
        """The instant so many hours after the first midnight."""
        return self.midnight + timedelta(hours=number)


def start_server(folder: str) -> Any:
    """The benchmark's own server under ``build/bench``, fsync on; Django is set up on it."""
    from xiepai.config.postgres import ensure_running

    home = FOLDER / folder
    server = ensure_running(home, durable=True, database="bookings")
    use_django(server.url, str(home))
    return server


def use_django(url: str, home: str) -> None:
    """Point this process's Django at the benchmark's database."""
    os.environ |= {"DATABASE_URL": url, "XIEPAI_HOME": home, "DJANGO_SETTINGS_MODULE": "xiepai.config.settings"}
    import django

    django.setup()


def fresh_database(server: Any) -> None:
    """An empty, migrated database: benchmarks must meet the SQL of this checkout."""
    from django.core.management import call_command
    from django.db import connection

    with psycopg.connect(server.url.replace("/bookings?", "/postgres?", 1), autocommit=True) as admin:
        durable = admin.execute("SELECT current_setting('fsync'), current_setting('synchronous_commit')").fetchone()
        if durable != ("on", "on"):
            raise SystemExit(f"the benchmark's server must be durable, not {durable}")
        admin.execute("DROP DATABASE IF EXISTS bookings WITH (FORCE)")
        admin.execute("CREATE DATABASE bookings")
    connection.close()
    call_command("migrate", verbosity=0)


def make_ground(server: Any) -> Ground:
    """Places, crew and token; some seconds."""
    from django.db import transaction

    from xiepai.kernel import clock

    with transaction.atomic():
        crew, person, token = _make_crew()
        sites, buildings, sets, resources, sets_of = _make_places()
    with psycopg.connect(server.url, autocommit=True) as direct:
        direct.execute(
            "CREATE TABLE bare (place_id bigint, period tstzrange,"
            " EXCLUDE USING gist (place_id WITH =, period WITH &&))"
        )
        direct.execute("VACUUM ANALYZE")
    return Ground(
        url=server.url,
        home=os.environ["XIEPAI_HOME"],
        crew_id=crew,
        person_id=person,
        token=token,
        sets=tuple(sets),
        resources=tuple(resources),
        buildings=tuple(buildings),
        sites=tuple(sites),
        sets_of={building: tuple(ids) for building, ids in sets_of.items()},
        midnight=clock.at_local_midnight(clock.today() + timedelta(days=2)),
    )


def _make_crew() -> tuple[int, int, str]:
    from xiepai.kernel import audit
    from xiepai.parties.access import actor_of, system
    from xiepai.parties.models import Membership, OrganisationKind, Person, Role
    from xiepai.parties.services import create_organisation
    from xiepai.parties.tokens import create_token

    crew = create_organisation(actor=system(), kind=OrganisationKind.CREW, name="bench crew", standing="sample")
    person = Person.objects.create_user("bench@example.org", None, name="bench")
    member = Membership.objects.create(person=person, organisation=crew, role=Role.PRODUCER)
    audit.record("parties.member.added", member, actor=system())
    issued = create_token(actor=actor_of(person), organisation_id=crew.pk, name="bench", roles=[Role.PRODUCER])
    return crew.pk, person.pk, issued.secret


def _make_places() -> tuple[list[int], list[int], list[int], list[int], dict[int, list[int]]]:
    from xiepai.parties.access import system
    from xiepai.parties.models import OrganisationKind
    from xiepai.parties.services import create_organisation
    from xiepai.places.models import PlaceKind, Visibility, Vocabulary
    from xiepai.places.services import add_term, create_place, publish_tariff, set_opening_rules
    from xiepai.worktime.opening import WeeklyRule

    add_term(actor=system(), vocabulary=Vocabulary.TOWN, code="bench", zh="样例镇", en="Sample town")
    add_term(actor=system(), vocabulary=Vocabulary.CATEGORY, code="bench", zh="样例", en="Sample")
    base = create_organisation(actor=system(), kind=OrganisationKind.BASE, name="bench base", standing="sample")

    def make(kind: str, parent: int | None, number: int, **fields: Any) -> int:
        place = create_place(
            actor=system(), owner_id=base.pk, parent_id=parent, visibility=Visibility.PUBLIC, kind=kind,
            name=f"样例{kind}{number}", town="bench", categories=["bench"], standing="sample",
            ahead_days=AHEAD_DAYS + 30,
            **fields,
        )  # fmt: skip
        publish_tariff(
            actor=system(), place_id=place.pk, valid_from=date(2020, 1, 1), hour_fen=30_000, day_fen=300_000,
            night_fen=10_000, deposit_fen=100_000,
        )  # fmt: skip
        return place.pk

    sites, buildings, sets, resources, sets_of = [], [], [], [], {}
    for _ in range(SITES):
        sites.append(site := make(PlaceKind.SITE, None, len(sites)))
        hours = [WeeklyRule(weekday, OPENS * 60, CLOSES * 60) for weekday in range(7)]
        set_opening_rules(actor=system(), place_id=site, rules=hours)
        for _ in range(BUILDINGS):
            buildings.append(building := make(PlaceKind.BUILDING, site, len(buildings)))
            sets_of[building] = [
                make(PlaceKind.SET, building, number, buffer_after_minutes=30 if number % 3 == 0 else 0)
                for number in range(SETS)
            ]
            sets += sets_of[building]
        resources += [make(PlaceKind.RESOURCE, site, n, capacity=CAPACITY) for n in range(RESOURCES)]
    return sites, buildings, sets, resources, sets_of


def empty(url: str) -> None:
    """A like start for every run: three years of settled bookings behind us, none ahead."""
    with psycopg.connect(url, autocommit=True) as direct:
        direct.execute(EMPTY)
        direct.execute("TRUNCATE bare")
        direct.execute("CHECKPOINT")  # none falls into the run, nor does the first writing of whole pages after one
        direct.execute(PAST)
        direct.execute("VACUUM ANALYZE")


def entries_of(ground: Ground) -> dict[int, tuple[str, str]]:
    """What the service sends to ``bookings_take`` for each place, with the times left open.

    Listened to at a real call that is rolled back, so that it is the same SQL whatever the service becomes.
    """
    from django.db import connection, transaction

    from xiepai.bookings.services import place_hold
    from xiepai.parties.access import Actor
    from xiepai.parties.models import Role
    from xiepai.worktime.spans import Span

    heard: list[tuple[str, str]] = []

    def listen(execute: Any, sql: str, parameters: Any, many: bool, context: Any) -> Any:
        if "bookings_take" in sql:
            heard.append(tuple(parameters))
        return execute(sql, parameters, many, context)

    actor = Actor(ground.person_id, "bench", frozenset({(ground.crew_id, str(Role.PRODUCER))}))
    span = Span(ground.hour(OPENS), ground.hour(OPENS + 2))
    entries = {}
    with transaction.atomic(), connection.execute_wrapper(listen):
        for place_id in (*ground.sets, *ground.resources):
            place_hold(actor=actor, organisation_id=ground.crew_id, place_id=place_id, span=span)
            entries[place_id] = _opened(*heard[-1])
        transaction.set_rollback(True)
    return entries


def _opened(entry: str, who: str) -> tuple[str, str]:
    (row,), caller = json.loads(entry), json.loads(who)
    row |= {"period": "«period»", "units": "«units»"}
    caller["at"] = "«at»"
    return json.dumps([row], ensure_ascii=False), json.dumps(caller, ensure_ascii=False)
