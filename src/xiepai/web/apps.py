"""Django's name card for this face."""

from django.apps import AppConfig


class WebConfig(AppConfig):
    """See the package's docstring."""

    name = "xiepai.web"
    verbose_name = "网页"

    def ready(self) -> None:
        """Begin writing down sign-ins."""
        from xiepai.web import sign_in_events

        sign_in_events.connect()
