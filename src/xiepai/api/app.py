"""The API itself: version 1, OpenAPI 3.1, problems for errors. Every operation stands in the access table."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import NinjaAPI, Router

from xiepai import __version__
from xiepai.api import bookings, places, policies, problems, works
from xiepai.api.doors import read

api = NinjaAPI(
    title="Xiepai 协拍",
    version=__version__,
    urls_namespace="api",
    docs_url=None,
    openapi_extra={
        "components": {"securitySchemes": {"token": {"type": "http", "scheme": "bearer", "bearerFormat": "xp_…"}}}
    },
)
problems.install(api)
api.add_router("", places.router)
api.add_router("", bookings.router)
api.add_router("", works.router)
api.add_router("", policies.router)

about = Router(tags=["me"])


@read(about, "/me", "me")
def me(request: HttpRequest) -> Any:
    """Who the caller is, and for whom."""
    actor = request.actor  # type: ignore[attr-defined]
    grants = [{"organisation_id": owner, "role": str(role)} for owner, role in sorted(actor.grants)]
    return {"person_id": actor.person_id, "name": actor.name, "grants": grants}


api.add_router("", about)
