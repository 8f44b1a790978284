"""``load_demo_works``: sample works of the demo city's crews, each at another stage; run after the demo city.

May be run again at any time: it adds what is missing and changes nothing.
"""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from xiepai.productions.demo import load_works


class Command(BaseCommand):
    help = "Load the demo city's sample works (flagged as such); what is there already stays as it is."

    def handle(self, *args: Any, **options: Any) -> None:
        """Load, and say what was added; nothing to add is nothing to say."""
        load_works(say=lambda words: self.stdout.write(f"{'works':<10} {words}"))
