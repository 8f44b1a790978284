"""Every page of the demo city, hot lists under load, and the board in a browser.

Server time and queries are those of a whole request through every middleware and the real templates, in this process,
median of five, for the slowest of the faces that may open the page; the pages come from the access table. Hot lists are
asked by eight kept connections of one server with two workers, against the same server answering as many bare bytes.
The board is opened in Chromium at 300 sets × 14 days × 1,500 bookings, and, as a list is, at 3,000 sets. The clients
run on the same machine as the server. The database is private, under build/bench, with fsync on.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from typing import Any

from rich.console import Console
from rich.table import Table

import _board
import _walk
import _web
from report import FOLDER, Report, options

HOME = FOLDER / "pages"
GROWTH = (300, 3_000)
SLOWEST_SHOWN = 5


def start_server() -> str:
    """The private bench server, durable; Django is set up on its database of the demo city."""
    from xiepai.config.postgres import ensure_running

    url = ensure_running(HOME, durable=True, database="demo").url
    os.environ |= {"DATABASE_URL": url, "XIEPAI_HOME": str(HOME), "DJANGO_SETTINGS_MODULE": "xiepai.config.settings"}
    return url


def fresh(url: str, name: str) -> str:
    """An empty database of that name, and its address."""
    import psycopg

    with psycopg.connect(url.replace("/demo?", "/postgres?", 1), autocommit=True) as admin:
        admin.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        admin.execute(f"CREATE DATABASE {name}")
    return url.replace("/demo?", f"/{name}?", 1)


def make_demo_city(url: str) -> None:
    """What ``make demo SERVE=0`` makes, in the bench's own database."""
    fresh(url, "demo")
    command = [sys.executable, "-m", "xiepai.config.cli", "demo"]
    subprocess.run(command, env=os.environ | {"SERVE": "0"}, check=True, stdout=subprocess.DEVNULL)
    import django
    from django.core.management import call_command

    from xiepai.config import boot

    django.setup()
    call_command("load_demo_bookings", verbosity=0)
    boot.collect_static()


def measure_pages(report: Report) -> None:
    """Each page once a face; the table of all is printed, the slowest become rows."""
    walked = _walk.walk()
    pages = sorted(walked.pages, key=lambda page: -page.milliseconds)
    _print(pages)
    report.row("pages asked for, by every face that may open them", len(pages), "pages", "higher")
    report.row("median page, server time", statistics.median(page.milliseconds for page in pages), "ms", "lower")
    for page in pages[:SLOWEST_SHOWN]:
        words = f"{page.name} as {page.face or 'nobody'}, {page.kilobytes:.0f} kB, server time"
        report.row(words, page.milliseconds, "ms", "lower", goal=300)
    most = max(pages, key=lambda page: page.queries)
    report.row(
        f"most queries a page: {most.name} as {most.face or 'nobody'}", most.queries, "queries", "lower", goal=30
    )
    print(f"  only posted to: {len(walked.posts)}; only redirecting: {', '.join(walked.redirects)}")
    print(f"  no row in the demo city opens: {', '.join(f'{n} ({s})' for n, s in walked.not_reached.items())}")
    report.row("pages no row of the demo city opens", len(walked.not_reached), "pages", "lower")


def measure_lists(report: Report, seconds: float) -> None:
    """The hot lists, each against as many bare bytes from the same kind of server in the same minute."""
    faces = {face: _cookie(_walk.person(face)) for face in ("producer", "keeper")}
    lists = [
        ("places", "/places/", ""), ("places by a word", "/places/?q=%E5%8A%9E%E5%85%AC%E5%AE%A4", ""),
        ("bookings of a crew", "/bookings/", faces["producer"]),
        ("the keeper's queue", "/office/queue/", faces["keeper"]),
    ]  # fmt: skip
    _hang_up()
    rates = {}
    with _web.serve() as port:
        for name, path, cookie in lists:
            rates[name] = _web.rate(port, path, cookie, seconds=seconds)
    with _web.serve("_bare:application", BARE_BYTES="20000") as port:
        bare = _web.rate(port, "/", "", seconds=seconds)
    for name, _path, cookie in lists:
        goal, whose = (None, "for one signed in") if cookie else (700, "for everybody")
        what = f"list: {name}, {whose}, 2 workers"
        report.row(what, rates[name], "answers/s", "higher", goal, "bare response", bare)


