"""Every event the services write has words for the history page, and no words are left over."""

from __future__ import annotations

import re
from pathlib import Path

from xiepai.parties.limits import LIMITS
from xiepai.web.people.events import LABELS

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "src" / "xiepai"
ROOMS = ("bookings", "grants", "parties", "places", "productions", "shoots")
#: Events whose last word is a state: ``f"grants.review.{state.value}"``.
MADE_UP = {
    *(f"bookings.handover.{way}" for way in ("in", "out")),
    *(f"grants.correction.{state}" for state in ("cancelled", "lapsed")),
    *(f"grants.review.{state}" for state in ("cancelled", "recused", "scored")),
    "grants.refusal.final",
    *(f"shoots.plan.{state}" for state in ("activated", "archived", "published")),
    *(f"shoots.receipt.{state}" for state in ("read", "received")),
}


def test_every_event_has_words() -> None:
    spelling = re.compile(rf'"((?:{"|".join(ROOMS)})\.[a-z_]+\.[a-z_]+)"')
    found = set(MADE_UP)
    for path in PACKAGE.rglob("*.py"):
        if path.name not in {"events.py", "settings.py"} and "migrations" not in path.parts:
            found |= set(spelling.findall(path.read_text(encoding="utf-8")))
    events = {name for name in found if name.rsplit(".", 1)[1] not in {"tasks"}}
    assert sorted(events - LABELS.keys()) == [], "without words in web/people/events.py"
    assert sorted(LABELS.keys() - events) == [], "words for what nobody writes"


def test_the_limits_stand_in_the_documentation() -> None:
    page = (ROOT / "docs" / "access.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(\w+)` \| (\d+) \| (\d+) \|", page, re.MULTILINE)
    assert {name: (int(calls), int(seconds)) for name, calls, seconds in rows} == {
        name: (limit.calls, limit.seconds) for name, limit in LIMITS.items()
    }
