"""Django's name card for parties."""

from django.apps import AppConfig


class PartiesConfig(AppConfig):
    """People, organisations, memberships, invitations, tokens."""

    name = "xiepai.parties"
    verbose_name = "机构与人员"
