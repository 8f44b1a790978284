"""Pytest plugin, loaded before Django's settings: gives the run its PostgreSQL and a folder of its own.

Without ``DATABASE_URL`` the private test server is started (or joined) by the one process that controls the
run; pytest-xdist's workers inherit its address. Every run names its database after its process, so two runs
in one checkout do not meet; what killed runs left behind is dropped by the next one.

Production never imports this file.
"""

from __future__ import annotations

import os
import re
from collections.abc import Generator
from pathlib import Path

import psutil
import psycopg
import pytest

from xiepai.config.postgres import ensure_running


@pytest.hookimpl(wrapper=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> Generator[None, None, None]:
    """Set the environment that settings.py reads; a wrapper, because pytest-django reads it in the same hook."""
    os.environ.setdefault("XIEPAI_SHELF_SECONDS", "0")  # a test reads what it wrote the moment before
    options = early_config.known_args_namespace
    if not os.environ.get("DATABASE_URL") and not (options.help or options.version):
        home = early_config.rootpath / "var"
        os.environ.setdefault("XIEPAI_HOME", str(home / "test"))
        os.environ["DATABASE_URL"] = _address_for_this_run(home, keep=getattr(options, "reuse_db", False))
    return (yield)


def _address_for_this_run(home: Path, *, keep: bool) -> str:
    server = ensure_running(home, durable=False)
    _drop_leftovers(server.url)
    return server.url if keep else server.url.replace("/xiepai?", f"/xiepai_{os.getpid()}?", 1)


def _drop_leftovers(url: str) -> None:
    """Drop the test databases of runs whose process is gone (killed ones cannot do it themselves)."""
    with psycopg.connect(url, autocommit=True) as connection:
        rows = connection.execute(r"SELECT datname FROM pg_database WHERE datname ~ '^test_xiepai_\d+'").fetchall()
        for (name,) in rows:
            owner = re.match(r"test_xiepai_(\d+)", name)
            if owner and not psutil.pid_exists(int(owner[1])):
                drop = psycopg.sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)")
                connection.execute(drop.format(psycopg.sql.Identifier(name)))
