"""The Jinja2 environment of all pages: autoescape on, undefined names are errors."""

from __future__ import annotations

from typing import Any

import jinja2
from django.contrib.staticfiles.storage import staticfiles_storage
from django.urls import reverse
from django.utils import translation


def environment(**options: Any) -> jinja2.Environment:
    """What ``TEMPLATES`` asks for: the environment with the functions pages may call."""
    options.setdefault("undefined", jinja2.StrictUndefined)
    env = jinja2.Environment(extensions=["jinja2.ext.i18n"], trim_blocks=True, lstrip_blocks=True, **options)  # noqa: S701
    env.install_gettext_callables(translation.gettext, translation.ngettext, newstyle=True)  # type: ignore[attr-defined]
    env.globals.update(static=staticfiles_storage.url, url=_url)
    return env


def _url(name: str, *args: Any, **kwargs: Any) -> str:
    return reverse(name, args=args or None, kwargs=kwargs or None)
