"""What the office's pages of grants share: a deed tried with its answer, numbers and amounts as they are typed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.utils.translation import gettext as _

from xiepai.kernel.errors import ErrorCode, XiepaiError
from xiepai.kernel.money import Money
from xiepai.web.refusals import tell
from xiepai.web.requests import Request


def attempt(request: Request, deed: Callable[[], Any], done: str) -> Any:
    """Try a deed; what it refuses is said on the next page. None where it was refused."""
    try:
        result = deed()
    except XiepaiError as refusal:
        tell(request, refusal)
        return None
    messages.success(request, done)
    return result if result is not None else True


def numbers(request: Request, name: str) -> list[int]:
    """The ids chosen."""
    return [int(text) for text in request.POST.getlist(name) if text.isdigit() and len(text) < 15]


def number(request: Request, name: str, default: int = 0) -> int:
    """One whole number."""
    text = request.POST.get(name, "").strip()
    return int(text) if text.isdigit() and len(text) < 15 else default


def fen(request: Request, name: str) -> int:
    """An amount typed in yuan."""
    text = request.POST.get(name, "").strip()
    try:
        return Money.parse(text).fen if text else 0
    except ValueError as error:
        raise XiepaiError(ErrorCode.INVALID, detail=_("“%(text)s”不是金额。") % {"text": text}) from error
