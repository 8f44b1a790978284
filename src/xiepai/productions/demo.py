"""Sample works for the demo city's sample crews, each at another stage; flagged as samples, made through the services.

May be run again: a work whose title the crew already has is left alone. Days count from today, so that the demo always
has a shoot going on and one to come. Refused: a city without the demo crews gets nothing.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from importlib.resources import files
from typing import Any

from django.db import transaction

from xiepai.kernel import audit, clock
from xiepai.parties.access import Actor, system
from xiepai.parties.models import Organisation
from xiepai.places.demo.files import read_rows
from xiepai.places.demo.pictures import draw_picture
from xiepai.productions import services
from xiepai.productions.classification import FEN_OF_WAN
from xiepai.productions.models import PaperKind, Work, WorkStanding

_OFFICE_OPENS = timedelta(hours=10)
_OWN = ("crew", "investment_wan", "minutes_per_episode", "shooting", "path", "papers")


@transaction.atomic
def load_works(*, actor: Actor | None = None, say: Callable[[str], object] | None = None) -> int:
    """Add the sample works that are missing; how many those were."""
    loader = _Loader(actor or system("load_demo_works"), clock.today())
    with audit.origin_is("command"):
        services.add_missing_kinds(actor=loader.actor)
        data = tomllib.loads(files(__package__).joinpath("demo_works.toml").read_text(encoding="utf-8"))
        crews = _crews()
        fresh = [row for row in data["works"] if row["crew"] in crews and not _is_there(row, crews[row["crew"]])]
        for row in fresh:
            loader.load(row, crews[row["crew"]], data["members"])
    if fresh and say:
        say(f"{len(fresh)} works")
    return len(fresh)


def _crews() -> dict[str, Organisation]:
    names = {row["key"]: row["name"] for row in read_rows("organisations") if row["kind"] == "crew"}
    found = {row.name: row for row in Organisation.objects.filter(name__in=names.values())}
    return {key: found[name] for key, name in names.items() if name in found}


def _is_there(row: dict[str, Any], crew: Organisation) -> bool:
    return Work.objects.filter(organisation=crew, title=row["title"]).exists()


@dataclass(frozen=True)
class _Loader:
    """Replays what happened to a work on the days it happened, counted from *today*."""

    actor: Actor
    today: date

    def load(self, row: dict[str, Any], crew: Organisation, members: list[dict[str, Any]]) -> None:
        path = row.get("path", [])
        with self._on(path[0][1] if path else 0):
            work = services.declare_work(
                actor=self.actor, organisation_id=crew.pk, standing=WorkStanding.SAMPLE, **self._fields(row)
            )
            for room, member in enumerate(members, 801):
                fields = {"room": f"样例 {room}", "phone": "000-0000", **member}
                services.add_crew_member(actor=self.actor, work_id=work.pk, **fields)
            for number, paper in enumerate(row["papers"], 1):
                self._hand_in(work, paper, f"样例-{work.pk:04d}-{number:02d}")
        for state, days in path:
            with self._on(days):
                services.advance_work(actor=self.actor, work_id=work.pk, state=state)

    def _fields(self, row: dict[str, Any]) -> dict[str, Any]:
        first, last = row.get("shooting", (None, None))
        return {
            **{key: value for key, value in row.items() if key not in _OWN},
            "minutes_per_episode": Decimal(row["minutes_per_episode"]),
            "investment_fen": row["investment_wan"] * FEN_OF_WAN,
            "shooting_from": self._day(first),
            "shooting_to": self._day(last),
        }

    def _hand_in(self, work: Work, row: dict[str, Any], number: str) -> None:
        first, last = row.get("valid", (None, None))
        kind = PaperKind.objects.get(code=row["kind"])
        paper = services.submit_paper(
            actor=self.actor,
            work_id=work.pk,
            kind_code=kind.code,
            number=number,
            about=row.get("about", ""),
            valid_from=self._day(first),
            valid_to=self._day(last),
            data=draw_picture(kind.zh) if row.get("file") else None,
            file_name=f"样例 {kind.zh}.jpg",
        )
        state = row.get("state", "accepted")
        if state == "accepted":
            services.accept_paper(actor=self.actor, paper_id=paper.pk, note="样例")
        elif state == "rejected":
            services.reject_paper(actor=self.actor, paper_id=paper.pk, note=row["note"])

    def _day(self, offset: int | None) -> date | None:
        return None if offset is None else self.today + timedelta(days=offset)

    def _on(self, days: int) -> AbstractContextManager[None]:
        return clock.frozen(clock.at_local_midnight(self.today + timedelta(days=days)) + _OFFICE_OPENS)
