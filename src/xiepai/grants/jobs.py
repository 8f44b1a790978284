"""Evaluations asked for by services: in the transaction of the change, once however often asked.

Refused: nothing; a job that waits already is enough, because it reads the facts when it runs.
"""

from __future__ import annotations

from django.db import transaction
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued


def evaluate_all_soon() -> None:
    """Evaluate everybody as soon as a worker is free."""
    _defer("grants.evaluate_everybody", "grants.evaluate_everybody")


def evaluate_soon(*, work_id: int | None = None, organisation_id: int | None = None) -> None:
    """Evaluate a work, or a company with all its works."""
    if work_id is not None:
        _defer("grants.evaluate_work", f"grants.work.{work_id}", work_id=work_id)
    if organisation_id is not None:
        _defer("grants.evaluate_company", f"grants.company.{organisation_id}", organisation_id=organisation_id)


def _defer(task: str, lock: str, **arguments: int) -> None:
    try:
        with transaction.atomic():  # a refusal must not spoil the caller's transaction
            app.configure_task(task, queue="grants", queueing_lock=lock, allow_unknown=True).defer(**arguments)
    except AlreadyEnqueued:
        pass
