"""The product's settings, with the kill test's job known to the worker."""

from xiepai.config.settings import *  # noqa: F403

PROCRASTINATE_IMPORT_PATHS = [*PROCRASTINATE_IMPORT_PATHS, "tests.integration.worker_tasks"]  # noqa: F405
