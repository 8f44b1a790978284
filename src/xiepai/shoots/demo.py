"""The demo's sample drama from script to call sheet, through the services: read, cast, planned, booked, called.

May be run again: a work that has a plan is left as it is. Refused: a city without the sample work gets nothing. Fees,
the price of the crew's day and which sets are wished are samples, as the work itself is.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import date, timedelta

from django.utils import translation

from xiepai.bookings.matching.finding import Finder
from xiepai.kernel import audit, clock
from xiepai.kernel.errors import XiepaiError
from xiepai.parties.access import Actor
from xiepai.parties.models import Role
from xiepai.productions.models import Work, WorkStanding
from xiepai.shoots.models import CastRole, Plan, RoleKind, StoryPlace, StripKind
from xiepai.shoots.services import boards, breakdown, plan_bookings, scenarios, scripts, sheets, solving
from xiepai.shoots.suggesting import suggestions

TITLE = "湖畔来信"
DAYS = 5
SECONDS = 8
#: Sample fees a day in fen.
FEES = {RoleKind.LEAD: 300_000, RoleKind.SUPPORTING: 120_000, RoleKind.GUEST: 40_000}
SETTINGS = {"call_at": "06:00", "crew_day_fen": 1_200_000, "overtime_fen": 150_000, "second_place_fen": 20_000}
CHILDREN = ("小豆子",)
WISHED = 2


def load_plan(data: bytes, file_name: str, *, say: Callable[[str], object] | None = None) -> Plan | None:
    """Take the sample script all the way; the plan, or None where there is nothing to do it for."""
    work = Work.objects.filter(title=TITLE, standing=WorkStanding.SAMPLE).select_related("organisation").first()
    if work is None:
        return None
    known = Plan.objects.filter(work=work).order_by("pk").first()
    if known is not None:
        return known
    actor = Actor(None, work.organisation.name, frozenset({(work.organisation_id, str(Role.PRODUCER))}))
    with audit.origin_is("command"), translation.override("zh-hans"):
        script = scripts.import_script(actor=actor, work_id=work.pk, data=data, file_name=file_name)
        scripts.confirm(actor=actor, script_id=script.pk)
        _cast(actor, work)
        _places(actor, work)
        plan = _plan(actor, work)
        _solve(actor, plan)
        plan = scenarios.activate(actor=actor, plan_id=plan.pk)
        _book(actor, plan, say)
        _call(actor, plan)
    return Plan.objects.get(pk=plan.pk)


def _cast(actor: Actor, work: Work) -> None:
    for role in CastRole.objects.filter(work=work):
        kind = RoleKind(role.kind)
        is_minor = role.is_minor or any(name in role.name for name in CHILDREN)
        breakdown.edit_role(
            actor=actor, role_id=role.pk, name=role.name, kind=kind, daily_fee_fen=FEES[kind], is_minor=is_minor
        )


def _places(actor: Actor, work: Work) -> None:
    finder = Finder(actor)
    for story_place in StoryPlace.objects.filter(work=work):
        found = suggestions(actor, story_place, finder)[:WISHED]
        if found:
            breakdown.put_forward(actor=actor, story_place_id=story_place.pk, place_ids=[place.pk for place in found])


def _plan(actor: Actor, work: Work) -> Plan:
    first: date = max(work.shooting_from or clock.today(), clock.today() + timedelta(days=1))
    plan = boards.create_plan(
        actor=actor, work_id=work.pk, name="方案一", first_day=first, last_day=first + timedelta(days=DAYS - 1)
    )
    plan = boards.edit_settings(actor=actor, plan_id=plan.pk, revision=plan.revision, settings=SETTINGS)
    for day in plan.days.all():
        plan = boards.add_banner(
            actor=actor, plan_id=plan.pk, revision=plan.revision, plan_day_id=day.pk, text="午餐", is_meal=True
        )
    return plan


def _solve(actor: Actor, plan: Plan) -> None:
    solve = solving.ask(actor=actor, plan_id=plan.pk, revision=plan.revision, seconds=SECONDS)
    solving.work_solve(solve.pk)
    solving.take(actor=actor, solve_id=solve.pk)
    plan = Plan.objects.get(pk=plan.pk)
    for meal in plan.strips.filter(kind=StripKind.MEAL).exclude(plan_day__strips__kind=StripKind.SCENE):
        plan = boards.remove_banner(actor=actor, plan_id=plan.pk, revision=plan.revision, strip_id=meal.pk)


def _book(actor: Actor, plan: Plan, say: Callable[[str], object] | None) -> None:
    plan = Plan.objects.get(pk=plan.pk)
    total = plan_bookings.total_fen(plan_bookings.place_days(plan))
    try:
        plan_bookings.book(actor=actor, plan_id=plan.pk, revision=plan.revision, expected_fen=total)
    except XiepaiError as refusal:  # another shoot stands in the way: the plan is there, its sets are not
        if say:
            say(str(refusal))


def _call(actor: Actor, plan: Plan) -> None:
    used = plan.days.filter(strips__scene__isnull=False).order_by("day", "unit").first()
    with suppress(XiepaiError):
        if used is not None:
            sheet = sheets.draft_sheet(actor=actor, plan_id=plan.pk, day=used.day, unit=used.unit)
            sheets.send_sheet(actor=actor, sheet_id=sheet.pk)
