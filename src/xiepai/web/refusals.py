"""How a service's refusal reaches who asked: as the form's own error, beside what was typed, or as a message.

What may not be seen or done at all (403, 404) is no error of theirs: it goes on to the page of its kind.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.forms import BaseForm
from django.utils.functional import Promise

from xiepai.kernel.errors import XiepaiError
from xiepai.web.requests import Request

HIDDEN = frozenset({403, 404})


def put_in_form(form: BaseForm, refusal: XiepaiError, field: str | None = None) -> None:
    """Say the refusal at ``field`` of the form, or above all of them; raise it where the page itself is refused."""
    if refusal.http_status in HIDDEN:
        raise refusal
    form.add_error(field, str(refusal))


def add_refusal(form: BaseForm, refusal: XiepaiError) -> None:
    """Say the refusal at the fields it speaks of, else above the form; raise it where the page itself is refused."""
    spoken = refusal.data.get("fields") or {}
    fields = {} if refusal.http_status in HIDDEN else {name: spoken[name] for name in spoken if name in form.fields}
    for name, why in fields.items():
        form.add_error(name, why)
    if not fields:
        put_in_form(form, refusal)


def tell(request: Request, refusal: XiepaiError) -> None:
    """Say the refusal on the next page; raise it where the page itself is refused."""
    if refusal.http_status in HIDDEN:
        raise refusal
    messages.error(request, str(refusal))


def attempt(request: Request, deed: Callable[[], Any], done: str | Promise = "") -> bool:
    """Do it and say so (if there are words), or say why not; what the reader may not know of stays an error page."""
    try:
        deed()
    except XiepaiError as refusal:
        tell(request, refusal)
        return False
    if done:
        messages.success(request, str(done))
    return True