def measure_board(report: Report, url: str, seconds: float) -> None:
    """The board and the list of places, at 300 sets in the browser and at both sizes on the server."""
    import psycopg
    from django.core.management import call_command
    from django.db import connection

    from _city import FIRST_DAY

    for sets in GROWTH:
        address = fresh(url, f"board_{sets}")
        connection.close()
        connection.settings_dict["NAME"] = f"board_{sets}"
        call_command("migrate", verbosity=0)
        with psycopg.connect(address) as direct:
            _board.make_board_city(direct, sets)
        officer = _officer()
        path = f"/office/board/?day={FIRST_DAY:%Y-%m-%d}&days={_board.DAYS}"
        client = _walk_client(officer)
        for name, each in (("board", path), ("list of places", "/places/")):
            page = _walk.timed(client, name, each, "officer")
            words = f"{name} at {sets:,} sets, server time, {page.queries} queries"
            report.row(words, page.milliseconds, "ms", "lower", goal=300)
        cookie = _cookie(officer)
        _hang_up()
        with _web.serve(DATABASE_URL=address) as port:
            found = _board.measure_in_chromium(port, path, cookie)
        what = f"{found['rows']:.0f} rows × {_board.DAYS} days × {found['bars']:,.0f} bookings of {sets:,} sets"
        report.row(f"board, first paint: {what}", found["paint"] / 1000, "s", "lower", goal=1.0)
        report.row(f"board, every bar in its place: {what}", found["laid"] / 1000, "s", "lower", goal=1.0)
        report.row(f"board, a drag of 10 movements: {what}", found["drag"] / 1000, "s", "lower", goal=0.5)


def _officer() -> Any:
    from django.db import transaction

    from xiepai.kernel import audit
    from xiepai.parties.access import system
    from xiepai.parties.models import Membership, OrganisationKind, Person, Role
    from xiepai.parties.services import create_organisation

    with transaction.atomic():
        office = create_organisation(
            actor=system(), kind=OrganisationKind.OFFICE, name="bench office", standing="sample"
        )
        person = Person.objects.create_user("bench@example.org", None, name="bench")
        member = Membership.objects.create(person=person, organisation=office, role=Role.OFFICER)
        audit.record("parties.member.added", member, actor=system())
    return person


def _walk_client(person: Any) -> Any:
    from django.test import Client

    client = Client(headers={"host": "localhost"})
    client.force_login(person)
    _walk.ask(client, "/places/")
    return client


def _cookie(person: Any) -> str:
    from django.conf import settings

    return f"{settings.SESSION_COOKIE_NAME}={_walk_client(person).cookies[settings.SESSION_COOKIE_NAME].value}"


def _hang_up() -> None:
    from django.db import connections

    connections.close_all()


def _print(pages: list[_walk.Page]) -> None:
    table = Table("page", "slowest as", "ms", "queries", "kB", "type")
    for page in pages:
        values = f"{page.milliseconds:.1f}", str(page.queries), f"{page.kilobytes:.0f}", page.kind
        table.add_row(page.name, page.face or "nobody", *values)
    Console(width=None if sys.stdout.isatty() else 130).print(table)


def main() -> None:
    """Measure and report; a goal that is missed is shown as such."""
    parser = options(__doc__ or "")
    parser.add_argument("--seconds", type=float, default=6.0, help="how long each list is asked for")
    parser.add_argument("--only", choices=("pages", "lists", "board"), nargs="*", default=("pages", "lists", "board"))
    asked = parser.parse_args()
    report = Report("pages", asked.output)
    began = time.monotonic()
    url = start_server()
    make_demo_city(url)
    print(f"  demo city made in {time.monotonic() - began:.0f} s", flush=True)
    report.row(f"load of the machine at the start, {os.cpu_count()} cores", os.getloadavg()[0], "processes", "lower")
    if "pages" in asked.only:
        measure_pages(report)
    if "lists" in asked.only:
        measure_lists(report, asked.seconds)
    if "board" in asked.only:
        measure_board(report, url, asked.seconds)
    report.finish()


if __name__ == "__main__":
    main()
