"""The programme of the demo year: Wujin's policy as published, amended once, with budgets, windows and settings."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings

from xiepai.grants.demo.people import Office
from xiepai.grants.demo.scribe import Scribe
from xiepai.grants.models import Programme, ProgrammeVersion, RecordStanding, Step
from xiepai.grants.services import programmes, windows
from xiepai.kernel import clock
from xiepai.productions.classification import FEN_OF_WAN


@dataclass
class Year:
    """The programme with its versions and steps, by kind."""

    programme: Programme
    versions: list[ProgrammeVersion]
    steps: dict[str, Step]

    def version_at(self) -> ProgrammeVersion:
        """The version in force now."""
        today = clock.today()
        return next(each for each in reversed(self.versions) if each.effective_from <= today)


def policy_text(slug: str) -> str:
    """A policy file of the house."""
    return (Path(settings.POLICIES) / f"{slug}.yaml").read_text(encoding="utf-8")


def open_programme(scribe: Scribe, office: Office, said: dict[str, Any]) -> Year:
    """Draft, first version, budgets, windows, settings; then the amendment."""
    text = policy_text(said["policy"])
    with clock.frozen(scribe.moment(said["published"] - 8)):
        programme = programmes.create_programme(
            actor=office.officer, code=said["code"], name=said["name"], name_en=said["name_en"],
            year=scribe.moment(-150).year, policy_slug=said["policy"], standing=RecordStanding.SAMPLE,
        )  # fmt: skip
    with clock.frozen(scribe.moment(said["published"])):
        first = programmes.publish_programme_version(
            actor=office.officer, programme_id=programme.pk, policy_text=text, note=said["note"]
        )
        _settle(scribe, office, programme, said)
    amendment = said["amendment"]
    for old, new in amendment["changes"]:
        if old not in text:
            raise ValueError(f"the policy file no longer says: {old}")
        text = text.replace(old, new)
    with clock.frozen(scribe.moment(amendment["published"])):
        second = programmes.publish_programme_version(
            actor=office.officer, programme_id=programme.pk, policy_text=text, note=amendment["note"]
        )
    steps = {step.kind: step for step in programme.steps.all()}
    return Year(programme, [first, second], steps)


def _settle(scribe: Scribe, office: Office, programme: Programme, said: dict[str, Any]) -> None:
    actor, key = office.officer, programme.pk
    for measure, wan in said["budgets"].items():
        programmes.set_budget(
            actor=actor, programme_id=key, measure=measure, year=programme.year, amount_fen=wan * FEN_OF_WAN,
            note="样例预算",
        )  # fmt: skip
    for window in said["windows"]:
        opens, closes = scribe.moment(window["opens"]), scribe.moment(window["closes"], 20)
        windows.set_window(
            actor=actor, programme_id=key, opens_at=opens, closes_at=closes, note=window["note"],
            note_en=window["note_en"],
        )  # fmt: skip
    for measure, milestones in said["milestones"].items():
        programmes.update_measure_setting(actor=actor, programme_id=key, measure=measure, milestones=milestones)
    for measure in said["without_application"]["measures"]:
        programmes.update_measure_setting(
            actor=actor, programme_id=key, measure=measure, awards_without_application=True
        )
