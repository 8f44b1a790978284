"""``load_demo_city``: Wujin as the public report names it, and a sample base with its alliance around it.

May be run again at any time: it adds what is missing and changes nothing. Accounts with the published demo password
are made only where the server answers to this machine alone, or when asked for.
"""

from __future__ import annotations

import argparse
import time
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from xiepai.places.demo.loading import load_city

_HERE = {"127.0.0.1", "localhost", "[::1]", "testserver"}


class Command(BaseCommand):
    help = "Load the demo city (samples, flagged as such); what is there already stays as it is."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Whether to make the demo accounts; by default only where nobody else can reach them."""
        parser.add_argument("--accounts", action=argparse.BooleanOptionalAction, default=None)

    def handle(self, *args: Any, accounts: bool | None = None, **options: Any) -> None:
        """Load, and say what was added; nothing to add is nothing to say."""
        started = time.monotonic()
        is_local = set(settings.ALLOWED_HOSTS) <= _HERE and not settings.SECURE_SSL_REDIRECT
        wanted = is_local if accounts is None else accounts
        if load_city(accounts=wanted, say=lambda words: self._say(words)):
            self._say(f"loaded in {time.monotonic() - started:.1f} s")
            if not wanted:
                self._say("no demo accounts: this server answers to the world (--accounts makes them all the same)")

    def _say(self, words: str) -> None:
        self.stdout.write(f"{'city':<10} {words}")
