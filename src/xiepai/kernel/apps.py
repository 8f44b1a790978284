"""Django's name card for the kernel."""

from django.apps import AppConfig


class KernelConfig(AppConfig):
    """The ground floor of the database: audit, idempotency, jobs."""

    name = "xiepai.kernel"
    verbose_name = "内核"
