"""A stripboard of a whole drama on the server: what a move takes until the board stands reckoned, and the page.

240 scenes of the made-up drama of ``plan_shoot.py`` (30 roles, 25 sets, 6 days, 2 units) in a database of their own
with places, opening hours and tariffs; every scene placed, by set, so that there are flags to find. Times are medians
in this process: the service alone, the browser's press through every middleware with the board it brings, the page.
"""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import _dramas
import _walk
from pages import fresh, start_server
from report import Report, options

TIMES = 15
PLACES = 70


def make_board(url: str, scenes: int) -> tuple[Any, Any]:
    """A work with so many scenes and a plan of six days and two units, filled; the person who plans, the plan."""
    import django
    import psycopg
    from django.core.management import call_command

    from xiepai.config import boot

    django.setup()
    boot.collect_static()
    call_command("migrate", verbosity=0)
    from _city import make_city

    with psycopg.connect(url) as direct:
        make_city(direct, places=PLACES, bookings=0)
    from django.db import transaction

    with transaction.atomic():
        person, actor, work = _work()
        _breakdown(work, scenes)
    return person, _plan(actor, work)


def _work() -> tuple[Any, Any, Any]:
    from xiepai.kernel import audit
    from xiepai.parties.access import Actor, system
    from xiepai.parties.models import Membership, OrganisationKind, Person, Role
    from xiepai.parties.services import create_organisation
    from xiepai.productions.services import declare_work

    crew = create_organisation(actor=system(), kind=OrganisationKind.CREW, name="bench crew", standing="sample")
    person = Person.objects.create_user("bench@example.org", None, name="bench")
    member = Membership.objects.create(person=person, organisation=crew, role=Role.SCHEDULER)
    audit.record("parties.member.added", member, actor=system())
    actor = Actor(person.pk, person.name, frozenset({(crew.pk, str(Role.SCHEDULER)), (crew.pk, str(Role.PRODUCER))}))
    return person, actor, declare_work(actor=actor, organisation_id=crew.pk, title="bench drama")


def _breakdown(work: Any, scenes: int) -> None:
    from xiepai.kernel import audit
    from xiepai.parties.access import system
    from xiepai.places.models import Place
    from xiepai.shoots.models import Candidate, CastRole, Scene, StoryPlace

    drama = _dramas.drama(scenes)
    sets = list(Place.objects.filter(kind="set", is_bookable=True).order_by("pk")[: len(drama.places)])
    roles = {}
    for each in drama.people:
        roles[each.id] = CastRole.objects.create(work=work, name=each.id, daily_fee_fen=each.day_fen)
    stories = {}
    for place, real in zip(drama.places, sets, strict=True):
        stories[place.id] = StoryPlace.objects.create(work=work, name=place.id, levels=[place.id])
        Candidate.objects.create(story_place=stories[place.id], place=real, is_chosen=True)
    for number, each in enumerate(drama.scenes):
        row = Scene.objects.create(
            work=work, episode=each.episode, number=str(number), position=number, minutes=each.minutes,
            eighths=max(1, each.eighths), story_place=stories[each.candidates[0].place], synopsis="某处发生某事。",
            time_of_day=each.light.value if each.light.value != "any" else "unknown",
            inside_outside="outside" if each.is_outside else "inside", crowd=sum(one.heads for one in each.crowd),
        )  # fmt: skip
        row.roles.set([roles[part.person] for part in each.cast])
    audit.record("shoots.script.confirmed", row, actor=system())


