"""A company's application while it is written: begun from what is owed, saved field by field, by several people.

Two people never overwrite each other unawares: who saves says what stood there when the page was read, and where
somebody else has written something else meanwhile, that field is left and reported (``Clash``), the others are saved.
Refused: writing for another company, or when it is not the company's turn. Values that cannot be read yet are kept.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from xiepai.grants import access
from xiepai.grants.drafting import FORM_FIELDS, LONGEST_VALUE, Filled, fill, is_same
from xiepai.grants.errors import invalid, wrong_state
from xiepai.grants.models import Application
from xiepai.grants.policies import program_of
from xiepai.grants.services.owed import prefill
from xiepai.grants.states import WRITABLE, ApplicationState
from xiepai.kernel import audit, clock
from xiepai.kernel.errors import not_found
from xiepai.parties.access import Actor
from xiepai.places.fields import tidy_text


@dataclass(frozen=True)
class Clash:
    """A field somebody else changed meanwhile: what stands there, by whom, since when, and what was to be saved."""

    name: str
    value: str
    by: str
    at: str
    yours: str


@dataclass(frozen=True)
class Saved:
    """What a save did."""

    filled: Filled
    changed: tuple[str, ...]
    clashes: tuple[Clash, ...]


def start_application(*, actor: Actor, entitlement_id: int, measures: Collection[str] = ()) -> Application:
    """A draft from what is or may be owed, with what is known filled in; the one that is there already is that one."""
    owed = access.visible_entitlements(actor).select_related("version__programme").filter(pk=entitlement_id).first()
    if owed is None or not owed.version.programme.is_local:
        raise not_found()
    chosen = [owed.measure, *(name for name in measures if name != owed.measure)]
    with transaction.atomic():
        application = prefill(
            actor=actor,
            version_id=owed.version_id,
            organisation_id=owed.organisation_id,
            work_id=owed.work_id,
            measures=[name for name in chosen if name],
        )
        if "form.contact" not in application.draft and application.state == ApplicationState.DRAFT:
            _write(application, {"form.contact": actor.name}, actor)
    return application


def choose_measures(*, actor: Actor, application_id: int, measures: Collection[str]) -> Application:
    """Ask for these measures, no others; at least one. What was written for one given up is kept."""
    with transaction.atomic():
        application = writable(actor, application_id)
        if application.state != ApplicationState.DRAFT:
            raise wrong_state(application.number, application.state, _("增减申报条目"))
        known = [each.name for each in program_of(application.version, clock.today()).measures]
        chosen = [name for name in known if name in set(measures)]
        if not chosen or set(measures) - set(known):
            raise invalid(_("请至少选择一项政策条目。"))
        before = audit.snapshot(application)
        application.measures = chosen
        application.save(update_fields=["measures"])
        audit.record("grants.application.measures_chosen", application, actor=actor, before=before)
    return application


def save_fields(
    *, actor: Actor, application_id: int, values: Mapping[str, str], seen: Mapping[str, str] | None = None
) -> Saved:
    """Save what was written; ``seen`` is what stood in each field when its page was read (absent: save in any case).

    A field left as it was is not written. Where somebody wrote something else meanwhile, nothing of that field is
    saved and the clash is told.
    """
    with transaction.atomic():
        application = writable(actor, application_id)
        filled = fill(application)
        fields = {field.name: field for field in filled.fields}
        wanted, clashes = {}, []
        for name, given in values.items():
            field = fields.get(name)
            if field is None:
                raise invalid(_("这份申报不问“{name}”。"), name=name)
            value, there = _tidied(name, given), field.value
            base = there if seen is None or name not in seen else seen[name]
            if field.is_fixed or is_same(field.spec, value, base) or is_same(field.spec, value, there):
                continue
            if is_same(field.spec, base, there):
                wanted[name] = value
            else:
                clashes.append(Clash(name, there, field.by, field.at, value))
        if wanted:
            _write(application, wanted, actor)
            filled = fill(application)
    return Saved(filled, tuple(wanted), tuple(clashes))


def copy_from(*, actor: Actor, application_id: int, source_id: int) -> tuple[Application, tuple[str, ...]]:
    """Take over what an earlier application of the same company said, into fields that are empty; which they were."""
    with transaction.atomic():
        application = writable(actor, application_id)
        source = access.visible_applications(actor).filter(organisation=application.organisation_id, pk=source_id)
        earlier = source.exclude(pk=application.pk).first()
        if earlier is None:
            raise not_found()
        said = {name: str(each.get("value", "")) for name, each in earlier.facts.items() if each.get("is_claim")}
        said |= {name: str(each.get("value", "")) for name, each in earlier.draft.items()}
        fields = {field.name: field for field in fill(application).fields}
        taken = {
            name: value
            for name, value in said.items()
            if value and name in fields and not fields[name].value and not fields[name].is_fixed
        }
        if taken:
            _write(application, taken, actor)
    return application, tuple(taken)


def writable(actor: Actor, application_id: int) -> Application:
    """The application under row lock, where the actor may write it now."""
    application = access.locked_application(actor, application_id)
    access.require_company(actor, application.organisation_id)
    if application.state not in WRITABLE:
        raise wrong_state(application.number, application.state, _("修改"))
    return application


def _write(application: Application, values: Mapping[str, str], actor: Actor) -> None:
    """The fields with who and when; the trail holds each value before and after."""
    now = clock.now().isoformat()
    before = {name: str((application.draft.get(name) or {}).get("value", "")) for name in values}
    draft: dict[str, Any] = dict(application.draft)
    for name, value in values.items():
        draft[name] = {"value": value, "by": actor.name, "at": now}
    application.draft = draft
    application.revision += 1
    application.save(update_fields=["draft", "revision"])
    audit.record("grants.application.saved", application, actor=actor, before=before, after=dict(values))


def _tidied(name: str, value: str) -> str:
    longest = FORM_FIELDS[name][1] if name in FORM_FIELDS else LONGEST_VALUE
    text = tidy_text(value, lines=name == "form.statement")
    if len(text) > longest:
        raise invalid(_("最多 {longest} 个字。"), longest=longest)
    return text
