"""What the middleware puts on a request, typed, so that views need no guesses."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest
from django_htmx.middleware import HtmxDetails

from xiepai.kernel.errors import ErrorCode, XiepaiError
from xiepai.parties.access import Actor
from xiepai.parties.models import Person


class Request(HttpRequest):
    """A request as views see it: who acts, under which request number, and which pages he may open."""

    actor: Actor
    request_id: str
    htmx: HtmxDetails
    may_open: Callable[[str], bool]
    check_operation: Callable[[str], None]
    by_token: bool
    token_refused: XiepaiError | None


def person_of(request: HttpRequest) -> Person:
    """The signed-in person; pages behind ``SIGNED_IN`` always have one."""
    if not isinstance(request.user, Person):
        raise XiepaiError(ErrorCode.SIGN_IN_NEEDED)
    return request.user


def client_address(request: HttpRequest) -> str:
    """The address attempts are counted by, as django-allauth finds it (proxies included)."""
    from allauth.account.adapter import get_adapter

    return str(get_adapter().get_client_ip(request))
