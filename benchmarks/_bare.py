"""The least a web server can do: the same number of bytes as a page, every time. ``BARE_BYTES`` says how many."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

BODY = b"x" * int(os.environ.get("BARE_BYTES", "20000"))


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
    """Answer."""
    start_response("200 OK", [("Content-Type", "text/html"), ("Content-Length", str(len(BODY)))])
    return [BODY]
