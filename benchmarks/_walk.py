"""Every page of the installation, found from the access table: who may open it, with which rows, how long it takes.

A page that somebody adds tomorrow is measured tomorrow. What takes a row's number gets rows of the model of that
name; a page is asked for by each face that may open it, and the slowest face counts.
"""

from __future__ import annotations

import logging
import re
import statistics
import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice, product
from typing import Any

#: Who asks: nobody, and the demo city's people; of several that may open a page each does.
FACES = ("", "producer", "keeper", "officer", "reviewer", "finance", "leader", "administrator")
TIMES = 5
TRIED_ROWS = 60
#: What a page takes that is no row's number. A secret has no sample: such pages are counted as not reached.
WORDS: dict[str, list[str]] = {
    "form": ["pdf", "xlsx", "csv", "json", "ics"],
    "label": ["parties.organisation", "bookings.booking", "places.place"],
    "kind": ["place", "crew", "person"],
}


@dataclass(frozen=True, slots=True)
class Page:
    """A page as its slowest face met it."""

    name: str
    path: str
    face: str
    milliseconds: float
    queries: int
    kilobytes: float
    kind: str


@dataclass
class Walk:
    """What came of asking for every page."""

    pages: list[Page]
    posts: list[str]
    redirects: list[str]
    not_reached: dict[str, int]


def walk() -> Walk:
    """Ask for every page of the table by every face it opens to."""
    from xiepai.config import access

    logging.getLogger("django.request").setLevel(logging.ERROR)  # a refusal is an answer here
    result = Walk([], [], [], {})
    clients = {face: _client(face) for face in FACES}
    for name, taken in _routes():
        rule = access.PAGES.get(name)
        if rule is None:
            continue
        met: list[Page] = []
        seen: set[int] = set()
        for face, client in clients.items():
            if rule.admits(_actor(face)):
                page, statuses = _meet(client, name, taken, face)
                seen |= statuses
                met += [page] if page else []
        if met:
            result.pages.append(max(met, key=lambda page: page.milliseconds))
        elif 405 in seen:
            result.posts.append(name)
        elif seen & {301, 302}:
            result.redirects.append(name)
        else:
            result.not_reached[name] = min(seen, default=0)
    return result


def _routes(resolver: Any = None, namespace: str = "") -> Iterator[tuple[str, list[str]]]:
    from django.urls import URLPattern, URLResolver, get_resolver

    for pattern in (resolver or get_resolver()).url_patterns:
        if isinstance(pattern, URLResolver):
            inner = ":".join(part for part in (namespace, pattern.namespace) if part)
            yield from _routes(pattern, inner)
        elif isinstance(pattern, URLPattern):
            taken = [*pattern.pattern.converters, *getattr(pattern.pattern, "regex", None).groupindex]  # type: ignore[union-attr]
            yield f"{namespace}:{pattern.name}" if namespace else str(pattern.name), list(dict.fromkeys(taken))


def _meet(client: Any, name: str, taken: list[str], face: str) -> tuple[Page | None, set[int]]:
    """The page for the first rows that open it, and what the others answered."""
    from django.urls import reverse

    statuses: set[int] = set()
    for values in islice(product(*(_samples(each) for each in taken)), TRIED_ROWS):
        path = reverse(name, kwargs=dict(zip(taken, values, strict=True)))
        answer = ask(client, path)
        statuses.add(answer.status_code)
        if answer.status_code == 200:
            return timed(client, name, path, face), statuses
        if answer.status_code in {301, 302, 403, 405}:
            break
    return None, statuses


def timed(client: Any, name: str, path: str, face: str) -> Page:
    from django.db import connection

    seconds, asked, size, kind = [], 0, 0, ""
    for _number in range(TIMES):
        count = _Count()
        began = time.perf_counter()
        with connection.execute_wrapper(count):
            answer = ask(client, path)
        seconds.append(time.perf_counter() - began)
        asked = max(asked, count.queries)
        size, kind = answer.length, str(answer.headers.get("Content-Type", "")).split(";")[0]
    return Page(name, path, face, 1000 * statistics.median(seconds), asked, size / 1000, kind)


class _Count:
    def __init__(self) -> None:
        self.queries = 0

    def __call__(self, execute: Any, *rest: Any) -> Any:
        self.queries += 1
        return execute(*rest)


def ask(client: Any, path: str) -> Any:
    """GET with the whole body read, streamed or not."""
    answer = client.get(path)
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    answer.length = len(body)
    return answer


def _client(face: str) -> Any:
    from django.test import Client

    client = Client(raise_request_exception=False, headers={"host": "localhost"})
    if face:
        client.force_login(person(face))
    return client


def person(face: str) -> Any:
    """Somebody of the demo city, as after a first sign-in: the address stands where django-allauth looks for it."""
    from allauth.account.models import EmailAddress

    from xiepai.parties.models import Person

    found = Person.objects.get(email=f"{face}@demo.xiepai")
    EmailAddress.objects.get_or_create(user=found, email=found.email, defaults={"verified": True, "primary": True})
    return found


def _actor(face: str) -> Any:
    from xiepai.parties.access import NOBODY, actor_of

    return actor_of(person(face)) if face else NOBODY


def _samples(taken: str) -> list[Any]:
    if taken in WORDS:
        return WORDS[taken]
    rows = [pk for model in _models_named(taken.removesuffix("_id")) for pk in _some(model)]
    return rows or [1]


def _models_named(stem: str) -> list[Any]:
    """Models of that name; ``entry`` means WaitingEntry too, ``object`` an organisation (a history's label)."""
    from django.apps import apps

    stem = {"object": "organisation", "pk": "place"}.get(stem, stem)
    ours = [model for model in apps.get_models() if model.__module__.startswith("xiepai.")]
    exact = [model for model in ours if _snake(model.__name__) == stem]
    return exact or [model for model in ours if _snake(model.__name__).endswith(f"_{stem}")]


def _some(model: Any) -> list[Any]:
    """The newest, the oldest and some between: what opens a page may be rare (a booking in use, a settled one)."""
    rows = model._default_manager
    states = [field.name for field in model._meta.fields if field.name == "state"]
    found = list(rows.order_by("-pk").values_list("pk", flat=True)[:12]) + list(
        rows.order_by("pk").values_list("pk", flat=True)[:6]
    )
    for name in states:
        for state in rows.values_list(name, flat=True).distinct().order_by(name):
            found += list(rows.filter(**{name: state}).order_by("pk").values_list("pk", flat=True)[:2])
    return list(dict.fromkeys(found))


def _snake(name: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()
