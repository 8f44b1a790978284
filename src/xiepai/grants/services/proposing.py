"""The leading group's list: what all get at once, what another limit would change, the list fixed.

Amounts come from the policy file; a limit the group sets otherwise is a change of a literal of that file, kept with
the list, so that the list gives the same fen again. Refused: fixing a list that is not the one that was looked at,
an application whose facts rest on unchecked words, a company that is kept out, more money than the budget has.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from xiepai.grants import access, clock, flow, ledger
from xiepai.grants.cases import Changes, Computed, Row, compute
from xiepai.grants.errors import invalid
from xiepai.grants.models import Application, ApplicationState, AwardList, IntendedRefusal, Programme, RefusalState
from xiepai.grants.policies import policy_of, said
from xiepai.grants.refreshing import facts_now, refresh_facts
from xiepai.grants.services.moving import move_application
from xiepai.grants.services.reviewing import enter
from xiepai.grants.wording import is_english, named
from xiepai.kernel import audit
from xiepai.kernel import clock as present
from xiepai.kernel.errors import ErrorCode, XiepaiError
from xiepai.parties.access import Actor
from xiepai.parties.rules import acting_person
from xiepai.policy import PolicyError
from xiepai.policy.entries import both
from xiepai.policy.source import Mapping as Tree
from xiepai.policy.source import Sequence as Items
from xiepai.policy.source import Text

S = ApplicationState
#: The words of a policy file that set a limit, for steps that have no name.
WORDS = {"at_most": gettext_lazy("上限"), "budget": gettext_lazy("预算总额"), "quota": gettext_lazy("名额")}


@dataclass(frozen=True, slots=True)
class Limit:
    """A limit of the policy file the leading group may try otherwise."""

    path: str
    name: str
    literal: str


@dataclass(frozen=True)
class Line:
    """One application as it is and as it would be."""

    now: Row
    then: Row

    @property
    def difference(self) -> int:
        """How many fen more (or less) it would get."""
        return self.then.fen - self.now.fen


def ready(actor: Actor, programme: Programme) -> list[Application]:
    """What waits for the list: in review, in the step where lists are made, no refusal being heard."""
    kinds = flow.LISTING
    rows = access.visible_applications(actor).filter(programme=programme, state=S.IN_REVIEW, step__kind__in=kinds)
    heard = IntendedRefusal.objects.filter(state=RefusalState.OPEN).values("application_id")
    rows = rows.exclude(pk__in=heard).select_related("organisation", "work", "version__programme", "step")
    return list(rows.order_by("accepted_at", "id"))


def listed(actor: Actor, programme: Programme, changes: Changes | None = None) -> list[Computed]:
    """The list as it comes out now, one for each version that applications keep."""
    access.require_reader(actor)
    by_version: dict[int, list[Application]] = {}
    for application in ready(actor, programme):
        by_version.setdefault(application.version_id, []).append(application)
    found = []
    for rows in by_version.values():
        try:
            found.append(compute(rows[0].version, rows, changes=changes))
        except PolicyError as error:
            raise invalid("{why}", why=said(error, most=2)) from error
    return found


def compare(now: Computed, then: Computed) -> list[Line]:
    """The same applications under both, those that change most first."""
    other = {row.application.pk: row for row in then.rows}
    lines = [Line(row, other[row.application.pk]) for row in now.rows]
    return sorted(lines, key=lambda line: (-abs(line.difference), line.now.application.pk))


def limits_of(computed: Computed) -> list[Limit]:
    """The ceilings and pools the policy file writes, by their paths."""
    root = policy_of(computed.version).root
    names = {each.name: named(each) for each in policy_of(computed.version).at().measures}
    found = []
    measures = root.get("measures")
    for key, entry in measures.pairs if isinstance(measures, Tree) else ():
        if isinstance(entry, Tree) and isinstance(limit := entry.get("at_most"), Text):
            found.append(Limit(f"{key.text}.at_most", names.get(key.text, key.text), limit.text))
    then = root.get("then")
    for place, entry in enumerate(then.items if isinstance(then, Items) else (), 1):
        if not isinstance(entry, Tree):
            continue
        for word in WORDS:
            if isinstance(limit := entry.get(word), Text):
                said_name = entry.get("name")
                name = both(said_name.text)[is_english()] if isinstance(said_name, Text) else str(WORDS[word])
                found.append(Limit(f"then.{place}.{word}", name, limit.text))
    return found


def checked_changes(computed: Computed, given: Mapping[str, str]) -> dict[str, str]:
    """The limits given otherwise than the file has them; refused where the file cannot be read with them."""
    literals = {limit.path: limit.literal for limit in limits_of(computed)}
    changes = {
        path: text.strip()
        for path, text in given.items()
        if path in literals and text.strip() and text.strip() != literals[path].partition("|")[0].strip()
    }
    try:
        if changes:
            policy_of(computed.version).changed(changes).at()
    except PolicyError as error:
        raise invalid("{why}", why=said(error, most=2)) from error
    return changes


def fix_list(
    *,
    actor: Actor,
    programme_id: int,
    version_id: int,
    meeting: str,
    seen: str,
    changes: Changes | None = None,
) -> AwardList:
    """Fix the list that was looked at (``seen`` is its digest): what is clear is proposed, its money set aside."""
    acting_person(actor)
    access.require_reader(actor)
    if not meeting.strip():
        raise invalid(_("请写会议名称和日期。"))
    with transaction.atomic():
        programme = Programme.objects.select_for_update().get(pk=programme_id)
        _require_role(actor, programme)
        rows = [row for row in ready(actor, programme) if row.version_id == version_id]
        locked = [flow.locked(actor, row.pk) for row in sorted(rows, key=lambda row: row.pk)]
        if any(row.state != S.IN_REVIEW for row in locked):
            raise XiepaiError(ErrorCode.CONFLICT)
        if not locked:
            raise invalid(_("没有等待审定的申报。"))
        _require_fresh(locked, actor)
        computed = compute(locked[0].version, locked, changes=changes)
        if computed.sha256 != seen:
            raise XiepaiError(ErrorCode.CONFLICT)
        if not computed.outcome:
            raise invalid(_("名单上没有可以提出的申报。"))
        kept = _keep(computed, programme, actor, meeting)
        for row in computed.rows:
            if row.is_clear:
                _propose(row, kept, actor)
    return kept


def _keep(computed: Computed, programme: Programme, actor: Actor, meeting: str) -> AwardList:
    kept = AwardList.objects.create(
        programme=programme, version=computed.version, meeting=meeting.strip()[:120], evaluated_on=computed.on,
        changes=dict(computed.changes), cases=computed.cases, outcome=computed.outcome,
        total_fen=computed.total_fen, sha256=computed.sha256, fixed_by_id=actor.person_id, fixed_at=present.now(),
    )  # fmt: skip
    audit.record("grants.list.fixed", kept, actor=actor)
    return kept


def _propose(row: Row, kept: AwardList, actor: Actor) -> None:
    application = row.application
    before = audit.snapshot(application)
    application.awarded_fen, application.facts = row.fen, row.facts
    application.save(update_fields=["awarded_fen", "facts"])
    audit.record("grants.application.amount_proposed", application, actor=actor, before=before)
    move_application(application, S.PROPOSED, actor=actor, event="grants.application.proposed")
    for measure, fen in sorted(row.by_measure.items()):
        key = f"list:{kept.pk}:{application.pk}:{measure}"
        ledger.reserve(actor=actor, application=application, measure=measure, amount_fen=fen, key=key)
    clock.end(application=application, actor=actor, reason=kept.meeting)
    step = application.step
    if step is not None and step.kind == flow.LISTING[0]:
        enter(application, flow.following(application), actor)


def _require_role(actor: Actor, programme: Programme) -> None:
    for kind in flow.LISTING:
        step = flow.step_of_kind(programme, kind)
        if step is not None:
            flow.require_role(actor, step)
            return


def _require_fresh(applications: Sequence[Application], actor: Actor) -> None:
    """Facts that were verified or corrected since: the list must be looked at again."""
    if any(facts_now(each) != each.facts for each in applications):
        raise XiepaiError(ErrorCode.CONFLICT)


def reread_facts(*, actor: Actor, application_id: int) -> Application:
    """Take over what was verified or corrected since the application was handed in."""
    with transaction.atomic():
        application = flow.locked(actor, application_id)
        flow.require_state(application, S.IN_REVIEW, S.SUBMITTED, action=_("更新事实"))
        refresh_facts(application, actor)
    return application
