"""Django's name card for grants."""

from django.apps import AppConfig


class GrantsConfig(AppConfig):
    """Programmes, entitlements, applications, payments."""

    name = "xiepai.grants"
    verbose_name = "奖补"
