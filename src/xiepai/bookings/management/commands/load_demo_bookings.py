"""``load_demo_bookings``: sample crews at work in the demo city, from last week to next; run after the demo city.

May be run again at any time: a city whose sample crews have bookings is left as it is.
"""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from xiepai.bookings.demo import load_bookings


class Command(BaseCommand):
    help = "Let the demo city's sample crews book, shoot and settle; what is there already stays as it is."

    def handle(self, *args: Any, **options: Any) -> None:
        """Load, and say what was added; nothing to add is nothing to say."""
        load_bookings(say=lambda words: self.stdout.write(f"{'bookings':<10} {words}"))
