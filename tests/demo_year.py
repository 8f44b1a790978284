"""The demo year of grants for tests: a city with its works, the year and the award, loaded once for a module.

All of it stands in one transaction that is rolled back at the end, its deferred triggers fired, so that the journal is
sealed as after a commit. A test that changes something does so in ``undone()``.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection, transaction

from xiepai.grants.demo import load_award, load_year
from xiepai.productions.demo import load_works


@pytest.fixture(scope="module")
def the_year(django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Everything ``xiepai demo`` loads before it serves, but for the crews' fortnight."""
    with pytest.MonkeyPatch.context() as patch, django_db_blocker.unblock(), transaction.atomic():
        patch.setattr(settings, "MEDIA_ROOT", tmp_path_factory.mktemp("media"))
        _load()
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        yield
        transaction.set_rollback(True)


def _load() -> None:
    call_command("load_demo_city", verbosity=0)
    load_works()
    load_year()
    load_award()


@contextmanager
def undone() -> Iterator[None]:
    """What is done within is not done."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)
