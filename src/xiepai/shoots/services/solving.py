"""Solves: asked for by a person, worked by a job on any worker, followed and stopped by a page, then laid on the board.

Always: one solve of a plan at a time; the page reads rows a worker writes at most every half second; a worker that was
killed leaves a row its job takes up again, at most three times. Never: an answer laid over a board that was changed
meanwhile (it waits, and becomes a scenario of its own on a press); a solver inside a transaction.
"""

from __future__ import annotations

import time as wall
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, time
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.utils.translation import gettext as _

from xiepai.kernel import audit, clock
from xiepai.kernel.errors import ErrorCode, XiepaiError, not_found
from xiepai.kernel.jobs import enqueue
from xiepai.parties.access import Actor, actor_of
from xiepai.parties.models import Person
from xiepai.planning import shoot
from xiepai.planning.shoot import words
from xiepai.planning.shoot.conflicts import Reason, conflict
from xiepai.planning.shoot.explaining import one_more_day
from xiepai.shoots import access, reckoning
from xiepai.shoots.models import Plan, Solve, SolveKind, SolveState, StripKind
from xiepai.shoots.problems import Asked, Board, place_id_of, problem_of, read_board
from xiepai.shoots.services import boards
from xiepai.shoots.setting_up import setting, wish_key

SECONDS = (5, 10, 30, 60, 120, 300)
MOST_ROUNDS = 1_000_000
MOST_SEED = 2**31 - 1
WRITE_EVERY = 0.5
MOST_POINTS = 240
MOST_ATTEMPTS = 3
ALIVE = (SolveState.QUEUED, SolveState.RUNNING, SolveState.STOPPING)
_LOCK = 7_150_000_000


def ask(
    *,
    actor: Actor,
    plan_id: int,
    revision: int,
    seconds: int = 30,
    seed: int = 1,
    rounds: int | None = None,
    kind: SolveKind = SolveKind.PLAN,
) -> Solve:
    """Ask for a plan (or for what a further day would buy); *rounds* count the work instead of *seconds*.

    Raises ``INVALID``, ``CONFLICT``, ``WRONG_STATE``.
    """
    if rounds is not None and not 1 <= rounds <= MOST_ROUNDS:
        raise XiepaiError(ErrorCode.INVALID, detail=_("轮数须为 1 至 {most}。").format(most=MOST_ROUNDS))
    if not 0 <= seed <= MOST_SEED:
        raise XiepaiError(ErrorCode.INVALID, detail=_("种子须为 0 至 {most}。").format(most=MOST_SEED))
    if not 1 <= seconds <= SECONDS[-1]:
        raise XiepaiError(ErrorCode.INVALID, detail=_("限时须为 1 至 {most} 秒。").format(most=SECONDS[-1]))
    with transaction.atomic():
        plan = boards.editable(actor, plan_id, revision)
        if not plan.strips.filter(kind=StripKind.SCENE).exists():
            raise XiepaiError(ErrorCode.INVALID, detail=_("还没有场次：先在场景表里采用剧本。"))
        solve = Solve(plan=plan, plan_revision=plan.revision, seconds=seconds, seed=seed, rounds=rounds)
        solve.kind = kind.value
        solve.asked_by_id = actor.person_id
        try:
            with transaction.atomic():
                solve.save()
        except IntegrityError as error:
            raise XiepaiError(ErrorCode.INVALID, detail=_("这个计划正在求解，请先等它结束或停止。")) from error
        owner = plan.work.organisation_id
        after = {"solve": solve.pk, "seconds": seconds, "kind": kind.value}
        audit.record("shoots.solve.asked", plan, actor=actor, after=after, organisation_id=owner)
        enqueue("shoots.solve", queue="shoots", solve_id=solve.pk)
    return solve


def stop(*, actor: Actor, solve_id: int) -> Solve:
    """End a solve with the best it has; one that was never taken up ends at once."""
    with transaction.atomic():
        solve = _locked(actor, solve_id)
        if solve.state == SolveState.QUEUED:
            solve.state, solve.ended_at, solve.message = SolveState.DONE.value, clock.now(), "stopped"
        elif solve.state == SolveState.RUNNING:
            solve.state = SolveState.STOPPING.value
        solve.save(update_fields=["state", "ended_at", "message"])
        owner = solve.plan.work.organisation_id
        after = {"solve": solve.pk}
        audit.record("shoots.solve.stopped", solve.plan, actor=actor, after=after, organisation_id=owner)
    return solve


def take(*, actor: Actor, solve_id: int) -> Plan:
    """Lay an answer out: on its plan while that is unchanged, else as a scenario beside it."""
    with transaction.atomic():
        solve = _locked(actor, solve_id)
        if not solve.result.get("placements"):
            raise XiepaiError(ErrorCode.INVALID, detail=_("这次求解没有得到计划。"))
        plan = solve.plan
        if plan.revision != solve.plan_revision:
            plan = boards.copy_plan(actor=actor, plan_id=plan.pk, name=_("{name} 求解").format(name=plan.name))
        _lay(actor, plan, solve)
        solve.result = {**solve.result, "taken_by": plan.pk}
        solve.save(update_fields=["result"])
    return plan


