"""Django's name card for this face."""

from django.apps import AppConfig


class ApiConfig(AppConfig):
    """See the package's docstring."""

    name = "xiepai.api"
    verbose_name = "接口"
