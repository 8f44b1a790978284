"""Django's name card for this face."""

from django.apps import AppConfig


class WebConfig(AppConfig):
    """See the package's docstring."""

    name = "xiepai.web"
    verbose_name = "网页"
