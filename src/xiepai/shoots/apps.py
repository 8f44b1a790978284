"""Django's name card for shoots."""

from django.apps import AppConfig


class ShootsConfig(AppConfig):
    """From a script to a wrapped scene."""

    name = "xiepai.shoots"
    verbose_name = "拍摄计划"
