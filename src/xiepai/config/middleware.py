"""Around every request: who acts, whether the door is his, what goes wrong, what the browser may do.

Refuses a view without a line in ``config.access``. A GET runs in a read-only transaction, so that no page
can change anything by being looked at; sessions are saved outside it.
"""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from typing import Any
from urllib.parse import urlencode

from django.contrib.auth.models import AnonymousUser
from django.db import OperationalError, connection, transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from django.utils.functional import SimpleLazyObject

from xiepai.config import headers
from xiepai.config.access import check_operation, may_open, rule_of
from xiepai.kernel import audit
from xiepai.kernel.errors import ErrorCode, XiepaiError
from xiepai.parties.access import NOBODY, Actor, actor_of
from xiepai.parties.limits import count
from xiepai.parties.models import Person, Role
from xiepai.parties.tokens import authenticate_quickly
from xiepai.web import errors
from xiepai.web.requests import Request, client_address

log = logging.getLogger(__name__)

Answer = Callable[[Any], HttpResponseBase]
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


class ContextMiddleware:
    """Give the request its number, its actor and its headers, and the audit trail its origin."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: Request) -> HttpResponseBase:
        """One request, one number: in the audit rows, the error page and the ``X-Request-ID`` header."""
        request.request_id = uuid.uuid4().hex
        request.actor = SimpleLazyObject(partial(_actor_behind, request))  # type: ignore[assignment]
        request.may_open = lambda name: may_open(request.actor, name)
        request.check_operation = lambda name: check_operation(request.actor, name)
        request.by_token, request.token_refused = False, None
        source = "api" if request.path_info.startswith("/api/") else "web"
        with audit.origin_is(source, request.request_id):
            response = self.get_response(request)
        response["X-Request-ID"] = request.request_id
        for name, value in headers.ON_EVERY_PAGE.items():
            response.setdefault(name, value)
        return response


class AccessMiddleware:
    """Open or refuse the door, by the access table only."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Hold what ``process_view`` opens until the view has answered."""
        with ExitStack() as request.until_answered:  # type: ignore[attr-defined]
            return self.get_response(request)

    def process_view(
        self, request: Request, view: Any, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> HttpResponseBase | None:
        """None lets the view run; a response is the refusal."""
        match = request.resolver_match
        rule = rule_of(match.view_name, match.namespaces) if match else None
        known = request.actor.person_id is not None  # asked before reading only: a stale session is deleted
        if rule is None:
            log.error("no line in the access table: %s", match and match.view_name)
            return errors.not_found(request)
        if not rule.admits(request.actor, is_superuser=getattr(request.user, "is_superuser", False)):
            needed = [str(role.label) for role in Role if role in rule.roles]
            return errors.forbidden(request, needed) if known else _to_sign_in(request)
        if request.method in SAFE and not rule.writes_on_get:
            request.until_answered.enter_context(read_only())  # type: ignore[attr-defined]
        return None


class ErrorMiddleware:
    """Turn a domain's refusal into a page (or, for htmx, a fragment) with the status of its code."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Nothing to do on the way."""
        return self.get_response(request)

    def process_exception(self, request: Request, exception: Exception) -> HttpResponse | None:
        """A page for refusals and for a busy database; anything else is a fault and stays one."""
        if isinstance(exception, XiepaiError):
            return errors.refusal(request, exception)
        if isinstance(exception, OperationalError):
            log.warning("%s: %s", request.request_id, exception)
            return errors.busy(request)
        return None


@contextmanager
def read_only() -> Iterator[None]:
    """Within the block the database refuses every write."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL transaction_read_only = on")
        yield


def _actor_behind(request: Request) -> Actor:
    if request.path_info.startswith("/api/") and request.headers.get("Authorization"):
        return _token_behind(request)
    user = request.user
    if isinstance(user, AnonymousUser) or not user.is_authenticated:
        return NOBODY
    return actor_of(user) if isinstance(user, Person) else NOBODY


def _token_behind(request: Request) -> Actor:
    """The actor of a bearer token; a wrong one is nobody, and the API says why."""
    scheme, _space, secret = request.headers["Authorization"].partition(" ")
    request.by_token = True
    try:
        if scheme.lower() != "bearer":
            raise XiepaiError(ErrorCode.TOKEN_INVALID)
        return authenticate_quickly(secret.strip())
    except XiepaiError as refusal:
        request.token_refused = refusal
        try:
            count("wrong_token_from", client_address(request))
        except XiepaiError as too_often:
            request.token_refused = too_often
        return NOBODY


def _to_sign_in(request: Request) -> HttpResponse:
    back = request.get_full_path() if request.method in SAFE else ""
    if request.htmx:
        back = request.htmx.current_url_abs_path or ""
    address = reverse("account_login") + (f"?{urlencode({'next': back})}" if back else "")
    if not request.htmx:
        return HttpResponseRedirect(address)
    answer = HttpResponse(status=401)
    answer["HX-Redirect"] = address
    return answer