def work_solve(solve_id: int) -> None:
    """The job. A second worker that is given the same solve leaves it to the first."""
    with _alone(solve_id) as is_mine:
        solve = _begun(solve_id) if is_mine else None
        if solve is None:
            return
        try:
            _search(solve)
        except Exception as error:
            Solve.objects.filter(pk=solve_id).update(
                state=SolveState.FAILED, ended_at=clock.now(), message=str(error)[:400]
            )
            raise
        _finish(solve)


def _search(solve: Solve) -> None:
    board = read_board(solve.plan)
    asked = problem_of(board, solving=True)
    writer = _Writer(solve)
    limits = shoot.Limits(seconds=float(solve.seconds), rounds=solve.rounds)
    start = start_of(board, asked)
    if solve.kind == SolveKind.ONE_MORE_DAY:
        result = _compare(asked, start, solve)
    else:
        result = shoot.solve(
            asked.problem, limits=limits, seed=solve.seed, start=start, on_progress=writer.hear,
            should_stop=writer.should_stop,
        )  # fmt: skip
        solve.result = _kept(asked, result)
        writer.point(result.seconds, result.cost_fen, result.bound_fen, len(result.violations))
    solve.status, solve.best_fen, solve.bound_fen = result.status.value, result.cost_fen, result.bound_fen
    solve.progress = writer.points
    solve.message = "stopped" if writer.is_stopped else ""


def _compare(asked: Asked, start: shoot.Plan | None, solve: Solve) -> shoot.Result:
    """Half the time for the days at hand, half for one more; counted rounds for each."""
    limits = shoot.Limits(seconds=max(1.0, solve.seconds / 2), rounds=solve.rounds)
    before = shoot.solve(asked.problem, limits=limits, seed=solve.seed, start=start)
    compared = one_more_day(asked.problem, before, limits=limits, seed=solve.seed)
    after = compared.after
    solve.result = {
        "before_fen": before.cost_fen,
        "after_fen": after.cost_fen,
        "before_status": before.status.value,
        "after_status": after.status.value,
        "more": compared.more,
        "engine": after.engine,
        "rounds": before.rounds + after.rounds,
    }
    return after


def _kept(asked: Asked, result: shoot.Result) -> dict[str, Any]:
    rows = result.plan.placements if result.plan is not None else ()
    dates = [day.date.isoformat() for day in asked.problem.days]
    kept: dict[str, Any] = {
        "placements": [[dates[each.day], int(each.unit), each.start, int(each.scene), each.place] for each in rows],
        "terms": result.terms,
        "bound_terms": result.bound_terms,
        "engine": result.engine,
        "rounds": result.rounds,
        "violations": [_said(asked, each) for each in result.violations if isinstance(each, shoot.Violation)],
    }
    if result.status is shoot.Status.INFEASIBLE:
        kept["locked_days"] = sum(bool(day.locked) for day in asked.problem.days)
        reasons = conflict(asked.problem)
        kept["is_unnamed"] = reasons is None  # proven by sums no few wishes stand for
        kept["reasons"] = [_reason(asked, each) for each in reasons or ()]
    return kept


def _said(asked: Asked, violation: shoot.Violation) -> dict[str, str]:
    spoken = reckoning.named(asked, violation)
    return {lang: words.violation(asked.problem, spoken, lang) for lang in ("zh", "en")}


def _reason(asked: Asked, reason: Reason) -> dict[str, Any]:
    units = reckoning.unit_names(asked)
    subject = units.get(reason.subject, reason.subject) if reason.kind.value.startswith("unit") else reason.subject
    spoken = replace(
        reason,
        scenes=tuple(asked.names.get(each, each) for each in reason.scenes),
        subject=asked.names.get(subject, subject),
        about=asked.names.get(reason.about, reason.about),
    )
    said = {lang: words.reason(spoken, lang) for lang in ("zh", "en")}
    key = wish_key(reason.subject, reason.scenes, reason.dates, reason.about)
    return {"kind": reason.kind.value, "subject": reason.subject, "scenes": list(reason.scenes), "key": key, **said}


def start_of(board: Board, asked: Asked) -> shoot.Plan | None:
    """The board as it stands, as the plan to better; None while nothing is placed."""
    reckoning.lay_out(board, asked)
    fixed = {each.scene: each for each in asked.problem.fixed}
    found = [fixed.get(each.scene, each) for each in reckoning.placements(board, asked)]
    kept = [each for each in found if each.scene in fixed or not asked.problem.days[each.day].holds(each.unit)]
    return shoot.Plan.of(kept) if kept else None


