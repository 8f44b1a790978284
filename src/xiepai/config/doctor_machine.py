"""The doctor's checks of the machine and the settings: none of them needs the database."""

from __future__ import annotations

import importlib.util
import ipaddress
import os
import shutil
import sys
import tempfile
from pathlib import Path
from urllib.parse import urlsplit

from xiepai.config import boot, chromium, serving, translations
from xiepai.config.doctor_findings import Finding, broken, fine, warning
from xiepai.config.postgres_binaries import PrivateServerError, find

LOW_SPACE = 2 * 1024**3
NO_SPACE = 200 * 1024**2


def python() -> Finding:
    """Which Python this is; too old a one does not come as far as here."""
    return fine("Python", f"{sys.version.split()[0]} at {sys.executable}")


def postgres_programs() -> Finding:
    """Only needed where no database is given."""
    if os.environ.get("DATABASE_URL"):
        return fine("PostgreSQL programs", "not needed: DATABASE_URL is set")
    try:
        found = find()
    except PrivateServerError as error:
        return broken("PostgreSQL programs", str(error), "make setup, or set DATABASE_URL")
    return fine("PostgreSQL programs", f"{found.major} from the {found.origin}")


def private_server() -> Finding:
    """Started, or joined if it runs; the settings need its address."""
    try:
        private = boot.start_database()
    except PrivateServerError as error:
        return broken("Private database", str(error), "see the message")
    return fine("Private database", f"runs, data in {boot.home()}" if private else "not needed: DATABASE_URL is set")


def settings() -> Finding:
    """Django's settings load, and its own checks pass."""
    boot.set_up_django()
    from django.core import checks

    serious = [str(message) for message in checks.run_checks() if message.is_serious()]
    if serious:
        return broken("Settings", "; ".join(serious), "see docs/reference.md")
    return fine("Settings", "Django's own checks pass")


def public_server() -> Finding:
    """What is fine on a laptop and dangerous on the internet."""
    from django.conf import settings as django

    faults = []
    if django.DEBUG:
        faults.append(("error pages show internals", "XIEPAI_DEBUG=0"))
    if "*" in django.ALLOWED_HOSTS:
        faults.append(("every host name is answered", "name yours in XIEPAI_HOSTS"))
    if not django.SESSION_COOKIE_SECURE:
        faults.append(("cookies travel without https", "XIEPAI_HTTPS=1 behind a proxy that speaks https"))
    if len(django.SECRET_KEY) < 40:
        faults.append(("the signing key is short", "XIEPAI_SECRET_KEY with 50 random characters"))
    if not faults:
        return fine("Safe to be public", "yes")
    found, cure = "; ".join(fault for fault, _ in faults), "; ".join(cure for _, cure in faults)
    if _is_public(str(django.PUBLIC_URL)):
        return broken("Safe to be public", found, cure)
    return fine("Safe to be public", f"no ({found}), but it serves this machine only")


def _is_public(url: str) -> bool:
    hosts = {urlsplit(url).hostname or "", serving.host()}
    return any(host != "localhost" and not _is_loopback(host) for host in hosts)


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def uploads() -> Finding:
    """Photos and documents have somewhere to go."""
    from django.conf import settings as django

    folder = Path(django.MEDIA_ROOT)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        return broken("Uploads", f"{folder} cannot be written: {error.strerror}", "give it to the server's account")
    return fine("Uploads", f"{folder} can be written")


def disk() -> Finding:
    """Room for the database and the photos."""
    free = shutil.disk_usage(boot.home()).free
    words = f"{free / 1024**3:.1f} GiB free at {boot.home()}"
    if free < NO_SPACE:
        return broken("Disk", words, "free some space before the database stops")
    if free < LOW_SPACE:
        return warning("Disk", words, "free some space soon")
    return fine("Disk", words)


def fonts() -> Finding:
    """Printed documents need Chinese glyphs."""
    if importlib.util.find_spec("pylopdf_fonts_zh_cn"):
        return fine("Chinese fonts", "Noto Sans SC and Noto Serif SC from the environment")
    return warning("Chinese fonts", "none in the environment", "make setup")


def english() -> Finding:
    """Every message exists in English too, compiled."""
    translations.compile_catalogues()
    if not translations.po_file().exists():
        return warning("English texts", "no catalogue", "make translations")
    return fine("English texts", "compiled")


def browser_for_tests() -> Finding:
    """Only developers need it."""
    found = chromium.find_chromium()
    if found:
        return fine("Chromium (tests only)", found)
    return warning("Chromium (tests only)", "none: browser tests are skipped", chromium.HOW_TO_GET)


CHECKS = [
    python,
    postgres_programs,
    private_server,
    settings,
    public_server,
    uploads,
    disk,
    fonts,
    english,
    browser_for_tests,
]
