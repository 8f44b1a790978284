"""The technical back door at ``/admin/``: superusers only, our own sign-in, our own models.

Refuses to show what packages register (their pages show second factors and write past the audit trail);
see ``docs/adr/0034``.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib.admin import AdminSite
from django.contrib.admin.apps import AdminConfig
from django.db.models.base import ModelBase
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _


class XiepaiAdminConfig(AdminConfig):
    """Puts our site in the place of Django's."""

    default_site = "xiepai.config.admin.XiepaiAdminSite"


class XiepaiAdminSite(AdminSite):
    """Django's site with our door; passwords are changed where the second factor is asked for."""

    site_header = site_title = _("协拍后台")
    index_title = _("只供技术管理员")
    enable_nav_sidebar = False

    def register(self, model_or_iterable: Any, admin_class: Any = None, **options: Any) -> None:
        """Keep only what a domain of ours registers."""
        models = [model_or_iterable] if isinstance(model_or_iterable, ModelBase) else model_or_iterable
        super().register(list(_ours(models)), admin_class, **options)

    def has_permission(self, request: HttpRequest) -> bool:
        """Whether the site opens at all."""
        return bool(request.user.is_active and getattr(request.user, "is_superuser", False))

    def login(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """Our sign-in."""
        return redirect("account_login")

    def logout(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:  # type: ignore[override]
        """Our sign-out."""
        return redirect("account_logout")

    def password_change(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:  # type: ignore[override]
        """Our page for it."""
        return redirect("account_change_password")


def _ours(models: Iterable[Any]) -> Iterable[Any]:
    return (model for model in models if model.__module__.startswith("xiepai."))
