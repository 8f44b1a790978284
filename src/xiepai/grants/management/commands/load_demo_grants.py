"""``load_demo_grants``: a plausible year of grants in the demo city; run after the demo city and its works.

May be run again at any time: a city that has the sample programme is left as it is.
"""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from xiepai.grants.demo import load_year


class Command(BaseCommand):
    help = "Let a year of grants pass in the demo city; what is there already stays as it is."

    def handle(self, *args: Any, **options: Any) -> None:
        """Load, and say what was added; nothing to add is nothing to say."""
        load_year(say=lambda words: self.stdout.write(f"{'grants':<10} {words}"))
