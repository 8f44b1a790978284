"""Django's name card for the kernel."""

from django.apps import AppConfig


class KernelConfig(AppConfig):
    """The ground floor of the database: audit, idempotency, jobs."""

    name = "xiepai.kernel"
    verbose_name = "内核"

    def ready(self) -> None:
        """An audit row of a watched model is an entry of the journal too."""
        from xiepai.kernel import audit, journal

        audit.follow(journal.follow)
