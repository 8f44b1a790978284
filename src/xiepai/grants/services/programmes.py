"""Programmes: opening one, publishing a version of its policy, and what the office settles around it.

Refused: a policy file that fails its own check, a version without a person's name under it, a version that begins
before the one it follows, a budget for a measure the policy does not have. Windows have a room of their own.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from xiepai.grants import access, ledger
from xiepai.grants.errors import invalid
from xiepai.grants.jobs import evaluate_all_soon
from xiepai.grants.models import (
    Budget,
    MeasureSetting,
    MeasureSubject,
    Programme,
    ProgrammeState,
    ProgrammeVersion,
    RecordStanding,
)
from xiepai.grants.policies import checked_policy, digest_of, policy_of
from xiepai.grants.services.steps import add_missing_steps
from xiepai.grants.sources import company_measures
from xiepai.kernel import audit, clock
from xiepai.kernel.errors import ErrorCode, XiepaiError, not_found
from xiepai.parties.access import Actor
from xiepai.parties.rules import acting_person, clean_name


def create_programme(
    *,
    actor: Actor,
    code: str,
    name: str,
    year: int,
    policy_slug: str,
    name_en: str = "",
    is_local: bool = True,
    standing: str = RecordStanding.KNOWN,
) -> Programme:
    """Open a programme as a draft, with the usual steps. ``is_local=False``: another city's, to compare with."""
    access.require_officer(actor)
    if not 2000 <= year <= 2099:
        raise invalid(_("年度应在 2000 与 2099 之间。"))
    with transaction.atomic():
        if Programme.objects.filter(code=code).exists():
            raise invalid(_("已有代码为“{code}”的项目。"), code=code)
        programme = Programme(
            code=code, name=clean_name(name, longest=120), name_en=name_en.strip()[:160], year=year,
            policy_slug=policy_slug, is_local=is_local, standing=standing, created_by_id=actor.person_id,
            created_at=clock.now(),
        )  # fmt: skip
        programme.save(force_insert=True)
        audit.record("grants.programme.opened", programme, actor=actor)
        add_missing_steps(actor=actor, programme_id=programme.pk)
    return programme


def publish_programme_version(
    *, actor: Actor, programme_id: int, policy_text: str, effective_from: date | None = None, note: str = ""
) -> ProgrammeVersion:
    """Put a policy text in force from a day on, under the actor's name; everybody is evaluated anew.

    The text that is in force already is not published twice. Raises ``POLICY_INVALID`` with the reasons.
    """
    access.require_officer(actor)
    person_id = acting_person(actor)
    policy = checked_policy(policy_text)
    start = effective_from or max(policy.start, clock.today())
    with transaction.atomic():
        programme = access.locked_programme(actor, programme_id)
        if programme.state == ProgrammeState.CLOSED:
            raise invalid(_("项目已结束，不能再发布版本。"))
        last = programme.versions.order_by("-number").first()
        _check_start(policy.start, policy.end, start, last)
        if last is not None and last.sha256 == digest_of(policy_text):
            return last
        version = ProgrammeVersion(
            programme=programme, number=last.number + 1 if last else 1, policy_text=policy_text,
            sha256=digest_of(policy_text), effective_from=start, published_by_id=person_id,
            published_at=clock.now(), note=note.strip()[:200],
        )  # fmt: skip
        version.save(force_insert=True)
        _add_settings(actor, programme, [measure.name for measure in policy.at().measures])
        programme.state = ProgrammeState.PUBLISHED.value
        programme.save(update_fields=["state"])
        after = {"number": version.number, "sha256": version.sha256, "effective_from": start, "note": version.note}
        audit.record("grants.version.published", version, actor=actor, after=after)
        evaluate_all_soon()
    return version


def close_programme(*, actor: Actor, programme_id: int) -> Programme:
    """Nobody is evaluated for it any more; applications under way go on."""
    with transaction.atomic():
        programme = access.locked_programme(actor, programme_id)
        before = audit.snapshot(programme)
        programme.state = ProgrammeState.CLOSED.value
        programme.save(update_fields=["state"])
        audit.record("grants.programme.closed", programme, actor=actor, before=before)
        evaluate_all_soon()
    return programme


