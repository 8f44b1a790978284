"""``load_demo_plan FILE``: the demo city's sample drama from its script to a call sheet; run after the demo works.

May be run again at any time: a work that has a plan is left as it is.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from xiepai.shoots.demo import load_plan


class Command(BaseCommand):
    help = "Take the sample drama's script to a breakdown, a solved plan, bookings and a call sheet."

    def add_arguments(self, parser: CommandParser) -> None:
        """The script to read."""
        parser.add_argument("file", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        """Load, and say what stands in the way; nothing to do is nothing to say."""
        file: Path = options["file"]
        load_plan(file.read_bytes(), file.name, say=lambda words: self.stdout.write(f"{'plan':<10} {words}"))
