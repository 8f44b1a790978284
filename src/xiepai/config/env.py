"""Settings from the environment: every variable Xiepai reads is declared here, with its default.

Nothing else in the code base reads ``os.environ`` for configuration, so this file is the whole list
(``docs/reference.md`` repeats it and a test compares the two).
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit


@dataclass(frozen=True)
class Variable:
    """One environment variable: its name, default (as text) and meaning."""

    name: str
    default: str
    meaning: str


VARIABLES: dict[str, Variable] = {}


def _declare(name: str, default: str, meaning: str) -> str:
    VARIABLES[name] = Variable(name, default, meaning)
    return os.environ.get(name, default)


def text(name: str, default: str, meaning: str) -> str:
    """The variable as text."""
    return _declare(name, default, meaning)


def flag(name: str, default: str, meaning: str) -> bool:
    """The variable as a switch: ``1``, ``true``, ``yes`` and ``on`` mean on."""
    return _declare(name, default, meaning).strip().lower() in {"1", "true", "yes", "on"}


def number(name: str, default: str, meaning: str, convert: Callable[[str], int] = int) -> int:
    """The variable as a whole number."""
    raw = _declare(name, default, meaning)
    try:
        return convert(raw)
    except ValueError as error:
        raise SystemExit(f"{name} must be a whole number, not {raw!r}") from error


def words(name: str, default: str, meaning: str) -> list[str]:
    """The variable as a comma-separated list."""
    return [word.strip() for word in _declare(name, default, meaning).split(",") if word.strip()]


def folder(name: str, default: str, meaning: str) -> Path:
    """The variable as a folder; relative paths count from the working directory."""
    return Path(_declare(name, default, meaning)).expanduser().absolute()


def database(url: str) -> dict[str, object]:
    """Django's settings for a ``postgresql://`` URL; a unix socket stands in ``?host=/folder``.

    >>> database("postgresql:///xiepai?host=/run/pg&user=app")["HOST"]
    '/run/pg'
    >>> database("postgresql://u:p%40@db.example:5433/city")["PASSWORD"]
    'p@'
    """
    parts = urlsplit(url)
    if parts.scheme not in {"postgresql", "postgres"}:
        raise SystemExit(f"DATABASE_URL must begin with postgresql://, not {parts.scheme!r}")
    query = {key: values[-1] for key, values in parse_qs(parts.query).items()}
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")) or "xiepai",
        "USER": unquote(parts.username or "") or query.pop("user", ""),
        "PASSWORD": unquote(parts.password or "") or query.pop("password", ""),
        "HOST": parts.hostname or query.pop("host", ""),
        "PORT": str(parts.port or query.pop("port", "")),
    }
