"""Django's name card for places."""

from django.apps import AppConfig


class PlacesConfig(AppConfig):
    """Everything that can be shot in or borrowed, and on what terms."""

    name = "xiepai.places"
    verbose_name = "场地"
