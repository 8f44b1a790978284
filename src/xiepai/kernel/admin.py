"""The audit trail and its like on the technical back door: to look at, never to change."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.db import models
from django.http import HttpRequest

from xiepai.kernel.models import AuditEntry

if TYPE_CHECKING:  # Django's own class takes no parameters when it runs
    _Admin = admin.ModelAdmin[Any]
else:
    _Admin = admin.ModelAdmin


def is_superuser(request: HttpRequest) -> bool:
    """Whether a technical administrator looks."""
    return bool(request.user.is_active and getattr(request.user, "is_superuser", False))


class LookOnly(_Admin):
    """Superusers look; nobody writes."""

    list_per_page = 50
    show_full_result_count = False

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Superusers."""
        return is_superuser(request)

    def has_view_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        """Superusers."""
        return is_superuser(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Nobody."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        """Nobody."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        """Nobody."""
        return False


@admin.register(AuditEntry)
class AuditEntryAdmin(LookOnly):
    """The whole trail."""

    list_display = ("id", "at", "event", "actor_name", "object_type", "object_id", "source", "request_id")
    search_fields = ("=request_id", "=event")
    ordering = ("-id",)
