"""Jobs: enqueued in the same transaction as the change they follow; see ``docs/jobs.md``.

Always: a task is idempotent, because a worker may die after its work and before its report. Never: a
task that holds a transaction open over the network.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from django.db import close_old_connections, connection
from procrastinate import App
from procrastinate.contrib.django import app as current_app

from xiepai.kernel import audit

P = ParamSpec("P")
R = TypeVar("R")


def on_app_ready(app: App) -> None:
    """Called once by procrastinate when Django is ready; task modules are found by import path."""


def enqueue(task: str, *, queue: str, **arguments: str | int) -> None:
    """Enqueue a task by its name, in the present transaction: a service need not know the task's module."""
    current_app.configure_task(task, queue=queue, allow_unknown=True).defer(**arguments)


def as_job(work: Callable[P, R]) -> Callable[P, R]:
    """Run a task with a fresh database connection, its writes recorded as coming from a job."""

    @wraps(work)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        _drop_dead_connections()
        try:
            with audit.origin_is("job"):
                return work(*args, **kwargs)
        finally:
            _drop_dead_connections()

    return run


def _drop_dead_connections() -> None:
    """What a request does at its ends; within a transaction (a test) the connection is in use."""
    if not connection.in_atomic_block:
        close_old_connections()
