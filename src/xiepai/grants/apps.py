"""Django's name card for grants."""

from django.apps import AppConfig


class GrantsConfig(AppConfig):
    """Programmes, entitlements, applications, payments."""

    name = "xiepai.grants"
    verbose_name = "奖补"

    def ready(self) -> None:
        """What bears money is journalled."""
        from xiepai.grants import journalling

        journalling.watch()