def set_budget(*, actor: Actor, programme_id: int, measure: str, year: int, amount_fen: int, note: str = "") -> Budget:
    """What may be spent on a measure (empty: on the whole programme) in a year. The ledger follows it."""
    if amount_fen < 0:
        raise invalid(_("预算不能为负。"))
    with transaction.atomic():
        programme = access.locked_programme(actor, programme_id)
        require_measures(programme, [measure] if measure else [])
        budget = Budget.objects.filter(programme=programme, measure=measure, year=year).first()
        before = audit.snapshot(budget) if budget else None
        budget = budget or Budget(
            programme=programme, measure=measure, year=year, created_by_id=actor.person_id, created_at=clock.now()
        )
        budget.amount_fen, budget.note = amount_fen, note.strip()[:200]
        budget.save()
        audit.record("grants.budget.set", budget, actor=actor, before=before)
        ledger.allot(actor=actor, budget=budget)
    return budget


SETTINGS = ("subject", "awards_without_application", "milestones", "papers", "rubric")


def update_measure_setting(*, actor: Actor, programme_id: int, measure: str, **fields: Any) -> MeasureSetting:
    """Change what the office settles about a measure: ``SETTINGS``; what is not named stays."""
    if unknown := fields.keys() - set(SETTINGS):
        raise TypeError(f"no settings of a measure: {sorted(unknown)}")
    with transaction.atomic():
        programme = access.locked_programme(actor, programme_id)
        setting = MeasureSetting.objects.filter(programme=programme, measure=measure).first()
        if setting is None:
            raise not_found()
        before = audit.snapshot(setting)
        for name, value in fields.items():
            setattr(setting, name, value)
        _check_setting(setting)
        setting.save()
        audit.record("grants.measure.changed", setting, actor=actor, before=before)
        if before["subject"] != setting.subject:
            evaluate_all_soon()
    return setting


def _check_start(first: date, last_day: date, start: date, last: ProgrammeVersion | None) -> None:
    if not first <= start <= last_day:
        raise invalid(_("适用起始日须在政策有效期 {first} 至 {last} 内。"), first=first, last=last_day)
    if last is not None and start < last.effective_from:
        raise invalid(_("适用起始日不能早于上一版的 {day}。"), day=last.effective_from)


def _add_settings(actor: Actor, programme: Programme, measures: list[str]) -> None:
    there = set(programme.settings.values_list("measure", flat=True))
    company = company_measures(programme.policy_slug)
    for name in measures:
        if name not in there:
            subject = MeasureSubject.ORGANISATION if name in company else MeasureSubject.WORK
            setting = MeasureSetting.objects.create(programme=programme, measure=name, subject=subject)
            audit.record("grants.measure.added", setting, actor=actor)


def measures_of(programme: Programme) -> tuple[str, ...]:
    """The measures of the newest version, in the order of its file; nothing before the first."""
    version = programme.versions.order_by("-number").first()
    return tuple(each.name for each in policy_of(version).at().measures) if version else ()


def require_measures(programme: Programme, measures: Collection[str]) -> None:
    """Refuse what the newest version does not have."""
    known = measures_of(programme)
    for name in measures:
        if name not in known:
            raise invalid(_("政策里没有“{name}”这一条目。"), name=name)


def _check_setting(setting: MeasureSetting) -> None:
    if setting.subject not in MeasureSubject.values:
        raise invalid(_("对象只能是作品或企业。"))
    for name in ("milestones", "papers", "rubric"):
        if not isinstance(getattr(setting, name), list) or not all(isinstance(e, dict) for e in getattr(setting, name)):
            raise XiepaiError(ErrorCode.INVALID, detail=name)
    if setting.milestones and sum(int(each.get("percent", 0)) for each in setting.milestones) != 100:
        raise invalid(_("分期比例合计应为 100%。"))
