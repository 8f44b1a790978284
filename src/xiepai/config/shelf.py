"""Public pages for people who are not signed in are kept for some seconds and handed out again.

A list that everybody reads is made once in five seconds a process, not for each reader. Refused: keeping anything
for somebody with a session or a message waiting, anything but a whole page answered 200, and any cookie. What a page
holds of its first reader, the masked form token, is cut out and every later reader's own put in.
"""

from __future__ import annotations

import re
import threading
import time
from collections import OrderedDict
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpResponse, HttpResponseBase
from django.middleware.csrf import _does_token_match, get_token  # type: ignore[attr-defined]
from django.utils.translation import get_language

from xiepai.config.middleware import Answer
from xiepai.web.requests import Request

#: Pages that say the same to everybody who is not signed in.
SHELVED = frozenset({"public:home", "public:how", "public:places", "public:place"})
LARGEST_BYTES, LONGEST_QUERY, ROOM = 512_000, 300, 256
_TOKEN = re.compile(rb"[A-Za-z0-9]{64}")
_HOLE = b"\0form-token\0"

Key = tuple[str, str, str | None, str]


@dataclass(frozen=True, slots=True)
class _Page:
    until: float
    body: bytes
    headers: tuple[tuple[str, str], ...]


class ShelfMiddleware:
    """Inside sessions, language and form tokens; outside everything that asks the database."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response
        self._pages: OrderedDict[Key, _Page] = OrderedDict()
        self._lock = threading.Lock()

    def __call__(self, request: Request) -> HttpResponseBase:
        """The page from the shelf, or a fresh one that may be put there."""
        key = _key(request)
        if key is None:
            return self.get_response(request)
        page = self._pages.get(key)
        if page is not None and page.until > time.monotonic():
            return _again(page, request)
        response = self.get_response(request)
        if _may_be_kept(request, response):
            self._keep(key, _page_of(request, response))
        return response

    def _keep(self, key: Key, page: _Page) -> None:
        with self._lock:
            self._pages[key] = page
            self._pages.move_to_end(key)
            while len(self._pages) > ROOM:
                self._pages.popitem(last=False)


def _key(request: Request) -> Key | None:
    query = request.META.get("QUERY_STRING", "")
    if not settings.SHELF_SECONDS or request.method != "GET" or len(query) > LONGEST_QUERY:
        return None
    if "day=" in query:  # what is free at that time, and for how much, is asked each time
        return None
    if any(name in request.COOKIES for name in (settings.SESSION_COOKIE_NAME, "messages")):
        return None
    if any(name in request.META for name in ("HTTP_HX_REQUEST", "HTTP_AUTHORIZATION", "HTTP_RANGE")):
        return None
    address = (
        f"{request.scheme}://{request.META.get('HTTP_HOST', '')}{request.path_info}"  # pages name their own address
    )
    return address, query, get_language(), request.COOKIES.get("theme", "")[:10]


def _may_be_kept(request: Request, response: HttpResponseBase) -> bool:
    match = request.resolver_match
    return (
        match is not None
        and match.view_name in SHELVED
        and isinstance(response, HttpResponse)
        and response.status_code == 200
        and not response.cookies
        and len(response.content) <= LARGEST_BYTES
    )


def _page_of(request: Request, response: Any) -> _Page:
    secret = request.META.get("CSRF_COOKIE")

    def cut(found: re.Match[bytes]) -> bytes:
        own = secret is not None and _does_token_match(found[0].decode(), secret)
        return _HOLE if own else found[0]

    body = _TOKEN.sub(cut, response.content)
    return _Page(time.monotonic() + settings.SHELF_SECONDS, body, tuple(response.items()))


def _again(page: _Page, request: Request) -> HttpResponse:
    body = page.body.replace(_HOLE, get_token(request).encode()) if _HOLE in page.body else page.body
    response = HttpResponse(body)
    for name, value in page.headers:
        response[name] = value
    return response
