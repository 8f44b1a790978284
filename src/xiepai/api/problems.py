"""One error, one problem (RFC 9457): the only place where a refusal becomes JSON."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, JsonResponse
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError

from xiepai.kernel.errors import ErrorCode, XiepaiError

#: What of an error's data a client may read.
_SHOWN = frozenset(
    {"entry", "until", "free", "needed", "may_override", "minimum", "maximum", "step", "days", "seconds"}
)


def problem(status: int, code: str, detail: str, **more: Any) -> JsonResponse:
    """A problem document."""
    body = {"type": f"urn:xiepai:error:{code}", "title": code, "status": status, "detail": detail, "code": code, **more}
    answer = JsonResponse(body, status=status, content_type="application/problem+json")
    if status == 401:
        answer["WWW-Authenticate"] = 'Bearer realm="xiepai"'
    if status == 429 and "seconds" in more:
        answer["Retry-After"] = str(more["seconds"])
    return answer


def of_refusal(refusal: XiepaiError) -> JsonResponse:
    """The problem a refusal is."""
    shown = {key: value for key, value in refusal.data.items() if key in _SHOWN and value is not None}
    return problem(refusal.http_status, str(refusal.code), str(refusal), **shown)


def install(api: NinjaAPI) -> None:
    """Let every error of *api* come out as a problem."""

    @api.exception_handler(XiepaiError)
    def _refused(_request: HttpRequest, refusal: XiepaiError) -> JsonResponse:
        return of_refusal(refusal)

    @api.exception_handler(ValidationError)
    def _invalid(_request: HttpRequest, error: ValidationError) -> JsonResponse:
        errors = [
            {"pointer": "/".join(str(part) for part in item["loc"]), "detail": item["msg"]} for item in error.errors
        ]
        return problem(422, str(ErrorCode.INVALID), errors[0]["detail"] if errors else "", errors=errors)

    @api.exception_handler(Http404)
    def _missing(_request: HttpRequest, _error: Http404) -> JsonResponse:
        return of_refusal(XiepaiError(ErrorCode.NOT_FOUND))

    @api.exception_handler(HttpError)
    def _http(_request: HttpRequest, error: HttpError) -> JsonResponse:
        return problem(error.status_code, "http", str(error))
