"""The doctor finds what is wrong, says how to cure it, and its exit code follows."""

from __future__ import annotations

import json

import pytest
from django.conf import LazySettings
from django.db import connection

from xiepai.config import chromium, doctor, doctor_database, doctor_machine
from xiepai.config.doctor_findings import Finding, State

pytestmark = pytest.mark.django_db


def found(check: str) -> Finding:
    return next(finding for finding in doctor.examine() if finding.check == check)


def test_a_sound_installation_has_nothing_broken(capsys: pytest.CaptureFixture[str]) -> None:
    assert doctor.report(as_json=False) == 0
    said = capsys.readouterr().out
    assert "0 broken" in said
    assert "btree_gist" in said


def test_json_says_the_same_for_machines(capsys: pytest.CaptureFixture[str]) -> None:
    doctor.report(as_json=True)
    findings = json.loads(capsys.readouterr().out)
    assert {finding["check"] for finding in findings} >= {"Python", "Database", "Migrations", "Jobs"}
    assert all(finding["cure"] for finding in findings if finding["state"] != "ok")


def test_a_public_server_with_open_doors_is_broken(settings: LazySettings) -> None:
    settings.PUBLIC_URL = "https://xiepai.example"
    settings.DEBUG = True
    finding = doctor_machine.public_server()
    assert finding.state is State.BROKEN
    assert "XIEPAI_DEBUG=0" in finding.cure


def test_another_isolation_level_is_broken() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET default_transaction_isolation = 'repeatable read'")
    try:
        assert doctor_database.isolation().state is State.BROKEN
    finally:
        with connection.cursor() as cursor:
            cursor.execute("RESET default_transaction_isolation")


def test_a_waiting_migration_is_broken_and_names_the_command() -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'kernel'")
    finding = doctor_database.migrations()
    assert (finding.state, finding.cure) == (State.BROKEN, "xiepai migrate")


def test_a_job_held_by_a_dead_worker_is_broken() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - interval '1 hour') RETURNING id"
        )
        (worker,) = cursor.fetchone() or (None,)
        cursor.execute(
            "INSERT INTO procrastinate_jobs (queue_name, task_name, status, worker_id) VALUES ('q', 't', 'doing', %s)",
            [worker],
        )
    assert doctor_database.worker().state is State.WARNING
    assert doctor_database.jobs().state is State.BROKEN


def test_a_missing_browser_is_only_a_warning(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chromium, "find_chromium", lambda: None)
    finding = found("Chromium (tests only)")
    assert finding.state is State.WARNING
    assert "apt-get install" in finding.cure


def test_a_check_that_crashes_is_a_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    def disk() -> Finding:
        raise ZeroDivisionError("no disk at all")

    monkeypatch.setattr(doctor_machine, "CHECKS", [disk])
    assert found("disk").found == "ZeroDivisionError: no disk at all"
