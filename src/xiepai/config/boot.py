"""From nothing to a ready Django: home folder, database, translations, static files, in that order.

The command line and the servers come through here, so that each step happens once and in one way. Nothing
in this file imports a domain.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from xiepai.config import env

PACKAGE = Path(__file__).resolve().parent.parent
SETTINGS = "xiepai.config.settings"
SETTING_UP = 0x78696570  # an advisory lock of our own: only one process migrates and loads at a time


def home() -> Path:
    """The home folder: ``XIEPAI_HOME``, else ``var`` in the checkout (or where the command was called)."""
    checkout = PACKAGE.parent.parent
    default = checkout if (checkout / "pyproject.toml").exists() else Path.cwd()
    os.environ.setdefault("XIEPAI_HOME", str(default / "var"))
    return env.folder("XIEPAI_HOME", "var", "folder for the private database, uploads and logs")


def start_database() -> bool:
    """Make ``DATABASE_URL`` point to a running server; True if it is the private one."""
    if os.environ.get("DATABASE_URL"):
        return False
    from xiepai.config.postgres import ensure_running

    server = ensure_running(home())
    os.environ["DATABASE_URL"] = server.url
    # `xiepai manage dbshell` finds the psql that belongs to the server
    os.environ["PATH"] = f"{server.binaries.folder}{os.pathsep}{os.environ.get('PATH', '')}"
    return True


def set_up_django() -> None:
    """Django, ready to use; with ``start_database`` first where the database is needed."""
    home()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", SETTINGS)
    # Imported here: commands that need no Django start without Babel.
    from xiepai.config import translations

    translations.compile_catalogues()
    import django

    django.setup()


@contextmanager
def one_at_a_time() -> Iterator[None]:
    """Hold back other processes that migrate or load into the same database."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SET lock_timeout = 0")
        cursor.execute("SELECT pg_advisory_lock(%s)", [SETTING_UP])
        try:
            yield
        finally:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [SETTING_UP])


def migrate() -> int:
    """Bring the database up to date; how many migrations were applied."""
    from django.core.management import call_command
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    waiting = len(executor.migration_plan(executor.loader.graph.leaf_nodes()))
    if waiting:
        call_command("migrate", interactive=False, verbosity=0)
    return waiting


def collect_static() -> bool:
    """Gather the static files for serving; False if nothing changed since the last time."""
    from django.conf import settings
    from django.core.management import call_command

    target = Path(settings.STATIC_ROOT)
    target.mkdir(parents=True, exist_ok=True)
    with (target / ".stamp").open("a+") as stamp:
        fcntl.flock(stamp, fcntl.LOCK_EX)
        stamp.seek(0)
        digest = _static_digest()
        if stamp.read() == digest:
            return False
        call_command("collectstatic", interactive=False, verbosity=0)
        stamp.truncate(0)
        stamp.write(digest)
    return True


def _static_digest() -> str:
    from django.contrib.staticfiles.finders import get_finders

    digest = hashlib.sha256()
    for finder in get_finders():
        for path, storage in finder.list([]):
            found = Path(storage.path(path)).stat()
            digest.update(f"{path} {found.st_size} {found.st_mtime_ns}\n".encode())
    return digest.hexdigest()
