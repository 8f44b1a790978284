"""Jobs: enqueued with the change or not at all; finished even when their worker is killed."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlencode

import pytest
from django.db import connection, transaction
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob
from procrastinate.exceptions import AlreadyEnqueued

from xiepai.kernel.tasks import retry_stalled, send_mail

CHECKOUT = Path(__file__).parents[2]


@pytest.mark.django_db(transaction=True)
def test_a_job_goes_with_its_transaction() -> None:
    with transaction.atomic():
        send_mail.defer(to=["a@example.org"], subject="s", body="b")
        transaction.set_rollback(True)
    assert not ProcrastinateJob.objects.exists()
    with transaction.atomic():
        send_mail.defer(to=["a@example.org"], subject="s", body="b")
    assert ProcrastinateJob.objects.count() == 1


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_a_killed_worker_loses_no_job(tmp_path: Path) -> None:
    marker = tmp_path / "runs"
    app.configure_task("tests.die_once", queue="tests", allow_unknown=True).defer(marker=str(marker))
    first = worker()
    try:
        wait_until(marker.exists)
    finally:
        first.kill()
        first.wait()
    assert ProcrastinateJob.objects.get(task_name="tests.die_once").status == "doing"

    with connection.cursor() as cursor:  # the minute without a sign of life, without waiting for it
        cursor.execute("UPDATE procrastinate_workers SET last_heartbeat = now() - interval '5 minutes'")
    with suppress(AlreadyEnqueued):  # the first worker may have enqueued this minute's already
        retry_stalled.defer(timestamp=0)
    second = worker()
    try:
        wait_until(lambda: ProcrastinateJob.objects.get(task_name="tests.die_once").status == "succeeded", seconds=150)
    finally:
        second.kill()
        second.wait()
    assert marker.read_text().split() == ["run", "run"]


def worker() -> subprocess.Popen[bytes]:
    """A real worker process on the test database."""
    command = [sys.executable, "-m", "django", "procrastinate", "worker"]
    return subprocess.Popen(command, env=of_the_test_database(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def of_the_test_database() -> dict[str, str]:
    """The environment of a process that works on the test database."""
    parts = connection.settings_dict
    query = urlencode({"host": parts["HOST"], "user": parts["USER"], "port": parts["PORT"] or "5432"})
    return {
        **os.environ,
        "DATABASE_URL": f"postgresql:///{parts['NAME']}?{query}",
        "DJANGO_SETTINGS_MODULE": "tests.integration.worker_settings",
        "PYTHONPATH": str(CHECKOUT),
    }


def wait_until(true: object, seconds: float = 60) -> None:
    """Poll until the condition holds."""
    end = time.monotonic() + seconds
    while not true():  # type: ignore[operator]
        assert time.monotonic() < end, "it did not come true in time"
        time.sleep(0.1)
