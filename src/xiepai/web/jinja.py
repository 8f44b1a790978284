"""The Jinja2 environment of all pages: autoescape on, undefined names are errors.

Pages get ``request`` (with ``actor`` and ``may_open``), filters for what people read, and a few functions
that build addresses. Nothing here asks the database.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import jinja2
from django.conf import settings
from django.contrib.messages import get_messages
from django.contrib.staticfiles.storage import staticfiles_storage
from django.http import HttpRequest
from django.urls import reverse
from django.utils import translation
from markupsafe import Markup, escape

from xiepai.kernel import clock
from xiepai.places.units import unit_word
from xiepai.web import formats, grant_views
from xiepai.web.navigation import SHOWN_IN_LINE, places_to_go

THEMES = ("system", "light", "dark")


def environment(**options: Any) -> jinja2.Environment:
    """What ``TEMPLATES`` asks for: the environment with the functions pages may call."""
    options.setdefault("undefined", jinja2.StrictUndefined)
    options["autoescape"] = jinja2.select_autoescape(("html",), default_for_string=True)  # mails are plain text
    env = jinja2.Environment(extensions=["jinja2.ext.i18n"], trim_blocks=True, lstrip_blocks=True, **options)  # noqa: S701
    env.policies["ext.i18n.trimmed"] = True
    env.install_gettext_callables(  # type: ignore[attr-defined]
        translation.gettext, translation.ngettext, newstyle=True, pgettext=translation.pgettext
    )
    env.globals.update(
        static=staticfiles_storage.url,
        url=_url,
        messages_of=get_messages,
        places_to_go=places_to_go,
        SHOWN_IN_LINE=SHOWN_IN_LINE,
        html_lang=html_lang,
        is_english=formats.is_english,
        theme_of=theme_of,
        query=query,
        attributes=attributes,
        languages=settings.LANGUAGES,
        has_sign_in_providers=bool(settings.SOCIALACCOUNT_PROVIDERS),
        sign_in_providers=sign_in_providers,
    )
    env.filters.update(
        day=formats.day,
        weekday_of=lambda value: formats.day(value, weekday=True),
        moment=formats.moment,
        local_day=lambda moment: clock.local(moment).date().isoformat(),
        span=lambda period: formats.span(period.lower, period.upper),
        hours_of=lambda span: formats.span(span.start, span.end),
        duration=formats.duration,
        distance=formats.distance,
        a_unit=formats.a_unit,
        translate_by=lambda word, words: words.get(word, word),
        money=formats.money,
        unit_word=unit_word,
        named=formats.named,
        number=formats.number,
        kilobytes=formats.kilobytes,
        is_chinese=formats.is_chinese,
        listed=formats.listed,
        **grant_views.FILTERS,
    )
    return env


def _url(name: str, *args: Any, **kwargs: Any) -> str:
    return reverse(name, args=args or None, kwargs=kwargs or None)


def html_lang() -> str:
    """The page's language as HTML writes it."""
    return "en" if formats.is_english() else "zh-Hans"


def theme_of(request: HttpRequest) -> str:
    """The theme the reader chose: system, light or dark."""
    chosen = request.COOKIES.get("theme", THEMES[0])
    return chosen if chosen in THEMES else THEMES[0]


def sign_in_providers(request: HttpRequest) -> list[Any]:
    """The third parties that are configured, as allauth knows them."""
    from allauth.socialaccount.adapter import get_adapter

    return list(get_adapter().list_providers(request))


def query(request: HttpRequest, **changes: Any) -> str:
    """The present query string with some values changed; None removes one."""
    values = request.GET.copy()
    for name, value in changes.items():
        values.pop(name, None)
        if value is not None and value != "":
            values.setlist(name, [str(each) for each in value] if isinstance(value, list | tuple) else [str(value)])
    return "?" + urlencode(list(values.lists()), doseq=True)


def attributes(given: dict[str, Any]) -> Markup:
    """HTML attributes from a dict: ``_`` becomes ``-``; False and None leave one out, True writes it bare."""
    parts = []
    for name, value in given.items():
        if value is None or value is False:
            continue
        word = name.rstrip("_").replace("_", "-")
        parts.append(Markup(" ") + escape(word) if value is True else Markup(' {}="{}"').format(word, value))
    return Markup("").join(parts)
