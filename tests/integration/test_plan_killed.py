"""A worker killed in the middle of a solve: another takes it up and ends it, or after three times it fails in words."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta

import pytest
from django.db import connection
from procrastinate.contrib.django.models import ProcrastinateJob
from procrastinate.exceptions import AlreadyEnqueued
from tests.drama import Drama, make_drama
from tests.integration.test_jobs import wait_until, worker

from xiepai.kernel import clock
from xiepai.kernel.tasks import retry_stalled
from xiepai.shoots.models import Plan, PlanChange, Solve, SolveState, Strip
from xiepai.shoots.services import boards, solving

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]
LONG = 300


@contextmanager
def working() -> Iterator[None]:
    """A real worker process, killed without warning at the end."""
    process = worker()
    try:
        yield
    finally:
        process.kill()
        process.wait()


def asked() -> tuple[Drama, Solve]:
    """A solve that would go on for minutes; days to come on the workers' own clock."""
    drama = make_drama(count=30)
    first = clock.today() + timedelta(days=9)
    plan = boards.create_plan(
        actor=drama.actor, work_id=drama.work.pk, name="方案一", first_day=first, last_day=first + timedelta(days=5),
        unit_names=["A组", "B组"],
    )  # fmt: skip
    return drama, solving.ask(actor=drama.actor, plan_id=plan.pk, revision=0, seconds=LONG)


def now(solve: Solve) -> Solve:
    return Solve.objects.get(pk=solve.pk)


def in_the_middle(solve: Solve, attempts: int, points: int) -> bool:
    found = now(solve)
    return found.state == SolveState.RUNNING and found.attempts == attempts and len(found.progress) > points


def minute_without_a_sign_of_life() -> None:
    """What a minute would do, without waiting for it."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_workers SET last_heartbeat = now() - interval '5 minutes'")
    with suppress(AlreadyEnqueued):
        retry_stalled.defer(timestamp=0)


def test_another_worker_takes_it_up_and_the_plan_is_laid_out_once() -> None:
    drama, solve = asked()
    with working():
        wait_until(lambda: in_the_middle(solve, 1, 0), seconds=120)
    job = ProcrastinateJob.objects.get(task_name="shoots.solve")
    assert (job.status, now(solve).state) == ("doing", SolveState.RUNNING)
    points = len(now(solve).progress)
    minute_without_a_sign_of_life()
    with working():
        wait_until(lambda: in_the_middle(solve, 2, points), seconds=180)
        solving.stop(actor=drama.actor, solve_id=solve.pk)
        wait_until(lambda: ProcrastinateJob.objects.get(pk=job.pk).status == "succeeded", seconds=60)
    solve = now(solve)
    assert (solve.state, solve.attempts) == (SolveState.DONE, 2)
    plan = Plan.objects.get(pk=solve.plan_id)
    assert (plan.revision, solve.result["taken_by"]) == (1, plan.pk)
    assert PlanChange.objects.filter(plan=plan).count() == 1
    assert Plan.objects.filter(work=plan.work_id).count() == 1
    assert not Strip.objects.filter(plan=plan, plan_day__isnull=True).exists()


def test_killed_three_times_it_fails_with_words() -> None:
    drama, solve = asked()
    Solve.objects.filter(pk=solve.pk).update(attempts=solving.MOST_ATTEMPTS - 1)  # two have died already
    with working():
        wait_until(lambda: in_the_middle(solve, solving.MOST_ATTEMPTS, 0), seconds=120)
    minute_without_a_sign_of_life()
    with working():
        wait_until(lambda: now(solve).state == SolveState.FAILED, seconds=180)
    solve = now(solve)
    assert (solve.message, solve.result) == ("worker", {})
    assert Plan.objects.get(pk=solve.plan_id).revision == 0
    solving.ask(actor=drama.actor, plan_id=solve.plan_id, revision=0, seconds=5)  # and may be asked anew
