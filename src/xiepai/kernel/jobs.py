"""Jobs: enqueued in the same transaction as the change they follow; see ``docs/jobs.md``."""

from __future__ import annotations

from procrastinate import App


def on_app_ready(app: App) -> None:
    """Called once by procrastinate when Django is ready; the domains' task modules are imported."""
