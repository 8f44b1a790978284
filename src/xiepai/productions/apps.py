"""Django's name card for productions."""

from django.apps import AppConfig


class ProductionsConfig(AppConfig):
    """Works, crews, papers."""

    name = "xiepai.productions"
    verbose_name = "作品"
