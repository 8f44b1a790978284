"""How an operation is opened: the access table is asked by operation id, keys are honoured, GETs read only."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from ninja import Router
from ninja.utils import check_csrf

from xiepai.kernel.errors import ErrorCode, XiepaiError
from xiepai.kernel.idempotency import once

SECURITY: dict[str, Any] = {"security": [{"token": []}, {}]}
PROBLEM = {
    "description": "A problem (RFC 9457)",
    "content": {"application/problem+json": {"schema": {"type": "object", "required": ["code", "status"]}}},
}
REFUSALS = {str(status): PROBLEM for status in (400, 401, 403, 404, 409, 413, 415, 422, 429)}
KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "schema": {"type": "string", "maxLength": 200},
    "description": "The same key gives the same answer; nothing is written twice.",
}


def read(router: Router, path: str, operation_id: str, **options: Any) -> Callable[[Any], Any]:
    """A GET named in the access table."""
    return _door(router, "GET", path, operation_id, None, options)


def write(router: Router, path: str, operation_id: str, *, status: int = 200, **options: Any) -> Callable[[Any], Any]:
    """A POST named in the access table; its function returns the body."""
    return _door(router, "POST", path, operation_id, status, options)


def _door(
    router: Router, method: str, path: str, operation_id: str, status: int | None, options: dict[str, Any]
) -> Callable[[Any], Any]:
    extra: dict[str, Any] = {"responses": REFUSALS, **SECURITY}
    if status is not None:
        extra["parameters"] = [KEY]
    if "content_type" in options:
        content = {options.pop("content_type"): {"schema": {"type": "object"}}}
        extra["responses"] = REFUSALS | {"200": {"description": "OK", "content": content}}
    options.setdefault("response", {status or 200: dict[str, Any]})

    def decorate(function: Any) -> Any:
        @wraps(function)
        def opened(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
            _check(request, operation_id)
            if status is None:
                return function(request, *args, **kwargs)
            return _written(request, operation_id, status, lambda: function(request, *args, **kwargs))

        # the library reads the signature where it is wrapped; the names in it are known only where it was written
        opened.__signature__ = inspect.signature(function, eval_str=True)  # type: ignore[attr-defined]
        return router.api_operation([method], path, operation_id=operation_id, openapi_extra=extra, **options)(opened)

    return decorate


def _check(request: Any, operation_id: str) -> None:
    if request.token_refused is not None:
        raise request.token_refused
    request.check_operation(operation_id)
    if request.method == "POST" and not request.by_token and check_csrf(request):
        raise XiepaiError(ErrorCode.FORBIDDEN, needed="CSRF")


def _written(request: Any, operation_id: str, status: int, function: Callable[[], Any]) -> HttpResponse:
    key = request.headers.get("Idempotency-Key")
    if not key:
        return JsonResponse(function(), status=status, safe=False)
    answer = once(
        owner_id=request.actor.person_id or 0,
        operation=f"{operation_id} {request.path}",
        key=key,
        content=request.body,
        write=lambda: (status, function()),
    )
    response = JsonResponse(answer.body, status=answer.status, safe=False)
    if answer.is_replay:
        response["Idempotency-Replayed"] = "true"
    return response
