"""What every test shares: markers by folder, the Chromium of this machine, and a clear word about skipped ones."""

from __future__ import annotations

import os
from collections.abc import Generator
from pathlib import Path
from typing import Any

import hypothesis
import pytest

from xiepai.config.chromium import FLAGS, HOW_TO_GET, find_chromium

HERE = Path(__file__).parent
KINDS = ("unit", "integration", "browser", "architecture")
# At home every run tries other cases; CI tries the same ones, so that it answers for the change alone.
hypothesis.settings.register_profile("ci", derandomize=True)
if os.environ.get("CI"):
    hypothesis.settings.load_profile("ci")
# Minutes long, therefore asked for by name: make test-slow.
collect_ignore = [] if os.environ.get("XIEPAI_TEST_SLOW") else ["slow"]
NO_CHROMIUM = "no Chromium on this machine"
#: What refuses to be emptied everywhere but after a test.
GATES = (
    ("kernel_auditentry", "audit_append_only"),
    ("kernel_journalentry", "journal_append_only"),
    ("kernel_journalseal", "journal_append_only"),
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A test's folder is its marker; browser tests are skipped, with the reason, where no browser is."""
    missing = find_chromium() is None
    for item in items:
        if not item.path.is_relative_to(HERE):
            continue
        kind = item.path.relative_to(HERE).parts[0]
        if kind in KINDS:
            item.add_marker(kind)
        if kind == "browser" and missing:
            item.add_marker(pytest.mark.skip(reason=NO_CHROMIUM))


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Say loudly how many browser tests did not run."""
    skipped = [report for report in terminalreporter.stats.get("skipped", []) if NO_CHROMIUM in str(report.longrepr)]
    if skipped:
        terminalreporter.write_sep("!", f"{len(skipped)} browser tests skipped: {NO_CHROMIUM}", yellow=True)
        terminalreporter.write_line(f"To run them: {HOW_TO_GET}")


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """Playwright starts the system's Chromium; it has none of its own."""
    return {**browser_type_launch_args, "executable_path": find_chromium(), "args": list(FLAGS)}


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict[str, Any]) -> dict[str, Any]:
    """Pages are tested as a reader in Changzhou sees them, without movement that a test would have to wait for."""
    calm = {"locale": "zh-CN", "timezone_id": "Asia/Shanghai", "reduced_motion": "reduce"}
    return {**browser_context_args, **calm}


@pytest.fixture(scope="session", autouse=True)
def _orm_beside_playwright() -> Generator[None, None, None]:
    """Playwright keeps an event loop in this thread, where Django would refuse the ORM and the test database."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        yield


@pytest.fixture(scope="session", autouse=True)
def _english_is_compiled() -> None:
    """Django reads compiled catalogues only."""
    from xiepai.config import translations

    translations.compile_catalogues()


@pytest.fixture(scope="session", autouse=True)
def _tests_may_empty_the_audit_trail() -> Generator[None, None, None]:
    """A transactional test ends by truncating every table; the audit trail refuses that everywhere else."""
    from django.db.backends.postgresql.operations import DatabaseOperations

    usual = DatabaseOperations.sql_flush

    def sql_flush(self: Any, *args: Any, **kwargs: Any) -> list[str]:
        open_gates, close_gates = (
            [f"ALTER TABLE {table} {word} TRIGGER {guard};" for table, guard in GATES] for word in ("DISABLE", "ENABLE")
        )
        statements = usual(self, *args, **kwargs)
        return [*open_gates, *statements, *close_gates] if statements else []

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(DatabaseOperations, "sql_flush", sql_flush)
        yield


@pytest.fixture(autouse=True)
def _every_test_begins_in_chinese() -> None:
    """A request leaves its language active in the thread; in a server the next request sets its own."""
    from django.utils import translation

    translation.deactivate()


@pytest.fixture(autouse=True)
def _jobs_do_not_outlive_a_test(request: pytest.FixtureRequest) -> Generator[None, None, None]:
    """Django empties the tables it manages after a test with real transactions; the jobs' tables are not among them."""
    marker = request.node.get_closest_marker("django_db")
    real = (marker is not None and marker.kwargs.get("transaction")) or "live_server" in request.fixturenames
    if real or "transactional_db" in request.fixturenames:
        request.getfixturevalue("transactional_db")
        yield
        from django.db import connection

        with connection.cursor() as cursor:
            cursor.execute("TRUNCATE procrastinate_jobs, procrastinate_workers, procrastinate_periodic_defers CASCADE")
    else:
        yield


@pytest.fixture(scope="session", autouse=True)
def _fast_and_plain_settings() -> Generator[None, None, None]:
    """Cheap password hashes, and static files without the manifest that only a deployment builds."""
    from django.conf import settings
    from django.test import override_settings

    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    Path(settings.STATIC_ROOT).mkdir(parents=True, exist_ok=True)  # whitenoise warns of a missing folder
    with override_settings(
        PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"],
        STORAGES={**settings.STORAGES, "staticfiles": plain},
    ):
        yield


@pytest.fixture
def mailbox() -> Any:
    """The mails enqueued so far, as the jobs that will send them."""
    from procrastinate.contrib.django.models import ProcrastinateJob

    return lambda: [job.args for job in ProcrastinateJob.objects.filter(task_name="kernel.send_mail").order_by("id")]


@pytest.fixture(autouse=True)
def _no_memory_of_places() -> Generator[None, None, None]:
    """Terms kept in memory belong to rows that the last test's rollback took away."""
    yield
    from xiepai.places.terms import forget_terms

    forget_terms()


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> Generator[None, None, None]:
    """Before the test database is dropped, end what a killed worker or server left connected to it."""
    yield
    from django.db import connection

    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
