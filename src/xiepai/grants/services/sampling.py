"""Which applications are audited: everything from an amount on, and of the rest a share chosen by a seed.

The choice goes by the SHA-256 of seed and number, so anybody can draw it again from what the sample keeps. What was
not chosen goes on at once. Refused: a second draw over the same applications, drawing without a name under it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from django.db import transaction
from django.utils.translation import gettext as _

from xiepai.grants import access, flow
from xiepai.grants.errors import invalid
from xiepai.grants.models import Application, ApplicationState, AuditSample, Programme, StepKind
from xiepai.grants.services.reviewing import step_forward
from xiepai.kernel import audit, clock
from xiepai.kernel.errors import not_found
from xiepai.parties.access import Actor
from xiepai.parties.rules import acting_person


def draw(population: Sequence[tuple[str, int]], *, seed: str, threshold_fen: int, percent: int) -> list[str]:
    """The numbers chosen, in order: all from the threshold on, and of the rest the share, rounded up.

    >>> rows = [("A", 100), ("B", 5), ("C", 6), ("D", 7), ("E", 8)]
    >>> draw(rows, seed="2026", threshold_fen=50, percent=50) == draw(
    ...     rows[::-1], seed="2026", threshold_fen=50, percent=50
    ... )
    True
    >>> len(draw(rows, seed="2026", threshold_fen=50, percent=50)), draw(rows, seed="x", threshold_fen=50, percent=0)
    (3, ['A'])
    """
    above = [number for number, fen in population if fen >= threshold_fen]
    below = sorted((number for number, fen in population if fen < threshold_fen), key=lambda each: _lot(seed, each))
    return sorted(above + below[: -(-len(below) * percent // 100)])


def _lot(seed: str, number: str) -> str:
    return hashlib.sha256(f"{seed}\n{number}".encode()).hexdigest()


def waiting_for_sample(actor: Actor, programme: Programme) -> list[Application]:
    """What stands in the audit step and is in no sample yet."""
    rows = access.visible_applications(actor).filter(
        programme=programme, state=ApplicationState.IN_REVIEW, step__kind=StepKind.AUDIT
    )
    drawn = {number for sample in programme.samples.all() for number, _fen in sample.population}
    rows = rows.select_related("organisation", "work", "version__programme", "step", "programme").order_by("id")
    return [row for row in rows if row.number not in drawn]


def draw_sample(*, actor: Actor, programme_id: int, seed: str, threshold_fen: int, percent: int) -> AuditSample:
    """Draw over what waits; those not chosen go on to the next step."""
    acting_person(actor)
    access.require_reader(actor)
    if not seed.strip():
        raise invalid(_("请写种子；同一种子抽出同样的结果。"))
    if not 0 <= percent <= 100 or threshold_fen < 0:
        raise invalid(_("比例须在 0 与 100 之间，金额不能为负。"))
    with transaction.atomic():
        programme = Programme.objects.select_for_update().filter(pk=programme_id).first()
        if programme is None:
            raise not_found()
        flow.require_role(actor, flow.step_of_kind(programme, StepKind.AUDIT))
        rows = [flow.locked(actor, row.pk) for row in waiting_for_sample(actor, programme)]
        if not rows:
            raise invalid(_("没有等待抽样的申报。"))
        population = [(row.number, row.asked_fen) for row in rows]
        chosen = draw(population, seed=seed.strip(), threshold_fen=threshold_fen, percent=percent)
        sample = AuditSample.objects.create(
            programme=programme, seed=seed.strip()[:80], threshold_fen=threshold_fen, percent=percent,
            population=[list(each) for each in population], chosen=chosen, drawn_by_id=actor.person_id,
            drawn_at=clock.now(),
        )  # fmt: skip
        audit.record("grants.sample.drawn", sample, actor=actor)
        for row in rows:
            if row.number not in chosen:
                step_forward(row, actor, _("审计抽样未抽中"))
    return sample


def is_reproducible(sample: AuditSample) -> bool:
    """Whether the same draw over what the sample kept chooses the same."""
    population = [(str(number), int(fen)) for number, fen in sample.population]
    again = draw(population, seed=sample.seed, threshold_fen=sample.threshold_fen, percent=sample.percent)
    return again == list(sample.chosen)
