"""Every address of the installation. Who may use which stands in ``config.access``."""

from __future__ import annotations

from django.conf import settings
from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path
from django.views.i18n import set_language

from xiepai.api.app import api

_account = [
    path("", include("allauth.account.urls")),
    path("2fa/", include("allauth.mfa.urls")),
    path("3rdparty/", include("allauth.socialaccount.urls")),
    *(path("", include(f"allauth.socialaccount.providers.{name}.urls")) for name in settings.SOCIALACCOUNT_PROVIDERS),
]

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("xiepai.web.public.urls")),
    path("", include("xiepai.web.people.urls")),
    path("", include("xiepai.web.crew.urls")),
    path("keeper/", include("xiepai.web.keeper.urls")),
    path("office/", include("xiepai.web.office.urls")),
    path("accounts/", include(_account)),
    path("api/v1/", api.urls),
    path("language/", set_language, name="set_language"),
    path("admin/", admin.site.urls),
]

handler400 = "xiepai.web.errors.bad_request"
handler403 = "xiepai.web.errors.permission_denied"
handler404 = "xiepai.web.errors.not_found"
handler500 = "xiepai.web.errors.server_error"