def _begun(solve_id: int) -> Solve | None:
    """The solve, now running; None when there is nothing to do, failed when it was taken up too often."""
    with transaction.atomic():
        found = Solve.objects.select_for_update(of=("self",)).select_related("plan__work").filter(pk=solve_id).first()
        if found is None or found.state not in ALIVE:
            return None
        found.attempts += 1
        found.started_at = found.started_at or clock.now()
        if found.attempts > MOST_ATTEMPTS:
            found.state, found.ended_at, found.message = SolveState.FAILED.value, clock.now(), "worker"
        elif found.state == SolveState.QUEUED:
            found.state = SolveState.RUNNING.value
        found.save()
    return None if found.state == SolveState.FAILED else found


def _finish(solve: Solve) -> None:
    """Write the answer down; lay it on the board when nobody changed that meanwhile."""
    solve.state, solve.ended_at = SolveState.DONE.value, clock.now()
    solve.save(update_fields=["status", "best_fen", "bound_fen", "progress", "result", "message", "ended_at"])
    person = Person.objects.filter(pk=solve.asked_by_id or 0, is_active=True).first()
    try:
        is_answer = solve.kind == SolveKind.PLAN and solve.status in {"optimal", "feasible"}
        if is_answer and person is not None:
            with transaction.atomic():
                _lay(actor_of(person), solve.plan, solve, revision=solve.plan_revision)
                solve.result = {**solve.result, "taken_by": solve.plan_id}
    except XiepaiError:
        pass  # changed meanwhile, archived, or no longer theirs: the answer waits for a press
    solve.save(update_fields=["state", "result"])


def _lay(actor: Actor, plan: Plan, solve: Solve, revision: int | None = None) -> None:
    days = {(day.day.isoformat(), day.unit): day for day in plan.days.all()}
    calls: dict[tuple[date, int], time] = {}
    spots, position = [], 0
    setup = int(setting(plan.settings, "setup_minutes"))
    for day, unit, start, scene, place in sorted(solve.result["placements"]):
        if (day, unit) not in days:
            continue
        key = (days[day, unit].day, unit)
        begins = min(1439, max(0, start - setup))
        calls.setdefault(key, time(begins // 60, begins % 60))
        spots.append(boards.Spot(scene, key[0], unit, position, place_id_of(place), start))
        position += 1
    boards.apply_spots(
        actor=actor,
        plan_id=plan.pk,
        revision=plan.revision if revision is None else revision,
        spots=spots,
        what=_("采用求解结果"),
        calls=calls,
    )


class _Writer:
    """Tells the row how the search goes, and the search whether the row says stop."""

    def __init__(self, solve: Solve) -> None:
        self.pk, self.points = solve.pk, list(solve.progress)
        self.offset = float(self.points[-1][0]) if self.points else 0.0
        self.wrote = self.asked = 0.0
        self.is_stopped = solve.state == SolveState.STOPPING

    def hear(self, progress: shoot.Progress) -> bool:
        """Note an event; write at most every half second."""
        if wall.monotonic() - self.wrote >= WRITE_EVERY:
            self.point(progress.seconds, progress.cost_fen, progress.bound_fen, progress.violations)
            Solve.objects.filter(pk=self.pk).update(
                progress=self.points, best_fen=progress.cost_fen, bound_fen=progress.bound_fen
            )
            self.wrote = wall.monotonic()
        return True

    def point(self, seconds: float, best: int | None, bound: int, violations: int) -> None:
        """One point of the curve; when there are many, every second one goes."""
        self.points.append([round(self.offset + seconds, 2), best, bound, violations])
        if len(self.points) > MOST_POINTS:
            self.points = self.points[::2]

    def should_stop(self) -> bool:
        """Whether somebody pressed stop (asked at most every half second)."""
        if not self.is_stopped and wall.monotonic() - self.asked >= WRITE_EVERY:
            self.asked = wall.monotonic()
            self.is_stopped = not Solve.objects.filter(pk=self.pk, state=SolveState.RUNNING).exists()
        return self.is_stopped


@contextmanager
def _alone(solve_id: int) -> Iterator[bool]:
    """Whether no other worker is at this solve; its death lets go of the lock."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [_LOCK + solve_id])
        (is_mine,) = cursor.fetchone() or (False,)
    try:
        yield bool(is_mine)
    finally:
        if is_mine:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [_LOCK + solve_id])


def _locked(actor: Actor, solve_id: int) -> Solve:
    plan_id = Solve.objects.filter(pk=solve_id).values_list("plan_id", flat=True).first()
    if plan_id is None:
        raise not_found()
    plan = access.locked_plan(actor, plan_id)
    solve = Solve.objects.select_for_update(of=("self",)).get(pk=solve_id)
    solve.plan = plan
    return solve