def _plan(actor: Any, work: Any) -> Any:
    from xiepai.kernel import clock
    from xiepai.shoots.models import Plan
    from xiepai.shoots.services import boards

    first = clock.today() + timedelta(days=7)
    plan = boards.create_plan(
        actor=actor, work_id=work.pk, name="bench", first_day=first, last_day=first + timedelta(days=5),
        unit_names=["A", "B"],
    )  # fmt: skip
    days = list(plan.days.all())
    strips = list(plan.strips.select_related("scene").order_by("scene__story_place_id", "position"))
    share = -(-len(strips) // len(days))
    spots = [
        boards.Spot(strip.scene_id, days[n // share].day, days[n // share].unit, n)
        for n, strip in enumerate(strips) if strip.scene_id
    ]  # fmt: skip
    boards.apply_spots(actor=actor, plan_id=plan.pk, revision=0, spots=spots, what="bench")
    return Plan.objects.get(pk=plan.pk)


@dataclass(frozen=True)
class Took:
    """Medians in milliseconds, the first time left out: by the clock, and of this process alone (no database)."""

    clock: float
    processor: float


def took(deed: Callable[[int], object]) -> Took:
    """Do it sixteen times."""
    clocks, processors = [], []
    for number in range(TIMES + 1):
        began, used = time.perf_counter(), time.process_time()
        deed(number)
        clocks.append(time.perf_counter() - began)
        processors.append(time.process_time() - used)
    return Took(1000 * statistics.median(clocks[1:]), 1000 * statistics.median(processors[1:]))


def _reckoned(plan_id: int) -> None:
    """Laid out, costed and judged, then taken back: a write without its audit row is refused."""
    from django.db import transaction

    from xiepai.shoots import reckoning
    from xiepai.shoots.models import Plan

    with transaction.atomic():
        reckoning.reckon(Plan.objects.get(pk=plan_id))
        transaction.set_rollback(True)


def measure(report: Report, person: Any, plan: Any) -> None:
    """The rows."""
    from django.test import Client

    from xiepai.parties.access import actor_of
    from xiepai.shoots.models import Plan
    from xiepai.shoots.services import boards

    actor, days = actor_of(person), list(plan.days.all())
    strip = plan.strips.filter(plan_day=days[0]).order_by("position").first()
    now = lambda: Plan.objects.get(pk=plan.pk).revision  # noqa: E731
    of = f"{plan.strips.filter(scene__isnull=False).count()} scenes, {len(plan.flags)} red flags"
    say(report, f"the board reckoned alone: {of}", took(lambda _n: _reckoned(plan.pk)))
    move = lambda n: boards.move_strips(  # noqa: E731
        actor=actor, plan_id=plan.pk, revision=now(), strip_ids=[strip.pk], plan_day_id=days[n % 2].pk
    )
    say(report, f"a move, reckoned, kept for undo and audited: {of}", took(move), goal=100)
    client = Client(headers={"host": "localhost"})
    client.force_login(person)
    fields = {"do": "drop", "dragged": strip.pk, "before": ""}
    press = lambda n: client.post(  # noqa: E731
        f"/plans/{plan.pk}/change/", {**fields, "revision": now(), "onto": days[n % 2].pk}, headers={"HX-Request": "1"}
    )
    say(report, f"a move by the browser, with the board that comes back: {of}", took(press))
    page = _walk.timed(client, "plan", f"/plans/{plan.pk}/", "scheduler")
    say(report, f"the board's page, {page.kilobytes:.0f} kB", took(lambda _n: _walk.ask(client, page.path)), goal=300)
    report.row("queries of the board's page", page.queries, "queries", "lower", goal=30)
    for name, path in (("stripboard as PDF", "board.pdf"), ("USS", "schedule.uss")):
        say(report, f"{name}: {of}", took(lambda _n, path=path: _walk.ask(client, f"/plans/{plan.pk}/tables/{path}")))


def say(report: Report, what: str, found: Took, goal: float | None = None) -> None:
    """Two rows: a busy machine shows in the first, not in the second."""
    report.row(what, found.clock, "ms", "lower", goal)
    report.row("  … of it this process", found.processor, "ms", "lower")


def main() -> None:
    """Measure and report."""
    parser = options(__doc__ or "")
    parser.add_argument("--scenes", type=int, default=240)
    asked = parser.parse_args()
    url = fresh(start_server(), "stripboard")
    os.environ["DATABASE_URL"] = url
    person, plan = make_board(url, asked.scenes)
    report = Report("plan-board", asked.output)
    report.row(f"load of the machine at the start, {os.cpu_count()} cores", os.getloadavg()[0], "processes", "lower")
    measure(report, person, plan)
    report.finish()


if __name__ == "__main__":
    main()
